"""Each identity is what it says, and reads what it must."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.identities import (
    WITHOUT_NAMESPACES,
    Identity,
    ordinary_uid,
    possible,
    python,
    run,
)

_PROGRAM = """
import ctypes, os, pathlib, sys
own = pathlib.Path(sys.argv[1])
(own / "made").write_text("x")
libc = ctypes.CDLL(None, use_errno=True)
uid = os.getuid()
made = libc.unshare(0x10000000 | 0x20000) == 0
if made:
    pathlib.Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
mounted = libc.mount(b"tmpfs", str(own).encode(), b"tmpfs", 0, None) == 0
import pandas, sessions  # last: they bring threads, which are in the way of `unshare`
print(uid, made, mounted, pathlib.Path(sys.argv[2]).exists())
"""


@pytest.mark.parametrize("identity", possible())
def test_who_one_is_and_what_one_may(identity: Identity, tmp_path: Path) -> None:
    own, secret = tmp_path / "own", tmp_path / "secret"
    own.mkdir()
    secret.touch()
    ran = run(identity, python("-c", _PROGRAM, str(own), str(secret)), own=[own])
    assert ran.returncode == 0, ran.stderr
    uid, made, mounted, seen = ran.stdout.split()
    assert int(uid) == (0 if identity is Identity.ROOT else ordinary_uid())
    assert (made == "True") == (identity not in WITHOUT_NAMESPACES[:2])
    assert (mounted == "True") == (identity not in WITHOUT_NAMESPACES)
    assert (own / "made").stat().st_uid == int(uid)
    if os.geteuid() == 0 and identity is not Identity.ROOT:
        assert seen == "False"
    assert not os.path.ismount(own)


def test_no_setting_of_the_host_is_changed(tmp_path: Path) -> None:
    setting = Path("/proc/sys/user/max_user_namespaces")
    before = setting.read_text()
    run(Identity.NO_NAMESPACES, ["true"], own=[tmp_path])
    assert setting.read_text() == before
