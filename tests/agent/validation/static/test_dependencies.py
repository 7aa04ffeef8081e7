"""What metadata of installed packages say is read as it is meant, offline."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from agent.validation import Candidate
from agent.validation.running.bench import Bench
from agent.validation.static import dependencies as packages
from agent.validation.static.dependencies import binds, dependencies, licence_of

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put the metadata of a distribution, and a module of its name, where Python looks."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def put(name: str, version: str = "1.0", *fields: str) -> None:
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *fields]
        (folder / "METADATA").write_text("\n".join(lines) + "\n")
        (folder / "top_level.txt").write_text(f"{name}\n")
        packages._owners.cache_clear()

    return put


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    remembering = packages._owners
    yield
    remembering.cache_clear()


async def hints(name: str, desk: Bench) -> str:
    candidate = Candidate(name="f", source=f"import {name}\n\ndef f():\n    return {name}\n")
    return "; ".join((await dependencies(candidate, desk)).advice)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["License-Expression: AGPL-3.0-only"], "is under AGPL-3.0-only, which binds"),
        (["License-Expression: MIT OR GPL-2.0-only"], ""),
        (["License-Expression: MIT AND GPL-2.0-only"], "which binds"),
        (["License-Expression: LGPL-3.0-or-later"], ""),
        (["License: GPLv3"], "is under GPLv3, which binds"),
        (["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"], ""),
        (
            [
                "Classifier: License :: OSI Approved",
                "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
            ],
            "GNU General Public License v3 (GPLv3), which binds",
        ),
        (
            ["License: Copyright (c) 2011, its makers. All rights reserved, GPL or not; read on"],
            "not say",
        ),
        (["Classifier: License :: Other/Proprietary License"], "does not say under which licence"),
        ([], "does not say under which licence"),
    ],
)
async def test_licences(install: Install, desk: Bench, fields: list[str], said: str) -> None:
    install("strange_tool", "1.0", *fields)
    told = await hints("strange_tool", desk)
    assert said in told
    assert bool(told) == bool(said)


@pytest.mark.parametrize(
    ("version", "is_weak"),
    [("2.31.0", True), ("2.32.4rc1", True), ("2.32.4", False), ("2.100", False), ("odd", False)],
)
async def test_weak_versions(
    install: Install, desk: Bench, monkeypatch: pytest.MonkeyPatch, version: str, is_weak: bool
) -> None:
    monkeypatch.setattr(packages, "_owners", lambda: {"requests": ["Requests"]})
    monkeypatch.setattr(importlib.metadata, "version", lambda _: version)
    candidate = Candidate(name="f", source="import requests\n\ndef f():\n    return requests\n")
    problems = (await dependencies(candidate, desk)).problems
    assert bool(problems) is is_weak
    assert all("CVE-2024-47081" in problem for problem in problems)


def test_all_that_is_installed_here_says_its_licence_and_binds_nobody() -> None:
    """Real metadata, written in a dozen ways."""
    found = {
        d.metadata["Name"]: licence_of(d.metadata["Name"])
        for d in importlib.metadata.distributions()
    }
    assert len(found) > 100
    assert [name for name, licence in found.items() if not licence or binds(licence)] == []


async def test_the_lists_are_sound_and_say_where_they_come_from(desk: Bench) -> None:
    text = files("agent.validation.static").joinpath("packages.json").read_text("utf-8")
    lists = json.loads(text)
    assert lists["sources"].keys() == lists.keys() - {"sources"}
    assert all(re.fullmatch(r"[\d.]+", version) for version, _ in lists["weak"].values())
    assert all(re.fullmatch(r"CVE-20\d\d-\d{4,}", cve) for _, cve in lists["weak"].values())
    assert all(re.search(r"\(.*(?:20\d\d).*\)$", why) for why in lists["bad"].values())
    assert not {*lists["bad"]} & {*lists["popular"]}
    installed = packages._owners()
    assert [name for name in lists["bad"] if name in installed] == []
