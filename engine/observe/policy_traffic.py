"""Observer part of the policy gate: TrafficPolicy and GlobalTrafficPolicy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Observation, Record
from wayout.engine.case.kubernetes import GlobalTrafficPolicy, TrafficPolicy, TrafficServiceRef
from wayout.engine.facts.common import Flow
from wayout.engine.facts.traffic_policy import (
    TrafficDecision,
    TrafficOpening,
    TrafficSelection,
    TrafficShadowed,
    TrafficUnmatched,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.network_policy import Destination, Lack
from wayout.engine.observe.placement import places
from wayout.engine.observe.policy_advice import (
    compact,
    describe_port,
    describe_target,
    policy_name,
    port_item,
    port_pairs,
)
from wayout.engine.observe.selectors import Labels, enumerated, lasting, selector_json, selects
from wayout.engine.observe.traffic_policy import (
    ACTIONS,
    Candidate,
    Goal,
    TrafficVerdict,
    decide_traffic,
    is_service,
    rule_matches,
    rules_of,
)

__all__ = ["Known", "known_policies", "read_traffic"]

Doubt = Literal["missing", "order", "no-egress-rules", "unreadable"]
DOUBTS: Mapping[str, Doubt] = {
    "equal-priority": "order",
    "egress-rules": "no-egress-rules",
    "action": "unreadable",
    "cidr": "unreadable",
    "end-port": "unreadable",
    "peer": "unreadable",
}
HIGHEST = 2**31 - 1
KUBE_DNS = TrafficServiceRef(name="kube-dns", namespace="kube-system")


TrafficRecord = Record[TrafficPolicy] | Record[GlobalTrafficPolicy]


class Known(NamedTuple):
    """A policy whose selector selects the pod, or may."""

    record: TrafficRecord
    candidate: Candidate


def read_traffic(
    view: View, known: Sequence[Known], destinations: Mapping[str, Destination]
) -> Iterator[Sighting]:
    """The selection, and for each flow what the selecting policies say."""
    missing = missing_list(view)
    yield read_selection(view, known, missing)
    for flow in view.flows:
        to = destinations.get(flow.flow)
        if known and to is not None:
            yield from read_flow(view, flow, known, missing, goal_of(view, flow, to))
        else:
            yield read_unselected(view, flow, missing)


def read_unselected(view: View, flow: Flow, missing: Lack | None) -> Sighting:
    """No known policy selects the pod: open, unless there may be policies nobody collected."""
    verdict = TrafficVerdict("undetermined", lack=missing) if missing else TrafficVerdict("open")
    return describe_verdict(view, flow, (), None, verdict)


def known_policies(view: View) -> list[Known]:
    """By priority, then by name. A policy without namespace selects in every namespace."""
    namespace = view.pod.partition("/")[0]
    pod = view.pod_record
    labels = Labels({}, is_complete=False) if pod is None else Labels(pod.value.metadata.labels)
    records: list[TrafficRecord] = [
        *view.case.listing(TrafficPolicy, of=namespace).records,
        *view.case.listing(GlobalTrafficPolicy).records,
    ]
    found = []
    for record in records:
        answer = selects(record.value.spec.selector, labels)
        if answer is not False:
            doubt = Lack("pods", view.pod) if answer is None else answer
            found.append(Known(record, Candidate(record.value, doubt)))
    return sorted(found, key=lambda k: (k.record.value.spec.priority, k.record.value.key))


def missing_list(view: View) -> Lack | None:
    namespace = view.pod.partition("/")[0]
    if not view.case.listing(TrafficPolicy, of=namespace).is_complete:
        return Lack("traffic_policies", namespace)
    if not view.case.listing(GlobalTrafficPolicy).is_complete:
        return Lack("global_traffic_policies")
    return None


def read_selection(view: View, known: Sequence[Known], missing: Lack | None) -> Sighting:
    selecting = [k for k in known if k.candidate.answer is True]
    namespace = view.pod.partition("/")[0]
    fact = TrafficSelection(
        pod=view.pod,
        state="selected" if selecting else "undetermined" if known else "none",
        policies=names_of(selecting),
        is_complete=missing is None,
        lacks=missing.what if missing else "",
    )
    origins = [o for k in selecting for o in places(k.record, "spec", "selector")]
    origins += view.case.listing(TrafficPolicy, of=namespace).origins
    origins += view.case.listing(GlobalTrafficPolicy).origins
    return Sighting(fact, tuple(dict.fromkeys(origins)))


def shown_priority(policy: TrafficPolicy) -> int:
    """The priority within what a fact can hold; 0 to 1000 are documented."""
    return max(-HIGHEST, min(policy.spec.priority, HIGHEST))


def names_of(known: Sequence[Known]) -> str:
    return enumerated(k.record.value.key for k in known)


def goal_of(view: View, flow: Flow, to: Destination) -> Goal:
    target = view.question.target
    is_main = flow.role == "main"
    names = (
        record.value.name.rstrip(".").lower()
        for record in view.case.listing(Observation).records
        if record.value.what == "resolved" and flow.ip in record.value.addresses
    )
    return Goal(
        to=to,
        host=target.host if is_main else "",
        service=f"{target.namespace}/{target.name}" if is_main and target.kind == "service" else "",
        names=frozenset(names),
        is_main=is_main,
    )


# ── One flow ─────────────────────────────────────────────────────────────────────────────────


def read_flow(
    view: View, flow: Flow, known: Sequence[Known], missing: Lack | None, goal: Goal
) -> Iterator[Sighting]:
    verdict = decide_traffic([k.candidate for k in known], view.case, goal, missing)
    yield describe_verdict(view, flow, known, goal.to, verdict)
    if verdict.verdict == "deny":
        yield from shadowed(view, flow, known, goal, verdict)
        yield from wildcards(flow, known)
        yield from opening(view, flow, known, goal, verdict)


def describe_verdict(
    view: View, flow: Flow, known: Sequence[Known], to: Destination | None, verdict: TrafficVerdict
) -> Sighting:
    deciding = known[verdict.candidate].record if verdict.candidate >= 0 else None
    rule = rules_of(deciding.value)[verdict.rule] if deciding else None
    lack = verdict.lack
    doubt: Doubt | Literal[""] = DOUBTS.get(lack.what, "missing") if lack else ""
    fact = TrafficDecision(
        flow=flow.flow,
        pod=view.pod,
        verdict=verdict.verdict,
        target=describe_target(flow, to),
        policies=names_of(known),
        policy=deciding.value.key if deciding else "",
        rule=verdict.rule + 1,
        priority=shown_priority(deciding.value) if deciding else 0,
        action=rule.action if rule else "",
        is_default=verdict.verdict == "deny" and deciding is None,
        doubt=doubt,
        lacks=lack.what if lack else "",
        lacks_of=lack.of if lack else "",
    )
    if deciding:
        origins = places(deciding, "spec", "egress", "rules", verdict.rule)
    else:
        origins = tuple(o for k in known for o in places(k.record, "spec"))
    return Sighting(fact, origins)


def shadowed(
    view: View, flow: Flow, known: Sequence[Known], goal: Goal, verdict: TrafficVerdict
) -> Iterator[Sighting]:
    """The first rule after the deciding one that would have allowed the flow."""
    if verdict.candidate < 0:
        return
    denied_by = known[verdict.candidate].record.value
    for index, later in enumerate(known[verdict.candidate :], start=verdict.candidate):
        policy = later.record.value
        for number, rule in enumerate(rules_of(policy)):
            if (index, number) <= (verdict.candidate, verdict.rule):
                continue
            matches = rule_matches(rule, policy.metadata.namespace, view.case, goal)
            if matches is True and ACTIONS.get(rule.action.strip().lower()) == "allow":
                fact = TrafficShadowed(
                    flow=flow.flow,
                    policy=policy.key,
                    rule=number + 1,
                    priority=shown_priority(policy),
                    denied_by=denied_by.key,
                    denied_rule=verdict.rule + 1,
                    denied_priority=shown_priority(denied_by),
                )
                yield Sighting(fact, places(later.record, "spec", "egress", "rules", number))
                return


def wildcards(flow: Flow, known: Sequence[Known]) -> Iterator[Sighting]:
    for policy in known:
        for number, rule in enumerate(rules_of(policy.record.value)):
            for index, peer in enumerate(rule.to):
                if "*" in peer.fqdn:
                    fact = TrafficUnmatched(
                        flow=flow.flow,
                        policy=policy.record.value.key,
                        rule=number + 1,
                        fqdn=peer.fqdn,
                    )
                    path = ("spec", "egress", "rules", number, "to", index, "fqdn")
                    yield Sighting(fact, places(policy.record, *path))


def opening(
    view: View, flow: Flow, known: Sequence[Known], goal: Goal, verdict: TrafficVerdict
) -> Iterator[Sighting]:
    """A policy that comes before the one that denies; what is not known stands there as `<…>`."""
    if view.pod_record is None:
        return
    namespace, _, name = view.pod.partition("/")
    own = lasting(view.pod_record.value.metadata.labels)
    deciding = known[verdict.candidate if verdict.candidate >= 0 else 0].record.value
    peer, words = narrowest_peer(flow, goal, view.case)
    pairs = port_pairs(flow, goal.to)
    fact = TrafficOpening(
        flow=flow.flow,
        pod=view.pod,
        namespace=namespace,
        name=policy_name(name, flow),
        priority=max(shown_priority(deciding) - 1, 0),  # lower comes first, and 0 is the lowest
        selector_json=compact({"matchLabels": own})
        if own
        else selector_json(deciding.spec.selector),
        peers_json=compact([peer]),
        ports_json=compact([port_item(*pair) for pair in pairs]),
        peer=words,
        ports=", ".join(describe_port(*pair) for pair in pairs) or "*",
    )
    yield Sighting(fact, places(view.pod_record, "metadata", "labels"))


def narrowest_peer(flow: Flow, goal: Goal, case: Case) -> tuple[dict[str, object], str]:
    """The Service asked for (for a lookup kube-dns), the name asked for, or the address."""
    service = goal.service
    if flow.role == "lookup" and is_service(KUBE_DNS, "", case, goal) is True:
        service = f"{KUBE_DNS.namespace}/{KUBE_DNS.name}"
    if service:
        namespace, _, name = service.partition("/")
        return {"service": {"name": name, "namespace": namespace}}, service
    if goal.host and not goal.to.pods:
        return {"fqdn": goal.host}, goal.host
    cidr = f"{flow.ip or '<address>'}/32"
    return {"cidr": cidr}, cidr
