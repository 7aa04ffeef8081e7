"""A URL is understood in one way, or refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import AgentError, RefusedError
from tools_registry.web.addresses import is_public
from tools_registry.web.location import Location


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG.:443/a b".replace(" ", "%20"), "https://example.org/a%20b"),
        ("http://example.org:8080?q=1#part", "http://example.org:8080/?q=1"),
        (
            "https://bücher.example/größe?ü=ß",
            "https://xn--bcher-kva.example/gr%C3%B6%C3%9Fe?%C3%BC=%C3%9F",
        ),
        ("https://[2606:4700:0::1]/", "https://[2606:4700::1]/"),
        ("http://93.184.216.34/", "http://93.184.216.34/"),
        (" https://example.org/%41?a=%2F&b=[1]\n", "https://example.org/%41?a=%2F&b=[1]"),
    ],
)
def test_what_is_plain_is_taken(url: str, shown: str) -> None:
    location = Location.of(url)
    assert str(location) == shown
    assert Location.of(shown) == location


@pytest.mark.parametrize(
    "url",
    [
        *(
            "file:///etc/passwd",
            "ftp://example.org/",
            "gopher://example.org",
            "javascript:alert(1)",
        ),
        *("example.org", "//example.org", "http:/example.org", "http://", "https://:80/", ""),
        *(
            "http://user@example.org",
            "http://user:key@example.org/",
            "http://example.org@evil.example",
        ),
        *("http://2130706433/", "http://0x7f000001/", "http://0x7f.1/", "http://127.1/"),
        *(
            "http://0177.0.0.1/",
            "http://017700000001/",
            "http://0x7f.0x0.0x0.0x1/",
            "http://1.2.3.0x/",
        ),
        *(
            "http://127.0.0.1.5/",
            "http://256.1.1.1/",
            "http://[::1%25eth0]/",
            "http://[fe80::1%eth0]/",
        ),
        *(
            "http://[::1",
            "http://[1.2.3.4]/",
            "http://[v1.a]/",
            "http://localhost/",
            "http://intranet",
        ),
        *("http://example.org:0x50/", "http://example.org:99999/", "http://example.org:-1/"),
        *("http://exa mple.org/", "http://example.org/a b", "http://example.org\\@evil.example/"),
        *("http://example.org/\r\nHost: evil", "http://example.org/\x00", "http://ex\tample.org/"),
        *("http://-a.example/", "http://a..example/", "http://" + "a" * 64 + ".example/"),
        *(
            "http://example.org/" + "a" * 3000,
            "http://exa\u202emple.org/",
            "http://example.org/\x85",
        ),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(RefusedError, match="is not fetched: "):
        Location.of(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://\uff11\uff12\uff17.0.0.1/",
        "http://127\u30020\u30020\u30021/",
        "http://[::ffff:7f00:1]/",
        "http://0.0.0.0/",
        "http://169.254.169.254/",
    ],
)
def test_addresses_of_this_machine_stay_what_they_are(url: str) -> None:
    assert not is_public(Location.of(url).host)


@given(url=st.text() | st.builds("http://{}".format, st.text()))
def test_any_text_is_taken_or_refused(url: str) -> None:
    try:
        location = Location.of(url)
    except AgentError:
        return
    assert str(location).isascii()
    assert str(location).isprintable()
    assert " " not in str(location)
    assert Location.of(str(location)) == location


@given(reference=st.text())
def test_any_reference_is_followed_or_refused(reference: str) -> None:
    base = Location.of("https://example.org/a/b?c")
    with contextlib.suppress(RefusedError):
        assert base.follow(reference).scheme in {"http", "https"}
