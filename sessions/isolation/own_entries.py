"""What a process may read of itself in /proc, where Landlock holds files alone.

A Landlock rule names the entries of one process, and goes with it; a kernel that was brought back
is another one. So they are opened in its place, and in that of whatever it starts.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

# None of them leads elsewhere, as links do that are opened: the rights would be ours.
_ENTRY = re.compile(r"/proc/(self|[0-9]+)/(stat|statm|status|maps|cmdline|fd|limits)")


def opened(path: str, thread: int, flags: int) -> int | None:
    """A descriptor of an entry, None for every other path.

    Args:
        path: Absolute.
        thread: Id of the thread that asks; whether it still does is to be checked afterwards.
        flags: Of `open`, without any change.
    """
    if (found := _ENTRY.fullmatch(path)) is None:
        return None
    process = _process_of(thread)
    if found[1] not in ("self", process):
        return None
    return os.open(f"/proc/{process}/{found[2]}", flags | os.O_NOFOLLOW | os.O_CLOEXEC)


def _process_of(thread: int) -> str:
    status = Path(f"/proc/{thread}/status").read_text()
    return status.partition("\nTgid:")[2].split()[0]
