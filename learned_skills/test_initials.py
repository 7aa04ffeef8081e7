"""Tests of `initials`, made from its examples."""

from learned_skills.initials import initials


def test_example_1() -> None:
    assert initials("ada lovelace") == "AL"


def test_example_2() -> None:
    assert initials("jean luc picard") == "JLP"


def test_example_3() -> None:
    assert initials("Grace Hopper") == "GH"


def test_example_4() -> None:
    assert initials("x") == "X"
