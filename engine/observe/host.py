"""What has the address of a main flow: a pod of the cluster, or a network interface of the account.

Only addresses inside the VPC are looked at; what cannot be judged there says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.case.alibaba import NetworkInterface, VSwitch
from wayout.engine.case.kubernetes import NetworkPolicy
from wayout.engine.facts.destination_access import DestinationHost, DestinationStranger
from wayout.engine.observe.address import Ip, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import MainFlow, Plan
from wayout.engine.observe.local import stays_inside
from wayout.engine.observe.peers import addresses_of
from wayout.engine.observe.placement import (
    GroupCandidate,
    VSwitchCandidate,
    contains,
    eni_of,
    eni_of_pod,
    groups_of_pod,
    places,
    pod_ip,
    read_vswitches,
    vpc_id_of,
    vswitch_candidates,
)
from wayout.engine.observe.policy_enforcement import read_component

__all__ = [
    "Client",
    "Host",
    "Stranger",
    "client_of",
    "find_host",
    "host_sighting",
    "interface_host",
    "pods_at",
    "stranger_fact",
]

Why = Literal[
    "not-collected",
    "no-interface",
    "managed",
    "managed-or-pod",
    "host-network",
    "several",
    "ipv6",
    "client",
]
SCOPES = ("vpc", "pod")
DETACHED = frozenset({"available", "createfailed", "deleting"})


@dataclass(frozen=True, slots=True)
class Client:
    """Whom the destination sees: the pod that asks, as nothing translates it inside a VPC."""

    ip: Ip
    text: str
    vpc: str
    network: str  # the CIDR block of its vSwitch, which outlives the pod; else its address alone
    is_foreign: bool = False  # no interface in the VPC of the destination has the address


@dataclass(frozen=True, slots=True)
class Host:
    """One pod or network interface that a flow ends at."""

    name: str  # namespace/name of the pod, or the id of the interface
    ip: Ip
    pod: Record[Pod] | None
    eni: Record[NetworkInterface] | None
    is_pod: bool
    groups: tuple[GroupCandidate, ...]
    vswitches: tuple[VSwitchCandidate, ...]
    vpc: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Why nobody can say what guards the address."""

    why: Why
    origins: tuple[Origin, ...] = ()


def client_of(view: View) -> Client | None:
    """The pod of the question as a source; None while its address is not known."""
    record, eni = view.pod_record, eni_of(view)
    text = pod_ip(record.value) if record is not None else view.pod
    if parse_ip(text) is None and eni is not None:
        text = eni.value.private_ip_address
    ip = parse_ip(text)
    if ip is None or ip.version != 4:
        return None
    return Client(ip, str(ip), vpc_id_of(view.case, record, eni), network_of(view, str(ip)))


def network_of(view: View, ip: str) -> str:
    """The block a rule is best written with: pods are created again with other addresses."""
    for candidate in vswitch_candidates(view):
        vswitch = view.case.get(VSwitch, candidate.vswitch)
        if vswitch is not None and contains(vswitch.value.cidr_block, ip):
            return vswitch.value.cidr_block or ""
    return f"{ip}/32"


def find_host(
    view: View, plan: Plan, main: MainFlow, client: Client | None
) -> Host | Stranger | None:
    """What stands at the address of the flow; None where this is not the question."""
    flow = main.flow
    if flow.scope not in (*SCOPES, "private") or stays_inside(view, flow):
        return None
    if recognise(view, plan, main) is not None:  # judged by the rules of its product
        return None
    ip = parse_ip(flow.ip)
    if flow.scope == "private":
        return foreign_host(view.case, ip, client)
    if ip is None or ip.version != 4:
        return Stranger("ipv6")
    if client is None:
        return Stranger("client")
    key = main.pod or plan.destination.pod_key
    pods = pods_named(view.case, key) if key else pods_at(view.case, flow.ip)
    if len(pods) > 1:
        return Stranger("several", tuple(origin for pod in pods for origin in pod.origins))
    if pods and pods[0].value.spec.host_network:
        return Stranger("host-network", pods[0].origins)
    if pods or key:
        return pod_host(view.case, key or pods[0].value.key, pods[0] if pods else None, ip)
    return interface_host(view.case, ip, client.vpc)


def foreign_host(case: Case, ip: Ip | None, client: Client | None) -> Host | None:
    """The one interface with the address in another VPC of the account; None while there is none,
    because nobody then says what guards an address of another network."""
    if ip is None or ip.version != 4 or client is None or not client.vpc:
        return None
    found = [e for e in interfaces_at(case, ip, "") if e.value.vpc_id not in (None, "", client.vpc)]
    if len(found) != 1:
        return None
    host = interface_host(case, ip, found[0].value.vpc_id or "")
    return host if isinstance(host, Host) else None


def pods_named(case: Case, key: str) -> list[Record[Pod]]:
    record = case.get(Pod, key)
    return [] if record is None else [record]


def pods_at(case: Case, ip: str) -> list[Record[Pod]]:
    """The live pods with this address; those that share the address of a node only alone."""
    found = [
        record
        for record in case.listing(Pod).records
        if record.value.status.phase not in ("Succeeded", "Failed")
        and ip in addresses_of(record.value)
    ]
    return [record for record in found if not record.value.spec.host_network] or found


def pod_host(case: Case, key: str, record: Record[Pod] | None, ip: Ip) -> Host:
    if record is not None:
        eni = eni_of_pod(case, record)
    else:
        found = interfaces_at(case, ip, "")
        eni = found[0] if len(found) == 1 else None
    origins = (*places(record, "status", "podIP"), *(eni.origins if eni is not None else ()))
    return Host(
        name=key,
        ip=ip,
        pod=record,
        eni=eni,
        is_pod=True,
        groups=groups_of_pod(case, record, eni),
        vswitches=tuple(read_vswitches(case, record, eni, str(ip))),
        vpc=vpc_id_of(case, record, eni),
        origins=origins,
    )


def interfaces_at(case: Case, ip: Ip, vpc: str) -> list[Record[NetworkInterface]]:
    text = str(ip)
    return [
        record
        for record in case.listing(NetworkInterface).records
        if text in (record.value.private_ip_address, *record.value.private_ips)
        and (not vpc or record.value.vpc_id in (None, "", vpc))
    ]


def interface_host(case: Case, ip: Ip, vpc: str) -> Host | Stranger:
    found = interfaces_at(case, ip, vpc)
    if not found:
        listing = case.listing(NetworkInterface)
        return Stranger("no-interface" if listing.is_complete else "not-collected", listing.origins)
    if len(found) > 1:
        return Stranger("several", tuple(origin for eni in found for origin in eni.origins))
    [eni] = found
    if is_managed(eni.value):
        # The platform also owns the interfaces of pods.
        is_certain = case.listing(Pod).is_complete
        return Stranger("managed" if is_certain else "managed-or-pod", eni.origins)
    return Host(
        name=eni.value.network_interface_id,
        ip=ip,
        pod=None,
        eni=eni,
        is_pod=False,
        groups=groups_of_pod(case, None, eni),
        vswitches=tuple(read_vswitches(case, None, eni, str(ip))),
        vpc=eni.value.vpc_id or vpc,
        origins=eni.origins,
    )


def is_managed(eni: NetworkInterface) -> bool:
    """Whether it is that of a load balancer, an endpoint or the like.

    These judge by rules of their own: their groups let everything in that no rule drops.
    """
    owner = eni.instance_id or ""
    return eni.service_managed is True or bool(owner and not owner.startswith("i-"))


# ── Facts ────────────────────────────────────────────────────────────────────────────────────


def host_sighting(case: Case, flow: str, host: Host) -> Sighting:
    if host.is_pod:
        fact = DestinationHost(flow=flow, host=host.name, label=host.name, ip=str(host.ip))
        return Sighting(fact, host.origins)
    eni = host.eni.value if host.eni is not None else None
    instance = (eni.instance_id if eni is not None else None) or ""
    status = (eni.status if eni is not None else None) or ""
    fact = DestinationHost(
        flow=flow,
        host=host.name,
        what="interface",
        label=f"{instance} ({host.name})" if instance else host.name,
        ip=str(host.ip),
        groups=",".join(host.groups[0].groups) if host.groups else "",
        vswitch=host.vswitches[0].vswitch if host.vswitches else "",
        owner="instance" if instance else "unstated",
        is_attached=status.strip().lower() not in DETACHED,
        may_be_pod=not instance and may_be_policed_pod(case),
    )
    return Sighting(fact, host.origins)


def may_be_policed_pod(case: Case) -> bool:
    """Whether the address may be that of an unknown pod on which policies are in force."""
    policies = case.listing(NetworkPolicy)
    if case.listing(Pod).is_complete or (policies.is_complete and not policies.records):
        return False
    component = read_component(case).fact
    return component.fields["state"] != "absent"


def stranger_fact(flow: str, ip: str, stranger: Stranger) -> Sighting:
    fact = DestinationStranger(flow=flow, ip=ip, why=stranger.why)
    return Sighting(fact, stranger.origins)
