"""The main job on a real file, offline: `make run`.

Every step is a command anyone can type; each runs in a process of its own. What comes of them lies
in `workspace/tour`, made anew each time.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

_REPOSITORY = Path(__file__).resolve().parent.parent
_DATA = _REPOSITORY / "notebooks" / "data" / "penguins_raw.csv"
_WORKSPACE = _REPOSITORY / "workspace" / "tour"


class Step(NamedTuple):
    """One command of the tour.

    Attributes:
        title: What it shows, one line.
        arguments: Arguments of `agent`.
    """

    title: str
    arguments: list[str]


STEPS = [
    Step("A file nobody has looked at yet", ["run", "profile penguins_raw.csv"]),
    Step(
        "A question about it",
        ["run", "what is the mean body mass by species in penguins_raw.csv?"],
    ),
    Step(
        "A question that is better answered by a picture",
        [
            "run",
            "plot flipper length against body mass coloured by species in penguins_raw.csv "
            "and save it as flippers.png",
        ],
    ),
    Step(
        "Examples become a function, tested in the guarded kernel and kept as a skill",
        [
            "learn",
            "the scientific name between the parentheses",
            "--name",
            "latin_name",
            "--example",
            "latin_name('Adelie Penguin (Pygoscelis adeliae)') == 'Pygoscelis adeliae'",
            "--example",
            "latin_name('Gentoo penguin (Pygoscelis papua)') == 'Pygoscelis papua'",
            "--example",
            "latin_name('Chinstrap (Pygoscelis antarctica)') == 'Pygoscelis antarctica'",
            "--example",
            "latin_name('Emperor (Aptenodytes forsteri)') == 'Aptenodytes forsteri'",
        ],
    ),
    Step("A new process finds the skill by what it does", ["skills", "search", "scientific name"]),
    Step(
        "... and uses it on a column of the file",
        ["run", "apply latin_name to the column Species of penguins_raw.csv and count the values"],
    ),
]


def main() -> int:
    """Run every step; returns 1 at the first that fails."""
    _prepare(_WORKSPACE)
    started = time.monotonic()
    print(f"The tour runs offline, in {_WORKSPACE.relative_to(_REPOSITORY)}/.", flush=True)
    for number, step in enumerate(STEPS, 1):
        print(f"\n{number}. {step.title}\n$ agent {_typed(step.arguments)}", flush=True)
        if not _run(step):
            print(f"\nStep {number} failed; `agent doctor` says what is missing.", file=sys.stderr)
            return 1
    _where_to_look(time.monotonic() - started)
    return 0


def _typed(arguments: list[str]) -> str:
    """The arguments as a person would type them."""
    quoted = (f'"{a}"' if "'" in a and '"' not in a else shlex.quote(a) for a in arguments)
    return " ".join(quoted)


def _prepare(workspace: Path) -> None:
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    shutil.copy(_DATA, workspace)


def _run(step: Step) -> bool:
    agent = Path(sys.executable).with_name("agent")
    return subprocess.run([agent, *step.arguments], cwd=_WORKSPACE, check=False).returncode == 0


def _where_to_look(seconds: float) -> None:
    folder = _WORKSPACE.relative_to(_REPOSITORY)
    print(
        f"\nDone in {seconds:.0f} s. Look at:\n"
        f"  {folder}/flippers.png                   the picture\n"
        f"  {folder}/learned_skills/latin_name.py   the skill, with its evidence\n"
        f"  {folder}/learned_skills/test_latin_name.py\n"
        "Next: `cd` there and ask something yourself, e.g. "
        "`agent run \"how many rows where Island == 'Dream' in penguins_raw.csv\"`."
    )


if __name__ == "__main__":
    sys.exit(main())
