"""MCP servers for code in the kernel: run here, after the person was asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agent.approval import UNATTENDED
from agent.consent import Ask
from agent.settings import Settings
from sessions.errors import AgentError
from sessions.handlers import Handler
from sessions.wire_format import shown

if TYPE_CHECKING:  # most cells call no server, and a command need not wait for what does
    from agent.events import Question
    from tools_registry.mcp.definition import Definition
    from tools_registry.mcp.servers import Servers

_OFF = (
    'the setting `mcp_calls` is "off"; the person can set it to "once" in their own agent.toml or '
    "by AGENT_MCP_CALLS=once"
)
_UNATTENDED = (
    f"{UNATTENDED}; the person can run it at a terminal, or let such calls go unasked by "
    'mcp_calls = "allow" in their own agent.toml, or by AGENT_MCP_CALLS=allow'
)


class McpTools:
    """Offered to one kernel.

    Args:
        settings: The person's choices.
        servers: The servers that can be called; those of the person if None.
    """

    def __init__(self, settings: Settings, servers: Servers | None = None) -> None:
        self._mode = settings.mcp_calls
        self._automatic = settings.approval == "automatic"
        self._given = servers
        self._asker: object = None
        self._answers: dict[tuple[str, str], str | None] = {}
        self.unanswered: list[Question] = []

    def begin(self, asker: object) -> None:
        """A cell begins for a run or a person; a new one has agreed to nothing yet."""
        if asker is not self._asker:
            self._asker, self._answers, self.unanswered = asker, {}, []

    def handlers(self) -> dict[str, Handler]:
        """What is offered, by name."""
        return {
            "mcp_call": Handler.of(self.mcp_call, needs_approval=True),
            "mcp_piece": Handler.of(self.mcp_piece),
        }

    async def mcp_call(self, server: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call a tool of an MCP server; the modules of `agent_mcp` do it for you."""
        self._servers.check(server, tool, arguments)
        return await self._servers.call(server, tool, arguments)

    async def mcp_piece(self, ticket: str, index: int) -> str:
        """Fetch a part of an answer that was too long for one."""
        return self._servers.piece(ticket, index)

    async def approve(self, name: str, arguments: Mapping[str, Any], ask: Ask | None) -> str | None:
        """Ask the person about a tool, once a run: None for yes, or why not.

        A tool whose server warns that it destroys something is asked about each time.
        """
        try:
            tool = self._servers.check(**arguments)
        except AgentError:
            return None  # nobody need decide: the call says itself what is wrong with it
        if self._mode == "off":
            return _OFF
        key = (str(arguments["server"]), tool.name)
        if self._is_settled(key, tool):
            return self._answers.get(key)
        return await self._ask(key, tool, arguments, ask)

    async def close(self) -> None:
        """End all servers that were started."""
        if "_servers" in vars(self):  # else none was ever needed
            await self._servers.close()

    @cached_property
    def _servers(self) -> Servers:
        from tools_registry.mcp.library import Library
        from tools_registry.mcp.servers import Servers

        return self._given or Servers(Library())

    def _is_settled(self, key: tuple[str, str], tool: Definition) -> bool:
        if self._mode == "allow":
            return True
        if tool.destructive or self._mode == "each":
            return False
        return self._automatic or key in self._answers

    async def _ask(
        self,
        key: tuple[str, str],
        tool: Definition,
        arguments: Mapping[str, Any],
        ask: Ask | None,
    ) -> str | None:
        action = f"let code in the kernel call {key[0]}.{tool.function} on the MCP server {key[0]}"
        if tool.destructive:
            action += ", which says that it may destroy something"
        detail = shown(dict(arguments), indent=2)
        reason = await ask(action, detail) if ask else UNATTENDED
        if reason == UNATTENDED:
            from agent.events import Question

            options = ("yes", "no")
            self.unanswered.append(
                Question(question=f"May I {action}?", options=options, context=detail)
            )
            return _UNATTENDED
        self._answers[key] = reason
        return reason
