"""TrafficPolicy and GlobalTrafficPolicy: priority, first match, default deny, and what is open."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.observe.kube import (
    ALL,
    COREDNS,
    POD,
    Manifest,
    flow,
    look,
    namespace,
    only,
    pod,
    scope_of,
    world,
)

WEB = pod(POD, "10.0.0.10", "app=web")
DATABASE = pod("db/pg-0", "10.0.0.20", "app=pg")
SERVICE = {
    "kind": "Service",
    "metadata": {"namespace": "db", "name": "pg"},
    "spec": {"clusterIP": "172.21.0.20", "selector": {"app": "pg"}, "ports": [{"port": 5432}]},
}
LISTS = (*ALL, "TrafficPolicy", "GlobalTrafficPolicy")
EXTERNAL = "203.0.113.10"


def tp(name: str, priority: int, *rules: Manifest, **more: Any) -> Manifest:
    """A TrafficPolicy of namespace a; `everywhere=True` makes it global."""
    kind = "GlobalTrafficPolicy" if more.get("everywhere") else "TrafficPolicy"
    owner = {} if more.get("everywhere") else {"namespace": more.get("namespace", "a")}
    return {
        "kind": kind,
        "metadata": {"name": name, **owner},
        "spec": {
            "priority": priority,
            "selector": more.get("selector", {}),
            "egress": {"rules": list(rules)},
        },
    }


def allow(*peers: Manifest, ports: list[Manifest] | None = None) -> Manifest:
    return rule("allow", *peers, ports=ports)


def deny(*peers: Manifest, ports: list[Manifest] | None = None) -> Manifest:
    return rule("deny", *peers, ports=ports)


def rule(action: str, *peers: Manifest, ports: list[Manifest] | None = None) -> Manifest:
    listed = {} if ports is None else {"ports": ports}
    return {"action": action, **({"to": list(peers)} if peers else {}), **listed}


def facts(*policies: Manifest, **asked: Any) -> list[Any]:
    case = world(
        *asked.get("others", (WEB, DATABASE, SERVICE, namespace("a"), namespace("db"))),
        *policies,
        complete=asked.get("complete", LISTS),
    )
    to = asked.get("to", EXTERNAL)
    one = flow(to, asked.get("port", 443), scope=scope_of(to))
    return look(case, one, destination=asked.get("destination", EXTERNAL))


def decided(*policies: Manifest, **asked: Any) -> str:
    return str(only(facts(*policies, **asked), "traffic_decision").verdict)


HERE = {"cidr": "203.0.113.0/24"}
ANYWHERE = {"cidr": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("policies", "want"),
    [
        pytest.param([], "open", id="none"),
        pytest.param([tp("a", 1, deny(ANYWHERE), namespace="b")], "open", id="other namespace"),
        pytest.param(
            [tp("a", 1, deny(), selector={"matchLabels": {"app": "x"}})], "open", id="other pods"
        ),
        pytest.param([tp("a", 1, allow(HERE), deny(ANYWHERE))], "allow", id="first match"),
        pytest.param([tp("a", 1, deny(ANYWHERE), allow(HERE))], "deny", id="an allow too late"),
        pytest.param([tp("a", 1, rule("reject", ANYWHERE))], "deny", id="reject"),
        pytest.param([tp("a", 1, rule("Allow", ANYWHERE))], "allow", id="spelling of the action"),
        pytest.param([tp("a", 1, allow({"cidr": "10.0.0.0/8"}))], "deny", id="default deny"),
        pytest.param([tp("a", 1, allow())], "allow", id="no peers: everything"),
        pytest.param([tp("a", 1, allow(HERE, ports=[{"port": 80}]))], "deny", id="other port"),
        pytest.param([tp("a", 1, allow(HERE, ports=[{"port": 443}]))], "allow", id="same port"),
        pytest.param(
            [tp("late", 200, deny(ANYWHERE)), tp("early", 100, allow(HERE))],
            "allow",
            id="lower first",
        ),
        pytest.param(
            [tp("mine", 200, allow(HERE)), tp("all", 100, deny(ANYWHERE), everywhere=True)],
            "deny",
            id="one scale for both kinds",
        ),
        pytest.param(
            [tp("mine", 100, allow(HERE)), tp("all", 200, deny(ANYWHERE), everywhere=True)],
            "allow",
            id="global is not stronger",
        ),
        pytest.param(
            [tp("x", 100, allow(HERE)), tp("y", 100, deny(ANYWHERE))],
            "undetermined",
            id="equal priority",
        ),
        pytest.param(
            [tp("x", 100, allow(HERE)), tp("y", 100, allow(ANYWHERE))],
            "allow",
            id="equal and agreed",
        ),
        pytest.param(
            [tp("x", 100, allow(HERE)), tp("y", 100, deny({"cidr": "10.0.0.0/8"}))],
            "allow",
            id="equal, but only one matches",
        ),
        pytest.param([tp("x", 100)], "undetermined", id="selected without egress rules"),
        pytest.param([tp("x", 100, rule("log", ANYWHERE))], "undetermined", id="unknown action"),
        pytest.param([tp("x", 100, allow({"cidr": "x"}))], "undetermined", id="unreadable block"),
        pytest.param([tp("x", 100, allow({}))], "deny", id="a peer that names nothing"),
    ],
)
def test_order(policies: list[Manifest], want: str) -> None:
    assert decided(*policies) == want


@pytest.mark.parametrize(
    ("fqdn", "destination", "want"),
    [
        ("api.example.com", "api.example.com:443", "allow"),
        ("API.example.com.", "api.example.com:443", "allow"),
        ("www.example.com", "api.example.com:443", "deny"),
        ("*.example.com", "api.example.com:443", "deny"),
        ("api.example.com", EXTERNAL, "undetermined"),
    ],
)
def test_names(fqdn: str, destination: str, want: str) -> None:
    assert decided(tp("a", 1, allow({"fqdn": fqdn})), destination=destination) == want


@pytest.mark.parametrize(
    ("peer", "want"),
    [
        ({"service": {"name": "pg", "namespace": "db"}}, "allow"),
        ({"service": {"name": "*", "namespace": "db"}}, "allow"),
        ({"service": {"name": "other", "namespace": "db"}}, "deny"),
        ({"service": {"name": "pg"}}, "deny"),
        ({"workload": {"namespace": "db", "selector": {"matchLabels": {"app": "pg"}}}}, "allow"),
        ({"workload": {"namespace": "db", "selector": {}}}, "allow"),
        ({"workload": {"selector": {"matchLabels": {"app": "pg"}}}}, "deny"),
    ],
)
def test_services_and_workloads(peer: Manifest, want: str) -> None:
    assert decided(tp("a", 1, allow(peer)), to="10.0.0.20", port=5432) == want


def test_a_service_without_selector_has_written_endpoints() -> None:
    manual = {**SERVICE, "spec": {"clusterIP": "172.21.0.20", "ports": [{"port": 5432}]}}
    endpoints = {
        "kind": "EndpointSlice",
        "metadata": {
            "namespace": "db",
            "name": "pg-1",
            "labels": {"kubernetes.io/service-name": "pg"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [EXTERNAL]}],
        "ports": [{"port": 5432}],
    }
    peer = allow({"service": {"name": "pg", "namespace": "db"}})
    slices = (*LISTS, "EndpointSlice")
    assert decided(tp("a", 1, peer), others=(WEB, manual, endpoints), complete=slices) == "allow"
    assert decided(tp("a", 1, peer), others=(WEB, manual), complete=slices) == "deny"
    assert decided(tp("a", 1, peer), others=(WEB, manual)) == "undetermined"


@pytest.mark.parametrize("missing", ["TrafficPolicy", "GlobalTrafficPolicy"])
def test_a_list_that_is_not_complete(missing: str) -> None:
    complete = tuple(kind for kind in LISTS if kind != missing)
    found = facts(tp("a", 1, allow()), complete=complete)
    decision = only(found, "traffic_decision")
    assert (decision.verdict, decision.doubt) == ("undetermined", "missing")
    assert not only(found, "traffic_selection").is_complete


def test_labels_of_the_pod_not_known() -> None:
    chosen = tp("a", 1, deny(), selector={"matchLabels": {"app": "web"}})
    found = facts(chosen, others=())
    assert only(found, "traffic_selection").state == "undetermined"
    assert only(found, "traffic_decision").lacks == "pods"


def test_a_deny_names_its_rule_and_the_allow_that_came_too_late() -> None:
    found = facts(
        tp("strict", 100, allow({"cidr": "10.0.0.0/8"}), deny(ANYWHERE)),
        tp("mine", 200, allow(HERE)),
    )
    decision = only(found, "traffic_decision")
    assert (decision.policy, decision.rule, decision.priority) == ("a/strict", 2, 100)
    late = only(found, "traffic_shadowed")
    assert (late.policy, late.rule, late.denied_by, late.denied_rule) == (
        "a/mine",
        1,
        "a/strict",
        2,
    )


def test_a_wildcard_is_pointed_out() -> None:
    found = facts(tp("a", 1, allow({"fqdn": "*.example.com"})), destination="api.example.com")
    assert only(found, "traffic_unmatched").fqdn == "*.example.com"
    assert only(found, "traffic_decision").is_default


@pytest.mark.parametrize(
    "policies",
    [
        [tp("strict", 100, deny(ANYWHERE))],
        [tp("strict", 100, allow({"cidr": "10.0.0.0/8"}))],
        [tp("first", 1, deny(HERE)), tp("second", 2, allow(ANYWHERE))],
    ],
)
@pytest.mark.parametrize("destination", [EXTERNAL, "api.example.com:443"])
def test_the_opening_opens_just_this(policies: list[Manifest], destination: str) -> None:
    opening = only(facts(*policies, destination=destination), "traffic_opening")
    assert json.loads(opening.selector_json) == {"matchLabels": {"app": "web"}}
    added = tp(
        opening.name,
        opening.priority,
        allow(*json.loads(opening.peers_json), ports=json.loads(opening.ports_json)),
        selector=json.loads(opening.selector_json),
    )
    assert decided(*policies, added, destination=destination) == "allow"
    assert decided(*policies, added, destination=destination, port=8443) == decided(
        *policies, destination=destination, port=8443
    )


def test_a_lookup_has_no_name() -> None:
    case = world(WEB, tp("a", 1, allow({"fqdn": "api.example.com"})), complete=LISTS)
    lookup = flow(COREDNS, 53, "udp", name="lookup-udp", role="lookup")
    decision = only(look(case, lookup, destination="api.example.com"), "traffic_decision")
    assert decision.verdict == "deny"
