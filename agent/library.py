"""The agent as a Python object."""

from __future__ import annotations

import inspect
import tempfile
import threading
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from agent.background import Background
from agent.events import ApprovalRequested, Result, RunFinished
from agent.settings import Settings
from sessions.errors import AgentError, UsageError
from sessions.events import Event

if TYPE_CHECKING:
    from agent.coordinator import Coordinator
    from sessions.session import Session

Approve = Callable[[ApprovalRequested], bool | Awaitable[bool]]


class Agent:
    """Carries out requests in a workspace, as one conversation with one kernel.

    ```python
    async with Agent("my/workspace") as agent:
        result = await agent.run("what is the median of the column age in people.csv?")
    ```

    Args:
        workspace: Directory the agent works in.
        model: Model by name, e.g. `offline` or `anthropic:claude-opus-5-5`.
        approval: `review` asks before something is kept, `automatic` does not.
        tier: How much of the machine the kernel may use: `quick`, `standard` or `heavy`.
        answers: Replies to the questions the agent may ask, in order.
        approve: Decides on approvals. Without it a reader of `stream` decides; in `run` nobody
            does, and the run ends as `needs_input`.
        **options: Further settings by name, e.g. `budget_usd`.

    Attributes:
        settings: The choices that hold.

    Raises:
        UsageError: If an option is unknown, or names what does not exist.
    """

    def __init__(
        self,
        workspace: str | Path = ".",
        model: str | None = None,
        approval: str | None = None,
        tier: str | None = None,
        answers: Sequence[str] = (),
        approve: Approve | None = None,
        **options: object,
    ) -> None:
        chosen = {"model": model, "approval": approval, "tier": tier, "answers": answers}
        self.workspace = _directory(workspace)
        self.settings = Settings.load(self.workspace, **chosen, **options)
        self._approve = approve
        self._coordinator: Coordinator | None = None
        self._reached: Callable[[], Result | None] = _no_result
        self._stack = AsyncExitStack()
        self._background: Background | None = None
        self._close: Callable[[], object] = _nothing

    async def __aenter__(self) -> Self:
        if self._coordinator is not None:
            msg = "this agent is open already: use it, or make another"
            raise UsageError(msg)
        _check_writable(self.workspace)
        from agent.build import open_coordinator

        opening = open_coordinator(self.workspace, self.settings)
        coordinator = await self._stack.enter_async_context(opening)
        self._coordinator, self._reached = coordinator, lambda: coordinator.reached
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._coordinator = None
        await self._stack.aclose()

    def __enter__(self) -> Self:
        self._open_in_background()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def session(self) -> Session:
        """The kernel session of the conversation.

        Raises:
            UsageError: If the agent is not open.
        """
        return self._opened().session

    @property
    def reached(self) -> Result | None:
        """What the last request had come to when it was stopped, as by Ctrl-C.

        None if it was not stopped, or nothing came of it. It stays when the agent is closed.
        """
        return self._reached()

    async def run(self, task: str, as_: str | None = None) -> Result:
        """Carry out a request.

        Args:
            task: What to do, in your words.
            as_: Name of the sub-agent that carries it out, e.g. `code` or one of your own; None
                for the agent itself.

        Raises:
            UsageError: If the task is empty, the agent is not open, or there is no such sub-agent.
            RefusedError: If the sub-agent was not approved here as its file is.
        """
        return await _result(self.stream(task, as_))

    async def write_skill(
        self, request: str, name: str = "", examples: Sequence[str] = ()
    ) -> Result:
        """Have a function written, tested, reviewed and kept as a skill.

        Args:
            request: What it does, in your words.
            name: What it is to be called; "" if you don't mind.
            examples: What must hold, e.g. `f(1) == 2`; nobody overrules them.

        Raises:
            UsageError: If the request is empty, the name can't be that of a skill, an example can't
                be read, or the agent is not open.
        """
        from agent.authoring import Commission

        commission = Commission.of(request, name, examples)
        return await _result(self._decided(self._opened().write(commission)))

    async def write_agent(self, request: str) -> Result:
        """Have a new sub-agent written, judged and proposed; `run(…, as_=NAME)` uses it later.

        It is used once somebody has approved it: `agent skills approve NAME`.

        Args:
            request: What it is to do, in your words.

        Raises:
            UsageError: If the request is empty or the agent is not open.
        """
        _check_said(request)
        return await _result(self._decided(self._opened().write_agent(request)))

    async def stream(self, task: str, as_: str | None = None) -> AsyncGenerator[Event, None]:
        """Carry out a request and tell what happens, as it happens.

        Answer a `QuestionAsked` or an `ApprovalRequested` before asking for the next event; one
        left open means that nobody could be asked. Closing the iterator stops the run.

        Args:
            task: What to do, in your words.
            as_: Name of the sub-agent that carries it out; see `run`.

        Yields:
            Events; the last is `RunFinished`.

        Raises:
            UsageError: If the task is empty, the agent is not open, or there is no such sub-agent.
            RefusedError: If the sub-agent was not approved here as its file is.
        """
        _check_said(task)
        coordinator = self._opened()
        if as_ is not None:
            self.check_role(as_)
        async with aclosing(self._decided(coordinator.stream(task, as_))) as events:
            async for event in events:
                yield event

    def check_role(self, name: str) -> None:
        """Look whether `run(…, as_=name)` can be.

        Raises:
            UsageError: If there is no such sub-agent, or no model for it.
            RefusedError: If it was not approved here as its file is.
        """
        from agent.delegation.roles import check
        from subagents.models import refuse_offline

        check(self.workspace, name)
        settings = self.settings
        refuse_offline(settings.models_fast or settings.models_strong or settings.model, "strong")

    def run_sync(self, task: str, as_: str | None = None) -> Result:
        """`run` for callers who can't await; it also works where an event loop is running.

        The agent stays open for follow-ups until `close`, or the end of `with`.

        Args:
            task: What to do, in your words.
            as_: Name of the sub-agent that carries it out; see `run`.

        Raises:
            UsageError: If the task is empty, or the agent was opened by `async with`.
        """
        return self._open_in_background().run(self.run(task, as_))

    def close(self) -> None:
        """Close what `run_sync` opened; does nothing if nothing is open."""
        self._close()
        self._background = None
        self._coordinator = None

    def _open_in_background(self) -> Background:
        if self._background is None:
            if self._coordinator is not None:
                msg = "this agent is open in an event loop: use `await agent.run(…)` there"
                raise UsageError(msg)
            background = Background()
            try:
                background.run(self.__aenter__())
            except BaseException:
                background.close()
                raise
            self._background = background
            self._close = weakref.finalize(self, _close_all, background, self._stack)
        return self._background

    def _opened(self) -> Coordinator:
        if self._coordinator is None:
            msg = "this agent is not open: use `async with Agent(…) as agent`"
            raise UsageError(msg)
        return self._coordinator

    async def _decided(self, events: AsyncGenerator[Event, None]) -> AsyncGenerator[Event, None]:
        async with aclosing(events):
            async for event in events:
                await self._decide(event)
                yield event

    async def _decide(self, event: Event) -> None:
        if self._approve is None or not isinstance(event, ApprovalRequested):
            return
        verdict = self._approve(event)
        if await verdict if inspect.isawaitable(verdict) else verdict:
            event.approve()
        else:
            event.deny("the person said no")


def _check_said(task: str) -> None:
    """Refuse a task that says nothing.

    Raises:
        UsageError: If it is empty.
    """
    if not task.strip():
        msg = "the task is empty: say in a few words what to do"
        raise UsageError(msg)


async def _result(stream: AsyncGenerator[Event, None]) -> Result:
    """What remains when everything is over."""
    result: Result | None = None
    async with aclosing(stream) as events:
        async for event in events:
            if isinstance(event, RunFinished):
                result = event.result
    if result is None:
        msg = "the run ended without a result: open the agent anew"
        raise AgentError(msg)
    return result


def _no_result() -> None:
    """No request was stopped yet."""


def _nothing() -> None:
    """Close what was never opened."""


def _close_all(background: Background, stack: AsyncExitStack) -> None:
    if background.is_here:  # the garbage collector calls from any thread
        threading.Thread(target=_close_all, args=(background, stack)).start()
        return
    background.run(stack.aclose())
    background.close()


def _directory(workspace: str | Path) -> Path:
    try:
        # An empty text is a variable without a value, and no wish for the current directory.
        path = Path(workspace or "\0").resolve()
        if path.is_dir():
            return path
        what = "is not a directory" if path.exists() else "does not exist"
    except (OSError, ValueError, RuntimeError):  # a null byte, no permission, a loop of links
        what = "can't be reached"
    msg = f"the workspace {str(workspace)!r} {what}: name an existing directory"
    raise UsageError(msg)


def _check_writable(workspace: Path) -> None:
    try:
        with tempfile.TemporaryFile(dir=workspace):
            return
    except OSError as error:
        msg = (
            f"the workspace '{workspace}' can't be written ({error.strerror}): choose another, or "
            "change its permissions"
        )
        raise UsageError(msg) from None
