"""All gates for an agent: those of a skill as far as they fit, its wording, and one day of work."""

from __future__ import annotations

import ast
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.delegation.conformance import conformance
from agent.delegation.wording import wording
from agent.validation.candidate import Candidate, Verdict
from agent.validation.examples import read_examples
from agent.validation.finding import Finding
from agent.validation.gate import Gate
from agent.validation.gates import GATES
from agent.validation.running.bench import Bench
from sessions.errors import UsageError
from subagents.agent_file import AgentFile
from subagents.agent_reading import functions_of
from tools_registry.skills.doc_examples import as_call, as_test, doc_examples
from tools_registry.source import lines_of, parse

if TYPE_CHECKING:
    from agent.validator import Validator

_READING = ("policy", "secrets", "dangers", "dependencies", "lint", "security", "types")
"""Gates of a skill that read the code of an agent as well."""

_ALWAYS = frozenset({"syntax", "policy", "wording", "tests", "conformance"})
"""Gates that block whatever the settings say."""

_SETTINGS = ("INSTRUCTIONS", "ROLE")


@dataclass(frozen=True, kw_only=True)
class Examiner:
    """Judges agents for a workspace.

    Attributes:
        validator: Judges functions; it has the rules, and kernels.
    """

    validator: Validator

    async def judge(self, name: str, text: str) -> Verdict:
        """The verdict on an agent's file; nothing of it is run outside of a kernel.

        Raises:
            IsolationError: If this machine can't isolate code and the settings require it.
            KernelError: If the kernel does not start.
        """
        found: list[Finding] = []
        async with aclosing(self._findings(name, text)) as findings:
            async for finding in findings:
                found.append(self._weighed(finding))
                if found[-1].blocked:
                    break
        clean = sum(finding.clean for finding in found)
        validated = not any(finding.not_run for finding in found)
        return Verdict(
            accepted=validated and not any(finding.blocked for finding in found),
            evidence=tuple(finding.evidence() for finding in found),
            findings=tuple(found),
            score=round(clean / (len(_READING) + 4), 3),
            validated=validated,
        )

    async def _findings(self, name: str, text: str) -> AsyncGenerator[Finding, None]:
        try:
            agent = AgentFile.parse(name, text)
        except UsageError as error:
            yield Finding(signal="syntax", problems=(str(error),))
            return
        yield Finding(signal="syntax", success="an agent file")
        yield wording(agent)
        for gate, candidate in _reading(name, text):
            yield await gate.judge(candidate, Bench(None))
        yield await self._tested(agent)
        async with self.validator.fresh_session() as session:
            yield await conformance(agent, session)

    async def _tested(self, agent: AgentFile) -> Finding:
        """Its functions by the examples in their docstrings, as skills are tested."""
        problems, passed, without = [], 0, []
        for function in functions_of(parse(agent.code)):
            try:
                candidate = _candidate(function.name, agent.code)
            except UsageError as error:
                problems.append(str(error))
                continue
            if candidate is None:
                without.append(function.name)
                continue
            verdict = await self.validator.judge(candidate)
            passed += verdict.accepted
            if not verdict.accepted:
                problems.append(f"{function.name}: {verdict.reason}")
        advice = (f"no example in the docstring of {', '.join(without)}",) if without else ()
        success = f"functions that passed their examples: {passed}" if passed else ""
        return Finding(signal="tests", problems=tuple(problems), advice=advice, success=success)

    def _weighed(self, finding: Finding) -> Finding:
        blocks = finding.signal in _ALWAYS or self.validator.rules.block(finding.signal)
        return replace(finding, blocked=bool(finding.problems) and blocks)


def _reading(name: str, text: str) -> Iterator[tuple[Gate, Candidate]]:
    """The gates for skills that only read, and what each is given."""
    code = Candidate(name=name, source=_code_alone(text))
    whole = Candidate(name=name, source=text)
    for gate in GATES:
        if gate.signal in _READING:
            yield gate, whole if gate.signal == "secrets" else code


def _code_alone(text: str) -> str:
    """Imports and functions, in the lines where they stand: instructions are no code."""
    lines = lines_of(text)
    for node in parse(text).body:
        if _is_setting(node):
            last = node.end_lineno or node.lineno
            lines[node.lineno - 1 : last] = [""] * (last - node.lineno + 1)
    return "\n".join(lines) + "\n"


def _is_setting(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]):
            return name in _SETTINGS
    return False


def _candidate(name: str, code: str) -> Candidate | None:
    """A function as the gates for skills take it; None if it has no example.

    Raises:
        UsageError: If its examples can't be read.
    """
    examples = doc_examples(code, name)
    if not examples:
        return None
    calls = tuple(call for example in examples if _is_plain(call := as_call(example), name))
    test = "" if len(calls) == len(examples) else as_test(examples, name)
    return Candidate(name=name, source=code, tests=test, examples=calls)


def _is_plain(call: str, name: str) -> bool:
    """Whether it can be compared on this side of the wall."""
    try:
        return bool(call and read_examples([call], name))
    except UsageError:
        return False
