"""Tests of `parse_duration`."""

from learned_skills.parse_duration import parse_duration


def test_units_add_up() -> None:
    assert parse_duration("1d 2h 3m 4s") == 86_400 + 7_200 + 180 + 4


def test_order_and_spaces_do_not_matter() -> None:
    assert parse_duration("30m1h") == parse_duration("1h 30m") == 5_400


def test_what_is_no_duration_is_refused() -> None:
    for text in ("", "soon", "5", "1h and a bit", "-3m"):
        try:
            parse_duration(text)
        except ValueError:
            continue
        raise AssertionError(text)
