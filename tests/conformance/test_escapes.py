"""Every known way out, on every engine, with the guard and without: no harm may come of it."""

from __future__ import annotations

import time

import pytest

from tests.conformance.conftest import Arena
from tests.conformance.escapes import (
    files,
    floods,
    ipython,
    language,
    machine,
    magics,
    processes,
    run_time,
)
from tests.conformance.escapes.case import Case
from tests.support.driver_handle import Refused, RemoteSession

CASES: list[Case] = [
    *language.CASES,
    *run_time.CASES,
    *magics.CASES,
    *ipython.CASES,
    *files.CASES,
    *processes.CASES,
    *machine.CASES,
    *floods.CASES,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("name", ["guarded", "unguarded"])
def test_no_harm(arena: Arena, name: str, case: Case) -> None:
    told = arena.attack(name, case)
    assert arena.harm(told, name) == [], told
    if case.spoils:
        _renew(arena.kernels[name])
    if case.harmless_because:  # what would do no other harm might still confuse the session
        assert arena.kernels[name].execute("6 * 7").value == 42, told


def _renew(kernel: RemoteSession) -> None:
    """Replace a kernel; descriptors on their way count for the whole user until they are gone."""
    end = time.monotonic() + 5
    while True:
        try:
            return kernel.restart()
        except Refused:
            if time.monotonic() > end:
                raise
        time.sleep(0.1)
