"""What goes wrong with MCP servers."""

from __future__ import annotations

from sessions.errors import AgentError


class McpError(AgentError):
    """A server could not be started or reached, or did what no server should."""
