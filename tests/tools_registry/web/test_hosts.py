"""Lists of hosts say what they seem to say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.web.hosts import covers, is_within, patterns, site

NAMES = ["example.org", "www.example.org", "a.b.example.org", "example.com", "badexample.org"]
LISTS = st.lists(st.sampled_from([*NAMES, "*.example.org", "*.b.example.org", "*"]), max_size=3)


@pytest.mark.parametrize(
    ("listed", "covered"),
    [
        ([], []),
        (["example.org"], ["example.org"]),
        (["*.example.org"], ["www.example.org", "a.b.example.org"]),
        (["*"], NAMES),
        (["*.org"], ["example.org", "www.example.org", "a.b.example.org", "badexample.org"]),
    ],
)
def test_what_a_list_covers(listed: list[str], covered: list[str]) -> None:
    assert [name for name in NAMES if covers(listed, name)] == covered


@given(listed=LISTS, others=LISTS)
def test_what_is_within_covers_nothing_more(listed: list[str], others: list[str]) -> None:
    if is_within(listed, others):
        assert all(covers(others, name) for name in NAMES if covers(listed, name))


def test_names_are_read_without_case_and_once() -> None:
    assert patterns(["Example.ORG.", "example.org", " * "]) == ("example.org", "*")
    assert site("www.example.org") == site("example.org") == "example.org"


@pytest.mark.parametrize(
    "text", ["", "https://example.org", "example", "*.*", "a.b/c", "a b.c", "**"]
)
def test_what_is_no_host_says_so(text: str) -> None:
    with pytest.raises(ValueError, match="is no host: write"):
        patterns([text])
