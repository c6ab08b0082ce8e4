"""Answers of Cloud Firewall, Anti-DDoS and billing, in the shapes of their APIs."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine.case import (
    AccountBalance,
    Case,
    DdosAddress,
    FirewallAsset,
    FirewallPolicy,
)

POLICY: dict[str, Any] = {
    "AclUuid": "acl-1",
    "AclAction": "drop",
    "Direction": "out",
    "Source": "0.0.0.0/0",
    "SourceType": "net",
    "Destination": "book",
    "DestinationType": "group",
    "DestinationGroupCidrs": ["203.0.113.0/24"],
    "Proto": "TCP",
    "DestPort": "443/443",
    "DestPortType": "port",
    "ApplicationName": "ANY",
    "Order": 3,
    "Release": "true",
}


def policies(*items: dict[str, Any], total: str | None = None, **request: str) -> dict[str, Any]:
    return {
        "action": "DescribeControlPolicy",
        "request": {"CurrentPage": "1", "PageSize": "50", "Lang": "en", **request},
        "response": {"Policys": list(items), "TotalCount": total or str(len(items))},
    }


def test_a_policy_of_the_firewall() -> None:
    listing = Case.load(policies(POLICY, Direction="out")).listing(FirewallPolicy)
    assert listing.state == "collected"
    (record,) = listing.records
    assert (record.value.order, record.value.release) == ("3", True)
    assert record.value.destination_group_cidrs == ["203.0.113.0/24"]


@pytest.mark.parametrize(
    ("document", "state"),
    [
        (policies(POLICY, Direction="out"), "collected"),
        (policies(), "collected"),
        (policies(POLICY, total="9"), "truncated"),
        (policies(Direction="in"), "truncated"),
        (policies(Source="198.51.100.7"), "truncated"),
    ],
)
def test_which_answers_are_the_whole_list(document: dict[str, Any], state: str) -> None:
    assert Case.load(document).listing(FirewallPolicy).state == state


def test_protected_addresses() -> None:
    asset = {"InternetAddress": "198.51.100.20", "ProtectStatus": "open", "ResourceType": "EIP"}
    case = Case.load({"Assets": [asset], "TotalCount": 1, "RequestId": "r"})
    (record,) = case.listing(FirewallAsset).records
    assert (record.value.internet_address, record.value.protect_status) == ("198.51.100.20", "open")


def test_addresses_in_anti_ddos() -> None:
    inner = [{"InstanceIp": "198.51.100.20", "IpStatus": "blackhole", "IpVersion": "v4"}]
    answer = {"InstanceList": [{"InstanceId": "eip-1", "IpAddressConfig": inner}], "Total": 1}
    (record,) = Case.load({**answer, "RequestId": "r"}).listing(DdosAddress).records
    assert record.value.ip_status == "blackhole"
    assert record.origin.pointer == "/InstanceList/0/IpAddressConfig/0"


def test_the_balance() -> None:
    answer = {
        "Code": "200",
        "Message": "success",
        "Success": True,
        "Data": {"AvailableAmount": "-1,002.50", "Currency": "CNY"},
    }
    listing = Case.load(answer).listing(AccountBalance)
    assert listing.is_complete
    assert listing.records[0].value.available_amount == "-1,002.50"
