"""A working directory with small sample files, as the examples of the tools expect them."""

import json
from pathlib import Path

import pytest

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
