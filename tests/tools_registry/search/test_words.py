"""How names and texts are split into words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.search.words import STOP_WORDS, query_terms, split_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("read_csv_file", ["read", "csv", "file"]),
        ("readCSVFile", ["read", "csv", "file"]),
        ("math.gcd(12, x)", ["math", "gcd", "12", "x"]),
        ("Zählung größer", ["zählung", "größer"]),
        ("😀 \ud800 ''", []),
    ],
)
def test_identifiers_and_text_come_apart(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_stop_words_are_dropped_unless_nothing_else_is_left() -> None:
    assert query_terms("What is the mean of the column?") == ["mean", "column"]
    assert query_terms("what is it") == ["what", "is", "it"]


@given(st.text(max_size=300), st.integers(1, 10))
def test_terms_are_distinct_few_and_plain(query: str, most: int) -> None:
    terms = query_terms(query, most)

    assert len(terms) == len(set(terms)) <= most
    assert not any(quote in term for term in terms for quote in "\"'\0")


def test_stop_words_are_lower_case_words() -> None:
    assert all(word == word.lower() and word.isalpha() for word in STOP_WORDS)
