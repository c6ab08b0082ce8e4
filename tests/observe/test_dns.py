"""The dns gate: which name server, whether it is reached, what it answered."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import (
    API,
    CLUSTER,
    KUBE_DNS,
    Part,
    answer,
    ask,
    codes,
    coredns,
    every,
    only,
    shop,
    with_dns,
)
from wayout.engine.case import Case

NAME = "api.example.com:443"
SERVICE = "web.shop.svc.cluster.local:80"
SEEN: Part = {"resolved": {"api.example.com": ["203.0.113.10"]}}
AGENT = {"alibabacloud.com/enable-network-policy-agent": "true"}
OPEN: list[Part] = [{"policy": "accept"}]


def group(number: int, egress: list[Part], ingress: list[Part], kind: str = "enterprise") -> Part:
    """A group whose rules have ids of their own."""
    rules = {
        direction: [{"id": f"sgr-{number}-{direction}-{n}", **rule} for n, rule in enumerate(found)]
        for direction, found in (("egress", egress), ("ingress", ingress))
    }
    return {"id": f"sg-{number}", "type": kind, **rules}


def interfaces(pod: int = 1, dns: int = 1) -> list[Part]:
    """The pod in one group, both CoreDNS pods in another."""
    addresses = {"10.0.1.5": pod, "10.0.2.8": dns, "10.0.2.9": dns}
    return [
        {"id": f"eni-{n}", "ip": ip, "security_groups": [f"sg-{g}"], "vswitch": "vsw-1"}
        for n, (ip, g) in enumerate(addresses.items())
    ]


def world(**parts: Any) -> Case:
    """Everything the lookup needs is known and open."""
    base: dict[str, Any] = {
        "pod": {**API, "annotations": AGENT},
        "cluster": {**CLUSTER, "private_zone": False, "addons": ["poseidon", "coredns"]},
        "network_interfaces": interfaces(),
        "security_groups": [group(1, OPEN, OPEN)],
        "vswitches": [{"id": "vsw-1", "cidr": "10.0.0.0/20", "vpc": "vpc-1", "network_acl": ""}],
        "network_policies": [],
        "namespaces": ["shop", "kube-system"],
        "observations": [SEEN],
    }
    return with_dns(**{**base, **parts})


def policy(**spec: Any) -> Part:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "default-deny", "namespace": "shop"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"], **spec},
    }


def chosen(case: Case, to: str = NAME) -> set[tuple[str, str]]:
    """The sources that have a say, with their name servers."""
    found = every(ask(case, to), "resolver_candidate")
    return {(fact.source, fact.addresses) for fact in found}


# ── Which resolver ───────────────────────────────────────────────────────────────────────────


def test_a_literal_address_needs_no_lookup() -> None:
    found = answer(world(), "203.0.113.10:443")
    assert found.gate("dns").status == "not-applicable"
    assert every(ask(world(), "203.0.113.10:443"), "lookup_name") == []


VPC_DNS = "100.100.2.136,100.100.2.138"


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        ({}, ("cluster", "172.21.0.10")),
        (
            {"dns_config": {"nameservers": ["10.0.0.53"]}},
            ("cluster", "172.21.0.10,10.0.0.53"),
        ),
        ({"dns_policy": "Default"}, ("host", VPC_DNS)),
        ({"dns_policy": "None", "dns_config": {"nameservers": ["10.0.0.53"]}},
         ("dns-config", "10.0.0.53")),
        ({"dns_policy": "None"}, ("dns-config", "")),
        ({"host_network": True}, ("host", VPC_DNS)),
        (
            {"host_network": True, "dns_policy": "ClusterFirstWithHostNet"},
            ("cluster", "172.21.0.10"),
        ),
    ],
)  # fmt: skip
def test_resolver_by_pod_document(pod: Part, expected: tuple[str, str]) -> None:
    assert chosen(with_dns(pod={**API, **pod})) == {expected}


def test_the_real_resolv_conf_beats_everything() -> None:
    custom = {"network.alibabacloud.com/custom-dnsconfig": '{"servers":["10.0.0.54"]}'}
    pod = {**API, "annotations": custom}
    case = with_dns(pod=pod, observations=[{"resolv_conf": ["10.0.0.53"]}])
    assert chosen(case) == {
        ("observed", "10.0.0.53"),
        ("custom", "10.0.0.54"),
        ("cluster", "172.21.0.10"),
    }
    said = {step.text.en for step in answer(case, NAME).proof.nodes if step.text is not None}
    assert any("asks name servers 10.0.0.53" in text for text in said)
    assert not any("asks name servers 10.0.0.54" in text for text in said)


def test_private_zone_mode_replaces_kube_dns() -> None:
    """Trap 29: no CoreDNS does not mean broken."""
    case = shop(cluster={**CLUSTER, "private_zone": True}, services=[], observations=[SEEN])
    assert ("private-zone", VPC_DNS) in chosen(case)
    assert "DNS-011" not in codes(answer(case, NAME), "dns")


def test_without_the_pod_document_nobody_knows_the_resolver() -> None:
    found = answer(with_dns(pod={**API, "name": "other", "ip": "10.0.1.6"}, collected=None), NAME)
    assert found.gate("dns").status == "unknown"
    assert codes(found, "dns") == set()


# ── The way there ────────────────────────────────────────────────────────────────────────────


def test_all_open() -> None:
    found = answer(world(), NAME)
    assert found.gate("dns").status == "passes", found.gate("dns")


@pytest.mark.parametrize(
    ("spec", "dns"),
    [
        ({}, "blocks"),  # podSelector {}, policyTypes [Egress]
        (
            {
                "egress": [
                    {
                        "to": [
                            {
                                "ipBlock": {
                                    "cidr": "0.0.0.0/0",
                                    "except": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"],
                                }
                            }
                        ],
                        "ports": [{"protocol": "TCP", "port": 443}],
                    }
                ]
            },
            "blocks",
        ),
        (
            {
                "egress": [
                    {"ports": [{"protocol": "UDP", "port": 53}]},
                    {"ports": [{"port": 443}]},
                ]
            },
            "passes",
        ),
        ({"egress": [{"to": [{"namespaceSelector": {}}]}]}, "passes"),
        ({"egress": [{"ports": [{"port": 443}]}]}, "blocks"),
        ({"egress": [{"ports": [{"port": 53}]}]}, "blocks"),  # TCP only: the default protocol
        ({"policyTypes": ["Ingress"], "ingress": []}, "passes"),
        ({"egress": [{}]}, "passes"),
    ],
    ids=[
        "deny all egress",
        "CoreDNS is in an except range",
        "UDP 53 and 443",
        "all pods",
        "DNS forgotten",
        "trap 12: UDP is not TCP",
        "ingress only",
        "allow all egress",
    ],
)
def test_policy_table_of_the_domain_sheet(spec: Part, dns: str) -> None:
    found = answer(world(network_policies=[policy(**spec)]), NAME)
    assert found.gate("dns").status == dns
    assert codes(found, "dns") == ({"DNS-020"} if dns == "blocks" else set())


def test_deny_all_blocks_even_when_nothing_is_known_of_kube_dns() -> None:
    """No rule at all cannot allow a name server, wherever it is."""
    case = world(network_policies=[policy()], services=None)
    found = answer(case, NAME)
    assert "DNS-020" in codes(found, "dns")
    assert found.gate("dns").status == "blocks"


def test_an_allow_rule_that_might_fit_an_unknown_resolver_is_no_block() -> None:
    allow = {"egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}
    found = answer(world(network_policies=[policy(**allow)], services=None), NAME)
    assert found.gate("dns").status == "unknown"


def test_a_policy_that_is_not_enforced_stops_no_lookup() -> None:
    """Trap 11."""
    found = answer(world(pod=API, network_policies=[policy()]), NAME)
    assert found.gate("dns").status == "passes"


def test_the_drop_of_udp_53_breaks_dns_although_the_port_is_open() -> None:
    """Security-group example 11."""
    drop = [{"policy": "drop", "protocol": "udp", "ports": 53, "priority": 5}]
    groups = [group(1, OPEN, OPEN), group(2, drop, [], "basic")]
    case = world(security_groups=groups, network_interfaces=interfaces(pod=2))
    found = answer(case, NAME)
    assert codes(found, "dns") == {"DNS-021"}
    assert found.gate("security-group").status == "passes"


def test_an_enterprise_group_that_only_opens_443_breaks_dns() -> None:
    """Security-group example 12, row DNS-05: the classic of a custom group on the pod."""
    only_https = [{"protocol": "tcp", "ports": 443, "to": "0.0.0.0/0"}]
    groups = [group(1, OPEN, OPEN), group(2, only_https, [])]
    case = world(security_groups=groups, network_interfaces=interfaces(pod=2))
    found = answer(case, NAME)
    assert codes(found, "dns") == {"DNS-021"}
    (fix,) = [fix for fix in found.fixes if fix.id == "add-sg-dns-accept"]
    assert fix.verified.result == "yes"


def test_one_of_two_coredns_pods_blocked_is_intermittent() -> None:
    drop = [{"policy": "drop", "protocol": "udp", "ports": 53, "to": "10.0.2.8/32",
             "priority": 5}]  # fmt: skip
    groups = [group(1, OPEN, OPEN), group(2, drop, [], "basic")]
    found = answer(world(security_groups=groups, network_interfaces=interfaces(pod=2)), NAME)
    assert codes(found, "dns") == {"DNS-028"}
    assert found.gate("dns").status == "unknown"


def test_tcp_53_blocked_alone_is_worth_a_word() -> None:
    spec = {"egress": [{"ports": [{"protocol": "UDP", "port": 53}]}, {"ports": [{"port": 443}]}]}
    found = answer(world(network_policies=[policy(**spec)]), NAME)
    assert found.gate("dns").status == "passes"


@pytest.mark.parametrize(("direction", "code"), [("egress", "DNS-023"), ("ingress", "DNS-024")])
def test_network_acl_on_the_way(direction: str, code: str) -> None:
    """Row DNS-08: the query, or only its answer."""
    lists: dict[str, list[Part]] = {"egress": [{"policy": "accept"}]}
    lists["ingress"] = [{"policy": "accept"}]
    lists[direction] = [{"policy": "drop", "protocol": "udp", "ports": "1/65535"},
                        {"policy": "accept"}]  # fmt: skip
    case = world(
        vswitches=[
            {"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1", "network_acl": "nacl-1"},
            {"id": "vsw-2", "cidr": "10.0.2.0/24", "vpc": "vpc-1", "network_acl": ""},
        ],
        network_interfaces=[
            {**eni, "vswitch": "vsw-1" if eni["ip"] == "10.0.1.5" else "vsw-2"}
            for eni in interfaces()
        ],
        network_acls=[{"id": "nacl-1", "vswitches": ["vsw-1"], **lists}],
    )
    assert codes(answer(case, NAME), "dns") == {code}


# ── CoreDNS itself ───────────────────────────────────────────────────────────────────────────


def test_coredns_groups_must_admit_the_pod() -> None:
    """Row DNS-06: enterprise groups trust neither each other nor themselves."""
    case = world(security_groups=[group(1, OPEN, [])])
    found = answer(case, NAME)
    assert codes(found, "dns") == {"DNS-060"}
    (fix,) = [fix for fix in found.fixes if fix.id == "add-sg-coredns-ingress"]
    assert fix.verified.result == "yes"


@pytest.mark.parametrize(
    ("ingress", "kind", "dns_group", "expected"),
    [
        ([], "normal", 1, "accept"),  # the same basic group: members talk before any rule
        ([], "normal", 2, "drop"),  # another basic group: the inbound default is deny
        ([{"protocol": "udp", "ports": 53, "from": "10.0.0.0/16"}], "enterprise", 2, "accept"),
        ([{"protocol": "tcp", "ports": 53, "from": "10.0.0.0/16"}], "enterprise", 2, "drop"),
        ([{"protocol": "udp", "ports": 53, "from": "10.9.0.0/16"}], "enterprise", 2, "drop"),
        (
            [
                {"policy": "drop", "protocol": "udp", "ports": 53, "from": "10.0.1.5/32"},
                {"from": "0.0.0.0/0"},
            ],
            "enterprise",
            2,
            "drop",
        ),
    ],
)
def test_what_coredns_admits(ingress: list[Part], kind: str, dns_group: int, expected: str) -> None:
    groups = [group(1, OPEN, [], kind), group(2, OPEN, ingress, kind)]
    case = world(security_groups=groups, network_interfaces=interfaces(dns=dns_group))
    facts = every(ask(case, NAME), "coredns_inbound")
    assert {fact.action for fact in facts} == {expected}


def test_what_coredns_admits_is_assumed_without_its_interface() -> None:
    case = world(network_interfaces=interfaces()[:1])
    found = answer(case, NAME)
    assert "DNS-062" in {a.code for a in found.assumptions}
    assert "DNS-060" not in codes(found, "dns")


def test_coredns_needs_its_own_way_to_its_upstream() -> None:
    """Row DNS-07, trap 10: 100.100.2.136 is not exempt in security groups."""
    inside = [{"to": "10.0.0.0/8"}]
    groups = [group(1, OPEN, OPEN), group(2, inside, OPEN)]
    case = world(security_groups=groups, network_interfaces=interfaces(dns=2))
    assert codes(answer(case, NAME), "dns") == {"DNS-063"}
    assert codes(answer(case, SERVICE), "dns") == set()


def test_upstream_at_first_priority_cannot_be_outranked() -> None:
    drop = [{"policy": "drop", "protocol": "udp", "ports": 53, "to": "100.64.0.0/10"}]
    groups = [group(1, OPEN, OPEN), group(2, [*drop, *OPEN], OPEN)]
    case = world(security_groups=groups, network_interfaces=interfaces(dns=2))
    assert codes(answer(case, NAME), "dns") == {"DNS-067"}


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"services": []}, "DNS-011"),
        ({"observations": [SEEN, {"resolv_conf": ["172.21.0.99"]}]}, "DNS-012"),
        ({"endpoints_ready": False}, "DNS-013"),
    ],
)
def test_the_service_in_front_of_coredns(parts: Part, code: str) -> None:
    """Rows DNS-02 and DNS-03."""
    if parts.pop("endpoints_ready", True) is False:
        pods = [{**API, "annotations": AGENT}, coredns(1, "10.0.2.8", phase="Failed")]
        parts["pods"] = pods
    assert codes(answer(world(**parts), NAME), "dns") == {code}


def test_managed_coredns_shows_no_pods() -> None:
    """Trap 29."""
    cluster = {**CLUSTER, "private_zone": False, "addons": ["poseidon", "managed-coredns"]}
    case = world(pods=[{**API, "annotations": AGENT}], cluster=cluster)
    assert only(ask(case, NAME), "kube_dns").endpoints == "none"
    assert codes(answer(case, NAME), "dns") == set()


def test_missing_kube_dns_documents_are_asked_for() -> None:
    found = answer(world(services=None), NAME)
    assert found.gate("dns").status == "unknown"
    needs = {(item.name, item.of) for item in found.not_assessed if "dns" in item.gates}
    assert ("services", "kube-system") in needs


# ── Names and answers ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "code"),
    [("NXDOMAIN", "DNS-040"), ("SERVFAIL", "DNS-041"), ("REFUSED", "DNS-042")],
)
def test_answers_of_the_resolver(status: str, code: str) -> None:
    """Rows DNS-09 and DNS-10; trap 27: an answer is no network failure."""
    dns = {"dns": {"name": "api.example.com", "status": status}}
    assert codes(answer(world(observations=[SEEN, dns]), NAME), "dns") == {code}


def test_answers_about_another_name_do_not_count() -> None:
    dns = {"dns": {"name": "other.example.com", "status": "NXDOMAIN"}}
    assert codes(answer(world(observations=[SEEN, dns]), NAME), "dns") == set()


def test_a_timeout_is_no_missing_record() -> None:
    """Trap 27: nothing found in the way, so nothing is claimed."""
    dns = {"dns": {"name": "api.example.com", "status": "timeout"}}
    found = answer(world(observations=[SEEN, dns]), NAME)
    assert found.gate("dns").status == "unknown"
    assert codes(found, "dns") == set()


def test_a_name_that_resolved_although_it_is_blocked_contradicts() -> None:
    dns = {"dns": {"name": "api.example.com", "status": "NOERROR"}}
    found = answer(world(observations=[SEEN, dns], network_policies=[policy()]), NAME)
    assert "DNS-044" in {c.code for c in found.contradictions}
    assert found.gate("dns").status == "blocks"


def test_default_policy_and_a_cluster_name() -> None:
    """Row DNS-11."""
    case = world(pod={**API, "annotations": AGENT, "dns_policy": "Default"})
    assert codes(answer(case, SERVICE), "dns") == {"DNS-050"}
    assert codes(answer(case, NAME), "dns") == set()


def test_host_network_falls_back_to_default() -> None:
    """Row DNS-12."""
    pod = {**API, "annotations": AGENT, "host_network": True}
    assert codes(answer(world(pod=pod), SERVICE), "dns") == {"DNS-052"}


def test_no_name_server_at_all() -> None:
    """Row DNS-01."""
    found = answer(world(pod={**API, "annotations": AGENT, "dns_policy": "None"}), NAME)
    assert codes(found, "dns") == {"DNS-010"}
    (fix,) = [fix for fix in found.fixes if fix.id == "use-cluster-dns"]
    assert fix.verified.result == "yes"


@pytest.mark.parametrize(
    ("to", "ndots", "first", "expanded"),
    [
        ("api.example.com:443", None, "api.example.com.shop.svc.cluster.local", True),
        ("api.example.com:443", "ndots:2", "api.example.com", False),
        ("a.b.c.d.example.com:443", None, "a.b.c.d.example.com", False),
    ],
)
def test_search_list(to: str, ndots: str | None, first: str, expanded: bool) -> None:
    """Row DNS-15: below ndots dots the search list comes first."""
    config = {"dns_config": {"options": [ndots]}} if ndots else {}
    fact = only(ask(with_dns(pod={**API, **config}), to), "search_expansion")
    assert fact.tried.split(",")[0] == first
    assert fact.is_expanded is expanded


def test_kube_dns_of_another_namespace_is_not_the_resolver() -> None:
    other = {**KUBE_DNS, "namespace": "shop"}
    case = shop(services=[other], collected=["pods"])
    assert only(ask(case, NAME), "kube_dns").state == "absent"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("shop.oss-cn-hangzhou.aliyuncs.com", "public"),
        ("shop.oss-cn-hangzhou-internal.aliyuncs.com", "internal"),
        ("registry-vpc.cn-hangzhou.aliyuncs.com", "internal"),
        ("shop.cn-hangzhou-intranet.log.aliyuncs.com", "internal"),
        ("aliyuncs.com.example.com", "none"),
        ("vpc.example.com", "none"),
    ],
)
def test_split_horizon_needs_to_know_which_side_a_name_is_for(name: str, expected: str) -> None:
    assert only(ask(with_dns(), f"{name}:443"), "lookup_name").endpoint == expected
