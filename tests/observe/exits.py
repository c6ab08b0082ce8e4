"""One VPC with a pod, a NAT gateway and an EIP, in the shapes of the API, for the exit tests.

`world()` is healthy: the system table routes 0.0.0.0/0 to ngw-1, whose SNAT entry covers vsw-a.
Each keyword replaces one list; `missing` leaves lists out, `truncated` gives their first page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from wayout.engine import Answer, diagnose
from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact
from wayout.engine.observe import observe

Item = dict[str, Any]

POD = "shop/api-0"
POD_IP = "10.20.16.31"
DESTINATION = "203.0.113.10"
SNAT_IP = "198.51.100.20"
POD_EIP = "198.51.100.7"
NEVER: Collection[str] = ()


def route(cidr: str, hop_type: str, hop: str = "", **more: Any) -> Item:
    """One custom entry; `hops` gives several next hops as (type, id, enabled)."""
    hops = more.pop("hops", [(hop_type, hop, 1)])
    return {
        "RouteEntryId": f"rte-{cidr}",
        "DestinationCidrBlock": cidr,
        "IpVersion": "ipv6" if ":" in cidr else "ipv4",
        "Type": "System" if hop_type == "local" else "Custom",
        "Status": "Available",
        "NextHops": {
            "NextHop": [
                {"NextHopType": kind, "NextHopId": name, "Enabled": enabled, "Weight": 0}
                for kind, name, enabled in hops
            ]
        },
        **more,
    }


def nat(gateway: str = "ngw-1", ips: Sequence[str] | None = (SNAT_IP,), **more: Any) -> Item:
    item: Item = {
        "NatGatewayId": gateway,
        "NetworkType": "internet",
        "Status": "Available",
        "BusinessStatus": "Normal",
        "EipBindMode": "NAT",
        "VpcId": "vpc-1",
        "SnatTableIds": {"SnatTableId": [f"stb-{gateway}"]},
        "ForwardTableIds": {"ForwardTableId": [f"ftb-{gateway}"]},
        "NatGatewayPrivateInfo": {"VswitchId": "vsw-nat"},
    }
    if ips is not None:
        item["IpLists"] = {"IpList": [{"AllocationId": f"eip-{ip}", "IpAddress": ip} for ip in ips]}
    return {**item, **more}


def snat(entry: str = "snat-1", gateway: str = "ngw-1", ips: str = SNAT_IP, **more: Any) -> Item:
    source = (
        {} if more.keys() & {"SourceCIDR", "NetworkInterfaceId"} else {"SourceVSwitchId": "vsw-a"}
    )
    return {
        "SnatEntryId": entry,
        "SnatTableId": f"stb-{gateway}",
        "NatGatewayId": gateway,
        "SnatIp": ips,
        "Status": "Available",
        **source,
        **more,
    }


def forward(**more: Any) -> Item:
    """An "any port" DNAT entry for the pod."""
    return {
        "ForwardEntryId": "fwd-1",
        "ForwardTableId": "ftb-ngw-1",
        "ExternalIp": "198.51.100.21",
        "ExternalPort": "Any",
        "InternalIp": POD_IP,
        "InternalPort": "any",
        "IpProtocol": "Any",
        "Status": "Available",
        **more,
    }


def eip(address: str = SNAT_IP, instance: str = "ngw-1", kind: str = "Nat", **more: Any) -> Item:
    return {
        "AllocationId": f"eip-{address}",
        "IpAddress": address,
        "Status": "InUse",
        "BusinessStatus": "Normal",
        "OperationLocks": {"LockReason": []},
        "InstanceId": instance,
        "InstanceType": kind,
        **more,
    }


def pod_eip(**more: Any) -> Item:
    """An EIP bound to the pod's network interface."""
    found = {"PrivateIpAddress": POD_IP, **more}
    return eip(POD_EIP, "eni-1", "NetworkInterface", **found)


def vswitch(
    name: str, cidr: str, table: str = "vtb-sys", kind: str = "System", **more: Any
) -> Item:
    binding = {"RouteTable": {"RouteTableId": table, "RouteTableType": kind}} if table else {}
    return {"VSwitchId": name, "CidrBlock": cidr, "VpcId": "vpc-1", **binding, **more}


DEFAULT_ROUTE = route("0.0.0.0/0", "NatGateway", "ngw-1")
LOCAL_ROUTES = [
    route("10.20.16.0/24", "local"),
    route("10.20.0.0/24", "local"),
    route("100.64.0.0/10", "local"),
]
VSWITCHES = [vswitch("vsw-a", "10.20.16.0/24"), vswitch("vsw-nat", "10.20.0.0/24")]
VPC: Item = {
    "VpcId": "vpc-1",
    "CidrBlock": "10.20.0.0/16",
    "SecondaryCidrBlocks": {"SecondaryCidrBlock": []},
    "UserCidrs": {"UserCidr": []},
    "SupportIpv4Gateway": False,
    "Ipv4GatewayId": "",
}
ENI: Item = {
    "NetworkInterfaceId": "eni-1",
    "PrivateIpAddress": POD_IP,
    "SecurityGroupIds": {"SecurityGroupId": ["sg-1"]},
    "VSwitchId": "vsw-a",
    "VpcId": "vpc-1",
    "AssociatedPublicIp": {},
}


NO_SERVICES: Item = {"apiVersion": "v1", "kind": "ServiceList", "items": []}


def world(
    *,
    entries: Mapping[str, Sequence[Item]] | None = None,
    nats: Sequence[Item] | None = None,
    snats: Mapping[str, Sequence[Item]] | None = None,
    forwards: Mapping[str, Sequence[Item]] | None = None,
    eips: Sequence[Item] | None = None,
    vswitches: Sequence[Item] = VSWITCHES,
    tables: Sequence[Item] = (),
    vpcs: Sequence[Item] = (VPC,),
    eni: Item | None = ENI,
    annotations: Mapping[str, str] | None = None,
    pod_ips: Sequence[str] = (POD_IP,),
    extra: Sequence[Item] = (),
    missing: Collection[str] = NEVER,
    truncated: Collection[str] = NEVER,
) -> Case:
    """A case; see the module for what is healthy about it."""
    documents: dict[str, list[Item]] = {
        "vpcs": [answer_of("DescribeVpcs", "Vpcs", "Vpc", list(vpcs), truncated, "vpcs")],
        "vswitches": [
            answer_of(
                "DescribeVSwitches", "VSwitches", "VSwitch", vswitches, truncated, "vswitches"
            )
        ],
        "network_interfaces": [] if eni is None else [eni],
        "eips": [
            answer_of(
                "DescribeEipAddresses",
                "EipAddresses",
                "EipAddress",
                [eip()] if eips is None else eips,
                truncated,
                "eips",
            )
        ],
        "nat_gateways": [
            answer_of(
                "DescribeNatGateways",
                "NatGateways",
                "NatGateway",
                [nat()] if nats is None else nats,
                truncated,
                "nat_gateways",
            )
        ],
        "route_tables": [
            answer_of(
                "DescribeRouteTableList",
                "RouterTableList",
                "RouterTableListType",
                tables,
                truncated,
                "route_tables",
            )
        ]
        if tables
        else [],
        "route_entries": [
            answer_of(
                "DescribeRouteEntryList",
                "RouteEntrys",
                "RouteEntry",
                found,
                truncated,
                "route_entries",
                RouteTableId=table,
            )
            for table, found in (entries or {"vtb-sys": [DEFAULT_ROUTE, *LOCAL_ROUTES]}).items()
        ],
        "snat_entries": [
            answer_of(
                "DescribeSnatTableEntries",
                "SnatTableEntries",
                "SnatTableEntry",
                found,
                truncated,
                "snat_entries",
                NatGatewayId=gateway,
            )
            for gateway, found in ({"ngw-1": [snat()]} if snats is None else snats).items()
        ],
        "forward_entries": [
            answer_of(
                "DescribeForwardTableEntries",
                "ForwardTableEntries",
                "ForwardTableEntry",
                found,
                truncated,
                "forward_entries",
                NatGatewayId=gateway,
            )
            for gateway, found in ({"ngw-1": []} if forwards is None else forwards).items()
        ],
        "pods": [pod_document(annotations or {}, pod_ips)],
        "services": [NO_SERVICES],
        "extra": list(extra),
    }
    return Case.load(
        *(d for name, found in documents.items() if name not in missing for d in found)
    )


def answer_of(
    action: str,
    outer: str,
    inner: str,
    items: Sequence[Item],
    truncated: Collection[str],
    name: str,
    **request: str,
) -> Item:
    total = len(items) + (7 if name in truncated else 0)
    paging: Item = {"TotalCount": total, "PageNumber": 1, "PageSize": 50}
    if name == "route_entries":
        paging = {"NextToken": "more" if name in truncated else ""}
    return {
        "action": action,
        "request": {"RegionId": "cn-hangzhou", **request},
        "response": {outer: {inner: list(items)}, **paging},
        "collected_at": "2026-11-20T08:30:00Z",
    }


def pod_document(annotations: Mapping[str, str], ips: Sequence[str]) -> Item:
    namespace, name = POD.split("/")
    noted = {
        "network.alibabacloud.com/allocated-eni-id": "eni-1",
        "network.alibabacloud.com/vpc-id": "vpc-1",
        **annotations,
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": namespace, "name": name, "annotations": noted},
        "spec": {"containers": [{"name": "c"}]},
        "status": {
            "phase": "Running",
            "podIP": ips[0] if ips else "",
            "podIPs": [{"ip": ip} for ip in ips],
        },
    }


# ── Asking ───────────────────────────────────────────────────────────────────────────────────


def ask(case: Case, to: str = f"{DESTINATION}:443") -> list[Fact]:
    """Every measured fact of one question."""
    return list(observe(case, Question(pod=POD, destination=to)).facts)


def one(facts: Sequence[Fact], kind: str, **fields: object) -> Any:
    """The only fact of a kind with these field values."""
    found = [
        fact
        for fact in facts
        if fact.kind == kind and all(fact.fields[name] == value for name, value in fields.items())
    ]
    assert len(found) == 1, found or [str(fact) for fact in facts if fact.kind == kind]
    return found[0]


def judge(case: Case, to: str = f"{DESTINATION}:443") -> Answer:
    """The answer of the shipped knowledge base."""
    return diagnose(case, Question(pod=POD, destination=to))


def status(answer: Answer, gate: str) -> str:
    return str(answer.gate(gate).status)


def codes(answer: Answer, gate: str) -> list[str]:
    """The rules behind the findings of one gate."""
    return sorted(finding.code for finding in answer.findings if finding.gate == gate)


def lacks(answer: Answer, gate: str) -> set[tuple[str, str]]:
    """What one gate waits for: (list, owner)."""
    return {(need.name, need.of) for need in answer.not_assessed if gate in need.gates}
