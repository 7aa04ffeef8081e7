"""Conditions that a value is what is said, holds it, or is there at all."""

from __future__ import annotations

from agent.offline.plan import UnboundError
from agent.offline.tables.condition import Condition, Found, first, literal, quoted
from agent.offline.tables.naming import opposite
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study, chosen


def lacking(study: Study, found: Found, place: int) -> list[Condition]:
    """`without an email`, `missing age`, `email is empty`."""
    column = study.column(first(found, "column"))
    negated = any(piece is not None and piece.concept == "NOT" for piece in found)
    kind = study.table.kind(column)
    without = not negated and any(p and p.concept == "LACKING" for p in found)
    if without and kind.name == "yesno":
        return yes_no(study, found, place)
    if without and kind.name == "number" and kind.zeros and kind.gaps:
        question = f"Does `without {column}` mean that it is 0, or that it is missing?"
        without = chosen(question, ("0", "missing"), study.answers) == "0"
    if without and kind.name == "number" and (kind.zeros or not kind.gaps):
        return [_nothing_of(study, column, place)]
    text = f"{quoted(column)} is {'not ' if negated else ''}missing"
    return [Condition(text=text, column=column, place=place)]


def _nothing_of(study: Study, column: str, place: int) -> Condition:
    """`days without rain`: rain is 0."""
    study.assume(f"without {column} means that it is 0")
    return Condition(text=f"{quoted(study.cell.number(column))} == 0", column=column, place=place)


def present(study: Study, found: Found, place: int) -> list[Condition]:
    """`with a phone number`: unless a comparison follows, it is there at all."""
    piece = first(found, "column")
    after = study.pieces.after(piece)
    if after is not None and (
        after.kind in ("number", "value", "text", "sign") or after.concept == "CMP"
    ):
        study.pieces.release(piece)
        return []
    column = study.column(piece)
    return [Condition(text=f"{quoted(column)} is not missing", column=column, place=place)]


def state(study: Study, found: Found, place: int) -> list[Condition]:
    """`rainy days`, `out of stock`."""
    piece = next(p for p in found if p is not None)
    column = study.number(piece)
    study.assume(f"{piece.text!r} means that {column} {piece.sense} {piece.number}")
    text = f"{quoted(column)} {piece.sense} {piece.number}"
    return [Condition(text=text, column=column, place=place)]


def compared_text(
    study: Study, piece: Piece | None, sign: str, value: Piece, place: int
) -> list[Condition]:
    """A column compared with a text, spelled as in the data."""
    if piece is None:
        msg = f"nothing says with what {value.text!r} is compared"
        raise UnboundError(msg)
    column = study.column(piece)
    if value.values and column not in dict(value.values):
        msg = f"{value.text!r} is no value of {column!r} but of {value.values[0][0]!r}"
        raise UnboundError(msg)
    spelled = dict(value.values).get(column) or _spelled(study, column, value.text)
    return [_one_of(study, column, spelled, value.text, place, negated=sign == "!=")]


def _spelled(study: Study, column: str, text: str) -> tuple[str, ...]:
    """How the data spell a value.

    Raises:
        UnboundError: If they don't have it.
    """
    values = study.table.spellings.get(column)
    folded = " ".join(text.casefold().split())
    if values is None:
        return (text,)
    if folded not in values:
        shown = ", ".join(sorted(spelled[0] for spelled in values.values())[:5])
        msg = f"{column!r} has no value {text!r}: it has {shown}{'…' if len(values) > 5 else ''}"
        raise UnboundError(msg)
    return values[folded]


def _one_of(
    study: Study, column: str, spelled: tuple[str, ...], said: str, place: int, *, negated: bool
) -> Condition:
    """That a column has a value, in any of its spellings."""
    if spelled[0].casefold().strip() != said.casefold().strip():
        study.assume(f"{said!r} was read as {spelled[0]!r}")
    if len(spelled) == 1:
        text = f"{quoted(column)} {'!=' if negated else '=='} {literal(spelled[0])}"
    else:
        study.assume(f"spaces and capitals don't matter in {spelled[0].strip()!r}")
        values = ", ".join(map(literal, spelled))
        text = f"{quoted(column)} {'not ' if negated else ''}in ({values})"
    return Condition(text=text, column=column, place=place, is_value=not negated)


def contains(study: Study, found: Found, place: int) -> list[Condition]:
    """`name contains X`, `title starts with A`."""
    how = next(p for p in found if p is not None and p.concept == "CONTAINS")
    named = next(
        (p for p in found if p is not None and p.kind == "column" and p.start < how.start), None
    )
    value = next(p for p in reversed(found) if p is not None)
    negated = any(p is not None and p.concept == "NOT" for p in found)
    column = study.column(named) if named is not None else study.table.line
    text = value.text.strip("'\"")
    following = study.pieces.after(value)
    if (
        value.text.lower() in ("in", "on")
        and value.kind == "filler"
        and following is not None
        and following.kind == "file"
    ):
        msg = f"the condition on {column!r} has no value: write text in quotes"
        raise UnboundError(msg)
    if not column:
        msg = f"nothing says in which column {text!r} is looked for"
        raise UnboundError(msg)
    if how.sense == "contains":
        shown = f"{quoted(column)} {'not ' if negated else ''}contains {literal(text)}"
        return [Condition(text=shown, column=column, place=place)]
    flag = f"{column} {how.sense} with {text}"
    method = f"{how.sense.rstrip('s')}swith"
    series = f"{study.cell.whole()}[{column!r}].astype('string').str.strip().str.lower()"
    study.cell.derive(flag, f"{series}.str.{method}({text.lower()!r}, na=False)")
    study.assume("capitals don't matter")
    wanted = "False" if negated else "True"
    return [Condition(text=f"{quoted(flag)} == '{wanted}'", column=column, place=place)]


def has_value(study: Study, found: Found, place: int) -> list[Condition]:
    """A value of a column by itself: `cancelled orders`, `in Berlin`, `except Berlin`."""
    value = next(p for p in found if p is not None and p.kind == "value")
    said = next((p for p in found if p is not None and p.kind == "column"), None)
    without = found[0] is not None and found[0].text.lower() == "without"
    negated = without or any(p is not None and p.concept == "NOT" for p in found)
    held = dict(value.values)
    options = [c for c in held if said is None or c in said.columns]
    if not options and said is not None:
        if found[0] is not None and found[0].concept == "WHERE":
            return compared_text(study, said, "!=" if negated else "==", value, place)
        study.pieces.release(said)
        options = list(held)
    column = options[0]
    if len(options) > 1:
        column = chosen(f"In which column is {value.text!r} meant?", options, study.answers)
    return [_one_of(study, column, held[column], value.text, place, negated=negated)]


def yes_no(study: Study, found: Found, place: int) -> list[Condition]:
    """A column of yes and no as an adjective: `remote employees`, `not in stock`."""
    piece = first(found, "column")
    column = next(c for c in piece.columns if study.table.kind(c).name == "yesno")
    negated = any(p is not None and p.concept in ("NOT", "LACKING") for p in found)
    if piece.columns == opposite(piece.text.lower(), study.table):
        negated = not negated
    wanted = ("no", "false", "n") if negated else ("yes", "true", "y")
    spelled = study.table.spellings.get(column, {})
    held = next((spelled[word] for word in wanted if word in spelled), None)
    values = held or (("False",) if negated else ("True",))
    return [_one_of(study, column, values, values[0], place, negated=False)]
