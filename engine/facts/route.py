"""Facts of the route gate: which table a vSwitch uses, and which entry of it takes a flow."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "BroaderRoute",
    "DeadHop",
    "Diverted",
    "FlowRoute",
    "HopClass",
    "LiveHop",
    "LocalTarget",
    "ReturnRoute",
    "RouteHit",
    "RouteHop",
    "RouteNeed",
    "ServiceOwner",
    "StrayHop",
    "SystemRoute",
]

# Where a type of next hop leads to, so that rules need not list every spelling of the API.
HopClass = Literal[
    "local",  # inside the VPC
    "nat",  # NatGateway
    "ipv4-gateway",
    "ipv6-gateway",
    "appliance",  # Instance, NetworkInterface, HaVip: what it does inside is not visible
    "other-network",  # RouterInterface, VpcPeer, VpnGateway, Attachment, Ecr, CenBasic
    "endpoint",  # GatewayEndpoint of a cloud service
    "unknown",  # a type wayout does not know, or none given
]


class RouteHit(Fact):
    """The longest matching entry for one flow in the table of one vSwitch.

    Given for every vSwitch the pod may be in and for those of the NAT gateways that routes name.
    "undetermined": a document lacks that could hold a longer match; `lacks` names its list.
    """

    flow: str
    vswitch: str
    state: Literal["hit", "none", "undetermined"] = "hit"
    table: str = ""
    table_type: Literal["System", "Custom", "unknown"] = "unknown"
    entry: str = ""  # id of the entry; "" for the local route that no document lists
    cidr: str = ""
    status: str = "Available"
    hop_class: HopClass = "unknown"
    hop_type: str = ""  # as the API spells it
    hop: str = ""  # the first next hop; all of them are `route_hop` facts
    fallback: str = ""  # CIDR of the next best Available match, which serves if this one does not
    lacks: str = ""
    lacks_of: str = ""


class RouteHop(Fact):
    """One next hop of the entry that a flow hits."""

    flow: str
    vswitch: str
    hop_class: HopClass = "unknown"
    hop_type: str = ""
    hop: str = ""
    presence: Literal["listed", "absent", "unverified"] = "unverified"
    is_enabled: bool = True  # only a router interface can be disabled
    peering: Literal["", "activated", "down", "unknown"] = ""  # of a VPC peering connection


class SystemRoute(Fact):
    """What the system table of the VPC holds for a flow when the vSwitch has another table."""

    flow: str
    vswitch: str
    state: Literal["same-table", "routed", "none", "unknown"] = "unknown"
    table: str = ""
    cidr: str = ""
    hop_type: str = ""
    hop: str = ""


class BroaderRoute(Fact):
    """A shorter match of the same table that leads to an Internet exit; only if there is one."""

    flow: str
    vswitch: str
    cidr: str
    hop_class: HopClass = "nat"
    hop_type: str = "NatGateway"
    hop: str = ""


class LocalTarget(Fact):
    """Why an address is local to the VPC of the pod.

    by: "vswitch": a known vSwitch contains it; "pod": a pod of the cluster has it; "cloud": it is
    in 100.64.0.0/10, for which each table has a system route; "vpc": only a CIDR block of the VPC
    contains it, then `owner` says whether a vSwitch could ("none": all of them are known).
    """

    flow: str
    by: Literal["vswitch", "pod", "cloud", "vpc"] = "vswitch"
    cidr: str = ""
    owner: Literal["vswitch", "none", "unknown"] = "unknown"


class ServiceOwner(Fact):
    """Whether an address inside the Service CIDR belongs to a Service."""

    flow: str
    state: Literal["owned", "none", "unknown"] = "unknown"
    service: str = ""
    cidr: str = ""


class ReturnRoute(Fact):
    """How the table of the destination's own vSwitch, in another VPC, routes the pod's address.

    Only there when the documents of that other VPC tell.
    """

    flow: str
    vswitch: str  # of the destination
    vpc: str = ""
    table: str = ""
    state: Literal["routed", "none"] = "routed"
    cidr: str = ""
    hop_class: HopClass = "unknown"
    hop: str = ""
    pod_ip: str = ""
    pod_cidr: str = ""  # of the pod's vSwitch, or the pod's address as /32


class FlowRoute(Fact):
    """The `route_hit` of the vSwitch the pod really is in."""

    is_derived = True
    flow: str
    pod: str
    vswitch: str
    state: Literal["hit", "none", "undetermined"] = "hit"
    table: str = ""
    table_type: Literal["System", "Custom", "unknown"] = "unknown"
    entry: str = ""
    cidr: str = ""
    status: str = "Available"
    hop_class: HopClass = "unknown"
    hop_type: str = ""
    hop: str = ""
    fallback: str = ""
    lacks: str = ""
    lacks_of: str = ""


class RouteNeed(Fact):
    """Whether an Internet flow needs a route at all; one with an EIP of its own may not."""

    is_derived = True
    flow: str
    need: Literal["required", "none", "unknown"]
    lacks: str = ""


class LiveHop(Fact):
    """A next hop of the pod's route that nothing shows to be out of service."""

    is_derived = True
    flow: str
    hop_class: HopClass
    hop_type: str = ""
    hop: str = ""


class DeadHop(Fact):
    """A next hop of the pod's route that is out of service."""

    is_derived = True
    flow: str
    cause: Literal["absent", "disabled", "not-activated"]
    hop_type: str = ""
    hop: str = ""


class Diverted(Fact):
    """A more specific route takes an Internet flow away from the route to the exit."""

    is_derived = True
    flow: str
    cidr: str
    hop_class: HopClass
    hop: str = ""
    certainty: Literal["confirmed", "possible"] = "confirmed"


class StrayHop(Fact):
    """The route of a flow towards another private network leads to the Internet instead."""

    is_derived = True
    flow: str
    hop_class: HopClass = "nat"
    hop: str = ""
