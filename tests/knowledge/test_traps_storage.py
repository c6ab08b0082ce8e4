"""What a naive implementation gets wrong about object storage: one test or more per trap.

The numbers are those of the traps of the destination side; the first sentence of a docstring says
the naive belief. Each trap is asked as a whole case through the public door.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.knowledge.worlds import (
    NO_SNAT,
    Part,
    add,
    ask,
    case_file,
    change,
    codes,
    finding,
    fix_of,
    group,
    groups_of,
    lacks,
    policy,
    rule,
    snat,
    status,
    told,
    with_policies,
)
from wayout.engine import Answer

BUCKET = "shop-assets"
IN = f"{BUCKET}.oss-cn-hangzhou-internal.aliyuncs.com"
OUT = f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com"
FAR = f"{BUCKET}.oss-cn-beijing-internal.aliyuncs.com"
SEEN = [{"resolved": {IN: ["100.118.28.50"], OUT: ["203.0.113.30"], FAR: ["100.118.58.9"]}}]
OFFICE = {"NotIpAddress": {"acs:SourceIp": ["192.0.2.0/24"]}}
OWN_VPC = {"StringNotEquals": {"acs:SourceVpc": ["vpc-bp1shop"]}}
EXIT = "198.51.100.20"


def deny(condition: Part | None = None, **more: Any) -> Part:
    made = {
        "Effect": "Deny",
        "Action": ["oss:*"],
        "Principal": ["*"],
        "Resource": [f"acs:oss:*:*:{BUCKET}", f"acs:oss:*:*:{BUCKET}/*"],
        **more,
    }
    return {**made, "Condition": condition} if condition is not None else made


def bucket(*statements: Part, **more: Any) -> Part:
    made = {"name": BUCKET, "region": "cn-hangzhou", "policy": list(statements), **more}
    return case_file(buckets=[made], observations=SEEN)


def inside(*statements: Part, **more: Any) -> Answer:
    return ask(bucket(*statements), to=f"https://{IN}", **more)


def outside(*statements: Part, **more: Any) -> Answer:
    return ask(bucket(*statements), to=f"https://{OUT}", **more)


def test_trap_13_a_fix_sends_the_whole_policy() -> None:
    """PutBucketPolicy adds the statement it is given."""
    keep = deny({"Bool": {"acs:SecureTransport": ["false"]}}, Sid="https-only")
    other = deny({"StringEquals": {"acs:SourceVpc": ["vpc-bp1test"]}})
    answer = inside(keep, deny(OFFICE), other)
    assert codes(answer) == ["DAC-540"]
    fix = fix_of(answer, "DAC-540")
    line = next(text for text in fix.change.aliyun.splitlines() if text.startswith("printf"))
    sent = json.loads(line.split("'")[3])
    assert [s.get("Sid", "") for s in sent["Statement"]] == ["https-only", "", ""]
    assert sent["Statement"][1]["Condition"] == {
        **OFFICE,
        "StringNotEquals": {"acs:SourceVpc": ["vpc-bp1shop"]},
    }
    assert sent["Statement"][2]["Condition"] == other["Condition"]
    assert fix.verified.verdict_after == "reachable"
    assert "get-bucket-policy" in fix.change.aliyun.splitlines()[0]


def test_trap_18_a_403_of_the_policy_is_no_network_fault() -> None:
    """HTTP 403 means that a security group or network ACL drops the request."""
    answer = inside(deny(OFFICE))
    gates = ("policy", "security-group", "network-acl", "route")
    assert {status(answer, gate) for gate in gates} == {"passes"}
    assert status(answer, "destination-access") == "blocks"
    assert status(answer, "destination-service") == "passes"


def test_trap_20_the_internal_endpoint_is_no_private_address() -> None:
    """A policy that allows the private ranges allows every internal endpoint."""
    private = [
        {"ipBlock": {"cidr": cidr}} for cidr in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    ]
    answer = with_policies(policy({"to": private}), to="100.118.28.50:443")
    assert status(answer, "policy") == "blocks"
    assert "destination-access" in {gate.gate for gate in answer.gates}


@pytest.mark.parametrize(
    ("block", "want"),
    [
        pytest.param({"cidr": "100.64.0.0/10"}, set(), id="all cloud services"),
        pytest.param({"cidr": "100.118.28.50/32"}, {"DAC-590"}, id="the address of today"),
        pytest.param(
            {"cidr": "0.0.0.0/0", "except": ["100.98.0.0/16"]}, {"DAC-590"}, id="a hole elsewhere"
        ),
    ],
)
def test_trap_20_the_bucket_may_move(block: Part, want: set[str]) -> None:
    """What lets the resolved address pass lets the endpoint pass."""
    ports = [{"port": 443}, {"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]
    dns = {"ports": ports[1:]}
    own = policy({"to": [{"ipBlock": block}], "ports": ports[:1]}, dns)
    answer = ask(bucket(), case_file(network_policies=[own]), to=f"https://{IN}")
    assert status(answer, "policy") == "passes"
    assert set(codes(answer)) == want
    assert answer.verdict == ("unknown" if want else "reachable")


def test_trap_20_of_a_security_group() -> None:
    narrow = group("sg-bp1own", rule("accept", None, "10.0.0.0/8"),
                   rule("accept", 443, "100.118.28.0/24"))  # fmt: skip
    answer = ask(
        bucket(), case_file(security_groups=[narrow]), to=f"https://{IN}",
        changes=[groups_of("eni-bp1api0", "sg-bp1own")],
    )  # fmt: skip
    assert codes(answer) == ["DAC-591"]
    assert finding(answer, "DAC-591").certainty == "possible"  # the table of ranges is old
    assert "100.64.0.0/10" in fix_of(answer, "DAC-591").change.aliyun


def test_trap_21_on_the_internal_path_the_private_address_counts() -> None:
    """The bucket sees the NAT gateway's address, as every other destination outside does."""
    exit_only = {"NotIpAddress": {"acs:SourceIp": [EXIT]}}
    assert codes(inside(deny(exit_only))) == ["DAC-540"]
    assert outside(deny(exit_only)).verdict == "reachable"


def test_trap_21_and_the_other_way_round() -> None:
    private_only = {"NotIpAddress": {"acs:SourceIp": ["10.20.16.0/24"]}}
    assert inside(deny(private_only)).verdict == "reachable"
    answer = outside(deny(private_only))
    assert codes(answer) == ["DAC-541"]
    assert f"{EXIT}/32" in fix_of(answer, "DAC-541").change.aliyun


def test_trap_21_the_public_path_shows_no_vpc() -> None:
    """A pod in the VPC is in the VPC, whichever endpoint it dials."""
    assert inside(deny(OWN_VPC)).verdict == "reachable"
    answer = outside(deny(OWN_VPC))
    assert codes(answer) == ["DAC-543"]
    assert IN in finding(answer, "DAC-543").text.en


def test_trap_21_a_legacy_policy_without_vpc_is_judged() -> None:
    """A condition on acs:SourceIp without acs:SourceVpc is void."""
    assert status(inside(deny(OFFICE)), "destination-access") == "blocks"


def test_trap_22_everybody_without_condition_spares_the_owner() -> None:
    """A Deny for everybody denies everybody."""
    answer = inside(deny())
    assert answer.verdict == "unknown"
    assert finding(answer, "DAC-550").certainty == "possible"


def test_trap_22_with_a_condition_it_binds_the_owner() -> None:
    assert finding(inside(deny(OFFICE)), "DAC-540").certainty == "confirmed"


def test_trap_22_an_identity_is_not_known() -> None:
    assert inside(deny(OFFICE, Principal=["20214760404935"])).verdict == "unknown"
    elsewhere = deny({"NotIpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}}, Principal=["2021"])
    assert inside(elsewhere).verdict == "reachable"


def test_trap_33_a_name_that_resolves_is_not_within_reach() -> None:
    """The internal endpoint of another region resolves, so it can be dialled."""
    answer = ask(bucket(region="cn-beijing"), to=f"https://{FAR}")
    assert status(answer, "dns") == "passes"
    assert codes(answer) == ["DAC-510"]
    assert f"{BUCKET}.oss-cn-beijing.aliyuncs.com" in fix_of(answer, "DAC-510").title.en


def test_trap_33_a_range_of_old_proves_nothing() -> None:
    answer = ask(to="100.118.58.9:443")
    assert finding(answer, "DAC-512").certainty == "possible"
    assert answer.verdict == "unknown"


def test_trap_19_every_address_of_the_exit_counts() -> None:
    """One admitted address of the SNAT entry is enough."""
    two = [
        snat(SnatIp=f"{EXIT},198.51.100.21"),
        add("eips", {"AllocationId": "eip-bp1two", "IpAddress": "198.51.100.21",
                     "Status": "InUse", "BusinessStatus": "Normal",
                     "InstanceId": "ngw-bp1exit", "InstanceType": "Nat"}),
        change("nat_gateways", "ngw-bp1exit", IpLists={"IpList": [
            {"IpAddress": ip, "AllocationId": eip} for ip, eip in
            ((EXIT, "eip-bp1exit"), ("198.51.100.21", "eip-bp1two"))]}),
    ]  # fmt: skip
    answer = outside(deny({"NotIpAddress": {"acs:SourceIp": [EXIT]}}), changes=two)
    assert codes(answer) == ["DAC-548"]
    assert answer.verdict == "unknown"
    fix = fix_of(answer, "DAC-548")
    assert "198.51.100.21/32" in fix.change.aliyun
    assert fix.verified.verdict_after == "reachable"


def test_trap_27_a_policy_nobody_collected_is_no_empty_policy() -> None:
    """No policy in the documents means that the bucket has none."""
    answer = ask(case_file(observations=SEEN), to=f"https://{IN}")
    assert answer.verdict == "unknown"
    assert "bucket_policies" in lacks(answer)
    assert inside().verdict == "reachable"


def test_without_an_exit_the_internal_endpoint_is_the_answer() -> None:
    """No SNAT entry means that a NAT gateway has to be set up."""
    answer = outside(changes=[NO_SNAT])
    assert codes(answer) == ["DAC-515", "NAT-002"]
    assert IN in finding(answer, "DAC-515").text.en


def test_the_policy_of_the_callers_vpc_counts_too() -> None:
    """Only the policy of the bucket decides."""
    hop = {"NextHop": [{"NextHopType": "GatewayEndpoint", "NextHopId": "vpce-bp1oss"}]}
    entry = {
        "RouteEntryId": "rte-bp1oss",
        "RouteTableId": "vtb-bp1shop",
        "DestinationCidrBlock": "100.118.28.0/24",
        "Type": "System",
        "Status": "Available",
        "NextHops": hop,
    }
    routed = [add("route_entries", entry, "vtb-bp1shop")]
    other = {
        "Effect": "Allow",
        "Action": "oss:*",
        "Principal": "*",
        "Resource": "acs:oss:*:*:logs*",
    }
    gateway = {"id": "vpce-bp1oss", "region": "cn-hangzhou", "policy": [other]}
    ours = case_file(
        gateway_endpoints=[{**gateway, "vpc": "vpc-bp1shop", "route_tables": "vtb-bp1shop"}]
    )
    theirs = case_file(gateway_endpoints=[{**gateway, "vpc": "vpc-bp1data"}])
    answer = ask(bucket(), ours, to=f"https://{IN}", changes=routed)
    assert codes(answer) == ["DAC-570"]
    assert fix_of(answer, "DAC-570").verified.verdict_after == "reachable"
    assert ask(bucket(), theirs, to=f"https://{IN}", changes=routed).verdict == "reachable"
    assert "gateway_endpoints" in lacks(inside(changes=routed))


def test_public_access_that_is_blocked_leaves_signed_requests_alone() -> None:
    """Block Public Access on means that nobody gets in."""
    answer = ask(bucket(acl="public-read", block_public_access=True), to=f"https://{IN}")
    assert answer.verdict == "reachable"
    assert "DAC-580" in told(answer)
