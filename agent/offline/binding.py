"""Tools found by search, with arguments taken from the request by their types."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.offline.plan import Inquiry, Plan, Refusal, UnclearError
from agent.offline.requests import Reading, Request, Token
from agent.offline.synthesis.words import stem
from agent.offline.vocabulary import DATA_SUFFIXES, FILLERS
from tools_registry.registry import Registry
from tools_registry.tool import Parameter, Tool

_HITS = 8
_TIE = 0.05
_LEAST = 0.5
_GENERAL = frozenset(
    """
    between calculate check convert count extract file find fit format get list make name number
    parse read text up value
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Words of a tool's name that a request may leave out: the others say which of its kind it is."""
_PATHS = frozenset(("path", "file", "folder", "source", "filename"))
_LISTS = re.compile(r"\b(list|Sequence|Iterable|tuple|set)\b")
_LIST_LITERAL = re.compile(r"\[[^\[\]]*\]")


@dataclass(frozen=True, kw_only=True)
class Value:
    """A value in the request that an argument can be.

    Attributes:
        kind: `int`, `float`, `str`, `date`, `file` or `list`.
        source: As source code.
        tokens: Indices of its tokens.
    """

    kind: str
    source: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A tool with all the arguments it needs.

    Attributes:
        tool: What is called.
        arguments: As source, in order.
        score: How well it fits the words, 0…1.
        ignored: Words of the request that it doesn't explain.
    """

    tool: Tool
    arguments: tuple[str, ...]
    score: float
    ignored: tuple[str, ...]


def bind(request: Request, registry: Registry, answers: Sequence[str]) -> Plan | Refusal:
    """The one tool that explains the whole request, called with what the request gives.

    Raises:
        UnclearError: If two tools fit equally.
    """
    words = " ".join(token.text for token in request.tokens if token.kind == "word")
    if not words:
        return Refusal(reason="the request says nothing to do")
    tools = [registry.get(hit.name) for hit in registry.search(words, limit=_HITS)]
    bindings = [b for tool in tools if (b := _binding(request, tool)) is not None]
    whole = sorted((b for b in bindings if not b.ignored), key=lambda b: -b.score)
    fitting = [b for b in whole if b.score >= _LEAST]
    if fitting:
        return _plan(best(fitting, answers))
    return Refusal(reason=_why(bindings, tools, request), nearest=tuple(t.name for t in tools[:3]))


def bind_skill(request: Request, registry: Registry, answers: Sequence[str]) -> Plan | None:
    """The learned skill whose name the request says, if it explains the whole request.

    Raises:
        UnclearError: If two skills fit equally.
    """
    said = {stem(token.word) for token in request.tokens} | {t.text for t in request.tokens}
    named = [
        tool
        for tool in registry.tools()
        if tool.kind == "skill" and (tool.name in said or _stems(tool.name) <= said)
    ]
    bindings = [b for tool in named if (b := _binding(request, tool)) is not None]
    fitting = [b for b in bindings if not b.ignored and b.score >= _LEAST]
    return _plan(best(sorted(fitting, key=lambda b: -b.score), answers)) if fitting else None


def best(fitting: Sequence[Binding], answers: Sequence[str]) -> Binding:
    """The first of those that fit, best first; equal ones are the person's choice.

    Raises:
        UnclearError: If no answer names one of them.
    """
    equal = [b for b in fitting if b.score > fitting[0].score - _TIE]
    if len(equal) == 1:
        return equal[0]
    for binding in equal:
        if any(answer.partition(":")[0].strip() == binding.tool.name for answer in answers):
            return binding
    options = tuple(f"{b.tool.name}: {b.tool.summary}" for b in equal)
    raise UnclearError(Inquiry(question="Which of these is meant?", options=options))


def _plan(binding: Binding) -> Plan:
    call = f"{binding.tool.name}({', '.join(binding.arguments)})"
    return Plan(
        code=f"{binding.tool.import_line}\n\n{call}",
        sentence=f"the result of {call}",
        confidence=binding.score,
    )


def _binding(request: Request, tool: Tool) -> Binding | None:
    """The tool with its arguments, or None if they can't be had from the request."""
    reading = Reading(request)
    values = values_in(request)
    arguments = _arguments(tool, request, values)
    if arguments is None:
        return None
    for value in values:
        reading.explain(*value.tokens)
    if len(values) > 1:
        reading.take_all({"between"})
    known = _vocabulary(tool)
    content = [t for t in request.tokens if t.word and t.word not in FILLERS]
    explained = [t for t in content if stem(t.word) in known or t.word == tool.name]
    reading.take_all({t.word for t in explained})
    return Binding(
        tool=tool,
        arguments=arguments,
        score=_score(tool, explained),
        ignored=tuple(reading.unexplained()),
    )


def _vocabulary(tool: Tool) -> frozenset[str]:
    parameters = " ".join(f"{p.name} {p.doc}" for p in tool.parameters)
    return _stems(f"{tool.name} {tool.summary} {parameters}")


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, re.findall(r"[^\W\d_]+", text.lower())))


def _score(tool: Tool, explained: Sequence[Token]) -> float:
    """How much of the tool's name the request says, and how much of the request the summary.

    0 if it leaves out a word that matters: `percent` alone does not mean `percent_change`.
    """
    if any(token.word == tool.name for token in explained):
        return 1.0
    said = {stem(token.word) for token in explained}
    name = _stems(tool.name) - {stem(word) for word in FILLERS}
    if not name or not said or name - said - {stem(word) for word in _GENERAL}:
        return 0.0
    named = len(name & said) / len(name)
    central = len(said & _stems(f"{tool.name} {tool.summary}")) / len(said)
    return 0.6 * named + 0.4 * central


def values_in(request: Request) -> list[Value]:
    """The values that a request gives, in order."""
    found: list[Value] = []
    for match in _LIST_LITERAL.finditer(request.text):
        if _is_literal(match.group()):
            span = _span(request.tokens, match.start(), match.end())
            found.append(Value(kind="list", source=match.group(), tokens=span))
    inside = {i for value in found for i in value.tokens}
    free = [i for i in range(len(request.tokens)) if i not in inside]
    return found + [v for i in free if (v := _value(request.tokens[i], i)) is not None]


def _is_literal(source: str) -> bool:
    try:
        ast.literal_eval(source)
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return False
    return True


def _span(tokens: Sequence[Token], start: int, end: int) -> tuple[int, ...]:
    return tuple(i for i, t in enumerate(tokens) if t.start >= start and t.end <= end)


def _value(token: Token, index: int) -> Value | None:
    if token.kind == "number":
        plain = token.text.replace(",", "").replace("_", "").lstrip("+")
        kind = "int" if plain.lstrip("-").isdigit() else "float"
        source = str(int(plain)) if kind == "int" else plain
        return Value(kind=kind, source=source, tokens=(index,))
    if token.kind in ("text", "file", "date"):
        kind = {"text": "str"}.get(token.kind, token.kind)
        return Value(kind=kind, source=repr(token.text), tokens=(index,))
    return None


def _arguments(tool: Tool, request: Request, values: Sequence[Value]) -> tuple[str, ...] | None:
    """Values for the parameters; None unless all values and all needed parameters are matched."""
    values = _from_before_to(request, _gathered(tool, values))
    named = {_word_before(request, value): value for value in values}
    pairs = {p.name: named[p.name] for p in tool.parameters if p.name in named}
    rest = [value for value in values if value not in pairs.values()]
    open_parameters = [p for p in tool.parameters if p.name not in pairs]
    if len(rest) > len(open_parameters):
        return None
    for order in (rest, rest[::-1]):  # `add 10 days to DATE`: the kinds tell which is which
        given = pairs | {p.name: value for p, value in zip(open_parameters, order, strict=False)}
        if _complete(tool, given):
            return _in_order(tool, given)
    return None


def _complete(tool: Tool, given: Mapping[str, Value]) -> bool:
    return all(
        _fits(p, given[p.name]) if p.name in given else not p.required for p in tool.parameters
    )


def _in_order(tool: Tool, pairs: Mapping[str, Value]) -> tuple[str, ...]:
    """Arguments by position as far as there are no gaps, then by name."""
    found: list[str] = []
    for position, parameter in enumerate(tool.parameters):
        if parameter.name in pairs:
            prefix = "" if len(found) == position else f"{parameter.name}="
            found.append(prefix + pairs[parameter.name].source)
    return tuple(found)


def _from_before_to(request: Request, values: Sequence[Value]) -> Sequence[Value]:
    """`to 60 from 50` is `from 50 to 60`."""
    words = [_word_before(request, value) for value in values]
    if "from" in words and "to" in words and words.index("to") < words.index("from"):
        return sorted(values, key=lambda value: _word_before(request, value) == "to")
    return values


def _word_before(request: Request, value: Value) -> str:
    first = value.tokens[0]
    return request.tokens[first - 1].word if first else ""


def _gathered(tool: Tool, values: Sequence[Value]) -> Sequence[Value]:
    """Several numbers as one list, if a list is all the tool takes."""
    required = [p for p in tool.parameters if p.required]
    numbers = len(values) > 1 and all(v.kind in ("int", "float") for v in values)
    if len(required) != 1 or not numbers or not _LISTS.search(required[0].annotation):
        return values
    source = f"[{', '.join(v.source for v in values)}]"
    return [Value(kind="list", source=source, tokens=tuple(i for v in values for i in v.tokens))]


def _fits(parameter: Parameter, value: Value) -> bool:
    annotation = parameter.annotation
    if value.kind == "list":
        return bool(_LISTS.search(annotation))
    if value.kind == "int":
        return bool(re.search(r"\b(int|float)\b", annotation)) and not _LISTS.search(annotation)
    if value.kind == "float":
        return bool(re.search(r"\bfloat\b", annotation)) and not _LISTS.search(annotation)
    wanted = re.search(r"\bstr\b", annotation) and not _LISTS.search(annotation)
    if value.kind == "file" and not ("DataFrame" in annotation or parameter.name in _PATHS):
        return False  # the text is what is in the file, not its name
    if value.kind == "str" and "DataFrame" in annotation:
        return value.source.strip("'\"").lower().endswith(DATA_SUFFIXES)
    return bool(wanted) and not ("DataFrame" in annotation and value.kind == "date")


def _why(bindings: Sequence[Binding], tools: Sequence[Tool], request: Request) -> str:
    """What stands in the way, in plain words."""
    if not tools:
        return "no tool or skill fits this request"
    if bindings:
        best = max(bindings, key=lambda b: (b.score, -len(b.ignored)))
        if best.ignored and best.score >= _LEAST:
            words = ", ".join(repr(word) for word in best.ignored[:5])
            return f"{best.tool.name} comes near, but nothing in it stands for {words}"
        return "no tool or skill fits this request well enough to be sure"
    given = "gives them none" if not values_in(request) else "gives others"
    return f"no tool fits: the nearest need certain values, and the request {given}"
