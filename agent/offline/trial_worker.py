"""The process in which found functions are tried: a task in, an answer out, over pipes.

Started as `python -I trial_worker.py TASK`, so that neither the workspace nor the environment can
say what is imported.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

_INSIDE = Path(__file__).resolve().parents[1] / "validation" / "running" / "inside.py"
_LIMITS = {
    resource.RLIMIT_CPU: 8,
    resource.RLIMIT_AS: 512 << 20,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NPROC: 0,
    resource.RLIMIT_CORE: 0,
}


def main() -> None:
    """Answer one task, as a kernel would."""
    for kind, ceiling in _LIMITS.items():
        resource.setrlimit(kind, (ceiling, ceiling))
    space: dict[str, Any] = {"__name__": "agent_gate"}
    exec(compile(_INSIDE.read_bytes(), str(_INSIDE), "exec"), space)
    sys.stdout.write(space[sys.argv[1]](sys.stdin.read()))


if __name__ == "__main__":
    main()
