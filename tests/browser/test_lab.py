"""The guarded kernel and the magics as a person sees them: JupyterLab in a browser."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from sessions import kernelspec
from tests.support.lab import BROWSER, Lab, LabNotebook, served
from tests.support.model_server import ModelServer
from tests.support.wire import Reply

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

_WANTS = "{} is not installed here; CONTRIBUTING.md says how these tests are run"
_LUNA = "-m openai-chat:gpt-6-luna"
_SLEEPY = Reply(
    calls=(("run_code", {"code": "print('begun', flush=True)\nimport time; time.sleep(60)"}),)
)

Open = Callable[..., AbstractContextManager[LabNotebook]]


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer(_SLEEPY) as server:
        yield server


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Lab]:
    sync_api = pytest.importorskip("playwright.sync_api", reason=_WANTS.format("playwright"))
    pytest.importorskip("jupyterlab", reason=_WANTS.format("jupyterlab"))
    if not BROWSER.exists():
        pytest.skip(_WANTS.format(f"chromium as {BROWSER}"))
    folder = tmp_path_factory.mktemp("lab") / "notebooks"
    folder.mkdir()
    keys = {"OPENAI_BASE_URL": f"{model.url}/v1", "OPENAI_API_KEY": "sk-test"}
    _install(folder.with_name("home") / "data")
    with served(folder, keys) as (url, token), sync_api.sync_playwright() as player:
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = player.chromium.launch(executable_path=str(BROWSER), args=options)
        try:
            yield Lab(url, token, folder, browser)
        finally:
            browser.close()


def _install(data: Path) -> None:
    """The kernel as the command installs it, and as a front end reads it that is not Jupyter's."""
    data.mkdir(parents=True)
    agent = Path(sys.executable).with_name("agent")
    command = [str(agent), "kernel", "install", "--json", "--prefix", str(data)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    installed = Path(json.loads(done.stdout)["directory"])
    installed.parent.rename(data / "kernels")
    written = json.loads((data / "kernels" / kernelspec.NAME / "kernel.json").read_text())
    del written["metadata"]["kernel_provisioner"]
    (data / "kernels" / "plain").mkdir()
    (data / "kernels" / "plain" / "kernel.json").write_text(json.dumps(written))


@pytest.fixture
def open_notebook(lab: Lab, request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    @contextmanager
    def opened(kernel: str, *cells: str) -> Iterator[LabNotebook]:
        name = "".join(letter if letter.isalnum() else "-" for letter in request.node.name)
        with lab.notebook(kernel, cells, tmp_path / f"{name}.png") as notebook:
            yield notebook

    return opened


kernels = pytest.mark.parametrize("kernel", [kernelspec.NAME, "plain"])


@kernels
def test_outputs_look_as_in_any_kernel(open_notebook: Open, kernel: str) -> None:
    cells = (
        "print('hello')\n6 * 7",
        "import pandas as pd\ndf = pd.DataFrame({'name': ['Ada', 'Bo'], 'n': [1, 2]})\ndf",
        "df.plot.bar(x='name')",
        "df['absent']",
        "input('your name? ')",
        "df.head?",
    )
    with open_notebook(kernel, *cells) as notebook:
        assert notebook.run(0).split() == ["hello", "42"]
        assert "Ada" in notebook.run(1)
        assert notebook.count(1, "table.dataframe") == 1
        notebook.run(2)
        assert notebook.count(2, "img[src^='data:image/png']") == 1
        assert "KeyError: 'absent'" in notebook.run(3)
        notebook.start(4)
        notebook.page.locator(".jp-Stdin-input").fill("Ada")
        notebook.page.keyboard.press("Enter")
        assert "'Ada'" in notebook.ended(4)
        assert "first `n` rows" in notebook.run(5)


@kernels
def test_stop_and_restart_and_the_walls_after_it(
    open_notebook: Open, kernel: str, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("treasure")
    look = f"place = {str(tmp_path)!r}\n{_LOOK}"
    with open_notebook(kernel, "x = 1", "while True: pass", "x", look, "import socket") as notebook:
        notebook.run(0)
        for _ in range(2):
            notebook.start(1)
            notebook.page.wait_for_timeout(500)
            notebook.choose("notebook:interrupt-kernel")
            assert "KeyboardInterrupt" in notebook.ended(1)
        assert notebook.run(2) == "1"
        assert "no file, no network" in notebook.run(3)
        notebook.choose("notebook:restart-kernel", confirm="Confirm Kernel Restart")
        notebook.page.locator(".jp-Dialog").wait_for(state="detached")
        notebook.wait_idle()
        assert "NameError" in notebook.run(2)
        assert "no file, no network" in notebook.run(3)
        assert "`socket` is not allowed here" in notebook.run(4)


# What a library has imported is not the guard's: this shows the walls behind it.
_LOOK = """
import os
from asyncio.base_events import socket
print("file" if os.path.exists(place + "/secret.txt") else "no file", end=", ")
try:
    socket.create_connection(("127.0.0.1", 1), 2)
except ConnectionRefusedError:
    print("network")
except OSError:
    print("no network")
"""


@kernels
def test_a_notebook_is_told_why_its_kernel_ended(open_notebook: Open, kernel: str) -> None:
    hoard = (
        "import time\nhoard = [bytearray(b'x') * (1850 << 20)]\n"
        "while True: hoard.append(bytearray(b'x') * (4 << 20)); time.sleep(0.05)"
    )
    with open_notebook(kernel, "x = 1", hoard, "6 * 7") as notebook:
        notebook.run(0)
        notebook.start(1)
        dialog = notebook.page.locator(".jp-Dialog")
        dialog.wait_for(timeout=60_000)
        dialog.get_by_role("button", name="Ok").click()
        notebook.wait_ready()
        said = notebook.said(1) + notebook.run(2)
        assert "42" in said
        assert "its processes used more than 2 GB of memory" in said


def test_the_magics_in_an_ordinary_kernel(open_notebook: Open, lab: Lab) -> None:
    cells = (
        "%load_ext agent",
        "%agent what is the sum of the column n of numbers.csv?",
        "import pandas as pd\ndf = pd.DataFrame({'name': ['Ada', 'Bo'], 'n': [1, 2]})",
        "%agent -i df describe df",
        "%agent --undo",
        f"%agent {_LUNA} sleep",
        "%agent --reset -m offline what is the sum of the column n of numbers.csv?",
        "%agent --bogus",
    )
    (lab.folder / "numbers.csv").write_text("n\n1\n2\n4\n")
    with open_notebook("python3", *cells) as notebook:
        assert notebook.run(0) == ""
        assert "7" in notebook.run(1)
        notebook.run(2)
        assert "offline · done" in notebook.run(3)
        assert "undone" in notebook.run(4)
        notebook.start(5)
        notebook.wait_for(5, "running cell 1 …")
        notebook.choose("notebook:interrupt-kernel")
        assert "agent: interrupted" in notebook.ended(5)
        assert "7" in notebook.run(6)
        assert "--bogus" in notebook.run(7)
