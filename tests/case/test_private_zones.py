"""Zones of PrivateZone in the shapes of their API and in short form."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine.case import Case, PrivateZone
from wayout.engine.errors import InputError

ZONE: dict[str, Any] = {"ZoneId": "z-1", "ZoneName": "corp.internal", "IsPtr": False}
VPC = {"VpcId": "vpc-1", "RegionId": "cn-hangzhou", "VpcType": "STANDARD"}


def tree(*zones: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"RequestId": "r", "Zones": {"Zone": list(zones)}, **more}


def only(*sources: Any) -> PrivateZone:
    (record,) = Case.load(*sources).listing(PrivateZone).records
    return record.value


def test_zones_with_their_vpcs() -> None:
    zone = only(tree({**ZONE, "Vpcs": {"Vpc": [VPC]}}))
    assert zone.vpcs is not None
    assert [(vpc.vpc_id, vpc.region_id) for vpc in zone.vpcs] == [("vpc-1", "cn-hangzhou")]
    assert only(tree({**ZONE, "Vpcs": {"Vpc": []}})).vpcs == []


def test_one_zone_completes_what_the_list_leaves_open() -> None:
    listed = tree(ZONE, TotalItems=1, PageNumber=1)
    assert only(listed).vpcs is None
    info = {**ZONE, "BindVpcs": {"Vpc": [VPC]}, "RequestId": "r", "ProxyPattern": "ZONE"}
    zone = only(listed, info)
    assert zone.vpcs is not None
    assert (zone.vpcs[0].vpc_id, zone.proxy_pattern) == ("vpc-1", "ZONE")


@pytest.mark.parametrize(
    ("document", "state"),
    [
        (tree(ZONE, TotalItems=1), "collected"),
        (tree(TotalItems=0), "collected"),
        (tree(ZONE, TotalItems=30, PageNumber=1), "truncated"),
        ({"request": {"Keyword": "corp"}, "response": tree(ZONE, TotalItems=1)}, "truncated"),
        ({"request": {"QueryVpcId": "vpc-1"}, "response": tree(TotalItems=0)}, "truncated"),
    ],
)
def test_which_answers_are_the_whole_list(document: dict[str, Any], state: str) -> None:
    assert Case.load(document).listing(PrivateZone).state == state


@pytest.mark.parametrize(
    "document",
    [
        tree({"ZoneId": "cn-hangzhou-h", "LocalName": "Hangzhou Zone H"}),
        tree(),
    ],
)
def test_zones_that_are_places_are_not_read(document: dict[str, Any]) -> None:
    listing = Case.load(document).listing(PrivateZone)
    assert (listing.state, listing.records) == ("missing", ())


def test_zones_in_short_form() -> None:
    def load(**part: Any) -> PrivateZone:
        return only({"apiVersion": "wayout/v1", "kind": "Case", "private_zones": [part]})

    zone = load(name="corp.internal", vpcs="vpc-1, vpc-2")
    assert zone.vpcs is not None
    assert (zone.zone_id, len(zone.vpcs)) == ("corp.internal", 2)
    assert load(id="z-1", name="corp.internal").vpcs is None
    assert load(name="corp.internal", vpcs=[]).vpcs == []
    with pytest.raises(InputError, match="did you mean vpcs"):
        load(name="corp.internal", vpc="vpc-1")
