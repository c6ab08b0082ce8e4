"""The addresses a destination may see a pod come from, as far as documents tell."""

from __future__ import annotations

from typing import Literal, NamedTuple

from wayout.engine.case import ForwardEntry, Origin, SnatEntry
from wayout.engine.facts.internet_exit import EipEvidence
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import View
from wayout.engine.observe.exit_ground import ground_of
from wayout.engine.observe.own_eip import own_eip
from wayout.engine.observe.placement import split_ids

__all__ = ["SourceCandidate", "source_candidates"]


class SourceCandidate(NamedTuple):
    """One address; rules say which of them a flow really has."""

    address: str
    what: Literal["pod", "public"]
    origins: tuple[Origin, ...] = ()


def source_candidates(view: View) -> tuple[SourceCandidate, ...]:
    """The pod's own address, its EIP by any evidence, the public addresses that DNAT entries map to
    it, and every address of an SNAT entry."""
    ground = ground_of(view)
    found: dict[str, SourceCandidate] = {}

    def add(address: str, what: Literal["pod", "public"], origins: tuple[Origin, ...]) -> None:
        ip = parse_ip(address)
        if ip is not None and ip.version == 4:
            found.setdefault(str(ip), SourceCandidate(str(ip), what, origins))

    add(ground.ip, "pod", view.pod_record.origins if view.pod_record is not None else ())
    for sighting in own_eip(ground):
        if isinstance(sighting.fact, EipEvidence) and sighting.fact.state == "bound":
            add(sighting.fact.address, "public", sighting.origins)
    for mapping in view.case.listing(ForwardEntry).records:
        if ground.ip and mapping.value.internal_ip == ground.ip:
            add(mapping.value.external_ip, "public", mapping.origins)
    for record in view.case.listing(SnatEntry).records:
        for address in split_ids(record.value.snat_ip):
            add(address, "public", record.origins)
    return tuple(found.values())
