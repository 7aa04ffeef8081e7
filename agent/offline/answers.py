"""What is said of a cell that was run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.offline.plan import Plan

_SPELLED = ("'", '"', "datetime.")
"""How Python's spelling begins of what people write plainly: texts and dates."""


def answer(plan: Plan, report: Mapping[str, Any]) -> str:
    """The result first, then what it is and what was assumed."""
    sentence = _capital(plan.sentence) + "."
    assumed = "; ".join(plan.assumptions)
    rests_on = f"{sentence} Assumed: {assumed}." if assumed else sentence
    result = _result(report)
    return f"{result}\n\n{rests_on}" if "\n" in result else f"{result}\n{rests_on}"


def failure(report: Mapping[str, Any]) -> str:
    """Why a cell did not run to its end, in plain words."""
    error = report.get("error")
    if isinstance(error, Mapping):
        return f"It was tried and failed: {error.get('message') or error.get('name')}"
    limits = ", ".join(map(str, report.get("limits_hit") or ()))
    reason = f" (limit: {limits})" if limits else ""
    return f"It was tried, and the kernel ended it: {report.get('status')}{reason}"


def _result(report: Mapping[str, Any]) -> str:
    """Numbers and texts as they are, anything else as the kernel shows it."""
    value, shown = report.get("value"), report.get("result")
    if isinstance(value, str) and isinstance(shown, str) and shown.startswith(_SPELLED):
        return value
    return str(shown or report.get("stdout") or "There was no result.").strip("\n")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
