"""What is judged, and the judgement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agent.validation.finding import Finding
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
        relations: What must hold for any input, as expressions over its parameters, stated by
            the author or the user, e.g. `f(f(text)) == f(text)`.
        skills: Approved skills that the code may import: name → source.
    """

    name: str
    source: str
    tests: str = ""
    examples: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    skills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a candidate may be kept, and why.

    Attributes:
        accepted: Only if every gate that blocks passed, and the candidate was run.
        evidence: What each gate said, the cheapest first; after a block no further gate counts.
        findings: The same with every detail.
        score: Weighted share of the gates that found nothing, 0 to 1; gates not asked count as
            failed.
        validated: False if the candidate could not be run, so that only its text was judged.
    """

    accepted: bool
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    score: float = 0.0
    validated: bool = True

    @property
    def reason(self) -> str:
        """Why it was not accepted, as one line; empty if it was."""
        failed = [f"{e.signal}: {e.detail}" for e in self.evidence if not e.passed]
        return "; ".join(failed)
