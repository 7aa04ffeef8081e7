"""Expressions come out as a person and the formatter would write them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agent.offline.synthesis.simplify import simplified

CASES = [
    ("sum([x for x in a])", "sum(x for x in a)"),
    ('"".join([x[0] for x in a.split()])', '"".join(x[0] for x in a.split())'),
    ("set([x for x in a])", "{x for x in a}"),
    ("sorted(list(set(a)))", "sorted(set(a))"),
    ("sum(list(range(n)))", "sum(range(n))"),
    ("[x for x in list(enumerate(a))]", "[x for x in enumerate(a)]"),
    ("len(list(zip(a, b)))", "len(list(zip(a, b)))"),
    ("list([x for x in a])", "[x for x in a]"),
    ("max(a, key=lambda x: len(x))", "max(a, key=len)"),
    ("sorted(a, key=lambda x: x[1])", "sorted(a, key=lambda x: x[1])"),
    ("(not (a == b))", "a != b"),
    ("(not (a in b))", "a not in b"),
    ("((a + b) * c)", "(a + b) * c"),
    ("x ** 2 + len(x) ** 2", "x**2 + len(x) ** 2"),
    ("[a[i:i + n] for i in range(0, len(a), n)]", "[a[i : i + n] for i in range(0, len(a), n)]"),
    ("a[:len(b)]", "a[: len(b)]"),
    ("a[len(b):][1:-1]", "a[len(b) :][1:-1]"),
    ("a.split('.')", 'a.split(".")'),
    (r"re.sub('\\s+', '', a)", r're.sub(r"\s+", "", a)'),
    ("a + '\"'", "a + '\"'"),
    ("a.split('\\n')", 'a.split("\\n")'),
]


@pytest.mark.parametrize(("source", "wanted"), CASES)
def test_simplified(source: str, wanted: str) -> None:
    assert simplified(source) == wanted


def test_the_formatter_has_nothing_to_change() -> None:
    source = "".join(f"{wanted}\n" for _, wanted in CASES)
    run = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == source
