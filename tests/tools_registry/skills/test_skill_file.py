"""The file format of skills: what is written is read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.skills.skill import Evidence, Provenance, SkillDraft
from tools_registry.skills.skill_file import content_hash, marked, render, split

ODD = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30)
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
        f'# content = "{content_hash(DRAFT.source, DRAFT.tests)}"\n'
        "# evidence = [\n"
        '#   { signal = "tests", passed = true, detail = "1 passed" },\n'
        "# ]\n"
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
        ("evidence = [", "evidence = [["),
        ('# session = "s1"\n', '# session = "s1"\nimport os\n'),
        ("evidence = [\n#", "evidence = [\n# " + "[" * 5_000),
        ('status = "approved"', "status = " + "9" * 5_000),
        ('created = "2026', "created = 2026-99-99 #"),
        ('model = "offline"', "model." * 20_000),
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


def test_one_more_check_is_one_more_line() -> None:
    evidence = (*DRAFT.evidence, Evidence(signal="mutants", passed=False))
    more = render(SkillDraft(**{**vars(DRAFT), "evidence": evidence})).splitlines()

    added = [line for line in more if line not in render(DRAFT).splitlines()]
    assert added == ['#   { signal = "mutants", passed = false },']


def test_what_is_empty_is_left_out() -> None:
    text = render(SkillDraft(name="f", source="def f(): ...\n", tests=""))

    assert [line.split()[1] for line in text.splitlines() if " = " in line] == ["status", "content"]


def test_texts_and_the_number_of_checks_are_bounded() -> None:
    evidence = (Evidence(signal="x" * 9_000, passed=True, detail="\U000e0001" * 9_000),) * 900
    text = render(SkillDraft(name="f", source="def f(): ...\n", tests="", evidence=evidence))

    record = split(text)[1]
    assert len(record.evidence) == 50
    assert {len(item.detail) for item in record.evidence} == {31}
    assert record.evidence[0].signal.endswith("…")
    assert len(text) < 64 * 1024


def test_records_written_one_field_a_line_are_still_read() -> None:
    text = (
        "def f(): ...\n\n\n# /// skill\n"
        '# status = "approved"\n# content = "c"\n# [[evidence]]\n# signal = "tests"\n'
        '# passed = true\n# detail = "1"\n# ///\n'
    )
    assert split(text)[1].evidence == (Evidence(signal="tests", passed=True, detail="1"),)


@given(source=ODD, tests=ODD, name=st.sampled_from("ab"), content=ODD)
def test_the_hash_covers_what_is_imported(source: str, tests: str, name: str, content: str) -> None:
    hashes = {
        content_hash(source, tests),
        content_hash(source, tests, {name: content}),
        content_hash(source, tests, {name: content + "x"}),
        content_hash(source, tests, {name + "x": content}),
        content_hash(source, f"{tests}{name} {content}\n"),
    }
    assert len(hashes) == 5


def test_the_order_of_what_is_imported_does_not_matter() -> None:
    assert content_hash("", "", {"a": "1", "b": "2"}) == content_hash("", "", {"b": "2", "a": "1"})


def test_what_a_person_adds_below_the_record_is_code() -> None:
    text = render(DRAFT) + "\n\ndef halve(n: int) -> int:\n    return n // 2\n"
    source, record = split(text)
    assert source.count("# ///") == 0
    assert "def halve" in source
    assert record.status == DRAFT.status
    assert record.content != content_hash(source, DRAFT.tests)


def test_what_looks_like_a_record_in_a_string_is_no_record() -> None:
    block = render(DRAFT).split("\n\n\n")[-1]
    text = f'''TEXT = """\n{block}"""\n'''
    assert split(text)[0] == text


def test_another_status_changes_no_code_that_looks_like_a_record() -> None:
    decoy = 'NOTE = """\n  # /// skill\n# status = "stale"\n"""\n'
    text = render(DRAFT) + decoy

    changed = marked(text, "provisional")

    assert split(changed)[0] == split(text)[0]
    assert (split(text)[1].status, split(changed)[1].status) == ("approved", "provisional")
    assert marked(DRAFT.source + decoy, "approved") == DRAFT.source + decoy


def test_a_merge_that_kept_both_records_leaves_one_and_the_same_code() -> None:
    both = render(DRAFT).replace('"s1"', '"s0"') + "\n" + render(DRAFT).removeprefix(DRAFT.source)

    assert both.count("# /// skill") == 2
    assert split(both) == split(render(DRAFT))
