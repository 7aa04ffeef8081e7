"""Which modules the person has named; it stands in the user's own configuration."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sessions import data_directories, interpreter
from sessions import workspace as workspaces
from sessions.errors import UsageError
from tools_registry.modules.module import OURS, UserModule, check_name, find
from tools_registry.own_files import (
    config_path,
    data_path,
    is_there,
    locked,
    read_json,
    write_json,
    write_text,
)

_STUB = '''"""Stands in for the module {name}, which lies in a folder of its own."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec, spec_from_file_location

_folder = {folder!r}
_found = PathFinder.find_spec({own!r}, [_folder])
if _found is None or not _found.origin:
    raise ModuleNotFoundError(f"{{__name__}} is not in {{_folder}} any more", name=__name__)
_spec = spec_from_file_location(
    __name__, _found.origin, submodule_search_locations=_found.submodule_search_locations
)
if _folder not in sys.path:
    sys.path.append(_folder)
sys.modules[__name__] = _module = module_from_spec(_spec)
_spec.loader.exec_module(_module)
'''


class Shelf:
    """The modules of one person.

    Args:
        configuration: The file that names them; by default in the user's configuration.
        data: Folder for what the kernel needs to find them; by default in the user's data.
    """

    def __init__(self, configuration: Path | None = None, data: Path | None = None) -> None:
        self.configuration = configuration or config_path("modules.json")
        self._data = data or data_path("modules")

    def exists(self) -> bool:
        """Whether any module was ever named; costs next to nothing."""
        return is_there(self.configuration)

    def names(self) -> tuple[str, ...]:
        """The names of all.

        Raises:
            UsageError: If the file is not what it is to be.
        """
        return tuple(self._all())

    def modules(self, workspace: Path) -> list[UserModule]:
        """Those that can be imported in a workspace.

        Raises:
            UsageError: If the file is not what it is to be.
        """
        return [m for m in self._all().values() if m.workspace in {None, workspace.resolve()}]

    def add(self, name: str, workspace: Path, path: Path | None = None, alias: str = "") -> Path:
        """Name a module; returns where it lies.

        Args:
            name: As it is called where it lies.
            workspace: Where it is looked for after what is installed.
            path: Folder that it lies in, instead.
            alias: What the first part of its name is to be here; "" for the same. It then lies in
                `path`, or in the workspace.

        Raises:
            UsageError: If there is none, or cells may not see it.
        """
        module = _renamed(name, workspace, path, alias) if alias else None
        if module is None:
            check_name(name, apart=path is not None)
            module = _located(name, workspace.resolve(), path)
        place = place_of(module, workspace)
        if place is None:
            raise UsageError(_explain_absent(name, path))
        with locked(self._data):
            known = self._all()
            if module.path is not None:
                _check_top(module, known)
                stub = _STUB.format(
                    name=module.top, folder=str(module.path), own=module.of or module.top
                )
                write_text(self._data / "stubs" / module.top / "__init__.py", stub, mode=0o644)
            self._write({**known, module.name: module})
        return place

    def remove(self, name: str) -> None:
        """Forget a module.

        Raises:
            UsageError: If none of this name was added.
        """
        with locked(self._data):
            known = self._all()
            if name not in known:
                names = f"choose from {', '.join(known)}" if known else "nor was any other"
                msg = f"the module {name[:60]!r} was not added: {names}"
                raise UsageError(msg)
            removed = known.pop(name)
            self._write(known)
            if removed.path is not None and not any(m.top == removed.top for m in known.values()):
                (self._data / "stubs" / removed.top / "__init__.py").unlink(missing_ok=True)

    def shown(self, workspace: Path) -> tuple[dict[str, Path], list[Path]]:
        """What a kernel needs to import them: packages by name, and folders to show it."""
        packages: dict[str, Path] = {}
        folders: list[Path] = []
        for module in self.modules(workspace) if self.exists() else []:
            if module.path is None or not can_be_shown(module.path, workspace):
                continue
            packages[module.top] = self._data / "stubs" / module.top
            if not module.path.is_relative_to(workspace.resolve()):
                folders.append(module.path)
        return packages, list(dict.fromkeys(folders))

    def _all(self) -> dict[str, UserModule]:
        entries = read_json(self.configuration)
        if not isinstance(entries, dict) or not isinstance(entries.get("modules", {}), dict):
            msg = f"{self.configuration} is not valid JSON: correct it, or remove it"
            raise UsageError(msg)
        return {name: self._module(name, e) for name, e in entries.get("modules", {}).items()}

    def _module(self, name: str, entry: Any) -> UserModule:
        try:
            check_name(name, apart="path" in entry)
            found = {key: Path(entry[key]) for key in ("path", "workspace") if key in entry}
            of = entry.get("of", "")
            if of and not of.isidentifier():
                raise TypeError(of)
            return UserModule(name=name, of=of, **found)
        except (TypeError, AttributeError):
            msg = f"{self.configuration}: the entry {name[:40]!r} makes no sense: remove it"
            raise UsageError(msg) from None

    def _write(self, modules: Mapping[str, UserModule]) -> None:
        entries = {name: _entry(module) for name, module in sorted(modules.items())}
        write_json(self.configuration, {"modules": entries}, mode=0o600)


def place_of(module: UserModule, workspace: Path) -> Path | None:
    """Where a module lies now; None if it is gone."""
    folders = [module.path] if module.path is not None else _folders(workspace)
    return find(module.own_name, folders)


def can_be_shown(path: Path, workspace: Path) -> bool:
    """Whether cells of a workspace may see a folder."""
    if path.is_relative_to(workspace.resolve()):
        return path.is_dir()
    try:
        data_directories.resolved([path], workspace.resolve())
    except UsageError:
        return False
    return True


def _explain_absent(name: str, path: Path | None) -> str:
    if path is None and name.partition(".")[0] in sys.stdlib_module_names:
        return f"{name} is part of Python: code imports it as it is, so there is nothing to add"
    where = str(path) if path else "what is installed, or in the workspace"
    return f"there is no module {name} in {where}: correct the name, or use --path DIR"


def _renamed(name: str, workspace: Path, path: Path | None, alias: str) -> UserModule:
    """A module that has another name here, and so hides nothing."""
    top, dot, rest = name.partition(".")
    check_name(f"{alias}{dot}{rest}", apart=True)
    check_name(name if top not in OURS else alias, apart=False)
    module = _located(f"{alias}{dot}{rest}", workspace.resolve(), path or workspace)
    return replace(module, of=top)


def _check_top(module: UserModule, known: Mapping[str, UserModule]) -> None:
    """Two packages can't have the same name; two modules of one package can be named."""
    for other in known.values():
        apart = other.path is not None and other.top == module.top and other.name != module.name
        if apart and (other.path, other.of) != (module.path, module.of):
            msg = f"{other.name} is another module of that name: give yours another with --as NAME"
            raise UsageError(msg)


def _located(name: str, workspace: Path, path: Path | None) -> UserModule:
    if path is None:
        found = find(name, _folders(workspace))
        inside = found is not None and found.is_relative_to(workspace)
        installed = workspaces.environment(workspace)
        own = inside and found is not None and not found.is_relative_to(installed)
        return UserModule(name=name, workspace=workspace if own else None)
    folder = path.expanduser().resolve()
    if not folder.is_relative_to(workspace):
        (folder,) = data_directories.resolved([path], workspace)
    if find(name.partition(".")[0], _installed(workspace)) is not None:
        msg = (
            f"a module of the name {name} is installed, which yours would hide: leave out --path, "
            "or give yours another name with --as NAME"
        )
        raise UsageError(msg)
    return UserModule(name=name, path=folder)


def _folders(workspace: Path) -> list[Path]:
    """Where the kernel imports from, in its order, the standard library left out."""
    return [*_installed(workspace), workspace.resolve()]


def _installed(workspace: Path) -> list[Path]:
    environment = workspaces.environment(workspace.resolve())
    layers = sorted(environment.glob("[0-9]*"), key=lambda layer: layer.name.zfill(20))
    return [*map(Path, interpreter.packages()), *layers]


def _entry(module: UserModule) -> dict[str, str]:
    found = {"path": module.path, "workspace": module.workspace, "of": module.of or None}
    return {key: str(value) for key, value in found.items() if value is not None}
