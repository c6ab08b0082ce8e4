"""Facts of the dns gate about PrivateZone: zones that hold the name, and who asks them how."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = ["LookupTransport", "UnboundZone", "ZoneMatch", "ZoneResolver"]


class ZoneMatch(Fact):
    """A private zone that holds the name asked for, unless a longer one bound to the VPC does.

    binding: whether it is bound to the VPC of the pod. has_public_names: whether a public zone
    may hold the name as well; some top-level domains are reserved for private use.
    """

    flow: str
    zone: str  # its name
    zone_id: str
    vpc: str = ""  # of the pod, "" when not known
    binding: Literal["bound", "unbound", "unknown"] = "bound"
    has_public_names: bool = True
    vpcs_json: str = "[]"  # the VPCs it is bound to and that of the pod, as the API writes them


class LookupTransport(Fact):
    """How lookups travel: `use-vc` of the pod's resolver, and what the Corefile says."""

    pod: str
    has_use_vc: bool = False
    corefile: Literal["plain", "prefer_udp", "force_tcp", "unknown"] = "unknown"


class ZoneResolver(Fact):
    """The lookups of a pod end at the resolver of the VPC, which serves private zones."""

    is_derived = True
    pod: str
    by: Literal["pod", "coredns"]  # who asks it


class UnboundZone(Fact):
    """The name lies in a zone that the VPC of the pod does not see, and its resolver should."""

    is_derived = True
    flow: str
    zone_id: str
    by: Literal["pod", "coredns"]
