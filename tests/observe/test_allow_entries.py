"""Entries of whitelists: read leniently, never matched by mistake."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import Origin, Whitelist
from wayout.engine.case.flatten import split_entries
from wayout.engine.observe.address import parse_cidr, parse_ip
from wayout.engine.observe.allow_entries import (
    Group,
    Purpose,
    blocks_of,
    fit_of,
    hits,
    is_covered,
)

WIDE = frozenset({"wildcard", "range"})


@pytest.mark.parametrize(
    ("entry", "forms", "expected"),
    [
        ("10.0.0.1", frozenset(), ["10.0.0.1/32"]),
        ("10.0.0.1/8", frozenset(), ["10.0.0.0/8"]),
        ("0.0.0.0/0", frozenset(), ["0.0.0.0/0"]),
        ("::1", frozenset(), ["::1/128"]),
        ("10.0.0.4-10.0.0.7", WIDE, ["10.0.0.4/30"]),
        ("10.0.0.4-10.0.0.7", frozenset(), None),
        ("192.168.*.*", WIDE, ["192.168.0.0/16"]),
        ("*.*.*.*", WIDE, ["0.0.0.0/0"]),
        ("192.168.*.*", frozenset(), None),
        ("192.*.1.*", WIDE, None),
        ("300.*.*.*", WIDE, None),
        ("%", WIDE, None),
        ("*", WIDE, None),
        ("10.0.0.0/33", frozenset(), None),
        ("10.0.0.9-10.0.0.4", WIDE, None),
        ("office", WIDE, None),
        ("010.0.0.1", frozenset(), None),
    ],
)
def test_what_an_entry_names(entry: str, forms: frozenset[str], expected: list[str] | None) -> None:
    found = blocks_of(entry, forms)
    assert (None if found is None else [str(block) for block in found]) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("10.0.0.0/8, 192.168.0.1,,", ["10.0.0.0/8", "192.168.0.1"]),
        (" 10.0.0.1\n10.0.0.2；10.0.0.3".replace("；", ";"), ["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        ("10.0.0.1，10.0.0.2", ["10.0.0.1", "10.0.0.2"]),
        ("", []),
        (" , ,", []),
    ],
)
def test_how_entries_are_told_apart(text: str, expected: list[str]) -> None:
    assert split_entries(text) == expected


def group(network: str = "", ports: str = "", *entries: str) -> Whitelist:
    return Whitelist(
        instance_id="i", group_name="app", network=network, port_range=ports, entries=list(entries)
    )


@pytest.mark.parametrize(
    ("network", "ports", "purpose", "expected"),
    [
        ("", "", Purpose("rds", "pod", "private", mode="safety"), "yes"),
        ("VPC", "", Purpose("rds", "pod", "private", mode="safety"), "yes"),
        ("Classic", "", Purpose("rds", "pod", "private", mode="safety"), "network-type"),
        ("VPC", "", Purpose("rds", "public", "public", mode="safety"), "network-type"),
        ("classic", "", Purpose("rds", "public", "public", mode="safety"), "yes"),
        ("Classic", "", Purpose("rds", "pod", "private", mode="normal"), "yes"),
        ("Classic", "", Purpose("rds", "pod", "private", mode="unknown"), "mode"),
        ("MIX", "", Purpose("rds", "pod", "private", mode="safety"), "yes"),
        ("connection", "", Purpose("rds", "pod", "private", mode="safety"), "yes"),
        ("PRIVATE_ES", "", Purpose("elasticsearch", "pod", "private"), "yes"),
        ("PUBLIC_ES", "", Purpose("elasticsearch", "pod", "private"), "other-list"),
        ("private_kibana", "", Purpose("elasticsearch", "pod", "private"), "other-list"),
        ("PRIVATE_KIBANA", "", Purpose("elasticsearch", "pod", "private", is_kibana=True), "yes"),
        ("vpc", "9092/9092", Purpose("kafka", "pod", "private", 9092), "yes"),
        ("vpc", "9092/9092", Purpose("kafka", "pod", "private", 9094), "other-port"),
        ("vpc", "9092/9092", Purpose("kafka", "pod", "private", 0), "port"),
        ("internet", "9093/9093", Purpose("kafka", "pod", "private", 9093), "other-list"),
        ("vpc", "what", Purpose("kafka", "pod", "private", 9093), "other-port"),
    ],
)
def test_which_group_an_endpoint_uses(
    network: str, ports: str, purpose: Purpose, expected: str
) -> None:
    assert fit_of(group(network, ports), purpose) == expected


def test_the_narrowest_entry_of_the_first_group_is_named() -> None:
    ip = parse_ip("10.0.1.5")
    assert ip is not None
    groups = [
        Group(group("", "", "127.0.0.1"), Origin("a")),
        Group(group("", "", "0.0.0.0/0", "10.0.1.0/24", "10.0.0.0/16"), Origin("b")),
    ]
    found = hits(groups, ip)
    assert [hit.entry for hit in found] == ["10.0.1.0/24", "10.0.0.0/16", "0.0.0.0/0"]
    assert str(found[0].origin) == "b#/Entries/1"


BLOCKS = st.tuples(st.integers(0, 255), st.integers(24, 32)).map(
    lambda pair: str(ip_network(f"10.0.0.{pair[0]}/{pair[1]}", strict=False))
)


@given(block=BLOCKS, others=st.lists(BLOCKS, max_size=8))
def test_coverage_counts_addresses(block: str, others: list[str]) -> None:
    held = {address for other in others for address in ip_network(other)}
    network = parse_cidr(block)
    assert network is not None
    found = is_covered(network, [n for other in others if (n := parse_cidr(other)) is not None])
    assert found == all(address in held for address in ip_network(block))


def test_no_address_of_the_other_version_is_held() -> None:
    ip = parse_ip(str(ip_address("10.0.0.1")))
    assert ip is not None
    assert hits([Group(group("", "", "::/0", "::1"), Origin("a"))], ip) == []
