"""An attempt to get out, as a table row."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass

_TARGET = re.compile(r"@([a-z_]+)@")
_NEXT_CELL = re.compile(r"^# %%.*\n", re.MULTILINE)

RESTART = "restart"
"""What a cell's code may be instead: the kernel is replaced."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One variant of a known way out.

    Attributes:
        kind: The class of escapes that it is of.
        name: What tells it from the others of its class.
        code: Cells, separated by lines that begin with `# %%`; `# %% restart` replaces the kernel
            before the next one. What it aims at is written `@name@`, see `Outside.targets`.
        harmless_because: Why it does no harm even where nothing holds it, or can't be let loose
            there; None if it does harm.
        pulled: Names of variables that the host then asks for.
        spoils: Whether the kernel is of no use to the next case.
    """

    kind: str
    name: str
    code: str
    harmless_because: str | None = None
    pulled: tuple[str, ...] = ()
    spoils: bool = False

    @property
    def id(self) -> str:
        """How tests name it."""
        return f"{self.kind}-{self.name}".replace(" ", "_")

    def cells(self, targets: Mapping[str, object]) -> list[str]:
        """The code aimed at targets, cell by cell; `RESTART` where the kernel is to be replaced."""
        aimed = aim(self.code, targets)
        found = []
        marks = [m[0].removeprefix("# %%").strip() for m in _NEXT_CELL.finditer(aimed)]
        for mark, cell in zip(["", *marks], _NEXT_CELL.split(aimed), strict=True):
            found += [RESTART] if mark == RESTART else []
            found += [cell] if cell.strip() else []
        return found


def aim(code: str, targets: Mapping[str, object]) -> str:
    """Replace every `@name@` by what it stands for."""
    while _TARGET.search(code):
        code = _TARGET.sub(lambda found: str(targets[found[1]]), code)
    return code


def attacks(
    kind: str,
    variants: Mapping[str, str],
    *,
    after: str = "",
    harmless_because: str | None = None,
    spoils: bool = False,
    pulled: tuple[str, ...] = (),
) -> list[Case]:
    """Rows of one class.

    Args:
        kind: The class.
        variants: Name → code.
        after: Code that ends each of them.
        harmless_because: As of `Case`.
        spoils: As of `Case`.
        pulled: As of `Case`.
    """
    return [
        Case(
            kind=kind,
            name=name,
            code=textwrap.dedent(code).strip("\n") + "\n" + textwrap.dedent(after),
            harmless_because=harmless_because,
            spoils=spoils,
            pulled=pulled,
        )
        for name, code in variants.items()
    ]


def raw_calls(
    kind: str, variants: Mapping[str, str], *, harmless_because: str | None = None
) -> list[Case]:
    """Rows of one class, whose code makes system calls by number."""
    found = {name: f"@system_calls@\n{code.strip()}" for name, code in variants.items()}
    return attacks(kind, found, harmless_because=harmless_because)
