"""NetworkPolicy: the worked examples and traps of the domain, and a naive evaluator as oracle."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.observe.kube import (
    AGENT,
    ALL,
    COREDNS,
    POD,
    Manifest,
    Protocol,
    egress,
    flow,
    look,
    namespace,
    only,
    pod,
    policy,
    world,
)
from wayout.engine.case import Case

WEB = pod(POD, "10.0.0.10", "app=web")
DNS = pod("kube-system/coredns-1", COREDNS, "k8s-app=kube-dns")
DATABASE = pod(
    "db/pg-0",
    "10.0.0.20",
    "app=pg",
    ports=[
        {"name": "pg", "containerPort": 5432},
        {"name": "stats", "containerPort": 9187, "protocol": "TCP"},
        {"name": "dns", "containerPort": 53, "protocol": "UDP"},
    ],
)
SPACES = (namespace("a"), namespace("db", "env=prod"), namespace("kube-system"))
EXTERNAL = "203.0.113.10"
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]


def verdict(
    *policies: Manifest,
    to: str = EXTERNAL,
    port: int = 443,
    protocol: Protocol = "tcp",
    complete: tuple[str, ...] = ALL,
    others: tuple[Manifest, ...] = (WEB, DNS, DATABASE, *SPACES),
) -> tuple[str, str]:
    """Verdict and what lacks, for a flow of the pod a/web-0."""
    case = world(*others, *policies, complete=complete)
    facts = look(case, flow(to, port, protocol))
    decision = only(facts, "policy_decision")
    return decision.verdict, decision.lacks


def decided(*policies: Manifest, **to: Any) -> str:
    return verdict(*policies, **to)[0]


def rule(to: list[Manifest] | None = None, ports: list[Manifest] | None = None) -> Manifest:
    return {**({} if to is None else {"to": to}), **({} if ports is None else {"ports": ports})}


def block(cidr: str, *holes: str) -> Manifest:
    return {"ipBlock": {"cidr": cidr, **({"except": list(holes)} if holes else {})}}


def pods_with(**labels: str) -> Manifest:
    return {"podSelector": {"matchLabels": labels}}


def spaces_with(**labels: str) -> Manifest:
    return {"namespaceSelector": {"matchLabels": labels}}


TCP443 = {"protocol": "TCP", "port": 443}
UDP53 = {"protocol": "UDP", "port": 53}


# ── The worked examples: what happens to the lookup and what to the connection ───────────────


@pytest.mark.parametrize(
    ("policies", "dns", "connect"),
    [
        pytest.param([], "open", "open", id="no policy"),
        pytest.param(
            [policy("a/deny", {"policyTypes": ["Egress"]})], "deny", "deny", id="deny all"
        ),
        pytest.param(
            [policy("a/out", egress(rule([block("0.0.0.0/0", *PRIVATE)], [TCP443])))],
            "deny",
            "allow",
            id="public only, DNS forgotten",
        ),
        pytest.param(
            [policy("a/out", egress(rule(ports=[UDP53]), rule(ports=[{"port": 443}])))],
            "allow",
            "allow",
            id="by port",
        ),
        pytest.param(
            [policy("a/in-cluster", egress(rule([{"namespaceSelector": {}}])))],
            "allow",
            "deny",
            id="any pod, but a public address is no pod",
        ),
        pytest.param(
            [
                policy("a/deny", {"policyTypes": ["Egress"]}),
                policy("a/out", egress(rule(ports=[TCP443]))),
            ],
            "deny",
            "allow",
            id="policies add up",
        ),
        pytest.param(
            [policy("a/in", {"policyTypes": ["Ingress"], "ingress": []})],
            "open",
            "open",
            id="ingress only",
        ),
        pytest.param([policy("a/in", {"egress": []})], "open", "open", id="empty list, no types"),
        pytest.param(
            [policy("a/hole", egress(rule([block("203.0.113.0/24", "203.0.113.10/32")])))],
            "deny",
            "deny",
            id="in a hole",
        ),
    ],
)
def test_worked_examples(policies: list[Manifest], dns: str, connect: str) -> None:
    assert decided(*policies, to=COREDNS, port=53, protocol="udp") == dns
    assert decided(*policies, to=EXTERNAL) == connect


@pytest.mark.parametrize(
    ("peers", "want"),
    [
        pytest.param([{**spaces_with(env="prod"), **pods_with(app="pg")}], "allow", id="both hold"),
        pytest.param([{**spaces_with(env="prod"), **pods_with(app="web")}], "deny", id="one fails"),
        pytest.param([spaces_with(env="prod"), pods_with(app="web")], "allow", id="two items: or"),
        pytest.param([pods_with(app="pg")], "deny", id="podSelector alone: own namespace"),
        pytest.param([{"podSelector": {}}], "deny", id="empty podSelector: own namespace"),
        pytest.param([spaces_with(**{"kubernetes.io/metadata.name": "db"})], "allow", id="by name"),
        pytest.param([block("10.0.0.0/24")], "allow", id="ipBlock matches a pod address"),
    ],
)
def test_peers_of_a_pod(peers: list[Manifest], want: str) -> None:
    assert decided(policy("a/db", egress(rule(peers))), to="10.0.0.20", port=5432) == want


@pytest.mark.parametrize(
    ("item", "port", "protocol", "want"),
    [
        pytest.param({"port": 53}, 53, "tcp", "allow", id="protocol defaults to TCP"),
        pytest.param({"port": 53}, 53, "udp", "deny", id="UDP is not TCP"),
        pytest.param({"protocol": "UDP"}, 7, "udp", "allow", id="protocol alone"),
        pytest.param({"protocol": "SCTP", "port": 9}, 9, "sctp", "allow", id="SCTP"),
        pytest.param({"port": "5432"}, 5432, "tcp", "allow", id="a number as text"),
        pytest.param({"port": "pg"}, 5432, "tcp", "allow", id="name on the destination pod"),
        pytest.param({"port": "pg"}, 9187, "tcp", "deny", id="name of another port"),
        pytest.param({"port": "dns"}, 53, "tcp", "deny", id="name with another protocol"),
        pytest.param({"port": "dns", "protocol": "UDP"}, 53, "udp", "allow", id="UDP by name"),
        pytest.param({"port": "9" * 5000}, 53, "tcp", "deny", id="hostile name"),
        pytest.param({"port": 53}, 0, "icmp", "deny", id="no list of ports admits ICMP"),
        pytest.param({"port": 10, "endPort": 20}, 21, "tcp", "deny", id="outside a range"),
        pytest.param({"port": 10, "endPort": 20}, 15, "tcp", "undetermined", id="inside a range"),
        pytest.param({"port": 10, "endPort": 20}, 10, "tcp", "undetermined", id="start of a range"),
    ],
)
def test_ports(item: Manifest, port: int, protocol: Protocol, want: str) -> None:
    allowed = policy("a/db", egress(rule(ports=[item])))
    assert decided(allowed, to="10.0.0.20", port=port, protocol=protocol) == want


def test_an_end_port_matters_only_where_it_decides() -> None:
    ranged = rule(ports=[{"port": 400, "endPort": 500}])
    assert verdict(policy("a/p", egress(ranged))) == ("undetermined", "end-port")
    assert decided(policy("a/p", egress(ranged, rule(ports=[TCP443])))) == "allow"


def test_a_named_port_never_matches_an_external_address() -> None:
    assert decided(policy("a/p", egress(rule(ports=[{"port": "https"}])))) == "deny"


def test_icmp_passes_a_rule_without_ports() -> None:
    assert decided(policy("a/p", egress(rule([block("0.0.0.0/0")]))), protocol="icmp", port=0) == (
        "allow"
    )


def test_an_empty_rule_allows_everything() -> None:
    assert decided(policy("a/all", egress({}))) == "allow"
    assert decided(policy("a/all", egress({}, policyTypes=[]))) == "allow"


def test_egress_without_types_isolates_too() -> None:
    only_rules = policy("a/p", {"egress": [rule([block("10.0.0.0/8")])]})
    assert decided(only_rules) == "deny"


def test_policies_of_other_namespaces_never_apply() -> None:
    assert decided(policy("db/deny", {"policyTypes": ["Egress"]})) == "open"


@pytest.mark.parametrize(
    ("expression", "want"),
    [
        ({"key": "app", "operator": "In", "values": ["web", "api"]}, "deny"),
        ({"key": "app", "operator": "In", "values": ["api"]}, "open"),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, "open"),
        ({"key": "absent", "operator": "NotIn", "values": ["x"]}, "deny"),
        ({"key": "absent", "operator": "DoesNotExist"}, "deny"),
        ({"key": "absent", "operator": "Exists"}, "open"),
        ({"key": "app", "operator": "Exists"}, "deny"),
        ({"key": "app", "operator": "DoesNotExist"}, "open"),
    ],
)
def test_match_expressions(expression: Manifest, want: str) -> None:
    selector = {"podSelector": {"matchExpressions": [expression]}}
    assert decided(policy("a/deny", {"policyTypes": ["Egress"], **selector})) == want


def test_a_pod_always_reaches_itself() -> None:
    denied = policy("a/deny", {"policyTypes": ["Egress"]})
    assert decided(denied, to="10.0.0.10", port=80) == "self"


def test_ipv6_is_not_judged() -> None:
    case = world(WEB, policy("a/deny", {"policyTypes": ["Egress"]}))
    facts = look(case, flow("2001:db8::1"))
    assert not [fact for fact in facts if fact.kind == "policy_decision"]


# ── What is not known ────────────────────────────────────────────────────────────────────────

DENY = policy("a/deny", {"policyTypes": ["Egress"]})
TO_DB = policy("a/db", egress(rule([{**spaces_with(env="prod"), **pods_with(app="pg")}])))


def test_an_allow_stands_whatever_else_is_missing() -> None:
    allow = policy("a/out", egress(rule(ports=[TCP443])))
    assert decided(allow, complete=()) == "allow"


def test_a_deny_needs_all_policies() -> None:
    incomplete = ("Pod", "Namespace", "Service")
    assert verdict(DENY, complete=incomplete) == ("undetermined", "network_policies")


def test_no_policy_needs_the_list() -> None:
    assert verdict(complete=("Pod",)) == ("undetermined", "network_policies")


def test_a_private_address_may_be_a_pod_nobody_described() -> None:
    without_pods = ("Namespace", "NetworkPolicy")
    there = (WEB, *SPACES)
    assert verdict(TO_DB, to="10.0.0.20", complete=without_pods, others=there) == (
        "undetermined",
        "pods",
    )
    case = world(*there, TO_DB, complete=without_pods)
    public = look(case, flow(EXTERNAL, scope="internet"))
    assert only(public, "policy_decision").verdict == "deny"


def test_labels_of_a_namespace_nobody_described() -> None:
    there = (WEB, DATABASE)
    lists = ("Pod", "NetworkPolicy")
    assert verdict(TO_DB, to="10.0.0.20", complete=lists, others=there) == (
        "undetermined",
        "namespaces",
    )
    by_name = policy("a/db", egress(rule([spaces_with(**{"kubernetes.io/metadata.name": "db"})])))
    assert verdict(by_name, to="10.0.0.20", complete=lists, others=there) == ("allow", "")


def test_labels_of_the_pod_not_known() -> None:
    lists = ("Namespace", "NetworkPolicy")
    selective = policy("a/web", {"policyTypes": ["Egress"], **pods_with(app="web")})
    assert verdict(selective, complete=lists, others=()) == ("undetermined", "pods")
    public = look(world(DENY, complete=lists), flow(EXTERNAL, scope="internet"))
    assert only(public, "policy_decision").verdict == "deny"


def test_an_address_that_may_be_the_own_one_of_a_pod_nobody_described() -> None:
    lists = ("Namespace", "NetworkPolicy")
    assert verdict(DENY, to="10.0.0.10", complete=lists, others=()) == ("undetermined", "pods")


def test_no_port_in_the_question() -> None:
    assert verdict(policy("a/p", egress(rule(ports=[TCP443]))), port=0) == ("undetermined", "port")
    assert verdict(policy("a/p", egress(rule())), port=0) == ("allow", "")


def test_an_unresolved_name_is_judged_by_ports_alone() -> None:
    web_only = policy("a/p", egress(rule(ports=[TCP443])))
    assert decided(web_only, to="") == "allow"
    assert decided(web_only, to="", port=80) == "deny"
    blocks = policy("a/p", egress(rule([block("203.0.113.0/24")])))
    assert verdict(blocks, to="") == ("undetermined", "address")


def test_a_service_without_known_endpoints() -> None:
    case = world(WEB, *SPACES, policy("a/p", egress(rule(ports=[TCP443]))))
    facts = look(case, flow("172.21.0.5", scope="service"))
    assert only(facts, "policy_decision").lacks == "endpoint_slices"


@pytest.mark.parametrize(
    ("peer", "lacks"),
    [
        (block("10.0.0.300/8"), "cidr"),
        (block("203.0.113.0/24", "nonsense"), "cidr"),
        ({}, "peer"),
        ({**block("203.0.113.0/24"), **pods_with(app="pg")}, "peer"),
    ],
)
def test_what_the_api_server_would_refuse(peer: Manifest, lacks: str) -> None:
    assert verdict(policy("a/p", egress(rule([peer])))) == ("undetermined", lacks)


def test_host_network_settles_nothing() -> None:
    node = pod("a/web-0", "10.0.0.10", "app=web", host_network=True)
    assert verdict(DENY, others=(node, *SPACES)) == ("undetermined", "host-network")
    agent = pod("db/agent", "10.0.0.99", "app=pg", host_network=True)
    assert verdict(TO_DB, to="10.0.0.99", others=(WEB, agent, *SPACES))[1] == "host-network"


def test_a_finished_pod_no_longer_owns_its_address() -> None:
    done = pod("db/job", "10.0.0.99", "app=pg", phase="Succeeded")
    assert decided(TO_DB, to="10.0.0.99", others=(WEB, done, *SPACES)) == "deny"


def test_of_two_pods_with_one_address_the_one_asked_for_counts() -> None:
    twin = pod("a/other", "10.0.0.20", "app=other")
    case = world(WEB, DATABASE, twin, *SPACES, TO_DB)
    asked = flow("10.0.0.20", 5432)
    decisions = {
        destination: only(look(case, asked, destination=destination), "policy_decision").verdict
        for destination in ("pod/db/pg-0", "pod/a/other", "10.0.0.20")
    }
    assert decisions == {
        "pod/db/pg-0": "allow",
        "pod/a/other": "deny",
        "10.0.0.20": "undetermined",
    }


def test_other_pods_are_judged_by_their_own_policies() -> None:
    upstream = flow("100.100.2.136", 53, "udp", pod="kube-system/coredns-1", name="up")
    deny = policy("kube-system/deny", {"policyTypes": ["Egress"]})
    plain = look(world(WEB, DNS, *SPACES, DENY, deny), flow(EXTERNAL), upstream)
    assert only(plain, "policy_decision").flow == "main"
    annotated = pod(
        "kube-system/coredns-1", COREDNS, "k8s-app=kube-dns", annotations={AGENT: "true"}
    )
    facts = look(world(WEB, annotated, *SPACES, deny), flow(EXTERNAL), upstream)
    assert only(facts, "policy_decision", flow="up").policies == "kube-system/deny"
    assert only(facts, "policy_decision", flow="main").verdict == "open"


# ── Why, and what would help ─────────────────────────────────────────────────────────────────


def test_the_policies_that_do_not_select_are_named() -> None:
    case = world(
        WEB,
        policy("a/db-lockdown", {"policyTypes": ["Egress"], **pods_with(app="db")}),
        policy("a/from-lb", {"policyTypes": ["Ingress"]}),
    )
    selection = only(look(case, flow(EXTERNAL)), "policy_selection")
    assert selection.state == "open"
    assert selection.labels == "app=web"
    assert selection.others == "db-lockdown (app=db), from-lb ({}, Ingress)"


def test_every_isolating_policy_is_named() -> None:
    case = world(
        WEB, DENY, policy("a/web", egress(rule([block("10.0.0.0/8")]), **pods_with(app="web")))
    )
    facts = look(case, flow(EXTERNAL))
    assert only(facts, "policy_decision").policies == "a/deny, a/web"
    assert only(facts, "isolating_policy", policy="a/deny").rules == 0
    assert only(facts, "isolating_policy", policy="a/web").selector == "app=web"


@pytest.mark.parametrize(
    ("rules", "failed", "wanted", "got"),
    [
        ([rule([block("0.0.0.0/0")], [{"port": 80}])], "port", "TCP 80", "TCP 443"),
        (
            [rule([block("0.0.0.0/0")], [{"protocol": "UDP", "port": 443}])],
            "protocol",
            "UDP 443",
            "TCP 443",
        ),
        ([rule([block("0.0.0.0/0")], [{"port": "https"}])], "named-port", "TCP https", "TCP 443"),
        (
            [rule([block("203.0.113.0/24", "203.0.113.8/29")], [TCP443])],
            "except",
            "203.0.113.8/29",
            EXTERNAL,
        ),
        ([rule([block("10.0.0.0/8")], [TCP443])], "peer", "ipBlock 10.0.0.0/8", EXTERNAL),
        (
            [rule([block("10.0.0.0/8")], [TCP443]), rule([block("0.0.0.0/0")], [{"port": 80}])],
            "port",
            "TCP 80",
            "TCP 443",
        ),
    ],
)
def test_the_nearest_rule(rules: list[Manifest], failed: str, wanted: str, got: str) -> None:
    case = world(WEB, *SPACES, policy("a/web", egress(*rules)))
    miss = only(look(case, flow(EXTERNAL)), "policy_near_miss")
    assert (miss.failed, miss.wanted, miss.got) == (failed, wanted, got)
    assert miss.rule == len(rules)


def test_a_rule_that_fails_twice_is_no_near_miss() -> None:
    case = world(WEB, policy("a/web", egress(rule([block("10.0.0.0/8")], [{"port": 80}]))))
    assert not [f for f in look(case, flow(EXTERNAL)) if f.kind == "policy_near_miss"]


def test_an_ip_block_with_a_service_address_is_noticed() -> None:
    service = {
        "kind": "Service",
        "metadata": {"namespace": "db", "name": "pg"},
        "spec": {"clusterIP": "172.21.0.20", "selector": {"app": "pg"}, "ports": [{"port": 5432}]},
    }
    case = world(
        WEB, DATABASE, *SPACES, service, policy("a/p", egress(rule([block("172.21.0.20/32")])))
    )
    found = only(look(case, flow("10.0.0.20", 5432)), "policy_service_block")
    assert (found.service, found.target, found.rule) == ("db/pg", "cluster-ip", 1)


def test_only_an_ip_block_admits_the_pod() -> None:
    by_block = policy("a/p", egress(rule([block("10.0.0.0/8"), pods_with(app="pg")])))
    case = world(WEB, DATABASE, *SPACES, by_block)
    assert only(look(case, flow("10.0.0.20", 5432)), "policy_decision").is_block_on_pod
    case = world(WEB, DATABASE, *SPACES, TO_DB)
    assert not only(look(case, flow("10.0.0.20", 5432)), "policy_decision").is_block_on_pod


def opened(case_facts: Any) -> Manifest:
    """The policy that an opening describes."""
    return policy(
        f"{case_facts.namespace}/{case_facts.name}",
        {
            "podSelector": json.loads(case_facts.selector_json),
            "policyTypes": ["Egress"],
            "egress": [
                {
                    "to": json.loads(case_facts.peers_json),
                    "ports": json.loads(case_facts.ports_json),
                }
            ],
        },
    )


@pytest.mark.parametrize(
    ("to", "port", "protocol", "peers"),
    [
        (EXTERNAL, 443, "tcp", [block("203.0.113.10/32")]),
        (EXTERNAL, 0, "icmp", [block("203.0.113.10/32")]),
        (
            "10.0.0.20",
            5432,
            "tcp",
            [{**pods_with(app="pg"), **spaces_with(**{"kubernetes.io/metadata.name": "db"})}],
        ),
    ],
)
def test_the_opening_opens_just_this(
    to: str, port: int, protocol: Protocol, peers: list[Manifest]
) -> None:
    there = (WEB, DATABASE, DNS, *SPACES, DENY)
    opening = only(look(world(*there), flow(to, port, protocol)), "egress_opening")
    assert json.loads(opening.selector_json) == {"matchLabels": {"app": "web"}}
    assert json.loads(opening.peers_json) == peers
    assert decided(DENY, opened(opening), to=to, port=port, protocol=protocol) == "allow"
    assert decided(DENY, opened(opening), to=COREDNS, port=53, protocol="udp") == "deny"


def test_a_lookup_gets_both_transports() -> None:
    lookup = flow(COREDNS, 53, "udp", name="lookup-udp", role="lookup")
    opening = only(look(world(WEB, DNS, *SPACES, DENY), lookup), "egress_opening")
    assert json.loads(opening.ports_json) == [
        {"port": 53, "protocol": "UDP"},
        {"port": 53, "protocol": "TCP"},
    ]
    assert opening.peer == "kube-system/k8s-app=kube-dns"


def test_an_opening_for_a_pod_without_lasting_labels_isolates_no_other() -> None:
    bare = pod(POD, "10.0.0.10", "pod-template-hash=5d4f")
    unlabelled = {"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}
    deny = policy("a/deny", {"policyTypes": ["Egress"], "podSelector": unlabelled})
    opening = only(look(world(bare, deny), flow(EXTERNAL)), "egress_opening")
    assert json.loads(opening.selector_json) == unlabelled


# ── Is anything enforced? ────────────────────────────────────────────────────────────────────

OTHER_KEY = "network.alibabacloud.com/enable-network-policy-agent"


@pytest.mark.parametrize(
    ("annotations", "setting"),
    [
        ({}, "absent"),
        ({AGENT: "true"}, "on"),
        ({OTHER_KEY: "true"}, "on"),
        ({AGENT: "false"}, "off"),
        ({AGENT: ""}, "off"),
        ({AGENT: "yes"}, "off"),
        ({AGENT: "True"}, "unclear"),
        ({AGENT: "1"}, "unclear"),
        ({AGENT: "true", OTHER_KEY: "false"}, "unclear"),
    ],
)
def test_the_agent_annotation(annotations: dict[str, str], setting: str) -> None:
    case = world(pod(POD, "10.0.0.10", annotations=annotations))
    assert only(look(case, flow(EXTERNAL)), "policy_agent").setting == setting


def test_a_pod_nobody_described() -> None:
    facts = look(world(), flow(EXTERNAL))
    assert only(facts, "policy_agent").setting == "unknown"
    assert only(facts, "policy_mode").mode == "unknown"
    assert only(facts, "policy_compute_class").hardware == "unknown"


@pytest.mark.parametrize(
    ("labels", "annotations", "hardware"),
    [
        ("", {}, "cpu"),
        ("alibabacloud.com/compute-class=general-purpose", {}, "cpu"),
        ("alibabacloud.com/compute-class=gpu", {}, "gpu"),
        ("alibabacloud.com/compute-class=gpu-hpn", {}, "gpu"),
        ("", {"alibabacloud.com/compute-class": "gpu"}, "gpu"),
    ],
)
def test_compute_classes(labels: str, annotations: dict[str, str], hardware: str) -> None:
    case = world(pod(POD, "10.0.0.10", labels, annotations=annotations))
    assert only(look(case, flow(EXTERNAL)), "policy_compute_class").hardware == hardware


def workload(own: dict[str, str], template: dict[str, str]) -> Manifest:
    return {
        "kind": "Deployment",
        "metadata": {"namespace": "a", "name": "web", "annotations": own},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}, "annotations": template}},
        },
    }


@pytest.mark.parametrize(
    ("own", "template", "place"),
    [({AGENT: "true"}, {}, "metadata"), ({}, {OTHER_KEY: "true"}, "template")],
)
def test_an_annotation_that_never_reached_the_pod(
    own: dict[str, str], template: dict[str, str], place: str
) -> None:
    facts = look(world(WEB, workload(own, template)), flow(EXTERNAL))
    stray = only(facts, "policy_agent_stray")
    assert (stray.workload, stray.place) == ("Deployment a/web", place)


def test_an_annotation_that_only_the_pod_has() -> None:
    annotated = pod(POD, "10.0.0.10", "app=web", annotations={AGENT: "true"})
    facts = look(world(annotated, workload({}, {})), flow(EXTERNAL))
    assert only(facts, "policy_agent_stray").place == "pod"


def test_an_annotation_that_did_reach_the_pod_is_not_stray() -> None:
    annotated = pod(POD, "10.0.0.10", "app=web", annotations={AGENT: "true"})
    facts = look(world(annotated, workload({}, {AGENT: "true"})), flow(EXTERNAL))
    assert not [fact for fact in facts if fact.kind == "policy_agent_stray"]


@pytest.mark.parametrize(
    ("addons", "state", "traffic"),
    [
        (None, "unknown", "unknown"),
        ([], "absent", "unknown"),
        ([{"name": "coredns"}], "absent", "unknown"),
        ([{"name": "poseidon", "state": "absent"}], "absent", "unknown"),
        ([{"name": "poseidon"}], "installed", "unknown"),
        ([{"name": "poseidon", "version": "v0.7.0"}], "installed", "yes"),
        ([{"name": "poseidon", "version": "0.10.1-abc"}], "installed", "yes"),
        ([{"name": "poseidon", "version": "v0.6.9"}], "installed", "no"),
    ],
)
def test_the_component(addons: list[Manifest] | None, state: str, traffic: str) -> None:
    cluster = {} if addons is None else {"cluster": {"addons": addons}}
    case = Case.load({"apiVersion": "wayout/v1", "kind": "Case", **cluster})
    component = only(look(case, flow(EXTERNAL)), "policy_component")
    assert (component.state, component.traffic_policies) == (state, traffic)
