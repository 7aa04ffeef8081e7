"""Conversions between units: `72 F to celsius`, `how many miles are 10 km`."""

from __future__ import annotations

import re

from agent.offline.plan import Plan
from agent.offline.requests import Request
from agent.offline.tables.tagging import number_of
from tools_registry.registry import Registry

_UNIT = r"(?:degrees? |°)?([^\W\d_][\w/²³]*|°[CF])"
_NUMBER = r"([-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:please )?(?:convert|change|turn|what(?:'s| is| are)|how much (?:is|are))? ?"
        rf"{_NUMBER} ?{_UNIT} "
        rf"(?:to|into|in|as) {_UNIT}(?: please)?[?.!]*",
        rf"how (?:many|much) (?P<to>{_UNIT}) (?:is|are|in|make|are in|are there in|is in|make up) "
        rf"(?:there in )?(?:an? )?{_NUMBER} ?{_UNIT}[?.!]*",
    )
)
_NAMES = {"celsius": "C", "fahrenheit": "F", "kelvin": "K", "centigrade": "C"}


def conversion(request: Request, registry: Registry) -> Plan | None:
    """The plan for a request that is nothing but a conversion of units."""
    text = request.text.strip()
    if found := _FORMS[0].fullmatch(text):
        number, unit, to = found.groups()
    elif found := _FORMS[1].fullmatch(text):
        _, to, number, unit = found.groups()
    else:
        return None
    value, unit, to = number_of(number), _named(unit), _named(to)
    line = registry.get("convert_units").import_line
    call = f"convert_units({float(value)!r}, {unit!r}, {to!r})"
    return Plan(code=f"{line}\n\n{call}", sentence=f"{number} {unit} in {to}")


def _named(unit: str) -> str:
    bare = unit.removeprefix("°")
    return _NAMES.get(bare.lower(), bare)
