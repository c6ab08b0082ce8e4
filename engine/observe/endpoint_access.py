"""PrivateLink endpoints: the groups and the network ACL of their interfaces, and how they are.

An endpoint is a network interface with security groups in the VPC of the consumer: inbound, what
no rule accepts is dropped, as for an instance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wayout.engine.case import Record
from wayout.engine.case.endpoints_of_services import PrivateEndpoint
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import DestinationHost
from wayout.engine.facts.other_destinations import InstanceState
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_access import guards_of
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.host import Host, client_of
from wayout.engine.observe.inbound import InboundRules
from wayout.engine.observe.instance_state import observed_state
from wayout.engine.observe.placement import GroupCandidate, VSwitchCandidate, vswitch_around
from wayout.engine.observe.recognition import Recognised

__all__ = ["observe"]

State = Literal["running", "down", "changing", "unknown"]
CONNECTIONS: dict[str, State] = {
    "connected": "running",
    "connecting": "changing",
    "pending": "down",  # the provider has not accepted it
    "disconnecting": "down",
    "disconnected": "down",
    "deleting": "down",
    "servicedeleted": "down",
}
STATES: dict[str, State] = {
    "active": "running",
    "creating": "changing",
    "pending": "changing",
    "deleting": "down",
}


def observe(view: View) -> Iterator[Sighting]:
    """The state and the guards of each endpoint that a main flow goes to."""
    plan = plan_of(view)
    for main in plan.main:
        found = recognise(view, plan, main)
        if found is None or view.products.products[found.product].access != "endpoint":
            continue
        record = view.case.get(PrivateEndpoint, found.instance) if found.instance else None
        yield from states(main.flow, found, record)
        host = host_of(view, main.flow, found, record)
        if host is not None:
            yield from guards(view, main.flow, host)


def states(
    flow: Flow, found: Recognised, record: Record[PrivateEndpoint] | None
) -> Iterator[Sighting]:
    value = record.value if record is not None else None
    origins = record.origins if record is not None else ()
    for what, text, known, lock in (
        ("connection", value.connection_status if value else None, CONNECTIONS, ""),
        ("endpoint", value.endpoint_status if value else None, STATES, lock_of(record)),
    ):
        fact = InstanceState.model_validate(
            {
                "flow": flow.flow,
                "what": what,
                "name": found.instance,
                "label": found.instance or flow.ip,
                "state": observed_state(text, known),
                "text": text or "",
                "lock": lock,
            }
        )
        yield Sighting(fact, origins)


def lock_of(record: Record[PrivateEndpoint] | None) -> str:
    text = (record.value.endpoint_business_status or "") if record is not None else ""
    return "" if text.strip().lower() in ("", "normal") else text


def host_of(
    view: View, flow: Flow, found: Recognised, record: Record[PrivateEndpoint] | None
) -> Host | None:
    """The interface of the endpoint as a host; None while its address is not known."""
    ip = parse_ip(flow.ip)
    if ip is None or ip.version != 4:
        return None
    endpoint = found.endpoint
    vpc = (endpoint.value.vpc_id if endpoint is not None else None) or (
        (record.value.vpc_id if record is not None else None) or ""
    )
    groups = tuple((record.value.security_group_ids or ()) if record is not None else ())
    origins = (*(record.origins if record is not None else ()), *found.origins)
    vswitch = (endpoint.value.v_switch_id if endpoint is not None else None) or ""
    if not vswitch and (around := vswitch_around(view.case, flow.ip, vpc)) is not None:
        vswitch = around.value.v_switch_id
    return Host(
        name=found.instance or flow.ip,
        ip=ip,
        pod=None,
        eni=None,
        is_pod=False,
        groups=(GroupCandidate("eni", groups, origins),) if groups else (),
        vswitches=(VSwitchCandidate("eni", vswitch, origins),) if vswitch else (),
        vpc=vpc,
        origins=origins,
    )


def guards(view: View, flow: Flow, host: Host) -> Iterator[Sighting]:
    fact = DestinationHost(
        flow=flow.flow,
        host=host.name,
        what="interface",
        label=host.name,
        ip=str(host.ip),
        groups=",".join(host.groups[0].groups) if host.groups else "",
        vswitch=host.vswitches[0].vswitch if host.vswitches else "",
        owner="endpoint",
    )
    yield Sighting(fact, host.origins)
    client = client_of(view)
    if client is not None:
        yield from guards_of(view, flow, host, client, InboundRules(view.case))
