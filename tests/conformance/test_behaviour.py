"""What any engine must do: state, outputs, transfer, inspection, and the layers it speaks of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.conftest import Arena, status_of
from tests.conformance.engines import Engine
from tests.support.driver_handle import Refused, RemoteSession


@pytest.fixture
def kernel(arena: Arena) -> RemoteSession:
    """The guarded kernel, as a person has it."""
    return arena.kernels["guarded"]


def test_it_says_truly_which_layers_hold(arena: Arena, engine: Engine) -> None:
    for kernel in arena.kernels.values():
        assert engine.layers <= set(kernel.layers)
        assert set(kernel.layers) <= set(kernel.reasons)
        assert all(reason for reason in kernel.reasons.values())
        assert set(kernel.execute("1").layers) == set(kernel.layers)


def test_layers_that_are_named_are_there(arena: Arena) -> None:
    kernel = arena.kernels["unguarded"]
    fields = status_of(kernel)
    assert fields["Seccomp"] == "2"
    assert fields["NoNewPrivs"] == "1"
    assert {fields[name] for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {"0" * 16}
    seen = kernel.execute("import os; sum(name.isdigit() for name in os.listdir('/proc'))").value
    if "namespaces" in kernel.layers:
        assert seen < 30
    if "uid" in kernel.layers:
        assert all(int(uid) > 65_536 for uid in fields["Uid"].split())


def test_state_lasts_from_cell_to_cell(kernel: RemoteSession) -> None:
    kernel.execute("import math\nnumbers = [1, 2]\ndef double(x): return 2 * x")
    execution = kernel.execute("numbers.append(double(math.floor(1.5))); numbers")
    assert (execution.status, execution.value) == ("ok", [1, 2, 2])
    assert kernel.execute("_").value == [1, 2, 2]


def test_an_error_is_told_and_ends_nothing(kernel: RemoteSession) -> None:
    execution = kernel.execute("kept = 7\n1 / 0")
    assert execution.status == "error"
    assert execution.error is not None
    assert execution.error.name == "ZeroDivisionError"
    assert "1 / 0" in execution.error.traceback
    assert kernel.execute("kept").value == 7


def test_streams_come_apart_and_in_order(kernel: RemoteSession) -> None:
    code = "import sys\nfor n in range(50): print(n); print(-n, file=sys.stderr)"
    execution = kernel.execute(code)
    assert execution.stdout.split() == [str(n) for n in range(50)]
    assert execution.stderr.split() == [str(-n) for n in range(50)]


def test_events_are_told_as_they_happen(kernel: RemoteSession) -> None:
    told = kernel.stream("print('x', flush=True)\ndisplay(1)\n2")
    assert told[0] == "CellStarted"
    assert told[-1] == "CellFinished"
    assert {"CellText", "CellDisplay"} <= set(told[1:-1])


def test_rich_output_keeps_its_forms(kernel: RemoteSession) -> None:
    code = "import pandas as pd; pd.DataFrame({'a': [1, 2]})"
    execution = kernel.execute(code)
    assert {"text/plain", "text/html"} <= set(execution.mime)
    picture = "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.show()"
    assert "image/png" in kernel.execute(f"%matplotlib inline\n{picture}").mime
    drawn = kernel.execute(
        "from IPython.display import SVG, JSON, display; display(JSON({'a': 1}))"
    )
    assert "application/json" in drawn.mime


def test_magics_for_work_do_work(kernel: RemoteSession) -> None:
    assert kernel.execute("%timeit -n1 -r1 pass").ok
    assert kernel.execute("%%capture found\nprint('x')").ok
    assert kernel.execute("found.stdout").value == "x\n"
    assert "found" in kernel.execute("%who").stdout


def test_the_guard_explains_what_it_refuses(kernel: RemoteSession) -> None:
    for code in ("import subprocess", "!ls", "import os; os.system('ls')"):
        execution = kernel.execute(code)
        assert execution.status == "refused"
        assert execution.error is not None
        assert "not allowed here" in execution.error.message


def test_files_of_the_workspace_can_be_worked_with(kernel: RemoteSession) -> None:
    (kernel.workspace / "given.csv").write_text("a,b\n1,2\n")
    (kernel.workspace / "helper.py").write_text("answer = 42\n")
    code = """
        import pandas as pd, pathlib, sqlite3, tempfile, shutil, helper
        pd.read_csv("given.csv").to_parquet("made.parquet")
        with sqlite3.connect("made.db") as base:
            base.execute("create table t (a)")
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "x").write_text("x")
        shutil.copy2("given.csv", "copied.csv")
        helper.answer
    """
    execution = kernel.execute(code)
    assert execution.value == 42, execution
    owner = kernel.workspace.stat().st_uid
    made = [kernel.workspace / name for name in ("made.parquet", "made.db", "copied.csv")]
    assert [path.stat().st_uid for path in made] == [owner] * 3
    for path in [*made, kernel.workspace / "given.csv", kernel.workspace / "helper.py"]:
        path.unlink()


@pytest.mark.parametrize("value", [7, "text ä", [1, {"a": None}], True, 1.5])
def test_plain_values_travel_both_ways(kernel: RemoteSession, value: object) -> None:
    kernel.push(given=value)
    assert kernel.execute("given").value == value
    assert kernel.pull("given") == (type(value).__name__, repr(value))


def test_tables_travel_both_ways(kernel: RemoteSession) -> None:
    columns: dict[str, list[Any]] = {"n": [1, 2, 3], "text": ["a", "b", None], "f": [0.5, 1.5, 2.5]}
    kernel.push_frame("table", columns)
    assert kernel.execute("int(table.n.sum())").value == 6
    kind, pulled = kernel.pull("table")
    assert kind == "DataFrame"
    assert pulled["n"] == [1, 2, 3]


def test_what_cannot_travel_is_named(kernel: RemoteSession) -> None:
    kernel.execute("thing = object()")
    for name in ("thing", "not_there"):
        with pytest.raises(Refused, match=f"UsageError.*{name}"):
            kernel.pull(name)


def test_variables_can_be_listed_inspected_and_queried(kernel: RemoteSession) -> None:
    code = "import pandas as pd\nlarge = pd.DataFrame({'a': range(2000)})\nsmall = large.head(3)"
    kernel.execute(code)
    assert {"large", "small"} <= set(kernel.variables())
    assert kernel.query("DataFrame", rows__gt=1000) == ["large"]
    told = kernel.inspect("large")
    assert "2000" in str(told)
    assert len(str(told)) <= 4000
    with pytest.raises(Refused, match="UsageError"):
        kernel.inspect("not_there")


def test_a_restart_begins_anew(kernel: RemoteSession) -> None:
    kernel.execute("kept = 1")
    kernel.restart()
    assert kernel.execute("'kept' in globals()").value is False
    assert kernel.execute("import subprocess").status == "refused"


def test_nothing_that_was_printed_is_lost(kernel: RemoteSession) -> None:
    for n in range(30):
        found = kernel.execute(f"for i in range(40): print({n}, i)\nprint('end of {n}')").stdout
        assert found.splitlines() == [f"{n} {i}" for i in range(40)] + [f"end of {n}"]
