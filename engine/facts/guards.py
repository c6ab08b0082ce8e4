"""Facts of the guards gate: what watches over the exit from outside the VPC, and its limits."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "AccountCredit",
    "DdosState",
    "ExitAddress",
    "FirewallDecision",
    "FirewallProtection",
    "GuardClear",
    "GuardDocument",
    "GuardHit",
    "GuardUnclear",
    "LimitReading",
    "MetricReading",
]


class GuardDocument(Fact):
    """Whether the case holds documents of one guard; one fact per guard and one for any of them."""

    guard: Literal["cloud-firewall", "ddos", "account", "any"]
    state: Literal["present", "missing"] = "missing"


class FirewallDecision(Fact):
    """The first Internet border policy that matches a flow from one public address.

    "undetermined": a policy before it, or the whole list, is not known well enough; "monitor": a
    policy only logs; "none": no policy matches.
    """

    flow: str
    address: str
    action: Literal["accept", "drop", "monitor", "none", "undetermined"] = "accept"
    policy: str = ""
    order: int = 0
    lacks: str = ""


class FirewallProtection(Fact):
    """Whether the Internet border firewall is switched on for a public address."""

    address: str
    state: Literal["open", "closed", "unknown"] = "open"


class DdosState(Fact):
    """The state of a public address in Anti-DDoS."""

    address: str
    state: Literal["normal", "cleaning", "blackhole", "unknown"] = "normal"


class AccountCredit(Fact):
    """Whether the available amount of the account is negative."""

    state: Literal["credit", "debt", "unreadable"] = "credit"
    amount: str = ""


class ExitAddress(Fact):
    """A public address by which a flow leaves; several when an SNAT entry has several."""

    is_derived = True
    flow: str
    address: str


class GuardHit(Fact):
    """A guard stops what leaves by this address."""

    is_derived = True
    flow: str
    address: str
    guard: Literal["cloud-firewall", "ddos"]


class GuardClear(Fact):
    """A guard does not stop what leaves by this address."""

    is_derived = True
    flow: str
    address: str
    guard: Literal["cloud-firewall", "ddos"]


class GuardUnclear(Fact):
    """Whether a guard stops what leaves by this address cannot be told."""

    is_derived = True
    flow: str
    address: str
    guard: Literal["cloud-firewall", "ddos"]


class MetricReading(Fact):
    """The peak of one CloudMonitor metric of one resource; the metrics of interest count drops."""

    resource: str  # id of a gateway, an EIP or a shared bandwidth package
    namespace: str
    metric: str
    level: Literal["zero", "positive"] = "positive"
    value: str = "1"


class LimitReading(Fact):
    """What a metric says of one limit of a resource: whether anything was dropped because of it.

    limit: "ports" for SNAT, "connections" open or new at a gateway, "bandwidth", "throughput" of a
    gateway, which a metric of dropped packets does not tell from its other limits.
    """

    is_derived = True
    resource: str
    limit: Literal["ports", "connections", "bandwidth", "throughput"]
    level: Literal["zero", "positive"] = "positive"
    metric: str = ""
    value: str = ""
