"""The example notebooks run from top to bottom."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

_NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"


@pytest.mark.parametrize("name", [path.name for path in _NOTEBOOKS.glob("*.ipynb")])
def test_a_notebook_runs(name: str, tmp_path: Path) -> None:
    shutil.copytree(_NOTEBOOKS / "data", tmp_path / "data")
    notebook = nbformat.read(_NOTEBOOKS / name, as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    client = NotebookClient(notebook, timeout=100, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert (tmp_path / "flippers.png").is_file()
