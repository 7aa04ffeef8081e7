"""A small workspace with a table, and a kernel for those who need one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

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
