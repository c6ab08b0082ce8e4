"""Instances at public addresses, other networks, and the lists of services: what is measured."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.net import API, POD, Part, case, every, only, shop
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Conclusion, Flow
from wayout.engine.facts.destination_product import DestinationProduct, SeenSource
from wayout.engine.facts.other_destinations import (
    InstanceState,
    PublicOwner,
    SourceCheck,
    SourceFilter,
    VpcLink,
)
from wayout.engine.observe import observe


def ask(of: Case, to: str) -> list[Fact]:
    """Every fact of one question; the products of the knowledge base are recognised."""
    question = Question(pod=POD, destination=to)
    return list(observe(of, question, shipped().knowledge.products).facts)


PUBLIC, PRIVATE = "203.0.113.66", "10.0.2.7"
EXITS = ("198.51.100.20", "198.51.100.21")
CARD: Part = {
    "id": "eni-vm", "ip": PRIVATE, "vswitch": "vsw-b", "vpc": "vpc-1", "instance": "i-vm",
    "security_groups": ["sg-vm"],
}  # fmt: skip
NAT: Part = {
    "id": "ngw-1", "vpc": "vpc-1", "network_type": "internet", "status": "Available",
    "eips": [{"ip": ip} for ip in EXITS],
    "snat": [{"id": "snat-1", "source": "10.0.0.0/16", "ips": list(EXITS)}], "forward": [],
}  # fmt: skip
VSWITCHES: list[Part] = [
    {"id": "vsw-a", "cidr": "10.0.1.0/24", "vpc": "vpc-1", "network_acl": ""},
    {"id": "vsw-b", "cidr": "10.0.2.0/24", "vpc": "vpc-1", "network_acl": ""},
]


def eip(**more: Any) -> Part:
    return {"id": "eip-1", "ip": PUBLIC, "bound_to": "i-vm", "status": "InUse", **more}


def world(*ingress: Part, **parts: Any) -> Case:
    """An instance behind one group, with an EIP; pods leave by two SNAT addresses."""
    group = {"id": "sg-vm", "type": "normal", "egress": [], "ingress": list(ingress)}
    usual = {
        "vswitches": VSWITCHES,
        "security_groups": [group],
        "network_interfaces": [CARD],
        "nat_gateways": [NAT],
        "eips": [eip()],
    }
    return shop(**{**usual, **parts})


# ── Who has a public address? ────────────────────────────────────────────────────────────────────

ANY = {"external_ip": PUBLIC, "internal_ip": PRIVATE, "internal_port": 3306}
GATEWAY: dict[str, Any] = {"eips": [eip(bound_to="ngw-1")]}


def gateway(*forward: Part) -> dict[str, Any]:
    return {**GATEWAY, "nat_gateways": [{**NAT, "forward": list(forward)}]}


@pytest.mark.parametrize(
    ("parts", "what"),
    [
        pytest.param({}, "interface", id="bound to an instance"),
        pytest.param({"eips": [eip(bound_to="eni-vm")]}, "interface", id="to an interface"),
        pytest.param({"eips": [eip(bound_to="")]}, "unbound", id="to nothing"),
        pytest.param({"eips": [eip(bound_to=None)]}, "other", id="nobody knows to what"),
        pytest.param({"eips": [eip(bound_to=None, status="Available")]}, "unbound", id="free"),
        pytest.param({"eips": [eip(bound_to="havip-1")]}, "other", id="to something else"),
        pytest.param({"network_interfaces": []}, "instance", id="the interface lacks"),
        pytest.param({"pods": [API, {"name": "db-0", "ip": PRIVATE}]}, "pod", id="a pod"),
        pytest.param(gateway(), "no-entry", id="a gateway without entry"),
        pytest.param(
            {**GATEWAY, "nat_gateways": [{k: v for k, v in NAT.items() if k != "forward"}]},
            "entries-unknown",
            id="a gateway whose entries lack",
        ),
        pytest.param(gateway({**ANY, "external_port": 3306}), "interface", id="a DNAT entry"),
        pytest.param(gateway({**ANY, "external_port": 80}), "no-entry", id="for another port"),
        pytest.param(
            gateway({**ANY, "external_port": "3300/3310", "internal_port": "3300/3310"}),
            "interface",
            id="for a range",
        ),
        pytest.param(
            gateway({**ANY, "external_port": 3306, "protocol": "udp"}), "no-entry", id="for UDP"
        ),
        pytest.param(
            gateway({**ANY, "external_port": 3306, "internal_ip": "10.0.2.99"}),
            "entry",
            id="to an unknown address",
        ),
    ],
)
def test_owners_of_a_public_address(parts: dict[str, Any], what: str) -> None:
    assert only(ask(world(**parts), f"{PUBLIC}:3306"), "public_owner").what == what


def test_a_public_address_of_somebody_else_has_no_owner() -> None:
    assert every(ask(world(), "203.0.113.99:3306"), "public_owner") == []


def test_an_eip_of_a_load_balancer_is_left_to_its_rules() -> None:
    facts = ask(world(eips=[eip(bound_to="lb-bp1web", bound_type="SlbInstance")]), f"{PUBLIC}:80")
    found = only(facts, "destination_product")
    assert (found.product, found.instance, found.network) == ("clb", "lb-bp1web", "public")
    assert every(facts, "public_owner") == []


def test_an_entry_for_the_port_comes_before_one_for_any_port() -> None:
    entries = gateway(
        {**ANY, "id": "fwd-any", "external_port": "any", "internal_ip": "10.0.2.99"},
        {**ANY, "id": "fwd-port", "external_port": 3306},
    )
    assert only(ask(world(**entries), f"{PUBLIC}:3306"), "public_owner").entry == "fwd-port"


def test_behind_a_dnat_entry_the_internal_port_counts() -> None:
    rule = {"protocol": "tcp", "ports": 3307, "from": "198.51.100.0/24"}
    parts = gateway({**ANY, "external_port": 3306, "internal_port": 3307})
    facts = ask(world(rule, **parts), f"{PUBLIC}:3306")
    assert {check.verdict for check in every(facts, "source_check")} == {"admits"}


def test_an_eip_on_the_interface_itself_meets_no_network_acl() -> None:
    vswitches = [VSWITCHES[0], {**VSWITCHES[1], "network_acl": "nacl-1"}]
    acl = {"id": "nacl-1", "vpc": "vpc-1", "status": "Available", "ingress": [], "egress": []}
    parts: dict[str, Any] = {"vswitches": vswitches, "network_acls": [acl]}
    filters = {f.filter for f in every(ask(world(**parts), f"{PUBLIC}:1"), "source_filter")}
    assert filters == {"group", "acl-in", "acl-out"}
    parts["eips"] = [eip(bound_to="eni-vm", mode="BINDED")]
    filters = {f.filter for f in every(ask(world(**parts), f"{PUBLIC}:1"), "source_filter")}
    assert filters == {"group"}


# ── Inbound rules, for each address of the exit ──────────────────────────────────────────────────

PEERS = ("198.51.100.20/32", "198.51.100.21", "198.51.100.0/24", "10.0.1.0/24", "0.0.0.0/0", "sg-a")
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "policy": st.sampled_from(("accept", "drop")),
            "protocol": st.sampled_from(("tcp", "udp", "all")),
            "ports": st.sampled_from(("-1/-1", "3306/3306", "1/6000", "80/80")),
            "from": st.sampled_from(PEERS),
            "priority": st.integers(1, 4),
        }
    ),
    max_size=5,
)
CONTAINS = {
    EXITS[0]: {"198.51.100.20/32", "198.51.100.0/24", "0.0.0.0/0"},
    EXITS[1]: {"198.51.100.21", "198.51.100.0/24", "0.0.0.0/0"},
}


def inbound_oracle(rules: list[Part], address: str) -> str:
    for rule in sorted(rules, key=lambda r: (r["priority"], r["policy"] == "accept")):
        low, high = map(int, rule["ports"].split("/"))
        in_ports = low == -1 or low <= 3306 <= high
        if in_ports and rule["protocol"] != "udp" and rule["from"] in CONTAINS[address]:
            return "admits" if rule["policy"] == "accept" else "refuses"
    return "refuses"


@given(RULES)
def test_inbound_rules_for_public_sources_like_the_oracle(rules: list[Part]) -> None:
    facts = ask(world(*rules), f"{PUBLIC}:3306")
    got = {c.address: c.verdict for c in every(facts, "source_check", filter="group")}
    assert got == {address: inbound_oracle(rules, address) for address in EXITS}


# ── Permission groups of NAS ─────────────────────────────────────────────────────────────────────

HOST = "0a1b2c-xyz.cn-hangzhou.nas.aliyuncs.com"
SOURCES = ("10.0.1.5", "10.0.1.5/32", "10.0.1.0/24", "10.0.0.0/8", "10.0.2.0/24", "0.0.0.0/0", "?")
NAS_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(SOURCES),
            "priority": st.integers(1, 100),
            "access": st.sampled_from(("RDWR", "RDONLY")),
        }
    ),
    max_size=5,
)


def nas(rules: list[Part] | None, group: str = "shop", **target: Any) -> Case:
    usual = {"domain": HOST, "status": "Active", "vpc": "vpc-1", "permission_group": group}
    parts: dict[str, Any] = {"mount_targets": [{**usual, **target}]}
    if rules is not None:
        parts["permission_groups"] = {group: rules}
    return shop(observations=[{"resolved": {HOST: "10.0.2.60"}}], **parts)


def nas_check(of: Case) -> SourceCheck:
    facts = ask(of, f"{HOST}:2049")
    found: SourceCheck = only(facts, "source_check", address="10.0.1.5")
    return found


def nas_oracle(rules: list[Part]) -> tuple[str, str]:
    """Among the rules that contain 10.0.1.5 the smallest number; none: nobody gets in."""
    fits = {"10.0.1.5", "10.0.1.5/32", "10.0.1.0/24", "10.0.0.0/8", "0.0.0.0/0"}
    best: Part | None = None
    for rule in rules:
        if rule["source"] in fits and (best is None or rule["priority"] < best["priority"]):
            best = rule
    if best is not None:
        return "admits", best["access"]
    return ("undetermined" if any(r["source"] == "?" for r in rules) else "refuses"), ""


@given(NAS_RULES)
def test_access_rules_like_the_oracle(rules: list[Part]) -> None:
    check = nas_check(nas(rules))
    assert (check.verdict, check.grants) == nas_oracle(rules)


@pytest.mark.parametrize(
    ("of", "verdict", "lacks"),
    [
        pytest.param(nas([]), "refuses", "", id="no rule"),
        pytest.param(nas(None), "undetermined", "access_rules", id="rules not collected"),
        pytest.param(nas(None, "DEFAULT_VPC_GROUP_NAME"), "admits", "", id="the default group"),
        pytest.param(
            nas(None, "DEFAULT_VPC_GROUP_NAME", vpc="vpc-2"),
            "undetermined",
            "access_rules",
            id="the default group in another VPC",
        ),
        pytest.param(nas(None, ""), "undetermined", "mount_targets", id="the group is not told"),
    ],
)
def test_permission_groups(of: Case, verdict: str, lacks: str) -> None:
    check = nas_check(of)
    assert (check.verdict, check.lacks) == (verdict, lacks)


# ── Registries and key stores ────────────────────────────────────────────────────────────────────

REGISTRY = "shop-registry.cn-hangzhou.cr.aliyuncs.com"


@pytest.mark.parametrize(
    ("registry", "verdicts"),
    [
        ({"acl": True, "entries": ["198.51.100.20"]}, ["admits", "refuses"]),
        ({"acl": True, "entries": ["198.51.100.0/24"]}, ["admits", "admits"]),
        ({"acl": True, "entries": ["10.0.1.0/24"]}, ["refuses", "refuses"]),
        ({"acl": True, "entries": []}, ["refuses", "refuses"]),
        ({"acl": True}, ["undetermined", "undetermined"]),
        ({"acl": False}, ["admits", "admits"]),
        ({}, ["undetermined", "undetermined"]),
    ],
)
def test_the_list_of_a_registry(registry: Part, verdicts: list[str]) -> None:
    known = {"id": "cri-1", "public": True, "domains": REGISTRY, **registry}
    seen = [{"resolved": {REGISTRY: "203.0.113.40"}}]
    facts = ask(world(registries=[known], observations=seen), f"{REGISTRY}:443")
    checks = every(facts, "source_check", filter="registry")
    assert [check.verdict for check in sorted(checks, key=lambda c: c.address)] == verdicts


@pytest.mark.parametrize(
    ("store", "state"),
    [
        ({"vpc": "vpc-1"}, "linked"),
        ({"vpc": "vpc-2", "bound_vpcs": ["vpc-1"]}, "linked"),
        ({"vpc": "vpc-2", "bound_vpcs": []}, "other"),
        ({}, "unknown"),
    ],
)
def test_the_vpcs_of_a_key_store(store: Part, state: str) -> None:
    facts = ask(shop(key_stores=[{"id": "kst-1", **store}]), "kst-1:443")
    assert only(facts, "vpc_link").state == state


# ── Peering connections ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("peer", "state", "covers"),
    [
        ({"vpc": "vpc-1", "accepting_vpc": "vpc-2"}, "unknown", "unknown"),
        ({"vpc": "vpc-2", "accepting_vpc": "vpc-1", "cidrs": ["172.20.0.0/16"]}, "unknown", "has"),
        (
            {"vpc": "vpc-1", "accepting_vpc": "vpc-2", "accepting_cidrs": ["172.30.0.0/16"]},
            "unknown",
            "lacks",
        ),
        ({"vpc": "vpc-1", "accepting_vpc": "vpc-2", "status": "Activated"}, "activated", "unknown"),
        ({"vpc": "vpc-1", "accepting_vpc": "vpc-2", "status": "accepting"}, "down", "unknown"),
        (
            {
                "vpc": "vpc-1",
                "accepting_vpc": "vpc-2",
                "status": "Activated",
                "business_status": "FinancialLocked",
            },
            "down",
            "unknown",
        ),
    ],
)
def test_peering_connections(peer: Part, state: str, covers: str) -> None:
    facts = ask(shop(vpc_peers=[{"id": "pcc-1", **peer}]), "172.20.0.9:5432")
    found = only(facts, "peer_connection")
    assert (found.state, found.covers, found.vpc) == (state, covers, "vpc-2")


def test_a_peering_connection_of_other_vpcs_does_not_matter() -> None:
    peer = {"id": "pcc-1", "vpc": "vpc-3", "accepting_vpc": "vpc-2"}
    assert every(ask(shop(vpc_peers=[peer]), "172.20.0.9:1"), "peer_connection") == []


@pytest.mark.parametrize(
    ("own", "other", "overlap"),
    [
        ("10.0.0.0/16", "172.20.0.0/16", False),
        ("10.0.0.0/8", "10.20.0.0/16", True),
        ("10.0.0.0/16", "10.0.128.0/17", True),
        ("10.0.0.0/17", "10.0.128.0/17", False),
    ],
)
def test_overlapping_networks(own: str, other: str, overlap: bool) -> None:
    vpcs = [
        {"id": "vpc-1", "cidr": own},
        {"id": "vpc-2", "cidr": other, "secondary_cidrs": ["192.168.0.0/16"]},
    ]
    parts = {"pods": [API], "cluster": {"id": "c-1", "vpc": "vpc-1"}, "vpcs": vpcs}
    found = every(ask(case(**parts), "192.168.0.9:1"), "range_overlap", what="networks")
    assert bool(found) is overlap


# ── Silence is never an answer ───────────────────────────────────────────────────────────────────

DECISIVE = {"blocks", "passes", "unknown", "not-applicable", "degrades"}


def values(kind: type[Fact], field: str) -> tuple[str, ...]:
    return tuple(kind.model_fields[field].annotation.__args__)  # type: ignore[union-attr]


def concluded(gate: str, *facts: Fact) -> set[str]:
    """What the rules of one gate say when these are the facts."""
    inferred = shipped().inference.run({fact: () for fact in facts})
    return {
        firing.produced.status
        for firing in inferred.firings
        if isinstance(firing.produced, Conclusion)
        and firing.produced.gate == gate
        and firing.produced.status in DECISIVE
    }


INTERNET = Flow(flow="main", pod=POD, scope="internet", ip=PUBLIC, port=3306)
INSIDE = Flow(flow="main", pod=POD, scope="vpc", ip=PRIVATE, port=443)
OWNER = PublicOwner(flow="main", ip=PUBLIC, host="eni-vm", label="i-vm", vpc_match="same")
EXIT = SeenSource(flow="main", address=EXITS[0], what="public", via="snat-1")


@pytest.mark.parametrize("what", values(PublicOwner, "what"))
def test_every_owner_is_concluded(what: Any) -> None:
    owner = PublicOwner(flow="main", ip=PUBLIC, what=what, owner="ngw-1")
    if what == "interface":  # its groups and its instance speak
        return
    assert concluded("destination-access", INTERNET, owner), what
    assert concluded("destination-service", INTERNET, owner), what


@pytest.mark.parametrize(
    ("name", "verdict", "match"),
    list(
        product(("group", "acl-in", "acl-out"), values(SourceCheck, "verdict"), ("same", "other"))
    ),
)
def test_every_check_of_an_instance_is_concluded(name: Any, verdict: Any, match: Any) -> None:
    if (name, verdict) in (("group", "partly"), ("acl-in", "partly")):
        return  # only answers go to many ports
    owner = OWNER.model_copy(update={"vpc_match": match})
    filters = [SourceFilter(flow="main", filter=n, guard="g") for n in ("acl-in", "acl-out")]
    other = {"acl-in": "acl-out", "acl-out": "acl-in"}.get(name, "")
    around = [SourceFilter(flow="main", filter="group", guard="g")] if name == "group" else filters
    for order, winning in ((0, 1), (1, 0), (2, 1)):
        check = SourceCheck(
            flow="main",
            filter=name,
            address=EXITS[0],
            verdict=verdict,
            guard="g",
            entry="e" if order else "",
            order=order,
            winning=winning,
            target=f"{EXITS[0]}/32",
        )
        rest = [check.model_copy(update={"filter": other, "verdict": "admits"})] if other else []
        want = {"admits": "passes", "refuses": "blocks", "partly": "degrades"}
        got = concluded("destination-access", INTERNET, owner, EXIT, check, *rest, *around)
        assert want.get(verdict, "unknown") in got, check


def product_of(access: Any, instance: str, network: Any) -> DestinationProduct:
    return DestinationProduct(
        flow="main", product="x", access=access, instance=instance, label="x-1", network=network
    )


@pytest.mark.parametrize(
    ("what", "access", "network"),
    [
        ("connection", "endpoint", "private"),
        ("mount-target", "permission-group", "private"),
        ("registry", "registry", "public"),
        ("key-store", "key-store", "private"),
    ],
)
def test_every_state_of_a_service_is_concluded(what: Any, access: Any, network: Any) -> None:
    want = {"running": "passes", "down": "blocks"}
    for state in values(InstanceState, "state"):
        if (what, state) == ("registry", "changing"):
            continue  # a switch is on or off
        fact = InstanceState.model_validate(
            {"flow": "main", "what": what, "name": "x-1", "label": "x-1", "state": state}
        )
        got = concluded("destination-service", INSIDE, product_of(access, "x-1", network), fact)
        assert want.get(state, "unknown") in got, fact


@pytest.mark.parametrize(("what", "access"), [("registry", "registry"), ("key-store", "key-store")])
def test_every_link_to_a_vpc_is_concluded(what: Any, access: Any) -> None:
    want = {"linked": "passes", "other": "blocks"}
    for state in values(VpcLink, "state"):
        if (what, state) == ("key-store", "changing"):
            continue  # its bindings have no state
        fact = VpcLink.model_validate(
            {"flow": "main", "what": what, "name": "x-1", "label": "x-1", "state": state}
        )
        got = concluded("destination-access", INSIDE, product_of(access, "x-1", "private"), fact)
        assert want.get(state, "unknown") in got, fact


@pytest.mark.parametrize("verdict", ["admits", "refuses", "undetermined"])
@pytest.mark.parametrize("name", ["permission-group", "registry"])
def test_every_check_of_a_service_is_concluded(name: Any, verdict: Any) -> None:
    access: Any = "registry" if name == "registry" else "permission-group"
    network: Any = "public" if name == "registry" else "private"
    facts: list[Fact] = [
        INTERNET,
        product_of(access, "x-1", network),
        EXIT,
        SourceFilter(flow="main", filter=name, guard="g"),
    ]
    for order, grants in ((0, "default"), (1, "RDWR")):
        check = SourceCheck(
            flow="main",
            filter=name,
            address=EXITS[0],
            verdict=verdict,
            guard="g",
            entry="e",
            order=order,
            grants=grants,
        )
        want = {"admits": "passes", "refuses": "blocks"}.get(verdict, "unknown")
        assert want in concluded("destination-access", *facts, check), check


NAMES = (
    "ep-1.epsrv-1.cn-hangzhou.privatelink.aliyuncs.com:443",
    "ep-bp1x:443",
    f"{HOST}:2049",
    "0a1b-xx.cn-hangzhou.extreme.nas.aliyuncs.com:445",
    f"{REGISTRY}:443",
    "shop-registry-vpc.cn-hangzhou.cr.aliyuncs.com:443",
    "cri-1:443",
    "registry.cn-hangzhou.aliyuncs.com:443",
    "kst-1.cryptoservice.kms.aliyuncs.com:443",
    "kms-vpc.cn-hangzhou.aliyuncs.com:443",
    "kms.cn-hangzhou.aliyuncs.com:443",
    "shop.cn-hangzhou-intranet.log.aliyuncs.com:443",
    "cn-hangzhou.log.aliyuncs.com:443",
    "ecs-vpc.cn-hangzhou.aliyuncs.com:443",
    "sts.aliyuncs.com:443",
    "203.0.113.5:6443",
    "10.0.2.99:6443",
    f"{PUBLIC}:3306",
)
API_SERVER = {
    "cluster_id": "c-1",
    "vpc_id": "vpc-1",
    "external_loadbalancer_id": "lb-1",
    "master_url": '{"api_server_endpoint":"https://203.0.113.5:6443",'
    '"intranet_api_server_endpoint":"https://10.0.2.99:6443"}',
}
PUBLIC_NAMES = ("registry.cn", "kms.cn", "cn-hangzhou.log", "sts", REGISTRY)


def resolved(name: str) -> str:
    return "203.0.113.77" if name.startswith(PUBLIC_NAMES) else "10.0.2.77"


WORLDS: dict[str, Case] = {
    "nothing": case(),
    "a pod": shop(),
    "resolved": world(
        observations=[
            {"resolved": {n.rpartition(":")[0]: resolved(n)}} for n in NAMES if n[0] not in "21e"
        ],
        documents=[API_SERVER],
    ),
    "another region": shop(
        cluster={"id": "c-1", "vpc": "vpc-1", "region": "cn-beijing"}, documents=[API_SERVER]
    ),
    "an EIP of a gateway": world(**GATEWAY),
    "an EIP of nothing": world(eips=[eip(bound_to="")]),
    "an EIP of whatever": world(eips=[eip(bound_to=None)]),
}


@pytest.mark.parametrize("name", WORLDS)
def test_both_gates_of_the_destination_speak(name: str) -> None:
    silent = []
    for to in NAMES:
        observed, inferred = shipped().infer(WORLDS[name], Question(pod=POD, destination=to))
        flows = [flow.flow for flow in observed.view.flows if flow.role == "main"]
        silent += [
            (to, flow, gate)
            for flow, gate in product(flows, ("destination-access", "destination-service"))
            if not any(
                fact.kind == "conclusion"
                and (fact.flow, fact.gate) == (flow, gate)
                and fact.status in DECISIVE
                for fact in inferred.facts
            )
        ]
    assert silent == []
