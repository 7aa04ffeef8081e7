"""Code and tests for one request, by two who don't see each other's work."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from subagents.code_generator import CodeGenerator
from subagents.context import Context
from subagents.outputs import Draft, TestSuite
from subagents.requests import CodeRequest, TestRequest
from subagents.runner import Report
from subagents.signature import Signature
from subagents.test_generator import TestGenerator


@dataclass(frozen=True, kw_only=True)
class Team:
    """Someone who writes code, and someone who writes tests.

    Attributes:
        coder: Writes the function.
        tester: Writes its tests.
    """

    coder: CodeGenerator
    tester: TestGenerator

    async def write(
        self, request: CodeRequest, context: Context | None = None
    ) -> tuple[Report[Draft], Report[TestSuite] | None]:
        """Both for one request: at once if the signature is known, else the code first.

        If one fails the other is stopped. There are no tests for a draft that only asks questions.

        Raises:
            UsageError: As `Specialist.run`.
            ModelError: As `Specialist.run`.
            BudgetError: As `Specialist.run`.
        """
        if request.signature is None:
            draft = await self.coder.report(request, context)
            if not draft.output.source.strip():
                return draft, None
            known = tests_for(request, Signature(draft.output.signature))
            return draft, await self.tester.report(known, context)
        return await self._at_once(request, tests_for(request, request.signature), context)

    async def _at_once(
        self, request: CodeRequest, tests: TestRequest, context: Context | None
    ) -> tuple[Report[Draft], Report[TestSuite]]:
        try:
            async with asyncio.TaskGroup() as group:
                code = group.create_task(self.coder.report(request, context))
                suite = group.create_task(self.tester.report(tests, context))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        return code.result(), suite.result()


def tests_for(request: CodeRequest, signature: Signature) -> TestRequest:
    """What a tester may know of a request for code: no draft, and no failure of one."""
    return TestRequest(
        task=request.task,
        signature=signature,
        examples=request.examples,
        answers=request.answers,
    )
