"""The synthesiser's own process: a problem in, findings out, as JSON over pipes.

Started as `python -I worker.py`, so that neither the workspace nor the environment can say what is
imported.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from pathlib import Path

_MEMORY = 512 << 20
_PATIENCE = 3  # times the seconds asked for, as in the search
_SPARE_SECONDS = 3


def limit(seconds: float) -> None:
    """Give up what a search doesn't need: time, memory, files and other processes."""
    whole = int(seconds * _PATIENCE) + _SPARE_SECONDS
    ceilings = {
        resource.RLIMIT_CPU: whole,
        resource.RLIMIT_AS: _MEMORY,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, ceiling in ceilings.items():
        resource.setrlimit(kind, (ceiling, ceiling))


def answer(request: str) -> Iterator[str]:
    """The findings for a problem, both as JSON, better ones after the first."""
    from agent.offline.synthesis import messages, search

    problem = messages.read_problem(request)
    yield from map(messages.write_findings, search.findings(problem))


def main() -> None:
    """Serve one request."""
    limit(float(sys.argv[1]))
    sys.path.append(str(Path(__file__).resolve().parents[3]))
    for line in answer(sys.stdin.read()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
