"""Components that use regular expressions."""

from __future__ import annotations

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.component import component as one


def _quoted(pattern: str) -> str:
    return '"' + pattern.replace('"', '\\"').replace("{", "{{").replace("}", "}}") + '"'


def _extraction(name: str, pattern: str, about: str) -> Component:
    return one(name, f"re.findall(r{_quoted(pattern)}, {{0}})", "str", 6, about)


def _cleaning(name: str, pattern: str, replacement: str, about: str) -> Component:
    marker = "" if "\\" not in replacement else "r"
    template = f"re.sub(r{_quoted(pattern)}, {marker}{_quoted(replacement)}, {{0}})"
    return one(name, template, "str", 6, about)


COMPONENTS = (
    one(
        "search", "bool(re.search({1}, {0}))", "str pattern", 4,
        (
            "match, regex, contain, check, sequence, follow, start, end, pattern, valid, followed "
            "by, search"
        ),
    ),
    one(
        "find_all", "re.findall({1}, {0})", "str pattern", 5,
        "find all, extract, find, regex, sequence, match",
    ),
    one("split_pattern", "re.split({1}, {0})", "str pattern", 6, "split"),
    one("delete_pattern", 're.sub({1}, "", {0})', "str pattern", 6, "remove, delete"),
    one("replace_pattern", "re.sub({1}, {2}, {0})", "str pattern str", 6, "replace, substitute"),
    one(
        "capture", "re.findall({1}, {0})[0]", "str capture", 3,
        "between, inside, extract, parenthesis, bracket, quote, after, before",
    ),
    _extraction("numbers_in", "\\d+", "number, digit, extract, find, integer, numeric"),
    _extraction("decimals_in", "\\d+\\.?\\d*", "number, decimal, extract, float"),
    _extraction("signed_numbers_in", "-?\\d+", "negative, integer, extract, number"),
    _extraction("digits_in", "\\d", "digit, extract"),
    _extraction("words_in", "\\w+", "word"),
    _extraction("letters_in", "[a-zA-Z]+", "word, letter, alphabetic"),
    _extraction("capitals_in", "[A-Z]", "uppercase, capital, upper, letter"),
    _extraction("camel_parts", "[A-Z][^A-Z]*", "camel, uppercase, split, upper, capital"),
    _extraction("capitalised_in", "[A-Z][a-z]*", "uppercase, capital, word, upper"),
    _extraction("quoted_in", "'(.*?)'", "quote, quotation, quoted"),
    _extraction("double_quoted_in", '"(.*?)"', "quote, quotation, quoted, value between"),
    _extraction("parenthesised_in", "\\((.*?)\\)", "parenthesis, bracket, between"),
    _extraction("tags_in", "#\\w+", "hashtag, tag"),
    _extraction("emails_in", "[\\w.+-]+@[\\w.-]+\\w", "email, address"),
    _extraction("urls_in", "https?://\\S+", "url, link"),
    _extraction("adverbs_in", "\\w+ly", "adverb"),
    _extraction("vowels_in", "[aeiouAEIOU]", "vowel"),
    _cleaning("without_digits", "\\d", "", "remove, digit, number, remove digits, remove numbers"),
    _cleaning("only_digits", "\\D", "", "only, digit, number, phone, keep, numeric"),
    _cleaning(
        "only_alphanumeric", "[^a-zA-Z0-9]", "",
        "only, alphanumeric, remove, punctuation, special, special character, except",
    ),
    _cleaning("only_letters", "[^a-zA-Z]", "", "only, letter, remove, alphabetic"),
    _cleaning("only_word_marks", "\\W", "", "special, punctuation, remove, non alphanumeric"),
    _cleaning("without_punctuation", "[^\\w\\s]", "", "punctuation, remove"),
    _cleaning("without_space", "\\s+", "", "remove, whitespace, space, spaces"),
    _cleaning(
        "single_spaces", "\\s+", " ",
        "multiple, extra, collapse, space, whitespace, normalize, single space",
    ),
    _cleaning("without_parens", "\\s*\\(.*?\\)", "", "parenthesis, remove, area, without"),
    _cleaning(
        "without_parenthesised", "\\([^)]*\\)", "", "parenthesis, remove, without, text between",
    ),
    _cleaning("without_vowels", "[aeiouAEIOU]", "", "vowel, remove, without"),
    _cleaning("without_lower", "[a-z]", "", "lowercase, remove, lower, substring"),
    _cleaning("without_upper", "[A-Z]", "", "uppercase, remove, upper"),
    _cleaning("snake_breaks", "(?<!^)(?=[A-Z])", "_", "snake, camel, underscore"),
    _cleaning(
        "capital_breaks", "(\\w)([A-Z])", "\\1 \\2",
        "space between, capital, uppercase, word, insert, put",
    ),
    _cleaning("hyphenated", "[^a-zA-Z0-9]+", "-", "slug, hyphen, dash, kebab"),
    _cleaning("repeats_once", "(.)\\1+", "\\1", "consecutive, duplicate, repeated, remove"),
    _cleaning("marks_to_colons", "[ ,.]", ":", "colon, punctuation, replace"),
    _cleaning("without_leading_zeros", "\\b0+(?=\\d)", "", "leading, zero, zeroes, ip"),
)  # fmt: skip
