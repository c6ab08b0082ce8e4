"""From a question to flows: address classes, Service translation, name servers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.net import (
    API,
    KUBE_DNS,
    POD,
    VPC,
    Part,
    ask,
    case,
    coredns,
    every,
    only,
    shop,
    view,
    with_dns,
)
from wayout.engine.case import Case
from wayout.engine.facts.common import Flow
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.flow import MOST_FLOWS
from wayout.engine.observe.scope import Scopes

WEB: Part = {
    "name": "web",
    "namespace": "shop",
    "cluster_ip": "172.21.7.44",
    "selector": {"app": "web"},
    "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
}


def backend(number: int, **more: Any) -> Part:
    return {
        "name": f"web-{number}",
        "namespace": "shop",
        "ip": f"10.0.3.{number}",
        "phase": "Running",
        "labels": {"app": "web"},
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        **more,
    }


def main_flows(world: Case, to: str) -> list[Flow]:
    return [flow for flow in view(world, to).flows if flow.role == "main"]


def ends(world: Case, to: str) -> list[tuple[str, str, int]]:
    return [(flow.scope, flow.ip, flow.port) for flow in main_flows(world, to)]


def scope(world: Case, ip: str) -> str:
    return Scopes.of(world, POD, None).scope(ip)[0]


# ── Address classes ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("203.0.113.10", "internet"),
        ("10.0.200.7", "vpc"),
        ("10.1.0.7", "private"),
        ("192.168.1.1", "private"),
        ("172.21.0.77", "service"),
        ("10.0.1.5", "pod"),
        ("100.64.9.9", "cloud-service"),
        ("100.127.255.255", "cloud-service"),
        ("100.128.0.1", "internet"),
        ("100.100.100.200", "metadata"),
        ("100.100.2.136", "vpc-dns"),
        ("100.100.2.138", "vpc-dns"),
        ("100.100.2.137", "cloud-service"),
        ("169.254.1.1", "private"),
        ("2001:db8::1", "internet"),
        ("fd00::1", "private"),
        ("not an address", "undetermined"),
    ],
)
def test_address_classes(ip: str, expected: str) -> None:
    assert scope(shop(), ip) == expected


def test_secondary_blocks_and_user_cidrs_are_not_public() -> None:
    """Trap 21."""
    world = shop(vpc={**VPC, "secondary_cidrs": ["203.0.112.0/24"], "user_cidrs": ["30.0.0.0/8"]})
    assert scope(world, "203.0.112.9") == "vpc"
    assert scope(world, "30.1.2.3") == "private"


def test_a_vpc_with_public_ranges_is_asked_before_rfc_1918() -> None:
    """Trap 22."""
    world = shop(vpc={"id": "vpc-1", "cidr": "198.51.100.0/24"})
    assert scope(world, "198.51.100.7") == "vpc"
    assert scope(world, "10.0.200.7") == "private"


def test_without_the_vpc_document_a_private_address_has_no_class() -> None:
    world = shop(vpc=None)
    assert scope(world, "10.0.200.7") == "undetermined"
    assert scope(world, "203.0.113.10") == "internet"


def test_a_known_vswitch_tells_what_the_missing_vpc_would() -> None:
    blocks = [{"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1"}]
    assert scope(shop(vpc=None, vswitches=blocks), "10.0.1.200") == "vpc"
    assert scope(shop(vpc=None, vswitches=blocks), "10.0.2.200") == "undetermined"


def test_vswitches_of_another_vpc_do_not_count() -> None:
    blocks = [{"id": "vsw-1", "cidr": "10.9.1.0/24", "vpc": "vpc-2"}]
    assert scope(shop(vswitches=blocks), "10.9.1.200") == "private"


def test_the_address_of_a_finished_pod_is_free() -> None:
    world = shop(pods=[API, backend(7, phase="Succeeded")])
    assert scope(world, "10.0.3.7") == "vpc"


@given(st.integers(0, 2**32 - 1))
def test_every_ipv4_address_has_exactly_one_class(value: int) -> None:
    """The oracle: the tests of the domain sheet, in their order, on numbers."""
    text = ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))
    first, second = value >> 24, value >> 16 & 255
    if text in ("100.100.2.136", "100.100.2.138", "100.100.100.200", "10.0.1.5"):
        return
    if first == 172 and second == 21 and value >> 12 & 15 == 0:
        expected = "service"
    elif first == 10:
        expected = "vpc" if second == 0 else "private"
    elif first == 100 and 64 <= second <= 127:
        expected = "cloud-service"
    elif (first == 172 and 16 <= second <= 31) or (first == 192 and second == 168):
        expected = "private"
    elif first == 127:
        expected = "undetermined"
    elif first == 0 or first >= 224 or (first == 169 and second == 254):
        expected = "private"
    else:
        expected = "internet"
    assert scope(WORLD, text) == expected


WORLD = shop()


# ── Main flows ───────────────────────────────────────────────────────────────────────────────


def test_literal_address() -> None:
    assert ends(shop(), "203.0.113.10:443") == [("internet", "203.0.113.10", 443)]
    assert [flow.role for flow in view(shop()).flows] == ["main"]


def test_a_name_gives_one_flow_per_address_it_was_seen_to_have() -> None:
    seen = [{"resolved": {"API.example.com.": ["203.0.113.10", "203.0.113.11", "x"]}}]
    world = shop(observations=seen)
    assert [(f.flow, f.ip) for f in main_flows(world, "https://api.example.com/x")] == [
        ("main", "203.0.113.10"),
        ("main-2", "203.0.113.11"),
    ]


def test_a_name_nobody_resolved_is_one_flow_without_address() -> None:
    flow = only(ask(shop(), "api.example.com:443"), "flow", role="main")
    assert (flow.scope, flow.ip, flow.family, flow.port) == ("unresolved", "", "none", 443)


def test_a_service_is_judged_at_its_endpoints() -> None:
    """Trap 13: not at the ClusterIP, and the named port is resolved on the destination pod."""
    world = shop(pods=[API, backend(1), backend(2)], services=[WEB], collected=["pods"])
    expected = [("pod", "10.0.3.1", 8080), ("pod", "10.0.3.2", 8080)]
    for to in ("svc/shop/web:80", "172.21.7.44:80", "web.shop.svc.cluster.local:80", "http://web"):
        assert ends(world, to) == expected


def test_an_endpoint_slice_beats_the_selector() -> None:
    piece = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "web-1",
            "namespace": "shop",
            "labels": {"kubernetes.io/service-name": "web"},
        },
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": 8443, "protocol": "TCP"}],
        "endpoints": [
            {"addresses": ["10.0.3.1"], "conditions": {"ready": False}},
            {"addresses": ["10.0.3.2"], "conditions": {}},
        ],
    }
    world = shop(pods=[API, backend(1), backend(2)], services=[WEB], documents=[piece])
    assert ends(world, "svc/shop/web:80") == [("pod", "10.0.3.2", 8443)]


def test_endpoints_written_by_hand_may_be_outside_the_cluster() -> None:
    manual = {
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": "db", "namespace": "shop"},
        "subsets": [{"addresses": [{"ip": "192.168.7.7"}], "ports": [{"port": 3306}]}],
    }
    service = {
        "name": "db",
        "namespace": "shop",
        "cluster_ip": "172.21.0.99",
        "ports": [{"port": 3306}],
    }
    world = shop(services=[service], documents=[manual])
    assert ends(world, "svc/shop/db:3306") == [("private", "192.168.7.7", 3306)]


@pytest.mark.parametrize("to", ["svc/shop/web:80", "svc/shop/web:81"])
def test_without_a_known_endpoint_the_cluster_address_stays(to: str) -> None:
    world = shop(services=[WEB])
    port = int(to[-2:])
    assert ends(world, to) == [("service", "172.21.7.44", port)]


def test_a_service_without_document_has_no_address() -> None:
    assert ends(shop(), "svc/shop/web:80") == [("unresolved", "", 80)]


def test_a_headless_service_is_dialled_at_its_pods() -> None:
    headless = {**WEB, "cluster_ip": "None"}
    world = shop(pods=[API, backend(1)], services=[headless], collected=["pods"])
    assert ends(world, "svc/shop/web:9000") == [("pod", "10.0.3.1", 9000)]


def test_a_named_port_that_does_not_exist_has_no_number() -> None:
    world = shop(pods=[API, backend(1, ports=[])], services=[WEB], collected=["pods"])
    assert ends(world, "svc/shop/web:80") == [("pod", "10.0.3.1", 0)]


def test_external_name_is_followed_to_its_target() -> None:
    alias = {
        "name": "db",
        "namespace": "shop",
        "type": "ExternalName",
        "external_name": "db.example.com",
    }
    seen = [{"resolved": {"db.example.com": ["203.0.113.77"]}}]
    world = shop(services=[alias], observations=seen)
    assert ends(world, "svc/shop/db:3306") == [("internet", "203.0.113.77", 3306)]
    name = only(ask(world, "svc/shop/db:3306"), "lookup_name")
    assert (name.name, name.is_alias, name.form) == ("db.example.com", True, "external")


def test_a_pod_is_dialled_by_its_address() -> None:
    world = shop(pods=[API, backend(1)])
    assert ends(world, "pod/shop/web-1:8080") == [("pod", "10.0.3.1", 8080)]
    assert [flow.role for flow in view(world, "pod/shop/web-1:8080").flows] == ["main"]


def test_a_load_balancer_address_is_answered_by_the_cluster() -> None:
    service = {**WEB, "type": "LoadBalancer", "load_balancer": ["203.0.113.80"]}
    world = shop(pods=[API, backend(1)], services=[service], collected=["pods"])
    assert ends(world, "203.0.113.80:80") == [("pod", "10.0.3.1", 8080)]
    assert ends(shop(services=[service]), "203.0.113.80:80") == [
        ("own-load-balancer", "203.0.113.80", 80)
    ]


def test_a_load_balancer_known_by_host_name_is_not() -> None:
    service = {**WEB, "type": "LoadBalancer", "load_balancer": ["web.nlb.example.com"]}
    seen = [{"resolved": {"web.nlb.example.com": ["203.0.113.80"]}}]
    world = shop(pods=[API, backend(1)], services=[service], observations=seen)
    assert ends(world, "web.nlb.example.com:80") == [("internet", "203.0.113.80", 80)]


def test_resources_with_a_document_have_an_address() -> None:
    world = shop(
        network_interfaces=[{"id": "eni-9", "ip": "10.0.9.9"}],
        eips=[{"id": "eip-9", "ip": "203.0.113.9"}],
    )
    assert ends(world, "eni-9:443") == [("vpc", "10.0.9.9", 443)]
    assert ends(world, "eip-9:443") == [("internet", "203.0.113.9", 443)]
    assert ends(world, "rm-bp1example:3306") == [("unresolved", "", 3306)]
    assert every(ask(world, "rm-bp1example:3306"), "flow", role="lookup") == []


def test_loopback_never_leaves_the_pod() -> None:
    flow = only(ask(shop(), "127.0.0.1:8080"), "flow")
    assert (flow.scope, flow.ip) == ("undetermined", "")


def test_ipv6() -> None:
    flow = only(ask(shop(), "[2001:db8::10]:443"), "flow")
    assert (flow.family, flow.ip, flow.scope) == ("ipv6", "2001:db8::10", "internet")


def test_a_large_service_is_judged_in_part_and_says_so() -> None:
    pods = [backend(1, name=f"web-{n}", ip=f"10.0.{n // 250}.{n % 250 + 1}") for n in range(300)]
    world = shop(pods=[API, *pods], services=[WEB], collected=["pods"])
    facts = ask(world, "svc/shop/web:80")
    assert len(every(facts, "flow", role="main")) == MOST_FLOWS
    assert only(facts, "flows_omitted", flow="main").total >= 299


# ── Lookups ──────────────────────────────────────────────────────────────────────────────────


def lookups(world: Case, to: str = "api.example.com:443") -> set[str]:
    return {flow.flow for flow in view(world, to).flows if flow.flow.startswith("lookup")}


def test_a_lookup_goes_to_every_coredns_pod_by_udp_and_tcp() -> None:
    assert lookups(with_dns()) == {
        "lookup-udp-10.0.2.8",
        "lookup-udp-10.0.2.9",
        "lookup-tcp-10.0.2.8",
        "lookup-tcp-10.0.2.9",
    }


def test_nothing_about_kube_dns_leaves_a_lookup_without_address() -> None:
    flow = only(ask(shop(), "api.example.com:443"), "flow", flow="lookup-udp")
    assert (flow.scope, flow.ip, flow.port) == ("unresolved", "", 53)


def test_kube_dns_without_known_endpoints_stays_a_service_address() -> None:
    world = shop(services=[KUBE_DNS])
    flow = only(ask(world, "api.example.com:443"), "flow", flow="lookup-udp-172.21.0.10")
    assert flow.scope == "service"


def test_flows_name_the_evidence_of_their_name_server() -> None:
    world = with_dns(observations=[{"resolv_conf": ["10.0.0.53"]}])
    paths = every(ask(world, "api.example.com:443"), "lookup_path", protocol="udp")
    assert {(path.source, path.ip) for path in paths} == {
        ("observed", "10.0.0.53"),
        ("cluster", "10.0.2.8"),
        ("cluster", "10.0.2.9"),
    }


@pytest.mark.parametrize(
    ("second", "asking"),
    [("sg-2", {"kube-system/coredns-1", "kube-system/coredns-2"}),
     ("sg-1", {"kube-system/coredns-1"})],
    ids=["own place each", "the same place is judged once"],
)  # fmt: skip
def test_coredns_asks_on_with_its_own_placement(second: str, asking: set[str]) -> None:
    """Trap 28: what CoreDNS sends is judged with CoreDNS's groups."""
    interfaces = [
        {"id": "eni-1", "ip": "10.0.2.8", "security_groups": ["sg-1"]},
        {"id": "eni-2", "ip": "10.0.2.9", "security_groups": [second]},
    ]
    facts = ask(with_dns(network_interfaces=interfaces), "api.example.com:443")
    upstream = every(facts, "flow", scope="vpc-dns")
    assert {flow.pod for flow in upstream} == asking
    assert all(flow.role == "lookup" for flow in upstream)
    groups = {fact.pod: fact.groups for fact in every(facts, "group_candidate")}
    assert groups["kube-system/coredns-1"] == "sg-1"


def test_names_of_the_cluster_are_not_asked_on() -> None:
    world = with_dns()
    assert every(ask(world, "web.shop.svc.cluster.local:80"), "upstream_path") == []


def test_the_corefile_may_name_other_upstreams() -> None:
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "coredns", "namespace": "kube-system"},
        "data": {"Corefile": ".:53 {\n  forward . 10.0.0.2 10.0.0.3:53 tls://9.9.9.9 {\n  }\n}\n"},
    }
    facts = ask(with_dns(documents=[config]), "api.example.com:443")
    assert {path.address for path in every(facts, "upstream_path")} == {"10.0.0.2", "10.0.0.3"}


@pytest.mark.parametrize(
    "world",
    [
        case(),
        case(pods=[{"name": "api-0", "namespace": "shop"}]),
        shop(pods=[{**API, "ip": "10.0.1.5", "dns_policy": "None"}]),
        shop(
            cluster={"id": "c-1", "vpc": "vpc-1"},
            documents=[{"cluster_id": "c-1", "service_cidr": "nonsense,10.0.0.0/33"}],
        ),
        with_dns(pod={**API, "annotations": {"network.alibabacloud.com/custom-dnsconfig": "{"}}),
        shop(pods=[API, coredns(1, "10.0.2.8")], services=[{**KUBE_DNS, "cluster_ip": ""}]),
    ],
)
@pytest.mark.parametrize(
    "to", ["api.example.com:443", "203.0.113.10:443", "svc/shop/web:80", "pod/shop/x:1", "rm-1x:1"]
)
def test_observers_are_total(world: Case, to: str) -> None:
    facts = ask(world, to)
    assert every(facts, "flow", role="main")
    assert all(flow.ip == "" or parse_ip(flow.ip) for flow in every(facts, "flow"))
