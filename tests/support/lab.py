"""JupyterLab in a real browser: a server of its own, and notebooks on its pages."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

BROWSER = Path("/usr/bin/chromium")
_START_SECONDS = 60.0
_CELL_SECONDS = 60.0
_RAN = re.compile(r"\[\d+\]:")
_CALM = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # cells off the screen are there too
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


class LabNotebook:
    """One notebook that is open in the browser.

    Args:
        page: A page of playwright.
    """

    def __init__(self, page: Any) -> None:
        self.page = page

    def start(self, index: int) -> None:
        """Run a cell, and don't wait for it."""
        self._cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def run(self, index: int) -> str:
        """Run a cell to its end; what its outputs say."""
        self.start(index)
        return self.ended(index)

    def ended(self, index: int) -> str:
        """Wait for the end of a running cell; what its outputs say."""
        expect(self._cell(index).locator(".jp-InputPrompt"), _RAN)
        return self.said(index)

    def said(self, index: int) -> str:
        """What the outputs of a cell say now."""
        return "\n".join(self._cell(index).locator(".jp-OutputArea-output").all_inner_texts())

    def wait_for(self, index: int, text: str) -> None:
        """Wait until the outputs of a cell have a text."""
        self._cell(index).get_by_text(text).first.wait_for(timeout=_CELL_SECONDS * 1000)

    def count(self, index: int, what: str) -> int:
        """How many elements the outputs of a cell have, by a selector."""
        return int(self._cell(index).locator(f".jp-OutputArea-output {what}").count())

    def choose(self, command: str, confirm: str = "") -> None:
        """Press a button of the notebook's bar, and one of the dialog that it opens."""
        self.page.locator(f'.jp-NotebookPanel-toolbar [data-command="{command}"]').click()
        if confirm:
            self.page.locator(".jp-Dialog").get_by_role("button", name=confirm).click()

    def wait_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        rest = self.page.locator("#jp-main-statusbar").get_by_text("| Idle")
        rest.wait_for(timeout=_START_SECONDS * 1000)

    def wait_ready(self) -> None:
        """Wait until a kernel that took another's place takes cells.

        JupyterLab calls it starting until the first cell, and leaves out a cell that comes before.
        """
        rest = self.page.locator("#jp-main-statusbar").get_by_text(re.compile("Idle|Starting"))
        rest.wait_for(timeout=_START_SECONDS * 1000)
        self.page.wait_for_timeout(1000)

    def _cell(self, index: int) -> Any:
        return self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)


class Lab:
    """A running server and the browser that looks at it.

    Args:
        url: Where the server is.
        token: Lets one in.
        folder: The directory it serves.
        browser: A browser of playwright.
    """

    def __init__(self, url: str, token: str, folder: Path, browser: Any) -> None:
        self._url, self._token, self._browser = url, token, browser
        self.folder = folder

    @contextmanager
    def notebook(self, kernel: str, cells: Sequence[str], picture: Path) -> Iterator[LabNotebook]:
        """Open a new notebook; at the end there is a picture of it, and its kernel has ended."""
        file = self.folder / f"{picture.stem}.ipynb"
        _write(file, kernel, cells)
        page = self._browser.new_page(viewport={"width": 1100, "height": 1500})
        try:
            page.goto(f"{self._url}/lab/tree/{file.name}?token={self._token}&reset")
            opened = LabNotebook(page)
            page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=_START_SECONDS * 1000)
            opened.wait_idle()
            yield opened
        finally:
            page.screenshot(path=str(picture))
            page.close()
            self._end_kernels()

    def _end_kernels(self) -> None:
        for session in json.loads(self._request("/api/sessions")):
            self._request(f"/api/sessions/{session['id']}", "DELETE")

    def _request(self, path: str, method: str = "GET") -> bytes:
        return request(self._url + path, self._token, method)


def expect(found: Any, pattern: re.Pattern[str]) -> None:
    """Wait until an element's text matches."""
    end = time.monotonic() + _CELL_SECONDS
    while not pattern.search(text := found.inner_text()):
        assert time.monotonic() < end, f"still {text!r}"
        time.sleep(0.05)


def request(url: str, token: str, method: str = "GET") -> bytes:
    """Ask the server."""
    headers = {"Authorization": f"token {token}"}
    asked = urllib.request.Request(url, method=method, headers=headers)
    with urllib.request.urlopen(asked, timeout=10) as answer:
        body: bytes = answer.read()
    return body


@contextmanager
def served(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """A server on a directory; its address and the token that lets one in.

    Args:
        folder: What it serves; a directory for its own things lies beside it.
        environment: More variables for it.
    """
    home = folder.with_name("home")
    _be_calm(home)
    token, port = secrets.token_hex(8), _free_port()
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", f"--IdentityProvider.token={token}"),
        f"--ServerApp.root_dir={folder}",
    ]
    env = {**os.environ, **_places(home), **environment}
    with (home / "log.txt").open("w") as log:
        server = subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url, token, server)
        yield url, token
    finally:
        server.terminate()
        server.wait(20)


def _places(home: Path) -> dict[str, str]:
    """Where Jupyter keeps things, all below one directory."""
    names = ("DATA", "RUNTIME", "CONFIG")
    found = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in names}
    return {**found, "HOME": str(home), "IPYTHONDIR": str(home / "ipython")}


def _be_calm(home: Path) -> None:
    for name, settings in _CALM.items():
        file = home / "config" / "lab" / "user-settings" / "@jupyterlab" / name
        file.parent.mkdir(parents=True)
        file.with_suffix(".jupyterlab-settings").write_text(json.dumps(settings))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _wait_for(url: str, token: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _START_SECONDS
    while True:
        assert server.poll() is None, "JupyterLab did not start"
        try:
            request(f"{url}/api/status", token)
        except (OSError, urllib.error.URLError):
            assert time.monotonic() < end, "JupyterLab does not answer"
            time.sleep(0.1)
        else:
            return


def _write(file: Path, kernel: str, cells: Sequence[str]) -> None:
    made: nbformat.NotebookNode = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call] # left untyped
    made.metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": "python"}
    made.cells = [
        nbformat.v4.new_code_cell(cell)  # type: ignore[no-untyped-call] # left untyped
        for cell in cells
    ]
    nbformat.write(made, file)  # type: ignore[no-untyped-call] # left untyped
