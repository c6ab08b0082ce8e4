"""Facts every gate shares: the question's flows, what is complete, and what was concluded."""

from typing import Literal, get_args

from wayout.engine.facts.base import Fact

__all__ = [
    "GATES",
    "GATE_NAMES",
    "Barrier",
    "Collected",
    "Conclusion",
    "Doubt",
    "Flow",
    "FlowBlocked",
    "FlowFree",
    "FlowOpen",
    "FlowPassed",
    "FlowUndecided",
    "Gate",
    "GateName",
    "GateStatus",
    "NotAssessed",
    "PathBlocked",
    "SourceAddress",
    "Verdict",
]

GateName = Literal[
    "pod",
    "dns",
    "policy",
    "security-group",
    "network-acl",
    "route",
    "internet-exit",
    "guards",
    "own-load-balancer",
    "destination-access",
    "destination-service",
]
# Path order: what a packet meets, in this order; it decides which blocker is primary.
GATES: tuple[GateName, ...] = get_args(GateName)
# What people call them: English, Chinese.
GATE_NAMES: dict[GateName, tuple[str, str]] = {
    "pod": ("Pod", "Pod 状态"),
    "dns": ("Name lookup", "域名解析"),
    "policy": ("Network policy", "网络策略"),
    "security-group": ("Security group", "安全组"),
    "network-acl": ("Network ACL", "网络 ACL"),
    "route": ("Route", "路由"),
    "internet-exit": ("Internet exit", "公网出口"),
    "guards": ("Guards", "安全防护"),
    "own-load-balancer": ("Own load balancer", "集群自身的负载均衡"),
    "destination-access": ("Destination access", "目标访问控制"),
    "destination-service": ("Destination service", "目标服务"),
}

Scope = Literal[
    "internet",  # public address: an exit is needed
    "vpc",  # inside the CIDR blocks of the pod's VPC
    "service",  # a Service ClusterIP that was not replaced by its endpoints
    "pod",  # the address of a pod of this cluster
    "own-load-balancer",  # an address of a LoadBalancer Service of this cluster
    "cloud-service",  # 100.64.0.0/10
    "private",  # RFC 1918 or a UserCidr, outside the pod's VPC
    "metadata",  # 100.100.100.200
    "vpc-dns",  # 100.100.2.136 and 100.100.2.138
    "unresolved",  # a name without a known address
    "undetermined",  # the class depends on a document that is missing
]


class Flow(Fact):
    """One packet direction that is judged: the pod towards one address, protocol and port.

    The question gives one flow of role `main` per address the destination has; the name lookup
    gives flows of role `lookup`, one per resolver address and protocol.
    """

    flow: str  # "main", "main-2", "lookup-udp-10.0.0.10" …
    pod: str  # namespace/name
    role: Literal["main", "lookup"] = "main"
    scope: Scope = "internet"
    ip: str = ""  # "" only while scope is "unresolved"
    family: Literal["ipv4", "ipv6", "none"] = "ipv4"
    protocol: Literal["tcp", "udp", "icmp", "sctp"] = "tcp"
    port: int = 0  # 0: the protocol has no ports or the question gave none
    destination: str = ""  # what the question asked for, as written


class Gate(Fact):
    """One gate of the path; asserted for every gate so that silence of a gate can be noticed."""

    gate: GateName


class Collected(Fact):
    """A list that is complete in the case. An empty list is complete; a truncated one is not."""

    list: str
    of: str = ""


class Barrier(Fact):
    """Something on the path stops one flow, main or lookup. Read by the gates that come later."""

    is_derived = True
    flow: str
    gate: GateName
    subject: str = ""
    certainty: Literal["confirmed", "possible"] = "confirmed"


class Conclusion(Fact):
    """What a rule concludes about one gate for one main flow."""

    is_derived = True
    flow: str
    gate: GateName
    status: Literal[
        "blocks",  # the flow cannot pass; `certainty: possible` leaves the gate unknown
        "degrades",  # it passes sometimes (intermittent): the gate ends unknown
        "passes",  # checked and fine
        "unknown",  # a fact lacks; `needs` names the list
        "not-applicable",  # the gate has no say on this flow
        "info",  # worth telling, decides nothing
        "assumes",  # taken for granted because no document can tell
        "contradicts",  # two documents, or a document and an observation, disagree
    ]
    certainty: Literal["confirmed", "possible"] = "confirmed"
    rule: str = ""
    subject: str = ""
    needs: str = ""  # name of the list or fact that lacks, for status unknown
    of: str = ""  # which one (an id), "" when the list has no owner


class Doubt(Fact):
    """What a gate concludes to block one flow is only possible, for a reason outside the gate."""

    is_derived = True
    flow: str
    gate: GateName


class NotAssessed(Fact):
    """A rule could not be assessed for a flow: the list its negation needs is not complete."""

    is_derived = True
    flow: str
    gate: GateName
    rule: str = ""
    list: str = ""
    of: str = ""


class SourceAddress(Fact):
    """The ledger: which source address the hops from `hop` on see for one flow."""

    is_derived = True
    flow: str
    hop: Literal["pod", "vpc", "internet", "peer-network", "destination"]
    address: str  # comma separated when the gateway picks one of several
    via: str = ""  # the EIP, SNAT entry or gateway that sets it


class FlowBlocked(Fact):
    """A confirmed block of one main flow at one gate."""

    is_derived = True
    flow: str
    gate: GateName


class FlowOpen(Fact):
    """One main flow that no confirmed block stops at this gate."""

    is_derived = True
    flow: str
    gate: GateName


class FlowFree(Fact):
    """One main flow that no confirmed block stops at any gate."""

    is_derived = True
    flow: str


class FlowUndecided(Fact):
    """One main flow for which this gate could not be decided."""

    is_derived = True
    flow: str
    gate: GateName


class FlowPassed(Fact):
    """One main flow that this gate was seen to let through."""

    is_derived = True
    flow: str
    gate: GateName


class GateStatus(Fact):
    """How one gate ends over all main flows."""

    is_derived = True
    gate: GateName
    status: Literal["passes", "blocks", "unknown", "not-applicable"]


class PathBlocked(Fact):
    """Every address of the destination is behind a confirmed block; `gate` is one that blocks."""

    is_derived = True
    gate: GateName


class Verdict(Fact):
    """The answer to the question."""

    is_derived = True
    verdict: Literal["reachable", "blocked", "unknown"]
