"""Personal data: find it, and take it out before a text or table is shown around.

By form and checksum alone, so names and postal addresses are not recognised: look the result over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._columns import find_column, plain_values
from ._frames import read_frame
from ._personal import findings

if TYPE_CHECKING:
    from pandas import DataFrame


def find_personal_data(text: str) -> list[tuple[str, str]]:
    """Find personal data (PII) in a text: e-mail addresses, phone numbers, cards, IBANs, IPs.

    Args:
        text: Any text.

    Returns:
        Kind (email, phone, card, iban or ip) and text of each, in order; names are not found.

    Examples:
        >>> find_personal_data("Ann (ann@example.org, +49 30 1234567) paid 12.50 on 2024-01-31")
        [('email', 'ann@example.org'), ('phone', '+49 30 1234567')]
        >>> find_personal_data("card 4111 1111 1111 1111, order 4111 1111 1111 1112")
        [('card', '4111 1111 1111 1111')]
    """
    return [(found.kind, found.text) for found in findings(text)]


def redact_text(text: str, replacement: str = "[{kind}]") -> str:
    """Redact (mask, anonymize) personal data in a text: e-mails, phone numbers, cards, IBANs, IPs.

    Args:
        text: Any text.
        replacement: What stands in the place of each; {kind} becomes email, phone, card, iban, ip.

    Returns:
        The text without them; names are not recognised.

    Examples:
        >>> redact_text("Call 555-123-4567 or write to ann@example.org.")
        'Call [phone] or write to [email].'
        >>> redact_text("from 192.168.0.17", replacement="***")
        'from ***'
    """
    parts: list[str] = []
    place = 0
    for found in findings(text):
        parts += [text[place : found.start], replacement.replace("{kind}", found.kind)]
        place = found.end
    return "".join([*parts, text[place:]])


def pseudonymize_column(source: str | DataFrame, column: str, prefix: str = "person") -> DataFrame:
    """Pseudonymize (anonymize) a column: replace each name or id by person_1, person_2 and so on.

    Args:
        source: Path of the file, or a DataFrame, which is not changed.
        column: Column whose values are replaced.
        prefix: What the new names begin with.

    Returns:
        The table; equal values get the same name, by order of appearance, missing stays missing.

    Raises:
        ValueError: The column is unknown.

    Examples:
        >>> pseudonymize_column("penguins.csv", "Island", prefix="place")["Island"].tolist()
        ['place_1', 'place_1', 'place_1', 'place_1', 'place_2', 'place_2']
        >>> pseudonymize_column("islands.json", "island")["Island"].tolist()
        ['person_1', 'person_2', 'person_3']
    """
    import pandas as pd

    frame = read_frame(source)
    label = find_column(frame, column)
    values = plain_values(frame[label])
    present = dict.fromkeys(value for value in values if value is not None)
    names = {value: f"{prefix}_{number}" for number, value in enumerate(present, 1)}
    renamed = pd.Series([names.get(value) for value in values], index=frame.index, dtype=object)
    return frame.assign(**{label: renamed})
