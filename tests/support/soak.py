"""A session that is used without mercy, and a model of what its kernel must know all the while.

The model runs the same cells on the same plain data. It keeps a namespace for each state, so that
it can tell what must be there when the session went back to one.
"""

from __future__ import annotations

import asyncio
import copy
import random
from collections import Counter, deque
from collections.abc import Container, Mapping, Set
from contextlib import suppress
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
_TOLD = 20  # steps, when something is wrong
_ABSENT = "absent"


class Model:
    """What a kernel must know after each step, a cell or a push.

    Attributes:
        states: The variables of each state, those of the fresh kernel first.
        pushed: Name that was pushed to make a state; empty if a cell made it.
        known: Names that any state had.
    """

    def __init__(self) -> None:
        self.states: list[dict[str, Any]] = [{}]
        self.pushed = [""]
        self.known: set[str] = set()

    @property
    def now(self) -> dict[str, Any]:
        return self.states[-1]

    @property
    def state(self) -> int:
        """Number of the present state."""
        return len(self.states) - 1

    def run(self, code: str) -> None:
        """A cell that came to its end, or to where it misses what `START` makes."""
        space = copy.deepcopy(self.now)
        with suppress(NameError):
            exec(_offline(code), space)
        known = {
            name: value for name, value in space.items() if isinstance(value, int | list | dict)
        }
        del known["__builtins__"]
        self._add(known)

    def stay(self) -> None:
        """A cell that changed nothing."""
        self._add(copy.deepcopy(self.now))

    def push(self, name: str, value: object) -> None:
        """A value from outside."""
        self._add({**copy.deepcopy(self.now), name: value}, name)

    def back_to(self, state: int) -> set[str]:
        """Go to an earlier state; names that are gone by that, or are not as they were."""
        before = self.now
        del self.states[state + 1 :], self.pushed[state + 1 :]
        return {name for name, value in before.items() if self.now.get(name, _ABSENT) != value}

    def before(self, cells: int) -> int | None:
        """The state before the last so many cells; None if there were not so many."""
        made = [state for state, name in enumerate(self.pushed) if state and not name]
        return made[-cells] - 1 if len(made) >= cells else None

    def _add(self, state: dict[str, Any], pushed: str = "") -> None:
        self.states.append(state)
        self.pushed.append(pushed)
        self.known |= set(state)


class Worker:
    """Takes one step after the other with one session, and looks after each.

    Args:
        session: An open session; `LIMITS` are meant for it.
        chance: Decides.
        seed: What `chance` was made from, to be told when something is wrong.
        disturbed: Whether somebody kills its processes: what was not asked for may be lost then, if
            the session says so.
    """

    def __init__(
        self, session: Session, chance: random.Random, *, seed: str, disturbed: bool = False
    ) -> None:
        self.session = session
        self.model = Model()
        self.did: Counter[str] = Counter()
        self._chance = chance
        self._seed = seed
        self._disturbed = disturbed
        self._owed: set[str] = set()
        self._latest: deque[str] = deque(maxlen=_TOLD)

    async def step(self, weights: Mapping[str, int] = WEIGHTS) -> None:
        """Do something, and look whether all is there that must be."""
        async with asyncio.timeout(LONGEST):
            await self.act(weights)
            await self.check()

    async def act(self, weights: Mapping[str, int]) -> None:
        """Do something."""
        (kind,) = self._chance.choices(list(weights), weights=list(weights.values()))
        if "count" not in self.model.now:
            await self._cell("good", START)
        await self._do(kind)
        self.did[kind] += 1

    async def check(self) -> None:
        """Compare the kernel with the model, in a cell of its own."""
        known = sorted(self.model.known)
        code = f"{{name: globals()[name] for name in {known} if name in globals()}}"
        execution = await self._cell("look", code)
        if execution is not None and execution.ok and execution.restored is None:
            self._same("variables", execution.value, self.model.now)

    async def _do(self, kind: str) -> None:
        if kind in ("good", *_CELLS):
            await self._cell(kind, self._chance.choice(_CELLS.get(kind, GOOD)))
            return
        try:
            await getattr(self, f"_{kind}")()
        except KernelError as error:
            if not self._disturbed:
                raise
            self._note(kind, repr(error))
            self._follow(self._history, str(error))

    async def _cell(self, kind: str, code: str) -> Execution | None:
        """Run a cell; None if the kernel could not be replaced this time."""
        before = self._history
        timeout = 0.5 if kind == "hang" else None
        try:
            execution = await self.session.execute(code, timeout)
        except KernelError as error:
            if not self._disturbed or not str(error):
                raise
            self._note(kind, code, repr(error))
            self._owed |= self.model.back_to(self._history)
            return None
        self._note(kind, code, execution.status, execution.restored, execution.lost)
        died = execution.status == "killed" or (
            execution.status == "timeout" and execution.restored is not None
        )
        if not self._disturbed:
            self._expect(kind, code, execution)
        if execution.restored is not None:
            # What ran since is no part of the state: it began where the kernel came back to.
            self._follow(self._history - (not died), execution.lost, self._owed)
            self._owed = set()
            if not self._disturbed:
                self._same("state after a return", self.model.state, before)
        self._same("lost before, and not told", self._owed, set())
        if not died:
            if kind == "good" and (execution.ok or "count" not in self.model.now):
                self.model.run(code)
            else:
                self.model.stay()
        self._same("state after a cell", self._history, self.model.state)
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
        self._among(f"status of {code!r} ({execution})", execution.status, wanted)
        self._among(f"source ({execution})", execution.restored, (None, "snapshot", "checkpoint"))
        self._same(f"lost ({execution})", execution.lost, ())

    def _follow(self, state: int, told: Container[str], owed: Set[str] = frozenset()) -> None:
        """Go where the session says that it went.

        Nothing is lost without a word, and nothing that is there as it was is called lost.
        """
        cost = self.model.state - state
        gone = self.model.back_to(state) | owed
        self._same("lost, but not told", {name for name in gone if name not in told}, set())
        if isinstance(told, tuple) and not (cost or self._disturbed):
            self._same("told to be lost, but there", set(told) & set(self.model.now), set())

    async def _undo(self) -> None:
        steps = self._chance.choice((1, 1, 2, 5))
        state = self.model.before(steps)
        try:
            undone = await self.session.undo(steps)
        except UsageError as error:  # so many there were not, or pushed values stand in the way
            self._note("undo", steps, repr(error))
            self._same("state after a refusal", self._history, self.model.state)
            return
        except KernelError:
            if state is not None and self._history <= state:
                self.model.back_to(state)
            raise
        self._note("undo", steps, undone)
        self._among("state before so many cells", state, range(self.model.state))
        assert state is not None
        self.model.back_to(state)
        if undone.damaged and self._disturbed:
            self._follow(self._history, undone.lost)
        self._same("state after undo", self._history, self.model.state)
        self._same("cells after undo", undone.cells, self.model.pushed[1:].count(""))
        self._same("lost by undo", undone.lost, ())

    async def _checkpoint(self) -> None:
        saved = await self.session.checkpoint()
        self._note("checkpoint", saved.cells)
        self._same("state in a file", saved.cells, self.model.state)

    async def _push(self) -> None:
        value = [self._chance.randrange(100) for _ in range(3)]
        name = f"pushed_{self._chance.randrange(4)}"
        before = self._history
        try:
            await self.session.push(**{name: value})
        finally:
            if self._history > before:
                self.model.push(name, value)
        self._note("push", name, value)
        self._same("pulled", await self.session.pull(name), value)

    async def _variables(self) -> None:
        found = {variable.name for variable in await self.session.variables()}
        self._same("names that are not listed", set(self.model.now) - found, set())

    async def _restart(self) -> None:
        await self.session.restart()
        self._note("restart")
        self.model.back_to(0)

    @property
    def _history(self) -> int:
        """The state that the session thinks it is in."""
        return len(self.session._kernel.history)

    def _note(self, *words: object) -> None:
        self._latest.append(f"  state {self._history}: {' '.join(map(str, words))}")

    def _same(self, what: str, found: object, expected: object) -> None:
        assert found == expected, self._account(f"{what}: {_difference(found, expected)}")

    def _among(self, what: str, found: object, expected: Container[Any]) -> None:
        assert found in expected, self._account(f"{what}: {found!r} is none of {expected!r}")

    def _account(self, what: str) -> str:
        """What is wrong, where, and how it came to that."""
        place = f"seed {self._seed!r}, state {self._history}, {self.model.state} in the model"
        return "\n".join((what, f"{place}, with {self.model.now}, after", *self._latest))


def _difference(found: object, expected: object) -> str:
    """What is there and what must be; of variables, those that differ."""
    if isinstance(found, dict) and isinstance(expected, dict):
        names = sorted({*found, *expected})
        differing = [n for n in names if found.get(n, _ABSENT) != expected.get(n, _ABSENT)]
        return ", ".join(
            f"{n} is {found.get(n, _ABSENT)!r}, not {expected.get(n, _ABSENT)!r}" for n in differing
        )
    return f"{found!r}, not {expected!r}"


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
