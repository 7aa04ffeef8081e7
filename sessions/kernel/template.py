"""A kernel that is ready but for its sockets: made once, and copied by each fork of a warm parent.

```
zygote: initializes an app on sockets of no use, with threads that a fork does not copy
  └─fork── template: one thread and no sockets; forks kernels, each of which gets its own
```
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.profiledir import ProfileDir

from .hot_pages import HotPages, Range, exclusive_pages, joined

if TYPE_CHECKING:
    from .app import GuardedApp


_CELLS = ("x = 1\nx", "1 / 0")

Make = Callable[[Sequence[int], Sequence[int]], "GuardedApp"]


def become(make: Make, channels: int, keep: int) -> int:
    """Go on as a single-threaded copy of this process that has an app made ahead.

    Args:
        make: Initializes an app on listening sockets; given those, and sockets not of its own.
        channels: How many listening sockets it needs.
        keep: A socket that stays open in the copy.

    Returns:
        0 in the copy; its process id in this process, which has nothing more to do than to wait.
    """
    with tempfile.TemporaryDirectory(prefix="agent-", ignore_cleanup_errors=True) as directory:
        os.environ["IPYTHONDIR"] = directory
        paths = [Path(directory) / str(channel) for channel in range(channels)]
        app = make([_listener(path).detach() for path in paths], [keep])
        app.session.key = secrets.token_bytes()  # nobody is to be served on these
    copy = os.fork()
    if not copy:
        app.sockets.leave()
        app.hot_pages = HotPages(ranges=_rehearsed(app, channels))
    return copy


def settle(app: GuardedApp) -> None:
    """Make an app that was made ahead at home in this process: the environment is another one."""
    app.hot_pages.populate()
    home, shell = os.environ["IPYTHONDIR"], app.kernel.shell
    app.ipython_dir = shell.ipython_dir = home
    app.profile_dir = ProfileDir.create_profile_dir_by_name(home)
    app.kernel.profile_dir = shell.profile_dir = app.profile_dir
    shell.init_environment()
    app.init_gui_pylab()


def _rehearsed(app: GuardedApp, channels: int) -> list[Range]:
    """Where a fork of this process writes while it starts and runs a cell; tried in a fork."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as told:
            text = told.read()
        os.waitpid(child, 0)
        return [(address, length) for address, length in json.loads(text or "[]")]
    try:
        _rehearse(app, channels)
        pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
        os.write(writing, json.dumps([*joined(exclusive_pages(pagemap))]).encode())
    finally:
        os._exit(0)


def _rehearse(app: GuardedApp, channels: int) -> None:
    with tempfile.TemporaryDirectory(prefix="agent-") as directory:
        paths = [Path(directory) / str(channel) for channel in range(channels)]
        app.sockets.renew([_listener(path).detach() for path in paths])
    app.kernel.start()
    for cell in _CELLS:
        app.io_loop.run_sync(partial(app.kernel.do_execute, cell, False))


def _listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    return listener
