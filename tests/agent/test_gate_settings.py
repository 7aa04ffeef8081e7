"""Which gates block, and which models sub-agents have: the person's to choose."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.settings import Settings
from sessions.errors import UsageError
from tests.support.own_settings import user_says, workspace_says


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_which_gates_block_is_the_persons_to_loosen_and_anyones_to_tighten(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = Settings().blocking
    assert {"tests", "types", "security"} < usual
    assert "mutation" not in usual
    user_says('[gates]\nadvise = ["types", "lint"]\nseconds = 9')
    workspace_says(workspace, '[gates]\nadvise = ["security"]\nblock = ["mutation", "lint"]')
    loaded = Settings.load(workspace)
    assert loaded.blocking == (usual - {"types"}) | {"mutation"}
    assert loaded.gates_seconds == 9.0
    assert [note.partition(" is ignored")[0] for note in loaded.notes] == [
        f"{workspace / 'agent.toml'}: gates_advise = ('security',)"
    ]
    monkeypatch.setenv("AGENT_GATES_ADVISE", "properties,performance")
    assert "properties" not in Settings.load(workspace).blocking
    assert "types" not in Settings.load(workspace, gates_advise=["types"]).blocking


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[gates]\nadvise = ["policy", "types"]', "policy always blocks"),
        ('[gates]\nadvise = ["typos"]', "there is no gate 'typos': choose from dangers"),
        ('[gates]\nblock = ["typos"]', "there is no gate 'typos'"),
        ("[gates]\nseconds = 0.1", "it must be at least 1"),
        ('[gates]\nadvize = ["types"]', "did you mean 'gates_advise'"),
        ("gates = 3", "there is no setting 'gates'"),
    ],
)
def test_gates_that_can_not_be_chosen(workspace: Path, text: str, says: str) -> None:
    user_says(text)
    with pytest.raises(UsageError, match=says):
        Settings.load(workspace)


def test_what_the_others_rely_on_blocks_whatever_is_chosen() -> None:
    assert {"syntax", "evidence", "policy"} <= Settings(gates_advise=("policy",)).blocking


def test_sub_agents_may_have_models_of_their_own(workspace: Path) -> None:
    user_says('[models]\nfast = "groq:small"\nstrong = "openai:large"')
    loaded = Settings.load(workspace)
    assert (loaded.models_fast, loaded.models_strong) == ("groq:small", "openai:large")
