"""`agent skills pull` and `agent skills push`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agent.cli.desk import open_desk
from agent.cli.jsonlines import emit
from agent.cli.table import columns
from agent.cli.telling import tell
from agent.render import safe
from agent.settings import Settings
from sessions.errors import UsageError
from tools_registry.git.remote import Remote, choose_remote
from tools_registry.review.comparing import Comparison
from tools_registry.review.desk import Desk
from tools_registry.review.sharing import Pulled, candidates_of
from tools_registry.review.sharing import pull as pull_all
from tools_registry.review.sharing import push as push_all

_NONE_NAMED = "name a git URL or a path, or set skill_remotes = [...] in your own agent.toml"
_NEXT = "agent skills test {} before use, then agent skills approve"


def pull(workspace: str, remotes: Sequence[str], take: Sequence[str], *, as_json: bool) -> int:
    """Fetch libraries; what they have that is not here becomes a proposal."""
    desk, settings = open_desk(workspace)
    chosen = _chosen(remotes or settings.skill_remotes, settings)
    pulled, failures = [], 0
    for item in pull_all(desk, chosen, take):
        if isinstance(item, str):
            tell(safe(item))
            failures += 1
        else:
            pulled.append(item)
            if as_json:
                emit(item.to_json())
    if not as_json and (pulled or not failures):
        _show(pulled, {s.name for s in desk.library.list() if s.status == "stale"})
    return 1 if failures or any(p.outcome in {"differs", "failed"} for p in pulled) else 0


def push(workspace: str, remote: str | None, *, as_json: bool) -> int:
    """Send the approved skills."""
    desk, settings = open_desk(workspace)
    (chosen,) = _chosen([remote] if remote else settings.skill_remotes[:1], settings)
    done = push_all(desk, chosen)
    for name, why in done.held:
        tell(safe(f"{name} is held back: {why}"))
    facts = {"remote": chosen.text, "branch": done.branch, "commit": done.commit or None}
    if as_json:
        for skill in done.skills:
            emit({**skill.to_json(), **facts})
    elif done.skills:
        names = ", ".join(skill.name for skill in done.skills)
        print(safe(f"pushed {names} to {done.branch} of {chosen.text} ({done.commit[:10]})"))
    else:
        print(safe(f"{chosen.text} has all of it already"))
    return 1 if done.held else 0


def compare_with(desk: Desk, settings: Settings, name: str, remote: str) -> Comparison:
    """A skill beside that of a shared library.

    Raises:
        UsageError: If the library is none, or has no such skill.
    """
    return candidates_of(desk, choose_remote(remote, settings.skill_remotes), name)


def _chosen(texts: Sequence[str], settings: Settings) -> list[Remote]:
    if not texts:
        raise UsageError(_NONE_NAMED)
    return [choose_remote(text, settings.skill_remotes) for text in texts]


def _show(pulled: Sequence[Pulled], stale: Collection[str]) -> None:
    rows = [(p.candidate.name, p.outcome, p.candidate.remote.label, p.note) for p in pulled]
    if rows:
        print("\n".join(columns(rows)))
    else:
        print("No skills there.")
    fresh = [p.candidate.name for p in pulled if p.outcome in {"new", "taken"}]
    if fresh := [name for name in fresh if name in stale]:
        tell(_NEXT.format(" ".join(fresh)))
