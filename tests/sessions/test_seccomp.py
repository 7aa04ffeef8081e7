"""The filter program, run by a small interpreter of its instructions."""

from __future__ import annotations

import json
import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.isolation.seccomp import (
    Rule,
    assemble,
    rules,
    without_descriptors,
    without_namespaces,
)

_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_X86_64 = 0xC000003E
_MASK = 0xFFFFFFFF


def _verdict(
    number: int, *arguments: int, architecture: int = _X86_64, more: list[Rule] | None = None
) -> int:
    """What the program answers to a system call."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, architecture, 0, *(a & (2**64 - 1) for a in padded))
    program = list(struct.iter_unpack("HBBI", assemble([*rules(), *(more or [])])))
    position = accumulator = 0
    while True:
        code, when_true, when_false, value = program[position]
        position += 1
        if code == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == 0x54:
            accumulator &= value
        elif code == 0x06:
            return int(value)
        else:
            test = {0x15: accumulator == value, 0x35: accumulator >= value}
            test[0x45] = bool(accumulator & value)
            position += when_true if test[code] else when_false


_PRCTL, _SETPRIORITY, _IOPRIO_SET = 157, 141, 251
_READ, _WRITE, _CLONE, _CHMOD, _OPENAT, _SENDTO, _SOCKETPAIR = 0, 1, 56, 90, 257, 44, 53


@pytest.mark.parametrize("number", [41, 42, 49, 50, 101, 165, 272, 321, 425, 434])
def test_calls_that_open_the_machine_get_an_error(number: int) -> None:
    assert _verdict(number) == _ERRNO | 1


@pytest.mark.parametrize("number", [435, 437, 319, 452])
def test_calls_with_hidden_arguments_do_not_exist(number: int) -> None:
    assert _verdict(number) == _ERRNO | 38


def test_arguments_decide_where_they_must() -> None:
    assert _verdict(_CLONE, 0x01200011) == _ALLOW
    assert _verdict(_CLONE, 0x10000000) == _ERRNO | 1
    assert _verdict(_CHMOD, 0, 0o755) == _ALLOW
    assert _verdict(_CHMOD, 0, 0o4755) == _ERRNO | 1
    assert _verdict(_OPENAT, 0, 0, 0o100, 0o2644) == _ERRNO | 1
    assert _verdict(_SENDTO, 3, 0, 0, 0, 0) == _ALLOW
    assert _verdict(_SENDTO, 3, 0, 0, 0, 0x7FFF_1234) == _ERRNO | 1
    assert _verdict(_SENDTO, 3, 0, 0, 0, 0x7FFF_0000_0000) == _ERRNO | 1
    assert _verdict(_SOCKETPAIR, 1, 1 | 0o2000000) == _ALLOW
    assert _verdict(_SOCKETPAIR, 1, 2) == _ERRNO | 1
    assert _verdict(_SOCKETPAIR, 2, 1) == _ERRNO | 97


def test_the_share_of_others_stays_as_it_is() -> None:
    assert _verdict(_PRCTL, 1, 9) == _ERRNO | 1
    assert _verdict(_PRCTL, 15, 9) == _ALLOW
    for number in (142, 144, 203, 314):
        assert _verdict(number, 0) == _ALLOW
        assert _verdict(number, 77) == _ERRNO  # looks done
    assert _verdict(_SETPRIORITY, 0, 0, 5) == _ALLOW
    assert _verdict(_SETPRIORITY, 0, 77, 5) == _verdict(_SETPRIORITY, 2, 0, 5) == _ERRNO | 1
    assert _verdict(_IOPRIO_SET, 1, 0) == _ALLOW
    assert _verdict(_IOPRIO_SET, 1, 77) == _verdict(_IOPRIO_SET, 3, 0) == _ERRNO | 1


@pytest.mark.parametrize("number", [90, 91, 268, 92, 93, 94, 260, 132, 235, 261, 280])
def test_without_namespaces_metadata_only_seems_to_change(number: int) -> None:
    assert _verdict(number, 0, 0o755, more=without_namespaces()) == _ERRNO


@pytest.mark.parametrize("number", [188, 189, 190, 197, 198, 199, 463, 466, 469])
def test_without_namespaces_attributes_are_not_supported(number: int) -> None:
    assert _verdict(number, more=without_namespaces()) == _ERRNO | 95


def test_calls_can_wait_for_an_answer() -> None:
    assert _verdict(_OPENAT, more=[Rule(call=_OPENAT, waits=True)]) == 0x7FC00000


def test_another_architecture_is_killed() -> None:
    assert _verdict(_READ, architecture=0x40000003) == _KILL
    assert _verdict(_READ | 0x40000000) == _KILL


@given(st.integers(0, 600), st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
def test_every_call_gets_one_of_three_answers(number: int, arguments: list[int]) -> None:
    verdict = _verdict(number, *arguments)
    assert verdict in (_ALLOW, _KILL) or verdict & 0xFFFF0000 == _ERRNO


@given(st.lists(st.integers(0, 2**64 - 1), min_size=6, max_size=6))
def test_reading_and_writing_are_always_allowed(arguments: list[int]) -> None:
    assert _verdict(_READ, *arguments) == _verdict(_WRITE, *arguments) == _ALLOW


_SENDER = """
import array, json, os, socket
from sessions.isolation.seccomp import restrict, rules, without_descriptors
ours, theirs = socket.socketpair()
restrict([*rules(), *without_descriptors()])
def outcome(send, *arguments):
    try: return send(*arguments)
    except OSError as error: return type(error).__name__
rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))]
told = {
    "rights": outcome(ours.sendmsg, [b"x"], rights),
    "message": outcome(ours.sendmsg, [b"x"]),
    "plain": outcome(ours.send, b"plain"),
    "written": outcome(os.write, ours.fileno(), b"written"),
}
theirs.setblocking(False)
print(json.dumps({**told, "arrived": theirs.recv(99).decode()}))
"""


def test_a_process_that_may_pass_no_descriptor_on_still_sends_bytes() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _SENDER], capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout) == {
        "rights": "PermissionError",
        "message": "PermissionError",
        "plain": 5,
        "written": 7,
        "arrived": "plainwritten",
    }


def test_descriptors_travel_until_the_kernel_has_handed_over_its_own() -> None:
    sendmsg, sendmmsg = 46, 307
    assert _verdict(sendmsg) == _ALLOW
    assert _verdict(sendmsg, more=without_descriptors()) == _ERRNO | 1
    assert _verdict(sendmmsg) == _ERRNO | 1
