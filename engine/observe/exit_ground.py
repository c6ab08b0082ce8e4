"""The pod and its VPC as everything about Internet exits needs them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.alibaba import NatGateway, NetworkInterface, RouteEntry, Vpc
from wayout.engine.observe.base import View
from wayout.engine.observe.placement import (
    ALLOCATED_ENI,
    eni_of,
    vpc_id_of,
    vpc_of,
    vswitch_candidates,
)
from wayout.engine.observe.route import source_ip
from wayout.engine.observe.routing import hop_class

__all__ = ["Ground", "annotations_of", "first_of", "ground_of", "pod_places", "vpc_match", "word"]

Good = TypeVar("Good", bound=str)
Bad = TypeVar("Bad", bound=str)


@dataclass(frozen=True, slots=True)
class Ground:
    """The pod and its VPC as this gate needs them."""

    view: View
    eni: Record[NetworkInterface] | None
    eni_id: str
    ip: str
    vpc_id: str
    vpc: Record[Vpc] | None
    vswitches: tuple[str, ...]
    gateways: tuple[str, ...]  # known ones and those that routes name, sorted

    @property
    def case(self) -> Case:
        return self.view.case


def ground_of(view: View) -> Ground:
    eni = eni_of(view)
    annotations = annotations_of(view)
    vpc = vpc_of(view.case, view.pod_record, eni)
    vpc_id = vpc_id_of(view.case, view.pod_record, eni) or (vpc.value.vpc_id if vpc else "")
    named = {
        hop.next_hop_id
        for entry in view.case.listing(RouteEntry).records
        for hop in entry.value.next_hops
        if hop.next_hop_id and hop_class(hop.next_hop_type) == "nat"
    }
    known = {record.value.nat_gateway_id for record in view.case.listing(NatGateway).records}
    return Ground(
        view=view,
        eni=eni,
        eni_id=eni.value.network_interface_id if eni else annotations.get(ALLOCATED_ENI, ""),
        ip=source_ip(view),
        vpc_id=vpc_id,
        vpc=vpc,
        vswitches=tuple(dict.fromkeys(c.vswitch for c in vswitch_candidates(view))),
        gateways=tuple(sorted(named | known)),
    )


def annotations_of(view: View) -> dict[str, str]:
    record = view.pod_record
    return record.value.metadata.annotations if record is not None else {}


def first_of(annotations: dict[str, str], keys: Iterable[str]) -> tuple[str, str]:
    """The first key of `keys` with a value, and the value."""
    for key in keys:
        if value := annotations.get(key, "").strip():
            return key, value
    return "", ""


def pod_places(view: View, key: str) -> tuple[Origin, ...]:
    record = view.pod_record
    return (record.origin.at("metadata", "annotations", key),) if record is not None else ()


def word(text: str | None, good: Good, bad: Bad) -> Good | Bad | Literal["unknown"]:
    """`good` when the text says so in any letter case, else `bad`; "unknown" without a text."""
    if not text:
        return "unknown"
    return good if text.strip().lower() == good else bad


def vpc_match(theirs: str | None, ours: str) -> Literal["same", "other", "unknown"]:
    if not theirs or not ours:
        return "unknown"
    return "same" if theirs == ours else "other"
