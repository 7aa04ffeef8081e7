"""What points to a person is found; what only looks like it is left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.core.privacy import find_personal_data, pseudonymize_column, redact_text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a.b+c@mail.example.org", ["email"]),
        ("+49 (0)30 1234567", ["phone"]),
        ("(555) 123-4567", ["phone"]),
        ("030/1234567", ["phone"]),
        ("0049 30 1234567", ["phone"]),
        ("555.123.4567", ["phone"]),
        ("DE89 3704 0044 0532 0130 00", ["iban"]),
        ("GB82WEST12345698765432", ["iban"]),
        ("4111-1111-1111-1111", ["card"]),
        ("378282246310005", ["card"]),
        ("10.0.0.1", ["ip"]),
        ("2024-01-31", []),
        ("2024-01-31 12:30:00", []),
        ("31.12.2024", []),
        ("12/31/2024", []),
        ("3.14159265", []),
        ("1,234,567.89", []),
        ("order 12345678901", []),
        ("999.1.1.1", []),
        ("1.2.3.4.5", []),
        ("0000 0000 0000 0000", []),
        ("DE00 3704 0044 0532 0130 00", []),
        ("page 12 of 345", []),
        ("1990 2000 2010", []),
    ],
)
def test_what_is_found(text: str, kinds: list[str]) -> None:
    assert [kind for kind, _ in find_personal_data(f"see {text}, please")] == kinds


@given(text=st.text(alphabet="0123456789 +-()/.@aDE", max_size=60) | st.text())
def test_nothing_but_what_was_found_changes(text: str) -> None:
    found = find_personal_data(text)
    marked = redact_text(text, "\0")
    assert marked.count("\0") - text.count("\0") == len(found)
    rest = text
    for _, part in found:
        assert part in rest
        rest = rest.replace(part, "\0", 1)
    assert len(rest) == len(marked)


def test_equal_values_get_equal_names() -> None:
    names = pseudonymize_column("penguins.csv", "sex")["Sex"].tolist()
    assert names[:3] == ["person_1", "person_1", "person_2"]
    assert names[3] is None or names[3] != names[3]
