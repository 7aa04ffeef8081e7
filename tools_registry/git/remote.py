"""Where a shared library lies: a folder of this machine, or a git server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sessions.errors import UsageError

_HTTPS = re.compile(r"https://[A-Za-z0-9][-.A-Za-z0-9]*(?::\d+)?/[^\s?#]+")
_SSH = re.compile(r"ssh://(?:[\w.+-]+@)?[A-Za-z0-9][-.A-Za-z0-9]*(?::\d+)?/[^\s?#-][^\s?#]*")
_SCP = re.compile(r"(?:[\w.+]+@)?[A-Za-z0-9][-.A-Za-z0-9]+:(?!:)[^\s?#:-][^\s?#]*")
_PASSWORD = re.compile(r"//[^/@\s]*@")


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A shared library.

    Attributes:
        url: As git takes it, or "" for a folder.
        path: The folder, or None.
    """

    url: str = ""
    path: Path | None = None

    @property
    def text(self) -> str:
        """As a person writes it."""
        return self.url or str(self.path)

    @property
    def label(self) -> str:
        """The last part of its name, e.g. `skills` of `https://git.example/team/skills.git`."""
        return re.split(r"[/:]", self.text.rstrip("/"))[-1].removesuffix(".git")


def parse_remote(text: str) -> Remote:
    """What a person named as a remote.

    Args:
        text: `https://…`, `ssh://…`, `user@host:path`, `file://…` or a path.

    Raises:
        UsageError: If it is anything else; other transports can start programs, or are not safe
            from others in between.
    """
    if _HTTPS.fullmatch(text) and not _PASSWORD.search(text):
        return Remote(url=text)
    if _PASSWORD.search(text) and not text.startswith("ssh://"):
        msg = "a remote must not hold a name or password: use git's credential helper, or ssh"
        raise UsageError(msg)
    place = text.removeprefix("file://")
    if _SSH.fullmatch(text) or (_is_scp(text) and not Path(text).exists()):
        return Remote(url=text)
    if place.isprintable() and place and "::" not in place and "://" not in place:
        path = Path(place).expanduser()
        if path.is_dir():
            return Remote(path=path.resolve())
    msg = (
        f"{text[:80]!r} is no shared library: give https://…, ssh://…, user@host:path or the path "
        "of a folder that is there"
    )
    raise UsageError(msg)


def _is_scp(text: str) -> bool:
    return "://" not in text and _SCP.fullmatch(text) is not None


def choose_remote(text: str, known: tuple[str, ...]) -> Remote:
    """A remote by its label among those of the settings, or as `parse_remote` takes it.

    Raises:
        UsageError: If it is neither, or the label fits several.
    """
    fitting = [remote for remote in map(parse_remote, known) if remote.label == text]
    if len(fitting) > 1:
        names = " and ".join(remote.text for remote in fitting)
        msg = f"{text!r} may be {names}: name one of them in full"
        raise UsageError(msg)
    return fitting[0] if fitting else parse_remote(text)
