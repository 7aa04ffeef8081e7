"""What a notebook page is given can only be looked at."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agent.mime import clean_html, clean_markdown, harmless

FRAME = (
    '<div><style scoped>th {color: red}</style><table border="1" class="dataframe">'
    '<thead><tr style="text-align: right;"><th></th><th>a &lt; b</th></tr></thead></table></div>'
)
ATTACKS = [
    "<script>steal()</script>",
    "<img src=x onerror=steal()>",
    "<svg onload=steal()><p>hi</p></svg>",
    '<a href="javascript:steal()">click</a>',
    '<div onclick="steal()" data-commandlinker-command="x">hi</div>',
    "<p style='position:fixed'>hi</p>",
    "<iframe srcdoc='<script>steal()</script>'></iframe>",
    "<scr<script>ipt>steal()</scr</script>ipt>",
    "<math><mtext></p><img src=x onerror=steal()>",
    "<table><td colspan='1\" onmouseover=\"steal()'>x</td></table>",
]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(tag)
        assert all(name in ("border", "colspan", "rowspan", "class") for name, _ in attrs)


def tags_in(text: str) -> set[str]:
    parser = Tags()
    parser.feed(text)
    parser.close()
    return {*parser.found}


def test_a_table_keeps_its_shape_and_text() -> None:
    assert clean_html(FRAME) == (
        '<div><table border="1" class="dataframe">'
        "<thead><tr><th></th><th>a &lt; b</th></tr></thead></table></div>"
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_html_can_not_run_anything(attack: str) -> None:
    assert tags_in(clean_html(attack)) <= {"p", "div", "table", "td"}


@given(st.lists(st.sampled_from(["<", ">", "</", "script", "p", " ", "'", '"', "&", "!--", "a"])))
def test_whatever_the_html_only_known_tags_come_out(pieces: list[str]) -> None:
    assert tags_in(clean_html("".join(pieces))) <= {"p"}


@pytest.mark.parametrize(
    "attack",
    [
        *ATTACKS,
        "[x](javascript:steal())",
        "[x](JavaScript\\:steal())",
        "[x](&#106;avascript:steal())",
        "[x](javascript&colon;steal())",
        "[x]: javascript:steal()",
        "![x](data:text/html,steal)",
        "<!-- <script> -->",
    ],
)
def test_markdown_holds_no_html_and_no_link_that_runs(attack: str) -> None:
    clean = clean_markdown(attack)
    assert not re.search(r"<[A-Za-z/!?]", clean)
    assert not re.search(r"(javascript|data)\\?:", clean, re.IGNORECASE)
    assert "&#" not in clean
    assert "&colon;" not in clean


def test_ordinary_markdown_stays_as_it_is() -> None:
    text = (
        "# Sum\n\n**a < b** & `x = [1, 2]`: see <1> of [this](https://example.org)\n\n| a |\n|---|"
    )
    assert clean_markdown(text) == text


def test_a_bundle_is_reduced_to_what_can_be_looked_at() -> None:
    bundle = {
        "text/plain": "<b>",
        "image/png": "AAAA",
        "image/jpeg": "');steal('",
        "image/svg+xml": "<svg/>",
        "text/html": "<b onclick=x>hi</b>",
        "application/javascript": "steal()",
        "application/vnd.jupyter.widget-view+json": {"model_id": "x"},
        "text/latex": "\\href{javascript:steal()}{x}",
    }
    assert harmless(bundle) == {
        "text/plain": "<b>",
        "image/png": "AAAA",
        "text/html": "<b>hi</b>",
    }


@pytest.mark.parametrize(
    "attack",
    [
        "![](https://example.org/?secret)",
        r"\\![x](https://example.org/?secret)",
        "![x][out]\n\n[out]: https://example.org/?secret",
        "[![x](https://example.org/?secret)](https://example.org)",
        "!&#91;x](https://example.org/?secret)",
    ],
)
def test_markdown_makes_the_page_fetch_nothing(attack: str) -> None:
    assert "<img" not in MarkdownIt().render(clean_markdown(attack))
