"""Lists of hosts as a person writes them: `example.org`, `*.example.org` for those below, `*`."""

from __future__ import annotations

import re
from collections.abc import Iterable

ANY = "*"
_NAME = re.compile(r"(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def patterns(texts: Iterable[str]) -> tuple[str, ...]:
    """The list, in lower case and each once.

    Raises:
        ValueError: If an entry is no name of a host.
    """
    names = [text.strip().lower().removesuffix(".") for text in texts]
    for name in names:
        if name != ANY and not _NAME.fullmatch(name):
            msg = f"{name!a} is no host: write 'example.org', '*.example.org' or '*'"
            raise ValueError(msg)
    return tuple(dict.fromkeys(names))


def covers(listed: Iterable[str], host: str) -> bool:
    """Whether a list names a host (or, of a pattern, all that it stands for)."""
    return any(_fits(pattern, host) for pattern in listed)


def is_within(listed: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a list names nothing that another one does not."""
    wider = tuple(others)
    return all(covers(wider, pattern) for pattern in listed)


def site(host: str) -> str:
    """What a person takes for the same: a host with `www.` or without."""
    return host.removeprefix("www.")


def _fits(pattern: str, host: str) -> bool:
    if pattern in {ANY, host}:
        return True
    return pattern.startswith("*.") and host.endswith(pattern[1:])
