"""Connection files: what is read is what a front end meant, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sessions.connection import CHANNELS, Connection
from sessions.errors import UsageError

FIELDS: dict[str, Any] = {
    **{f"{name}_port": port for port, name in enumerate((*CHANNELS, "hb"), 1)},
    "transport": "ipc",
    "ip": "/run/kernel",
    "key": "k",
    "signature_scheme": "hmac-sha256",
}


def _read(folder: Path, text: str) -> Connection:
    file = folder / "connection.json"
    file.write_text(text)
    return Connection.read(file)


def test_addresses_are_those_of_jupyter(tmp_path: Path) -> None:
    ipc = _read(tmp_path, json.dumps(FIELDS))
    assert ipc.path("iopub") == Path("/run/kernel-2")
    assert ipc.url("hb") == "ipc:///run/kernel-5"
    tcp = _read(tmp_path, json.dumps({**FIELDS, "transport": "tcp", "ip": "127.0.0.1"}))
    assert tcp.url("hb") == "tcp://127.0.0.1:5"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        *(
            json.dumps({**FIELDS, **change})
            for change in (
                {"transport": "udp"},
                {"shell_port": 0},
                {"hb_port": "5"},
                {"signature_scheme": "hmac-md5"},
            )
        ),
    ],
)
def test_anything_else_is_refused_in_words(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"connection\.json can't be used"):
        _read(tmp_path, text)
