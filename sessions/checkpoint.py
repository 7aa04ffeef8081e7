"""States of a kernel in files, written and read by the kernel; to the host they are mere bytes.

Each is two files in a folder that cells can't write: `NNNN.bin`, and `NNNN.json` that tells of it.
The second comes last and holds a digest of the first, so what is not whole is never taken for it.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from sessions import files
from sessions.errors import KernelError

if TYPE_CHECKING:
    from sessions.client import Client

NEWEST = 5
"""Checkpoints that are never thinned out."""

_KEPT_BYTES = 2 << 30  # of all checkpoints of a session; the newest one may have more
_PIECE = 16 << 20
_BESIDE = 64 << 20  # bytes that a stream may have besides its variables
_SECONDS = 15.0  # for pickling the variables once
_NAMES = 10_000
_TEXT = 300  # characters
_SCHEMA = 1
_LOAD_SECONDS = 120.0
_OTHER = "it is not what was written"


class DamagedError(KernelError):
    """A checkpoint that can't be used; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The state of a session in a file.

    Attributes:
        id: Its number in the session, as text.
        cells: Number of the state, that is of the cells and pushes that led to it.
        names: Variables in it.
        left_out: Variables that could not be saved → why.
        bytes: Size of the file.
        created: When, in UTC, as ISO 8601 has it.
        path: The file.
        mark: Tells the state from others of the same number.
        sha256: Digest of the file, in hexadecimal digits.
    """

    id: str
    cells: int
    names: tuple[str, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    bytes: int
    created: str
    path: Path
    mark: str = ""
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """What came back of a checkpoint.

    Attributes:
        names: Variables that are there again.
        left_out: Those that are not → why: they could not be saved, or not be read.
    """

    names: tuple[str, ...]
    left_out: Mapping[str, str]


class Checkpoints:
    """The checkpoints of one session.

    Args:
        folder: Where they lie; it must exist, and not be writable from inside.
        largest: Bytes that the variables of one may take.
        kept: Bytes that all of them may take; the newest is kept in any case.
    """

    def __init__(self, folder: Path, largest: int, kept: int = _KEPT_BYTES) -> None:
        self._folder = folder
        self._largest = largest
        self._kept = kept
        self._damaged: set[str] = set()

    def all(self) -> list[Checkpoint]:
        """All that are not known to be damaged, oldest first."""
        found = (_read(file) for file in self._files())
        return [c for c in found if c is not None and c.id not in self._damaged]

    def unread(self) -> list[str]:
        """What is wrong with those that can't even be told from others, in a line each, and once.

        They are not among `all`, since nobody knows of which state they are.
        """
        found = [f for f in self._files() if f.stem not in self._damaged and _read(f) is None]
        self._damaged |= {file.stem for file in found}
        return [_unusable(file.with_suffix(".bin"), _what_is_wrong(file)) for file in found]

    def newest(self, at_most: int | None = None) -> Checkpoint | None:
        """The newest one; after at most so many cells, if a number is given."""
        found = [c for c in self.all() if at_most is None or c.cells <= at_most]
        return max(found, key=lambda c: c.cells, default=None)

    async def save(self, client: Client, cells: int, mark: str = "") -> Checkpoint:
        """Save the state of a kernel.

        Raises:
            KernelError: If it could not be saved; nothing is left of it then.
        """
        told = await _ask(client, "save", size=self._largest, seconds=_SECONDS)
        size, names, left_out = _checked(told, self._largest + _BESIDE)
        number = self._next()
        path = self._folder / f"{number:04}.bin"
        with files.new(path) as file:
            digest = await _fetch(client, size, file)
            await asyncio.to_thread(os.fsync, file.fileno())  # which may take a while
        await _ask(client, "saved")
        checkpoint = Checkpoint(
            id=path.stem,
            cells=cells,
            names=names,
            left_out=left_out,
            bytes=size,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            path=path,
            mark=mark,
            sha256=digest,
        )
        _write(checkpoint)
        self._thin()
        return checkpoint

    async def restore(self, client: Client, checkpoint: Checkpoint) -> Loaded:
        """Load a state into a fresh kernel, which is of no more use if that fails.

        Raises:
            DamagedError: If the file is not what was written, or the kernel can't read it; it is
                not among `all` from then on.
        """
        from sessions.client import KernelGone

        try:
            async with asyncio.timeout(_LOAD_SECONDS):
                told = await _load(client, checkpoint)
        except (KernelError, OSError) as error:
            raise self._damage(checkpoint, _why(error)) from None
        except KernelGone:
            raise self._damage(checkpoint, "the kernel ended over it") from None
        lost = _reasons(told.get("lost") if isinstance(told, dict) else None)
        names = tuple(name for name in checkpoint.names if name not in lost)
        return Loaded(names=names, left_out={**checkpoint.left_out, **lost})

    async def require_whole(self, checkpoint: Checkpoint) -> None:
        """Look whether a file is what was written.

        Raises:
            DamagedError: If not; it is not among `all` from then on.
        """
        try:
            found = await asyncio.to_thread(_digest, checkpoint.path)
        except OSError as error:
            raise self._damage(checkpoint, _why(error)) from None
        if found != checkpoint.sha256:
            raise self._damage(checkpoint, _OTHER)

    def _damage(self, checkpoint: Checkpoint, reason: str) -> DamagedError:
        self._damaged.add(checkpoint.id)
        return DamagedError(_unusable(checkpoint.path, reason))

    def _files(self) -> list[Path]:
        """Those that tell of checkpoints, oldest first."""
        return sorted(self._folder.glob("[0-9]*.json"), key=lambda file: (len(file.name), file))

    def _next(self) -> int:
        numbers = [int(file.stem) for file in self._folder.glob("[0-9]*.*") if _is_number(file)]
        return max(numbers, default=0) + 1

    def _thin(self) -> None:
        """Let go of all but the newest and some older, each about twice as old as the next."""
        kept = self.all()
        for checkpoint in superfluous(kept):
            kept.remove(checkpoint)
            _remove(checkpoint)
        while len(kept) > 1 and sum(c.bytes for c in kept) > self._kept:
            _remove(kept.pop(0))


def superfluous(checkpoints: list[Checkpoint]) -> list[Checkpoint]:
    """Which of some checkpoints, oldest first, to let go of.

    Beyond the newest, one is kept for ages of 8 to 15 cells, one for 16 to 31, and so on: the
    oldest of each span, or none would ever grow old.
    """
    if not checkpoints:
        return []
    last = checkpoints[-1].cells
    spans: set[int] = set()
    found = []
    for checkpoint in checkpoints[:-NEWEST]:
        span = (last - checkpoint.cells).bit_length()
        if span in spans:
            found.append(checkpoint)
        spans.add(span)
    return found


async def _fetch(client: Client, size: int, file: BinaryIO) -> str:
    """Write what the kernel holds ready into a file, no more than it was told; its digest."""
    digest = hashlib.sha256()
    for offset in range(0, size, _PIECE):
        length = min(_PIECE, size - offset)
        details = {"offset": offset, "length": length}
        _, buffers = await _exchange(client, "saved_piece", details)
        if len(buffers) != 1 or len(buffers[0]) != length:
            raise _nonsense()
        digest.update(buffers[0])
        file.write(buffers[0])
    file.flush()
    return digest.hexdigest()


async def _load(client: Client, checkpoint: Checkpoint) -> Any:
    digest = hashlib.sha256()
    with files.open_regular(checkpoint.path) as file:
        for offset in range(0, checkpoint.bytes, _PIECE):
            piece = file.read(min(_PIECE, checkpoint.bytes - offset))
            digest.update(piece)
            await _exchange(client, "load_piece", {"first": offset == 0}, [piece])
        whole = not file.read(1) and digest.hexdigest() == checkpoint.sha256
    if not whole:
        raise KernelError(_OTHER)
    return await _ask(client, "load", cells=checkpoint.cells, seconds=_SECONDS)


async def _ask(client: Client, question: str, **details: Any) -> Any:
    return (await _exchange(client, question, details))[0]


async def _exchange(
    client: Client, question: str, details: Mapping[str, Any], buffers: Any = ()
) -> tuple[Any, Any]:
    from sessions.client import Unanswered

    try:
        return await client.exchange(question, details, buffers)
    except Unanswered as error:
        msg = f"the kernel could not do it: {_line(f'{error.kind}: {error}')}"
        raise KernelError(msg) from None


def _checked(told: Any, largest: int) -> tuple[int, tuple[str, ...], dict[str, str]]:
    """Size, names and what was left out, as a kernel tells it."""
    if not isinstance(told, dict):
        raise _nonsense()
    size, names = told.get("size"), told.get("names")
    if type(size) is not int or size < 1 or not isinstance(names, list):
        raise _nonsense()
    if size > largest:
        msg = f"the state takes {size >> 20} MB, and {largest >> 20} MB may be saved"
        raise KernelError(msg)
    return size, tuple(map(_line, names[:_NAMES])), _reasons(told.get("left_out"))


def _reasons(told: Any) -> dict[str, str]:
    """Name → why, as somebody tells it who is not to be believed."""
    pairs = list(told.items())[:_NAMES] if isinstance(told, dict) else []
    return {_line(name): _line(why) for name, why in pairs}


def _digest(file: Path) -> str:
    with files.open_regular(file) as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _unusable(path: Path, reason: str) -> str:
    return f"the checkpoint {path} can't be used ({reason})"


def _what_is_wrong(file: Path) -> str:
    is_there = file.with_suffix(".bin").is_file()
    return f"{file.name}, which tells of it, makes no sense" if is_there else "it is gone"


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it takes too long"
    return str(getattr(error, "strerror", None) or error)


def _nonsense() -> KernelError:
    return KernelError("the kernel's answer makes no sense: a cell has tampered with it")


def _line(text: object) -> str:
    return "".join(c if c.isprintable() else " " for c in str(text)[:_TEXT]).strip()


def _read(file: Path) -> Checkpoint | None:
    """What a file tells of a checkpoint; None if that makes no sense."""
    try:
        with files.open_regular(file) as opened:
            told = json.loads(opened.read(_BESIDE))
        if told.pop("schema") != _SCHEMA or (told["id"], file.suffix) != (file.stem, ".json"):
            return None
        names = tuple(map(_line, told.pop("names")))
        left_out = _reasons(told.pop("left_out"))
        found = Checkpoint(**told, names=names, left_out=left_out, path=file.with_suffix(".bin"))
        whole = (type(found.cells), type(found.bytes)) == (int, int) and found.path.is_file()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return found if whole else None


def _write(checkpoint: Checkpoint) -> None:
    told = asdict(replace(checkpoint, left_out=dict(checkpoint.left_out)))
    del told["path"]
    with files.new(checkpoint.path.with_suffix(".json")) as file:
        file.write(json.dumps({"schema": _SCHEMA, **told}).encode())


def _remove(checkpoint: Checkpoint) -> None:
    for file in (checkpoint.path.with_suffix(".json"), checkpoint.path):
        file.unlink(missing_ok=True)


def _is_number(file: Path) -> bool:
    return file.stem.isascii() and file.stem.isdecimal()
