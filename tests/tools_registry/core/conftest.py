"""A working directory with small sample files, as the examples of the tools expect them."""

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tools_registry.web.fetcher import Reply
from tools_registry.web.location import Location
from tools_registry.web.page import as_page

PENGUINS = """\
Species,Island,Date Egg,Body Mass (g),Sex
Adelie Penguin (Pygoscelis adeliae),Torgersen,2007-11-11,3750,MALE
Adelie Penguin (Pygoscelis adeliae),Torgersen,2007-11-12,3800,MALE
Adelie Penguin (Pygoscelis adeliae),Torgersen,2007-11-16,3250,FEMALE
Adelie Penguin (Pygoscelis adeliae),Torgersen,2007-11-16,NA,NA
Gentoo penguin (Pygoscelis papua),Biscoe,2007-11-27,4500,FEMALE
Gentoo penguin (Pygoscelis papua),Biscoe,2008-11-09,5150,MALE
"""
ISLANDS = [
    {"Island": "Torgersen", "Area (km2)": 0.4},
    {"Island": "Dream", "Area (km2)": 0.5},
    {"Island": "Biscoe", "Area (km2)": 11.8},
]
NOTES = """\
Nest N1A1 was empty.
Two eggs seen on Torgersen.
TODO: weigh the eggs again.
"""


@pytest.fixture(autouse=True)
def working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "penguins.csv").write_text(PENGUINS)
    (tmp_path / "islands.json").write_text(json.dumps(ISLANDS))
    (tmp_path / "notes.txt").write_text(NOTES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


PAGE = """<title>Penguins</title><nav>Home</nav><main><h1>Penguins of the Antarctic</h1>
<p>One is the <a href="/gentoo">Gentoo</a>.</main>"""
SAID = {
    "en": [(0.5, 2.0, "two penguins walk"), (2.5, 1.5, "into a bar")],
    "de": [(0.5, 2.0, "zwei Pinguine")],
}


@pytest.fixture(autouse=True)
def host(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that a kernel has to ask its host; this host knows one page and one video."""
    module = ModuleType("agent_host")
    monkeypatch.setattr(module, "call", _answer, raising=False)
    monkeypatch.setitem(sys.modules, "agent_host", module)


def _answer(name: str, **arguments: Any) -> dict[str, Any]:
    if name == "fetch_page":
        location = Location.of(arguments["url"])
        return as_page(Reply(location=location, status=200, kind="text/html", text=PAGE))
    language = arguments["language"]
    said = [dict(zip(("start", "duration", "text"), s, strict=True)) for s in SAID[language]]
    video = {"video": "dQw4w9WgXcQ", "title": "Two penguins", "language": language}
    return {**video, "generated": False, "segments": said, "truncated": False}
