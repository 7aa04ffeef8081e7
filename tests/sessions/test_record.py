"""What a kernel says is checked before it is believed: a cell can forge its kernel's messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import Session
from sessions.overflow import Overflow
from sessions.record import Record

_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_CONTENT = st.dictionaries(
    st.sampled_from(["name", "text", "data", "status", "agent", "ename", "traceback", "transient"]),
    _ANYTHING | st.dictionaries(st.sampled_from(["value", "limit", "names", "x"]), _ANYTHING),
)
_KINDS = st.sampled_from(
    ["stream", "display_data", "execute_result", "update_display_data", "error", "execute_reply"]
)


def _record() -> Record:
    return Record(index=0, layers=(), text=lambda _: Overflow(100, Path("/nowhere/x")))


@given(st.lists(st.tuples(_KINDS, _CONTENT), max_size=5))
def test_no_message_breaks_the_record(messages: list[tuple[str, dict[str, Any]]]) -> None:
    record = _record()
    for kind, content in messages:
        record.take({"msg_type": kind, "content": content})
    execution = record.finish()
    assert execution.status in ("ok", "error", "refused")
    json.dumps(execution.to_json())


_FORGERIES = [
    "session.send(pub, 'stream', {}, parent=parent)",
    "session.send(pub, 'display_data', {'data': 7}, parent=parent)",
    "session.send(pub, 'execute_reply', {'agent': {'limit': 'x', 'names': 3}}, parent=parent)",
    "session.send(pub, 'status', {'execution_state': {}}, parent=parent)",
    "pub.send_multipart([b'nonsense'])",
    "pub.send_multipart([b'<IDS|MSG>', b'bad signature', b'{}', b'{}', b'{}', b'{}'])",
]


@pytest.mark.parametrize("forgery", _FORGERIES)
async def test_forged_messages_do_no_harm(session: Session, forgery: str) -> None:
    code = (
        "kernel = get_ipython().kernel\n"
        "session, pub, parent = kernel.session, kernel.iopub_socket, kernel.get_parent()\n"
        f"{forgery}\n'genuine'"
    )
    assert (await session.execute(code)).value == "genuine"
    assert (await session.execute("1 + 1")).value == 2


async def test_a_reply_forged_early_costs_only_the_cell_that_forged_it(
    session: Session, unguarded: Callable[[str], str]
) -> None:
    code = (
        "kernel = get_ipython().kernel\n"
        "parent = kernel.get_parent()\n"
        "kernel.session.send(kernel.shell_stream, 'execute_reply', {'status': 'ok'}, parent,\n"
        "                    ident=kernel._get_shell_context_var(kernel._shell_parent_ident))\n"
        "kernel.session.send(kernel.iopub_socket, 'status', {'execution_state': 'idle'}, parent)\n"
        "import time; time.sleep(0.5)"
    )
    await session.execute(code)
    assert (await session.execute("6 * 7")).value == 42
