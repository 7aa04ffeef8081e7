"""An event loop in a thread of its own, for callers who can't await."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Background:
    """Runs coroutines for a caller who waits, also where another event loop is running."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="agent-background", daemon=True)
        self._thread.start()

    @property
    def is_here(self) -> bool:
        """Whether the caller is this very thread, which can't wait for itself."""
        return threading.current_thread() is self._thread

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine; Ctrl-C cancels it and waits until it has cleaned up."""
        started: list[asyncio.Task[Any] | None] = []
        future = asyncio.run_coroutine_threadsafe(_noted(work, started), self._loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            asyncio.run_coroutine_threadsafe(_cancelled(started), self._loop).result()
            raise

    def close(self) -> None:
        """End the loop and its thread; does nothing the second time."""
        if self._loop.is_closed():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self) -> None:
        # The end of the loop too belongs to this thread: another loop may run in the caller's.
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


async def _noted(work: Coroutine[Any, Any, T], started: list[asyncio.Task[Any] | None]) -> T:
    started.append(asyncio.current_task())
    return await work


async def _cancelled(started: list[asyncio.Task[Any] | None]) -> None:
    for task in started:
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait([task])
