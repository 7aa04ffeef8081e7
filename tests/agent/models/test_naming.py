"""Models by name alone."""

from __future__ import annotations

from typing import get_args

import pytest

from agent.models.naming import full_name, resolve
from agent.settings import CLAUDE
from sessions.errors import UsageError


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("offline", "offline"),
        ("claude-opus-5-5", "anthropic:claude-opus-5-5"),
        ("anthropic:claude-opus-5-5", "anthropic:claude-opus-5-5"),
        ("ollama:qwen3:8b", "ollama:qwen3:8b"),
    ],
)
def test_full_names(name: str, full: str) -> None:
    assert full_name(name) == full


@pytest.mark.parametrize("name", ["gpt", "test", ":x", "openai:", "\x1b[31mred"])
def test_a_name_without_provider_or_model_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="provider:model") as caught:
        full_name(name)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("name", "variable", "kind", "system"),
    [
        ("claude-opus-5-5", "ANTHROPIC_API_KEY", "AnthropicModel", "anthropic"),
        ("openai:gpt-6.1-sol", "OPENAI_API_KEY", "OpenAIResponsesModel", "openai"),
        ("openai-chat:gpt-6-luna", "OPENAI_API_KEY", "OpenAIChatModel", "openai"),
        ("deepseek:deepseek-chat", "DEEPSEEK_API_KEY", "OpenAIChatModel", "deepseek"),
        ("ollama:qwen3", "", "OllamaModel", "ollama"),
    ],
)
def test_a_provider_needs_its_key_and_no_more(
    name: str, variable: str, kind: str, system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in ("OPENAI_BASE_URL", "OLLAMA_BASE_URL"):
        monkeypatch.delenv(url, raising=False)
    if variable:
        with pytest.raises(UsageError, match=f"without a key: set {variable}"):
            resolve(name)
        monkeypatch.setenv(variable, "sk-test")
    model = resolve(name)
    assert (type(model).__name__, model.system) == (kind, system)


def test_a_local_model_is_looked_for_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_BASE_URL", raising=False)
    assert str(resolve("ollama:qwen3").base_url).startswith("http://localhost:11434/")
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:9999/v1")
    assert str(resolve("ollama:qwen3").base_url).startswith("http://127.0.0.1:9999/")


def test_an_unknown_provider_gets_a_hint() -> None:
    with pytest.raises(UsageError, match=r"there is no model 'nobody:x': names look like"):
        resolve("nobody:x")
    with pytest.raises(UsageError, match=r"did you mean 'anthropic:claude-opus-5-5'\?"):
        resolve("antropic:claude-opus-5-5")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "x")
    with pytest.raises(UsageError, match=r"not installed: pip install 'pydantic-ai-slim\[groq\]'"):
        resolve("groq:llama-4")


def test_the_default_claude_is_known_and_has_a_price() -> None:
    from genai_prices import Usage, calc_price
    from pydantic_ai.models import KnownModelName

    assert CLAUDE in get_args(KnownModelName.__value__)
    provider, name = CLAUDE.split(":")
    assert calc_price(Usage(input_tokens=1000), name, provider_id=provider).total_price > 0
