"""Tests of `latin_name`, made from its examples."""

from learned_skills.latin_name import latin_name


def test_example_1() -> None:
    assert latin_name("Adelie Penguin (Pygoscelis adeliae)") == "Pygoscelis adeliae"


def test_example_2() -> None:
    assert latin_name("Gentoo penguin (Pygoscelis papua)") == "Pygoscelis papua"


def test_example_3() -> None:
    assert latin_name("Chinstrap (Pygoscelis antarctica)") == "Pygoscelis antarctica"


def test_example_4() -> None:
    assert latin_name("Emperor (Aptenodytes forsteri)") == "Aptenodytes forsteri"
