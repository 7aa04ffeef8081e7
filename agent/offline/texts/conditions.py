"""Which units of a text are meant: those that mention something, are long, are not empty."""

from __future__ import annotations

from dataclasses import dataclass, field

from agent.offline.plan import UnboundError
from agent.offline.tables.pieces import Piece
from agent.offline.texts.script import Script
from agent.offline.texts.source import Source
from agent.offline.texts.units import UNITS, load

OCCURRING = "'occur'|'appear'|'occurs'|'appears'|'mentioned'|'used'|'come'|'found'"
"""Words after what occurs, as alternatives of a pattern."""
_MATCHES = {
    "in": "{want} in {item}",
    "start": "{item}.startswith({want})",
    "end": "{item}.endswith({want})",
}


@dataclass(kw_only=True)
class Choice:
    """Which of the units are wanted, and what becomes of them; `kinds` are words after `a`."""

    unit: str
    conditions: list[str]
    told: str
    kinds: list[str] = field(default_factory=list)


def take_conditions(script: Script, choice: Choice) -> None:
    """`that contain X`, `starting with A`, `longer than 5 characters`, `unique`."""
    pieces = script.pieces
    _empty(script, choice)
    _mentioned(script, choice)
    if choice.unit == "characters" and pieces.take("'without'|IGNORE|NOT UNIT/spaces"):
        choice.conditions.append("not item.isspace()")
        choice.told += " that are no spaces"
    if pieces.take("CONTAIN/start CASE/upper UNIT/letters?", "CONTAIN/start UNIT/capitals"):
        choice.conditions.append("item[:1].isupper()")
        choice.told += " that start with a capital letter"
    for found in pieces.all("NOT? CONTAIN UNIT/words? text|word", "NOT? CONTAIN UNIT|number"):
        wanted = found[-1]
        how = next(p.sense for p in found if p is not None and p.concept == "CONTAIN")
        assert wanted is not None
        negated = found[0] is not None
        choice.conditions.append(_holds(script, wanted, how, negated=negated))
        before = pieces.before(wanted)
        if wanted.kind == "word" and before is not None and before.text.lower() in ("a", "an"):
            choice.kinds.append(wanted.text)
        choice.told += f" {'without' if negated else 'with'} {wanted.text!r}"
        _further(script, choice, how, negated=negated)
    for found in pieces.all("CMP number UNIT?", "WITH? CMP number UNIT?"):
        sign = next(p.sense for p in found if p is not None and p.concept == "CMP")
        number = next(p.number for p in found if p is not None and p.kind == "number")
        item = "item" if choice.unit == "numbers" else "len(item)"
        choice.conditions.append(f"{item} {sign} {number}")
        choice.told += f" {sign} {number}"


_SAID = "text|word"


def _further(script: Script, choice: Choice, how: str, *, negated: bool) -> None:
    """`that mention X and Y`, `X or Y`: both, or either."""
    while found := script.pieces.take(f"'and'|'or'|'nor' {_SAID}"):
        link, wanted = found
        if link is None or wanted is None:
            return
        condition = _holds(script, wanted, how, negated=negated)
        both = negated or link.text.lower() == "and"
        before = choice.conditions.pop()
        choice.conditions.append(f"({before} {'and' if both else 'or'} {condition})")
        choice.told += f" {link.text} {wanted.text!r}"


def _empty(script: Script, choice: Choice) -> None:
    """`lines that are not empty`, `blank lines`."""
    if choice.unit not in ("lines", "paragraphs"):
        return
    things = [p for p in script.pieces.free("concept") if p.sense == "empty lines"]
    script.pieces.use(things)
    found = script.pieces.take(f"NOT {_BLANK}", _BLANK, "'nonempty'|'non-empty'|'filled'")
    if not things and found is None:
        return
    first = found[0] if found else None
    filled = first is not None and f"'{first.text.lower()}'" not in _BLANK.split("|")
    choice.conditions.append("item.strip()" if filled else "not item.strip()")
    choice.told += " that are not empty" if filled else " that are empty"


_BLANK = "'empty'|'blank'"


def _mentioned(script: Script, choice: Choice) -> None:
    """`in how many lines is X mentioned`, `lines without X`."""
    if choice.unit not in ("lines", "sentences", "paragraphs"):
        return
    lacking = script.pieces.take(f"'without' UNIT/words? {_SAID}")
    found = lacking or script.pieces.take(f"{_SAID} {OCCURRING}")
    if not found:
        return
    wanted = next(p for p in found if p is not None and p.kind in ("text", "word"))
    choice.conditions.append(_holds(script, wanted, "in", negated=bool(lacking)))
    choice.told += f" {'without' if lacking else 'with'} {wanted.text!r}"
    if found[0] is not None:
        _further(script, choice, "in", negated=bool(lacking))


_FOUND_IN_ITEMS = frozenset(
    ("emails", "urls", "dates", "numbers", "phones", "hashtags", "ips", "capitals", "vowels")
)


def _holds(script: Script, wanted: Piece, how: str, *, negated: bool) -> str:
    """A condition on `item`; capitals matter only if there are any."""
    text = wanted.text
    if wanted.kind == "concept" and wanted.sense in ("digits", "numbers"):
        condition = "any(c.isdigit() for c in item)"
    elif wanted.concept == "UNIT":
        if how != "in" or wanted.sense not in _FOUND_IN_ITEMS:
            msg = f"nothing says which {wanted.text} is looked for"
            raise UnboundError(msg)
        form, needed = UNITS[wanted.sense]
        load(script, needed)
        condition = form.replace("{}", "item")
    elif text == text.lower():
        script.assumptions.append("capitals don't matter")
        condition = _MATCHES[how].format(want=repr(text), item="item.lower()")
    else:
        condition = _MATCHES[how].format(want=repr(text), item="item")
    return f"not ({condition})" if negated else condition


def demand_words(choice: Choice, source: Source) -> None:
    """`a verb` is a kind of word, unless the text itself has `verb`.

    Raises:
        UnboundError: If it is not there.
    """
    for word in choice.kinds:
        if source.text and word.lower() not in source.text.lower():
            msg = f"{word!r} does not occur in {source.label}: write text in quotes"
            raise UnboundError(msg)
