"""A public address of the pod's own: who says so, what its record says, who asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from wayout.engine.case import Addon, Case, Origin, Pod
from wayout.engine.case.alibaba import Eip
from wayout.engine.case.kubernetes import PodEip
from wayout.engine.facts.internet_exit import EipEvidence, EipRecord, EipRequest
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.exit_ground import Ground, annotations_of, first_of, pod_places, word

__all__ = ["eip_records", "eip_request", "own_eip"]

CONTROLLER = "ack-extend-network-controller"
ALLOCATED_EIP = (
    "network.alibabacloud.com/allocated-eip-id",
    "k8s.aliyun.com/allocated-eip-id",
)
ALLOCATED_ADDRESS = (
    "network.alibabacloud.com/allocated-eip-address",
    "k8s.aliyun.com/allocated-eipAddress",
)
AUTO_EIP = (
    "network.alibabacloud.com/pod-with-eip",
    "k8s.aliyun.com/pod-with-eip",
    "k8s.aliyun.com/eci-with-eip",
)
GIVEN_EIP = (
    "network.alibabacloud.com/pod-eip-instanceid",
    "k8s.aliyun.com/pod-eip-instanceid",
    "k8s.aliyun.com/eci-eip-instanceid",
)


def own_eip(ground: Ground) -> Iterator[Sighting]:
    """One piece of evidence per source, and the record of each EIP they name."""
    evidence = [by_list(ground), by_eni(ground), by_controller(ground), by_annotation(ground)]
    yield from evidence
    named = (s.fact for s in evidence if isinstance(s.fact, EipEvidence))
    addresses = [fact.address for fact in named if fact.state == "bound" and fact.address]
    yield from eip_records(ground.case, dict.fromkeys(addresses))


def by_list(ground: Ground) -> Sighting:
    """The EIP that is bound to the pod's ENI and address, by DescribeEipAddresses."""
    pod, listing = ground.view.pod, ground.case.listing(Eip)
    is_certain = bool(ground.eni_id or ground.ip)
    for record in listing.records:
        match is_of_pod(ground, record.value):
            case True:
                eip = record.value
                fact = EipEvidence(
                    pod=pod,
                    source="eips",
                    state="bound",
                    eip=eip.allocation_id,
                    address=eip.ip_address,
                )
                return Sighting(fact, (record.origin.at("InstanceId"),))
            case None:
                is_certain = False
            case False:
                pass
    if listing.is_complete and is_certain:
        return Sighting(EipEvidence(pod=pod, source="eips", state="none"), listing.origins)
    return Sighting(EipEvidence(pod=pod, source="eips"))


def is_of_pod(ground: Ground, eip: Eip) -> bool | None:
    """Whether an EIP is bound to the pod; None when its document does not tell."""
    if eip.instance_id == "" or (eip.instance_type or "NetworkInterface") != "NetworkInterface":
        return False
    private = eip.private_ip_address
    if private and ground.ip and private != ground.ip:
        return False
    if ground.eni_id:
        return None if eip.instance_id is None else eip.instance_id == ground.eni_id
    if eip.vpc_id and ground.vpc_id and eip.vpc_id != ground.vpc_id:
        return False
    return True if private and private == ground.ip else None


def by_eni(ground: Ground) -> Sighting:
    """`AssociatedPublicIp` of the ENI; it speaks for the primary address only."""
    pod, eni = ground.view.pod, ground.eni
    unknown = Sighting(EipEvidence(pod=pod, source="eni"))
    if eni is None or eni.value.associated_public_ip is None:
        return unknown
    primary = eni.value.private_ip_address
    if primary and ground.ip and primary != ground.ip:
        return unknown
    address = eni.value.associated_public_ip
    fact = EipEvidence(
        pod=pod,
        source="eni",
        state="bound" if address else "none",
        eip=eni.value.associated_public_ip_allocation_id or "",
        address=address,
    )
    return Sighting(fact, (eni.origin.at("AssociatedPublicIp"),))


def by_controller(ground: Ground) -> Sighting:
    """The PodEIP object of the pod, which counts only while it is in use."""
    pod = ground.view.pod
    record = ground.case.get(PodEip, pod) if "/" in pod else None
    if record is None or record.value.status.status.lower() != "inuse":
        return Sighting(EipEvidence(pod=pod, source="controller"))
    status = record.value.status
    if status.private_ip_address and ground.ip and status.private_ip_address != ground.ip:
        return Sighting(EipEvidence(pod=pod, source="controller"))
    fact = EipEvidence(
        pod=pod,
        source="controller",
        state="bound",
        eip=record.value.spec.allocation_id,
        address=status.eip_address or address_of(ground.case, record.value.spec.allocation_id),
    )
    return Sighting(fact, (record.origin.at("status"),))


def by_annotation(ground: Ground) -> Sighting:
    """What ACS or the controller wrote on the pod; silence says nothing."""
    pod, annotations = ground.view.pod, annotations_of(ground.view)
    eip_key, eip = first_of(annotations, ALLOCATED_EIP)
    address_key, address = first_of(annotations, ALLOCATED_ADDRESS)
    if not (eip or address):
        return Sighting(EipEvidence(pod=pod, source="annotation"))
    fact = EipEvidence(
        pod=pod,
        source="annotation",
        state="bound",
        eip=eip,
        address=address or address_of(ground.case, eip),
    )
    return Sighting(fact, pod_places(ground.view, eip_key or address_key))


def address_of(case: Case, allocation_id: str) -> str:
    record = case.get(Eip, allocation_id) if allocation_id else None
    return record.value.ip_address if record is not None else ""


def eip_records(case: Case, addresses: Iterable[str]) -> Iterator[Sighting]:
    """The record of each address that has one."""
    by_address = {record.value.ip_address: record for record in case.listing(Eip).records}
    for address in addresses:
        if (record := by_address.get(address)) is not None:
            yield Sighting(eip_record(record.value), record.origins)


def eip_record(eip: Eip) -> EipRecord:
    return EipRecord(
        address=eip.ip_address,
        eip=eip.allocation_id,
        binding=binding_of(eip.status),
        business=word(eip.business_status, "normal", "abnormal"),
        lock=",".join(sorted(eip.lock_reasons)),
        package=eip.bandwidth_package_id or "",
    )


def binding_of(status: str | None) -> Literal["in-use", "changing", "free", "unknown"]:
    match (status or "").strip().lower():
        case "inuse":
            return "in-use"
        case "associating" | "unassociating":
            return "changing"
        case "available" | "releasing":
            return "free"
        case _:
            return "unknown"


def eip_request(ground: Ground) -> Iterator[Sighting]:
    """The annotation that asks for an EIP, if there is one."""
    view, annotations = ground.view, annotations_of(ground.view)
    given_key, given = first_of(annotations, GIVEN_EIP)
    auto_key = next((k for k in AUTO_EIP if annotations.get(k, "").strip().lower() == "true"), "")
    if not (given or auto_key):
        return
    attachment, proof = attachment_of(ground)
    fact = EipRequest(
        pod=view.pod,
        mode="given" if given else "auto",
        key=given_key or auto_key,
        eip=given,
        controller=controller_state(ground.case),
        attachment=attachment,
        other_pod=other_claimant(ground, given) if given else "",
    )
    yield Sighting(fact, (*pod_places(view, given_key or auto_key), *proof))


def attachment_of(
    ground: Ground,
) -> tuple[Literal["in-use", "pending", "absent", "unknown"], tuple[Origin, ...]]:
    pod = ground.view.pod
    record = ground.case.get(PodEip, pod) if "/" in pod else None
    if record is not None:
        is_used = record.value.status.status.lower() == "inuse"
        return ("in-use" if is_used else "pending"), (record.origin.at("status", "status"),)
    listing = ground.case.listing(PodEip, of=pod.partition("/")[0])
    return ("absent", listing.origins) if listing.is_complete else ("unknown", ())


def controller_state(case: Case) -> Literal["installed", "absent", "unknown"]:
    record = case.get(Addon, CONTROLLER)
    if record is not None:
        return record.value.state
    return "absent" if case.listing(Addon).is_documented else "unknown"


def other_claimant(ground: Ground, eip: str) -> str:
    """Another pod whose annotation names the same EIP; the first by name, or ""."""
    for record in ground.case.listing(Pod).records:
        pod = record.value
        if pod.key != ground.view.pod and first_of(pod.metadata.annotations, GIVEN_EIP)[1] == eip:
            return pod.key
    return ""
