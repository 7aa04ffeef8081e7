"""Where nothing holds them the attacks do harm: what the escape suite passes is worth something."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.conformance.conftest import Arena
from tests.conformance.engines import OPEN
from tests.conformance.escapes.case import Case
from tests.conformance.test_escapes import CASES

_HARMFUL = [case for case in CASES if case.harmless_because is None]


@pytest.fixture(scope="session")
def open_arena() -> Iterator[Arena]:
    with closing(Arena(OPEN, isolated=False)) as opened:
        yield opened


@pytest.mark.parametrize("case", _HARMFUL, ids=lambda case: case.id)
def test_an_attack_does_harm_without_walls(open_arena: Arena, case: Case) -> None:
    told = open_arena.attack("unguarded", case)
    assert open_arena.harm(told, "unguarded") != [], told
    if case.spoils:
        open_arena.kernels["unguarded"].restart()
