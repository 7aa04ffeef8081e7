"""What in a text points to a person: addresses, and numbers whose form or checksum fits."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

_EMAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"
_CARD = r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]\d)"
_ADDRESS = r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d)"
_PHONE = r"(?<![\w.,])(?:\+|\(|\b)\d[\d ()/.-]{5,18}\d(?!\w)"
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{4}")
_YEARS = re.compile(r"(?:(?:19|20)\d\d[ /-]*)+")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing in a text.

    Attributes:
        kind: email, iban, card, ip or phone.
        text: As it stands there.
        start: Where it begins.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def findings(text: str) -> list[Finding]:
    """All that is found, in order; nothing is found twice."""
    found: list[Finding] = []
    for kind, form in _FORMS.items():
        of_kind = [
            Finding(kind=kind, text=match[0], start=match.start())
            for match in form.finditer(text)
            if _FITS[kind](match[0])
        ]
        text = _without(text, of_kind)
        found += of_kind
    return sorted(found, key=lambda one: one.start)


def _without(text: str, found: list[Finding]) -> str:
    """The text with something else in the place of what was found, for no other kind to find."""
    parts: list[str] = []
    place = 0
    for one in found:
        parts += [text[place : one.start], "\0" * len(one.text)]
        place = one.end
    return "".join([*parts, text[place:]])


def _is_card(text: str) -> bool:
    """Whether the digits have the checksum of a payment card (Luhn)."""
    digits = [int(digit) for digit in reversed(text) if digit.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def _is_iban(text: str) -> bool:
    """Whether the account number has its checksum (modulo 97)."""
    code = text.replace(" ", "")
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def _is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _is_phone(text: str) -> bool:
    """Whether a number is written as phone numbers are, and is no date."""
    digits = sum(character.isdigit() for character in text)
    if _DATE.match(text) or _YEARS.fullmatch(text) or not 7 <= digits <= 15:
        return False
    if text.startswith(("+", "00", "(")):
        return True
    groups = len(re.findall(r"\d+", text))
    return groups > 1 and (text.startswith("0") or (groups > 2 and digits >= 10))


def _always(text: str) -> bool:
    return True


_FITS: dict[str, Callable[[str], bool]] = {
    "email": _always,
    "iban": _is_iban,
    "card": _is_card,
    "ip": _is_address,
    "phone": _is_phone,
}
_FORMS = {
    "email": re.compile(_EMAIL),
    "iban": re.compile(_IBAN),
    "card": re.compile(_CARD),
    "ip": re.compile(_ADDRESS),
    "phone": re.compile(_PHONE),
}
