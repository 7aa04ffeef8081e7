"""Names of commits: read with what they are, changed only from what they were."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sessions.errors import AgentError, RefusedError
from tools_registry.git.git import Opened

_FORMAT = "%(objectname)%00%(symref)%00%(refname)%00"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to happen to a ref.

    Attributes:
        name: In full, e.g. `refs/heads/main`.
        new: The commit it is to name; None to delete it.
        old: The commit it names now; None if there must be no such ref.
    """

    name: str
    new: str | None
    old: str | None


class Refs:
    """The refs of a repository.

    Args:
        git: Opened on it.
    """

    def __init__(self, git: Opened) -> None:
        self._git = git

    def all(self, *prefixes: str) -> dict[str, str]:
        """Name -> commit of the refs at or below some names; aliases of others are left out."""
        return {name: oid for name, (oid, alias) in self._listed(*prefixes).items() if not alias}

    def get(self, name: str) -> str | None:
        """The commit that a ref names; None if there is no such ref."""
        return self.all(name).get(name)

    def head(self) -> str | None:
        """The commit that is checked out; None before the first one."""
        found = self._git.run("rev-parse", "-q", "--verify", "HEAD^{commit}", codes=(0, 1, 128))
        return found.strip() or None

    def change(self, *changes: Change, why: str = "agent skills") -> None:
        """Change all these refs, or none.

        Args:
            changes: What is to happen.
            why: One line for their logs.

        Raises:
            RefusedError: If a ref is a link, an alias, or can't have its name beside another.
            AgentError: If one of them is not what it should be any more.
        """
        for change in changes:
            self._check(change.name)
        try:
            options = ("--no-deref", "-z", "--stdin", "-m", why)
            self._git.run("update-ref", *options, stdin=_orders(changes))
        except AgentError as error:
            names = " and ".join(_short(change.name) for change in changes)
            msg = f"{names} could not be changed, and nothing was: {_told(error)}"
            raise AgentError(msg) from error

    def _listed(self, *prefixes: str) -> dict[str, tuple[str, str]]:
        listing = self._git.run("for-each-ref", f"--format={_FORMAT}", *prefixes)
        fields = listing.replace("\0\n", "\0").split("\0")[:-1]
        triples = zip(fields[0::3], fields[1::3], fields[2::3], strict=True)
        return {name: (oid, alias) for oid, alias, name in triples}

    def _check(self, name: str) -> None:
        self._check_files(name)
        alias = self._listed(name).get(name, ("", ""))[1]
        if alias:
            msg = f"{_short(name)} is another name of {_short(alias)}: check that one out instead"
            raise RefusedError(msg)
        parts = name.split("/")
        taken = self._listed(*("/".join(parts[:n]) for n in range(3, len(parts))))
        for above in ("/".join(parts[:n]) for n in range(3, len(parts))):
            if above in taken:
                _in_the_way(name, above)
        for below in self._listed(f"{name}/"):
            _in_the_way(name, below)

    def _check_files(self, name: str) -> None:
        """Git follows links when it writes a ref or its log, to wherever they lead."""
        repository = self._git.repository
        for path in (repository.common_dir, repository.common_dir / "logs"):
            for part in name.split("/"):
                path = path / part
                if not os.path.lexists(path):
                    break
                if not repository.is_own(path):
                    msg = f"{path} is a link or no regular file, so {_short(name)} can't be changed"
                    raise RefusedError(msg)


def _orders(changes: tuple[Change, ...]) -> bytes:
    return b"".join(_order(change).encode() for change in changes)


def _order(change: Change) -> str:
    if change.new is None:
        return f"delete {change.name}\0{change.old or ''}\0"
    if change.old is None:
        return f"create {change.name}\0{change.new}\0"
    return f"update {change.name}\0{change.new}\0{change.old}\0"


def _short(name: str) -> str:
    return name.removeprefix("refs/heads/")


def _told(error: AgentError) -> str:
    return str(error).partition("fatal: ")[2] or str(error)


def _in_the_way(name: str, other: str) -> None:
    msg = (
        f"the branch {_short(name)} can't be made, for there is one named {_short(other)}: rename "
        f'it (git branch -m {_short(other)} NEW), or set review = "staged" in agent.toml'
    )
    raise RefusedError(msg)
