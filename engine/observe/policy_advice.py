"""What would help a denied flow: the rule that nearly allows it, and the narrowest new policy."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Literal

from wayout.engine.case import Record
from wayout.engine.case.kubernetes import NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort
from wayout.engine.facts.common import Flow
from wayout.engine.facts.policy import EgressOpening, PolicyNearMiss
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.moving import network_to_open
from wayout.engine.observe.network_policy import (
    Destination,
    excepted,
    peers_allow,
    port_number,
    ports_allow,
)
from wayout.engine.observe.placement import places
from wayout.engine.observe.selectors import (
    NAMESPACE_NAME,
    describe_labels,
    describe_selector,
    lasting,
    selector_json,
)

__all__ = [
    "compact",
    "describe_port",
    "describe_target",
    "missed_peers",
    "missed_ports",
    "nearest_miss",
    "opening",
    "policy_name",
    "port_item",
    "port_pairs",
]

Isolating = Sequence[Record[NetworkPolicy]]
PortFailure = tuple[int, Literal["protocol", "port", "named-port"], str]
PeerFailure = tuple[int, Literal["except", "peer"], str]

# ── The nearest rule ─────────────────────────────────────────────────────────────────────────


def nearest_miss(flow: Flow, isolating: Isolating, to: Destination) -> Iterator[Sighting]:
    """The one rule that fails in a single field, the most telling kind of failure first."""
    misses = sorted(misses_of(flow, isolating, to), key=lambda miss: miss[0])
    if misses:
        yield misses[0][1]


def misses_of(flow: Flow, isolating: Isolating, to: Destination) -> Iterator[tuple[int, Sighting]]:
    for record in isolating:
        policy = record.value
        for index, rule in enumerate(policy.spec.egress or ()):
            reaches = peers_allow(rule.to, policy.metadata.namespace, to)
            admits = ports_allow(rule.ports, to)
            failure: PortFailure | PeerFailure
            if reaches is True and admits is False:
                failure = missed_ports(rule.ports, to)
                got, part = describe_port(to.protocol, to.port), "ports"
            elif admits is True and reaches is False:
                failure = missed_peers(rule.to, to)
                got, part = describe_destination(flow, to), "to"
            else:
                continue
            rank, failed, wanted = failure
            fact = PolicyNearMiss(
                flow=flow.flow,
                policy=policy.key,
                rule=index + 1,
                failed=failed,
                wanted=wanted,
                got=got,
            )
            yield rank, Sighting(fact, places(record, "spec", "egress", index, part))


def missed_ports(ports: Sequence[NetworkPolicyPort], to: Destination) -> PortFailure:
    wanted = ", ".join(describe_ports(item) for item in ports)
    if any(port_number(item) == to.port and item.protocol.upper() != to.protocol for item in ports):
        return 0, "protocol", wanted
    same = [item for item in ports if item.protocol.upper() == to.protocol]
    if any(item.port is not None and port_number(item) is None for item in same):
        return 2, "named-port", wanted
    return (3, "port", wanted) if same else (4, "protocol", wanted)


def missed_peers(peers: Sequence[NetworkPolicyPeer], to: Destination) -> PeerFailure:
    for peer in peers:
        if peer.ip_block and to.ip and (hole := excepted(peer.ip_block, to.ip)):
            return 1, "except", hole
    return 5, "peer", "; ".join(describe_peer(peer) for peer in peers)


def describe_ports(item: NetworkPolicyPort) -> str:
    port = "" if item.port is None else f" {item.port}"
    return f"{item.protocol}{port}{'' if item.end_port is None else f'-{item.end_port}'}"


def describe_port(protocol: str, port: int) -> str:
    return f"{protocol} {port}" if port else protocol


def describe_peer(peer: NetworkPolicyPeer) -> str:
    """In the words of the API: `podSelector app=db + namespaceSelector {}`."""
    parts = []
    if peer.ip_block is not None:
        parts.append(f"ipBlock {peer.ip_block.cidr}")
    if peer.pod_selector is not None:
        parts.append(f"podSelector {describe_selector(peer.pod_selector)}")
    if peer.namespace_selector is not None:
        parts.append(f"namespaceSelector {describe_selector(peer.namespace_selector)}")
    return " + ".join(parts)


def describe_target(flow: Flow, to: Destination | None) -> str:
    """Address, pod, protocol and port: `10.0.0.5 = data/pg-0 (app=pg) TCP 5432`."""
    if not flow.ip:
        return f"{flow.destination} ({flow.protocol.upper()})"
    where = flow.ip if to is None else describe_destination(flow, to)
    return f"{where} {describe_port(flow.protocol.upper(), flow.port)}"


def describe_destination(flow: Flow, to: Destination) -> str:
    pods = ", ".join(
        f"{pod.name} ({describe_labels(lasting(pod.labels.known))})" for pod in to.pods
    )
    return f"{flow.ip} = {pods}" if pods else flow.ip


# ── The parts of a fix ───────────────────────────────────────────────────────────────────────


def opening(view: View, flow: Flow, isolating: Isolating, to: Destination) -> Iterator[Sighting]:
    """The narrowest policy that admits the flow; what is not known stands there as `<…>`."""
    if view.pod_record is None:
        return
    namespace, _, name = view.pod.partition("/")
    own = lasting(view.pod_record.value.metadata.labels)
    # A policy for {} would isolate every pod of the namespace; the selector that isolates this
    # pod already adds none.
    pod_selector = isolating[0].value.spec.pod_selector
    peers, peer = narrowest_peer(flow, namespace, to, network_to_open(view, flow))
    ports = [port_item(*pair) for pair in port_pairs(flow, to)]
    fact = EgressOpening(
        flow=flow.flow,
        pod=view.pod,
        namespace=namespace,
        name=policy_name(name, flow),
        selector_json=compact({"matchLabels": own}) if own else selector_json(pod_selector),
        peers_json=compact(peers),
        ports_json=compact(ports),
        peer=peer,
        ports=", ".join(describe_port(*pair) for pair in port_pairs(flow, to)) or "*",
    )
    yield Sighting(fact, places(view.pod_record, "metadata", "labels"))


def port_item(protocol: str, port: int) -> dict[str, object]:
    return {"protocol": protocol, "port": port} if port else {"protocol": protocol}


def narrowest_peer(
    flow: Flow, namespace: str, to: Destination, network: str
) -> tuple[list[dict[str, object]], str]:
    """The destination pod by its labels, so that it may move; otherwise just its address, or the
    network in which it moves."""
    pod = to.pods[0] if len(to.pods) == 1 and not to.pods[0].is_host_network else None
    labels = {} if pod is None else lasting(pod.labels.known)
    if pod is None or not labels:
        cidr = network or f"{flow.ip or '<address>'}/32"
        if to.is_service:
            cidr = "<endpoint-address>/32"
        return [{"ipBlock": {"cidr": cidr}}], cidr
    peer: dict[str, object] = {"podSelector": {"matchLabels": labels}}
    if pod.namespace != namespace:
        peer["namespaceSelector"] = {"matchLabels": {NAMESPACE_NAME: pod.namespace}}
    return [peer], f"{pod.namespace}/{describe_labels(labels)}"


def port_pairs(flow: Flow, to: Destination) -> list[tuple[str, int]]:
    """Protocol and port; a name lookup needs both transports, and ICMP cannot be listed at all."""
    if to.protocol == "ICMP":
        return []
    if flow.role == "lookup":
        return [("UDP", to.port), ("TCP", to.port)]
    return [(to.protocol, to.port)]


def policy_name(pod: str, flow: Flow) -> str:
    """A DNS-1123 name that differs between pods and destinations, so that none is overwritten."""
    parts = [pod[:120].rstrip("-."), "egress", flow.ip.replace(".", "-") or "unresolved"]
    parts += ["dns"] if flow.role == "lookup" else [flow.protocol, str(flow.port or "any")]
    return "-".join(parts).lower()


def compact(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
