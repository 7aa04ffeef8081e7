"""The person is asked, with what will be done, and as long as it matters."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sessions.handlers import Handler
from tests.support.desk import Person, add, desk, until

ASKING = {"add": Handler.of(add, needs_approval=True), "free": Handler.of(add)}


async def test_the_person_is_asked_with_name_and_arguments() -> None:
    person = Person(None, "not today")
    async with desk(ASKING, approve=person) as (host, inside):
        assert (await inside.call("add", a=1))["value"] == 2
        told = (await inside.call("add", a=5))["error"]
        assert told == {"kind": "refused", "message": "add was not approved: not today"}
        assert (await inside.call("free", a=1))["value"] == 2
    assert person.asked == [("add", {"a": 1}), ("add", {"a": 5})]
    assert [call.outcome for call in host.calls] == ["ok", "refused", "ok"]


async def test_the_person_is_not_asked_about_what_would_fail_anyway() -> None:
    person = Person()
    async with desk(ASKING, approve=person) as (_, inside):
        assert "error" in await inside.call("add", a="1")
    assert person.asked == []


async def test_without_a_person_what_needs_one_is_refused() -> None:
    async with desk(ASKING) as (_, inside):
        assert "nobody can be asked" in (await inside.call("add", a=1))["error"]["message"]


@pytest.mark.parametrize("answer", ["", "yes", False, True, 0])
async def test_only_none_is_a_yes(answer: Any) -> None:
    async with desk(ASKING, approve=Person(answer)) as (_, inside):
        assert (await inside.call("add", a=1))["error"]["kind"] == "refused"


async def test_who_can_not_be_asked_has_not_agreed() -> None:
    async with desk(ASKING, approve=Person()) as (_, inside):  # it raises
        assert "error" in await inside.call("add", a=1)


async def test_one_question_at_a_time() -> None:
    person = Person(*[None] * 5, pause=0.02)  # asserts it itself
    async with desk(ASKING, approve=person) as (_, inside):
        for number in range(5):
            await inside.send({"id": number, "call": "add", "arguments": {"a": number}})
        answers = [await inside.told() for _ in range(5)]
    assert sorted(answer["value"] for answer in answers) == [1, 2, 3, 4, 5]


async def test_the_end_of_the_cell_withdraws_the_question() -> None:
    person = Person(None, pause=60)
    async with desk(ASKING, approve=person) as (host, inside):
        await inside.send({"id": 1, "call": "add", "arguments": {"a": 1}})
        await until(lambda: person.asked)
        await host.requests.close()
    assert person.withdrawn == 1
    assert [call.outcome for call in host.calls] == ["withdrawn"]


async def test_the_wait_for_the_person_is_counted_apart() -> None:
    person = Person(None, None, pause=0.2)
    async with desk(ASKING, approve=person, seconds=0.1) as (host, inside):
        assert host.requests.waited() == 0
        assert (await inside.call("add", a=1))["value"] == 2  # though it took more than 0.1 s
        waited = host.requests.waited()
        assert 0.15 < waited < 1
        await asyncio.sleep(0.1)
        assert host.requests.waited() == waited
        await inside.call("free", a=1)
        assert host.requests.waited() == waited
        await host.requests.close()
        host.requests.open(host.events.append)
        assert host.requests.waited() == 0
