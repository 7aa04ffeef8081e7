"""Events as a terminal shows them, and what can not hide in them."""

from __future__ import annotations

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.events import (
    AttemptJudged,
    AttemptStarted,
    Cost,
    ModelText,
    Question,
    Result,
    RunFinished,
    RunStarted,
    SkillSaved,
    TestsCorrected,
    ToolReturned,
)
from agent.render import CellView, Paper, RunView, safe, safe_colours
from sessions.events import CellDisplay, CellFinished, CellStarted, CellText
from sessions.execution import CellError, Execution


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def err() -> io.StringIO:
    return io.StringIO()


@given(st.text())
def test_safe_text_gives_a_terminal_no_orders(text: str) -> None:
    shown = safe(text)
    assert not any(unicodedata.category(char) == "Cc" for char in shown.translate({9: "", 10: ""}))
    assert safe(shown) == shown


@pytest.mark.parametrize("trick", ["\x1b[2K", "\x1b]0;title\x07", "\r", "\x9b2K", "\u202e", "\x08"])
def test_a_trick_on_the_reader_becomes_visible(trick: str) -> None:
    assert safe(f"rm{trick}ls") not in ("rmls", f"rm{trick}ls")
    assert trick == "\r" or safe_colours(f"rm{trick}ls") == "rmls"


def test_colours_of_a_cell_stay() -> None:
    assert safe_colours("\x1b[31mred\x1b[0m\x1b[2J") == "\x1b[31mred\x1b[0m"


def test_a_pipe_gets_exactly_what_the_cell_wrote(out: io.StringIO, err: io.StringIO) -> None:
    CellView(Paper(out), Paper(err)).show(
        CellText(index=0, stream="stdout", text="\x1b[2Ja\r\x00b")
    )
    assert out.getvalue() == "\x1b[2Ja\r\x00b"


def test_a_terminal_is_protected_from_the_cell(err: io.StringIO) -> None:
    terminal = Terminal()
    CellView(Paper(terminal), Paper(err)).show(
        CellText(index=0, stream="stdout", text="\x1b[2Ja\x00b")
    )
    assert terminal.getvalue() == "ab"


def test_a_cells_streams_stay_apart(out: io.StringIO, err: io.StringIO) -> None:
    view = CellView(Paper(out), Paper(err))
    view.show(CellText(index=0, stream="stdout", text="one"))
    view.show(CellText(index=0, stream="stderr", text="two"))
    view.show(CellDisplay(index=0, data={"text/plain": "3"}, is_result=True))
    assert (out.getvalue(), err.getvalue()) == ("one\n3\n", "two")


def test_a_picture_is_named(out: io.StringIO, err: io.StringIO) -> None:
    data = {"text/plain": "<Figure>", "image/png": "A" * 4000}
    CellView(Paper(out), Paper(err)).show(CellDisplay(index=0, data=data))
    assert (out.getvalue(), err.getvalue()) == ("", "[image/png, 3 kB]\n")


def test_a_picture_that_was_kept_is_told_with_its_file(out: io.StringIO, err: io.StringIO) -> None:
    data = {"text/plain": "<Figure>", "image/png": "A" * 4000}
    view = CellView(Paper(out), Paper(err), lambda index, _: f"cell-{index}.png")
    view.show(CellDisplay(index=3, data=data))
    assert err.getvalue() == "[image/png, 3 kB] cell-3.png\n"


def test_what_went_wrong_is_told_shortly(out: io.StringIO, err: io.StringIO) -> None:
    trace = "\n".join(f"line {number}" for number in range(100))
    execution = Execution(
        index=2,
        status="timeout",
        error=CellError(name="E", message="m", traceback=trace),
        limits_hit=("wall",),
        restored="fresh",
        lost=("df",),
        duration_s=2.0,
    )
    CellView(Paper(out), Paper(err)).show(CellFinished(execution=execution))
    lines = err.getvalue().splitlines()
    assert lines[0] == "line 0"
    assert len(lines) < 30
    assert "line 99" in lines
    assert lines[-2:] == [
        "cell 2: timeout after 2.0 s; limits hit: wall; the state came back from: fresh",
        "lost: df",
    ]


def test_an_error_of_the_agents_code_is_one_line(out: io.StringIO, err: io.StringIO) -> None:
    error = CellError(name="E", message="no\nmore", traceback="Traceback\n" * 9)
    failed = Execution(index=0, status="error", error=error)
    RunView(Paper(out), Paper(err)).show(CellFinished(execution=failed))
    assert err.getvalue() == "E: no\ncell 0: error after 0.0 s\n"


def show_run(view: RunView, *, text: str, result: Result) -> None:
    view.show(RunStarted(task="t", model="offline", session_id="s"))
    view.show(CellStarted(index=0, code="x = 1\nx"))
    view.show(CellText(index=0, stream="stdout", text="printed\n"))
    view.show(CellDisplay(index=0, data={"text/plain": "1"}, is_result=True))
    view.show(CellFinished(execution=Execution(index=0, status="ok")))
    view.show(ModelText(text=text))
    view.show(RunFinished(result=result))


def test_only_the_answer_goes_to_stdout(out: io.StringIO, err: io.StringIO) -> None:
    show_run(
        RunView(Paper(out), Paper(err)),
        text="It is 1.",
        result=Result(status="done", answer="It is 1."),
    )
    assert out.getvalue() == "It is 1.\n"
    assert err.getvalue() == "model: offline\n  x = 1\n  x\nprinted\n1\n"


def test_a_long_result_is_abridged_before_the_answer(out: io.StringIO, err: io.StringIO) -> None:
    data = {"text/plain": "\n".join(map(str, range(100)))}
    view = RunView(Paper(out), Paper(err))
    view.show(CellDisplay(index=0, data=data, is_result=True))
    view.show(ModelText(text="Many."))
    assert err.getvalue().endswith("\n5\n… 94 lines left out …\n")
    CellView(Paper(out), Paper(err)).show(CellDisplay(index=0, data=data, is_result=True))
    assert out.getvalue().endswith("\n99\n")


@pytest.mark.parametrize(
    ("shown", "answer", "times"),
    [
        ("   a\n0  1", "   a\n0  1\n\nA table.", 1),
        ("'x.png'", "x.png\nA plot.", 1),
        ("4", "4", 1),
        ("4", "42\nAnother.", 2),
        ("4", "", 1),
    ],
)
def test_an_answer_that_begins_with_the_result_shows_it_once(
    shown: str, answer: str, times: int
) -> None:
    screen = Terminal()
    view = RunView(Paper(screen), Paper(screen))
    view.show(CellDisplay(index=0, data={"text/plain": shown}, is_result=True))
    view.show(CellFinished(execution=Execution(index=0, status="ok")))
    view.show(ModelText(text=answer))
    view.show(RunFinished(result=Result(status="done", answer=answer)))
    assert screen.getvalue().count(shown.strip("'")) == times


def test_a_file_gets_the_answer_as_it_is(out: io.StringIO, err: io.StringIO) -> None:
    answer = "a\r\u202eb"
    view = RunView(Paper(out), Paper(err))
    view.show(RunFinished(result=Result(status="done", answer=answer)))
    assert out.getvalue() == f"{answer}\n"


def test_who_saw_the_answer_streamed_does_not_see_it_twice() -> None:
    screen = Terminal()
    show_run(
        RunView(Paper(screen), Paper(screen)),
        text="It is 1.",
        result=Result(status="done", answer="It is 1."),
    )
    assert screen.getvalue().count("It is 1.") == 1


def test_the_end_tells_status_questions_and_cost(out: io.StringIO, err: io.StringIO) -> None:
    result = Result(
        status="needs_input",
        answer="",
        questions=(Question(question="Which?", options=("a", "b")),),
        cost=Cost(input_tokens=10, output_tokens=2, cache_read_tokens=5, usd=0.0123),
    )
    RunView(Paper(out), Paper(err)).show(RunFinished(result=result))
    assert out.getvalue() == ""
    assert err.getvalue().splitlines() == [
        "- Which? (a / b)",
        "status: needs input",
        "10 tokens in (5 cached), 2 out, $0.0123",
    ]


def test_a_saved_skill_and_a_failed_tool_are_mentioned(out: io.StringIO, err: io.StringIO) -> None:
    view = RunView(Paper(out), Paper(err))
    view.show(SkillSaved(name="f", file="learned_skills/f.py"))
    view.show(ToolReturned(tool="save_skill", call_id="1", outcome="denied", content="no\nmore"))
    view.show(ToolReturned(tool="inspect", call_id="2", outcome="success", content="fine"))
    assert err.getvalue().splitlines() == [
        "saved the skill f in learned_skills/f.py",
        "save_skill: denied: no",
    ]


def test_attempts_at_a_function_are_a_line_each(out: io.StringIO, err: io.StringIO) -> None:
    view = RunView(Paper(out), Paper(err))
    view.show(AttemptStarted(number=1, approach="generate"))
    view.show(AttemptJudged(number=1, approach="generate", failures=("f(1) gave 2", "b\x1b[2J")))
    view.show(AttemptStarted(number=2, approach="mend"))
    view.show(TestsCorrected(number=2, changes=("`f(1) == 3` went",), source=""))
    view.show(AttemptJudged(number=2, approach="mend", accepted=True, seconds=1.25))
    assert err.getvalue().splitlines() == [
        "attempt 1: write code and tests",
        "attempt 1: f(1) gave 2; b\\x1b[2J",
        "attempt 2: mend the code",
        "attempt 2: tests were wrong: `f(1) == 3` went",
        "attempt 2: accepted after 1.2 s",
    ]
    assert out.getvalue() == ""


def test_colour_is_left_out_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in [("NO_COLOR", "1"), ("TERM", "dumb")]:
        with monkeypatch.context() as patch:
            patch.setenv(variable, value)
            screen = Terminal()
            RunView(Paper(screen), Paper(screen)).show(CellStarted(index=0, code="x"))
            assert screen.getvalue() == "  x\n"


def test_code_after_what_ends_a_line_for_python_is_seen_on_a_line(
    out: io.StringIO, err: io.StringIO
) -> None:
    code = "# harmless\rimport os\n# a comment\u2028goes on"
    RunView(Paper(out), Paper(err)).show(CellStarted(index=0, code=code))
    assert err.getvalue() == "  # harmless\n  import os\n  # a comment\\u2028goes on\n"
