"""From examples to a saved skill, or to a question, or to nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agent.offline.learning import Learned, LearnQuestion, LearnRequest, Place, learn, write
from agent.offline.lesson import SKIP
from agent.validation import validate
from sessions.errors import RefusedError, UsageError
from sessions.session import Session
from tools_registry.skills.library import SkillLibrary

LATIN = (
    "latin('Adelie Penguin (Pygoscelis adeliae)') == 'Pygoscelis adeliae'",
    "latin('Gentoo penguin (Pygoscelis papua)') == 'Pygoscelis papua'",
)
PICK = ("pick([1, 2, 3]) == 3", "pick([4, 5]) == 5")
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
    request = LearnRequest(description="pick", name="pick", examples=PICK)
    question = (await write(request)).question
    assert question is not None
    last = repr(question.arguments[0][-1])
    answered = await write(replace(request, answers=(last,)))
    assert f"{question.call} == {last}" in answered.examples
    assert answered.tests.count("def test_") == len(answered.examples) == 3


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
    request = LearnRequest(description="pick", name="pick", examples=PICK, answers=("x y",))
    with pytest.raises(UsageError, match="can't be the answer"):
        await write(request)


async def test_an_answer_may_be_a_whole_example_about_something_else() -> None:
    draft = await write(
        LearnRequest(
            description="the last", name="pick", examples=PICK, answers=("pick([9, 1]) == 1",)
        )
    )
    assert "pick([9, 1]) == 1" in draft.examples
    assert "[-1]" in draft.source


async def test_answers_refute_what_was_found_until_the_right_one_is_left() -> None:
    asked: list[LearnQuestion] = []

    async def person(question: LearnQuestion) -> str:
        asked.append(question)
        return repr(question.arguments[0][-1]) if question.arguments[0] else SKIP

    draft = await write(LearnRequest(description="pick", name="pick", examples=PICK), person)
    assert 1 <= len(asked) <= 5
    assert draft.question is None
    assert "[-1]" in draft.source
    assert draft.answered <= 3


async def test_who_never_knows_is_not_asked_for_ever() -> None:
    asked: list[LearnQuestion] = []

    async def person(question: LearnQuestion) -> str:
        asked.append(question)
        return SKIP

    draft = await write(LearnRequest(description="pick", name="pick", examples=PICK), person)
    assert len({question.call for question in asked}) == len(asked) <= 5
    assert (draft.answered, draft.question) == (0, None)


async def test_contradicting_answers_are_refused() -> None:
    request = LearnRequest(
        description="", name="pick", examples=PICK, answers=("pick([4, 5]) == 4",)
    )
    with pytest.raises(UsageError, match="contradicts the example"):
        await write(request)


@pytest.mark.parametrize("name", ["class", "Two", "sorted", "slugify", "test_x"])
async def test_names_that_cannot_be_skills_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be the name"):
        await write(LearnRequest(description="", name=name, examples=()))
