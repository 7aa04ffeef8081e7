"""No address of a network that is somebody's own passes for a public one."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.web.addresses import is_public

PRIVATE4 = [
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
    *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15"),
    *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
]
PRIVATE6 = [
    *("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/32"),
    *("2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
]


def inside(networks: list[str]) -> st.SearchStrategy[str]:
    ranges = [ipaddress.ip_network(network) for network in networks]
    return st.sampled_from(ranges).flatmap(
        lambda network: st.integers(0, network.num_addresses - 1).map(lambda i: str(network[i]))
    )


@given(address=inside([*PRIVATE4, *PRIVATE6]))
def test_special_ranges_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("network", [*PRIVATE4, *PRIVATE6])
def test_both_ends_of_a_range_are_in_it(network: str) -> None:
    ends = ipaddress.ip_network(network)
    assert not is_public(str(ends[0]))
    assert not is_public(str(ends[-1]))


@given(number=st.integers(0, 2**32 - 1))
def test_ipv4_is_public_only_where_the_standard_library_agrees(number: int) -> None:
    address = ipaddress.IPv4Address(number)
    if is_public(str(address)):
        assert address.is_global
        assert not (address.is_multicast)
        assert not (address.is_reserved)
        assert not (address.is_unspecified)


@given(number=st.integers(0, 2**128 - 1))
def test_ipv6_is_public_only_where_the_standard_library_agrees(number: int) -> None:
    address = ipaddress.IPv6Address(number)
    if is_public(str(address)):
        assert address.is_global
        assert not (address.is_multicast)
        assert not (address.is_reserved)
        assert not (address.is_link_local)
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(number=st.integers(0, 2**32 - 1))
def test_no_ipv6_address_stands_for_an_ipv4_one(number: int) -> None:
    four = ipaddress.IPv4Address(number)
    low, six = f"{number >> 16:x}:{number & 0xFFFF:x}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}"
    for text in (f"::ffff:{four}", f"::{four}", f"64:ff9b::{low}", f"{six}::1", f"{six}::"):
        assert not is_public(text)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111"])
def test_public_ones_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "1.1.1",
        "01.1.1.1",
        "1.1.1.1%eth0",
        "2606:4700::1%eth0",
        "fe80::1%1",
        "168.63.129.16",
        "100.100.100.200",
        "169.254.169.254",
        "fd00:ec2::254",
        "1.1.1.1/32",
        "1",
    ],
)
def test_what_is_odd_or_of_a_cloud_is_not(address: str) -> None:
    assert not is_public(address)
