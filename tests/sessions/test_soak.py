"""Hours in minutes: many cells, some of which crash, hang or flood; in the end nothing is left."""

from __future__ import annotations

import os
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sessions import Limits, Session
from sessions.usage import usage

_SECONDS = float(os.environ.get("SOAK_SECONDS", "600"))

_GOOD = ["1 + 1", "print('x' * 1000)", "import math; math.pi", "display({'a': 1})", "n = 3; n * n"]
_BAD = [
    "import os; os._exit(7)",
    "import os; os.kill(os.getpid(), 9)",
    "import os; os.kill(os.getpid(), 11)",
    "while True: pass",
    "import time; time.sleep(100)",
    "sum(range(10**15))",
    "for n in range(200_000): print('flood', n)",
    "bytearray(8 << 30)",
    "import threading, time\n"
    "for _ in range(500): threading.Thread(target=time.sleep, args=(9,)).start()",
    "import multiprocessing, time\nmultiprocessing.Process(target=time.sleep, args=(99,)).start()",
]


@pytest.mark.soak
@pytest.mark.timeout(_SECONDS + 120)
async def test_nothing_piles_up(tmp_path: Path) -> None:
    chance = random.Random(0)
    process = psutil.Process()
    before = _sockets_directories()
    end = time.monotonic() + _SECONDS
    cells, memory = 0, 0
    async with Session(tmp_path, replace(Limits.quick(), wall=1)) as session:
        while time.monotonic() < end:
            bad = chance.random() < 0.05
            execution = await session.execute(chance.choice(_BAD if bad else _GOOD))
            assert bad or execution.status == "ok", execution
            cells += 1
            if cells == 200:
                memory = process.memory_info().rss
                descriptors = process.num_fds()
        assert (await session.execute("6 * 7")).value == 42
        if cells > 400:
            assert process.memory_info().rss < memory + (64 << 20)
            assert process.num_fds() <= descriptors + 8
    assert usage(os.getpid()).tasks == 0
    assert _sockets_directories() <= before


def _sockets_directories() -> set[str]:
    parent = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return {path.name for path in Path(parent).glob("agent-*") if path.stat().st_uid == os.getuid()}
