"""Processes that save at once, and processes that are killed while they save."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools_registry.skills.library import SkillLibrary

_WRITER = """
import sys
from pathlib import Path
from sessions.errors import AgentError
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft
library = SkillLibrary(sys.argv[1], Ledger.open(Path(sys.argv[2])))
print("ready", flush=True)
for number in range(int(sys.argv[4])):
    version = f"{sys.argv[3]}_{number}"
    source = f"def shared() -> str:\\n    return {version!r}\\n" + "# \\n" * (number * 997 % 5000)
    draft = SkillDraft(name="shared", source=source, tests=f"VERSION = {version!r}\\n")
    library.save(draft, replace=True)
"""


@pytest.fixture
def library(tmp_path: Path) -> SkillLibrary:
    from tools_registry.skills.ledger import Ledger

    return SkillLibrary(tmp_path / "workspace", Ledger.open(tmp_path / "data" / "l.sqlite"))


def writer(library: SkillLibrary, name: str, count: int) -> subprocess.Popen[str]:
    place = [str(library.workspace), str(library.ledger.path)]
    command = [sys.executable, "-c", _WRITER, *place, name, str(count)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as told:
        assert told.readline() == "ready\n"
    return process


def versions(library: SkillLibrary) -> tuple[str, str]:
    """The version that the code has, and the version that its tests have."""
    skill = library.get("shared")
    return skill.source.split("'")[1], skill.test_source.split("'")[1]


def assert_whole(library: SkillLibrary) -> None:
    skill = library.get("shared")
    code, tests = versions(library)
    assert code == tests
    assert (skill.status, skill.reason) == ("approved", "")


def test_several_processes_save_and_read_at_once(library: SkillLibrary) -> None:
    first = writer(library, "first", 1)
    assert first.wait() == 0
    writers = [writer(library, f"w{n}", 15) for n in range(3)]
    looks = 0
    while any(process.poll() is None for process in writers):
        assert_whole(library)
        looks += 1

    assert [process.wait() for process in writers] == [0, 0, 0]
    assert looks > 0
    assert_whole(library)
    assert {file.name for file in library.path.iterdir()} == {"shared.py", "test_shared.py"}


def test_a_kill_at_any_moment_leaves_one_whole_version(library: SkillLibrary) -> None:
    assert writer(library, "first", 1).wait() == 0
    chance = random.Random(5)
    for number in range(12):
        process = writer(library, f"killed{number}", 1_000)
        time.sleep(chance.random() / 8)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert_whole(library)

    assert writer(library, "last", 1).wait() == 0
    assert versions(library) == ("last_0", "last_0")
    assert not any(file.name.endswith(".before") for file in library.path.iterdir())


@pytest.mark.parametrize("step", range(1, 9))
def test_a_kill_at_each_step(library: SkillLibrary, step: int) -> None:
    """The process ends itself, without cleaning up, at one step of the save after the other."""
    assert writer(library, "first", 1).wait() == 0
    child = os.fork()
    if not child:
        _save_and_die(library, step)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) in {-signal.SIGKILL, 0}
    assert_whole(library)
    assert writer(library, "last", 1).wait() == 0
    assert versions(library) == ("last_0", "last_0")
    assert not any(file.name.endswith(".before") for file in library.path.iterdir())


def _save_and_die(library: SkillLibrary, step: int) -> None:
    """In a child: end at the n-th call that changes the folder."""
    from tools_registry.files import Folder
    from tools_registry.skills.skill import SkillDraft

    left = [step]
    try:
        for name in ("stage", "publish", "remove"):
            setattr(Folder, name, _dying(getattr(Folder, name), left))
        source = "def shared() -> str:\n    return 'second'\n"
        draft = SkillDraft(name="shared", source=source, tests="VERSION = 'second'\n")
        library.save(draft, replace=True)
    finally:
        os._exit(0)


def _dying(method: object, left: list[int]) -> object:
    def call(*arguments: object) -> object:
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(*arguments)  # type: ignore[operator]  # a method of Folder

    return call


def test_a_new_skill_whose_save_was_killed_can_be_saved_again(library: SkillLibrary) -> None:
    library.path.mkdir(parents=True)
    child = os.fork()
    if not child:
        _save_and_die(library, 6)
    os.waitpid(child, 0)
    assert [file.name for file in library.path.glob("[!.]*")] == ["test_shared.py"]

    from tools_registry.skills.skill import SkillDraft

    draft = SkillDraft(name="shared", source="def shared(): ...\n", tests="x = 1\n")
    assert library.save(draft).status == "approved"
