"""Which video of YouTube somebody means."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

from sessions.errors import UsageError

_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_HOSTS = frozenset({"youtube.com", "youtube-nocookie.com", "youtubekids.com"})
_FOLDERS = frozenset({"embed", "shorts", "live", "v", "e", "vi"})


def video_id(video: str) -> str:
    """The id of a video.

    Args:
        video: The id, or an address of any form: watch?v=…, youtu.be/…, /shorts/…, /live/…,
            /embed/…, with or without https://, of the site for phones or for music too.

    Raises:
        UsageError: If it is neither.
    """
    text = video.strip()
    found = text if _ID.fullmatch(text) else _in_address(text)
    if not _ID.fullmatch(found):
        msg = (
            f"{video[:100]!a} is no video of YouTube: give its address, e.g. "
            "https://www.youtube.com/watch?v=dQw4w9WgXcQ, or its id of 11 characters"
        )
        raise UsageError(msg)
    return found


def _in_address(text: str) -> str:
    try:
        parts = urlsplit(text if "//" in text else f"https://{text}")
        host = (parts.hostname or "").removesuffix(".")
    except ValueError:
        return ""
    if host.removeprefix("www.") == "youtu.be":
        return parts.path.strip("/").partition("/")[0]
    site = ".".join(host.split(".")[-2:])
    if site not in _HOSTS or parts.scheme not in {"http", "https"}:
        return ""
    return _in_path(parts)


def _in_path(parts: SplitResult) -> str:
    folder, _, rest = parts.path.strip("/").partition("/")
    if folder in _FOLDERS:
        return rest.partition("/")[0]
    asked = parse_qs(parts.query)
    if folder == "attribution_link":
        asked = parse_qs(urlsplit(asked.get("u", [""])[0]).query)
    return asked.get("v", [""])[0]
