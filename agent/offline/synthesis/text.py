"""Components for text."""

from __future__ import annotations

import operator
import re

from agent.offline.synthesis.component import Component, Operation, component, within

_LONGEST = 500


def _find_all(pattern: str) -> Operation:
    compiled = re.compile(pattern)
    return lambda text: compiled.findall(text)


def _substitute(pattern: str, replacement: str) -> Operation:
    compiled = re.compile(pattern)
    return lambda text: compiled.sub(replacement, text)


def _capture(text: str, pattern: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        msg = "no match"
        raise ValueError(msg)
    return found.group(1)


def _method(name: str, cost: int, words: str) -> Component:
    return component(name, "{0}." + name + "()", "str", getattr(str, name), cost, words)


def _extraction(name: str, pattern: str, words: str) -> Component:
    return component(
        name, f"re.findall(r{_quoted(pattern)}, {{0}})", "str", _find_all(pattern), 6, words
    )


def _cleaning(name: str, pattern: str, replacement: str, words: str) -> Component:
    template = f"re.sub(r{_quoted(pattern)}, {_quoted(replacement)}, {{0}})"
    return component(name, template, "str", _substitute(pattern, replacement), 6, words)


def _quoted(pattern: str) -> str:
    return '"' + pattern.replace("{", "{{").replace("}", "}}") + '"'


def _has_separator(text: str, separator: str, *_: str) -> bool:
    return bool(separator) and len(text) <= _LONGEST


METHODS: tuple[Component, ...] = (
    _method("upper", 4, "upper uppercase capital case initial shout"),
    _method("lower", 4, "lower lowercase case slug"),
    _method("title", 5, "title capitalize word name"),
    _method("capitalize", 5, "capitalize sentence"),
    _method("swapcase", 5, "swap toggle case"),
    _method("strip", 4, "strip trim whitespace clean space"),
    _method("split", 3, "word split sentence token initial"),
    _method("splitlines", 6, "line"),
    _method("isalpha", 4, "letter alphabet alphabetic"),
    _method("isdigit", 4, "digit numeric number"),
    _method("isupper", 4, "upper uppercase capital"),
    _method("islower", 4, "lower lowercase"),
    _method("isalnum", 4, "alphanumeric"),
    _method("isspace", 5, "space whitespace"),
)

OPERATIONS: tuple[Component, ...] = (
    component("join", "{1}.join({0})", "strings str", lambda a, b: b.join(a), 4, "join separated"),
    component("concatenate", '"".join({0})', "strings", "".join, 3, "join concatenate initial"),
    component(
        "split_at",
        "{0}.split({1})",
        "str str",
        within(lambda a, b: a.split(b), _has_separator),
        4,
        "split separated part before after domain extension",
    ),
    component(
        "split_last",
        "{0}.rsplit({1}, 1)",
        "str str",
        within(lambda a, b: a.rsplit(b, 1), _has_separator),
        6,
        "last after extension",
    ),
    component(
        "replace",
        "{0}.replace({1}, {2})",
        "str str str",
        within(lambda a, b, c: a.replace(b, c), _has_separator),
        3,
        "replace slug instead",
    ),
    component(
        "remove",
        '{0}.replace({1}, "")',
        "str str",
        within(lambda a, b: a.replace(b, ""), _has_separator),
        4,
        "remove delete without",
    ),
    component("strip_of", "{0}.strip({1})", "str str", lambda a, b: a.strip(b), 5, "strip trim"),
    component(
        "strip_left", "{0}.lstrip({1})", "str str", lambda a, b: a.lstrip(b), 6, "leading zero"
    ),
    component("strip_right", "{0}.rstrip({1})", "str str", lambda a, b: a.rstrip(b), 6, "trailing"),
    component(
        "drop_prefix",
        "{0}.removeprefix({1})",
        "str str",
        lambda a, b: a.removeprefix(b),
        6,
        "prefix",
    ),
    component(
        "drop_suffix",
        "{0}.removesuffix({1})",
        "str str",
        lambda a, b: a.removesuffix(b),
        6,
        "suffix extension",
    ),
    component(
        "pad",
        "{0}.zfill({1})",
        "str int",
        within(lambda a, b: a.zfill(b), lambda _, b: 0 <= b < 100),
        6,
        "pad zero width",
    ),
    component(
        "occurrences",
        "{0}.count({1})",
        "str str",
        within(lambda a, b: a.count(b), _has_separator),
        4,
        "count occurrence many number frequency",
    ),
    component("find", "{0}.find({1})", "str str", lambda a, b: a.find(b), 5, "find position index"),
    component(
        "starts", "{0}.startswith({1})", "str str", lambda a, b: a.startswith(b), 5, "start begin"
    ),
    component("ends", "{0}.endswith({1})", "str str", lambda a, b: a.endswith(b), 5, "end"),
    component(
        "substring", "({0} in {1})", "str str", lambda a, b: a in b, 3, "contain substring vowel in"
    ),
    component(
        "backwards",
        "{0}[::-1]",
        "str",
        lambda a: a[::-1],
        3,
        "reverse reversed palindrome backward",
    ),
    component("append_text", "({0} + {1})", "str str", operator.add, 3, "concatenate add append"),
    component(
        "repeat_text",
        "({0} * {1})",
        "str int",
        within(operator.mul, lambda a, n: 0 <= n < 60 and len(a) < 60),
        5,
        "repeat times",
    ),
    component("code_point", "ord({0})", "str", ord, 5, "ascii unicode code"),
    component(
        "character", "chr({0})", "int", within(chr, lambda n: 0 <= n < 1200), 5, "ascii character"
    ),
    component("characters", "list({0})", "str", list, 4, "character letter list"),
    component(
        "capture",
        "re.search({1}, {0}).group(1)",
        "str capture",
        _capture,
        3,
        "between inside extract parenthesis bracket quote after before",
    ),
)

PATTERNS: tuple[Component, ...] = (
    _extraction("numbers_in", r"\d+", "number digit extract find"),
    _extraction("words_in", r"\w+", "word"),
    _extraction("camel_parts", r"[A-Z][^A-Z]*", "camel uppercase split"),
    _extraction("quoted_in", r"'(.*?)'", "quote quotation quoted"),
    _extraction("tags_in", r"#\w+", "hashtag tag"),
    _extraction("emails_in", r"[\w.+-]+@[\w.-]+\w", "email address"),
    _cleaning("without_digits", r"\d", "", "remove digit number"),
    _cleaning("only_digits", r"\D", "", "only digit number phone keep"),
    _cleaning("only_alphanumeric", r"[^a-zA-Z0-9]", "", "only alphanumeric remove punctuation"),
    _cleaning("only_letters", r"[^a-zA-Z]", "", "only letter remove"),
    _cleaning("without_space", r"\s+", "", "remove whitespace space"),
    _cleaning("single_spaces", r"\s+", " ", "multiple extra collapse space whitespace normalize"),
    _cleaning("without_parens", r"\s*\(.*?\)", "", "parenthesis remove without"),
    _cleaning("without_vowels", r"[aeiouAEIOU]", "", "vowel remove"),
    _cleaning("snake_breaks", r"(?<!^)(?=[A-Z])", "_", "snake camel"),
    _cleaning("hyphenated", r"[^a-zA-Z0-9]+", "-", "slug hyphen dash kebab"),
)

COMPONENTS = METHODS + OPERATIONS + PATTERNS
