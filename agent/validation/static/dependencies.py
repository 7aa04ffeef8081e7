"""The gate for what the code imports: licences, known weaknesses, names that pretend to be others.

It works offline. Licences come from the metadata of what is installed beside the agent, read as
text; weaknesses and wrong names from short lists that come with it. What was found out since, and
what is not installed, it can't know, and it says so.
"""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.static.names import imported

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_OURS = frozenset({"agent_tools", "learned_skills"})
_OR = re.compile(r"\s+OR\s+|\s*/\s*")
_UNKNOWN = frozenset({"", "UNKNOWN", "Other/Proprietary License", "OSI Approved"})
_LONGEST = 60  # characters of a name of a licence; more is its text


@dataclass(frozen=True, kw_only=True)
class _Lists:
    """What is known: wrong names, those they resemble, weak versions, licences that bind."""

    bad: dict[str, str]
    popular: tuple[str, ...]
    weak: dict[str, list[str]]
    binding: re.Pattern[str]


async def dependencies(candidate: Candidate, bench: Bench) -> Finding:
    """Nothing that is imported is known to be bad."""
    names = {name.partition(".")[0] for name in imported(ast.parse(candidate.source)).values()}
    foreign = sorted(name for name in names - sys.stdlib_module_names - _OURS if name)
    problems = [problem for name in foreign for problem in _problems(name)]
    advice = [hint for name in foreign for hint in _hints(name)]
    lists = _lists()
    success = (
        f"{len(foreign)} packages, checked offline against {len(lists.weak)} known weaknesses and "
        f"{len(lists.bad)} wrong names"
    )
    if not foreign:
        success = "nothing but the standard library"
    return Finding(
        signal="dependencies", problems=tuple(problems), advice=tuple(advice), success=success
    )


def _problems(name: str) -> Iterator[str]:
    lists = _lists()
    if name in lists.bad:
        yield f"{name} is a name known for harm: {lists.bad[name]}"
    elif name not in lists.popular and name not in _owners():
        alike = next((known for known in lists.popular if _one_slip_apart(name, known)), None)
        if alike:
            yield f"{name} looks like {alike}, and is not installed: is it a slip, or a trap?"
    for distribution in _owners().get(name, ()):
        below, advisory = lists.weak.get(canonicalize_name(distribution), ("0", ""))
        version = importlib.metadata.version(distribution)
        if advisory and _is_below(version, below):
            yield f"{distribution} {version} has a known weakness ({advisory}): take {below}"


def _hints(name: str) -> Iterator[str]:
    owners = _owners().get(name)
    if not owners:
        yield f"{name} is not installed here: neither licence nor weaknesses could be checked"
    for distribution in owners or ():
        licence = licence_of(distribution)
        if not licence:
            yield f"{distribution} does not say under which licence it is"
        elif binds(licence):
            yield f"{distribution} is under {licence}, which binds what is built on it"


def licence_of(distribution: str) -> str:
    """The licence of an installed distribution as its metadata name it; "" if they don't."""
    metadata = importlib.metadata.metadata(distribution)
    classifiers = metadata.get_all("Classifier") or []
    told = [line.rpartition("::")[2].strip() for line in classifiers if "License ::" in line]
    expression, free = (
        metadata[key].strip() if key in metadata else ""
        for key in ("License-Expression", "License")
    )
    by_name = free.partition("\n")[0]
    candidates = [
        expression,
        ", ".join(name for name in told if name not in _UNKNOWN),
        by_name if len(by_name) <= _LONGEST else "",
    ]
    return next((name for name in candidates if name not in _UNKNOWN), "")


def binds(licence: str) -> bool:
    """Whether there is no choice but a licence that binds what is built on the work."""
    return all(_lists().binding.search(choice) for choice in _OR.split(licence))


@functools.cache
def _owners() -> dict[str, list[str]]:
    """Import name → distributions, of what is installed beside the agent."""
    return {
        name: list(dict.fromkeys(d))
        for name, d in importlib.metadata.packages_distributions().items()
    }


@functools.cache
def _lists() -> _Lists:
    text = files("agent.validation.static").joinpath("packages.json").read_text("utf-8")
    content: dict[str, Any] = json.loads(text)
    names = "|".join(map(re.escape, content["binding"]))
    return _Lists(
        bad=content["bad"],
        popular=tuple(content["popular"]),
        weak=content["weak"],
        binding=re.compile(rf"(?<![\w.])(?:{names})"),  # LGPL is none: it lets others link
    )


def _is_below(version: str, first_sound: str) -> bool:
    """Whether a version comes before another; one that can't be read is not known to be weak."""
    try:
        return Version(version) < Version(first_sound)
    except InvalidVersion:
        return False


def _one_slip_apart(name: str, known: str) -> bool:
    """One letter more, less, other, or two changed places."""
    if name == known or min(len(name), len(known)) < len("yaml"):
        return False
    if abs(len(name) - len(known)) == 1:
        longer, shorter = sorted((name, known), key=len, reverse=True)
        return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
    if len(name) != len(known):
        return False
    differ = [i for i, pair in enumerate(zip(name, known, strict=True)) if pair[0] != pair[1]]
    swapped = len(differ) == len("ab") and name[differ[0]] == known[differ[1]]
    return len(differ) == 1 or (swapped and name[differ[1]] == known[differ[0]])
