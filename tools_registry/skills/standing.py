"""From what a file says of itself and what this machine knows: the status that counts, and why."""

from __future__ import annotations

from tools_registry.skills.ledger import Verdict
from tools_registry.skills.skill_file import Record
from tools_registry.tool import SkillStatus

Standing = tuple[SkillStatus, str]
"""A status and the reason for it; the reason of an approved skill is empty."""


def standing(name: str, record: Record, content: str, verdict: Verdict | None) -> Standing:
    """How far a skill may be trusted on this machine.

    Args:
        name: The skill.
        record: What its file says of it.
        content: The hash of what lies there now.
        verdict: What the ledger knows of that content.
    """
    again = f"agent skills test {name}"
    if verdict is not None and verdict.rejected is not None:
        return "rejected", f"rejected here: {verdict.rejected}".rstrip(": ")
    if not record.content:
        return "stale", f"never tested: {again}"
    if record.content != content:
        return "stale", f"changed since it was tested: {again}"
    if record.status == "rejected":
        return "rejected", "rejected, as its file says"
    if verdict is not None and verdict.failed is not None:
        return "stale", f"failed here: {verdict.failed}; mend it, then {again}"
    if record.status == "stale":
        return "stale", f"failed its last test: {_failure(record)}; mend it, then {again}"
    return _passed(name, record, verdict)


def _passed(name: str, record: Record, verdict: Verdict | None) -> Standing:
    """The record is sound and says that it passed; whether that holds here."""
    approve = f"agent skills approve {name}"
    approved = verdict is not None and verdict.approved
    if not approved and not (verdict is not None and verdict.validated):
        return "stale", f"not tested on this machine yet: agent skills test {name}"
    if record.status == "provisional":
        return "provisional", f"tested here, waits for approval: {approve}"
    if not approved:
        return "provisional", f"tested here, approved elsewhere only: {approve}"
    return "approved", ""


def _failure(record: Record) -> str:
    failed = (item for item in record.evidence if not item.passed)
    return next((f"{item.signal}: {item.detail}" for item in failed), "no evidence on record")
