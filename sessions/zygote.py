"""A zygote, seen from the host: started, asked for sandboxes, ended."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Sequence

from sessions import interpreter
from sessions.errors import KernelError
from sessions.isolation.spec import Spec
from sessions.polling import readable
from sessions.process import ColdProcess, Process, WarmProcess
from sessions.run_directory import run_directory

PRELOAD = ("numpy", "pandas")
_ANSWER_SECONDS = 10.0
_END_SECONDS = 2.0


class Zygote:
    """A warm parent of kernels; belongs to one owner and ends with it.

    Args:
        preload: Modules that every kernel shall find imported already; those that are not
            installed are passed over.
    """

    def __init__(self, preload: Sequence[str] = PRELOAD) -> None:
        self._control, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with inside:
            self._process = ColdProcess(["zygote"], [inside.fileno()], interpreter.environment())
        # Made there, and removed here should that process be killed before it could do so itself.
        self._directory = run_directory()
        wanted = {
            "packages": interpreter.packages(),
            "preload": list(preload),
            "directory": str(self._directory),
        }
        self._control.send(json.dumps(wanted).encode())
        self._is_warm = False

    def is_ready(self) -> bool:
        """Whether it can be asked now; False while it warms up, and for good if it could not."""
        if not self._is_warm and self._readable(0):
            hello = self._control.recv(1024)
            self._is_warm = bool(hello) and json.loads(hello)["threads"] == 1
        return self._is_warm and self._process.runs()

    def wait_ready(self, seconds: float = 30.0) -> bool:
        """Wait until it is warm; whether it is."""
        return self._is_warm or (self._readable(seconds) and self.is_ready())

    def start(self, descriptors: Sequence[int], spec: Spec) -> Process:
        """Fork a launcher, or take the one that waits for a sandbox like most.

        Raises:
            KernelError: If the zygote is gone.
        """
        try:
            socket.send_fds(self._control, [b"usual" if spec.is_usual else b"other"], descriptors)
            if not self._readable(_ANSWER_SECONDS):
                raise TimeoutError
            message, received, *_ = socket.recv_fds(self._control, 64, 1)
            return WarmProcess(int(message), received[0])
        except (OSError, ValueError, IndexError) as error:
            msg = f"the process that forks kernels did not answer ({type(error).__name__})"
            raise KernelError(msg) from None

    def close(self) -> None:
        """End it; the kernels it forked live on."""
        self._control.close()
        if not self._process.wait(_END_SECONDS):
            self._process.kill()
            self._process.wait(None)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _readable(self, seconds: float) -> bool:
        return readable(self._control, seconds)
