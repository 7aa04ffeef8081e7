"""The web for code in the kernel: fetched here, where the person is asked and the policy holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agent.consent import Ask, Consent
from sessions.errors import AgentError
from sessions.handlers import Handler
from sessions.wire_format import shown

if TYPE_CHECKING:  # most cells fetch nothing, and a command need not wait for what does
    from tools_registry.web.fetcher import Fetcher
    from tools_registry.web.youtube import YouTube


class WebTools:
    """Offered to one kernel.

    Args:
        consent: What the person agreed to.
        fetcher: Fetches; behind the policy for public pages if None.
        youtube: Where YouTube is; its own address if None.
    """

    def __init__(
        self, consent: Consent, fetcher: Fetcher | None = None, youtube: str | None = None
    ) -> None:
        self.consent = consent
        self._given = fetcher
        self._origin = youtube

    def handlers(self) -> dict[str, Handler]:
        """What is offered, by name."""
        offered = (self.fetch_page, self.youtube_transcript)
        return {tool.__name__: Handler.of(tool, needs_approval=True) for tool in offered}

    async def fetch_page(self, url: str) -> dict[str, Any]:
        """Fetch a public web page: its title, text and links, as data."""
        from tools_registry.web.page import page_at

        return await page_at(url, self._fetcher, self.consent.refusal)

    async def youtube_transcript(self, video: str, language: str = "en") -> dict[str, Any]:
        """Fetch the transcript of a video of YouTube, as data."""
        return await self._youtube.transcript(video, language, self.consent.refusal)

    async def approve(self, name: str, arguments: Mapping[str, Any], ask: Ask | None) -> str | None:
        """Ask the person about the host of a call, once a run: None for yes, or why not."""
        try:
            host = self._host(name, arguments)
        except AgentError:
            return None  # nobody need decide: the call says itself what is wrong with it
        detail = shown({"tool": name, **arguments}, indent=2)
        return await self.consent.settle(host, detail, ask)

    def _host(self, name: str, arguments: Mapping[str, Any]) -> str:
        """The host that a call goes to.

        Raises:
            AgentError: If it can go nowhere.
        """
        from tools_registry.web.location import Location
        from tools_registry.web.video import video_id
        from tools_registry.web.youtube import ORIGIN

        if name == self.fetch_page.__name__:
            location = Location.of(arguments["url"])
            self._fetcher.policy.require_possible(location)
            return location.host
        video_id(arguments["video"])
        return Location.of(self._origin or ORIGIN).host

    @cached_property
    def _fetcher(self) -> Fetcher:
        from tools_registry.web.fetcher import Fetcher

        return self._given or Fetcher()

    @cached_property
    def _youtube(self) -> YouTube:
        from tools_registry.web.youtube import ORIGIN, YouTube

        return YouTube(self._fetcher, self._origin or ORIGIN)
