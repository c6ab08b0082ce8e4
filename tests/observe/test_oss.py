"""Object storage as observers see it: endpoints, access points, gateway endpoints, ranges."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import API, CLUSTER, POD, Part, case, shop
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact
from wayout.engine.observe import observe

GATES = ("destination-access", "destination-service")
DECISIVE = {"blocks", "passes", "unknown", "not-applicable", "degrades"}
HERE: Part = {**CLUSTER, "region": "cn-hangzhou"}
IN, OUT = "oss-cn-hangzhou-internal.aliyuncs.com", "oss-cn-hangzhou.aliyuncs.com"
FAR_IN = "oss-cn-beijing-internal.aliyuncs.com"
BUCKET: Part = {"name": "files", "region": "cn-hangzhou", "policy": []}
POINT: Part = {
    "name": "ap-1",
    "bucket": "files",
    "region": "cn-hangzhou",
    "alias": "ap-1-0a-ossalias",
    "origin": "internet",
    "status": "enable",
}
SEEN: list[Part] = [{"resolved": {f"files.{IN}": "100.118.28.9", f"files.{OUT}": "203.0.113.30"}}]


def world(**parts: Any) -> Case:
    return shop(**{"cluster": HERE, "buckets": [BUCKET], "observations": SEEN, **parts})


def facts(where: Case, to: str, kind: str, **asked: Any) -> list[Fact]:
    question = Question.model_validate({"pod": POD, "destination": to, **asked})
    found = observe(where, question, shipped().knowledge.products).facts
    return [fact for fact in found if fact.kind == kind]


def fact(where: Case, to: str, kind: str, **asked: Any) -> dict[str, Any]:
    (found,) = facts(where, to, kind, **asked)
    return found.fields


# ── Endpoints ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("to", "form", "bucket", "region"),
    [
        (f"https://files.{IN}", "internal", "files", "cn-hangzhou"),
        (f"https://files.{OUT}", "public", "files", "cn-hangzhou"),
        (f"https://{IN}/files/key", "internal", "files", "cn-hangzhou"),
        (f"http://s3.{IN}/files", "internal", "files", "cn-hangzhou"),
        (f"https://files.s3.{OUT}", "public", "files", "cn-hangzhou"),
        ("oss://files", "internal", "files", "cn-hangzhou"),
        ("oss://unknown", "undecided", "unknown", ""),
        ("https://files.oss-accelerate.aliyuncs.com", "accelerated", "files", ""),
        ("https://files.oss-accelerate-overseas.aliyuncs.com", "accelerated", "files", ""),
        (f"https://logs.{FAR_IN}", "internal", "logs", "cn-beijing"),
        ("100.118.28.9:443", "internal", "", "cn-hangzhou"),
        ("100.118.58.9:443", "internal", "", "cn-beijing"),
        ("https://img.example.com", "custom", "files", ""),
        (f"https://ap-1-0a-ossalias.{IN}", "internal", "files", "cn-hangzhou"),
        (
            "https://ap-1.oss-cn-hangzhou.oss-accesspoint.aliyuncs.com",
            "public",
            "files",
            "cn-hangzhou",
        ),
        (f"https://ap-9-0b-ossalias.{OUT}", "public", "", "cn-hangzhou"),
    ],
)
def test_endpoints(to: str, form: str, bucket: str, region: str) -> None:
    where = world(buckets=[{**BUCKET, "domains": "img.example.com"}], access_points=[POINT])
    found = fact(where, to, "oss_endpoint")
    assert (found["form"], found["bucket"], found["region"]) == (form, bucket, region)


@pytest.mark.parametrize("to", ["https://oss.example.com", "203.0.113.9:443", "100.100.2.136:53"])
def test_other_destinations_are_left_alone(to: str) -> None:
    assert facts(world(), to, "oss_endpoint") == []


@pytest.mark.parametrize(
    ("to", "location", "better"),
    [
        (f"https://files.{OUT}", None, f"files.{IN}"),
        (f"https://files.{OUT}", "cn-beijing", "files.oss-cn-beijing.aliyuncs.com"),
        (f"https://logs.{FAR_IN}", None, "logs.oss-cn-beijing.aliyuncs.com"),
        (f"https://files.s3.{OUT}", None, f"files.s3.{IN}"),
        (f"https://ap-1-0a-ossalias.{OUT}", None, "ap-1.oss-cn-hangzhou-internal.{points}"),
        ("https://files.oss-accelerate.aliyuncs.com", "cn-hangzhou", f"files.{IN}"),
        ("https://files.oss-accelerate.aliyuncs.com", None, ""),
    ],
)
def test_the_endpoint_that_suits_the_pod(to: str, location: str | None, better: str) -> None:
    where = world(buckets=[{"name": "files", "region": location}], access_points=[POINT])
    found = fact(where, to, "oss_endpoint")
    assert found["better"] == better.format(points="oss-accesspoint.aliyuncs.com")


@pytest.mark.parametrize(
    ("to", "asked", "scheme", "has_port"),
    [
        (f"http://files.{IN}", {}, "http", "yes"),
        (f"files.{IN}:80", {}, "http", "yes"),
        (f"files.{IN}:443", {}, "https", "yes"),
        (f"files.{IN}", {}, "unknown", "unknown"),
        (f"files.{IN}:8080", {}, "unknown", "no"),
        (f"files.{IN}:443", {"protocol": "udp"}, "https", "no"),
        (f"files.{IN}", {"protocol": "icmp"}, "unknown", "unknown"),
    ],
)
def test_scheme_and_port(to: str, asked: Part, scheme: str, has_port: str) -> None:
    found = fact(world(), to, "oss_endpoint", **asked)
    assert (found["scheme"], found["has_port"]) == (scheme, has_port)


# ── Policies ─────────────────────────────────────────────────────────────────────────────────


def deny(condition: Part) -> Part:
    names = ["acs:oss:*:*:files", "acs:oss:*:*:files/*"]
    return {
        "Effect": "Deny",
        "Action": "oss:*",
        "Principal": "*",
        "Resource": names,
        "Condition": condition,
    }


def with_policy(*statements: Part, **parts: Any) -> Case:
    return world(buckets=[{**BUCKET, "policy": list(statements)}], **parts)


def test_one_decision_per_source_address() -> None:
    where = with_policy(
        deny({"NotIpAddress": {"acs:SourceIp": ["198.51.100.20"]}}),
        nat_gateways=[{"id": "ngw-1", "snat": [{"ips": "198.51.100.20,198.51.100.21"}]}],
    )
    found = facts(where, f"https://files.{OUT}", "bucket_policy_decision")
    said = {f.fields["address"]: f.fields["verdict"] for f in found}
    assert said == {"198.51.100.20": "open", "198.51.100.21": "denied"}
    inside = fact(where, f"https://files.{IN}", "bucket_policy_decision")
    assert (inside["address"], inside["vpc"], inside["verdict"]) == ("10.0.1.5", "vpc-1", "denied")


def test_one_decision_for_all_when_the_source_does_not_matter() -> None:
    where = with_policy(deny({"StringNotEquals": {"acs:SourceVpc": ["vpc-1"]}}))
    assert fact(where, f"https://files.{IN}", "bucket_policy_decision")["verdict"] == "open"
    outside = fact(where, f"https://files.{OUT}", "bucket_policy_decision")
    assert (outside["address"], outside["verdict"], outside["cause"]) == ("any", "denied", "no-vpc")


def test_through_an_access_point_both_policies_are_asked() -> None:
    resource = ["acs:oss:*:*:accesspoint/ap-1", "acs:oss:*:*:accesspoint/ap-1/object/*"]
    own = {**deny({"StringNotEquals": {"acs:SourceVpc": ["vpc-9"]}}), "Resource": resource}
    where = world(access_points=[{**POINT, "policy": [own]}])
    found = facts(where, f"https://ap-1-0a-ossalias.{IN}", "bucket_policy_decision")
    said = {f.fields["owner"]: f.fields["verdict"] for f in found}
    assert said == {"bucket": "none", "access-point": "denied"}


@pytest.mark.parametrize(
    ("blocks", "block"),
    [
        ({}, "unknown"),
        ({"account": True}, "on"),
        ({"bucket": True}, "on"),
        ({"account": False}, "unknown"),
        ({"account": False, "bucket": False}, "off"),
        ({"account": False, "bucket": True}, "on"),
    ],
)
def test_block_public_access(blocks: dict[str, bool], block: str) -> None:
    parts: Part = {"block_public_access": blocks["account"]} if "account" in blocks else {}
    bucket = {**BUCKET, **({"block_public_access": blocks["bucket"]} if "bucket" in blocks else {})}
    everybody = {**deny({}), "Effect": "Allow"}
    where = world(buckets=[{**bucket, "policy": [everybody]}], **parts)
    found = fact(where, f"https://files.{IN}", "public_access")
    assert (found["block"], found["statement"]) == (block, 1)
    decision = fact(where, f"https://files.{IN}", "bucket_policy_decision")
    assert decision["verdict"] == ("allowed" if block == "off" else "open")


# ── Gateway endpoints ────────────────────────────────────────────────────────────────────────

ROUTED: Part = {
    "vswitches": [{"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1", "route_table": "vtb-1"}],
    "route_tables": [
        {"id": "vtb-1", "routes": [{"to": "100.118.28.0/24", "via": "GatewayEndpoint:vpce-1"}]}
    ],
}
UNROUTED: Part = {**ROUTED, "route_tables": [{"id": "vtb-1", "routes": []}]}


def allow(*buckets: str, action: str = "oss:*") -> Part:
    names = [f"acs:oss:*:*:{bucket}{tail}" for bucket in buckets for tail in ("", "/*")]
    return {"Effect": "Allow", "Action": action, "Principal": "*", "Resource": names}


def endpoint(*statements: Part, **more: Any) -> Part:
    made = {"id": "vpce-1", "region": "cn-hangzhou", "vpc": "vpc-1", "policy": list(statements)}
    return {"gateway_endpoints": [{**made, "route_tables": "vtb-1", **more}]}


@pytest.mark.parametrize(
    ("parts", "state", "reason"),
    [
        pytest.param({}, "undetermined", "", id="nothing collected"),
        pytest.param(UNROUTED, "none", "", id="no route leads to one"),
        pytest.param({"gateway_endpoints": []}, "none", "", id="there is none"),
        pytest.param({**ROUTED, **endpoint(allow("files"))}, "allows", "", id="listed"),
        pytest.param({**ROUTED, **endpoint(allow("f*"))}, "allows", "", id="listed by a pattern"),
        pytest.param(
            {**ROUTED, **endpoint(allow("logs"))}, "refuses", "not-listed", id="another bucket"
        ),
        pytest.param(
            {**ROUTED, **endpoint(allow("files", action="oss:GetObject"))},
            "may-refuse",
            "doubt",
            id="reading only",
        ),
        pytest.param(
            {**ROUTED, **endpoint(deny({"StringEquals": {"acs:SourceVpc": "vpc-1"}}))},
            "refuses",
            "denied",
            id="denied",
        ),
        pytest.param(
            {**ROUTED, **endpoint(allow("logs"), route_tables="vtb-9")},
            "none",
            "",
            id="for other tables",
        ),
        pytest.param(
            {**endpoint(allow("logs"), vpc="vpc-9")}, "none", "", id="of another VPC"
        ),
        pytest.param(
            {**endpoint(allow("logs"), region="cn-beijing")}, "none", "", id="of another region"
        ),
        pytest.param(
            {**ROUTED, **endpoint(policy=None)}, "undetermined", "not-told", id="policy not told"
        ),
    ],
)  # fmt: skip
def test_gateway_endpoints(parts: Part, state: str, reason: str) -> None:
    found = fact(world(**parts), f"https://files.{IN}", "gateway_endpoint_decision")
    assert (found["state"], found["reason"]) == (state, reason)


def test_the_public_path_knows_no_gateway_endpoint() -> None:
    assert facts(world(), f"https://files.{OUT}", "gateway_endpoint_decision") == []


# ── Ranges ───────────────────────────────────────────────────────────────────────────────────


def group(*egress: Part) -> Part:
    return {
        "pods": [{**API, "security_group": "sg-1"}],
        "security_groups": [{"id": "sg-1", "type": "enterprise", "egress": list(egress)}],
    }


def accept(to: str, **more: Any) -> Part:
    return {"policy": "accept", "protocol": "all", "to": to, **more}


@pytest.mark.parametrize(
    ("egress", "count"),
    [
        ([accept("0.0.0.0/0")], 0),
        ([accept("100.64.0.0/10")], 0),
        ([accept("100.118.28.0/24")], 3),
        ([accept("100.118.28.9")], 4),
        ([accept("100.118.0.0/16")], 2),
        ([accept("10.0.0.0/8")], 0),  # the address of today is dropped: that is no gap
        ([accept("0.0.0.0/0", priority=2), accept("100.98.0.0/16", policy="drop")], 1),
    ],
)
def test_gaps_of_a_security_group(egress: list[Part], count: int) -> None:
    found = facts(world(**group(*egress)), f"https://files.{IN}", "range_gap")
    assert [f.fields["count"] for f in found] == ([count] if count else [])


def test_a_rule_for_the_ranges_beats_the_rule_that_drops() -> None:
    drop = accept("100.98.0.0/16", policy="drop", priority=5)
    found = fact(
        world(**group(drop, accept("0.0.0.0/0", priority=9))), f"https://files.{IN}", "range_gap"
    )
    assert found["priority"] == 4


def test_an_unknown_region_has_no_ranges() -> None:
    where = world(
        **group(accept("100.96.1.1")),
        observations=[{"resolved": {"files.oss-xx-nowhere-internal.aliyuncs.com": "100.96.1.1"}}],
    )
    assert facts(where, "https://files.oss-xx-nowhere-internal.aliyuncs.com", "range_gap") == []


# ── Silence ──────────────────────────────────────────────────────────────────────────────────

DESTINATIONS = (
    f"https://files.{IN}",
    f"http://files.{OUT}",
    f"https://logs.{FAR_IN}",
    f"files.{IN}",
    f"https://{OUT}",
    f"https://files.{IN}:8443",
    "oss://files",
    "oss://unknown",
    "100.118.28.9:443",
    "100.118.58.9:80",
    "https://files.oss-accelerate.aliyuncs.com",
    "https://img.example.com",
    f"https://ap-1-0a-ossalias.{IN}",
    f"https://ap-9-0b-ossalias.{OUT}",
)
OFFICE = deny({"NotIpAddress": {"acs:SourceIp": ["192.0.2.0/24"]}})
WORLDS: dict[str, Case] = {
    "nothing": case(),
    "no pod": world(pods=None),
    "no VPC and no cluster": case(pods=[API], buckets=[BUCKET], observations=SEEN),
    "no region": shop(buckets=[BUCKET], observations=SEEN),
    "no document of the bucket": world(buckets=None),
    "a bucket without region": world(buckets=[{"name": "files"}]),
    "a bucket elsewhere": world(buckets=[{**BUCKET, "region": "cn-beijing"}]),
    "a policy by address": with_policy(OFFICE),
    "a policy by VPC": with_policy(deny({"StringNotEquals": {"acs:SourceVpc": ["vpc-9"]}})),
    "a policy for one identity": with_policy({**OFFICE, "Principal": "2021"}),
    "a policy for https": with_policy(deny({"Bool": {"acs:SecureTransport": "false"}})),
    "an access point": world(access_points=[POINT]),
    "an access point for a VPC": world(access_points=[{**POINT, "origin": "vpc", "vpc": "vpc-9"}]),
    "a gateway endpoint": world(**ROUTED, **endpoint(allow("logs"))),
    "pending pod": world(pods=[{"name": "api-0", "namespace": "shop", "phase": "Pending"}]),
}


@pytest.mark.parametrize("protocol", ["tcp", "icmp"])
@pytest.mark.parametrize("name", WORLDS)
def test_both_gates_speak(name: str, protocol: str) -> None:
    silent = []
    for to in DESTINATIONS:
        question = Question.model_validate({"pod": POD, "destination": to, "protocol": protocol})
        observed, inferred = shipped().infer(WORLDS[name], question)
        flows = [flow.flow for flow in observed.view.flows if flow.role == "main"]
        assert flows
        silent += [
            (to, flow, gate)
            for flow in flows
            for gate in GATES
            if not any(is_decisive(found, flow, gate) for found in inferred.facts)
        ]
    assert silent == []


def is_decisive(found: Any, flow: str, gate: str) -> bool:
    if found.kind == "not_assessed":
        return bool(found.flow == flow and found.gate == gate)
    return bool(
        found.kind == "conclusion"
        and found.flow == flow
        and found.gate == gate
        and found.status in DECISIVE
    )
