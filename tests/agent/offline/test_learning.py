"""From examples to a saved skill, or to a question, or to nothing."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from agent.offline.learning import Learned, LearnRequest, Place, learn, write
from agent.validation import validate
from sessions.errors import RefusedError, UsageError
from sessions.session import Session
from tools_registry.skills.library import SkillLibrary

LATIN = (
    "latin('Adelie Penguin (Pygoscelis adeliae)') == 'Pygoscelis adeliae'",
    "latin('Gentoo penguin (Pygoscelis papua)') == 'Pygoscelis papua'",
)
DOTS = ("dots('Ada Lovelace') == 'A.L.'", "dots('Grace Hopper') == 'G.H.'")


async def attempt(session: Session, library: SkillLibrary, request: LearnRequest) -> Learned:
    place = Place(judge=partial(validate, session=session), library=library, session_id="s1")
    return await learn(request, place)


async def test_a_function_is_learned_validated_and_saved(session: Session, tmp_path: Path) -> None:
    library = SkillLibrary(tmp_path / "work")
    request = LearnRequest(description="text between parentheses", name="latin", examples=LATIN)
    learned = await attempt(session, library, request)
    assert learned.outcome == "learned"
    skill = library.get("latin")
    assert skill == learned.skill
    assert skill.status == "provisional"
    assert (skill.provenance.model, skill.provenance.session_id) == ("offline", "s1")
    assert {"examples", "tests", "types", "security"} <= {e.signal for e in skill.evidence}
    assert skill.test_source.count("def test_") == 2
    code = f"{skill.source}\nlatin('Cat (Felis catus)')"
    assert (await session.execute(code)).value == "Felis catus"


async def test_plausible_functions_that_differ_are_asked_about(
    session: Session, tmp_path: Path
) -> None:
    library = SkillLibrary(tmp_path / "work")
    request = LearnRequest(description="initials with dots", name="dots", examples=DOTS)
    asked = await attempt(session, library, request)
    assert asked.outcome == "question"
    assert asked.question is not None
    assert len(asked.question.options) > 1
    assert asked.question.call.startswith("dots(")
    assert library.list() == ()


async def test_an_answer_becomes_an_example() -> None:
    request = LearnRequest(description="initials with dots", name="dots", examples=DOTS)
    draft = await write(request)
    assert draft.question is not None
    lower = draft.question.options[0]
    answered = await write(
        LearnRequest(description=request.description, name="dots", examples=DOTS, answers=(lower,))
    )
    assert len(answered.examples) == 3
    assert answered.examples[-1] == f"{draft.question.call} == {lower}"


async def test_many_and_varied_examples_need_no_question(session: Session, tmp_path: Path) -> None:
    words = ("a", "b c", "one two three", "Some more words", "x Y z")
    examples = tuple(f"swap({word!r}) == {word.swapcase()!r}" for word in words)
    library = SkillLibrary(tmp_path / "work")
    request = LearnRequest(description="swap upper and lower", name="swap", examples=examples)
    learned = await attempt(session, library, request)
    assert (learned.outcome, learned.answered) == ("learned", 0)


async def test_nothing_is_saved_if_nothing_fits(session: Session, tmp_path: Path) -> None:
    library = SkillLibrary(tmp_path / "work")
    odd = ("f('k') == 'qzv81'", "f('m') == '0x!pp'", "f('n') == 'wrt~4'")
    request = LearnRequest(description="", name="f", examples=odd)
    learned = await attempt(session, library, request)
    assert learned.outcome == "abstained"
    assert "no short expression" in learned.reason
    assert not library.path.exists()


async def test_few_truth_values_are_no_evidence() -> None:
    texts = ("f(2) == True", "f(3) == False", "f(4) == True")
    request = LearnRequest(description="even", name="f", examples=texts)
    draft = await write(request)
    assert draft.question is not None
    assert draft.question.kinds == {bool}


async def test_a_taken_name_is_refused(session: Session, tmp_path: Path) -> None:
    library = SkillLibrary(tmp_path / "work")
    request = LearnRequest(description="text between parentheses", name="latin", examples=LATIN)
    await attempt(session, library, request)
    with pytest.raises(RefusedError, match="latin"):
        await attempt(session, library, request)


async def test_an_answer_of_another_type_is_refused() -> None:
    request = LearnRequest(
        description="extract the year",
        name="f",
        examples=("f('2007-11-11') == 2007", "f('1999-01-02') == 1999"),
        answers=("x y",),
    )
    with pytest.raises(UsageError, match="can't be the answer"):
        await write(request)


async def test_an_answer_may_be_a_whole_example() -> None:
    request = LearnRequest(
        description="initials with dots",
        name="dots",
        examples=DOTS,
        answers=("dots('b c') == 'b.c.'",),
    )
    assert "dots('b c') == 'b.c.'" in [e.replace('"', "'") for e in (await write(request)).examples]


@pytest.mark.parametrize("name", ["class", "Two", "sorted", "slugify", "test_x"])
async def test_names_that_cannot_be_skills_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name"):
        await write(LearnRequest(description="", name=name, examples=()))
