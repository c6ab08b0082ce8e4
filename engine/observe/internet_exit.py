"""How a pod could reach the Internet: its own EIP, DNAT mappings, SNAT entries, gateways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wayout.engine.facts.internet_exit import ExitNeed, Ipv6Bandwidth
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.exit_gateways import nat_gateway_state, vpc_exit
from wayout.engine.observe.exit_ground import annotations_of, ground_of, pod_places
from wayout.engine.observe.nat_entries import hairpins, ip_mappings, snat_facts
from wayout.engine.observe.own_eip import eip_request, own_eip

__all__ = ["observe"]

IPV6_BANDWIDTH = "network.alibabacloud.com/ipv6-bandwidth-enable"
NO_EXIT_SCOPES = ("vpc", "service", "pod", "cloud-service", "private", "metadata", "vpc-dns")


def observe(view: View) -> Iterator[Sighting]:
    """Exit facts; only the address classes when no flow may need an Internet exit."""
    needs = {flow.flow: exit_need(flow.scope) for flow in view.flows}
    for flow in view.flows:
        yield Sighting(ExitNeed(flow=flow.flow, need=needs[flow.flow]))
    has_exit_flow = any(need != "no" for need in needs.values())
    if not has_exit_flow and all(flow.scope != "private" for flow in view.flows):
        return
    ground = ground_of(view)
    if not has_exit_flow:
        # A private flow that a route takes to a gateway ends there unless it is a VPC NAT gateway.
        for gateway in ground.gateways:
            yield nat_gateway_state(ground, gateway)
        return
    yield from own_eip(ground)
    yield from eip_request(ground)
    yield vpc_exit(ground)
    yield ipv6_bandwidth(view)
    for gateway in ground.gateways:
        yield nat_gateway_state(ground, gateway)
        yield from ip_mappings(ground, gateway)
        for vswitch in ground.vswitches:
            yield from snat_facts(ground, gateway, vswitch)
    yield from hairpins(ground)


def exit_need(scope: str) -> Literal["yes", "no", "undetermined"]:
    if scope == "internet":
        return "yes"
    return "no" if scope in NO_EXIT_SCOPES or scope == "own-load-balancer" else "undetermined"


def ipv6_bandwidth(view: View) -> Sighting:
    text = annotations_of(view).get(IPV6_BANDWIDTH, "").strip().lower()
    state: Literal["enabled", "unstated"] = "enabled" if text == "true" else "unstated"
    fact = Ipv6Bandwidth(pod=view.pod, state=state)
    return Sighting(fact, pod_places(view, IPV6_BANDWIDTH) if text else ())
