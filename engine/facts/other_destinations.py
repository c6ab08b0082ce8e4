"""Facts about destinations that are no database, bucket or load balancer: instances at public
addresses, other networks, and the services whose lists are held against a source address."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "InstanceState",
    "PeerConnection",
    "PublicOwner",
    "RangeOverlap",
    "SourceCheck",
    "SourceFilter",
    "SourceRuling",
    "VpcLink",
]

FilterName = Literal[
    "group",  # the inbound rules of security groups
    "acl-in",  # the inbound list of the network ACL: the request
    "acl-out",  # its outbound list: the answers
    "permission-group",  # the rules of a permission group of NAS
    "registry",  # the access control of the public entry of a registry
]


class PublicOwner(Fact):
    """What of this account has the public address a flow goes to."""

    flow: str
    ip: str
    eip: str = ""  # id of the EIP; "" for a fixed public address
    what: Literal[
        "interface",  # a network interface; `host` is its id
        "instance",  # an instance whose interface no document shows
        "pod",  # the interface of a pod
        "entry",  # a DNAT entry leads on to an address that no interface is known for
        "no-entry",  # the NAT gateway has no DNAT entry for the port
        "entries-unknown",  # the DNAT entries of the NAT gateway are not all known
        "unbound",  # an EIP that is bound to nothing
        "other",  # an EIP that is bound to something else, or nobody knows to what
    ] = "interface"
    host: str = ""
    label: str = ""  # for texts: the instance with its interface
    owner: str = ""  # what the address is bound to: instance, interface, NAT gateway
    entry: str = ""  # id of the DNAT entry
    internal: str = ""  # the private address behind the public one
    vpc_match: Literal["same", "other", "unknown"] = "unknown"  # of `internal` with the pod


class SourceFilter(Fact):
    """A list at the destination that is held against the source address of a flow."""

    flow: str
    filter: FilterName
    guard: str = ""  # what holds the list: groups, network ACL, permission group, registry
    label: str = ""  # what it guards, for texts


class SourceCheck(Fact):
    """What a filter does to a flow that comes from one address.

    Given for every address the flow may come from; which of them it does come from is said by
    `seen_source`. A rule or entry that decides is named by `entry`; without one nothing matches.
    """

    flow: str
    filter: FilterName
    address: str
    verdict: Literal["admits", "refuses", "partly", "undetermined"] = "admits"
    guard: str = ""  # the group, network ACL or list that decides, or whose data lack
    entry: str = ""
    order: int = 0  # priority of the rule, or place of the entry from 1
    traffic: str = ""  # the flow in short: tcp/5432
    grants: str = ""  # NAS: RDWR or RDONLY; "default" for the group NAS makes by itself
    lacks: str = ""
    lacks_of: str = ""
    # What a rule that admits the address needs (only for "refuses" and "partly").
    target: str = ""  # the CIDR block to write
    target_protocol: str = ""
    target_ports: str = ""
    winning: int = 0  # a priority or place that wins
    new_entries: str = ""  # JSON: every entry of the list, the new one included


class SourceRuling(Fact):
    """What a filter does to an address that the destination really sees."""

    is_derived = True
    flow: str
    filter: FilterName
    address: str
    verdict: Literal["admits", "refuses", "partly", "undetermined"]


class InstanceState(Fact):
    """How one thing at the destination is, by its own document."""

    flow: str
    what: Literal[
        "instance",  # an ECS instance
        "endpoint",  # a PrivateLink endpoint
        "connection",  # of such an endpoint with its service
        "mount-target",
        "registry",  # the public entry of a container registry
        "key-store",
        "api-server",  # of the cluster; `name` is the load balancer in front of it
    ]
    name: str
    label: str = ""
    state: Literal["running", "down", "changing", "unknown"] = "running"
    text: str = ""  # as the API spells it
    lock: str = ""  # reasons of a lock, comma separated


class VpcLink(Fact):
    """Whether a service answers in the VPC of the pod."""

    flow: str
    what: Literal["endpoint", "mount-target", "registry", "key-store"]
    name: str
    label: str = ""
    state: Literal["linked", "changing", "other", "unknown"] = "linked"
    vpc: str = ""  # of the pod
    known: str = ""  # the VPCs it is linked to, comma separated


class PeerConnection(Fact):
    """A VPC peering connection of the pod's VPC, for a flow to another network."""

    flow: str
    peer: str
    state: Literal["activated", "down", "unknown"] = "activated"
    text: str = ""  # as the API spells it
    vpc: str = ""  # the other side
    covers: Literal["has", "lacks", "unknown"] = "has"  # the other side and the address


class RangeOverlap(Fact):
    """Two ranges on the way of a flow that share addresses."""

    flow: str
    what: Literal["networks", "docker", "own-docker"]
    own: str = ""  # CIDR block on the side of the pod
    other: str = ""
    vpc: str = ""  # the other VPC
