"""`%agent` and `%%agent`: requests from a notebook or an IPython prompt."""

from __future__ import annotations

import atexit
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope

from agent import magic_variables
from agent.background import Background
from agent.events import ApprovalRequested, QuestionAsked, Result, RunFinished
from agent.library import Agent
from agent.magic_request import Request, parse
from agent.notebook_view import NotebookView
from agent.render import Paper, RunView, safe
from sessions.errors import AgentError, UsageError
from sessions.events import Event

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from sessions.history import Undone

_QUESTION = re.compile(r"%agent\s+(?P<task>\S.*\?)\s*")
_OK = ("done", "partial")
_NAMED = 12  # variables


class RunError(Exception):
    """A request that was not carried out; a notebook shows its message alone."""

    def _render_traceback_(self) -> list[str]:
        return [f"agent: {self}"]


class Interrupted(KeyboardInterrupt):
    """A request that the person stopped."""

    def _render_traceback_(self) -> list[str]:
        return ["agent: interrupted"]


@magics_class
class AgentMagics(Magics):
    """The magics of one shell, which share one agent: its kernel and its memory."""

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._options: dict[str, str] = {}
        self._background: Background | None = None
        self._agent: Agent | None = None
        self._undone = 0  # cells that the model does not know were taken back
        atexit.register(self.close)

    @needs_local_scope
    @line_cell_magic
    def agent(
        self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None
    ) -> None:
        """Carry out a request in the guarded kernel.

        %agent [FLAGS] TASK, or %%agent [FLAGS] with the task below it.

        -m NAME, --model NAME   model, e.g. offline
        --approval MODE         automatic or review
        --tier NAME             quick, standard or heavy
        --as NAME               a sub-agent that carries out this request, e.g. review
        --reset                 a new kernel, and nothing remembered
        --undo [N]              take back the last cell of its kernel, or the last N
        -i NAME[,THEIRS=OURS]   variables to take along, under the name THEIRS
        -o NAME[,NAME]          variables of its kernel to bring back

        Model, approval and tier hold until others are given, with which a new kernel begins.
        Examples: %agent describe the file people.csv
                  %agent -i df -o summary summarise df by country
        """
        request = parse(line, cell)
        given = magic_variables.values(request.inputs, local_ns or {}, self._here)
        try:
            self._prepare(request)
            if request.undo:
                self._undo(request.undo)
            result = self._carry_out(request, given) if request.task else None
        except AgentError as error:
            raise RunError(str(error)) from None
        except KeyboardInterrupt:
            raise Interrupted from None
        if result is not None and result.status not in _OK:
            msg = f"{result.status.replace('_', ' ')}: {_first_line(result)}"
            raise RunError(msg)
        self._bring_back(request.outputs)

    def close(self) -> None:
        """End the kernel; the next request begins anew."""
        agent, background = self._agent, self._background
        self._agent = self._background = None
        self._undone = 0
        if background is not None:
            try:
                if agent is not None:
                    background.run(agent.__aexit__(None, None, None))
            finally:
                background.close()

    @property
    def _here(self) -> dict[str, Any]:
        """The person's variables."""
        return {} if self.shell is None else self.shell.user_ns

    def _undo(self, cells: int) -> None:
        if self._agent is None or self._background is None:
            msg = "there is nothing to undo: no request was carried out here yet"
            raise UsageError(msg)
        session = self._agent.session
        undone = self._background.run(session.undo(cells))
        self._undone += cells
        variables = self._background.run(session.variables())
        print(f"agent: {safe(_undone(cells, undone, [v.name for v in variables]))}")

    def _bring_back(self, names: list[str]) -> None:
        if self._agent is None or self._background is None:
            return
        try:
            self._here.update(magic_variables.pull(self._background, self._agent, names))
        except AgentError as error:
            raise RunError(str(error)) from None

    def _prepare(self, request: Request) -> None:
        """See to it that an agent with the wanted settings is open."""
        wanted = {**self._options, **request.options}
        changed = self._agent is not None and wanted != self._options
        # Opened before the old one is given up: a slip in a name must not cost its variables.
        is_due = self._agent is None or changed or request.reset
        opened = _opened(wanted) if request.task and is_due else None
        if changed and not request.reset:
            print("agent: other settings mean a new kernel: the variables of the last are gone")
        if changed or request.reset:
            self.close()
        if opened is not None:
            self._agent, self._background = opened
        self._options = wanted

    def _carry_out(self, request: Request, given: Mapping[str, Any]) -> Result | None:
        assert self._agent is not None
        assert self._background is not None
        magic_variables.push(self._background, self._agent, given)
        undone = self._undone
        if request.as_ is None:  # a sub-agent forgets what it is told
            self._undone = 0
        task = magic_variables.told(request.task, self._agent, given, request.outputs, undone)
        view = self._view()
        try:
            for event in self._events(task, request.as_):
                view.show(event)
                self._settle(event)
                if isinstance(event, RunFinished):
                    return event.result
        except KeyboardInterrupt:
            if self._agent.reached is None:
                view.stopped()
            else:
                view.show(RunFinished(result=self._agent.reached))
            raise
        return None

    def _events(self, task: str, as_: str | None) -> Iterator[Event]:
        """The events of a run, one by one; leaving the iteration stops it and its cell."""
        assert self._agent is not None
        assert self._background is not None
        stream = self._agent.stream(task, as_)
        try:
            while (event := self._background.run(_next(stream))) is not None:
                yield event
        finally:
            self._background.run(stream.aclose())

    def _settle(self, event: Event) -> None:
        """Ask the person, if the frontend lets us; else the run ends as `needs_input`."""
        assert self._background is not None
        if not isinstance(event, ApprovalRequested | QuestionAsked) or event.answer.done():
            return
        try:
            reply = _ask(event)
        except (StdinNotImplementedError, EOFError):
            return
        self._background.run(_give(event, reply))

    def _view(self) -> _View:
        return NotebookView() if hasattr(self.shell, "kernel") else _TerminalView.standard()


class _View(Protocol):
    def show(self, event: Event) -> None: ...

    def stopped(self) -> None: ...


class _TerminalView(RunView):
    @classmethod
    def standard(cls) -> Self:
        return cls(Paper(sys.stdout), Paper(sys.stderr))

    def stopped(self) -> None:
        self.err.fresh()


def keep_questions(lines: list[str]) -> list[str]:
    """Rewrite `%agent …?`: to IPython a question mark at the end of a line asks for help.

    `%agent?` itself still shows the help.
    """
    if lines and lines[0].startswith("%%"):
        return lines
    found = [(line, _QUESTION.fullmatch(line)) for line in lines]
    return [
        f"get_ipython().run_line_magic('agent', {question['task']!r})\n" if question else line
        for line, question in found
    ]


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Add the magics to a shell."""
    shell.register_magics(AgentMagics)
    shell.input_transformers_cleanup.append(keep_questions)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take the magics away again, and end their kernel."""
    with suppress(ValueError):
        shell.input_transformers_cleanup.remove(keep_questions)
    magics = shell.magics_manager.registry.pop(AgentMagics.__name__, None)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("agent", None)
    if magics is not None:
        magics.close()
        atexit.unregister(magics.close)


def _undone(cells: int, undone: Undone, names: Sequence[str]) -> str:
    """What came back, in a line."""
    count = "the last cell" if cells == 1 else f"the last {cells} cells"
    again = "1 cell" if undone.replayed == 1 else f"{undone.replayed} cells"
    replayed = f", {again} run again" if undone.replayed else ""
    lost = f"; lost: {', '.join(undone.lost)}" if undone.lost else ""
    more = ", …" if len(names) > _NAMED else ""
    there = f"there are {', '.join(names[:_NAMED])}{more}" if names else "there are no variables"
    return f"{count} undone ({undone.cells} left{replayed}); {there}{lost}"


def _opened(options: Mapping[str, str]) -> tuple[Agent, Background]:
    model, approval, tier = (options.get(name) for name in ("model", "approval", "tier"))
    agent, background = Agent(Path.cwd(), model, approval, tier), Background()
    try:
        background.run(agent.__aenter__())
    except BaseException:
        background.close()
        raise
    for note in agent.settings.notes:
        print(f"agent: {safe(note)}")
    return agent, background


async def _next(stream: AsyncGenerator[Event, None]) -> Event | None:
    return await anext(stream, None)


async def _give(event: ApprovalRequested | QuestionAsked, reply: str) -> None:
    if isinstance(event, QuestionAsked):
        event.answer.set_result(reply)
    elif reply.strip().lower() in ("y", "yes"):
        event.approve()
    else:
        event.deny("the person said no")


def _ask(event: ApprovalRequested | QuestionAsked) -> str:
    if isinstance(event, ApprovalRequested):
        if event.detail:
            print(safe(event.detail))
        return input(f"{safe(event.action)}? [y/n] ")
    question = event.question
    for line in (question.context, question.question, " / ".join(question.options)):
        if line:
            print(safe(line))
    return input("> ")


def _first_line(result: Result) -> str:
    text = result.answer or " ".join(question.question for question in result.questions)
    return safe(text.strip().partition("\n")[0])
