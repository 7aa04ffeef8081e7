"""Integers in English words."""

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_THOUSANDS = ("", " thousand", " million", " billion", " trillion")
_LIMIT = 10**15


def in_words(number: int) -> str:
    """Spell the integer out.

    Raises:
        ValueError: It has more than 15 digits.
    """
    if abs(number) >= _LIMIT:
        msg = f"{number} is too large; up to 15 digits can be spelled out"
        raise ValueError(msg)
    if number < 0:
        return f"minus {in_words(-number)}"
    if number < 1000:
        return _below_thousand(number)
    groups = [number // 1000**i % 1000 for i in range(len(_THOUSANDS))]
    parts = [_below_thousand(n) + _THOUSANDS[i] for i, n in enumerate(groups) if n and i]
    words = " ".join(reversed(parts))
    if not groups[0]:
        return words
    return f"{words}{' and ' if groups[0] < 100 else ' '}{_below_thousand(groups[0])}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    if not hundreds:
        return _below_hundred(rest)
    words = f"{_SMALL.split()[hundreds]} hundred"
    return f"{words} and {_below_hundred(rest)}" if rest else words


def _below_hundred(number: int) -> str:
    if number < 20:
        return _SMALL.split()[number]
    tens, ones = divmod(number, 10)
    word = _TENS.split()[tens - 2]
    return f"{word}-{_SMALL.split()[ones]}" if ones else word
