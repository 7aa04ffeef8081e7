"""A small workspace with a table, a kernel or an agent for those who need one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from agent import Agent
from sessions.session import Session
from tools_registry.core_package import core_path
from tools_registry.registry import Registry
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft

ROWS = """\
Species,Island,Culmen Length (mm),Culmen Depth (mm),Body Mass (g),Sex
Adelie Penguin (Pygoscelis adeliae),Torgersen,39.1,18.7,3750,MALE
Adelie Penguin (Pygoscelis adeliae),Dream,39.5,17.4,3800,FEMALE
Gentoo penguin (Pygoscelis papua),Biscoe,46.1,13.2,4500,FEMALE
Gentoo penguin (Pygoscelis papua),Biscoe,50.0,16.3,5700,MALE
Gentoo penguin (Pygoscelis papua),Biscoe,,,,
"""
LATIN_NAME = '''\
import re


def latin_name(text: str) -> str:
    """The Latin name between the parentheses.

    Args:
        text: The whole name.
    """
    return re.search(r"\\((.*?)\\)", text).group(1)
'''


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A directory with one table and one skill."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "penguins.csv").write_text(ROWS)
    draft = SkillDraft(
        name="latin_name", source=LATIN_NAME, tests="from learned_skills.latin_name import *\n"
    )
    SkillLibrary(folder).save(draft)
    return folder


@pytest.fixture
def registry(workspace: Path) -> Registry:
    return Registry.open(workspace)


@pytest_asyncio.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    folder = tmp_path / "kernel"
    folder.mkdir()
    async with Session(folder, libraries={"agent_tools": core_path()}) as session:
        yield session


@pytest.fixture(scope="module")
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files that the module tells of in `FILES`: name → text."""
    folder = tmp_path_factory.mktemp("files")
    for name, text in request.module.FILES.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def agent(folder: Path) -> AsyncIterator[Agent]:
    """An agent without a model in that directory, for all tests of the module."""
    async with Agent(workspace=folder, model="offline") as agent:
        yield agent
