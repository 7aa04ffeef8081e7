"""A kernel that is ready but for its sockets: made once, and copied by each fork of a warm parent.

```
zygote: initializes an app on sockets of no use, with threads that a fork does not copy
  └─fork── template: one thread and no sockets; forks kernels, each of which gets its own
```
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import shutil
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.profiledir import ProfileDir
from tornado.ioloop import IOLoop

from .hot_pages import Range, exclusive_pages, joined
from .pauses import Pauses

if TYPE_CHECKING:
    from .app import GuardedApp


_CELLS = ("number = 1\nnumber", "[n for n in range(3)]", "import math")

Make = Callable[[Sequence[int], Sequence[int]], "GuardedApp"]


def become(make: Make, channels: int, keep: int, directory: Path) -> int:
    """Go on as a single-threaded copy of this process that has an app made ahead.

    Args:
        make: Initializes an app on listening sockets; given those, and sockets not of its own.
        channels: How many listening sockets it needs.
        keep: A socket that stays open in the copy.
        directory: Where to make files for that while; made and removed here, and by whoever named
            it should this process be killed.

    Returns:
        0 in the copy; its process id in this process, which has nothing more to do than to wait.
    """
    with _made(directory):
        os.environ["IPYTHONDIR"] = str(directory)
        paths = [directory / str(channel) for channel in range(channels)]
        app = make([_listener(path).detach() for path in paths], [keep])
        app.session.key = secrets.token_bytes()  # nobody is to be served on these
        _run(app, _CELLS, silent=True)
        app.kernel.shell.display_formatter.format(1)  # makes the formatters, which silence spares
        app.kernel.shell.reset()
        app.kernel.pauses = Pauses()
        gc.collect()  # here: it writes to every page there is, which a copy would then have alone
        gc.freeze()
    copy = os.fork()
    if not copy:
        app.sockets.leave()
        app.cell_pages = _rehearsed(app, channels, directory)
    return copy


def settle(app: GuardedApp) -> None:
    """Make an app that was made ahead at home in this process: the environment is another one."""
    home, shell = os.environ["IPYTHONDIR"], app.kernel.shell
    app.ipython_dir = shell.ipython_dir = home
    app.profile_dir = ProfileDir.create_profile_dir_by_name(home)
    app.kernel.profile_dir = shell.profile_dir = app.profile_dir
    shell.init_environment()
    app.init_gui_pylab()


def _rehearsed(app: GuardedApp, channels: int, directory: Path) -> list[Range]:
    """Where a fork of this process writes with each cell; tried in a fork."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as told:
            text = told.read()
        os.waitpid(child, 0)
        return [(address, length) for address, length in json.loads(text or "[]")]
    try:
        os.write(writing, json.dumps([*joined(_rehearse(app, channels, directory))]).encode())
    finally:
        os._exit(0)


def _rehearse(app: GuardedApp, channels: int, directory: Path) -> set[int]:
    pagemap = os.open("/proc/self/pagemap", os.O_RDONLY)
    with _made(directory):
        paths = [directory / str(channel) for channel in range(channels)]
        app.sockets.renew([_listener(path).detach() for path in paths])
    app.kernel.start()
    _run(app, _CELLS, silent=False)
    if (sleeper := os.fork()) == 0:
        signal.pause()  # all pages are shared again as long as this process lives
    _run(app, _CELLS[:1], silent=False)
    pages = exclusive_pages(pagemap)
    os.kill(sleeper, signal.SIGKILL)
    return pages


def _run(app: GuardedApp, cells: Sequence[str], *, silent: bool) -> None:
    for cell in cells:
        IOLoop.current().run_sync(partial(app.kernel.do_execute, cell, silent, not silent))


@contextmanager
def _made(directory: Path) -> Iterator[None]:
    directory.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    return listener
