"""A session that is used without mercy, and a model of what its kernel must know all the while.

The model runs the same cells on the same plain data. It keeps a namespace for each state, so that
it can tell what must be there when the session went back to one.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sessions import Execution, Limits, Session
from sessions.errors import KernelError, UsageError
from sessions.handlers import Handler
from sessions.requests import Requests

LIMITS = replace(Limits.quick(), wall=15)
LONGEST = 90.0  # seconds for one step: a cell and its end, then the kernel's return

START = "count, recent, sizes = 0, [], {}"
GOOD = (
    "count += 1",
    "recent = [*recent[-3:], count]",
    "sizes[str(count % 5)] = len(recent)",
    "import math; count += math.factorial(3); count",
    "for n in range(3): print('line', n)\ncount += 2",
    "names = [f'{k}{v}' for k, v in sizes.items()]",
    "def step(n): return n + 3\ncount = step(count); del step",
    "import numpy; count += int(numpy.arange(4).sum()); recent = recent[-2:]",
    "import asyncio; await asyncio.sleep(0.002); count += 1",
    "import agent_host; recent = agent_host.call('give', what=recent); count += 1",
)
FAILING = ("1 / 0", "no_such_name", "this is no Python", "%no_such_magic", "raise SystemExit(3)")
FLOODS = (
    "for line in range(30_000): print('flood', line)",
    "import sys\nfor line in range(300):\n"
    " print(line, flush=True, file=(sys.stdout, sys.stderr)[line % 2])",
    "for line in range(200): display({'line': line})",
    "display({'text/plain': 'x' * 3_000_000}, raw=True)",
    "import agent_host\nfor line in range(100): agent_host.call('give', what=line)",
)
HANGS = (
    "while True: pass",
    "import time; time.sleep(100)",
    "import asyncio; await asyncio.sleep(100)",
    "sum(range(10**15))",
    "while True:\n try:\n  while True: pass\n except KeyboardInterrupt: pass",
    "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
    "while True: pass",
    "import threading, time\n"
    "for _ in range(20): threading.Thread(target=time.sleep, args=(1,)).start()\ntime.sleep(99)",
    "import agent_host; agent_host.call('forever')",
)
CRASHES = (
    "import os; os._exit(7)",
    "import os; os.abort()",
    "import os; os.kill(os.getpid(), 9)",
    "import os; os.kill(os.getpid(), 11)",
    "import ctypes; ctypes.string_at(0)",
    "kept = []\ntry:\n while True: kept.append(bytearray(b'x') * (32 << 20))\n"
    "finally: kept.clear()",
    "import os\nif os.fork() == 0: os.setsid(); os.execv('/usr/bin/sleep', ['sleep', '99'])\n"
    "os.abort()",
)
WEIGHTS = {
    "good": 74,
    "failing": 3,
    "flood": 2,
    "hang": 2,
    "crash": 6,
    "undo": 3,
    "checkpoint": 2,
    "push": 4,
    "variables": 3,
    "restart": 1,
}
_CELLS = {"failing": FAILING, "flood": FLOODS, "hang": HANGS, "crash": CRASHES}


class Model:
    """What a kernel must know after each number of cells."""

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = [{}]
        self.may_be_old = False

    @property
    def now(self) -> dict[str, Any]:
        return self.states[-1]

    def run(self, code: str) -> None:
        """A cell that came to its end."""
        space = copy.deepcopy(self.now)
        exec(_offline(code), space)
        known = {
            name: value for name, value in space.items() if isinstance(value, int | list | dict)
        }
        del known["__builtins__"]
        self.states.append(known)

    def stay(self) -> None:
        """A cell that changed nothing."""
        self.states.append(copy.deepcopy(self.now))

    def back_to(self, state: int) -> None:
        del self.states[state + 1 :]


class Worker:
    """Takes one step after the other with one session, and looks after each.

    Args:
        session: An open session; `LIMITS` are meant for it.
        chance: Decides.
        disturbed: Whether somebody kills its processes: what was not asked for may be lost then, if
            the session says so.
    """

    def __init__(self, session: Session, chance: random.Random, *, disturbed: bool = False) -> None:
        self.session = session
        self.model = Model()
        self.did: Counter[str] = Counter()
        self._chance = chance
        self._disturbed = disturbed
        self._told: Execution | None = None
        self._names_before: tuple[str, ...] = ()

    async def step(self, weights: Mapping[str, int] = WEIGHTS) -> None:
        """Do something, and look whether all is there that must be."""
        (kind,) = self._chance.choices(list(weights), weights=list(weights.values()))
        async with asyncio.timeout(LONGEST):
            if "count" not in self.model.now:
                await self._cell("good", START)
            await self._do(kind)
            await self.check()
        self.did[kind] += 1

    async def check(self) -> None:
        """Compare the kernel with the model, in a cell of its own."""
        names = sorted(self.model.now)
        code = f"{{name: globals().get(name) for name in {names}}}"
        execution = await self._cell("look", code)
        if execution is not None and execution.ok and execution.restored is None:
            assert execution.value == self.model.now, f"before: {self._told}"

    async def _do(self, kind: str) -> None:
        if kind in ("good", *_CELLS):
            code = self._chance.choice(_CELLS.get(kind, GOOD))
            self._told = await self._cell(kind, code)
            return
        try:
            await getattr(self, f"_{kind}")()
        except KernelError:
            if not self._disturbed:
                raise
            self._follow()

    async def _cell(self, kind: str, code: str) -> Execution | None:
        """Run a cell; None if the kernel could not be replaced this time."""
        history = self.session._kernel.history
        before = len(history)
        timeout = 0.5 if kind == "hang" else None
        try:
            execution = await self.session.execute(code, timeout)
        except KernelError as error:
            if not self._disturbed or not str(error):
                raise
            self._follow()
            return None
        died = execution.status == "killed" or (
            execution.status == "timeout" and execution.restored is not None
        )
        if not self._disturbed:
            self._expect(kind, code, execution)
        if execution.restored is not None:
            # What ran since is no part of the state: it began where the kernel came back to.
            self._follow(len(history) - (not died))
            self._compare_told(execution, before)
        if not died:
            if execution.ok and kind == "good":
                self.model.run(code)
            else:
                self.model.stay()
        assert len(history) == len(self.model.states) - 1, execution
        return execution

    def _expect(self, kind: str, code: str, execution: Execution) -> None:
        wanted = {
            "good": {"ok"},
            "look": {"ok"},
            "failing": {"error", "refused"},
            "flood": {"ok", "timeout"},
            "hang": {"timeout", "error", "ok", "killed", "refused"},
            "crash": {"killed", "error", "refused"},
        }[kind]
        assert execution.status in wanted, (code, execution)
        assert execution.restored in (None, "snapshot", "checkpoint"), execution
        assert execution.lost == (), execution

    def _compare_told(self, execution: Execution, before: int) -> None:
        """Nothing is lost without a word, and nothing that was kept is called lost."""
        was, now = set(self._names_before), set(self.model.now)
        assert not set(execution.lost) & now, execution
        assert was - now <= set(execution.lost), execution
        assert self._disturbed or len(self.model.states) - 1 == before, execution

    def _follow(self, state: int | None = None) -> None:
        """Go where the session says that it went."""
        self._names_before = tuple(self.model.now)
        self.model.back_to(len(self.session._kernel.history) if state is None else state)

    async def _undo(self) -> None:
        steps = self._chance.choice((1, 1, 2, 5))
        try:
            undone = await self.session.undo(steps)
        except UsageError:  # so many there were not, or pushed values stand in the way
            return
        self.model.back_to(undone.cells)

    async def _checkpoint(self) -> None:
        await self.session.checkpoint()

    async def _push(self) -> None:
        value = [self._chance.randrange(100) for _ in range(3)]
        name = f"pushed_{self._chance.randrange(4)}"
        await self.session.push(**{name: value})
        self.model.now[name] = value
        assert await self.session.pull(name) == value

    async def _variables(self) -> None:
        found = {variable.name for variable in await self.session.variables()}
        assert set(self.model.now) <= found

    async def _restart(self) -> None:
        await self.session.restart()
        self.model.back_to(0)
        self.model.states[0].clear()


def requests() -> Requests:
    """What the workers' kernels may ask."""

    async def give(what: Any) -> Any:
        return what

    async def forever() -> None:
        await asyncio.Event().wait()

    return Requests({"give": Handler.of(give), "forever": Handler.of(forever)})


def _offline(code: str) -> str:
    """The same without the host, the loop and output."""
    code = code.replace("import agent_host;", "").replace(
        "agent_host.call('give', what=recent)", "recent"
    )
    code = code.replace("import asyncio; await asyncio.sleep(0.002);", "")
    return code.replace("print('line', n)", "pass").strip()
