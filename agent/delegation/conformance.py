"""The gate that puts an agent to work for once, with a scripted model and a guarded kernel.

It shows that the role can be run at all: its tools are offered and come back, from the kernel
alone; its output is accepted; one task stays within the budget that the file names.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.delegation.samples import arguments_for, sample
from agent.delegation.script import Script
from agent.validation.finding import Finding
from sessions.errors import AgentError, IsolationError, KernelError
from subagents.agent_file import AgentFile
from subagents.agent_reading import functions_of
from subagents.custom_agent import CustomAgent
from subagents.plain_types import plain_type
from subagents.runner import Runner
from tools_registry.source import parse

if TYPE_CHECKING:
    from sessions.execution import Execution
    from sessions.session import Session
    from sessions.variables import Variable

_SECONDS = 20.0
"""One call of a tool of the agent's own may take so long."""

_SHOWN = 200
_TASK = "Show that you can do your work."


@dataclass
class Bench:
    """A kernel that nothing else depends on, and what was run there."""

    session: Session
    ran: list[Execution] = field(default_factory=list)

    async def variables(self) -> list[Variable]:
        """Nothing: the agent is tried without data."""
        return []

    async def execute(self, code: str) -> Execution:
        """Run a cell."""
        self.ran.append(await self.session.execute(code, timeout=_SECONDS))
        return self.ran[-1]


async def conformance(agent: AgentFile, session: Session) -> Finding:
    """Whether an agent works with a model that does as it is told.

    Args:
        agent: What is tried.
        session: A kernel for its own functions; it may be left in any state.
    """
    bench, script = Bench(session), _script(agent)
    runner = Runner(resolve=lambda model, tier: script.model(), tools=_stand_ins(), tries=1)
    try:
        await CustomAgent(agent, session=bench, runner=runner).run(_TASK)
    except (KernelError, IsolationError) as error:
        problem = f"it could not be run: {error}"
        return Finding(signal="conformance", problems=(problem,), not_run=True, unsure=True)
    except AgentError as error:
        return Finding(signal="conformance", problems=(str(error),))
    problems = tuple(_problems(agent, script, bench))
    return Finding(signal="conformance", problems=problems, success=_told(agent, script, bench))


def _script(agent: AgentFile) -> Script:
    functions = functions_of(parse(agent.code))
    return Script(
        arguments={function.name: arguments_for(function, agent.code) for function in functions},
        output={name: sample(plain_type(kind)) for name, kind in agent.output.items()},
        context=agent.budget.context,
    )


def _problems(agent: AgentFile, script: Script, bench: Bench) -> Iterator[str]:
    functions = {function.name: function for function in functions_of(parse(agent.code))}
    wanted = {*functions, *agent.tools}
    if script.offered != wanted:
        yield f"its model was offered {sorted(script.offered)}, not {sorted(wanted)}"
    for name, text in script.failed.items():
        given = ", ".join(f"{k}={v!r}" for k, v in script.arguments.get(name, {}).items())
        yield (
            f"{name}({given}) failed: {' '.join(text.split())[:_SHOWN]}; mend it, or give an "
            "example in its docstring that works"
        )
    if len(bench.ran) != len(functions):
        yield f"{len(functions)} functions took {len(bench.ran)} cells of the kernel"
        return
    for function, execution in zip(functions.values(), bench.ran, strict=True):
        if execution.ok:
            yield from _unfit(function, execution)


def _unfit(function: ast.FunctionDef, execution: Execution) -> Iterator[str]:
    """What a model could not read, or was promised otherwise."""
    from pydantic import TypeAdapter, ValidationError

    if execution.value is None and execution.result is not None:
        yield f"{function.name} gave {execution.result[:60]}, which is no plain data"
        return
    if function.returns is None or ast.unparse(function.returns) == "None":
        return
    try:
        TypeAdapter(plain_type(ast.unparse(function.returns))).validate_python(execution.value)
    except ValidationError:
        promised = ast.unparse(function.returns)
        yield f"{function.name} gave {execution.value!r:.60}, not the {promised} that it promises"
    except ValueError as error:
        yield f"{function.name} returns no plain data: {error}"


def _told(agent: AgentFile, script: Script, bench: Bench) -> str:
    return (
        f"{script.requests} of {agent.budget.requests} requests, about {script.spent} of "
        f"{agent.budget.tokens} tokens; functions that ran in the kernel: {len(bench.ran)}; "
        "its output fits"
    )


def _stand_ins() -> Mapping[str, Callable[..., Any]]:
    """The tools that may be granted, which are not what is tried here."""

    def search_tools(query: str, limit: int = 5) -> list[dict[str, str]]:
        """Find tools and skills for a step."""
        return []

    def describe_tool(name: str) -> str:
        """Give the whole documentation of a tool or skill."""
        return name

    def run_code(code: str) -> dict[str, Any]:
        """Run one cell in the guarded kernel."""
        return {"status": "ok", "result": None}

    def inspect(name: str | None = None) -> str:
        """List the variables of the kernel, or tell about one."""
        return "no variables yet"

    found = (search_tools, describe_tool, run_code, inspect)
    return {tool.__name__: tool for tool in found}
