"""Control groups: made, counted, removed; version 2 on a tree of plain files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.isolation import cgroup
from sessions.isolation.cgroup import Ceilings, Counts, Group, name_of, places

_CEILINGS = Ceilings(memory=64 << 20, tasks=20, cpus=2)

needs_groups = pytest.mark.skipif(
    not any("memory" in place.controllers for place in places()),
    reason="this user can make no control group for memory here",
)


class TestVersion2:
    """Which files are read and written, on a tree of plain files."""

    @pytest.fixture
    def proc(self, tmp_path: Path) -> Path:
        """A process in the group `/user/app` of a host with version 2 alone."""
        mounted = tmp_path / "cgroup"
        own = mounted / "user" / "app"
        own.mkdir(parents=True)
        (own / "cgroup.controllers").write_text("cpu io memory pids\n")
        (own / "cgroup.subtree_control").write_text("")
        (own.parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
        proc = tmp_path / "proc"
        proc.mkdir()
        (proc / "cgroup").write_text("0::/user/app\n")
        (proc / "mountinfo").write_text(
            f"30 24 0:26 / {mounted} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
        )
        return proc

    def test_a_group_is_made_below_ours_where_it_can_be_divided(self, proc: Path) -> None:
        (place,) = places(proc)
        assert place.folder.name == "app"
        assert (place.version, place.controllers) == (2, ("memory", "pids", "cpu"))
        assert (place.folder / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"

    def test_or_beside_it_where_processes_live_in_ours(
        self, proc: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def busy(file: Path, text: str) -> None:
            raise OSError(16, "Device or resource busy", str(file))

        monkeypatch.setattr(cgroup, "_write", busy)
        (place,) = places(proc)
        assert place.folder.name == "user"

    def test_the_limits_are_written_and_the_events_read(self, proc: Path) -> None:
        group = Group.make(proc)
        group.limit(_CEILINGS)
        (place,) = places(proc)
        folder = place.folder / name_of(os.getpid())
        group.admit(1234)
        assert {file.name: file.read_text() for file in folder.iterdir()} == {
            "memory.max": str(64 << 20),
            "memory.swap.max": "0",
            "pids.max": "20",
            "cpu.max": "200000 100000",
            "cgroup.procs": "1234",
        }
        assert group.counts() == Counts()
        (folder / "memory.events").write_text("low 0\nhigh 3\nmax 9\noom 2\noom_kill 2\n")
        (folder / "memory.stat").write_text("anon 7\nfile 9\nshmem 4096\n")
        (folder / "pids.events").write_text("max 5\n")
        assert group.counts() == Counts(memory_kills=2, refused_tasks=5)
        assert group.files_in_memory() == 4096
        assert "cgroup v2" in group.holds

    def test_a_read_only_host_says_why_there_is_none(
        self, proc: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        with pytest.raises(OSError, match="no control group"):
            Group.make(proc)

    def test_a_mount_that_shows_another_part_of_the_tree_is_not_ours(self, proc: Path) -> None:
        text = (proc / "mountinfo").read_text().replace(" / ", " /elsewhere ", 1)
        (proc / "mountinfo").write_text(text)
        assert places(proc) == ()


def test_version_1_and_2_are_told_apart(tmp_path: Path) -> None:
    for name in ("memory/box", "pids", "unified"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "unified" / "cgroup.controllers").write_text("")
    (tmp_path / "cgroup").write_text("9:pids:/\n4:memory:/docker/1/box\n0::/\n")
    (tmp_path / "mountinfo").write_text(
        f"1 0 0:1 /docker/1 {tmp_path}/memory rw - cgroup cgroup rw,memory\n"
        f"2 0 0:2 / {tmp_path}/pids rw - cgroup cgroup rw,pids\n"
        f"3 0 0:3 / {tmp_path}/unified rw - cgroup2 cgroup2 rw\n"
        f"4 0 0:4 / {tmp_path} rw - tmpfs tmpfs rw\n"
    )
    found = {place.controllers: (place.version, place.folder) for place in places(tmp_path)}
    assert found == {
        ("memory",): (1, tmp_path / "memory" / "box"),
        ("pids",): (1, tmp_path / "pids"),
    }


@pytest.mark.parametrize("text", ["", "nonsense", "0::/\n"])
def test_a_host_without_groups_has_no_places(tmp_path: Path, text: str) -> None:
    (tmp_path / "cgroup").write_text(text)
    (tmp_path / "mountinfo").write_text("")
    assert places(tmp_path) == ()


@needs_groups
class TestThisHost:
    @pytest.fixture
    def group(self) -> Iterator[Group]:
        made = Group.make()
        made.limit(_CEILINGS)
        yield made
        made.remove()
        assert not made.exists

    def test_memory_that_is_too_much_costs_a_process(self, group: Group) -> None:
        hoard = "import sys; sys.stdin.read(1); b = bytearray(200 << 20)"
        with subprocess.Popen([sys.executable, "-c", hoard], stdin=subprocess.PIPE) as process:
            group.admit(process.pid)
            process.communicate(b"x")
        assert process.returncode == -signal.SIGKILL
        assert group.counts().memory_kills == 1

    def test_the_next_start_sweeps_what_nobody_removed(self) -> None:
        code = (
            "import os, sys\n"
            "from sessions.isolation.cgroup import Group\n"
            "group = Group.make()\n"
            "print(*group._folders, flush=True)\n"
            "sys.stdin.read()"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            folders = [Path(name) for name in process.stdout.readline().split()]
            Group.make().remove()
            assert all(folder.exists() for folder in folders)  # its launcher lives
            process.kill()
        Group.make().remove()
        assert folders
        assert not any(folder.exists() for folder in folders)

    def test_a_group_of_a_process_that_is_gone_is_none(self) -> None:
        with subprocess.Popen(["true"]) as process:
            process.wait()
        assert Group.of(process.pid) is None

    async def test_a_sandbox_is_in_one_and_it_goes_with_it(self, workspace: Path) -> None:
        async with Session(workspace, Limits.quick()) as session:
            await session.execute("1")
            assert "cgroup" in session.layers
            group = session._process.group
            assert group is not None
            assert group.exists
        assert not group.exists

    async def test_and_also_when_its_launcher_is_killed(self, workspace: Path) -> None:
        async with Session(workspace, Limits.quick()) as session:
            group = session._process.group
            os.kill(session._process.pid, signal.SIGKILL)
            await session.execute("1")  # which may be the one that notices
            assert (await session.execute("1 + 1")).value == 2
        assert group is not None
        assert not group.exists

    async def test_its_kills_are_told_as_memory(self, workspace: Path) -> None:
        """The watchdog would come first, were it not asked to look away."""
        async with Session(workspace, Limits.quick()) as session:
            assert session._process.group is not None
            folder = session._process.group._of["memory"]
            name = "memory.limit_in_bytes" if (folder / "memory.limit_in_bytes").exists() else None
            (folder / (name or "memory.max")).write_text(str(150 << 20))
            execution = await session.execute("b = bytearray(300 << 20)")
            assert (execution.status, execution.limits_hit) == ("killed", ("memory",))
            assert (await session.execute("1 + 1")).value == 2

    async def test_frozen_copies_are_killed_last(self, workspace: Path) -> None:
        async with Session(workspace, Limits.quick()) as session:
            await session.execute("table = bytearray(80 << 20)")
            snapshots = session._process.snapshots
            if snapshots is None:
                pytest.skip(session.layer_reasons["snapshots"])
            end = time.monotonic() + 5
            while not (spared := snapshots.spared()):
                assert time.monotonic() < end
                time.sleep(0.01)
            mine = Path("/proc/self/oom_score_adj").read_text()
            scores = [Path(f"/proc/{pid}/oom_score_adj").read_text() for pid in spared]
            assert scores == [mine] * len(scores)
            told = await session.execute("int(open('/proc/self/oom_score_adj').read())")
            assert told.value is not None
            assert told.value > int(mine)
            await session.undo(1)
            told = await session.execute("int(open('/proc/self/oom_score_adj').read())")
            assert told.value is not None
            assert told.value > int(mine)
