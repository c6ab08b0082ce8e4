"""Own load balancers: whose address it is, which listener a port has, and who the client is."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.net import API, Part, ask, every, only, shop
from wayout.engine.case import Case, Service
from wayout.engine.observe.balancers import (
    balancer_id,
    balancers_at,
    best_match,
    listener_of,
    product_of,
)
from wayout.engine.observe.ingress_host import matches_host

NEW = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
OLD = "service.beta.kubernetes.io/alicloud-loadbalancer-"
ADDRESS = "203.0.113.80"


def service(annotations: Part | None = None, **spec: Any) -> Service:
    return Service.model_validate(document(annotations, **spec))


def document(annotations: Part | None = None, **more: Any) -> Part:
    """A LoadBalancer Service as the API server prints it; `status` is a list of entries."""
    name, entries = more.pop("name", "web"), more.pop("status", [{"ip": ADDRESS}])
    labels = more.pop("labels", {})
    spec = {
        "type": "LoadBalancer", "clusterIP": "172.21.7.44", "selector": {"app": "web"},
        "externalTrafficPolicy": "Cluster", "ports": [{"port": 80, "targetPort": 8080}], **more,
    }  # fmt: skip
    return {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {
            "name": name, "namespace": "shop", "annotations": annotations or {}, "labels": labels,
        },
        "spec": spec, "status": {"loadBalancer": {"ingress": entries}},
    }  # fmt: skip


def pod(name: str, ip: str, **more: Any) -> Part:
    labels = more.pop("labels", {"app": "web"})
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": labels},
        "spec": {"containers": [{"ports": more.pop("ports", [{"containerPort": 8080}])}],
                 **more.pop("spec", {})},
        "status": {"phase": "Running", "podIP": ip, **more},
    }  # fmt: skip


def world(*documents: Part, **parts: Any) -> Case:
    return shop(**{"services": [], "documents": list(documents), "collected": ["pods"], **parts})


# ── Listeners ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("annotations", "port", "want"),
    [
        ({}, 80, "tcp"),
        ({}, 0, "unknown"),
        ({NEW + "protocol-port": "https:443"}, 443, "https"),
        ({NEW + "protocol-port": "https:443"}, 80, "tcp"),
        ({NEW + "protocol-port": "HTTP:80 , https:443"}, 443, "https"),
        ({NEW + "protocol-port": "http:80,https:443"}, 80, "http"),
        ({NEW + "protocol-port": "https:8443"}, 443, "tcp"),
        ({NEW + "protocol-port": "https"}, 443, "tcp"),
        ({NEW + "protocol-port": "tcp:443"}, 443, "tcp"),
        ({OLD + "protocol-port": "https:443"}, 443, "https"),
        ({OLD + "protocol-port": "https:443", NEW + "protocol-port": "tcp:443"}, 443, "tcp"),
        ({NEW + "proxy-protocol": "on"}, 80, "proxy-protocol"),
        ({OLD + "proxy-protocol": "on"}, 80, "proxy-protocol"),
        ({NEW + "proxy-protocol": "off", OLD + "proxy-protocol": "on"}, 80, "tcp"),
        ({NEW + "proxy-protocol": "on", NEW + "protocol-port": "https:443"}, 443, "https"),
        ({NEW + "proxy-protocol": "on", NEW + "protocol-port": "https:443"}, 80, "proxy-protocol"),
    ],
)
def test_the_listener_of_a_port(annotations: Part, port: int, want: str) -> None:
    """LB-3 and LB-4: each port has a listener of its own; the newer prefix wins."""
    assert listener_of(service(annotations), "tcp", port) == want


def test_datagrams_never_meet_an_http_listener() -> None:
    assert listener_of(service({NEW + "protocol-port": "https:443"}), "udp", 443) == "tcp"


PAIRS = st.lists(
    st.tuples(st.sampled_from(["http", "https", "tcp", "udp"]), st.sampled_from([80, 443, 8080])),
    max_size=5,
)


@given(PAIRS, st.sampled_from([80, 443, 8080]), st.booleans())
def test_the_first_pair_of_layer_7_counts(
    pairs: list[tuple[str, int]], port: int, has_proxy: bool
) -> None:
    """Against the plain reading of the annotation: the first HTTP or HTTPS pair of the port."""
    annotations = {NEW + "protocol-port": ",".join(f"{name}:{number}" for name, number in pairs)}
    if has_proxy:
        annotations[NEW + "proxy-protocol"] = "on"
    layer_7 = [name for name, number in pairs if number == port and name.startswith("http")]
    want = layer_7[0] if layer_7 else "proxy-protocol" if has_proxy else "tcp"
    assert listener_of(service(annotations), "tcp", port) == want


@pytest.mark.parametrize(
    ("name", "want"),
    [
        ("", "clb"),
        ("alibabacloud.com/clb", "clb"),
        ("alibabacloud.com/nlb", "nlb"),
        ("example.com/other", "other"),
    ],
)
def test_the_product_is_told_by_the_class(name: str, want: str) -> None:
    assert product_of(service(loadBalancerClass=name)) == want


# ── Whose address ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "dialled", "want"),
    [
        ([{"ip": ADDRESS}], ADDRESS, "ip"),
        ([{"ip": ADDRESS, "ipMode": "VIP"}], ADDRESS, "ip"),
        ([{"ip": ADDRESS, "ipMode": "Proxy"}], ADDRESS, "ip-mode-proxy"),
        ([{"hostname": "Web.example.com"}], "web.example.com.", "hostname"),
        ([{"hostname": "web.example.com"}], "198.51.100.9", "hostname"),
        ([{"hostname": "web.example.com"}, {"ip": "198.51.100.9"}], "198.51.100.9", "ip"),
        ([{"ip": "2001:db8:0::1"}], "2001:db8::1", "ip"),
        ([{"ip": ADDRESS}], "203.0.113.81", None),
        ([{"hostname": "web.example.com"}], "other.example.com", None),
        ([], ADDRESS, None),
        ([{}], "", None),
    ],
)
def test_how_a_status_gives_the_address(status: list[Part], dialled: str, want: str | None) -> None:
    seen = [{"resolved": {"web.example.com": ["198.51.100.9"]}}]
    found = balancers_at(world(document(status=status), observations=seen), dialled)
    assert [match.known_as for match in found] == ([want] if want else [])
    assert all(match.is_intercepted is (want == "ip") for match in found)


def test_services_that_share_an_address_divide_it_by_port_and_protocol() -> None:
    case = world(
        document(name="a", ports=[{"port": 80}]),
        document(name="b", ports=[{"port": 443}]),
        document(name="c", ports=[{"port": 443, "protocol": "UDP"}]),
    )

    def meant(protocol: str, port: int) -> str:
        match = best_match(case, ADDRESS, protocol, port)
        return match.service.value.metadata.name if match else ""

    assert [meant("tcp", 80), meant("tcp", 443), meant("udp", 443)] == ["a", "b", "c"]
    assert meant("tcp", 9) == "a"  # none has it: whichever, the address is intercepted


@pytest.mark.parametrize(
    "made",
    [
        document({NEW + "id": "lb-bp1x"}),
        document({OLD + "id": "lb-bp1x"}),
        document(labels={"service.k8s.alibaba/loadbalancer-id": "lb-bp1x"}),
    ],
)
def test_a_load_balancer_named_by_its_id(made: Part) -> None:
    assert balancer_id(Service.model_validate(made)) == "lb-bp1x"
    fact = only(ask(world(made), "lb-bp1x:80"), "balancer_address")
    assert (fact.address, fact.is_intercepted) == (ADDRESS, True)


def test_a_load_balancer_of_nobody_stays_unknown() -> None:
    assert every(ask(world(document()), "lb-bp1other:80"), "balancer_address") == []


def test_an_alias_of_a_service_leads_to_that_service() -> None:
    alias = {
        "name": "shop/alias", "type": "ExternalName", "external_name": "web.shop.svc.cluster.local",
    }  # fmt: skip
    facts = ask(world(document(), pod("web-1", "10.0.3.1"), services=[alias]), "svc/shop/alias:80")
    assert only(facts, "flow_backend").ip == "10.0.3.1"


def test_aliases_that_name_each_other_do_not_run_in_circles() -> None:
    names = {"a": "b", "b": "a"}
    made = [
        {"name": f"shop/{one}", "type": "ExternalName", "external_name": f"{two}.shop.svc"}
        for one, two in names.items()
    ]
    assert every(ask(world(services=made), "svc/shop/a:80"), "flow_backend") == []


# ── The client ──────────────────────────────────────────────────────────────────────────────────

NODE, OTHER = "cn-hangzhou.10.0.9.1", "cn-hangzhou.10.0.9.2"


@pytest.mark.parametrize(
    ("spec", "labels", "want"),
    [
        ({"nodeName": "virtual-kubelet-cn-hangzhou-h"}, {}, "virtual"),
        ({"nodeName": NODE}, {"alibabacloud.com/compute-class": "general-purpose"}, "virtual"),
        ({"nodeName": NODE}, {}, "server"),
        ({"nodeName": "cn-hangzhou.i-bp1abc"}, {}, "server"),
        ({"nodeName": "cn-hangzhou-k.cr-bp1abc"}, {}, "unknown"),
        ({"nodeName": "virtual-kubelet-x", "hostNetwork": True}, {}, "server"),
        ({}, {}, "unknown"),
    ],
)
def test_what_a_pod_runs_on(spec: Part, labels: Part, want: str) -> None:
    client = pod("api-0", "10.0.1.5", spec=spec, labels=labels)
    case = world(document(), client, pod("web-1", "10.0.3.1"), pods=[])
    fact = only(ask(case, f"{ADDRESS}:80"), "service_client")
    assert fact.node == want
    assert fact.network == ("host" if spec.get("hostNetwork") else "pod")


@pytest.mark.parametrize(
    ("nodes", "want"),
    [([NODE], "yes"), ([OTHER, NODE], "yes"), ([OTHER], "no"), ([""], "unknown"), ([], "no")],
)
def test_whether_an_endpoint_runs_beside(nodes: list[str], want: str) -> None:
    client = pod("api-0", "10.0.1.5", spec={"nodeName": NODE}, labels={})
    behind = [
        pod(f"web-{i}", f"10.0.3.{i}", spec={"nodeName": name} if name else {})
        for i, name in enumerate(nodes, start=1)
    ]
    facts = ask(world(document(), client, *behind, pods=[]), f"{ADDRESS}:80")
    assert every(facts, "service_client")[0].beside == want


def test_the_node_of_an_endpoint_slice_counts_too() -> None:
    client = pod("api-0", "10.0.1.5", spec={"nodeName": NODE}, labels={})
    backends = {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
        "metadata": {"name": "web-x", "namespace": "shop",
                     "labels": {"kubernetes.io/service-name": "web"}},
        "ports": [{"port": 8080}], "endpoints": [{"addresses": ["10.0.3.1"], "nodeName": NODE}],
    }  # fmt: skip
    case = world(document(), client, backends, pods=[])
    assert only(ask(case, f"{ADDRESS}:80"), "service_client").beside == "yes"


@pytest.mark.parametrize(
    ("labels", "others", "want"),
    [
        ({"app": "web"}, 0, "only"),
        ({"app": "web"}, 1, "one"),
        ({"app": "api"}, 1, "no"),
    ],
)
def test_whether_the_client_is_an_endpoint(labels: Part, others: int, want: str) -> None:
    """LB-5 and LB-10."""
    client = pod("api-0", "10.0.1.5", labels=labels)
    behind = [pod(f"web-{i}", f"10.0.3.{i}") for i in range(others)]
    case = world(document(status=[{"hostname": "web.example.com"}]), client, *behind, pods=[])
    assert only(ask(case, "web.example.com:80"), "service_client").endpoint == want


def test_what_was_not_collected_is_not_known_of_the_client_either() -> None:
    case = shop(documents=[document(status=[{"hostname": "web.example.com"}], selector={})])
    fact = only(ask(case, "web.example.com:80"), "service_client")
    assert (fact.endpoint, fact.beside) == ("unknown", "unknown")


# ── Ingresses ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "name", "want"),
    [
        ("shop.example.com", "shop.example.com", True),
        ("Shop.Example.com.", "shop.example.com", True),
        ("*.example.com", "shop.example.com", True),
        ("*.example.com", "a.shop.example.com", False),
        ("*.example.com", "example.com", False),
        ("*.example.com", ".example.com", False),
        ("*", "example.com", False),
    ],
)
def test_a_wildcard_stands_for_one_label(host: str, name: str, want: bool) -> None:
    assert matches_host(host, name) is want


LABELS = st.lists(st.sampled_from(["a", "b", "shop", "example"]), min_size=1, max_size=4)


@given(LABELS, LABELS, st.booleans())
def test_hosts_against_a_regular_expression(rule: list[str], name: list[str], wild: bool) -> None:
    host = ".".join(["*", *rule] if wild else rule)
    pattern = re.escape(host).replace(r"\*", "[^.]+")
    assert matches_host(host, ".".join(name)) is bool(re.fullmatch(pattern, ".".join(name)))


def ingress(*status: Part, host: str = "shop.example.com") -> Part:
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "front", "namespace": "shop"},
        "spec": {"rules": [{"host": host}, {}]}, "status": {"loadBalancer": {"ingress": [*status]}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "resolved", "want"),
    [
        ([{"ip": ADDRESS}], [ADDRESS], "balancer"),
        ([], [ADDRESS], "balancer"),  # a controller need not publish anything
        ([{"ip": "203.0.113.90"}], ["203.0.113.90"], "status"),
        ([{"ip": ADDRESS}], ["198.51.100.7"], "elsewhere"),
        ([{"hostname": "alb.example.net"}], ["198.51.100.7"], "hostname"),
        ([], ["198.51.100.7"], "no-status"),
        ([{"ip": ADDRESS}], [], "unresolved"),
    ],
)
def test_where_an_ingress_host_leads(status: list[Part], resolved: list[str], want: str) -> None:
    seen = [{"resolved": {"shop.example.com": resolved}}] if resolved else []
    case = world(document(), ingress(*status), observations=seen)
    fact = only(ask(case, "shop.example.com:80"), "ingress_host")
    assert (fact.by, fact.state) == ("host", want)
    assert (fact.balancers == "shop/web") is (want in ("balancer", "unresolved"))


def test_another_address_may_be_that_of_a_service_nobody_collected() -> None:
    seen = [{"resolved": {"shop.example.com": ["198.51.100.7"]}}]
    case = shop(documents=[ingress({"ip": ADDRESS})], observations=seen)
    assert only(ask(case, "shop.example.com:80"), "ingress_host").state == "unsettled"


GROUP = "gateway.networking.k8s.io/v1"


def gateway(*addresses: Part, hostname: str = "") -> Part:
    listener = {"name": "http", "port": 80, "protocol": "HTTP"}
    return {
        "apiVersion": GROUP, "kind": "Gateway", "metadata": {"name": "edge", "namespace": "infra"},
        "spec": {"listeners": [{**listener, **({"hostname": hostname} if hostname else {})}]},
        "status": {"addresses": list(addresses)},
    }  # fmt: skip


def route(*hostnames: str, **parent: str) -> Part:
    return {
        "apiVersion": GROUP, "kind": "HTTPRoute", "metadata": {"name": "r", "namespace": "shop"},
        "spec": {"parentRefs": [{"name": "edge", **parent}], "hostnames": list(hostnames)},
    }  # fmt: skip


BY_IP, BY_NAME_ONLY = {"value": ADDRESS}, {"type": "Hostname", "value": "alb.example.net"}


@pytest.mark.parametrize(
    ("documents", "want"),
    [
        ([gateway(BY_IP, hostname="*.example.com")], "balancer"),
        ([gateway(BY_IP), route("a.b.example.com", namespace="infra")], "balancer"),
        ([gateway(BY_IP), route("*.example.com", namespace="infra")], "balancer"),
        ([gateway(BY_IP), route("a.b.example.com")], "balancer"),  # by its address alone
        ([gateway(BY_NAME_ONLY), route("a.b.example.com", namespace="infra")], "balancer"),
        ([gateway(BY_NAME_ONLY), route("a.b.example.com")], None),  # a Gateway of another namespace
        ([gateway(BY_NAME_ONLY), route("b.example.com", namespace="infra")], None),
    ],
)
def test_hosts_of_a_gateway(documents: list[Part], want: str | None) -> None:
    """Its wildcards stand for any number of labels; routes bring host names of their own."""
    seen = [{"resolved": {"a.b.example.com": [ADDRESS]}}]
    case = world(document(), *documents, observations=seen)
    facts = every(ask(case, "a.b.example.com:80"), "ingress_host")
    assert [(f.ingress, f.what, f.state) for f in facts] == (
        [("infra/edge", "Gateway", want)] if want else []
    )


# ── Events ──────────────────────────────────────────────────────────────────────────────────────


def event(name: str, reason: str, message: str, **more: Any) -> Part:
    about = {"kind": more.pop("of", "Service"), "namespace": "shop", "name": "web"}
    return {
        "apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": "shop"},
        "type": "Warning", "reason": reason, "message": message, "involvedObject": about, **more,
    }  # fmt: skip


def test_the_last_warning_of_a_service_is_told() -> None:
    """LB-7."""
    case = world(
        document(status=[]),
        event("a", "SyncLoadBalancerFailed", "old", lastTimestamp="2026-11-20T01:00:00Z"),
        event(
            "b", "SyncLoadBalancerFailed", "quota\n used up.", lastTimestamp="2026-11-21T01:00:00Z"
        ),
        event("c", "UnAvailableBackends", "none", lastTimestamp="2026-11-19T01:00:00Z"),
        event("d", "EnsuredLoadBalancer", "fine", type="Normal"),
        event("e", "BackOff", "a pod", of="Pod"),
    )
    found = every(ask(case, "svc/shop/web:80"), "service_warning")
    assert [(f.reason, f.message) for f in found] == [
        ("SyncLoadBalancerFailed", "quota used up"),
        ("UnAvailableBackends", "none"),
    ]
    assert only(ask(case, "svc/shop/web:80"), "balancer_setup").state == "pending"


def test_events_of_the_newer_api_group_are_read_too() -> None:
    made = event("a", "SyncLoadBalancerFailed", "")
    about = made.pop("involvedObject")
    made |= {"apiVersion": "events.k8s.io/v1", "regarding": about, "note": "x" * 400}
    found = only(ask(world(document(status=[]), made), "svc/shop/web:80"), "service_warning")
    assert len(found.message) == 300


# ── Endpoints ───────────────────────────────────────────────────────────────────────────────────

NAMED = [{"name": "http", "containerPort": 8080}]
BY_NAME = {"ports": [{"port": 80, "targetPort": "http"}]}


@pytest.mark.parametrize(
    ("ports", "want"),
    [
        (NAMED, ("ok", "ready", 8080)),
        ([{"name": "http", "containerPort": 8080, "protocol": "UDP"}], ("missing", "none", 80)),
        ([{"name": "web", "containerPort": 8080}], ("missing", "none", 80)),
        ([], ("missing", "none", 80)),
    ],
    ids=["there", "another protocol", "another name", "no ports"],
)
def test_a_target_port_by_name(ports: list[Part], want: tuple[str, str, int]) -> None:
    case = world(document(**BY_NAME), pod("web-1", "10.0.3.1", ports=ports))
    facts = ask(case, "svc/shop/web:80")
    fact = only(facts, "destination_service")
    assert (fact.target, fact.endpoints, only(facts, "flow", role="main").port) == want
    assert fact.pods == ("shop/web-1" if want[0] == "missing" else "")


def test_one_pod_with_the_name_is_enough() -> None:
    behind = [pod("web-1", "10.0.3.1", ports=[]), pod("web-2", "10.0.3.2", ports=NAMED)]
    facts = ask(world(document(**BY_NAME), *behind), "svc/shop/web:80")
    fact = only(facts, "destination_service")
    assert (fact.target, fact.ready, fact.pods) == ("ok", 1, "shop/web-1")


def test_a_pod_whose_ports_nobody_wrote_down_is_not_blamed() -> None:
    short = {"name": "web-1", "namespace": "shop", "ip": "10.0.3.1", "phase": "Running",
             "labels": {"app": "web"}}  # fmt: skip
    fact = only(ask(world(document(**BY_NAME), pods=[API, short]), "svc/shop/web:80"),
                "destination_service")  # fmt: skip
    assert (fact.target, fact.endpoints) == ("ok", "ready")


def test_a_slice_without_the_port_tells_who_lacks_it() -> None:
    backends = {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSliceList", "metadata": {},
        "items": [{
            "kind": "EndpointSlice", "apiVersion": "discovery.k8s.io/v1",
            "metadata": {"name": "web-x", "namespace": "shop",
                         "labels": {"kubernetes.io/service-name": "web"}},
            "addressType": "IPv4", "ports": [],
            "endpoints": [{"addresses": ["10.0.3.1"],
                           "targetRef": {"kind": "Pod", "namespace": "shop", "name": "web-1"}}],
        }],
    }  # fmt: skip
    facts = ask(world(document(**BY_NAME), backends), "svc/shop/web:80")
    fact = only(facts, "destination_service")
    assert (fact.target, fact.endpoints, fact.pods) == ("missing", "none", "shop/web-1")


@pytest.mark.parametrize(("publishes", "want"), [(True, "ready"), (False, "none")])
def test_addresses_published_before_they_are_ready(publishes: bool, want: str) -> None:
    starting = pod("web-1", "10.0.3.1", phase="Pending")
    case = world(document(publishNotReadyAddresses=publishes), starting)
    fact = only(ask(case, "svc/shop/web:80"), "destination_service")
    assert (fact.endpoints, fact.publishes_unready) == (want, publishes)


# ── Node ports and refusals ─────────────────────────────────────────────────────────────────────

NODE_PORT = {"ports": [{"port": 80, "targetPort": 8080, "nodePort": 30080}]}


@pytest.mark.parametrize(
    ("to", "want"),
    [
        ("pod/shop/web-1:30080", "pod"),
        ("10.0.3.1:30080", "pod"),
        ("pod/shop/web-2:30080", "pod-declares-it"),
        ("10.0.9.1:30080", "node"),
        ("10.0.9.9:30080", "other"),
        ("10.0.9.9:30081", None),
        ("svc/shop/web:80", None),
        (f"{ADDRESS}:30080", None),
    ],
)
def test_node_ports(to: str, want: str | None) -> None:
    case = world(
        document(**NODE_PORT),
        pod("web-1", "10.0.3.1"),
        pod("web-2", "10.0.3.2", ports=[{"containerPort": 30080}]),
        pod("host-0", "10.0.9.1", labels={}, spec={"hostNetwork": True}),
    )
    assert {fact.at for fact in every(ask(case, to), "node_port")} == ({want} if want else set())


@pytest.mark.parametrize(
    ("made", "to", "want"),
    [
        (document(), "10.0.3.1:8080", "host"),
        (document(), "svc/shop/web:80", "host"),
        (document(internalTrafficPolicy="Local"), "svc/shop/web:80", "service"),
        (document(selector={"app": "nobody"}), "svc/shop/web:80", "service"),
        (document(), f"{ADDRESS}:80", "balancer"),
    ],
)
def test_who_may_have_refused(made: Part, to: str, want: str) -> None:
    """Trap 17."""
    case = world(made, pod("web-1", "10.0.3.1"), observations=[{"tcp": "refused"}])
    assert only(ask(case, to), "tcp_observation").by == want
