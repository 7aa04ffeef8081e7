"""Guarded kernels against stock ipykernel: start, round trip, undo, recovery, memory, completeness.

`python -m benchmarks.kernel --json`. Both kinds are measured in the same run, interleaved, over
ipc and with the same client, so that a noisy machine is noisy for both; times are medians in
milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager
from psutil import Process

from benchmarks.report import finish, milliseconds, options, progress, summary
from sessions import Limits, Session
from sessions.client import Client
from sessions.isolation.spec import Spec
from sessions.pool import Pool

_PAUSE = 0.02  # seconds between cells that are not a burst

_FRAME = "import numpy, pandas; frame = pandas.DataFrame(numpy.ones((1_245_000, 10)))"  # 95 MB
_KERNELS = 50
_MEGABYTE = 1 << 20

Times = dict[str, list[float]]


class _Bare(Session):
    """A session that freezes no states."""

    def _specification(self) -> Spec:
        return replace(super()._specification(), snapshots=False)


@asynccontextmanager
async def _stock(folder: Path) -> AsyncIterator[Client]:
    """A stock kernel over ipc, connected with the same client."""
    manager = AsyncKernelManager(
        transport="ipc",
        ip=str(folder / "stock"),
        connection_file=str(folder / "stock.json"),
    )
    await manager.start_kernel(cwd=str(folder))
    client = Client(manager.get_connection_info())
    try:
        await client.open(seconds=60)
        yield client
    finally:
        await client.close()
        await manager.shutdown_kernel(now=True)
        manager.context.destroy(linger=0)


async def _starts(rounds: int, times: Times, pool: Pool) -> None:
    """From nothing to the first reply, in turns."""
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            started = time.perf_counter()
            async with _stock(Path(folder)) as client:
                await _drain(client, "1")
                times["stock_start_ms"].append(milliseconds(started))
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            started = time.perf_counter()
            async with Session(folder) as session:
                await session.execute("1")
                times["cold_start_ms"].append(milliseconds(started))
        times["zygote_start_ms"].append(await _from_pool(pool, ahead=False))
        times["pool_start_ms"].append(await _from_pool(pool, ahead=True))
        times["exec_command_ms"].append(_cold_command())
    progress(f"starts: {rounds} rounds")


async def _from_pool(pool: Pool, *, ahead: bool) -> float:
    """A kernel with pandas imported, forked now or ahead, to its first reply."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        if ahead:
            async with Session(folder, pool=pool):
                await asyncio.sleep(0.5)  # until the next one waits
        started = time.perf_counter()
        async with Session(folder, pool=pool) as session:
            await session.execute("pandas = __import__('sys').modules['pandas']")
            elapsed = milliseconds(started)
        pool.forget()
        return elapsed


def _cold_command() -> float:
    """A cold `agent exec` of `1`, the whole process."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        command = [str(Path(sys.executable).with_name("agent")), "exec", "-", "--workspace", folder]
        started = time.perf_counter()
        subprocess.run(command, input=b"1", check=True, capture_output=True)
        return milliseconds(started)


async def _round_trips(rounds: int, times: Times) -> None:
    """`1+1`, to reply and idle, in turns on one kernel of each kind."""
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp") as stock_folder,
        tempfile.TemporaryDirectory(dir="/var/tmp") as folder,
        tempfile.TemporaryDirectory(dir="/var/tmp") as bare_folder,
        tempfile.TemporaryDirectory(dir="/var/tmp") as open_folder,
    ):
        async with (
            _stock(Path(stock_folder)) as client,
            Session(folder) as session,
            _Bare(bare_folder) as bare,
            Session(open_folder, isolated=False) as unisolated,
        ):
            for turn in range(rounds):
                for name, connection in (
                    ("stock_execute_ms", client),
                    ("execute_ms", session._connection),
                    ("execute_nosnapshot_ms", bare._connection),
                    ("execute_unisolated_ms", unisolated._connection),
                ):
                    await _time(times, name, _drain(connection, "1+1"), pause=_PAUSE)
                session._kernel.saved()  # as each cell of a session does: lets go of older ones
                if turn % 50 == 49:
                    progress(f"round trips: {turn + 1} of {rounds}")
            for _ in range(rounds):
                await _time(times, "execute_burst_ms", _run(session, "1+1"))


async def _undos(rounds: int, times: Times) -> None:
    """The state frozen after a cell, and had again, with a large frame in it."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        async with Session(folder) as session:
            await session.execute(_FRAME)
            for number in range(rounds):
                await asyncio.sleep(_PAUSE)
                await session.execute(f"number = {number}")
                started = time.perf_counter()
                await _frozen(session)
                times["snapshot_ms"].append(milliseconds(started))
                started = time.perf_counter()
                await session.undo()
                await session.execute("len(frame)")
                times["undo_ms"].append(milliseconds(started))
    progress(f"undos: {rounds}")


async def _memory(pool: Pool) -> float:
    """Megabytes a kernel, of many with pandas and a frozen state each, shared pages shared."""
    async with AsyncExitStack() as stack:
        for _ in range(_KERNELS):
            folder = stack.enter_context(tempfile.TemporaryDirectory(dir="/var/tmp"))
            session = await stack.enter_async_context(Session(folder, pool=pool))
            await session.execute("import pandas; x = 1")
            await asyncio.sleep(0.3)  # until the one after it waits
            session._kernel.saved()
            pool.forget()
        pages = [process.memory_full_info().pss for process in Process().children(recursive=True)]
    progress(f"memory: {_KERNELS} kernels in {len(pages)} processes")
    return round(sum(pages) / _KERNELS / _MEGABYTE, 2)


async def _recoveries(rounds: int, times: Times) -> None:
    """From a killed kernel to the next cell's reply, the limit itself not counted."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        async with Session(folder, Limits.quick()) as session:
            for _ in range(rounds):
                await session.execute("kept = 1")
                await asyncio.sleep(_PAUSE)
                started = time.perf_counter()
                await session.execute("import os; os.kill(os.getpid(), 9)")
                assert (await session.execute("kept")).value == 1
                times["recover_ms"].append(milliseconds(started))
    progress(f"recoveries: {rounds}")


async def _losses(cells: int, kernels: int) -> int:
    """How many results are lost when several kernels are busy at once."""

    async def work(number: int) -> int:
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            async with Session(folder, Limits.quick()) as session:
                lost = 0
                for cell in range(cells // kernels):
                    execution = await session.execute(f"print({cell}); {number} + {cell}")
                    complete = (execution.stdout, execution.value) == (f"{cell}\n", number + cell)
                    lost += not complete
                return lost

    lost = sum(await asyncio.gather(*(work(number) for number in range(kernels))))
    progress(f"completeness: {cells} cells on {kernels} kernels, {lost} lost")
    return lost


async def _frozen(session: Session) -> None:
    """Wait until the present state is kept."""
    while len(session._kernel.history) not in session._kernel.saved():  # noqa: ASYNC110 -- no event
        await asyncio.sleep(0)


async def _run(session: Session, code: str) -> None:
    await session.execute(code)


async def _drain(client: Client, code: str) -> None:
    async for _ in client.execute(code):
        pass


async def _time(times: Times, name: str, work: object, pause: float = 0.0) -> None:
    started = time.perf_counter()
    await work  # type: ignore[misc]
    times[name].append(milliseconds(started))
    await asyncio.sleep(pause)


async def measure(starts: int, executes: int, cells: int) -> tuple[dict[str, object], Times]:
    """All figures by the names in which they are published, and the times behind them."""
    names = (
        *("stock_start_ms", "cold_start_ms", "zygote_start_ms", "pool_start_ms"),
        *("exec_command_ms", "stock_execute_ms"),
        *("execute_ms", "execute_nosnapshot_ms", "execute_unisolated_ms", "execute_burst_ms"),
        *("snapshot_ms", "undo_ms", "recover_ms"),
    )
    times: Times = {name: [] for name in names}
    with Pool() as pool:
        pool.wait_warm()
        await _starts(starts, times, pool)
        memory = await _memory(pool)
    await _round_trips(executes, times)
    await _undos(max(5, starts), times)
    await _recoveries(max(5, starts), times)
    lost = await _losses(cells, kernels=8)
    figures: dict[str, object] = {name: summary(values) for name, values in times.items()}
    figures |= {"pss_mb_at_50": memory, "lost_outputs": lost, "executes": cells}
    return figures, times


def main() -> None:
    """Measure and print."""
    parser = options("Guarded kernels against stock ipykernel.")
    parser.add_argument("--starts", type=int, default=7, help="kernels of each kind to start")
    parser.add_argument("--executes", type=int, default=200, help="cells for the round trip")
    parser.add_argument("--cells", type=int, default=10_000, help="cells for lost outputs")
    chosen = parser.parse_args()
    figures, times = asyncio.run(measure(chosen.starts, chosen.executes, chosen.cells))
    if chosen.rows is not None:
        lines = (json.dumps({"id": name, "times": values}) for name, values in times.items())
        chosen.rows.write_text("\n".join(lines) + "\n")
    finish(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
