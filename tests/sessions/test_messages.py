"""Messages of Jupyter's: the same as everybody else writes and reads, and nothing else is one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from jupyter_client.session import Session as TheirSession

from sessions import messages
from sessions.kernel.sizes import LARGEST_TEXT, MOST_VALUES
from sessions.messages import Letter, Post
from sessions.zmtp import Frame

KEY = b"a key"
DELIMITER = b"<IDS|MSG>"

_JSON = some.recursive(
    some.none() | some.booleans() | some.integers(-(1 << 53), 1 << 53) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)
_CONTENTS = some.dictionaries(some.text(alphabet=some.characters(exclude_categories=["Cs"])), _JSON)


def signed(*parts: bytes, identities: Sequence[bytes] = ()) -> list[Frame]:
    return [*identities, DELIMITER, TheirSession(key=KEY).sign(list(parts)), *parts]


def message(**content: Any) -> list[Frame]:
    return signed(
        b'{"msg_type": "stream"}', b'{"msg_id": "1"}', b"{}", json.dumps(content).encode()
    )


def read(frames: Sequence[Frame]) -> Letter:
    letter = Post(KEY).read(frames)
    assert letter is not None
    return letter


@given(_CONTENTS, some.lists(some.binary()))
def test_what_they_write_we_read(content: dict[str, Any], buffers: list[bytes]) -> None:
    theirs = TheirSession(key=KEY)
    sent = theirs.msg("stream", content, parent=theirs.msg("execute_request"))
    frames = theirs.serialize(sent, ident=b"stream.topic")
    letter = read([*frames, *buffers])
    assert (letter.kind, letter.parent) == ("stream", sent["parent_header"]["msg_id"])
    opened = letter.open()
    assert opened is not None
    assert opened["content"] == content
    assert list(map(bytes, opened["buffers"])) == buffers


@given(_CONTENTS, some.lists(some.binary()))
def test_what_we_write_they_read(content: Mapping[str, Any], buffers: list[bytes]) -> None:
    number, frames = Post(KEY).write("execute_request", content, buffers)
    theirs = TheirSession(key=KEY)
    _, parts = theirs.feed_identities(list(map(bytes, frames)))
    found = theirs.deserialize(parts)
    assert (found["msg_id"], found["msg_type"]) == (number, "execute_request")
    assert found["content"] == content
    assert list(map(bytes, found["buffers"])) == buffers
    assert theirs.session != found["header"]["session"]


def test_half_a_character_is_sent_as_a_question_mark() -> None:
    _, frames = Post(KEY).write("execute_request", {"code": "'\ud800'"})
    assert json.loads(bytes(frames[5])) == {"code": "'?'"}


def test_large_buffers_are_not_copied() -> None:
    buffer = bytearray(100)
    opened = read([*message(), memoryview(buffer)]).open()
    assert opened is not None
    buffer[0] = 7
    assert opened["buffers"][0][0] == 7


def test_a_kernel_without_a_key_is_not_talked_to() -> None:
    with pytest.raises(ValueError, match="key"):
        Post(b"")


def test_a_message_is_taken_once() -> None:
    post, frames = Post(KEY), message()
    assert post.read(frames) is not None
    assert post.read(frames) is None
    assert post.read(message(n=1)) is not None


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "_REMEMBERED", 3)
    post = Post(KEY)
    for number in range(10):
        assert post.read(message(n=number)) is not None
    assert len(post._seen) == 3
    assert post.read(message(n=9)) is None


@pytest.mark.parametrize(
    "frames",
    [
        [],
        [b""],
        [DELIMITER],
        message()[:5],
        message()[1:],
        [b"identity"] * 5 + message(),
        [DELIMITER, b"", *message()[2:]],
        [DELIMITER, b"0" * 64, *message()[2:]],
        [DELIMITER, b"\xff" * 64, *message()[2:]],
        [*message()[:5], b'{"other": "content"}'],
        signed(b"", b"{}", b"{}", b"{}"),
        signed(b"[]", b"{}", b"{}", b"{}"),
        signed(b"{}", b"null", b"{}", b"{}"),
        signed(b"{}", b"\xff", b"{}", b"{}"),
        signed(b"{}", b"[" * 1_000_000, b"{}", b"{}"),
        signed(b'{"a": "' + b"x" * 100_000 + b'"}', b"{}", b"{}", b"{}"),
    ],
)
def test_what_is_no_message_is_none(frames: list[Frame]) -> None:
    assert Post(KEY).read(frames) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"1",
        b"[]",
        b"{",
        b"\xff",
        b'{"a": "\xed\xa0\x80"}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        '{"a": 1}'.encode("utf-16"),
        b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}",
        b'{"a": ' + b"[" * 1_000_000,
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a": ' + b"1" * 100_000 + b"}",
        b'{"a": [' + b"[]," * MOST_VALUES + b"[]]}",
        b'{"a": "' + b"x" * LARGEST_TEXT + b'"}',
    ],
    ids=lambda content: f"{bytes(content[:20])!r} {len(content)}",
)
def test_content_that_does_harm_is_not_opened(content: bytes) -> None:
    letter = read(signed(b'{"msg_type": "stream"}', b"{}", b"{}", content))
    assert letter.open() is None
    assert letter.kind == "stream"


def test_ordinary_content_is_opened() -> None:
    for content in (
        {"text": "\U0001f600 \\ud83d"},
        {"data": {"application/json": [[[[{"a": [1.5] * 1000}]]] * 200]}},
        {"text": ", " * (1 << 19)},
    ):
        for ascii_only in (True, False):
            text = json.dumps(content, ensure_ascii=ascii_only).encode()
            opened = read(signed(b"{}", b"{}", b"{}", text)).open()
            assert opened is not None
            assert opened["content"] == content


@given(some.lists(some.binary(max_size=30), max_size=8), some.lists(some.binary(max_size=30)))
def test_frames_of_any_kind_do_no_harm(before: list[bytes], after: list[bytes]) -> None:
    assert Post(KEY).read([*before, DELIMITER, *after]) is None
    Post(KEY).read(signed(*after[:4]))
    read(signed(b"{}", b"{}", *after[:2], b"", b"")).open()
