"""As root each kernel is a user of its own, so that limits per user do not add up."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.isolation import identity

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give each kernel a user id of its own"
)


def test_claimed_ids_are_not_given_out_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_UIDS", 8)
    taken = [identity._unused(tmp_path / "register") for _ in range(5)]
    try:
        assert len({uid for uid, _ in taken}) == 5
    finally:
        for _, claim in taken:
            os.close(claim)


def test_a_claim_ends_with_the_process_that_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "_UIDS", 1)
    register = tmp_path / "register"
    reading, writing = os.pipe()
    if (child := os.fork()) == 0:
        os.write(writing, b"%d" % (identity._unused(register)[1] >= 0))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 1) == b"1"
    _, claim = identity._unused(register)
    assert claim >= 0
    assert identity._unused(register)[1] == -1  # all in use: chance must do
    for descriptor in (claim, reading, writing):
        os.close(descriptor)


@needs_root
async def test_kernels_are_different_users_with_room_of_their_own(
    workspace: Path, unguarded: Callable[[str], str]
) -> None:
    limits = replace(Limits.quick(), processes=40)
    crowd = unguarded(
        "import os, time\n"
        "for _ in range(18):\n    if os.fork() == 0:\n        time.sleep(60); os._exit(0)\n"
    )
    async with Session(workspace, limits) as one, Session(workspace, limits) as other:
        assert (await one.execute(crowd)).status == "ok"
        assert (await other.execute(crowd)).status == "ok"
        ids = [(await session.execute("import os; os.getuid()")).value for session in (one, other)]
    assert ids[0] != ids[1]
    assert 0 not in ids


@needs_root
async def test_the_claim_is_out_of_reach_inside(workspace: Path) -> None:
    code = (
        "import os\n"
        "found = []\n"
        "for name in os.listdir('/proc/self/fd'):\n"
        "    try: found.append(os.readlink(f'/proc/self/fd/{name}'))\n"
        "    except OSError: pass\n"
        "[path for path in found if 'lock' in path]"
    )
    async with Session(workspace, Limits.quick()) as session:
        assert (await session.execute(code)).value == []
