"""Short ways to ask about a healthy world that differs in one thing, through the public door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tests.scenarios.runner import base_case
from wayout.engine import Answer, Case, Question, diagnose
from wayout.engine.advise.answer import Finding, Fix

Part = Mapping[str, Any]

POD, ENI, GROUP, ADDRESS = "shop/api-0", "eni-bp1api0", "sg-bp1cluster", "10.20.16.31"
VSWITCH, TABLE, VPC = "vsw-bp1pods", "vtb-bp1shop", "vpc-bp1shop"
NAT, EIP = "ngw-bp1exit", "eip-bp1exit"
DESTINATION = "203.0.113.10:443"
NAME = "payments.example.com"


def case_file(**parts: Any) -> Part:
    return {"apiVersion": "wayout/v1", "kind": "Case", **parts}


def listed(action: str, response: Part, **request: str) -> Part:
    """The answer of an Alibaba Cloud API, as the collector writes it."""
    request = {"RegionId": "cn-hangzhou", **request}
    return {"action": action, "request": request, "response": response}


def ask(
    *documents: Part,
    changes: Iterable[Part] = (),
    to: str = DESTINATION,
    without: tuple[str, ...] = (),
    **asked: Any,
) -> Answer:
    """The answer for the healthy example with `documents` added, then `changes` applied."""
    case = Case.load(base_case("healthy", *without), *documents).patched(list(changes))
    return diagnose(case, Question(pod=POD, destination=to, **asked))


def ask_name(*documents: Part, addresses: Iterable[str] = ("203.0.113.10",), **more: Any) -> Answer:
    """The same for a name that is known to have `addresses`."""
    known = case_file(observations=[{"resolved": {NAME: list(addresses)}}])
    return ask(*documents, known, to=f"{NAME}:443", **more)


def change(kind: str, key: str, of: str = "", **fields: Any) -> Part:
    return {"set": kind, "key": key, "fields": fields, **({"of": of} if of else {})}


def add(kind: str, item: Part, of: str = "") -> Part:
    return {"add": kind, "item": item, **({"of": of} if of else {})}


def remove(kind: str, key: str, of: str = "") -> Part:
    return {"remove": kind, "key": key, **({"of": of} if of else {})}


def pod_change(annotations: Part | None = None, labels: Part | None = None, **spec: Any) -> Part:
    metadata = {"annotations": annotations or {}, "labels": labels or {}}
    return change("pods", POD, metadata=metadata, spec=spec)


# ── security groups ──────────────────────────────────────────────────────────────────────────────


def rule(policy: str, ports: str | int | None, to: str, priority: int = 1, **more: Any) -> Part:
    more = {"protocol": "all" if ports is None else "tcp", **more}
    return {"policy": policy, "ports": ports, "to": to, "priority": priority, **more}


def group(name: str, *egress: Part, type: str = "enterprise", **more: Any) -> Part:
    return {"id": name, "type": type, "egress": list(egress), "ingress": [], **more}


def groups_of(eni: str, *names: str) -> Part:
    return change("network_interfaces", eni, SecurityGroupIds={"SecurityGroupId": list(names)})


def with_rules(*egress: Part, type: str = "enterprise", **more: Any) -> Answer:
    """The pod is in one group that has these rules only."""
    made = case_file(security_groups=[group("sg-bp1own", *egress, type=type)])
    return ask(made, changes=[groups_of(ENI, "sg-bp1own")], **more)


def with_groups(*groups: Part, **more: Any) -> Answer:
    made = case_file(security_groups=list(groups))
    return ask(made, changes=[groups_of(ENI, *(g["id"] for g in groups))], **more)


# ── network ACL, routes, exits ───────────────────────────────────────────────────────────────────


def entry(policy: str, ports: str | int | None = None, **more: Any) -> Part:
    return {"policy": policy, "protocol": "all" if ports is None else "tcp", "ports": ports, **more}


def with_acl(egress: list[Part], ingress: list[Part], **more: Any) -> Answer:
    acl = {"id": "nacl-bp1pods", "vpc": VPC, "status": "Available", "vswitches": [VSWITCH]}
    made = case_file(network_acls=[{**acl, "egress": egress, "ingress": ingress}])
    bound = change("vswitches", VSWITCH, NetworkAclId="nacl-bp1pods")
    return ask(made, changes=[bound], **more)


def route(to: str, hop_type: str, hop: str, name: str = "rte-bp1own") -> Part:
    hops = {"NextHop": [{"NextHopType": hop_type, "NextHopId": hop, "Enabled": 1}]}
    return {
        "RouteEntryId": name, "RouteTableId": TABLE, "DestinationCidrBlock": to,
        "Type": "Custom", "Status": "Available", "NextHops": hops,
    }  # fmt: skip


def add_route(to: str, hop_type: str, hop: str) -> Part:
    return add("route_entries", route(to, hop_type, hop), TABLE)


NO_DEFAULT_ROUTE = remove("route_entries", "rte-bp1def", TABLE)
NO_SNAT = remove("snat_entries", "snat-bp1pods", NAT)


def snat(**fields: Any) -> Part:
    return change("snat_entries", "snat-bp1pods", NAT, **fields)


def pod_eip(**fields: Any) -> Part:
    """An EIP bound to the network interface of the pod."""
    item = {
        "AllocationId": "eip-bp1pod", "IpAddress": "198.51.100.40", "Status": "InUse",
        "BusinessStatus": "Normal", "InstanceId": ENI, "InstanceType": "NetworkInterface",
        "PrivateIpAddress": ADDRESS, "Mode": "NAT",
    }  # fmt: skip
    return add("eips", {**item, **fields})


def second_nat(**fields: Any) -> Part:
    """Another NAT gateway with an EIP of its own; no SNAT entry."""
    gateway = {
        "id": "ngw-bp1two", "vpc": VPC, "vswitch": "vsw-bp1nat", "status": "Available",
        "business_status": "Normal", "network_type": "internet", "eip_bind_mode": "NAT",
        "eips": [{"id": "eip-bp1two", "ip": "198.51.100.30"}], "snat": [], "forward": [],
    }  # fmt: skip
    eip = {
        "id": "eip-bp1two", "ip": "198.51.100.30", "bound_to": "ngw-bp1two", "bound_type": "Nat",
        "status": "InUse", "business_status": "Normal",
    }  # fmt: skip
    return case_file(nat_gateways=[{**gateway, **fields}], eips=[eip])


# ── policies ─────────────────────────────────────────────────────────────────────────────────────


def policy(*egress: Part, namespace: str = "shop", **spec: Any) -> Part:
    made = {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(egress), **spec}
    return {"name": "own", "namespace": namespace, **made}


def with_policies(*policies: Part, **more: Any) -> Answer:
    made = case_file(network_policies=list(policies))
    return ask(made, **more)


# ── answers ──────────────────────────────────────────────────────────────────────────────────────


def status(answer: Answer, gate: str) -> str:
    return next(result.status for result in answer.gates if result.gate == gate)


def codes(answer: Answer) -> list[str]:
    return sorted({finding.code for finding in answer.findings})


def finding(answer: Answer, code: str) -> Finding:
    return next(found for found in answer.findings if found.code == code)


def fix_of(answer: Answer, code: str) -> Fix:
    """The fix of rank 1 for a finding."""
    wanted = finding(answer, code).fixes[0]
    return next(fix for fix in answer.fixes if fix.id == wanted)


def told(answer: Answer) -> set[str]:
    """Everything an answer says besides its findings."""
    near = [miss for found in answer.findings for miss in found.near_misses]
    said = [
        *answer.assumptions,
        *answer.symptoms,
        *answer.information,
        *answer.contradictions,
        *near,
    ]
    return {statement.code for statement in said} | {item.code for item in answer.ruled_out}


def lacks(answer: Answer) -> set[str]:
    return {need.name for need in answer.not_assessed}
