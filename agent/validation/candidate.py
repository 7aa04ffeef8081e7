"""What is judged, and the judgement."""

from __future__ import annotations

from dataclasses import dataclass

from tools_registry.skills.skill import Evidence


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A function that wants to become a skill.

    Attributes:
        name: Name of the function.
        source: Code that defines it, once, at top level.
        tests: Code with test functions in the style of pytest that import it from
            `learned_skills.NAME`; may be empty if there are examples.
        examples: What must hold, e.g. `f(1, "a") == 2`; may be empty if there are tests.
    """

    name: str
    source: str
    tests: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a candidate may be kept, and why.

    Attributes:
        accepted: Only if every gate passed.
        evidence: What each gate said, in order; after a failure no further gate is asked.
    """

    accepted: bool
    evidence: tuple[Evidence, ...] = ()

    @property
    def reason(self) -> str:
        """Why it was not accepted, as one line; empty if it was."""
        failed = [f"{e.signal}: {e.detail}" for e in self.evidence if not e.passed]
        return "; ".join(failed)
