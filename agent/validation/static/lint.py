"""The gates that ask ruff: what is surely a mistake blocks, style is advice."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.static.checkers import CheckerError, checked

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_STYLE = ("E", "W", "F", "B", "C4", "SIM", "RET", "UP", "PLE", "PLW", "RUF", "A")
_IGNORED = ("E501", "W291", "W292", "W293", "E111", "E114", "E117", "UP007", "UP045", "RUF100")
_ERRORS = (
    *("E9", "F50", "F62", "F63", "F70", "F811", "F821", "F822", "F823", "PLE"),
    *("B006", "B015", "B017", "B025", "B029", "B030"),
)
"""Rules that name programs which are broken, or do something else than they say."""

_ADVICE_ALL_THE_SAME = ("B006", "B015", "F811")
_MOST_ADVICE = 8
_TARGET = f"--target-version=py{sys.version_info.major}{sys.version_info.minor}"


async def lint(candidate: Candidate, bench: Bench) -> Finding:
    """No mistake that a reader of the code alone can see."""
    try:
        found = await ruff(candidate.source, _STYLE, _IGNORED)
    except CheckerError as error:
        return Finding(signal="lint", advice=(str(error),), unsure=True)
    problems = [told(item) for item in found if _is_error(item["code"] or "E9")]
    advice = [told(item) for item in found if not _is_error(item["code"] or "E9")]
    return Finding(
        signal="lint",
        problems=tuple(problems),
        advice=tuple(advice[:_MOST_ADVICE]),
        success="no mistakes" if not advice else f"no mistakes, {len(advice)} matters of style",
    )


async def ruff(
    source: str, select: Sequence[str], ignore: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """What ruff says of a module by these rules and no configuration; suppressions don't count.

    Raises:
        CheckerError: If it could not be asked.
    """
    options = [f"--select={','.join(select)}"]
    options += [f"--ignore={','.join(ignore)}"] if ignore else []
    output = await checked(
        "ruff",
        *("check", "--isolated", "--no-cache", "--ignore-noqa", "--quiet", "--exit-zero"),
        *(_TARGET, "--output-format=json", "--stdin-filename=candidate.py"),
        *options,
        "-",
        text=source,
    )
    try:
        return list(json.loads(output))
    except ValueError as error:
        msg = "ruff gave no JSON"
        raise CheckerError(msg) from error


def told(item: dict[str, Any]) -> str:
    """One finding of ruff as a line."""
    return f"line {item['location']['row']}: {item['message']} ({item['code']})"


def _is_error(code: str) -> bool:
    return code.startswith(_ERRORS) and not code.startswith(_ADVICE_ALL_THE_SAME)
