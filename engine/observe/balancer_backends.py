"""What stands behind a listener: servers and weights, their health, and the pod among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import (
    BackendServer,
    Case,
    Listener,
    ListenerHealth,
    Record,
    ServerGroup,
)
from wayout.engine.case.balancers import BackendState
from wayout.engine.facts.balancer import (
    BalancerBackends,
    BalancerHealth,
    BalancerLoop,
    BalancerProduct,
)
from wayout.engine.observe.balancer_listeners import Server, Servers, layer_of
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.host import client_of
from wayout.engine.observe.placement import eni_of

__all__ = ["Meeting", "backend_sightings"]

HealthState = Literal["healthy", "some", "none", "off", "starting", "unused", "unknown"]
FAILED, RUNNING = frozenset({"abnormal", "unhealthy"}), frozenset({"initial"})
OFF, UNUSED = frozenset({"unavailable"}), frozenset({"unused"})
SHOWN = 5  # more addresses would not help a reader


class Meeting(NamedTuple):
    """One flow at one listener."""

    flow: str
    balancer: str
    product: BalancerProduct
    record: Record[Listener]
    servers: Servers

    @property
    def listener(self) -> Listener:
        return self.record.value

    @property
    def common(self) -> dict[str, object]:
        return {
            "flow": self.flow,
            "balancer": self.balancer,
            "listener": self.listener.key,
            "product": self.product,
        }


def backend_sightings(view: View, meeting: Meeting) -> Iterator[Sighting]:
    """Servers, health and loop of a listener that forwards; a redirect needs no server."""
    if meeting.listener.forward is True:
        return
    yield backends(meeting)
    yield health(view.case, meeting)
    yield from loops(view, meeting)


# ── Servers ──────────────────────────────────────────────────────────────────────────────────


def backends(meeting: Meeting) -> Sighting:
    servers = meeting.servers
    weighted = [server for server in servers.all if server.gets_connections]
    idle = next((server for server in servers.all if not server.gets_connections), None)
    fact = BalancerBackends.model_validate(
        {
            **meeting.common,
            "groups": ",".join(servers.groups),
            "state": state_of(servers, weighted),
            "servers": len(servers.all),
            "weighted": len(weighted),
            "server": name_of(idle.record.value) if idle is not None else "",
            "server_id": idle.record.value.server_id if idle is not None else "",
            "server_key": idle.record.value.key if idle is not None else "",
            "server_port": idle.record.value.port if idle is not None else 0,
            "server_group": idle.group if idle is not None else "",
            "is_default_group": idle is not None and idle.group == meeting.balancer,
            "lacks": servers.lack[0] if servers.lack is not None and not weighted else "",
            "lacks_of": servers.lack[1] if servers.lack is not None and not weighted else "",
        }
    )
    return Sighting(fact, (*servers.origins, *meeting.record.origins))


def state_of(
    servers: Servers, weighted: Sequence[Server]
) -> Literal["some", "none", "zero-weight", "unknown"]:
    if weighted:
        return "some"
    if servers.lack is not None:
        return "unknown"
    return "zero-weight" if servers.all else "none"


def name_of(server: BackendServer | BackendState) -> str:
    return server.server_ip or server.server_id


# ── Health ───────────────────────────────────────────────────────────────────────────────────


def health(case: Case, meeting: Meeting) -> Sighting:
    found = [r for r in case.listing(ListenerHealth).records if is_about(r.value, meeting)]
    origins = tuple(origin for record in found for origin in record.origins)
    states = [state for record in found for state in record.value.servers]
    failed = [state for state in states if state.status in FAILED]
    total = total_of(found, states, meeting)
    state = health_state(found, states, total, meeting)
    lacks = ("listener_health", meeting.balancer) if not found else ("", "")
    if found and state == "unknown":
        lacks = meeting.servers.lack or ("listener_health", meeting.balancer)
    fact = BalancerHealth.model_validate(
        {
            **meeting.common,
            "layer": layer_of(meeting.listener.listener_protocol),
            "state": state,
            "abnormal": len(failed),
            "total": total,
            "servers": ", ".join(map(told, failed[:SHOWN])),
            "lacks": lacks[0],
            "lacks_of": lacks[1],
        }
    )
    return Sighting(fact, origins or meeting.record.origins)


def told(state: BackendState) -> str:
    """`10.0.3.8 (CONNECT_TIMEOUT)`."""
    return f"{name_of(state)} ({state.reason})" if state.reason else name_of(state)


def is_about(found: ListenerHealth, meeting: Meeting) -> bool:
    """Whether the record is of the listener, and of a group it forwards to."""
    listener = meeting.listener
    if listener.listener_id:
        is_same = found.listener_id == listener.listener_id
    else:
        is_same = (
            found.load_balancer_id == meeting.balancer
            and found.listener_port == listener.listener_port
            and found.listener_protocol in ("", listener.listener_protocol)
        )
    group = found.server_group_id
    return is_same and (not group or group in (listener.server_group_ids or (group,)))


def total_of(
    found: Sequence[Record[ListenerHealth]],
    states: Sequence[BackendState],
    meeting: Meeting,
) -> int:
    """How many servers get connections; 0 while no document tells."""
    if found and not any(record.value.is_partial for record in found):
        return len(states)
    if meeting.servers.lack is not None:
        return 0
    return sum(server.gets_connections for server in meeting.servers.all)


def health_state(
    found: Sequence[Record[ListenerHealth]],
    states: Sequence[BackendState],
    total: int,
    meeting: Meeting,
) -> HealthState:
    enabled = {record.value.check_enabled for record in found}
    if enabled == {False} or (not found and meeting.listener.health_check is False):
        return "off"
    if not found:
        return "unknown"
    of = [state.status for state in states]
    failed, running = sum(s in FAILED for s in of), sum(s in RUNNING for s in of)
    off, unused = sum(s in OFF for s in of), sum(s in UNUSED for s in of)
    is_partial = any(record.value.is_partial for record in found)
    if off and not failed and not running:
        return "off"
    if not failed and not running:
        if unused and total and unused >= total:
            return "unused"
        return "healthy" if is_partial or of else "unknown"
    if is_partial and not total:
        return "unknown"  # how many others there are is not known
    passing = total - failed - running - (0 if is_partial else unused + off)
    if passing > 0:
        return "some" if failed else "healthy"
    if off:
        return "some"
    return "starting" if running else "none"


# ── The pod among the servers ────────────────────────────────────────────────────────────────


def loops(view: View, meeting: Meeting) -> Iterator[Sighting]:
    """The pod as a server of its own connection; a listener of the application layer opens a new
    connection to the server, so there it does no harm."""
    if layer_of(meeting.listener.listener_protocol) == "application" or meeting.product == "alb":
        return
    active = [server for server in meeting.servers.all if server.gets_connections]
    is_known = meeting.servers.lack is None
    for server in active:
        way = own_server(view, server.record.value)
        if way is None:
            continue
        fact = BalancerLoop.model_validate(
            {
                **meeting.common,
                "server": name_of(server.record.value),
                "by": way,
                "group": server.group,
                "preserve": preserve_of(view.case, server.group, meeting.product),
                "is_only": is_known and len(active) == 1,
            }
        )
        yield Sighting(fact, server.record.origins)
        return


def own_server(
    view: View, server: BackendServer
) -> Literal["address", "interface", "instance"] | None:
    client, eni = client_of(view), eni_of(view)
    if client is not None and client.text in (server.server_ip, server.server_id):
        return "address"
    if eni is None or not server.server_id:
        return None
    if server.server_id == eni.value.network_interface_id:
        return "interface"
    # An instance stands for its primary address; another address of it is another server.
    is_other = bool(server.server_ip)
    return "instance" if server.server_id == eni.value.instance_id and not is_other else None


def preserve_of(
    case: Case, group: str, product: BalancerProduct
) -> Literal["on", "off", "unknown"]:
    if product == "clb":
        return "on"
    record: Record[ServerGroup] | None = case.get(ServerGroup, group)
    enabled = record.value.preserve_client_ip_enabled if record is not None else None
    if enabled is None:
        return "unknown"
    return "on" if enabled else "off"
