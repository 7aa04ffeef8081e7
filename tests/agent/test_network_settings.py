"""Who may say which hosts pages are fetched from."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import Settings
from sessions.errors import UsageError
from tests.support.own_settings import user_says, workspace_says


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_a_workspace_may_narrow_the_network(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (Settings.load(workspace).network, Settings.load(workspace).allow_hosts) == ("ask", ())
    user_says('network = "allow"\nallow_hosts = ["*.example.org", "Example.com"]')
    workspace_says(workspace, 'network = "ask"\nallow_hosts = ["a.example.org"]')
    loaded = Settings.load(workspace)
    assert (loaded.network, loaded.allow_hosts) == ("ask", ("a.example.org",))
    workspace_says(workspace, 'network = "off"\nallow_hosts = ["a.example.org", "example.org"]')
    loaded = Settings.load(workspace)
    assert (loaded.network, loaded.allow_hosts) == ("off", ("*.example.org", "example.com"))
    assert "allow_hosts" in loaded.notes[0]
    monkeypatch.setenv("AGENT_ALLOW_HOSTS", "a.example, *.b.example")
    assert Settings.load(workspace).allow_hosts == ("a.example", "*.b.example")
    monkeypatch.setenv("AGENT_NETWORK", "on")
    with pytest.raises(UsageError, match="choose one of off, ask, allow"):
        Settings.load(workspace)
