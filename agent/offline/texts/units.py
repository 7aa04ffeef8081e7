"""Units of a text and how their occurrences are had."""

from __future__ import annotations

from collections.abc import Mapping

from agent.offline.texts.script import Script

_WORD = r"[^\W_]+(?:['’-][^\W_]+)*"  # noqa: RUF001 -- both apostrophes
UNITS: Mapping[str, tuple[str, str]] = {
    "words": (f're.findall(r"{_WORD}", {{}})', "import re"),
    "lines": ("{}.splitlines()", ""),
    "characters": ("list({})", ""),
    "letters": ("[c for c in {} if c.isalpha()]", ""),
    "sentences": ("split_sentences({})", "split_sentences"),
    "paragraphs": ("[part for part in re.split(r'\\n\\s*\\n', {}) if part.strip()]", "import re"),
    "numbers": ("extract_numbers({})", "extract_numbers"),
    "emails": ("extract_emails({})", "extract_emails"),
    "urls": ("extract_urls({})", "extract_urls"),
    "dates": ("extract_dates({})", "extract_dates"),
    "vowels": ("[c for c in {} if c.lower() in 'aeiou']", ""),
    "consonants": ("[c for c in {} if c.isalpha() and c.lower() not in 'aeiou']", ""),
    "digits": ("[c for c in {} if c.isdigit()]", ""),
    "spaces": ("[c for c in {} if c == ' ']", ""),
    "phones": (
        "[text for kind, text in find_personal_data({}) if 'phone' in kind]",
        "find_personal_data",
    ),
    "hashtags": (r"re.findall(r'#\w+', {})", "import re"),
    "capitals": ("[c for c in {} if c.isupper()]", ""),
    "ips": (r"re.findall(r'\b(?:\d{1,3}\.){3}\d{1,3}\b', {})", "import re"),
}
"""Unit → how its occurrences are had from a text, and what that needs."""


def load(script: Script, needed: str) -> None:
    """Import what a unit needs: a module or a tool."""
    if needed.startswith("import "):
        script.load(needed)
    elif needed:
        script.use(needed)
