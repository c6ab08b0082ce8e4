"""Small Kubernetes worlds for the tests of the policy gate."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from wayout.engine.case import Case, Pod, Question
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Flow, Scope
from wayout.engine.observe.base import View
from wayout.engine.observe.policy import observe

Manifest = dict[str, Any]
Protocol = Literal["tcp", "udp", "icmp", "sctp"]

AGENT = "alibabacloud.com/enable-network-policy-agent"
POD = "a/web-0"
COREDNS = "10.0.0.53"
API_GROUPS = {
    "NetworkPolicy": "networking.k8s.io/v1",
    "TrafficPolicy": "network.alibabacloud.com/v1alpha1",
    "GlobalTrafficPolicy": "network.alibabacloud.com/v1alpha1",
    "Deployment": "apps/v1",
    "EndpointSlice": "discovery.k8s.io/v1",
}


def pod(key: str, ip: str, labels: str = "", **more: Any) -> Manifest:
    """A running pod; `labels` as `app=web,tier=front`."""
    namespace, name = key.split("/")
    return {
        "kind": "Pod",
        "metadata": {
            "namespace": namespace,
            "name": name,
            "labels": pairs(labels),
            "annotations": more.get("annotations", {}),
        },
        "spec": {
            "containers": [{"name": "c", "ports": more.get("ports", [])}],
            "hostNetwork": more.get("host_network", False),
        },
        "status": {"phase": more.get("phase", "Running"), "podIP": ip},
    }


def namespace(name: str, labels: str = "") -> Manifest:
    return {"kind": "Namespace", "metadata": {"name": name, "labels": pairs(labels)}}


def policy(key: str, spec: Manifest) -> Manifest:
    owner, name = key.split("/")
    return {
        "kind": "NetworkPolicy",
        "metadata": {"namespace": owner, "name": name},
        "spec": {"podSelector": {}, **spec},
    }


def egress(*rules: Manifest, **more: Any) -> Manifest:
    """The spec of an egress policy with these rules."""
    return {"policyTypes": ["Egress"], "egress": list(rules), **more}


def pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in text.split(",") if pair)


def lists(manifests: Iterable[Manifest], complete: Iterable[str]) -> list[Manifest]:
    """One List document per kind; kinds that are not named in `complete` break off."""
    grouped: dict[str, list[Manifest]] = {kind: [] for kind in complete}
    for manifest in manifests:
        api = API_GROUPS.get(manifest["kind"], "v1")
        grouped.setdefault(manifest["kind"], []).append({"apiVersion": api, **manifest})
    return [
        {
            "apiVersion": API_GROUPS.get(kind, "v1"),
            "kind": f"{kind}List",
            "metadata": {} if kind in complete else {"continue": "more"},
            "items": items,
        }
        for kind, items in grouped.items()
    ]


ALL = ("Pod", "Namespace", "NetworkPolicy", "Service")


def world(*manifests: Manifest, complete: Iterable[str] = ALL) -> Case:
    return Case.load(*lists(manifests, tuple(complete)))


def scope_of(ip: str) -> Scope:
    """The scope of an address of these worlds: 10.0.0.0/8 may be pods, the rest is public."""
    return "undetermined" if ip.startswith("10.") else "internet"


def flow(
    ip: str,
    port: int = 443,
    protocol: Protocol = "tcp",
    scope: Scope = "undetermined",
    pod: str = POD,
    name: str = "main",
    role: Literal["main", "lookup"] = "main",
) -> Flow:
    family: Literal["ipv4", "ipv6", "none"] = "ipv6" if ":" in ip else "ipv4" if ip else "none"
    return Flow(
        flow=name,
        pod=pod,
        role=role,
        scope=scope,
        ip=ip,
        family=family,
        protocol=protocol,
        port=port,
        destination=ip,
    )


def look(case: Case, *flows: Flow, pod: str = POD, destination: str = "203.0.113.10") -> list[Fact]:
    """Every fact of the policy gate about these flows."""
    question = Question(pod=pod, destination=destination)
    view = View(case, question, pod, case.get(Pod, pod), flows)
    return [sighting.fact for sighting in observe(view)]


def only(facts: Iterable[Fact], kind: str, **fields: object) -> Any:
    """The one fact of this kind with these field values."""
    found = [
        fact
        for fact in facts
        if fact.kind == kind and all(fact.fields[name] == want for name, want in fields.items())
    ]
    assert len(found) == 1, found
    return found[0]
