"""Longest prefix and the table of a vSwitch, against a naive oracle and case by case."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.alibaba import NextHop, RouteEntry
from wayout.engine.observe.address import Network, parse_cidr, parse_ip
from wayout.engine.observe.routing import (
    CLOUD_SERVICES,
    Match,
    hop_class,
    longest_match,
    route_in,
    system_table,
    table_of,
)

NOWHERE = Origin("test")


def entry(number: int, cidr: str, status: str = "Available") -> Record[RouteEntry]:
    value = RouteEntry(
        route_entry_id=f"rte-{number}",
        route_table_id="vtb-1",
        destination_cidr_block=cidr,
        status=status,
        next_hops=[NextHop(next_hop_type="NatGateway", next_hop_id=f"ngw-{number}")],
    )
    return Record(value, (NOWHERE,))


def documents(*items: dict[str, Any]) -> Case:
    return Case.load(*items)


def entries_of(table: str, *cidrs: str, token: str = "") -> dict[str, Any]:
    items = [
        {
            "RouteEntryId": f"rte-{cidr}",
            "RouteTableId": table,
            "DestinationCidrBlock": cidr,
            "Type": "Custom",
            "Status": "Available",
            "NextHops": {"NextHop": [{"NextHopType": "NatGateway", "NextHopId": "ngw-1"}]},
        }
        for cidr in cidrs
    ]
    return {
        "action": "DescribeRouteEntryList",
        "request": {"RouteTableId": table},
        "response": {"RouteEntrys": {"RouteEntry": items}, "NextToken": token},
    }


def tables(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "action": "DescribeRouteTableList",
        "response": {
            "RouterTableList": {"RouterTableListType": list(items)},
            "TotalCount": len(items),
        },
    }


def table(name: str, kind: str, *vswitches: str, vpc: str = "vpc-1") -> dict[str, Any]:
    return {
        "RouteTableId": name,
        "RouteTableType": kind,
        "VpcId": vpc,
        "VSwitchIds": {"VSwitchId": list(vswitches)},
    }


# ── Longest prefix ───────────────────────────────────────────────────────────────────────────

# Few bits vary, so that prefixes nest and addresses hit them.
NARROW = st.integers(0, 255).map(lambda low: 203 << 24 | 113 << 8 | low)
CIDRS = st.tuples(NARROW, st.sampled_from([0, 8, 16, 22, 24, 25, 26, 28, 30, 31, 32])).map(
    lambda pair: str(ipaddress.ip_network((pair[0], pair[1]), strict=False))
)


def naive_longest(ip: str, cidrs: list[str]) -> int | None:
    """The longest prefix length that contains the address, by the standard library."""
    address = ipaddress.ip_address(ip)
    lengths = [n.prefixlen for n in map(ipaddress.ip_network, cidrs) if address in n]
    return max(lengths, default=None)


@given(st.lists(CIDRS, max_size=12), NARROW)
def test_longest_prefix_agrees_with_the_standard_library(cidrs: list[str], number: int) -> None:
    ip = str(ipaddress.ip_address(number))
    address = parse_ip(ip)
    assert address is not None
    found = longest_match([entry(i, c) for i, c in enumerate(cidrs)], address, Case.load())
    assert (found[0].network.prefix if found else None) == naive_longest(ip, cidrs)
    prefixes = [match.network.prefix for match in found]
    assert prefixes == sorted(prefixes, reverse=True)


@given(st.permutations(["0.0.0.0/0", "203.0.0.0/8", "203.0.113.0/24", "203.0.113.10/32"]))
def test_the_order_of_entries_does_not_matter(cidrs: list[str]) -> None:
    address = parse_ip("203.0.113.10")
    assert address is not None
    found = longest_match([entry(i, c) for i, c in enumerate(cidrs)], address, Case.load())
    assert [str(match.network) for match in found] == [
        "203.0.113.10/32",
        "203.0.113.0/24",
        "203.0.0.0/8",
        "0.0.0.0/0",
    ]


def test_of_equal_prefixes_the_available_one_counts() -> None:
    address = parse_ip("203.0.113.10")
    assert address is not None
    both = [entry(1, "0.0.0.0/0", "Deleting"), entry(2, "0.0.0.0/0")]
    assert longest_match(both, address, Case.load())[0].hops[0].next_hop_id == "ngw-2"


def test_an_ipv4_default_route_never_takes_ipv6() -> None:
    address = parse_ip("2001:db8::10")
    assert address is not None
    found = longest_match([entry(1, "0.0.0.0/0"), entry(2, "::/0")], address, Case.load())
    assert [match.hops[0].next_hop_id for match in found] == ["ngw-2"]


# ── What is not known ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cidrs", "token", "state"),
    [
        pytest.param(["0.0.0.0/0"], "", "hit", id="complete"),
        pytest.param([], "", "none", id="complete and empty"),
        pytest.param(["0.0.0.0/0"], "more", "undetermined", id="a longer one may follow"),
        pytest.param(["203.0.113.10/32"], "more", "hit", id="nothing is longer than a host route"),
        pytest.param(["0.0.0.0/0", "not a block"], "", "undetermined", id="unreadable entry"),
        pytest.param(["pl-1", "0.0.0.0/0"], "", "undetermined", id="prefix list not collected"),
    ],
)
def test_a_longer_entry_that_may_be_missing(cidrs: list[str], token: str, state: str) -> None:
    address = parse_ip("203.0.113.10")
    assert address is not None
    routed = route_in(documents(entries_of("vtb-1", *cidrs, token=token)), "vtb-1", address, ())
    assert routed.state == state
    assert routed.lacks == ("route_entries" if state == "undetermined" else "")


def test_a_truncated_table_cannot_outrank_a_certain_local_route() -> None:
    address = parse_ip("100.100.2.136")
    assert address is not None
    case = documents(entries_of("vtb-1", "0.0.0.0/0", token="more"))
    implied = [Match(CLOUD_SERVICES, is_certain=True)]
    routed = route_in(case, "vtb-1", address, implied)
    assert (routed.state, routed.matches[0].record) == ("hit", None)


def test_a_prefix_list_as_destination_is_expanded() -> None:
    address = parse_ip("203.0.113.10")
    assert address is not None
    blocks = {
        "action": "DescribePrefixListAttributes",
        "response": {
            "PrefixListId": "pl-1",
            "Entries": {"Entry": [{"Cidr": "203.0.113.0/24"}, {"Cidr": "198.51.100.0/24"}]},
        },
    }
    case = documents(entries_of("vtb-1", "pl-1", "0.0.0.0/0"), blocks)
    routed = route_in(case, "vtb-1", address, ())
    assert [str(match.network) for match in routed.matches] == ["203.0.113.0/24", "0.0.0.0/0"]


# ── The table of a vSwitch ───────────────────────────────────────────────────────────────────


def test_the_vswitch_document_names_its_table() -> None:
    vswitch = {
        "VSwitchId": "vsw-a",
        "CidrBlock": "10.20.16.0/24",
        "VpcId": "vpc-1",
        "RouteTable": {"RouteTableId": "vtb-custom", "RouteTableType": "Custom"},
    }
    found = table_of(documents(vswitch), "vsw-a", "vpc-1")
    assert (found.id, found.type) == ("vtb-custom", "Custom")


def test_the_table_that_lists_the_vswitch_wins_over_the_system_table() -> None:
    case = documents(tables(table("vtb-sys", "System"), table("vtb-1", "Custom", "vsw-a")))
    assert table_of(case, "vsw-a", "vpc-1").id == "vtb-1"


def test_a_vswitch_in_no_custom_table_uses_the_system_table() -> None:
    case = documents(tables(table("vtb-sys", "System"), table("vtb-1", "Custom", "vsw-b")))
    assert table_of(case, "vsw-a", "vpc-1").id == "vtb-sys"


def test_the_system_table_of_another_vpc_does_not_serve() -> None:
    case = documents(tables(table("vtb-other", "System", vpc="vpc-2")))
    assert table_of(case, "vsw-a", "vpc-1").id == ""


def test_an_incomplete_list_of_tables_decides_nothing() -> None:
    page = tables(table("vtb-sys", "System"))
    page["response"]["TotalCount"] = 9
    found = table_of(documents(page), "vsw-a", "vpc-1")
    assert (found.id, found.lacks) == ("", "vswitches")


def test_the_system_table_of_a_vpc_is_found_by_any_vswitch_that_uses_it() -> None:
    vswitch = {
        "VSwitchId": "vsw-b",
        "CidrBlock": "10.20.17.0/24",
        "VpcId": "vpc-1",
        "RouteTable": {"RouteTableId": "vtb-sys", "RouteTableType": "System"},
    }
    assert system_table(documents(vswitch), "vpc-1").id == "vtb-sys"
    assert system_table(documents(vswitch), "vpc-2").id == ""


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("NatGateway", "nat"),
        ("natgateway", "nat"),
        ("Ipv4Gateway", "ipv4-gateway"),
        ("IPv6Gateway", "ipv6-gateway"),
        ("Instance", "appliance"),
        ("NetworkInterface", "appliance"),
        ("HaVip", "appliance"),
        ("RouterInterface", "other-network"),
        ("VpcPeer", "other-network"),
        ("VpnGateway", "other-network"),
        ("Attachment", "other-network"),
        ("Ecr", "other-network"),
        ("CenBasic", "other-network"),
        ("GatewayEndpoint", "endpoint"),
        ("local", "local"),
        ("", "unknown"),
        ("Teleporter", "unknown"),
    ],
)
def test_each_next_hop_type_of_the_api_has_a_class(spelled: str, expected: str) -> None:
    assert hop_class(spelled) == expected


def test_the_range_of_cloud_services() -> None:
    assert parse_cidr("100.64.0.0/10") == CLOUD_SERVICES == Network(4, 0x64400000, 10)
