"""Answers of the load balancers: CLB (slb), ALB and NLB.

The three APIs share keys, so what an answer is follows from the keys it has, and which product it
is about from the ids in it. What an answer does not say - whose listener, whose entries - its
request says, or the only thing of its kind that the case knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from wayout.engine.case import balancers as model
from wayout.engine.case.answers.balancer_forms import (
    entry_form,
    health_form,
    listener_form,
    server_form,
    server_group_form,
    slb_health_forms,
)
from wayout.engine.case.answers.balancer_instances import take_balancer
from wayout.engine.case.cloud import paging_of
from wayout.engine.case.gathering import Frame, Gatherer, Paging
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, ids, inner_list

__all__ = ["take"]

Found = Sequence[tuple[dict[str, Any], Origin]]
ATTRIBUTE = re.compile(r"DescribeLoadBalancer(TCP|UDP|HTTP|HTTPS)ListenerAttribute")
# Request parameters that say whose parts are asked for.
OWNERS = (
    "aclid",
    "listenerid",
    "loadbalancerid",
    "masterslaveservergroupid",
    "page",
    "servergroupid",
    "vservergroupid",
)


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Whether the answer is one of a load balancer, which it then has read."""
    data = canonical_item(answer)
    return any(
        read(gatherer, data, frame)
        for read in (
            take_balancers, take_listeners, take_health, take_servers, take_groups, take_acl,
            take_one,
        )
    )  # fmt: skip


def request_of(frame: Frame, name: str) -> str:
    return (frame.request or {}).get(name, "")


def named_owners(frame: Frame, name: str) -> list[str]:
    """The ids a request names, as one text, as a list or numbered (`LoadBalancerIds.1`)."""
    found = [
        value
        for key, value in sorted((frame.request or {}).items())
        if re.fullmatch(rf"{name}s?(\.\d+)?", key)
    ]
    return [part for text in found for part in ids(text.strip("[]").replace('"', ""))]


def pages(gatherer: Gatherer, answer: Item, frame: Frame, name: str) -> Paging:
    """Which part of the list an answer is; that it was asked for one owner is no filter."""
    if frame.request is not None:
        kept = {
            key: value
            for key, value in frame.request.items()
            if not any(re.fullmatch(rf"{owner}s?(\.\d+)?", key) for owner in OWNERS)
        }
        frame = replace(frame, request=kept)
    return paging_of(gatherer, answer, frame, name)


# ── Load balancers ───────────────────────────────────────────────────────────────────────────


def take_balancers(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """DescribeLoadBalancers, ListLoadBalancers."""
    found = inner_list(answer, "LoadBalancers", "LoadBalancer", frame.origin)
    if found is None:
        return False
    keys = [take_balancer(gatherer, canonical_item(item), place) for item, place in found]
    # ListLoadBalancers of one product says nothing of the others, so no list is complete by it.
    paging = replace(pages(gatherer, answer, frame, "load_balancers"), is_partial=True)
    place = frame.origin.at("LoadBalancers")
    gatherer.part(paging.part("load_balancers", "", place, keys))
    return True


def take_one(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """DescribeLoadBalancerAttribute, GetLoadBalancerAttribute; and one listener."""
    if "LoadBalancerId" in answer and "LoadBalancerStatus" in answer:
        balancer = take_balancer(gatherer, answer, frame.origin)
        take_attribute_parts(gatherer, answer, frame.origin, balancer)
        return True
    if "ListenerId" in answer and "ListenerProtocol" in answer:
        owner = answer.get("LoadBalancerId")
        place_listener(
            gatherer, listener_form(answer, frame.origin), frame.origin, str(owner or "")
        )
        return True
    is_attribute = ATTRIBUTE.fullmatch(frame.action) or "AclStatus" in answer
    if "ListenerPort" in answer and is_attribute:
        take_slb_listener(gatherer, answer, frame)
        return True
    return False


def take_attribute_parts(gatherer: Gatherer, answer: Item, origin: Origin, balancer: str) -> None:
    """The ports and the default servers that DescribeLoadBalancerAttribute carries."""
    key = "ListenerPortsAndProtocol"
    found = inner_list(answer, key, "ListenerPortAndProtocol", origin)
    if found is None:
        key = "ListenerPortsAndProtocal"  # as the older twin is spelt
        found = inner_list(answer, key, "ListenerPortAndProtocal", origin)
    if found is not None:
        keys = [
            add_listener(gatherer, listener_form(canonical_item(item), place), place, balancer)
            for item, place in found
        ]
        gatherer.whole("listeners", balancer, origin.at(key), keys)
    servers = inner_list(answer, "BackendServers", "BackendServer", origin)
    if servers is not None:
        add_servers(gatherer, balancer, servers, origin.at("BackendServers"), Paging())


# ── Listeners ────────────────────────────────────────────────────────────────────────────────


def take_listeners(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """DescribeLoadBalancerListeners, ListListeners."""
    found = inner_list(answer, "Listeners", "Listener", frame.origin)
    if found is None or any("ListenerPort" not in canonical_item(item) for item, _ in found):
        return False
    listed: dict[str, list[str]] = {name: [] for name in named_owners(frame, "loadbalancerid")}
    hint = next(iter(listed)) if len(listed) == 1 else ""
    for item, place in found:
        data = canonical_item(item)
        owner = str(data.get("LoadBalancerId") or hint)
        key = add_listener(gatherer, listener_form(data, place), place, owner)
        listed.setdefault(owner, []).append(key)
    paging = pages(gatherer, answer, frame, "listeners")
    each(gatherer, "listeners", listed, paging, frame.origin.at("Listeners"))
    return True


def each(
    gatherer: Gatherer, name: str, listed: Mapping[str, list[str]], paging: Paging, origin: Origin
) -> None:
    """One answer about several owners counts their parts together."""
    every = sum(map(len, listed.values()))
    if paging.total is not None and len(listed) > 1:
        is_partial = paging.is_partial or every < paging.total
        paging = replace(paging, total=None, is_partial=is_partial)
    for owner, keys in listed.items():
        if owner:
            gatherer.part(paging.part(name, owner, origin, keys))


def take_slb_listener(gatherer: Gatherer, answer: Item, frame: Frame) -> None:
    """Describe{TCP,UDP,HTTP,HTTPS}ListenerAttribute, which names neither load balancer nor, in
    some editions, protocol."""
    matched = ATTRIBUTE.fullmatch(frame.action)
    protocol = matched[1].lower() if matched else told_protocol(answer)
    form = {**listener_form(answer, frame.origin, is_whole=True), "ListenerProtocol": protocol}
    owner = request_of(frame, "loadbalancerid") or str(answer.get("LoadBalancerId") or "")
    if owner and protocol:
        add_listener(gatherer, form, frame.origin, owner)
        return

    def read(balancer: str) -> None:
        port = form.get("ListenerPort")
        known = gatherer.contents.bucket("listeners", balancer).values()
        same = [r.value.listener_protocol for r in known if r.value.listener_port == port]
        if not protocol and len(same) != 1:
            say_unplaced(gatherer, frame.origin, f"the protocol of listener {port}", "监听协议")
            return
        add_listener(
            gatherer, {**form, "ListenerProtocol": protocol or same[0]}, frame.origin, balancer
        )

    adopt(gatherer, frame.origin, owner, lambda: classic(gatherer), "listener", "监听", read)


def told_protocol(answer: Item) -> str:
    """The protocol that only its attribute answers' fields tell; "" when they do not."""
    if isinstance(said := answer.get("ListenerProtocol"), str) and said:
        return said.lower()
    for protocol, fields in PROTOCOL_FIELDS:
        if any(field in answer for field in fields):
            return protocol
    return ""


PROTOCOL_FIELDS = (
    ("https", ("ServerCertificateId", "TLSCipherPolicy", "EnableHttp2")),
    ("http", ("ListenerForward", "StickySession", "XForwardedFor")),
    ("tcp", ("EstablishedTimeout", "SynProxy")),
    ("udp", ("HealthCheckReq", "HealthCheckExp")),
)


def place_listener(gatherer: Gatherer, form: dict[str, Any], origin: Origin, owner: str) -> None:
    """One ALB or NLB listener; without load balancer, that of the one that lists its id."""

    def holders() -> list[str]:
        lists = gatherer.contents.records.get("listeners", {})
        return [of for of, bucket in lists.items() if form["ListenerId"] in bucket]

    def read(balancer: str) -> None:
        add_listener(gatherer, form, origin, balancer)

    adopt(gatherer, origin, owner, holders, "listener", "监听", read)


def add_listener(gatherer: Gatherer, form: dict[str, Any], origin: Origin, balancer: str) -> str:
    data = {**form, "LoadBalancerId": balancer}
    if form.get("ServerGroupIds") == [""]:  # the default group has the id of the load balancer
        data["ServerGroupIds"] = [balancer]
    value = gatherer.parse(model.Listener, data, origin)
    return gatherer.add("listeners", value, origin, balancer)


# ── Access control lists ─────────────────────────────────────────────────────────────────────


def take_acl(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """DescribeAccessControlListAttribute (`AclEntrys`), ListAclEntries (`AclEntries`)."""
    if "AclEnable" in answer or "Domains" in answer:  # the list of a container registry
        return False
    origin = frame.origin
    key = "AclEntrys" if "AclEntrys" in answer else "AclEntries"
    found = inner_list(answer, key, "AclEntry", origin)
    if found is None and str(answer.get("TotalAclEntry", "")) == "0":
        found = []
    if found is None:
        return False
    counted = {**answer, "TotalCount": answer.get("TotalAclEntry", answer.get("TotalCount"))}
    if page := request_of(frame, "page"):
        counted["PageNumber"] = page
    paging = pages(gatherer, counted, frame, "acl_entries")
    entries = found

    def read(acl: str) -> None:
        keys = [
            gatherer.add(
                "acl_entries",
                gatherer.parse(model.AclEntry, entry_form(canonical_item(item), acl), place),
                place,
                acl,
            )
            for item, place in entries
        ]
        gatherer.part(paging.part("acl_entries", acl, origin.at(key), keys))

    owner = str(answer.get("AclId") or request_of(frame, "aclid"))
    adopt(gatherer, origin, owner, lambda: acls_used(gatherer), "AclEntry", "访问控制条目", read)
    return True


def acls_used(gatherer: Gatherer) -> list[str]:
    """The access control lists that the known listeners name."""
    lists = gatherer.contents.records.get("listeners", {}).values()
    listeners = [record.value for bucket in lists for record in bucket.values()]
    return list(dict.fromkeys(acl for one in listeners for acl in one.acl_ids or ()))


# ── Server groups and servers ────────────────────────────────────────────────────────────────


def take_groups(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """ListServerGroups."""
    found = inner_list(answer, "ServerGroups", "ServerGroup", frame.origin)
    if found is None:
        return False
    keys = [
        gatherer.add(
            "server_groups",
            gatherer.parse(model.ServerGroup, server_group_form(canonical_item(item)), place),
            place,
        )
        for item, place in found
    ]
    paging = replace(pages(gatherer, answer, frame, "server_groups"), is_partial=True)
    gatherer.part(paging.part("server_groups", "", frame.origin.at("ServerGroups"), keys))
    return True


def take_servers(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """ListServerGroupServers, DescribeVServerGroupAttribute, DescribeMasterSlave...Attribute."""
    origin = frame.origin
    for key, inner, owner_key in (
        ("BackendServers", "BackendServer", "VServerGroupId"),
        ("MasterSlaveBackendServers", "MasterSlaveBackendServer", "MasterSlaveServerGroupId"),
    ):
        found = inner_list(answer, key, inner, origin)
        if found is not None and isinstance(answer.get(owner_key), str):
            group = str(answer[owner_key])
            data = {"ServerGroupId": group}
            gatherer.add("server_groups", gatherer.parse(model.ServerGroup, data, origin), origin)
            add_servers(gatherer, group, found, origin.at(key), Paging())
            return True
    found = inner_list(answer, "Servers", "Server", origin)
    if found is None or not is_of_groups(found, frame):
        return False
    paging = pages(gatherer, answer, frame, "backend_servers")
    listed: dict[str, list[tuple[dict[str, Any], Origin]]] = {
        name: [] for name in named_owners(frame, "servergroupid")
    }
    hint = next(iter(listed)) if len(listed) == 1 else ""
    for item, place in found:
        owner = str(canonical_item(item).get("ServerGroupId") or hint)
        listed.setdefault(owner, []).append((item, place))
    if paging.total is not None and len(listed) > 1:
        is_partial = paging.is_partial or len(found) < paging.total
        paging = replace(paging, total=None, is_partial=is_partial)
    for group, servers in listed.items():
        if group:
            add_servers(gatherer, group, servers, origin.at("Servers"), paging)
    return True


def is_of_groups(found: Found, frame: Frame) -> bool:
    if frame.action == "ListServerGroupServers" or request_of(frame, "servergroupid"):
        return True
    return bool(found) and all("ServerGroupId" in canonical_item(item) for item, _ in found)


def add_servers(
    gatherer: Gatherer, group: str, found: Found, origin: Origin, paging: Paging
) -> None:
    keys = [
        gatherer.add(
            "backend_servers",
            gatherer.parse(model.BackendServer, server_form(canonical_item(item)), place),
            place,
            group,
        )
        for item, place in found
    ]
    gatherer.part(paging.part("backend_servers", group, origin, keys))


# ── Health ───────────────────────────────────────────────────────────────────────────────────


def take_health(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """GetListenerHealthStatus (ALB, NLB) and DescribeHealthStatus (CLB)."""
    origin = frame.origin
    found = inner_list(answer, "ListenerHealthStatus", "ListenerHealthStatus", origin)
    if found is not None:
        for item, place in found:
            for form in health_form(canonical_item(item), place):
                value = gatherer.parse(model.ListenerHealth, form, place)
                gatherer.add("listener_health", value, place)
        return True
    servers = inner_list(answer, "BackendServers", "BackendServer", origin)
    is_health = frame.action == "DescribeHealthStatus" or (
        bool(servers)
        and all("ServerHealthStatus" in canonical_item(item) for item, _ in servers or ())
    )
    if servers is None or not is_health:
        return False
    states = [(canonical_item(item), place) for item, place in servers]

    def read(balancer: str) -> None:
        for form in slb_health_forms(states, balancer, request_of(frame, "listenerport")):
            value = gatherer.parse(model.ListenerHealth, form, origin)
            gatherer.add("listener_health", value, origin)

    owner = request_of(frame, "loadbalancerid") or str(answer.get("LoadBalancerId") or "")
    adopt(gatherer, origin, owner, lambda: classic(gatherer), "health", "健康状态", read)
    return True


# ── What an answer leaves out ────────────────────────────────────────────────────────────────


def classic(gatherer: Gatherer) -> list[str]:
    """The CLB instances of the case."""
    return [key for key in gatherer.contents.bucket("load_balancers", "") if key.startswith("lb-")]


def adopt(
    gatherer: Gatherer,
    origin: Origin,
    owner: str,
    candidates: Callable[[], Iterable[str]],
    what: str,
    what_zh: str,
    read: Callable[[str], None],
) -> None:
    """Read parts as those of their owner; where nothing names it, of the only one there can be."""
    if owner:
        read(owner)
        return

    def settle() -> None:
        found = list(candidates())
        if len(found) != 1:
            say_unplaced(gatherer, origin, f"whose {what} it is", f"{what_zh}的归属")
            return
        gatherer.notice(
            f"{origin.document} does not say whose {what} it is; taken as that of {found[0]}, "
            "the only one in the case it can belong to.",
            f"{origin.document} 未说明{what_zh}的归属，按案例中唯一可能的 {found[0]} 处理。",
            origin,
        )
        read(found[0])

    gatherer.deferred.append(settle)


def say_unplaced(gatherer: Gatherer, origin: Origin, what: str, what_zh: str) -> None:
    gatherer.notice(
        f"{origin.document} does not say {what}, so it counts for none; put it into an envelope "
        "with its action and request.",
        f"{origin.document} 未说明{what_zh}，不予采用；请用带 action 和 request 的信封格式提供。",
        origin,
    )
