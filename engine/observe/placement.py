"""Where a pod stands: its ENI, and what each source of evidence says of its groups and vSwitch.

Which source is to be believed is said in `knowledge/rules/pod/`; here each is only read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.case.alibaba import Cluster, NetworkInterface, Vpc, VSwitch
from wayout.engine.case.kubernetes import ConfigMap, Namespace
from wayout.engine.observe.address import parse_cidr, parse_ip
from wayout.engine.observe.base import View

__all__ = [
    "ALLOCATED_ENI",
    "SECURITY_GROUP_IDS",
    "VSWITCH_IDS",
    "GroupCandidate",
    "VSwitchCandidate",
    "cluster_of",
    "eni_at",
    "eni_of",
    "eni_of_pod",
    "group_candidates",
    "groups_of_pod",
    "has_ipv6",
    "only",
    "places",
    "pod_ip",
    "profile_of",
    "region_of",
    "split_ids",
    "vpc_id_of",
    "vpc_of",
    "vswitch_around",
    "vswitch_candidates",
    "vswitches_of_pod",
]

ALLOCATED_ENI = "network.alibabacloud.com/allocated-eni-id"
ALLOCATED_VPC = "network.alibabacloud.com/vpc-id"
ALLOCATED_VSWITCH = "network.alibabacloud.com/vswitch-id"
SECURITY_GROUP_IDS = "network.alibabacloud.com/security-group-ids"
VSWITCH_IDS = "network.alibabacloud.com/vswitch-ids"
REGION = "topology.kubernetes.io/region"

GroupSource = Literal["eni", "annotation", "selector", "profile", "cluster"]
VSwitchSource = Literal[
    "eni", "allocated", "address", "requested", "selector", "profile", "cluster"
]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class GroupCandidate:
    """The security groups that one source names for a pod."""

    source: GroupSource
    groups: tuple[str, ...]
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class VSwitchCandidate:
    """The vSwitch that one source names for a pod."""

    source: VSwitchSource
    vswitch: str
    origins: tuple[Origin, ...]


def split_ids(text: str) -> tuple[str, ...]:
    """`"sg-a, sg-b"` -> `("sg-a", "sg-b")`; order kept, repetitions and blanks dropped."""
    return tuple(dict.fromkeys(part for part in (p.strip() for p in text.split(",")) if part))


def pod_ip(pod: Pod) -> str:
    """The IPv4 address of the pod, "" when it has none."""
    addresses = [pod.status.pod_ip, *(entry.ip for entry in pod.status.pod_ips)]
    return next((ip for ip in addresses if ip and ":" not in ip), "")


def has_ipv6(pod: Pod) -> bool:
    """Whether the pod's document shows an IPv6 address."""
    return any(":" in ip for ip in (pod.status.pod_ip, *(e.ip for e in pod.status.pod_ips)))


def cluster_of(case: Case) -> Record[Cluster] | None:
    """The cluster, when the case describes exactly one."""
    return only(case.listing(Cluster).records)


def profile_of(case: Case) -> Record[ConfigMap] | None:
    """`kube-system/acs-profile`; `eci-profile` is its name in registered clusters."""
    return case.get(ConfigMap, "kube-system/acs-profile") or case.get(
        ConfigMap, "kube-system/eci-profile"
    )


def region_of(case: Case, record: Record[Pod] | None) -> tuple[str, tuple[Origin, ...]]:
    """The region of the pod: that of its cluster, or the one ACS noted on it; "" for neither."""
    cluster = cluster_of(case)
    if cluster is not None and cluster.value.region_id:
        return cluster.value.region_id, (cluster.origin.at("region_id"),)
    meta = record.value.metadata if record is not None else None
    for part in ("labels", "annotations") if meta is not None else ():
        if region := getattr(meta, part).get(REGION, ""):
            return region, (record.origin.at("metadata", part),) if record is not None else ()
    return "", ()


# ── The interface ────────────────────────────────────────────────────────────────────────────


def eni_of(view: View) -> Record[NetworkInterface] | None:
    """The ENI of the pod in question, when a document describes it."""
    if view.pod_record is None:
        return eni_at(view.case, view.pod, vpc_id="")
    return eni_of_pod(view.case, view.pod_record)


def eni_of_pod(case: Case, record: Record[Pod]) -> Record[NetworkInterface] | None:
    """The ENI that ACS noted on the pod; without a note, the one that has the pod's address."""
    annotations = record.value.metadata.annotations
    if noted := annotations.get(ALLOCATED_ENI, "").strip():
        # The note beats the address: another ENI with this address is of another VPC or time.
        return case.get(NetworkInterface, noted)
    vpc_id = annotations.get(ALLOCATED_VPC) or cluster_vpc_id(case)
    return eni_at(case, pod_ip(record.value), vpc_id)


def eni_at(case: Case, ip: str, vpc_id: str = "") -> Record[NetworkInterface] | None:
    """The only known ENI with this private address; None when no or several ENIs have it."""
    if not ip:
        return None
    found = [
        record
        for record in case.listing(NetworkInterface).records
        if (ip == record.value.private_ip_address or ip in record.value.private_ips)
        and (not vpc_id or record.value.vpc_id in (None, vpc_id))
    ]
    return only(found)


# ── Security groups ──────────────────────────────────────────────────────────────────────────


def group_candidates(view: View) -> tuple[GroupCandidate, ...]:
    """The groups each source names for the pod in question, best documented source first."""
    return groups_of_pod(view.case, view.pod_record, eni_of(view))


def groups_of_pod(
    case: Case, record: Record[Pod] | None, eni: Record[NetworkInterface] | None
) -> tuple[GroupCandidate, ...]:
    """As `group_candidates`, for any pod (CoreDNS has groups of its own)."""
    return tuple(read_groups(case, record, eni))


def read_groups(
    case: Case, record: Record[Pod] | None, eni: Record[NetworkInterface] | None
) -> Iterator[GroupCandidate]:
    if eni is not None and eni.value.security_group_ids:
        groups = tuple(eni.value.security_group_ids)
        yield GroupCandidate("eni", groups, places(eni, "SecurityGroupIds"))
    if record is None:
        return  # what applies to a pod depends on its annotations and labels
    for source, ids, origins in named_ids(case, record, SECURITY_GROUP_IDS, "securityGroupId"):
        yield GroupCandidate(source, ids, origins)
    cluster = cluster_of(case)
    if cluster is not None and (ids := split_ids(cluster.value.security_group_id or "")):
        yield GroupCandidate("cluster", ids, places(cluster, "security_group_id"))


# ── vSwitches ────────────────────────────────────────────────────────────────────────────────


def vswitch_candidates(view: View) -> tuple[VSwitchCandidate, ...]:
    """The vSwitch each source names for the pod in question, best documented source first."""
    eni = eni_of(view)
    if view.pod_record is None:
        return tuple(read_vswitches(view.case, None, eni, literal_ip(view.pod)))
    return vswitches_of_pod(view.case, view.pod_record, eni)


def vswitches_of_pod(
    case: Case, record: Record[Pod], eni: Record[NetworkInterface] | None
) -> tuple[VSwitchCandidate, ...]:
    """As `vswitch_candidates`, for any pod."""
    return tuple(read_vswitches(case, record, eni, pod_ip(record.value)))


def read_vswitches(
    case: Case, record: Record[Pod] | None, eni: Record[NetworkInterface] | None, ip: str
) -> Iterator[VSwitchCandidate]:
    if eni is not None and eni.value.v_switch_id:
        yield VSwitchCandidate("eni", eni.value.v_switch_id, places(eni, "VSwitchId"))
    if record is not None:
        noted = record.value.metadata.annotations.get(ALLOCATED_VSWITCH, "").strip()
        if noted:
            yield VSwitchCandidate("allocated", noted, annotation_places(record, ALLOCATED_VSWITCH))
    around = vswitch_around(case, ip, vpc_id_of(case, record, eni))
    if around is not None:
        origins = (*places(around, "CidrBlock"), *(places(record, "status", "podIP")))
        yield VSwitchCandidate("address", around.value.v_switch_id, origins)
    if record is None:
        return
    for source, ids, origins in named_ids(case, record, VSWITCH_IDS, "vSwitchIds"):
        if len(ids) == 1:
            yield VSwitchCandidate(
                "requested" if source == "annotation" else source, ids[0], origins
            )
    cluster = cluster_of(case)
    if cluster is not None and cluster.value.vswitch_ids and len(cluster.value.vswitch_ids) == 1:
        yield VSwitchCandidate(
            "cluster", cluster.value.vswitch_ids[0], places(cluster, "vswitch_ids")
        )


def vswitch_around(case: Case, ip: str, vpc_id: str) -> Record[VSwitch] | None:
    """The only known vSwitch whose CIDR block contains the address."""
    if not ip:
        return None
    return only(
        [
            record
            for record in case.listing(VSwitch).records
            if contains(record.value.cidr_block, ip)
            and (not vpc_id or record.value.vpc_id in (None, vpc_id))
        ]
    )


# ── The VPC ──────────────────────────────────────────────────────────────────────────────────


def vpc_id_of(case: Case, record: Record[Pod] | None, eni: Record[NetworkInterface] | None) -> str:
    """The VPC of a pod: its ENI, the note of ACS, the cluster; "" when nothing tells."""
    if eni is not None and eni.value.vpc_id:
        return eni.value.vpc_id
    if record is not None and (noted := record.value.metadata.annotations.get(ALLOCATED_VPC)):
        return noted
    return cluster_vpc_id(case)


def cluster_vpc_id(case: Case) -> str:
    cluster = cluster_of(case)
    return (cluster.value.vpc_id or "") if cluster is not None else ""


def vpc_of(
    case: Case, record: Record[Pod] | None, eni: Record[NetworkInterface] | None
) -> Record[Vpc] | None:
    """The VPC document of the pod; the only VPC of the case when nothing names one."""
    if vpc_id := vpc_id_of(case, record, eni):
        return case.get(Vpc, vpc_id)
    return only(case.listing(Vpc).records)


# ── acs-profile ──────────────────────────────────────────────────────────────────────────────


def named_ids(
    case: Case, record: Record[Pod], key: str, profile_key: str
) -> Iterator[
    tuple[Literal["annotation", "selector", "profile"], tuple[str, ...], tuple[Origin, ...]]
]:
    """What the pod's annotation, a selector of acs-profile and its cluster key name."""
    if ids := split_ids(record.value.metadata.annotations.get(key, "")):
        yield "annotation", ids, annotation_places(record, key)
    profile = profile_of(case)
    if profile is None:
        return
    injected = injected_annotations(profile.value.data.get("selectors", ""), case, record.value)
    if ids := split_ids(injected.get(key, "")):
        yield "selector", ids, places(profile, "data", "selectors")
    if ids := split_ids(profile.value.data.get(profile_key, "")):
        yield "profile", ids, places(profile, "data", profile_key)


def injected_annotations(selectors: str, case: Case, pod: Pod) -> dict[str, str]:
    """The annotations that the first matching selector of acs-profile gives the pod.

    `selectors` is JSON text: `[{objectSelector, namespaceSelector, effect: {annotations}}]`.
    A malformed text is ignored, as the platform does.
    """
    for selector in parsed_list(selectors):
        if not isinstance(selector, Mapping) or not selects(selector, case, pod):
            continue
        effect = selector.get("effect")
        annotations = effect.get("annotations") if isinstance(effect, Mapping) else None
        if isinstance(annotations, Mapping):
            return {str(key): str(value) for key, value in annotations.items()}
    return {}


def selects(selector: Mapping[str, Any], case: Case, pod: Pod) -> bool:
    """Whether a selector of acs-profile certainly matches the pod."""
    namespace = case.get(Namespace, pod.metadata.namespace)
    sides = (
        (selector.get("objectSelector"), pod.metadata.labels),
        (selector.get("namespaceSelector"), namespace.value.metadata.labels if namespace else {}),
    )
    given = [(side, labels) for side, labels in sides if side]
    return bool(given) and all(has_labels(side, labels) for side, labels in given)


def has_labels(side: object, labels: Mapping[str, str]) -> bool:
    wanted = side.get("matchLabels") if isinstance(side, Mapping) else None
    return isinstance(wanted, Mapping) and all(
        labels.get(str(key)) == str(value) for key, value in wanted.items()
    )


def parsed_list(text: str) -> list[Any]:
    try:
        parsed = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        return []
    return parsed if isinstance(parsed, list) else []


# ── Small helpers ────────────────────────────────────────────────────────────────────────────


def only(records: list[Record[T]] | tuple[Record[T], ...]) -> Record[T] | None:
    """The record, when there is exactly one."""
    return records[0] if len(records) == 1 else None


def places(record: Record[Any] | None, *path: str | int) -> tuple[Origin, ...]:
    return () if record is None else (record.origin.at(*path),)


def annotation_places(record: Record[Any], key: str) -> tuple[Origin, ...]:
    return (record.origin.at("metadata", "annotations", key),)


def literal_ip(text: str) -> str:
    return text if parse_ip(text) is not None else ""


def contains(cidr: str | None, ip: str) -> bool:
    """Whether the CIDR block contains the address; malformed text contains nothing."""
    network, address = parse_cidr(cidr or ""), parse_ip(ip)
    return network is not None and address is not None and network.contains(address)
