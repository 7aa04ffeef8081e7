"""`agent exec`: cells in, outcomes out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agent.cli.executing import exit_code
from sessions.execution import Execution
from tests.agent.cli.conftest import COMMAND, Call, objects

KEYS = {
    "type": str,
    "index": int,
    "status": str,
    "stdout": str,
    "stderr": str,
    "mime": list,
    "limits_hit": list,
    "lost": list,
    "layers": list,
    "duration_s": float,
}


def test_cells_share_a_kernel_and_print_where_they_should(call: Call, workspace: Path) -> None:
    (workspace / "cells.py").write_text(
        "# %% first\nimport sys\nx = 20\nprint('out')\nprint('err', file=sys.stderr)\n"
        "# %%\n%%capture caught\nprint('quiet')\n# %%\nx + 1\n"
    )
    done = call("exec", "cells.py")
    assert (done.returncode, done.stdout, done.stderr) == (0, "out\n21\n", "err\n")


@pytest.mark.parametrize("arguments", [["exec"], ["exec", "-"]])
def test_code_is_taken_from_a_pipe(call: Call, arguments: list[str]) -> None:
    assert call(*arguments, stdin="1 + 1").stdout == "2\n"


def test_a_reader_that_leaves_early_is_no_error(workspace: Path) -> None:
    started = subprocess.Popen(
        [*COMMAND, "exec"],
        cwd=workspace,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with started as command:
        assert command.stdin is not None
        assert command.stdout is not None
        assert command.stderr is not None
        command.stdin.write("for number in range(100_000):\n    print(number)\n")
        command.stdin.close()
        assert command.stdout.readline() == "0\n"
        command.stdout.close()
        assert command.stderr.read() == ""
    assert command.returncode == 1


def test_json_has_an_object_for_each_cell(call: Call) -> None:
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\n# %%\nfloat('nan')\n# %%\n1/0"
    done = call("exec", "--json", stdin=code)
    first, second, third = objects(done)
    assert done.returncode == 1
    assert done.stderr == ""
    for number, cell in enumerate((first, second, third)):
        assert cell["index"] == number
        assert {key: type(cell[key]) for key in KEYS} == KEYS
        assert "namespaces" in cell["layers"]
    assert (first["stdout"], first["stderr"], first["error"]) == ("out\n", "err\n", None)
    assert (second["result"], second["value"], second["status"]) == ("nan", None, "ok")
    assert third["error"]["name"] == "ZeroDivisionError"
    assert (third["restored"], third["lost"]) == (None, [])


def test_the_first_cell_that_fails_is_the_last_unless_told_otherwise(call: Call) -> None:
    code = "1/0\n# %%\nprint('still here')"
    stopped = call("exec", stdin=code)
    assert (stopped.returncode, stopped.stdout) == (1, "")
    assert stopped.stderr.endswith("ZeroDivisionError: division by zero\n" + last_line(stopped))
    assert "cell 0: error" in last_line(stopped)
    went_on = call("exec", "--keep-going", stdin=code)
    assert (went_on.returncode, went_on.stdout) == (1, "still here\n")


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.splitlines(keepends=True)[-1]


def test_a_refused_cell_is_exit_code_4(call: Call) -> None:
    done = call("exec", "--json", stdin="import socket")
    assert (done.returncode, objects(done)[0]["status"]) == (4, "refused")


def test_a_refusal_outranks_a_failure() -> None:
    def code_of(*statuses: str) -> int:
        return exit_code([Execution(index=0, status=status) for status in statuses])  # type: ignore[arg-type]

    assert code_of() == code_of("ok") == 0
    assert code_of("ok", "killed") == code_of("timeout") == 1
    assert code_of("error", "refused") == 4


def test_a_time_limit_ends_a_cell(call: Call) -> None:
    done = call("exec", "--json", "--timeout", "0.5", stdin="import time\ntime.sleep(60)")
    cell = objects(done)[0]
    assert (done.returncode, cell["status"], cell["limits_hit"]) == (1, "timeout", ["wall"])
    assert cell["duration_s"] < 10


def test_output_comes_as_it_is_made(workspace: Path) -> None:
    code = "import time\nprint('early', flush=True)\ntime.sleep(60)"
    with subprocess.Popen(
        [*COMMAND, "exec"],
        cwd=workspace,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        program.stdin.write(code)
        program.stdin.close()
        assert program.stdout.readline() == "early\n"
        program.terminate()
        assert program.wait(20) == 130


def test_a_picture_is_named(call: Call) -> None:
    code = "from IPython.display import display\ndisplay({'image/png': 'AAAA'}, raw=True)"
    told = call("exec", stdin=code).stderr.split()
    assert told[:3] == ["[image/png,", "0", "kB]"]
    assert told[3].endswith("/cell-0-1.png")


def test_nothing_to_run_is_nothing_done(call: Call) -> None:
    done = call("exec", stdin="\n")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["missing.py"], "there is no file 'missing.py'"),
        (["."], "is a directory"),
        (["/proc/self/mem"], "'/proc/self/mem' can't be read (Input/output error)"),
        (["-", "--tier", "huge"], "choose one of quick, standard, heavy"),
        (["-", "--timeout", "soon"], "--timeout must be a number of seconds above 0"),
        (["-", "--workspace", "nowhere"], "the workspace 'nowhere' does not exist"),
        (["-", "--workspace", "/proc/self"], "can't be written"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    call: Call, workspace: Path, arguments: list[str], said: str
) -> None:
    done = call("exec", *arguments, stdin="1")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.startswith("agent: ")
    assert done.stderr.count("\n") == 1
    assert not list(workspace.iterdir())


def test_a_session_leaves_the_workspace_as_it_was(call: Call, workspace: Path) -> None:
    assert call("exec", stdin="open('made.txt', 'w').write('x')").returncode == 0
    assert [path.name for path in workspace.iterdir()] == ["made.txt"]


def test_nobody_runs_code_without_isolation_unawares(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("exec", stdin="6 * 7").stderr == ""
    own = tmp_path / "config" / "ipysmith" / "agent.toml"
    own.parent.mkdir(parents=True)
    own.write_text("isolation = 'off'\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    done = call("exec", stdin="6 * 7")
    assert (done.returncode, done.stdout) == (0, "42\n")
    assert done.stderr.startswith("agent: nothing isolates this code")
    assert done.stderr.count("\n") == 1
