"""A session: one guarded kernel for one workspace."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import ExitStack, aclosing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sessions import data_directories, variables
from sessions.asking import asking
from sessions.cells import Cells
from sessions.checkpoint import Checkpoint, Checkpoints
from sessions.errors import UsageError
from sessions.events import CellFinished, Event
from sessions.execution import Execution
from sessions.history import Undone
from sessions.kernel.policy import DEFAULT, Policy
from sessions.limits import Limits
from sessions.requests import Requests
from sessions.returning import Past
from sessions.running import RunningKernel
from sessions.saved import SavedSession, checkpoints_of
from sessions.specification import specification
from sessions.variables import Variable
from sessions.workspace import PRIVATE, protected, resolve

if TYPE_CHECKING:
    from sessions.client import Client
    from sessions.isolation.spec import Spec
    from sessions.packages.events import Installed, PackageProgress
    from sessions.packages.registries import Registries
    from sessions.pool import Pool
    from sessions.sandbox import Sandbox

_ANSWER_SECONDS = 10.0
_TRANSFER_SECONDS = 60.0
_SAVE_SECONDS = 120.0


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
        requests: Answers what cells ask of the host; nothing is offered by default.

    Raises:
        UsageError: If the workspace can't be one, or cells may not see a data directory.
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
        requests: Requests | None = None,
    ) -> None:
        self.workspace = resolve(workspace)
        self.limits = limits or Limits.standard()
        self.id = f"{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"
        self._libraries = dict(libraries or {})
        self._data = data_directories.resolved(data, self.workspace)
        self._isolated = isolated
        self._policy = policy
        self._begun = False
        self._requests = requests or Requests()
        self._kernel = RunningKernel(self._specification, pool, self._requests)
        self._cells = Cells(
            self._kernel, self._requests, self.limits, self.workspace, self._outputs
        )
        self._past = Past(self._kernel, self._checkpoints)
        self.resumed: Undone | None = None
        self._resources = ExitStack()
        self._turn = asyncio.Lock()
        self._count = 0

    @property
    def layers(self) -> tuple[str, ...]:
        """The isolation that holds."""
        return self._kernel.layers

    @property
    def layer_reasons(self) -> Mapping[str, str]:
        """Layer → what it does here, or why it is absent."""
        return self._kernel.layer_reasons

    async def __aenter__(self) -> Self:
        """Start the kernel.

        Raises:
            IsolationError: If a wall can't be put up; nothing was run then.
            KernelError: If the kernel does not start.
        """
        self.begin()
        try:
            await self._kernel.connect()
            self.resumed = await self._past.resume(self._cells.replay)
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
        if not self._begun:
            self._begun = True
            self._resources.enter_context(protected(self.workspace))
            try:
                self._kernel.begin()
            except BaseException:
                self._begun = False
                self._resources.close()
                raise

    async def close(self) -> None:
        """End the kernel and everything it started; may be called again."""
        try:
            self._begun = False
            await self._kernel.disconnect()
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
        index, self._count = self._count, self._count + 1
        async with self._turn, aclosing(self._cells.run(code, seconds, index)) as events:
            async for event in events:
                if isinstance(event, CellFinished):
                    self._past.note(event.execution, code)
                yield event

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

        They are part of the state from then on. If the kernel ends before a copy of it was made,
        they are named among what is lost.

        Args:
            values: Whatever can be pickled, and whose type the kernel can import.

        Raises:
            UsageError: If a value can't travel.
            KernelError: If the kernel could not take them.
        """
        from sessions import pushing, transfer

        pickled = transfer.pickled(values)
        async with asking(self._kernel, self._turn, _TRANSFER_SECONDS):
            try:
                await pushing.push(self._kernel, pickled)
            finally:  # who cancels it may have come too late
                self._past.follow()

    async def pull(self, name: str) -> Any:
        """The value of a variable: plain data, numpy's arrays and numbers, pandas' tables.

        It travels as data alone, never as pickle; frequencies of date indexes and `attrs` of
        tables are left behind.

        Raises:
            UsageError: If there is no such variable, or its value can't travel.
            KernelError: If what the kernel sends makes no sense.
        """
        from sessions import transfer

        async with asking(self._kernel, self._turn, _TRANSFER_SECONDS) as client:
            form, parts = await transfer.fetch(client, name)
        return await transfer.decoded(name, form, parts)

    async def install(
        self,
        *requirements: str,
        registries: Registries | None = None,
        tell: Callable[[PackageProgress], None] = lambda _: None,
    ) -> Installed:
        """Install packages for this workspace, e.g. `polars>=1`; see `Installer.install`.

        Args:
            requirements: Names, with extras and versions.
            registries: Where they may come from; PyPI by default. Only the person may add any.
            tell: Called with each step.
        """
        from sessions.packages.installation import Installer

        self._kernel.sandbox  # noqa: B018 -- raises if the session is not open
        installer = Installer.of(self.workspace, registries)
        return await installer.install(requirements, tell)

    async def interrupt(self) -> None:
        """Raise `KeyboardInterrupt` in the running cell."""
        self._kernel.interrupt()

    async def restart(self) -> None:
        """Replace the kernel by a new one with the same walls; its variables are gone."""
        async with self._turn:
            await self._kernel.replace()
            self._past.follow()

    async def undo(self, steps: int = 1) -> Undone:
        """Go back to the state before the last cells; files stay as they are.

        What was pushed after a cell is taken back with it.

        The newest states are kept frozen. Any other is had by running the recorded cells again,
        from the nearest one kept. A cell that cost the kernel its life is undone already and does
        not count. Threads, running tasks and child processes do not come back.

        Args:
            steps: How many cells to take back.

        Raises:
            UsageError: If there were not so many cells, or pushed values stand in the way.
            KernelError: If the kernel could not be brought back; a fresh one is ready then.
        """
        async with self._turn:
            return await self._past.undo(steps, self._cells.replay)

    async def checkpoint(self) -> Checkpoint:
        """Put the state into a file in the workspace, which outlives this process.

        What can't be saved, such as generators and connections, is left out and named.

        Raises:
            KernelError: If it could not be saved.
        """
        async with asking(self._kernel, self._turn, _SAVE_SECONDS):
            return await self._past.save()

    def take_up(self, saved: SavedSession, undo: int = 0) -> None:
        """Begin with the state of a saved session, or that some cells before; `resumed` tells how.

        Raises:
            UsageError: If there were not so many cells.
        """
        self._past.take_up(saved, undo)
        self.id = saved.id

    @property
    def _process(self) -> Sandbox:
        return self._kernel.sandbox

    @property
    def _connection(self) -> Client:
        return self._kernel.client

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

    def _outputs(self) -> Path:
        return self.workspace / PRIVATE / "outputs" / self.id

    def _checkpoints(self) -> Checkpoints:
        return checkpoints_of(self.workspace, self.id, min(self.limits.memory, self.limits.disk))

    async def _ask(self, question: str, **details: Any) -> Any:
        async with asking(self._kernel, self._turn, _ANSWER_SECONDS) as client:
            return await client.ask(question, **details)
