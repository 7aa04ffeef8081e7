"""Questions about texts through the real agent: which lines, how long, how often."""

from __future__ import annotations

from typing import Any

import pytest

from agent import Agent

MEMO = """\
Memo of 3 June 2024

Ann and Bo meet Cy.
TODO Ann: call +43 664 5550199
TODO Bo: write to cy@example.org

The harvest was good, says Bo.
"""

FILES = {"memo.txt": MEMO}
ANSWERS: list[tuple[str, Any]] = [
    ("how many lines of memo.txt are not empty?", 5),
    ("how many blank lines are there in memo.txt", 2),
    ("shortest line in memo.txt that is not empty", "Memo of 3 June 2024"),
    ("which lines of memo.txt contain a phone number", ["TODO Ann: call +43 664 5550199"]),
    ("lines with an email address in memo.txt", ["TODO Bo: write to cy@example.org"]),
    ("how many lines of memo.txt contain a number?", 2),
    ("lines of memo.txt that mention both Ann and Bo", ["Ann and Bo meet Cy."]),
    ("how many lines of memo.txt mention Ann or Bo?", 4),
    ("how many lines of memo.txt don't mention Ann or Bo", 3),
    ("in how many lines of memo.txt is the harvest mentioned", 1),
    ("pull all e-mail addresses out of memo.txt", ["cy@example.org"]),
    ("what dates does the memo mention?", ["2024-06-03"]),
    ("how many TODOs are in memo.txt?", 2),
    (
        "lines without the word TODO that are not empty in memo.txt",
        ["Memo of 3 June 2024", "Ann and Bo meet Cy.", "The harvest was good, says Bo."],
    ),
    ("the longest word in memo.txt that starts with 'a'", "Ann"),
    ("the 2 shortest words in memo.txt that contain 'a'", ["Ann", "and"]),
    ("show me line 3 of memo.txt", "Ann and Bo meet Cy."),
    (
        "which words of memo.txt start with a capital letter and are longer than 3",
        ["Memo", "June", "TODO", "TODO"],
    ),
    ("how many characters are in 'a b c' without spaces?", 3),
    ("average word length of 'to be or not to be'", 13 / 6),
    ("average number of words per line in memo.txt", 5.8),
    ("remove duplicates from: red, blue, red, green", ["red", "blue", "green"]),
]
NOT_DONE = [
    "lines of memo.txt that contain a verb and a noun",
    "which lines contain a paragraph in memo.txt",
    "what does memo.txt say about the harvest",
]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("request_", "expected"), ANSWERS, ids=[text for text, _ in ANSWERS])
async def test_answered(agent: Agent, request_: str, expected: Any) -> None:
    result = await agent.run(request_)
    assert result.status == "done", (result.answer, result.questions)
    assert result.value == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("request_", NOT_DONE)
async def test_what_is_not_understood_is_not_answered(agent: Agent, request_: str) -> None:
    result = await agent.run(request_)
    assert result.status in ("failed", "needs_input"), (result.value, result.answer)
