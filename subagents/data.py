"""Text of others in a prompt: marked as data, so that nobody takes it for an instruction."""

from __future__ import annotations

import re

_MARK = re.compile(r"<(?=\s*/?\s*data\b)", re.IGNORECASE)
_CHARACTERS_A_TOKEN = 4


def data(kind: str, text: str) -> str:
    """A block that nothing inside can end.

    Inside, the `<` of what looks like a mark of ours is written `&lt;`.

    Args:
        kind: What it is, in lower-case letters.
        text: What others wrote: code, names, docstrings, messages.
    """
    return f'<data kind="{kind}">\n{_MARK.sub("&lt;", visible(text))}\n</data>'


def visible(text: str) -> str:
    """The text with all spelled out that nobody sees: what hides can't be judged."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)


def one_line(text: str, limit: int) -> str:
    """The same on one line, cut to a number of characters."""
    line = " ".join(visible(text[: 2 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def tokens(text: str) -> int:
    """An estimate, good enough for a budget: characters / 4, rounded up."""
    return -(-len(text) // _CHARACTERS_A_TOKEN)
