"""How a pod could reach the Internet: its own EIP, DNAT mappings, SNAT entries, gateways."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from wayout.engine.case import Addon, Case, Origin, Pod, Record
from wayout.engine.case.alibaba import (
    Eip,
    ForwardEntry,
    NatGateway,
    NetworkInterface,
    RouteEntry,
    SnatEntry,
    Vpc,
    VSwitch,
)
from wayout.engine.case.kubernetes import PodEip
from wayout.engine.facts.internet_exit import (
    EipEvidence,
    EipRecord,
    EipRequest,
    ExitNeed,
    Hairpin,
    IpMapping,
    Ipv6Bandwidth,
    NatGatewayState,
    SnatAddress,
    SnatChoice,
    StaleSnat,
    VpcExit,
)
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.placement import (
    ALLOCATED_ENI,
    eni_of,
    split_ids,
    vpc_id_of,
    vpc_of,
    vswitch_candidates,
)
from wayout.engine.observe.route import source_ip
from wayout.engine.observe.routing import hop_class

__all__ = ["Source", "best_snat", "observe"]

CONTROLLER = "ack-extend-network-controller"
ALLOCATED_EIP = (
    "network.alibabacloud.com/allocated-eip-id",
    "k8s.aliyun.com/allocated-eip-id",
)
ALLOCATED_ADDRESS = (
    "network.alibabacloud.com/allocated-eip-address",
    "k8s.aliyun.com/allocated-eipAddress",
)
AUTO_EIP = (
    "network.alibabacloud.com/pod-with-eip",
    "k8s.aliyun.com/pod-with-eip",
    "k8s.aliyun.com/eci-with-eip",
)
GIVEN_EIP = (
    "network.alibabacloud.com/pod-eip-instanceid",
    "k8s.aliyun.com/pod-eip-instanceid",
    "k8s.aliyun.com/eci-eip-instanceid",
)
IPV6_BANDWIDTH = "network.alibabacloud.com/ipv6-bandwidth-enable"
NO_EXIT_SCOPES = ("vpc", "service", "pod", "cloud-service", "private", "metadata", "vpc-dns")


@dataclass(frozen=True, slots=True)
class Source:
    """What SNAT entries are matched against: the pod's address, vSwitch and ENI; "" = unknown."""

    ip: str
    vswitch: str
    eni: str = ""


@dataclass(frozen=True, slots=True)
class Ground:
    """The pod and its VPC as this gate needs them."""

    view: View
    eni: Record[NetworkInterface] | None
    eni_id: str
    ip: str
    vpc_id: str
    vpc: Record[Vpc] | None
    vswitches: tuple[str, ...]
    gateways: tuple[str, ...]  # known ones and those that routes name, sorted

    @property
    def case(self) -> Case:
        return self.view.case


def observe(view: View) -> Iterator[Sighting]:
    """Exit facts; only the address classes when no flow may need an Internet exit."""
    needs = {flow.flow: exit_need(flow.scope) for flow in view.flows}
    for flow in view.flows:
        yield Sighting(ExitNeed(flow=flow.flow, need=needs[flow.flow]))
    has_exit_flow = any(need != "no" for need in needs.values())
    if not has_exit_flow and all(flow.scope != "private" for flow in view.flows):
        return
    ground = ground_of(view)
    if not has_exit_flow:
        # A private flow that a route takes to a gateway ends there unless it is a VPC NAT gateway.
        for gateway in ground.gateways:
            yield nat_gateway_state(ground, gateway)
        return
    yield from own_eip(ground)
    yield from eip_request(ground)
    yield vpc_exit(ground)
    yield ipv6_bandwidth(view)
    for gateway in ground.gateways:
        yield nat_gateway_state(ground, gateway)
        yield from ip_mappings(ground, gateway)
        for vswitch in ground.vswitches:
            yield from snat_facts(ground, gateway, vswitch)
    yield from hairpins(ground)


def exit_need(scope: str) -> Literal["yes", "no", "undetermined"]:
    if scope == "internet":
        return "yes"
    return "no" if scope in NO_EXIT_SCOPES or scope == "own-load-balancer" else "undetermined"


def ground_of(view: View) -> Ground:
    eni = eni_of(view)
    annotations = annotations_of(view)
    vpc = vpc_of(view.case, view.pod_record, eni)
    vpc_id = vpc_id_of(view.case, view.pod_record, eni) or (vpc.value.vpc_id if vpc else "")
    named = {
        hop.next_hop_id
        for entry in view.case.listing(RouteEntry).records
        for hop in entry.value.next_hops
        if hop.next_hop_id and hop_class(hop.next_hop_type) == "nat"
    }
    known = {record.value.nat_gateway_id for record in view.case.listing(NatGateway).records}
    return Ground(
        view=view,
        eni=eni,
        eni_id=eni.value.network_interface_id if eni else annotations.get(ALLOCATED_ENI, ""),
        ip=source_ip(view),
        vpc_id=vpc_id,
        vpc=vpc,
        vswitches=tuple(dict.fromkeys(c.vswitch for c in vswitch_candidates(view))),
        gateways=tuple(sorted(named | known)),
    )


def annotations_of(view: View) -> dict[str, str]:
    record = view.pod_record
    return record.value.metadata.annotations if record is not None else {}


# ── The pod's own EIP ────────────────────────────────────────────────────────────────────────


def own_eip(ground: Ground) -> Iterator[Sighting]:
    """One piece of evidence per source, and the record of each EIP they name."""
    evidence = [by_list(ground), by_eni(ground), by_controller(ground), by_annotation(ground)]
    yield from evidence
    named = (s.fact for s in evidence if isinstance(s.fact, EipEvidence))
    addresses = [fact.address for fact in named if fact.state == "bound" and fact.address]
    yield from eip_records(ground.case, dict.fromkeys(addresses))


def by_list(ground: Ground) -> Sighting:
    """The EIP that is bound to the pod's ENI and address, by DescribeEipAddresses."""
    pod, listing = ground.view.pod, ground.case.listing(Eip)
    is_certain = bool(ground.eni_id or ground.ip)
    for record in listing.records:
        match is_of_pod(ground, record.value):
            case True:
                eip = record.value
                fact = EipEvidence(
                    pod=pod,
                    source="eips",
                    state="bound",
                    eip=eip.allocation_id,
                    address=eip.ip_address,
                )
                return Sighting(fact, (record.origin.at("InstanceId"),))
            case None:
                is_certain = False
            case False:
                pass
    if listing.is_complete and is_certain:
        return Sighting(EipEvidence(pod=pod, source="eips", state="none"), listing.origins)
    return Sighting(EipEvidence(pod=pod, source="eips"))


def is_of_pod(ground: Ground, eip: Eip) -> bool | None:
    """Whether an EIP is bound to the pod; None when its document does not tell."""
    if eip.instance_id == "" or (eip.instance_type or "NetworkInterface") != "NetworkInterface":
        return False
    private = eip.private_ip_address
    if private and ground.ip and private != ground.ip:
        return False
    if ground.eni_id:
        return None if eip.instance_id is None else eip.instance_id == ground.eni_id
    if eip.vpc_id and ground.vpc_id and eip.vpc_id != ground.vpc_id:
        return False
    return True if private and private == ground.ip else None


def by_eni(ground: Ground) -> Sighting:
    """`AssociatedPublicIp` of the ENI; it speaks for the primary address only."""
    pod, eni = ground.view.pod, ground.eni
    unknown = Sighting(EipEvidence(pod=pod, source="eni"))
    if eni is None or eni.value.associated_public_ip is None:
        return unknown
    primary = eni.value.private_ip_address
    if primary and ground.ip and primary != ground.ip:
        return unknown
    address = eni.value.associated_public_ip
    fact = EipEvidence(
        pod=pod,
        source="eni",
        state="bound" if address else "none",
        eip=eni.value.associated_public_ip_allocation_id or "",
        address=address,
    )
    return Sighting(fact, (eni.origin.at("AssociatedPublicIp"),))


def by_controller(ground: Ground) -> Sighting:
    """The PodEIP object of the pod, which counts only while it is in use."""
    pod = ground.view.pod
    record = ground.case.get(PodEip, pod) if "/" in pod else None
    if record is None or record.value.status.status.lower() != "inuse":
        return Sighting(EipEvidence(pod=pod, source="controller"))
    status = record.value.status
    if status.private_ip_address and ground.ip and status.private_ip_address != ground.ip:
        return Sighting(EipEvidence(pod=pod, source="controller"))
    fact = EipEvidence(
        pod=pod,
        source="controller",
        state="bound",
        eip=record.value.spec.allocation_id,
        address=status.eip_address or address_of(ground.case, record.value.spec.allocation_id),
    )
    return Sighting(fact, (record.origin.at("status"),))


def by_annotation(ground: Ground) -> Sighting:
    """What ACS or the controller wrote on the pod; silence says nothing."""
    pod, annotations = ground.view.pod, annotations_of(ground.view)
    eip_key, eip = first_of(annotations, ALLOCATED_EIP)
    address_key, address = first_of(annotations, ALLOCATED_ADDRESS)
    if not (eip or address):
        return Sighting(EipEvidence(pod=pod, source="annotation"))
    fact = EipEvidence(
        pod=pod,
        source="annotation",
        state="bound",
        eip=eip,
        address=address or address_of(ground.case, eip),
    )
    return Sighting(fact, pod_places(ground.view, eip_key or address_key))


def first_of(annotations: dict[str, str], keys: Iterable[str]) -> tuple[str, str]:
    """The first key of `keys` with a value, and the value."""
    for key in keys:
        if value := annotations.get(key, "").strip():
            return key, value
    return "", ""


def pod_places(view: View, key: str) -> tuple[Origin, ...]:
    record = view.pod_record
    return (record.origin.at("metadata", "annotations", key),) if record is not None else ()


def address_of(case: Case, allocation_id: str) -> str:
    record = case.get(Eip, allocation_id) if allocation_id else None
    return record.value.ip_address if record is not None else ""


def eip_records(case: Case, addresses: Iterable[str]) -> Iterator[Sighting]:
    """The record of each address that has one."""
    by_address = {record.value.ip_address: record for record in case.listing(Eip).records}
    for address in addresses:
        if (record := by_address.get(address)) is not None:
            yield Sighting(eip_record(record.value), record.origins)


def eip_record(eip: Eip) -> EipRecord:
    return EipRecord(
        address=eip.ip_address,
        eip=eip.allocation_id,
        binding=binding_of(eip.status),
        business=word(eip.business_status, "normal", "abnormal"),
        lock=",".join(sorted(eip.lock_reasons)),
        package=eip.bandwidth_package_id or "",
    )


def binding_of(status: str | None) -> Literal["in-use", "changing", "free", "unknown"]:
    match (status or "").strip().lower():
        case "inuse":
            return "in-use"
        case "associating" | "unassociating":
            return "changing"
        case "available" | "releasing":
            return "free"
        case _:
            return "unknown"


def eip_request(ground: Ground) -> Iterator[Sighting]:
    """The annotation that asks for an EIP, if there is one."""
    view, annotations = ground.view, annotations_of(ground.view)
    given_key, given = first_of(annotations, GIVEN_EIP)
    auto_key = next((k for k in AUTO_EIP if annotations.get(k, "").strip().lower() == "true"), "")
    if not (given or auto_key):
        return
    attachment, proof = attachment_of(ground)
    fact = EipRequest(
        pod=view.pod,
        mode="given" if given else "auto",
        key=given_key or auto_key,
        eip=given,
        controller=controller_state(ground.case),
        attachment=attachment,
        other_pod=other_claimant(ground, given) if given else "",
    )
    yield Sighting(fact, (*pod_places(view, given_key or auto_key), *proof))


def attachment_of(
    ground: Ground,
) -> tuple[Literal["in-use", "pending", "absent", "unknown"], tuple[Origin, ...]]:
    pod = ground.view.pod
    record = ground.case.get(PodEip, pod) if "/" in pod else None
    if record is not None:
        is_used = record.value.status.status.lower() == "inuse"
        return ("in-use" if is_used else "pending"), (record.origin.at("status", "status"),)
    listing = ground.case.listing(PodEip, of=pod.partition("/")[0])
    return ("absent", listing.origins) if listing.is_complete else ("unknown", ())


def controller_state(case: Case) -> Literal["installed", "absent", "unknown"]:
    record = case.get(Addon, CONTROLLER)
    if record is not None:
        return record.value.state
    return "absent" if case.listing(Addon).is_complete else "unknown"


def other_claimant(ground: Ground, eip: str) -> str:
    """Another pod whose annotation names the same EIP; the first by name, or ""."""
    for record in ground.case.listing(Pod).records:
        pod = record.value
        if pod.key != ground.view.pod and first_of(pod.metadata.annotations, GIVEN_EIP)[1] == eip:
            return pod.key
    return ""


# ── VPC and gateways ─────────────────────────────────────────────────────────────────────────


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


Good = TypeVar("Good", bound=str)
Bad = TypeVar("Bad", bound=str)


def word(text: str | None, good: Good, bad: Bad) -> Good | Bad | Literal["unknown"]:
    """`good` when the text says so in any letter case, else `bad`; "unknown" without a text."""
    if not text:
        return "unknown"
    return good if text.strip().lower() == good else bad


def vpc_match(theirs: str | None, ours: str) -> Literal["same", "other", "unknown"]:
    if not theirs or not ours:
        return "unknown"
    return "same" if theirs == ours else "other"


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


# ── DNAT and SNAT ────────────────────────────────────────────────────────────────────────────


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


def snat_facts(ground: Ground, gateway: str, vswitch: str) -> Iterator[Sighting]:
    choice = snat_choice(ground, gateway, vswitch)
    yield choice
    fact = choice.fact
    if isinstance(fact, SnatChoice) and fact.state == "chosen":
        addresses = split_ids(fact.addresses)
        for address in addresses:
            yield snat_address(ground, gateway, fact.entry, address)
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


def snat_address(ground: Ground, gateway: str, entry: str, address: str) -> Sighting:
    """Whether a public address of an entry is bound to the gateway that uses it."""
    case = ground.case
    eip = next((r for r in case.listing(Eip).records if r.value.ip_address == address), None)
    if eip is not None and eip.value.instance_id is not None:
        binding: Literal["bound", "elsewhere", "unknown"] = (
            "bound" if eip.value.instance_id == gateway else "elsewhere"
        )
        return Sighting(
            SnatAddress(gateway=gateway, entry=entry, address=address, binding=binding),
            (eip.origin.at("InstanceId"),),
        )
    record = case.get(NatGateway, gateway)
    listing = case.listing(Eip)
    origins: tuple[Origin, ...] = ()
    if record is not None and record.value.ips is not None:
        is_there = any(ip.ip_address == address for ip in record.value.ips)
        binding, origins = ("bound" if is_there else "elsewhere"), (record.origin.at("IpLists"),)
    elif eip is None and listing.is_complete:
        binding, origins = "elsewhere", listing.origins
    else:
        binding = "unknown"
    fact = SnatAddress(gateway=gateway, entry=entry, address=address, binding=binding)
    return Sighting(fact, origins)


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


def ipv6_bandwidth(view: View) -> Sighting:
    text = annotations_of(view).get(IPV6_BANDWIDTH, "").strip().lower()
    state: Literal["enabled", "unstated"] = "enabled" if text == "true" else "unstated"
    fact = Ipv6Bandwidth(pod=view.pod, state=state)
    return Sighting(fact, pod_places(view, IPV6_BANDWIDTH) if text else ())
