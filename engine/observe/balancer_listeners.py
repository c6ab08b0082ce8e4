"""Which listener of a load balancer a flow meets, and what it forwards to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import BackendServer, Case, Listener, Listing, Origin, Record
from wayout.engine.facts.balancer import BalancerListener, BalancerProduct
from wayout.engine.facts.common import Flow
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.ports import PORTLESS, protocol_of, traffic_of

__all__ = ["Server", "Servers", "find_listener", "layer_of", "servers_of"]

Layer = Literal["transport", "application"]
# The protocols of listeners that take packets of a protocol.
CARRIED = {
    "tcp": ("tcp", "tcpssl", "http", "https"),
    "udp": ("udp", "quic"),
}
APPLICATION = frozenset({"http", "https", "quic"})
STATES: dict[str, Literal["running", "stopped"]] = {
    "running": "running",
    "stopped": "stopped",
    "deleted": "stopped",
}


class Server(NamedTuple):
    """One server behind a listener, with the group it is in."""

    record: Record[BackendServer]
    group: str

    @property
    def gets_connections(self) -> bool:
        """A weight that no document tells is taken as one above 0, like the default of the API."""
        return self.record.value.weight != 0


class Servers(NamedTuple):
    """Every known server behind a listener; `lack` names the list that is not complete."""

    groups: tuple[str, ...]
    all: tuple[Server, ...]
    lack: tuple[str, str] | None
    origins: tuple[Origin, ...]


def layer_of(protocol: str) -> Layer:
    return "application" if protocol in APPLICATION else "transport"


def find_listener(
    case: Case, flow: Flow, balancer: str, product: BalancerProduct
) -> tuple[Sighting, Record[Listener] | None]:
    """The fact, and the listener when there is one for the port and the protocol."""
    listing = case.listing(Listener, of=balancer) if balancer else None
    records = listing.records if listing is not None else ()
    base = {
        "flow": flow.flow,
        "balancer": balancer,
        "product": product,
        "port": flow.port,
        "layer": "none",
        "traffic": traffic_of(flow),
        "offers": offers(records),
    }
    found = next((record for record in records if serves(record.value, flow)), None)
    if protocol_of(flow) in PORTLESS or not flow.port:
        state = "icmp" if protocol_of(flow) in PORTLESS else "no-port"
        return Sighting(BalancerListener.model_validate({**base, "state": state})), None
    if found is None:
        is_whole = listing is not None and listing.is_complete
        fact = BalancerListener.model_validate({**base, "state": "none" if is_whole else "missing"})
        return Sighting(fact, listing.origins if listing is not None else ()), None
    listener = found.value
    fact = BalancerListener.model_validate(
        {
            **base,
            "listener": listener.key,
            "state": state_of(listener),
            "status": listener.listener_status or "",
            "protocol": listener.listener_protocol,
            "layer": layer_of(listener.listener_protocol),
            "is_redirect": listener.forward is True,
            "forward_port": listener.forward_port,
        }
    )
    return Sighting(fact, found.origins), found


def serves(listener: Listener, flow: Flow) -> bool:
    """An NLB listener with port 0 serves a range of ports."""
    if listener.listener_protocol not in CARRIED.get(flow.protocol, ()):
        return False
    if listener.listener_port:
        return listener.listener_port == flow.port
    return 0 < listener.start_port <= flow.port <= listener.end_port


def state_of(listener: Listener) -> Literal["running", "stopped", "changing", "unknown"]:
    status = (listener.listener_status or "").strip().lower()
    if not status:
        return "unknown"
    return STATES.get(status, "changing")


def offers(records: Sequence[Record[Listener]]) -> str:
    made = []
    for record in records:
        value = record.value
        ports = str(value.listener_port or f"{value.start_port}-{value.end_port}")
        made.append(f"{value.listener_protocol}/{ports}")
    return ", ".join(sorted(made))


# ── Servers ──────────────────────────────────────────────────────────────────────────────────


def servers_of(case: Case, balancer: str, listener: Listener) -> Servers:
    """The servers of every group the listener forwards to."""
    groups = listener.server_group_ids
    if groups is None:
        return Servers((), (), ("listeners", balancer), ())
    every: list[Server] = []
    lack: tuple[str, str] | None = None
    origins: list[Origin] = []
    for group in groups:
        listing: Listing[BackendServer] = case.listing(BackendServer, of=group)
        every += [Server(record, group) for record in listing.records]
        origins += listing.origins
        if not listing.is_complete:
            lack = lack or ("backend_servers", group)
    return Servers(tuple(groups), tuple(every), lack, tuple(dict.fromkeys(origins)))
