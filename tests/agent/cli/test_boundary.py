"""Every way a command can end: a line for the person, an exit code, never a traceback."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.cli import boundary, main
from sessions.errors import IsolationError, NeedsInputError, UsageError

AGENT = [sys.executable, "-I", "-c", "from agent.cli import main; main()"]


def end_by(monkeypatch: pytest.MonkeyPatch, action: Callable[[], int]) -> None:
    monkeypatch.setattr("agent.cli.tools.show_all", lambda workspace, as_json: action())


def raiser(error: BaseException) -> Callable[[], int]:
    def action() -> int:
        raise error

    return action


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (UsageError("bad\ninput"), 2, "agent: bad input\n"),
        (NeedsInputError("which?"), 3, "agent: which?\n"),
        (IsolationError("no walls"), 4, "agent: no walls\n"),
        (KeyboardInterrupt(), 130, "agent: interrupted\n"),
        (
            ZeroDivisionError("oh"),
            1,
            "agent: unexpected ZeroDivisionError: oh (run with AGENT_DEBUG=1 for the traceback)\n",
        ),
    ],
)
def test_an_error_is_one_line_and_an_exit_code(
    error: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    end_by(monkeypatch, raiser(error))
    assert boundary.run(["tools", "list"]) == code
    assert capsys.readouterr() == ("", line)


def test_whoever_has_no_home_is_told_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: raiser(KeyError(uid))())
    end_by(monkeypatch, lambda: len(str(Path.home())))
    assert boundary.run(["tools", "list"]) == 2
    told = "agent: this user has no home directory here: set HOME to a folder of yours\n"
    assert capsys.readouterr() == ("", told)


def test_the_traceback_is_there_for_those_who_ask(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENT_DEBUG", "1")
    end_by(monkeypatch, raiser(ZeroDivisionError("oh")))
    assert boundary.run(["tools", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("code", [0, 1, 4])
def test_a_commands_own_code_is_the_exit_code(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    end_by(monkeypatch, lambda: code)
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    with pytest.raises(SystemExit) as exit_:
        main(["tools", "list"])
    assert exit_.value.code == code


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["bogus"], "no such command 'bogus' (see agent --help)"),
        (["exec", "--bogus"], "no such option: --bogus (see agent exec --help)"),
        (["tools", "show"], "missing argument 'NAME' (see agent tools show --help)"),
        (["run", "a", "b"], "got unexpected extra argument(s) (b) (see agent run --help)"),
    ],
)
def test_a_mistyped_command_is_one_line(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(arguments) == 2
    assert capsys.readouterr() == ("", f"agent: {hint}\n")


@pytest.mark.parametrize("arguments", [[], ["skills"], ["tools"], ["kernel"]])
def test_a_group_named_alone_shows_its_help(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(arguments) == 0
    assert capsys.readouterr().out.startswith(" ".join(["Usage: agent", *arguments]))


COMMANDS = [
    ["run"],
    ["exec"],
    ["learn"],
    ["doctor"],
    *(["skills", name] for name in ("list", "show", "search")),
    *(["tools", name] for name in ("list", "show", "search")),
]
OUTSIDE_A_WORKSPACE = [["kernel", name] for name in ("install", "uninstall")]


@pytest.mark.parametrize("command", [*COMMANDS, *OUTSIDE_A_WORKSPACE])
def test_every_help_has_an_example_and_every_option_a_meaning(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run([*command, "--help"]) == 0
    told = capsys.readouterr().out
    assert (
        f"Example:\n    {'echo' if command == ['exec'] else ' '.join(['agent', *command])}" in told
    )
    assert "--json" in told
    assert ("--workspace DIR" in told) == (command in COMMANDS)


def test_help_lists_the_commands_that_are_there_and_no_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    boundary.run(["--help"])
    told = capsys.readouterr().out.partition("Commands:\n")[2].partition("\n\n")[0]
    listed = [line.split()[0] for line in told.splitlines()]
    assert listed == ["run", "exec", "learn", "doctor", "skills", "tools", "kernel"]


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("agent 0.")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    program = subprocess.Popen(
        [*AGENT, "tools", "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    assert program.stderr is not None
    program.stdout.close()
    with program:
        assert program.stderr.read() == ""
        assert program.wait() == 1


def test_the_terminals_encoding_never_ends_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from agent.cli import main; main()", "tools", "search", "é\udce9☃"],
        env={"PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_a_full_disk_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*AGENT, "tools", "list", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("agent: the disk is full: make room where")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["0<&-", ">&-", "2>&-"])
def test_a_stream_that_is_not_there_is_an_empty_one(closed: str) -> None:
    words = " ".join(map(shlex.quote, AGENT))
    done = subprocess.run(
        ["sh", "-c", f"{words} tools list {closed}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_stdin_at_all_is_no_code(tmp_path: Path) -> None:
    words = " ".join(map(shlex.quote, AGENT))
    script = f"{words} exec 0<&-"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (["agent", "ex"], ["exec"]),
        (["agent", "exec", "--tier", "h"], ["heavy"]),
        (["agent", "run", "--approval", ""], ["automatic", "review"]),
        (["agent", "tools", "show", "profile_t"], ["profile_table"]),
        (["agent", "skills", "show", "--workspace", "/nowhere", ""], []),
    ],
)
def test_the_shell_completes(words: list[str], offers: list[str]) -> None:
    done = subprocess.run(
        AGENT,
        env={
            "_AGENT_COMPLETE": "complete_bash",
            "COMP_WORDS": " ".join(words),
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.split(), done.stderr) == (offers, "")
