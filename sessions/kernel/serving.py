"""From listening sockets to a kernel that serves on them; the door of the launcher."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from . import libraries, spare_files, template
from .app import CHANNELS, GuardedApp, GuardedKernel, hand_check
from .guard import stand_guard
from .hot_pages import HotPages
from .rehearsal import rehearse
from .requests import Caller, install
from .snapshots import Timeline
from .transport import Transport, send_plainly, watch_executors

__all__ = ["become_template", "rehearse", "serve"]


def serve(
    settings: Mapping[str, Any],
    sockets: Sequence[int],
    control: int | None,
    announce: Callable[[], None],
) -> NoReturn:
    """Run a kernel until it ends; `announce` is called when it can take its first cell.

    Args:
        settings: `key` (of the messages), `libraries` (package → path), `workspace`, `pagemap`
            (see `HotPages`), and `policy`, which is None for no guard; the default policy holds if
            there is none.
        sockets: Listening sockets in the order of `CHANNELS`, then the one to call the host on.
        control: Socket on which snapshots are agreed with the host, None for none.
        announce: Tells the host that the kernel is up.
    """
    *listeners, requests = sockets
    libraries.install(settings["libraries"])
    key = settings["key"].encode()
    app = _settled(listeners, key) if GuardedApp.initialized() else made(listeners, key=key)
    app.sockets.add(requests)
    app.hot_pages = HotPages(settings["pagemap"], app.cell_pages)
    install(caller := Caller(requests))
    send_plainly()
    hand_check(stand_guard(settings, app.kernel.shell.user_ns))
    spare_files.keep_back()
    if control is not None:
        watch_executors()
        Timeline(app, control, caller).run(announce)
    announce()
    app.start()
    os._exit(0)


def become_template(keep: int, directory: str) -> int:
    """Make an app ahead, in a copy of this process; see `template.become`."""
    return template.become(made, len(CHANNELS), keep, Path(directory))


def made(listeners: Sequence[int], keep: Sequence[int] = (), key: bytes = b"") -> GuardedApp:
    """A new app on listening sockets, in the order of `CHANNELS`; it serves nobody yet.

    It greets who is connected already, so it needs the key of the messages if anybody is.
    """
    ports = {f"{channel}_port": port for port, channel in enumerate(CHANNELS, 1)}
    app = GuardedApp.instance(
        kernel_class=GuardedKernel,
        outstream_class="_agent_kernel.streams.CellStream",
        transport="ipc",
        ip="/unused",
        **ports,
    )
    app.listeners = dict(enumerate(listeners, 1))
    app.key = key
    app.initialize(["--colors=NoColor", "--log-level=ERROR"])
    app.sockets = Transport(app, keep)
    return app


def _settled(listeners: Sequence[int], key: bytes) -> GuardedApp:
    """The app that this process has inherited from a template, on sockets of its own."""
    app = GuardedApp.instance()
    template.settle(app)
    app.session.key = key
    app.sockets.renew(listeners)
    return app
