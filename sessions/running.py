"""One running kernel with the connection to it: started, thawed, replaced, ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sessions.checkpoint import Checkpoint, Checkpoints, DamagedError
from sessions.disk import Disk
from sessions.errors import AgentError, KernelError, UsageError
from sessions.execution import Restored
from sessions.history import History
from sessions.limits import Limits
from sessions.readiness import ready
from sessions.sandbox import Sandbox
from sessions.ward import Ward
from sessions.watchdog import Watchdog

if TYPE_CHECKING:
    from sessions.client import Client
    from sessions.isolation.spec import Spec
    from sessions.pool import Pool
    from sessions.requests import Requests

Recovery = tuple[Restored, tuple[str, ...]]
"""Where a state came from, and the names that did not come with it."""

_AHEAD_SECONDS = 0.1  # after a kernel came up, its first cell has the machine for itself
_WORD_SECONDS = 0.3
_LONG_SECONDS = 60.0
_REST_SECONDS = 2.5  # after a cell; the kernel has frozen its state anew by then, to save memory
_THAW_SECONDS = 5.0
_TIDY_SECONDS = 5.0
_NOT_OPEN = "the session is not open: use it as `async with Session(…) as session`"


class RunningKernel:
    """The kernel of a session, whichever process it is at the moment.

    Attributes:
        history: The steps that led to its state.
        checkpoints: States in files, if it has any.
        left_out: Variables that did not come with the state in a file it began with → why.
        layers: The isolation that holds.
        layer_reasons: Layer → what it does here, or why it is absent.

    Args:
        specification: Tells what its sandbox is to be.
        pool: Where sandboxes come from, if there is a pool; each is started afresh otherwise.
        requests: Answers what its code asks of the host.
    """

    def __init__(
        self, specification: Callable[[], Spec], pool: Pool | None, requests: Requests
    ) -> None:
        self._specification = specification
        self._pool = pool
        self._requests = requests
        self._sandbox: Sandbox | None = None
        self._client: Client | None = None
        self._watched: list[int] = []
        self._preparing: asyncio.TimerHandle | None = None
        self._resting: asyncio.TimerHandle | None = None
        self._ward: Ward | None = None
        self._disk: Disk | None = None
        self.history = History()
        self.checkpoints: Checkpoints | None = None
        self.left_out: Mapping[str, str] = {}
        self.layers: tuple[str, ...] = ()
        self.layer_reasons: Mapping[str, str] = {}

    @property
    def is_open(self) -> bool:
        """Whether it was started and not ended for good."""
        return self._sandbox is not None

    @property
    def sandbox(self) -> Sandbox:
        """Its processes.

        Raises:
            UsageError: If it was not started.
        """
        if self._sandbox is None:
            raise UsageError(_NOT_OPEN)
        return self._sandbox

    @property
    def client(self) -> Client:
        """The connection to it.

        Raises:
            UsageError: If there is none.
        """
        if self._client is None:
            raise UsageError(_NOT_OPEN)
        return self._client

    def begin(self) -> None:
        """Start its process without waiting for it; does nothing if there is one."""
        if self._sandbox is None:
            spec = self._specification()
            self._sandbox = Sandbox(spec) if self._pool is None else self._pool.take(spec)

    async def connect(self) -> None:
        """Wait until it takes cells, and connect.

        Raises:
            IsolationError: If a wall can't be put up; nothing was run then.
            KernelError: If it does not start.
        """
        # Its sockets listen already: the kernel finds us waiting there.
        calling = asyncio.create_task(self._call(self.sandbox.start_seconds))
        try:
            await ready(self.sandbox)
            await calling
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)
        held = self.sandbox.wait_ready()
        self.layers, self.layer_reasons = held.active, held.reasons
        self._attend()
        if self._pool is not None:
            loop = asyncio.get_running_loop()
            self._preparing = loop.call_later(_AHEAD_SECONDS, self._prepare, self._pool)

    def _prepare(self, pool: Pool) -> None:
        with suppress(AgentError):  # whoever needs the kernel then hears of it
            pool.prepare(self._specification())

    async def disconnect(self) -> None:
        """End it and everything it started; may be called again."""
        self._disturb()
        self._unwatch()
        if self._preparing is not None:
            self._preparing.cancel()
        await self._requests.detach()
        if self._sandbox is not None:
            self._sandbox.close()
            self._sandbox = None
        await self._hang_up()

    async def replace(self) -> None:
        """A new kernel with the same walls; the variables are gone."""
        await self._renew()
        self.history.clear()  # last: if that fails, the next cell still tells what is lost

    def interrupt(self) -> None:
        """Raise `KeyboardInterrupt` in the running cell."""
        if self._client is not None:
            self._client.interrupt()

    def insist(self) -> None:
        """Interrupt a cell whose C code holds the interpreter, so that no message gets through."""
        if self.sandbox.snapshots is not None:
            self.sandbox.snapshots.interrupt_kernel()

    def kill(self) -> None:
        """End the process that runs cells; frozen copies of it stay."""
        self.sandbox.kill_kernel()

    async def tidy(self) -> bool:
        """End what a cell left running beside the kernel; whether nothing of it is left."""
        from sessions.client import KernelGone, Unanswered

        if not await asyncio.to_thread(self.sandbox.sweep):
            return False
        try:
            async with asyncio.timeout(_TIDY_SECONDS):
                await self.client.ask("tidy")
        except (TimeoutError, KernelGone, Unanswered):  # what can't do that can run no cell either
            return False
        return True

    @property
    def ended(self) -> bool:
        """Whether the process that runs cells has ended, or was hung up on for what it sent."""
        hung_up = self._client is not None and self._client.is_gone
        return hung_up or self.sandbox.kernel_ended

    def saved(self) -> list[int]:
        """States that were kept, frozen or in a file, of those that led to this one; ascending."""
        return sorted({*self._frozen(), *(checkpoint.cells for checkpoint in self._files())})

    async def save(self) -> Checkpoint:
        """Put the state into a file.

        Raises:
            KernelError: If it could not be saved.
        """
        assert self.checkpoints is not None
        history = self.history
        return await self.checkpoints.save(self.client, len(history), history.marks[-1])

    async def recover(self) -> Recovery:
        """Return to the newest state that was kept, or start afresh; says which, and names lost."""
        before, restored = self.history.steps, await self._recovered()
        return restored, self.history.lost(before)

    async def go_to(self, state: int) -> Restored:
        """Go back to a state that was kept, or to a fresh kernel for state 0.

        Raises:
            DamagedError: If its file can't be used.
            KernelError: If it could not be brought back; a fresh kernel is ready then.
        """
        snapshots = self.sandbox.snapshots
        if snapshots is not None and snapshots.has(state) and await self._thaw(state):
            return "snapshot"
        if found := self._files_of(state):
            await self._exchange_for(found[-1])
            return "checkpoint"
        lost = ", ".join(self.history.names) or "nothing"
        await self.replace()
        if state == 0:
            return "fresh"
        msg = f"the saved state did not come back; a fresh kernel is ready, but lost: {lost}"
        raise KernelError(msg)

    async def start_from(self, state: int) -> Restored:
        """Begin with a state that is in a file, or with none; nothing has run in the kernel yet.

        Raises:
            DamagedError: If the file can't be used.
        """
        if found := self._files_of(state):
            await self._fill(found[-1])
            return "checkpoint"
        self.history.forget_after(0)
        return "fresh"

    def watchdog(self, limits: Limits, workspace: Path, seconds: float) -> Watchdog:
        """What ends a cell that begins now."""
        self._disturb()
        self._frozen()  # between short cells nobody else takes in what the pause has brought
        self._disk = self._disk or Disk(workspace)
        if self._ward is None or self._ward.sandbox is not self.sandbox:
            self._ward = Ward(self.sandbox, self._disk)
        return Watchdog(self._ward, limits, seconds, self._requests.waited)

    def rest(self) -> None:
        """A cell has ended: if no other follows soon, let go of frozen copies that are stale."""
        self._disturb()
        self._look_in(_REST_SECONDS)

    def _look_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._resting = loop.call_later(seconds, self._take_in, 3 * seconds)

    def _take_in(self, later: float) -> None:
        self._frozen()
        if later < _LONG_SECONDS:  # on a busy machine the kernel may not have come to it yet
            self._look_in(later)

    def _disturb(self) -> None:
        """Something is about to be done with it; copies are not to be let go of meanwhile."""
        if self._resting is not None:
            self._resting.cancel()

    def _frozen(self) -> list[int]:
        """States of which there is a frozen copy, ascending, of those that led to this one."""
        snapshots = self.sandbox.snapshots
        found = snapshots.states() if snapshots is not None else []
        return [state for state in found if 0 <= state <= len(self.history)]

    def _files(self) -> list[Checkpoint]:
        """Files of the states that led to this one, oldest first."""
        found = self.checkpoints.all() if self.checkpoints is not None else []
        marks = dict(enumerate(self.history.marks))
        return sorted(
            (checkpoint for checkpoint in found if marks.get(checkpoint.cells) == checkpoint.mark),
            key=lambda checkpoint: (checkpoint.cells, checkpoint.id),
        )

    def _files_of(self, state: int) -> list[Checkpoint]:
        return [checkpoint for checkpoint in self._files() if checkpoint.cells == state]

    async def _renew(self) -> None:
        """A new kernel, in which the state is yet to be made that the history tells of."""
        self.left_out = {}
        await self.disconnect()
        self.begin()
        await self.connect()

    async def _exchange_for(self, checkpoint: Checkpoint) -> None:
        """A new kernel with the state of a file; the present one stays if the file is damaged."""
        assert self.checkpoints is not None
        await self.checkpoints.require_whole(checkpoint)
        await self._renew()
        await self._fill(checkpoint)

    async def _fill(self, checkpoint: Checkpoint) -> None:
        assert self.checkpoints is not None
        loaded = await self.checkpoints.restore(self.client, checkpoint)
        self.history.forget_after(checkpoint.cells)
        self.history.lose(tuple(loaded.left_out))
        self.left_out = loaded.left_out

    async def _hear_of_frozen(self) -> None:
        """Wait for word of the newest copy: it was forked, but may not have come to speak yet."""
        end = time.monotonic() + (_WORD_SECONDS if self.history else 0.0)
        while self.sandbox.snapshots is not None and self.sandbox.poll() is None:
            if len(self.history) in self._frozen() or time.monotonic() > end:
                return
            await asyncio.sleep(0.002)

    async def _recovered(self) -> Restored:
        await self._hear_of_frozen()
        frozen, files = self._frozen()[-1:], self._files()
        if await self._filled([file for file in files if frozen < [file.cells]]):
            return "checkpoint"
        if frozen and await self._thaw(frozen[0]):
            return "snapshot"
        if await self._filled(files):
            return "checkpoint"
        await self.replace()
        return "fresh"

    async def _filled(self, files: Sequence[Checkpoint]) -> bool:
        """Exchange the kernel for the newest of some files that is not damaged, if there is one."""
        for file in reversed(files):
            with suppress(DamagedError):
                await self._exchange_for(file)
                return True
        return False

    async def _thaw(self, state: int) -> bool:
        """Go back to a frozen copy; False if it failed, and the sandbox is of no more use."""
        if self.sandbox.poll() is not None:
            return False
        await self._hang_up()
        if not await asyncio.to_thread(self.sandbox.restore, state):
            return False
        try:
            await self._call(_THAW_SECONDS)
        except KernelError:
            return False
        self._attend()
        self.left_out = {}
        self.history.forget_after(state)
        return True

    async def _call(self, seconds: float) -> None:
        from sessions.client import Client  # which takes a while, best beside the kernel's start

        self._client = self._pool.line(self.sandbox) if self._pool is not None else None
        if self._client is None:
            self._client = Client(self.sandbox.connection)
            await self._client.open(seconds)

    def _attend(self) -> None:
        """Answer what the kernel asks, and notice its death."""
        self._requests.attach(self.sandbox.requests)
        self._watched = self.sandbox.deaths
        for descriptor in self._watched:
            loop = asyncio.get_running_loop()
            loop.add_reader(descriptor, partial(self._on_death, self.client))

    async def _hang_up(self) -> None:
        self._disturb()
        self._unwatch()
        await self._requests.detach()
        if self._client is not None:
            self._client.gone()
            await self._client.close()
            self._client = None

    def _unwatch(self) -> None:
        while self._watched:
            asyncio.get_running_loop().remove_reader(self._watched.pop())

    def _on_death(self, client: Client) -> None:
        self._unwatch()
        client.gone()
