"""A driver seen from a test: sessions of somebody else, used as if they were one's own."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

from sessions.execution import CellError, Execution

PROGRAM = Path(__file__).with_name("driver.py")
_SECONDS = 90.0


class Refused(Exception):  # noqa: N818 -- what the other side raised, under its own name
    """The driver's answer was an error.

    Attributes:
        kind: Class name of the exception that was raised there.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


class DriverHandle:
    """One driver process.

    Args:
        process: It, with pipes for its input and output.
        complaints: The file that its standard error goes to.
    """

    def __init__(self, process: subprocess.Popen[str], complaints: Path) -> None:
        self._process = process
        self._complaints = complaints
        self._waiting: dict[int, Future[Any]] = {}
        self._number = 0
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def complaints(self) -> str:
        """What it wrote to standard error."""
        return self._complaints.read_text(errors="replace")

    def submit(self, call: str, session: str = "", /, **arguments: Any) -> Future[Any]:
        """Begin a request."""
        future: Future[Any] = Future()
        with self._lock:
            self._number += 1
            self._waiting[self._number] = future
            request = {"id": self._number, "call": call, "session": session, **arguments}
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        return future

    def ask(self, call: str, session: str = "", /, **arguments: Any) -> Any:
        """Carry out a request.

        Raises:
            Refused: If it fails there.
        """
        return self.submit(call, session, **arguments).result(_SECONDS)

    def open(
        self,
        name: str,
        workspace: Path,
        *,
        limits: Mapping[str, Any] | None = None,
        guarded: bool = True,
        isolated: bool = True,
    ) -> RemoteSession:
        """Open a session there."""
        options = {"limits": dict(limits or {}), "guarded": guarded, "isolated": isolated}
        told = self.ask("open", name, workspace=str(workspace), **options)
        return RemoteSession(self, name, workspace, told)

    def close(self) -> int:
        """End it, and every session; returns its exit code."""
        with suppress(BrokenPipeError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            code = self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._reader.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            future = self._waiting.pop(told["id"])
            if "error" in told:
                future.set_exception(Refused(*told["error"]))
            else:
                future.set_result(told["answer"])
        for future in list(self._waiting.values()):
            future.set_exception(Refused("EOFError", f"the driver ended: {self.complaints}"))


class RemoteSession:
    """A session in a driver; methods as of `Session`, without `await`."""

    def __init__(
        self, driver: DriverHandle, name: str, workspace: Path, told: Mapping[str, Any]
    ) -> None:
        self.driver = driver
        self.name = name
        self.workspace = workspace
        self.layers: tuple[str, ...] = tuple(told["layers"])
        self.reasons: Mapping[str, str] = told["reasons"]
        self.key: str = told["key"]
        self.sockets: str = told["sockets"]
        self.launcher: int = told["launcher"]

    def begin(self, code: str, timeout: float | None = None) -> Future[Any]:
        """Begin to run a cell; the future brings a dictionary for `execution`."""
        return self.driver.submit("execute", self.name, code=code, timeout=timeout)

    def execute(self, code: str, timeout: float | None = None) -> Execution:
        """Run a cell."""
        return execution(self.begin(code, timeout).result(_SECONDS))

    def stream(self, code: str) -> list[str]:
        """Run a cell; the names of its events."""
        found: list[str] = self._ask("stream", code=code)
        return found

    def variables(self) -> dict[str, dict[str, Any]]:
        """The variables by name."""
        return {found["name"]: found for found in self._ask("variables")}

    def inspect(self, name: str) -> dict[str, Any]:
        """What is told of one variable."""
        found: dict[str, Any] = self._ask("inspect", name=name)
        return found

    def query(self, type: str | None = None, **conditions: Any) -> list[str]:
        """Names of the variables that meet conditions."""
        found = self._ask("query", type=type, conditions=conditions)
        return [variable["name"] for variable in found]

    def push(self, **values: Any) -> None:
        """Make variables of plain values."""
        self._ask("push", values=values, frames=False)

    def push_frame(self, name: str, columns: Mapping[str, list[Any]]) -> None:
        """Make a variable that is a DataFrame."""
        self._ask("push", values={name: dict(columns)}, frames=True)

    def pull(self, name: str) -> tuple[str, Any]:
        """The type of a value there, and the value: columns of a table, else its `repr`."""
        kind, value = self._ask("pull", name=name)
        return kind, value

    def interrupt(self) -> None:
        """Interrupt the running cell."""
        self._ask("interrupt")

    def restart(self) -> None:
        """Replace the kernel."""
        self._ask("restart")

    def undo(self, steps: int = 1) -> None:
        """Go back so many cells, as soon as there is a snapshot to go back to."""
        end = time.monotonic() + 5
        while True:
            try:
                return self._ask("undo", steps=steps)  # type: ignore[no-any-return]
            except Refused as error:
                if error.kind != "UsageError" or time.monotonic() > end:
                    raise
            time.sleep(0.01)

    def close(self) -> None:
        """Close the session."""
        self._ask("close")

    def _ask(self, call: str, **arguments: Any) -> Any:
        return self.driver.ask(call, self.name, **arguments)


def execution(told: Mapping[str, Any]) -> Execution:
    """The outcome of a cell from what a driver tells of it."""
    lists = ("mime", "outputs", "limits_hit", "lost", "layers")
    fields: dict[str, Any] = {n: tuple(v) if n in lists else v for n, v in told.items()}
    error = fields.pop("error")
    return Execution(**fields, error=CellError(**error) if error else None)
