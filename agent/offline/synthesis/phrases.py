"""Regular expressions that a description spells out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from agent.offline.synthesis.words import NUMBERS

_COUNT = r"(\d+|one|two|three|four|five|six|seven|eight|nine|ten)"
_LETTER = r"(?<![a-z])(?:an? |the )?(?:letter )?['\"]?([a-z])(?![a-z])['\"]?(?:'?s\b)?"
_KINDS = {
    "vowel": "[aeiouAEIOU]",
    "consonant": "[b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z]",
    "number": r"\d",
    "digit": r"\d",
    "uppercase": "[A-Z]",
    "upper case": "[A-Z]",
    "capital": "[A-Z]",
    "lowercase": "[a-z]",
    "lower case": "[a-z]",
    "letter": "[a-zA-Z]",
    "alphanumeric": "[a-zA-Z0-9]",
}
_KIND = "(" + "|".join(_KINDS) + ")"


def _number(text: str) -> str:
    return str(NUMBERS.get(text, 1 if text == "one" else text))


def _times(low: str, high: str = "") -> str:
    return f"{{{_number(low)},{_number(high)}}}" if high else f"{{{_number(low)}}}"


_RULES: tuple[tuple[str, Callable[..., str]], ...] = (
    (rf"{_LETTER} followed by zero or more {_LETTER}", lambda a, b: f"{a}{b}*"),
    (rf"{_LETTER} followed by one or more {_LETTER}", lambda a, b: f"{a}{b}+"),
    (rf"{_LETTER} followed by zero or one {_LETTER}", lambda a, b: f"{a}{b}?"),
    (
        rf"{_LETTER} followed by {_COUNT} to {_COUNT} {_LETTER}",
        lambda a, low, high, b: f"{a}{b}{_times(low, high)}",
    ),
    (rf"{_LETTER} followed by {_COUNT} {_LETTER}", lambda a, n, b: f"{a}{b}{_times(n)}"),
    (rf"{_LETTER} followed by {_LETTER}", lambda a, b: f"{a}{b}"),
    (
        rf"{_LETTER} followed by anything,? (?:ending|ends|end) (?:in|with) {_LETTER}",
        lambda a, b: f"{a}.*{b}$",
    ),
    (rf"(?:start|begin)\w* (?:with|by|from) {_LETTER}$", lambda a: f"^{a}"),
    (rf"(?:start|begin)\w* (?:with|by|from) (?:an? |the )?{_KIND}", lambda k: f"^{_KINDS[k]}"),
    (rf"end\w* (?:with|in|by) (?:an? |the )?{_KIND}", lambda k: f"{_KINDS[k]}$"),
    (
        rf"{_KIND} letters? followed by (?:an? )?{_KIND}",
        lambda one, two: f"{_KINDS[one]}+{_KINDS[two]}+",
    ),
    (
        rf"{_KIND} letters? followed by (?:an? )?{_KIND}",
        lambda one, two: f"{_KINDS[one]}+{_KINDS[two]}+$",
    ),
    (
        r"lowercase letters? joined (?:with|by) (?:an? )?(underscore|hyphen|dash)",
        lambda mark: "^[a-z]+_[a-z]+$" if mark == "underscore" else "^[a-z]+-[a-z]+$",
    ),
    (
        r"letters?,? numbers?,? and underscores?|letters?,? digits?,? and underscores?",
        lambda: r"^\w*$",
    ),
    (r"only (?:of )?(?:letters|alphabets)", lambda: "^[a-zA-Z]+$"),
    (r"only (?:of )?(?:digits|numbers)", lambda: r"^\d+$"),
    (r"alphanumeric", lambda: "^[a-zA-Z0-9]+$"),
    (r"end\w* with (?:an? )?alphanumeric", lambda: "[a-zA-Z0-9]$"),
    (rf"containing {_LETTER},? (?:but )?not (?:at )?the (?:start|begin)", lambda a: rf"\B{a}\B"),
    (rf"contain\w* {_LETTER}", lambda a: rf"\w*{a}\w*"),
    (rf"at ?least {_COUNT} (?:characters|letters)", lambda n: rf"\b\w{{{_number(n)},}}\b"),
    (rf"{_COUNT}[ -](?:characters?|letters?)", lambda n: rf"\b\w{{{_number(n)}}}\b"),
    (
        rf"{_COUNT},? {_COUNT},? (?:and |or )?{_COUNT} (?:characters|letters)",
        lambda a, _, b: rf"\b\w{_times(a, b)}\b",
    ),
    (
        r"precision of (\d)",
        lambda n: rf"^\d+(\.\d{{1,{n}}})?$",
    ),
    (r"\bip address", lambda: r"^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$"),
    (r"\be-?mail", lambda: r"^[\w.+-]+@[\w-]+\.[\w.-]+$"),
    (r"\bcapital|upper ?case", lambda: "[A-Z]"),
    (r"\bword", lambda: r"\w+"),
)


def patterns_in(description: str) -> Iterator[str]:
    """The patterns that a description speaks of, the most particular first."""
    text = " ".join(description.lower().split())
    for phrase, build in _RULES:
        for match in re.finditer(phrase, text):
            yield build(*match.groups())
