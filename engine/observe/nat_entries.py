"""DNAT mappings and SNAT entries of NAT gateways, and which of them serve the pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wayout.engine.case import Origin, Record
from wayout.engine.case.alibaba import Eip, ForwardEntry, NatGateway, SnatEntry, VSwitch
from wayout.engine.case.telling import UNNAMED
from wayout.engine.facts.internet_exit import (
    Hairpin,
    IpMapping,
    SnatAddress,
    SnatChoice,
    StaleSnat,
)
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.exit_ground import Ground, vpc_match
from wayout.engine.observe.own_eip import eip_records
from wayout.engine.observe.placement import split_ids

__all__ = ["Source", "best_snat", "block_of", "hairpins", "ip_mappings", "snat_facts", "source_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """What SNAT entries are matched against: the pod's address, vSwitch and ENI; "" = unknown."""

    ip: str
    vswitch: str
    eni: str = ""


def ip_mappings(ground: Ground, gateway: str) -> Iterator[Sighting]:
    mapping = ip_mapping(ground, gateway)
    yield mapping
    if isinstance(mapping.fact, IpMapping) and mapping.fact.address:
        yield from eip_records(ground.case, (mapping.fact.address,))


def ip_mapping(ground: Ground, gateway: str) -> Sighting:
    """The "any port" DNAT entry of the gateway for the pod's address."""
    pod = ground.view.pod
    listing = ground.case.listing(ForwardEntry, of=gateway)
    for record in listing.records:
        entry = record.value
        if ground.ip and entry.internal_ip == ground.ip and is_any_port(entry):
            fact = IpMapping(
                pod=pod,
                gateway=gateway,
                state="mapped",
                address=entry.external_ip,
                entry=entry.forward_entry_id,
            )
            return Sighting(fact, record.origins)
    if listing.is_complete and ground.ip:
        return Sighting(IpMapping(pod=pod, gateway=gateway), listing.origins)
    nat = ground.case.get(NatGateway, gateway)
    uses = [ip.using_status for ip in (nat.value.ips or ())] if nat is not None else []
    if nat is not None and uses and all(use in ("UsedBySnatTable", "Idle") for use in uses):
        return Sighting(IpMapping(pod=pod, gateway=gateway), (nat.origin.at("IpLists"),))
    serves_dnat = any(use in ("UsedByForwardTable", "UsedByForwardSnatTable") for use in uses)
    if serves_dnat:
        return Sighting(IpMapping(pod=pod, gateway=gateway, state="unknown"))
    return Sighting(IpMapping(pod=pod, gateway=gateway, is_assumed=True))


def is_any_port(entry: ForwardEntry) -> bool:
    fields = (entry.ip_protocol, entry.external_port, entry.internal_port)
    is_any = all(field.strip().lower() == "any" for field in fields)
    return is_any and entry.status.strip().lower() == "available"


def hairpins(ground: Ground) -> Iterator[Sighting]:
    """Flows towards the public address of a DNAT entry of a gateway of this VPC."""
    for gateway in ground.gateways:
        for record in ground.case.listing(ForwardEntry, of=gateway).records:
            for flow in ground.view.flows:
                if flow.ip and record.value.external_ip == flow.ip:
                    fact = Hairpin(
                        flow=flow.flow,
                        gateway=gateway,
                        entry=record.value.forward_entry_id,
                        internal=record.value.internal_ip,
                    )
                    yield Sighting(fact, record.origins)


def snat_facts(ground: Ground, gateway: str, vswitch: str) -> Iterator[Sighting]:
    choice = snat_choice(ground, gateway, vswitch)
    yield choice
    fact = choice.fact
    if isinstance(fact, SnatChoice) and fact.state == "chosen":
        addresses = split_ids(fact.addresses)
        for address in addresses:
            others = ",".join(other for other in addresses if other != address)
            yield snat_address(ground, gateway, fact.entry, address, others)
        yield from eip_records(ground.case, addresses)
    yield from stale_entries(ground, gateway, vswitch)


def snat_choice(ground: Ground, gateway: str, vswitch: str) -> Sighting:
    pod, source = ground.view.pod, source_of(ground, vswitch)
    listing = ground.case.listing(SnatEntry, of=gateway)
    block = block_of(ground, vswitch)
    best = best_snat(listing.records, source, block)
    is_known = listing.is_complete and all(
        matches(r.value, source) is not None for r in listing.records
    )
    if best is not None and (is_known or prefix_of(best.value, source, block) == 32):
        entry = best.value
        fact = SnatChoice(
            pod=pod,
            vswitch=vswitch,
            gateway=gateway,
            entry=entry.snat_entry_id,
            source=entry.source_cidr or entry.source_v_switch_id or entry.network_interface_id,
            addresses=",".join(split_ids(entry.snat_ip)),
            pod_ip=ground.ip,
        )
        return Sighting(fact, best.origins)
    if not is_known:
        lacks = "snat_entries" if not listing.is_complete else "pods"
        fact = SnatChoice(
            pod=pod,
            vswitch=vswitch,
            gateway=gateway,
            state="undetermined",
            pod_ip=ground.ip,
            lacks=lacks,
            lacks_of=gateway if lacks == "snat_entries" else "",
        )
        return Sighting(fact, listing.origins)
    waiting = best_snat(listing.records, source, block, is_in_effect=False)
    other, entry_id = other_gateway(ground, gateway, vswitch)
    fact = SnatChoice(
        pod=pod,
        vswitch=vswitch,
        gateway=gateway,
        state="none",
        pod_ip=ground.ip,
        pending=waiting.value.snat_entry_id if waiting else "",
        pending_status=waiting.value.status if waiting else "",
        other_gateway=other,
        other_entry=entry_id,
    )
    return Sighting(fact, (*listing.origins, *(waiting.origins if waiting else ())))


def source_of(ground: Ground, vswitch: str) -> Source:
    return Source(ground.ip, vswitch, ground.eni_id)


def block_of(ground: Ground, vswitch: str) -> Network | None:
    record = ground.case.get(VSwitch, vswitch)
    return parse_cidr(record.value.cidr_block or "") if record is not None else None


def best_snat(
    entries: Iterable[Record[SnatEntry]],
    source: Source,
    block: Network | None,
    *,
    is_in_effect: bool = True,
) -> Record[SnatEntry] | None:
    """The entry that serves a source: of those that match, the longest source prefix.

    `block` is the CIDR block of the vSwitch, the prefix of an entry that names only the vSwitch.
    `is_in_effect` chooses between entries that are Available and those that are not yet or no
    longer.
    """
    found = [
        record
        for record in entries
        if (record.value.status.strip().lower() == "available") is is_in_effect
        and matches(record.value, source)
    ]
    return min(
        found,
        key=lambda r: (-prefix_of(r.value, source, block), r.value.snat_entry_id),
        default=None,
    )


def matches(entry: SnatEntry, source: Source) -> bool | None:
    """Whether an entry covers the source; None when the source or the entry is not known enough."""
    if entry.source_v_switch_id and entry.source_v_switch_id == source.vswitch:
        return True
    if entry.network_interface_id and source.eni:
        return entry.network_interface_id == source.eni
    if entry.source_cidr:
        network, ip = parse_cidr(entry.source_cidr), readable(source.ip)
        return network.contains(ip) if network is not None and ip is not None else None
    if entry.source_v_switch_id:
        return False if source.vswitch else None
    return None


def prefix_of(entry: SnatEntry, source: Source, block: Network | None) -> int:
    if entry.network_interface_id and entry.network_interface_id == source.eni:
        return 32
    network = parse_cidr(entry.source_cidr) if entry.source_cidr else block
    return network.prefix if network is not None else 0


def readable(text: str) -> Ip | None:
    return parse_ip(text) if text else None


def other_gateway(ground: Ground, gateway: str, vswitch: str) -> tuple[str, str]:
    """Another gateway of the VPC with an entry for the pod, and that entry; or two ""."""
    source, block = source_of(ground, vswitch), block_of(ground, vswitch)
    for other in ground.gateways:
        record = ground.case.get(NatGateway, other)
        if other == gateway or record is None:
            continue
        if vpc_match(record.value.vpc_id, ground.vpc_id) == "other":
            continue
        found = best_snat(ground.case.listing(SnatEntry, of=other).records, source, block)
        if found is not None:
            return other, found.value.snat_entry_id
    return "", ""


def snat_address(ground: Ground, gateway: str, entry: str, address: str, others: str) -> Sighting:
    """Whether a public address of an entry is bound to the gateway that uses it."""
    case = ground.case
    fact = SnatAddress(gateway=gateway, entry=entry, address=address, others=others)
    eip = next((r for r in case.listing(Eip).records if r.value.ip_address == address), None)
    if eip is not None:
        fact = fact.model_copy(update={"eip": eip.value.allocation_id or fact.eip})
    if gateway.endswith(UNNAMED):  # nobody said which gateway, so none can be another one
        there = fact.model_copy(update={"binding": "bound"})
        return Sighting(there, eip.origins if eip is not None else ())
    if eip is not None and eip.value.instance_id is not None:
        bound = "bound" if eip.value.instance_id == gateway else "elsewhere"
        return Sighting(fact.model_copy(update={"binding": bound}), (eip.origin.at("InstanceId"),))
    record = case.get(NatGateway, gateway)
    listing = case.listing(Eip)
    origins: tuple[Origin, ...] = ()
    if record is not None and record.value.ips is not None:
        is_there = any(ip.ip_address == address for ip in record.value.ips)
        bound, origins = ("bound" if is_there else "elsewhere"), (record.origin.at("IpLists"),)
    elif eip is None and listing.is_complete:
        bound, origins = "elsewhere", listing.origins
    else:
        bound = "unknown"
    return Sighting(fact.model_copy(update={"binding": bound}), origins)


def stale_entries(ground: Ground, gateway: str, vswitch: str) -> Iterator[Sighting]:
    """Entries for single addresses of the pod's vSwitch: each serves one pod that once was."""
    block = block_of(ground, vswitch)
    for record in ground.case.listing(SnatEntry, of=gateway).records:
        network = parse_cidr(record.value.source_cidr) if record.value.source_cidr else None
        if network is None or network.prefix != 32 or block is None or not ground.ip:
            continue
        if block.contains_net(network) and network != parse_cidr(ground.ip):
            fact = StaleSnat(
                pod=ground.view.pod,
                vswitch=vswitch,
                gateway=gateway,
                entry=record.value.snat_entry_id,
                source=record.value.source_cidr,
            )
            yield Sighting(fact, record.origins)
