"""Kubernetes NetworkPolicy: what the policies of a pod say about one flow, out of it or into it.

Additive allow-lists: a policy that selects the pod and has rules of the direction (or its type)
isolates it; then one allowing rule anywhere is enough, and there is no order and no deny rule.
Every answer is three-valued: True, False, or the `Lack` that keeps it from being known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from wayout.engine.case import Origin
from wayout.engine.case.kubernetes import (
    IpBlock,
    LabelSelector,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
)
from wayout.engine.facts.policy import Lacks
from wayout.engine.observe.address import Ip, parse_cidr
from wayout.engine.observe.selectors import Labels, all_of, any_of, selects

__all__ = [
    "Decision",
    "Destination",
    "Lack",
    "PodAt",
    "Selected",
    "decide",
    "decide_ingress",
    "excepted",
    "isolates_egress",
    "isolates_ingress",
    "peers_allow",
    "port_number",
    "ports_allow",
    "selected_pods",
]


class Lack(NamedTuple):
    """What keeps an answer from being known; `of` says which one."""

    what: Lacks
    of: str = ""


Answer = bool | Lack


@dataclass(frozen=True, slots=True)
class PodAt:
    """A pod that has the destination address."""

    name: str  # namespace/name
    namespace: str
    labels: Labels
    namespace_labels: Labels
    ports: frozenset[tuple[str, str, int]]  # name, protocol, number
    is_host_network: bool = False
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Destination:
    """One end of a flow, as policies see it: after Service translation."""

    ip: Ip | None  # None: the name has no known address
    protocol: str  # "TCP", "UDP", "SCTP", "ICMP"
    port: int  # 0: not known, or a protocol without ports
    pods: tuple[PodAt, ...] = ()
    # Whether the address may belong to a pod that no document describes, anywhere or in one
    # namespace: then selectors cannot be answered.
    stranger: Lack | Literal[False] = False
    closed_namespaces: frozenset[str] = frozenset()  # every pod of these is known
    is_service: bool = False  # a ClusterIP whose endpoints, and so their port, are not known


@dataclass(frozen=True, slots=True)
class Selected:
    """One policy of the pod's namespace for the direction, and whether it selects the pod."""

    policy: NetworkPolicy
    answer: Answer


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict; `policy` and `rule` (both counted from 0) name what allows, -1 for nothing."""

    verdict: Literal["allow", "deny", "open", "undetermined"]
    policy: int = -1
    rule: int = -1
    lack: Lack | None = None


def isolates_egress(policy: NetworkPolicy) -> bool:
    """Whether the policy applies to egress: by its types or, without any, by having rules.

    The API server fills the types in; a file may lack them. `egress: []` alone is no egress policy.
    """
    if policy.spec.policy_types:
        return "Egress" in policy.spec.policy_types
    return bool(policy.spec.egress)


def isolates_ingress(policy: NetworkPolicy) -> bool:
    """Whether the policy applies to ingress: by its types or, without any, always."""
    return not policy.spec.policy_types or "Ingress" in policy.spec.policy_types


def decide(policies: Sequence[Selected], to: Destination, missing: Lack | None = None) -> Decision:
    """What the egress rules of these policies say.

    `missing`: the namespace may have other policies that nobody collected.
    """
    return _combine(policies, lambda policy: _first_allowing(policy, to), missing)


def decide_ingress(
    policies: Sequence[Selected],
    client: Destination,
    at: Destination,
    missing: Lack | None = None,
) -> Decision:
    """What the ingress rules of these policies say: peers are about the client, ports about `at`.

    A named port means a container port of the pod the policies select, as in the other direction.
    """
    return _combine(policies, lambda policy: _first_admitting(policy, client, at), missing)


def _combine(
    policies: Sequence[Selected],
    judge: Callable[[NetworkPolicy], tuple[int, Answer]],
    missing: Lack | None,
) -> Decision:
    """Adds the policies up; `judge` gives the first rule of one that allows, and its answer.

    An unknown counts only where it could change the verdict: a definite allow by a policy that
    definitely selects the pod stands, whatever else is not known.
    """
    doubts: list[Lack] = []
    allowing: list[tuple[int, int]] = []
    for index, selected in enumerate(policies):
        if selected.answer is False:
            continue
        rule, answer = judge(selected.policy)
        if answer is True and selected.answer is True:
            return Decision("allow", index, rule)
        if answer is True:
            allowing.append((index, rule))
        elif answer is not False:
            doubts.append(answer)
    applying = [selected for selected in policies if selected.answer is not False]
    if missing is not None:
        return Decision("undetermined", lack=missing)
    if not applying:
        return Decision("open")
    if len(allowing) == len(applying):  # whichever of them select the pod, the flow passes
        return Decision("allow", *allowing[0])
    if not doubts and not allowing and any(selected.answer is True for selected in applying):
        return Decision("deny")
    doubts += [selected.answer for selected in applying if isinstance(selected.answer, Lack)]
    return Decision("undetermined", lack=doubts[0])


def _first_allowing(policy: NetworkPolicy, to: Destination) -> tuple[int, Answer]:
    """The answer of the egress rules and, for True, the index of the first one that allows."""
    namespace = policy.metadata.namespace
    return _first_true(
        all_of((ports_allow(rule.ports, to), peers_allow(rule.to, namespace, to)))
        for rule in policy.spec.egress or ()
    )


def _first_admitting(
    policy: NetworkPolicy, client: Destination, at: Destination
) -> tuple[int, Answer]:
    """The answer of the ingress rules and, for True, the index of the first one that admits."""
    namespace = policy.metadata.namespace
    return _first_true(
        all_of((ports_allow(rule.ports, at), peers_allow(rule.from_, namespace, client)))
        for rule in policy.spec.ingress or ()
    )


def _first_true(answers: Iterable[Answer]) -> tuple[int, Answer]:
    doubt: Answer = False
    for index, answer in enumerate(answers):
        if answer is True:
            return index, True
        if doubt is False:
            doubt = answer
    return -1, doubt


# ── Ports ────────────────────────────────────────────────────────────────────────────────────


def ports_allow(ports: Iterable[NetworkPolicyPort], to: Destination) -> Answer:
    """Whether the list admits the flow; an empty list admits every port and protocol."""
    ports = tuple(ports)
    # A list can only name TCP, UDP and SCTP, so any list at all leaves ICMP out.
    return any_of(_port_allows(item, to) for item in ports) if ports else True


def _port_allows(item: NetworkPolicyPort, to: Destination) -> Answer:
    if item.protocol.upper() != to.protocol:
        return False
    if item.port is None:
        return True
    if to.is_service:
        return Lack("endpoint_slices")  # rules see the target port, which the endpoints tell
    if not to.port:
        return Lack("port")
    number = port_number(item)
    if number is None:
        return _named_port_allows(str(item.port), to)
    if item.end_port is None:
        return number == to.port
    # ACS documents endPort as unsupported: inside the range the outcome is not predictable.
    return Lack("end-port") if number <= to.port <= max(number, item.end_port) else False


def port_number(item: NetworkPolicyPort) -> int | None:
    """The number of the port, also when written as text; None for a named port or none."""
    if isinstance(item.port, str):
        digits = item.port
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else None
    return item.port


def _named_port_allows(name: str, to: Destination) -> Answer:
    """A name means a container port of the destination pod; elsewhere it means nothing."""
    if not to.pods:
        return to.stranger
    wanted = (name, to.protocol, to.port)
    return _agreed(wanted in pod.ports for pod in to.pods)


# ── Peers ────────────────────────────────────────────────────────────────────────────────────


def peers_allow(peers: Iterable[NetworkPolicyPeer], namespace: str, to: Destination) -> Answer:
    """Whether one peer is the destination; an empty list admits every destination."""
    peers = tuple(peers)
    return any_of(_is_peer(peer, namespace, to) for peer in peers) if peers else True


def _is_peer(peer: NetworkPolicyPeer, namespace: str, to: Destination) -> Answer:
    has_selector = peer.pod_selector is not None or peer.namespace_selector is not None
    if has_selector == (peer.ip_block is not None):
        return Lack("peer")  # both or neither: the API server refuses such a peer
    if to.is_service:
        return Lack("endpoint_slices")
    if to.ip is None:
        return Lack("address")
    if peer.ip_block is not None:
        return _block_contains(peer.ip_block, to.ip)
    return selected_pods(peer, namespace, to)


def _block_contains(block: IpBlock, ip: Ip) -> Answer:
    network = parse_cidr(block.cidr)
    if network is None:
        return Lack("cidr", block.cidr)
    if not network.contains(ip):
        return False
    holes = any_of(_hole_contains(text, ip) for text in block.except_)
    return not holes if isinstance(holes, bool) else holes


def _hole_contains(text: str, ip: Ip) -> Answer:
    network = parse_cidr(text)
    return Lack("cidr", text) if network is None else network.contains(ip)


def excepted(block: IpBlock, ip: Ip) -> str:
    """The `except` entry that takes the address out of the block, "" when none does."""
    network = parse_cidr(block.cidr)
    if network is None or not network.contains(ip):
        return ""
    return next((text for text in block.except_ if _hole_contains(text, ip) is True), "")


def selected_pods(peer: NetworkPolicyPeer, namespace: str, to: Destination) -> Answer:
    """Whether the selectors of the peer select the pod that has the destination address."""
    if not to.pods:
        own_only = peer.namespace_selector is None
        return False if own_only and namespace in to.closed_namespaces else to.stranger
    return _agreed(_selects_pod(peer, namespace, pod) for pod in to.pods)


def _selects_pod(peer: NetworkPolicyPeer, namespace: str, pod: PodAt) -> Answer:
    answer = all_of(
        (
            _selects_namespace(peer.namespace_selector, namespace, pod),
            _known(selects(peer.pod_selector or LabelSelector(), pod.labels), "pods", pod.name),
        )
    )
    if pod.is_host_network and answer is True:
        return Lack("host-network", pod.name)  # it has the address of its node
    return answer


def _selects_namespace(selector: LabelSelector | None, namespace: str, pod: PodAt) -> Answer:
    if selector is None:
        return pod.namespace == namespace
    return _known(selects(selector, pod.namespace_labels), "namespaces", pod.namespace)


def _known(answer: bool | None, what: Lacks, of: str) -> Answer:
    return Lack(what, of) if answer is None else answer


def _agreed(answers: Iterable[Answer]) -> Answer:
    """The answer of all pods at one address; several live pods that differ settle nothing."""
    found = list(dict.fromkeys(answers))
    return found[0] if len(found) == 1 else Lack("pods")
