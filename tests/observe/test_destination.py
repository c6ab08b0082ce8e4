"""The last three gates: own load balancers, what guards a destination, what runs there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import API, Part, answer, ask, codes, every, only, shop
from wayout.engine.case import Case

PUBLIC = "203.0.113.10:443"
WEB: Part = {
    "name": "web",
    "namespace": "shop",
    "cluster_ip": "172.21.7.44",
    "selector": {"app": "web"},
    "ports": [{"name": "http", "port": 80, "targetPort": 8080}],
}
READY: Part = {
    "name": "web-1",
    "namespace": "shop",
    "ip": "10.0.3.1",
    "phase": "Running",
    "labels": {"app": "web"},
    "ports": [8080],
}
PREFIX = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"


def balancer(policy: str = "Cluster", **annotations: str) -> Part:
    """A LoadBalancer Service as the API server prints it."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "web",
            "namespace": "shop",
            "annotations": {
                PREFIX + name.replace("_", "-"): text for name, text in annotations.items()
            },
        },
        "spec": {
            "type": "LoadBalancer",
            "clusterIP": "172.21.7.44",
            "externalTrafficPolicy": policy,
            "selector": {"app": "web"},
            "ports": [{"port": 80, "targetPort": 8080}, {"port": 443, "targetPort": 8080}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.80"}]}},
    }


def world(*services: Part, **parts: Any) -> Case:
    """The pod, a ready web pod, and the complete list of these Services."""
    base: dict[str, Any] = {
        "pods": [API, READY],
        "services": [],
        "documents": list(services),
        "collected": ["pods"],
    }
    return shop(**{**base, **parts})


# ── Own load balancers ───────────────────────────────────────────────────────────────────────


def test_a_public_address_that_no_service_has() -> None:
    assert answer(world(), PUBLIC).gate("own-load-balancer").status == "not-applicable"


def test_without_the_services_nobody_knows() -> None:
    """Missing is never empty: the address may be the load balancer of an unseen Service."""
    found = answer(shop(), PUBLIC)
    assert found.gate("own-load-balancer").status == "unknown"
    needs = {item.name for item in found.not_assessed if "own-load-balancer" in item.gates}
    assert needs == {"services"}


@pytest.mark.parametrize("to", ["100.100.2.136:53", "pod/shop/web-1:8080", "192.168.9.9:22"])
def test_addresses_that_cannot_be_load_balancers_need_no_services(to: str) -> None:
    found = answer(shop(pods=[API, READY]), to)
    assert found.gate("own-load-balancer").status == "not-applicable"


@pytest.mark.parametrize(
    ("service", "to", "status", "listener"),
    [
        (balancer(), "203.0.113.80:80", "passes", "tcp"),
        (balancer("Local"), "203.0.113.80:80", "unknown", "tcp"),
        (balancer(proxy_protocol="on"), "203.0.113.80:80", "unknown", "proxy-protocol"),
        (balancer(protocol_port="https:443"), "203.0.113.80:443", "unknown", "https"),
        (balancer(protocol_port="https:443"), "203.0.113.80:80", "passes", "tcp"),
        (balancer(protocol_port="https:443,http:80"), "203.0.113.80:80", "passes", "http"),
        (balancer(""), "203.0.113.80:80", "unknown", "tcp"),
        (balancer(), "203.0.113.80:81", "unknown", "tcp"),
    ],
    ids=[
        "LB-2",
        "LB-1",
        "LB-3",
        "LB-4",
        "LB-4 other port",
        "http listener",
        "policy not stated",
        "another port",
    ],
)
def test_sub_cases(service: Part, to: str, status: str, listener: str) -> None:
    """Interception alone is no failure; Local, PROXY and TLS make it one, possibly."""
    case = world(service)
    assert only(ask(case, to), "balancer_address").listener == listener
    found = answer(case, to)
    assert found.gate("own-load-balancer").status == status
    assert codes(found, "own-load-balancer") <= {"OLB-010", "OLB-013", "OLB-014", "OLB-016"}


def test_no_endpoint_behind_the_balancer_is_certain() -> None:
    """LB-6."""
    found = answer(world(balancer(), pods=[API]), "203.0.113.80:80")
    assert found.gate("own-load-balancer").status == "blocks"


def test_a_host_name_in_the_status_is_not_intercepted() -> None:
    service = balancer()
    service["status"] = {"loadBalancer": {"ingress": [{"hostname": "web.nlb.example.com"}]}}
    seen = {"resolved": {"web.nlb.example.com": ["203.0.113.80"]}}
    case = world(service, observations=[seen])
    fact = only(ask(case, "web.nlb.example.com:80"), "balancer_address")
    assert fact.is_intercepted is False
    found = answer(case, "web.nlb.example.com:80")
    assert found.gate("own-load-balancer").status == "not-applicable"


def test_ip_mode_proxy_is_not_intercepted() -> None:
    service = balancer()
    service["status"]["loadBalancer"]["ingress"] = [{"ip": "203.0.113.80", "ipMode": "Proxy"}]
    assert only(ask(world(service), "203.0.113.80:80"), "balancer_address").is_intercepted is False


def test_the_host_of_an_ingress_is_told() -> None:
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"rules": [{"host": "Shop.example.com"}]},
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.80"}]}},
    }
    case = world(ingress)
    assert only(ask(case, "shop.example.com:443"), "ingress_host").by == "host"
    assert only(ask(case, "203.0.113.80:443"), "ingress_host").by == "address"
    assert every(ask(case, PUBLIC), "ingress_host") == []


# ── What guards a destination ────────────────────────────────────────────────────────────────


def test_somebody_elses_server_is_assumed_to_listen_and_to_admit() -> None:
    found = answer(world(), PUBLIC)
    assert found.gate("destination-access").status == "not-applicable"
    assert found.gate("destination-service").status == "not-applicable"
    assert {"DAC-002", "DSV-002"} <= {a.code for a in found.assumptions}


def test_an_eip_of_this_account_is_not_somebody_elses() -> None:
    case = world(eips=[{"id": "eip-1", "ip": "203.0.113.10"}])
    assert answer(case, PUBLIC).gate("destination-access").status == "unknown"


@pytest.mark.parametrize(
    "to", ["10.0.9.9:3306", "192.168.9.9:22", "100.64.3.3:80", "svc/shop/gone:80", "rm-1x:3306"]
)
def test_what_cannot_be_judged_yet_is_unknown(to: str) -> None:
    assert answer(world(), to).gate("destination-access").status == "unknown"


@pytest.mark.parametrize("to", ["127.0.0.1:8080", "localhost:8080"])
def test_dialling_oneself(to: str) -> None:
    """Row D-08."""
    fact = only(ask(world(), to), "destination_address")
    assert fact.is_loopback is True
    found = answer(world(), to)
    assert found.verdict == "unknown"
    assert found.gate("destination-service").status == "unknown"


# ── What runs there ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("to", "status", "code"),
    [
        ("svc/shop/web:80", "passes", None),
        ("172.21.7.44:80", "passes", None),
        ("svc/shop/web:8080", "blocks", "DSV-012"),
        ("svc/shop/gone:80", "blocks", "DSV-010"),
        ("svc/shop/web", "passes", None),
        ("pod/shop/web-1:8080", "passes", None),
        ("pod/shop/gone:8080", "blocks", "DSV-020"),
    ],
)
def test_services_and_pods(to: str, status: str, code: str | None) -> None:
    found = answer(world(services=[WEB]), to)
    assert found.gate("destination-service").status == status
    assert codes(found, "destination-service") == ({code} if code else set())


@pytest.mark.parametrize(
    ("pod", "status"),
    [
        ({"phase": "Succeeded"}, "blocks"),
        ({"phase": "Failed"}, "blocks"),
        ({"phase": "Running"}, "passes"),
    ],
)
def test_a_pod_that_has_ended_listens_no_more(pod: Part, status: str) -> None:
    case = world(pods=[API, {**READY, **pod}])
    assert answer(case, "pod/shop/web-1:8080").gate("destination-service").status == status


def test_no_ready_endpoint() -> None:
    case = world(services=[WEB], pods=[API])
    assert codes(answer(case, "svc/shop/web:80"), "destination-service") == {"DSV-014"}


def test_endpoints_nobody_collected_are_not_missing() -> None:
    case = shop(services=[WEB])
    found = answer(case, "svc/shop/web:80")
    assert found.gate("destination-service").status == "unknown"
    assert codes(found, "destination-service") == set()


@pytest.mark.parametrize(
    ("seen", "status"), [("connected", "passes"), ("refused", "unknown"), ("timeout", "unknown")]
)
def test_what_was_seen(seen: str, status: str) -> None:
    case = world(observations=[{"tcp": seen}])
    assert only(ask(case, "10.0.9.9:3306"), "tcp_observation").result == seen
    found = answer(case, "10.0.9.9:3306")
    assert found.gate("destination-service").status == status
    assert codes(found, "destination-service") == ({"DSV-004"} if seen == "refused" else set())
