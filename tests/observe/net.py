"""Small worlds for the tests of placement, flows, lookup and destination: case files in code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wayout.engine import Answer, diagnose
from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact
from wayout.engine.observe import make_view, observe
from wayout.engine.observe.flow import PlannedView

Part = dict[str, Any]

POD = "shop/api-0"
API: Part = {"name": "api-0", "namespace": "shop", "ip": "10.0.1.5", "phase": "Running"}
CLUSTER: Part = {"id": "c-1", "vpc": "vpc-1", "service_cidr": "172.21.0.0/20"}
VPC: Part = {"id": "vpc-1", "cidr": "10.0.0.0/16"}
KUBE_DNS: Part = {
    "name": "kube-dns",
    "namespace": "kube-system",
    "cluster_ip": "172.21.0.10",
    "selector": {"k8s-app": "kube-dns"},
    "ports": [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ],
}


def coredns(number: int, ip: str, **more: Any) -> Part:
    """A CoreDNS pod with a network interface of its own."""
    return {
        "name": f"coredns-{number}",
        "namespace": "kube-system",
        "ip": ip,
        "phase": "Running",
        "labels": {"k8s-app": "kube-dns"},
        "dns_policy": "Default",
        **more,
    }


def case(**parts: Any) -> Case:
    """A case file with these parts."""
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})


def shop(**parts: Any) -> Case:
    """The usual pod, cluster and VPC, with parts replaced or added."""
    return case(**{"pods": [API], "cluster": CLUSTER, "vpc": VPC, **parts})


def with_dns(**parts: Any) -> Case:
    """The usual world with two CoreDNS pods behind kube-dns."""
    pods = [parts.pop("pod", API), coredns(1, "10.0.2.8"), coredns(2, "10.0.2.9")]
    return shop(**{"pods": pods, "services": [KUBE_DNS], "collected": ["pods"], **parts})


def ask(world: Case, to: str, pod: str = POD, **more: Any) -> list[Fact]:
    """Every fact of one question."""
    return list(observe(world, Question(pod=pod, destination=to, **more)).facts)


def view(world: Case, to: str = "203.0.113.10:443", pod: str = POD) -> PlannedView:
    return make_view(world, Question(pod=pod, destination=to))


def answer(world: Case, to: str, pod: str = POD) -> Answer:
    """The answer of the shipped knowledge base."""
    return diagnose(world, Question(pod=pod, destination=to))


def codes(found: Answer, gate: str) -> set[str]:
    """The rules behind the findings of one gate."""
    return {finding.code for finding in found.findings if finding.gate == gate}


def every(facts: Iterable[Fact], kind: str, **fields: object) -> list[Any]:
    """The facts of a kind with these field values."""
    return [
        fact
        for fact in facts
        if fact.kind == kind and all(fact.fields[name] == want for name, want in fields.items())
    ]


def only(facts: Iterable[Fact], kind: str, **fields: object) -> Any:
    """The one fact of this kind with these field values."""
    found = every(facts, kind, **fields)
    assert len(found) == 1, found
    return found[0]
