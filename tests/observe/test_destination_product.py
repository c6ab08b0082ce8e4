"""Which product a destination is recognised as, what is dialled there, and who it sees."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import API, CLUSTER, POD, case, every, only
from wayout import knowledge
from wayout.engine import Case, Question, diagnose
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.facts import Fact
from wayout.engine.observe import observe
from wayout.engine.products import Products
from wayout.engine.rules import load_knowledge

PRODUCTS: Products = load_knowledge(knowledge.ROOT).products
NAME = "rm-bp1shop.mysql.rds.aliyuncs.com"
VPC = {"id": "vpc-1", "cidr": "10.0.0.0/16"}


def endpoint(**fields: Any) -> dict[str, Any]:
    made = {"InstanceId": "rm-bp1shop", "Product": "rds", "Host": NAME, "Network": "private"}
    return {"add": "instance_endpoints", "of": "rm-bp1shop", "item": {**made, **fields}}


def world(*endpoints: dict[str, Any], **parts: Any) -> Case:
    base = case(**{"pods": [API], "cluster": {**CLUSTER, "region": "cn-one"}, "vpc": VPC, **parts})
    return base.patched(endpoints)


def seen(address: str, name: str = NAME) -> dict[str, Any]:
    return {"observations": [{"resolved": {name: [address]}}]}


def ask(known: Case, to: str, **more: Any) -> list[Fact]:
    return list(observe(known, Question(pod=POD, destination=to, **more), PRODUCTS).facts)


@pytest.mark.parametrize(
    ("host", "product", "instance", "region", "network"),
    [
        ("rm-bp1x.mysql.rds.aliyuncs.com", "rds", "rm-bp1x", "", "unknown"),
        ("rm-x.pg.singapore.rds.aliyuncs.com", "rds", "rm-x", "", "unknown"),
        ("pc-bp1x.rwlb.rds.aliyuncs.com", "polardb", "pc-bp1x", "", "unknown"),
        ("r-bp1x.redis.rds.aliyuncs.com", "redis", "r-bp1x", "", "unknown"),
        ("dds-bp1x-pub.mongodb.rds.aliyuncs.com", "mongodb", "dds-bp1x", "", "public"),
        ("es-cn-x.elasticsearch.aliyuncs.com", "elasticsearch", "es-cn-x", "", "private"),
        ("es-cn-x.public.elasticsearch.aliyuncs.com", "elasticsearch", "es-cn-x", "", "public"),
        ("b1.oss-cn-one-internal.aliyuncs.com", "oss", "b1", "cn-one", "private"),
        ("b1.oss-ap-southeast-1.aliyuncs.com", "oss", "b1", "ap-southeast-1", "public"),
        ("p1.cn-one-intranet.log.aliyuncs.com", "sls", "p1", "cn-one", "private"),
        ("kms-vpc.cn-one.aliyuncs.com", "kms", "", "cn-one", "private"),
        ("registry.cn-one.aliyuncs.com", "acr", "", "cn-one", "public"),
        ("ecs-vpc.cn-one.aliyuncs.com", "openapi", "", "cn-one", "private"),
        ("sts.aliyuncs.com", "openapi", "", "", "public"),
        ("nlb-x.cn-one.nlb.aliyuncsslb.com", "nlb", "nlb-x", "cn-one", "unknown"),
    ],
)
def test_the_form_of_a_name_tells(
    host: str, product: str, instance: str, region: str, network: str
) -> None:
    fact = only(ask(world(), f"{host}:443"), "destination_product")
    told = (fact.product, fact.instance, fact.region, fact.network, fact.evidence)
    assert told == (product, instance, region, network, "name")


@pytest.mark.parametrize("host", ["example.com", "aliyuncs.com", "rm-x.rds.example.com", "web"])
def test_other_names_are_no_product(host: str) -> None:
    assert not every(ask(world(), f"{host}:443"), "destination_product")


def test_a_document_beats_the_form_of_the_name() -> None:
    known = world(endpoint(Ip="10.0.9.7", Ports=[3306], VpcId="vpc-1"))
    facts = ask(known, NAME)
    fact = only(facts, "destination_product")
    assert (fact.evidence, fact.network, fact.vpc_match) == ("document", "private", "same")
    flow = only(facts, "flow", role="main")
    assert (flow.ip, flow.port, flow.scope) == ("10.0.9.7", 3306, "vpc")


def test_what_somebody_saw_resolved_beats_the_document() -> None:
    known = world(endpoint(Ip="10.0.9.7", VpcId="vpc-1"), **seen("10.0.9.8"))
    assert only(ask(known, f"{NAME}:3306"), "flow", role="main").ip == "10.0.9.8"


@pytest.mark.parametrize(
    ("endpoints", "address"),
    [
        ([("10.0.9.7", "private", "vpc-1"), ("203.0.113.7", "public", "")], "10.0.9.7"),
        ([("10.9.9.7", "private", "vpc-9"), ("10.0.9.7", "private", "vpc-1")], "10.0.9.7"),
        ([("203.0.113.7", "public", "")], "203.0.113.7"),
        ([("10.0.9.7", "classic", ""), ("203.0.113.7", "public", "")], "203.0.113.7"),
    ],
)
def test_an_id_means_the_endpoint_a_pod_would_dial(
    endpoints: list[tuple[str, str, str]], address: str
) -> None:
    known = world(*(endpoint(Host="", Ip=ip, Network=n, VpcId=v) for ip, n, v in endpoints))
    facts = ask(known, "rm-bp1shop:3306")
    assert only(facts, "flow", role="main").ip == address
    assert only(facts, "destination_product").evidence == "document"


def test_an_address_is_recognised_by_document_and_by_range() -> None:
    known = world(endpoint(Ip="10.0.9.7", VpcId="vpc-1"))
    assert only(ask(known, "10.0.9.7:3306"), "destination_product").instance == "rm-bp1shop"
    fact = only(ask(world(), "100.118.28.9:443"), "destination_product")
    assert (fact.product, fact.region, fact.evidence) == ("oss", "cn-hangzhou", "range")


def test_an_address_of_another_vpc_is_not_recognised_in_this_one() -> None:
    known = world(endpoint(Ip="10.0.9.7", VpcId="vpc-9"))
    assert not every(ask(known, "10.0.9.7:3306"), "destination_product")


def test_a_pod_is_no_product_whatever_its_address() -> None:
    pods = [API, {"name": "db-0", "namespace": "shop", "ip": "10.0.9.7", "phase": "Running"}]
    known = world(endpoint(Ip="10.0.9.7", VpcId="vpc-1"), pods=pods)
    assert not every(ask(known, "10.0.9.7:3306"), "destination_product")


@pytest.mark.parametrize(
    ("region", "match"), [("cn-one", "same"), ("cn-two", "other"), (None, "unknown")]
)
def test_regions_are_compared(region: str | None, match: str) -> None:
    cluster = {**CLUSTER, **({"region": region} if region else {})}
    known = world(cluster=cluster)
    fact = only(ask(known, "b1.oss-cn-one-internal.aliyuncs.com:443"), "destination_product")
    assert fact.region_match == match


@pytest.mark.parametrize(
    ("port", "is_complete", "match"),
    [(3306, True, "same"), (3306, False, "same"), (3307, True, "other"), (3307, False, "unknown")],
)
def test_ports_are_compared(port: int, is_complete: bool, match: str) -> None:
    """Another endpoint of the instance may answer there, while not all of them are known."""
    known = world(endpoint(Ip="10.0.9.7", Ports=[3306, 33060], VpcId="vpc-1"))
    if is_complete:
        known = known.patched([{"complete": "instance_endpoints", "of": "rm-bp1shop"}])
    fact = only(ask(known, f"{NAME}:{port}"), "destination_product")
    assert (fact.ports, fact.port_match) == ("3306, 33060", match)


def test_an_allow_list_should_name_the_vswitch() -> None:
    pod = {**API, "vswitch": "vsw-1", "security_groups": ["sg-1"]}
    known = world(pods=[pod], vswitches=[{"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1"}])
    fact = only(ask(known, f"{NAME}:3306"), "pod_network")
    assert (fact.vswitch, fact.cidr, fact.has_vswitch) == ("vsw-1", "10.0.1.0/24", True)
    bare = only(ask(world(), f"{NAME}:3306"), "pod_network")
    assert (bare.cidr, bare.has_vswitch) == ("10.0.1.5/32", False)


# ── The source address ───────────────────────────────────────────────────────────────────────

NAT = {
    "id": "ngw-1", "vpc": "vpc-1", "status": "Available", "network_type": "internet",
    "eips": [{"id": "eip-1", "ip": "198.51.100.20"}, {"id": "eip-2", "ip": "198.51.100.21"}],
    "snat": [{"vswitch": "vsw-1", "ips": "198.51.100.20,198.51.100.21"}], "forward": [],
}  # fmt: skip
TABLE = {
    "id": "vtb-1", "type": "System", "vpc": "vpc-1", "vswitches": ["vsw-1"],
    "routes": [{"to": "10.0.0.0/16", "via": "local"}, {"to": "0.0.0.0/0", "via": "ngw-1"}],
}  # fmt: skip
OUTSIDE: dict[str, Any] = {
    "pods": [{**API, "vswitch": "vsw-1", "security_groups": ["sg-1"]}],
    "vpc": {**VPC, "ipv4_gateway": "none"},
    "vswitches": [
        {"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1", "route_table": "vtb-1"}
    ],
    "route_tables": [TABLE],
    "nat_gateways": [NAT],
    "eips": [],
}  # fmt: skip


def sources(known: Case, to: str) -> set[str]:
    """The addresses by which the destination may see the pod."""
    inferred = shipped().infer(known, Question(pod=POD, destination=to))[1]
    return {fact.address for fact in every(inferred.supports, "seen_source")}


def test_a_private_endpoint_sees_the_pod() -> None:
    assert sources(world(**seen("10.0.9.7")), f"{NAME}:3306") == {"10.0.1.5"}


def test_a_public_endpoint_sees_every_address_of_the_entry() -> None:
    known = world(**OUTSIDE, **seen("203.0.113.7"))
    assert sources(known, f"{NAME}:3306") == {"198.51.100.20", "198.51.100.21"}


def test_the_eip_of_the_pod_wins() -> None:
    own = {"id": "eip-9", "ip": "198.51.100.9", "bound_to": "eni-9", "private_ip": "10.0.1.5"}
    pod = {**API, "eni": "eni-9", "vswitch": "vsw-1", "security_groups": ["sg-1"]}
    known = world(**{**OUTSIDE, "pods": [pod], "eips": [own]}, **seen("203.0.113.7"))
    assert sources(known, f"{NAME}:3306") == {"198.51.100.9"}


def test_an_internal_endpoint_sees_the_pod() -> None:
    name = "b1.oss-cn-one-internal.aliyuncs.com"
    assert sources(world(**seen("100.118.28.9", name)), f"{name}:443") == {"10.0.1.5"}


def test_a_private_endpoint_without_address_sees_the_pod_all_the_same() -> None:
    known = world(endpoint(VpcId="vpc-1"))
    assert sources(known, f"{NAME}:3306") == {"10.0.1.5"}
    assert sources(world(), f"{NAME}:3306") == set()  # the name may be a public one


def test_the_ledger_ends_at_the_destination() -> None:
    found = diagnose(world(**seen("10.0.9.7")), Question(pod=POD, destination=f"{NAME}:3306"))
    assert [(line.hop, line.address) for line in found.ledger] == [
        ("pod", "10.0.1.5"),
        ("destination", "10.0.1.5"),
    ]
