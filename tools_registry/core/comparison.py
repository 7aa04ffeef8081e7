"""What differs, and what is alike: two texts, two tables, one name among many."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING

from ._changes import changes
from ._columns import find_column
from ._frames import read_frame
from ._similarity import similarity, simplified

if TYPE_CHECKING:
    from pandas import DataFrame


def compare_texts(old: str, new: str, context: int = 2) -> str:
    r"""Compare two texts (strings) line by line: the difference (diff) of an old and a new one.

    Args:
        old: The text before.
        new: The text after.
        context: Lines that are shown around each change, 0 or more.

    Returns:
        Lines that begin with - (removed), + (added) or a space (the same); empty if nothing
        differs.

    Raises:
        ValueError: `context` is negative.

    Examples:
        >>> print(compare_texts("one\ntwo\nthree", "one\n2\nthree", context=0))
        @@ -2 +2 @@
        -two
        +2
        >>> compare_texts("same", "same")
        ''
    """
    if context < 0:
        msg = f"context is {context}; give 0 or more lines"
        raise ValueError(msg)
    lines = unified_diff(old.splitlines(), new.splitlines(), n=context, lineterm="")
    return "\n".join(list(lines)[2:])


def text_similarity(first: str, second: str) -> float:
    """Measure how similar (alike) two short texts are, such as names: a fuzzy match score.

    Args:
        first: One text.
        second: The other; the order does not matter.

    Returns:
        0 (nothing alike) to 1 (equal but for case, accents and punctuation); words in another
        order cost little.

    Examples:
        >>> text_similarity("Müller, Ann", "ann mueller") > 0.8
        True
        >>> round(text_similarity("Torgersen", "Torgerson"), 2)
        0.89
    """
    return similarity(simplified(first), simplified(second))


def closest_matches(
    text: str, choices: Sequence[str], limit: int = 3, least: float = 0.6
) -> list[tuple[str, float]]:
    """Find the closest matches to a text in a list of choices: fuzzy search, did you mean.

    Args:
        text: What is looked for, perhaps misspelt.
        choices: What there is.
        limit: How many to return at most.
        least: Similarity from 0 to 1 that a match must have.

    Returns:
        Choices with their similarity, best first.

    Examples:
        >>> closest_matches("Bisco", ["Torgersen", "Biscoe", "Dream"], limit=1)
        [('Biscoe', 0.91)]
        >>> closest_matches("unknown", ["Torgersen", "Biscoe"])
        []
    """
    wanted = simplified(text)
    scored = [(choice, similarity(wanted, simplified(choice))) for choice in choices]
    good = [(choice, round(score, 2)) for choice, score in scored if score >= least]
    return sorted(good, key=lambda match: -match[1])[: max(limit, 0)]


def compare_tables(old: str | DataFrame, new: str | DataFrame, key: str) -> DataFrame:
    """Compare two tables by a key: which rows were added or removed, and which values changed.

    Args:
        old: Path of the table before, or a DataFrame.
        new: Path of the table after, or a DataFrame.
        key: Column that both have, whose values name the rows; each occurs once.

    Returns:
        One row a difference: the key, `change` (added, removed or changed), and for a changed
        value its `column`, `old` and `new`.

    Raises:
        ValueError: The key is unknown, missing in a row, or not unique.

    Examples:
        >>> import pandas as pd
        >>> old = pd.DataFrame({"id": [1, 2], "mass": [3750, 3800]})
        >>> new = pd.DataFrame({"id": [2, 3], "mass": [3900, 4500]})
        >>> compare_tables(old, new, "id")[["id", "change", "old", "new"]].values.tolist()[:2]
        [[1, 'removed', None, None], [2, 'changed', 3800, 3900]]
        >>> len(compare_tables("islands.json", "islands.json", key="Island"))
        0
    """
    before, after = read_frame(old), read_frame(new)
    label = find_column(before, key)
    return changes(before, after.rename(columns={find_column(after, key): label}), label)
