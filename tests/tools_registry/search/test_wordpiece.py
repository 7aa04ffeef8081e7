"""Words become the same pieces as in the reference."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.search.wordpiece import WordPiece

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "un", "##believ", "##able", "cafe", "!", "中", "文"]
SMALL = WordPiece("\n".join(PIECES), most=8)


def pieces(text: str) -> list[str]:
    return [PIECES[token] for token in SMALL.encode(text)[1:-1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unbelievable", ["un", "##believ", "##able"]),
        ("UnBelievable!", ["un", "##believ", "##able", "!"]),
        ("Café\tcafe", ["cafe", "cafe"]),
        ("un\u200bbelievable", ["un", "##believ", "##able"]),
        ("中文!", ["中", "文", "!"]),
        ("unknown", ["[UNK]"]),
        ("un" * 51, ["[UNK]"]),
        ("", []),
        ("! ! ! ! ! ! ! ! !", ["!"] * 6),
    ],
)
def test_words_are_cut_greedily(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


@given(st.text())
def test_any_text_is_framed_and_cut_off(text: str) -> None:
    tokens = SMALL.encode(text)

    assert (tokens[0], tokens[-1]) == (2, 3)
    assert 2 <= len(tokens) <= 8


def test_the_real_vocabulary(weights: Path) -> None:
    words = WordPiece((weights / "vocab.txt").read_text(encoding="utf-8"))

    # as the reference tokenizer of the model gives them
    assert words.encode("naïve Café 😀") == [101, 15743, 7668, 100, 102]
    assert words.encode("x" * 101) == [101, 100, 102]
    mixed = [101, 1173, 14608, 29733, 1746, 1861, 1039, 2509, 1011, 13433, 102]
    assert words.encode("ΣΑΣ 中文 C3-PO") == mixed
    assert len(words.encode("a " * 400)) == 256
