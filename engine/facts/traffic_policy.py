"""Facts of the policy gate about TrafficPolicy and GlobalTrafficPolicy of ACS."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.policy import Lacks

__all__ = [
    "TrafficDecision",
    "TrafficEngine",
    "TrafficOff",
    "TrafficOn",
    "TrafficOpening",
    "TrafficSelection",
    "TrafficShadowed",
    "TrafficUnmatched",
]


class TrafficSelection(Fact):
    """Which of the known traffic policies select the pod, and whether all policies are known."""

    pod: str
    state: Literal["selected", "none", "undetermined"] = "none"
    policies: str = ""  # those that do, comma separated, in order of priority
    is_complete: bool = True  # both lists, TrafficPolicy and GlobalTrafficPolicy
    lacks: Lacks = ""  # the first list that is not complete


class TrafficDecision(Fact):
    """What the traffic policies say about one flow, were they enforced.

    "open": none selects the pod; "allow" and "deny": by `rule` (counted from 1) of `policy`, or by
    default (`is_default`) because no rule of `policies` matches; "undetermined": see `doubt`.
    """

    flow: str
    pod: str
    verdict: Literal["allow", "deny", "open", "undetermined"]
    target: str = ""  # "203.0.113.10 TCP 443"
    policies: str = ""  # all that select the pod, in order of priority
    policy: str = ""
    rule: int = 0
    priority: int = 0
    action: str = ""
    is_default: bool = False
    doubt: Literal[
        "",
        "missing",  # a document: `lacks`
        "order",  # policies of one priority say different things
        "no-egress-rules",  # selected only by policies without egress rules: sources disagree
        "unreadable",  # a rule that cannot be read: `lacks` cidr, action, end-port, peer
    ] = ""
    lacks: Lacks = ""
    lacks_of: str = ""


class TrafficShadowed(Fact):
    """A rule that would allow a denied flow, but comes after the rule that denies it."""

    flow: str
    policy: str
    rule: int
    priority: int
    denied_by: str
    denied_rule: int
    denied_priority: int


class TrafficUnmatched(Fact):
    """A rule for a domain name with a wildcard: such a rule never matches."""

    flow: str
    policy: str
    rule: int
    fqdn: str


class TrafficOpening(Fact):
    """The narrowest TrafficPolicy that would allow a denied flow: what a fix is written from."""

    flow: str
    pod: str
    namespace: str = "default"
    name: str = "new-policy"
    priority: int = 1
    selector_json: str = "{}"
    peers_json: str = "[]"
    ports_json: str = "[]"
    peer: str = ""
    ports: str = ""


class TrafficOff(Fact):
    """A reason why no traffic policy is enforced on the pod."""

    is_derived = True
    pod: str
    why: Literal["no-component", "old-component", "network-policy-mode"]


class TrafficOn(Fact):
    """Traffic policies are enforced on the pod."""

    is_derived = True
    pod: str


class TrafficEngine(Fact):
    """Whether traffic policies are enforced on the pod."""

    is_derived = True
    pod: str
    state: Literal["enforced", "not-enforced", "undetermined"] = "enforced"
