"""Agents as people have them: written, judged, proposed, approved."""

from __future__ import annotations

from pathlib import Path

import pytest

from subagents.agent_library import agent_library
from tools_registry.skills.skill import Evidence, Skill, SkillDraft
from tools_registry.tool import SkillStatus

MEDIANS = '''"""Finds the middle of numbers."""

import statistics

INSTRUCTIONS = """
Call middle on the numbers of the task. Say what it gave, and why that is the middle.
"""

ROLE = {
    "tier": "fast",
    "tools": ["inspect", "run_code"],
    "budget": {"requests": 4, "tokens": 40000, "context": 2000},
    "output": {"answer": "str", "value": "float"},
}


def middle(values: list[float], low: bool = False) -> float:
    """The median of values.

    Args:
        values: Numbers, at least one.
        low: Whether the lower of two middles is wanted.

    Examples:
        >>> middle([1.0, 2.0, 9.0])
        2.0
        >>> middle([1.0, 2.0, 4.0, 9.0])
        3.0
    """
    return _of(values, low)


def _of(values: list[float], low: bool) -> float:
    return statistics.median_low(values) if low else statistics.median(values)
'''


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person of whom nothing is remembered yet."""
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def keep(
    workspace: Path,
    text: str = MEDIANS,
    *,
    name: str = "medians",
    status: SkillStatus = "approved",
) -> Skill:
    """Save an agent as it is after its gates, approved or not."""
    draft = SkillDraft(
        name=name,
        source=text,
        tests="",
        evidence=(Evidence(signal="conformance", passed=True),),
        status=status,
        kind="agent",
    )
    return agent_library(workspace).save(draft)
