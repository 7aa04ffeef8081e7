"""Whatever comes from inside is a request, a request with a fault, or a reason to hang up."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.kernel.lines import MOST_REQUEST
from sessions.wire_format import Call, Cancel, preview, read, shown

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
NUMBERS = st.integers(min_value=0, max_value=(1 << 53) - 1)


@given(NUMBERS, st.text(), st.dictionaries(st.text(), PLAIN), st.booleans())
def test_a_request_is_read_as_it_was_written(
    number: int, name: str, arguments: dict[str, Any], as_ascii: bool
) -> None:
    message = {"id": number, "call": name, "arguments": arguments}
    call = read(json.dumps(message, ensure_ascii=as_ascii).encode())
    assert call == Call(id=number, name=name, arguments=arguments)


@given(NUMBERS)
def test_a_cancel_is_read(number: int) -> None:
    assert read(json.dumps({"id": number, "cancel": True}).encode()) == Cancel(id=number)


@given(st.binary() | PLAIN.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_a_reason_to_hang_up_and_nothing_worse(line: bytes) -> None:
    with suppress(ValueError):
        assert isinstance(read(line), Call | Cancel)


@given(NUMBERS, st.dictionaries(st.sampled_from(["call", "arguments", "cancel", "x"]), PLAIN))
def test_a_request_with_a_fault_carries_nothing(number: int, message: dict[str, Any]) -> None:
    found = read(json.dumps({**message, "id": number}).encode())
    assert found.id == number
    assert (
        isinstance(found, Cancel) or not found.fault or found == Call(id=number, fault=found.fault)
    )


@given(PLAIN)
def test_what_is_shown_is_printable_and_says_it_all(value: Any) -> None:
    assert shown(value).isascii()
    assert shown(value).isprintable()
    assert json.loads(shown(value)) == value
    assert len(preview(value)) <= 200
    assert preview(value).isprintable()


@pytest.mark.parametrize(
    "part", [b"1,", b"[],", b'"",', b'"\xc3\xa9",', b"{},", b'"\\ud83d\\ude00",', b"1e9,"]
)
def test_the_worst_request_is_read_in_no_time(part: bytes) -> None:
    head, tail = b'{"id": 1, "call": "x", "arguments": {"a": [', b"0]}}"
    line = head + part * ((MOST_REQUEST - 50) // len(part)) + tail
    began = time.thread_time()
    for _ in range(5):
        assert read(line).id == 1
    assert (time.thread_time() - began) / 5 < 0.1
