"""What is wanted: a function, in the person's words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from agent.validation.examples import find_examples, read_examples
from sessions.errors import UsageError
from subagents.requests import said
from subagents.signature import Signature
from tools_registry.skills.skill_name import check_name

_HEAD = re.compile(r"\bdef\s+([a-z_]\w*\s*\([^\n]*\)(?:\s*->\s*[^\n:]+)?)\s*:")
_NAMED = re.compile(r"\b(?:function|called|named)\s+`?(?=[a-z_]\w*(?:\(|`))([a-z_]\w*)")


@dataclass(frozen=True, kw_only=True)
class Commission:
    """A function that is to become a skill.

    Attributes:
        task: The request, in the person's words.
        name: What it is to be called; "" if its author may choose.
        signature: How it must look; None if its author may choose.
        examples: What the person said must hold, e.g. `f(1) == 2`; nobody overrules them.
        answers: What the person answered, as (question, answer).
    """

    task: str
    name: str = ""
    signature: Signature | None = None
    examples: tuple[str, ...] = ()
    answers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, task: str, name: str = "", examples: Iterable[str] = ()) -> Self:
        """What a text asks for: a name, a signature and examples in it count as stated.

        Args:
            task: The request, in the person's words.
            name: What the function is to be called; "" if the text says it, or nobody cares.
            examples: What must hold besides what the text says.

        Raises:
            UsageError: If the request is empty, the name can't be that of a skill, or an example
                can't be read.
        """
        said(task)
        given = tuple(examples)
        signature = _signature_in(task, name)
        name = name or (signature.name if signature else "") or _name_in([*given, task], task)
        if name:
            check_name(name)
        commission = cls(task=task, name=name, signature=signature)
        return commission.with_examples([*given, *_examples_in(task, name)])

    def with_examples(self, texts: Iterable[str]) -> Self:
        """The same with more that must hold; each is said once.

        Raises:
            UsageError: If one can't be read or calls another function, or two contradict each
                other.
        """
        found = tuple(dict.fromkeys([*self.examples, *(_plain(text) for text in texts)]))
        inputs: dict[str, str] = {}
        for text, example in zip(found, read_examples(found, self.name), strict=True):
            other = inputs.setdefault(repr(example.arguments), text)
            if other != text:
                msg = f"{other} and {text} contradict each other: which one is meant?"
                raise UsageError(msg)
        return replace(self, examples=found)


def _plain(text: str) -> str:
    """An example as a comparison, whatever way it was written; left alone if it can't be read."""
    found = find_examples(text.strip())
    if len(found) != 1 or (found[0].start, found[0].end) != (0, len(text.strip())):
        return text
    arguments = ", ".join(map(repr, found[0].example.arguments))
    return f"{found[0].name}({arguments}) == {found[0].example.expected!r}"


def _signature_in(text: str, name: str) -> Signature | None:
    """The one head of a function that stands in a text."""
    heads = []
    for found in _HEAD.finditer(text):
        try:
            heads.append(Signature(found[1]))
        except UsageError:
            continue
    fitting = [head for head in heads if not name or head.name == name]
    return fitting[0] if len(fitting) == 1 else None


def _name_in(texts: Iterable[str], task: str) -> str:
    """The function that all examples call, or that the task names; "" if there is no such one."""
    names = {found.name for text in texts for found in find_examples(text)}
    names = names or set(_NAMED.findall(task))
    return names.pop() if len(names) == 1 else ""


def _examples_in(text: str, name: str) -> list[str]:
    """What a text says must hold; who says two things of one input has meant the second."""
    found = [found for found in find_examples(text) if found.name == name]
    return list({repr(f.example.arguments): text[f.start : f.end] for f in found}.values())
