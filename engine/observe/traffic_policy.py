"""TrafficPolicy and GlobalTrafficPolicy of ACS, egress: what they say about one flow.

Unlike NetworkPolicy an ordered list: lower priority number first, rules of one policy from top to
bottom, the first match decides, and what no rule matches is denied once a selecting policy has
egress rules. The order between policies of equal priority is not documented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from wayout.engine.case import Case
from wayout.engine.case.kubernetes import (
    EndpointSlice,
    NetworkPolicyPeer,
    Service,
    TrafficPeer,
    TrafficPolicy,
    TrafficRule,
    TrafficServiceRef,
)
from wayout.engine.observe.address import parse_cidr
from wayout.engine.observe.network_policy import (
    Destination,
    Lack,
    ports_allow,
    selected_pods,
)
from wayout.engine.observe.selectors import Labels, all_of, any_of

__all__ = [
    "Candidate",
    "Goal",
    "Ordered",
    "TrafficVerdict",
    "decide_traffic",
    "is_service",
    "rule_matches",
    "rules_of",
]

Answer = bool | Lack
Outcome = Literal["allow", "deny", "pass"]
ACTIONS: Mapping[str, Outcome] = {"allow": "allow", "deny": "deny", "reject": "deny"}
SERVICE_LABEL = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Goal:
    """A destination with what only traffic policies ask: its name, and the Service asked for."""

    to: Destination
    host: str = ""  # as asked for, lower case
    service: str = ""  # namespace/name, when the question is about a Service
    names: frozenset[str] = frozenset()  # names observed to resolve to this address
    is_main: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """One policy that has or may have a say: it selects the pod, or that is not known."""

    policy: TrafficPolicy
    answer: Answer


class Ordered(NamedTuple):
    """One rule in its place: index of the candidate, index of the rule, what it matches."""

    candidate: int
    rule: int
    answer: Answer
    outcome: Outcome | None  # None: an action nobody documents


@dataclass(frozen=True, slots=True)
class TrafficVerdict:
    """The verdict; `candidate` and `rule` (from 0) decide, -1 for the default."""

    verdict: Literal["allow", "deny", "open", "undetermined"]
    candidate: int = -1
    rule: int = -1
    lack: Lack | None = None


def rules_of(policy: TrafficPolicy) -> Sequence[TrafficRule]:
    """The egress rules of a policy."""
    return policy.spec.egress.rules if policy.spec.egress else ()


def decide_traffic(
    candidates: Sequence[Candidate],
    case: Case,
    goal: Goal,
    missing: Lack | None = None,
) -> TrafficVerdict:
    """What these policies say, sorted by priority; `missing`: there may be others.

    Every outcome that what is unknown leaves open is followed; they must agree.
    """
    if missing is not None:
        return TrafficVerdict("undetermined", lack=missing)
    if not candidates:
        return TrafficVerdict("open")
    certain = [c for c in candidates if c.answer is True]
    if certain and not any(rules_of(c.policy) for c in candidates):
        return TrafficVerdict("undetermined", lack=Lack("egress-rules"))
    open_outcomes: dict[str, tuple[int, int]] = {}
    doubts: list[Lack] = []
    numbered = list(enumerate(candidates))
    for _, level in groupby(numbered, key=lambda item: item[1].policy.spec.priority):
        found, may_pass, level_doubts = outcomes_of_level(list(level), case, goal)
        for outcome, place in found.items():
            open_outcomes.setdefault(outcome, place)
        doubts += level_doubts
        if not may_pass:
            break
    else:
        open_outcomes.setdefault("deny", (-1, -1))
        if not any(rules_of(c.policy) for c in certain):
            open_outcomes.setdefault("allow", (-1, -1))
            doubts += [c.answer for c in candidates if isinstance(c.answer, Lack)]
    if len(open_outcomes) > 1:
        return TrafficVerdict("undetermined", lack=(doubts or [Lack("equal-priority")])[0])
    ((outcome, place),) = open_outcomes.items()
    return TrafficVerdict("allow" if outcome == "allow" else "deny", *place)


def outcomes_of_level(
    level: Sequence[tuple[int, Candidate]], case: Case, goal: Goal
) -> tuple[dict[str, tuple[int, int]], bool, list[Lack]]:
    """What policies of one priority may decide, whether the flow may pass them by, and why."""
    found: dict[str, tuple[int, int]] = {}
    doubts: list[Lack] = []
    may_pass = True
    for index, candidate in level:
        passes = True
        for ordered in ordered_rules(index, candidate, case, goal):
            if ordered.answer is False:
                continue
            if ordered.outcome is None:
                doubts.append(Lack("action"))
            for outcome in (ordered.outcome,) if ordered.outcome else ("allow", "deny"):
                found.setdefault(outcome, (index, ordered.rule))
            if isinstance(ordered.answer, Lack):
                doubts.append(ordered.answer)
            else:
                passes = False
                break
        if isinstance(candidate.answer, Lack):
            doubts.append(candidate.answer)
            passes = True
        may_pass = may_pass and passes
    return found, may_pass, doubts


def ordered_rules(index: int, candidate: Candidate, case: Case, goal: Goal) -> Iterator[Ordered]:
    for number, rule in enumerate(rules_of(candidate.policy)):
        answer = rule_matches(rule, candidate.policy.metadata.namespace, case, goal)
        yield Ordered(index, number, answer, ACTIONS.get(rule.action.strip().lower()))


def rule_matches(rule: TrafficRule, namespace: str, case: Case, goal: Goal) -> Answer:
    """Whether a rule matches the flow; no peers and no ports match everything."""
    peers = any_of(is_peer(peer, namespace, case, goal) for peer in rule.to) if rule.to else True
    return all_of((ports_allow(rule.ports, goal.to), peers))


# ── Peers ────────────────────────────────────────────────────────────────────────────────────


def is_peer(peer: TrafficPeer, namespace: str, case: Case, goal: Goal) -> Answer:
    """Whether a peer is the destination; a peer that names nothing matches nothing."""
    if peer.fqdn:
        return is_name(peer.fqdn, goal)
    if peer.service is not None:
        return is_service(peer.service, namespace, case, goal)
    if goal.to.is_service:
        return Lack("endpoint_slices")
    if goal.to.ip is None:
        return Lack("address")
    if peer.cidr:
        network = parse_cidr(peer.cidr)
        return Lack("cidr", peer.cidr) if network is None else network.contains(goal.to.ip)
    if peer.workload is not None:
        home = peer.workload.namespace or namespace
        selector = NetworkPolicyPeer(pod_selector=peer.workload.selector)
        return selected_pods(selector, home, goal.to)
    return False


def is_name(fqdn: str, goal: Goal) -> Answer:
    """Names match exactly; a wildcard never does. An address may have names nobody observed."""
    name = fqdn.strip().rstrip(".").lower()
    if "*" in name or not goal.is_main:
        return False
    if name == goal.host or name in goal.names:
        return True
    return False if goal.host or goal.to.pods else Lack("address", name)


def is_service(wanted: TrafficServiceRef, namespace: str, case: Case, goal: Goal) -> Answer:
    """Whether the destination is behind a Service of this name; `*` is every Service there."""
    home = wanted.namespace or namespace
    if goal.service and goal.service in (f"{home}/{wanted.name}", f"{home}/*"):
        return True
    if wanted.name == "*" and goal.service.partition("/")[0] == home:
        return True
    listing = case.listing(Service, of=home)
    answers: list[Answer] = [
        is_behind(record.value, case, goal)
        for record in listing.records
        if wanted.name in ("*", record.value.metadata.name)
    ]
    if not listing.is_documented and (wanted.name == "*" or not answers):
        answers.append(
            False if goal.to.stranger is False and not goal.to.pods else Lack("services", home)
        )
    return any_of(answers)


def is_behind(service: Service, case: Case, goal: Goal) -> Answer:
    if goal.to.ip is None:
        return Lack("address")
    home = service.metadata.namespace
    if not service.spec.selector:
        return is_endpoint(service, case, goal)
    if not goal.to.pods:
        return goal.to.stranger
    return any_of(
        pod.namespace == home and carries(service.spec.selector, pod.labels) for pod in goal.to.pods
    )


def carries(wanted: Mapping[str, str], labels: Labels) -> bool:
    return all(labels.known.get(key) == value for key, value in wanted.items())


def is_endpoint(service: Service, case: Case, goal: Goal) -> Answer:
    """A Service without selector has the endpoints somebody wrote for it."""
    listing = case.listing(EndpointSlice, of=service.metadata.namespace)
    addresses = addresses_of_slices(
        record.value
        for record in listing.records
        if record.value.metadata.labels.get(SERVICE_LABEL) == service.metadata.name
    )
    if str(goal.to.ip) in addresses:
        return True
    return False if listing.is_complete else Lack("endpoint_slices", service.metadata.namespace)


def addresses_of_slices(slices: Iterable[EndpointSlice]) -> set[str]:
    return {ip for entry in slices for endpoint in entry.endpoints for ip in endpoint.addresses}
