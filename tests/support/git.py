"""Git repositories for tests, made by git itself as anybody would run it."""

import shutil
import subprocess
from pathlib import Path

GIT = shutil.which("git")


def plain(folder: Path, *args: str) -> str:
    """Git as anybody would run it."""
    done = subprocess.run(
        [str(GIT), *args],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=30,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.stdout


def change(folder: Path) -> None:
    for name, text in ("a.txt", "two\n"), ("b.txt", "new\n"):
        with (folder / name).open("a") as file:
            file.write(text)


class Trap:
    """A program that leaves a file behind when it runs."""

    def __init__(self, folder: Path) -> None:
        self.sprung_file = folder / "sprung"
        self.program = folder / "trap.sh"
        self.program.write_text(f"#!/bin/sh\ntouch {self.sprung_file}\n")
        self.program.chmod(0o755)

    @property
    def sprung(self) -> bool:
        return self.sprung_file.exists()

    def reset(self) -> None:
        self.sprung_file.unlink(missing_ok=True)
