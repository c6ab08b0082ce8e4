"""The policy observers against a naive evaluator, with complete and with missing documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.observe.kube import ALL, Manifest, flow, look, only, scope_of, world
from tests.observe.policy_oracle import (
    EndPort,
    Query,
    allowed,
    inhabitants,
    policies,
    queries,
    traffic_allowed,
    traffic_policies,
)

CASES = Path(__file__).parents[3] / "shared/cases"
TRAFFIC = ("TrafficPolicy", "GlobalTrafficPolicy")
thorough = settings(max_examples=300)


def verdict(manifests: list[Manifest], query: Query, complete: tuple[str, ...] = ALL) -> str:
    case = world(*manifests, complete=complete)
    asked = flow(query.ip, query.port, query.protocol, scope_of(query.ip), pod=query.source)
    found = only(look(case, asked, pod=query.source), "policy_decision").verdict
    return "allow" if found in ("open", "self") else str(found)


@thorough
@given(st.data())
def test_agrees_with_a_naive_evaluator(data: st.DataObject) -> None:
    manifests = data.draw(inhabitants()) + data.draw(policies(with_end_port=True))
    query = data.draw(queries(manifests))
    readings = {allowed(manifests, query, reading) for reading in get_args(EndPort)}
    # What no two readings of endPort can agree on is the only thing left open.
    want = {frozenset({True}): "allow", frozenset({False}): "deny"}
    assert verdict(manifests, query) == want.get(frozenset(readings), "undetermined")


@thorough
@given(st.data())
def test_missing_documents_never_turn_a_verdict_round(data: st.DataObject) -> None:
    manifests = data.draw(inhabitants()) + data.draw(policies(with_end_port=False))
    query = data.draw(queries(manifests))
    hidden = data.draw(st.sets(st.sampled_from(["Pod", "Namespace", "NetworkPolicy"]), min_size=1))
    seen = [m for m in manifests if m["kind"] not in hidden or stays(m, query, data)]
    truth = "allow" if allowed(manifests, query) else "deny"
    found = verdict(seen, query, tuple(kind for kind in ALL if kind not in hidden))
    assert found in (truth, "undetermined")


def stays(manifest: Manifest, query: Query, data: st.DataObject) -> bool:
    """The destination always goes, because it is what decides; the source mostly stays."""
    meta = manifest["metadata"]
    if manifest["kind"] == "Pod" and manifest["status"]["podIP"] == query.ip:
        return False
    if f"{meta.get('namespace')}/{meta['name']}" == query.source:
        return data.draw(st.integers(0, 9)) > 0
    return manifest["kind"] == "NetworkPolicy" and data.draw(st.booleans())


@thorough
@given(st.data())
def test_traffic_policies_agree_with_a_naive_evaluator(data: st.DataObject) -> None:
    manifests = data.draw(inhabitants()) + data.draw(traffic_policies())
    query = data.draw(queries(manifests))
    host = data.draw(st.sampled_from(["api.example.com", "other.example.com"]))
    case = world(*manifests, complete=(*ALL, *TRAFFIC))
    asked = flow(query.ip, query.port, query.protocol, scope_of(query.ip), pod=query.source)
    decision = only(look(case, asked, pod=query.source, destination=host), "traffic_decision")
    want = {True: "allow", False: "deny", None: "undetermined"}
    found = "allow" if decision.verdict == "open" else decision.verdict
    assert found == want[traffic_allowed(manifests, query, host)]


# ── Published cases ──────────────────────────────────────────────────────────────────────────

# A set in the published shape, so that the test says something where the shared folder is absent.
OWN_SETS: list[dict[str, Any]] = [
    {
        "set_id": "deny-but-dns",
        "manifests": [
            {"kind": "Namespace", "metadata": {"name": "default"}},
            {
                "kind": "Pod",
                "metadata": {"namespace": "default", "name": "foo", "labels": {"app": "foo"}},
                "spec": {"containers": []},
                "status": {"phase": "Running", "podIP": "10.56.0.11"},
            },
            {
                "kind": "Pod",
                "metadata": {"namespace": "default", "name": "web", "labels": {"app": "web"}},
                "spec": {
                    "containers": [
                        {"ports": [{"name": "serve", "containerPort": 80, "protocol": "SCTP"}]}
                    ]
                },
                "status": {"phase": "Running", "podIP": "10.56.0.10"},
            },
            {
                "kind": "NetworkPolicy",
                "metadata": {"namespace": "default", "name": "foo-deny-egress"},
                "spec": {
                    "podSelector": {"matchLabels": {"app": "foo"}},
                    "policyTypes": ["Egress"],
                    "egress": [
                        {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53}]},
                        {"ports": [{"port": "serve", "protocol": "SCTP"}]},
                    ],
                },
            },
        ],
        "cases": [
            {
                "query": {"from": "foo", "to": "web", "port": port, "protocol": protocol},
                "egress": want,
            }
            for port, protocol, want in [
                (53, "UDP", "allow"),
                (53, "TCP", "allow"),
                (53, "SCTP", "deny"),
                (80, "SCTP", "allow"),
                (80, "TCP", "deny"),
            ]
        ],
    }
]


@pytest.mark.parametrize("one", OWN_SETS, ids=lambda one: str(one["set_id"]))
def test_a_published_set(one: dict[str, Any]) -> None:
    addresses = {
        m["metadata"]["name"]: m["status"]["podIP"] for m in one["manifests"] if m["kind"] == "Pod"
    }
    for case in one["cases"]:
        asked = case["query"]
        source = f"default/{asked['from']}"
        query = Query(source, addresses[asked["to"]], asked["port"], asked["protocol"].lower())
        assert verdict(one["manifests"], query) == case["egress"], asked


def shared_sets() -> list[dict[str, Any]]:
    """The sets of the shared folder, none when it is absent."""
    return [
        json.loads(line)
        for path in sorted(CASES.glob("network-policy*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_the_shared_sets() -> None:
    wrong = [
        (one["set_id"], case["id"])
        for one in shared_sets()
        for case in one["cases"]
        if not agrees(one["manifests"], case)
    ]
    assert wrong == []


def agrees(manifests: list[Manifest], case: dict[str, Any]) -> bool:
    """Whether a case between two pods, or from a pod to an address, is answered as published."""
    query, want = case["query"], case["expected"]["egress"]
    source, target = query["from"], query["to"]
    if want not in ("allow", "deny") or "pod" not in source or "service" in target:
        return True  # the flows of a Service are one per endpoint, which is another observer's work
    case_world = world(*manifests)
    asked_pod = f"{source['namespace']}/{source['pod']}"
    destination = target.get("ip") or f"pod/{target['namespace']}/{target['pod']}"
    ip = target.get("ip") or next(
        m["status"]["podIP"]
        for m in manifests
        if m["kind"] == "Pod"
        and (m["metadata"]["namespace"], m["metadata"]["name"])
        == (target["namespace"], target["pod"])
    )
    asked = flow(ip, query["port"], query["protocol"].lower(), pod=asked_pod)
    facts = look(case_world, asked, pod=asked_pod, destination=destination)
    decision = only(facts, "policy_decision")
    found = "allow" if decision.verdict in ("open", "self") else decision.verdict
    return bool(found == want or decision.lacks == "end-port")


# ── Hostile documents ────────────────────────────────────────────────────────────────────────

texts = st.one_of(st.text(max_size=20), st.sampled_from(["*", "0.0.0.0/0", "80", "{}", "-1/-1"]))
numbers = st.one_of(st.integers(-(2**40), 2**40), st.sampled_from([0, -1, 65536]))
odd_ports = st.lists(
    st.fixed_dictionaries(
        {}, optional={"protocol": texts, "port": st.one_of(texts, numbers), "endPort": numbers}
    ),
    max_size=2,
)
odd_selectors = st.fixed_dictionaries(
    {}, optional={"matchLabels": st.dictionaries(texts, texts, max_size=2)}
)
odd_rules = st.fixed_dictionaries(
    {"action": texts},
    optional={
        "ports": odd_ports,
        "to": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "ipBlock": st.fixed_dictionaries(
                        {"cidr": texts}, optional={"except": st.lists(texts, max_size=2)}
                    ),
                    "podSelector": odd_selectors,
                    "namespaceSelector": odd_selectors,
                    "cidr": texts,
                    "fqdn": texts,
                    "service": st.fixed_dictionaries({"name": texts, "namespace": texts}),
                    "workload": st.fixed_dictionaries({"selector": odd_selectors}),
                },
            ),
            max_size=2,
        ),
    },
)


@thorough
@given(st.lists(odd_rules, max_size=3), numbers, st.sampled_from(["tcp", "icmp"]))
def test_any_policy_is_survived(rules: list[Manifest], priority: int, protocol: Any) -> None:
    meta = {"namespace": "a", "name": "odd"}
    manifests = [
        {
            "kind": "Pod",
            "metadata": {
                "namespace": "a",
                "name": "web-0",
                "annotations": {"k8s.aliyun.com/x": "\x00"},
            },
            "spec": {},
            "status": {"phase": "Running", "podIP": "10.0.0.10"},
        },
        {
            "kind": "NetworkPolicy",
            "metadata": meta,
            "spec": {"podSelector": {}, "egress": rules, "policyTypes": ["Egress"]},
        },
        {
            "kind": "TrafficPolicy",
            "metadata": meta,
            "spec": {"priority": priority, "selector": {}, "egress": {"rules": rules}},
        },
    ]
    case = world(*manifests, complete=(*ALL, *TRAFFIC))
    facts = look(case, flow("203.0.113.10", 443, protocol), flow("", name="main-2"))
    decisions = [fact for fact in facts if fact.kind in ("policy_decision", "traffic_decision")]
    assert len(decisions) == 4
    assert all(
        abs(value) < 2**62
        for fact in facts
        for value in fact.fields.values()
        if isinstance(value, int)
    )
