"""Nothing of a stranger's text hides, or reaches beyond its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.mcp.text import clean, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("a\U000e0041\ufe0f\U000e0100b", "ab"),
        ("a\u2028b\r\nc\x00", "a\nb\n\nc"),
        ("naïve 漢字 🙂", "naïve 漢字 🙂"),
        ("\ud800x", "x"),
    ],
)
def test_what_can_not_be_seen_is_gone(text: str, shown: str) -> None:
    assert clean(text, 100).replace("\n\n", "\n\n") == shown


@given(st.text(), st.integers(2, 50))
def test_text_is_bounded_and_printable(text: str, most: int) -> None:
    lines, line = clean(text, most), one_line(text, most)
    assert len(lines) <= most
    assert len(line) <= most
    assert "\n" not in line
    kinds = {unicodedata.category(character) for character in lines if character != "\n"}
    assert kinds.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
    assert clean(lines, most) == lines
