"""A state is known from its first process on, and followed to the one that it is handed to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sessions.snapshots import Snapshots

_GIB = 1 << 30
_HOLDER = """
import os, socket, sys
wire = socket.socket(fileno=int(sys.argv[1]))
wire.send(b'{"cells": 3}')
print("said", flush=True)
sys.stdin.readline()
heard, told = os.pipe()
if os.fork() == 0:
    wire.send(sys.argv[2].encode())
    os.close(told)
    wire.recv(1)
    os._exit(0)
os.close(told)
os.read(heard, 1)
"""
_SAME = '{"cells": 3}'


class Holder:
    """A process that holds a state, and hands it on when it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def hand_on(self) -> None:
        """Hand the state on; returns when this process is gone."""
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        assert self._process.wait(10) == 0

    def kill(self) -> None:
        """End it before it does."""
        self._process.kill()
        self._process.wait(10)


@contextmanager
def _holder(snapshots: Snapshots, *, second: str = _SAME) -> Iterator[Holder]:
    _, (wire, *_), *_ = socket.recv_fds(snapshots.inside, 64, 1)
    command = [sys.executable, "-c", _HOLDER, str(wire), second]
    with subprocess.Popen(
        command,
        pass_fds=[wire],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        os.close(wire)
        assert process.stdout is not None
        assert process.stdout.readline() == "said\n"
        yield Holder(process)
        process.kill()


@pytest.fixture
def snapshots() -> Iterator[Snapshots]:
    found = Snapshots(_GIB)
    yield found
    found.close()


def test_it_is_kept_before_and_after(snapshots: Snapshots) -> None:
    with _holder(snapshots) as holder:
        assert snapshots.states() == [3]
        assert list(snapshots.spared()) == [holder.pid]
        holder.hand_on()
        assert snapshots.has(3)  # though nobody has looked yet
        assert snapshots.states() == [3]
        assert holder.pid not in snapshots.spared()
        assert len(snapshots.spared()) == 1


def test_it_is_found_though_it_was_handed_on_before_anybody_looked(snapshots: Snapshots) -> None:
    with _holder(snapshots) as holder:
        holder.hand_on()
        assert snapshots.states() == [3]
        assert list(snapshots.spared()) != [holder.pid]


@pytest.mark.parametrize(
    ("second", "end"),
    [(_SAME, Holder.kill), ("{", Holder.hand_on), ('{"cells": -1}', Holder.hand_on)],
)
def test_one_that_never_arrives_is_not_kept(
    snapshots: Snapshots, second: str, end: Callable[[Holder], None]
) -> None:
    with _holder(snapshots, second=second) as holder:
        assert snapshots.states() == [3]
        end(holder)
        assert snapshots.states() == []


def test_what_it_is_handed_to_can_name_no_other_state(snapshots: Snapshots) -> None:
    with _holder(snapshots, second='{"cells": 2}') as holder:
        assert snapshots.states() == [3]
        holder.hand_on()
        assert snapshots.states() == [3]
        assert not snapshots.has(2)
