"""Programs with a planted weakness, and clean ones that look like them."""

from __future__ import annotations

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path

from agent.validation import Candidate

_FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True, kw_only=True)
class Planted:
    """One program.

    Attributes:
        id: Its class and number.
        insecure: Whether a weakness was planted; clean otherwise.
        held_back: Whether no gate may be changed because of it.
        candidate: As an author would hand it in.
    """

    id: str
    insecure: bool
    held_back: bool
    candidate: Candidate


def read_planted() -> list[Planted]:
    """All programs, in the order of the file."""
    return [_planted(record) for record in tomllib.loads(_FILE.read_text("utf-8"))["program"]]


def _planted(record: dict[str, str]) -> Planted:
    source = record["source"]
    functions = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)]
    name = functions[-1].name
    claim = record.get("test", f"{name} is not None")
    head = f"from learned_skills.{name} import {name}\n\n\n"
    tests = f"{head}def test_it() -> None:\n    assert {claim}\n"
    return Planted(
        id=record["id"],
        insecure=record["kind"] == "insecure",
        held_back=bool(record["held_back"]),
        candidate=Candidate(name=name, source=source, tests=tests),
    )
