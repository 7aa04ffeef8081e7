"""A session runs cells, keeps their state, and survives what they do."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sessions import CellDisplay, CellFinished, CellStarted, CellText, Execution, Limits, Session
from sessions.errors import KernelError, UsageError
from sessions.usage import descendants


async def test_state_survives_from_cell_to_cell(session: Session) -> None:
    await session.execute("import math\nradius = 2\ndef area(r): return math.pi * r * r")
    execution = await session.execute("round(area(radius), 3)")
    assert (execution.status, execution.result, execution.value) == ("ok", "12.566", 12.566)
    assert [execution.index, execution.layers] == [1, session.layers]


async def test_a_cell_streams_its_events_in_order(session: Session) -> None:
    code = "import sys\nprint('out')\nprint('err', file=sys.stderr)\ndisplay({'a': 1})\n42"
    events = [event async for event in session.stream(code)]
    assert isinstance(events[0], CellStarted)
    assert {(e.stream, e.text) for e in events if isinstance(e, CellText)} == {
        ("stdout", "out\n"),
        ("stderr", "err\n"),
    }
    shown = [e for e in events if isinstance(e, CellDisplay)]
    assert [(e.data["text/plain"], e.is_result) for e in shown] == [
        ("{'a': 1}", False),
        ("42", True),
    ]
    assert isinstance(events[-1], CellFinished)


async def test_output_arrives_while_the_cell_still_runs(session: Session) -> None:
    code = "import time\nprint('early', flush=True)\ntime.sleep(1)"
    started = time.monotonic()
    async for event in session.stream(code):
        if isinstance(event, CellText):
            assert time.monotonic() - started < 0.8
            break
    else:
        pytest.fail("no output event")


async def test_rich_results_come_as_mime_bundles(session: Session) -> None:
    execution = await session.execute("import pandas as pd\npd.DataFrame({'a': [1, 2]})")
    assert execution.mime == ("text/plain", "text/html")
    assert "<table" in execution.outputs[0]["text/html"]
    assert execution.value == [{"a": 1}, {"a": 2}]


async def test_an_exception_ends_the_cell_with_its_traceback(session: Session) -> None:
    execution = await session.execute("def f():\n    return 1 / 0\nf()")
    assert execution.status == "error"
    assert execution.error is not None
    assert execution.error.name == "ZeroDivisionError"
    assert "return 1 / 0" in execution.error.traceback
    assert "\x1b" not in execution.error.traceback


async def test_await_and_threads_work(session: Session) -> None:
    code = (
        "import asyncio, threading\n"
        "found = []\n"
        "thread = threading.Thread(target=lambda: found.append(1)); thread.start(); thread.join()\n"
        "await asyncio.sleep(0.01)\n"
        "found"
    )
    assert (await session.execute(code)).value == [1]


async def test_forked_children_print_and_return(session: Session) -> None:
    code = (
        "import multiprocessing\n"
        "def work(n):\n    print('child', n)\n    return n * n\n"
        "with multiprocessing.Pool(2) as pool: squares = pool.map(work, range(4))\n"
        "import time; time.sleep(0.3)\n"
        "squares"
    )
    execution = await session.execute(code)
    assert execution.value == [0, 1, 4, 9]
    assert sorted(execution.stdout.split()) == sorted(f"child {n}" for n in range(4)) or (
        execution.stdout.count("child") == 4
    )


async def test_input_raises_at_once(session: Session) -> None:
    execution = await session.execute("input('name? ')")
    assert execution.error is not None
    assert execution.error.name == "StdinNotImplementedError"


async def test_a_cell_that_swallows_interrupts_is_killed_within_two_seconds(
    workspace: Path,
) -> None:
    code = "import time\nwhile True:\n    try: time.sleep(10)\n    except KeyboardInterrupt: pass\n"
    async with Session(workspace, Limits.quick()) as session:
        await session.execute("kept = 1")
        started = time.monotonic()
        execution = await session.execute(code, timeout=0.5)
        assert time.monotonic() - started < 0.5 + 2.0 + 2.0  # limit, grace, a new kernel
        assert (execution.status, execution.limits_hit) == ("timeout", ("wall",))
        assert (execution.restored, execution.lost) == ("snapshot", ())
        following = await session.execute("kept")
        assert (following.value, following.layers) == (1, execution.layers)


@pytest.mark.parametrize(
    "code",
    [
        "sum(range(10**18))",
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
        "while True: pass",
    ],
    ids=["C loop", "blocked signals"],
)
async def test_no_cell_outlives_its_wall_time(workspace: Path, code: str) -> None:
    async with Session(workspace, Limits.quick()) as session:
        execution = await session.execute(code, timeout=0.5)
        assert execution.status == "timeout"
        assert (await session.execute("1")).value == 1


async def test_a_slow_cell_is_interrupted_and_keeps_its_kernel(session: Session) -> None:
    await session.execute("kept = 7")
    execution = await session.execute("import time; time.sleep(30)", timeout=0.3)
    assert (execution.status, execution.restored) == ("timeout", None)
    assert (await session.execute("kept")).value == 7


async def test_a_crash_is_noticed_at_once_and_the_walls_come_back(session: Session) -> None:
    layers = session.layers
    execution = await session.execute("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert execution.status == "killed"
    assert execution.restored in ("fresh", "snapshot")
    assert session.layers == layers
    assert (await session.execute("open('/etc/shadow')")).status == "error"


async def test_a_kernel_that_ends_between_cells_is_replaced(session: Session) -> None:
    code = "import os, threading\nkept = 1\nthreading.Timer(0.2, os._exit, (3,)).start()"
    assert (await session.execute(code)).status == "ok"
    await asyncio.sleep(0.6)
    execution = await session.execute("6 * 7", timeout=10)
    assert (execution.value, execution.restored, execution.lost) == (42, "snapshot", ())


async def test_inspection_names_what_is_there(session: Session) -> None:
    await session.execute(
        "import pandas as pd\ntable = pd.DataFrame({'n': [1, None]})\nword = 'w' * 999\n_hidden = 1"
    )
    found = {variable.name: variable for variable in await session.variables()}
    assert set(found) == {"table", "word"}
    assert (found["table"].type, found["table"].summary) == ("DataFrame", "shape (2, 1)")
    assert len(found["word"].summary) < 200
    told = await session.inspect("table")
    assert (told["shape"], told["columns"], told["missing"]) == ([2, 1], {"n": "float64"}, {"n": 1})
    with pytest.raises(UsageError, match="no variable 'absent'"):
        await session.inspect("absent")


async def test_objects_that_misbehave_when_shown_do_no_harm(session: Session) -> None:
    await session.execute("class Odd:\n    def __repr__(self): raise RuntimeError\nodd = Odd()")
    assert [v.summary for v in await session.variables() if v.name == "odd"] == ["cannot be shown"]


async def test_questions_to_a_hanging_object_are_given_up(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.session._ANSWER_SECONDS", 0.5)
    await session.execute(
        "import time\nclass Slow:\n    def __repr__(self): time.sleep(60)\nslow = Slow()"
    )
    with pytest.raises(KernelError, match="did not tell its state in time"):
        await session.variables()
    assert (await session.execute("2")).value == 2


async def test_leaving_a_stream_interrupts_its_cell(session: Session) -> None:
    await session.execute("kept = 3")
    async for event in session.stream("import time; time.sleep(60)"):
        assert isinstance(event, CellStarted)
        break
    started = time.monotonic()
    assert (await session.execute("kept")).value == 3
    assert time.monotonic() - started < 2


async def test_a_session_may_be_closed_by_whoever_leaves_a_stream(workspace: Path) -> None:
    unhandled: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: unhandled.append(told))
    async with Session(workspace, Limits.quick()) as session:
        async for event in session.stream("while True: print('on and on')"):
            if isinstance(event, CellText):
                break
    others = asyncio.all_tasks() - {asyncio.current_task()}
    ends = await asyncio.gather(*others, return_exceptions=True)
    assert [end for end in ends if isinstance(end, Exception)] == []
    assert unhandled == []


async def test_cancelling_frees_the_kernel(session: Session) -> None:
    task = asyncio.create_task(session.execute("import time; time.sleep(60)"))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await session.execute("5")).value == 5


async def test_a_cancelled_cell_that_goes_on_all_the_same_loses_its_kernel(
    session: Session,
) -> None:
    code = "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass"
    task = asyncio.create_task(session.execute(code))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    started = time.monotonic()
    assert (await session.execute("5")).value == 5
    assert time.monotonic() - started < 2


async def test_cells_at_once_run_one_after_the_other(session: Session) -> None:
    await session.execute("n = 0")
    cells = [session.execute("n += 1; n") for _ in range(5)]
    assert [e.value for e in await asyncio.gather(*cells)] == [1, 2, 3, 4, 5]


async def test_restart_clears_the_state(session: Session) -> None:
    await session.execute("gone = 1")
    await session.restart()
    assert (await session.execute("gone")).status == "error"


async def test_no_result_is_lost(session: Session) -> None:
    for number in range(200):
        execution = await session.execute(f"print({number}); {number}")
        assert (execution.stdout, execution.value) == (f"{number}\n", number)


async def test_nothing_is_left_after_the_end(workspace: Path) -> None:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    before = set(descendants(os.getpid()))
    for _ in range(3):
        async with Session(workspace, Limits.quick()) as session:
            await session.execute("1")
            directory = session._process._directory
        assert not directory.exists()
    assert set(descendants(os.getpid())) <= before
    assert list(workspace.iterdir()) == []
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 2  # the event loop's own


async def test_text_that_is_no_unicode_still_arrives(session: Session) -> None:
    execution = await session.execute("print('a\\ud83d', 'b')")
    assert execution.stdout == "a? b\n"


_HOST = """
import asyncio, sys
from sessions import Session
async def main():
    async with Session(sys.argv[1]) as session:
        print(session._process._directory, session._process.pid, flush=True)
        await session.execute("import time; time.sleep(600)")
asyncio.run(main())
"""


def test_a_host_that_is_killed_leaves_no_process_and_no_sockets(workspace: Path) -> None:
    command = [sys.executable, "-c", _HOST, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        directory, launcher = host.stdout.readline().split()
        family = [int(launcher), *descendants(int(launcher))]
        assert len(family) == 3
        host.kill()
    end = time.monotonic() + 5
    while Path(directory).exists() or any(map(_runs, family)):
        assert time.monotonic() < end
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether a process is there; one that merely waits to be taken in by its parent is not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


async def test_a_session_that_is_not_open_says_so(workspace: Path) -> None:
    with pytest.raises(UsageError, match="not open"):
        await Session(workspace).execute("1")


def test_an_execution_as_json_has_the_promised_keys() -> None:
    keys = "type index status stdout stderr result mime error limits_hit restored lost layers"
    assert {*keys.split(), "duration_s"} <= set(Execution(index=0, status="ok").to_json())


async def test_limits_of_the_tier_are_the_ceiling_of_a_timeout(workspace: Path) -> None:
    async with Session(workspace, replace(Limits.quick(), wall=0.3)) as session:
        execution = await session.execute("import time; time.sleep(5)", timeout=60)
        assert execution.limits_hit == ("wall",)
