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


KINDS = {case.kind: [other for other in CASES if other.kind == case.kind] for case in CASES}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["guarded", "unguarded"])
def test_no_harm(arena: Arena, name: str, kind: str) -> None:
    kernel, told = arena.kernels[name], ""
    for case in KINDS[kind]:
        told += f"\n\n{case.id}\n{arena.attack(name, case)}"
        if case.spoils:
            _renew(kernel)
        elif case.harmless_because:  # what does no other harm might still confuse the session
            assert kernel.execute("6 * 7").value == 42, told
    assert arena.harm(told, name) == [], told
    assert kernel.execute("6 * 7").value == 42, told


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
