"""Components for text."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one
from agent.offline.synthesis.component import methods

_PART = "{1} and len({0}) <= 500"

METHODS = methods(
    "str",
    (
        ("upper", 4, "upper, uppercase, capital, initial, shout, upper case"),
        ("lower", 4, "lower, lowercase, case, slug, lower case, ignore case"),
        ("title", 5, "title, capitalize, word, name"),
        ("capitalize", 5, "capitalize, sentence, first letter"),
        ("swapcase", 5, "swap, toggle, case"),
        ("strip", 4, "strip, trim, whitespace, clean, space"),
        ("split", 3, "word, split, sentence, token, initial, space"),
        ("splitlines", 6, "line"),
        ("isalpha", 4, "letter, alphabet, alphabetic, alphabets"),
        ("isdigit", 4, "digit, numeric, number, numeral"),
        ("isupper", 4, "upper, uppercase, capital, upper case"),
        ("islower", 4, "lower, lowercase, lower case"),
        ("isalnum", 4, "alphanumeric, special character, alphabets and digits"),
        ("isspace", 5, "space, whitespace"),
        ("isdecimal", 7, "decimal"),
    ),
)

PARTS = (
    one(
        "join", "{1}.join({0})", "strings str", 4,
        "join, separated, concatenate, string, delimiter",
    ),
    one(
        "concatenate", '"".join({0})', "strings", 3,
        "join, concatenate, initial, string, convert, combine",
    ),
    one(
        "split_at", "{0}.split({1})", "str str", 4,
        "split, separated, part, before, after, domain, extension, delimiter", guard=_PART,
    ),
    one("split_once", "{0}.partition({1})", "str str", 6, "before, after, first", guard=_PART),
    one("split_last", "{0}.rsplit({1}, 1)", "str str", 6, "last, after, extension", guard=_PART),
    one(
        "replace", "{0}.replace({1}, {2})", "str str str", 3,
        "replace, slug, instead, change, convert, substitute", guard=_PART,
    ),
    one(
        "replace_first", "{0}.replace({1}, {2}, 1)", "str str str", 6, "replace first, first",
        guard=_PART,
    ),
    one(
        "remove", '{0}.replace({1}, "")', "str str", 4, "remove, delete, without, strip",
        guard=_PART,
    ),
    one(
        "remove_first", '{0}.replace({1}, "", 1)', "str str", 5,
        "remove first, first occurrence, first", guard=_PART,
    ),
    one("strip_of", "{0}.strip({1})", "str str", 5, "strip, trim"),
    one("strip_left", "{0}.lstrip({1})", "str str", 6, "leading, zero, left"),
    one("strip_right", "{0}.rstrip({1})", "str str", 6, "trailing, right"),
    one("drop_prefix", "{0}.removeprefix({1})", "str str", 6, "prefix"),
    one("drop_suffix", "{0}.removesuffix({1})", "str str", 6, "suffix, extension"),
    one(
        "keep_only", '"".join(c for c in {0} if c in {1})', "str str", 5,
        "keep, only, common, present",
    ),
    one(
        "drop_all", '"".join(c for c in {0} if c not in {1})', "str str", 4,
        "remove, delete, present, vowel, character, dirty",
    ),
    one("pad", "{0}.zfill({1})", "str int", 6, "pad, zero, width, leading", guard="0 <= {1} < 100"),
    one(
        "pad_left", "{0}.rjust({1})", "str int", 7, "pad, right, justify, align",
        guard="0 <= {1} < 100",
    ),
    one(
        "pad_right", "{0}.ljust({1})", "str int", 7, "pad, left, justify, align",
        guard="0 <= {1} < 100",
    ),
    one("centre", "{0}.center({1})", "str int", 7, "center, centre", guard="0 <= {1} < 100"),
    one(
        "append_text", "({0} + {1})", "str str", 3, "concatenate, add, append, end, prefix, suffix",
        guard="len({0}) + len({1}) <= 1000",
    ),
    one(
        "repeat_text", "({0} * {1})", "str int", 5, "repeat, times, multiply",
        guard="0 <= {1} < 60 and len({0}) < 60",
    ),
    one("backwards", "{0}[::-1]", "str", 3, "reverse, palindrome, backward, backwards"),
    one("sorted_text", '"".join(sorted({0}))', "str", 6, "sort, alphabetical, anagram, order"),
    one("words_backwards", '" ".join({0}.split()[::-1])', "str", 6, "reverse words, reverse, word"),
    one(
        "without_repeats", '"".join(dict.fromkeys({0}))', "str", 6,
        "duplicate, unique, distinct, repeat",
    ),
    one("formatted", "{0}.format({1})", "str any", 6, "format, template", guard="'{{}}' in {0}"),
    one(
        "spaced", '" ".join({0})', "strings", 4, "word, sentence, string, space, join, concatenate",
    ),
    one("commas", '", ".join({0})', "strings", 6, "comma, separated"),
)  # fmt: skip

SEARCHES = (
    one(
        "swapped", "{0}.translate(str.maketrans({1} + {2}, {2} + {1}))", "str str str", 6,
        "vice versa, swap, interchange, exchange", guard="len({1}) == len({2}) == 1", inside=False,
    ),

    one(
        "occurrences", "{0}.count({1})", "str str", 4,
        "count, occurrence, number of, frequency, many, times", guard=_PART,
    ),
    one("find", "{0}.find({1})", "str str", 5, "find, position, index, first occurrence"),
    one(
        "find_last", "{0}.rfind({1})", "str str", 6,
        "last occurrence, last position, last index, last",
    ),
    one("starts", "{0}.startswith({1})", "str str", 4, "start, begin, prefix"),
    one("ends", "{0}.endswith({1})", "str str", 4, "end, suffix"),
    one(
        "substring", "({0} in {1})", "str str", 3,
        "contain, substring, vowel, in, present, rotation, vowels",
    ),
    one("not_substring", "({0} not in {1})", "str str", 4, "not contain, consonant, without, not"),
    one(
        "contained_in_any", "any({0} in v for v in {1})", "str strings", 5,
        "substring, contain, present, list of string",
    ),
    one(
        "same_ends", "({0}[0] == {0}[-1])", "ordered", 5,
        "same character, start and end, starts and ends, first and last, end with the same",
    ),
    one(
        "is_palindrome", "({0} == {0}[::-1])", "ordered", 4,
        "palindrome, palindromic, symmetrical, reverse",
    ),
    one(
        "code_point", "ord({0})", "str", 4, "ascii, unicode, code, value of, position in alphabet",
        guard="len({0}) == 1",
    ),
    one("character", "chr({0})", "int", 5, "ascii, character, letter", guard="0 <= {0} < 1200"),
    one(
        "alphabet_position", "(ord({0}) - ord('a'))", "str", 6,
        "alphabet, position, shift, cipher, rotate", guard="len({0}) == 1",
    ),
    one(
        "alphabet_letter", "chr({0} % 26 + ord('a'))", "int", 6,
        "alphabet, letter, shift, cipher, rotate, character", guard="abs({0}) < 10**6",
    ),
    one(
        "substrings", "[{0}[i:j] for i in range(len({0})) for j in range(i + 1, len({0}) + 1)]",
        "str", 6, "substring, palindromic, sub string", guard="len({0}) <= 16", inside=False,
    ),
)  # fmt: skip

COMPONENTS = METHODS + PARTS + SEARCHES
