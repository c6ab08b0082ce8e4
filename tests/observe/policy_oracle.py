"""A naive evaluator of policies over plain manifests, and random worlds to try it on.

Deliberately written from the text of the API alone: no shared code, no three-valued answers.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from tests.observe.kube import Manifest, Protocol, namespace, pod

EndPort = Literal["range", "start", "never"]

SPACES = ("a", "b")
LABELS = (("app", ("web", "db", "")), ("tier", ("front", "back")))
PORTS = (53, 80, 81, 443)
PROTOCOLS = ("TCP", "UDP", "SCTP")
OUTSIDE = ("203.0.113.10", "198.51.100.77")


class Query(NamedTuple):
    """One packet, from a pod to an address."""

    source: str  # namespace/name
    ip: str
    port: int
    protocol: Protocol


# ── NetworkPolicy ────────────────────────────────────────────────────────────────────────────


def allowed(manifests: list[Manifest], query: Query, end_port: EndPort = "range") -> bool:
    """Whether the policies of the source pod let the packet out."""
    source = find_pod(manifests, name=query.source)
    target = find_pod(manifests, ip=query.ip)
    assert source is not None
    if target is source:
        return True
    isolating = [
        m
        for m in manifests
        if m["kind"] == "NetworkPolicy"
        and m["metadata"]["namespace"] == source["metadata"]["namespace"]
        and has_labels(m["spec"]["podSelector"], source["metadata"]["labels"])
        and "Egress" in types_of(m["spec"])
    ]
    if not isolating:
        return True
    for owner in isolating:
        for rule in owner["spec"].get("egress", []):
            home = owner["metadata"]["namespace"]
            if ports_match(rule, query, target, end_port) and peers_match(
                rule, query, target, home, manifests
            ):
                return True
    return False


def types_of(spec: Manifest) -> list[str]:
    if spec.get("policyTypes"):
        return list(spec["policyTypes"])
    return ["Ingress", "Egress"] if len(spec.get("egress", [])) > 0 else ["Ingress"]


def find_pod(manifests: list[Manifest], name: str = "", ip: str = "") -> Manifest | None:
    for m in manifests:
        if m["kind"] == "Pod":
            key = f"{m['metadata']['namespace']}/{m['metadata']['name']}"
            if name == key or ip == m["status"]["podIP"]:
                return m
    return None


def has_labels(selector: Manifest, labels: dict[str, str]) -> bool:
    for key, value in selector.get("matchLabels", {}).items():
        if labels.get(key) != value:
            return False
    for wanted in selector.get("matchExpressions", []):
        key, values = wanted["key"], wanted.get("values", [])
        truth = {
            "In": labels.get(key) in values,
            "NotIn": labels.get(key) not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }
        if not truth[wanted["operator"]]:
            return False
    return True


def ports_match(rule: Manifest, query: Query, target: Manifest | None, end_port: EndPort) -> bool:
    if not rule.get("ports"):
        return True
    for item in rule["ports"]:
        if item.get("protocol", "TCP").lower() != query.protocol:
            continue
        wanted = item.get("port")
        if wanted is None:
            return True
        if isinstance(wanted, str):
            if target is not None and named(target, wanted, query):
                return True
        elif "endPort" in item:
            last = {"range": item["endPort"], "start": wanted, "never": wanted - 1}[end_port]
            if wanted <= query.port <= last:
                return True
        elif wanted == query.port:
            return True
    return False


def named(target: Manifest, name: str, query: Query) -> bool:
    return any(
        port["name"] == name
        and port["containerPort"] == query.port
        and port["protocol"].lower() == query.protocol
        for container in target["spec"]["containers"]
        for port in container["ports"]
    )


def peers_match(
    rule: Manifest, query: Query, target: Manifest | None, home: str, manifests: list[Manifest]
) -> bool:
    if not rule.get("to"):
        return True
    for peer in rule["to"]:
        if "ipBlock" in peer:
            if inside(query.ip, peer["ipBlock"]["cidr"]) and not any(
                inside(query.ip, hole) for hole in peer["ipBlock"].get("except", [])
            ):
                return True
        elif target is not None and pod_matches(peer, target, home, manifests):
            return True
    return False


def pod_matches(peer: Manifest, target: Manifest, home: str, manifests: list[Manifest]) -> bool:
    space = target["metadata"]["namespace"]
    if "namespaceSelector" in peer:
        labels = {"kubernetes.io/metadata.name": space}
        for m in manifests:
            if m["kind"] == "Namespace" and m["metadata"]["name"] == space:
                labels |= m["metadata"]["labels"]
        if not has_labels(peer["namespaceSelector"], labels):
            return False
    elif space != home:
        return False
    return has_labels(peer.get("podSelector", {}), target["metadata"]["labels"])


def inside(ip: str, cidr: str) -> bool:
    return ipaddress.ip_address(ip) in ipaddress.ip_network(cidr, strict=False)


# ── TrafficPolicy ────────────────────────────────────────────────────────────────────────────


def traffic_allowed(manifests: list[Manifest], query: Query, host: str = "") -> bool | None:
    """Whether the traffic policies let the packet out; None when only silent policies select."""
    source = find_pod(manifests, name=query.source)
    assert source is not None
    selecting = [
        m
        for m in manifests
        if m["kind"] in ("TrafficPolicy", "GlobalTrafficPolicy")
        and m["metadata"].get("namespace", source["metadata"]["namespace"])
        == source["metadata"]["namespace"]
        and has_labels(m["spec"]["selector"], source["metadata"]["labels"])
    ]
    if not selecting:
        return True
    rules = [
        (rule, policy["metadata"].get("namespace", ""))
        for policy in sorted(selecting, key=lambda m: int(m["spec"]["priority"]))
        for rule in policy["spec"].get("egress", {}).get("rules", [])
    ]
    if not rules:
        return None
    target = find_pod(manifests, ip=query.ip)
    for rule, home in rules:
        if ports_match(rule, query, target, "range") and traffic_peers(
            rule, query, target, home, host, manifests
        ):
            return bool(rule["action"] == "allow")
    return False


def traffic_peers(
    rule: Manifest,
    query: Query,
    target: Manifest | None,
    home: str,
    host: str,
    manifests: list[Manifest],
) -> bool:
    if not rule.get("to"):
        return True
    for peer in rule["to"]:
        if "cidr" in peer and inside(query.ip, peer["cidr"]):
            return True
        if "fqdn" in peer and peer["fqdn"] == host:
            return True
        if target is None:
            continue
        space, labels = target["metadata"]["namespace"], target["metadata"]["labels"]
        if (
            "workload" in peer
            and space == peer["workload"].get("namespace", home)
            and has_labels(peer["workload"]["selector"], labels)
        ):
            return True
        if "service" in peer and space == peer["service"]["namespace"]:
            for m in manifests:
                if (
                    m["kind"] == "Service"
                    and m["metadata"]["namespace"] == space
                    and peer["service"]["name"] in ("*", m["metadata"]["name"])
                    and m["spec"]["selector"].items() <= labels.items()
                ):
                    return True
    return False


# ── Random worlds ────────────────────────────────────────────────────────────────────────────

labels = st.fixed_dictionaries({}, optional={key: st.sampled_from(v) for key, v in LABELS})
expressions = st.one_of(
    st.builds(
        lambda entry, operator: {"key": entry[0], "operator": operator, "values": [entry[1][0]]},
        st.sampled_from(LABELS),
        st.sampled_from(["In", "NotIn"]),
    ),
    st.builds(
        lambda entry, operator: {"key": entry[0], "operator": operator},
        st.sampled_from(LABELS),
        st.sampled_from(["Exists", "DoesNotExist"]),
    ),
)
selectors = st.one_of(
    st.just({}),
    st.builds(lambda chosen: {"matchLabels": chosen}, labels),
    st.builds(lambda chosen: {"matchExpressions": [chosen]}, expressions),
    st.builds(
        lambda chosen, more: {"matchLabels": chosen, "matchExpressions": [more]},
        labels,
        expressions,
    ),
)
space_selectors = st.one_of(
    selectors,
    st.sampled_from(SPACES).map(lambda s: {"matchLabels": {"kubernetes.io/metadata.name": s}}),
)
cidrs = st.sampled_from(
    ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.3/30", "10.0.0.2/32", "203.0.113.0/24", "203.0.113.10"]
)
blocks = st.builds(
    lambda cidr, holes: {"ipBlock": {"cidr": cidr, **({"except": holes} if holes else {})}},
    cidrs,
    st.lists(cidrs, max_size=2),
)
peers = st.one_of(
    blocks,
    st.builds(lambda chosen: {"podSelector": chosen}, selectors),
    st.builds(lambda chosen: {"namespaceSelector": chosen}, space_selectors),
    st.builds(
        lambda chosen, space: {"podSelector": chosen, "namespaceSelector": space},
        selectors,
        space_selectors,
    ),
)
names = st.sampled_from(["http", "dns"])


def port_items(with_end_port: bool) -> st.SearchStrategy[Manifest]:
    plain = st.fixed_dictionaries(
        {},
        optional={
            "protocol": st.sampled_from(PROTOCOLS),
            "port": st.one_of(st.sampled_from(PORTS), names),
        },
    )
    ranged = st.fixed_dictionaries(
        {"port": st.sampled_from(PORTS), "endPort": st.sampled_from([81, 90, 500])},
        optional={"protocol": st.sampled_from(PROTOCOLS)},
    )
    return st.one_of(plain, ranged) if with_end_port else plain


def rules(with_end_port: bool) -> st.SearchStrategy[Manifest]:
    return st.fixed_dictionaries(
        {},
        optional={
            "to": st.lists(peers, max_size=3),
            "ports": st.lists(port_items(with_end_port), max_size=3),
        },
    )


def policies(with_end_port: bool) -> st.SearchStrategy[list[Manifest]]:
    specs = st.fixed_dictionaries(
        {"podSelector": st.one_of(st.just({}), selectors)},
        optional={
            "policyTypes": st.sampled_from([[], ["Egress"], ["Ingress"], ["Ingress", "Egress"]]),
            "egress": st.lists(rules(with_end_port), max_size=3),
            "ingress": st.just([]),
        },
    )
    return st.lists(st.tuples(st.sampled_from(SPACES), specs), max_size=5).map(
        lambda chosen: [
            {
                "kind": "NetworkPolicy",
                "metadata": {"namespace": space, "name": f"p{index}"},
                "spec": spec,
            }
            for index, (space, spec) in enumerate(chosen)
        ]
    )


@st.composite
def inhabitants(draw: st.DrawFn) -> list[Manifest]:
    """Namespaces and pods with random labels and named ports."""
    found = [namespace(name) for name in SPACES]
    for space in found:
        space["metadata"]["labels"] = draw(labels)
    for index in range(draw(st.integers(2, 6))):
        made = pod(f"{draw(st.sampled_from(SPACES))}/p{index}", f"10.0.0.{index}")
        made["metadata"]["labels"] = draw(labels)
        made["spec"]["containers"][0]["ports"] = draw(
            st.lists(
                st.fixed_dictionaries(
                    {
                        "name": names,
                        "containerPort": st.sampled_from(PORTS),
                        "protocol": st.sampled_from(PROTOCOLS),
                    }
                ),
                max_size=2,
            )
        )
        found.append(made)
    return found


@st.composite
def queries(draw: st.DrawFn, manifests: list[Manifest]) -> Query:
    pods = [m for m in manifests if m["kind"] == "Pod"]
    source = draw(st.sampled_from(pods))["metadata"]
    addresses = [p["status"]["podIP"] for p in pods]
    ip = draw(st.one_of(st.sampled_from(addresses), st.sampled_from([*addresses, *OUTSIDE])))
    protocol: Protocol = draw(st.sampled_from(["tcp", "udp", "sctp"]))
    return Query(
        f"{source['namespace']}/{source['name']}", ip, draw(st.sampled_from(PORTS)), protocol
    )


traffic_rules = st.fixed_dictionaries(
    {"action": st.sampled_from(["allow", "deny"])},
    optional={
        "to": st.lists(
            st.one_of(
                st.builds(lambda cidr: {"cidr": cidr}, cidrs),
                st.builds(
                    lambda name: {"fqdn": name},
                    st.sampled_from(["api.example.com", "www.example.com", "*.example.com"]),
                ),
                st.builds(
                    lambda space, name: {"service": {"namespace": space, "name": name}},
                    st.sampled_from(SPACES),
                    st.sampled_from(["s0", "s1", "*"]),
                ),
                st.builds(
                    lambda space, chosen: {"workload": {"namespace": space, "selector": chosen}},
                    st.sampled_from(SPACES),
                    selectors,
                ),
            ),
            max_size=3,
        ),
        "ports": st.lists(port_items(with_end_port=False), max_size=2),
    },
)


@st.composite
def traffic_policies(draw: st.DrawFn) -> list[Manifest]:
    """TrafficPolicies and GlobalTrafficPolicies of different priorities, and Services."""
    priorities = draw(st.lists(st.integers(1, 1000), max_size=4, unique=True))
    found: list[Manifest] = []
    for index, priority in enumerate(priorities):
        is_global = draw(st.booleans())
        meta: dict[str, Any] = {"name": f"t{index}"}
        if not is_global:
            meta["namespace"] = draw(st.sampled_from(SPACES))
        found.append(
            {
                "kind": "GlobalTrafficPolicy" if is_global else "TrafficPolicy",
                "metadata": meta,
                "spec": {
                    "priority": priority,
                    "selector": draw(selectors),
                    "egress": {"rules": draw(st.lists(traffic_rules, max_size=3))},
                },
            }
        )
    for index in range(2):
        found.append(
            {
                "kind": "Service",
                "metadata": {"namespace": draw(st.sampled_from(SPACES)), "name": f"s{index}"},
                "spec": {
                    "clusterIP": f"172.21.0.{index + 1}",
                    "selector": {"app": draw(st.sampled_from(LABELS[0][1]))},
                },
            }
        )
    return found
