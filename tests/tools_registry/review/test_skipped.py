"""What a shared library has that can't be taken: each by its name, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions.errors import AgentError
from tests.support.git import plain
from tests.tools_registry.review.conftest import draft
from tools_registry.git.git import Git
from tools_registry.git.remote import parse_remote
from tools_registry.review.desk import Desk
from tools_registry.review.sharing import pull


@pytest.mark.parametrize("is_repository", [True, False])
def test_what_is_skipped_is_told_with_the_reason(
    other: Desk, tmp_path: Path, is_repository: bool
) -> None:
    lib = tmp_path / "lib" / "learned_skills"
    lib.mkdir(parents=True)
    record = "\n\n# /// skill\n" + "# x\n" * 40_000 + "# ///\n"
    for name, text in {
        "broken": "def broken() -> int:\n    return (\n",
        "deep": "def deep(n: int) -> int:\n    return " + "n." * 9_000 + "n\n",
        "heavy": f"def heavy() -> int:\n    return 1\n{record}",
    }.items():
        (lib / f"{name}.py").write_text(text)
        (lib / f"test_{name}.py").write_text(draft(name).tests)
    (lib / "link.py").symlink_to("/etc/passwd")
    if is_repository:
        plain(lib.parent, "init", "-q", "-b", "main")
        plain(lib.parent, "add", "-A")
        plain(lib.parent, "commit", "-qm", "theirs")
    found = list(pull(other, [parse_remote(str(lib.parent))]))

    assert found == [
        "lib: skipped: broken.py line 2 is not valid Python: '(' was never closed",
        "lib: skipped: deep.py is not valid Python: it is nested too deeply",
        "lib: skipped: heavy is no skill with tests: heavy.py is no file, or more than 128 KB",
        "lib: skipped: link is no skill with tests: link.py is no file, or more than 128 KB",
    ]
    assert not other.library.path.exists()


def test_a_cache_that_can_not_be_written_is_told(
    other: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    (told,) = pull(other, [parse_remote("https://example.invalid/team/skills")])

    assert isinstance(told, str)
    assert told.startswith("https://example.invalid/team/skills can't be fetched to ")
    assert "(Not a directory): mend that directory" in told


def test_no_room_for_temporary_files_is_told(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Git(repository).open() as git:
        monkeypatch.setattr("tempfile.tempdir", str(repository / "gone"))
        with pytest.raises(AgentError, match=r"git can't be run in .*: No such file or directory"):
            git.run("rev-parse", "HEAD")
