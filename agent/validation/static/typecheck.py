"""The gate that asks mypy: contradictions that break at run time block, the rest is advice."""

from __future__ import annotations

import asyncio
import io
import json
import os
import secrets
import sys
import tempfile
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.static.checkers import CheckerError, checked

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_BREAKING = frozenset({"attr-defined", "call-arg", "name-defined", "used-before-def", "syntax"})
_PROMISE = "return-value"  # it says one type and returns another
_NO_FINDING = frozenset({"import-untyped", "import-not-found", "import", "no-redef", "note"})
_MOST_ADVICE = 8
_PYTHON = ".".join(map(str, sys.version_info[:2]))


async def types(candidate: Candidate, bench: Bench) -> Finding:
    """The annotations and the code agree."""
    try:
        found = await _mypy(without_comments(candidate.source))
    except CheckerError as error:
        return Finding(signal="types", advice=(str(error),), unsure=True)
    told = [(item, f"line {item['line']}: {item['message']} ({item['code']})") for item in found]
    problems = [text for item, text in told if _breaks(item)]
    advice = [text for item, text in told if not _breaks(item)]
    return Finding(
        signal="types",
        problems=tuple(problems),
        advice=tuple(advice[:_MOST_ADVICE]),
        success="no contradictions",
    )


def without_comments(source: str) -> str:
    """The module without comments, so that none can silence a checker; lines stay in place."""
    lines = source.splitlines(keepends=True)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return source
    for token in tokens:
        if token.type == tokenize.COMMENT:
            row, column = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:column].rstrip() + line[column + len(token.string) :]
    return "".join(lines)


async def _mypy(source: str) -> list[dict[str, Any]]:
    """What mypy says, strict, with no configuration and no packages but its own stubs."""
    from platformdirs import user_cache_path

    cache = user_cache_path("ipysmith", appauthor=False) / "mypy"
    with tempfile.TemporaryDirectory(prefix="ipysmith-") as folder:
        await asyncio.to_thread(_write, Path(folder, "candidate.py"), source)
        output = await checked(
            "mypy",
            *("--config-file=", "--strict", "--no-site-packages", "--ignore-missing-imports"),
            *("--follow-imports=silent", "--output=json", "--no-error-summary"),
            *("--no-warn-unused-ignores", f"--python-version={_PYTHON}", "--sqlite-cache"),
            *(f"--cache-dir={cache}", "candidate.py"),
            folder=Path(folder),
        )
    try:
        found = [json.loads(line) for line in output.splitlines()]
    except ValueError as error:
        msg = f"mypy gave no JSON: {output[:100]}"
        raise CheckerError(msg) from error
    return [i for i in found if i["severity"] == "error" and i["code"] not in _NO_FINDING]


def _write(file: Path, source: str) -> None:
    """Write the module, with a time of its own.

    Mypy takes a file of the same name, size and second for the one it knows: the candidate could
    be taken for the last one.
    """
    file.write_text(source, encoding="utf-8")
    moment = secrets.randbits(31)
    os.utime(file, (moment, moment))


def _breaks(item: dict[str, Any]) -> bool:
    if item["code"] == _PROMISE:  # `None` is often meant although it is not said
        return "None" not in item["message"] and "Any" not in item["message"]
    return item["code"] in _BREAKING
