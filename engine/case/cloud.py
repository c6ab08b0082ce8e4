"""Alibaba Cloud OpenAPI answers, whole, unwrapped by an SDK, or single items of them.

Every answer wraps its list twice (`Permissions.Permission[]`); SDKs sometimes unwrap it. Both
are read, and the spelling of keys is brought into one form first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case import alibaba as api
from wayout.engine.case.answers import take_absence, take_product
from wayout.engine.case.api_server import take_api_server
from wayout.engine.case.contents import DIRECTIONS
from wayout.engine.case.datapoints import datapoints, peaks
from wayout.engine.case.flatten import FLAT, flat_route, flat_route_table
from wayout.engine.case.gathering import Frame, Gatherer, Orphans, Paging
from wayout.engine.case.json_text import printable
from wayout.engine.case.model import Addon, Origin
from wayout.engine.case.openapi import (
    CONTAINERS,
    Item,
    canonical_item,
    ids,
    inner_list,
    mapping,
    normal,
    number,
)
from wayout.engine.case.refusal import RefusedError

__all__ = ["ACCEPTED", "take_addon", "take_cloud", "take_cluster", "take_item"]

ACCEPTED = (
    "neither a Kubernetes object (apiVersion, kind), nor a wayout case file, nor an Alibaba Cloud "
    f"answer with one of {', '.join(CONTAINERS)}, Permissions, NetworkAclAttribute, PrefixLists, "
    "Entries, addons or cluster_id, nor a single item of them"
)
# What says that a mapping is one item of a list; the first that fits wins.
SHAPES: Sequence[tuple[str, tuple[str, ...]]] = (
    ("snat_entries", ("SnatEntryId",)),
    ("forward_entries", ("ForwardEntryId",)),
    ("route_entries", ("DestinationCidrBlock",)),
    ("eips", ("AllocationId", "IpAddress")),
    ("vswitches", ("VSwitchId", "CidrBlock")),
    ("network_interfaces", ("NetworkInterfaceId",)),
    ("nat_gateways", ("NatGatewayId",)),
    ("network_acls", ("NetworkAclId",)),
    ("route_tables", ("RouteTableId",)),
    ("security_groups", ("SecurityGroupId",)),
    ("vpcs", ("VpcId", "CidrBlock")),
    ("private_zones", ("ZoneId", "ZoneName")),
    ("dhcp_options_sets", ("DhcpOptionsSetId", "DhcpOptions")),
)
# Request parameters that do not make an answer a selection; with the owner of a scoped list.
HARMLESS = frozenset(
    [
        "accesskeyid",
        "action",
        "clientoken",
        "clienttoken",
        "clusterid",
        "currentpage",
        "direction",
        "dryrun",
        "format",
        "lang",
        "maxresult",
        "maxresults",
        "namespace",
        "nextoken",
        "nexttoken",
        "nictype",
        "owneraccount",
        "ownerid",
        "pagenumber",
        "pagesize",
        "regionid",
        "resourceowneraccount",
        "resourceownerid",
        "version",
    ]
)
OWNER_PARAMETERS: Mapping[str, frozenset[str]] = {
    "access_rules": frozenset({"accessgroupname", "filesystemtype"}),
    "forward_entries": frozenset({"forwardtableid", "natgatewayid"}),
    "instance_endpoints": frozenset({"endpointid"}),
    "port_range_entries": frozenset({"portrangelistid"}),
    "prefix_list_entries": frozenset({"prefixlistid"}),
    "route_entries": frozenset({"routetableid", "routerid", "routertype", "vrouterid"}),
    "route_tables": frozenset({"routerid", "routertype", "vrouterid", "vpcid"}),
    "security_group_rules": frozenset({"securitygroupid"}),
    "snat_entries": frozenset({"natgatewayid", "snattableid"}),
    "vpcs": frozenset(),
}
# ── Whole answers ────────────────────────────────────────────────────────────────────────────


def take_cloud(gatherer: Gatherer, data: Item, frame: Frame) -> None:
    """One answer, one item, or a mapping of several lists."""
    origin = frame.origin
    if is_error(data):
        if take_absence(gatherer, data, frame):
            return
        gatherer.not_collected(frame.action or origin.document, printable(data["Code"]), origin)
        return
    body = data.get("body")
    if isinstance(body, dict) and "statusCode" in data:  # how the SDK for Python prints answers
        inner = Frame(origin.at("body"), frame.stem, frame.action, frame.request)
        take_cloud(gatherer, body, inner)
        return
    answer = canonical_item(data)
    if take_cluster_answer(gatherer, data, frame) or take_product(gatherer, data, frame):
        return
    takers = (take_attributes, take_lists, take_guards, take_metrics, take_zones)
    if any(take(gatherer, answer, frame) for take in takers):
        return
    shape = shape_of(answer)
    if shape is not None:
        take_loose(gatherer, shape, answer, frame)
    elif isinstance(answer.get("RequestId"), str) or frame.action:
        what = frame.action or "OpenAPI answer"
        gatherer.ignored[printable(what, 60)] += 1
    else:
        raise RefusedError(origin, ACCEPTED)


def is_error(data: Item) -> bool:
    return (
        isinstance(data.get("Code"), str)
        and "Message" in data
        and not data.keys() & CONTAINERS.keys()
        and data["Code"] not in ("200", "OK", "Success")
    )


def take_cluster_answer(gatherer: Gatherer, data: Item, frame: Frame) -> bool:
    """Answers of the container service, which are in snake_case."""
    origin = frame.origin
    if "addons" in data and "cluster_id" not in data:
        keys = [
            take_addon(gatherer, item, place)
            for item, place in inner_list(data, "addons", "addon", origin) or ()
        ]
        part = paging_of(gatherer, data, frame, "addons").part("addons", "", origin, keys)
        gatherer.part(part)
        return True
    if "clusters" in data:
        for item, place in inner_list(data, "clusters", "cluster", origin) or ():
            take_cluster(gatherer, item, place)
        return True
    if "cluster_id" in data:
        take_cluster(gatherer, data, origin)
        return True
    if "name" in data and "version" in data and frame.action.endswith("AddonInstance"):
        take_addon(gatherer, data, origin)
        return True
    return False


def take_addon(gatherer: Gatherer, item: Item, origin: Origin) -> str:
    state = item.get("state")
    if state is not None and not isinstance(state, str):
        raise RefusedError(origin.at("state"), "state must be text")
    gone = (state or "").lower() in ("absent", "uninstalled", "not_installed", "deleted")
    data = {**item, "state": "absent" if gone else "installed"}
    return gatherer.add("addons", gatherer.parse(Addon, data, origin), origin)


def take_cluster(gatherer: Gatherer, item: Item, origin: Origin) -> None:
    data = dict(item)
    if not data.get("vswitch_ids") and isinstance(old := data.get("vswitch_id"), str):
        data["vswitch_ids"] = [part.strip() for part in old.split(",") if part.strip()]
    if "container_cidr" not in data and "subnet_cidr" in data:
        data["container_cidr"] = data["subnet_cidr"]
    if "region" in data:
        data.setdefault("region_id", data["region"])
    gatherer.add("clusters", gatherer.parse(api.Cluster, data, origin), origin)
    take_api_server(gatherer, data, origin)


def take_attributes(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Answers about one thing whose parts are the point."""
    origin = frame.origin
    if "Permissions" in answer and "SecurityGroupId" not in answer:
        group = (frame.request or {}).get("securitygroupid", "")
        if not group:
            raise RefusedError(origin, "Permissions without a SecurityGroupId belong to no group")
        answer = {**answer, "SecurityGroupId": group}
    if "SecurityGroupId" in answer and "Permissions" in answer:
        take_item(gatherer, "security_groups", answer, origin, frame)
        return True
    if "NetworkAclAttribute" in answer:
        inner = mapping(answer["NetworkAclAttribute"], origin.at("NetworkAclAttribute"))
        take_item(gatherer, "network_acls", inner, origin.at("NetworkAclAttribute"), frame)
        return True
    if "RouteTableId" in answer and "RouteEntrys" in answer:
        take_item(gatherer, "route_tables", answer, origin, frame)
        return True
    if "Entries" in answer or "PrefixListEntry" in answer:
        return take_entries(gatherer, answer, frame)
    if "PrefixListId" in answer:  # the header of a list, without its entries
        gatherer.ignored["prefix list without entries"] += 1
        return True
    return False


def take_lists(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Every list that the mapping holds; an answer has one, a snapshot several."""
    keys = [key for key in answer if key in CONTAINERS]
    for key in keys:
        inner, name = CONTAINERS[key]
        found = inner_list(answer, key, inner, frame.origin) or []
        take_list(gatherer, name, found, answer, frame, frame.origin.at(key))
    if "PrefixLists" in answer:
        take_prefix_lists(gatherer, answer["PrefixLists"], frame.origin.at("PrefixLists"), frame)
    return bool(keys) or "PrefixLists" in answer


def take_guards(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """The balance of the account, and public addresses with their state in Anti-DDoS."""
    balance, place = answer.get("Data"), frame.origin.at("Data")
    if isinstance(balance, dict) and "AvailableAmount" in canonical_item(balance):
        key = take_item(gatherer, "account_balances", balance, place, frame)
        gatherer.whole("account_balances", "", place, [key])
        return True
    instances = inner_list(answer, "InstanceList", "Instance", frame.origin)
    if instances is None or not all("IpAddressConfig" in item for item, _ in instances):
        return False
    found = [
        pair for item, at in instances for pair in inner_list(item, "IpAddressConfig", "", at) or ()
    ]
    take_list(gatherer, "ddos_addresses", found, answer, frame, frame.origin.at("InstanceList"))
    return True


def take_metrics(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Datapoints of CloudMonitor; of what they are is only said by the request."""
    if "Datapoints" not in answer:
        return False
    request, place = frame.request or {}, frame.origin.at("Datapoints")
    namespace, metric = request.get("namespace", ""), request.get("metricname", "")
    if not namespace or not metric:
        problem = "Datapoints need an envelope whose request has Namespace and MetricName"
        raise RefusedError(place, problem)
    points = datapoints(answer["Datapoints"], place)
    for peak in peaks(points):
        item = {"Namespace": namespace, "MetricName": metric, **peak}
        take_item(gatherer, "metrics", item, place, frame)
    if missing := sum("instanceId" not in point for point in points):
        gatherer.ignored["datapoint without instanceId"] += missing
    return True


def take_zones(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Zones of PrivateZone; those of other products are places and have no ZoneName."""
    if "Zones" not in answer:
        return False
    found = inner_list(answer, "Zones", "Zone", frame.origin) or []
    is_ours = all("ZoneName" in canonical_item(zone) for zone, _ in found)
    if not is_ours or not (found or "TotalItems" in answer):
        return False
    paged = {**answer, "TotalCount": answer.get("TotalItems")}
    take_list(gatherer, "private_zones", found, paged, frame, frame.origin.at("Zones"))
    return True


def take_list(
    gatherer: Gatherer,
    name: str,
    found: Sequence[tuple[Item, Origin]],
    answer: Item,
    frame: Frame,
    origin: Origin,
) -> None:
    paging = paging_of(gatherer, answer, frame, name)
    if name in ("snat_entries", "forward_entries"):
        take_nat_entries(gatherer, name, found, frame, paging, origin)
        return
    if name == "route_entries":
        take_routes(gatherer, found, frame, paging, origin)
        return
    keys = [take_item(gatherer, name, item, place, frame) for item, place in found]
    gatherer.part(paging.part(name, "", origin, keys))


def take_nat_entries(
    gatherer: Gatherer,
    name: str,
    found: Sequence[tuple[Item, Origin]],
    frame: Frame,
    paging: Paging,
    origin: Origin,
) -> None:
    """Entries name their table; which gateway that is may stand in another document."""
    model = api.SnatEntry if name == "snat_entries" else api.ForwardEntry
    field = "snattableid" if name == "snat_entries" else "forwardtableid"
    entries = [(gatherer.parse(model, canonical_item(item), at), at) for item, at in found]
    request = frame.request or {}
    gatherer.orphans.append(
        Orphans(
            name,
            entries,
            tuple(ids(request.get("natgatewayid", ""))),
            tuple(ids(request.get(field, ""))),
            paging,
            origin,
        )
    )


def take_routes(
    gatherer: Gatherer,
    found: Sequence[tuple[Item, Origin]],
    frame: Frame,
    paging: Paging,
    origin: Origin,
) -> None:
    asked = (frame.request or {}).get("routetableid", "")
    listed: dict[str, list[str]] = {asked: []} if asked else {}
    for item, place in found:
        table, key = take_route(gatherer, item, place, asked)
        listed.setdefault(table, []).append(key)
    for table, keys in listed.items():
        if table:
            gatherer.part(paging.part("route_entries", table, origin, keys))


def take_entries(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Entries of a prefix list or of a port list; the items say which of the two."""
    origin = frame.origin
    key, inner = ("PrefixListEntry", "") if "PrefixListEntry" in answer else ("Entries", "Entry")
    found = inner_list(answer, key, inner, origin) or []
    first = canonical_item(found[0][0]) if found else {}
    request = frame.request or {}
    is_ports = "PortRange" in first or "PortRangeListId" in answer or "portrangelistid" in request
    name = "port_range_entries" if is_ports else "prefix_list_entries"
    field = "PortRangeListId" if is_ports else "PrefixListId"
    owner = answer.get(field) or request.get(normal(field)) or first.get(field)
    if not isinstance(owner, str) or not owner:
        raise RefusedError(origin, f"entries without a {field} belong to no list")
    keys = [take_entry(gatherer, name, item, place, owner) for item, place in found]
    gatherer.part(paging_of(gatherer, answer, frame, name).part(name, owner, origin, keys))
    return True


def take_entry(gatherer: Gatherer, name: str, item: Item, place: Origin, owner: str) -> str:
    is_ports = name == "port_range_entries"
    field = "PortRangeListId" if is_ports else "PrefixListId"
    data = {**canonical_item(item), field: owner}
    model: type[api.CloudModel] = api.PortRangeEntry if is_ports else api.PrefixListEntry
    return gatherer.add(name, gatherer.parse(model, data, place), place, owner)


def take_prefix_lists(gatherer: Gatherer, value: Any, origin: Origin, frame: Frame) -> None:
    """`{pl-1: [cidr, ...]}`, or headers as DescribePrefixLists prints them (entries lack)."""
    if isinstance(value, dict) and "PrefixList" not in value:
        for owner, blocks in value.items():
            place = origin.at(owner)
            if not isinstance(blocks, list):
                raise RefusedError(place, "a prefix list must be a list of CIDR blocks")
            keys = [
                take_entry(
                    gatherer,
                    "prefix_list_entries",
                    block if isinstance(block, dict) else {"Cidr": block},
                    place.at(index),
                    owner,
                )
                for index, block in enumerate(blocks)
            ]
            gatherer.whole("prefix_list_entries", owner, place, keys)
        return
    for item, place in (
        inner_list({"PrefixLists": value}, "PrefixLists", "PrefixList", origin) or ()
    ):
        if "Entries" in canonical_item(item):
            take_entries(gatherer, canonical_item(item), Frame(place))
        else:
            gatherer.ignored["prefix list without entries"] += 1


# ── Single items ─────────────────────────────────────────────────────────────────────────────


def shape_of(answer: Item) -> str | None:
    return next((name for name, keys in SHAPES if all(key in answer for key in keys)), None)


def take_loose(gatherer: Gatherer, name: str, answer: Item, frame: Frame) -> None:
    """An item outside a list proves that it exists, not that there are no others."""
    if name in ("snat_entries", "forward_entries"):
        partial = Paging(is_partial=True)
        found = [(answer, frame.origin)]
        take_nat_entries(gatherer, name, found, Frame(frame.origin), partial, frame.origin)
    else:
        take_item(gatherer, name, answer, frame.origin, frame)


def take_item(
    gatherer: Gatherer, name: str, item: Item, origin: Origin, frame: Frame, of: str = ""
) -> str:
    """Read one item of a list, with the parts it carries; the key of its record."""
    data = canonical_item(item)
    if name == "security_groups":
        return take_group(gatherer, data, origin, frame)
    if name == "route_tables":
        return take_table(gatherer, data, origin, frame)
    if name == "route_entries":
        return take_route(gatherer, data, origin, of)[1]
    if name in ("prefix_list_entries", "port_range_entries"):
        return take_entry(gatherer, name, data, origin, of)
    model, flatten = FLAT[name]
    if of and name in ("snat_entries", "forward_entries"):
        data["NatGatewayId"] = of
    return gatherer.add(name, gatherer.parse(model, flatten(data, origin), origin), origin, of)


def take_group(gatherer: Gatherer, data: dict[str, Any], origin: Origin, frame: Frame) -> str:
    """A security group; with `Permissions`, its rules by direction."""
    group = gatherer.parse(api.SecurityGroup, data, origin)
    key = gatherer.add("security_groups", group, origin)
    rules = inner_list(data, "Permissions", "Permission", origin)
    if rules is None:
        return key
    listed: dict[str, list[str]] = {direction: [] for direction in DIRECTIONS}
    for item, place in rules:
        rule = gatherer.parse(api.SecurityGroupRule, canonical_item(item), place)
        found = gatherer.add("security_group_rules", rule, place, key)
        for direction in DIRECTIONS:
            listed[direction].append(found)
    asked = (frame.request or {}).get("direction", "all").lower()
    paging = paging_of(gatherer, data, frame, "security_group_rules")
    for direction, keys in listed.items():
        if asked in (direction, "all", ""):
            of = f"{key}/{direction}"
            gatherer.part(paging.part("security_group_rules", of, origin.at("Permissions"), keys))
    return key


def take_table(gatherer: Gatherer, data: dict[str, Any], origin: Origin, frame: Frame) -> str:
    """A route table; the old DescribeRouteTables prints its entries inside."""
    table = gatherer.parse(api.RouteTable, flat_route_table(data, origin), origin)
    key = gatherer.add("route_tables", table, origin)
    routes = inner_list(data, "RouteEntrys", "RouteEntry", origin)
    if routes is not None:
        keys = [take_route(gatherer, item, place, key)[1] for item, place in routes]
        place = origin.at("RouteEntrys")
        gatherer.part(paging_of(gatherer, data, frame, "").part("route_entries", key, place, keys))
    return key


def take_route(gatherer: Gatherer, item: Item, place: Origin, table: str) -> tuple[str, str]:
    data = flat_route(canonical_item(item), place)
    if table:
        data["RouteTableId"] = data.get("RouteTableId") or table
    entry = gatherer.parse(api.RouteEntry, data, place)
    return entry.route_table_id, gatherer.add("route_entries", entry, place, entry.route_table_id)


# ── Pages and filters ────────────────────────────────────────────────────────────────────────


def paging_of(gatherer: Gatherer, answer: Item, frame: Frame, name: str) -> Paging:
    """Whether the answer is the whole list, one page of it or a selection from it."""
    token = answer.get("NextToken")
    if token is not None and not isinstance(token, str):
        raise RefusedError(frame.origin.at("NextToken"), "NextToken must be text")
    request = frame.request
    return Paging(
        number(answer, "TotalCount", frame.origin),
        number(answer, "PageNumber", frame.origin),
        None if request is None else request.get("nexttoken", ""),
        token or "",
        (answer.get("IsTruncated") in (True, "true", "True") and not token)
        or is_filtered(gatherer, name, frame),
    )  # fmt: skip


def is_filtered(gatherer: Gatherer, name: str, frame: Frame) -> bool:
    if not frame.request:
        return False
    harmless = HARMLESS | OWNER_PARAMETERS.get(name, frozenset({"vpcid"}))
    filters = sorted(key for key in frame.request if key not in harmless)
    if name == "firewall_policies" and frame.request.get("direction") == "in":
        filters.append("direction")
    if filters:
        shown = ", ".join(filters[:5])
        gatherer.notice(
            f"{frame.origin.document} was asked with a filter ({shown}), so it is not taken as "
            "the whole list.",
            f"{frame.origin.document} 的请求带有过滤条件（{shown}），不视为完整列表。",
            frame.origin,
        )
    return bool(filters)
