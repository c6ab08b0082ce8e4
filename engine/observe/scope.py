"""The class of an address, as the VPC router and the cluster's data plane see it from the pod.

Everything later depends on the class, so it is computed first: the VPC's own blocks come before
the RFC 1918 test, because a VPC may use public ranges and RFC 1918 may lie behind a peering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.case.alibaba import VSwitch
from wayout.engine.facts.common import Scope
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.placement import (
    cluster_of,
    eni_at,
    eni_of_pod,
    vpc_id_of,
    vpc_of,
)

__all__ = ["METADATA", "VPC_DNS", "Scopes", "is_loopback", "normal"]

METADATA = "100.100.100.200"
VPC_DNS = ("100.100.2.136", "100.100.2.138")


def networks(*cidrs: str) -> tuple[Network, ...]:
    return tuple(network for network in map(parse_cidr, cidrs) if network is not None)


CLOUD_SERVICE = networks("100.64.0.0/10")
# RFC 1918, and what never leaves a network: link-local, multicast, reserved, IPv6 local.
PRIVATE = networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
UNROUTED = networks("169.254.0.0/16", "224.0.0.0/3", "0.0.0.0/8", "fe80::/10", "ff00::/8")
LOOPBACK = networks("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Block:
    """A CIDR block that gives addresses their class, and where that is written."""

    network: Network
    scope: Scope
    origin: Origin


@dataclass(frozen=True, slots=True)
class Scopes:
    """What the case knows about the addresses around one pod."""

    blocks: tuple[Block, ...]  # in the order of the test
    pods: Mapping[str, Record[Pod]]  # by address
    is_vpc_known: bool

    @classmethod
    def of(cls, case: Case, pod: str, record: Record[Pod] | None) -> Scopes:
        """The address classes as the pod sees them."""
        eni = eni_at(case, pod) if record is None else eni_of_pod(case, record)
        vpc = vpc_of(case, record, eni)
        vpc_id = vpc_id_of(case, record, eni) or (vpc.value.vpc_id if vpc else "")
        blocks: list[Block] = []

        def add(scope: Scope, cidr: str | None, origin: Origin) -> None:
            if (network := parse_cidr(cidr or "")) is not None:
                blocks.append(Block(network, scope, origin))

        cluster = cluster_of(case)
        if cluster is not None:
            for part in (cluster.value.service_cidr or "").split(","):
                add("service", part, cluster.origin.at("service_cidr"))
        if vpc is not None:
            origin = vpc.origin
            add("vpc", vpc.value.cidr_block, origin.at("CidrBlock"))
            for cidr in vpc.value.secondary_cidr_blocks or ():
                add("vpc", cidr, origin.at("SecondaryCidrBlocks"))
            add("vpc", vpc.value.ipv6_cidr_block, origin.at("Ipv6CidrBlock"))
        for vswitch in own_vswitches(case, vpc_id):
            add("vpc", vswitch.value.cidr_block, vswitch.origin.at("CidrBlock"))
            add("vpc", vswitch.value.ipv6_cidr_block, vswitch.origin.at("Ipv6CidrBlock"))
        if vpc is not None:
            for cidr in vpc.value.user_cidrs or ():
                add("private", cidr, vpc.origin.at("UserCidrs"))
        is_known = vpc is not None and bool(vpc.value.cidr_block)
        return cls(tuple(blocks), pod_addresses(case), is_known)

    def scope(self, text: str) -> tuple[Scope, tuple[Origin, ...]]:
        """The class of an address and what proves it; "undetermined" for no address at all."""
        ip = parse_ip(text)
        if ip is None:
            return "undetermined", ()
        if str(ip) == METADATA:
            return "metadata", ()
        if str(ip) in VPC_DNS:
            return "vpc-dns", ()
        if (record := self.pods.get(str(ip))) is not None:
            return "pod", (record.origin.at("status", "podIP"),)
        for block in self.blocks:
            if block.network.contains(ip):
                return block.scope, (block.origin,)
        return self.scope_outside(ip), ()

    def scope_outside(self, ip: Ip) -> Scope:
        """The class of an address that no document claims."""
        if contains(CLOUD_SERVICE, ip):
            return "cloud-service"
        if contains(PRIVATE, ip):
            # Without the VPC's own blocks nobody can say on which side of the router it is.
            return "private" if self.is_vpc_known else "undetermined"
        if contains(UNROUTED, ip):
            return "private"
        return "undetermined" if contains(LOOPBACK, ip) else "internet"


def contains(blocks: tuple[Network, ...], ip: Ip) -> bool:
    return any(block.contains(ip) for block in blocks)


def is_loopback(text: str) -> bool:
    """Whether a packet to this address would never leave the pod."""
    ip = parse_ip(text)
    return ip is not None and (contains(LOOPBACK, ip) or ip.value == 0)


def own_vswitches(case: Case, vpc_id: str) -> list[Record[VSwitch]]:
    """The known vSwitches of the pod's VPC; all when the VPC is not known but only one is named."""
    records = case.listing(VSwitch).records
    if vpc_id:
        return [record for record in records if record.value.vpc_id in (None, vpc_id)]
    named = {record.value.vpc_id for record in records if record.value.vpc_id}
    return list(records) if len(named) <= 1 else []


def pod_addresses(case: Case) -> Mapping[str, Record[Pod]]:
    """The pods that run, by address; a finished pod has given its address back.

    A cluster may have thousands: IPv4 text is taken as it stands, there is one way to write it.
    """
    found: dict[str, Record[Pod]] = {}
    for record in case.listing(Pod).records:
        status = record.value.status
        if status.phase in ("Succeeded", "Failed") or record.value.spec.host_network:
            continue
        if status.pod_ip:
            found.setdefault(
                normal(status.pod_ip) if ":" in status.pod_ip else status.pod_ip, record
            )
        for entry in status.pod_ips:
            if entry.ip != status.pod_ip:
                found.setdefault(normal(entry.ip), record)
    return found


def normal(text: str) -> str:
    ip = parse_ip(text)
    return str(ip) if ip is not None else text.strip().rstrip(".").lower()
