"""The magics in a real kernel, driven as Jupyter does it, and in a plain IPython shell."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from jupyter_client.manager import start_new_kernel

from agent import magics
from agent.magic_request import Request, parse
from tests.agent.conftest import MODELS, Serve
from tests.support.model_server import Hang
from tests.support.notebook import Notebook, failure, open_notebook, shown, texts
from tests.support.wire import Reply

LUNA = f"-m {MODELS[2]}"
SUM = "what is the sum of the column n of numbers.csv?"
SLEEPY = Reply(
    calls=(("run_code", {"code": "print('begun', flush=True)\nimport time; time.sleep(60)"}),)
)
SHOWS = (
    "from IPython.display import display, HTML\n"
    "display({'image/png': 'AAAA', 'text/plain': '<Figure>'}, raw=True)\n"
    "display(HTML('<table onclick=\"steal()\"><td>1</td></table><script>steal()</script>'))\n"
    "display({'application/javascript': 'steal()'}, raw=True)\n"
    "print('printed')\n7"
)
ASKED = Reply(calls=(("ask_user", {"question": "Which one?"}),))


@pytest.mark.parametrize(
    ("line", "body", "request_"),
    [
        ("profile it's file", None, Request(task="profile it's file")),
        ("", "two\nlines\n", Request(task="two\nlines")),
        ("-m offline do -x", None, Request(task="do -x", options={"model": "offline"})),
        ("--model=offline x", None, Request(task="x", options={"model": "offline"})),
        ("--tier quick", "x", Request(task="x", options={"tier": "quick"})),
        ("--as medians -m x go", None, Request(task="go", as_="medians", options={"model": "x"})),
        ("--reset", None, Request(task="", reset=True)),
        ("--reset count to 3", None, Request(task="count to 3", reset=True)),
        ("--undo", None, Request(task="", undo=1)),
        ("--undo 3", None, Request(task="", undo=3)),
        ("--undo=2 then go on", None, Request(task="then go on", undo=2)),
        ("--undo then go on", None, Request(task="then go on", undo=1)),
        ("-5 plus 3", None, Request(task="-5 plus 3")),
        ("above", "below", Request(task="above\nbelow")),
        (
            "-i a,b=c -o d,e -i=f --output g go",
            None,
            Request(task="go", inputs={"a": "a", "b": "c", "f": "f"}, outputs=["d", "e", "g"]),
        ),
    ],
)
def test_flags_stand_before_the_task(line: str, body: str | None, request_: Request) -> None:
    assert parse(line, body) == request_


@pytest.mark.parametrize(
    "line",
    [
        "",
        "  ",
        "--bogus x",
        "--undo 0",
        "-m",
        "--tier",
        "-i",
        "-i a",
        "-i 1 x",
        "-i a,, x",
        "-o a.b x",
    ],
)
def test_a_bad_line_is_a_usage_error(line: str) -> None:
    with pytest.raises(UsageError):
        parse(line)


def test_a_question_is_a_task_and_no_call_for_help() -> None:
    asked = ["x = 1\n", '%agent what\'s "it"?\n', "%agent?\n", "%agent go\n", "x?\n"]
    kept = magics.keep_questions(asked)
    assert kept[1] == """get_ipython().run_line_magic('agent', 'what\\'s "it"?')\n"""
    assert [*kept[:1], *kept[2:]] == [*asked[:1], *asked[2:]]
    body = ["%%agent\n", "%agent is it?\n"]
    assert magics.keep_questions(body) == body


@pytest.fixture
def notebook(workspace: Path) -> Iterator[Notebook]:
    with open_notebook(workspace) as opened:
        yield opened


def test_a_request_is_answered_in_markdown(notebook: Notebook) -> None:
    outputs = notebook.run(f"%agent {SUM}")
    assert shown(outputs, "text/markdown") == ["The sum of n in numbers.csv."]
    progress, result, _ = shown(outputs, "text/plain")
    assert result == "7"
    assert progress.startswith("offline · done · 1 cell")
    assert "summarize_column" in shown(outputs, "text/html")[0]
    assert not [output for output in outputs if output["output_type"] == "error"]


def test_what_a_cell_shows_is_mirrored_without_its_scripts(
    notebook: Notebook, serve: Serve
) -> None:
    server = serve(
        Reply(calls=(("run_code", {"code": SHOWS}),)), Reply(text="**Done** <img src=x>")
    )
    notebook.ask(server)
    outputs = notebook.run(f"%%agent {LUNA}\nshow me")
    assert shown(outputs, "image/png") == ["AAAA"]
    assert "<table><td>1</td></table>" in shown(outputs, "text/html")
    assert texts(outputs) == "printed\n"
    assert shown(outputs, "text/markdown") == ["**Done** &lt;img src=x>"]
    assert "steal" not in str([output for output in outputs if output is not outputs[0]])
    assert shown(outputs, "application/javascript") == []


def test_the_kernel_is_shared_by_requests_until_reset(notebook: Notebook, serve: Serve) -> None:
    def cell(code: str) -> tuple[Reply, Reply]:
        return Reply(calls=(("run_code", {"code": code}),)), Reply(text="Done.")

    server = serve(*cell("x = 5"), *cell("print(x + 1)"), *cell("print('x' in globals())"))
    notebook.ask(server)
    notebook.run(f"%agent {LUNA} set x")
    assert texts(notebook.run("%agent show x")) == "6\n"
    assert texts(notebook.run("%agent --reset is there an x?")) == "False\n"


def test_a_slip_in_a_name_costs_no_variables(notebook: Notebook, serve: Serve) -> None:
    def cell(code: str) -> tuple[Reply, Reply]:
        return Reply(calls=(("run_code", {"code": code}),)), Reply(text="Done.")

    notebook.ask(serve(*cell("x = 5"), *cell("print(x + 1)")))
    notebook.run(f"%agent {LUNA} set x")
    assert "no model 'lunar'" in failure(notebook.run("%agent -m lunar show x"))["evalue"]
    assert texts(notebook.run("%agent show x")) == "6\n"
    told = "agent: other settings mean a new kernel: the variables of the last are gone\n"
    assert texts(notebook.run("%agent -m offline 12*7+3")) == told


def test_undo_takes_back_what_the_last_cells_did(notebook: Notebook, serve: Serve) -> None:
    def cell(code: str) -> tuple[Reply, Reply]:
        return Reply(calls=(("run_code", {"code": code}),)), Reply(text="Done.")

    server = serve(*cell("x = [5]"), *cell("x.append(6); y = 1"), *cell("print(x)"))
    notebook.ask(server)
    assert "there is nothing to undo" in str(failure(notebook.run("%agent --undo")))
    notebook.run(f"%agent {LUNA} set x")
    notebook.run("%agent append")
    assert texts(notebook.run("%agent --undo")) == (
        "agent: the last cell undone (1 left); there are x\n"
    )
    assert "[5]\n" in texts(notebook.run("%agent show x"))
    assert "last 1 cells in the kernel were taken back" in str(server.bodies[-2]["messages"])
    assert texts(notebook.run("%agent --undo 2")) == (
        "agent: the last 2 cells undone (0 left); there are no variables\n"
    )
    assert "there is nothing to undo" in str(failure(notebook.run("%agent --undo")))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("%agent -m nonsense do it", "agent: there is no model 'nonsense'"),
        ("%agent --tier huge do it", "agent: options: tier is 'huge'"),
        ("%agent paint my house", "agent: failed: "),
    ],
)
def test_what_went_wrong_is_one_line(notebook: Notebook, source: str, message: str) -> None:
    trace = failure(notebook.run(source))["traceback"]
    assert len(trace) == 1
    assert trace[0].startswith(message)
    assert "\n" not in trace[0]


def test_a_bad_flag_is_a_usage_error(notebook: Notebook) -> None:
    assert "UsageError: there is no flag --bogus" in texts(notebook.run("%agent --bogus x"))


def test_a_question_nobody_can_be_asked_ends_the_cell(notebook: Notebook, serve: Serve) -> None:
    server = serve(ASKED)
    notebook.ask(server)
    error = failure(notebook.run(f"%agent {LUNA} choose"))
    assert error["traceback"] == ["agent: needs input: Which one?"]


def test_stop_ends_the_sandboxed_cell_and_the_agent_stays_usable(
    notebook: Notebook, serve: Serve
) -> None:
    server = serve(SLEEPY, Reply(text="Still here."))
    notebook.ask(server)

    def interrupt() -> None:
        wait_until(lambda: "begun" in texts(notebook.client.nb.cells[-1].outputs))
        os.kill(notebook.kernel.pid, signal.SIGINT)

    stop = threading.Thread(target=interrupt)
    stop.start()
    begun = time.monotonic()
    outputs = notebook.run(f"%agent {LUNA} sleep")
    stop.join()
    assert time.monotonic() - begun < 30
    assert failure(outputs)["traceback"] == ["agent: interrupted"]
    assert shown(outputs, "text/plain")[0].endswith("interrupted")
    assert shown(notebook.run("%agent hello?"), "text/markdown") == ["Still here."]


def test_a_person_at_the_notebook_is_asked(serve: Serve, workspace: Path) -> None:
    server = serve(ASKED, Reply(text="Thanks."))
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(workspace))
    prompts: list[str] = []

    def type_reply(message: dict[str, Any]) -> None:
        prompts.append(message["content"]["prompt"])
        client.input("the left one")

    try:
        for code in ("%load_ext agent", f"%agent {LUNA} choose"):
            reply = client.execute_interactive(
                code, stdin_hook=type_reply, output_hook=lambda message: None, timeout=60
            )
            assert reply["content"]["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert prompts == ["> "]
    assert "the left one" in str(server.bodies[-1]["messages"][-1])


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_unloading_ends_the_kernel(notebook: Notebook) -> None:
    notebook.run(f"%agent {SUM}")
    sandbox = notebook.kernel.children(recursive=True)
    assert sandbox
    notebook.run("%unload_ext agent")
    wait_until(lambda: not any(process.is_running() for process in sandbox), 10)
    assert "not found" in texts(notebook.run("%agent hello"))


def test_the_kernel_ends_with_the_notebook(workspace: Path) -> None:
    with open_notebook(workspace) as notebook:
        notebook.run(f"%agent {SUM}")
        sandbox = notebook.kernel.children(recursive=True)
        assert sandbox
    wait_until(lambda: not any(process.is_running() for process in sandbox), 10)


def define(shell: InteractiveShell, source: str) -> None:
    shell.run_cell(source).raise_error()  # type: ignore[no-untyped-call] # left untyped


def test_a_plain_prompt_shows_what_the_command_line_shows(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.run_line_magic("agent", SUM)
    told = capsys.readouterr()
    assert "7" in told.out
    assert told.err.startswith("model: offline\n")


def test_a_person_at_the_prompt_answers(
    shell: InteractiveShell,
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    server = serve(ASKED, Reply(text="Thanks."))
    monkeypatch.setattr("builtins.input", lambda prompt: "the left one")
    shell.run_line_magic("agent", f"{LUNA} choose")
    assert capsys.readouterr().out == "Which one?\nThanks.\n"
    assert "the left one" in str(server.bodies[-1]["messages"][-1])


def test_a_silent_model_can_be_stopped(shell: InteractiveShell, serve: Serve) -> None:
    server = serve(Hang())

    def interrupt() -> None:
        wait_until(lambda: server.bodies)
        os.kill(os.getpid(), signal.SIGINT)

    stop = threading.Thread(target=interrupt)
    stop.start()
    with pytest.raises(magics.Interrupted):
        shell.run_line_magic("agent", f"{LUNA} hello")
    stop.join()


def code(text: str) -> Reply:
    return Reply(calls=(("run_code", {"code": text}),))


def test_variables_go_along_and_come_back(shell: InteractiveShell, serve: Serve) -> None:
    doubling = code("doubled = frame.assign(n=frame['n'] * 2)\nsmall = {'a': (1, 2)}")
    server = serve(doubling, Reply(text="Done."))
    define(shell, "import pandas as pd\nmine = pd.DataFrame({'n': [1, 2]})\nother = 3")
    shell.run_line_magic("agent", f"{LUNA} -i frame=mine,other -o doubled -o small double it")
    assert shell.user_ns["doubled"]["n"].tolist() == [2, 4]
    assert shell.user_ns["small"] == {"a": (1, 2)}
    asked = str(server.bodies[0]["messages"][-1])
    assert "frame, other" in asked
    assert "doubled, small" in asked


def test_local_variables_come_first(shell: InteractiveShell, serve: Serve) -> None:
    serve(code("back = x"), Reply(text="Done."))
    define(
        shell,
        f"x = 'global'\ndef f():\n    x = 'local'\n    %agent {LUNA} -i x -o back go\nf()",
    )
    assert shell.user_ns["back"] == "local"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("-i absent go", "-i: there is no variable 'absent' here"),
        ("-i lock go", "-i: 'lock' can't be pickled"),
        ("-i _hidden go", "-i: '_hidden' can't be the name"),
    ],
)
def test_what_can_t_go_along_is_said_before_anything_runs(
    shell: InteractiveShell, serve: Serve, line: str, why: str
) -> None:
    server = serve(Reply(text="Never."))
    define(shell, "import threading\nlock = threading.Lock()\n_hidden = 1")
    with pytest.raises(UsageError, match=why) as caught:
        shell.run_line_magic("agent", f"{LUNA} {line}")
    assert "\n" not in str(caught.value)
    assert not server.bodies


@pytest.mark.parametrize("name", ["absent", "thing"])
def test_what_can_t_come_back_is_said_and_nothing_is_changed(
    shell: InteractiveShell, serve: Serve, name: str
) -> None:
    serve(code("thing = object()\nfine = 1"), Reply(text="Done."))
    with pytest.raises(UsageError, match=f"-o: .*'{name}'") as caught:
        shell.run_line_magic("agent", f"{LUNA} -o fine,{name} go")
    assert "\n" not in str(caught.value)
    assert "fine" not in shell.user_ns


def test_the_offline_engine_works_on_what_goes_along(shell: InteractiveShell) -> None:
    shell.user_ns["rows"] = [1, 2]
    shell.run_line_magic("agent", f"-i rows -o rows {SUM}")
    assert shell.user_ns["rows"] == [1, 2]
