"""A person's own modules: read as text, and nothing of them runs here."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sessions.errors import UsageError
from tools_registry.kernel_packages import kernel_packages
from tools_registry.modules.catalogue import user_tools
from tools_registry.modules.shelf import Shelf

AREA = '''def area(width: float, height: float = 1) -> float:
    """Area of a rectangle.

    Args:
        width: In metres.
    """
    return width * height


def _hidden(): ...
'''
TRAP = "raise SystemExit('it ran')\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def plant(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / f"{name.replace('__', '/', 1) if name[0] != '_' else name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def names(workspace: Path) -> list[str]:
    tools, problems = user_tools(workspace)
    assert problems == []
    return [tool.import_line for tool in tools]


def test_a_module_of_the_workspace(workspace: Path) -> None:
    plant(workspace, shapes=TRAP + AREA)
    assert Shelf().add("shapes", workspace) == workspace / "shapes.py"
    (tool,) = user_tools(workspace)[0]
    assert tool.kind == "user"
    assert tool.category == "shapes"
    assert tool.signature == "area(width: float, height: float=1) -> float"
    assert tool.parameters[0].doc == "In metres."
    assert tool.import_line == "from shapes import area"
    assert "shapes" not in sys.modules


def test_it_is_of_no_use_in_another_workspace(workspace: Path, tmp_path: Path) -> None:
    plant(workspace, shapes=AREA)
    Shelf().add("shapes", workspace)
    (tmp_path / "other").mkdir()
    assert names(tmp_path / "other") == []


def test_it_is_read_again_when_it_changes(workspace: Path) -> None:
    plant(workspace, shapes=AREA)
    Shelf().add("shapes", workspace)
    plant(workspace, shapes=AREA.replace("area", "surface"))
    assert names(workspace) == ["from shapes import surface"]
    plant(workspace, shapes="def broken(:\n")
    tools, problems = user_tools(workspace)
    assert tools == []
    assert problems[0].line == 1
    (workspace / "shapes.py").unlink()
    assert "is not there any more" in user_tools(workspace)[1][0].message


def test_a_package_with_what_is_in_it(workspace: Path) -> None:
    package = workspace / "company"
    plant(package, __init__=AREA, finance=AREA, _private=AREA, conftest=AREA)
    plant(package / "deep", __init__="", shapes=AREA)
    plant(package / "tests", __init__="", test_x=AREA)
    plant(package / "no_package", x=AREA)
    Shelf().add("company", workspace)
    assert names(workspace) == [
        "from company import area",
        "from company.deep.shapes import area",
        "from company.finance import area",
    ]
    Shelf().remove("company")
    Shelf().add("company.finance", workspace)
    assert names(workspace) == ["from company.finance import area"]


def test_what_a_module_exports_is_taken_at_its_word(workspace: Path) -> None:
    plant(workspace, shapes="__all__ = ['area']\n" + AREA + "\n\ndef helper(): ...\n")
    Shelf().add("shapes", workspace)
    assert names(workspace) == ["from shapes import area"]


def test_what_is_installed_is_found_first(workspace: Path) -> None:
    plant(workspace / "packaging", __init__=TRAP, version=AREA)
    place = Shelf().add("packaging.version", workspace)
    assert "site-packages" in str(place)
    assert "from packaging.version import parse" in names(workspace)


def test_links_are_not_followed(workspace: Path, tmp_path: Path) -> None:
    plant(tmp_path, secret=AREA)
    plant(workspace / "company", __init__="")
    (workspace / "company" / "leak.py").symlink_to(tmp_path / "secret.py")
    (workspace / "company" / "out").symlink_to(tmp_path)
    (workspace / "leak.py").symlink_to(tmp_path / "secret.py")
    Shelf().add("company", workspace)
    Shelf().add("leak", workspace)
    tools, problems = user_tools(workspace)
    assert tools == []
    assert ["is a link" in problem.message for problem in problems] == [True]


def test_path_files_and_hooks_do_not_run(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked: list[str] = []
    monkeypatch.setattr(sys, "path_hooks", [hooked.append])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    plant(tmp_path / "lib", shapes=AREA)
    (tmp_path / "lib" / "evil.pth").write_text("import os; os.abort()\n")
    Shelf().add("shapes", workspace, tmp_path / "lib")
    assert names(workspace) == ["from shapes import area"]
    assert hooked == []


def test_a_folder_of_its_own_is_shown_to_the_kernel(workspace: Path, tmp_path: Path) -> None:
    lib = plant(tmp_path / "lib", shapes=AREA)
    Shelf().add("shapes", workspace, lib)
    packages, folders = kernel_packages(workspace)
    assert folders == [lib]
    assert (packages["shapes"] / "__init__.py").is_file()
    Shelf().remove("shapes")
    assert "shapes" not in kernel_packages(workspace)[0]


def test_a_folder_that_went_away_is_in_nobodys_way(workspace: Path, tmp_path: Path) -> None:
    lib = plant(tmp_path / "lib", shapes=AREA)
    Shelf().add("shapes", workspace, lib)
    (lib / "shapes.py").unlink()
    lib.rmdir()
    assert kernel_packages(workspace)[1] == []
    tools, problems = user_tools(workspace)
    assert tools == []
    assert "`agent tools remove shapes` forgets it" in problems[0].message


@pytest.mark.parametrize("path", ["/", "/etc", "~", "/tmp", "..", "/no/such/folder"])
def test_cells_are_not_shown_what_is_nobodys_business(workspace: Path, path: str) -> None:
    with pytest.raises(UsageError):
        Shelf().add("shapes", workspace, Path(path) if path != ".." else workspace.parent)


@pytest.mark.parametrize("name", ["math", "json", "os.path"])
def test_what_is_part_of_python_need_not_be_added(workspace: Path, name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is part of Python: code imports it as it is"):
        Shelf().add(name, workspace)


@pytest.mark.parametrize("name", ["json", "os", "agent_tools", "learned_skills", "numpy"])
def test_a_module_can_not_hide_another(workspace: Path, tmp_path: Path, name: str) -> None:
    lib = plant(tmp_path / "lib", **{name: AREA})
    with pytest.raises(UsageError, match="would hide"):
        Shelf().add(name, workspace, lib)


@pytest.mark.parametrize("name", ["json", "numpy", "agent_tools"])
def test_a_module_whose_name_is_taken_has_another_here(
    workspace: Path, tmp_path: Path, name: str
) -> None:
    lib = plant(tmp_path / "lib", **{name: AREA})
    assert Shelf().add(name, workspace, lib, "mine") == lib / f"{name}.py"
    assert names(workspace) == ["from mine import area"]
    assert Shelf().names() == ("mine",)
    packages, folders = kernel_packages(workspace)
    assert folders == [lib]
    assert (packages["mine"] / "__init__.py").is_file()
    assert name not in packages or name == "agent_tools"
    Shelf().remove("mine")
    assert "mine" not in kernel_packages(workspace)[0]


def test_a_module_of_the_workspace_may_have_another_name(workspace: Path) -> None:
    plant(workspace / "statistics", __init__="", parts=AREA)
    Shelf().add("statistics.parts", workspace, alias="mine")
    assert names(workspace) == ["from mine.parts import area"]


@pytest.mark.parametrize("alias", ["json", "numpy", "agent_mcp", "learned_skills", "a b", "../x"])
def test_another_name_may_not_be_taken_either(workspace: Path, alias: str) -> None:
    plant(workspace, shapes=AREA)
    with pytest.raises(UsageError, match=r"would hide|no name of a module"):
        Shelf().add("shapes", workspace, alias=alias)
    assert not Shelf().exists()


def test_two_modules_can_not_have_one_name(workspace: Path, tmp_path: Path) -> None:
    one, two = plant(tmp_path / "one", a__x=AREA), plant(tmp_path / "two", b__x=AREA)
    for folder in one / "a", two / "b":
        (folder / "__init__.py").touch()
    Shelf().add("a", workspace, one, "mine")
    with pytest.raises(UsageError, match="another module of that name"):
        Shelf().add("b.x", workspace, two, "mine")
    assert names(workspace) == ["from mine.x import area"]


@pytest.mark.parametrize("of", ["../x", "a b", "3", "1"])
def test_a_forged_name_is_told(workspace: Path, of: str) -> None:
    shelf = Shelf()
    shelf.configuration.parent.mkdir(parents=True)
    entry = '{"modules": {"mine": {"path": "%s", "of": "%s"}}}'
    shelf.configuration.write_text(entry % (workspace, of))
    assert len(user_tools(workspace)[1]) == 1


@pytest.mark.parametrize("name", ["", "a b", "../x", "a..b", "a/b", "1a", "ä", "x" * 300, "a.b\n"])
def test_what_is_no_name_is_refused(workspace: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name of a module"):
        Shelf().add(name, workspace)


def test_what_is_not_there_is_told(workspace: Path) -> None:
    with pytest.raises(UsageError, match="no module nothing_of_this_name"):
        Shelf().add("nothing_of_this_name", workspace)
    with pytest.raises(UsageError, match="was not added: nor was any other"):
        Shelf().remove("nothing_of_this_name")


@pytest.mark.parametrize("text", ["{", "[]", '{"modules": 3}', '{"modules": {"a": 3}}'])
def test_a_broken_configuration_is_told(workspace: Path, text: str) -> None:
    shelf = Shelf()
    shelf.configuration.parent.mkdir(parents=True)
    shelf.configuration.write_text(text)
    tools, problems = user_tools(workspace)
    assert tools == []
    assert len(problems) == 1
    assert "agent_tools" in kernel_packages(workspace)[0]
    plant(workspace, shapes=AREA)
    with pytest.raises(UsageError):
        shelf.add("shapes", workspace)
    assert shelf.configuration.read_text() == text
