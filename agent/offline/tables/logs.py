"""Log files as tables: lines that begin with a time, with what can be told apart in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agent.offline.surroundings import Table
from agent.offline.tables.kinds import kind_of, spellings_of
from tools_registry.registry import Registry

_LEAST = 0.8  # of the lines that begin with a time
_TIME = r"^\[?(\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?)"
FIELDS: Mapping[str, str] = {
    "timestamp": _TIME,
    "level": r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b",
    "ip": r"\b((?:\d{1,3}\.){3}\d{1,3})\b",
    "method": r"\b(GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS) /",
    "path": r"\b(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS) (/\S*)",
    "status": r"\b(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS) /\S* (?:HTTP/\S+ )?(\d{3})\b",
    "response_time_ms": r"\b(?:GET|POST|PUT|DELETE|HEAD|PATCH|OPTIONS) /.* (\d+) ?ms\b",
}
"""Column → what stands in the line for it; the first group counts."""
_LEVELS = r"\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\b[\]:]?\s+"
_SOURCE = rf"{_LEVELS}\[?([A-Za-z][\w./-]*)\]?:\s"
_MESSAGE = rf"{_LEVELS}(?:[\d.]+ |\[?[A-Za-z][\w./-]*\]?:\s+)?(\S.*)$"
_NUMBERS = frozenset(("status", "response_time_ms"))


def log_table(name: str, text: str, registry: Registry) -> Table | None:
    """A log file as a table; None if it is none.

    Args:
        name: Of the file.
        text: What stands in it.
        registry: For the module of the tool that reads it.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    timed = sum(bool(re.match(_TIME, line)) for line in lines)
    if len(lines) < 2 or timed < _LEAST * len(lines):
        return None
    fields = {**FIELDS, _name_of_source(lines): _SOURCE, "message": _MESSAGE}
    values = {column: _found(lines, pattern) for column, pattern in fields.items()}
    values = {column: found for column, found in values.items() if any(found)}
    fields = {column: fields[column] for column in values}
    return Table(
        source="log",
        label=name,
        columns=("text", *values),
        kinds={column: kind_of(found) for column, found in values.items()},
        spellings={c: spellings_of(v) for c, v in values.items() if c not in _NUMBERS},
        line="text",
        imports=(registry.get("read_text").import_line, "import pandas as pd"),
        setup=_setup(name, fields),
    )


def _found(lines: list[str], pattern: str) -> list[str]:
    matches = [re.search(pattern, line) for line in lines]
    return [match[1] if match else "" for match in matches]


def _name_of_source(lines: list[str]) -> str:
    """What wrote the lines: `worker` for `worker-1:` and `worker-2:`."""
    stems = {
        re.sub(r"[\W_]*\d+$", "", source).lower() for source in _found(lines, _SOURCE) if source
    }
    name = next(iter(stems)) if len(stems) == 1 else ""
    return name if name.isidentifier() and name not in (*FIELDS, "message") else "source"


def _setup(name: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    """The lines of the cell that make the table."""
    entries = [f"    {c!r}: {_extracted(c, pattern)}," for c, pattern in fields.items()]
    return (
        f"lines = pd.Series([line for line in read_text({name!r}).splitlines() if line.strip()])",
        "log = pd.DataFrame({",
        "    'text': lines,",
        *entries,
        "})",
    )


def _extracted(column: str, pattern: str) -> str:
    found = f"lines.str.extract(r'{pattern}')[0]"
    return f"pd.to_numeric({found})" if column in _NUMBERS else found
