"""Start the git program itself: which one, with which environment, for how long."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sessions.errors import AgentError

MAX_OUTPUT = 32 << 20
"""Most bytes taken from git: a small repository can unpack to more than the memory."""

_NOWHERE = "/nonexistent"


def find_git(away_from: Path) -> str:
    """The git program of this machine; never one that lies below `away_from`.

    Raises:
        AgentError: If there is none.
    """
    folders = [Path(entry) for entry in os.get_exec_path() if Path(entry).is_absolute()]
    outside = [str(f) for f in folders if not f.resolve().is_relative_to(away_from)]
    git = shutil.which("git", path=os.pathsep.join(outside))
    if git is None:
        msg = "git is not installed; install it with the package manager of this machine"
        raise AgentError(msg)
    return git


@dataclass(frozen=True, kw_only=True)
class Call:
    """One run of the git program.

    Attributes:
        command: Program and arguments.
        folder: Where it runs.
        environment: All of its environment.
        timeout: Seconds, then it is killed.
        stdin: What it reads.
        codes: Exit codes that are no failure.
        largest_file: Most bytes of a file that it or its children write, without any terminal to
            ask at; None for no limit.
        lock: A descriptor that git inherits, or None.
    """

    command: list[str]
    folder: Path
    environment: Mapping[str, str]
    timeout: float = 30.0
    stdin: bytes = b""
    codes: tuple[int, ...] = (0,)
    largest_file: int | None = None
    lock: int | None = None


def call(command: list[str], folder: Path, environment: Mapping[str, str], timeout: float) -> str:
    """Run git to its end, with no input; its output as text. See `call_bytes`."""
    asked = Call(command=command, folder=folder, environment=environment, timeout=timeout)
    return call_bytes(asked).decode("utf-8", "replace")


def call_bytes(asked: Call) -> bytes:
    """Run git to its end; its output.

    Raises:
        AgentError: If it can't be started, fails, takes too long, or prints without end.
    """
    try:
        with tempfile.TemporaryFile() as errors:
            output, code = _run(asked, errors)
            code = 0 if code in asked.codes else code
            failure = _failure(code, len(output), asked.timeout, errors)
    except OSError as error:
        msg = f"git can't be run in {asked.folder}: {error.strerror}"
        raise AgentError(msg) from error
    if failure:
        msg = f"git failed in {asked.folder}: {failure}"
        raise AgentError(msg)
    return output


def _run(asked: Call, errors: IO[bytes]) -> tuple[bytes, int]:
    """Output and exit code."""
    with (
        _filled(asked.stdin) as stdin,
        subprocess.Popen(
            asked.command,
            cwd=asked.folder,
            env=asked.environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=asked.largest_file is not None,
            pass_fds=() if asked.lock is None else (asked.lock,),
        ) as process,
    ):
        assert process.stdout is not None  # it is a pipe
        _bound(process, asked.largest_file)
        with _killed_after(process, asked):
            output = process.stdout.read(MAX_OUTPUT + 1)
            if len(output) > MAX_OUTPUT:
                process.kill()
            return output, process.wait()


@contextlib.contextmanager
def _filled(stdin: bytes) -> Iterator[IO[bytes] | int]:
    """A file to read from: a pipe would block whoever fills it if git does not read."""
    if not stdin:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as file:
        file.write(stdin)
        file.seek(0)
        yield file


def _bound(process: subprocess.Popen[bytes], largest_file: int | None) -> None:
    """Limit what it writes, before it has anything to write."""
    if largest_file is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            limits = (largest_file, largest_file)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)


@contextlib.contextmanager
def _killed_after(process: subprocess.Popen[bytes], asked: Call) -> Iterator[None]:
    """Let it live no longer than it may, and not longer than the `with` block."""

    def kill() -> None:
        if asked.largest_file is None:
            process.kill()
        else:  # its helpers hold its output open
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    alarm = threading.Timer(asked.timeout, kill)
    alarm.daemon = True
    alarm.start()
    try:
        yield
    except BaseException:
        kill()
        raise
    finally:
        alarm.cancel()


def _failure(code: int, printed: int, timeout: float, errors: IO[bytes]) -> str:
    """What went wrong; "" if nothing did."""
    if printed > MAX_OUTPUT:
        return f"it printed more than {MAX_OUTPUT >> 20} MB"
    if code == -signal.SIGKILL:
        return f"it took longer than {timeout:g} s"
    return (_first_line(errors) or f"exit code {code}") if code else ""


def _first_line(errors: IO[bytes]) -> str:
    """Without what a terminal would obey: a server may have written it, or whoever named a file."""
    errors.seek(0)
    line = errors.readline(1000).decode("utf-8", "replace").strip()
    return "".join(char if char.isprintable() else "?" for char in line)


def clean_environment() -> dict[str, str]:
    """Nothing of ours but these: no other program can be found by its name."""
    return {
        "PATH": _NOWHERE,
        "GIT_EXEC_PATH": _NOWHERE,
        "HOME": _NOWHERE,
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "false",
        "GIT_EDITOR": "false",
        "GIT_SEQUENCE_EDITOR": "false",
        "GIT_SSH_COMMAND": "false",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
    }
