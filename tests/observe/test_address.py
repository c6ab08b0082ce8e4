"""Addresses, CIDR blocks and ranges, against the standard library and hostile text."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip, parse_range

addresses = st.integers(0, 2**32 - 1).map(lambda n: str(ipaddress.IPv4Address(n)))
prefixes = st.integers(0, 32)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("10.0.0.1", Ip(4, 0x0A000001)),
        (" 10.0.0.1\n", Ip(4, 0x0A000001)),
        ("::1", Ip(6, 1)),
        ("::ffff:10.0.0.1", Ip(6, 0xFFFF0A000001)),
        ("", None),
        ("10.0.0", None),
        ("10.0.0.256", None),
        ("010.0.0.1", None),
        ("fe80::1%eth0", None),
        ("10.0.0.1/32", None),
        ("١٠.0.0.1", None),
        ("db.example.com", None),
    ],
)
def test_parse_ip(text: str, want: Ip | None) -> None:
    assert parse_ip(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("10.0.0.0/8", Network(4, 0x0A000000, 8)),
        ("10.1.2.3/8", Network(4, 0x0A000000, 8)),
        ("10.1.2.3", Network(4, 0x0A010203, 32)),
        ("0.0.0.0/0", Network(4, 0, 0)),
        ("::/0", Network(6, 0, 0)),
        ("2001:db8::1", Network(6, 0x20010DB8000000000000000000000001, 128)),
        ("10.0.0.0/33", None),
        ("10.0.0.0/-1", None),
        ("10.0.0.0/", None),
        ("10.0.0.0/255.0.0.0", None),
        ("10.0.0.0/٨", None),
        ("10.0.0.0/8/8", None),
        ("10.0.0.0/" + "9" * 9999, None),
        ("", None),
        ("/8", None),
    ],
)
def test_parse_cidr(text: str, want: Network | None) -> None:
    assert parse_cidr(text) == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("10.0.0.0-10.0.0.255", ["10.0.0.0/24"]),
        ("10.0.0.5 - 10.0.0.7", ["10.0.0.5/32", "10.0.0.6/31"]),
        ("10.0.0.5-10.0.0.5", ["10.0.0.5/32"]),
        ("0.0.0.0-255.255.255.255", ["0.0.0.0/0"]),
        ("10.0.0.7-10.0.0.5", None),
        ("10.0.0.0/8", None),
        ("10.0.0.5", None),
        ("10.0.0.5-", None),
        ("::1-::2", None),
        ("a-b", None),
    ],
)
def test_parse_range(text: str, want: list[str] | None) -> None:
    found = parse_range(text)
    assert (None if found is None else [str(n) for n in found]) == want


def test_versions_never_meet() -> None:
    everything4, everything6 = Network(4, 0, 0), Network(6, 0, 0)
    assert not everything4.contains(Ip(6, 1))
    assert not everything6.contains(Ip(4, 1))
    assert not everything6.overlaps(everything4)


@given(addresses, prefixes, addresses)
def test_containment_agrees_with_the_standard_library(base: str, prefix: int, probe: str) -> None:
    network, ip = parse_cidr(f"{base}/{prefix}"), parse_ip(probe)
    assert network is not None
    assert ip is not None
    library = ipaddress.ip_network(f"{base}/{prefix}", strict=False)
    assert network.contains(ip) == (ipaddress.ip_address(probe) in library)
    assert str(network) == str(library)
    assert str(ip) == probe


@given(addresses, prefixes, addresses, prefixes)
def test_networks_inside_networks(base: str, prefix: int, other: str, other_prefix: int) -> None:
    outer, inner = parse_cidr(f"{base}/{prefix}"), parse_cidr(f"{other}/{other_prefix}")
    assert outer is not None
    assert inner is not None
    library_outer = ipaddress.ip_network(str(outer))
    library_inner = ipaddress.ip_network(str(inner))
    assert isinstance(library_outer, ipaddress.IPv4Network)
    assert isinstance(library_inner, ipaddress.IPv4Network)
    assert outer.contains_net(inner) == library_inner.subnet_of(library_outer)
    assert outer.overlaps(inner) == library_outer.overlaps(library_inner)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_range_holds_exactly_its_addresses(first: int, last: int, probe: int) -> None:
    text = f"{ipaddress.IPv4Address(first)}-{ipaddress.IPv4Address(last)}"
    networks = parse_range(text)
    if first > last:
        assert networks is None
    else:
        assert networks is not None
        assert any(n.contains(Ip(4, probe)) for n in networks) == (first <= probe <= last)


@given(st.text())
def test_any_text_is_survived(text: str) -> None:
    for parse in (parse_ip, parse_cidr, parse_range):
        parse(text)
