"""Brings the instances of a case file into the shape of the APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case.casefile_forms import id_list, port_range
from wayout.engine.case.casefile_instances import InstanceEndpointPart, InstancePart, WhitelistPart
from wayout.engine.case.cloud import take_item
from wayout.engine.case.gathering import Frame, Gatherer, without_nulls
from wayout.engine.case.model import Origin
from wayout.engine.case.refusal import RefusedError

__all__ = ["read_instances"]


def read_instances(gatherer: Gatherer, parts: Sequence[InstancePart], origin: Origin) -> None:
    """Everything the case file says of instances; raises RefusedError."""
    for index, part in enumerate(parts):
        Reader(gatherer, part, origin.at(index)).read()
    if not parts:
        gatherer.whole("instances", "", origin)


class Reader:
    """Reads one instance with its lists, each complete as given."""

    def __init__(self, gatherer: Gatherer, part: InstancePart, origin: Origin) -> None:
        self.gatherer = gatherer
        self.part = part
        self.origin = origin

    def read(self) -> None:
        part, origin = self.part, self.origin
        self.item("instances", instance_item(part), origin, "")
        if part.endpoints is not None:
            items = [endpoint_item(part, endpoint) for endpoint in part.endpoints]
            self.whole_list("instance_endpoints", "endpoints", items)
        if part.whitelist is not None:
            names = list(part.whitelist) if isinstance(part.whitelist, dict) else None
            self.whole_list("whitelists", "whitelist", self.groups(part.whitelist), names)
        if part.templates is not None:
            items = [
                {"InstanceId": part.id, "GroupName": name, "Entries": id_list(entries)}
                for name, entries in part.templates.items()
            ]
            self.whole_list("whitelist_templates", "templates", items, list(part.templates))
        if part.security_groups is not None:
            items = [
                {"InstanceId": part.id, "SecurityGroupId": group}
                for group in id_list(part.security_groups) or ()
            ]
            self.whole_list("whitelist_security_groups", "security_groups", items)

    def groups(
        self, given: Sequence[WhitelistPart] | Mapping[str, list[str] | str]
    ) -> list[dict[str, Any]]:
        if isinstance(given, Mapping):
            given = [WhitelistPart(group=name, entries=ips) for name, ips in given.items()]
        made = []
        for index, group in enumerate(given):
            try:
                made.append(group_item(self.part.id, group))
            except ValueError as error:
                raise RefusedError(self.origin.at("whitelist", index), str(error)) from None
        return made

    def whole_list(
        self,
        name: str,
        key: str,
        items: Sequence[Mapping[str, Any]],
        names: Sequence[str] | None = None,
    ) -> None:
        """`names` are the keys of a mapping, where the items do not stand in a list."""
        at = self.origin.at(key)
        places = [at.at(place) for place in (range(len(items)) if names is None else names)]
        keys = [
            self.item(name, item, place, self.part.id)
            for item, place in zip(items, places, strict=True)
        ]
        self.gatherer.whole(name, self.part.id, at, keys)

    def item(self, name: str, data: Mapping[str, Any], at: Origin, of: str) -> str:
        return take_item(self.gatherer, name, without_nulls(dict(data)), at, Frame(at), of)


def instance_item(part: InstancePart) -> dict[str, Any]:
    return {
        "InstanceId": part.id,
        **({"Product": part.product} if part.product else {}),
        "Name": part.name,
        "Status": part.status,
        "Lock": part.lock,
        "RegionId": part.region,
        "VpcId": part.vpc,
        "VSwitchId": part.vswitch,
        "NetworkType": part.network_type,
        "WhitelistMode": part.mode,
        "Engine": part.engine,
        "EngineVersion": part.engine_version,
    }


def endpoint_item(part: InstancePart, endpoint: InstanceEndpointPart) -> dict[str, Any]:
    """A private endpoint of an instance is in the VPC of the instance unless it says otherwise."""
    ports = endpoint.ports if endpoint.ports is not None else [endpoint.port]
    is_private = endpoint.network == "private"
    return {
        "InstanceId": part.id,
        "Product": part.product,
        "Host": (endpoint.host or "").rstrip(".").lower(),
        "Ip": endpoint.ip or "",
        "Ports": [port for port in ports if port is not None],
        "Network": endpoint.network or "",
        "VpcId": endpoint.vpc or (part.vpc if is_private else None),
        "VSwitchId": endpoint.vswitch,
        "ZoneId": endpoint.zone,
        "Role": endpoint.role,
    }


def group_item(instance: str, group: WhitelistPart) -> dict[str, Any]:
    return {
        "InstanceId": instance,
        "GroupName": group.group,
        "Attribute": group.attribute,
        "Network": group.network,
        "PortRange": port_range(group.ports, ""),
        "Entries": id_list(group.entries),
    }
