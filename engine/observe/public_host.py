"""What of this account stands behind a public address that a flow goes to.

An EIP or a fixed public address of an instance, or an EIP of a NAT gateway whose DNAT entry leads
on to a private address. What guards the interface there sees the public address of the pod's exit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Eip, ForwardEntry, NetworkInterface, Origin, Record
from wayout.engine.case.endpoints_of_services import EcsInstance
from wayout.engine.facts.common import Flow
from wayout.engine.facts.other_destinations import PublicOwner
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import MainFlow, plan_of
from wayout.engine.observe.host import Host, Stranger, host_sighting, interface_host, pods_at
from wayout.engine.observe.inbound import InboundRules
from wayout.engine.observe.instance_state import instance_state
from wayout.engine.observe.local import stays_inside
from wayout.engine.observe.named import interface_of
from wayout.engine.observe.placement import eni_of, only, vpc_id_of
from wayout.engine.observe.ports import parse_ports
from wayout.engine.observe.source_filters import acl_filters, group_filter
from wayout.engine.observe.sources import source_candidates

__all__ = ["forward_entry", "observe", "owner_of"]

CUT_THROUGH = "BINDED"  # the EIP is on the interface itself; no network ACL filters there
What = Literal[
    "interface", "instance", "pod", "entry", "no-entry", "entries-unknown", "unbound", "other"
]


class Owner(NamedTuple):
    """What has a public address, and the interface there."""

    what: What
    owner: str = ""  # id of what the address is bound to
    eip: Record[Eip] | None = None
    eni: Record[NetworkInterface] | None = None
    entry: Record[ForwardEntry] | None = None
    internal: str = ""
    vpc: str = ""
    port: int = 0  # behind a DNAT entry
    origins: tuple[Origin, ...] = ()


def observe(view: View) -> Iterator[Sighting]:
    """Who has the public address of each main flow, and what guards it."""
    plan = plan_of(view)
    for main in plan.main:
        flow = main.flow
        if flow.scope != "internet" or flow.family != "ipv4" or stays_inside(view, flow):
            continue
        if recognise(view, plan, main) is None and (owner := owner_of(view, main)) is not None:
            yield from sightings(view, flow, owner)


def sightings(view: View, flow: Flow, owner: Owner) -> Iterator[Sighting]:
    host = host_of(view.case, owner)
    yield owner_sighting(view, flow, owner, host)
    if host is None:
        return
    inside = flow.model_copy(update={"port": owner.port}) if owner.port else flow
    yield host_sighting(view.case, flow.flow, host)
    yield from instance_state(view.case, flow, host)
    inbound, candidates = InboundRules(view.case), source_candidates(view)
    public = tuple(candidate for candidate in candidates if candidate.what == "public")
    yield from group_filter(view, inside, host, inbound, public)
    if owner.eip is None or (owner.eip.value.mode or "").upper() != CUT_THROUGH:
        yield from acl_filters(view, inside, host, public)


def host_of(case: Case, owner: Owner) -> Host | None:
    """The interface as a host; None for that of a pod or a cloud service."""
    ip = parse_ip(owner.internal)
    if owner.what != "interface" or ip is None:
        return None
    found = interface_host(case, ip, owner.vpc)
    return None if isinstance(found, Stranger) else found


def owner_sighting(view: View, flow: Flow, owner: Owner, host: Host | None) -> Sighting:
    what = owner.what
    if what == "interface" and host is None:  # of a cloud service, or in doubt
        what = "other"
    own = vpc_id_of(view.case, view.pod_record, eni_of(view))
    fact = PublicOwner(
        flow=flow.flow,
        ip=flow.ip,
        eip=owner.eip.value.allocation_id if owner.eip is not None else "",
        what=what,
        host=host.name if host is not None else "",
        label=label_of(owner, host),
        owner=owner.owner,
        entry=owner.entry.value.forward_entry_id if owner.entry is not None else "",
        internal=owner.internal,
        vpc_match="unknown" if not own or not owner.vpc else same(own, owner.vpc),
    )
    return Sighting(fact, owner.origins)


def same(one: str, other: str) -> Literal["same", "other"]:
    return "same" if one == other else "other"


def label_of(owner: Owner, host: Host | None) -> str:
    instance = (owner.eni.value.instance_id or "") if owner.eni is not None else ""
    if host is not None:
        return f"{instance} ({host.name})" if instance else host.name
    return owner.owner


# ── Whose address it is ──────────────────────────────────────────────────────────────────────


def owner_of(view: View, main: MainFlow) -> Owner | None:
    """What the documents say; None when none of them shows the address."""
    case, flow = view.case, main.flow
    eip = only([r for r in case.listing(Eip).records if r.value.ip_address == flow.ip])
    if eip is not None:
        return of_eip(case, flow, eip)
    enis = case.listing(NetworkInterface).records
    eni = only([r for r in enis if r.value.associated_public_ip == flow.ip])
    if eni is not None:
        return of_interface(case, None, eni)
    instances = case.listing(EcsInstance).records
    instance = only([r for r in instances if flow.ip in r.value.public_ips])
    return of_instance(case, None, instance) if instance is not None else None


def of_eip(case: Case, flow: Flow, eip: Record[Eip]) -> Owner:
    value = eip.value
    bound = value.instance_id
    if bound == "" or (bound is None and (value.status or "").lower() == "available"):
        return Owner("unbound", eip=eip, origins=eip.origins)
    if not bound:
        return Owner("other", eip=eip, origins=eip.origins)
    if (eni := case.get(NetworkInterface, bound)) is not None:
        return of_interface(case, eip, eni)
    if (instance := case.get(EcsInstance, bound)) is not None:
        return of_instance(case, eip, instance)
    if (attached := interface_of(case, bound)) is not None:
        return of_interface(case, eip, attached)
    if bound.startswith("ngw-"):
        return of_gateway(case, flow, eip, bound)
    what: What = "instance" if bound.startswith(("i-", "eni-")) else "other"
    return Owner(what, bound, eip, internal=value.private_ip_address or "", origins=eip.origins)


def of_interface(case: Case, eip: Record[Eip] | None, eni: Record[NetworkInterface]) -> Owner:
    value = eni.value
    private = (eip.value.private_ip_address if eip is not None else "") or value.private_ip_address
    origins = (*(eip.origins if eip is not None else ()), *eni.origins)
    what: What = "pod" if private and pods_at(case, private) else "interface"
    owner = value.instance_id or value.network_interface_id
    return Owner(what, owner, eip, eni, None, private, value.vpc_id or "", origins=origins)


def of_instance(case: Case, eip: Record[Eip] | None, instance: Record[EcsInstance]) -> Owner:
    value = instance.value
    if (eni := interface_of(case, value.instance_id)) is not None:
        return of_interface(case, eip, eni)
    private = next(iter(value.private_ips), "")
    origins = (*(eip.origins if eip is not None else ()), *instance.origins)
    vpc = value.vpc_id or ""
    return Owner("instance", value.instance_id, eip, None, None, private, vpc, origins=origins)


# ── Behind a NAT gateway ─────────────────────────────────────────────────────────────────────


def of_gateway(case: Case, flow: Flow, eip: Record[Eip], gateway: str) -> Owner:
    listing = case.listing(ForwardEntry, of=gateway)
    entry = forward_entry(listing.records, flow)
    if entry is None:
        what: What = "no-entry" if listing.is_complete else "entries-unknown"
        return Owner(what, gateway, eip, origins=(*eip.origins, *listing.origins))
    internal, port = entry.value.internal_ip, parse_port(entry.value.internal_port)
    vpc = eip.value.vpc_id or ""
    ip = parse_ip(internal)
    origins = (*eip.origins, *entry.origins)
    found = interface_host(case, ip, vpc) if ip is not None else Stranger("no-interface")
    if internal and pods_at(case, internal):
        return Owner("pod", gateway, eip, None, entry, internal, vpc, port, origins)
    if isinstance(found, Stranger):
        return Owner("entry", gateway, eip, None, entry, internal, vpc, port, origins)
    return Owner(
        "interface", gateway, eip, found.eni, entry, internal, found.vpc, port, origins
    )  # fmt: skip


def forward_entry(
    entries: tuple[Record[ForwardEntry], ...], flow: Flow
) -> Record[ForwardEntry] | None:
    """The DNAT entry that takes the flow; one for its port comes before one for any port."""
    found = [record for record in entries if takes(record.value, flow)]
    return min(found, key=lambda record: is_any(record.value.external_port), default=None)


def takes(entry: ForwardEntry, flow: Flow) -> bool:
    if entry.external_ip != flow.ip or entry.ip_protocol.lower() not in ("any", "", flow.protocol):
        return False
    if is_any(entry.external_port):
        return True
    ports = parse_ports(entry.external_port.replace("-", "/"))
    return ports is not None and bool(flow.port) and ports.contains(flow.port)


def is_any(port: str) -> bool:
    return port.strip().lower() in ("", "any")


def parse_port(text: str) -> int:
    """A single internal port; 0 for a range or any port, which keeps the port of the flow."""
    word = text.strip()
    return int(word) if word.isascii() and word.isdigit() and len(word) < 6 else 0
