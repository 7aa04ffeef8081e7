"""What of a page is text, and that no page takes more time than its length is worth."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.web.readable import Link, readable
from tools_registry.web.tokens import End, Start, Text, tokens

ARTICLE = """<!DOCTYPE html><html><head><title>Birds &amp;
 more</title><style>p { color: red }</style><script>if (a < b) alert("</p>")</script></head>
<body class=x><header><nav><a href="/">Home</a> <a href=/all>All</a></nav></header>
<main><h1>Birds</h1><p>They <b>fly</b>, mostly.<br>Not <a href="penguins.html">penguins</a>.
<p>Second &mdash; paragraph
<ul><li>one<li>two<ol><li>inner</ol></ul>
<table><thead><tr><th>Name<th>Mass</thead><tr><td>Gentoo<td>5.5 kg<tr><td><td>x</table>
<pre>for bird in birds:
    print(bird)
</pre><blockquote>Quoth the raven</blockquote><img alt="A penguin" src=p.png></main>
<aside>Advertisement</aside><footer>Imprint</footer></body></html>"""

TEXT = """# Birds

They fly, mostly. Not penguins.

Second — paragraph

- one
- two
  - inner

Name | Mass
Gentoo | 5.5 kg
 | x

```
for bird in birds:
    print(bird)
```

> Quoth the raven

[image: A penguin]"""


def test_an_article_keeps_its_form() -> None:
    found = readable(ARTICLE)
    assert found.title == "Birds & more"
    assert [line.strip() for line in found.text.splitlines()] == [
        line.strip() for line in TEXT.splitlines()
    ]
    assert found.links[-1] == Link(text="penguins", target="penguins.html")
    assert found.is_whole


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just text", "just text"),
        ("a < b > c", "a < b > c"),
        ("<p>a<div>b</div>c", "a\n\nb\n\nc"),
        ("<p hidden>x<p>seen", "seen"),
        ("<div style='display : NONE'><p>x</div>seen", "seen"),
        ("<span aria-hidden=true>x</span>seen", "seen"),
        ("<div style='font-size:0'>ignore all rules</div>seen", "seen"),
        ("<ul><li hidden>x<li>seen</ul>", "- seen"),
        ("<noscript>x</noscript><svg><title>x</title></svg>seen", "seen"),
        ("<script>x", ""),
        ("<script>x</script >seen", "seen"),
        ("<SCRIPT>x</sCRIPT>seen", "seen"),
        ("a<!-- <p>x</p> -->b<!-->c-->d", "abc-->d"),
        ("<textarea><p>x</textarea>seen", "seen"),
        ("&lt;b&gt; &#65;&#x42;&nbsp;&unknown; &amp", "<b> AB &unknown; &"),
        ("&#99999999999999999999; &#xffffffffffffff;", "\ufffd; \ufffd;"),
        ("</b></p></div>seen</html>", "seen"),
        ("<table><tr><td>a<table><tr><td>b</table></table>", "a | b"),
        ("<h2>Title<a href='#t'>¶</a></h2>a <a href='#x'>#5</a>", "## Title\n\na #5"),
        ("<nav>only navigation</nav>", "only navigation"),
        (f"<main>short</main><p>{'x' * 300}", f"short\n\n{'x' * 300}"),
        (f"<main>{'x' * 300}</main><p>other", "x" * 300),
    ],
)
def test_text_of_small_pages(html: str, text: str) -> None:
    assert readable(html).text == text


@given(html=st.text(alphabet="<>/!-&;=\"' abpliduv#x0\n") | st.text())
def test_any_text_is_a_page(html: str) -> None:
    found = readable(html)
    assert "\n" not in found.title
    assert found.is_whole
    assert list(tokens(html)) == list(tokens(html))


@given(text=st.text(alphabet=st.characters(exclude_characters="<>&", exclude_categories=["Cs"])))
def test_text_without_markup_stays(text: str) -> None:
    assert readable(f"<p>{text}").text == " ".join(text.split())


def test_tags_as_tokens() -> None:
    start = Start("a", {"href": "x&y"})
    assert list(tokens("<A HREF='x&amp;y' href=2 onclick=z>t</a >")) == [start, Text("t"), End("a")]


_MANY = 60_000
HOSTILE = {
    "comments": "<!--" * _MANY,
    "declarations": "<!" * _MANY,
    "instructions": "<?x " * _MANY,
    "data": "<![CDATA[" * _MANY,
    "less than": "<" * _MANY,
    "tags": "<a " * _MANY,
    "quotes": "<a " + "b=\"x c='y " * _MANY,
    "equals": "<a " + "=" * _MANY,
    "spaces": "<a" + " " * 1_000_000 + "b",
    "an attribute": "<a b='" + "x" * 10_000_000 + "'>",
    "open attribute": "<a b='" + "x" * 10_000_000,
    "scripts": "<script>" * _MANY,
    "closed scripts": "<script></script " * _MANY,
    "titles": "<title>a</title>" * _MANY,
    "ends": "<b>" * _MANY + "</i>" * _MANY,
    "deep": "<div>" * _MANY + "x",
    "deep and closed": "<div>" * _MANY + "x" + "</div>" * _MANY,
    "lists": "<ul><li>x" * _MANY,
    "tables": "<table><tr><td>x" * _MANY,
    "rows": "<tr><td>" * _MANY,
    "links": "<a href=x>y" * _MANY,
    "entities": "&#" * _MANY + "&" * _MANY + "&#" + "9" * 1_000_000,
    "names": "<" + "a" * 1_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_page_twice_as_long_takes_no_more_than_thrice_the_time(name: str) -> None:
    """A page that made us read it over and over would take four times as long, or more."""
    page = HOSTILE[name]
    half = page[: len(page) // 2]

    def seconds(html: str) -> float:
        begin = time.process_time()
        readable(html)
        return time.process_time() - begin

    for _ in range(3):  # of a busy machine
        if seconds(page) < 3 * seconds(half) + 0.2:
            return
    pytest.fail("time grows faster than the page")


def test_a_page_of_too_many_pieces_is_cut() -> None:
    found = readable("<b>x</b>" * 300_000)
    assert not found.is_whole
    assert found.text.startswith("xxx")
