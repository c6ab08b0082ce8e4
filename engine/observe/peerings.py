"""What a VPC peering connection says about itself."""

from __future__ import annotations

from typing import Literal

from wayout.engine.case import Case, Origin
from wayout.engine.case.endpoints_of_services import VpcPeer

__all__ = ["PeerState", "peer_presence", "peer_state", "sides_of"]

PeerState = Literal["activated", "down", "unknown"]
UNSTEADY = frozenset({"creating", "updating"})


def peer_state(peer: VpcPeer) -> PeerState:
    """Whether it forwards: only an activated connection that is paid for does."""
    status = (peer.status or "").strip().lower()
    if not status or status in UNSTEADY:
        return "unknown"
    is_locked = (peer.biz_status or "").strip().lower() == "financiallocked"
    return "activated" if status == "activated" and not is_locked else "down"


def sides_of(peer: VpcPeer, own: str) -> tuple[str, tuple[str, ...]]:
    """The VPC on the other side and its CIDR blocks; "" for a connection of other VPCs."""
    if own == peer.vpc_id:
        return peer.accepting_vpc_id or "", tuple(peer.accepting_cidrs or ())
    if own == peer.accepting_vpc_id:
        return peer.vpc_id or "", tuple(peer.cidrs or ())
    return "", ()


def peer_presence(
    case: Case, peer: str
) -> tuple[Literal["listed", "absent", "unverified"], tuple[Origin, ...]]:
    """Whether a connection that a route names exists, as far as documents tell."""
    record = case.get(VpcPeer, peer)
    if record is not None:
        return "listed", record.origins
    listing = case.listing(VpcPeer)
    return ("absent", listing.origins) if listing.is_complete else ("unverified", ())
