"""Opens sessions for tests, as whoever it is started: requests in and answers out, as JSON lines.

`python driver.py cold|warm`. A request is `{"id", "call", "session", …arguments}`, an answer
`{"id", "answer"}` or `{"id", "error": [kind, text]}`. Requests are served at the same time, so one
can interrupt another. The end of its input ends every session.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sessions import Limits, Session  # found by the line above
from sessions.kernel.policy import DEFAULT
from sessions.pool import Pool

_LONGEST_REQUEST = 64 << 20  # bytes


class Driver:
    """Sessions by name.

    Args:
        pool: Where kernels come from, if there is one.
    """

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool
        self._sessions: dict[str, Session] = {}

    async def serve(self, call: str, session: str, arguments: Mapping[str, Any]) -> Any:
        """Carry out a request."""
        if call == "open":
            return await self._open(session, arguments)
        if call == "close":
            return await self._sessions.pop(session).close()
        if call == "facts":
            return _facts()
        return await getattr(self, f"_{call}")(self._sessions[session], **arguments)

    async def close(self) -> None:
        """End every session."""
        while self._sessions:
            await self._sessions.popitem()[1].close()

    async def _open(self, name: str, wanted: Mapping[str, Any]) -> Any:
        session = Session(
            wanted["workspace"],
            replace(Limits.quick(), **wanted["limits"]),
            isolated=wanted["isolated"],
            policy=DEFAULT if wanted["guarded"] else None,
            pool=self._pool,
        )
        self._sessions[name] = await session.__aenter__()
        return await self._told(session)

    async def _told(self, session: Session) -> Any:
        sandbox = session._process
        return {
            "layers": session.layers,
            "reasons": dict(session.layer_reasons),
            "launcher": sandbox.pid,
            "key": sandbox.connection["key"].decode(),
            "sockets": str(sandbox.connection["ip"]),
        }

    async def _execute(self, session: Session, code: str, timeout: float | None) -> Any:
        return asdict(await session.execute(code, timeout))

    async def _stream(self, session: Session, code: str) -> Any:
        return [type(event).__name__ async for event in session.stream(code)]

    async def _variables(self, session: Session) -> Any:
        return [asdict(variable) for variable in await session.variables()]

    async def _inspect(self, session: Session, name: str) -> Any:
        return await session.inspect(name)

    async def _query(self, session: Session, type: str | None, conditions: Any) -> Any:
        return [asdict(variable) for variable in await session.query(type, **conditions)]

    async def _push(self, session: Session, values: dict[str, Any], frames: bool) -> None:
        if frames:
            import pandas

            values = {name: pandas.DataFrame(value) for name, value in values.items()}
        await session.push(**values)

    async def _pull(self, session: Session, name: str) -> Any:
        value = await session.pull(name)
        plain = value.to_dict("list") if type(value).__name__ == "DataFrame" else repr(value)[:9999]
        return [type(value).__name__, plain]

    async def _interrupt(self, session: Session) -> None:
        await session.interrupt()

    async def _restart(self, session: Session) -> None:
        await session.restart()

    async def _undo(self, session: Session, steps: int) -> None:
        await session.undo(steps)


def _facts() -> Any:
    """What this process uses, and all that descends from it."""
    import psutil

    me = psutil.Process()
    below = []
    for process in me.children(recursive=True):
        with suppress(psutil.Error):
            below.append((process.pid, process.create_time()))
    return {
        "pid": me.pid,
        "uid": os.geteuid(),
        "rss": me.memory_info().rss,
        "descriptors": me.num_fds(),
        "threads": me.num_threads(),
        "below": below,
    }


async def _answer(driver: Driver, request: dict[str, Any], out: Any) -> None:
    number, call, session = (request.pop(key) for key in ("id", "call", "session"))
    try:
        told = {"id": number, "answer": await driver.serve(call, session, request)}
    except Exception as error:  # whatever it is, the tests shall see it
        told = {"id": number, "error": [type(error).__name__, str(error)]}
    out.write(json.dumps(told, default=repr) + "\n")
    out.flush()


async def _run(out: Any, pool: Pool | None) -> None:
    reader = asyncio.StreamReader(limit=_LONGEST_REQUEST)
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    driver = Driver(pool)
    tasks: set[asyncio.Task[None]] = set()
    while line := await reader.readline():
        task = asyncio.create_task(_answer(driver, json.loads(line), out))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    await driver.close()


def main(how: str) -> None:
    """Serve until the end of the input."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anything here prints is for people
    if how == "cold":
        asyncio.run(_run(out, None))
        return
    with Pool() as pool:
        if not pool.wait_warm():
            sys.exit("no kernel can be forked warm here")
        asyncio.run(_run(out, pool))


if __name__ == "__main__":
    main(sys.argv[1])
