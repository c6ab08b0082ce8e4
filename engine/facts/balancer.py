"""Facts of load balancers as destinations: what they are, listen on, admit and forward to.

What their security groups and network ACLs do is said by `inbound_decision` and
`destination_acl_decision`, with the load balancer as the host.
"""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "Balancer",
    "BalancerAcl",
    "BalancerAclDecision",
    "BalancerAdmission",
    "BalancerBackends",
    "BalancerHealth",
    "BalancerListener",
    "BalancerLoop",
    "BalancerZone",
]

BalancerProduct = Literal["clb", "alb", "nlb"]


class Balancer(Fact):
    """The load balancer a main flow goes to; a flow its cluster intercepts has none."""

    flow: str
    balancer: str  # its id; "" when nothing tells it
    product: BalancerProduct = "clb"
    label: str = ""  # for texts: "CLB lb-1"
    state: Literal[
        "active",
        "stopped",
        "locked",
        "abnormal",  # its business status, or it was never created
        "changing",
        "unknown",  # its document does not say
        "missing",  # no document describes it
    ] = "active"
    status: str = ""  # what says so, as the API spells it
    address_type: Literal["internet", "intranet", "unknown"] = "intranet"
    private_ip: str = ""  # an address of it inside the VPC of the pod, "" when none is known
    groups: str = ""  # its security groups, comma separated
    has_groups: Literal["yes", "no", "unknown"] = "no"  # a CLB has none


class BalancerListener(Fact):
    """The listener for the port and the protocol of the flow."""

    flow: str
    balancer: str
    listener: str = ""  # its id, or "tcp:443" of a CLB
    product: BalancerProduct = "clb"
    state: Literal[
        "running",
        "stopped",
        "changing",
        "unknown",  # its document does not say
        "none",  # the complete list has none for this port and protocol
        "missing",  # the list was not collected, or only in part
        "icmp",  # listeners have no say on ICMP
        "no-port",  # the question gives no port
    ] = "running"
    status: str = ""
    protocol: str = ""
    port: int = 0
    layer: Literal["none", "transport", "application"] = "transport"
    is_redirect: bool = False  # it answers every request with a redirect to `forward_port`
    forward_port: int = 0
    traffic: str = ""  # the flow in short: tcp/443
    offers: str = ""  # every listener that is known: "tcp/80, https/443"


class BalancerAcl(Fact):
    """The access control of the listener.

    "white" and "black" are judged for each source address; "empty": switched on with lists that
    have no entry; "unknown": nothing tells whether it is switched on, or which lists count.
    """

    flow: str
    balancer: str
    listener: str
    mode: Literal["off", "unsupported", "empty", "white", "black", "unknown"] = "off"
    is_filtering: bool = False  # "white" and "black"
    acls: str = ""  # the lists, comma separated


class BalancerAclDecision(Fact):
    """What the access control lists of the listener do to one source address.

    They count together. "undetermined": an entry or a list that is not known could decide.
    """

    flow: str
    balancer: str
    listener: str
    address: str
    product: BalancerProduct = "clb"
    mode: Literal["white", "black"] = "white"
    action: Literal["accept", "drop", "undetermined"] = "accept"
    acls: str = ""  # all of them, comma separated
    acl: str = ""  # the one with the deciding entry, or the first, for an entry to add
    entry: str = ""  # the CIDR block that decides
    count: int = 0  # entries of all lists that are known
    target: str = ""  # what an entry for the source should name: the vSwitch of a pod, or an EIP
    is_exact: bool = False  # `entry` is the source address alone
    lacks: str = ""
    lacks_of: str = ""


class BalancerAdmission(Fact):
    """What one guard of the load balancer does to one source address it may really see."""

    is_derived = True
    flow: str
    guard: Literal["acl", "groups"]
    address: str
    action: Literal["accept", "drop", "undetermined"] = "accept"


class BalancerZone(Fact):
    """The zone of an ALB or NLB to which the address of the flow belongs."""

    flow: str
    balancer: str
    product: BalancerProduct = "nlb"
    zone: str = ""
    vswitch: str = ""  # "" while no document tells it
    address: str = ""
    state: Literal["active", "stopped", "shifted", "changing", "unknown"] = "active"
    status: str = ""
    health: Literal["healthy", "unhealthy", "unknown"] = "unknown"  # of the address itself
    cross_zone: Literal["on", "off", "unknown"] = "unknown"
    servers: Literal["some", "none", "unknown"] = "unknown"  # servers of the listener in the zone


class BalancerBackends(Fact):
    """What the listener forwards to, by the lists of its server groups."""

    flow: str
    balancer: str
    listener: str
    product: BalancerProduct = "clb"
    groups: str = ""  # server groups, comma separated; the default group of a CLB has its id
    state: Literal["some", "none", "zero-weight", "unknown"] = "some"
    servers: int = 0
    weighted: int = 0  # those that get new connections
    # A server of weight 0, for the change that gives it a weight.
    server: str = ""  # its address
    server_id: str = ""
    server_key: str = ""
    server_port: int = 0
    server_group: str = ""
    is_default_group: bool = False  # of a CLB, which has no id of its own
    lacks: str = ""
    lacks_of: str = ""


class BalancerHealth(Fact):
    """What the health check of the listener found."""

    flow: str
    balancer: str
    listener: str
    product: BalancerProduct = "clb"
    layer: Literal["transport", "application"] = "transport"
    state: Literal[
        "healthy",  # every server
        "some",  # some servers are not
        "none",  # every server that gets connections failed its check
        "off",  # nothing is checked
        "starting",  # no server has passed yet, and the check of some is still running
        "unused",  # every server is unused: weight 0, or in another zone
        "unknown",
    ] = "healthy"
    abnormal: int = 0
    total: int = 0  # 0: not known
    servers: str = ""  # those that failed, with the reason where it is told
    lacks: str = ""
    lacks_of: str = ""


class BalancerLoop(Fact):
    """The pod is itself one of the servers behind the listener.

    preserve: whether the server sees the address of the client, which then is its own; a CLB
    listener of the transport layer always shows it.
    """

    flow: str
    balancer: str
    listener: str
    product: BalancerProduct = "clb"
    server: str = ""
    by: Literal["address", "interface", "instance"] = "address"
    group: str = ""
    preserve: Literal["on", "off", "unknown"] = "on"
    is_only: bool = False  # no other server gets connections
