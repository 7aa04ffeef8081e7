"""Blobs, trees and commits, made and read without index or working tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sessions.errors import RefusedError
from tools_registry.git.git import Opened

FILE_MODE = "100644"
_FILES = {b"100644", b"100755"}
_FOLDER = b"040000"
_KINDS = {b"120000": "a symbolic link", b"160000": "a submodule"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a tree.

    Attributes:
        mode: As git prints it, e.g. `100644`.
        kind: `blob`, `tree` or `commit`.
        oid: The object.
        name: One component, in bytes as it is.
    """

    mode: bytes
    kind: bytes
    oid: str
    name: bytes

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.mode in _FILES

    @property
    def line(self) -> bytes:
        """As `mktree -z` reads it."""
        return b"%s %s %s\t%s\0" % (self.mode, self.kind, self.oid.encode(), self.name)


class Objects:
    """The objects of a repository.

    Args:
        git: Opened on it.
    """

    def __init__(self, git: Opened) -> None:
        self._git = git

    def blob(self, content: bytes) -> str:
        """Write a file's content as it is: no filter, no change of line ends."""
        return self._git.run("hash-object", "-w", "--stdin", stdin=content or b"").strip()

    def entries(self, tree: str) -> list[Entry]:
        """The lines of a tree.

        Raises:
            AgentError: If there is no such tree.
        """
        listing = self._git.read("ls-tree", "-z", "--full-tree", tree)
        return [_entry(line) for line in listing.split(b"\0") if line]

    def folder(self, tree: str | None, path: str) -> dict[str, Entry]:
        """The files in a folder of a tree by name; empty if there is no such folder."""
        return {name: e for name, e in self.all_in(tree, path).items() if e.is_file}

    def all_in(self, tree: str | None, path: str) -> dict[str, Entry]:
        """The same with what is no file: folders, links, submodules."""
        for part in filter(None, path.split("/")):
            found = self._child(tree, part)
            tree = found.oid if found and found.mode == _FOLDER else None
        entries = [] if tree is None else self.entries(tree)
        return {entry.name.decode("utf-8", "replace"): entry for entry in entries}

    def contents(self, specs: Sequence[str], *, limit: int) -> list[bytes | None]:
        """The contents of several files at once.

        Args:
            specs: Blobs, or `COMMIT:path`.
            limit: Most bytes of each.

        Returns:
            In order; None for what is not there, is no file, or is larger.
        """
        asked = [spec for spec in specs if "\n" not in spec]
        checked = self._git.read("cat-file", "--batch-check", stdin=_lines(asked)).splitlines()
        oids = [_oid_within(line, limit) for line in checked]
        wanted = list(dict.fromkeys(oid for oid in oids if oid))
        output = self._git.read("cat-file", "--batch", stdin=_lines(wanted)) if wanted else b""
        found = dict(_batch(output))
        by_spec = {spec: found.get(oid or "") for spec, oid in zip(asked, oids, strict=True)}
        return [by_spec.get(spec) for spec in specs]

    def tree(self, base: str | None, changes: Mapping[str, str | None]) -> str:
        """A tree that is another one with some files changed; all other entries stay as they are.

        Args:
            base: The tree or commit to start from; None for an empty one.
            changes: Path -> blob, or None where there is to be no file.

        Raises:
            RefusedError: If something that is no folder is in the way, or a name that differs by
                case alone.
        """
        made = self._changed(base, {tuple(p.split("/")): oid for p, oid in changes.items()}, "")
        return made or self._make([])

    def commit(self, tree: str, parents: Sequence[str], message: str) -> str:
        """Write a commit; no hook is run and nothing is signed."""
        links = [word for parent in parents for word in ("-p", parent)]
        return self._git.run("commit-tree", tree, *links, "-F", "-", stdin=message.encode()).strip()

    def _child(self, tree: str | None, name: str) -> Entry | None:
        entries = self.entries(tree) if tree else []
        return next((entry for entry in entries if entry.name == name.encode()), None)

    def _changed(
        self, base: str | None, changes: Mapping[tuple[str, ...], str | None], where: str
    ) -> str | None:
        entries = {entry.name: entry for entry in (self.entries(base) if base else ())}
        for name in sorted({path[0] for path in changes}):
            below = {path[1:]: oid for path, oid in changes.items() if path[0] == name}
            old = entries.get(name.encode())
            _check_room(entries, old, name, where, is_file=() in below)
            new = self._replaced(old, name, below, where)
            entries.pop(name.encode(), None)
            if new:
                entries[new.name] = new
        return self._make(list(entries.values())) if entries else None

    def _replaced(
        self,
        old: Entry | None,
        name: str,
        below: Mapping[tuple[str, ...], str | None],
        where: str,
    ) -> Entry | None:
        if () in below:
            oid, mode, kind = below[()], FILE_MODE.encode(), b"blob"
        else:
            oid = self._changed(old.oid if old else None, below, f"{where}{name}/")
            mode, kind = _FOLDER, b"tree"
        return None if oid is None else Entry(mode=mode, kind=kind, oid=oid, name=name.encode())

    def _make(self, entries: Sequence[Entry]) -> str:
        # What is missing was missing before: a partial clone lacks objects it never needed.
        lines = b"".join(entry.line for entry in entries)
        return self._git.run("mktree", "-z", "--missing", stdin=lines).strip()


def blob_id(content: bytes, like: str) -> str:
    """The id that git would give to a file's content, by the hash that `like` is an id of."""
    made = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return made(b"blob %d\0" % len(content) + content).hexdigest()


def _lines(words: Sequence[str]) -> bytes:
    return "".join(f"{word}\n" for word in words).encode("utf-8", "surrogateescape")


def _oid_within(line: bytes, limit: int) -> str | None:
    oid, _, rest = line.partition(b" ")
    kind, _, size = rest.partition(b" ")
    return oid.decode() if kind == b"blob" and int(size) <= limit else None


def _batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    while output:
        head, _, output = output.partition(b"\n")
        oid, _, size = head.split()
        yield oid.decode(), output[: int(size)]
        output = output[int(size) + 1 :]


def _entry(line: bytes) -> Entry:
    facts, _, name = line.partition(b"\t")
    mode, kind, oid = facts.split()
    return Entry(mode=mode, kind=kind, oid=oid.decode(), name=name)


def _check_room(
    entries: Mapping[bytes, Entry], old: Entry | None, name: str, where: str, *, is_file: bool
) -> None:
    if old is not None and not (old.is_file if is_file else old.mode == _FOLDER):
        what = _KINDS.get(old.mode, "no folder" if not is_file else "a folder")
        msg = f"{where}{name} is {what} in this repository, so nothing can be committed below it"
        raise RefusedError(msg)
    for other in entries:
        spelled = other.decode("utf-8", "replace")
        if old is None and spelled.casefold() == name.casefold():
            msg = f"{where}{spelled} is in this repository: {where}{name} differs by case alone"
            raise RefusedError(msg)
