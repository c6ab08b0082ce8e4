"""Services that hold lists against a source address or a VPC: NAS, registries, key stores."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Literal

from wayout.engine.case import Origin, Record
from wayout.engine.case.alibaba import Cluster
from wayout.engine.case.endpoints_of_services import (
    AccessRule,
    KeyStore,
    LinkedVpc,
    MountTarget,
    RegistryEndpoint,
)
from wayout.engine.facts.common import Flow
from wayout.engine.facts.other_destinations import (
    InstanceState,
    SourceCheck,
    SourceFilter,
    VpcLink,
)
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import MainFlow, plan_of
from wayout.engine.observe.host import client_of
from wayout.engine.observe.instance_state import observed_state
from wayout.engine.observe.placement import eni_of, vpc_id_of
from wayout.engine.observe.ports import traffic_of
from wayout.engine.observe.recognition import Recognised
from wayout.engine.observe.sources import source_candidates

__all__ = ["best_rule", "observe", "rule_order"]

State = Literal["running", "down", "changing", "unknown"]
LinkState = Literal["linked", "changing", "other", "unknown"]
Verdict = Literal["admits", "refuses", "undetermined"]
# The group that NAS makes by itself; it lets every address of the VPC in.
DEFAULT_GROUP = "DEFAULT_VPC_GROUP_NAME"
LAST_PRIORITY = 1 << 31
TARGETS: dict[str, State] = {
    "active": "running",
    "inactive": "down",
    "pending": "changing",
    "hibernating": "down",
    "deleting": "down",
}
STORES: dict[str, State] = {
    "connected": "running",
    "connecting": "changing",
    "uninitialized": "down",
    "disconnected": "down",
    "error": "down",
}


def observe(view: View) -> Iterator[Sighting]:
    """What the lists of the service at the end of each main flow say."""
    plan = plan_of(view)
    for main in plan.main:
        found = recognise(view, plan, main)
        if found is None:
            continue
        match view.products.products[found.product].access:
            case "permission-group":
                yield from mount_target(view, main, found)
            case "registry":
                yield from registry(view, main, found)
            case "key-store" if found.instance:
                yield from key_store(view, main, found)
            case "cluster-api":
                yield api_server(view, main, found)
            case _:
                pass


def own_vpc(view: View) -> str:
    return vpc_id_of(view.case, view.pod_record, eni_of(view))


def link_state(own: str, known: Iterable[tuple[str, str]]) -> LinkState:
    """Whether the pod's VPC is among those linked, each with its state; "" counts as ready."""
    if not own:
        return "unknown"
    states = [state.strip().lower() for vpc, state in known if vpc == own]
    if not states:
        return "other"
    return (
        "linked" if any(state in ("", "running", "connected") for state in states) else "changing"
    )


# ── NAS ──────────────────────────────────────────────────────────────────────────────────────


def mount_target(view: View, main: MainFlow, found: Recognised) -> Iterator[Sighting]:
    flow, host = main.flow, view.question.target.host
    named = (found.endpoint.value.host if found.endpoint is not None else "") or host
    record = view.case.get(MountTarget, named) if named else None
    value = record.value if record is not None else None
    origins = record.origins if record is not None else ()
    text = (value.status or "") if value is not None else ""
    state = InstanceState(
        flow=flow.flow,
        what="mount-target",
        name=found.instance,
        label=named or flow.ip,
        state=observed_state(text, TARGETS),
        text=text,
    )
    yield Sighting(state, origins)
    vpc = (value.vpc_id or "") if value is not None else ""
    link = VpcLink(
        flow=flow.flow,
        what="mount-target",
        name=found.instance,
        label=named or flow.ip,
        state=link_state(own_vpc(view), [(vpc, "")]) if vpc else "unknown",
        vpc=own_vpc(view),
        known=vpc,
    )
    yield Sighting(link, origins)
    group = (value.access_group or "") if value is not None else ""
    fact = SourceFilter(
        flow=flow.flow, filter="permission-group", guard=group, label=named or flow.ip
    )
    yield Sighting(fact, origins)
    for candidate in source_candidates(view):
        check, proof = group_check(view, flow, group, candidate.address, link.state == "linked")
        yield Sighting(check, (*origins, *proof, *candidate.origins))


def group_check(
    view: View, flow: Flow, group: str, address: str, is_linked: bool
) -> tuple[SourceCheck, tuple[Origin, ...]]:
    """The first rule by priority whose source contains the address; without one, nobody."""
    client = client_of(view)
    base = SourceCheck(
        flow=flow.flow,
        filter="permission-group",
        address=address,
        guard=group,
        traffic=traffic_of(flow),
        target=client.network if client is not None and client.text == address else f"{address}/32",
        winning=1,
    )
    if not group:
        lacking = {"verdict": "undetermined", "lacks": "mount_targets"}
        return base.model_copy(update=lacking), ()
    listing = view.case.listing(AccessRule, of=group)
    rule = best_rule(listing.records, parse_ip(address))
    if rule is not None:
        value = rule.value  # whichever rule comes first, each of them only grants
        found = {
            "entry": value.access_rule_id or value.source_cidr_ip,
            "order": rule_order(value),
            "grants": value.rw_access,
        }
        return base.model_copy(update=found), rule.origins
    if group == DEFAULT_GROUP and is_linked and not listing.records:
        return base.model_copy(update={"grants": "default"}), ()
    if not listing.is_complete or any(network_of(r.value) is None for r in listing.records):
        lacking = {"verdict": "undetermined", "lacks": "access_rules", "lacks_of": group}
        return base.model_copy(update=lacking), listing.origins
    return base.model_copy(update={"verdict": "refuses"}), listing.origins


def best_rule(rules: tuple[Record[AccessRule], ...], ip: Ip | None) -> Record[AccessRule] | None:
    """The matching rule with the smallest priority number; of equals, the one read first."""
    networks = ((record, network_of(record.value)) for record in rules)
    found = [r for r, network in networks if ip is not None and network and network.contains(ip)]
    return min(found, key=lambda record: rule_order(record.value), default=None)


def rule_order(rule: AccessRule) -> int:
    """Its priority as a number; what cannot be read comes last."""
    word = rule.priority.strip()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else LAST_PRIORITY


def network_of(rule: AccessRule) -> Network | None:
    return parse_cidr(rule.source_cidr_ip.strip())


# ── Registries ───────────────────────────────────────────────────────────────────────────────


def registry(view: View, main: MainFlow, found: Recognised) -> Iterator[Sighting]:
    flow = main.flow
    record = view.case.get(RegistryEndpoint, found.instance) if found.instance else None
    if found.network == "public":
        yield from public_entry(view, flow, found, record)
    elif found.instance:
        yield Sighting(registry_link(view, flow, found, record), origins_of(record))


def registry_link(
    view: View, flow: Flow, found: Recognised, record: Record[RegistryEndpoint] | None
) -> VpcLink:
    own, value = own_vpc(view), record.value if record is not None else None
    linked = value.linked_vpcs if value is not None else None
    is_off = value is not None and value.is_vpc_enabled is False
    return link_fact(flow, "registry", found.instance, own, [] if is_off else linked)


def link_fact(
    flow: Flow,
    what: Literal["registry", "key-store"],
    name: str,
    own: str,
    linked: list[LinkedVpc] | None,
) -> VpcLink:
    state = "unknown" if linked is None else link_state(own, [(v.vpc_id, v.status) for v in linked])
    return VpcLink(
        flow=flow.flow,
        what=what,
        name=name,
        label=name,
        state=state,
        vpc=own,
        known=", ".join(v.vpc_id for v in linked or () if v.vpc_id),
    )


def public_entry(
    view: View, flow: Flow, found: Recognised, record: Record[RegistryEndpoint] | None
) -> Iterator[Sighting]:
    value = record.value if record is not None else None
    states: dict[bool | None, State] = {None: "unknown", True: "running", False: "down"}
    fact = InstanceState(
        flow=flow.flow,
        what="registry",
        name=found.instance,
        label=found.instance or flow.ip,
        state=states[value.is_public_enabled if value is not None else None],
    )
    yield Sighting(fact, origins_of(record))
    if not found.instance:  # the personal edition has no access list
        return
    guard = SourceFilter(
        flow=flow.flow, filter="registry", guard=found.instance, label=found.instance
    )
    yield Sighting(guard, origins_of(record))
    entries = list((value.acl_entries or ()) if value is not None else ())
    for candidate in source_candidates(view):
        if candidate.what == "public":
            # Each list holds the addresses before it, so that the fixes for several add up.
            entries.append(f"{candidate.address}/32")
            check = entry_check(flow, found.instance, value, candidate.address, entries)
            yield Sighting(check, (*origins_of(record), *candidate.origins))


def entry_check(
    flow: Flow, name: str, value: RegistryEndpoint | None, address: str, entries: list[str]
) -> SourceCheck:
    verdict, entry = entry_verdict(value, parse_ip(address))
    return SourceCheck(
        flow=flow.flow,
        filter="registry",
        address=address,
        verdict=verdict,
        guard=name,
        entry=entry,
        traffic=traffic_of(flow),
        lacks="registry_endpoints" if verdict == "undetermined" else "",
        lacks_of=name if verdict == "undetermined" else "",
        target=f"{address}/32",
        new_entries=json.dumps(entries) if value else "",
    )


def entry_verdict(value: RegistryEndpoint | None, ip: Ip | None) -> tuple[Verdict, str]:
    """The entry that contains the address; a list that is switched off admits everybody."""
    if value is None or value.is_acl_enabled is None:
        return "undetermined", ""
    if not value.is_acl_enabled:
        return "admits", "-"
    for entry in value.acl_entries or ():
        network = parse_cidr(entry.strip())
        if network is not None and ip is not None and network.contains(ip):
            return "admits", entry
    return ("undetermined" if value.acl_entries is None else "refuses"), ""


def origins_of(record: Record[RegistryEndpoint] | None) -> tuple[Origin, ...]:
    return record.origins if record is not None else ()


# ── Key stores ───────────────────────────────────────────────────────────────────────────────


def key_store(view: View, main: MainFlow, found: Recognised) -> Iterator[Sighting]:
    record = view.case.get(KeyStore, found.instance)
    value = record.value if record is not None else None
    origins = record.origins if record is not None else ()
    text = (value.status or "") if value is not None else ""
    fact = InstanceState(
        flow=main.flow.flow,
        what="key-store",
        name=found.instance,
        label=found.instance,
        state=observed_state(text, STORES),
        text=text,
    )
    yield Sighting(fact, origins)
    bound = bound_vpcs(value) if value is not None else None
    yield Sighting(link_fact(main.flow, "key-store", found.instance, own_vpc(view), bound), origins)


def bound_vpcs(value: KeyStore) -> list[LinkedVpc] | None:
    """The VPC it was made in, and those bound to it later; None when no document tells them."""
    if value.bind_vpcs is None and not value.vpc_id:
        return None
    own = [LinkedVpc(vpc_id=value.vpc_id)] if value.vpc_id else []
    return [*own, *(value.bind_vpcs or ())]


# ── The API server ───────────────────────────────────────────────────────────────────────────


def api_server(view: View, main: MainFlow, found: Recognised) -> Sighting:
    """The load balancer in front of it, whose access control list both of its addresses share."""
    record = view.case.get(Cluster, found.instance)
    balancer = (record.value.external_loadbalancer_id or "") if record is not None else ""
    fact = InstanceState(
        flow=main.flow.flow,
        what="api-server",
        name=balancer,
        label=f"{found.instance} ({balancer})" if balancer else found.instance,
        state="unknown",
    )
    return Sighting(fact, record.origins if record is not None else ())
