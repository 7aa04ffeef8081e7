"""Texts written differently: another case, other characters, less of something."""

from __future__ import annotations

from collections.abc import Mapping

from agent.offline.plan import Plan
from agent.offline.tables.pieces import Piece
from agent.offline.texts.lexicon import CHARACTERS
from agent.offline.texts.script import Script

_CASES: Mapping[str, tuple[str, str]] = {
    "upper": ("{}.upper()", ""),
    "lower": ("{}.lower()", ""),
    "title": ("' '.join(word[:1].upper() + word[1:].lower() for word in {}.split(' '))", ""),
    "capital": ("{}.capitalize()", ""),
    "swap": ("{}.swapcase()", ""),
    "trim": ("{}.strip()", ""),
    "snake": ("snake_case({})", "snake_case"),
    "camel": ("camel_case({})", "camel_case"),
    "pascal": ("camel_case({}, first_upper=True)", "camel_case"),
    "kebab": ("slugify({})", "slugify"),
    "slug": ("slugify({})", "slugify"),
}
_REMOVALS: Mapping[str, tuple[str, str]] = {
    "punctuation": (
        r"re.sub(r'[^\w\s]|_', '', {})",
        "import re",
    ),
    "extra spaces": ("re.sub(r' +', ' ', {}).strip()", "import re"),
    "accents": ("remove_accents({})", "remove_accents"),
    "empty lines": (
        "'\\n'.join(line for line in {}.splitlines() if line.strip())",
        "",
    ),
    "duplicate lines": ("'\\n'.join(dict.fromkeys({}.splitlines()))", ""),
    "duplicate words": ("' '.join(dict.fromkeys({}.split()))", ""),
    "vowels": ("''.join(c for c in {} if c.lower() not in 'aeiou')", ""),
    "consonants": ("''.join(c for c in {} if not c.isalpha() or c.lower() in 'aeiou')", ""),
    "digits": ("''.join(c for c in {} if not c.isdigit())", ""),
    "numbers": ("re.sub(r'\\d+(?:[.,]\\d+)*', '', {})", "import re"),
    "letters": ("''.join(c for c in {} if not c.isalpha())", ""),
    "capitals": ("''.join(c for c in {} if not c.isupper())", ""),
}


def palindrome(script: Script) -> Plan | None:
    """`is 'Never odd or even' a palindrome`: spaces, capitals and marks don't matter."""
    pieces = script.pieces
    if pieces.take("PALINDROME") is None:
        return None
    if pieces.take("IGNORE"):
        list(pieces.all("UNIT", "THING", "CASE"))
        for piece in pieces.free("word"):
            if piece.text.lower() in ("case", "capitalization", "capitalisation"):
                pieces.use([piece])
    source = script.source()
    script.assumptions.append("spaces, capitals and punctuation don't matter")
    lines = [
        f"letters = [c for c in {source.code}.lower() if c.isalnum()]",
        "letters == letters[::-1]",
    ]
    return script.plan(lines, f"whether {source.label} is a palindrome")


def changed(script: Script) -> Plan | None:
    """A text after one change or several, in the order in which they are said."""
    steps: list[tuple[int, str, str]] = []
    for read in (_replaced, _removed, _initials, _cases, _reversed, _split):
        steps += read(script)
    if not steps:
        return None
    pieces = script.pieces
    pieces.take("PUT")
    source = script.source()
    code = source.code
    if source.items and [told for _, _, told in steps] == ["without duplicate words"]:
        items = f"list(dict.fromkeys({list(source.items)!r}))"
        return script.plan([items], "the list without duplicates")
    for _, form, _ in sorted(steps):
        code = form.replace("{}", code)
    what = ", then ".join(told for _, _, told in sorted(steps))
    return script.plan([code], f"{source.label}, {what}")


_FRAME = ("REPLACE", "WITH", "CONTAIN", "EACH")
_Steps = list[tuple[int, str, str]]


def _replaced(script: Script) -> _Steps:
    found = script.pieces.take(
        "REPLACE text|word|UNIT|THING|mark WITH|CONTAIN text|word|UNIT|mark",
        "REPLACE EACH? text|word|UNIT WITH|CONTAIN text|word|UNIT",
    )
    if found is None:
        return []
    old, new = (p for p in found if p is not None and p.concept not in _FRAME)
    before, after = _characters(old), _characters(new)
    if before is None or after is None or before == "":
        return []
    form = f"{{}}.replace({before!r}, {after!r})"
    return [(old.start, form, f"{before!r} replaced by {after!r}")]


def _characters(piece: Piece) -> str | None:
    """The characters that a piece stands for: quoted, or called by name."""
    if piece.kind == "text":
        return piece.text
    return CHARACTERS.get(piece.text.lower())


def _removed(script: Script) -> _Steps:
    steps: _Steps = []
    while found := script.pieces.take(
        "REMOVE EACH? THING|UNIT|DUPLICATE", "REMOVE EACH? text|word"
    ):
        piece = found[-1]
        if piece is None:
            break
        name = (
            "duplicate words" if piece.concept == "DUPLICATE" else piece.sense or piece.text.lower()
        )
        if name in _REMOVALS:
            form, needed = _REMOVALS[name]
            _load(script, needed)
            steps.append((piece.start, form, f"without {name}"))
        elif (
            (gone := _characters(piece)) is not None and len(script.pieces.free("text")) != 0
        ) or (gone is not None and piece.kind != "text"):
            steps.append((piece.start, f"{{}}.replace({gone!r}, '')", f"without {gone!r}"))
        else:
            script.pieces.used -= {i for i, p in enumerate(script.pieces.items) if p is piece}
            break
    return steps


def _load(script: Script, needed: str) -> None:
    if needed.startswith("import "):
        script.load(needed)
    elif needed:
        script.use(needed)


def _initials(script: Script) -> _Steps:
    found = script.pieces.take("INITIALS")
    if found is None or found[0] is None:
        return []
    form = "''.join(word[0].upper() for word in {}.replace('-', ' ').split())"
    return [(found[0].start, form, "its initials")]


def _cases(script: Script) -> _Steps:
    steps: _Steps = []
    for found in script.pieces.all("PUT|REPLACE? CASE"):
        piece = found[-1]
        assert piece is not None
        form, needed = _CASES[piece.sense]
        _load(script, needed)
        steps.append(
            (piece.start, form, f"in {piece.sense} case" if piece.sense != "slug" else "as a slug")
        )
    return steps


def _reversed(script: Script) -> _Steps:
    found = script.pieces.take(
        "REVERSE 'the'? 'order'? UNIT/words", "UNIT/words REVERSE", "REVERSE UNIT/lines", "REVERSE"
    )
    if found is None or found[0] is None:
        return []
    units = next((p.sense for p in found if p is not None and p.concept == "UNIT"), "")
    if units == "words":
        return [(found[0].start, "' '.join({}.split()[::-1])", "with its words in reverse order")]
    if units == "lines":
        return [
            (found[0].start, "'\\n'.join({}.splitlines()[::-1])", "with its lines in reverse order")
        ]
    return [(found[0].start, "{}[::-1]", "backwards")]


def _split(script: Script) -> _Steps:
    found = script.pieces.take("SPLIT")
    if found is None or found[0] is None:
        return []
    at = script.pieces.take("AT|WITH EACH? text|word|UNIT")
    piece = at[-1] if at else None
    units = {
        "words": "{}.split()",
        "lines": "{}.splitlines()",
        "letters": "list({})",
        "characters": "list({})",
    }
    if piece is not None and piece.concept == "UNIT" and piece.sense in units:
        return [(found[0].start, units[piece.sense], f"cut into {piece.sense}")]
    sign = _characters(piece) if piece is not None else None
    if not sign:
        script.pieces.used -= {i for i, p in enumerate(script.pieces.items) if p is found[0]}
        return []
    form = f"[part.strip() for part in {{}}.split({sign!r})]"
    return [(found[0].start, form, f"cut at {sign!r}")]
