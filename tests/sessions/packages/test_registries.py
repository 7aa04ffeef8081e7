"""Which hosts may be connected to, at which addresses, and that credentials stay hidden."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.packages.registries import Registries, Registry

SECRET = "t0psecret"


def only(*texts: str) -> Registry:
    [entry] = Registries.of(texts).entries
    return entry


def test_the_public_registry_is_the_default() -> None:
    registries = Registries.of()
    assert registries.indexes == ("https://pypi.org/simple",)
    assert registries.find("PyPI.org.", 443)
    assert registries.find("files.pythonhosted.org", 443)
    for host, port in [("pypi.org", 80), ("evil.example", 443), ("pypi.org.evil.example", 443)]:
        assert registries.find(host, port) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://registry.example/simple",
        "http://127.0.0.1.evil.example/simple",
        "http://localhost@evil.example/simple",
        "ftp://registry.example",
        "file:///etc",
        "git+https://registry.example",
        "registry.example/path",
        "user:pass@registry.example",
        "https://registry.example/simple?x=1",
        "https://registry.example/simple --trusted-host evil.example",
        "https://registry.example:99999/simple",
        "https://",
        "https://regıstry.example",  # noqa: RUF001 -- a dotless i
        "*",
    ],
)
def test_what_is_no_registry_is_refused(text: str) -> None:
    if text == "*":
        assert Registries.of([text]).find("anything", 443) is None  # no pattern, just a name
        return
    with pytest.raises(ValueError, match=r"https|Port"):
        Registries.of([text])


@pytest.mark.parametrize("text", ["http://127.0.0.1:8000/simple", "http://[::1]:1/s"])
def test_plain_http_is_for_this_machine(text: str) -> None:
    assert only(text).is_loopback


FORBIDDEN = [
    "127.0.0.1",
    "127.8.8.8",
    "::1",
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fe80::1",
    "fd00:ec2::254",
    "100.100.100.200",
    "224.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]
PRIVATE = ["10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "fd12::1", "::ffff:10.0.0.1"]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_no_name_leads_to_this_machine_or_to_credentials(address: str) -> None:
    assert not only("https://registry.example/simple").may_be_at(address)
    assert not Registries.of().entries[0].may_be_at(address)


@pytest.mark.parametrize("address", PRIVATE)
def test_only_what_the_person_named_lies_in_a_private_network(address: str) -> None:
    assert only("https://registry.example/simple").may_be_at(address)
    assert not Registries.of().entries[0].may_be_at(address)


@given(st.ip_addresses())
def test_the_public_registry_is_at_public_addresses(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if Registries.of().entries[0].may_be_at(str(address)):
        assert address.is_global
        assert not address.is_multicast


def test_credentials_are_for_pip_alone() -> None:
    url = f"https://me:{SECRET}%40x@registry.example/simple"
    registries = Registries.of([url])
    assert registries.indexes == (url,)
    for shown in (repr(registries), str(registries.entries[0]), repr(registries.entries[0])):
        assert SECRET not in shown
        assert "registry.example" in shown
    said = registries.redacted(f"Looking in {url}, as {SECRET}@x and {SECRET}%40x")
    assert SECRET not in said


def test_a_narrower_choice_keeps_what_the_person_said_of_it() -> None:
    secret = f"https://me:{SECRET}@registry.example/simple"
    mine = Registries.of([secret, "files.example"])
    theirs = Registries.of(["https://other:x@registry.example/simple"])
    assert theirs.is_within(mine)
    assert mine.narrowed(theirs).indexes == (secret,)
    assert not Registries.of(["https://registry.example/other"]).is_within(mine)
    assert (
        not Registries.of().narrowed(Registries.of(["https://pypi.org/simple"])).entries[0].listed
    )
