"""`agent skills status|diff|approve|reject|history|revert`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.cli.asking import Person
from agent.cli.desk import Desks, open_desks, shown_name
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.events import Question
from agent.render import Paper, safe
from sessions.errors import AgentError, NeedsInputError, RefusedError, UsageError
from tools_registry.review.approving import approvable
from tools_registry.review.approving import approve as approve_one
from tools_registry.review.comparing import compare
from tools_registry.review.decided import Decided
from tools_registry.review.desk import Desk
from tools_registry.review.history import Event
from tools_registry.review.history import history as read_history
from tools_registry.review.overview import Overview, Row, how_to_get, look, rejection_to_json
from tools_registry.review.rejecting import reject as reject_one
from tools_registry.review.reverting import revert as revert_one
from tools_registry.tool import SkillKind


def status(workspace: str, *, as_json: bool) -> int:
    """Show where the review stands."""
    desks = open_desks(workspace)
    for desk in desks.both:
        for problem in desk.library.problems:
            tell(f"skipped {safe(str(problem))}")
    found = {desk: look(desk) for desk in desks.both}
    if as_json:
        for desk, overview in found.items():
            _emit_overview(overview, desk.library.form.kind)
        return 0
    _show_overviews(found)
    for desk, overview in found.items():
        for branch in overview.elsewhere:
            how = how_to_get(desk, branch.rpartition("/")[2])
            kind = desk.library.form.one
            print(safe(f"{branch} proposes {kind} that has no file here: {how}"))
    return 0


def diff(workspace: str, name: str, other: str | None, *, as_json: bool) -> int:
    """Compare a skill with the approved version, or with that of a shared library."""
    from agent.cli.comparing import show

    desks = open_desks(workspace)
    desk, name = desks.find(name)
    if other is None:
        found = compare(desk, name)
        desk.looks.note(found.skill)
    elif desk is not desks.skills:
        msg = f"{name} is an agent, and agents are not shared yet: compare it without --with"
        raise UsageError(msg)
    else:
        from agent.cli.sharing import compare_with

        found = compare_with(desk, desks.settings, name, other)
    if as_json:
        emit(found.to_json())
    else:
        show(found, Paper(sys.stdout))
    return 0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be approved.

    Attributes:
        names: Skills by name.
        everything: Whether all are meant that passed their tests here.
        expected: The content of the only one; "" if that is left open.
    """

    names: Sequence[str] = ()
    everything: bool = False
    expected: str = ""


def approve(workspace: str, wanted: Wanted, *, as_json: bool) -> int:
    """Approve skills, each for itself; the exit code is that of the first that failed."""
    desks = open_desks(workspace)
    if wanted.everything == bool(wanted.names):
        msg = "name the skills to approve, or say --all"
        raise UsageError(msg)
    names = _all_approvable(desks) if wanted.everything else tuple(dict.fromkeys(wanted.names))
    if wanted.expected and (wanted.everything or len(names) != 1):
        msg = "--expect says which version of one skill is meant: name that skill alone"
        raise UsageError(msg)
    if not names:
        tell("nothing waits for approval: agent skills status has what is stale, and why")

    def decide(name: str) -> Decided:
        desk, name = desks.find(name)
        asks = not (wanted.expected or wanted.everything)
        return approve_one(desk, name, _shown_first(desk, name) if asks else wanted.expected)

    codes = [_told(decide, name, "approved", as_json) for name in names]
    for name in (name for name, code in zip(names, codes, strict=True) if not code):
        _retest(desks, name)
    return next((code for code in codes if code), 0)


def _shown_first(desk: Desk, name: str) -> str:
    """Show a person at the terminal what they have not looked at yet; the content they agreed to.

    Raises:
        RefusedError: If they don't agree.
    """
    from agent.cli.comparing import show

    person = Person(Paper(sys.stderr))
    known = {skill.name: skill for skill in desk.library.list()}
    if not person.present or name not in known or desk.looks.of(known[name]):
        return ""
    found = compare(desk, name)
    show(found, Paper(sys.stderr))
    asked = Question(question=f"Approve {name} as shown?", options=("yes", "no"))
    reply = asyncio.run(person.reply(asked)) or "no"
    if reply.strip().lower() not in {"y", "yes"}:
        msg = f"{name} was not approved: you did not say yes"
        raise RefusedError(msg)
    return found.skill.content


def reject(workspace: str, name: str, reason: str | None, *, as_json: bool) -> int:
    """Reject a skill."""
    desk, name = open_desks(workspace).find(name)
    desk.library.get(name)
    done = reject_one(desk, name, reason if reason is not None else _ask_why(name))
    _show_decided(done, "rejected", as_json)
    return 0


def revert(workspace: str, name: str, to: str | None, *, as_json: bool) -> int:
    """Go back to an earlier version of a skill."""
    desks = open_desks(workspace)
    desk, bare = desks.find(name)
    _show_decided(revert_one(desk, bare, to), "reverted", as_json)
    _retest(desks, name)
    return 0


def _retest(desks: Desks, name: str) -> None:
    """Let what builds on a skill be tested again if it was changed."""
    from agent.cli.retesting import retest

    desk, name = desks.find(name)
    if desk is desks.skills:
        retest(desk.library, name, desks.settings)


def history(workspace: str, name: str | None, *, as_json: bool) -> int:
    """Show what happened."""
    desks = open_desks(workspace)
    if name is None:
        events = list(read_history(desks.skills))
        if agents := read_history(desks.agents):
            events = sorted([*events, *agents], key=_moment, reverse=True)
    else:
        events = list(read_history(*desks.find(name)))
    if as_json:
        for event in events:
            emit(event.to_json())
    elif events:
        print("\n".join(columns([_event_row(event) for event in events])))
    else:
        tell(f"no commit is about {name or 'skills'} yet")
    return 0


def _all_approvable(desks: Desks) -> tuple[str, ...]:
    """Skills alone: that an agent may be obeyed is said of each by its name."""
    waiting = approvable(desks.agents)
    for name in waiting:
        tell(f"agents are approved by name: agent skills diff {name}, then approve {name}")
    return approvable(desks.skills)


def _moment(event: Event) -> datetime:
    return datetime.fromisoformat(event.date)


def _told(decide: Callable[[str], Decided], name: str, verb: str, as_json: bool) -> int:
    try:
        _show_decided(decide(name), verb, as_json)
    except AgentError as error:
        tell(str(error))
        return error.exit_code
    return 0


def _show_decided(done: Decided, verb: str, as_json: bool) -> None:
    branch = done.branch.removeprefix("refs/heads/")
    if as_json:
        facts = {"commit": done.commit or None, "branch": branch or None, "note": done.note}
        emit({**done.skill.to_json(), **facts})
        return
    where = f" ({done.commit[:10]} on {branch})" if done.commit else ""
    print(safe(f"{verb} {done.skill.name}{where}"))
    if done.note:
        tell(safe(f"{done.skill.name}: {done.note}"))


def _ask_why(name: str) -> str:
    asked = Question(question=f"Why is {name} rejected?")
    reply = asyncio.run(Person(Paper(sys.stderr)).reply(asked))
    if reply is None:
        msg = f"say why {name} is rejected: --reason TEXT (nobody could be asked)"
        raise NeedsInputError(msg)
    return reply


def _event_row(event: Event) -> tuple[str, ...]:
    day = event.date[:16].replace("T", " ")
    return event.commit[:10], day, event.author, event.kind, event.subject


def _emit_overview(found: Overview, kind: SkillKind) -> None:
    common = {
        "current_branch": found.branch or None,
        "unpushed": found.unpushed,
        "proposals_without_files": found.elsewhere,
        "note": found.note,
    }
    for row in found.rows:
        emit({**row.to_json(), **common})
    for rejection in found.rejected:
        emit({**rejection_to_json(rejection, kind), **common})


def _show_overviews(overviews: Mapping[Desk, Overview]) -> None:
    rows = [_overview_row(d, row, found) for d, found in overviews.items() for row in found.rows]
    print("\n".join(columns(rows)) if rows else "No skills yet.")
    for desk, found in overviews.items():
        for rejection in found.rejected:
            print(safe(f"rejected  {shown_name(desk, rejection.name)}: {rejection.reason}"))
    _show_place(next(iter(overviews.values())))


def _show_place(found: Overview) -> None:
    if found.unpushed:
        plural = "" if found.unpushed == 1 else "s"
        print(f"{found.unpushed} commit{plural} about skills no remote has: git push")
    if found.note:
        tell(found.note)


def _overview_row(desk: Desk, row: Row, found: Overview) -> tuple[str, str, str, str]:
    return shown_name(desk, row.skill.name), row.skill.status, _where(row, found), row.skill.reason


def _where(row: Row, found: Overview) -> str:
    if row.branch:
        return row.branch if row.same else f"{row.branch} (has another version)"
    if row.committed:
        return found.branch or "committed"
    return "not committed"
