"""Roles with a small context of their own, each usable alone.

Names are imported when they are first used, so that `import subagents` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from subagents.agent_file import AgentFile
    from subagents.agent_generator import AgentGenerator
    from subagents.code_generator import CodeGenerator
    from subagents.context import Card, Context
    from subagents.custom_agent import CustomAgent
    from subagents.outputs import Case, Decision, Draft, Remark, Review, Ruling, TestSuite
    from subagents.referee import Referee
    from subagents.requests import (
        AgentRequest,
        Attempt,
        CodeRequest,
        Dispute,
        Disputed,
        ReviewRequest,
        TestRequest,
    )
    from subagents.reviewer import Reviewer
    from subagents.role import Budget, Role
    from subagents.runner import Report, Runner
    from subagents.signature import Signature
    from subagents.team import Team
    from subagents.test_generator import TestGenerator
    from subagents.usage import Tally, Usage

__all__ = [
    "AgentFile",
    "AgentGenerator",
    "AgentRequest",
    "Attempt",
    "Budget",
    "Card",
    "Case",
    "CodeGenerator",
    "CodeRequest",
    "Context",
    "CustomAgent",
    "Decision",
    "Dispute",
    "Disputed",
    "Draft",
    "Referee",
    "Remark",
    "Report",
    "Review",
    "ReviewRequest",
    "Reviewer",
    "Role",
    "Ruling",
    "Runner",
    "Signature",
    "Tally",
    "Team",
    "TestGenerator",
    "TestRequest",
    "TestSuite",
    "Usage",
]

_HOMES = {
    "agent_file": ("AgentFile",),
    "agent_generator": ("AgentGenerator",),
    "code_generator": ("CodeGenerator",),
    "context": ("Card", "Context"),
    "custom_agent": ("CustomAgent",),
    "outputs": ("Case", "Decision", "Draft", "Remark", "Review", "Ruling", "TestSuite"),
    "referee": ("Referee",),
    "requests": (
        *("AgentRequest", "Attempt", "CodeRequest", "Dispute", "Disputed"),
        *("ReviewRequest", "TestRequest"),
    ),
    "reviewer": ("Reviewer",),
    "role": ("Budget", "Role"),
    "runner": ("Report", "Runner"),
    "signature": ("Signature",),
    "team": ("Team",),
    "test_generator": ("TestGenerator",),
    "usage": ("Tally", "Usage"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """The public names."""
    return __all__
