"""What the answers of whitelisted products have in common: fields, owners, endpoints, groups.

Keys are compared without case and underscores, because the products and their SDKs disagree about
both (`securityIPGroup`, `SecurityIPGroup`; `VPCId`, `VpcId`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from wayout.engine.case.coverage import Part
from wayout.engine.case.flatten import split_entries
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.instances import Instance, InstanceEndpoint
from wayout.engine.case.json_text import short
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, normal
from wayout.engine.case.refusal import RefusedError
from wayout.engine.case.whitelists import Whitelist, WhitelistSecurityGroup, WhitelistTemplate

__all__ = [
    "Row",
    "add_endpoint",
    "add_group",
    "add_instance",
    "add_security_group",
    "add_template",
    "for_owner",
    "is_one_of",
    "network_of",
    "numbers",
    "owner_in",
    "rows",
    "value",
    "whole",
]

Row = tuple[Mapping[str, Any], Origin]
# Request parameters that name the instance, best first.
OWNERS = ("dbinstanceid", "instanceid", "dbclusterid", "dbinstancename", "insname", "clusterid")
NETWORKS = {
    "private": "private",
    "vpc": "private",
    "public": "public",
    "internet": "public",
    "inner": "classic",
    "classic": "classic",
}


# ── Fields ───────────────────────────────────────────────────────────────────────────────────


def value(item: Mapping[str, Any], origin: Origin, *names: str) -> str:
    """The first of these fields that is not empty, as text; "" when none is there."""
    found = {normal(key): (key, given) for key, given in item.items()}
    for name in names:
        key, given = found.get(normal(name), ("", None))
        if given is None or given == "":
            continue
        if isinstance(given, bool) or not isinstance(given, (str, int, float)):
            raise RefusedError(origin.at(key), f"{short(key)} must be text or a number")
        return str(given)
    return ""


def rows(
    item: Mapping[str, Any],
    origin: Origin,
    key: str,
    *inner: str,
    having: Sequence[str] = (),
    is_mine: bool = False,
) -> list[Row] | None:
    """The mappings of a list, wrapped under one of the inner names or not; None without the key.

    What wraps something else is None too, and so is a bare list whose items have none of the
    fields `having`, or that is empty: the answer may then be of another kind, unless `is_mine`.
    """
    actual = next((k for k in item if normal(k) == normal(key)), None)
    if actual is None or item[actual] is None:
        return None
    given, place = item[actual], origin.at(actual)
    is_wrapped = isinstance(given, dict)
    if isinstance(given, dict):
        names = {normal(name) for name in inner}
        under = next((k for k in given if normal(k) in names), None)
        if under is None:
            return [] if is_mine and not given else None
        given, place = given[under] or [], place.at(under)
    if not isinstance(given, list):
        raise RefusedError(place, f"{short(key)} must be a list")
    found: list[Row] = []
    for index, each in enumerate(given):
        if not isinstance(each, dict):
            raise RefusedError(place.at(index), "must be a mapping")
        found.append((each, place.at(index)))
    if having and not is_wrapped and not (found or is_mine):
        return None
    return None if having and not is_one_of(found, *having) else found


def is_one_of(found: Sequence[Row], *names: str) -> bool:
    """Whether every row has one of these fields; so has an empty list."""
    wanted = {normal(name) for name in names}
    return all(wanted & {normal(key) for key in row} for row, _ in found)


def numbers(row: Mapping[str, Any], origin: Origin, *names: str) -> tuple[int, ...]:
    """The ports in these fields, each once, without what is no port."""
    texts = (value(row, origin, name) for name in names)
    found = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 6)
    return tuple(dict.fromkeys(port for port in found if 0 < port < 65536))


def network_of(text: str) -> str:
    """private, public or classic, from what the products call them; "" for anything else."""
    return NETWORKS.get(text.strip().lower(), "")


# ── Owners ───────────────────────────────────────────────────────────────────────────────────


def owner_in(frame: Frame) -> str:
    """The instance that the request names."""
    request = frame.request or {}
    return next((request[name] for name in OWNERS if request.get(name)), "")


def for_owner(
    gatherer: Gatherer,
    frame: Frame,
    products: Sequence[str],
    named: str,
    read: Callable[[str, str], None],
) -> None:
    """Call `read(instance, product)` once it is known whose answer this is.

    The answer or its request names the instance, or it is the only one of these products in the
    case. An answer that may belong to several instances counts for none.
    """
    origin = frame.origin
    owner = named or owner_in(frame)

    def adopt() -> None:
        bucket = gatherer.contents.bucket("instances", "")
        known = [record.value for record in bucket.values()]
        fitting = [instance for instance in known if instance.product in products]
        if len(fitting) == 1:
            only = fitting[0]
            gatherer.notice(
                f"{origin.document} does not say which instance it describes; taken as that of "
                f"{only.instance_id}, the only one in the case it can belong to.",
                f"{origin.document} 未说明属于哪个实例，按案例中唯一可能的实例 "
                f"{only.instance_id} 处理。",
                origin,
            )
            read(only.instance_id, only.product)
            return
        gatherer.notice(
            f"{origin.document} does not say which instance it describes, so it counts for none; "
            "put it into an envelope with its request.",
            f"{origin.document} 未说明属于哪个实例，不予采用；请用带 request 的信封格式提供。",
            origin,
        )

    if not owner:
        gatherer.deferred.append(adopt)
        return
    if len(products) == 1:
        add_instance(gatherer, origin, owner, products[0])
        read(owner, products[0])
        return
    # Which of the products it is may stand in a document that comes later.
    gatherer.deferred.append(lambda: read(owner, product_among(gatherer, products, owner)))


def product_among(gatherer: Gatherer, products: Sequence[str], owner: str) -> str:
    record = gatherer.contents.bucket("instances", "").get(owner)
    product = record.value.product if record is not None else ""
    return product if product in products else ""


# ── What an answer says ──────────────────────────────────────────────────────────────────────


def add_instance(
    gatherer: Gatherer, origin: Origin, instance: str, product: str, **said: str
) -> None:
    """An instance with what the answer says of it; empty texts say nothing."""
    data = {"InstanceId": instance, **{key: text for key, text in said.items() if text}}
    if product:
        data["product"] = product
    gatherer.add("instances", gatherer.parse(Instance, data, origin), origin)


def add_endpoint(
    gatherer: Gatherer,
    origin: Origin,
    instance: str,
    product: str,
    *,
    host: str = "",
    ip: str = "",
    ports: Iterable[int] = (),
    network: str = "",
    vpc: str = "",
    vswitch: str = "",
    zone: str = "",
    role: str = "",
) -> str:
    """One endpoint; its key. "" when the answer gives neither a name nor an address."""
    host = host.strip().rstrip(".").lower()
    if not host and not ip:
        return ""
    data: dict[str, Any] = {
        "instance_id": instance,
        "product": product,
        "host": host,
        "ip": ip.strip(),
        "ports": tuple(ports),
        "network": network,
        "role": role,
    }
    for name, given in (("vpc_id", vpc), ("v_switch_id", vswitch), ("zone_id", zone)):
        if given:
            data[name] = given
    endpoint = gatherer.parse(InstanceEndpoint, data, origin)
    return gatherer.add("instance_endpoints", endpoint, origin, instance)


def add_group(
    gatherer: Gatherer,
    origin: Origin,
    instance: str,
    *,
    name: str = "",
    entries: str | Sequence[str] = (),
    network: str = "",
    attribute: str = "",
    ports: str = "",
    model: type[Whitelist] = Whitelist,
) -> str:
    """One group of addresses; its key."""
    texts = [entries] if isinstance(entries, str) else list(entries)
    data = {
        "InstanceId": instance,
        "GroupName": name,
        "Attribute": attribute,
        "Network": network,
        "PortRange": ports,
        "Entries": [part for text in texts for part in split_entries(text)],
    }
    listed = "whitelist_templates" if model is WhitelistTemplate else "whitelists"
    return gatherer.add(listed, gatherer.parse(model, data, origin), origin, instance)


def add_template(gatherer: Gatherer, origin: Origin, instance: str, name: str, entries: str) -> str:
    """A group that the instance shares with others."""
    return add_group(
        gatherer, origin, instance, name=name, entries=entries, model=WhitelistTemplate
    )


def add_security_group(
    gatherer: Gatherer, origin: Origin, instance: str, group: str, network: str = ""
) -> str:
    """A security group whose members are let in; its key."""
    data = {"InstanceId": instance, "SecurityGroupId": group, "Network": network}
    bound = gatherer.parse(WhitelistSecurityGroup, data, origin)
    return gatherer.add("whitelist_security_groups", bound, origin, instance)


def whole(
    gatherer: Gatherer,
    name: str,
    instance: str,
    origin: Origin,
    keys: Iterable[str],
    answer: Item | None = None,
) -> None:
    """This list of the instance is complete, unless the answer says that it was cut off."""
    token = value(answer, origin, "NextToken") if answer is not None else ""
    known = tuple(key for key in keys if key)
    gatherer.part(Part(name, instance, origin, known, next_token=token))
