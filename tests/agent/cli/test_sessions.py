"""`agent exec --session ID --undo N`: sessions that outlive their commands, on real kernels."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.agent.cli.conftest import COMMAND, Call, objects

THREE = "x = [1]; y = x\n# %%\nx.append(2)\n# %%\nx.append(3)"


def log(workspace: Path, name: str = "mine") -> list[dict[str, object]]:
    file = workspace / ".agent/sessions" / name / "cells.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_another_process_goes_on_where_one_left_off(call: Call, workspace: Path) -> None:
    code = "import math, sqlite3\nx = y = [math.pi]\ndef f(): return x\ndb = sqlite3.connect('d')"
    first = call("exec", "--session", "mine", stdin=code)
    assert first.returncode == 0
    assert "not saved: db (TypeError: cannot pickle 'sqlite3.Connection' object)" in first.stderr
    then = call("exec", "--session", "mine", "--json", stdin="print(f() is y, x, math.e > 2)")
    (cell,) = objects(then)
    assert cell["stdout"] == "True [3.141592653589793] True\n"
    assert (cell["lost"], cell["restored"]) == (["db"], None)
    assert cell["came_from"] == {"restored": "checkpoint", "after_cell": 1, "replayed": 0}
    assert "lost: db" in then.stderr
    assert call("exec", "--session", "other", stdin="'x' in globals()").stdout == "False\n"


def test_what_was_left_out_is_in_the_json(call: Call) -> None:
    done = call("exec", "--session", "mine", "--json", stdin="1\n# %%\ng = (i for i in 'ab')")
    last = objects(done)[-1]
    assert last["left_out"] == {"g": "TypeError: cannot pickle 'generator' object"}


def test_undo_alone_and_with_cells(call: Call, workspace: Path) -> None:
    assert call("exec", "--session", "mine", stdin=THREE).returncode == 0
    alone = call("exec", "--session", "mine", "--undo", "1", "--json")
    assert objects(alone)[0]["cells"] == 2
    assert "after cell" in alone.stderr
    with_cell = call("exec", "--session", "mine", "--undo", "1", stdin="print(x, x is y)")
    assert with_cell.stdout == "[1] True\n"
    assert [line.get("back_to") for line in log(workspace)][3:] == [2, 1, None]


def test_cells_between_are_replayed_and_it_says_so(call: Call, workspace: Path) -> None:
    assert call("exec", "--session", "mine", stdin=THREE).returncode == 0
    for file in (workspace / ".agent/sessions/mine/checkpoints").glob("*.json"):
        if json.loads(file.read_text())["cells"] > 1:
            file.unlink()
    done = call("exec", "--session", "mine", "--undo", "1", stdin="print(x, x is y)")
    assert done.stdout == "[1, 2] True\n"
    assert "1 cell undone, 2 left; from checkpoint after cell 1, replayed 1 cell\n" in done.stderr


def test_a_damaged_checkpoint_is_named_and_the_one_before_is_used(
    call: Call, workspace: Path
) -> None:
    assert call("exec", "--session", "mine", stdin=THREE).returncode == 0
    *_, newest = sorted((workspace / ".agent/sessions/mine/checkpoints").glob("*.bin"))
    newest.write_bytes(newest.read_bytes()[:-1] + b"!")
    done = call("exec", "--session", "mine", stdin="print(x, x is y)")
    assert done.stdout == "[1, 2, 3] True\n"
    assert f"{newest.name} can't be used" in done.stderr
    assert "replayed" in done.stderr


def test_a_checkpoint_that_nothing_sensible_tells_of_is_named_once(
    call: Call, workspace: Path
) -> None:
    assert call("exec", "--session", "mine", stdin=THREE).returncode == 0
    *_, newest = sorted((workspace / ".agent/sessions/mine/checkpoints").glob("*.json"))
    newest.write_text('{"schema": 1')
    done = call("exec", "--session", "mine", stdin="print(x, x is y)")
    assert done.stdout == "[1, 2, 3] True\n"
    said = f"{newest.stem}.bin can't be used ({newest.name}, which tells of it, makes no sense)"
    assert done.stderr.count(said) == 1
    assert "replayed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--undo", "1"], "--undo needs --session"),
        (["--session", "mine", "--undo", "4"], "4 cells can't be undone: there are 3"),
        (["--session", "mine", "--undo", "0"], "whole number of at least 1"),
        (["--session", "mine", "--undo", "-1"], "whole number of at least 1"),
        (["--session", "mine", "--undo", "²"], "whole number of at least 1"),
        (["--session", "../mine"], "can't be the id"),
        (["--session", ".."], "can't be the id"),
        (["--session", "a/b"], "can't be the id"),
        (["--session", ""], "can't be the id"),
        (["--session", "x" * 65], "can't be the id"),
        (["--session", "a\nb"], "can't be the id"),
    ],
)
def test_what_can_not_be_meant(
    call: Call, workspace: Path, arguments: list[str], said: str
) -> None:
    if "4" in arguments:
        assert call("exec", "--session", "mine", stdin=THREE).returncode == 0
    done = call("exec", *arguments, stdin="1")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_nothing_is_left_of_a_session_that_never_was(call: Call, workspace: Path) -> None:
    done = call("exec", "--session", "new", "--undo", "1")
    assert done.returncode == 2
    assert "there is no session 'new' in" in done.stderr
    assert not (workspace / ".agent/sessions").exists()


def test_two_processes_can_not_have_one_session(call: Call, workspace: Path) -> None:
    assert call("exec", "--session", "mine", stdin="x = 1").returncode == 0
    lock = os.open(workspace / ".agent/sessions/mine", os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = call("exec", "--session", "mine", stdin="x")
    finally:
        os.close(lock)
    assert done.returncode == 2
    assert "another process is at work in the session 'mine'" in done.stderr
    assert call("exec", "--session", "mine", stdin="x").stdout == "1\n"


@pytest.mark.parametrize("part", [".agent/sessions", ".agent/sessions/mine"])
def test_a_link_out_of_the_workspace_is_refused(
    call: Call, workspace: Path, tmp_path: Path, part: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    link = workspace / part
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    done = call("exec", "--session", "mine", stdin="x = 1")
    assert done.returncode == 2
    assert "symbolic link" in done.stderr
    assert list(outside.rglob("*.bin")) == []


def test_a_line_that_was_not_written_to_its_end_is_ignored(call: Call, workspace: Path) -> None:
    assert call("exec", "--session", "mine", stdin="x = 1\n# %%\nx += 1").returncode == 0
    file = workspace / ".agent/sessions/mine/cells.jsonl"
    file.write_text(file.read_text() + '{"index": 2, "code": "x =')
    assert call("exec", "--session", "mine", stdin="x += 5\nx").stdout == "7\n"
    assert [line["status"] for line in log(workspace)] == ["ok"] * 3


def test_what_makes_no_sense_is_told_and_kept(call: Call, workspace: Path) -> None:
    assert call("exec", "--session", "mine", stdin=THREE).returncode == 0
    file = workspace / ".agent/sessions/mine/cells.jsonl"
    first, second, third = file.read_text().splitlines(keepends=True)
    file.write_text(f"{first}?{second}{third}")
    done = call("exec", "--session", "mine", stdin="print(x)")
    assert done.stdout == "[1]\n"
    assert "makes no sense after cell 1" in done.stderr
    assert (file.parent / "cells.damaged").read_text() == f"?{second}{third}"
    assert "no sense" not in call("exec", "--session", "mine", stdin="x").stderr


def test_when_all_is_undone_there_is_nothing_to_undo(call: Call) -> None:
    assert call("exec", "--session", "mine", stdin="x = 1").returncode == 0
    back = call("exec", "--session", "mine", "--undo", "1")
    assert back.stderr == "agent: session 'mine': 1 cell undone, 0 left; from a fresh kernel\n"
    done = call("exec", "--session", "mine", "--undo", "1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is nothing to undo: no cell was run" in done.stderr


def test_cells_that_were_acknowledged_survive_a_kill(workspace: Path, call: Call) -> None:
    code = (
        "x = [1]\n# %%\nx.append(2); print('second', flush=True)\n# %%\nimport time; time.sleep(60)"
    )
    with subprocess.Popen(
        [*COMMAND, "exec", "--session", "mine"],
        cwd=workspace,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdin is not None
        program.stdin.write(code)
        program.stdin.close()
        end = time.monotonic() + 30
        file = workspace / ".agent/sessions/mine/cells.jsonl"
        while not file.exists() or file.read_text().count("\n") < 2:
            assert time.monotonic() < end
            time.sleep(0.02)
        program.send_signal(signal.SIGKILL)
        program.wait(10)
    assert call("exec", "--session", "mine", stdin="x").stdout == "[1, 2]\n"


def test_a_cell_that_costs_the_kernel_its_life_is_logged_but_does_not_count(
    call: Call, workspace: Path
) -> None:
    code = "x = 1\n# %%\nimport os, signal; x = 2; os.kill(os.getpid(), signal.SIGKILL)\n# %%\nx"
    done = call("exec", "--session", "mine", "--keep-going", "--json", stdin=code)
    killed, after = objects(done)[1:]
    assert killed["status"] == "killed"
    assert killed["restored"] in ("snapshot", "checkpoint")
    assert after["value"] == 1
    assert [line["status"] for line in log(workspace)] == ["ok", "killed", "ok"]
    assert call("exec", "--session", "mine", "--undo", "2", stdin="'x' in globals()").stdout == (
        "False\n"
    )


def test_files_of_a_session_are_for_their_owner_alone(call: Call, workspace: Path) -> None:
    assert call("exec", "--session", "mine", stdin="x = 1").returncode == 0
    folder = workspace / ".agent/sessions/mine"
    kinds = {path.is_dir(): path.stat().st_mode & 0o777 for path in [folder, *folder.rglob("*")]}
    assert kinds == {True: 0o700, False: 0o600}
    assert list(folder.rglob(".*")) == []
