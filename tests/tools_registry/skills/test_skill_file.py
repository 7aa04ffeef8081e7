"""The file format of skills: what is written is read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.skills.skill import Evidence, Provenance, SkillDraft
from tools_registry.skills.skill_file import content_hash, render, split

ODD = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
DRAFT = SkillDraft(
    name="double",
    source='def double(n: int) -> int:\n    """Twice a number."""\n    return 2 * n\n',
    tests="def test_double():\n    assert double(2) == 4\n",
    evidence=(Evidence(signal="tests", passed=True, detail="1 passed"),),
    provenance=Provenance(model="offline", session_id="s1", created="2026-01-02T03:04:05Z"),
)


def test_the_file_is_code_first_and_a_record_in_comments() -> None:
    assert render(DRAFT) == (
        DRAFT.source + "\n\n"
        "# /// skill\n"
        '# status = "approved"\n'
        '# created = "2026-01-02T03:04:05Z"\n'
        '# model = "offline"\n'
        '# session = "s1"\n'
        '# commit = ""\n'
        f'# content = "{content_hash(DRAFT.source, DRAFT.tests)}"\n'
        "# [[evidence]]\n"
        '# signal = "tests"\n'
        "# passed = true\n"
        '# detail = "1 passed"\n'
        "# ///\n"
    )


def test_a_record_inside_the_code_is_replaced() -> None:
    again = SkillDraft(name="double", source=render(DRAFT), tests=DRAFT.tests)

    assert render(again).count("# /// skill") == 1
    assert split(render(again))[0] == DRAFT.source


@pytest.mark.parametrize(
    "damage",
    [
        ("# ///\n", ""),
        ("# /// skill\n", "# /// script\n"),
        ('status = "approved"', 'status = "trusted"'),
        ('status = "approved"', "status = 1"),
        ('status = "approved"', 'status = ["approved"]'),
        ("passed = true", 'passed = "true"'),
        ('"offline"', "offline"),
        ("# content", "# xcontent"),
        ("[[evidence]]", "[evidence]"),
        ("# ///\n", "# ///\nprint()\n"),
        ('# commit = ""\n', '# commit = ""\nimport os\n'),
    ],
)
def test_a_broken_record_counts_as_stale(damage: tuple[str, str]) -> None:
    text = render(DRAFT)
    head, _, tail = text.rpartition(damage[0])

    assert split(head + damage[1] + tail)[1].status == "stale"


@given(
    signal=ODD,
    detail=ODD,
    model=ODD,
    passed=st.booleans(),
    status=st.sampled_from(["provisional", "approved", "rejected", "stale"]),
)
def test_any_text_survives(signal: str, detail: str, model: str, passed: bool, status: str) -> None:
    draft = SkillDraft(
        name="f",
        source="def f(): ...\n",
        tests="",
        evidence=(Evidence(signal=signal, passed=passed, detail=detail),),
        provenance=Provenance(model=model, session_id=detail),
        status=status,  # type: ignore[arg-type]  # sampled from the four
    )
    text = render(draft)
    source, record = split(text)

    assert source == draft.source
    assert (record.status, record.evidence) == (draft.status, draft.evidence)
    assert record.provenance == draft.provenance
    assert all(line.startswith("# ") for line in text.split("# /// skill\n")[1].splitlines())


@given(ODD)
def test_code_and_record_of_any_text(text: str) -> None:
    source, record = split(text)

    assert source == text.rstrip("\n") + "\n" or text.rstrip("\n").endswith("# ///")
    assert record.status == "stale" or "# /// skill" in text


def test_the_hash_tells_code_from_tests() -> None:
    assert content_hash("a\nb\n", "c\n") != content_hash("a\n", "b\nc\n")


def test_half_a_character_is_replaced() -> None:
    draft = SkillDraft(
        name="f", source="def f(): ...\n", tests="", provenance=Provenance(model="a\ud800b")
    )

    assert split(render(draft))[1].provenance.model == "a\ufffdb"
