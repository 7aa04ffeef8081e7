"""Opens and changes files of the workspace in the kernel's place, where no mounts can protect it.

Landlock can only allow a directory as a whole, and what the host trusts (`.git`, `agent.toml`, the
skills) lies in the workspace. So the kernel itself is allowed nothing there: its system calls that
name a file wait for the first process of the sandbox, which does what is asked if it concerns the
workspace and nothing protected in it, on its own copy of the path, and hands the result over. All
others go on to Landlock. Nothing is decided on what another thread could change meanwhile.

Calls that make a process or a thread wait as well: to be counted, since the system's own count is
of all that belongs to the user.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from . import own_entries
from .notify import Desk, Request
from .syscalls import open_beneath
from .tasks import Ceiling

CALLS: Mapping[str, int] = {
    "open": 2,
    "creat": 85,
    "openat": 257,
    "truncate": 76,
    "mkdir": 83,
    "mkdirat": 258,
    "rmdir": 84,
    "unlink": 87,
    "unlinkat": 263,
    "rename": 82,
    "renameat": 264,
    "renameat2": 316,
    "link": 86,
    "linkat": 265,
    "symlink": 88,
    "symlinkat": 266,
    "clone": 56,
    "fork": 57,
    "vfork": 58,
}
"""The system calls that wait."""

_HERE = -100  # AT_FDCWD
_REMOVE_DIRECTORY = 0x200
_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MODE, _SET_ID = 0o777, 0o6000
_MOST_LINKS = 40
_PAUSE = 0.001  # seconds


class Elsewhere(Exception):  # noqa: N818 -- no error: the system answers
    """A path does not lead into the workspace."""


@dataclass(frozen=True, kw_only=True)
class Protected:
    """What nobody inside may change, by path relative to the workspace.

    Attributes:
        hidden: Directories that look empty.
        read_only: May be read, also where that is in a hidden one.
    """

    hidden: tuple[str, ...]
    read_only: tuple[str, ...]

    def hides(self, path: str) -> bool:
        """Whether a path is in a hidden directory, or is one."""
        return _is_within(path, self.hidden) and not _is_within(path, self.read_only)

    def keeps(self, path: str) -> bool:
        """Whether a path may not be changed."""
        return _is_within(path, self.hidden) or _is_within(path, self.read_only)

    def holds_in_place(self, path: str) -> bool:
        """Whether a path may not be renamed or removed."""
        below = f"{path.casefold()}/"
        kept = (*self.hidden, *self.read_only)
        return self.keeps(path) or any(p.casefold().startswith(below) for p in kept)


def _is_within(path: str, places: Sequence[str]) -> bool:
    # On some file systems `.GIT` is `.git`; on the others nobody misses it.
    folded = path.casefold()
    return any(folded == p.casefold() or folded.startswith(f"{p.casefold()}/") for p in places)


@dataclass(frozen=True, kw_only=True)
class _Place:
    """A name in an open directory of the workspace.

    Attributes:
        parent: Descriptor of the directory.
        name: The last component; "." for the workspace itself.
        path: Where that really is, relative to the workspace.
    """

    parent: int
    name: str
    path: str

    def close(self) -> None:
        os.close(self.parent)


class Broker:
    """Answers the system calls of one sandbox; for a thread of its own.

    Args:
        desk: Where they wait.
        workspace: The directory.
        protected: What in it is protected.
        empty: A directory shown in place of hidden ones.
        ceiling: How many processes and threads there may be.
    """

    def __init__(
        self, desk: Desk, workspace: str, protected: Protected, empty: str, ceiling: Ceiling
    ) -> None:
        self._desk = desk
        self._workspace = workspace
        self._root = os.open(workspace, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        self._protected = protected
        self._empty = empty
        self._ceiling = ceiling
        self._answers = self._table()

    def serve(self) -> None:
        """Answer until this process ends."""
        while True:
            try:
                self._answer(self._desk.next())
            except OSError:  # the one that waited was killed, and maybe the last one
                time.sleep(_PAUSE)

    def _answer(self, request: Request) -> None:
        try:
            self._answers[request.call](request)
        except Elsewhere:
            self._desk.go_on(request)
        except OSError as error:
            self._desk.refuse(request, error.errno or errno.EACCES)
        except Exception:
            self._desk.refuse(request, errno.EACCES)

    def _table(self) -> dict[int, Callable[[Request], None]]:
        c = CALLS
        return {
            c["open"]: lambda r: self._open(r, _HERE, 0, r.number(1), r.number(2)),
            c["creat"]: lambda r: self._open(
                r, _HERE, 0, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, r.number(1)
            ),
            c["openat"]: lambda r: self._open(r, r.number(0), 1, r.number(2), r.number(3)),
            c["truncate"]: self._truncate,
            c["mkdir"]: lambda r: self._mkdir(r, _HERE, 0, r.number(1)),
            c["mkdirat"]: lambda r: self._mkdir(r, r.number(0), 1, r.number(2)),
            c["rmdir"]: lambda r: self._remove(r, _HERE, 0, directory=True),
            c["unlink"]: lambda r: self._remove(r, _HERE, 0, directory=False),
            c["unlinkat"]: lambda r: self._remove(
                r, r.number(0), 1, directory=bool(r.number(2) & _REMOVE_DIRECTORY)
            ),
            c["rename"]: lambda r: self._rename(r, (_HERE, 0), (_HERE, 1), 0),
            c["renameat"]: lambda r: self._rename(r, (r.number(0), 1), (r.number(2), 3), 0),
            c["renameat2"]: lambda r: self._rename(
                r, (r.number(0), 1), (r.number(2), 3), r.number(4)
            ),
            c["link"]: lambda r: self._link(r, (_HERE, 0), (_HERE, 1)),
            c["linkat"]: lambda r: self._link(r, (r.number(0), 1), (r.number(2), 3)),
            c["symlink"]: lambda r: self._symlink(r, _HERE, 1),
            c["symlinkat"]: lambda r: self._symlink(r, r.number(1), 2),
            **{c[name]: self._multiply for name in ("clone", "fork", "vfork")},
        }

    def _multiply(self, request: Request) -> None:
        if self._ceiling.reached:
            raise OSError(errno.EAGAIN, "as many processes and threads as there may be")
        self._desk.go_on(request)

    def _open(self, request: Request, base: int, position: int, flags: int, mode: int) -> None:
        if mode & _SET_ID and flags & os.O_CREAT:
            raise PermissionError(errno.EPERM, "no programs of other users")
        exclusive = os.O_CREAT | os.O_EXCL
        followed = not flags & os.O_NOFOLLOW and flags & exclusive != exclusive
        path = self._path(request, base, position)
        descriptor = self._own_entry(request, path, flags)
        if descriptor is None:
            with closing(self._place(path, follow=followed)) as place:
                descriptor = self._opened(place, flags, mode)
        try:
            self._desk.hand_over(request, descriptor, flags & os.O_CLOEXEC)
        finally:
            os.close(descriptor)

    def _own_entry(self, request: Request, path: str, flags: int) -> int | None:
        if flags & _CHANGES:
            return None
        descriptor = own_entries.opened(path, request.thread, flags)
        if descriptor is not None and not self._desk.waits(request):
            os.close(descriptor)  # it may be a stranger's that has the number by now
            raise OSError(errno.ESRCH, "gone")
        return descriptor

    def _opened(self, place: _Place, flags: int, mode: int) -> int:
        if self._protected.keeps(place.path):
            if flags & _CHANGES:
                raise OSError(errno.EROFS, "protected")
            if self._protected.hides(place.path):
                return self._hidden(place, flags)
        _refuse_devices(place)
        wanted = flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY
        return os.open(place.name, wanted, mode & _MODE, dir_fd=place.parent)

    def _hidden(self, place: _Place, flags: int) -> int:
        if place.path.casefold() not in (p.casefold() for p in self._protected.hidden):
            raise FileNotFoundError(errno.ENOENT, "hidden")
        return os.open(self._empty, (flags & ~os.O_NOFOLLOW) | os.O_CLOEXEC)

    def _truncate(self, request: Request) -> None:
        with closing(self._place(self._path(request, _HERE, 0), follow=True)) as place:
            descriptor = self._opened(place, os.O_WRONLY, 0)
        try:
            os.ftruncate(descriptor, request.arguments[1])
        finally:
            os.close(descriptor)
        self._desk.succeed(request)

    def _mkdir(self, request: Request, base: int, position: int, mode: int) -> None:
        with closing(self._changed(request, base, position)) as place:
            os.mkdir(place.name, mode & _MODE, dir_fd=place.parent)
        self._desk.succeed(request)

    def _remove(self, request: Request, base: int, position: int, *, directory: bool) -> None:
        with closing(self._changed(request, base, position)) as place:
            (os.rmdir if directory else os.unlink)(place.name, dir_fd=place.parent)
        self._desk.succeed(request)

    def _rename(
        self, request: Request, old: tuple[int, int], new: tuple[int, int], flags: int
    ) -> None:
        with (
            closing(self._changed(request, *old)) as source,
            closing(self._changed(request, *new)) as target,
        ):
            if flags:
                raise OSError(errno.EINVAL, "renames with flags are not passed on")
            os.rename(source.name, target.name, src_dir_fd=source.parent, dst_dir_fd=target.parent)
        self._desk.succeed(request)

    def _link(self, request: Request, old: tuple[int, int], new: tuple[int, int]) -> None:
        with (
            closing(self._changed(request, *old)) as source,
            closing(self._changed(request, *new)) as target,
        ):
            os.link(
                source.name,
                target.name,
                src_dir_fd=source.parent,
                dst_dir_fd=target.parent,
                follow_symlinks=False,
            )
        self._desk.succeed(request)

    def _symlink(self, request: Request, base: int, position: int) -> None:
        with closing(self._changed(request, base, position)) as place:
            os.symlink(self._desk.text(request, 0), place.name, dir_fd=place.parent)
        self._desk.succeed(request)

    def _changed(self, request: Request, base: int, position: int) -> _Place:
        """A name that may be made, taken away or replaced."""
        place = self._place(self._path(request, base, position), follow=False)
        if self._protected.holds_in_place(place.path) or place.name == ".":
            place.close()
            raise OSError(errno.EROFS, "protected")
        return place

    def _path(self, request: Request, base: int, position: int) -> str:
        """The absolute path that an argument means, symbolic links in it not looked at."""
        text = self._desk.text(request, position)
        if not text:
            raise Elsewhere
        if not text.startswith("/"):
            at = "cwd" if base == _HERE else f"fd/{base}"
            text = f"{Path(f'/proc/{request.thread}/{at}').readlink()}/{text}"
        return os.path.normpath(text)

    def _place(self, path: str, *, follow: bool) -> _Place:
        """Where a path leads; only the last component may be a symbolic link still."""
        for _ in range(_MOST_LINKS):
            place = self._unfollowed(self._relative(path))
            try:
                link = os.readlink(place.name, dir_fd=place.parent) if follow else ""
            except OSError:
                return place
            if not link:
                return place
            place.close()
            path = f"{self._workspace}/{Path(place.path).parent}/{link}"
            path = os.path.normpath(link if link.startswith("/") else path)
        raise OSError(errno.ELOOP, "too many symbolic links")

    def _relative(self, path: str) -> str:
        if path == self._workspace:
            return "."
        if not path.startswith(f"{self._workspace}/"):
            raise Elsewhere
        return path.removeprefix(f"{self._workspace}/")

    def _unfollowed(self, relative: str) -> _Place:
        folder, _, name = relative.rpartition("/")
        try:
            parent = open_beneath(self._root, folder or ".", os.O_PATH | os.O_DIRECTORY)
        except OSError as error:
            if error.errno == errno.EXDEV:  # over a symbolic link that leads out
                raise Elsewhere from None
            raise
        try:
            inside = self._relative(str(Path(f"/proc/self/fd/{parent}").readlink()))
        except Elsewhere:
            os.close(parent)
            raise
        path = name if inside == "." else f"{inside}/{name}"
        return _Place(parent=parent, name=name, path=path)


def _refuse_devices(place: _Place) -> None:
    """Opening some kinds of files waits, or does something."""
    with suppress(FileNotFoundError):
        kind = stat.S_IFMT(os.lstat(place.name, dir_fd=place.parent).st_mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK):
            raise PermissionError(errno.EACCES, "not a plain file")
