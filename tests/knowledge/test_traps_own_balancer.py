"""What a naive implementation gets wrong about the cluster's own load balancers.

The number in a name is that of the trap on the destination side; the first sentence of a docstring
says the naive belief. Every trap is asked as a whole case through the public door.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.worlds import (
    NO_SNAT,
    Part,
    ask,
    case_file,
    change,
    codes,
    finding,
    group,
    lacks,
    policy,
    rule,
    status,
    told,
)
from wayout.engine import Answer

ADDRESS, NAME, DNS = "203.0.113.80", "web.example.com", "orders.shop.svc.cluster.local"
PREFIX = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
LEGACY = "service.beta.kubernetes.io/alicloud-loadbalancer-"
ORDERS = {
    "name": "shop/orders-0", "ip": "10.20.16.40", "phase": "Running", "labels": {"app": "orders"},
    "ports": [8080], "eni": "eni-bp1orders", "security_group": "sg-bp1cluster",
    "vswitch": "vsw-bp1pods",
    "annotations": {"alibabacloud.com/enable-network-policy-agent": "true"},
}  # fmt: skip


def service(annotations: Part | None = None, **fields: Any) -> Part:
    """A LoadBalancer Service in front of one pod."""
    return {
        "name": "shop/orders", "cluster_ip": "172.21.7.50", "selector": {"app": "orders"},
        "ports": [{"name": "a", "port": 80, "target_port": 8080},
                  {"name": "b", "port": 443, "target_port": 8080}],
        "load_balancer": ADDRESS, "external_traffic_policy": "Cluster",
        "endpoints": ["10.20.16.40"], "annotations": dict(annotations or {}), **fields,
    }  # fmt: skip


def dial(to: str, *services: Part, seen: list[Part] | None = None, **more: Any) -> Answer:
    """The answer for the healthy world with these Services and the pod behind them."""
    parts = {"pods": [ORDERS], "services": list(services), "observations": seen or []}
    changes = more.pop("changes", ())
    documents = more.pop("documents", ())
    asked = more.pop("asked", {})
    return ask(case_file(**{**parts, **more}), *documents, to=to, changes=changes, **asked)


def resolves(name: str, *addresses: str) -> Part:
    return {"resolved": {name: list(addresses)}}


def fixes(answer: Answer, code: str) -> list[str]:
    return list(finding(answer, code).fixes)


# ── Trap 1: interception is no failure ──────────────────────────────────────────────────────────


def test_trap_01_a_load_balancer_of_the_cluster_is_not_unreachable() -> None:
    """A LoadBalancer Service cannot be reached from inside."""
    answer = dial(f"{ADDRESS}:80", service())
    assert answer.verdict == "reachable"
    assert status(answer, "own-load-balancer") == "passes"


def test_trap_01_not_even_without_an_internet_exit() -> None:
    """A public address needs SNAT: not one that never leaves the cluster."""
    answer = dial(f"{ADDRESS}:80", service(), changes=[NO_SNAT])
    assert answer.verdict == "reachable"
    assert dial("203.0.113.10:443", service(), changes=[NO_SNAT]).verdict == "blocked"


@pytest.mark.parametrize(
    ("fields", "to", "want"),
    [
        ({"external_traffic_policy": "Local"}, 80, ["OLB-010"]),
        ({"annotations": {PREFIX + "proxy-protocol": "on"}}, 80, ["OLB-013"]),
        ({"annotations": {PREFIX + "protocol-port": "https:443"}}, 443, ["OLB-014"]),
        ({"annotations": {LEGACY + "protocol-port": "http:80,https:443"}}, 443, ["OLB-014"]),
        ({"annotations": {LEGACY + "protocol-port": "http:80,https:443"}}, 80, []),
        ({"annotations": {PREFIX + "protocol-port": "https:443"}}, 80, []),
    ],
    ids=["LB-1", "LB-3", "LB-4", "LB-4 legacy", "an HTTP listener", "the other port"],
)
def test_trap_01_the_outcome_depends_on_policy_and_listener(
    fields: dict[str, Any], to: int, want: list[str]
) -> None:
    answer = dial(f"{ADDRESS}:{to}", service(**fields))
    assert codes(answer) == want
    assert answer.verdict == ("unknown" if want else "reachable")


def test_trap_01_what_is_only_probable_becomes_certain_by_what_was_seen() -> None:
    local = service(external_traffic_policy="Local")
    guess = dial(f"{ADDRESS}:80", local)
    assert finding(guess, "OLB-010").certainty == "possible"
    assert "OLB-028" in told(guess)
    for seen in ("timeout", "refused"):
        answer = dial(f"{ADDRESS}:80", local, seen=[{"tcp": seen}])
        assert (answer.verdict, codes(answer)) == ("blocked", ["OLB-021"])
    worked = dial(f"{ADDRESS}:80", local, seen=[{"tcp": "connected"}])
    assert (worked.verdict, codes(worked)) == ("reachable", [])


def test_trap_01_a_timeout_that_another_gate_explains_proves_nothing_more() -> None:
    shut = change(
        "security_group_rules", "sgr-bp1out", "sg-bp1cluster", DestCidrIp="198.51.100.0/24"
    )
    local = service(external_traffic_policy="Local")
    answer = dial(f"{ADDRESS}:80", local, seen=[{"tcp": "timeout"}], changes=[shut])
    assert finding(answer, "OLB-022").certainty == "possible"
    assert finding(answer, "SG-002").is_primary


# ── Trap 2: what not to recommend ───────────────────────────────────────────────────────────────


def test_trap_02_the_service_itself_comes_first() -> None:
    """Set externalTrafficPolicy to Cluster."""
    answer = dial(f"{ADDRESS}:80", service(external_traffic_policy="Local"))
    assert fixes(answer, "OLB-010") == ["use-cluster-ip", "set-traffic-policy-cluster"]
    by_id = {fix.id: fix for fix in answer.fixes}
    assert DNS in by_id["use-cluster-ip"].change.kubectl
    assert by_id["use-cluster-ip"].verified.result == "unmodelled"
    assert by_id["set-traffic-policy-cluster"].verified.verdict_after == "reachable"
    assert "patch service orders" in by_id["set-traffic-policy-cluster"].change.kubectl


@pytest.mark.parametrize(
    "annotations",
    [{PREFIX + "protocol-port": "https:443"}, {PREFIX + "proxy-protocol": "on"}],
    ids=["TLS", "PROXY"],
)
def test_trap_02_cluster_does_not_help_where_the_load_balancer_is_needed(annotations: Part) -> None:
    local = service(annotations, external_traffic_policy="Local")
    for seen in ([], [{"tcp": "timeout"}]):
        answer = dial(f"{ADDRESS}:443", local, seen=seen)
        assert not any(fix.id.startswith("set-traffic-policy") for fix in answer.fixes)
        assert {"OLB-047", "OLB-048"} & told(answer)


def test_trap_02_the_other_port_of_the_same_service_may_take_cluster() -> None:
    local = service({PREFIX + "protocol-port": "https:443"}, external_traffic_policy="Local")
    assert codes(dial(f"{ADDRESS}:80", local)) == ["OLB-010"]


# ── Trap 3: names lead to own load balancers ────────────────────────────────────────────────────

INGRESS: Part = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "front", "namespace": "shop"},
    "spec": {"rules": [{"host": "*.example.com"}]},
    "status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}},
}


@pytest.mark.parametrize("documents", [[], [INGRESS]], ids=["any name", "an Ingress host"])
def test_trap_03_a_name_that_resolves_to_an_own_load_balancer(documents: list[Part]) -> None:
    """A domain name is something outside."""
    local = service(external_traffic_policy="Local")
    answer = dial(f"{NAME}:80", local, seen=[resolves(NAME, ADDRESS)], documents=documents)
    assert codes(answer) == ["OLB-010"]
    assert ("OLB-020" in told(answer)) is bool(documents)


def test_trap_03_an_ingress_host_that_leads_elsewhere_is_not_intercepted() -> None:
    """The host of an Ingress of the cluster leads to its load balancer."""
    local = service(external_traffic_policy="Local")
    answer = dial(f"{NAME}:80", local, seen=[resolves(NAME, "198.51.100.7")], documents=[INGRESS])
    assert status(answer, "own-load-balancer") == "not-applicable"
    assert (codes(answer), "OLB-043" in told(answer)) == ([], True)


def test_trap_03_nobody_guesses_where_a_name_leads() -> None:
    answer = dial(f"{NAME}:80", service(), documents=[INGRESS])
    assert status(answer, "own-load-balancer") == "unknown"
    assert "observations" in lacks(answer)
    assert "OLB-044" in told(answer)


def test_trap_03_of_two_addresses_one_may_be_intercepted() -> None:
    local = service(external_traffic_policy="Local")
    seen = [resolves(NAME, ADDRESS, "198.51.100.7")]
    answer = dial(f"{NAME}:80", local, seen=seen)
    assert finding(answer, "OLB-010").flows == ("main",)
    assert len(answer.question.flows) == 2


def test_trap_03_services_that_share_a_load_balancer_divide_it_by_port() -> None:
    """The first Service with the address is the one that is meant."""
    other = service(name="shop/metrics", cluster_ip="172.21.7.60", ports=[9090], endpoints=[])
    answer = dial(f"{ADDRESS}:80", other, service())
    assert answer.verdict == "reachable"
    assert codes(dial(f"{ADDRESS}:9090", other, service())) == ["DSV-014", "OLB-015"]


# ── Trap 4: NLB, and others that are known by name ──────────────────────────────────────────────


def nlb(annotations: Part | None = None, *endpoints: str) -> tuple[Part, ...]:
    made: Part = {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "own", "namespace": "shop", "annotations": dict(annotations or {})},
        "spec": {"type": "LoadBalancer", "loadBalancerClass": "alibabacloud.com/nlb",
                 "clusterIP": "172.21.7.61", "selector": {"app": "api"},
                 "externalTrafficPolicy": "Local", "ports": [{"port": 80, "targetPort": 8080}]},
        "status": {"loadBalancer": {"ingress": [{"hostname": NAME}]}},
    }  # fmt: skip
    backends: Part = {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": "own-1", "namespace": "shop",
                     "labels": {"kubernetes.io/service-name": "own"}},
        "ports": [{"port": 8080}], "endpoints": [{"addresses": [ip]} for ip in endpoints],
    }  # fmt: skip
    return made, backends


@pytest.mark.parametrize(
    ("annotations", "endpoints", "want"),
    [
        ({}, ("10.20.16.40",), []),
        ({}, ("10.20.16.31",), ["OLB-035"]),
        ({}, ("10.20.16.31", "10.20.16.40"), ["OLB-036"]),
        ({PREFIX + "preserve-client-ip": "off"}, ("10.20.16.31",), []),
    ],
    ids=["another backend", "its only backend", "one of two", "client address not kept"],
)
def test_trap_04_an_nlb_is_not_intercepted_but_may_loop(
    annotations: Part, endpoints: tuple[str, ...], want: list[str]
) -> None:
    """An NLB with externalTrafficPolicy Local fails like a CLB."""
    documents = nlb(annotations, *endpoints)
    answer = dial(f"{NAME}:80", seen=[resolves(NAME, ADDRESS)], documents=documents)
    assert codes(answer) == want
    if not want:
        assert status(answer, "own-load-balancer") == "not-applicable"


def test_trap_04_it_is_known_by_its_address_too() -> None:
    documents = nlb({}, "10.20.16.31")
    answer = dial(f"{ADDRESS}:80", seen=[resolves(NAME, ADDRESS)], documents=documents)
    assert codes(answer) == ["OLB-035"]


def test_trap_04_what_is_not_intercepted_needs_an_exit() -> None:
    answer = dial(
        f"{NAME}:80",
        service(load_balancer=NAME),
        seen=[resolves(NAME, ADDRESS)],
        changes=[NO_SNAT],
    )
    assert answer.verdict == "blocked"
    assert status(answer, "internet-exit") == "blocks"


def test_trap_04_the_fix_by_host_name_shows_that_an_exit_is_needed_then() -> None:
    tls = service({PREFIX + "protocol-port": "https:443"})
    by_id = {f.id: f for f in dial(f"{ADDRESS}:443", tls, changes=[NO_SNAT]).fixes}
    assert by_id["use-balancer-host-name"].verified.result == "no"
    by_id = {f.id: f for f in dial(f"{ADDRESS}:443", tls).fixes}
    assert by_id["use-balancer-host-name"].verified.verdict_after == "reachable"


# ── Trap 5: the ACL of an intercepted address ───────────────────────────────────────────────────


def test_trap_05_the_access_control_list_is_passed_by() -> None:
    """The pod must be in the access control list of the load balancer."""
    guarded = {
        PREFIX + "acl-status": "on",
        PREFIX + "acl-id": "acl-bp1x",
        PREFIX + "acl-type": "white",
    }
    answer = dial(f"{ADDRESS}:80", service(guarded))
    assert answer.verdict == "reachable"
    assert "OLB-039" in told(answer)
    off = {**guarded, PREFIX + "acl-status": "off"}
    assert "OLB-039" not in told(dial(f"{ADDRESS}:80", service(off)))


# ── Trap 17: who refuses ────────────────────────────────────────────────────────────────────────


def test_trap_17_a_refusal_is_not_always_that_of_the_host() -> None:
    """Refused means that the host was reached."""
    refused: list[Part] = [{"tcp": "refused"}]
    host = dial("10.20.16.40:8080", service(), seen=refused)
    assert (codes(host), "DAC-018" in told(host)) == (["DSV-004"], True)
    local = dial(f"{ADDRESS}:80", service(external_traffic_policy="Local"), seen=refused)
    assert (codes(local), "DAC-018" in told(local)) == (["OLB-021"], False)
    empty = dial("svc/shop/orders:80", service(endpoints=[]), seen=refused)
    assert (codes(empty), "DAC-018" in told(empty)) == (["DSV-014"], False)


def test_trap_17_a_group_that_would_drop_does_not_contradict_it() -> None:
    shut = change(
        "security_group_rules", "sgr-bp1out", "sg-bp1cluster", DestCidrIp="198.51.100.0/24"
    )
    local = service(external_traffic_policy="Local")
    answer = dial(f"{ADDRESS}:80", local, seen=[{"tcp": "refused"}], changes=[shut])
    assert "SG-026" not in told(answer)


# ── Trap 30: policies and groups see the pod behind it ──────────────────────────────────────────

TO_BALANCER: Part = {"to": [{"ipBlock": {"cidr": f"{ADDRESS}/32"}}]}
TO_PORT_80: Part = {"to": [{"podSelector": {}}], "ports": [{"port": 80}]}
TO_PODS: Part = {
    "to": [{"podSelector": {"matchLabels": {"app": "orders"}}}],
    "ports": [{"port": 8080}],
}


@pytest.mark.parametrize(
    ("egress", "want"),
    [(TO_BALANCER, "blocks"), (TO_PORT_80, "blocks"), (TO_PODS, "passes")],
    ids=["the balancer's address", "the port of the Service", "the pods and their port"],
)
@pytest.mark.parametrize("to", [f"{ADDRESS}:80", "172.21.7.50:80", "svc/shop/orders:80"])
def test_trap_30_egress_is_judged_on_the_pod_behind(to: str, egress: Part, want: str) -> None:
    """Allow the address that is dialled."""
    own = policy(egress, podSelector={"matchLabels": {"app": "api"}})
    assert status(dial(to, service(), network_policies=[own]), "policy") == want


@pytest.mark.parametrize(
    ("port", "want"), [(8080, "passes"), (80, "blocks")], ids=["target port", "Service port"]
)
@pytest.mark.parametrize("to", [f"{ADDRESS}:80", "svc/shop/orders:80"])
def test_trap_30_ingress_is_judged_on_the_pod_behind(to: str, port: int, want: str) -> None:
    """The load balancer is the client that the endpoints see."""
    lock = {
        "name": "lock", "namespace": "shop", "podSelector": {"matchLabels": {"app": "orders"}},
        "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "api"}}}],
                     "ports": [{"port": port}]}],
    }  # fmt: skip
    answer = dial(to, service(), network_policies=[lock])
    assert status(answer, "destination-access") == want


@pytest.mark.parametrize(
    ("source", "port", "want"),
    [
        ("10.20.16.31/32", 8080, "passes"),
        ("100.64.0.0/10", 8080, "blocks"),
        (f"{ADDRESS}/32", 8080, "blocks"),
        ("10.20.16.31/32", 80, "blocks"),
    ],
    ids=["the client pod", "the load balancer's probes", "its address", "the Service's port"],
)
def test_trap_30_the_group_of_the_endpoint_sees_the_client_pod(
    source: str, port: int, want: str
) -> None:
    entry = {
        "id": "sgr-bp1in",
        "policy": "accept",
        "protocol": "tcp",
        "ports": port,
        "from": source,
    }
    behind = {**group("sg-bp1behind", rule("accept", None, "0.0.0.0/0")), "ingress": [entry]}
    answer = dial(
        f"{ADDRESS}:80",
        service(),
        pods=[{**ORDERS, "security_group": "sg-bp1behind"}],
        security_groups=[behind],
    )
    assert status(answer, "destination-access") == want


# ── Rows LB-6 … LB-11 ───────────────────────────────────────────────────────────────────────────


def test_lb_06_nobody_behind_it() -> None:
    assert dial(f"{ADDRESS}:80", service(endpoints=[])).verdict == "blocked"


def test_lb_07_a_pending_load_balancer_does_not_stop_clients_inside() -> None:
    pending = service(load_balancer=None, type="LoadBalancer")
    answer = dial("svc/shop/orders:80", pending)
    assert answer.verdict == "reachable"
    assert "OLB-040" in told(answer)


def test_lb_08_listeners_of_a_reused_load_balancer() -> None:
    reused = service({PREFIX + "id": "lb-bp1x"}, load_balancer=NAME)
    answer = dial(f"{NAME}:80", reused, seen=[resolves(NAME, ADDRESS)])
    assert fixes(answer, "OLB-037") == ["use-cluster-ip", "force-override-listeners"]
    by_id = {fix.id: fix for fix in answer.fixes}
    assert by_id["force-override-listeners"].verified.verdict_after == "reachable"
    inside = dial(f"{ADDRESS}:80", service({PREFIX + "id": "lb-bp1x"}))
    assert (inside.verdict, "OLB-038" in told(inside)) == ("reachable", True)


def test_lb_09_somebody_elses_load_balancer_is_judged_like_any_address() -> None:
    answer = dial("203.0.113.81:80", service(external_traffic_policy="Local"))
    assert status(answer, "own-load-balancer") == "not-applicable"
    assert codes(answer) == []


def test_lb_11_a_client_on_the_network_of_its_node_gets_one_advice() -> None:
    host = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api-0", "namespace": "shop"},
        "spec": {"hostNetwork": True},
    }  # fmt: skip
    answer = dial(f"{ADDRESS}:80", service(external_traffic_policy="Local"), documents=[host])
    assert fixes(answer, "OLB-027") == ["use-cluster-ip"]
