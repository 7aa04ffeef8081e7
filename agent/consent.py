"""Which hosts the person lets code in the kernel have pages fetched from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from agent.approval import UNATTENDED
from agent.settings import Network
from tools_registry.web.hosts import covers, site

if TYPE_CHECKING:  # a command that asks nothing need not wait for it
    from agent.events import Question

Ask = Callable[[str, str], Awaitable[str | None]]
"""Asks the person about an action, with details: None for yes, or the reason for no."""

_OFF = (
    'the setting `network` is "off"; the person can set it to "ask" in their own agent.toml or by '
    "AGENT_NETWORK=ask"
)


class Consent:
    """What the person has agreed to: by the settings for good, by an answer for one run.

    Args:
        network: `off`, `ask` or `allow`, as in the settings.
        allow_hosts: Hosts that need no question.

    Attributes:
        unanswered: Questions of this run that nobody was there to answer.
    """

    def __init__(self, network: Network, allow_hosts: Sequence[str]) -> None:
        self._network = network
        self._listed = tuple(allow_hosts)
        self._answers: dict[str, str | None] = {}
        self._asker: object = None
        self.unanswered: list[Question] = []

    def begin(self, asker: object) -> None:
        """A cell begins for a run or a person; a new one has agreed to nothing yet."""
        if asker is not self._asker:
            self._asker, self._answers, self.unanswered = asker, {}, []

    def refusal(self, host: str) -> str | None:
        """Why nothing may be asked of a host now; None if it may."""
        if self._network == "off":
            return _OFF
        if covers(self._listed, host):
            return None
        if self._network == "allow":
            return f"the setting `allow_hosts` does not name {host}, and nobody is to be asked"
        if site(host) not in self._answers:
            return f"nobody agreed to {host} yet; ask for that address itself"
        return self._answers[site(host)]

    async def settle(self, host: str, detail: str, ask: Ask | None) -> str | None:
        """Ask the person about a host, unless that is settled: None for yes, or why not.

        Args:
            host: Name of the host.
            detail: What the person should see first.
            ask: Asks the person; None if there is nobody.
        """
        settled = self._network != "ask" or covers(self._listed, host)
        if settled or site(host) in self._answers:
            return self.refusal(host)
        action = f"let code in the kernel fetch pages from {host}"
        reason = await ask(action, detail) if ask else UNATTENDED
        if reason == UNATTENDED:
            from agent.events import Question

            asked = Question(question=f"May I {action}?", options=("yes", "no"), context=detail)
            self.unanswered.append(asked)
            return (
                f"{UNATTENDED} about {host}; the person can name it in `allow_hosts` of their own "
                f"agent.toml, or by AGENT_ALLOW_HOSTS={host}"
            )
        self._answers[site(host)] = reason
        return reason
