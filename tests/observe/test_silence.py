"""Whatever is asked of whatever world, each gate says something: silence is never an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import API, CLUSTER, KUBE_DNS, POD, Part, case, shop, with_dns
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact

GATES = ("pod", "dns", "own-load-balancer", "destination-access", "destination-service")
DECISIVE = {"blocks", "passes", "unknown", "not-applicable", "degrades"}
DESTINATIONS = (
    "203.0.113.10:443",
    "203.0.113.80:80",
    "203.0.113.80:81",
    "api.example.com:443",
    "svc/shop/web:80",
    "svc/shop/web:99",
    "svc/shop/web",
    "172.21.7.44:80",
    "172.21.9.9:80",
    "gone.shop.svc:80",
    "pod/shop/web-1:8080",
    "pod/shop/gone:1",
    "10.0.1.5:80",
    "10.0.9.9:1",
    "192.168.1.1:2",
    "100.64.3.3:80",
    "100.100.100.200:80",
    "100.100.2.136:53",
    "127.0.0.1:1",
    "localhost:3",
    "[2001:db8::1]:443",
    "rm-bp1example:3306",
)
WEB: Part = {
    "name": "web",
    "namespace": "shop",
    "cluster_ip": "172.21.7.44",
    "selector": {"app": "web"},
    "ports": [80],
    "load_balancer": ["203.0.113.80"],
}
READY: Part = {"name": "web-1", "namespace": "shop", "ip": "10.0.3.1", "labels": {"app": "web"}}
ALIAS: Part = {
    "name": "web",
    "namespace": "shop",
    "type": "ExternalName",
    "external_name": "x.example.com",
}
SEEN: list[Part] = [
    {"resolved": {"api.example.com": ["10.0.9.9", "203.0.113.10"]}},
    {"dns": {"name": "api.example.com", "status": "timeout"}},
    {"tcp": "timeout"},
]
WORLDS: dict[str, Case] = {
    "nothing": case(),
    "a manifest": case(pods=[{"name": "api-0", "namespace": "shop"}]),
    "no pod": shop(pods=None),
    "absent pod": shop(pods=[], collected=["pods"]),
    "no VPC": shop(vpc=None),
    "pod, cluster and VPC": shop(),
    "pending pod": shop(pods=[{**API, "phase": "Pending"}]),
    "lost pod": shop(pods=[{**API, "phase": "Unknown"}]),
    "CoreDNS": with_dns(observations=SEEN),
    "CoreDNS without pods": shop(services=[KUBE_DNS], collected=["pods"]),
    "PrivateZone": shop(cluster={**CLUSTER, "private_zone": True}),
    "default policy": with_dns(pod={**API, "dns_policy": "Default"}),
    "no name server": with_dns(pod={**API, "dns_policy": "None"}),
    "foreign name server": with_dns(observations=[{"resolv_conf": ["198.51.100.53"]}]),
    "a Service": shop(services=[WEB], pods=[API, {**READY, "phase": "Running"}]),
    "a Service and a starting pod": shop(services=[WEB], pods=[API, {**READY, "phase": "Pending"}]),
    "a Service without pods": shop(services=[WEB], pods=[API], collected=["pods"]),
    "an alias": shop(services=[ALIAS]),
}


def conclusions(world: Case, question: Question) -> tuple[list[str], tuple[Fact, ...]]:
    observed, inferred = shipped().infer(world, question)
    flows = [flow.flow for flow in observed.view.flows if flow.role == "main"]
    return flows, tuple(inferred.facts)


def is_decisive(fact: Any, flow: str, gate: str) -> bool:
    if fact.kind == "not_assessed":  # it names what lacks
        return bool(fact.flow == flow and fact.gate == gate)
    return bool(
        fact.kind == "conclusion"
        and fact.flow == flow
        and fact.gate == gate
        and fact.status in DECISIVE
    )


@pytest.mark.parametrize("protocol", ["tcp", "icmp"])
@pytest.mark.parametrize("name", WORLDS)
def test_each_gate_speaks(name: str, protocol: str) -> None:
    silent = []
    for to in DESTINATIONS:
        question = Question.model_validate({"pod": POD, "destination": to, "protocol": protocol})
        flows, facts = conclusions(WORLDS[name], question)
        assert flows
        silent += [
            (to, flow, gate)
            for flow in flows
            for gate in GATES
            if not any(is_decisive(fact, flow, gate) for fact in facts)
        ]
    assert silent == []
