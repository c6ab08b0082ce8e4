"""Load balancers as destinations: listeners, lists, groups, zones, servers, health and loops."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.balancers import ALB, CLB, NLB, ask, backend, listener, world
from tests.observe.net import Part, every, only
from wayout.engine.case import Case
from wayout.engine.facts import balancer as kinds
from wayout.engine.observe.address import Ip, parse_cidr, parse_ip
from wayout.engine.observe.balancer_acl import AclEntries, decide
from wayout.engine.observe.balancer_groups import decide as decide_groups
from wayout.engine.observe.group_rule import Packet
from wayout.engine.observe.inbound import InboundRules

TO = "lb-bp1web:443"


def with_listener(part: Part, **fields: Any) -> Part:
    [own] = part["listeners"]
    return {**part, "listeners": [{**own, **fields}]}


# ── Which addresses are load balancers ───────────────────────────────────────────────────────


@pytest.mark.parametrize("to", ["lb-bp1web:443", "10.0.1.200:443"])
def test_an_id_and_an_address_lead_to_the_load_balancer(to: str) -> None:
    found = only(ask(world(CLB), to), "balancer")
    assert (found.balancer, found.product, found.state) == ("lb-bp1web", "clb", "active")


def test_a_name_gives_one_flow_per_zone() -> None:
    facts = ask(world(NLB), f"{NLB['dns_name']}:443")
    flows = every(facts, "flow", role="main")
    assert [flow.ip for flow in flows] == ["10.0.1.211", "10.0.1.212"]
    assert [b.flow for b in every(facts, "balancer")] == ["main", "main-2"]
    assert {z.zone for z in every(facts, "balancer_zone")} == {"cn-hangzhou-h", "cn-hangzhou-i"}


def test_what_somebody_resolved_beats_the_document() -> None:
    seen = [{"resolved": {NLB["dns_name"]: ["10.0.1.212"]}}]
    facts = ask(world(NLB, observations=seen), f"{NLB['dns_name']}:443")
    assert only(facts, "balancer_zone").zone == "cn-hangzhou-i"


def test_an_internet_load_balancer_is_dialled_at_its_public_addresses() -> None:
    zones = [{**zone, "public_ip": f"203.0.113.{n}"} for n, zone in enumerate(NLB["zones"])]
    part = {**NLB, "type": "internet", "zones": zones}
    facts = ask(world(part), f"{NLB['dns_name']}:443")
    assert {f.scope for f in every(facts, "flow", role="main")} == {"internet"}
    assert {b.private_ip for b in every(facts, "balancer")} == {"10.0.1.211"}
    inside = only(ask(world(part), "10.0.1.212:443"), "balancer_zone")
    assert inside.zone == "cn-hangzhou-i"


def test_an_intercepted_flow_is_none_of_a_load_balancer() -> None:
    own: Part = {"name": "web", "namespace": "shop", "cluster_ip": "172.21.7.44",
                 "selector": {"app": "web"}, "ports": [443], "load_balancer": ["10.0.1.200"],
                 "endpoints": ["10.0.3.8"]}  # fmt: skip
    facts = ask(world(CLB, services=[own]), "10.0.1.200:443")
    assert every(facts, "balancer_address")[0].is_intercepted
    measured = {kind.__name__ for kind in vars(kinds).values() if isinstance(kind, type)}
    assert not measured & {type(fact).__name__ for fact in facts}


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "active"),
        ({"status": "Inactive"}, "stopped"),
        ({"status": "locked"}, "locked"),
        ({"locks": ["financial"]}, "locked"),
        ({"business_status": "Abnormal"}, "abnormal"),
        ({"status": "CreateFailed"}, "abnormal"),
        ({"status": "Provisioning"}, "changing"),
        ({"status": None}, "unknown"),
        ({"status": "odd"}, "unknown"),
        ({"locks": [], "business_status": "Normal"}, "active"),
    ],
)
def test_states(fields: Part, state: str) -> None:
    part = {k: v for k, v in {**CLB, **fields}.items() if v is not None}
    assert only(ask(world(part), TO), "balancer").state == state


def test_what_no_document_describes_is_missing() -> None:
    assert only(ask(world(), TO), "balancer").state == "missing"
    found = only(ask(world(), "alb-bp1gone.cn-hangzhou.alb.aliyuncsslb.com:443"), "balancer")
    assert (found.balancer, found.has_groups) == ("alb-bp1gone", "unknown")


# ── Listeners ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("own", "to", "protocol", "state"),
    [
        ({"port": 443, "protocol": "tcp"}, 443, "tcp", "running"),
        ({"port": 443, "protocol": "https"}, 443, "tcp", "running"),
        ({"port": 443, "protocol": "tcpssl"}, 443, "tcp", "running"),
        ({"port": 443, "protocol": "quic"}, 443, "udp", "running"),
        ({"port": 443, "protocol": "quic"}, 443, "tcp", "none"),
        ({"port": 443, "protocol": "udp"}, 443, "tcp", "none"),
        ({"port": 443, "protocol": "tcp"}, 443, "udp", "none"),
        ({"port": 80, "protocol": "http"}, 443, "tcp", "none"),
        ({"ports": "8000-8010", "protocol": "tcp"}, 8000, "tcp", "running"),
        ({"ports": "8000-8010", "protocol": "tcp"}, 8010, "tcp", "running"),
        ({"ports": "8000-8010", "protocol": "tcp"}, 8011, "tcp", "none"),
        ({"port": 443, "protocol": "tcp", "status": "Stopping"}, 443, "tcp", "changing"),
        ({"port": 443, "protocol": "tcp", "status": "Stopped"}, 443, "tcp", "stopped"),
    ],
)
def test_listeners(own: Part, to: int, protocol: str, state: str) -> None:
    part = {**NLB, "listeners": [{"status": "Running", **own}]}
    facts = ask(world(part), f"nlb-bp1web:{to}", protocol=protocol)
    assert {fact.state for fact in every(facts, "balancer_listener")} == {state}


def test_listeners_that_were_not_collected() -> None:
    part = {key: value for key, value in CLB.items() if key != "listeners"}
    assert only(ask(world(part), TO), "balancer_listener").state == "missing"
    assert only(ask(world(CLB), "lb-bp1web"), "balancer_listener").state == "no-port"
    icmp = ask(world(CLB), "lb-bp1web", protocol="icmp")
    assert only(icmp, "balancer_listener").state == "icmp"


# ── Access control lists ─────────────────────────────────────────────────────────────────────

SPACE = [f"10.0.{third}.{last}" for third in range(2) for last in range(8)]
cidrs = st.builds(
    lambda ip, prefix: str(ipaddress.ip_network(f"{ip}/{prefix}", strict=False)),
    st.sampled_from(SPACE), st.sampled_from([0, 8, 23, 24, 29, 30, 31, 32]),
)  # fmt: skip
list_texts = st.lists(st.lists(cidrs, max_size=3), min_size=1, max_size=3)


def naive(mode: str, lists: list[list[str]], source: str) -> str:
    """The rule of the documentation, on whole lists, with the library."""
    entries = [ipaddress.ip_network(text) for own in lists for text in own]
    if not entries:
        return "accept"
    is_listed = any(ipaddress.ip_address(source) in network for network in entries)
    return "accept" if is_listed == (mode == "white") else "drop"


def made(lists: list[list[str]], missing: frozenset[int] = frozenset()) -> list[AclEntries]:
    return [
        AclEntries(f"acl-{n}", tuple((text, parse_cidr(text)) for text in own),
                   is_whole=n not in missing)
        for n, own in enumerate(lists)
    ]  # fmt: skip


def ip(text: str) -> Ip:
    found = parse_ip(text)
    assert found is not None
    return found


@given(st.sampled_from(["white", "black"]), list_texts, st.sampled_from(SPACE))
def test_whole_lists_decide_as_the_documentation_says(
    mode: Any, lists: list[list[str]], source: str
) -> None:
    found = decide(mode, made(lists), ip(source))
    assert found.action == naive(mode, lists, source)
    if found.entry:
        assert found.entry in lists[int(found.acl.removeprefix("acl-"))]


@given(
    st.sampled_from(["white", "black"]), list_texts, list_texts, st.sampled_from(SPACE), st.data()
)  # fmt: skip
def test_a_decision_never_changes_when_what_lacks_turns_up(
    mode: Any, lists: list[list[str]], more: list[list[str]], source: str, data: Any
) -> None:
    """Decided from a part of the entries: whatever the rest holds, the result is the same."""
    missing = data.draw(st.frozensets(st.integers(0, len(lists) - 1), min_size=1))
    found = decide(mode, made(lists, missing), ip(source))
    rest = [text for own in more for text in own]
    whole = [own + (rest if n in missing else []) for n, own in enumerate(lists)]
    if found.action != "undetermined":
        assert found.action == naive(mode, whole, source) == naive(mode, lists, source)
    else:  # and it is only left open where some rest would turn it
        ends = {
            naive(mode, [own + (extra if n in missing else []) for n, own in enumerate(lists)],
                  source)
            for extra in ([], [f"{source}/32"], ["192.0.2.0/24"])
        }  # fmt: skip
        assert ends == {"accept", "drop"}


@pytest.mark.parametrize(
    ("mode", "settled", "unsettled", "action"),
    [
        ("white", [], ["10.0.0.1/32"], "undetermined"),
        ("white", ["10.0.0.0/24"], ["10.0.0.1/32"], "accept"),
        ("white", ["10.9.0.0/24"], ["10.0.0.1/32"], "undetermined"),
        ("white", ["10.9.0.0/24"], ["10.8.0.0/24"], "drop"),
        ("white", [], ["10.8.0.0/24"], "undetermined"),
        ("black", [], ["10.0.0.1/32"], "undetermined"),
        ("black", [], ["10.8.0.0/24"], "accept"),
        ("black", ["10.0.0.0/8"], ["10.0.0.1/32"], "drop"),
        ("white", ["nonsense"], [], "undetermined"),
        ("black", ["nonsense"], [], "undetermined"),
        ("white", ["nonsense", "10.0.0.0/8"], [], "accept"),
        ("white", ["10.0.0.1"], [], "accept"),
        ("white", ["10.0.0.9/8"], [], "accept"),
        ("white", ["2001:db8::/32"], [], "drop"),
    ],
)
def test_entries_that_are_being_changed_or_cannot_be_read(
    mode: Any, settled: list[str], unsettled: list[str], action: str
) -> None:
    acl = AclEntries(
        "acl-1",
        tuple((text, parse_cidr(text)) for text in settled),
        tuple((text, parse_cidr(text)) for text in unsettled),
    )
    assert decide(mode, [acl], ip("10.0.0.1")).action == action


@pytest.mark.parametrize(
    ("acl", "lists", "mode"),
    [
        ("off", {}, "off"),
        ({"mode": "white", "lists": "acl-1"}, {"acl-1": []}, "empty"),
        ({"mode": "black", "lists": ["acl-1", "acl-2"]}, {"acl-1": [], "acl-2": []}, "empty"),
        ({"mode": "white", "lists": ["acl-1", "acl-2"]}, {"acl-1": []}, "white"),
        ({"mode": "white", "lists": "acl-1"}, {}, "white"),
        ({"mode": "white", "lists": ""}, {}, "unknown"),
        (None, {}, "unknown"),
    ],
)
def test_modes(acl: Any, lists: Any, mode: str) -> None:
    own = {**listener(server_groups=["rsp-bp1web"]), "acl": acl}
    own = {name: value for name, value in own.items() if value is not None}
    case = world({**CLB, "listeners": [own]}, access_control_lists=lists)
    assert only(ask(case, TO), "balancer_acl").mode == mode


def test_an_nlb_has_no_access_control_list() -> None:
    assert not every(ask(world(NLB), "nlb-bp1web:443"), "balancer_acl")


def test_every_source_address_is_measured() -> None:
    nat = {
        "id": "ngw-1",
        "vpc": "vpc-1",
        "status": "Available",
        "snat": [{"id": "snat-1", "source": "10.0.0.0/16", "ips": "198.51.100.20,198.51.100.21"}],
        "forward": [
            {
                "id": "fwd-1",
                "external_ip": "198.51.100.22",
                "external_port": "any",
                "internal_ip": "10.0.1.5",
                "internal_port": "any",
                "protocol": "any",
            }
        ],
    }
    part = with_listener(CLB, acl={"mode": "white", "lists": "acl-1"})
    lists = {"acl-1": ["198.51.100.20/31"]}
    around = {
        "nat_gateways": [nat],
        "access_control_lists": lists,
        "vswitches": [{"id": "vsw-1", "cidr": "10.0.0.0/20", "vpc": "vpc-1"}],
    }
    facts = ask(world(part, **around), TO)
    found = {fact.address: fact for fact in every(facts, "balancer_acl_decision")}
    assert {address: fact.action for address, fact in found.items()} == {
        "10.0.1.5": "drop",
        "198.51.100.20": "accept",
        "198.51.100.21": "accept",
        "198.51.100.22": "drop",
    }
    assert found["10.0.1.5"].target == "10.0.0.0/20"  # pods are created again
    assert found["198.51.100.22"].target == "198.51.100.22/32"


# ── Security groups ──────────────────────────────────────────────────────────────────────────

PEERS = ["0.0.0.0/0", "10.0.0.0/8", "10.0.1.0/24", "10.0.1.5/32", "192.0.2.0/24"]
rules = st.fixed_dictionaries(
    {
        "policy": st.sampled_from(["accept", "drop"]),
        "protocol": st.sampled_from(["tcp", "udp", "all"]),
        "ports": st.sampled_from(["1-65535", "443", "80-443", "444", "22"]),
        "from": st.sampled_from(PEERS),
        "priority": st.sampled_from([1, 2, 9, 10, 100]),
    }
)


def naive_group(made_rules: list[Part]) -> str:
    """Let in what no rule denies; the smallest number counts, within it Deny before Allow."""

    def hits(rule: Part) -> bool:
        low, _, high = rule["ports"].partition("-")
        return (
            rule["protocol"] in ("tcp", "all")
            and (rule["protocol"] == "all" or int(low) <= 443 <= int(high or low))
            and ipaddress.ip_address("10.0.1.5") in ipaddress.ip_network(rule["from"])
        )

    matching = [rule for rule in made_rules if hits(rule)]
    if not matching:
        return "accept"
    best = min(rule["priority"] for rule in matching)
    policies = {rule["policy"] for rule in matching if rule["priority"] == best}
    return "drop" if "drop" in policies else "accept"


def groups_case(*groups: tuple[str, list[Part] | None]) -> Case:
    parts = [
        {"id": name, "type": "enterprise", **({} if own is None else {"ingress": own})}
        for name, own in groups
    ]
    return world(NLB, security_groups=parts)


def decided(case: Case, *names: str) -> Any:
    inbound = InboundRules(case)
    packet = Packet("tcp", 443, parse_ip("10.0.1.5"), vpc="vpc-1")
    return decide_groups(inbound, tuple(inbound.group(name) for name in names), packet).fact


def spelled(own: list[Part]) -> list[Part]:
    return [
        {**rule, "id": f"sgr-{n}", "ports": None if rule["protocol"] == "all" else rule["ports"]}
        for n, rule in enumerate(own)
    ]


@given(st.lists(rules, max_size=4), st.lists(rules, max_size=4))
def test_groups_of_a_load_balancer_let_in_what_none_denies(
    first: list[Part], second: list[Part]
) -> None:
    case = groups_case(("sg-a", spelled(first)), ("sg-b", spelled(second)))
    fact = decided(case, "sg-a", "sg-b")
    assert fact.action == naive_group(first + second)
    if fact.action == "drop" and fact.winning_priority:
        better = {
            "policy": "accept",
            "protocol": "tcp",
            "ports": "443",
            "from": "10.0.1.5/32",
            "priority": fact.winning_priority,
        }
        assert naive_group([*first, *second, better]) == "accept"
    elif fact.action == "drop":  # nothing comes before priority 1
        better = {
            "policy": "accept",
            "protocol": "tcp",
            "ports": "443",
            "from": "10.0.1.5/32",
            "priority": 1,
        }
        assert naive_group([*first, *second, better]) == "drop"


@given(st.lists(rules, max_size=3))
def test_missing_rules_leave_it_open_unless_nothing_could_come_before(own: list[Part]) -> None:
    fact = decided(groups_case(("sg-a", spelled(own)), ("sg-b", None)), "sg-a", "sg-b")
    with_deny = [*own, {"policy": "drop", "protocol": "all", "ports": "443", "from": "0.0.0.0/0",
                        "priority": 1}]  # fmt: skip
    with_allow = [*own, {**with_deny[-1], "policy": "accept"}]
    ends = {naive_group(own), naive_group(with_deny), naive_group(with_allow)}
    if fact.action == "undetermined":
        assert len(ends) == 2
        assert (fact.lacks, fact.lacks_of) == ("security_group_rules", "sg-b")
    else:
        assert ends == {fact.action}


@pytest.mark.parametrize(("groups", "has"), [([], "no"), (["sg-a"], "yes"), (None, "unknown")])
def test_whether_there_are_groups(groups: Any, has: str) -> None:
    part = {k: v for k, v in {**NLB, "security_groups": groups}.items() if v is not None}
    facts = ask(world(part), "10.0.1.211:443")
    assert only(facts, "balancer").has_groups == has
    assert bool(every(facts, "inbound_decision")) == (has == "yes")
    assert only(ask(world(CLB), TO), "balancer").has_groups == "no"


# ── Zones and their network ACL ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zone", "cross", "state", "health", "servers"),
    [
        ({}, False, "active", "healthy", "none"),
        ({"zone": "cn-hangzhou-h"}, False, "active", "healthy", "some"),
        ({"status": "Shifted"}, True, "shifted", "healthy", "none"),
        ({"status": "Stopping"}, True, "stopped", "healthy", "none"),
        ({"status": "Starting"}, True, "changing", "healthy", "none"),
        ({"status": ""}, True, "unknown", "healthy", "none"),
        ({"health": "Unhealthy"}, True, "active", "unhealthy", "none"),
        ({"health": ""}, True, "active", "unknown", "none"),
    ],
)
def test_zones(zone: Part, cross: bool, state: str, health: str, servers: str) -> None:
    own = {**NLB["zones"][1], **zone}
    found = only(
        ask(world({**NLB, "zones": [own], "cross_zone": cross}), "nlb-bp1web:443"), "balancer_zone"
    )
    assert (found.state, found.health, found.servers) == (state, health, servers)
    assert found.cross_zone == ("on" if cross else "off")


def test_servers_without_zone_leave_the_zone_open() -> None:
    groups = [{"id": "sgp-nlb", "servers": [backend()]}]
    facts = ask(world(NLB, server_groups=groups), "10.0.1.211:443")
    assert only(facts, "balancer_zone").servers == "unknown"


def test_the_network_acl_of_the_zone_is_measured_for_each_source_and_never_for_a_clb() -> None:
    acl = {
        "id": "nacl-1",
        "vpc": "vpc-1",
        "status": "Available",
        "vswitches": ["vsw-lb"],
        "ingress": [{"policy": "accept", "protocol": "tcp", "ports": 443, "from": "10.0.0.0/16"}],
        "egress": [],
    }
    around = {
        "network_acls": [acl],
        "vswitches": [{"id": "vsw-lb", "cidr": "10.0.1.192/26", "network_acl": "nacl-1"}],
    }
    facts = ask(world(NLB, **around), "10.0.1.211:443")
    found = {f.direction: f.action for f in every(facts, "destination_acl_decision")}
    assert found == {"request": "accept", "reply": "drop"}
    assert not every(ask(world(CLB, **around), TO), "destination_acl_decision")


# ── Servers and health ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("servers", "state"),
    [
        ([backend()], "some"),
        ([backend(), backend("10.0.3.9", weight=0)], "some"),
        ([backend(weight=0)], "zero-weight"),
        ([{"ip": "10.0.3.8", "port": 1}], "some"),  # a weight nobody tells
        ([], "none"),
        (None, "unknown"),
    ],
)
def test_servers(servers: Any, state: str) -> None:
    group: Part = {"id": "rsp-bp1web"}
    if servers is not None:
        group["servers"] = servers
    found = only(ask(world(CLB, server_groups=[group]), TO), "balancer_backends")
    assert found.state == state
    assert found.lacks == ("backend_servers" if state == "unknown" else "")


def health(*states: str) -> list[Part]:
    return [{"ip": f"10.0.3.{8 + n}", "port": 8443, "state": s} for n, s in enumerate(states)]


@pytest.mark.parametrize(
    ("states", "state"),
    [
        (["normal"], "healthy"),
        (["normal", "abnormal"], "some"),
        (["abnormal", "abnormal"], "none"),
        (["unavailable"], "off"),
        (["unavailable", "abnormal"], "some"),
        (["initial", "abnormal"], "starting"),
        (["unused"], "unused"),
        ([], "unknown"),
    ],
)
def test_health_of_a_clb_lists_every_server(states: list[str], state: str) -> None:
    found = only(ask(world(with_listener(CLB, health=health(*states))), TO), "balancer_health")
    assert found.state == state


@pytest.mark.parametrize(
    ("servers", "states", "state"),
    [
        (2, [], "healthy"),
        (2, ["unhealthy"], "some"),
        (2, ["unhealthy", "unhealthy"], "none"),
        (1, ["unavailable"], "off"),
        (2, ["initial"], "healthy"),
        (1, ["initial"], "starting"),
        (1, ["unused"], "unused"),
        (2, ["unused"], "healthy"),
        (None, ["unhealthy"], "unknown"),  # how many others there are is not known
        (None, [], "healthy"),
    ],
)
def test_health_of_an_nlb_lists_what_is_not_normal(
    servers: int | None, states: list[str], state: str
) -> None:
    group: Part = {"id": "sgp-nlb"}
    if servers is not None:
        group["servers"] = [backend(f"10.0.3.{8 + n}") for n in range(servers)]
    part = with_listener(NLB, health=health(*states))
    found = only(ask(world(part, server_groups=[group]), "10.0.1.211:443"), "balancer_health")
    assert found.state == state


def test_health_that_is_switched_off_or_was_not_collected() -> None:
    silent = {k: v for k, v in CLB["listeners"][0].items() if k != "health"}
    off = ask(world({**CLB, "listeners": [{**silent, "health_check": False}]}), TO)
    assert only(off, "balancer_health").state == "off"
    unknown = only(ask(world({**CLB, "listeners": [silent]}), TO), "balancer_health")
    assert (unknown.state, unknown.lacks, unknown.lacks_of) == (
        "unknown", "listener_health", "lb-bp1web",
    )  # fmt: skip


def test_a_redirect_needs_no_server() -> None:
    part = with_listener(CLB, port=80, protocol="http", redirect_to=443)
    facts = ask(world(part), "lb-bp1web:80")
    assert only(facts, "balancer_listener").forward_port == 443
    assert not every(facts, "balancer_backends")


# ── Loops ────────────────────────────────────────────────────────────────────────────────────

SELF = {"id": "eni-other", "ip": "10.0.1.5", "port": 8443, "weight": 100}


@pytest.mark.parametrize(
    ("part", "group", "servers", "preserve", "found"),
    [
        (CLB, "rsp-bp1web", [SELF], None, ("address", "on", True)),
        (CLB, "rsp-bp1web", [SELF, backend()], None, ("address", "on", False)),
        (CLB, "rsp-bp1web", [backend()], None, None),
        (CLB, "rsp-bp1web", [{**SELF, "weight": 0}], None, None),
        (with_listener(CLB, protocol="https"), "rsp-bp1web", [SELF], None, None),
        (NLB, "sgp-nlb", [SELF], True, ("address", "on", True)),
        (NLB, "sgp-nlb", [SELF], False, ("address", "off", True)),
        (NLB, "sgp-nlb", [SELF], None, ("address", "unknown", True)),
        (ALB, "sgp-alb", [SELF], True, None),
        (CLB, "rsp-bp1web", [{"id": "eni-api", "port": 1}], None, ("interface", "on", True)),
        (CLB, "rsp-bp1web", [{"id": "i-node", "port": 1}], None, ("instance", "on", True)),
        (CLB, "rsp-bp1web", [{"id": "i-node", "ip": "10.0.9.9"}], None, None),
    ],
)
def test_loops(part: Part, group: str, servers: Any, preserve: Any, found: Any) -> None:
    own: Part = {"id": group, "servers": servers}
    if preserve is not None:
        own["preserve_client_ip"] = preserve
    eni = {"id": "eni-api", "ip": "10.0.1.5", "instance": "i-node", "vpc": "vpc-1"}
    case = world(part, server_groups=[own], network_interfaces=[eni])
    facts = every(ask(case, f"{part['id']}:443"), "balancer_loop", flow="main")
    assert [(f.by, f.preserve, f.is_only) for f in facts] == ([found] if found else [])
