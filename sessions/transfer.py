"""Values into a kernel and out of it.

They travel as buffers of the messages that host and kernel exchange anyway, in pieces: 100 MB take
a fraction of a second. A shared directory would be no faster to speak of, and bring links, pipes,
growing files and a second disk to fill; here there is no name that a cell could put in the way of
another. The host asks for each piece and takes no byte more than it was told before.

Into the kernel goes pickle, which it may load: whoever could forge it is the host. Out of it come
JSON, Arrow and numpy's format without objects. Those are data: the host never unpickles anything.
"""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sessions import arrays, frames
from sessions.errors import AgentError, KernelError, UsageError
from sessions.kernel import notation

if TYPE_CHECKING:
    from sessions.client import Client

LARGEST = 1 << 30
"""Bytes of one transfer."""

_PLAIN = 16 << 20  # bytes of JSON; as values they take some twenty times as much
_PIECE = 16 << 20
_TEXT = 300  # characters of what a kernel says of an error
_PICKLE = 5

Parts = Sequence[bytearray]


async def send(client: Client, values: Mapping[str, bytes]) -> None:
    """Send pickled values to a kernel, which keeps them apart until it is told to `unpack` them.

    Raises:
        KernelError: If the kernel could not take them.
    """
    total = sum(map(len, values.values()))
    offset = 0
    for pickled in values.values():
        for start in range(0, len(pickled), _PIECE):
            piece = memoryview(pickled)[start : start + _PIECE]
            await _ask(client, "take", [piece], size=total, offset=offset)
            offset += len(piece)


async def unpack(client: Client, values: Mapping[str, bytes], *, cells: int) -> None:
    """Make variables of pickled values that were sent: all of them or, on any error, none.

    Args:
        client: The kernel.
        values: What was sent.
        cells: Number of the state that they make.

    Raises:
        UsageError: If the kernel does not know a type.
        KernelError: If the kernel could not do it.
    """
    sizes = {name: len(pickled) for name, pickled in values.items()}
    await _ask(client, "push", sizes=sizes, cells=cells)


async def fetch(client: Client, name: str) -> tuple[str, Parts]:
    """The format of a variable and its parts, which are not to be believed.

    Raises:
        UsageError: If there is no such variable, it is too large, or its type can't travel.
        KernelError: If the kernel's answer makes no sense.
    """
    told, _ = await _ask(client, "pull", name=name)
    form, sizes = _checked(name, told)
    parts = [await _part(client, part, size) for part, size in enumerate(sizes)]
    await _ask(client, "pulled")
    return form, parts


def pickled(values: Mapping[str, object]) -> dict[str, bytes]:
    """Values as they travel into a kernel.

    Raises:
        UsageError: If one can't travel, has a name that is none, or all are too large together.
    """
    found = {name: _pickled(name, value) for name, value in values.items()}
    size = sum(map(len, found.values()))
    if size > LARGEST:
        msg = (
            f"{', '.join(found)}: {_megabytes(size)}, and {_megabytes(LARGEST)} may travel at "
            "once; put it into a file in the workspace"
        )
        raise UsageError(msg)
    return found


async def decoded(name: str, form: str, parts: Parts) -> Any:
    """The value that a kernel wrote; read in a thread, for that may take a while.

    Raises:
        KernelError: If it is not what the kernel's own code writes.
    """
    try:
        return await asyncio.to_thread(_FORMATS[form][1], *parts)
    except Exception as error:  # what somebody else wrote can be wrong in any way
        msg = (
            f"the kernel sent {name!r} in a form that makes no sense ({_line(error)}): a cell has "
            "tampered with it, so restart it"
        )
        raise KernelError(msg) from None


def _pickled(name: str, value: object) -> bytes:
    if not name.isidentifier() or name.startswith("_"):
        msg = f"{name!r} can't be the name of a variable there: choose another"
        raise UsageError(msg)
    try:
        return pickle.dumps(value, _PICKLE)
    except Exception as error:  # objects of the person may refuse in any way
        msg = f"{name!r} can't be pickled ({_line(error)}): turn it into plain data first"
        raise UsageError(msg) from None


async def _ask(
    client: Client, question: str, buffers: Sequence[Any] = (), **details: Any
) -> tuple[Any, Sequence[Any]]:
    from sessions.client import Unanswered

    try:
        return await client.exchange(question, details, buffers)
    except Unanswered as error:
        raise _explained(error.kind, str(error)) from None


def _explained(kind: str, text: str) -> AgentError:
    if kind == "CannotTravel":
        return UsageError(_line(text))
    if kind == "MemoryError":
        return UsageError("the kernel has too little memory for this: choose a larger tier")
    return KernelError(f"the kernel could not pass a value on ({_line(f'{kind}: {text}')})")


def _checked(name: str, told: Any) -> tuple[str, Sequence[int]]:
    if not isinstance(told, dict):
        raise _nonsense()
    form, sizes = str(told.get("format")), told.get("sizes")
    limits = _FORMATS[form][0] if form in _FORMATS else ()
    if not limits or not isinstance(sizes, list) or len(sizes) != len(limits):
        raise _nonsense()
    for size, limit in zip(sizes, limits, strict=True):
        if type(size) is not int or size < 0:
            raise _nonsense()
        if size > limit:
            msg = (
                f"{name!r} takes {_megabytes(size)}, and {_megabytes(limit)} may travel so: take a "
                "part of it, or make it a table or an array"
            )
            raise UsageError(msg)
    return form, sizes


async def _part(client: Client, part: int, size: int) -> bytearray:
    """One part, piece by piece: what is not there in time takes no memory."""
    found = bytearray()
    while len(found) < size:
        length = min(_PIECE, size - len(found))
        _, buffers = await _ask(client, "piece", part=part, offset=len(found), length=length)
        if len(buffers) != 1 or len(buffers[0]) != length:
            raise _nonsense()
        found += buffers[0]
    return found


def _series(name: bytearray, description: bytearray, payload: bytearray) -> Any:
    return frames.read(description, payload).iloc[:, 0].rename(notation.read(name))


_FORMATS: dict[str, tuple[tuple[int, ...], Callable[..., Any]]] = {
    "plain": ((_PLAIN,), notation.read),
    "array": ((LARGEST,), arrays.read),
    "scalar": ((LARGEST,), lambda payload: arrays.read(payload)[()]),
    "frame": ((_PLAIN, LARGEST), frames.read),
    "series": ((_PLAIN, _PLAIN, LARGEST), _series),
}
"""Format → how large each part may be, and what makes a value of them."""


def _nonsense() -> KernelError:
    return KernelError("the kernel's answer makes no sense: a cell has tampered with it")


def _line(error: object) -> str:
    text = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else str(error)
    text = "".join(c if c.isprintable() else " " for c in text[:_TEXT])
    return text.strip()


def _megabytes(size: int) -> str:
    return f"{size >> 20} MB"
