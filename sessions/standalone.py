"""The guarded kernel as a program: `python -I standalone.py CONNECTION_FILE`.

For front ends that start what a kernelspec says and know nothing of our provisioner. The walls are
the same ones; this process stays outside, and what it started ends with it, however it ends.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessions.connection import Connection
    from sessions.sandbox import Sandbox

_PACKAGES = Path(__file__).resolve().parents[1]


def main(arguments: Sequence[str]) -> int:
    """Serve a kernel in the current directory until it or the front end ends; the exit code."""
    if _PACKAGES.name.endswith("-packages") and str(_PACKAGES) not in sys.path:
        sys.path.append(str(_PACKAGES))  # a person's own packages, which `-I` leaves out
    from sessions.errors import AgentError

    try:
        return _serve(Path(arguments[0]))
    except AgentError as error:
        message, code = str(error), error.exit_code
    except ProcessLookupError:
        message, code = "the front end that started this kernel is gone already", 1
    except OSError as error:
        message, code = f"the kernel can't be served ({error})", 1
    except IndexError:
        message, code = "which connection file? Choose this kernel in Jupyter", 2
    _tell(message)
    return code


def _serve(file: Path) -> int:
    from sessions import workspace
    from sessions.connection import Connection
    from sessions.limits import Limits
    from sessions.sandbox import Sandbox
    from sessions.specification import specification

    connection = Connection.read(file)
    folder = workspace.resolve(Path.cwd())
    _refuse_sockets_in_reach(connection, folder)
    with ExitStack() as life:
        parents = life.enter_context(_front_end())
        life.enter_context(workspace.protected(folder))
        spec = specification(folder, Limits.standard())
        kernel = {**spec.kernel, "key": connection.key}
        sandbox = Sandbox(replace(spec, kernel=kernel))
        life.callback(sandbox.close)
        sandbox.requests.close()  # nobody here answers them
        return asyncio.run(_run(connection, sandbox, parents, folder))


async def _run(
    connection: Connection, sandbox: Sandbox, parents: Sequence[int], folder: Path
) -> int:
    from sessions.limits import Limits
    from sessions.relay import Relay
    from sessions.warden import Warden

    _end_with(parents, sandbox)
    async with Relay(connection, sandbox.sockets):
        await asyncio.to_thread(sandbox.wait_ready)
        with Warden(sandbox, folder, Limits.standard(), _tell):
            return await asyncio.to_thread(sandbox.wait)


def _tell(what: str) -> None:
    print(f"agent: {what}", file=sys.stderr, flush=True)


def _end_with(parents: Sequence[int], sandbox: Sandbox) -> None:
    """End the sandbox when the front end is gone, or asks for it."""
    loop = asyncio.get_running_loop()
    for parent in parents:
        loop.add_reader(parent, _end, sandbox, parent)
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, sandbox.kill)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # interrupts come as messages


def _end(sandbox: Sandbox, parent: int) -> None:
    asyncio.get_running_loop().remove_reader(parent)
    sandbox.kill()


@contextmanager
def _front_end() -> Iterator[list[int]]:
    """Descriptors that become readable when the front end, or what it started us by, is gone."""
    pids = {os.getppid()}
    with suppress(ValueError):
        pids.add(int(os.environ.get("JPY_PARENT_PID", "")))
    found = [os.pidfd_open(pid) for pid in pids if pid > 0]
    try:
        yield found
    finally:
        for descriptor in found:
            os.close(descriptor)


def _refuse_sockets_in_reach(connection: Connection, folder: Path) -> None:
    """Cells could exchange a socket in the workspace for another one of the person's."""
    from sessions.errors import UsageError

    if connection.transport == "ipc" and connection.path("shell").resolve().is_relative_to(folder):
        msg = (
            f"the kernel's sockets would lie in the workspace {folder}, where cells reach them: "
            "give the connection file an absolute path elsewhere"
        )
        raise UsageError(msg)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
