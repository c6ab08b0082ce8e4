"""Facts of products that keep a whitelist: databases, caches, search engines and brokers."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.destination_product import Match
from wayout.engine.facts.pod import GroupSource

__all__ = [
    "ProductEndpoints",
    "ProductMembers",
    "ProductState",
    "WhitelistAdmits",
    "WhitelistAdvice",
    "WhitelistBlock",
    "WhitelistContent",
    "WhitelistDecision",
    "WhitelistDoubt",
    "WhitelistGap",
    "WhitelistMeaning",
    "WhitelistMember",
    "WhitelistNearMiss",
    "WhitelistOpen",
    "WhitelistRefuses",
    "WhitelistScope",
    "WhitelistTold",
    "WhitelistUnclear",
    "WhitelistUnreadable",
]

# Which source address is meant: that of the pod, or a public one of its exit.
What = Literal["pod", "public"]
ListState = Literal["complete", "truncated", "missing"]
Sure = Literal["confirmed", "possible"]


class WhitelistScope(Fact):
    """How much of what may let an address in is known, for one flow to a whitelisted product."""

    flow: str
    instance: str = ""  # "" when nothing tells it
    label: str = ""
    product: str = ""
    groups: ListState = "complete"
    templates: Literal["complete", "truncated", "missing", "none"] = "none"  # none: has no such
    security_groups: Literal["complete", "truncated", "missing", "none"] = "none"
    # Groups, templates and security groups are all known.
    is_exhaustive: bool = True
    certainty: Sure = "confirmed"  # how sure the documents about this whitelist are
    mode: Literal["normal", "safety", "unknown"] = "normal"
    collect: str = ""  # what would tell more: an entry of collect.yaml


class WhitelistDecision(Fact):
    """Whether an entry for the endpoint of a flow contains one address the product may see."""

    flow: str
    instance: str = ""
    address: str
    what: What = "pod"
    state: Literal["listed", "unlisted", "undetermined"] = "listed"
    group: str = ""  # that lists it
    entry: str = ""
    source: Literal["group", "template"] = "group"
    is_system: bool = False  # the group belongs to a cloud service
    # Why it is undetermined: the groups, the whitelist mode or the port is not known, or a list of
    # refused addresses holds it.
    lacks: Literal["", "groups", "mode", "port", "refused-list"] = ""


class WhitelistContent(Fact):
    """A content of the lists for one endpoint that a product gives a meaning of its own.

    `content` is "empty" or an entry; is_only: there is nothing else in any of the lists.
    """

    flow: str
    what: What = "pod"
    content: str
    group: str = ""
    is_only: bool = False


class WhitelistMeaning(Fact):
    """What a content means for the product of the flow (knowledge/products.yaml)."""

    flow: str
    what: What = "pod"
    content: str
    means: Literal["everyone", "nobody", "refused"]
    certainty: Sure = "confirmed"


class WhitelistUnreadable(Fact):
    """An entry that is neither an address nor a CIDR block; it lets nobody in."""

    flow: str
    group: str
    entry: str


class WhitelistNearMiss(Fact):
    """An entry that nearly lets an address in, and by what it fails."""

    flow: str
    address: str
    reason: Literal[
        "network-type",  # in a group for the other kind of source (RDS, enhanced mode)
        "other-list",  # in the list of another endpoint (Elasticsearch, Kafka)
        "other-port",  # in the list of another port range (Kafka)
        "pod-address",  # the address of the pod is listed, which a public endpoint never sees
        "exit-address",  # a public address is listed, which a private endpoint never sees
        "single-address",  # one address of a vSwitch of the cluster, not that of the pod
        "part-of-vswitch",  # a part of the vSwitch of the pod, without the pod
        "other-vswitch",  # another vSwitch of the cluster
    ]
    group: str
    entry: str
    listed: str = ""  # the address or block that the entry is about
    network: str = ""  # what the group is for, as the API spells it
    source: Literal["group", "template"] = "group"


class WhitelistMember(Fact):
    """A security group whose members the instance lets in, and whether the pod is in it.

    One fact per source of evidence for the groups of the pod.
    """

    flow: str
    pod: str
    source: GroupSource
    group: str
    is_member: bool = True


class WhitelistBlock(Fact):
    """Whether the lists for a private endpoint hold all of a vSwitch of the cluster."""

    flow: str
    cidr: str
    is_own: bool = False  # the vSwitch of the pod
    state: Literal["listed", "unlisted", "undetermined"] = "listed"


class WhitelistAdvice(Fact):
    """What to append and how; the words of the command differ from product to product."""

    flow: str
    what: What = "pod"
    style: Literal["flags", "rds", "kafka", "elasticsearch", "console"] = "console"
    target: str = ""  # the block to append for the pod; "" for public addresses
    tried: str = ""  # what is appended when the change is tried on the case
    wider: str = ""  # every vSwitch of the cluster, when that is more
    group: str = "wayout_pods"
    network: str = ""  # kind of list or group that the endpoint uses
    ports: str = ""
    count: int = 0  # groups and templates that count for the endpoint
    names: str = ""  # theirs
    api: str = ""
    action: str = ""
    instance_flag: str = ""
    entries_flag: str = ""
    group_flag: str = ""
    mode_flag: str = ""
    mode: str = ""


class ProductState(Fact):
    """The state of an instance. other: on its way somewhere, or a state nobody knows."""

    flow: str
    instance: str = ""
    label: str = ""
    status: str = ""  # as its API spells it
    state: Literal["running", "down", "other", "unknown"] = "running"
    lock: str = ""
    lock_state: Literal["none", "expired", "other", "unknown"] = "none"
    network_type: Literal["vpc", "classic", "unknown"] = "vpc"
    collect: str = ""


class ProductEndpoints(Fact):
    """The endpoints of an instance around the one that is dialled.

    is_listed: the name or address dialled is one of them. private_*: an endpoint in the VPC of the
    pod, another one than is dialled.
    """

    flow: str
    instance: str = ""
    label: str = ""
    state: ListState = "complete"
    is_listed: Literal["yes", "no", "unknown"] = "yes"
    address_match: Match = "same"  # of the documented address with the one dialled
    address: str = ""  # the documented one
    has_public: Literal["yes", "no", "unknown"] = "unknown"
    has_private: bool = False
    private_host: str = ""  # its name, else its address
    private_ports: str = ""
    hosts: str = ""  # all names of the instance


class ProductMembers(Fact):
    """Further addresses that a client of a clustered instance must reach."""

    flow: str
    form: Literal["replica-set", "brokers", "direct"]
    members: str = ""  # comma separated, as far as documents show them
    count: int = 0


class WhitelistOpen(Fact):
    """The lists let everyone in by a content that is no address block."""

    is_derived = True
    flow: str
    what: What
    content: str
    group: str = ""
    certainty: Sure = "confirmed"


class WhitelistAdmits(Fact):
    """An address that the product may see is let in."""

    is_derived = True
    flow: str
    address: str


class WhitelistRefuses(Fact):
    """An address that the product may see is in none of the lists that are known to count."""

    is_derived = True
    flow: str
    address: str


class WhitelistUnclear(Fact):
    """An address that the product may see, of which nothing tells whether it is let in."""

    is_derived = True
    flow: str
    address: str


class WhitelistDoubt(Fact):
    """Something not known may let in what the lists do not name."""

    is_derived = True
    flow: str


class WhitelistTold(Fact):
    """The server itself says what the lists show: they lack the client."""

    is_derived = True
    flow: str


class WhitelistGap(Fact):
    """What the lists lack: the source as it is seen, and what to append for it."""

    is_derived = True
    flow: str
    instance: str
    what: What
    source: str
    wanted: str
    tried: str
    wider: str = ""
