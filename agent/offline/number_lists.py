"""Numbers that stand in the request itself: `median of 3, 9, 4`, `sort 5, 3, 9`."""

from __future__ import annotations

from agent.offline.plan import Plan
from agent.offline.requests import Request
from agent.offline.surroundings import Table
from agent.offline.tables.tagging import tag

_NOTHING = Table(source="", label="")
_LEAST = 2  # numbers that make a list
_FORMS = {
    "sum": "sum({})",
    "mean": "statistics.mean({})",
    "median": "statistics.median({})",
    "std": "statistics.stdev({})",
    "var": "statistics.variance({})",
    "range": "max({0}) - min({0})",
    "max": "max({})",
    "min": "min({})",
}


def list_calculation(request: Request) -> Plan | None:
    """The plan for a request that is about numbers in it and nothing else."""
    pieces = tag(request, _NOTHING)
    numbers = pieces.free("number")
    if len(numbers) < _LEAST:
        return None
    asked = pieces.take("AGG|SUPER", "SORT", "COUNT")
    way = pieces.take("DESC|ASC|SUPER FIRST?") if asked and asked[0] else None
    pieces.use(numbers)
    list(pieces.all("AND|BETWEEN|ROWS|'numbers'|'values'"))
    if asked is None or asked[0] is None or pieces.unused():
        return None
    values = f"[{', '.join(piece.number for piece in numbers)}]"
    if asked[0].concept == "SORT":
        down = (
            way is not None
            and way[0] is not None
            and "max" in (way[0].sense, "max" * (way[0].concept == "DESC"))
        )
        call = f"sorted({values}, reverse=True)" if down else f"sorted({values})"
        return Plan(code=call, sentence="the numbers in order")
    if asked[0].concept == "COUNT" or asked[0].sense not in _FORMS:
        return None
    code = _FORMS[asked[0].sense].format(values)
    imports = "import statistics\n\n" if "statistics." in code else ""
    return Plan(code=f"{imports}{code}", sentence=f"the {asked[0].text} of {len(numbers)} numbers")
