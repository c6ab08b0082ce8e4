"""The guards: outbound policies of Cloud Firewall, black holes and debt, through the rules."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.exits import (
    SNAT_IP,
    Item,
    codes,
    eip,
    judge,
    lacks,
    nat,
    snat,
    status,
    world,
)
from wayout.engine.advise.answer import Answer
from wayout.engine.case import AccountBalance, FirewallPolicy
from wayout.engine.facts.common import Flow
from wayout.engine.observe.guards import account_credit, matches, policy_order

GATE = "guards"
FLOW = Flow(flow="main", pod="shop/api-0", ip="203.0.113.10", port=443)
OTHER_IP = "198.51.100.23"


def policy(action: str = "drop", order: int = 1, **more: Any) -> Item:
    return {
        "AclUuid": f"acl-{order}",
        "AclAction": action,
        "Direction": "out",
        "Source": "0.0.0.0/0",
        "SourceType": "net",
        "Destination": "0.0.0.0/0",
        "DestinationType": "net",
        "Proto": "ANY",
        "DestPort": "0/0",
        "ApplicationName": "ANY",
        "Order": order,
        "Release": "true",
        **more,
    }


def firewall(*policies: Item, total: int | None = None) -> Item:
    return {
        "action": "DescribeControlPolicy",
        "request": {"Direction": "out", "CurrentPage": "1", "PageSize": "50"},
        "response": {"Policys": list(policies), "TotalCount": total or len(policies)},
    }


def assets(**states: str) -> Item:
    found = [{"InternetAddress": ip, "ProtectStatus": state} for ip, state in states.items()]
    return {"action": "DescribeAssetList", "response": {"Assets": found, "TotalCount": len(found)}}


def ddos(**states: str) -> Item:
    inner = [{"InstanceIp": ip, "IpStatus": state} for ip, state in states.items()]
    return {
        "action": "DescribeInstanceIpAddress",
        "response": {"InstanceList": [{"InstanceId": "eip-1", "IpAddressConfig": inner}]},
    }


def balance(amount: str) -> Item:
    return {
        "action": "QueryAccountBalance",
        "response": {"Code": "200", "Data": {"AvailableAmount": amount}},
    }


ON = assets(**{SNAT_IP: "open"})


def ask(*documents: Item, **more: Any) -> Answer:
    return judge(world(extra=documents, **more))


def test_nothing_collected_is_not_applicable_and_assumed() -> None:
    answer = ask()
    assert status(answer, GATE) == "not-applicable"
    assumed = {statement.code for statement in answer.assumptions}
    assert {"GRD-601", "GRD-602", "GRD-603"} <= assumed


def test_fw_01_a_matching_drop_policy_on_a_protected_exit() -> None:
    answer = ask(firewall(policy()), ON)
    assert codes(answer, GATE) == ["GRD-011"]
    assert status(answer, GATE) == "blocks"
    fix = next(fix for fix in answer.fixes if fix.id == "add-firewall-accept")
    assert "--NewOrder 1 " in fix.change.aliyun
    assert "203.0.113.10/32" in fix.change.aliyun
    assert fix.verified.result == "yes"


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param([], id="presence alone is no fault"),
        pytest.param([policy("accept", 1), policy("drop", 2)], id="accept first"),
        pytest.param([policy("drop", 10), policy("accept", 2)], id="orders are numbers"),
        pytest.param([policy("log")], id="monitor"),
        pytest.param([policy(Release="false")], id="switched off"),
        pytest.param([policy(Direction="in")], id="inbound"),
        pytest.param([policy(Proto="UDP")], id="another protocol"),
        pytest.param([policy(DestPort="80/80")], id="another port"),
        pytest.param([policy(Destination="192.0.2.0/24")], id="another destination"),
        pytest.param([policy(Source="198.51.100.99/32")], id="another source"),
        pytest.param([policy("drop", -1), policy("accept", 9)], id="-1 is last"),
    ],
)
def test_policies_that_do_not_stop_the_flow(policies: list[Item]) -> None:
    answer = ask(firewall(*policies), ON)
    assert codes(answer, GATE) == []
    assert status(answer, GATE) == "passes"


def test_an_exit_without_protection_passes() -> None:
    assert status(ask(firewall(policy()), assets(**{SNAT_IP: "closed"})), GATE) == "passes"


def test_unknown_protection_makes_a_drop_only_possible() -> None:
    answer = ask(firewall(policy()))
    assert codes(answer, GATE) == ["GRD-013"]
    assert status(answer, GATE) == "unknown"


@pytest.mark.parametrize(
    "policies",
    [
        pytest.param(firewall(policy(), total=9), id="truncated"),
        pytest.param(
            firewall(policy(DestinationType="domain", Destination="a.example.com")), id="domain"
        ),
        pytest.param(firewall(policy(DestinationType="location", Destination="CN")), id="location"),
        pytest.param(firewall(policy(ApplicationName="HTTPS")), id="application"),
        pytest.param(
            firewall(policy(DestinationType="group", Destination="book")), id="unread group"
        ),
    ],
)
def test_what_cannot_be_told_is_unknown(policies: Item) -> None:
    answer = ask(policies, ON)
    assert codes(answer, GATE) == []
    assert status(answer, GATE) == "unknown"
    assert ("firewall_policies", "") in lacks(answer, GATE)


def test_an_uncertain_policy_that_does_the_same_changes_nothing() -> None:
    by_name = policy("accept", 1, DestinationType="domain", Destination="a.example.com")
    assert status(ask(firewall(by_name, policy("accept", 2)), ON), GATE) == "passes"


def two_addresses(*documents: Item) -> Answer:
    both = f"{SNAT_IP},{OTHER_IP}"
    return ask(
        *documents,
        nats=[nat(ips=both.split(","))],
        snats={"ngw-1": [snat(ips=both)]},
        eips=[eip(), eip(OTHER_IP)],
    )


def test_one_protected_address_of_two_is_intermittent() -> None:
    answer = two_addresses(firewall(policy()), assets(**{SNAT_IP: "open", OTHER_IP: "closed"}))
    assert codes(answer, GATE) == ["GRD-012"]
    assert status(answer, GATE) == "unknown"


@pytest.mark.parametrize("state", ["blackhole", "hole_begin"])
def test_fw_02_a_black_hole(state: str) -> None:
    answer = ask(ddos(**{SNAT_IP: state}))
    assert codes(answer, GATE) == ["GRD-014"]
    assert next(f for f in answer.fixes if f.id == "leave-black-hole").verified.result == "yes"


@pytest.mark.parametrize("state", ["normal", "defense"])
def test_an_address_that_is_normal_or_cleaned_passes(state: str) -> None:
    assert status(ask(ddos(**{SNAT_IP: state})), GATE) == "passes"


def test_one_black_hole_of_two_is_intermittent() -> None:
    answer = two_addresses(ddos(**{SNAT_IP: "blackhole", OTHER_IP: "normal"}))
    assert codes(answer, GATE) == ["GRD-015"]


def test_an_address_that_was_not_collected_is_unknown() -> None:
    answer = ask(ddos(**{"198.51.100.99": "normal"}))
    assert status(answer, GATE) == "unknown"
    assert ("ddos_addresses", "") in lacks(answer, GATE)


def test_debt_is_possible_and_credit_passes() -> None:
    in_debt = ask(balance("-1,002.50"))
    assert codes(in_debt, GATE) == ["GRD-016"]
    assert status(in_debt, GATE) == "unknown"
    assert next(f for f in in_debt.fixes if f.id == "pay-account").verified.result == "yes"
    assert status(ask(balance("88.00")), GATE) == "passes"


def test_a_private_destination_has_no_guarded_exit() -> None:
    case = world(extra=[firewall(policy()), ON])
    assert status(judge(case, "10.20.0.99:80"), GATE) == "not-applicable"


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("0", "credit"),
        ("-0.01", "debt"),
        ("1,234.5", "credit"),
        ("***", "unreadable"),
        ("", "unreadable"),
        ("NaN", "unreadable"),
        ("-Infinity", "debt"),
    ],
)
def test_amounts(text: str, state: str) -> None:
    assert account_credit(AccountBalance(available_amount=text)).state == state


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=12), st.text(max_size=12))
def test_hostile_policies_never_raise(cidr: str, kind: str, port: str, order: str) -> None:
    odd = FirewallPolicy(
        acl_uuid="acl-1",
        destination=cidr,
        destination_type=kind,
        dest_port=port,
        order=order,
        proto=kind,
    )
    assert matches(odd, FLOW, SNAT_IP) in (True, False, None)
    assert policy_order(odd) > 0
