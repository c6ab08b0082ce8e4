"""The pod itself: its state, its network interface, and where its documents disagree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from wayout.engine.case import Origin, Pod, Record
from wayout.engine.case.alibaba import VSwitch
from wayout.engine.case.kubernetes import ConfigMap, Workload
from wayout.engine.facts.pod import (
    AddressMismatch,
    AnnotationDrift,
    ForeignAnnotation,
    GroupCandidate,
    GroupDrift,
    PodDocument,
    PodEni,
    PodState,
    ProfileDocument,
    UnusedAddress,
    VswitchCandidate,
    VswitchDrift,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.placement import (
    ALLOCATED_ENI,
    SECURITY_GROUP_IDS,
    VSWITCH_IDS,
    annotation_places,
    contains,
    eni_of,
    group_candidates,
    places,
    pod_ip,
    profile_of,
    split_ids,
    vswitch_candidates,
)
from wayout.engine.observe.selectors import Labels, selects

__all__ = ["observe"]

Phase = Literal["Running", "Pending", "Succeeded", "Failed", "Unknown", "unstated"]
PHASES = ("Running", "Pending", "Succeeded", "Failed", "Unknown")
# Keys of Elastic Container Instance that look like the ones of ACS, and what ACS reads instead.
FOREIGN = {
    "k8s.aliyun.com/eci-security-group": SECURITY_GROUP_IDS,
    "k8s.aliyun.com/eci-vswitch": VSWITCH_IDS,
}
# Read when the pod is created, so a later value has no effect on it.
CREATION_ONLY = (
    SECURITY_GROUP_IDS,
    VSWITCH_IDS,
    "network.alibabacloud.com/custom-dnsconfig",
    "network.alibabacloud.com/pod-with-eip",
    "network.alibabacloud.com/pod-eip-instanceid",
    "network.alibabacloud.com/enable-ipv6",
)


def observe(view: View) -> Iterator[Sighting]:
    """Facts about the pod in question; most need its document."""
    yield pod_document(view)
    yield from eni(view)
    yield from candidates(view)
    yield profile_document(view)
    record = view.pod_record
    if record is None:
        return
    yield pod_state(view.pod, record)
    yield from unused_addresses(view)
    yield from drift(view, record)
    yield from workload_drift(view, record)
    yield from foreign_annotations(view, record)
    yield from mismatches(view, record)


def pod_document(view: View) -> Sighting:
    namespace = view.pod.partition("/")[0] if "/" in view.pod else ""
    record = view.pod_record
    if record is not None:
        fact = PodDocument(pod=view.pod, namespace=namespace, state="present")
        return Sighting(fact, record.origins)
    listing = view.case.listing(Pod, of=namespace)
    state: Literal["absent", "missing"] = (
        "absent" if namespace and listing.is_complete else "missing"
    )
    return Sighting(PodDocument(pod=view.pod, namespace=namespace, state=state), listing.origins)


def unused_addresses(view: View) -> Iterator[Sighting]:
    plan = plan_of(view)
    for main in plan.unused:
        yield Sighting(UnusedAddress(flow=plan.main[0].flow.flow, ip=main.flow.ip), main.origins)


def pod_state(pod: str, record: Record[Pod]) -> Sighting:
    value = record.value
    addresses = (value.status.pod_ip, *(entry.ip for entry in value.status.pod_ips))
    ipv6 = next((ip for ip in addresses if ":" in ip), "")
    ip = pod_ip(value)
    phase = value.status.phase
    reason = next(
        (c.reason for c in value.status.conditions if c.status == "False" and c.reason), ""
    )
    fact = PodState(
        pod=pod,
        namespace=value.metadata.namespace,
        name=value.metadata.name,
        phase=cast(Phase, phase) if phase in PHASES else "unstated",
        reason=reason,
        ip=ip,
        ipv6=ipv6,
        has_ip=bool(ip or ipv6),
        has_ipv6=bool(ipv6),
        is_host_network=value.spec.host_network,
    )
    return Sighting(fact, places(record, "status"))


def eni(view: View) -> Iterator[Sighting]:
    record = view.pod_record
    noted = record.value.metadata.annotations.get(ALLOCATED_ENI, "").strip() if record else ""
    found = eni_of(view)
    if noted and record is not None:
        origins = annotation_places(record, ALLOCATED_ENI)
        if found is not None:
            origins += found.origins
        fact = PodEni(pod=view.pod, eni=noted, evidence="allocated", has_document=found is not None)
        yield Sighting(fact, origins)
    elif found is not None:
        fact = PodEni(pod=view.pod, eni=found.value.network_interface_id, evidence="address")
        yield Sighting(fact, (*found.origins, *places(record, "status", "podIP")))


def candidates(view: View) -> Iterator[Sighting]:
    for group in group_candidates(view):
        yield Sighting(
            GroupCandidate(pod=view.pod, source=group.source, groups=",".join(group.groups)),
            group.origins,
        )
    for vswitch in vswitch_candidates(view):
        yield Sighting(
            VswitchCandidate(pod=view.pod, source=vswitch.source, vswitch=vswitch.vswitch),
            vswitch.origins,
        )


def profile_document(view: View) -> Sighting:
    profile = profile_of(view.case)
    if profile is not None:
        return Sighting(ProfileDocument(pod=view.pod, state="present"), profile.origins)
    listing = view.case.listing(ConfigMap, of="kube-system")
    if listing.is_complete:
        return Sighting(ProfileDocument(pod=view.pod, state="absent"), listing.origins)
    return Sighting(ProfileDocument(pod=view.pod, state="missing"))


# ── Documents that disagree ──────────────────────────────────────────────────────────────────


def drift(view: View, record: Record[Pod]) -> Iterator[Sighting]:
    """The annotations of the pod against what the pod really got."""
    annotations = record.value.metadata.annotations
    found = eni_of(view)
    wanted = split_ids(annotations.get(SECURITY_GROUP_IDS, ""))
    attached = (found.value.security_group_ids or []) if found is not None else []
    if found is not None and wanted and attached and set(wanted) != set(attached):
        fact = GroupDrift(
            pod=view.pod,
            eni=found.value.network_interface_id,
            annotated=",".join(wanted),
            attached=",".join(attached),
        )
        yield Sighting(fact, (*annotation_places(record, SECURITY_GROUP_IDS), *found.origins))
    requested = split_ids(annotations.get(VSWITCH_IDS, ""))
    actual = next((c for c in vswitch_candidates(view) if c.source in ("eni", "allocated")), None)
    if actual is not None and requested and actual.vswitch not in requested:
        yield Sighting(
            VswitchDrift(pod=view.pod, requested=",".join(requested), actual=actual.vswitch),
            (*annotation_places(record, VSWITCH_IDS), *actual.origins),
        )


def workload_drift(view: View, record: Record[Pod]) -> Iterator[Sighting]:
    """Annotations of the workload that did not arrive at the pod."""
    pod = record.value
    for workload in workloads_of(view, pod):
        value = workload.value
        name = f"{value.kind} {value.key}".strip()
        own, template = value.metadata.annotations, value.spec.template.metadata.annotations
        for key in CREATION_ONLY:
            actual = pod.metadata.annotations.get(key, "")
            if key in template and template[key] != actual:
                place: Literal["metadata", "template"] = "template"
                wanted = template[key]
                origin = workload.origin.at("spec", "template", "metadata", "annotations", key)
            elif key in own and key not in template and own[key] != actual:
                place, wanted = "metadata", own[key]
                origin = workload.origin.at("metadata", "annotations", key)
            else:
                continue
            fact = AnnotationDrift(
                pod=view.pod, workload=name, place=place, key=key, wanted=wanted, actual=actual
            )
            yield Sighting(fact, (origin, *places(record, "metadata", "annotations")))


def workloads_of(view: View, pod: Pod) -> Iterator[Record[Workload]]:
    """The workloads whose selector takes the pod; a ReplicaSet repeats its Deployment."""
    for record in view.case.listing(Workload, of=pod.metadata.namespace).records:
        selector = record.value.spec.selector
        if (
            record.value.kind != "ReplicaSet"
            and record.value.metadata.namespace == pod.metadata.namespace
            and selector is not None
            and (selector.match_labels or selector.match_expressions)
            and selects(selector, Labels(pod.metadata.labels)) is True
        ):
            yield record


def foreign_annotations(view: View, record: Record[Pod]) -> Iterator[Sighting]:
    annotations = record.value.metadata.annotations
    for key, instead in FOREIGN.items():
        if key in annotations:
            fact = ForeignAnnotation(pod=view.pod, key=key, value=annotations[key], instead=instead)
            yield Sighting(fact, annotation_places(record, key))


def mismatches(view: View, record: Record[Pod]) -> Iterator[Sighting]:
    """The pod's address against its ENI and its vSwitch."""
    ip = pod_ip(record.value)
    if not ip:
        return
    origins: tuple[Origin, ...] = places(record, "status", "podIP")
    found = eni_of(view)
    if found is not None:
        known = dict.fromkeys((found.value.private_ip_address, *found.value.private_ips))
        addresses = [address for address in known if address]
        if addresses and ip not in addresses:
            fact = AddressMismatch(
                pod=view.pod,
                what="eni",
                ip=ip,
                owner=found.value.network_interface_id,
                value=",".join(addresses),
            )
            yield Sighting(fact, (*origins, *found.origins))
    for candidate in vswitch_candidates(view):
        vswitch = view.case.get(VSwitch, candidate.vswitch)
        if candidate.source not in ("eni", "allocated") or vswitch is None:
            continue
        cidr = vswitch.value.cidr_block
        if cidr and not contains(cidr, ip):
            fact = AddressMismatch(
                pod=view.pod, what="vswitch", ip=ip, owner=candidate.vswitch, value=cidr
            )
            yield Sighting(fact, (*origins, *places(vswitch, "CidrBlock")))
        return
