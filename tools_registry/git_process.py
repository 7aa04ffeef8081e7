"""Start the git program itself: which one, with which environment, for how long."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sessions.errors import AgentError

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


def call(
    command: list[str], folder: Path, environment: Mapping[str, str], timeout: float, text: str = ""
) -> str:
    """Run a program to its end with `text` as its input; its output.

    Raises:
        AgentError: If it can't be started, fails, or takes too long.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            input=text,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        msg = f"git took longer than {timeout:g} s in {folder}"
        raise AgentError(msg) from error
    except OSError as error:
        msg = f"git can't be run in {folder}: {error.strerror}"
        raise AgentError(msg) from error
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[0]
        msg = f"git failed in {folder}: {reason}"
        raise AgentError(msg)
    return done.stdout


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
