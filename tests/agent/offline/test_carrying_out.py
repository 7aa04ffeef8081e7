"""Requests through the real agent with no model: each kind of question gets its answer."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from agent import Agent

ORDERS = """\
id,day,customer,product,quantity,price,status
A1,2024-01-05,Ann,Lamp,2,10.0,delivered
A2,2024-01-20,Bob,Chair,1,50.0,cancelled
A3,2024-02-02,Ann,Chair,3,50.0,delivered
A4,2024-02-10,Cy,Lamp,5,10.0,returned
A5,2024-03-03,Bob,Desk,1,200.0,delivered
A6,2024-03-09,Ann,Lamp,1,10.0,cancelled
"""
STAFF = """\
Name;Team;Pay;Started;Remote;Mail
Ada Byron;Research;1.200,50;01.02.2019;yes;ada@example.org
Ben Olsen; research;900,00;15.06.2021;no;
Cleo Marsh;Sales;1.500,00;03.03.2020;no;cleo@example.org
Dan Wu;Sales;;20.11.2022;yes;dan@example.org
"""
SHOPS = json.dumps(
    [
        {"customer": "Ann", "country": "Norway", "open": True},
        {"customer": "Bob", "country": "Spain", "open": False},
        {"customer": "Cy", "country": "Spain", "open": True},
    ]
)
RAIN = "date,rain_mm\n" + "".join(
    f"2024-05-{day:02},{mm}\n" for day, mm in enumerate([0, 0, 3, 0, 0, 0, 1, 0], 1)
)
LOG = """\
2024-05-14 08:02:11 INFO 10.0.0.1 GET /errors 404 20ms
2024-05-14 08:40:00 ERROR 10.0.0.2 disk is full
2024-05-14 09:10:00 ERROR 10.0.0.1 disk is full
2024-05-14 09:11:00 INFO 10.0.0.1 GET / 200 40ms
"""
NOTE = "The cat saw the dog.\nThe dog ran to a.b@example.org!\n\nTotal: 12 and 7.5\n"

FILES = {
    "orders.csv": ORDERS,
    "staff.csv": STAFF,
    "shops.json": SHOPS,
    "rain.csv": RAIN,
    "app.log": LOG,
    "note.txt": NOTE,
}
ANSWERS: list[tuple[str, Any]] = [
    # counts and conditions
    ("how many orders are there?", 6),
    ("how many orders did Ann place?", 3),
    ("how many orders were cancelled or returned", 3),
    ("how many orders in February", 2),
    ("how many orders after 2024-02-02", 3),
    ("how many orders between 2024-01-20 and 2024-02-10?", 3),
    ("number of orders with a quantity of at least 2", 3),
    ("how many orders have a price above 40 but were not cancelled", 2),
    ("how many different products were ordered", 3),
    ("how many of the staff have no mail", 1),
    ("is there an order over 100 euros?", True),
    # one number
    ("average price", 55.0),
    ("total quantity of lamps", 8),
    ("median pay of the staff", 1200.5),
    ("what's the revenue?", 480.0),
    ("what is the price of order A5", 200.0),
    ("what share of orders was delivered", 0.5),
    ("what percentage of Chair orders were cancelled?", 50.0),
    ("second highest pay", 1200.5),
    ("correlation between quantity and price in orders.csv", -0.398),
    # names
    ("who has the highest pay?", "Cleo Marsh"),
    ("which customer has the most orders?", "Ann"),
    ("which product brings in the most revenue?", ["Chair", "Desk"]),
    ("in which month were most products sold?", "2024-02"),
    ("most common product", "Lamp"),
    ("who started last?", "Dan Wu"),
    ("which customers bought a lamp", ["Ann", "Cy"]),
    ("products with more than 2 orders", ["Lamp"]),
    ("names of the remote staff", ["Ada Byron", "Dan Wu"]),
    # tables
    ("revenue per product, highest first", {"Desk": 200.0, "Chair": 200.0, "Lamp": 80.0}),
    ("orders per month", {"2024-01": 2, "2024-02": 2, "2024-03": 2}),
    ("average pay by team", {"Research": 1050.25, "Sales": 1500.0}),
    ("how many orders per status", {"delivered": 3, "cancelled": 2, "returned": 1}),
    ("compare the average price of Ann and Bob", {"Ann": 70 / 3, "Bob": 125.0}),
    ("total quantity by country", {"Norway": 6, "Spain": 7}),
    ("errors per hour", {8: 1, 9: 1}),
    # streaks and logs
    ("how long was the longest run of days without rain?", 3),
    ("how many rainy days", 2),
    ("how many errors are in app.log", 2),
    ("average response time in app.log", 30.0),
    # texts
    ("how many words does note.txt have", 18),
    ("how often does 'dog' occur in note.txt", 2),
    ("extract the e-mail addresses from note.txt", ["a.b@example.org"]),
    ("sum of the numbers in note.txt", 19.5),
    ("how many lines of note.txt contain dog", 2),
    ("replace 'a' with 'o' in 'banana'", "bonono"),
    ("put 'the wind' in title case", "The Wind"),
    ("reverse 'abc'", "cba"),
    ("remove the extra spaces from '  a   b '", "a b"),
    ("sort these alphabetically: pear, fig, apple", ["apple", "fig", "pear"]),
    # calculations
    ("12*7+3", 87),
    ("what is 15% of 80?", 12.0),
    ("the square root of 144", 12.0),
    ("median of 3, 9 and 4", 4),
    ("how many days are between 2024-01-01 and 2024-03-01", 60),
    ("what date is 30 days after 1 March 2024?", "2024-03-31"),
    ("which day of the week was 20 July 1969", "Sunday"),
    ("convert 5 km to m", 5000.0),
]

NOT_DONE = [
    "predict next month's revenue",
    "why did Bob cancel?",
    "translate 'good morning' into French",
    "write a poem about lamps",
    "which customers never cancelled?",
    "delete all orders",
    "how many orders will we get next year",
    "average price of the unicorns",
    "how many orders were paid by card",
    "does every order have a customer?",
    "what if all prices went up by 5%?",
    "who is the nicest customer",
]


def plain(value: Any, expected: Any) -> Any:
    """Rows as what is expected of them: pairs, or a date without its midnight."""
    if isinstance(expected, dict) and isinstance(value, list):
        return {next(iter(row.values())): list(row.values())[-1] for row in value}
    return str(value)[:10] if isinstance(expected, datetime.date) else value


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("request_", "expected"), ANSWERS, ids=[text for text, _ in ANSWERS])
async def test_answered(agent: Agent, request_: str, expected: Any) -> None:
    result = await agent.run(request_)
    assert result.status == "done", (result.answer, result.questions)
    value = plain(result.value, expected)
    if isinstance(expected, float):
        assert value == pytest.approx(expected, abs=0.001)
    elif isinstance(expected, dict):
        assert value == pytest.approx(expected)
    else:
        assert value == expected
    assert result.answer


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("request_", NOT_DONE)
async def test_what_is_not_understood_is_not_answered(agent: Agent, request_: str) -> None:
    result = await agent.run(request_)
    assert result.status in ("failed", "needs_input"), (result.value, result.answer)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "request_",
    [
        "bar chart of orders per month, save it as a.png",
        "histogram of the price as a.png",
        "plot rain over time and save it as a.png",
        "scatter plot of price against quantity, a.png",
    ],
)
async def test_pictures(agent: Agent, folder: Path, request_: str) -> None:
    result = await agent.run(request_)
    assert result.status == "done", result.answer
    assert (folder / "a.png").read_bytes().startswith(b"\x89PNG")
    (folder / "a.png").unlink()


@pytest.mark.asyncio(loop_scope="module")
async def test_results_are_saved(agent: Agent, folder: Path) -> None:
    result = await agent.run("save the delivered orders as delivered.csv")
    assert result.status == "done", result.answer
    saved = (folder / "delivered.csv").read_text().splitlines()
    (folder / "delivered.csv").unlink()
    assert [line[:2] for line in saved] == ["id", "A1", "A3", "A5"]


@pytest.mark.asyncio(loop_scope="module")
async def test_what_fits_equally_is_asked(folder: Path) -> None:
    request = "mean price of Ann and Bob"
    async with Agent(workspace=folder, model="offline") as agent:
        result = await agent.run(request)
    assert result.status == "needs_input"
    assert result.questions[0].options == ("each", "together")
    async with Agent(workspace=folder, model="offline", answers=("together",)) as agent:
        result = await agent.run(request)
    assert result.value == pytest.approx(64.0)
