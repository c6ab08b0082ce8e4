"""Facts of the internet-exit gate: the pod's own EIP, NAT gateways, SNAT and DNAT entries."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.route import HopClass

__all__ = [
    "EipEvidence",
    "EipRecord",
    "EipRequest",
    "ExitGateway",
    "ExitMissing",
    "ExitNeed",
    "GatewayReady",
    "Hairpin",
    "IpMapping",
    "Ipv6Bandwidth",
    "NatGatewayState",
    "OwnEip",
    "PodExit",
    "SickEip",
    "SnatAddress",
    "SnatChoice",
    "SnatDown",
    "SnatUnclear",
    "SnatUp",
    "StaleSnat",
    "VpcExit",
    "WellEip",
]


class ExitNeed(Fact):
    """Whether the address class of a flow asks for an Internet exit."""

    flow: str
    need: Literal["yes", "no", "undetermined"] = "yes"


class EipEvidence(Fact):
    """What one source says about a public address of the pod's own; one fact per source.

    source: "eips" DescribeEipAddresses, "eni" the ENI document, "controller" the PodEIP object,
    "annotation" what ACS wrote on the pod. "none" is only said by a document that would show it.
    """

    pod: str
    source: Literal["eips", "eni", "controller", "annotation"]
    state: Literal["bound", "none", "unknown"] = "unknown"
    eip: str = ""  # allocation id, "" when the source does not name it
    address: str = ""


class EipRecord(Fact):
    """One EIP as DescribeEipAddresses shows it; "unknown" where the document is silent."""

    address: str
    eip: str = ""
    binding: Literal["in-use", "changing", "free", "unknown"] = "in-use"
    business: Literal["normal", "abnormal", "unknown"] = "normal"
    lock: str = ""  # financial, security, sharedPool; comma separated
    package: str = ""  # the shared bandwidth it has joined


class EipRequest(Fact):
    """An annotation that asks for an EIP, and what became of it."""

    pod: str
    mode: Literal["auto", "given"] = "auto"
    key: str = ""
    eip: str = ""  # the EIP asked for, when mode is "given"
    controller: Literal["installed", "absent", "unknown"] = "unknown"
    attachment: Literal["in-use", "pending", "absent", "unknown"] = "unknown"  # its PodEIP
    other_pod: str = ""  # another pod that asks for the same EIP


class VpcExit(Fact):
    """How the VPC of the pod reaches the Internet.

    mode: "direct" without IPv4 gateway; "centralised" with one, then each public path must be
    routed. `ipv4_gateway` is "" in centralised mode when the gateway is gone. `nat` is the
    Internet NAT gateway a route could name, one that has a SNAT entry for the pod first.
    """

    pod: str
    vpc: str = ""
    mode: Literal["direct", "centralised", "undetermined"] = "direct"
    ipv4_gateway: str = ""
    nat_state: Literal["has", "none", "unknown"] = "has"
    nat: str = ""


class NatGatewayState(Fact):
    """One NAT gateway; "unknown" where its document, or the whole document, lacks."""

    gateway: str
    presence: Literal["listed", "absent", "unknown"] = "listed"
    network_type: Literal["internet", "intranet", "unknown"] = "internet"
    phase: Literal["available", "other", "unknown"] = "available"
    status: str = "Available"  # as the document says it
    business: Literal["normal", "abnormal", "unknown"] = "normal"
    business_status: str = "Normal"  # as the document says it
    bind_mode: str = "NAT"
    vpc: str = ""
    vpc_match: Literal["same", "other", "unknown"] = "same"
    vswitch: str = ""
    eip_count: int = 1  # -1: unknown
    eips: str = ""  # addresses a SNAT entry may use, comma separated
    snat_table: str = ""
    has_all_fields: bool = True


class IpMapping(Fact):
    """Whether a gateway maps all ports of one EIP to the pod ("any port" DNAT).

    "unknown": the DNAT entries were not collected although an EIP of the gateway serves DNAT. When
    they were not collected and nothing speaks of DNAT, "none" is only assumed.
    """

    pod: str
    gateway: str
    state: Literal["mapped", "none", "unknown"] = "none"
    is_assumed: bool = False
    address: str = ""
    entry: str = ""


class SnatChoice(Fact):
    """The SNAT entry of one gateway that serves the pod in one vSwitch: longest source first."""

    pod: str
    vswitch: str
    gateway: str
    state: Literal["chosen", "none", "undetermined"] = "chosen"
    entry: str = ""
    source: str = ""  # CIDR block, vSwitch or ENI of the entry
    addresses: str = ""  # its public addresses, comma separated
    pod_ip: str = ""
    pending: str = ""  # an entry that would match but is not Available
    pending_status: str = ""
    other_gateway: str = ""  # another gateway of the VPC that has a matching entry
    other_entry: str = ""
    lacks: str = ""
    lacks_of: str = ""


class SnatAddress(Fact):
    """One public address of a chosen SNAT entry, and whether it is bound to the gateway."""

    gateway: str
    entry: str
    address: str
    binding: Literal["bound", "elsewhere", "unknown"] = "bound"
    eip: str = "<eip-id>"  # the id of its EIP, or what is to be filled in
    others: str = ""  # the other addresses of the entry, comma separated


class StaleSnat(Fact):
    """A SNAT entry for one single address of the pod's vSwitch which is not the pod's."""

    pod: str
    vswitch: str
    gateway: str
    entry: str
    source: str


class Hairpin(Fact):
    """The destination is the public address of a DNAT entry of a NAT gateway in the VPC."""

    flow: str
    gateway: str
    entry: str = ""
    internal: str = ""


class Ipv6Bandwidth(Fact):
    """Whether the pod asked for public IPv6 bandwidth by annotation."""

    pod: str
    state: Literal["enabled", "unstated"] = "unstated"


class OwnEip(Fact):
    """The public address of the pod's own, by the best evidence there is."""

    is_derived = True
    pod: str
    state: Literal["bound", "none", "unknown"]
    eip: str = ""
    address: str = ""


class ExitGateway(Fact):
    """The NAT gateway that serves a flow: named by the route, or the one a route could name."""

    is_derived = True
    flow: str
    pod: str
    vswitch: str
    gateway: str
    basis: Literal["route", "candidate"] = "route"


class GatewayReady(Fact):
    """A NAT gateway that can carry Internet traffic of the pod's VPC."""

    is_derived = True
    gateway: str


class PodExit(Fact):
    """The exit a flow takes; an EIP wins over DNAT, DNAT over SNAT."""

    is_derived = True
    flow: str
    pod: str
    by: Literal["eip", "dnat", "snat"]
    gateway: str = ""
    entry: str = ""
    addresses: str = ""
    hop_class: HopClass = "unknown"


class ExitMissing(Fact):
    """It is certain that a flow of a pod without EIP has no way to the Internet."""

    is_derived = True
    flow: str
    pod: str
    cause: Literal["route", "snat", "untranslated"]


class WellEip(Fact):
    """An EIP that is bound, paid and not locked."""

    is_derived = True
    address: str


class SickEip(Fact):
    """An EIP that cannot carry traffic."""

    is_derived = True
    address: str
    cause: Literal["locked", "unbound"]


class SnatUp(Fact):
    """A public address of a SNAT entry that works."""

    is_derived = True
    entry: str
    address: str


class SnatDown(Fact):
    """A public address of a SNAT entry that does not work."""

    is_derived = True
    entry: str
    address: str


class SnatUnclear(Fact):
    """A public address of a SNAT entry about which the documents do not tell enough."""

    is_derived = True
    entry: str
    address: str
