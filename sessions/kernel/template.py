"""A kernel that is ready but for its sockets: made once, and copied by each fork of a warm parent.

```
zygote: initializes an app on sockets of no use, with threads that a fork does not copy
  └─fork── template: one thread and no sockets; forks kernels, each of which gets its own
```
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.core.profiledir import ProfileDir

if TYPE_CHECKING:
    from .app import GuardedApp


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
        listeners = [_listener(Path(directory) / str(channel)) for channel in range(channels)]
        app = make([listener.detach() for listener in listeners], [keep])
        app.session.key = secrets.token_bytes()  # nobody is to be served on these
    copy = os.fork()
    if not copy:
        app.sockets.leave()
    return copy


def settle(app: GuardedApp) -> None:
    """Make an app that was made ahead at home in this process: the environment is another one."""
    home, shell = os.environ["IPYTHONDIR"], app.kernel.shell
    app.ipython_dir = shell.ipython_dir = home
    app.profile_dir = ProfileDir.create_profile_dir_by_name(home)
    app.kernel.profile_dir = shell.profile_dir = app.profile_dir
    shell.init_environment()
    app.init_gui_pylab()


def _listener(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(1)
    return listener
