"""One folder of small text files, read and written without trusting what lies in it.

A file in a workspace may be anything: a link to a secret, a FIFO that blocks whoever opens it, a
gigabyte of zeros. Everything goes through the descriptor of the opened folder, so exchanging the
folder for a link half-way changes nothing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FileRefusedError(ValueError):
    """A file or folder that is not read: what it is and why, in one line."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something in a library that was skipped.

    Attributes:
        file: Where.
        line: Line number from 1, or 0 if it concerns the whole file.
        message: What is wrong, one line.
    """

    file: Path
    line: int = 0
    message: str

    def __str__(self) -> str:
        """`file:line: message`, as compilers print it."""
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        return f"{place}: {self.message}"


class Folder:
    """A directory that was opened once; names are single components inside it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._fd = descriptor

    @classmethod
    @contextlib.contextmanager
    def open(cls, path: Path, *below: str) -> Iterator[Folder]:
        """Open a real directory for the length of a `with` block.

        Args:
            path: Where it is.
            below: Folders from there to the wanted one; none of them may be a link either.

        Raises:
            FileNotFoundError: If it does not exist.
            FileRefusedError: If it is a link, no directory, or not readable.
        """
        with contextlib.ExitStack() as stack:
            fd = _opened(path)
            stack.callback(os.close, fd)
            for name in below:
                path /= name
                fd = _opened(path, within=fd)
                stack.callback(os.close, fd)
            yield cls(path, fd)

    @classmethod
    def make(cls, path: Path, *below: str) -> None:
        """Make a directory, and one in it for each further name, unless they are there.

        Raises:
            FileRefusedError: If one of them is a link, or no directory.
            OSError: If one can't be made.
        """
        path.mkdir(parents=True, exist_ok=True)
        for number, name in enumerate(below):
            with cls.open(path, *below[:number]) as parent, contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=parent._fd)

    def names(self) -> list[str]:
        """The names in it, sorted."""
        return sorted(os.listdir(self._fd))  # noqa: PTH208 (Path can't list a descriptor)

    def read(self, name: str, *, limit: int) -> bytes:
        """The content of a regular file.

        Args:
            name: A name in this folder; a link is refused.
            limit: Most bytes accepted.

        Raises:
            FileNotFoundError: If it does not exist.
            FileRefusedError: If it is not a readable regular file, or larger than `limit`.
        """
        try:
            fd = os.open(name, _READ, dir_fd=self._fd)
        except FileNotFoundError:
            raise
        except OSError as error:
            msg = f"can't be read: {_why(error, 'is a link')}"
            raise FileRefusedError(msg) from error
        try:
            return _read_regular(fd, limit)
        finally:
            os.close(fd)

    def state(self, name: str) -> tuple[int, ...] | None:
        """What changes whenever a file does, its time of change last; None if it is not there.

        The time of change in nanoseconds can't be set by whoever writes the file.
        """
        try:
            found = os.stat(name, dir_fd=self._fd, follow_symlinks=False)
        except OSError:
            return None
        return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)

    def write(self, name: str, content: bytes, *, replace: bool = True) -> None:
        """Put a file there whole, or not at all.

        Raises:
            FileExistsError: If it exists and `replace` is false.
            OSError: If it can't be written.
        """
        staged = self.stage(content)
        try:
            if not replace:
                self._reserve(name)
            self.publish(staged, name)
        except BaseException:
            self.remove(staged)
            raise

    def stage(self, content: bytes) -> str:
        """Write a hidden temporary file; returns its name for `publish` or `remove`."""
        name = f".{os.urandom(8).hex()}.tmp"
        fd = os.open(name, _CREATE, 0o644, dir_fd=self._fd)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            self.remove(name)
            raise
        return name

    def publish(self, staged: str, name: str) -> None:
        """Give a staged file its name."""
        os.replace(staged, name, src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def remove(self, name: str) -> None:
        """Delete a file; one that is not there is fine."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._fd)

    def _reserve(self, name: str) -> None:
        """Create it empty, so that of two writers one fails."""
        os.close(os.open(name, _CREATE, 0o644, dir_fd=self._fd))


def read_file(path: Path, *, limit: int) -> bytes:
    """The content of one regular file; see `Folder.read`."""
    with Folder.open(path.parent) as folder:
        return folder.read(path.name, limit=limit)


def _opened(path: Path, within: int | None = None) -> int:
    """The descriptor of a directory; with `within` only its name counts."""
    try:
        place = path if within is None else path.name
        return os.open(place, _READ | os.O_DIRECTORY, dir_fd=within)
    except FileNotFoundError:
        raise
    except OSError as error:
        msg = f"{path} can't be used as a folder: {_why(error, 'is no directory')}"
        raise FileRefusedError(msg) from error


def _read_regular(fd: int, limit: int) -> bytes:
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        msg = "is not a regular file"
        raise FileRefusedError(msg)
    with open(fd, "rb", closefd=False) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        msg = f"is larger than {limit // 1024} KB"
        raise FileRefusedError(msg)
    return content


def _why(error: OSError, loop: str) -> str:
    """The reason without the path; O_NOFOLLOW reports a link as a loop or as no directory."""
    return (
        loop
        if error.errno in {errno.ELOOP, errno.ENOTDIR}
        else (error.strerror or type(error).__name__)
    )
