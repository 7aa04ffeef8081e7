"""Whatever is reviewed in whichever order: what is the person's stays as it is, to the byte."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessions.errors import AgentError
from tests.support.git import plain
from tests.tools_registry.review.conftest import draft, refs
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk, Mode
from tools_registry.review.keeper import Keeper
from tools_registry.review.rejecting import reject
from tools_registry.review.reverting import revert
from tools_registry.skills.ledger import Ledger

NAMES = ("double", "triple")
OURS = ("refs/heads/agent/skills/", "refs/agent/rejected/")
Step = tuple[str, str, int]
STEPS = st.tuples(
    st.sampled_from(["propose", "propose", "approve", "approve", "reject", "revert"])
    | st.sampled_from(["edit", "stage", "commit", "branch", "by hand", "flag"]),
    st.sampled_from(NAMES),
    st.integers(2, 4),
)


@dataclass(frozen=True)
class Theirs:
    """All that no review may touch."""

    files: dict[str, bytes]
    entries: str
    refs: dict[str, str]
    tree: str

    @classmethod
    def of(cls, folder: Path) -> Theirs:
        files = {
            str(file.relative_to(folder)): file.read_bytes()
            for file in (*folder.glob("*.txt"), folder / ".git/config", folder / ".git/HEAD")
        }
        others = ("--", ".", ":!learned_skills")
        return cls(
            files=files,
            entries=plain(folder, "ls-files", "-s", "-v", "--debug", *others),
            refs={
                n: o for n, o in refs(folder).items() if n not in MOVED and not n.startswith(OURS)
            },
            tree=plain(folder, "ls-tree", "-r", "HEAD", "a.txt", "b.txt", "notes"),
        )


MOVED = {"refs/heads/main"}


class Person:
    """What a person does beside the review."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def do(self, what: str, name: str, number: int) -> None:
        if what == "edit":
            (self.folder / "a.txt").write_text(f"{number}\n")
        elif what == "stage":
            (self.folder / "b.txt").write_text(f"{number}\n")
            plain(self.folder, "add", "b.txt")
        elif what == "commit":
            plain(self.folder, "commit", "-qm", "theirs", "--allow-empty", "--", "a.txt")
        elif what == "branch":
            plain(self.folder, "branch", f"feature{number}")
        elif what == "flag":
            plain(self.folder, "update-index", "--assume-unchanged", "a.txt")
        else:
            file = self.folder / f"learned_skills/{name}.py"
            if file.exists():
                file.write_text(file.read_text() + f"# by hand {number}\n")


def review(folder: Path, ledger: Ledger, mode: Mode, step: Step) -> None:
    what, name, number = step
    desk = Desk.of(folder, mode, ledger)
    with suppress(AgentError):
        if what == "propose":
            Keeper(folder, mode, ledger=ledger).save(draft(name, number), replace=True)
        elif what == "approve":
            approve(desk, name)
        elif what == "reject":
            reject(desk, name, f"not {number}")
        else:
            revert(desk, name)


@pytest.mark.usefixtures("git_user")
def test_what_is_theirs_stays() -> None:
    holds()


@settings(max_examples=25)
@given(
    mode=st.sampled_from(["branch", "branch", "staged", "files"]),
    steps=st.lists(STEPS, min_size=4, max_size=9),
)
def holds(mode: Mode, steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder, ledger = Path(temporary) / "w", Ledger.open(Path(temporary) / "data/skills.sqlite")
        plain(Path(temporary), "init", "-q", "-b", "main", "w")
        (folder / "a.txt").write_text("one\n")
        plain(folder, "add", "-A")
        plain(folder, "commit", "-qm", "first")
        person = Person(folder)
        for step in steps:
            if step[0] in {"propose", "approve", "reject", "revert"}:
                before, main = Theirs.of(folder), plain(folder, "rev-parse", "main").strip()
                review(folder, ledger, mode, step)
                assert Theirs.of(folder) == before, step
                _check_main(folder, main, step)
            else:
                person.do(*step)
        assert plain(folder, "fsck", "--strict", "--no-dangling") == ""


def _check_main(folder: Path, before: str, step: Step) -> None:
    """It moves by nothing but an approval or a reversal, on top, and of that skill alone."""
    now = plain(folder, "rev-parse", "main").strip()
    if now == before:
        return
    assert step[0] in {"approve", "revert"}
    assert plain(folder, "rev-parse", "main^").strip() == before
    changed = set(plain(folder, "diff", "--name-only", before, now).split())
    assert changed <= {f"learned_skills/{step[1]}.py", f"learned_skills/test_{step[1]}.py"}
