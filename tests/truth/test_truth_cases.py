"""Questions with known answers from independent oracles, asked through the public door.

A sample of the worlds stands beside this module; where the shared collection is at hand
(`../shared/cases` beside the repository), all of it is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from wayout.engine import Answer, Case, Question, diagnose

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "cases"
AGENT = "alibabacloud.com/enable-network-policy-agent"
METADATA = "100.100.100.200"
STATUS = {"allow": {"passes", "not-applicable"}, "deny": {"blocks"}, "partial": {"unknown"}}

World = dict[str, Any]


def worlds(kind: str) -> list[Any]:
    """The sets of one kind, each under its own id; the shared collection holds the sample too."""
    found: dict[str, World] = {}
    for folder in (HERE, SHARED):
        for path in sorted(folder.glob(f"{kind}*.jsonl")):
            for line in path.read_text(encoding="utf-8").splitlines():
                world = json.loads(line)
                found[world["set_id"]] = world
    return [pytest.param(world, id=name) for name, world in found.items()]


# ── NetworkPolicy ────────────────────────────────────────────────────────────────────────────────


def enforced(manifests: list[World]) -> Iterator[World]:
    """The manifests as an ACS cluster would have them: the policy agent is on for every pod."""
    policies = [m for m in manifests if m["kind"] == "NetworkPolicy"]
    for manifest in manifests:
        if manifest["kind"] == "Pod":
            meta = {**manifest["metadata"], "annotations": {AGENT: "true"}}
            yield {**manifest, "metadata": meta}
        elif manifest["kind"] != "NetworkPolicy":
            yield manifest
    yield {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": policies}
    yield {"apiVersion": "wayout/v1", "kind": "Case", "cluster": {"addons": ["poseidon"]}}


def destination(to: World) -> str:
    if "ip" in to:
        return str(to["ip"])
    kind, name = ("pod", to["pod"]) if "pod" in to else ("svc", to["service"])
    return f"{kind}/{to['namespace']}/{name}"


@pytest.mark.parametrize("world", worlds("network-policy"))
def test_network_policy(world: World) -> None:
    case = Case.load(*enforced(world["manifests"]))
    depends_on_end_port = '"endPort"' in json.dumps(world["manifests"])
    for asked in world["cases"]:
        query, expected = asked["query"], asked["expected"]["egress"]
        if expected == "n/a" or "pod" not in query["from"]:
            continue
        answer = diagnose(
            case,
            Question(
                pod=f"{query['from']['namespace']}/{query['from']['pod']}",
                destination=destination(query["to"]),
                protocol=query["protocol"].lower(),
                port=query["port"],
            ),
        )
        got = answer.gate("policy").status
        if depends_on_end_port and got == "unknown":
            reason = answer.gate("policy").reason.en
            assert "endPort" in reason or expected == "partial", (asked["id"], reason)
        else:
            assert got in STATUS[expected], (asked["id"], answer.gate("policy").reason.en)


def open_cloud(manifests: list[World]) -> Iterator[World]:
    """Every pod on an interface that admits all, so that only policies can close a destination."""
    rules = [{"Direction": "ingress", "IpProtocol": "all", "PortRange": "-1/-1"}]
    rules[0] |= {"Policy": "Accept", "Priority": "1", "SourceCidrIp": "0.0.0.0/0"}
    yield {
        "action": "DescribeSecurityGroupAttribute",
        "request": {"SecurityGroupId": "sg-open", "Direction": "all"},
        "response": {"SecurityGroupId": "sg-open", "Permissions": {"Permission": rules}},
    }
    found = (manifest.get("status", {}).get("podIP") for manifest in manifests)
    addresses = sorted({address for address in found if address})  # of which some worlds share one
    yield {
        "NetworkInterfaceSets": {
            "NetworkInterfaceSet": [
                {
                    "NetworkInterfaceId": f"eni-{index}",
                    "PrivateIpAddress": address,
                    "SecurityGroupIds": {"SecurityGroupId": ["sg-open"]},
                    "VSwitchId": "vsw-open",
                    "VpcId": "vpc-open",
                }
                for index, address in enumerate(addresses)
            ]
        }
    }
    yield {"VSwitches": {"VSwitch": [{"VSwitchId": "vsw-open", "NetworkAclId": ""}]}}


@pytest.mark.parametrize("world", worlds("network-policy"))
def test_ingress_of_the_destination(world: World) -> None:
    case = Case.load(*enforced(world["manifests"]), *open_cloud(world["manifests"]))
    depends_on_end_port = '"endPort"' in json.dumps(world["manifests"])
    for asked in world["cases"]:
        query, expected = asked["query"], asked["expected"]["ingress"]
        if expected == "n/a" or "pod" not in query["from"]:
            continue
        answer = diagnose(
            case,
            Question(
                pod=f"{query['from']['namespace']}/{query['from']['pod']}",
                destination=destination(query["to"]),
                protocol=query["protocol"].lower(),
                port=query["port"],
            ),
        )
        gate = answer.gate("destination-access")
        if depends_on_end_port and gate.status == "unknown" and "endPort" in gate.reason.en:
            continue
        assert gate.status in STATUS[expected], (asked["id"], gate.reason.en)


# ── Security groups and network ACLs ─────────────────────────────────────────────────────────────


def cloud_documents(world: World) -> Iterator[World]:
    """The world as OpenAPI answers."""
    groups = world["SecurityGroups"]
    headers = [{k: v for k, v in group.items() if k != "Permissions"} for group in groups]
    yield {"SecurityGroups": {"SecurityGroup": headers}, "TotalCount": len(headers)}
    for group in groups:
        yield {
            "action": "DescribeSecurityGroupAttribute",
            "request": {"SecurityGroupId": group["SecurityGroupId"], "Direction": "all"},
            "response": {k: v for k, v in group.items() if k != "SecurityGroupType"},
        }
    cards = world["NetworkInterfaces"]
    yield {"NetworkInterfaceSets": {"NetworkInterfaceSet": cards}, "TotalCount": len(cards)}
    yield {"VSwitches": {"VSwitch": world["VSwitches"]}, "TotalCount": len(world["VSwitches"])}
    acls = [{"NetworkAclAttribute": acl} for acl in world["NetworkAcls"]]
    headers = [
        {k: v for k, v in acl.items() if not k.endswith("Entries")} for acl in world["NetworkAcls"]
    ]
    yield {"NetworkAcls": {"NetworkAcl": headers}, "TotalCount": str(len(headers))}
    yield from acls
    for name, cidrs in world["PrefixLists"].items():
        yield {"PrefixListId": name, "Entries": {"Entry": [{"Cidr": cidr} for cidr in cidrs]}}
    for card in cards:
        yield {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": card["NetworkInterfaceId"], "namespace": "lab"},
            "status": {"phase": "Running", "podIP": card["PrivateIpAddress"]},
        }


@cache
def card_names(serialised: str) -> dict[str, str]:
    return {c["PrivateIpAddress"]: c["NetworkInterfaceId"] for c in json.loads(serialised)}


def acl_expectation(steps: World) -> set[str]:
    """What the source side's ACL lets through, both ways; inside one vSwitch it is uncertain."""
    own = [steps.get("acl-egress"), steps.get("acl-ingress-reply")]
    denied = any(step and step["verdict"] == "deny" for step in own)
    if any(step and step["reason"] == "same-vswitch" for step in own):
        return {"passes", "not-applicable", "unknown"}
    return {"blocks"} if denied else {"passes", "not-applicable"}


@pytest.mark.parametrize("world", worlds("security-group-and-acl"))
def test_security_group_and_acl(world: World) -> None:
    case = Case.load(*cloud_documents(world["world"]))
    names = card_names(json.dumps(world["world"]["NetworkInterfaces"]))
    for asked in world["cases"]:
        query, steps = asked["query"], asked["expected"]["steps"]
        if query["from"]["ip"] not in names or "sg-egress" not in steps:
            continue
        answer = diagnose(
            case,
            Question(
                pod=f"lab/{names[query['from']['ip']]}",
                destination=query["to"]["ip"],
                protocol=query["protocol"].lower(),
                port=query["port"],
                source_port=query["source_port"],
            ),
        )
        check_security_group(asked["id"], answer, query["to"]["ip"], steps["sg-egress"])
        reason = (asked["id"], answer.gate("network-acl").reason.en)
        assert answer.gate("network-acl").status in acl_expectation(steps), reason


def check_security_group(name: str, answer: Answer, destination: str, step: World) -> None:
    gate = answer.gate("security-group")
    allowed = STATUS[step["verdict"]]
    if destination == METADATA:
        # The oracle knows no platform rule; the documentation exempts the metadata service.
        allowed = STATUS["allow"]
    elif step["reason"] == "inner-access-policy":
        # Whether a Drop counts inside one basic group is documented both ways.
        allowed = allowed | {"unknown"}
    assert gate.status in allowed, (name, gate.reason.en)


# ── The destination side of the same worlds ──────────────────────────────────────────────────────


def destination_expectation(steps: World) -> set[str]:
    """Inbound groups and both directions of the ACL at the other end."""
    acl = [steps.get("acl-ingress"), steps.get("acl-egress-reply")]
    if steps["sg-ingress"]["verdict"] == "deny":
        return {"blocks"}
    if any(step and step["reason"] == "same-vswitch" for step in acl):
        return {"passes", "unknown"}  # whether an ACL filters inside one vSwitch is uncertain
    return {"blocks"} if any(step and step["verdict"] == "deny" for step in acl) else {"passes"}


@pytest.mark.parametrize("world", worlds("security-group-and-acl"))
@pytest.mark.parametrize("end", ["pod", "interface"])
def test_destination_access(world: World, end: str) -> None:
    names = card_names(json.dumps(world["world"]["NetworkInterfaces"]))
    documents = [*cloud_documents(world["world"]), NO_POLICIES]
    cases: dict[str, Case] = {}
    for asked in world["cases"]:
        query, steps = asked["query"], asked["expected"]["steps"]
        source, target = query["from"]["ip"], query["to"]["ip"]
        if source not in names or "sg-ingress" not in steps or source == target:
            continue
        # The same interface as that of a pod, and as one of which only the cloud tells.
        hidden = names[target] if end == "interface" else ""
        if hidden not in cases:
            cases[hidden] = Case.load(*(d for d in documents if not is_pod(d, hidden)))
        answer = diagnose(
            cases[hidden],
            Question(
                pod=f"lab/{names[source]}",
                destination=target,
                protocol=query["protocol"].lower(),
                port=query["port"],
                source_port=query["source_port"],
            ),
        )
        gate = answer.gate("destination-access")
        assert gate.status in destination_expectation(steps), (asked["id"], gate.reason.en)


NO_POLICIES = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "items": []}


def is_pod(document: World, name: str) -> bool:
    return document.get("kind") == "Pod" and document["metadata"]["name"] == name
