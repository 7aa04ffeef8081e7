"""How messages of the kernel become bytes: whatever text a cell made, its message leaves."""

from __future__ import annotations

import json
from typing import Any

from jupyter_client.jsonutil import json_clean, json_default
from jupyter_client.session import json_packer


def pack(content: Any) -> bytes:
    """JSON in UTF-8, with a question mark for each half of a character.

    Without it a message with a lone surrogate, such as the name of a file that is no UTF-8, is lost
    here or by its reader, and the host waits for it until the time is up.
    """
    try:
        packed = json_packer(content)
        packed.decode()
    except UnicodeError:
        text = json.dumps(
            json_clean(content), default=json_default, ensure_ascii=False, allow_nan=False
        )
        return text.encode(errors="replace")
    return packed
