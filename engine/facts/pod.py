"""Facts of the pod gate: its state, and the evidence for its groups and its vSwitch."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "AddressMismatch",
    "AnnotationDrift",
    "ForeignAnnotation",
    "GroupCandidate",
    "GroupDrift",
    "PodDocument",
    "PodEni",
    "PodGroups",
    "PodState",
    "PodVswitch",
    "ProfileDocument",
    "UnusedAddress",
    "VswitchCandidate",
    "VswitchDrift",
]

GroupSource = Literal[
    "eni",  # the groups bound to the ENI of the pod
    "annotation",  # network.alibabacloud.com/security-group-ids
    "selector",  # injected by a selector of acs-profile
    "profile",  # securityGroupId of acs-profile
    "cluster",  # security_group_id of the cluster
    "none",  # nothing tells
]
VswitchSource = Literal[
    "eni",  # the vSwitch of the ENI
    "allocated",  # network.alibabacloud.com/vswitch-id, written by ACS
    "address",  # the pod IP lies inside exactly one known vSwitch
    "requested",  # network.alibabacloud.com/vswitch-ids names exactly one
    "selector",  # the same annotation, injected by a selector of acs-profile
    "profile",  # vSwitchIds of acs-profile names exactly one
    "cluster",  # vswitch_ids of the cluster names exactly one
    "none",  # nothing tells
]


class PodDocument(Fact):
    """Whether a document describes the pod; "absent": the complete list of pods lacks it."""

    pod: str
    namespace: str = "default"
    state: Literal["present", "absent", "missing"] = "present"


class PodState(Fact):
    """What the Pod document says; only there when a document describes the pod."""

    pod: str
    namespace: str = "default"
    name: str = ""  # without the namespace
    phase: Literal["Running", "Pending", "Succeeded", "Failed", "Unknown", "unstated"] = "Running"
    reason: str = ""  # of the condition that is not true, such as Unschedulable
    ip: str = ""
    ipv6: str = ""
    has_ip: bool = True
    has_ipv6: bool = False
    is_host_network: bool = False


class UnusedAddress(Fact):
    """An IPv6 address of the destination that a pod without IPv6 never tries: it has IPv4 too."""

    flow: str  # the main flow to one of the other addresses
    ip: str


class PodEni(Fact):
    """The elastic network interface of the pod, and whether a document describes it."""

    pod: str
    eni: str
    evidence: Literal["allocated", "address"] = "allocated"
    has_document: bool = True


class ProfileDocument(Fact):
    """Whether the case tells what `kube-system/acs-profile` says."""

    pod: str
    state: Literal["present", "absent", "missing"] = "present"


class GroupCandidate(Fact):
    """The security groups one source of evidence names for the pod."""

    pod: str
    source: GroupSource
    groups: str  # comma separated


class VswitchCandidate(Fact):
    """The vSwitch one source of evidence names for the pod."""

    pod: str
    source: VswitchSource
    vswitch: str


class PodGroups(Fact):
    """The groups the pod really has, by the best evidence there is."""

    is_derived = True
    pod: str
    source: GroupSource = "eni"
    groups: str = ""


class PodVswitch(Fact):
    """The vSwitch the pod really is in, by the best evidence there is."""

    is_derived = True
    pod: str
    source: VswitchSource = "eni"
    vswitch: str = ""


class GroupDrift(Fact):
    """The annotation asks for other groups than those bound to the ENI."""

    pod: str
    eni: str
    annotated: str  # comma separated
    attached: str  # comma separated


class VswitchDrift(Fact):
    """The annotation asks for vSwitches among which the real one is not."""

    pod: str
    requested: str  # comma separated
    actual: str


class AnnotationDrift(Fact):
    """A network annotation of the workload that the pod does not carry as written there.

    `place` "metadata": written on the workload itself, where no pod ever reads it. "template":
    written on the pod template, but the pod was created with another value.
    """

    pod: str
    workload: str  # kind/namespace/name
    place: Literal["metadata", "template"]
    key: str
    wanted: str = ""
    actual: str = ""  # "" when the pod has no such annotation


class ForeignAnnotation(Fact):
    """An annotation of Elastic Container Instance, which has no effect on an ACS pod."""

    pod: str
    key: str
    value: str = ""
    instead: str = ""  # the key ACS reads


class AddressMismatch(Fact):
    """Two documents place the pod differently.

    what: "vswitch": `value` is the CIDR of `owner`, which does not contain the pod IP;
    "eni": `value` lists the addresses of the ENI `owner`, the pod IP is not among them.
    """

    pod: str
    what: Literal["vswitch", "eni"]
    ip: str
    owner: str
    value: str
