"""An engine with its driver, two kernels and what lies outside of them; one for each engine."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import asdict
from pathlib import Path

import pytest

from sessions.execution import Execution
from tests.conformance.engines import ENGINES, Engine
from tests.conformance.escapes.case import RESTART, Case
from tests.conformance.escapes.snippets import SNIPPETS
from tests.conformance.outside import WORKSPACES, Outside
from tests.support.driver_handle import DriverHandle, Refused, RemoteSession

_WALL = 6.0  # seconds; nothing that is tried here takes so long


class Arena:
    """Where attacks are let loose: two kernels of one person, one of them without a guard.

    Args:
        engine: What isolates the kernels.
        isolated: False for no walls at all.
    """

    def __init__(self, engine: Engine, *, isolated: bool = True) -> None:
        self.engine = engine
        self._isolated = isolated
        self._closing = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="c-", dir="/tmp"))
        self.outside = self._closing.enter_context(closing(Outside(engine, folder)))
        self.driver: DriverHandle = engine.start(folder, self.outside.environment)
        self._closing.callback(self.driver.close)
        try:
            self.kernels = {name: self._open(name) for name in WORKSPACES}
        except BaseException:
            self.close()
            raise

    def _open(self, name: str) -> RemoteSession:
        folder = self.outside.workspace(name)
        return self.driver.open(
            name,
            folder,
            limits={"wall": _WALL},
            guarded=name == "guarded",
            isolated=self._isolated,
        )

    def targets(self, name: str) -> dict[str, object]:
        """What cells of one kernel aim at; the other one is its sibling."""
        (sibling,) = (kernel for other, kernel in self.kernels.items() if other != name)
        mine = self.kernels[name]
        return {
            **SNIPPETS,
            **self.outside.targets,
            "driver": self.driver.pid,
            "workspace": mine.workspace,
            "launcher": mine.launcher,
            "sibling_workspace": sibling.workspace,
            "sibling_sockets": sibling.sockets,
            "sibling_launcher": sibling.launcher,
        }

    def harm(self, told: str, name: str) -> list[str]:
        """What came to harm, the sibling's key among it."""
        keys = [kernel.key for other, kernel in self.kernels.items() if other != name]
        found = ["the key of a sibling came out"] if any(key in told for key in keys) else []
        return found + self.outside.harm(told)

    def attack(self, name: str, case: Case) -> str:
        """Run a case in a kernel; all that came of it."""
        kernel, told = self.kernels[name], []
        for cell in case.cells(self.targets(name)):
            if cell is RESTART:
                kernel.restart()
            else:
                told.append(shown(kernel.execute(cell)))
        for variable in case.pulled:
            told.append(_pulled(kernel, variable))
        return "\n".join(told)

    def close(self) -> None:
        """End it."""
        self._closing.close()


def _pulled(kernel: RemoteSession, name: str) -> str:
    found = []
    for ask in (kernel.pull, kernel.inspect, lambda _: kernel.variables()):
        try:
            found.append(str(ask(name))[:9999])
        except Refused as error:
            if error.kind not in ("UsageError", "KernelError"):
                raise
            found.append(str(error))
    return "\n".join(found)


def shown(execution: Execution) -> str:
    """Everything that is told of a cell."""
    return json.dumps(asdict(execution), default=repr, ensure_ascii=False)


def status_of(kernel: RemoteSession) -> dict[str, str]:
    """What the system says of a kernel's process, seen from outside."""
    inside = kernel.execute("import os; os.getpid()").value
    for pid, _ in kernel.driver.ask("facts")["below"]:
        with suppress(OSError):
            text = Path(f"/proc/{pid}/status").read_text()
            fields = dict(line.split(":\t", 1) for line in text.splitlines())
            if fields["NSpid"].split()[-1] == str(inside) and fields["Seccomp"] == "2":
                return fields
    msg = f"no process below the driver is {inside} inside and filtered"
    raise AssertionError(msg)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cold engines would only repeat: the guard, and doors after a cell has sown."""
    dropped = [item for item in items if _is_done_warm(item)]
    items[:] = [item for item in items if not _is_done_warm(item)]
    config.hook.pytest_deselected(items=dropped)


def _is_done_warm(item: pytest.Item) -> bool:
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    engine = parameters.get("engine")
    if engine not in ENGINES or engine.is_warm:
        return False
    return parameters.get("name") == "guarded" or "planted" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", params=ENGINES, ids=lambda engine: engine.name)
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.param
    if found.why_not:
        pytest.skip(found.why_not)
    return found


@pytest.fixture(scope="session")
def arena(engine: Engine) -> Iterator[Arena]:
    with closing(Arena(engine)) as opened:
        yield opened
