"""Settings: who may choose what, and that a workspace can only tighten."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.settings import _RULES, CLAUDE, Settings, user_file
from sessions.errors import UsageError
from tests.support.own_settings import user_says, workspace_says

ORDER: dict[str, list[str]] = {
    "approval": ["review", "automatic"],
    "tier": ["quick", "standard", "heavy"],
    "isolation": ["required", "off"],
}


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in list(os.environ):
        if name.startswith("AGENT_") or name.endswith("_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    path = tmp_path / "work"
    path.mkdir()
    return path


def test_without_a_key_the_model_is_offline(workspace: Path) -> None:
    assert Settings.load(workspace) == Settings()
    assert Settings().model == "offline"
    assert Settings().approval == "review"


def test_a_key_chooses_claude(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "x")
    assert Settings.load(workspace).model == CLAUDE


def test_an_empty_key_is_no_key(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "")
    assert Settings.load(workspace).model == "offline"


def test_each_layer_outranks_the_one_below(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_says('tier = "heavy"\nbudget_usd = 3\n')
    assert Settings.load(workspace).tier == "heavy"
    workspace_says(workspace, 'tier = "standard"')
    assert Settings.load(workspace).tier == "standard"
    monkeypatch.setenv("AGENT_TIER", "heavy")
    assert Settings.load(workspace).tier == "heavy"
    loaded = Settings.load(workspace, tier="quick", model=None)
    assert (loaded.tier, loaded.budget_usd, loaded.model) == ("quick", 3.0, "offline")


def test_environment_numbers_are_numbers(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_BUDGET_USD", "0.25")
    monkeypatch.setenv("AGENT_MAX_REQUESTS", "3")
    loaded = Settings.load(workspace)
    assert (loaded.budget_usd, loaded.max_requests) == (0.25, 3)


def test_every_field_has_a_rule_but_those_that_no_file_may_set() -> None:
    names = {field.name for field in dataclasses.fields(Settings)}
    assert names - set(_RULES) == {"answers", "notes"}


def test_answers_come_from_options_alone(workspace: Path) -> None:
    assert Settings.load(workspace, answers=["a", "b"]).answers == ("a", "b")
    assert Settings.load(workspace, answers="yes").answers == ("yes",)
    workspace_says(workspace, 'answers = ["yes"]')
    with pytest.raises(UsageError, match="no setting 'answers'"):
        Settings.load(workspace)


@pytest.mark.parametrize(
    "line",
    [
        'isolation = "off"',
        'approval = "automatic"',
        'tier = "heavy"',
        "budget_usd = 1000",
        "max_requests = 31",
        "request_timeout = 1e6",
        'model = "openai:gpt-6-astra"',
        'registries = ["https://pypi.org/simple", "https://evil.example/simple"]',
        'registries = "https://pypi.org/other"',
        'data = ["/srv"]',
        'allow = ["socket"]',
        'network = "allow"',
        'allow_hosts = ["evil.example"]',
        'gates_advise = ["security"]',
        "gates_seconds = 60",
        "attempts = 50",
        "attempt_timeout = 1e6",
        'models_fast = "openai:gpt-6-astra"',
        'models_strong = "openai:gpt-6-astra"',
    ],
)
def test_a_workspace_cannot_loosen(workspace: Path, line: str) -> None:
    workspace_says(workspace, line)
    loaded = Settings.load(workspace)
    assert [line.split(" =")[0] in note for note in loaded.notes] == [True]
    assert "ignored" in loaded.notes[0]
    assert Settings.load(workspace.parent) == Settings(
        **{f: getattr(loaded, f) for f in ("model", "approval", "tier", "isolation")},
        budget_usd=loaded.budget_usd,
        max_requests=loaded.max_requests,
        request_timeout=loaded.request_timeout,
    )


def test_data_directories_are_the_persons_to_name(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_says('data = ["/srv/a", "~/b"]')
    assert Settings.load(workspace).data == ("/srv/a", "~/b")
    workspace_says(workspace, 'data = ["~/b"]')
    assert Settings.load(workspace).data == ("~/b",)
    workspace_says(workspace, 'data = ["~/b", "/home"]')
    loaded = Settings.load(workspace)
    assert (loaded.data, len(loaded.notes)) == (("/srv/a", "~/b"), 1)
    monkeypatch.setenv("AGENT_DATA", "/c:/d")
    assert Settings.load(workspace).data == ("/c", "/d")
    with pytest.raises(UsageError, match="whole paths"):
        Settings.load(workspace, data=["relative"])


def test_a_workspace_adds_refusals_and_allows_nothing(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user_says('allow = ["socket", "%pip"]\nrefuse = ["duckdb"]')
    workspace_says(workspace, 'allow = ["socket", "ctypes"]\nrefuse = ["os.remove"]\nstrict = true')
    loaded = Settings.load(workspace)
    assert (loaded.allow, loaded.refuse) == (("socket", "%pip"), ("duckdb", "os.remove"))
    assert "allow" in loaded.notes[0]
    policy = loaded.policy
    assert policy.strict
    assert policy.module("socket") is policy.magic("pip") is None
    assert policy.module("ctypes")
    assert policy.module("duckdb")
    assert policy.call("os.remove")
    workspace_says(workspace, 'refuse = ["socket"]\nallow = []')
    assert Settings.load(workspace).policy.module("socket")
    monkeypatch.setenv("AGENT_STRICT", "true")
    monkeypatch.setenv("AGENT_ALLOW", "ctypes, %store")
    workspace_says(workspace, "strict = false")
    assert Settings.load(workspace).strict
    assert Settings.load(workspace).policy.module("ctypes") is None
    assert Settings.load(workspace, strict=False).policy.strict is False


def test_a_workspace_cannot_turn_strict_off(workspace: Path) -> None:
    user_says("strict = true")
    workspace_says(workspace, "strict = false")
    loaded = Settings.load(workspace)
    assert loaded.strict
    assert "strict" in loaded.notes[0]


def test_a_workspace_can_tighten(workspace: Path) -> None:
    user_says('approval = "automatic"\nisolation = "off"\nmodel = "openai:x"')
    workspace_says(
        workspace,
        'approval = "review"\nisolation = "required"\nmodel = "offline"\ntier = "quick"\n'
        "budget_usd = 0\nmax_requests = 1\nrequest_timeout = 0.5",
    )
    assert Settings.load(workspace) == Settings(
        tier="quick", budget_usd=0, max_requests=1, request_timeout=0.5
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tier = 3", "tier"),
        ("budget_usd = '1'", "budget_usd"),
        ("budget_usd = true", "budget_usd"),
        ("budget_usd = nan", "budget_usd"),
        ("budget_usd = -inf", "budget_usd"),
        ("max_requests = 0", "max_requests"),
        ("max_requests = 1.5", "max_requests"),
        ("request_timeout = 0", "request_timeout"),
        ("model = ''", "model"),
        ("strict = 'yes'", "true or false"),
        ("network = true", "off, ask, allow"),
        ("allow_hosts = ['https://example.org']", "is no host"),
        ("refuse = [1]", "list of names"),
        ("refuse = ['rm -rf']", "no name of a module"),
        ("allow = ['a..b']", "no name of a module"),
        ('approval = "trust"', "not there yet"),
        ('approval = "manual"', "not there yet"),
        ('approval = "never"', "automatic, review"),
        ("colour = 1", "no setting 'colour'"),
        ("base_url = 'http://evil'", "base_url"),
        ("[model]\nname = 'x'", "model"),
        ("a = [" * 2000, "TOML"),
        ("tier", "TOML"),
        ("a = " + "9" * 6000, "TOML"),
        ("# " + "x" * 70_000, "larger"),
        ("anthropic_api_key = 'x'", "environment"),
        ("[models.openai]\ntoken = 'x'", "environment"),
        ("note = 'sk-ant-REDACTED'", "environment"),
        ('"\\u001b[31m" = 1', "no setting"),
    ],
)
def test_a_bad_file_is_one_line_that_names_it(workspace: Path, text: str, says: str) -> None:
    workspace_says(workspace, text)
    with pytest.raises(UsageError, match=says) as caught:
        Settings.load(workspace)
    message = str(caught.value)
    assert str(workspace / "agent.toml") in message
    assert message.isprintable()
    assert "sk-ant" not in message


def test_a_key_is_refused_in_the_users_file_too(workspace: Path) -> None:
    user_says("api_key = 'verysecret'")
    with pytest.raises(UsageError, match="environment") as caught:
        Settings.load(workspace)
    assert "verysecret" not in str(caught.value)


def test_a_symlink_is_refused(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("tier = 'quick'")
    (workspace / "agent.toml").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError, match="symbolic link"):
        Settings.load(workspace)


@pytest.mark.timeout(5)
def test_a_fifo_is_refused_at_once(workspace: Path) -> None:
    os.mkfifo(workspace / "agent.toml")
    with pytest.raises(UsageError, match="regular file"):
        Settings.load(workspace)


def test_a_directory_is_refused(workspace: Path) -> None:
    (workspace / "agent.toml").mkdir()
    with pytest.raises(UsageError, match="regular file"):
        Settings.load(workspace)


def test_not_utf8_is_refused(workspace: Path) -> None:
    (workspace / "agent.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="TOML"):
        Settings.load(workspace)


def test_the_users_file_may_be_a_link(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "dotfile").write_text("tier = 'quick'")
    user_file().parent.mkdir(parents=True)
    user_file().symlink_to(tmp_path / "dotfile")
    assert Settings.load(workspace).tier == "quick"


def test_a_bad_environment_names_the_variable(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_BUDGET_USD", "lots")
    with pytest.raises(UsageError, match="AGENT_BUDGET_USD is 'lots': it must be a number"):
        Settings.load(workspace)


def test_an_unknown_option_is_refused(workspace: Path) -> None:
    with pytest.raises(UsageError, match="options: there is no setting 'colour'"):
        Settings.load(workspace, colour=1)


def test_a_missing_workspace_has_no_file(tmp_path: Path) -> None:
    assert Settings.load(tmp_path / "nowhere") == Settings()


_values = st.one_of(
    st.sampled_from(
        [
            "review",
            "automatic",
            "trust",
            "quick",
            "standard",
            "heavy",
            "required",
            "off",
            "offline",
            "openai:x",
            "claude-z",
        ]
    ),
    st.integers(-5, 10**6),
    st.floats(),
    st.booleans(),
    st.text(max_size=5),
)


def toml(entries: dict[str, Any]) -> str:
    import json

    def value(v: Any) -> str:
        return json.dumps(v) if isinstance(v, str | bool) else str(v)

    return "\n".join(f"{name} = {value(v)}" for name, v in entries.items())


_files = st.dictionaries(
    st.sampled_from(
        ["model", "approval", "tier", "isolation", "budget_usd", "max_requests", "request_timeout"]
    ),
    _values,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(own=_files, users=st.sampled_from(["", 'tier = "heavy"\napproval = "automatic"']))
def test_no_workspace_file_makes_anything_looser(
    workspace: Path, own: dict[str, Any], users: str
) -> None:
    user_says(users)
    (workspace / "agent.toml").unlink(missing_ok=True)
    without = Settings.load(workspace)
    workspace_says(workspace, toml(own))
    try:
        loaded = Settings.load(workspace)
    except UsageError:
        return
    for name, order in ORDER.items():
        assert order.index(getattr(loaded, name)) <= order.index(getattr(without, name))
    for name in ("budget_usd", "max_requests", "request_timeout"):
        assert getattr(loaded, name) <= getattr(without, name)
    assert loaded.model in ("offline", without.model)
    assert loaded.answers == ()


PRIVATE = "https://me:t0psecret@registry.example/simple"


def test_the_person_says_where_packages_come_from(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings.load(workspace).registries.indexes == ("https://pypi.org/simple",)
    user_says(f'registries = ["{PRIVATE}"]')
    assert Settings.load(workspace).registries.indexes == (PRIVATE,)
    monkeypatch.setenv("AGENT_REGISTRIES", f"{PRIVATE} files.example")
    assert len(Settings.load(workspace).registries.entries) == 2


def test_a_workspace_may_name_fewer_registries_but_says_nothing_of_them(workspace: Path) -> None:
    user_says(f'registries = ["{PRIVATE}", "files.example"]')
    workspace_says(workspace, 'registries = ["https://x:y@registry.example/simple"]')
    assert Settings.load(workspace).registries.indexes == (PRIVATE,)
    workspace_says(workspace, "registries = []")
    assert Settings.load(workspace).registries.entries == ()
    # That it names the public one does not let its name lead into the person's network.
    (user_file()).unlink()
    workspace_says(workspace, 'registries = ["https://pypi.org/simple"]')
    [entry] = Settings.load(workspace).registries.entries
    assert not entry.may_be_at("10.0.0.1")


@pytest.mark.parametrize("end", ["", "/simple?x", "/a b"])
def test_credentials_of_a_registry_are_never_shown(workspace: Path, end: str) -> None:
    user_says(f'registries = ["https://me:t0psecret@registry.example{end}"]')
    workspace_says(workspace, 'registries = ["https://registry.example/elsewhere"]')
    try:
        told = f"{Settings.load(workspace)}"
    except UsageError as error:
        told = str(error)
    assert "t0psecret" not in told
    assert "registry.example" in told
