"""Conditions on the rows of a table, such as `Body Mass (g) > 4000 and Sex is not missing`.

    condition  = all ("or" all)*
    all        = one ("and" one)*
    one        = "not" one | "(" condition ")" | comparison
    comparison = column sign value | value sign column | column sign column
               | column "is" ["not"] "missing" | column ["not"] "contains" value
               | column ["not"] "in" "(" value ("," value)* ")"

A column is written bare, in backticks or (on the left) in quotes; a value bare or in quotes.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from . import _comparisons as comparisons
from ._columns import find_column

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_SIGN = re.compile(r"==|!=|<>|<=|>=|=|<|>")
_SIGNS = {"<>": "!=", "=": "=="}
_WORDS = r"(?:is|not|in|contains)\b"
_AFTER_LEFT = re.compile(rf"\s*(?:$|==|!=|<|>|=|{_WORDS})", re.IGNORECASE)
_AFTER_RIGHT = re.compile(r"\s*(?:$|\)|,|(?:and|or)\b)", re.IGNORECASE)
_QUOTED = re.compile(r"'((?:[^'\\]|\\.|'')*)'|\"((?:[^\"\\]|\\.|\"\")*)\"")
_BACKTICKS = re.compile(r"`([^`]*)`")


def rows_where(frame: DataFrame, where: str) -> Series[bool]:
    """Return for each row whether the condition holds.

    Raises:
        ValueError: The condition can't be read, or names an unknown column.
    """
    try:
        return _Condition(frame, where).whole()
    except RecursionError:
        msg = "the condition is nested too deeply; use fewer parentheses"
        raise ValueError(msg) from None


class _Condition:
    """Reads a condition from left to right and applies it as it goes."""

    def __init__(self, frame: DataFrame, text: str) -> None:
        self.frame = frame
        self.text = text
        self.at = 0
        self.patterns = _column_patterns(frame)

    def whole(self) -> Series[bool]:
        mask = self.any_of()
        self.need(not self.rest(), "'and', 'or' or the end")
        return mask

    def any_of(self) -> Series[bool]:
        mask = self.all_of()
        while self.word("or"):
            mask = mask | self.all_of()
        return mask

    def all_of(self) -> Series[bool]:
        mask = self.one()
        while self.word("and"):
            mask = mask & self.one()
        return mask

    def one(self) -> Series[bool]:
        column = self.bare_column(_AFTER_LEFT)
        if column is not None:
            return self.comparison(self.frame[column])
        if self.word("not"):
            return ~self.one()
        if self.take(re.compile(r"\(")):
            return self.group()
        return self.comparison(self.left())

    def group(self) -> Series[bool]:
        mask = self.any_of()
        self.need(self.take(re.compile(r"\)")), "')'")
        return mask

    def left(self) -> Series[Any] | comparisons.Literal:
        """A column in quotes or backticks, or a number that stands before the sign."""
        if found := self.take(_BACKTICKS):
            return self.column(found.group(1))
        if found := self.take(_QUOTED):
            return self.column(_unquoted(found))
        text = self.until(_AFTER_LEFT)
        literal = comparisons.Literal(text=text)
        self.need(text, "a column")
        return self.column(text) if literal.number is None else literal

    def comparison(self, left: Series[Any] | comparisons.Literal) -> Series[bool]:
        if found := self.take(_SIGN):
            return self.signed(left, _SIGNS.get(found.group(), found.group()))
        if isinstance(left, comparisons.Literal):
            what = "a comparison such as ==, < or >"
            raise self.expected(what)
        if self.word("is"):
            return self.missing(left)
        return ~self.membership(left) if self.word("not") else self.membership(left)

    def signed(self, left: Series[Any] | comparisons.Literal, sign: str) -> Series[bool]:
        right = self.right()
        if isinstance(right, comparisons.Literal):
            if isinstance(left, comparisons.Literal):
                msg = f"{left.text!r} and {right.text!r} are both values; compare a column"
                raise ValueError(msg)
            return comparisons.compare(left, sign, right)
        if isinstance(left, comparisons.Literal):
            return comparisons.compare(right, comparisons.SWAPPED[sign], left)
        return comparisons.compare_columns(left, sign, right)

    def right(self) -> Series[Any] | comparisons.Literal:
        if found := self.take(_BACKTICKS):
            return self.column(found.group(1))
        column = self.bare_column(_AFTER_RIGHT)
        return self.value() if column is None else self.frame[column]

    def missing(self, left: Series[Any]) -> Series[bool]:
        negated = self.word("not")
        self.need(self.word("missing|null|na|empty"), "'missing' or 'not missing'")
        return left.notna() if negated else left.isna()

    def membership(self, left: Series[Any]) -> Series[bool]:
        if self.word("contains"):
            return comparisons.contains(left, self.value())
        self.need(self.word("in"), "one of ==, !=, <, <=, >, >=, is missing, contains, in (…)")
        self.need(self.take(re.compile(r"[(\[]")), "'(' and a list of values")
        mask = comparisons.compare(left, "==", self.value())
        while self.take(re.compile(r",")):
            mask = mask | comparisons.compare(left, "==", self.value())
        self.need(self.take(re.compile(r"[)\]]")), "',' or ')'")
        return mask

    def value(self) -> comparisons.Literal:
        if found := self.take(_QUOTED):
            return comparisons.Literal(text=_unquoted(found))
        text = self.until(_AFTER_RIGHT)
        self.need(text, "a value")
        self.need(not _SIGN.search(text), f"quotes around {text!r}, if it is one value,")
        return comparisons.Literal(text=text)

    def until(self, after: re.Pattern[str]) -> str:
        """Take bare words up to whatever may follow them; parentheses inside stay balanced."""
        rest, depth, end = self.rest(), 0, 0
        while end < len(rest):
            # A word begins at a space or a sign: "land" does not end before "and".
            boundary = not (rest[end].isalnum() and end and rest[end - 1].isalnum())
            if not depth and boundary and after.match(rest, end):
                break
            depth += (rest[end] in "([") - (rest[end] in ")]")
            if depth < 0:
                break
            end += 1
        self.at += end
        return rest[:end].strip()

    def bare_column(self, after: re.Pattern[str]) -> Any:
        """Take the longest column name that stands here before `after`; None if none does."""
        rest = self.rest()
        for pattern, label in self.patterns:
            found = pattern.match(rest)
            if found and after.match(rest, found.end()):
                self.at += found.end()
                return label
        return None

    def column(self, name: str) -> Series[Any]:
        series: Series[Any] = self.frame[find_column(self.frame, name)]
        return series

    def rest(self) -> str:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        return self.text[self.at :]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.rest())
        if found:
            self.at += found.end()
        return found

    def word(self, words: str) -> bool:
        return bool(self.take(re.compile(rf"(?:{words})\b", re.IGNORECASE)))

    def need(self, found: object, what: str) -> None:
        if not found:
            raise self.expected(what)

    def expected(self, what: str) -> ValueError:
        where = f"at {self.rest()[:40]!r}" if self.rest() else "at its end"
        return ValueError(f"the condition {self.text!r} needs {what} {where}")


def _column_patterns(frame: DataFrame) -> list[tuple[re.Pattern[str], Any]]:
    """Names as written, longest first; then in any case, where that is unambiguous."""
    labels = sorted(filter(_has_text, frame.columns), key=lambda label: -len(str(label)))
    exact = Counter(map(str, labels))
    folded = Counter(str(label).casefold() for label in labels)
    unique = [label for label in labels if exact[str(label)] == 1]
    anycase = [label for label in unique if folded[str(label).casefold()] == 1]
    return [(_pattern(str(label), re.NOFLAG), label) for label in unique] + [
        (_pattern(str(label), re.IGNORECASE), label) for label in anycase
    ]


def _has_text(label: Any) -> bool:
    return bool(str(label).strip())


def _pattern(name: str, flag: re.RegexFlag) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, name.split()))
    return re.compile(words + (r"(?!\w)" if name.rstrip()[-1].isalnum() else ""), flag)


def _unquoted(found: re.Match[str]) -> str:
    quote = found.group()[0]
    return re.sub(rf"\\(['\"\\])|{quote}({quote})", r"\1\2", found.group()[1:-1])
