"""The gate for what an agent's model is told: nothing hidden, nothing that claims a say it has not.

Words can't give a model more than its tools do: those are granted by name, and none of them changes
a setting. This gate keeps texts out that try, for a reviewer to trust what is left.
"""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator

from agent.validation.finding import Finding
from subagents.agent_file import AgentFile
from tools_registry.source import parse

_JOINERS = frozenset("\u200c\u200d")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_WORD = re.compile(r"\w{3,}")
_ALIKE = frozenset({"LATIN", "CYRILLIC", "GREEK"})
_SHOWN = 60

_WHO = r"(?:user|person|human|owner|operator|developer|maintainer|admin\w*|creator)"
_SAYS = r"(?:approv|agree|authori[sz]|permit|consent|allow|grant)\w*"
_YES = r"(?:approvals?|permissions?|consent|confirmations?)"
_GUARDS = (
    rf"(?:{_YES}|isolation|sandbox\w*|guard\w*|validation|(?:safety|security)\s+\w+"
    r"|(?:the|its|your|this|any|all)\s+(?:polic\w+|budgets?|limits?|gates?|reviews?))"
)
_SETS = "tries to set approval, tier or another setting, which is the person's alone"
_CLAIMS: tuple[tuple[str, str], ...] = (
    (
        r"\b(?:ignore|disregard|forget|override|overrule)\b[^.\n]{0,40}"
        r"\b(?:previous|above|earlier|prior|other|shared|system|all|any)\s+(?:\w+\s+){0,2}"
        r"(?:instruction|rule|prompt|guideline|restriction)s?\b",
        "orders its model to ignore what else it is told",
    ),
    (
        rf"\b(?:the|your|this|its|my)\s+{_WHO}\s+(?:(?:has|have|had|already|hereby|also|fully)\s+)+"
        rf"(?:said yes|{_SAYS})\b",
        "claims that the person has agreed to something",
    ),
    (
        rf"\byou\s+(?:(?:have|are|been|were|already|now|fully|pre-?)\s*)+(?:the\s+)?"
        rf"(?:{_SAYS}|full\s+(?:access|permission|rights)|permission)\b",
        "claims that the person has agreed to something",
    ),
    (
        rf"\b(?:skip|bypass|circumvent|evade|disable|(?:turn|switch) off)\b[^.\n]{{0,20}}"
        rf"\b{_GUARDS}\b",
        "orders its model around what guards the person",
    ),
    (
        rf"\b(?:without|no need (?:for|of)|needs? no|not? needs?)\s+(?:\w+\s+){{0,2}}{_YES}\b",
        "tells its model that no approval is needed",
    ),
    (
        r"\bapproval(?:\s+mode)?\s*(?:is|=|:|to)?\s*[\"'`]?(?:automatic|trust|off|none)\b"
        r"|--(?:approval|tier|model)\b|\bAGENT_[A-Z]+\b|\bagent\.toml\b",
        _SETS,
    ),
    (
        r"\btier\b[^.\n]{0,20}\b(?:heavy|unlimited)\b|\b(?:heavy|unlimited)\b[^.\n]{0,12}\btier\b",
        _SETS,
    ),
    (
        rf"\b(?:you are|act as|speak as|speak for)\s+(?:the\s+)?"
        rf"(?:coordinator|root|system|{_WHO})\b"
        r"|\b(?:these|this|my)\s+(?:instructions?|text|words?|rules?)\s+"
        r"(?:outranks?|overrides?|supersedes?|takes? precedence|comes? from the)\b"
        rf"|\b{_WHO}(?:'s)?\s+(?:says|said|orders|instructs|wrote|tells)\s*(?::|that you|you to)",
        "claims to speak for the person or the system",
    ),
    (
        rf"\b(?:hide|conceal|withhold)\b[^.\n]{{0,40}}\bfrom\b[^.\n]{{0,20}}\b{_WHO}\b"
        rf"|\b(?:do not|don't|never)\s+(?:tell|mention|reveal)\b[^.\n]{{0,40}}\b{_WHO}\b",
        "orders its model to hide something",
    ),
    (
        r"(?m:^\s*#{1,6}\s*(?:request|context|constraints|what the person answered|mend this))"
        r"|<\s*/?\s*(?:data|system|user|assistant)\b|<\|\w+\|>|\[/?INST\]"
        r"|(?m:^\s*(?:human|user|assistant|system)\s*:)",
        "imitates the form in which the person speaks to a model",
    ),
)
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), what) for pattern, what in _CLAIMS)


def wording(agent: AgentFile) -> Finding:
    """What is wrong with the texts that an agent's model reads."""
    problems = [p for where, text in _texts(agent) for p in _problems(where, text)]
    return Finding(
        signal="wording",
        problems=tuple(dict.fromkeys(problems)),
        success=f"{len(agent.instructions)} characters that claim nothing",
    )


def _texts(agent: AgentFile) -> Iterator[tuple[str, str]]:
    """All that the model, or the coordinator, is told of an agent."""
    yield "its summary", agent.summary
    yield "INSTRUCTIONS", agent.instructions
    for node in parse(agent.code).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield f"the docstring of {node.name}", ast.get_docstring(node) or ""


def _problems(where: str, text: str) -> Iterator[str]:
    if hidden := next((c for c in text if _is_hidden(c)), ""):
        yield f"{where}: has the hidden character U+{ord(hidden):04X}"
    for word in _WORD.findall(text):
        if len(_alphabets(word)) > 1:
            yield f"{where}: {ascii(word)[:_SHOWN]} mixes letters of several alphabets"
            break
    plain = unicodedata.normalize("NFKC", text)
    for pattern, what in _COMPILED:
        if found := pattern.search(plain):
            yield f"{where} {what}: {ascii(' '.join(found.group().split()))[:_SHOWN]}"


def _is_hidden(char: str) -> bool:
    return char not in "\n\t" and char not in _JOINERS and unicodedata.category(char) in _UNSEEN


def _alphabets(word: str) -> set[str]:
    """Which of the alphabets that look alike a word has letters of."""
    if word.isascii():
        return set()
    names = {unicodedata.name(c, "").partition(" ")[0] for c in unicodedata.normalize("NFKC", word)}
    return names & _ALIKE
