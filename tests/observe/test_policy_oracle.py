"""The policy observers against a naive evaluator, with complete and with missing documents."""

from __future__ import annotations

from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.observe.kube import ALL, Manifest, flow, look, only, world
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

TRAFFIC = ("TrafficPolicy", "GlobalTrafficPolicy")
thorough = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def verdict(manifests: list[Manifest], query: Query, complete: tuple[str, ...] = ALL) -> str:
    case = world(*manifests, complete=complete)
    scope = "undetermined" if query.ip.startswith("10.") else "internet"
    asked = flow(query.ip, query.port, query.protocol, scope, pod=query.source)
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
    scope = "undetermined" if query.ip.startswith("10.") else "internet"
    asked = flow(query.ip, query.port, query.protocol, scope, pod=query.source)
    decision = only(look(case, asked, pod=query.source, destination=host), "traffic_decision")
    want = {True: "allow", False: "deny", None: "undetermined"}
    found = "allow" if decision.verdict == "open" else decision.verdict
    assert found == want[traffic_allowed(manifests, query, host)]
