"""Core tools and skills in one registry."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import UsageError
from tools_registry import Registry, SkillDraft, SkillLibrary, core_path
from tools_registry.search.usage import Usage
from tools_registry.tool import SkillStatus

SOURCE = '''
def morse_code(text: str) -> str:
    """Write a text in Morse code."""
'''


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


def save(workspace: Path, status: SkillStatus = "approved", name: str = "morse_code") -> None:
    source = SOURCE.replace("morse_code", name)
    draft = SkillDraft(name=name, source=source, tests="", status=status)
    SkillLibrary(workspace).save(draft, replace=True)


def test_core_tools_are_there_without_a_workspace(workspace: Path) -> None:
    registry = Registry.open(workspace)

    assert registry.get("word_count").import_line == "from agent_tools.text import word_count"
    assert registry.get("word_count").category == "text"
    assert {tool.kind for tool in registry.tools()} == {"core"}
    assert len(registry.tools()) >= 25
    assert registry.problems == ()
    assert not workspace.exists()


def test_core_tools_come_from_the_public_modules(workspace: Path) -> None:
    for tool in Registry.open(workspace).tools():
        assert tool.file.parent == core_path()
        assert not tool.file.name.startswith("_")
        assert tool.summary, tool.name


def test_a_skill_is_found_by_the_next_registry(workspace: Path) -> None:
    save(workspace)
    registry = Registry.open(workspace)

    hit = registry.search("morse code")[0]
    assert (hit.name, hit.kind) == ("morse_code", "skill")
    assert hit.signature == "morse_code(text: str) -> str"
    assert hit.summary == "Write a text in Morse code."
    tool = registry.get("morse_code")
    assert tool.import_line == "from learned_skills.morse_code import morse_code"
    assert (tool.category, tool.status) == ("skill", "approved")


def test_hits_are_few_best_first_and_between_0_and_1(workspace: Path) -> None:
    hits = Registry.open(workspace).search("count the words in a text", limit=3)

    assert hits[0].name == "word_count"
    assert len(hits) == 3
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(0 < hit.score <= 1 for hit in hits)


@pytest.mark.parametrize("status", ["rejected", "stale"])
def test_what_is_not_trusted_is_not_offered(workspace: Path, status: SkillStatus) -> None:
    save(workspace, status)
    registry = Registry.open(workspace)

    assert "morse_code" not in [hit.name for hit in registry.search("morse code", 50)]
    with pytest.raises(UsageError, match=f"skill morse_code is {status} and not used"):
        registry.get("morse_code")
    assert [skill.name for skill in registry.skills.list()] == ["morse_code"]


def test_an_edited_skill_is_not_offered(workspace: Path) -> None:
    save(workspace)
    file = workspace / "learned_skills" / "morse_code.py"
    file.write_text("import os\n" + file.read_text())

    assert "morse_code" not in [tool.name for tool in Registry.open(workspace).tools()]


def test_a_provisional_skill_ranks_below_an_approved_one(workspace: Path) -> None:
    save(workspace, "provisional", "morse_codes")
    save(workspace, "approved", "morse_coding")

    names = [hit.name for hit in Registry.open(workspace).search("morse code", 2)]
    assert names == ["morse_coding", "morse_codes"]


def test_kind_and_category_narrow_the_search(workspace: Path) -> None:
    save(workspace)
    registry = Registry.open(workspace)

    assert {hit.kind for hit in registry.search("write a text", 50, kind="core")} == {"core"}
    assert {hit.kind for hit in registry.search("write a text", 50, kind="skill")} == {"skill"}
    text = registry.search("number words table", 50, category="text")
    assert text
    assert {registry.get(hit.name).category for hit in text} == {"text"}


def test_status_narrows_the_search_to_skills_of_that_review(workspace: Path) -> None:
    save(workspace, "provisional", "morse_codes")
    save(workspace, "approved", "morse_coding")
    registry = Registry.open(workspace)

    hits = registry.search("morse code", 50, status="provisional")
    assert [(hit.name, hit.status, hit.category) for hit in hits] == [
        ("morse_codes", "provisional", "skill")
    ]


def test_that_there_are_no_weights_is_said_once(workspace: Path) -> None:
    code = (
        "import sys; from tools_registry import Registry;"
        "[Registry.open(sys.argv[1]).search('word') for _ in range(3)]"
    )
    command = [sys.executable, "-c", code, str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == ""
    assert done.stderr.count("keywords only") == 1


def test_use_moves_a_tool_by_words_alone(workspace: Path) -> None:
    Usage.open().succeeded("ring my grandmother", "slugify")
    registry = Registry.open(workspace)

    assert registry.search("ring grandmother")[0].name == "slugify"
    assert registry.search("count the words in a text")[0].name == "word_count"


def test_an_unknown_tool_names_the_nearest(workspace: Path) -> None:
    with pytest.raises(UsageError, match="no tool named 'word_cuont'; did you mean word_count"):
        Registry.open(workspace).get("word_cuont")


def test_a_skill_can_not_pose_as_a_core_tool(workspace: Path) -> None:
    save(workspace, name="word_counter")
    folder = workspace / "learned_skills"
    for prefix in ["", "test_"]:
        (folder / f"{prefix}word_counter.py").rename(folder / f"{prefix}word_count.py")
    from tools_registry.skills.skill_file import render

    draft = SkillDraft(name="word_count", source="def word_count(): ...\n", tests="")
    (folder / "word_count.py").write_text(render(draft))

    registry = Registry.open(workspace)
    assert registry.get("word_count").kind == "core"
    assert "a core tool has that name" in registry.problems[0].message


def test_a_broken_skill_is_a_problem_and_the_rest_works(workspace: Path) -> None:
    save(workspace)
    (workspace / "learned_skills" / "broken.py").write_text("def (")
    registry = Registry.open(workspace)

    assert registry.search("morse code")[0].name == "morse_code"
    assert [problem.file.name for problem in registry.problems] == ["broken.py"]


def test_opening_and_searching_write_nothing_to_the_workspace(workspace: Path) -> None:
    save(workspace)
    before = sorted(workspace.rglob("*"))
    Registry.open(workspace).search("morse")

    assert sorted(workspace.rglob("*")) == before


def test_without_weights_search_says_so(workspace: Path) -> None:
    active, why = Registry.open(workspace).embedding

    assert not active
    assert "keywords only" in why
    assert "tools_registry.search.weights" in why


@pytest.fixture(scope="module")
def core() -> Registry:
    return Registry.open("/nonexistent", weights=Path("/nonexistent"))


@given(query=st.text())
def test_any_query_is_answered(core: Registry, query: str) -> None:
    assert all(0 < hit.score <= 1 for hit in core.search(query))


def test_threads_may_search_at_once(workspace: Path) -> None:
    registry = Registry.open(workspace)
    found: list[str] = []

    def search() -> None:
        found.append(registry.search("histogram")[0].name)

    threads = [threading.Thread(target=search) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["plot_histogram"] * 8


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys; import tools_registry; before = set(sys.modules);"
        "from tools_registry import Registry; Registry.open('/nonexistent').search('word');"
        "heavy = {'numpy', 'pandas', 'IPython', 'pydantic', 'rich'} & set(sys.modules);"
        "print(sorted(heavy), 'ast' in before, 'sqlite3' in before)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[] False False"
