"""Words and phrases that mean something in requests about texts, by what they mean."""

from __future__ import annotations

from collections.abc import Mapping

CONCEPTS: Mapping[str, Mapping[str, str]] = {
    "COUNT": {
        "": (
            "how many; number of; count; count of; how often; how many times; number of times; "
            "the number of"
        ),
    },
    "LENGTH": {
        "": "how long; length of; the length of; length",
    },
    "UNIT": {
        "words": "words; word",
        "lines": "lines; line; rows; row; entries",
        "characters": "characters; character; chars; symbols",
        "letters": "letters; letter",
        "sentences": "sentences; sentence",
        "paragraphs": "paragraphs; paragraph",
        "numbers": "numbers; number; integers; figures; amounts",
        "emails": (
            "email addresses; emails; email; e-mails; e-mail; e-mail addresses; email address; "
            "mail addresses; e-mail address; addresses; mails"
        ),
        "urls": "urls; links; web addresses; url; web links; websites; hyperlinks",
        "dates": "dates; date",
        "vowels": "vowels; vowel",
        "consonants": "consonants; consonant",
        "digits": "digits; digit",
        "spaces": "spaces; blanks",
        "phones": "phone numbers; telephone numbers; phone number",
        "hashtags": "hashtags; hashtag; tags",
        "capitals": "capital letters; capitals; uppercase letters; upper case letters",
        "ips": "ip addresses; ip address; ips; ip",
    },
    "FIND": {
        "": (
            "extract; find; list; get; show; give me; pull out; pull; collect; print; pick out; "
            "return; what are; which are; show me; display; fetch; grab; tell me"
        ),
    },
    "LONGEST": {
        "max": "longest",
        "min": "shortest",
    },
    "FREQUENT": {
        "max": (
            "most common; most frequent; most often; most frequently; commonest; most used; occur "
            "most; occurs most; appear most; appears most; top; used most; frequencies; occur "
            "most often; appears most often; occurs most often; occur the most; appear the most; "
            "frequency; most frequently used; is used most; are used most often"
        ),
    },
    "SORT": {
        "": (
            "sort; sorted; order; arrange; put in order; sort these; alphabetize; alphabetise; "
            "alphabetical order of; in alphabetical order; alphabetically; alphabetical order; "
            "sort alphabetically; sorted alphabetically; in order"
        ),
    },
    "BYLENGTH": {
        "": "by length; by their length; by number of letters; by size; according to length",
    },
    "DESC": {
        "": (
            "descending; in descending order; longest first; largest first; z to a; biggest "
            "first; in reverse alphabetical order; from longest to shortest; from largest to "
            "smallest; highest first"
        ),
    },
    "ASC": {
        "": (
            "ascending; in ascending order; shortest first; smallest first; a to z; lowest first; "
            "from shortest to longest; from smallest to largest"
        ),
    },
    "REVERSE": {
        "": (
            "reverse; backwards; reversed; backward; in reverse; in reverse order; reverse order; "
            "the other way round; spelled backwards; turn around"
        ),
    },
    "UNIQUE": {
        "": "unique; different; distinct; without duplicates; without repeats",
    },
    "DUPLICATE": {
        "": "duplicate; duplicates; repeated; double; duplicated",
    },
    "SUM": {
        "": "sum; add up; sum of; total; total of; add; sum up; adding up; add together",
    },
    "MEAN": {
        "": "average; mean; average of; mean of",
    },
    "EXTREME": {
        "max": "largest; biggest; highest; maximum; greatest",
        "min": "smallest; lowest; minimum",
    },
    "FIRST": {
        "": "first; top",
        "last": "last; final",
    },
    "CONTAIN": {
        "in": (
            "containing; that contain; contain; contains; with; which contain; that contains; "
            "mention; mentioning; including; having; that have; that mention; with the word; "
            "contain the word; containing the word; have; that include; matching; which mention; "
            "has"
        ),
        "start": (
            "starting with; that start with; start with; begin with; beginning with; starts with; "
            "that begin with; which start with; begins with; which begin with; starting with the "
            "letter; start with the letter; begin with the letter; that start with the letter; "
            "beginning with the letter"
        ),
        "end": (
            "ending with; ending in; that end with; end with; end in; ends with; that end in; "
            "ends in; which end in; which end with"
        ),
    },
    "NOT": {
        "": "not; do not; don't; without; that do not; that don't; does not; doesn't",
    },
    "CMP": {
        ">": "longer than; more than; over; above; greater than; larger than; bigger than",
        "<": "shorter than; fewer than; less than; under; below; smaller than",
        ">=": "at least",
        "<=": "at most; up to",
        "==": "exactly; with exactly",
    },
    "REPLACE": {
        "": "replace; substitute; change; swap; exchange; replacing; turn; convert",
    },
    "WITH": {
        "": "with; by; to; into; for",
    },
    "REMOVE": {
        "": (
            "remove; delete; strip; drop; get rid of; take out; strip out; eliminate; without; "
            "clean; clear; cut out; throw out; removing"
        ),
    },
    "THING": {
        "punctuation": "punctuation; punctuation marks",
        "extra spaces": (
            "extra spaces; extra whitespace; surplus spaces; double spaces; extra blanks; "
            "unnecessary spaces; redundant spaces; multiple spaces; superfluous spaces; extra "
            "white space; leading and trailing spaces; stray spaces; surrounding spaces; leading "
            "and trailing whitespace; trailing spaces; leading spaces"
        ),
        "accents": "accents; diacritics; umlauts; accent marks",
        "empty lines": "empty lines; blank lines",
        "duplicate lines": "duplicate lines; repeated lines; double lines",
        "duplicate words": "duplicate words; repeated words; duplicates; double words",
    },
    "CASE": {
        "upper": (
            "upper case; uppercase; capitals; all caps; capital letters; capital; caps; upper; "
            "block letters; block capitals"
        ),
        "lower": "lower case; lowercase; small letters; lower",
        "title": (
            "title case; titlecase; title; headline case; capitalize each word; capitalise each "
            "word; capitalize every word; capitalise every word; capitalize the first letter of "
            "each word; capitalize all words"
        ),
        "capital": "capitalize; capitalise; sentence case",
        "trim": "trim; strip whitespace; strip spaces; trimmed",
        "swap": "swap case; swapcase; invert case; swapped case",
        "snake": "snake case; snake_case; snakecase",
        "camel": "camel case; camelcase; camelCase",
        "pascal": "pascal case; pascalcase",
        "kebab": "kebab case; kebab-case; kebabcase",
        "slug": "slug; slugify; url slug; a url slug; slugified; url friendly; slugs",
    },
    "PUT": {
        "": (
            "put; convert; make; turn; change; write; transform; set; rewrite; format; switch; "
            "bring"
        ),
    },
    "PALINDROME": {
        "": "palindrome; palindromes; a palindrome; the same backwards; reads the same backwards",
    },
    "IGNORE": {
        "": (
            "ignore; ignoring; if you ignore; regardless of; disregarding; not counting; ignored; "
            "apart from"
        ),
    },
    "INITIALS": {
        "": (
            "initials; initials of; the initials of; acronym; acronym of; acronym for; "
            "abbreviation of"
        ),
    },
    "SPLIT": {
        "": "split; split up; cut; break; separate; divide; break up",
    },
    "AT": {
        "": "at; by; on; at each; at every; by the; into",
    },
    "JOIN": {
        "": "join; combine; concatenate; glue; joined; put together",
    },
    "EACH": {
        "": "each; every; per; of each; of every; in each; for each; all",
    },
    "ANAGRAM": {
        "": "anagram; anagrams",
    },
}

CHARACTERS = {
    "space": " ", "spaces": " ", "blank": " ", "blanks": " ", "comma": ",", "commas": ",",
    "dash": "-",
    "dashes": "-", "hyphen": "-", "hyphens": "-", "underscore": "_", "underscores": "_", "dot": ".",
    "dots": ".", "period": ".", "periods": ".", "semicolon": ";", "semicolons": ";", "colon": ":",
    "colons": ":", "slash": "/", "slashes": "/", "newline": "\n", "newlines": "\n", "tab": "\t",
    "tabs": "\t", "nothing": "", "pipe": "|", "pipes": "|", "apostrophes": "'", "quotes": '"',
}  # fmt: skip
"""What characters are called."""
