"""Load balancers themselves, and the names and addresses at which they answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wayout.engine.case import balancers as model
from wayout.engine.case.answers.balancer_forms import said, yes_or_no
from wayout.engine.case.gathering import Gatherer
from wayout.engine.case.instances import Instance, InstanceEndpoint
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, inner_list, texts

__all__ = ["product_of_id", "take_balancer"]

PRODUCTS = (("alb-", "alb"), ("nlb-", "nlb"), ("lb-", "clb"))
PRIVATE_FIELDS = ("PrivateIPv4Address", "IntranetAddress")
# The private side of a load balancer whose name leads to its public addresses.
INNER = "inner"


def product_of_id(balancer: str) -> str:
    """The key of the product that a load-balancer id belongs to; "" when it tells none."""
    return next((key for prefix, key in PRODUCTS if balancer.startswith(prefix)), "")


def take_balancer(gatherer: Gatherer, data: Item, origin: Origin) -> str:
    """Read one load balancer with its endpoints; its id."""
    value = gatherer.parse(model.LoadBalancer, balancer_form(data, origin), origin)
    key = gatherer.add("load_balancers", value, origin)
    known = gatherer.contents.bucket("load_balancers", "")[key].value
    instance = {
        "InstanceId": key,
        "Product": product_of_id(key),
        "Name": value.load_balancer_name,
        "Status": value.load_balancer_status,
        "RegionId": value.region_id,
        "VpcId": value.vpc_id,
        "VSwitchId": value.v_switch_id,
    }
    gatherer.add("instances", gatherer.parse(Instance, said(instance), origin), origin)
    keys = []
    for form in endpoints_of(known):
        endpoint = gatherer.parse(InstanceEndpoint, form, origin)
        keys.append(gatherer.add("instance_endpoints", endpoint, origin, key))
    if known.address or known.zones is not None:  # a header alone may leave addresses out
        gatherer.whole("instance_endpoints", key, origin, keys)
    gatherer.deferred.append(lambda: add_eips(gatherer, known))
    return key


def balancer_form(data: Item, origin: Origin) -> dict[str, Any]:
    name = data.get("DNSName")
    business = data.get("LoadBalancerBusinessStatus", data.get("LoadBalancerBussinessStatus"))
    return said(
        {
            "LoadBalancerId": data.get("LoadBalancerId"),
            "LoadBalancerName": data.get("LoadBalancerName"),
            "Address": data.get("Address"),
            "AddressType": data.get("AddressType"),
            "LoadBalancerStatus": data.get("LoadBalancerStatus"),
            "BusinessStatus": business,
            "Locks": locks_of(data, origin),
            "NetworkType": data.get("NetworkType"),
            "VpcId": data.get("VpcId"),
            "VSwitchId": data.get("VSwitchId"),
            "RegionId": data.get("RegionId"),
            "Edition": data.get("LoadBalancerEdition"),
            "DNSName": name.rstrip(".").lower() if isinstance(name, str) else None,
            "SecurityGroupIds": texts(data, "SecurityGroupIds", "SecurityGroupId", origin),
            "CrossZoneEnabled": yes_or_no(data.get("CrossZoneEnabled")),
            "Zones": zones_of(data, origin),
        }
    )


def locks_of(data: Item, origin: Origin) -> list[str] | None:
    for key in ("OperationLocks", "LoadBalancerOperationLocks"):
        found = inner_list(data, key, "LockReason", origin)
        if found is not None:
            locks = [canonical_item(item) for item, _ in found]
            return [str(lock.get("LockReason") or lock.get("LockType") or "") for lock in locks]
    return None


def zones_of(data: Item, origin: Origin) -> list[dict[str, Any]] | None:
    found = inner_list(data, "ZoneMappings", "ZoneMapping", origin)
    if found is None:
        return None
    is_internet = str(data.get("AddressType") or "").strip().lower() == "internet"
    return [zone_form(canonical_item(item), is_internet, place) for item, place in found]


def zone_form(zone: Item, is_internet: bool, origin: Origin) -> dict[str, Any]:
    places = inner_list(zone, "LoadBalancerAddresses", "LoadBalancerAddress", origin) or []
    addresses = [canonical_item(item) for item, _ in places]
    private = [str(a.get(f) or "") for a in addresses for f in PRIVATE_FIELDS]
    public = [str(a.get("PublicIPv4Address") or "") for a in addresses]
    # `Address` of an ALB is whichever its name leads to.
    named = [str(a.get("Address") or "") for a in addresses]
    if is_internet:
        public += [address for address in named if address not in private]
    else:
        private += named
    health = [
        str(a.get("PrivateIPv4HcStatus") or a.get("IntranetAddressHcStatus") or "")
        for a in addresses
    ]
    return {
        "ZoneId": str(zone.get("ZoneId") or ""),
        "VSwitchId": str(zone.get("VSwitchId") or ""),
        "Status": str(zone.get("Status") or ""),
        "PrivateIps": list(dict.fromkeys(filter(None, private))),
        "PublicIps": list(dict.fromkeys(filter(None, public))),
        "Health": next(filter(None, health), ""),
    }


# ── Endpoints ────────────────────────────────────────────────────────────────────────────────


def endpoints_of(balancer: model.LoadBalancer) -> Iterator[dict[str, Any]]:
    """The name leads to public addresses when the load balancer is one of the Internet."""
    common = {
        "InstanceId": balancer.load_balancer_id,
        "Product": product_of_id(balancer.load_balancer_id),
        "VpcId": balancer.vpc_id or "",
        "VSwitchId": balancer.v_switch_id or "",
    }
    kind = (balancer.address_type or "").strip().lower()
    network = {"internet": "public", "intranet": "private"}.get(kind, "")
    if balancer.address:
        is_classic = network == "private" and (balancer.network_type or "").lower() == "classic"
        yield {**common, "Ip": balancer.address, "Network": "classic" if is_classic else network}
    name = balancer.dns_name or ""
    made = 0
    for zone in balancer.zones or ():
        place = {**common, "VSwitchId": zone.v_switch_id, "ZoneId": zone.zone_id}
        for side, addresses in (("private", zone.private_ips), ("public", zone.public_ips)):
            is_named = network in ("", side)
            named = {"Host": name} if is_named else {"Role": INNER}
            for address in addresses:
                made += is_named
                yield {**place, **named, "Ip": address, "Network": side}
    if name and not made:
        yield {**common, "Host": name, "Network": network}


def add_eips(gatherer: Gatherer, balancer: model.LoadBalancer) -> None:
    """An EIP that is bound to a load balancer is a public address of it."""
    key = balancer.load_balancer_id
    for record in gatherer.contents.bucket("eips", "").values():
        if record.value.instance_id != key or not record.value.ip_address:
            continue
        form = {
            "InstanceId": key,
            "Product": product_of_id(key),
            "Ip": record.value.ip_address,
            "Network": "public",
            "VpcId": balancer.vpc_id or "",
        }
        endpoint = gatherer.parse(InstanceEndpoint, form, record.origin)
        gatherer.add("instance_endpoints", endpoint, record.origin, key)
