"""Writes tests for a function that it never sees."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import ClassVar

from subagents.outputs import TestSuite
from subagents.prompt import packaged
from subagents.requests import TestRequest
from subagents.role import Role
from subagents.specialist import Specialist
from tools_registry.source import SourceError, parse, public_functions


class TestGenerator(Specialist[TestRequest, TestSuite]):
    """Writes tests from a request and a signature, never from the code that they judge.

    `await TestGenerator(model=None, session=None).run(request, context=None) -> TestSuite`; the
    request is text or a `TestRequest`, which has no place for code. A `TestSuite` has

    - `source`: pytest functions that import the function from `learned_skills.NAME`,
    - `cases`: each a `call`, the `expected` value, and the `reason` in the request; the property
      `examples` gives them as comparisons,
    - `properties`: what holds for every input, as expressions over the parameters,
    - `questions`: inputs for which the request doesn't say what must come out.
    """

    __test__: ClassVar[bool] = False  # pytest would take it for tests
    name: ClassVar[str] = "test_generator"
    wants = TestRequest

    def _role(self) -> Role:
        return Role(name=self.name, prompt=packaged(self.name), output=TestSuite)

    def _asked(self, task: str) -> TestRequest:
        return TestRequest(task=task)

    def _objection(self, request: TestRequest, output: TestSuite) -> str:
        try:
            functions = public_functions(parse(output.source))
        except SourceError as error:
            return f"`source` {error}" + (f" (line {error.line})" if error.line else "")
        if not output.cases and not any(name.startswith("test_") for name in functions):
            return "there is neither a case nor a test function: write some"
        if request.signature is None:
            return ""
        return _misfit(request.signature.name, functions, output)


def _misfit(name: str, defined: Iterable[str], output: TestSuite) -> str:
    if name in defined:
        return f"the tests define {name} themselves: import it from learned_skills.{name}"
    for case in output.cases:
        call = ast.parse(case.call.strip(), mode="eval").body
        if isinstance(call, ast.Call) and ast.unparse(call.func) != name:
            return f"the case {case.call[:80]!r} calls another function than {name}"
    return ""
