"""From the name of a model to the model."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, NoReturn

from agent.config_file import shown
from agent.settings import OFFLINE
from sessions.errors import UsageError

if TYPE_CHECKING:
    from pydantic_ai.models import Model
    from pydantic_ai.providers import Provider

_EXAMPLES = "'offline', 'anthropic:claude-opus-5-5', 'openai:gpt-6.1-sol', 'ollama:qwen3'"
_OLLAMA_URL = "http://localhost:11434/v1"
_VARIABLE = re.compile(r"`([A-Z][A-Z0-9]*_[A-Z0-9_]+)`")
_INSTALL = re.compile(r'pip install "([^"]+)"')


def full_name(name: str) -> str:
    """The name as `provider:model`; a bare Claude needs no provider, `offline` has none.

    Raises:
        UsageError: If the provider is missing.
    """
    if name == OFFLINE:
        return name
    if name.startswith("claude-"):
        return f"anthropic:{name}"
    provider, colon, model = name.partition(":")
    if not (colon and provider and model):
        msg = f"there is no model {shown(repr(name))}: give provider:model, e.g. {_EXAMPLES}"
        raise UsageError(msg)
    return name


def resolve(name: str) -> Model:
    """A provider's model; its key and address come from the provider's own environment variables.

    Args:
        name: A Claude, or any `provider:model` that pydantic-ai knows; not `offline`, which is no
            provider's.

    Raises:
        UsageError: If there is no such model, or its key or library is missing.
    """
    name = full_name(name)
    from pydantic_ai.models import infer_model
    from pydantic_ai.providers import infer_provider

    factory = _local_ollama if name.startswith("ollama:") else infer_provider
    try:
        return infer_model(name, factory)
    except Exception as error:  # each provider has its own way of saying what it lacks
        _refuse(name, error)


def _local_ollama(provider: str) -> Provider[Any]:
    from pydantic_ai.providers.ollama import OllamaProvider

    return OllamaProvider(base_url=os.environ.get("OLLAMA_BASE_URL") or _OLLAMA_URL)


def _refuse(name: str, error: Exception) -> NoReturn:
    quoted = shown(repr(name))
    text = str(error)
    if text.startswith("Unknown model"):
        hint = text.partition("Did you mean ")[2].rstrip("?")
        msg = f"there is no model {quoted}: " + (
            f"did you mean {hint}?" if hint else f"names look like {_EXAMPLES}"
        )
    elif isinstance(error, ImportError):
        package = _INSTALL.search(text)
        todo = f"pip install '{package[1]}'" if package else shown(text, 120)
        msg = f"model {quoted} needs a library that is not installed: {todo}"
    elif variable := _VARIABLE.search(text):
        msg = f"model {quoted} can't be used without a key: set {variable[1]}, or use 'offline'"
    else:
        msg = f"model {quoted} can't be used: {shown(text, 160)}"
    raise UsageError(msg) from None
