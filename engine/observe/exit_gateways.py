"""The mode of the VPC and its gateways: IPv4 gateway, NAT gateways and their state."""

from __future__ import annotations

from typing import Literal

from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.alibaba import NatGateway, RouteEntry, SnatEntry, VSwitch
from wayout.engine.facts.internet_exit import NatGatewayState, VpcExit
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.exit_ground import Ground, vpc_match, word
from wayout.engine.observe.nat_entries import best_snat, block_of, source_of
from wayout.engine.observe.routing import hop_class

__all__ = ["nat_gateway_state", "vpc_exit"]


def vpc_exit(ground: Ground) -> Sighting:
    """The mode of the VPC and whether it has an Internet NAT gateway."""
    mode, gateway, proof = mode_of(ground)
    listing = ground.case.listing(NatGateway)
    ours = [r for r in listing.records if r.value.vpc_id in (None, ground.vpc_id, "")]
    public = [r for r in ours if (r.value.network_type or "").lower() == "internet"]
    is_open = any(r.value.network_type is None for r in ours)
    if public:
        nat_state: Literal["has", "none", "unknown"] = "has"
    else:
        nat_state = "none" if listing.is_complete and not is_open else "unknown"
    candidate = best_candidate(ground, public)
    fact = VpcExit(
        pod=ground.view.pod,
        vpc=ground.vpc_id,
        mode=mode,
        ipv4_gateway=gateway,
        nat_state=nat_state,
        nat=candidate.value.nat_gateway_id if candidate else "",
    )
    origins = candidate.origins if candidate else listing.origins
    return Sighting(fact, (*proof, *origins))


def mode_of(
    ground: Ground,
) -> tuple[Literal["direct", "centralised", "undetermined"], str, tuple[Origin, ...]]:
    """Whether an IPv4 gateway is in force: by the VPC document, else by a route that names one."""
    vpc = ground.vpc
    if vpc is not None and vpc.value.ipv4_gateway_id:
        return "centralised", vpc.value.ipv4_gateway_id, (vpc.origin.at("Ipv4GatewayId"),)
    if vpc is not None and vpc.value.support_ipv4_gateway:
        hinted, _ = hinted_gateway(ground)
        # Without an id the gateway may just not be in the document; "" says that it is gone.
        gateway = hinted or ("" if vpc.value.ipv4_gateway_id == "" else "unknown")
        return "centralised", gateway, (vpc.origin.at("SupportIpv4Gateway"),)
    hinted, proof = hinted_gateway(ground)
    if hinted:
        return "centralised", hinted, proof
    is_told = vpc is not None and (
        vpc.value.support_ipv4_gateway is False or vpc.value.ipv4_gateway_id == ""
    )
    if vpc is not None and is_told:
        return "direct", "", (vpc.origin.at("SupportIpv4Gateway"),)
    return "undetermined", "", ()


def hinted_gateway(ground: Ground) -> tuple[str, tuple[Origin, ...]]:
    """An IPv4 gateway that a route of this VPC's vSwitches leads to."""
    tables = {
        record.value.route_table_id
        for record in ground.case.listing(VSwitch).records
        if record.value.vpc_id in (None, ground.vpc_id)
    }
    for record in ground.case.listing(RouteEntry).records:
        for hop in record.value.next_hops:
            is_gateway = hop_class(hop.next_hop_type) == "ipv4-gateway"
            if is_gateway and hop.next_hop_id and record.value.route_table_id in tables:
                return hop.next_hop_id, record.origins
    return "", ()


def best_candidate(ground: Ground, public: list[Record[NatGateway]]) -> Record[NatGateway] | None:
    """The gateway a missing route should name: one whose SNAT serves the pod, else the first."""
    for record in public:
        for vswitch in ground.vswitches:
            entries = ground.case.listing(SnatEntry, of=record.value.nat_gateway_id).records
            if best_snat(entries, source_of(ground, vswitch), block_of(ground, vswitch)):
                return record
    return public[0] if public else None


def nat_gateway_state(ground: Ground, gateway: str) -> Sighting:
    case = ground.case
    record = case.get(NatGateway, gateway)
    if record is None:
        listing = case.listing(NatGateway)
        fact = NatGatewayState(
            gateway=gateway,
            presence="absent" if listing.is_complete else "unknown",
            network_type="unknown",
            phase="unknown",
            status="unknown",
            business="unknown",
            business_status="unknown",
            bind_mode="unknown",
            vpc_match="unknown",
            eip_count=-1,
            has_all_fields=False,
        )
        return Sighting(fact, listing.origins)
    value = record.value
    kind = (value.network_type or "").lower()
    fact = NatGatewayState(
        gateway=gateway,
        network_type="internet" if kind == "internet" else "intranet" if kind else "unknown",
        phase=word(value.status, "available", "other"),
        status=value.status or "unknown",
        business=word(value.business_status, "normal", "abnormal"),
        business_status=value.business_status or "unknown",
        bind_mode=value.eip_bind_mode or "unknown",
        vpc=value.vpc_id or "",
        vpc_match=vpc_match(value.vpc_id, ground.vpc_id),
        vswitch=value.v_switch_id or "",
        eip_count=len(value.ips) if value.ips is not None else -1,
        eips=snat_addresses(value),
        snat_table=snat_table(case, value),
        has_all_fields=bool(kind and value.status and value.business_status)
        and value.ips is not None,
    )
    return Sighting(fact, record.origins)


def snat_addresses(gateway: NatGateway) -> str:
    """The addresses a new SNAT entry may use: those that DNAT does not hold alone."""
    ips = [ip for ip in gateway.ips or () if ip.using_status != "UsedByForwardTable"]
    return ",".join(ip.ip_address for ip in ips) or "<eip-address>"


def snat_table(case: Case, gateway: NatGateway) -> str:
    if gateway.snat_table_ids:
        return gateway.snat_table_ids[0]
    entries = case.listing(SnatEntry, of=gateway.nat_gateway_id).records
    return next(
        (e.value.snat_table_id for e in entries if e.value.snat_table_id), "<snat-table-id>"
    )
