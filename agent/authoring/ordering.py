"""From what a coordinator passes on to what the person said: only their words are binding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from pydantic_ai import messages as told

from agent.authoring.commission import Commission
from agent.validation.examples import find_examples

_ASKED = "ask_user"


def ordered(request: str, name: str, examples: Iterable[str], said: Sequence[str]) -> Commission:
    """The commission that a request makes.

    Examples count as stated if the person stated them; others are passed on as mere thoughts.

    Args:
        request: As the coordinator words it.
        name: What the function is to be called, or "".
        examples: As the coordinator passes them on.
        said: What the person said, the newest last.

    Raises:
        UsageError: See `Commission.of`.
    """
    stated, thought = _divided(examples, "\n".join(said))
    words = "\n\n".join(said)
    known = Commission.of(words or request, name, stated)
    return replace(known, task=_task(request, thought, said))


def said_by_person(messages: Iterable[told.ModelMessage]) -> list[str]:
    """What the person said in a conversation: requests, and answers to questions."""
    return [text for message in messages for part in message.parts for text in _said(part)]


def _said(part: object) -> Iterator[str]:
    match part:
        case told.UserPromptPart(content=str(text)):
            yield text
        case told.UserPromptPart(content=several):
            yield from (text for text in several if isinstance(text, str))
        case told.ToolReturnPart(tool_name=name, content=str(text)) if name == _ASKED:
            yield text


def _divided(examples: Iterable[str], words: str) -> tuple[list[str], list[str]]:
    """Examples that are in the person's words, and others."""
    known = {
        _key(found.example.arguments, found.example.expected) for found in find_examples(words)
    }
    stated: list[str] = []
    thought: list[str] = []
    for text in examples:
        found = find_examples(text)
        keys = {_key(f.example.arguments, f.example.expected) for f in found}
        (stated if keys and keys <= known else thought).append(text)
    return stated, thought


def _key(arguments: object, expected: object) -> str:
    return repr((arguments, expected))


def _task(request: str, thought: Sequence[str], said: Sequence[str]) -> str:
    """The request as sub-agents read it, the person's own words with it if they are others."""
    parts = [request.strip()]
    if said and request.strip() not in said[-1]:
        parts.append(f"In the person's own words, which outrank the above: {said[-1].strip()}")
    if thought:
        parts.append(f"Examples that the person did not state: {'; '.join(thought)}")
    return "\n\n".join(parts)
