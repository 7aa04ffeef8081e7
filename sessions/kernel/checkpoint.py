"""The state of the kernel as a stream of bytes, and back in another kernel.

All variables go into one pickle, so that what they share stays shared. What can't be pickled is
left out and named. As long as it costs little, each variable is also pickled alone: then one that
can't be read any more, because a module is gone, spoils no other.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from IPython.core.getipython import get_ipython

from . import pickling, prompts
from .archive import Incoming, Outgoing
from .pickling import Pickled

Answer = tuple[Any, Sequence[Any]]

ASKED = ("save", "saved_piece", "saved", "load_piece", "load")
"""What a `Keeper` answers."""

_ALONE = 16 << 20  # bytes, and seconds, that pickles of single variables may take
_ALONE_SECONDS = 2.0
_SHARE = 4  # of the time, for a variable by itself, where there is one that can't be saved
_TURNS = 2  # times the time, for all of them
_REASON = 200  # characters
_NAMED = 1000  # variables left out that are told by name


@dataclass(frozen=True, kw_only=True)
class Room:
    """What saving may take.

    Attributes:
        size: Bytes of all variables.
        seconds: To pickle them once; it takes four times as long at worst.
    """

    size: int
    seconds: float


class Keeper:
    """Saves and loads the state of one kernel, in pieces for the host."""

    def __init__(self) -> None:
        self._outgoing: Outgoing | None = None
        self._incoming = Incoming()

    def answer(
        self,
        asked: Mapping[str, Any],
        buffers: Sequence[Any],
        namespace: MutableMapping[str, Any],
        hidden: Mapping[str, Any],
    ) -> Answer:
        """The answer to a question of the host.

        Raises:
            ValueError: If there is nothing to answer it from.
        """
        match asked["ask"]:
            case "save":
                room = Room(size=asked["size"], seconds=asked["seconds"])
                return self._save(namespace, hidden, room), []
            case "saved_piece" if self._outgoing is not None:
                return None, [self._outgoing.piece(asked["offset"], asked["length"])]
            case "saved":
                self._outgoing = None
                return None, []
            case "load_piece":
                self._incoming = Incoming() if asked["first"] else self._incoming
                self._incoming.take(buffers[0])
                return None, []
            case "load":
                return self._load(namespace, asked["seconds"]), []
        raise ValueError(asked["ask"])

    def _save(
        self, namespace: Mapping[str, Any], hidden: Mapping[str, Any], room: Room
    ) -> dict[str, Any]:
        self._outgoing = None
        found = save(namespace, hidden, room)
        self._outgoing = found.stream(prompts.told(get_ipython()))
        names = [name for name in found.names if not prompts.is_output(name)]
        left_out = {n: why for n, why in found.left_out.items() if not prompts.is_output(n)}
        told = dict(list(left_out.items())[:_NAMED])
        return {"size": len(self._outgoing), "names": names, "left_out": told}

    def _load(self, namespace: MutableMapping[str, Any], seconds: float) -> dict[str, Any]:
        incoming, self._incoming = self._incoming, Incoming()
        incoming.require_whole()
        found, lost = load(incoming, namespace, seconds)
        outputs = {name: found.pop(name) for name in list(found) if prompts.is_output(name)}
        namespace.update(found)
        prompts.restore(get_ipython(), incoming.header["typed"], outputs)
        return {"lost": {n: why for n, why in lost.items() if not prompts.is_output(n)}}


@dataclass(kw_only=True)
class Saved:
    """Variables as bytes.

    Attributes:
        names: Of all that were saved.
        left_out: Name → why it could not be saved.
        whole: All of them in one pickle, unless they can't be pickled together.
        alone: Each of them in its own pickle; none if that would cost much.
    """

    names: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    whole: Pickled | None = None
    alone: dict[str, Pickled] = field(default_factory=dict)

    def stream(self, typed: Mapping[str, Any]) -> Outgoing:
        """All of it as one stream; memory that is in several pickles is in it once."""
        parts = _Parts()
        header = {
            "whole": self.whole and parts.add(self.whole),
            "alone": {name: parts.add(pickled) for name, pickled in self.alone.items()},
            "typed": typed,
        }
        return Outgoing(header, parts.found)


def variables(namespace: Mapping[str, Any], hidden: Mapping[str, Any]) -> dict[str, Any]:
    """All that belongs to the user: also private names and modules, but nothing of IPython."""
    nothing = object()
    return {
        name: value
        for name, value in list(namespace.items())
        if type(name) is str and hidden.get(name, nothing) is not value
    }


def save(namespace: Mapping[str, Any], hidden: Mapping[str, Any], room: Room) -> Saved:
    """Pickle the user's variables, as far as it goes, and the outputs that the shell holds."""
    values = {**variables(namespace, hidden), **prompts.outputs(namespace)}
    try:
        whole = _pickled(values, namespace, room)
    except BaseException:  # objects of the user may raise anything
        return _save_apart(values, namespace, room)
    if len(whole.body) > _ALONE:
        return Saved(names=_shown(values), whole=whole)
    return Saved(names=_shown(values), whole=whole, alone=_alone(values, namespace, room))


def load(
    stream: Incoming, namespace: MutableMapping[str, Any], seconds: float
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values in a stream, and what could not be read: name → why.

    Raises:
        ValueError: If the values can't be read together, and each alone was not kept.
    """
    whole, alone = stream.header["whole"], stream.header["alone"]
    why = "no state"
    if whole is not None:
        try:
            return _unpickled(stream, whole, namespace, seconds), {}
        except BaseException as error:  # objects of the user may raise anything
            why = _reason(error)
    if whole is not None and not alone:
        raise ValueError(why)
    found: dict[str, Any] = {}
    lost: dict[str, str] = {}
    for name, places in alone.items():
        try:
            found |= _unpickled(stream, places, namespace, seconds)
        except BaseException as error:  # likewise
            lost[name] = _reason(error)
    return found, lost


class _Parts:
    """Collects parts; memory that was given before keeps its place."""

    def __init__(self) -> None:
        self.found: list[memoryview] = []
        self._places: dict[tuple[int, int], int] = {}

    def add(self, pickled: Pickled) -> list[int]:
        """Places of a pickle and its buffers among the parts."""
        self.found.append(pickled.body)
        return [len(self.found) - 1, *map(self._place, pickled.buffers)]

    def _place(self, buffer: memoryview) -> int:
        key = (_address(buffer), len(buffer))
        if key not in self._places:
            self._places[key] = len(self.found)
            self.found.append(buffer)
        return self._places[key]


def _save_apart(values: Mapping[str, Any], namespace: Mapping[str, Any], room: Room) -> Saved:
    """Find out which variables can't be saved, and save the others together."""
    sizes, left_out = _sizes(values, namespace, room)
    left_out |= _surplus(sizes, room.size)
    kept = {name: values[name] for name in sizes}
    names = _shown(kept)
    try:
        whole = _pickled(kept, namespace, room)
    except BaseException:  # objects of the user; what they share will be shared no more
        alone = {name: _pickled({name: kept[name]}, namespace, room) for name in kept}
        return Saved(names=names, left_out=left_out, alone=alone)
    return Saved(names=names, left_out=left_out, whole=whole, alone=_alone(kept, namespace, room))


def _sizes(
    values: Mapping[str, Any], namespace: Mapping[str, Any], room: Room
) -> tuple[dict[str, int], dict[str, str]]:
    """Bytes of each variable that can be pickled, and why the others can't."""
    sizes: dict[str, int] = {}
    left_out: dict[str, str] = {}
    end = monotonic() + _TURNS * room.seconds
    for name, value in values.items():
        seconds = max(min(room.seconds / _SHARE, end - monotonic()), 0.01)
        try:
            own = Room(size=room.size, seconds=seconds)
            sizes[name] = _pickled({name: value}, namespace, own).size
        except BaseException as error:  # objects of the user may raise anything
            left_out[name] = _reason(error)
    return sizes, left_out


def _alone(
    values: Mapping[str, Any], namespace: Mapping[str, Any], room: Room
) -> dict[str, Pickled]:
    """Each variable in its own pickle; none at all if one can't be, or it costs much."""
    found: dict[str, Pickled] = {}
    left, end = _ALONE, monotonic() + _ALONE_SECONDS
    for name, value in values.items():
        try:
            found[name] = _pickled({name: value}, namespace, room)
        except BaseException:  # objects of the user may raise anything
            return {}
        left -= len(found[name].body)
        if left < 0 or monotonic() > end:
            return {}
    return found


def _surplus(sizes: dict[str, int], room: int) -> dict[str, str]:
    """Take the largest out until the others are small enough together."""
    left_out: dict[str, str] = {}
    total = sum(sizes.values())
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if total <= room:
            break
        total -= sizes[name]
        left_out[name] = f"takes {sizes.pop(name) >> 20} MB, and there is no room for it"
    return left_out


def _pickled(values: Mapping[str, Any], namespace: Mapping[str, Any], room: Room) -> Pickled:
    with pickling.bounded(room.seconds):
        pickled = pickling.dumps(values, namespace, room.size)
    if pickled.size > room.size:
        msg = f"takes {pickled.size >> 20} MB, and {room.size >> 20} MB may be saved"
        raise pickling.TooLarge(msg)
    return pickled


def _unpickled(
    stream: Incoming, places: Sequence[int], namespace: MutableMapping[str, Any], seconds: float
) -> dict[str, Any]:
    body, *buffers = (stream.parts[place] for place in places)
    with pickling.bounded(seconds):
        found: dict[str, Any] = pickling.loads(body, buffers, namespace)
    return found


def _address(buffer: memoryview) -> int:
    import numpy as np

    return int(np.frombuffer(buffer, np.uint8).__array_interface__["data"][0])


def _shown(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Names as a list of variables has them."""
    return tuple(
        name
        for name, value in values.items()
        if not name.startswith("_") and not issubclass(type(value), types.ModuleType)
    )


def _reason(error: BaseException) -> str:
    try:
        text = str(error)
    except BaseException:  # an exception of the user's may do anything when it is shown
        text = ""
    return f"{type(error).__name__}: {text}"[:_REASON].rstrip(": ")
