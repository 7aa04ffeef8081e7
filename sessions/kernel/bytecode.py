"""What compiled code would import: the second look at code that came as text."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import CodeType


def imports(code: CodeType, roots: frozenset[str]) -> Iterator[str]:
    """Dotted names that code imports, its functions included.

    Args:
        code: What a cell is about to run.
        roots: First parts of the names that matter; code without them is not looked at closely.
    """
    waiting = [code]
    while waiting:
        code = waiting.pop()
        waiting += [constant for constant in code.co_consts if isinstance(constant, CodeType)]
        if any(name.partition(".")[0] in roots for name in code.co_names):
            yield from _imported(code)


def _imported(code: CodeType) -> Iterator[str]:
    before: tuple[object, object] = (None, None)  # level, names: pushed right before the import
    for instruction in dis.get_instructions(code):
        if instruction.opname == "IMPORT_NAME" and not before[0]:
            yield instruction.argval
            if isinstance(before[1], tuple):
                yield from (f"{instruction.argval}.{name}" for name in before[1])
        before = (before[1], instruction.argval)
