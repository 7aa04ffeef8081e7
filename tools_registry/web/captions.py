"""What the player of YouTube is told about a video: whether it can be seen, and its captions.

The data comes from a server and may be anything; what has not the form that is known counts as
not there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from sessions.errors import PageError

_RESPONSE = re.compile(r"ytInitialPlayerResponse\s*=\s*(?=\{)")
_LOGIN = re.compile(r"private|not a bot|\bage|inappropriate", re.IGNORECASE)
_GATED = {"exp": ["xpe"]}  # YouTube answers such addresses with nothing
_LONGEST_REASON = 200


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


_READER = json.JSONDecoder(parse_constant=_refuse)


@dataclass(frozen=True, kw_only=True)
class Track:
    """Captions in one language.

    Attributes:
        language: Code such as `en` or `pt-BR`.
        name: What people call it, e.g. `English (auto-generated)`.
        generated: Whether a machine wrote them.
        url: Where they are.
    """

    language: str
    name: str
    generated: bool
    url: str

    @property
    def is_gated(self) -> bool:
        """Whether only YouTube's own player, which proves what it is, gets them."""
        asked = parse_qs(urlsplit(self.url).query)
        return any(asked.get(name) == value for name, value in _GATED.items())

    @property
    def address(self) -> str:
        """Where they are as JSON."""
        parts = urlsplit(self.url)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return parts._replace(query=urlencode({**asked, "fmt": "json3"})).geturl()

    def __str__(self) -> str:
        return f"{self.language} (generated)" if self.generated else self.language


@dataclass(frozen=True, kw_only=True)
class Player:
    """What the player is told.

    Attributes:
        title: Of the video.
        status: `OK` if it can be seen.
        reason: Why not.
        tracks: Its captions.
    """

    title: str
    status: str
    reason: str
    tracks: tuple[Track, ...]

    def require_visible(self, video: str) -> None:
        """Raise `PageError` if the video can't be seen by everybody."""
        if self.status == "OK":
            return
        why = self.reason or self.status or "YouTube does not say why"
        needs_login = self.status == "LOGIN_REQUIRED" or _LOGIN.search(self.reason)
        hint = "; it is not open to everybody without login" if needs_login else ""
        msg = f"the video {video} can't be seen: {why[:_LONGEST_REASON]!a}{hint}"
        raise PageError(msg)


def parsed(text: str) -> Player:
    """The player's data as JSON."""
    return player(_json(text))


def in_watch_page(html: str) -> Player:
    """The player's data as it stands in the page of a video."""
    found = _RESPONSE.search(html)
    if found is None:
        return player({})
    try:
        return player(_READER.raw_decode(html, found.end())[0])
    except (ValueError, RecursionError):
        return player({})


def player(data: Any) -> Player:
    """The player's data."""
    status, details = _dict(data, "playabilityStatus"), _dict(data, "videoDetails")
    captions = _dict(_dict(data, "captions"), "playerCaptionsTracklistRenderer")
    return Player(
        title=_text(details, "title"),
        status=_text(status, "status"),
        reason=_text(status, "reason"),
        tracks=tuple(_tracks(captions.get("captionTracks"))),
    )


def choose(tracks: Sequence[Track], language: str, video: str) -> Track:
    """The captions in a language, those written by people first.

    Args:
        tracks: All there are.
        language: Code such as `en`; `en` takes `en-GB` too, and `en-GB` takes `en`.
        video: Id, for the message.

    Raises:
        PageError: If there are none; the message lists the languages there are.
    """
    if not tracks:
        msg = f"the video {video} has no captions, so there is no transcript of it"
        raise PageError(msg)
    wanted = language.strip().lower()
    by_people_first = sorted(tracks, key=lambda track: track.generated)
    for fits in (_same, _kindred):
        for track in by_people_first:
            if fits(track.language.lower(), wanted):
                return track
    there = ", ".join(dict.fromkeys(map(str, by_people_first)))
    msg = f"the video {video} has no captions in {language[:20]!a}; it has: {there!a}"
    raise PageError(msg)


def segments(text: str) -> list[dict[str, Any]]:
    """What is said and when, out of captions as JSON: `start` and `duration` in seconds, `text`."""
    data = _json(text)
    events = data.get("events") if isinstance(data, dict) else None
    found = (
        (_segment(event) for event in events if isinstance(event, dict))
        if isinstance(events, list)
        else ()
    )
    return [segment for segment in found if segment["text"]]


def _segment(event: Mapping[str, Any]) -> dict[str, Any]:
    pieces = event.get("segs")
    words = "".join(_text(piece, "utf8") for piece in pieces) if isinstance(pieces, list) else ""
    return {
        "start": _seconds(event.get("tStartMs")),
        "duration": _seconds(event.get("dDurationMs")),
        "text": " ".join(words.split()),
    }


def _tracks(data: Any) -> Iterator[Track]:
    for entry in data if isinstance(data, list) else ():
        language, url = _text(entry, "languageCode"), _text(entry, "baseUrl")
        if language and url:
            yield Track(
                language=language[:40],
                name=_label(_dict(entry, "name"))[:100],
                generated=_text(entry, "kind") == "asr",
                url=url,
            )


def _label(name: Mapping[str, Any]) -> str:
    runs = name.get("runs")
    parts = [_text(run, "text") for run in runs] if isinstance(runs, list) else []
    return _text(name, "simpleText") or "".join(parts)


def _same(language: str, wanted: str) -> bool:
    return language == wanted


def _kindred(language: str, wanted: str) -> bool:
    return language.partition("-")[0] == wanted.partition("-")[0]


def _json(text: str) -> Any:
    try:
        return _READER.decode(text)
    except (ValueError, RecursionError):
        return {}


def _dict(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, dict) else {}


def _text(data: Any, key: str) -> str:
    value = data.get(key) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""


def _seconds(milliseconds: Any) -> float:
    is_number = isinstance(milliseconds, int | float) and not isinstance(milliseconds, bool)
    return round(min(max(milliseconds, 0), 1e9) / 1000, 3) if is_number else 0.0
