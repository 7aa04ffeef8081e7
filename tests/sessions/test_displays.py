"""Rich output is kept in its newest state, within a size and a number, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions import Limits, Session
from sessions.displays import ALL, LARGEST, LIVE, MOST, Displays
from sessions.overflow import Overflow

_Show = list[tuple[str | None, bool, str]]


@pytest.fixture
def displays(tmp_path: Path) -> Displays:
    return Displays(lambda name: Overflow(1000, tmp_path / f"{name}.txt"))


def _plain(text: str) -> dict[str, str]:
    return {"text/plain": text}


def test_a_few_stay_as_they_are(displays: Displays) -> None:
    bundles: list[dict[str, Any]] = [
        {"text/plain": "a", "image/png": "x" * 9000},
        {"application/json": {"a": [1]}},
    ]
    for bundle in bundles:
        assert displays.show(bundle, None, update=False) == bundle
    assert displays.close() == tuple(bundles)
    assert not displays.overflowed


@given(
    st.lists(
        st.tuples(
            st.none() | st.sampled_from("ab"), st.booleans(), st.text(alphabet="xyz", max_size=3)
        ),
        max_size=20,
    )
)
def test_each_display_is_in_its_newest_state(shown: _Show) -> None:
    displays = Displays(lambda name: Overflow(1000, Path("/nowhere")))
    expected: list[str] = []
    places: dict[str, int] = {}
    for name, update, text in shown:
        displays.show(_plain(text), name, update=update)
        if update and name in places:
            expected[places[name]] = text
            continue
        if name is not None:
            places[name] = len(expected)
        expected.append(text)
    assert [bundle["text/plain"] for bundle in displays.close()] == expected


def test_a_flood_of_updates_is_one_display_and_soon_no_longer_live(displays: Displays) -> None:
    displays.show(_plain("0"), "bar", update=False)
    live = 0
    for number in range(3 * LIVE):
        live += displays.is_live(displays.show(_plain(str(number)), "bar", update=True))
    assert displays.close() == (_plain(str(3 * LIVE - 1)),)
    assert live == LIVE
    assert not displays.overflowed


def test_of_thousands_the_first_and_the_last_stay_and_the_rest_is_told(displays: Displays) -> None:
    for number in range(3 * MOST):
        displays.show(_plain(f"display {number}"), f"d{number}", update=False)
    displays.show(_plain("newest of the first"), "d0", update=True)
    displays.show(_plain("newest of the last"), f"d{3 * MOST - 1}", update=True)
    kept = [bundle["text/plain"] for bundle in displays.close()]
    assert len(kept) == MOST + 1
    assert kept[0] == "newest of the first"
    assert kept[-1] == "newest of the last"
    note = kept[MOST // 2]
    assert f"{2 * MOST:,} displays left out" in note
    file = Path(note.partition("all of it in ")[2].partition(")")[0])
    assert file.read_text().splitlines()[0] == f"display {MOST // 2}"
    assert len(file.read_text().splitlines()) == 2 * MOST
    assert displays.overflowed


def test_a_huge_body_goes_to_a_file_and_its_kind_is_told(displays: Displays) -> None:
    html = "<b>" + "x" * LARGEST + "</b>"
    kept = displays.show({"text/html": html, "text/plain": "a table"}, None, update=False)
    assert set(kept) == {"text/plain"}
    text = kept["text/plain"]
    assert text.startswith("a table\n[text/html of 10,485,767 characters left out (all of it in")
    assert "<b>xxx" in text
    assert text.endswith("xxx</b>]")
    assert Path(text.partition("all of it in ")[2].partition(")")[0]).read_text() == html
    assert displays.overflowed


def test_huge_plain_text_keeps_head_and_tail(displays: Displays) -> None:
    kept = displays.show(_plain("a" * 5000 + "z" * 5000), None, update=False)["text/plain"]
    assert len(kept) < 1400
    assert kept.startswith("aaa")
    assert kept.endswith("zzz")
    assert "all of it in" in kept


def test_all_together_have_a_size(displays: Displays) -> None:
    picture = {"image/png": "x" * (LARGEST - 1)}
    for _ in range(10):
        displays.show(picture, None, update=False)
    kept = displays.close()
    assert sum(bundle == picture for bundle in kept) == ALL // LARGEST
    assert "image/png" in kept[-1]["text/plain"]
    assert displays.overflowed


@pytest.mark.parametrize(
    "code",
    [
        "from IPython.display import HTML\nHTML('x' * (20 << 20))",
        "from IPython.display import Image\n"
        "Image(data=bytes.fromhex('89504e470d0a1a0a') + bytes(20 << 20), format='png')",
        "print('first')\nfor n in range(3000): display(n)",
        "class Long:\n    def __repr__(self): return 'r' * (5 << 20)\nLong()",
    ],
    ids=["html", "picture", "many", "repr"],
)
async def test_cells_that_show_too_much_say_so(session: Session, code: str) -> None:
    execution = await session.execute(code)
    assert (execution.status, execution.limits_hit) == ("ok", ("output",)), execution.error
    assert sum(len(str(bundle)) for bundle in execution.outputs) < 4 << 20
    assert (await session.execute("1 + 1")).value == 2


async def test_a_progress_bar_is_one_display(workspace: Path) -> None:
    code = (
        "from IPython.display import display\n"
        "bar = display(0, display_id=True)\n"
        "for n in range(3000): bar.update(n)"
    )
    async with Session(workspace, Limits.quick()) as session:
        execution = await session.execute(code)
        assert (execution.status, execution.limits_hit) == ("ok", ())
        assert execution.outputs == ({"text/plain": "2999"},)


def test_what_can_not_be_written_is_said_to_be_lost() -> None:
    displays = Displays(lambda name: Overflow(1000, Path("/proc/nowhere") / name))
    kept = displays.show({"text/html": "x" * (LARGEST + 1)}, None, update=False)
    assert "(not kept)" in kept["text/plain"]
