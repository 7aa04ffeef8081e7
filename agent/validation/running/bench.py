"""Where gates run a candidate: the kernel, asked for one task of `inside.py` at a time."""

from __future__ import annotations

import ast
import asyncio
import functools
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.validation.candidate import Candidate
from sessions.errors import KernelError
from sessions.execution import Execution

if TYPE_CHECKING:
    from sessions.session import Session

_INSIDE = Path(__file__).with_name("inside.py")
_MORE = {"try_properties": Path(__file__).with_name("inside_properties.py")}
_SHOWN = 200


class NoAnswerError(Exception):
    """The kernel gave no usable answer; the text says why.

    Attributes:
        ended: Whether the kernel was ended or ran out of time.
    """

    def __init__(self, reason: str, *, ended: bool = False) -> None:
        super().__init__(reason)
        self.ended = ended


@dataclass
class Bench:
    """The kernel in which a candidate is tried.

    Attributes:
        session: Its session; nothing else may depend on it. None if nothing can be run.
        seconds: Most seconds of one call, and of one test.
        memory: What gates asked already and others may use, by what was asked.
    """

    session: Session | None
    seconds: float = 5.0
    memory: dict[str, Any] = field(default_factory=dict)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, task: str, candidate: Candidate, **details: Any) -> Any:
        """Run a function of `inside.py` in the kernel.

        Returns:
            What it returned, as plain lists.

        Raises:
            NoAnswerError: If nothing usable came back.
            KernelError: If there is no kernel.
        """
        payload = json.dumps(
            {
                "name": candidate.name,
                "source": candidate.source,
                "skills": list(candidate.skills.items()),
                "seconds": self.seconds,
                **details,
            }
        )
        loads = "".join(f"exec({text!r}, space), " for text in _inside(task))
        code = (
            f"(lambda space: ({loads} space[{task!r}]({payload!r}))[-1])"
            "({'__name__': 'agent_gate'})"
        )
        if self.session is None:
            msg = "there is no kernel to run it in"
            raise KernelError(msg)
        async with self._turn:
            return _answer(await self.session.execute(code, timeout=4 * self.seconds))


@functools.cache
def _inside(task: str) -> tuple[str, ...]:
    files = [_INSIDE, *([_MORE[task]] if task in _MORE else [])]
    return tuple(file.read_text(encoding="utf-8") for file in files)


def _answer(execution: Execution) -> Any:
    if execution.status in ("killed", "timeout"):
        limits = f" ({', '.join(execution.limits_hit)})" if execution.limits_hit else ""
        msg = f"the kernel ended it: {execution.status}{limits}"
        raise NoAnswerError(msg, ended=True)
    if not execution.ok or execution.result is None:
        error = execution.error
        msg = f"{error.name}: {error.message}"[:_SHOWN] if error else "it gave no result"
        raise NoAnswerError(msg)
    try:
        answer = ast.literal_eval(ast.literal_eval(execution.result))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        answer = None
    if not isinstance(answer, list):
        msg = "it gave something else than the kernel was asked for"
        raise NoAnswerError(msg)
    return answer
