"""The status that counts, from what files say of themselves and what this machine knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from sessions.errors import AgentError
from tools_registry.files import Problem
from tools_registry.skills.dependencies import Graph, imports_of, may_import_skills
from tools_registry.skills.ledger import Ledger, Verdict
from tools_registry.skills.sheet import Sheet, tests_name
from tools_registry.skills.skill import Skill
from tools_registry.skills.skill_file import Record, claim_hash, content_hash
from tools_registry.source import parse
from tools_registry.tool import SkillStatus

Standing = tuple[SkillStatus, str]
"""A status and the reason for it; the reason of an approved skill is empty."""


def judge(sheets: Sequence[Sheet], ledger: Ledger) -> tuple[tuple[Skill, ...], list[Problem]]:
    """The skills of a library with the status that counts here, and the cycles among them."""
    shelf = {sheet.name: sheet for sheet in sheets}
    graph = Graph({sheet.name: sheet.imports for sheet in sheets})
    skills = _unjudged(shelf, graph)
    try:
        verdicts = ledger.verdicts(skill.content for skill in skills.values())
        measured = ledger.measured(skill.claim for skill in skills.values())
    except AgentError as error:  # nothing is known then, so nothing is used
        return _sorted(_with(skill, ("stale", str(error))) for skill in skills.values()), []
    skills = {n: dataclasses.replace(s, measured=s.claim in measured) for n, s in skills.items()}
    for name in graph.order:
        skill, record = skills[name], shelf[name].record
        verdict = verdicts.get(skill.content)
        skills[name] = _with(skill, _together(skill, skills, record, verdict))
    for name in graph.cyclic:
        reason = "imports itself over other skills, or imports one that does"
        skills[name] = _with(skills[name], ("stale", reason))
    return _sorted(skills.values()), [_problem(shelf, cycle) for cycle in graph.cycles()]


def foreign(skill: Skill, skills: Mapping[str, Skill], ledger: Ledger) -> SkillStatus:
    """What the status of a skill from elsewhere would be if it lay here.

    Args:
        skill: As its own record has it.
        skills: Those that lie here, by name.
        ledger: What this machine knows.
    """
    names = imports_of(parse(skill.source)) if may_import_skills(skill.source) else ()
    imports = {name: skills[name].content if name in skills else "" for name in names}
    content = content_hash(skill.source, skill.test_source, imports)
    record = Record(status=skill.status, content=skill.content, evidence=skill.evidence)
    there = dataclasses.replace(skill, content=content, imports=imports)
    return _together(there, skills, record, ledger.verdict(content))[0]


def standing(skill: Skill, record: Record, verdict: Verdict | None) -> Standing:
    """How far a skill may be trusted on this machine, if what it imports may be.

    Args:
        skill: What lies there now.
        record: What its file says of it.
        verdict: What the ledger knows of that content.
    """
    again = f"agent skills test {skill.name}"
    if verdict is not None and verdict.rejected is not None:
        return "rejected", f"rejected here: {verdict.rejected}".rstrip(": ")
    if not record.content:
        return "stale", f"never tested: {again}"
    if record.content != skill.content:
        return "stale", f"changed since it was tested{_or_its_imports(skill)}: {again}"
    if record.status == "rejected":
        return "rejected", "rejected, as its file says"
    if verdict is not None and verdict.failed is not None:
        return "stale", f"failed here: {verdict.failed}; mend it, then {again}"
    if record.status == "stale":
        return "stale", f"failed its last test: {_failure(record)}; mend it, then {again}"
    return _passed(skill.name, record, verdict)


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


def _hindered(skill: Skill, skills: Mapping[str, Skill]) -> Standing | None:
    """Stale because of what it imports; what that is has been judged before."""
    for name in skill.imports:
        if name not in skills:
            return "stale", f"imports {name}, which is not in the library or can't be read"
        if not skills[name].usable:
            return "stale", f"imports {name}, which is {not_firm(skills[name])}"
    return None


def loose(skill: Skill, skills: Mapping[str, Skill]) -> str:
    """Why a skill can't be approved although it may be used: what it builds on waits itself."""
    waiting = (skills[name] for name in skill.imports if name in skills and skills[name].usable)
    return next((f"imports {s.name}, which is {not_firm(s)}" for s in waiting if not s.firm), "")


def not_firm(skill: Skill) -> str:
    """Why nothing may build on a skill, and what to do, to end a sentence."""
    if skill.status == "provisional":
        return f"provisional: agent skills approve {skill.name}"
    return f"{skill.status}: mend that first"


def _together(
    skill: Skill, skills: Mapping[str, Skill], record: Record, verdict: Verdict | None
) -> Standing:
    """How far a skill may be trusted with what it imports, which has been judged before."""
    alone = _hindered(skill, skills) or standing(skill, record, verdict)
    reason = loose(skill, skills) if alone[0] == "approved" else ""
    return ("provisional", reason) if reason else alone


def _unjudged(shelf: Mapping[str, Sheet], graph: Graph) -> dict[str, Skill]:
    """The skills with their contents, in the order of their imports."""
    skills: dict[str, Skill] = {}
    for name in (*graph.order, *graph.cyclic):
        sheet = shelf[name]
        imports = {i: skills[i].content if i in skills else "" for i in sheet.imports}
        skills[name] = _skill(sheet.during_a_save(imports), imports)
    return skills


def _skill(sheet: Sheet, imports: Mapping[str, str]) -> Skill:
    content = sheet.content(imports)
    return Skill(
        name=sheet.name,
        status="stale",
        signature=sheet.tool.signature,
        summary=sheet.tool.summary,
        file=sheet.file,
        tests=sheet.file.with_name(tests_name(sheet.name)),
        source=sheet.source,
        test_source=sheet.tests,
        evidence=sheet.record.evidence,
        provenance=sheet.record.provenance,
        content=content,
        recorded=sheet.record.status if sheet.record.content == content else None,
        imports=imports,
        tool=sheet.tool,
        kind=sheet.kind,
        claim=claim_hash(sheet.source, sheet.tests, sheet.record),
    )


def _with(skill: Skill, standing: Standing) -> Skill:
    # A record says what its writer likes, and so may what a test printed: it is one line of ours.
    return dataclasses.replace(skill, status=standing[0], reason=" ".join(standing[1].split()))


def _sorted(skills: Iterable[Skill]) -> tuple[Skill, ...]:
    return tuple(sorted(skills, key=lambda skill: skill.name))


def _problem(shelf: Mapping[str, Sheet], cycle: Sequence[str]) -> Problem:
    message = f"imports itself: {' -> '.join(cycle)}"
    return Problem(file=shelf[cycle[0]].file, message=message)


def _or_its_imports(skill: Skill) -> str:
    return f", or {' or '.join(skill.imports)} was" if skill.imports else ""


def _failure(record: Record) -> str:
    failed = (item for item in record.evidence if not item.passed)
    return next((f"{item.signal}: {item.detail}" for item in failed), "no evidence on record")
