"""What the NetworkPolicies of a destination pod say about the pod that asks.

As on the way out, what they say is measured as if they were enforced; whether they are is read
from the destination pod's own documents and judged in `knowledge/rules/policy/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import Listing, Origin, Pod, Record
from wayout.engine.case.kubernetes import GlobalTrafficPolicy, NetworkPolicy, TrafficPolicy
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import (
    IngressDecision,
    IngressNearMiss,
    IngressOpening,
    IngressTraffic,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.host import Client, Host
from wayout.engine.observe.network_policy import (
    Decision,
    Destination,
    Lack,
    PodAt,
    Selected,
    decide_ingress,
    isolates_ingress,
    peers_allow,
    ports_allow,
)
from wayout.engine.observe.peers import describe_pod
from wayout.engine.observe.placement import places
from wayout.engine.observe.policy_advice import (
    compact,
    describe_port,
    missed_peers,
    missed_ports,
    port_item,
)
from wayout.engine.observe.policy_enforcement import read_pod
from wayout.engine.observe.selectors import (
    NAMESPACE_NAME,
    Labels,
    describe_labels,
    enumerated,
    lasting,
    selector_json,
    selects,
)

__all__ = ["ingress_sightings"]

Doubt = Literal["", "missing", "port", "end-port", "host-network", "malformed"]
DOUBTS: dict[str, Doubt] = {
    "port": "port",
    "end-port": "end-port",
    "host-network": "host-network",
    "cidr": "malformed",
    "peer": "malformed",
}


class Ends(NamedTuple):
    """Both ends of one flow, as policies see them."""

    client: Destination
    at: Destination


def ingress_sightings(view: View, flow: Flow, host: Host, client: Client) -> Iterator[Sighting]:
    """Enforcement on the destination pod, what its policies say, and what would help."""
    yield from read_pod(host.name, host.pod)
    yield ingress_traffic(view, host)
    ends = ends_of(view, flow, host, client)
    listing = policies_known(view, host)
    policies = tuple(policies_of(listing.records, host))
    isolating = [record for record, selected in policies if selected.answer is True]
    missing = None if listing.is_complete else Lack("network_policies", listing.of)
    decision = decide_ingress([s for _, s in policies], ends.client, ends.at, missing)
    yield describe_decision(flow, host, listing, policies, ends, decision)
    if decision.verdict == "deny":
        yield from nearest_miss(flow, isolating, ends)
        yield from opening(flow, host, isolating, ends, client)


def policies_known(view: View, host: Host) -> Listing[NetworkPolicy]:
    return view.case.listing(NetworkPolicy, of=namespace_of(host))


def namespace_of(host: Host) -> str:
    return host.name.partition("/")[0]


def policies_of(
    records: Sequence[Record[NetworkPolicy]], host: Host
) -> Iterator[tuple[Record[NetworkPolicy], Selected]]:
    """The policies of the destination's namespace; those without ingress select nothing here."""
    labels = labels_of(host.pod)
    for record in records:
        policy = record.value
        answer = isolates_ingress(policy) and selects(policy.spec.pod_selector, labels)
        yield record, Selected(policy, Lack("pods", host.name) if answer is None else answer)


def labels_of(record: Record[Pod] | None) -> Labels:
    return Labels({}, is_complete=False) if record is None else Labels(record.value.metadata.labels)


def ends_of(view: View, flow: Flow, host: Host, client: Client) -> Ends:
    """The pod that asks as a peer, and the destination pod with its named ports."""
    asking = () if view.pod_record is None else (describe_pod(view.case, view.pod_record),)
    standing = () if host.pod is None else (describe_pod(view.case, host.pod),)
    protocol = flow.protocol.upper()
    return Ends(
        client=Destination(client.ip, protocol, 0, asking, Lack("pods", view.pod)),
        at=Destination(host.ip, protocol, flow.port, standing, Lack("pods", host.name)),
    )


def describe_decision(
    flow: Flow,
    host: Host,
    listing: Listing[NetworkPolicy],
    policies: Sequence[tuple[Record[NetworkPolicy], Selected]],
    ends: Ends,
    decision: Decision,
) -> Sighting:
    isolating = [record for record, selected in policies if selected.answer is True]
    deciding = policies[decision.policy][0] if decision.policy >= 0 else None
    what = decision.lack.what if decision.lack is not None else ""
    doubt: Doubt = DOUBTS.get(what, "missing") if what else ""
    # Only policies are listed by namespace; the other lacks name one pod or namespace.
    of = decision.lack.of if decision.lack and what == "network_policies" else ""
    fact = IngressDecision(
        flow=flow.flow,
        host=host.name,
        verdict=decision.verdict,
        namespace=namespace_of(host),
        client=describe_end(ends.client),
        traffic=describe_port(ends.at.protocol, ends.at.port),
        policies=enumerated(record.value.key for record in isolating),
        count=len(policies),
        rules=sum(len(record.value.spec.ingress or ()) for record in isolating),
        policy="" if deciding is None else deciding.value.key,
        rule=decision.rule + 1,
        is_block_on_pod=deciding is not None and only_by_block(deciding, decision.rule, ends),
        doubt=doubt,
        lacks=what if doubt == "missing" else "",
        lacks_of=of,
    )
    origins: list[Origin] = []
    if deciding is not None:
        origins += places(deciding, "spec", "ingress", decision.rule)
    elif isolating:
        origins += [origin for record in isolating for origin in places(record, "spec")]
    else:
        origins += listing.origins
    origins += places(host.pod, "metadata", "labels")
    origins += [origin for pod in ends.client.pods for origin in pod.origins]
    return Sighting(fact, tuple(dict.fromkeys(origins)))


def describe_end(end: Destination) -> str:
    """`10.0.0.5 = shop/api-0 (app=api)`."""
    pods = ", ".join(f"{p.name} ({describe_labels(lasting(p.labels.known))})" for p in end.pods)
    return f"{end.ip} = {pods}" if pods else str(end.ip)


def only_by_block(record: Record[NetworkPolicy], rule: int, ends: Ends) -> bool:
    """Whether the client pod is admitted by ipBlock alone, which not every engine does."""
    peers = record.value.spec.ingress[rule].from_ if record.value.spec.ingress else []
    selecting = [peer for peer in peers if peer.ip_block is None]
    namespace = record.value.metadata.namespace
    return bool(peers) and not (
        selecting and peers_allow(selecting, namespace, ends.client) is True
    )


# ── TrafficPolicy ────────────────────────────────────────────────────────────────────────────


def ingress_traffic(view: View, host: Host) -> Sighting:
    """Whether a traffic policy with ingress rules may have a say; what it says is not judged."""
    namespace = namespace_of(host)
    own = view.case.listing(TrafficPolicy, of=namespace)
    everywhere = view.case.listing(GlobalTrafficPolicy)
    known: tuple[Record[TrafficPolicy] | Record[GlobalTrafficPolicy], ...] = (
        *own.records,
        *everywhere.records,
    )
    found = [
        record
        for record in known
        if record.value.spec.ingress is not None
        and selects(record.value.spec.selector, labels_of(host.pod)) is not False
    ]
    state: Literal["selected", "none", "undetermined"] = "selected" if found else "none"
    lacks = of = ""
    if not found and not own.is_complete:
        state, lacks, of = "undetermined", "traffic_policies", namespace
    elif not found and not everywhere.is_complete:
        state, lacks = "undetermined", "global_traffic_policies"
    fact = IngressTraffic(
        host=host.name,
        state=state,
        policies=enumerated(record.value.key for record in found),
        lacks=lacks,
        lacks_of=of,
    )
    origins = [origin for record in found for origin in places(record, "spec")]
    return Sighting(fact, (*origins, *own.origins, *everywhere.origins))


# ── What would help ──────────────────────────────────────────────────────────────────────────


def nearest_miss(
    flow: Flow, isolating: Sequence[Record[NetworkPolicy]], ends: Ends
) -> Iterator[Sighting]:
    """The one ingress rule that fails in a single part, the most telling failure first."""
    misses: list[tuple[int, Sighting]] = []
    for record in isolating:
        policy = record.value
        for index, rule in enumerate(policy.spec.ingress or ()):
            knows = peers_allow(rule.from_, policy.metadata.namespace, ends.client)
            admits = ports_allow(rule.ports, ends.at)
            part: Literal["from", "ports"]
            if knows is True and admits is False:
                rank, _, wanted = missed_ports(rule.ports, ends.at)
                part, got = "ports", describe_port(ends.at.protocol, ends.at.port)
            elif admits is True and knows is False:
                rank, _, wanted = missed_peers(rule.from_, ends.client)
                part, got = "from", describe_end(ends.client)
            else:
                continue
            fact = IngressNearMiss(
                flow=flow.flow,
                policy=policy.key,
                rule=index + 1,
                part=part,
                wanted=wanted,
                got=got,
            )
            misses.append((rank, Sighting(fact, places(record, "spec", "ingress", index, part))))
    misses.sort(key=lambda miss: miss[0])
    yield from (sighting for _, sighting in misses[:1])


def opening(
    flow: Flow,
    host: Host,
    isolating: Sequence[Record[NetworkPolicy]],
    ends: Ends,
    client: Client,
) -> Iterator[Sighting]:
    """The narrowest policy that admits the client, by its labels so that it may move."""
    if host.pod is None:
        return
    namespace, _, name = host.name.partition("/")
    own = lasting(host.pod.value.metadata.labels)
    pod_selector = isolating[0].value.spec.pod_selector
    peers, peer = narrowest_peer(ends.client.pods, namespace, client)
    pairs = [] if ends.at.protocol == "ICMP" else [(ends.at.protocol, ends.at.port)]
    fact = IngressOpening(
        flow=flow.flow,
        host=host.name,
        namespace=namespace,
        name=policy_name(name, flow, client),
        selector_json=compact({"matchLabels": own}) if own else selector_json(pod_selector),
        peers_json=compact(peers),
        ports_json=compact([port_item(*pair) for pair in pairs]),
        peer=peer,
        ports=", ".join(describe_port(*pair) for pair in pairs) or "*",
    )
    yield Sighting(fact, places(host.pod, "metadata", "labels"))


def narrowest_peer(
    pods: Sequence[PodAt], namespace: str, client: Client
) -> tuple[list[dict[str, object]], str]:
    pod = pods[0] if len(pods) == 1 and not pods[0].is_host_network else None
    labels = {} if pod is None else lasting(pod.labels.known)
    if pod is None or not labels:
        return [{"ipBlock": {"cidr": client.network}}], client.network
    peer: dict[str, object] = {"podSelector": {"matchLabels": labels}}
    if pod.namespace != namespace:
        peer["namespaceSelector"] = {"matchLabels": {NAMESPACE_NAME: pod.namespace}}
    return [peer], f"{pod.namespace}/{describe_labels(labels)}"


def policy_name(pod: str, flow: Flow, client: Client) -> str:
    """A DNS-1123 name that differs between pods and clients, so that none is overwritten."""
    source = client.text.replace(".", "-")
    parts = [pod[:120].rstrip("-."), "ingress", source, flow.protocol, str(flow.port or "any")]
    return "-".join(parts).lower()
