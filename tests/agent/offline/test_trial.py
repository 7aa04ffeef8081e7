"""Found functions are tried on many inputs in a process that can do no harm."""

from __future__ import annotations

from agent.offline.trial import tried

LAST = "def pick(items: list[int]) -> int:\n    return items[-1]\n"
LARGEST = "def pick(items: list[int]) -> int:\n    return max(items)\n"
EXAMPLES = ("pick([1, 2, 3]) == 3", "pick([4, 5]) == 5")


async def test_rivals_agree_on_the_examples_and_differ_elsewhere() -> None:
    table = await tried("pick", [LAST, LARGEST], EXAMPLES)
    assert table is not None
    assert table.programs[:2] == (LAST, LARGEST)
    assert table.known == 2
    last, largest = table.rows[:2]
    assert last[:2] == largest[:2]
    assert last != largest
    assert [table.value(outcome) for outcome in last[:2]] == [3, 5]
    assert len(table.programs) > 2  # slips of the first


async def test_what_never_ends_or_fills_the_memory_is_only_an_outcome() -> None:
    endless = LARGEST.replace("max(items)", "max(items) + sum(1 for _ in iter(int, len(items)))")
    huge = LARGEST.replace("max(items)", "len('x' * 10**11)")
    table = await tried("pick", [LAST, endless, huge], EXAMPLES)
    assert table is not None
    kinds = {table.kind(row[0]) for row in table.rows[1:3]}
    assert kinds <= {"late", "raised"}


async def test_what_can_not_be_tried_is_told_by_none() -> None:
    assert await tried("pick", ["import os\nos._exit(3)\n"], EXAMPLES) is None
