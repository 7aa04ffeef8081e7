"""Failures of models in one line, and never a key."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_ai import exceptions as failures

from agent.models.failures import explain, key_variable, without_secrets

KINDS = [
    failures.ModelRateLimitError,
    failures.ModelQuotaExceededError,
    failures.ModelUnavailableError,
    failures.ModelOverloadedError,
    failures.ModelServerError,
    failures.ModelRequestRejectedError,
    failures.ModelContextWindowExceededError,
    failures.ModelAuthenticationError,
    failures.ModelNotFoundError,
]


@given(message=st.text(max_size=400), kind=st.sampled_from(KINDS))
def test_every_kind_is_one_printable_line(
    message: str, kind: type[failures.ModelRequestRejectedError]
) -> None:
    body = {"error": {"message": message}}
    error = failures.ModelHTTPError.for_category(kind, status_code=418, model_name="m", body=body)
    text = str(explain(error, "openai:m"))
    assert text.isprintable()
    assert "openai:m" in text
    assert ":" in text.replace("openai:m", "")
    assert len(text) < 400


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (failures.ModelConnectionError("m", "refused"), "can't be reached"),
        (failures.ModelTimeoutError("m", "slow"), "no complete answer in time"),
        (failures.ModelRequestTimeout("m", 3), "within 3 s"),
        (failures.UnexpectedModelBehavior("empty\nanswer"), r"no usable answer \(empty\)"),
        (failures.ModelAPIError("m", "odd"), "rejected the request"),
    ],
)
def test_failures_without_status(error: Exception, says: str) -> None:
    explained = explain(error, "a:m")
    assert explained is not None
    assert explained.exit_code == 1
    with pytest.raises(type(explained), match=says):
        raise explained


def test_what_is_no_models_failure_is_not_explained() -> None:
    assert explain(ValueError("x"), "a:m") is None
    assert explain(httpx2.ConnectError("x"), "a:m") is None


def test_secrets_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_SECRET_KEY", "plain-looking-value")
    said = without_secrets("keys plain-looking-value, sk-proj-abc123DEF and Bearer abc.def here")
    assert said == "keys ***, *** and *** here"


@pytest.mark.parametrize(
    ("model", "variable"),
    [
        ("anthropic:x", "ANTHROPIC_API_KEY"),
        ("openai-chat:x", "OPENAI_API_KEY"),
        ("google-cloud:x", "GOOGLE_API_KEY"),
        ("gateway/openai:x", "PYDANTIC_AI_GATEWAY_API_KEY"),
        ("deepseek:x", "DEEPSEEK_API_KEY"),
    ],
)
def test_key_variables(model: str, variable: str) -> None:
    assert key_variable(model) == variable
