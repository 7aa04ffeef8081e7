"""Wrong programs: a right one with a slip, and the kinds of wrong that authors write.

All are candidates only: whoever uses them leaves out those that pass the official tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from random import Random

from agent.validation.assertions import claims_of
from agent.validation.running.mutants import mutants
from benchmarks.problems import Problem

_AGAIN = 12


def slips(problem: Problem, random: Random) -> list[str]:
    """Programs with one slip in random order, then some with two."""
    once = mutants(problem.source)
    random.shuffle(once)
    twice = []
    for program in once[:_AGAIN]:
        more = mutants(program)
        twice += random.sample(more, min(2, len(more)))
    return list(dict.fromkeys([*once, *twice]))


def plausible(problem: Problem, problems: Sequence[Problem]) -> list[str]:
    """Programs that an author might hand in: overfitted, cut short, or for another task."""
    found = [*_overfitted(problem), *_cut(problem), *_of_others(problem, problems)]
    others = dict.fromkeys(program for program in found if program != problem.source)
    return [program for program in others if _compiles(program)]


def _compiles(program: str) -> bool:
    try:
        ast.parse(program)
    except SyntaxError:
        return False
    return True


def _overfitted(problem: Problem) -> Iterator[str]:
    """The visible answers by heart, and nothing or the first of them for everything else."""
    tests = ast.parse(problem.tests).body
    functions = [node for node in tests if isinstance(node, ast.FunctionDef)]
    known = []
    for function in functions:
        for claim in claims_of(function, problem.name) or []:
            match claim.tree:
                case ast.Compare(left=ast.Call() as call, ops=[ast.Eq()], comparators=[right]):
                    if call in claim.calls:
                        known.append((repr(claim.calls[call][0]), ast.unparse(right)))
    if known:
        lines = [f"    if arguments == {given}:\n        return {value}" for given, value in known]
        head = f"def {problem.name}(*arguments):"
        yield "\n".join([head, *lines, "    return None"]) + "\n"
        yield "\n".join([head, *lines[1:], f"    return {known[0][1]}"]) + "\n"
        table = ", ".join(f"repr({given}): {value}" for given, value in known)
        yield f"{head}\n    return {{{table}}}.get(repr(arguments))\n"


def _cut(problem: Problem) -> Iterator[str]:
    """Branches forgotten, loops left too early, results in another type."""
    tree = ast.parse(problem.source)
    for node in ast.walk(tree):
        if isinstance(node, ast.If):
            lines = problem.source.splitlines()
            indent = " " * node.col_offset
            last = node.end_lineno or node.lineno
            yield "\n".join([*lines[: node.lineno - 1], f"{indent}pass", *lines[last:]]) + "\n"
        if isinstance(node, ast.Return) and node.value is not None:
            for kind in ("str", "list", "len", "sorted"):
                yield _replaced(problem.source, node, f"return {kind}({ast.unparse(node.value)})")
        if isinstance(node, ast.For):
            body = ast.unparse(ast.Module(node.body, []))
            indented = re.sub("^", "    ", body + "\nbreak", flags=re.MULTILINE)
            head = f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}:\n"
            yield _replaced(problem.source, node, head + indented)


def _replaced(source: str, node: ast.stmt, text: str) -> str:
    lines = source.splitlines()
    indent = " " * node.col_offset
    last = node.end_lineno or node.lineno
    new = [indent + line for line in text.splitlines()]
    return "\n".join([*lines[: node.lineno - 1], *new, *lines[last:]]) + "\n"


def _of_others(problem: Problem, problems: Sequence[Problem]) -> Iterator[str]:
    """What was written for the tasks whose words are the most alike."""
    words = set(re.findall(r"\w+", problem.prompt.lower()))

    def likeness(other: Problem) -> float:
        theirs = set(re.findall(r"\w+", other.prompt.lower()))
        return len(words & theirs) / len(words | theirs)

    for other in sorted((p for p in problems if p is not problem), key=likeness, reverse=True)[:3]:
        yield re.sub(rf"\b{other.name}\b", problem.name, other.source)
