import re

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}


def parse_duration(text: str) -> int:
    """Read a duration such as "1h 30m" and return its length in seconds.

    Args:
        text: Numbers with a unit each: d, h, m or s, in any order, with or without spaces.

    Returns:
        The sum in seconds.

    Raises:
        ValueError: If something in the text is not a number with a unit.

    Examples:
        >>> parse_duration("1h 30m")
        5400
        >>> parse_duration("2d1s")
        172801
    """
    compact = text.replace(" ", "").lower()
    if not re.fullmatch(r"(\d+[dhms])+", compact):
        msg = f"not a duration: {text!r} (write it like '1h 30m')"
        raise ValueError(msg)
    return sum(int(n) * _SECONDS[unit] for n, unit in re.findall(r"(\d+)([dhms])", compact))


# /// skill
# status = "approved"
# created = "2026-11-21T00:48:13Z"
# model = "written by hand"
# session = "20261121-004813-eb1bdd"
# content = "sha256:d26f816c16f535f64b9c92e1a836f910ef8a83bb1217ec57e87ab7f1f47c6a34"
# evidence = [
#   { signal = "syntax", passed = true, detail = "defines parse_duration once" },
#   { signal = "evidence", passed = true, detail = "1 examples, 3 tests" },
#   { signal = "policy", passed = true, detail = "nothing refused" },
#   { signal = "examples", passed = true, detail = "1 of 1 hold" },
#   { signal = "tests", passed = true, detail = "3 of 3 passed" },
# ]
# ///
