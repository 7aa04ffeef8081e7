"""A plain account of how the work on a function ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from agent.authoring.attempt import Tried
from agent.authoring.work import Work
from subagents.data import one_line

_LINE = 300
_TRY = {
    "examples": "check the examples, or describe the rule behind them in other words",
    "tests": "say what should come out for this input, or give it as an example",
    "properties": "say what should hold for this input, or give it as an example",
    "questions": "give your answers as examples, and the rule behind them in a sentence",
    "review": "say in the request what the reviewer misses, or ask for a smaller function",
    "policy": "ask for a function that needs no files, network or processes",
    "dangers": "ask for a function that needs no such call",
    "security": "ask for a function that needs no such call",
    "secrets": "keep secrets out of the request, and have them given as arguments",
    "dependencies": "ask for it with the standard library, numpy or pandas alone",
    "performance": "ask for a faster way, or say how large the input may become",
    "generality": "give more varied examples, and the rule behind them in a sentence",
    "mutation": "give examples of what is hard to get right",
    "library": "choose another name, or ask for something else than what was rejected",
}
_AGAIN = "ask again, or choose another model"
_ELSE = "break the request into smaller functions, or choose another model"


def of_success(work: Work, best: Tried) -> str:
    """What there is now, in a few lines for whoever asked."""
    passed = ", ".join(item.signal for item in best.evidence if item.passed)
    lines = [f"{best.name} was accepted at attempt {best.number}. It passed: {passed}."]
    lines += _assumed(work)
    return "\n".join([*lines, *_open(work), *_corrected(work)])


def of_failure(work: Work, reason: str) -> str:
    """What works, what doesn't, why, and what to try.

    Args:
        work: All that was tried.
        reason: Why it went no further.
    """
    best = work.best
    if best is None:
        return reason
    passed = ", ".join(item.signal for item in best.evidence if item.passed) or "nothing yet"
    lines = [
        f"{best.name} is not finished and not saved: {reason}",
        f"The best attempt is number {best.number} of {len(work.tried)}.",
        f"It passes: {passed}.",
        *_failing(best),
        *_open(work),
        *_corrected(work),
        f"What to try: {_advice(best)}.",
        "",
        "```python",
        best.source.rstrip(),
        "```",
    ]
    return "\n".join(lines)


def _failing(best: Tried) -> Iterator[str]:
    for item in best.evidence:
        if not item.passed:
            yield f"It fails: {item.signal}."
    if best.failures:
        yield f"Why: {one_line(' | '.join(best.failures), 2 * _LINE)}"


def _advice(best: Tried) -> str:
    failed = [item.signal for item in best.evidence if not item.passed]
    if not best.tests and set(failed) <= {"tests"}:
        return _AGAIN
    return next((_TRY[signal] for signal in failed if signal in _TRY), _ELSE)


def _assumed(work: Work) -> list[str]:
    return _listed("It assumes", work.draft.assumptions if work.draft else ())


def _open(work: Work) -> list[str]:
    return _listed("The request does not say", work.open)


def _corrected(work: Work) -> list[str]:
    return _listed("Tests were changed", work.suite.notes if work.suite else ())


def _listed(title: str, entries: Iterable[str]) -> list[str]:
    lines = [f"- {one_line(entry, _LINE)}" for entry in entries]
    return [f"{title}:", *lines] if lines else []
