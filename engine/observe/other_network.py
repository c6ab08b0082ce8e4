"""Other networks a flow may go to: peering connections of the VPC, and ranges that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.alibaba import Vpc
from wayout.engine.case.endpoints_of_services import VpcPeer
from wayout.engine.facts.common import Flow
from wayout.engine.facts.other_destinations import PeerConnection, RangeOverlap
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.peerings import peer_state, sides_of
from wayout.engine.observe.placement import eni_of, vpc_id_of, vpc_of
from wayout.engine.observe.route import source_ip
from wayout.engine.observe.routing import vpc_networks

__all__ = ["observe"]

# The bridge that Docker makes on a host unless it is told otherwise.
DOCKER = Network(4, 172 << 24 | 17 << 16, 16)
Covers = Literal["has", "lacks", "unknown"]


class Block(NamedTuple):
    """A CIDR block of another VPC, and where it is written."""

    network: Network
    vpc: str
    origin: Origin


def observe(view: View) -> Iterator[Sighting]:
    """Peering connections and overlaps for each main flow to a private address elsewhere."""
    for flow in view.flows:
        ip = parse_ip(flow.ip)
        if flow.role == "main" and flow.scope == "private" and ip is not None and ip.version == 4:
            yield from peers(view, flow, ip)
            yield from range_overlaps(view, flow, ip)


# ── Peering connections ──────────────────────────────────────────────────────────────────────


def peers(view: View, flow: Flow, ip: Ip) -> Iterator[Sighting]:
    """The connections of the pod's VPC, or of one that no document names."""
    own = vpc_id_of(view.case, view.pod_record, eni_of(view))
    for record in view.case.listing(VpcPeer).records:
        other, cidrs = sides_of(record.value, own)
        if not other:
            continue
        fact = PeerConnection(
            flow=flow.flow,
            peer=record.value.instance_id,
            state=peer_state(record.value),
            text=record.value.status or record.value.biz_status or "",
            vpc=other,
            covers=covers(view.case, other, cidrs, ip),
        )
        yield Sighting(fact, record.origins)


def covers(case: Case, vpc: str, cidrs: tuple[str, ...], ip: Ip) -> Covers:
    """Whether the other side has the address, by the connection and by the VPC's document."""
    blocks = blocks_of(case, vpc, cidrs)
    if any(block.contains(ip) for block in blocks):
        return "has"
    return "lacks" if blocks else "unknown"


def blocks_of(case: Case, vpc: str, cidrs: tuple[str, ...]) -> tuple[Network, ...]:
    own = [network for network, _ in vpc_networks(case.get(Vpc, vpc))]
    told = [network for network in map(parse_cidr, cidrs) if network is not None]
    return tuple(dict.fromkeys((*own, *told)))


# ── Overlaps ─────────────────────────────────────────────────────────────────────────────────


def range_overlaps(view: View, flow: Flow, ip: Ip) -> Iterator[Sighting]:
    own_vpc = vpc_of(view.case, view.pod_record, eni_of(view))
    for own, origin in vpc_networks(own_vpc):
        for block in foreign_blocks(view.case, own_vpc, ip):
            if own.overlaps(block.network):
                fact = RangeOverlap(
                    flow=flow.flow,
                    what="networks",
                    own=str(own),
                    other=str(block.network),
                    vpc=block.vpc,
                )
                yield Sighting(fact, (origin, block.origin))
    client = parse_ip(source_ip(view))
    if DOCKER.contains(ip):
        fact = RangeOverlap(flow=flow.flow, what="docker", own=flow.ip, other=str(DOCKER))
        yield Sighting(fact)
    if client is not None and DOCKER.contains(client):
        fact = RangeOverlap(flow=flow.flow, what="own-docker", own=str(client), other=str(DOCKER))
        yield Sighting(fact, view.pod_record.origins if view.pod_record is not None else ())


def foreign_blocks(case: Case, own: Record[Vpc] | None, ip: Ip) -> Iterator[Block]:
    """The blocks of the other VPC that has the address, as far as its document is known."""
    if own is None:
        return
    for record in case.listing(Vpc).records:
        blocks = list(vpc_networks(record))
        is_other = record.value.vpc_id != own.value.vpc_id
        if is_other and any(network.contains(ip) for network, _ in blocks):
            for network, origin in blocks:
                yield Block(network, record.value.vpc_id, origin)
