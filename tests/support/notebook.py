"""A notebook that is run cell by cell in a real kernel, with the magics loaded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import psutil
from nbclient import NotebookClient

from tests.support.model_server import ModelServer

Outputs = list[dict[str, Any]]


class Notebook:
    """A notebook that is run cell by cell in a real kernel."""

    def __init__(self, client: NotebookClient) -> None:
        self.client = client

    def run(self, source: str) -> Outputs:
        notebook = self.client.nb
        cell = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call] # left untyped
        notebook.cells.append(cell)
        self.client.execute_cell(notebook.cells[-1], len(notebook.cells) - 1)
        return [dict(output) for output in notebook.cells[-1].outputs]

    def ask(self, server: ModelServer) -> None:
        """Point the kernel's model libraries to a provider."""
        wanted = {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": "sk-test"}
        self.run(f"import os; os.environ.update({wanted})")

    @property
    def kernel(self) -> psutil.Process:
        assert self.client.km is not None
        return psutil.Process(self.client.km.provisioner.pid)  # type: ignore[union-attr]


@contextmanager
def open_notebook(workspace: Path) -> Iterator[Notebook]:
    (workspace / "numbers.csv").write_text("n\n1\n2\n4\n")
    client = NotebookClient(
        nbformat.v4.new_notebook(),  # type: ignore[no-untyped-call] # left untyped
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(workspace)}},
        timeout=90,
    )
    with client.setup_kernel():
        opened = Notebook(client)
        opened.run("%load_ext agent")
        yield opened


def texts(outputs: Outputs) -> str:
    return "".join(str(output.get("text", "")) for output in outputs)


def shown(outputs: Outputs, kind: str) -> list[str]:
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def failure(outputs: Outputs) -> dict[str, Any]:
    (error,) = [output for output in outputs if output["output_type"] == "error"]
    return error
