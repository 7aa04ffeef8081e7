"""Units of a text: words, lines, numbers, e-mail addresses — found, chosen, counted, listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import whole_number
from agent.offline.tables.pieces import Piece
from agent.offline.texts.script import Script
from agent.offline.texts.source import Source

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

_OCCURRING = "'occur'|'appear'|'occurs'|'appears'|'mentioned'|'used'|'come'|'found'"
_MATCHES = {
    "in": "{want} in {item}",
    "start": "{item}.startswith({want})",
    "end": "{item}.endswith({want})",
}


@dataclass(kw_only=True)
class _Choice:
    """Which of the units are wanted, and what becomes of them."""

    unit: str
    conditions: list[str]
    told: str


def occurrences(script: Script) -> Plan | None:
    """`how many times does 'the' occur in letter.txt`."""
    pieces = script.pieces
    found = pieces.take(
        f"COUNT UNIT/words? text|word|value AT|WITH|CONTAIN? {_OCCURRING}|'in'",
        "COUNT 'occurrences' text|word",
        "COUNT UNIT/letters|UNIT/characters text|word|filler",
    )
    if found is None:
        return None
    wanted = next(p for p in found[1:] if p is not None and p.concept != "UNIT")
    if (
        wanted.kind in ("word", "filler")
        and (wanted.kind == "filler" or wanted.text.islower())
        and len(wanted.text) > 1
    ):
        return None
    pieces.use(p for p in pieces.items if f"'{p.text.lower()}'" in _OCCURRING.split("|"))
    pieces.take("UNIT/words|UNIT/letters")
    source = script.source()
    letters = any(p is not None and p.sense in ("letters", "characters") for p in found)
    return _counted(script, source, wanted.text, letters=letters or len(wanted.text) == 1)


def _counted(script: Script, source: Source, wanted: str, *, letters: bool) -> Plan:
    script.assumptions.append("capitals don't matter")
    what = f"how often {wanted!r} occurs in {source.label}"
    whole = wanted.replace(" ", "").isalnum() and (source.file or " " in source.code)
    if letters or not whole:
        return script.plan([f"{source.code}.lower().count({wanted.lower()!r})"], what)
    script.load("import re")
    script.assumptions.append("whole words are counted")
    pattern = f"r'\\b' + re.escape({wanted.lower()!r}) + r'\\b'"
    return script.plan([f"len(re.findall({pattern}, {source.code}.lower()))"], what)


def of_units(script: Script) -> Plan | None:
    """`how many words`, `the longest line`, `extract the e-mails`, `lines that contain ERROR`."""
    pieces = script.pieces
    if pieces.take("LENGTH UNIT/words|UNIT/sentences?"):
        source = script.source()
        return script.plan([f"len({source.code})"], f"the number of characters of {source.label}")
    frequent = _frequent(script)
    if frequent is not None:
        return frequent
    unit = _unit(script)
    if unit is None:
        return None
    choice = _Choice(unit=unit, conditions=[], told=unit)
    _conditions(script, choice)
    operation = _operation(script, unit)
    source = script.source()
    if source.items and unit in ("words", "lines", "items"):
        items = repr(list(source.items))
    else:
        form, needed = UNITS[unit]
        _load(script, needed)
        items = form.replace("{}", source.code)
    if choice.conditions:
        items = f"[item for item in {items} if {' and '.join(choice.conditions)}]"
    expression, told = operation
    return script.plan(
        [expression.replace("{}", items)], f"{told.format(choice.told)} in {source.label}"
    )


def _load(script: Script, needed: str) -> None:
    if needed.startswith("import "):
        script.load(needed)
    elif needed:
        script.use(needed)


def _frequent(script: Script) -> Plan | None:
    """`the five most common words`, `which words occur most`."""
    pieces = script.pieces
    if not pieces.has("FREQUENT"):
        return None
    number = next(iter(pieces.free("number")), None)
    pieces.take("FREQUENT")
    pieces.take("FREQUENT")
    unit = pieces.take("UNIT")
    if unit is None or unit[0] is None or unit[0].sense not in UNITS:
        return None
    pieces.use([number] if number is not None else [])
    pieces.take("WHICH|FIND|COUNT")
    source = script.source()
    form, needed = UNITS[unit[0].sense]
    _load(script, needed)
    one = number is None and not unit[0].text.lower().endswith("s")
    limit = 1 if one else (whole_number(number) if number is not None else 10)
    items = form.replace(
        "{}", source.code if unit[0].sense != "words" else f"{source.code}.lower()"
    )
    script.load("from collections import Counter")
    lines = [f"counts = Counter({items}).most_common({limit})", "counts[0][0]" if one else "counts"]
    if unit[0].sense == "words":
        script.assumptions.append("capitals don't matter")
    what = f"the {'' if limit == 1 else f'{limit} '}most common {unit[0].sense} in {source.label}"
    return script.plan(lines, what if one else f"{what}, with how often each occurs")


def _unit(script: Script) -> str | None:
    """Of what kind the units are; the first that is said counts."""
    found = script.pieces.take("UNIT")
    if found is not None and found[0] is not None and found[0].sense in UNITS:
        return found[0].sense
    if script.pieces.has("SORT", "BYLENGTH", "LONGEST"):
        return "words"
    return None


def _conditions(script: Script, choice: _Choice) -> None:
    """`that contain X`, `starting with A`, `longer than 5 characters`, `unique`."""
    pieces = script.pieces
    for found in pieces.all("NOT? CONTAIN text|word|UNIT|number"):
        wanted = found[-1]
        how = next(p.sense for p in found if p is not None and p.concept == "CONTAIN")
        assert wanted is not None
        negated = found[0] is not None
        choice.conditions.append(_holds(script, wanted, how, negated=negated))
        choice.told += f" {'without' if negated else 'with'} {wanted.text!r}"
    for found in pieces.all("CMP number UNIT?", "WITH? CMP number UNIT?"):
        sign = next(p.sense for p in found if p is not None and p.concept == "CMP")
        number = next(p.number for p in found if p is not None and p.kind == "number")
        item = "item" if choice.unit == "numbers" else "len(item)"
        choice.conditions.append(f"{item} {sign} {number}")
        choice.told += f" {sign} {number}"


def _holds(script: Script, wanted: Piece, how: str, *, negated: bool) -> str:
    """A condition on `item`; capitals matter only if there are any."""
    text = wanted.text
    if wanted.kind == "concept" and wanted.sense in ("digits", "numbers"):
        condition = "any(c.isdigit() for c in item)"
    elif text == text.lower():
        script.assumptions.append("capitals don't matter")
        condition = _MATCHES[how].format(want=repr(text), item="item.lower()")
    else:
        condition = _MATCHES[how].format(want=repr(text), item="item")
    return f"not ({condition})" if negated else condition


_Operation = tuple[str, str]


def _operation(script: Script, unit: str) -> _Operation:
    """What becomes of the units: an expression with `{}` for them, and what it is."""
    pieces = script.pieces
    unique = pieces.take("UNIQUE") is not None
    listed = "list(dict.fromkeys({}))" if unique else "{}"
    different = "different " if unique else ""
    if unique and unit == "words":
        listed = "list(dict.fromkeys(item.lower() for item in {}))"
        script.assumptions.append("capitals don't matter")
    if found := pieces.take("LONGEST"):
        best = "max" if found[0] and found[0].sense == "max" else "min"
        word = "longest" if best == "max" else "shortest"
        return f"{best}({listed}, key=len)", f"the {word} of the {{}}"
    if pieces.take("SUM"):
        return f"sum({_numbers(unit, listed)})", "the sum of the {}"
    if pieces.take("MEAN LENGTH?"):
        script.load("from statistics import mean")
        if unit == "words" or pieces.take("COUNT"):
            pieces.take("COUNT")
            pieces.take("LENGTH|'lengths'")
            return f"mean(len(item) for item in {listed})", "the mean length of the {}"
        return f"mean({_numbers(unit, listed)})", "the mean of the {}"
    if found := pieces.take("EXTREME"):
        best = "max" if found[0] and found[0].sense == "max" else "min"
        return (
            f"{best}({_numbers(unit, listed)})",
            f"the {'largest' if best == 'max' else 'smallest'} of the {{}}",
        )
    if pieces.take("COUNT"):
        return f"len({listed})", f"the number of {different}{{}}"
    if pieces.has("SORT", "BYLENGTH", "ASC", "DESC"):
        return _sorted(script, listed)
    return _some(script, listed, different)


def _numbers(unit: str, items: str) -> str:
    if unit not in ("numbers", "digits"):
        msg = f"{unit} can't be added up or compared as numbers"
        raise UnboundError(msg)
    return items if unit == "numbers" else f"map(int, {items})"


def _sorted(script: Script, listed: str) -> _Operation:
    pieces = script.pieces
    by_length = pieces.take("BYLENGTH") is not None
    pieces.take("SORT")
    pieces.take("SORT")
    by_length = by_length or pieces.take("BYLENGTH") is not None
    down = pieces.take("DESC") is not None or pieces.take("REVERSE") is not None
    pieces.take("ASC")
    key = "len" if by_length else "str.lower"
    options = f"key={key}, reverse=True" if down else f"key={key}"
    return (
        f"sorted({listed}, {options})",
        f"the {{}}, sorted {'by length' if by_length else 'alphabetically'}",
    )


def _some(script: Script, listed: str, different: str) -> _Operation:
    """All of them, or the first or last few."""
    pieces = script.pieces
    found = pieces.take("FIRST number", "number FIRST", "FIRST", "NTH")
    if found is None:
        return listed, f"the {different}{{}}"
    piece = next(p for p in found if p is not None and p.kind == "concept")
    number = next((p for p in found if p is not None and p.kind == "number"), None)
    if piece.concept == "NTH":
        return f"{listed}[{int(piece.sense) - 1}]", f"number {piece.sense} of the {{}}"
    if number is None:
        return f"{listed}[{-1 if piece.sense == 'last' else 0}]", f"the {piece.text} of the {{}}"
    count = whole_number(number)
    part = f"[-{count}:]" if piece.sense == "last" else f"[:{count}]"
    return f"{listed}{part}", f"the {piece.text} {count} of the {{}}"
