"""A skill: a validated function with its tests, evidence and provenance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tools_registry.tool import SkillKind, SkillStatus, Tool


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one check said of the skill.

    Attributes:
        signal: The check, e.g. `tests`.
        passed: Whether it held.
        detail: What it saw, for a person.
    """

    signal: str
    passed: bool
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a skill comes from.

    Attributes:
        model: Model that wrote it, or "" for a person.
        session_id: Session in which it was written.
        created: UTC time, ISO 8601 with `Z`.
        commit: HEAD of the workspace when it was saved; "" outside git.
    """

    model: str = ""
    session_id: str = ""
    created: str = ""
    commit: str = ""


@dataclass(frozen=True, kw_only=True)
class SkillDraft:
    """A skill that is not saved yet.

    Attributes:
        name: Name of the function and of the file.
        source: Code that defines it.
        tests: Code of its tests.
        evidence: Why it may be trusted.
        provenance: `created` and `commit` are filled in when it is saved.
        status: How far the review is.
        kind: What it is: the file of a sub-agent is kept and reviewed like a skill.
    """

    name: str
    source: str
    tests: str
    evidence: tuple[Evidence, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    status: SkillStatus = "approved"
    kind: SkillKind = "skill"


@dataclass(frozen=True, kw_only=True)
class Skill:
    """A skill as it lies in the library.

    Attributes:
        name: Name of the function and of the file.
        status: How far the review is; `stale` if the files are not what was validated.
        signature: One line.
        summary: First paragraph of its docstring.
        file: The skill file.
        tests: The file with its tests.
        source: Its code, without the record at the end of the file.
        test_source: Code of its tests; "" if there are none.
        evidence: Why it may be trusted.
        provenance: Where it comes from.
        content: The hash of what was validated; what the ledger knows it by.
        reason: Why it has this status, and what to do; "" if it is approved.
        recorded: What its file says of its status; None if it says nothing of what lies there.
        imports: The skills that its code imports: name → their content.
        tool: Its function, as read from the code.
        kind: What it is; a sub-agent can't be imported, and only an approved one is used.
        claim: The hash of the evidence and of what it is about.
        measured: Whether this machine produced the evidence; else its file only says so.
    """

    name: str
    status: SkillStatus
    signature: str
    summary: str
    file: Path
    tests: Path
    source: str
    test_source: str
    evidence: tuple[Evidence, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    content: str = ""
    reason: str = ""
    recorded: SkillStatus | None = None
    imports: Mapping[str, str] = field(default_factory=dict)
    tool: Tool | None = None
    kind: SkillKind = "skill"
    claim: str = ""
    measured: bool = False

    @property
    def usable(self) -> bool:
        """Whether search may offer it."""
        return self.status in {"approved", "provisional"}

    @property
    def firm(self) -> bool:
        """Whether other skills may build on it: a person has approved it as it lies there."""
        return self.status == "approved"

    def draft(self, status: SkillStatus) -> SkillDraft:
        """The same skill to be written with a status; render it with `imports`."""
        return SkillDraft(
            name=self.name,
            source=self.source,
            tests=self.test_source,
            evidence=self.evidence,
            provenance=self.provenance,
            status=status,
            kind=self.kind,
        )

    def to_json(self) -> dict[str, Any]:
        """The skill object of `--json`."""
        return {
            "name": self.name,
            "kind": self.kind,
            "status": self.status,
            "reason": self.reason,
            "signature": self.signature,
            "summary": self.summary,
            "file": str(self.file),
            "tests": str(self.tests),
            "source": self.source,
            "imports": list(self.imports),
            "content": self.content,
            "evidence": [asdict(item) for item in self.evidence],
            "evidence_measured_here": self.measured,
            "provenance": asdict(self.provenance),
        }
