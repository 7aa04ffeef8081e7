"""Units of a text: words, lines, numbers, e-mail addresses — found, chosen, counted, listed."""

from __future__ import annotations

from itertools import pairwise

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import whole_number
from agent.offline.texts.conditions import OCCURRING, Choice, demand_words, take_conditions
from agent.offline.texts.script import Script
from agent.offline.texts.source import Source
from agent.offline.texts.units import UNITS, load


def occurrences(script: Script) -> Plan | None:
    """`how many times does 'the' occur in letter.txt`."""
    pieces = script.pieces
    found = pieces.take(
        f"COUNT UNIT/words? text|word|value AT|WITH|CONTAIN? {OCCURRING}|'in'",
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
    pieces.use(p for p in pieces.items if f"'{p.text.lower()}'" in OCCURRING.split("|"))
    pieces.take("UNIT/words|UNIT/letters")
    source = script.source()
    letters = any(p is not None and p.sense in ("letters", "characters") for p in found)
    letters = letters or len(wanted.text) == 1
    plural = wanted.kind == "word" and len(wanted.text) > 3 and wanted.text.endswith("s")
    return _counted(script, source, wanted.text, letters=letters, plural=plural and not letters)


def _counted(
    script: Script, source: Source, wanted: str, *, letters: bool, plural: bool = False
) -> Plan:
    script.assumptions.append("capitals don't matter")
    what = f"how often {wanted!r} occurs in {source.label}"
    whole = wanted.replace(" ", "").isalnum() and (source.file or " " in source.code)
    if letters or not whole:
        return script.plan([f"{source.code}.lower().count({wanted.lower()!r})"], what)
    script.load("import re")
    script.assumptions.append("whole words are counted")
    if plural:
        script.assumptions.append(f"{wanted[:-1]!r} counts as well")
    word, end = (wanted.lower()[:-1], "s?") if plural else (wanted.lower(), "")
    pattern = f"r'\\b' + re.escape({word!r}) + r'{end}\\b'"
    return script.plan([f"len(re.findall({pattern}, {source.code}.lower()))"], what)


def of_units(script: Script) -> Plan | None:
    """`how many words`, `the longest line`, `extract the e-mails`, `lines that contain ERROR`."""
    pieces = script.pieces
    if (each := _mean_per(script)) is not None:
        return each
    if not pieces.has("MEAN") and pieces.take("LENGTH UNIT/words|UNIT/sentences?"):
        source = script.source()
        return script.plan([f"len({source.code})"], f"the number of characters of {source.label}")
    frequent = _frequent(script)
    if frequent is not None:
        return frequent
    unit = _unit(script)
    if unit is None:
        return None
    choice = Choice(unit=unit, conditions=[], told=unit)
    take_conditions(script, choice)
    operation = _operation(script, unit)
    source = script.source()
    demand_words(choice, source)
    if source.items and unit in ("words", "lines", "items"):
        items = repr(list(source.items))
    else:
        form, needed = UNITS[unit]
        load(script, needed)
        items = form.replace("{}", source.code)
    if choice.conditions:
        items = f"[item for item in {items} if {' and '.join(choice.conditions)}]"
    expression, told = operation
    return script.plan(
        [expression.replace("{}", items)], f"{told.format(choice.told)} in {source.label}"
    )


def _mean_per(script: Script) -> Plan | None:
    """`average number of words per line`: of lines that are not empty."""
    found = script.pieces.take("MEAN COUNT? UNIT EACH UNIT")
    if found is None or found[2] is None or found[4] is None:
        return None
    inner, outer = found[2].sense, found[4].sense
    source = script.source()
    items, needed = UNITS[outer]
    parts, more = UNITS[inner]
    load(script, needed)
    load(script, more)
    script.load("from statistics import mean")
    counted = f"len({parts.replace('{}', 'item')})"
    listed = items.replace("{}", source.code)
    if outer == "lines":
        script.assumptions.append("empty lines don't count")
    lines = [f"mean({counted} for item in {listed} if item.strip())"]
    return script.plan(lines, f"the mean number of {inner} of the {outer} in {source.label}")


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
    load(script, needed)
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
    if any(p.sense == "empty lines" for p in script.pieces.free("concept")):
        return "lines"
    found = script.pieces.take("UNIT")
    if found is not None and found[0] is not None and found[0].sense in UNITS:
        return found[0].sense
    if script.pieces.has("SORT", "BYLENGTH", "LONGEST"):
        return "words"
    return None


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
    if found := pieces.take("number LONGEST", "LONGEST number"):
        number = whole_number(next(p for p in found if p is not None and p.kind == "number"))
        down = any(p is not None and p.sense == "max" for p in found)
        word = "longest" if down else "shortest"
        return (
            f"sorted({listed}, key=len, reverse={down})[:{number}]",
            f"the {number} {word} of the {{}}",
        )
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


def _numbered(script: Script) -> int:
    """The number in `line 5`; 0 if there is none."""
    items = script.pieces.items
    for unit, number in pairwise(items):
        if unit.concept == "UNIT" and number in script.pieces.free("number"):
            script.pieces.use([number])
            return whole_number(number)
    return 0


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
    if found is None and (place := _numbered(script)):
        return f"{listed}[{place - 1}]", f"number {place} of the {{}}"
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
