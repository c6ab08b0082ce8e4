"""Facts of the policy gate: is anything enforced on the pod, and what do the policies say?"""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "EgressOpening",
    "IsolatingPolicy",
    "PolicyAgent",
    "PolicyAgentStray",
    "PolicyComponent",
    "PolicyComputeClass",
    "PolicyCount",
    "PolicyDecision",
    "PolicyEngine",
    "PolicyMode",
    "PolicyNearMiss",
    "PolicyOff",
    "PolicyOn",
    "PolicySelection",
    "PolicyServiceBlock",
]

Lacks = Literal[
    "",
    "network_policies",  # the policies of the namespace (`lacks_of`)
    "pods",  # the pod in question, or the pod that may have the destination address
    "namespaces",  # the labels of a namespace
    "endpoint_slices",  # the pods behind a Service
    "services",  # the Services of a namespace
    "port",  # the question gives no port
    "address",  # the destination name has no known address
    "end-port",  # a rule decides that uses endPort
    "host-network",  # policies and hostNetwork pods: no defined effect
    "cidr",  # a policy holds a block that cannot be read
    "peer",  # a policy holds a peer that the API server would refuse
    "traffic_policies",
    "global_traffic_policies",
    "equal-priority",  # two traffic policies of one priority say different things
    "egress-rules",  # every traffic policy that selects the pod is without egress rules
    "action",  # a traffic policy has an action other than allow, deny and reject
]


class PolicyAgent(Fact):
    """The annotation `enable-network-policy-agent` of the pod, in either spelling.

    "on" is exactly "true"; "unclear" is what some readers take for true ("True", "1", …) or two
    spellings that disagree; "unknown" means that no document describes the pod.
    """

    pod: str
    setting: Literal["on", "off", "absent", "unclear", "unknown"] = "on"
    key: str = ""
    text: str = ""  # the value as written


class PolicyAgentStray(Fact):
    """The pod and its workload differ in the annotation with "true".

    `place` "metadata": only on the workload's own metadata, which no pod reads. "template": on the
    pod template, but not on the pod, so only pods created later have it. "pod": on the pod, but
    not on the template, so it was injected at creation or written on the running pod.
    """

    pod: str
    workload: str  # "Deployment shop/web"
    place: Literal["metadata", "template", "pod"]


class PolicyMode(Fact):
    """The annotation `network.alibabacloud.com/network-policy-mode` of the pod."""

    pod: str
    mode: Literal[
        "network-policy",
        "traffic-policy",
        "enhanced-traffic-policy",
        "absent",
        "unclear",
        "unknown",
    ] = "absent"
    text: str = ""


class PolicyComputeClass(Fact):
    """The compute class of the pod, by label or annotation."""

    pod: str
    hardware: Literal["cpu", "gpu", "unknown"] = "cpu"
    name: str = ""


class PolicyComponent(Fact):
    """The cluster component that enforces policies, and what its version can do."""

    component: Literal["poseidon"] = "poseidon"
    state: Literal["installed", "absent", "unknown"] = "installed"
    version: str = ""
    named_ports: Literal["yes", "no", "unknown"] = "unknown"  # since v0.3.0
    namespace_selectors: Literal["yes", "no", "unknown"] = "unknown"  # right since v0.5.1
    traffic_policies: Literal["yes", "no", "unknown"] = "unknown"  # since v0.7.0


class PolicyCount(Fact):
    """How many NetworkPolicies the case holds, over all namespaces."""

    count: int


class PolicySelection(Fact):
    """Which NetworkPolicies of the pod's namespace isolate the pod for egress."""

    pod: str
    namespace: str = "default"
    state: Literal["isolated", "open", "undetermined"] = "open"
    labels: str = ""  # of the pod: "app=web,tier=front"
    count: int = 0  # policies in the namespace
    others: str = ""  # those that do not: "db-lockdown (app=db), ingress-only ({}, Ingress)"
    lacks: Lacks = ""


class IsolatingPolicy(Fact):
    """One NetworkPolicy that isolates the pod for egress."""

    pod: str
    policy: str  # namespace/name
    selector: str = "{}"
    rules: int = 0  # egress rules; 0 is a default deny
    has_end_port: bool = False
    has_named_port: bool = False
    has_namespace_selector: bool = False


class PolicyDecision(Fact):
    """What the NetworkPolicies of the pod say about one flow, were they enforced.

    "open": nothing isolates the pod; "self": the pod talks to itself, which no policy stops;
    "allow": `rule` (counted from 1) of `policy` allows it; "deny": `policies` isolate the pod and
    none of their `rules` egress rules allows it; "undetermined": `lacks` tells what is missing.
    """

    flow: str
    pod: str
    verdict: Literal["allow", "deny", "open", "self", "undetermined"]
    target: str = ""  # "203.0.113.10 TCP 443", "10.0.0.5 = data/pg-0 (app=pg) TCP 5432"
    policies: str = ""  # the isolating ones, comma separated
    rules: int = 0  # egress rules of all of them
    policy: str = ""
    rule: int = 0
    is_block_on_pod: bool = False  # only an ipBlock admits it, and the address is a pod's
    lacks: Lacks = ""
    lacks_of: str = ""


class PolicyNearMiss(Fact):
    """The egress rule that comes nearest to allowing a flow, and the one field that failed."""

    flow: str
    policy: str
    rule: int
    failed: Literal["peer", "except", "port", "named-port", "protocol"]
    wanted: str = ""
    got: str = ""


class PolicyServiceBlock(Fact):
    """An ipBlock of an isolating policy names just the address of a Service."""

    pod: str
    policy: str
    rule: int
    cidr: str
    service: str  # namespace/name
    target: Literal["cluster-ip", "load-balancer"]


class EgressOpening(Fact):
    """The narrowest NetworkPolicy that would allow a flow: the parts a fix is written from."""

    flow: str
    pod: str
    namespace: str = "default"
    name: str = "new-policy"  # for the new policy
    selector_json: str = "{}"  # LabelSelector of the pod
    peers_json: str = "[]"  # list of NetworkPolicyPeer
    ports_json: str = "[]"  # list of NetworkPolicyPort; a lookup gets both UDP and TCP
    peer: str = ""  # the same in words: "203.0.113.10/32", "data/app=pg"
    ports: str = ""  # "TCP 443"


class PolicyOff(Fact):
    """A reason why no policy is enforced on the pod."""

    is_derived = True
    pod: str
    why: Literal["no-component", "not-annotated", "annotated-off", "gpu"]


class PolicyOn(Fact):
    """Policies are enforced on the pod: component, annotation and hardware all agree."""

    is_derived = True
    pod: str


class PolicyEngine(Fact):
    """Whether NetworkPolicies are enforced on the pod."""

    is_derived = True
    pod: str
    state: Literal["enforced", "not-enforced", "undetermined"] = "enforced"
