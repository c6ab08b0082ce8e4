"""Facts of the destination-access gate: what guards the other end, and does it admit the pod?"""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.pod import GroupSource, VswitchSource

__all__ = [
    "DestinationAclDecision",
    "DestinationHost",
    "DestinationStranger",
    "HostGroups",
    "HostVswitch",
    "InboundDecision",
    "InboundNearMiss",
    "IngressDecision",
    "IngressNearMiss",
    "IngressOpening",
    "IngressTraffic",
]


class DestinationHost(Fact):
    """The pod of this cluster, or the other network interface of this account, a flow ends at."""

    flow: str
    host: str  # namespace/name of the pod, or the id of the interface
    what: Literal["pod", "interface"] = "pod"
    label: str = ""  # for texts: the same, or the instance with its interface
    ip: str = ""
    # Only for an interface; the groups and the vSwitch of a pod are chosen by the rules of pods.
    groups: str = ""
    vswitch: str = ""
    owner: Literal["instance", "endpoint", "unstated"] = "instance"
    is_attached: bool = True
    may_be_pod: bool = False  # a pod nobody described may have it, and policies may be in force


class DestinationStranger(Fact):
    """Why what guards an address inside the VPC cannot be judged."""

    flow: str
    ip: str = ""
    why: Literal[
        "not-collected",  # no document shows who has the address
        "no-interface",  # all interfaces are known, and none has it
        "managed",  # the interface belongs to a cloud service
        "managed-or-pod",  # the same, or to a pod that no document describes
        "host-network",  # a pod shares the address of its node
        "several",  # several pods or interfaces claim it
        "ipv6",
        "client",  # the address of the pod that asks is not known
    ] = "not-collected"


class HostGroups(Fact):
    """The security groups the host really has, by the best evidence there is."""

    is_derived = True
    host: str
    source: GroupSource = "eni"
    groups: str = ""


class HostVswitch(Fact):
    """The vSwitch the host really is in, by the best evidence there is."""

    is_derived = True
    host: str
    source: VswitchSource = "eni"
    vswitch: str = ""


class IngressDecision(Fact):
    """What the NetworkPolicies of the destination pod say about one flow, were they enforced.

    "open": nothing isolates the pod for ingress; "allow": `rule` (counted from 1) of `policy`
    admits the client; "deny": `policies` isolate the pod and none of their `rules` ingress rules
    admits it; "undetermined": `doubt` and `lacks` tell what is missing.
    """

    flow: str
    host: str
    verdict: Literal["allow", "deny", "open", "undetermined"]
    namespace: str = "default"  # of the destination pod
    client: str = ""  # "10.0.0.5 = shop/api-0 (app=api)"
    traffic: str = ""  # "TCP 5432"
    policies: str = ""  # the isolating ones, comma separated
    count: int = 0  # policies in the namespace
    rules: int = 0  # ingress rules of the isolating policies
    policy: str = ""
    rule: int = 0
    is_block_on_pod: bool = False  # only an ipBlock admits the client, which is a pod
    doubt: Literal["", "missing", "port", "end-port", "host-network", "malformed"] = ""
    lacks: str = ""  # for "missing": the list
    lacks_of: str = ""


class IngressNearMiss(Fact):
    """The ingress rule that comes nearest to admitting the client, and the part that failed."""

    flow: str
    policy: str
    rule: int = 1
    part: Literal["from", "ports"] = "from"
    wanted: str = ""
    got: str = ""


class IngressOpening(Fact):
    """The narrowest NetworkPolicy that would admit the client: the parts a fix is written from."""

    flow: str
    host: str
    namespace: str = "default"
    name: str = "new-policy"
    selector_json: str = "{}"  # LabelSelector of the destination pod
    peers_json: str = "[]"  # list of NetworkPolicyPeer
    ports_json: str = "[]"  # list of NetworkPolicyPort
    peer: str = ""  # the same in words: "shop/app=api"
    ports: str = ""  # "TCP 5432"


class IngressTraffic(Fact):
    """Whether a TrafficPolicy or GlobalTrafficPolicy with ingress rules selects the pod."""

    host: str
    state: Literal["selected", "none", "undetermined"] = "none"
    policies: str = ""
    lacks: str = ""
    lacks_of: str = ""


class InboundDecision(Fact):
    """What the inbound rules of the groups that one source names for the host do to one flow.

    `action` "undetermined" says that something is missing which could change the result: `reason`
    tells what, `lacks` names the list and `lacks_of` its owner.
    """

    flow: str
    host: str
    source: GroupSource = "eni"
    action: Literal["accept", "drop", "undetermined"] = "accept"
    reason: Literal[
        "rule",  # the rule `rule` is the first that matches
        "default",  # no rule matches: inbound, every group drops
        "no-rule",  # none matches, and the groups of a load balancer let in what none drops
        "inner-access",  # a basic group that lets its members talk has both ends
        "inner-access-unknown",  # both ends may be in such a group, and its data do not tell
        "rules-missing",  # the inbound rules of `group` were not collected, or only in part
        "rule-unknown",  # whether `rule` matches depends on what lacks
        "mixed-types",  # basic and enterprise groups together: no interface can have both
    ] = "rule"
    groups: str = ""  # all groups of the source, comma separated
    group: str = ""  # the group that decides, or whose data lack
    group_type: Literal["basic", "enterprise", "mixed", "undetermined"] = "undetermined"
    rule: str = ""  # id of the deciding rule, "#3" (third of its group) when it has none
    rule_id: str = "<rule-id>"  # the same for a command
    priority: int = 0
    protocol: str = ""  # of the deciding rule, as its document writes it; so are the next two
    ports: str = ""
    peer: str = ""
    traffic: str = ""  # the flow in short: tcp/5432, icmp
    client: str = ""  # the source address the host sees
    lacks: str = ""
    lacks_of: str = ""
    shared: Literal["none", "isolated", "enterprise"] = "none"  # a group of both ends, no use here
    shared_group: str = ""
    is_managed: bool = False  # a cloud service owns `group`; users cannot edit it
    # What an Accept rule for this flow needs (only for action "drop").
    winning_priority: int = 0  # the largest number that beats every matching Drop; 0: there is none
    target: str = ""  # the vSwitch of the client as a CIDR block, else its address
    target_protocol: str = ""  # TCP, UDP, ICMP
    target_ports: str = ""  # 443/443, or -1/-1 for a protocol without ports


class InboundNearMiss(Fact):
    """An inbound Accept rule that fails to admit a dropped flow by exactly one field."""

    flow: str
    host: str
    source: GroupSource = "eni"
    rule: str = ""
    group: str = ""
    priority: int = 0
    field: Literal["protocol", "port", "peer", "source", "priority"] = "port"
    wanted: str = ""  # what the flow has; for "priority" the largest number that would win
    got: str = ""  # what the rule has


class DestinationAclDecision(Fact):
    """What the ACL of the host's vSwitch does to one direction of one flow.

    A network ACL keeps no state: `request` is the inbound list for what the pod sends, `reply` the
    outbound list for the answers, which go to a port that the pod's kernel chose.
    """

    flow: str
    vswitch: str
    direction: Literal["request", "reply"] = "request"
    action: Literal["accept", "drop", "partial", "undetermined"] = "accept"
    reason: Literal[
        "entry",
        "default",
        "platform",
        "entries-missing",
        "unreadable-entry",
        "no-address",
        "no-port",
    ] = "entry"
    acl: str = ""
    entry: str = ""  # id of the deciding entry, "#3" (third of its direction) when it has none
    position: int = 0  # of the deciding entry, from 1; for "default" the place after the last
    protocol: str = ""  # of the deciding entry, as its document writes it; so are the next two
    ports: str = ""
    peer: str = ""
    traffic: str = ""  # the flow in short: tcp/5432, icmp
    client: str = ""  # the source address the host sees
    reply_ports: str = ""  # what the answers are: "tcp 32768-60999", "icmp"
    open_ports: str = ""  # for "partial": those of them that are let out
    closed_ports: str = ""  # for "partial": those that are not
    vicinity: Literal["other", "same", "undetermined"] = "other"  # is the client in `vswitch` too
    lacks: str = ""
    lacks_of: str = ""
    # The narrowest entry that lets the flow pass, and the whole list with it at `position`
    # (only for "drop" and "partial").
    target: str = ""
    target_protocol: str = ""
    target_ports: str = ""
    new_entries: str = ""  # JSON: every entry of this direction, the new one included
