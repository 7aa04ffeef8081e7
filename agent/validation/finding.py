"""What one gate found."""

from __future__ import annotations

from dataclasses import dataclass

from tools_registry.skills.skill import Evidence

_SHOWN = 3
_WEAKER = "weaker: judged inside the candidate's own process"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one gate found.

    Attributes:
        signal: The gate.
        problems: What is wrong; the gate blocks for these, if the rules let it block.
        advice: What could be better and never blocks.
        success: What was seen, for a person, if nothing is wrong.
        weaker: Whether the candidate's own process had a part in the judgement.
        unsure: Whether the next run might end otherwise, as with a limit of time.
        not_run: Whether the candidate could not be run although this gate needs it.
        blocked: Whether it kept the candidate out.
        seconds: How long the gate took.
    """

    signal: str
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    success: str = ""
    weaker: bool = False
    unsure: bool = False
    not_run: bool = False
    blocked: bool = False
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Whether there is no problem."""
        return not self.problems

    def evidence(self) -> Evidence:
        """In the form that is kept with a skill: `passed` unless it kept the candidate out."""
        told = self.problems if self.blocked else (self.success,) * bool(self.success)
        hints = self.advice if self.blocked else (*self.problems, *self.advice)
        parts = list(told[:_SHOWN])
        if hints and not self.blocked:
            parts.append(f"advice: {'; '.join(hints[:_SHOWN])}")
        parts += [_WEAKER] * self.weaker
        return Evidence(signal=self.signal, passed=not self.blocked, detail="; ".join(parts))
