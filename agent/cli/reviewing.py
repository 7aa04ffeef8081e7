"""`agent skills status|diff|approve|reject|history|revert`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence

from agent.cli.asking import Person
from agent.cli.desk import open_desk
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.events import Question
from agent.render import Paper, safe
from sessions.errors import AgentError, NeedsInputError, UsageError
from tools_registry.review.approving import approvable
from tools_registry.review.approving import approve as approve_one
from tools_registry.review.comparing import compare
from tools_registry.review.decided import Decided
from tools_registry.review.history import Event
from tools_registry.review.history import history as read_history
from tools_registry.review.overview import Overview, Row, how_to_get, look, rejection_to_json
from tools_registry.review.rejecting import reject as reject_one
from tools_registry.review.reverting import revert as revert_one


def status(workspace: str, *, as_json: bool) -> int:
    """Show where the review stands."""
    desk, _ = open_desk(workspace)
    for problem in desk.library.problems:
        tell(f"skipped {safe(str(problem))}")
    found = look(desk)
    if as_json:
        _emit_overview(found)
    else:
        _show_overview(found)
        for branch in found.elsewhere:
            how = how_to_get(desk, branch.removeprefix("agent/skills/"))
            print(safe(f"{branch} proposes a skill that has no file here: {how}"))
    return 0


def diff(workspace: str, name: str, other: str | None, *, as_json: bool) -> int:
    """Compare a skill with the approved version, or with that of a shared library."""
    from agent.cli.comparing import show

    desk, settings = open_desk(workspace)
    if other is None:
        found = compare(desk, name)
    else:
        from agent.cli.sharing import compare_with

        found = compare_with(desk, settings, name, other)
    if as_json:
        emit(found.to_json())
    else:
        show(found, Paper(sys.stdout))
    return 0


def approve(workspace: str, names: Sequence[str], *, everything: bool, as_json: bool) -> int:
    """Approve skills, each for itself; the exit code is that of the first that failed."""
    desk, _ = open_desk(workspace)
    if everything == bool(names):
        msg = "name the skills to approve, or say --all"
        raise UsageError(msg)
    wanted = approvable(desk) if everything else tuple(dict.fromkeys(names))
    if not wanted:
        tell("nothing waits for approval: agent skills status has what is stale, and why")
    codes = [_told(name, lambda n: approve_one(desk, n), "approved", as_json) for name in wanted]
    return next((code for code in codes if code), 0)


def reject(workspace: str, name: str, reason: str | None, *, as_json: bool) -> int:
    """Reject a skill."""
    desk, _ = open_desk(workspace)
    desk.library.get(name)
    done = reject_one(desk, name, reason if reason is not None else _ask_why(name))
    _show_decided(done, "rejected", as_json)
    return 0


def revert(workspace: str, name: str, to: str | None, *, as_json: bool) -> int:
    """Go back to an earlier version of a skill."""
    desk, _ = open_desk(workspace)
    _show_decided(revert_one(desk, name, to), "reverted", as_json)
    return 0


def history(workspace: str, name: str | None, *, as_json: bool) -> int:
    """Show what happened."""
    desk, _ = open_desk(workspace)
    events = read_history(desk, name)
    if as_json:
        for event in events:
            emit(event.to_json())
    elif events:
        print("\n".join(columns([_event_row(event) for event in events])))
    else:
        tell(f"no commit is about {name or 'skills'} yet")
    return 0


def _told(name: str, decide: Callable[[str], Decided], verb: str, as_json: bool) -> int:
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


def _emit_overview(found: Overview) -> None:
    common = {
        "current_branch": found.branch or None,
        "unpushed": found.unpushed,
        "proposals_without_files": found.elsewhere,
        "note": found.note,
    }
    for row in found.rows:
        emit({**row.to_json(), **common})
    for rejection in found.rejected:
        emit({**rejection_to_json(rejection), **common})


def _show_overview(found: Overview) -> None:
    if found.rows:
        print("\n".join(columns([_overview_row(row, found) for row in found.rows])))
    else:
        print("No skills yet.")
    for rejection in found.rejected:
        print(safe(f"rejected  {rejection.name}: {rejection.reason}"))
    if found.unpushed:
        plural = "" if found.unpushed == 1 else "s"
        print(f"{found.unpushed} commit{plural} about skills no remote has: git push")
    if found.note:
        tell(found.note)


def _overview_row(row: Row, found: Overview) -> tuple[str, str, str, str]:
    return row.skill.name, row.skill.status, _where(row, found), row.skill.reason


def _where(row: Row, found: Overview) -> str:
    if row.branch:
        return row.branch if row.same else f"{row.branch} (has another version)"
    if row.committed:
        return found.branch or "committed"
    return "not committed"
