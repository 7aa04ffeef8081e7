"""Code and tests for one request, by two who don't see each other's work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from subagents.code_generator import CodeGenerator
from subagents.context import Context
from subagents.outputs import Draft, TestSuite
from subagents.requests import CodeRequest, TestRequest
from subagents.runner import Report
from subagents.signature import Signature
from subagents.test_generator import TestGenerator

Hear = Callable[[Draft], object]


def _unheard(draft: Draft) -> None:
    """Nobody waits for it."""


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
        self, request: CodeRequest, context: Context | None = None, drafted: Hear = _unheard
    ) -> tuple[Report[Draft], Report[TestSuite] | None]:
        """Both for one request: at once if the signature is known, else the code first.

        If the code fails, the tests are given up. If the tests fail, the code is written to its end
        and heard of: it is what was asked for. There are no tests for a draft that only asks
        questions.

        Args:
            request: What is wanted.
            context: What to know beside it.
            drafted: Hears of the code as soon as it is there, whatever becomes of the tests.

        Raises:
            UsageError: As `Specialist.run`.
            ModelError: As `Specialist.run`.
            BudgetError: As `Specialist.run`.
        """
        if request.signature is not None:
            return await self._at_once(request, request.signature, context, drafted)
        code = await self.coder.report(request, context)
        drafted(code.output)
        if not code.output.source.strip():
            return code, None
        known = tests_for(request, Signature(code.output.signature))
        return code, await self.tester.report(known, context)

    async def _at_once(
        self, request: CodeRequest, signature: Signature, context: Context | None, drafted: Hear
    ) -> tuple[Report[Draft], Report[TestSuite]]:
        tests = asyncio.create_task(self.tester.report(tests_for(request, signature), context))
        try:
            code = await self.coder.report(request, context)
            drafted(code.output)
            return code, await tests
        finally:
            tests.cancel()
            await asyncio.gather(tests, return_exceptions=True)


def tests_for(request: CodeRequest, signature: Signature) -> TestRequest:
    """What a tester may know of a request for code: no draft, and no failure of one."""
    return TestRequest(
        task=request.task,
        signature=signature,
        examples=request.examples,
        answers=request.answers,
    )
