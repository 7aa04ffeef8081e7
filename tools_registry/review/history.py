"""What happened to the skills of a repository, from its commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sessions.errors import RefusedError
from tools_registry.git.git import Opened
from tools_registry.git.refs import Refs
from tools_registry.review.desk import Desk
from tools_registry.review.message import reading
from tools_registry.review.versions import as_skill, texts_at
from tools_registry.skills.skill import Skill

Kind = Literal["proposed", "approved", "rejected", "reverted", "shared", "changed"]
_KINDS: dict[str, Kind] = {
    "Add": "proposed",
    "Change": "proposed",
    "Approve": "approved",
    "Reject": "rejected",
    "Revert": "reverted",
    "Share": "shared",
}
_FORMAT = "%x01%H%x00%an%x00%ae%x00%aI%x00%s%x00%b%x00"


@dataclass(frozen=True, kw_only=True)
class Event:
    """A commit that concerns a skill.

    Attributes:
        name: The skill.
        kind: What happened; `changed` is a commit that is none of ours.
        commit: Full name of the commit.
        author: Who.
        email: Their address.
        date: When, ISO 8601.
        subject: First line of the message.
        body: The rest of it.
        skill: The skill as that commit has it; None if it has none, or it is broken.
    """

    name: str
    kind: Kind
    commit: str
    author: str
    email: str
    date: str
    subject: str
    body: str
    skill: Skill | None = None

    def to_json(self) -> dict[str, Any]:
        """The skill object of that version, with the facts of the commit."""
        nothing = dict.fromkeys(("status", "signature", "summary", "file", "tests", "source"))
        version = self.skill.to_json() if self.skill else {**nothing, "evidence": []}
        facts = {key: value for key, value in asdict(self).items() if key != "skill"}
        return {"provenance": None, **version, **facts}


def history(desk: Desk, name: str | None = None, limit: int = 50) -> tuple[Event, ...]:
    """What happened, newest first: on the current branch, and to what is or was proposed.

    Args:
        desk: The review.
        name: One skill; None for all.
        limit: Most commits looked at.

    Raises:
        RefusedError: If there is no git to ask.
    """
    if desk.place.top is None:
        raise RefusedError(desk.place.reason)
    with desk.place.open() as git:
        starts = _starts(desk, git, name)
        found = list(_events(desk, git, starts, name, limit)) if starts else []
        return tuple(_with_skills(desk, git, found))


def _starts(desk: Desk, git: Opened, name: str | None) -> list[str]:
    refs = Refs(git)
    ours = desk.branches, desk.rejected
    prefixes = ours if name is None else (desk.branch_of(name), desk.rejected_ref(name))
    return list(dict.fromkeys([*filter(None, [refs.head()]), *refs.all(*prefixes).values()]))


def _events(
    desk: Desk, git: Opened, starts: Sequence[str], name: str | None, limit: int
) -> Iterator[Event]:
    paths = desk.place.paths(name) if name else (desk.place.folder,)
    options = ("-n", str(limit), "--diff-merges=first-parent", "--name-only", "--date-order")
    log = git.run("log", *options, f"--format={_FORMAT}", *starts, "--", *paths)
    for part in log.split("\x01")[1:]:
        commit, author, email, date, subject, body, files = part.split("\0", 6)
        verb, told = reading(subject, desk.library.form.kind)
        for about in [name or told] if name or told else sorted(_names(desk, files)):
            yield Event(
                name=about,
                kind=_KINDS.get(verb, "changed"),
                commit=commit,
                author=author,
                email=email,
                date=date,
                subject=subject,
                body=body.strip(),
            )


def _names(desk: Desk, files: str) -> set[str]:
    """The skills that a commit's files belong to."""
    end = desk.library.form.folder.as_posix()  # git escapes what may stand before it
    paths = (line.strip('"').rpartition("/") for line in files.splitlines())
    stems = (stem for folder, _, stem in paths if folder.endswith(end))
    return {s[:-3].removeprefix("test_") for s in stems if s.endswith(".py")}


def _with_skills(desk: Desk, git: Opened, events: Sequence[Event]) -> Iterator[Event]:
    by_name = {event.name: [e.commit for e in events if e.name == event.name] for event in events}
    versions = {
        (name, commit): as_skill(name, texts, desk.library)
        for name, commits in by_name.items()
        for commit, texts in zip(commits, texts_at(git, desk.place, name, commits), strict=True)
    }
    for event in events:
        facts = {key: getattr(event, key) for key in event.__dataclass_fields__}
        yield Event(**{**facts, "skill": versions[event.name, event.commit]})
