"""What a request asks for is told apart from what it asks about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.search.request import LONGEST, essence, with_kinds
from tools_registry.search.words import query_terms


@pytest.mark.parametrize(
    ("request_", "left"),
    [
        ("What is the weather in Oslo, Norway tomorrow?", "What is the weather in, tomorrow?"),
        ("book a table on 2024-05-09 at 7:30 pm", "book a table on date at time"),
        ("convert $200 to euros", "convert price to euros"),
        ("find the highest common factor of 36 and 24", "find the highest common factor of and"),
        ("send 'see you' to ada@example.org", "send to email"),
        ("play the song “Hey Jude”", "play the song"),
        ("I think I want tea", "I think I want tea"),
        ("Paris", "Paris"),
        ("  7 ", "7"),
        ("", ""),
    ],
)
def test_values_are_left_out(request_: str, left: str) -> None:
    assert essence(request_) == left


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("https://example.org/a?b=c", "url"),
        ("10.0.0.1", "ip address"),
        ("3rd of March 2024", "date"),
        ("May 7", "date"),
        ("12/31/2023", "date"),
        ("7pm", "time"),
        ("20%", "percent"),
        ("50 dollars", "price"),
        ("1984", "year"),
    ],
)
def test_kinds_of_values_are_named(value: str, kind: str) -> None:
    assert f" {kind} " in f" {' '.join(with_kinds(f'see {value} now').split())} "
    assert set(kind.split()) <= set(query_terms(f"see {value} now"))


def test_bare_numbers_are_no_terms() -> None:
    assert query_terms("add 40 and 50") == ["add"]
    assert query_terms("40 50") == ["40", "50"]


@given(st.text() | st.text(alphabet="aA1 .,'\"@-:/$%(", max_size=3000))
def test_any_text_has_an_essence(request: str) -> None:
    assert len(essence(request)) <= max(LONGEST, 3 * len(request)) + 20
    assert bool(essence(request)) == bool(request[:LONGEST].strip())


@pytest.mark.parametrize("piece", ["a-", "A", "1.", "'", "a@", "A ", "1:", "$1"])
def test_a_long_monotonous_text_is_no_trap(piece: str) -> None:
    text = piece * 100_000
    assert essence(text) == essence(text[:LONGEST])  # patterns that go back see no more than this
    assert with_kinds(text) == with_kinds(text[:LONGEST])
