"""A request as a row of tokens, and a record of which of them a plan explains."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.offline.vocabulary import DATA_SUFFIXES, FILLERS, PICTURE_SUFFIXES
from agent.validation.examples import FoundExample, find_examples
from sessions.errors import UsageError

Kind = Literal["word", "number", "text", "date", "file", "sign", "mark"]
_LONGEST = 4000
PUNCTUATION = frozenset(".,;:?!()[]{}'\"`…-–—„“”‘’«»¿¡")  # noqa: RUF001 -- as people type them
"""Marks that may be left unexplained; any other, such as `%` or `*`, changes what is meant."""
_TOKEN = re.compile(
    r"""
    (?P<text>'(?:\\.|[^'\\])*'(?!\w) | "(?:\\.|[^"\\])*")
  | (?P<date>\b\d{4}-\d{2}-\d{2}\b | (?<![\w.])\d{1,2}\.\d{1,2}\.\d{4}\b)
  | (?P<file>[\w./-]*\w\.[A-Za-z][A-Za-z0-9]{1,7}\b(?!\())
  | (?P<number>(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+(?!,?\d)|\d[\d_]*)(?:\.\d+)?(?:[eE][-+]?\d+\b)?)
  | (?P<word>[^\W\d_](?:['\u2019]?\w)*)
  | (?P<sign><=|>=|==|!=|=|<|>)
  | (?P<mark>\S)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, kw_only=True)
class Token:
    """A piece of a request.

    Attributes:
        kind: What it looks like.
        text: As written; without its quotes if it is quoted.
        start: Where it begins in the request.
        end: Where it ends.
    """

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """In lower case if it is a word, else ""."""
        return self.text.lower() if self.kind == "word" else ""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What the person asked for.

    Attributes:
        text: As written.
        tokens: In order; those of examples are left out.
        examples: Calls with their results.
    """

    text: str
    tokens: tuple[Token, ...]
    examples: tuple[FoundExample, ...] = ()


def read_request(text: str) -> Request:
    """Cut a request into tokens and examples.

    Raises:
        UsageError: If it is too long to be understood without a model.
    """
    if len(text) > _LONGEST:
        msg = f"a request of {len(text)} characters is too long for the offline engine: be brief"
        raise UsageError(msg)
    examples = tuple(find_examples(text))
    rest = _blanked(text, [(e.start, e.end) for e in examples])
    tokens = tuple(_token(match) for match in _TOKEN.finditer(rest))
    return Request(text=text, tokens=tokens, examples=examples)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _token(match: re.Match[str]) -> Token:
    kind, text = _kind(match), match.group()
    if kind == "text":
        text = re.sub(r"\\(.)", r"\1", text[1:-1])
    if kind == "date" and "." in text:
        day, month, year = text.split(".")
        text = f"{year}-{month:0>2}-{day:0>2}"
    return Token(kind=kind, text=text, start=match.start(), end=match.end())


def _kind(match: re.Match[str]) -> Kind:
    kinds: tuple[Kind, ...] = ("text", "date", "file", "number", "word", "sign", "mark")
    return next(kind for kind in kinds if match[kind] is not None)


@dataclass
class Reading:
    """One attempt to understand a request: which tokens it explains.

    Attributes:
        request: What is read.
        explained: Indices of the tokens that the plan stands for.
        assumptions: What was assumed.
    """

    request: Request
    explained: set[int] = field(default_factory=set)
    assumptions: list[str] = field(default_factory=list)

    @property
    def tokens(self) -> Sequence[Token]:
        """All tokens of the request."""
        return self.request.tokens

    def explain(self, *indices: int) -> None:
        """Count tokens as understood."""
        self.explained.update(indices)

    def take(self, words: Collection[str]) -> int | None:
        """The first token not explained yet that is one of the words; it counts as explained."""
        index = self.index_of(words)
        if index is not None:
            self.explain(index)
        return index

    def take_all(self, words: Collection[str]) -> list[int]:
        """Every token that is one of the words; they count as explained."""
        found = [i for i, token in enumerate(self.tokens) if token.word in words]
        self.explain(*found)
        return found

    def index_of(self, words: Collection[str]) -> int | None:
        """Where the first unexplained token is that is one of the words."""
        free = (i for i, token in enumerate(self.tokens) if i not in self.explained)
        return next((i for i in free if self.tokens[i].word in words), None)

    def has(self, *phrase: str) -> int | None:
        """Where words stand one after the other, whether explained or not."""
        words = [token.word for token in self.tokens]
        for start in range(len(words) - len(phrase) + 1):
            if tuple(words[start : start + len(phrase)]) == phrase:
                return start
        return None

    def take_phrase(self, *phrase: str) -> bool:
        """Whether words stand one after the other; they count as explained."""
        start = self.has(*phrase)
        if start is not None:
            self.explain(*range(start, start + len(phrase)))
        return start is not None

    def before(self, index: int) -> str:
        """The nearest word before a token that is not a filler such as `the`."""
        for position in range(index - 1, -1, -1):
            word = self.tokens[position].word
            if word not in ("the", "each", "every", "column", "a", "of"):
                return word
        return ""

    def files(self, suffixes: tuple[str, ...] = DATA_SUFFIXES) -> list[int]:
        """Tokens that name files of these kinds."""
        return [
            i
            for i, token in enumerate(self.tokens)
            if token.kind in ("file", "text") and token.text.lower().endswith(suffixes)
        ]

    def pictures(self) -> list[int]:
        """Tokens that name pictures."""
        return self.files(PICTURE_SUFFIXES)

    def unexplained(self) -> list[str]:
        """What no part of the plan stands for: words that matter, values and signs."""
        return [
            token.text
            for i, token in enumerate(self.tokens)
            if i not in self.explained
            and token.word not in FILLERS
            and token.text not in PUNCTUATION
        ]
