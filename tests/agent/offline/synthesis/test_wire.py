"""No type is lost between the processes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.offline.synthesis.wire import decode, encode
from agent.validation.comparison import same
from sessions.errors import UsageError

atoms = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
)
keys = st.integers() | st.text() | st.tuples(st.integers(), st.text())
plain = st.recursive(
    atoms,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(keys, inner)
        | st.sets(st.integers())
        | st.frozensets(st.text())
    ),
    max_leaves=12,
)


@given(plain)
def test_round_trip(value: Any) -> None:
    assert same(decode(json.loads(json.dumps(encode(value)))), value)


def test_other_types_are_refused() -> None:
    with pytest.raises(UsageError, match="complex"):
        encode(1j)
