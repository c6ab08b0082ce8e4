"""Short forms of what guards and measures an exit, brought into the shape of the APIs.

Each function raises ValueError with a sentence about the part it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from wayout.engine.case.casefile_forms import id_list, port_range
from wayout.engine.case.casefile_parts import (
    BalancePart,
    DdosPart,
    FirewallPolicyPart,
    Ids,
    MetricPart,
)
from wayout.engine.case.datapoints import number_text

__all__ = [
    "asset_item",
    "balance_item",
    "ddos_item",
    "firewall_policy_item",
    "metric_item",
]


# ── Cloud Firewall ───────────────────────────────────────────────────────────────────────────


def firewall_policy_item(numbered: tuple[int, FirewallPolicyPart]) -> dict[str, Any]:
    """A policy; without an order of its own, its place in the list."""
    place, part = numbered
    if part.ports is not None and part.port is not None:
        raise ValueError("a policy has ports or port, not both")
    ports = part.ports if part.ports is not None else part.port
    return {
        "AclUuid": part.id or f"policy-{place}",
        "AclAction": part.action,
        "Direction": part.direction,
        "Order": str(place if part.order is None else part.order),
        "Proto": part.protocol.upper(),
        "DestPort": port_range(ports, "0/0"),
        "DestPortType": "port",
        "ApplicationName": part.application.upper(),
        "Release": part.enabled,
        **side("Source", part.from_),
        **side("Destination", part.to),
    }


def side(name: str, given: Ids | None) -> dict[str, Any]:
    """Addresses and CIDR blocks, one domain, or nothing, which is everywhere."""
    found = id_list(given) or ["0.0.0.0/0"]
    if len(found) == 1 and name == "Destination" and not is_network(found[0]):
        return {"Destination": found[0], "DestinationType": "domain"}
    if not all(is_network(text) for text in found):
        raise ValueError("from and to must be addresses or CIDR blocks, or to one domain")
    if len(found) == 1:
        return {name: str(ip_network(found[0], strict=False)), f"{name}Type": "net"}
    return {name: "from the case file", f"{name}Type": "group", f"{name}GroupCidrs": found}


def is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def asset_item(state: tuple[str, str]) -> dict[str, Any]:
    """A public address and what the Internet border firewall does about it."""
    address, protection = state
    return {"InternetAddress": checked_ip(address), "ProtectStatus": protection}


def checked_ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise ValueError("must be the public address of an EIP") from None


# ── Anti-DDoS and the account ────────────────────────────────────────────────────────────────


def ddos_item(part: DdosPart) -> dict[str, Any]:
    return {"InstanceIp": checked_ip(part.ip), "IpStatus": part.state}


def balance_item(part: float | str | BalancePart) -> dict[str, Any]:
    amount = part.amount if isinstance(part, BalancePart) else part
    currency = part.currency if isinstance(part, BalancePart) else ""
    text = amount if isinstance(amount, str) else f"{amount:.2f}"
    return {"AvailableAmount": text, "Currency": currency}


# ── Metrics ──────────────────────────────────────────────────────────────────────────────────

# What a short name means for a resource whose id begins so: namespace and metric of CloudMonitor.
METRICS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "snat_port_allocation_drops": {"ngw": ("acs_nat_gateway", "ErrorPortAllocationCount")},
    "connection_drops": {"ngw": ("acs_nat_gateway", "SessionLimitDropConnection")},
    "bandwidth_drops": {
        "eip": ("acs_vpc_eip", "out_ratelimit_drop_speed"),
        "cbwp": ("acs_bandwidth_package", "out_ratelimit_drop_pps"),
        "ngw": ("acs_nat_gateway", "DropTotalPps"),
    },
}


def metric_item(part: MetricPart) -> dict[str, Any]:
    known = METRICS[part.metric]
    found = known.get(part.resource.partition("-")[0])
    if found is None:
        raise ValueError(f"{part.metric} needs a resource whose id is {one_of(list(known))}")
    namespace, metric = found
    return {
        "Namespace": namespace,
        "MetricName": metric,
        "InstanceId": part.resource,
        "Value": number_text(part.value),
    }


def one_of(prefixes: Sequence[str]) -> str:
    return " or ".join(f"{prefix}-..." for prefix in prefixes)
