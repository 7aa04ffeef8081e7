"""Text: names, words, and what can be found in it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

_WORD = re.compile(r"\w+(?:['\u2019-]\w+)*")
_NUMBER = re.compile(r"(?<![\w.])-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\d)")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_URL = re.compile(r"https?://[^\s<>\"'`]+")
_SENTENCE_END = re.compile(
    r"[.!?\u2026]+[\"')\]\u201d\u2019]*(?=\s+[\"'(\[\u201c\u2018]*[A-Z0-9À-Þ])|\n\s*\n"
)
_ABBREVIATED = re.compile(
    r"(?:^|[\s(])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|Jr|Sr|No|Fig|vs|etc|cf|approx|ca|e\.g|i\.e)\.$"
)
_TOKEN = re.compile(r"[a-zA-Z]+|\d{1,3}|[^\W\d_]|[^\w\s]|_+")
_TOKEN_LETTERS = 7
_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "þ": "th", "ð": "d"}
_COMMON_WORDS = (
    "a an and are as at be but by for from had has have he her his i if in is it its not of on or "
    "she so than that the their them then there these they this to was we were which who will "
    "with you your"
)


def slugify(text: str, separator: str = "-") -> str:
    """Make a slug of text: lower case, no accents, words joined for a URL or file name.

    Args:
        text: Any text, such as a title.
        separator: What joins the words.

    Returns:
        The slug; empty if the text has no letter and no digit.

    Examples:
        >>> slugify("Crème brûlée: a recipe!")
        'creme-brulee-a-recipe'
        >>> slugify("Body Mass (g)", separator="_")
        'body_mass_g'
    """
    return separator.join(re.findall(r"[a-z0-9]+", remove_accents(text).casefold()))


def snake_case(text: str) -> str:
    """Convert a name to snake_case: camelCase, PascalCase, kebab-case or words with spaces.

    Args:
        text: A name or a few words.

    Returns:
        The words in lower case, joined by underscores.

    Examples:
        >>> snake_case("parseHTTPResponse")
        'parse_http_response'
        >>> snake_case("Flipper Length (mm)")
        'flipper_length_mm'
    """
    return "_".join(_name_words(text))


def camel_case(text: str, first_upper: bool = False) -> str:
    """Convert a name to camelCase or, if wished, to PascalCase (upper camel case).

    Args:
        text: A name or a few words.
        first_upper: Whether the first word begins with a capital too.

    Returns:
        The words without anything between them, each but the first with a capital.

    Examples:
        >>> camel_case("flipper_length_mm")
        'flipperLengthMm'
        >>> camel_case("HTTP response code", first_upper=True)
        'HttpResponseCode'
    """
    joined = "".join(word.capitalize() for word in _name_words(text))
    return joined if first_upper else joined[:1].lower() + joined[1:]


def remove_accents(text: str) -> str:
    """Remove accents and other diacritics from letters: é to e, ü to u, ñ to n (to ASCII letters).

    Args:
        text: Any text.

    Returns:
        The same text in plain letters; ß becomes ss, æ becomes ae. Other scripts stay.

    Examples:
        >>> remove_accents("Ångström, café, Łódź")
        'Angstrom, cafe, Lodz'
        >>> remove_accents("Straße")
        'Strasse'
    """
    plain = "".join(_plain_letter(letter) for letter in unicodedata.normalize("NFC", text))
    letters = unicodedata.normalize("NFD", plain)
    kept = "".join(letter for letter in letters if not "\u0300" <= letter <= "\u036f")
    return unicodedata.normalize("NFC", kept)


def word_count(text: str) -> int:
    """Count the words in a text.

    Args:
        text: Any text; a word with a hyphen or an apostrophe is one.

    Returns:
        The number of words.

    Examples:
        >>> word_count("It's a well-known fact.")
        4
        >>> word_count("")
        0
    """
    return len(_WORD.findall(text))


def most_common_words(
    text: str, limit: int = 10, skip_common: bool = True
) -> list[tuple[str, int]]:
    """Find the most common words of a text and how often each occurs: word frequencies.

    Args:
        text: Any text.
        limit: How many words to return at most.
        skip_common: Leave out English words such as "the", "and", "of".

    Returns:
        Words in lower case with their counts, most frequent first, ties in order of appearance.

    Examples:
        >>> most_common_words("The egg, the nest and the egg.", limit=2)
        [('egg', 2), ('nest', 1)]
        >>> most_common_words("To be or not to be", limit=1, skip_common=False)
        [('to', 2)]
    """
    skipped = _COMMON_WORDS.split() if skip_common else ()
    words = [word.casefold() for word in _WORD.findall(text)]
    return Counter(word for word in words if word not in skipped).most_common(limit)


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences.

    Args:
        text: Any text, best in English.

    Returns:
        The sentences without the space around them; a dot after Dr., e.g. or an initial ends none.

    Examples:
        >>> split_sentences("Dr. Gentoo saw 3.5 kg of fish. Did she eat? Yes!")
        ['Dr. Gentoo saw 3.5 kg of fish.', 'Did she eat?', 'Yes!']
        >>> split_sentences("")
        []
    """
    sentences: list[str] = []
    begin = 0
    for end in _SENTENCE_END.finditer(text):
        if not _ABBREVIATED.search(text[max(begin, end.start() - 12) : end.start() + 1]):
            sentences.append(text[begin : end.end()].strip())
            begin = end.end()
    return [sentence for sentence in [*sentences, text[begin:].strip()] if sentence]


def estimate_tokens(text: str) -> int:
    """Estimate how many tokens a language model counts in a text (count tokens, LLM, prompt size).

    Args:
        text: Any text.

    Returns:
        About as many as common tokenizers find, within a quarter for English prose; each has
        its own rules, so leave some room.

    Examples:
        >>> estimate_tokens("The penguins of Torgersen island weigh 3.7 kg.")
        13
        >>> estimate_tokens("")
        0
    """
    return sum(-(-len(piece) // _TOKEN_LETTERS) for piece in _TOKEN.findall(text))


def extract_numbers(text: str) -> list[float]:
    """Extract the numbers from a text: find all integers and decimals in a string.

    Args:
        text: Any text; 1,234.5 is one number, digits after a letter (N1A1) are none.

    Returns:
        The numbers in order, integers as int.

    Examples:
        >>> extract_numbers("From 3 to -4.5 degrees, 1,200 times, 10km")
        [3, -4.5, 1200, 10]
        >>> extract_numbers("nest N1A1")
        []
    """
    found = (number.replace(",", "") for number in _NUMBER.findall(text))
    return [int(number) if number.lstrip("-").isdigit() else float(number) for number in found]


def extract_emails(text: str) -> list[str]:
    """Extract the e-mail addresses from a text: find all emails in a string.

    Args:
        text: Any text.

    Returns:
        The addresses in order, each once.

    Examples:
        >>> extract_emails("Ask ann@example.org or Bob <bob.b@mail.example.com>.")
        ['ann@example.org', 'bob.b@mail.example.com']
        >>> extract_emails("nobody @ home")
        []
    """
    return list(dict.fromkeys(_EMAIL.findall(text)))


def extract_urls(text: str) -> list[str]:
    """Extract the URLs (links, web addresses) from a text.

    Args:
        text: Any text; addresses begin with http:// or https://.

    Returns:
        The addresses in order, each once, without the punctuation that ends a sentence.

    Examples:
        >>> extract_urls("See https://example.org/a?b=1, and (http://example.com).")
        ['https://example.org/a?b=1', 'http://example.com']
        >>> extract_urls("no link here")
        []
    """
    return list(dict.fromkeys(_without_sentence_end(url) for url in _URL.findall(text)))


def edit_distance(first: str, second: str) -> int:
    """Measure the edit distance (Levenshtein distance) of two texts: how different two words are.

    Args:
        first: One text.
        second: The other.

    Returns:
        The least number of letters to insert, delete or replace to make one into the other.

    Examples:
        >>> edit_distance("kitten", "sitting")
        3
        >>> edit_distance("same", "same")
        0
    """
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        above, row = row, [i]
        for j, right in enumerate(second, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (left != right)))
    return row[-1]


def _name_words(text: str) -> list[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", remove_accents(text))
    return [word.casefold() for word in re.findall(r"[^\W_]+", spaced)]


def _plain_letter(letter: str) -> str:
    plain = _LETTERS.get(letter.lower(), letter)
    return plain.capitalize() if letter.isupper() and plain != letter else plain


def _without_sentence_end(url: str) -> str:
    url = url.rstrip(".,;:!?")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?")
    return url
