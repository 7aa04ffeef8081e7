"""Writes a function."""

from __future__ import annotations

from typing import ClassVar

from sessions.errors import UsageError
from subagents.outputs import Draft
from subagents.prompt import packaged
from subagents.requests import CodeRequest
from subagents.role import Role
from subagents.signature import Signature
from subagents.specialist import Specialist
from tools_registry.source import SourceError, parse, public_functions


class CodeGenerator(Specialist[CodeRequest, Draft]):
    """Writes a function from a request, or mends one.

    `await CodeGenerator(model=None, session=None).run(request, context=None) -> Draft`; the request
    is text or a `CodeRequest`. A `Draft` has

    - `name` and `signature` of the function,
    - `source`: its complete code; empty if there are only questions,
    - `explanation`: how it works,
    - `assumptions`: what the request left open, and how it was decided,
    - `questions`: what only the person can decide.
    """

    name: ClassVar[str] = "code_generator"
    wants = CodeRequest

    def _role(self) -> Role:
        return Role(name=self.name, prompt=packaged(self.name), output=Draft)

    def _asked(self, task: str) -> CodeRequest:
        return CodeRequest(task=task)

    def _objection(self, request: CodeRequest, output: Draft) -> str:
        if not output.source.strip():
            return "" if output.questions else "`source` is empty: write the code, or ask"
        if request.name and output.name != request.name:
            return f"the function must be called {request.name}, not {output.name!r}"
        if reason := "" if request.name else request.objection(output.name):
            return f"{output.name!r} can't be its name: {reason}"
        try:
            function = public_functions(parse(output.source)).get(output.name)
        except SourceError as error:
            return f"`source` {error}" + (f" (line {error.line})" if error.line else "")
        if function is None:
            return f"`source` does not define a function {output.name!r} at its top level"
        try:
            return _misfit(request, output, Signature.of(function))
        except UsageError as error:
            return str(error)


def _misfit(request: CodeRequest, output: Draft, defined: Signature) -> str:
    wanted = request.signature
    if wanted and not wanted.fits(defined):
        return f"the code defines {defined.text}, the request demands {wanted.text}"
    if not Signature(output.signature).fits(defined):
        return f"`signature` says {output.signature[:200]}, the code defines {defined.text}"
    return ""
