"""Every error this project raises on purpose, in one tree.

```
AgentError                  exit code 1
├── UsageError              2   the person asked for something that can't be meant
├── NeedsInputError         3   a question or approval, and nobody could be asked
├── RefusedError            4   policy, budget or validation said no
│   ├── IsolationError      4   this machine can't isolate model-written code
│   └── BudgetError         4   a limit on money, tokens or requests
├── KernelError             1   the kernel did not start, or died and did not come back
├── PackageError            1   a package could not be installed
├── PageError               1   a page of the web could not be fetched or read
└── ModelError              1   no model could be reached, or it answered nonsense
```

A message says what happened, to what, and what to do. `exit_code` is what the command line exits
with (`interface.md`); doors print the message alone, never a traceback.
"""

from __future__ import annotations

from typing import ClassVar


class AgentError(Exception):
    """Base of every error of ours; `str(error)` is one line for the person."""

    exit_code: ClassVar[int] = 1


class UsageError(AgentError):
    """Bad input: an empty task, a missing file, an unknown tier or model."""

    exit_code = 2


class NeedsInputError(AgentError):
    """A question or an approval was needed and nobody could be asked."""

    exit_code = 3


class RefusedError(AgentError):
    """Policy, budget or validation said no."""

    exit_code = 4


class IsolationError(RefusedError):
    """A required isolation layer could not be put up, so nothing was run."""


class BudgetError(RefusedError):
    """A limit on money, tokens or requests was reached."""


class KernelError(AgentError):
    """The kernel did not start, or died and could not be brought back."""


class PackageError(AgentError):
    """A package could not be installed: not found, out of reach, in conflict, or too large."""


class PageError(AgentError):
    """A page of the web could not be fetched: not reached, too large, or not to be read."""


class ModelError(AgentError):
    """No model could be reached, or none gave a usable answer."""
