"""Values of cells as bytes and back, inside the sandbox alone.

Pickle 5 it is for tables too: their columns leave as they lie in memory, those of text as Arrow's
buffers, and index, frequency, categories, `attrs` and shared parts come back exactly. Functions and
classes of cells travel by value; such a function finds its globals in the namespace of cells again.
"""

from __future__ import annotations

import io
import pickle
import signal
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import FunctionType
from typing import Any

import cloudpickle

_PROTOCOL = 5
_SMALL = 4096  # bytes of a buffer that is better off among the rest
_OPEN = "an open file can't be saved"
_Cache = type(lru_cache(int))
_VIEW = "a view of memory can't be saved"


class TooLarge(Exception):  # noqa: N818 -- says what a value is, nothing went wrong
    """A value takes more bytes than it may."""


class TooSlow(BaseException):
    """A value takes longer than it may; gets past `except Exception` of what is slow."""


@dataclass(frozen=True, kw_only=True)
class Pickled:
    """A value as bytes.

    Attributes:
        body: The pickle.
        buffers: Large memory, which lies beside it and was not copied.
    """

    body: memoryview
    buffers: tuple[memoryview, ...]

    @property
    def size(self) -> int:
        """Bytes altogether."""
        return len(self.body) + sum(map(len, self.buffers))


def dumps(value: object, namespace: Mapping[str, Any], largest: int) -> Pickled:
    """Pickle a value.

    Args:
        value: Whatever cells have made.
        namespace: The globals of cells, which are not part of any function.
        largest: Bytes that the pickle without its buffers may have.

    Raises:
        BaseException: Of any kind, as objects of the user take part.
    """
    sink = _Sink(largest)
    buffers: list[memoryview] = []
    _Pickler(sink, namespace, buffers).dump(value)
    return Pickled(body=sink.getbuffer(), buffers=tuple(buffers))


def loads(body: Any, buffers: Sequence[Any], namespace: MutableMapping[str, Any]) -> Any:
    """What `dumps` was given.

    Raises:
        BaseException: Of any kind, as objects of the user take part.
    """
    builtins = namespace.get("__builtins__")
    try:
        return _Unpickler(io.BytesIO(body), buffers, namespace).load()
    finally:
        if builtins is not None:  # each function that is made sets it anew, to a dictionary
            namespace["__builtins__"] = builtins


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in what is done meanwhile if it takes longer; in the main thread only."""

    def stop(*_: object) -> None:
        msg = f"takes longer than {seconds:g} s"
        raise TooSlow(msg)

    before = signal.signal(signal.SIGALRM, stop)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)


def namespace_of_cells() -> dict[str, Any]:
    """Stands in a pickle for the globals of cells: `loads` gives those of its kernel in its place.

    Raises:
        UnpicklingError: Wherever else such a pickle is read.
    """
    msg = "a function of a cell needs the globals of a kernel: this pickle is read by `loads` alone"
    raise pickle.UnpicklingError(msg)


class _Sink(io.BytesIO):
    def __init__(self, largest: int) -> None:
        super().__init__()
        self._room = largest

    def write(self, data: Any) -> int:
        self._room -= len(data)
        if self._room < 0:
            msg = "too large to be saved"
            raise TooLarge(msg)
        return super().write(data)


class _Namespace:
    """Pickled in place of the globals of cells."""

    def __reduce__(self) -> tuple[Callable[[], object], tuple[()]]:
        return namespace_of_cells, ()


class _Pickler(cloudpickle.Pickler):  # type: ignore[misc] # it has no annotations
    def __init__(
        self, file: io.BytesIO, namespace: Mapping[str, Any], buffers: list[memoryview]
    ) -> None:
        def is_small(buffer: pickle.PickleBuffer) -> bool:
            memory = buffer.raw()
            if len(memory) < _SMALL:
                return True
            buffers.append(memory)
            return False

        super().__init__(file, _PROTOCOL, buffer_callback=is_small)
        self._namespace = namespace
        self._stand_in = _Namespace()

    def reducer_override(self, value: Any) -> Any:
        """Reduce as cloudpickle does, but for what it would turn into something else."""
        if isinstance(value, io.TextIOWrapper):
            raise TypeError(_OPEN)
        if type(value) is memoryview:
            raise TypeError(_VIEW)
        if type(value) is cached_property:  # it holds a lock
            return _cached_property, (value.func, value.attrname)
        if type(value) is _Cache and value.__module__ == "__main__":  # pickled by name otherwise
            return _cache, (value.__wrapped__, value.cache_parameters())
        if _starts_in_its_own_way(value):
            return _exception, (type(value), value.args), value.__dict__
        reduced = super().reducer_override(value)
        if reduced is NotImplemented or type(value) is not FunctionType:
            return reduced
        return self._bound(*reduced) if value.__globals__ is self._namespace else reduced

    def _bound(self, make: Any, arguments: Any, state: Any, *rest: Any) -> Any:
        """A function that has no globals of its own, but those of cells."""
        code, _, *others = arguments
        attributes, slots = state
        slots["__globals__"] = {}
        return make, (code, self._stand_in, *others), (attributes, slots), *rest


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, buffers: Sequence[Any], namespace: Any) -> None:
        super().__init__(file, buffers=buffers)
        self._namespace = namespace

    def find_class(self, module: str, name: str) -> Any:
        """The class or function of a name."""
        if name == namespace_of_cells.__name__:
            return lambda: self._namespace
        return super().find_class(module, name)


def _starts_in_its_own_way(value: object) -> bool:
    """Whether this is an exception that could not be made again as pickle does it.

    Its class takes other arguments than it passes on to the class above.
    """
    kind = type(value)
    return (
        issubclass(kind, BaseException)
        and kind.__reduce__ is BaseException.__reduce__
        and isinstance(kind.__init__, FunctionType)
    )


def _cache(function: Callable[..., Any], parameters: Mapping[str, Any]) -> Any:
    return lru_cache(**parameters)(function)


def _cached_property(function: Callable[[Any], Any], name: str | None) -> cached_property[Any]:
    made = cached_property(function)
    made.attrname = name
    return made


def _exception(kind: type[BaseException], arguments: tuple[Any, ...]) -> BaseException:
    made = kind.__new__(kind)
    made.args = arguments
    return made
