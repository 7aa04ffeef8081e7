"""What a ranking does while it has some vectors and not yet others."""

from pathlib import Path

import pytest

from tests.tools_registry.search.test_meaning_index import meanings, tools
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.search.meaning_index import MeaningIndex
from tools_registry.search.rankings import ByMeaning, ByWords, Learned, Scores
from tools_registry.search.usage import Usage

MANY = 64
"""Half of them get their vectors at once."""


class Rankings:
    """Tools by words, and by words and the meanings that are there yet; meanings are random."""

    def __init__(self, folder: Path) -> None:
        described = tools(MANY)
        keywords = KeywordIndex(described, None)
        keywords.update()
        self.usage = Usage.open(folder / "usage.sqlite")
        self.index = MeaningIndex(described, meanings())
        learned = Learned(described, self.usage)
        self.words = ByWords(keywords, learned)
        self.both = ByMeaning(keywords, self.index, meanings(), learned)


@pytest.fixture
def rankings(tmp_path: Path) -> Rankings:
    return Rankings(tmp_path)


def worth(scores: Scores) -> dict[int, float]:
    return {n: score for n, score in scores.items() if score}


def first(scores: Scores) -> int:
    return max(scores, key=lambda n: scores[n])


@pytest.mark.parametrize("position", [MANY // 2, MANY - 9, MANY - 1])
def test_what_has_a_vector_is_not_ahead_for_that(rankings: Rankings, position: int) -> None:
    rankings.index.fill()

    assert not rankings.index.complete
    assert first(rankings.both.scores(f"tool{position}", None)) == position


def test_words_serve_alone_before_there_are_vectors(rankings: Rankings) -> None:
    rankings.usage.succeeded("ring my grandmother", "tool9")
    for query in "does 7", "tool8 and tool40", "my grandmother":
        both, words = (worth(r.scores(query, None)) for r in (rankings.both, rankings.words))
        assert both == pytest.approx(words, rel=1e-5)


def test_what_nothing_speaks_for_is_worth_nothing(rankings: Rankings) -> None:
    rankings.index.fill()
    scores = rankings.both.scores("tool3", None)

    assert scores[3] > 0
    assert not any(scores[n] for n in range(MANY // 2, MANY))


def test_past_requests_speak_for_a_tool_without_a_vector(rankings: Rankings) -> None:
    rankings.index.fill()
    rankings.usage.succeeded("ring my grandmother", f"tool{MANY - 1}")

    assert first(rankings.both.scores("ring grandmother", None)) == MANY - 1
