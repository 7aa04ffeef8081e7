"""A session: one guarded kernel for one workspace."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sessions import variables, workspace
from sessions.errors import KernelError, UsageError
from sessions.events import CellFinished, CellStarted, Event
from sessions.execution import Execution, Restored, Status
from sessions.kernel.policy import DEFAULT, Policy
from sessions.limits import Limit, Limits
from sessions.overflow import Overflow
from sessions.record import Record
from sessions.run import Run
from sessions.sandbox import Sandbox
from sessions.specification import specification
from sessions.variables import Variable
from sessions.watchdog import Watchdog

if TYPE_CHECKING:
    from sessions.client import Client
    from sessions.isolation.spec import Spec
    from sessions.pool import Pool

Recovery = tuple[Restored, tuple[str, ...]]

_GRACE = 2.0  # seconds between the interrupt at a limit and the kill
_ANSWER_SECONDS = 10.0
_RESTORE_SECONDS = 5.0
_TRANSFER_SECONDS = 60.0


class Session:
    """Runs cells in a guarded kernel; use as `async with Session(workspace) as session`.

    Cells run one after the other. A cell that hangs is interrupted and, if that does not help,
    killed with its kernel; a cell that crashes the kernel does the same to itself. Either way a
    kernel with the same walls stands ready for the next cell: brought back from the newest
    snapshot, which is taken in the pauses between cells, or else a fresh one.

    Args:
        workspace: The directory that cells may read and write.
        limits: Ceilings; the standard tier by default.
        libraries: Package name inside the kernel → directory on the host, shown read-only.
        data: More directories that cells may read.
        isolated: False runs with guard and limits alone. Only the person may ask for that.
        pool: Where kernels come from, if there is a pool; each is started afresh otherwise.
        policy: What cells are refused, with advice; None for no guard: the walls hold alone.

    Raises:
        UsageError: If the workspace can't be one.
    """

    def __init__(
        self,
        workspace: str | Path = ".",
        limits: Limits | None = None,
        *,
        libraries: Mapping[str, Path] | None = None,
        data: Sequence[Path] = (),
        isolated: bool = True,
        pool: Pool | None = None,
        policy: Policy | None = DEFAULT,
    ) -> None:
        self._pool = pool
        self.workspace = _resolve(workspace)
        self.limits = limits or Limits.standard()
        self.id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        self.layers: tuple[str, ...] = ()
        self.layer_reasons: Mapping[str, str] = {}
        self._libraries = dict(libraries or {})
        self._data = tuple(data)
        self._isolated = isolated
        self._policy = policy
        self._sandbox: Sandbox | None = None
        self._client: Client | None = None
        self._resources = ExitStack()
        self._turn = asyncio.Lock()
        self._cells = 0
        self._watched: list[int] = []
        # Names after each cell that led to the present state, the first entry being before any.
        self._states: list[tuple[str, ...]] = [()]

    async def __aenter__(self) -> Self:
        """Start the kernel.

        Raises:
            IsolationError: If a wall can't be put up; nothing was run then.
            KernelError: If the kernel does not start.
        """
        self.begin()
        try:
            await self._connect()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the kernel and everything it started."""
        await self.close()

    def begin(self) -> None:
        """Start the kernel's process without waiting for it, so that other work can overlap."""
        if self._sandbox is None:
            self._resources.enter_context(workspace.protected(self.workspace))
            self._sandbox = self._new_sandbox()

    async def close(self) -> None:
        """End the kernel and everything it started; may be called again."""
        try:
            await self._disconnect()
        finally:
            self._resources.close()

    async def execute(self, code: str, timeout: float | None = None) -> Execution:
        """Run a cell.

        Args:
            code: Python as in a notebook cell, magics included.
            timeout: Seconds of wall-clock time, if less than the tier's.

        Raises:
            KernelError: If a kernel that was lost could not be replaced.
        """
        async with aclosing(self.stream(code, timeout)) as events:
            async for event in events:
                if isinstance(event, CellFinished):
                    return event.execution
        raise AssertionError  # a stream ends with CellFinished or an error

    async def stream(self, code: str, timeout: float | None = None) -> AsyncGenerator[Event, None]:
        """Run a cell and yield what happens, the last event being `CellFinished`.

        Leaving the iteration early interrupts the cell.
        """
        seconds = min(timeout or self.limits.wall, self.limits.wall)
        async with self._turn:
            came = await self._revive()
            record = self._new_record()
            yield CellStarted(index=record.index, code=code)
            watch = self._watchdog(seconds)
            run = Run(self._connection.execute(code), watch)
            try:
                async with aclosing(run.messages(self._stop_cell)) as messages:
                    async for message in messages:
                        if (event := record.take(message)) is not None:
                            yield event
            finally:
                await self._settle(run)
            execution = await self._finish(record, run)
        if came is not None and execution.restored is None:
            execution = replace(execution, restored=came[0], lost=came[1])
        yield CellFinished(execution=execution)

    async def variables(self) -> list[Variable]:
        """The user's variables, by name; the last one says so if there are too many to tell."""
        return variables.listed(await self._ask("variables"))

    async def inspect(self, name: str) -> dict[str, Any]:
        """Type, size, schema, statistics and a sample of one variable, in 2000 characters.

        Raises:
            UsageError: If there is no such variable.
        """
        try:
            answer = await self._ask("inspect", name=name)
        except LookupError:
            msg = f"there is no variable {name!r} in the kernel"
            raise UsageError(msg) from None
        return variables.described(answer)

    async def query(self, type: str | None = None, **conditions: Any) -> list[Variable]:
        """Variables of a type that meet conditions, e.g. `query("DataFrame", rows__gt=1000)`.

        Args:
            type: Name of the class, or of one it derives from; any if None.
            conditions: `ATTRIBUTE__OPERATOR=VALUE`, or `ATTRIBUTE=VALUE` for equality. Attributes
                are `rows`, `columns` (their number; with `contains`, their labels), `length`,
                `bytes` and `name`; operators are `eq`, `ne`, `lt`, `le`, `gt`, `ge`, and for text
                `contains` and `startswith`.

        Raises:
            UsageError: If there is no such condition.
        """
        from sessions.conditions import parsed

        return variables.listed(await self._ask("query", type=type, conditions=parsed(conditions)))

    async def push(self, **values: Any) -> None:
        """Make variables in the kernel: all of them or, on any error, none.

        Args:
            values: Whatever can be pickled, and whose type the kernel can import.

        Raises:
            UsageError: If a value can't travel.
            KernelError: If the kernel could not take them.
        """
        from sessions import transfer

        pickled = transfer.pickled(values)
        async with self._asking(_TRANSFER_SECONDS) as client:
            await transfer.push(client, pickled)

    async def pull(self, name: str) -> Any:
        """The value of a variable: plain data, numpy's arrays and numbers, pandas' tables.

        It travels as data alone, never as pickle; frequencies of date indexes and `attrs` of
        tables are left behind.

        Raises:
            UsageError: If there is no such variable, or its value can't travel.
            KernelError: If what the kernel sends makes no sense.
        """
        from sessions import transfer

        async with self._asking(_TRANSFER_SECONDS) as client:
            form, parts = await transfer.fetch(client, name)
        return await transfer.decoded(name, form, parts)

    async def interrupt(self) -> None:
        """Raise `KeyboardInterrupt` in the running cell."""
        if self._client is not None:
            self._client.interrupt()

    async def restart(self) -> None:
        """Replace the kernel by a new one with the same walls; its variables are gone."""
        async with self._turn:
            await self._replace()

    async def undo(self, steps: int = 1) -> None:
        """Go back to the state before the last cells; files stay as they are.

        A cell that cost the kernel its life is undone already and does not count. Threads, running
        tasks and child processes do not come back.

        Args:
            steps: How many cells to take back.

        Raises:
            UsageError: If there were not so many cells, or no snapshot is left of that state:
                the newest are kept, and none is taken between cells that follow at once.
            KernelError: If the kernel could not be brought back; a fresh one is ready then.
        """
        async with self._turn:
            cells = self._state_before(steps)
            if cells == 0 and 0 not in self._snapshots():
                await self._replace()
            elif not await self._restore(cells):
                await self._replace()
                msg = "the snapshot did not come back, so a fresh kernel stands ready: run it again"
                raise KernelError(msg)

    @property
    def _process(self) -> Sandbox:
        if self._sandbox is None:
            msg = "the session is not open: use it as `async with Session(…) as session`"
            raise UsageError(msg)
        return self._sandbox

    @property
    def _connection(self) -> Client:
        if self._client is None:
            msg = "the session is not open: use it as `async with Session(…) as session`"
            raise UsageError(msg)
        return self._client

    def _specification(self) -> Spec:
        return specification(
            self.workspace,
            self.limits,
            libraries=self._libraries,
            data=self._data,
            isolated=self._isolated,
            policy=self._policy,
            snapshots=True,
        )

    def _new_sandbox(self) -> Sandbox:
        spec = self._specification()
        return Sandbox(spec) if self._pool is None else self._pool.take(spec)

    def _new_record(self) -> Record:
        index = self._cells
        self._cells += 1
        outputs = self.workspace / workspace.PRIVATE / "outputs" / self.id

        def text(stream: str) -> Overflow:
            return Overflow(self.limits.output, outputs / f"cell-{index}-{stream}.txt")

        return Record(index=index, layers=self.layers, text=text)

    async def _connect(self) -> None:
        from sessions.client import Client  # after the process was started: both take a while
        from sessions.provisioner import SandboxProvisioner

        sandbox = self._process
        connection = await SandboxProvisioner(sandbox=sandbox).launch_kernel([])
        held = sandbox.wait_ready()
        self.layers, self.layer_reasons = held.active, held.reasons
        self._states = [()]
        self._client = Client(connection)
        await self._client.open()
        self._watch_for_death(self._client)
        if self._pool is not None:
            self._pool.prepare(self._specification())

    async def _disconnect(self) -> None:
        self._unwatch()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None
        await self._hang_up()

    async def _hang_up(self) -> None:
        self._unwatch()
        if self._client is not None:
            self._client.gone()
            await self._client.close()
            self._client = None

    def _watch_for_death(self, client: Client) -> None:
        loop = asyncio.get_running_loop()
        self._watched = self._process.deaths
        for descriptor in self._watched:
            loop.add_reader(descriptor, self._on_death, client)

    def _unwatch(self) -> None:
        while self._watched:
            asyncio.get_running_loop().remove_reader(self._watched.pop())

    def _on_death(self, client: Client) -> None:
        self._unwatch()
        client.gone()

    def _watchdog(self, seconds: float) -> Watchdog:
        snapshots = self._process.snapshots
        spared = snapshots.spared if snapshots is not None else dict
        spared()  # between short cells nobody else takes in what the pause has brought
        return Watchdog(self._process.pid, self.limits, self.workspace, seconds, spared)

    def _snapshots(self) -> list[int]:
        """Numbers of cells after which the state was saved, of those that led to this state."""
        snapshots = self._process.snapshots
        found = snapshots.states() if snapshots is not None else []
        return [cells for cells in found if 0 <= cells < len(self._states)]

    def _state_before(self, steps: int) -> int:
        last = len(self._states) - 1
        if not 1 <= steps <= last:
            msg = f"{steps} cells can't be undone: there are {last} since the kernel was fresh"
            raise UsageError(msg)
        if last - steps not in (found := [0, *self._snapshots()]):
            back = ", ".join(str(last - cells) for cells in sorted(set(found)) if cells < last)
            msg = f"there is no snapshot {steps} cells back: undo one of {back}, or restart"
            raise UsageError(msg)
        return last - steps

    async def _restore(self, cells: int) -> bool:
        """Go back to a snapshot; False if that did not work, and the sandbox is of no more use."""
        from sessions.client import Client

        await self._hang_up()
        if not await asyncio.to_thread(self._process.restore, cells):
            return False
        self._client = Client(self._process.connection)
        try:
            await self._client.open(_RESTORE_SECONDS)
        except KernelError:
            return False
        self._watch_for_death(self._client)
        del self._states[cells + 1 :]
        return True

    async def _revive(self) -> Recovery | None:
        """Bring back a kernel that ended between cells; None if it lives."""
        return await self._recover() if self._process.kernel_ended else None

    async def _recover(self) -> Recovery:
        """Return to the newest snapshot, or start afresh; says which, and the names lost."""
        names = self._states[-1]
        alive = self._process.poll() is None
        if alive and (found := self._snapshots()) and await self._restore(found[-1]):
            return "snapshot", tuple(name for name in names if name not in self._states[-1])
        await self._replace()
        return "fresh", names

    async def _replace(self) -> None:
        await self._disconnect()
        self._sandbox = self._new_sandbox()
        await self._connect()

    async def _stop_cell(self, limit: Limit) -> None:
        """End a cell that met a limit: politely first, but memory can't wait."""
        if limit != "memory":
            await self.interrupt()
            await asyncio.sleep(_GRACE)
        self._process.kill_kernel()

    async def _settle(self, run: Run) -> None:
        """After a stream that was left early: end the cell, so that the kernel is free."""
        if run.over:
            return
        drained = False
        with suppress(Exception):
            await self.interrupt()
            async with asyncio.timeout(_GRACE):
                await run.drain()
            drained = not run.died
        if drained:
            self._states.append(self._states[-1])
        else:
            await self._recover()
        run.close()

    async def _finish(self, record: Record, run: Run) -> Execution:
        if run.breach is not None:
            record.hit(run.breach)
        if not run.died:
            self._states.append(self._states[-1] if record.names is None else record.names)
            return record.finish(_status_at(run.breach))
        restored, lost = await self._recover()
        return record.finish(_status_at(run.breach) or "killed", restored=restored, lost=lost)

    async def _ask(self, question: str, **details: Any) -> Any:
        async with self._asking(_ANSWER_SECONDS) as client:
            return await client.ask(question, **details)

    @asynccontextmanager
    async def _asking(self, seconds: float) -> AsyncIterator[Client]:
        """The kernel, free for questions; it has so many seconds for the answers."""
        from sessions.client import KernelGone

        async with self._turn:
            if self._process.kernel_ended:
                msg = "the kernel has ended, and its variables with it: run a cell for a new one"
                raise KernelError(msg)
            try:
                async with asyncio.timeout(seconds):
                    yield self._connection
            except TimeoutError:
                await self.interrupt()
                msg = "the kernel did not tell its state in time: an object there is slow to show"
                raise KernelError(msg) from None
            except KernelGone:
                await self._recover()
                msg = "the kernel ended while it was asked for its state; a new one is ready"
                raise KernelError(msg) from None


def _status_at(limit: Limit | None) -> Status | None:
    return "timeout" if limit in ("wall", "cpu") else None


def _resolve(folder: str | Path) -> Path:
    return workspace.resolve(folder)
