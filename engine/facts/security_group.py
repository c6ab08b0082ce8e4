"""Facts of the security-group gate: what the egress rules of the pod's groups do to a flow."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.pod import GroupSource

__all__ = ["SgDecision", "SgExempt", "SgNearMiss", "SgReplaced"]


class SgDecision(Fact):
    """What the groups that one source names for the pod do to one outbound flow.

    `action` "undetermined" says that something is missing which could change the result: `reason`
    tells what, `lacks` names the list and `lacks_of` its owner.
    """

    flow: str
    source: GroupSource = "eni"
    action: Literal["accept", "drop", "undetermined"] = "accept"
    reason: Literal[
        "rule",  # the rule `rule` is the first that matches
        "default",  # no rule matches: a basic group accepts, an enterprise group drops
        "platform",  # an address that no security group can block
        "rules-missing",  # the rules of `group` were not collected, or only in part
        "type-missing",  # no rule matches and nobody says whether `group` is basic or enterprise
        "mixed-types",  # basic and enterprise groups together: no network interface can have both
        "unreadable-rule",  # `rule` has a field that cannot be read, or names no peer
        "prefix-list",  # the entries of a prefix list are not known
        "port-list",  # the entries of a port list are not known
        "group-members",  # whether the destination is a member of a peer group is not known
        "source-port",  # a rule tests the source port, and the question gives none
        "pod-address",  # a rule tests the source address, and the address of the pod is not known
        "no-address",  # the address of the destination is not known
        "no-port",  # the port of the destination is not known
    ] = "default"
    groups: str = ""  # all groups of the source, comma separated
    group: str = ""  # the group that decides, or whose data lack
    group_type: Literal["basic", "enterprise", "mixed", "undetermined"] = "undetermined"
    rule: str = ""  # id of the deciding rule, "#3" (third of its group) when it has none
    rule_id: str = "<rule-id>"  # the same for a command: what is to be filled in when it has none
    priority: int = 0
    protocol: str = ""  # of the deciding rule, as its document writes it; so are the next two
    ports: str = ""
    peer: str = ""
    traffic: str = ""  # the flow in short: tcp/443, icmp
    destination: str = ""  # its address, or its name while no address is known
    lacks: str = ""
    lacks_of: str = ""
    is_same_group: bool = False  # basic group with internal access that has pod and destination
    is_managed: bool = False  # a cloud service owns `group`; users cannot edit it
    # What an Accept rule for exactly this flow needs (only for action "drop").
    winning_priority: int = 0  # the largest number that beats every matching Drop; 0: there is none
    tied_accept: str = ""  # an Accept rule of the same priority as the Drop that matches, too
    target: str = ""  # the destination as a network of one address
    target_parameter: Literal["", "DestCidrIp", "Ipv6DestCidrIp"] = ""
    target_ipv4: str = ""  # `target` when it is IPv4, else ""
    target_ipv6: str = ""
    target_protocol: str = ""  # TCP, UDP, ICMP, ICMPv6
    target_ports: str = ""  # 443/443, or -1/-1 for a protocol without ports


class SgNearMiss(Fact):
    """An Accept rule that fails to let a dropped flow out by exactly one field.

    A rule that matches the flow and is only out-ranked has `field` "priority".
    """

    flow: str
    source: GroupSource = "eni"
    rule: str = ""
    group: str = ""
    priority: int = 0
    field: Literal["protocol", "port", "peer", "source", "priority"] = "port"
    wanted: str = ""  # what the flow has; for "priority" the largest number that would win
    got: str = ""  # what the rule has


class SgReplaced(Fact):
    """An annotation put the pod into other groups than the cluster's, which accept the flow."""

    is_derived = True
    flow: str
    groups: str = ""
    cluster_groups: str = ""


class SgExempt(Fact):
    """A flow that no security group can stop: to the metadata service, or inside the pod."""

    is_derived = True
    flow: str
