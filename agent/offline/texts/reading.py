"""From a request to a plan for a text: units of it are found, chosen, and counted or listed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from agent.offline.plan import Plan
from agent.offline.requests import Request
from agent.offline.surroundings import Surroundings, Table
from agent.offline.tables.phrases import Phrases, phrases_of
from agent.offline.tables.pieces import Pieces
from agent.offline.tables.tagging import tag
from agent.offline.texts.changing import changed, palindrome
from agent.offline.texts.counting import occurrences, of_units
from agent.offline.texts.lexicon import CONCEPTS
from agent.offline.texts.script import NoTextError, Script
from agent.offline.texts.source import after_colon, find_source
from tools_registry.registry import Registry

_NOTHING = Table(source="", label="")
_READINGS: tuple[Callable[[Script], Plan | None], ...] = (
    palindrome,
    occurrences,
    changed,
    of_units,
)


@cache
def _phrases() -> Phrases:
    return phrases_of(CONCEPTS)


def read_text_request(
    request: Request, surroundings: Surroundings, registry: Registry, problems: list[str]
) -> Plan | None:
    """The plan of the first reading that fits; why others did not is added to the problems.

    Raises:
        UnboundError: If it names a file that is not there.
    """
    head, tail = after_colon(request)
    pieces = tag(head, _NOTHING, _phrases())
    _call_files_by_name(pieces, surroundings)
    for read in _READINGS:
        script = Script(pieces=pieces.copy(), registry=registry)
        script.find = lambda script=script: find_source(  # type: ignore[misc]  # bound at once
            script.pieces, surroundings, registry, tail
        )
        try:
            plan = read(script)
        except NoTextError:
            continue
        if plan is None:
            continue
        unused = _unused(script.pieces)
        if not unused:
            return plan
        words = ", ".join(map(repr, unused[:5]))
        problems.append(f"read as {plan.sentence}, but nothing in that stands for {words}")
    return None


def _call_files_by_name(pieces: Pieces, surroundings: Surroundings) -> None:
    """`the letter` is letter.txt, if there is one, and no letter of the alphabet."""
    for piece in list(pieces.items):
        before = pieces.before(piece)
        named = f"{piece.text.lower()}." in {
            f"{n.partition('.')[0].lower()}." for n in surroundings.texts
        }
        if (
            named
            and piece.concept == "UNIT"
            and before is not None
            and before.text.lower().endswith(("the", "my", "our"))
        ):
            pieces.change(piece, kind="word", concept="", sense="")


_IDLE = ("have", "has", "with", "having", "contain", "contains", "there", "long", "please",
         "mention", "mentions", "include", "includes", "out")  # fmt: skip


def _unused(pieces: Pieces) -> list[str]:
    left = [p for i, p in enumerate(pieces.items) if i not in pieces.used]
    silent = ("FIND", "EACH", "WITH", "PUT", "AT")
    spoken = ("text", "string", "sentence", "phrase", "word", "words", "file", "document", "these",
              "following", "headline", "name", "at", "on", "off", "up")  # fmt: skip
    return [
        p.text
        for p in left
        if not p.silent and p.concept not in silent and p.text.lower() not in (*spoken, *_IDLE)
    ]
