"""Transcripts of videos of YouTube, as its apps get them.

YouTube has no public interface for them. Its apps ask `youtubei/v1/player` about a video and read
the captions at the address that they are told. The addresses in the page of a video mostly answer
with nothing to whoever does not prove to be a browser, so the page is asked last. All of this may
change without notice, and what the clients call themselves may grow old.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from sessions.errors import PageError
from tools_registry.web.captions import Player, Track, choose, in_watch_page, parsed, segments
from tools_registry.web.fetcher import Fetcher, Request
from tools_registry.web.location import Location
from tools_registry.web.page import bounded, plain
from tools_registry.web.policy import Admits
from tools_registry.web.video import video_id

ORIGIN = "https://www.youtube.com"
_MOST_SEGMENTS = 700_000  # bytes as JSON
_LONGEST_SEGMENT = 4_000


@dataclass(frozen=True, kw_only=True)
class _Client:
    """One of YouTube's apps, as it calls itself."""

    about: Mapping[str, Any]
    agent: str


_CLIENTS = (
    _Client(
        about={
            "clientName": "ANDROID",
            "clientVersion": "20.10.38",
            "androidSdkVersion": 30,
            "osName": "Android",
            "osVersion": "11",
        },
        agent="com.google.android.youtube/20.10.38 (Linux; U; Android 11) gzip",
    ),
    _Client(
        about={
            "clientName": "IOS",
            "clientVersion": "20.10.4",
            "deviceMake": "Apple",
            "deviceModel": "iPhone16,2",
            "osName": "iPhone",
            "osVersion": "18.3.2.22D82",
        },
        agent="com.google.ios.youtube/20.10.4 (iPhone16,2; U; CPU iOS 18_3_2 like Mac OS X;)",
    ),
)


class YouTube:
    """Asks YouTube.

    Args:
        fetcher: Fetches.
        origin: Where YouTube is.
    """

    def __init__(self, fetcher: Fetcher, origin: str = ORIGIN) -> None:
        self._fetcher = fetcher
        self._origin = Location.of(origin)

    async def transcript(self, video: str, language: str, admits: Admits) -> dict[str, Any]:
        """The transcript of a video.

        Args:
            video: Address or id.
            language: Code such as `en`.
            admits: Says which hosts the person agreed to.

        Returns:
            `video` (id), `title`, `language`, `generated` (whether a machine wrote it),
            `segments` (`start` and `duration` in seconds, `text`) and `truncated`.

        Raises:
            UsageError: If it is no video of YouTube.
            RefusedError: If the policy or the person does not allow it.
            PageError: If there is no transcript, not in this language, or YouTube gives none out.
        """
        identity = video_id(video)
        seen: list[Player] = []
        async for player in self._players(identity, admits):
            seen.append(player)
            if player.status != "OK" or not player.tracks:
                continue
            track = choose(player.tracks, language, identity)
            if said := await self._said(track, admits):
                return _answer(identity, player, track, said)
        raise _failure(seen, language, identity)

    async def _players(self, video: str, admits: Admits) -> AsyncIterator[Player]:
        """What the player is told, by one client after the other."""
        for client in _CLIENTS:
            yield await self._player(video, client, admits)
        reply = await self._fetcher.fetch(self._request(f"/watch?v={video}&hl=en"), admits)
        yield await asyncio.to_thread(in_watch_page, reply.text)

    async def _player(self, video: str, client: _Client, admits: Admits) -> Player:
        asked = {"context": {"client": {**client.about, "hl": "en"}}, "videoId": video}
        request = Request(
            location=self._origin.follow("/youtubei/v1/player?prettyPrint=false"),
            body=json.dumps(asked).encode(),
            headers={"User-Agent": client.agent},
        )
        try:
            reply = await self._fetcher.fetch(request, admits)
        except PageError:  # this client is not served any more; another may be
            return parsed("{}")
        return await asyncio.to_thread(parsed, reply.text)

    async def _said(self, track: Track, admits: Admits) -> list[dict[str, Any]]:
        """What is said; empty if YouTube answers with nothing."""
        location = self._origin.follow(track.address)
        if track.is_gated or location.site != self._origin.site:
            return []
        reply = await self._fetcher.fetch(Request(location=location), admits)
        return await asyncio.to_thread(segments, reply.text)

    def _request(self, target: str) -> Request:
        return Request(location=self._origin.follow(target))


def _answer(video: str, player: Player, track: Track, said: list[dict[str, Any]]) -> dict[str, Any]:
    kept = _fitting(said)
    return {
        "video": video,
        "title": plain(" ".join(player.title.split()))[:300],
        "language": plain(track.language),
        "generated": track.generated,
        "segments": kept,
        "truncated": len(kept) < len(said),
    }


def _fitting(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first segments, as many as an answer may have."""
    room, kept = _MOST_SEGMENTS, []
    for segment in said:
        short = {**segment, "text": bounded(plain(segment["text"]), _LONGEST_SEGMENT)}
        room -= len(json.dumps(short)) + 2
        if room < 0:
            break
        kept.append(short)
    return kept


def _failure(seen: list[Player], language: str, video: str) -> PageError:
    """Why there is no transcript, as the best informed of the answers tells it."""
    try:
        told = [player for player in seen if player.status]
        if not told:
            msg = f"YouTube tells nothing of the video {video}: try again later"
            raise PageError(msg)
        visible = next((player for player in told if player.status == "OK"), None)
        if visible is None:
            told[0].require_visible(video)
        tracks = [track for player in told for track in player.tracks]
        choose(tracks, language, video)
    except PageError as error:
        return error
    msg = (
        f"YouTube has captions of the video {video}, but gives them to its own players alone: "
        "ask the person to put the transcript into the workspace"
    )
    return PageError(msg)
