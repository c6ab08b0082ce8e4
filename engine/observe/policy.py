"""Observer of the policy gate: is anything enforced, and what would the policies say?

Two separate questions on purpose: what the policies say is measured for every flow as if they
were enforced; whether they are is read apart and judged in `knowledge/rules/policy/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from wayout.engine.case import Case, Listing, Origin, Pod, Record
from wayout.engine.case.kubernetes import NetworkPolicy, Service
from wayout.engine.facts.common import Flow
from wayout.engine.facts.policy import (
    IsolatingPolicy,
    PolicyCount,
    PolicyDecision,
    PolicySelection,
    PolicyServiceBlock,
)
from wayout.engine.observe.address import BITS, parse_cidr
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.network_policy import (
    Decision,
    Destination,
    Lack,
    Selected,
    decide,
    isolates_egress,
    peers_allow,
    port_number,
)
from wayout.engine.observe.peers import addresses_of, destinations
from wayout.engine.observe.placement import places
from wayout.engine.observe.policy_advice import describe_target, nearest_miss, opening
from wayout.engine.observe.policy_enforcement import has_agent, read_component, read_enforcement
from wayout.engine.observe.policy_traffic import known_policies, read_traffic
from wayout.engine.observe.selectors import (
    Labels,
    describe_labels,
    describe_selector,
    enumerated,
    lasting,
    selects,
)

__all__ = ["Policies", "isolating_of", "judge", "may_matter", "observe", "policies_of"]

Policies = Sequence[tuple[Record[NetworkPolicy], Selected]]


def observe(view: View) -> Iterator[Sighting]:
    """Enforcement, selection, and a decision for each IPv4 flow.

    Flows that start at another pod (CoreDNS asking its upstream) are judged by the policies of
    that pod, and only when its document switches the agent on.
    """
    yield read_component(view.case)
    yield read_count(view.case)
    yield from observe_pod(replace(view, flows=flows_from(view, view.pod)))
    for pod in sorted({flow.pod for flow in view.flows} - {view.pod}):
        record = view.case.get(Pod, pod)
        if record is not None and has_agent(record.value):
            yield from observe_pod(
                View(view.case, view.question, pod, record, flows_from(view, pod))
            )


def flows_from(view: View, pod: str) -> tuple[Flow, ...]:
    # Policies are IPv4 only.
    return tuple(flow for flow in view.flows if flow.pod == pod and flow.family != "ipv6")


def observe_pod(view: View) -> Iterator[Sighting]:
    yield from read_enforcement(view)
    policies = tuple(policies_of(view))
    yield read_selection(view, policies)
    for record in isolating_of(policies):
        yield read_isolating(view, record)
        yield from read_service_blocks(view, record)
    known = known_policies(view)
    matters = may_matter(view, policies)
    goals = destinations(view) if matters or known else {}
    for flow in view.flows:
        yield from read_flow(view, flow, policies, goals.get(flow.flow) if matters else None)
    yield from read_traffic(view, known, goals)


def read_count(case: Case) -> Sighting:
    listing = case.listing(NetworkPolicy)
    return Sighting(PolicyCount(count=len(listing.records)), listing.origins)


# ── Which policies select the pod? ───────────────────────────────────────────────────────────


def policies_known(view: View) -> Listing[NetworkPolicy]:
    return view.case.listing(NetworkPolicy, of=view.pod.partition("/")[0])


def policies_of(view: View) -> Iterator[tuple[Record[NetworkPolicy], Selected]]:
    """The policies of the pod's namespace, by name; those without egress select nothing here."""
    labels = labels_of(view)
    for record in policies_known(view).records:
        policy = record.value
        answer = isolates_egress(policy) and selects(policy.spec.pod_selector, labels)
        yield record, Selected(policy, Lack("pods", view.pod) if answer is None else answer)


def isolating_of(policies: Policies) -> list[Record[NetworkPolicy]]:
    return [record for record, selected in policies if selected.answer is True]


def labels_of(view: View) -> Labels:
    record = view.pod_record
    return Labels({}, is_complete=False) if record is None else Labels(record.value.metadata.labels)


def read_selection(view: View, policies: Policies) -> Sighting:
    listing = policies_known(view)
    selecting = isolating_of(policies)
    doubtful = [selected for _, selected in policies if isinstance(selected.answer, Lack)]
    others = [record.value for record, selected in policies if selected.answer is False]
    state: Literal["isolated", "open", "undetermined"] = "open"
    if selecting:
        state = "isolated"
    elif doubtful or not listing.is_complete:
        state = "undetermined"
    fact = PolicySelection(
        pod=view.pod,
        namespace=listing.of,
        state=state,
        labels=describe_labels(lasting(labels_of(view).known)),
        count=len(policies),
        others=describe_policies(others),
        lacks="" if state != "undetermined" else "pods" if doubtful else "network_policies",
    )
    origins = [origin for record in selecting for origin in places(record, "spec")]
    return Sighting(fact, (*listing.origins, *origins, *pod_labels(view)))


def describe_policies(policies: Sequence[NetworkPolicy]) -> str:
    """`db-lockdown (app=db), from-lb (app=web, Ingress)`; the types only where they explain it."""
    return enumerated(
        f"{policy.metadata.name} ({describe_selector(policy.spec.pod_selector)}"
        f"{'' if isolates_egress(policy) else ', Ingress'})"
        for policy in policies
    )


def read_isolating(view: View, record: Record[NetworkPolicy]) -> Sighting:
    spec = record.value.spec
    rules = spec.egress or []
    ports = [port for rule in rules for port in rule.ports]
    fact = IsolatingPolicy(
        pod=view.pod,
        policy=record.value.key,
        selector=describe_selector(spec.pod_selector),
        rules=len(rules),
        has_end_port=any(port.end_port is not None for port in ports),
        has_named_port=any(port.port is not None and port_number(port) is None for port in ports),
        has_namespace_selector=any(
            peer.namespace_selector is not None for rule in rules for peer in rule.to
        ),
    )
    return Sighting(fact, (*places(record, "spec", "podSelector"), *pod_labels(view)))


def read_service_blocks(view: View, record: Record[NetworkPolicy]) -> Iterator[Sighting]:
    """ipBlocks that name one Service address: policies see the pods behind it instead."""
    blocks = [
        (peer.ip_block.cidr, rule_number, peer_number)
        for rule_number, rule in enumerate(record.value.spec.egress or ())
        for peer_number, peer in enumerate(rule.to)
        if peer.ip_block is not None and is_single(peer.ip_block.cidr)
    ]
    for cidr, rule_number, peer_number in blocks:
        for service in view.case.listing(Service).records:
            if target := service_address(service.value, cidr):
                fact = PolicyServiceBlock(
                    pod=view.pod,
                    policy=record.value.key,
                    rule=rule_number + 1,
                    cidr=cidr,
                    service=service.value.key,
                    target=target,
                )
                path = ("spec", "egress", rule_number, "to", peer_number, "ipBlock")
                yield Sighting(fact, (*places(record, *path), *service.origins))


def is_single(cidr: str) -> bool:
    network = parse_cidr(cidr)
    return network is not None and network.prefix == BITS[network.version]


def service_address(service: Service, cidr: str) -> Literal["", "cluster-ip", "load-balancer"]:
    network = parse_cidr(cidr)
    if network in {parse_cidr(ip) for ip in (service.spec.cluster_ip, *service.spec.cluster_ips)}:
        return "cluster-ip"
    if network in {parse_cidr(entry.ip) for entry in service.status.load_balancer.ingress}:
        return "load-balancer"
    return ""


# ── What do they say about one flow? ─────────────────────────────────────────────────────────


def may_matter(view: View, policies: Policies) -> bool:
    """Whether some policy could select the pod, so that its destinations are worth a look."""
    is_complete = policies_known(view).is_complete
    return not is_complete or any(selected.answer is not False for _, selected in policies)


def read_flow(
    view: View, flow: Flow, policies: Policies, to: Destination | None
) -> Iterator[Sighting]:
    if to is not None and is_own_address(view, flow, to):
        own = PolicyDecision(flow=flow.flow, pod=view.pod, verdict="self")
        yield Sighting(own, places(view.pod_record, "status"))
        return
    decision = judge(view, policies, to)
    yield describe_decision(view, flow, policies, to, decision)
    if decision.verdict == "deny" and to is not None:
        isolating = isolating_of(policies)
        yield from nearest_miss(flow, isolating, to)
        yield from opening(view, flow, isolating, to)


def is_own_address(view: View, flow: Flow, to: Destination) -> bool:
    """Whether the pod talks to itself: no policy can stop that."""
    if to.pods:
        return [pod.name for pod in to.pods] == [view.pod]
    return view.pod_record is not None and flow.ip in addresses_of(view.pod_record.value)


def judge(view: View, policies: Policies, to: Destination | None) -> Decision:
    if to is None:
        return Decision("open")
    listing = policies_known(view)
    missing = None if listing.is_complete else Lack("network_policies", listing.of)
    decision = decide([selected for _, selected in policies], to, missing)
    if decision.verdict == "deny" and (doubt := doubt_about_pod(view, to)):
        return Decision("undetermined", lack=doubt)
    return decision


def doubt_about_pod(view: View, to: Destination) -> Lack | None:
    """What of the pod itself could turn a deny round."""
    if view.pod_record is None:  # the address may be its own, which no policy can close
        return Lack("pods", view.pod) if to.stranger and not to.pods else None
    return Lack("host-network", view.pod) if view.pod_record.value.spec.host_network else None


def describe_decision(
    view: View, flow: Flow, policies: Policies, to: Destination | None, decision: Decision
) -> Sighting:
    isolating = isolating_of(policies)
    deciding = policies[decision.policy][0] if decision.policy >= 0 else None
    fact = PolicyDecision(
        flow=flow.flow,
        pod=view.pod,
        verdict=decision.verdict,
        target=describe_target(flow, to),
        policies=enumerated(record.value.key for record in isolating),
        rules=sum(len(record.value.spec.egress or ()) for record in isolating),
        policy="" if deciding is None else deciding.value.key,
        rule=decision.rule + 1,
        is_block_on_pod=deciding is not None and only_by_block(deciding, decision.rule, to),
        lacks=decision.lack.what if decision.lack else "",
        lacks_of=decision.lack.of if decision.lack else "",
    )
    origins: list[Origin] = []
    if deciding is not None:
        origins += places(deciding, "spec", "egress", decision.rule)
    elif decision.verdict == "open":
        origins += policies_known(view).origins
    else:
        origins += [origin for record in isolating for origin in places(record, "spec")]
    origins += pod_labels(view)
    if to is not None:
        origins += [origin for pod in to.pods for origin in pod.origins]
    return Sighting(fact, tuple(dict.fromkeys(origins)))


def only_by_block(record: Record[NetworkPolicy], rule: int, to: Destination | None) -> bool:
    """Whether a pod's address is admitted by ipBlock alone, which not every engine does."""
    peers = record.value.spec.egress[rule].to if record.value.spec.egress else []
    if to is None or not to.pods or not peers:
        return False
    selecting = [peer for peer in peers if peer.ip_block is None]
    return not selecting or peers_allow(selecting, record.value.metadata.namespace, to) is not True


def pod_labels(view: View) -> tuple[Origin, ...]:
    return () if view.pod_record is None else places(view.pod_record, "metadata", "labels")
