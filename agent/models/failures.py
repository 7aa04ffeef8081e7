"""What went wrong with a model, in one line for a person.

The texts of providers may repeat the key that they refused, so little of them is passed on, and
that only after every secret of the environment has been taken out.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

from pydantic_ai import exceptions as failures

from agent.config_file import shown
from sessions.errors import ModelError

_SECRET_VARIABLE = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL")
_SECRET_TEXT = re.compile(r"\b(?:sk|pk|gsk|xai|hf)[-_][\w*.-]{6,}|Bearer\s+\S+", re.IGNORECASE)
_OTHER = "choose another model"
_KEYS = {"google": "GOOGLE_API_KEY", "gateway": "PYDANTIC_AI_GATEWAY_API_KEY"}


def explain(error: Exception, model: str) -> ModelError | None:
    """The failure of a model as an error of ours; None if it is not the model that failed.

    Args:
        error: What the run raised.
        model: The model's name as the person knows it.
    """
    for kind, describe in _DESCRIPTIONS:
        if isinstance(error, kind):
            return ModelError(describe(error, model))
    return None


def key_variable(model: str) -> str:
    """The environment variable that usually holds the key for a `provider:model`."""
    provider = re.split(r"[:/]", model)[0]
    if provider.startswith(("openai", "google")):
        provider = provider.split("-")[0]
    return _KEYS.get(provider, f"{provider.upper().replace('-', '_')}_API_KEY")


def without_secrets(text: str) -> str:
    """A text in which no key of the environment, nor anything that looks like one, is left."""
    for name, value in os.environ.items():
        if len(value) >= 8 and _SECRET_VARIABLE.search(name.upper()):
            text = text.replace(value, "***")
    return _SECRET_TEXT.sub("***", text)


def _key(error: Any, model: str) -> str:
    return (
        f"the key for {model} was refused{_status(error)}: "
        f"check {key_variable(model)}, and that it may use this model"
    )


def _name(error: Any, model: str) -> str:
    near = getattr(error, "suggested_model_id", None)
    todo = f"did you mean {near!r}?" if near else "check its name, or the provider's base URL"
    return f"the provider has no model {model!r}{_status(error)}: {todo}"


def _rate(error: Any, model: str) -> str:
    wait = f" in {error.retry_after:.0f} s" if error.retry_after else " later"
    return f"{model} gets too many requests{_status(error)}: try again{wait}, or {_OTHER}"


def _quota(error: Any, model: str) -> str:
    return f"the account for {model} has no credit left{_status(error)}: top it up, or {_OTHER}"


def _busy(error: Any, model: str) -> str:
    return f"{model} is overloaded or down{_status(error)}: try again later, or {_OTHER}"


def _server(error: Any, model: str) -> str:
    return f"{model} failed on the provider's side{_status(error)}: try again, or {_OTHER}"


def _window(error: Any, model: str) -> str:
    return f"the conversation is too long for {model}: begin a new one, or {_OTHER}"


def _rejected(error: Any, model: str) -> str:
    said = _said(error)
    return f"{model} rejected the request{_status(error)}{said}: check its name, or {_OTHER}"


def _slow(error: Any, model: str) -> str:
    limit = f" within {error.timeout:g} s" if hasattr(error, "timeout") else " in time"
    return f"{model} gave no complete answer{limit}: try again, or raise request_timeout"


def _unreachable(error: Any, model: str) -> str:
    return (
        f"{model} can't be reached, or broke off: check the network, the proxy and the provider's "
        "base URL"
    )


def _useless(error: Any, model: str) -> str:
    text = shown(without_secrets(error.message.partition("\n")[0]), 160)
    return f"{model} gave no usable answer ({text}): try again, or {_OTHER}"


def _status(error: Any) -> str:
    code = getattr(error, "status_code", None)
    return f" (HTTP {code})" if code else ""


def _said(error: Any) -> str:
    body = error.body if isinstance(error.body, dict) else {}
    inner = body.get("error")
    text = (inner if isinstance(inner, dict) else body).get("message")
    return f" ({shown(without_secrets(text), 160)})" if isinstance(text, str) else ""


_Description = tuple[type[Exception] | tuple[type[Exception], ...], Callable[[Any, str], str]]
_DESCRIPTIONS: tuple[_Description, ...] = (  # the first that fits: special before general
    (failures.ModelAuthenticationError, _key),
    (failures.ModelNotFoundError, _name),
    (failures.ModelContextWindowExceededError, _window),
    (failures.ModelRequestRejectedError, _rejected),
    (failures.ModelRateLimitError, _rate),
    (failures.ModelQuotaExceededError, _quota),
    (failures.ModelUnavailableError, _busy),
    (failures.ModelServerError, _server),
    ((failures.ModelRequestTimeout, failures.ModelTimeoutError), _slow),
    (failures.ModelConnectionError, _unreachable),
    (failures.ModelAPIError, _rejected),
    (failures.UnexpectedModelBehavior, _useless),
)
