"""The gate against secrets in code: known forms of keys, names that promise one, and randomness.

The detectors that can be had bring a network library or have not been kept for years, so this is
our own: the published forms of well-known keys, ruff's three rules for names, and the entropy of
texts that are assigned to such names or look like nothing else.
"""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_FORMS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY",
    "an AWS key": r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{20,}",
    "a GitLab token": r"\bglpat-[\w-]{18,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com/services/\w+",
    "a key of a model provider": r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}",
    "a Stripe key": r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
    "a Google key": r"\bAIza[\w-]{35}\b|\bya29\.[\w-]{20,}",
    "a JSON web token": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+",
    "an npm or PyPI token": r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{30,}",
    "a SendGrid or Twilio key": r"\bSG\.[\w-]{16,}\.[\w-]{16,}|\bSK[0-9a-f]{32}\b",
    "a password in an address": r"\b[a-z][a-z0-9+.-]*://[^\s/:@{}]+:[^\s/:@{}<>]{3,}@[\w.-]+",
    "a password in a connection string": r"(?i)\b(?:password|pwd|accountkey)=[^;\s{}%]{4,}",
    "an authorisation header": r"(?i)\b(?:bearer|basic) [A-Za-z0-9+/_.=-]{16,}",
}
_KNOWN = [(what, re.compile(form)) for what, form in _FORMS.items()]
_NAME = re.compile(
    r"passw|passphrase|passcode|\bpwd\b|_pwd|secret|api_?key|apikey|auth_?token|access_?token"
    r"|private_?key|signing_?key|encryption_?key|credential|bearer|client_?secret|^token$|_token$"
    r"|^master_?key|hmac_?key|^salt$|jwt_?key",
    re.IGNORECASE,
)
_HARMLESS = re.compile(
    r"^(?:\W*|x+|\*+|\.+|none|null|true|false|test|changeme|example|your.*|<.*>|\{.*\}|\$.*|%.*"
    r"|.*\b(?:placeholder|redacted|dummy)\b.*)$",
    re.IGNORECASE,
)
_SHORTEST, _RANDOM_LENGTH, _RANDOM_BITS = 4, 24, 4.2
_DENSE = re.compile(r"[A-Za-z0-9+/=_-]+")
_ALPHABETS = ("abcdefghij", "ABCDEFGHIJ", "0123456789")


async def secrets(candidate: Candidate, bench: Bench) -> Finding:
    """No secret stands in code or tests."""
    found = [*_secrets(ast.parse(candidate.source)), *_secrets(ast.parse(candidate.tests))]
    problems = tuple(dict.fromkeys(f"line {line}: {what}" for line, what in found))
    return Finding(signal="secrets", problems=problems, success="no secrets")


def _secrets(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
            yield from ((node.lineno, f"it holds {what}") for what, f in _KNOWN if f.search(text))
            if _looks_random(text):
                yield node.lineno, "it holds a random text that looks like a key"
        for name, value in _given(node):
            if _NAME.search(name) and _is_secret(value):
                yield value.lineno, f"{name} is given a fixed value: take it as an argument"


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and the values that they are given, compared with, or have by default."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((_last(target), value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield _last(target), value
        case ast.keyword(arg=str(name), value=value):
            yield name, value
        case ast.Dict(keys=keys, values=values):
            texts = [k.value if isinstance(k, ast.Constant) else None for k in keys]
            yield from ((t, v) for t, v in zip(texts, values, strict=True) if isinstance(t, str))
        case ast.Compare(left=left, ops=[ast.Eq() | ast.NotEq()], comparators=[right]):
            yield from ((_last(left), right), (_last(right), left))
        case ast.arguments(args=names, defaults=[_, *_] as defaults):
            pairs = zip(names[-len(defaults) :], defaults, strict=True)
            yield from ((name.arg, value) for name, value in pairs)


def _last(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(args=[ast.Name(id=name)]):
            return name
    return ""


def _is_secret(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, (str, bytes)):
        return False
    text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
    return len(text) >= _SHORTEST and not _HARMLESS.match(text) and " " not in text.strip()


def _looks_random(text: str) -> bool:
    if len(text) < _RANDOM_LENGTH or not _DENSE.fullmatch(text):
        return False
    if any(run in text for run in _ALPHABETS) or not re.search(r"\d", text):
        return False
    mixed = re.search(r"[a-z]", text) and re.search(r"[A-Z]", text)
    return bool(mixed) and _entropy(text) > _RANDOM_BITS


def _entropy(text: str) -> float:
    """Bits a character."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts)
