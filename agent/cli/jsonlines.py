"""JSON lines on stdout, for programs that read us."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any


def emit(value: Any) -> None:
    """Print one object as one line, at once."""
    sys.stdout.write(dumps(value) + "\n")
    sys.stdout.flush()


def dumps(value: Any) -> str:
    """One line of strict JSON: NaN and infinities are null, foreign objects their text."""
    return json.dumps(plain(value), allow_nan=False)


def plain(value: Any) -> Any:
    """The nearest JSON value to any Python value."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return _text(value)


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # a foreign object may break even here
        return f"<{type(value).__name__}>"
