"""What guards the other end inside the VPC: who stands there, and what its guards do to the pod."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.net import API, VPC, Part, answer, ask, case, every, only, shop
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Case
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Conclusion, Flow
from wayout.engine.facts.destination_access import (
    DestinationAclDecision,
    DestinationHost,
    InboundDecision,
    IngressDecision,
    IngressOpening,
)
from wayout.engine.facts.network_acl import AclBinding
from wayout.engine.facts.policy import PolicyAgent, PolicyComponent, PolicyComputeClass, PolicyMode

AGENT = {"alibabacloud.com/enable-network-policy-agent": "true"}
CLIENT, SERVER = "10.0.1.5", "10.0.2.7"
DB: Part = {
    "name": "db-0",
    "namespace": "data",
    "ip": SERVER,
    "phase": "Running",
    "labels": {"app": "db"},
}
OPEN: Part = {"id": "sg-any", "type": "normal", "egress": [], "ingress": [{"policy": "accept"}]}
VSWITCHES: list[Part] = [
    {"id": "vsw-a", "cidr": "10.0.1.0/24", "vpc": "vpc-1", "network_acl": ""},
    {"id": "vsw-b", "cidr": "10.0.2.0/24", "vpc": "vpc-1", "network_acl": ""},
]


def card(name: str, ip: str, groups: list[str], **more: Any) -> Part:
    vswitch = "vsw-a" if ip.startswith("10.0.1.") else "vsw-b"
    return {
        "id": name,
        "ip": ip,
        "security_groups": groups,
        "vswitch": vswitch,
        "vpc": "vpc-1",
        **more,
    }


def world(**parts: Any) -> Case:
    """The pod that asks and a database pod, each on an interface; nothing is closed."""
    usual: dict[str, Any] = {
        "pods": [{**API, "labels": {"app": "api"}}, DB],
        "vswitches": VSWITCHES,
        "security_groups": [OPEN],
        "network_interfaces": [
            card("eni-api", CLIENT, ["sg-any"]),
            card("eni-db", SERVER, ["sg-any"]),
        ],
        "network_policies": [],
        "services": [],
        "cluster": {"id": "c-1", "vpc": "vpc-1", "addons": ["poseidon"]},
    }
    return shop(**{**usual, **parts})


def status(of: Case, to: str = f"{SERVER}:5432", gate: Any = "destination-access") -> str:
    return answer(of, to).gate(gate).status


def group(*ingress: Part, name: str = "sg-db", **more: Any) -> Part:
    numbered = [{"id": f"sgr-{index}", **rule} for index, rule in enumerate(ingress)]
    return {
        "id": name,
        "type": "normal",
        "inner_access": "accept",
        "egress": [],
        "ingress": numbered,
        **more,
    }


def guarded(*ingress: Part, client: list[str] | None = None, **more: Any) -> Case:
    """The database behind one group with these inbound rules."""
    return world(
        security_groups=[OPEN, group(*ingress, **more)],
        network_interfaces=[
            card("eni-api", CLIENT, client or ["sg-any"]),
            card("eni-db", SERVER, ["sg-db"]),
        ],
    )


# ── Who stands there? ────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("to", [f"{SERVER}:5432", "pod/data/db-0:5432"])
def test_a_pod_is_known_by_name_and_by_address(to: str) -> None:
    assert only(ask(world(), to), "destination_host").host == "data/db-0"
    assert answer(world(), to).verdict == "reachable"


def test_an_instance_is_known_by_id_and_by_address() -> None:
    vm = card("eni-vm", "10.0.2.8", ["sg-any"], instance="i-bp1vm")
    case = world(network_interfaces=[card("eni-api", CLIENT, ["sg-any"]), vm])
    for to in ("i-bp1vm:22", "10.0.2.8:22", "eni-vm:22"):
        host = only(ask(case, to), "destination_host")
        assert (host.what, host.label, host.may_be_pod) == ("interface", "i-bp1vm (eni-vm)", False)
        found = answer(case, to)
        assert found.verdict == "reachable", to
        assert "DSV-102" in {statement.code for statement in found.assumptions}


def test_a_service_is_judged_by_its_endpoint() -> None:
    service = {
        "name": "db",
        "namespace": "data",
        "cluster_ip": "172.21.7.9",
        "selector": {"app": "db"},
        "ports": [{"port": 80, "target_port": 5432}],
    }
    closed = {"name": "lock", "namespace": "data", "podSelector": {}}
    case = world(services=[service], pods=[API, {**DB, "annotations": AGENT}])
    assert status(case, "svc/data/db:80") == "passes"
    case = world(
        services=[service], pods=[API, {**DB, "annotations": AGENT}], network_policies=[closed]
    )
    assert answer(case, "svc/data/db:80").verdict == "blocked"


@pytest.mark.parametrize(
    ("parts", "to", "why"),
    [
        pytest.param({}, "10.0.9.9:1", "not-collected", id="interfaces are missing"),
        pytest.param({"network_interfaces": []}, "10.0.9.9:1", "no-interface", id="all known"),
        pytest.param(
            {"network_interfaces": [card("eni-x", "10.0.2.8", ["sg-any"], instance="lb-1")]},
            "10.0.2.8:1",
            "managed",
            id="an interface of something else",
        ),
        pytest.param(
            {"pods": [API, DB, {**DB, "name": "db-1"}]}, f"{SERVER}:1", "several", id="two pods"
        ),
        pytest.param({"pods": [{**API, "ip": None}, DB]}, f"{SERVER}:1", "client", id="no source"),
    ],
)
def test_strangers(parts: dict[str, Any], to: str, why: str) -> None:
    assert only(ask(world(**parts), to), "destination_stranger").why == why
    assert status(world(**parts), to) == "unknown"


def test_what_was_given_is_not_asked_for_again() -> None:
    found = answer(world(network_interfaces=[]), "10.0.9.9:3306")
    asked = [need for need in found.not_assessed if need.name == "network_interfaces"]
    assert not any(code.startswith("DAC-") for need in asked for code in need.codes)
    assert "No rule could decide" not in found.gate("route").reason.en


def test_addresses_elsewhere_have_no_host() -> None:
    for to in ("203.0.113.10:443", "192.168.7.7:1", f"{CLIENT}:80", "127.0.0.1:80"):
        facts = ask(world(), to)
        assert not every(facts, "destination_host"), to
        assert not every(facts, "destination_stranger"), to


def test_a_pod_with_the_address_of_another_is_not_itself() -> None:
    twin = {**DB, "ip": CLIENT}
    closed = {"name": "lock", "namespace": "data", "podSelector": {}}
    case = world(pods=[API, {**twin, "annotations": AGENT}], network_policies=[closed])
    assert status(case, "pod/data/db-0:80") == "blocks"


# ── Inbound rules ────────────────────────────────────────────────────────────────────────────

ACCEPT = {"policy": "accept", "protocol": "tcp", "ports": 5432, "from": "10.0.1.0/24"}
DROP = {"policy": "drop", "protocol": "tcp", "ports": 5432, "from": "10.0.0.0/8"}


@pytest.mark.parametrize(
    ("rules", "action", "reason"),
    [
        pytest.param([], "drop", "default", id="a basic group drops inbound by default"),
        pytest.param([ACCEPT], "accept", "rule", id="the CIDR block of the pod's vSwitch"),
        pytest.param([{**ACCEPT, "ports": 3306}], "drop", "default", id="another port"),
        pytest.param([ACCEPT, DROP], "drop", "rule", id="Drop first at equal priority"),
        pytest.param(
            [{**ACCEPT, "priority": 9}, {**DROP, "priority": 10}], "accept", "rule", id="9 < 10"
        ),
        pytest.param(
            [{**ACCEPT, "from": "10.0.1.5/32", "priority": 2}, DROP],
            "drop",
            "rule",
            id="the longer prefix does not win",
        ),
        pytest.param([{**ACCEPT, "from": "sg-any"}], "accept", "rule", id="a group of the client"),
        pytest.param([{**ACCEPT, "from": "sg-nodes"}], "undetermined", "rule-unknown", id="pl"),
    ],
)
def test_inbound_rules(rules: list[Part], action: str, reason: str) -> None:
    case = guarded(*rules)
    if reason == "rule-unknown":
        case = guarded({**ACCEPT, "from": "pl-unknown"})
    decision = only(ask(case, f"{SERVER}:5432"), "inbound_decision", source="eni")
    assert (decision.action, decision.reason) == (action, reason)
    wanted = {"accept": "passes", "drop": "blocks", "undetermined": "unknown"}
    assert status(case) == wanted[action]


def test_a_group_the_client_is_not_in_does_not_match() -> None:
    miss = only(ask(guarded({**ACCEPT, "from": "sg-nodes"}), f"{SERVER}:5432"), "inbound_near_miss")
    assert (miss.field, miss.wanted, miss.got) == ("peer", CLIENT, "sg-nodes")


@pytest.mark.parametrize(
    ("more", "want", "shared"),
    [
        ({}, "passes", "none"),  # a Drop rule does not stop members of an open basic group
        ({"inner_access": "drop"}, "blocks", "none"),
        ({"type": "enterprise"}, "blocks", "none"),
    ],
)
def test_members_of_one_group(more: Part, want: str, shared: str) -> None:
    assert status(guarded(DROP, client=["sg-db"], **more)) == want


def test_internal_access_unknown_lacks_what_would_tell() -> None:
    untold = guarded(client=["sg-db"], type=None)
    decision = only(ask(untold, f"{SERVER}:5432"), "inbound_decision", source="eni")
    assert (decision.reason, decision.lacks) == ("inner-access-unknown", "security_groups")
    accepted = guarded(ACCEPT, client=["sg-db"], type=None)
    assert status(accepted) == "passes"  # either way


def test_outbound_rules_of_the_destination_have_no_say() -> None:
    drop_all = {"id": "sgr-out", "policy": "drop"}
    assert status(guarded(ACCEPT, egress=[drop_all])) == "passes"


@pytest.mark.parametrize("rules", [[], [{**DROP, "priority": 7}], [{**DROP, "priority": 1}]])
def test_the_fix_names_the_vswitch_and_helps(rules: list[Part]) -> None:
    found = answer(guarded(*rules), f"{SERVER}:5432")
    assert found.verdict == "blocked"
    [fix] = [f for f in found.fixes if f.id in ("add-sg-inbound-accept", "move-sg-inbound-drop")]
    assert "--Permissions.1.SourceCidrIp 10.0.1.0/24" in str(fix.change)
    assert fix.verified.verdict_after == "reachable"


# ── Against a naive oracle ───────────────────────────────────────────────────────────────────

PEERS = ("10.0.1.0/24", "10.0.1.5/32", "10.0.9.0/24", "0.0.0.0/0", "sg-0", "sg-1", "sg-any")
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "policy": st.sampled_from(("accept", "drop")),
            "protocol": st.sampled_from(("tcp", "udp", "all")),
            "ports": st.sampled_from(("-1/-1", "5432/5432", "80/90", "1/6000")),
            "from": st.sampled_from(PEERS),
            "priority": st.integers(1, 4),
        }
    ),
    max_size=5,
)


def oracle(groups: list[tuple[list[Part], str]], client: list[str], protocol: str) -> str:
    """First of the rules of all groups by priority, Drop before Accept; members of an open group
    before that; nothing else gets in."""
    if any(f"sg-{n}" in client and access == "accept" for n, (_, access) in enumerate(groups)):
        return "accept"
    rules = [rule for rules, _ in groups for rule in rules]
    for rule in sorted(rules, key=lambda r: (r["priority"], r["policy"] == "accept")):
        low, high = rule["ports"].split("/")
        in_ports = low == "-1" or rule["protocol"] == "all" or int(low) <= 5432 <= int(high)
        if rule["protocol"] == "all" and low != "-1":
            in_ports = int(low) <= 5432 <= int(high)
        peer = rule["from"]
        knows = peer in ("10.0.1.0/24", "10.0.1.5/32", "0.0.0.0/0", *client)
        if in_ports and knows and rule["protocol"] in ("all", protocol):
            return str(rule["policy"])
    return "drop"


@given(
    st.lists(st.tuples(RULES, st.sampled_from(("accept", "drop"))), min_size=1, max_size=2),
    st.lists(st.sampled_from(("sg-0", "sg-1", "sg-any")), min_size=1, max_size=2, unique=True),
    st.sampled_from(("tcp", "udp")),
)
def test_inbound_rules_like_the_oracle(
    groups: list[tuple[list[Part], str]], client: list[str], protocol: Any
) -> None:
    names = [f"sg-{index}" for index in range(len(groups))]
    case = world(
        security_groups=[
            OPEN,
            *(
                group(*rules, name=name, inner_access=access)
                for name, (rules, access) in zip(names, groups, strict=True)
            ),
        ],
        network_interfaces=[card("eni-api", CLIENT, client), card("eni-db", SERVER, names)],
    )
    facts = ask(case, f"{SERVER}:5432", protocol=protocol)
    decision = only(facts, "inbound_decision", source="eni")
    assert decision.action == oracle(groups, client, protocol)


# ── Ingress policies ─────────────────────────────────────────────────────────────────────────

FROM_API = {"from": [{"podSelector": {"matchLabels": {"app": "api"}}}]}
FROM_SHOP = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}


def locked(spec: Part, pod: Part | None = None, **more: Any) -> Case:
    database = {**DB, "annotations": AGENT, **(pod or {})}
    policy = {"name": "lock", "namespace": "data", "podSelector": {}, **spec}
    source = {**API, "labels": {"app": "api"}}
    return world(pods=[source, database], network_policies=[policy], **more)


NAMED = {"containers": [{"name": "c", "ports": [{"name": "pg", "containerPort": 5432}]}]}


@pytest.mark.parametrize(
    ("spec", "want"),
    [
        pytest.param({}, "blocks", id="no types and no rules: ingress is denied"),
        pytest.param({"policyTypes": ["Egress"]}, "passes", id="an egress policy"),
        pytest.param({"egress": [{}]}, "blocks", id="egress rules without types isolate both"),
        pytest.param({"ingress": [{}]}, "passes", id="an empty rule admits all"),
        pytest.param({"ingress": [FROM_API]}, "blocks", id="a podSelector is of its namespace"),
        pytest.param(
            {"ingress": [{"from": [{**FROM_SHOP, **FROM_API["from"][0]}]}]},
            "passes",
            id="both selectors in one item",
        ),
        pytest.param(
            {"ingress": [{"from": [FROM_SHOP], "ports": [{"port": 5433}]}]}, "blocks", id="port"
        ),
        pytest.param(
            {"ingress": [{"ports": [{"port": 5432, "protocol": "UDP"}]}]}, "blocks", id="protocol"
        ),
        pytest.param(
            {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.1.0/24"}}]}]}, "passes", id="block"
        ),
        pytest.param(
            {"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.2.0/24"}}]}]},
            "blocks",
            id="a block is about the client, not the server",
        ),
        pytest.param({"ingress": [{"ports": [{"port": 1, "endPort": 9999}]}]}, "unknown", id="end"),
    ],
)
def test_ingress_policies(spec: Part, want: str) -> None:
    assert status(locked(spec), "pod/data/db-0:5432") == want


@pytest.mark.parametrize("name", ["pg", "http"])
def test_a_named_port_is_one_of_the_destination_pod(name: str) -> None:
    manifest = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "db-0", "namespace": "data", "annotations": AGENT},
        "spec": NAMED,
        "status": {"phase": "Running", "podIP": SERVER},
    }
    policy = {"name": "lock", "namespace": "data", "podSelector": {}}
    ports = {"ingress": [{"ports": [{"port": name}]}]}
    known = world(pods=[API], network_policies=[{**policy, **ports}])
    got = status(Case.load(known, manifest), "pod/data/db-0:5432")
    assert got == ("passes" if name == "pg" else "blocks")


@pytest.mark.parametrize(
    ("annotations", "want"), [({}, "passes"), (AGENT, "blocks"), ({**AGENT, "x": "y"}, "blocks")]
)
def test_enforcement_is_that_of_the_destination(annotations: Part, want: str) -> None:
    assert status(locked({}, {"annotations": annotations}), "pod/data/db-0:5432") == want


def test_the_new_policy_admits_only_the_client() -> None:
    found = answer(locked({}), "pod/data/db-0:5432")
    [fix] = [fix for fix in found.fixes if fix.id == "allow-ingress"]
    assert fix.verified.verdict_after == "reachable"
    assert "policyTypes: [Ingress]" in str(fix.change)
    assert "kubernetes.io/metadata.name" in str(fix.change)


# ── The network ACL of the destination ───────────────────────────────────────────────────────


def behind(ingress: list[Part], egress: list[Part], server: str = SERVER) -> Case:
    vswitch = "vsw-a" if server.startswith("10.0.1.") else "vsw-b"
    acl = {
        "id": "nacl-1",
        "vpc": "vpc-1",
        "status": "Available",
        "vswitches": [vswitch],
        "ingress": ingress,
        "egress": egress,
    }
    bound = [{**v, "network_acl": "nacl-1" if v["id"] == vswitch else ""} for v in VSWITCHES]
    return world(
        pods=[API, {**DB, "ip": server}],
        vswitches=bound,
        network_acls=[acl],
        network_interfaces=[
            card("eni-api", CLIENT, ["sg-any"]),
            card("eni-db", server, ["sg-any"]),
        ],
    )


ALL: list[Part] = [{"policy": "accept"}]


@pytest.mark.parametrize(
    ("ingress", "egress", "want"),
    [
        pytest.param(ALL, ALL, "passes", id="open"),
        pytest.param([], ALL, "blocks", id="nothing gets in"),
        pytest.param(ALL, [], "blocks", id="no answer gets out"),
        pytest.param(
            [{"policy": "accept", "protocol": "tcp", "ports": 5432, "from": "10.0.1.0/24"}],
            [{"policy": "accept", "protocol": "tcp", "ports": "1024/65535", "to": "10.0.1.0/24"}],
            "passes",
            id="the port in, every high port out",
        ),
        pytest.param(
            ALL,
            [{"policy": "accept", "protocol": "tcp", "ports": 5432}],
            "blocks",
            id="the port of the reply is that of the client",
        ),
        pytest.param(
            ALL,
            [{"policy": "accept", "protocol": "tcp", "ports": "32768/40000"}],
            "unknown",
            id="some replies",
        ),
    ],
)
def test_the_acl_of_the_destination(ingress: list[Part], egress: list[Part], want: str) -> None:
    case = behind(ingress, egress)
    assert status(case, "pod/data/db-0:5432") == want
    for fix in answer(case, "pod/data/db-0:5432").fixes:
        assert fix.verified.result == "yes", fix.id


def test_inside_one_vswitch_a_drop_is_only_possible() -> None:
    case = behind([], [], server="10.0.1.77")
    assert status(case, "pod/data/db-0:5432") == "unknown"


# ── No silence ───────────────────────────────────────────────────────────────────────────────

FLOW = Flow(flow="main", pod="shop/api-0", scope="vpc", ip=SERVER, port=5432)
HOST = DestinationHost(
    flow="main", host="eni-db", what="interface", label="eni-db", groups="sg-db", vswitch="vsw-b"
)


def concluded(*facts: Fact) -> set[str]:
    inferred = shipped().inference.run({fact: () for fact in facts})
    return {
        firing.produced.status
        for firing in inferred.firings
        if isinstance(firing.produced, Conclusion)
        and firing.produced.gate == "destination-access"
        and firing.produced.status in ("passes", "blocks", "degrades", "unknown")
    }


def values(kind: type[Fact], field: str) -> tuple[str, ...]:
    return tuple(kind.model_fields[field].annotation.__args__)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("action", "reason"),
    list(product(values(InboundDecision, "action"), values(InboundDecision, "reason"))),
)
def test_every_inbound_decision_is_concluded(action: Any, reason: Any) -> None:
    undecided = reason in ("rules-missing", "rule-unknown", "mixed-types", "inner-access-unknown")
    if (action == "undetermined") != undecided or (action, reason) in (
        ("accept", "default"),
        ("drop", "inner-access"),
        ("drop", "no-rule"),
    ):
        return  # the observer never says so
    for is_managed, winning in product((True, False), (0, 5)):
        decision = InboundDecision(
            flow="main",
            host="eni-db",
            action=action,
            reason=reason,
            is_managed=is_managed,
            winning_priority=winning,
        )
        want = {"accept": "passes", "drop": "blocks", "undetermined": "unknown"}[action]
        assert want in concluded(FLOW, HOST, decision), decision


@pytest.mark.parametrize("action", ["drop", "partial", "undetermined"])
@pytest.mark.parametrize("direction", ["request", "reply"])
@pytest.mark.parametrize("vicinity", ["other", "same", "undetermined"])
def test_every_acl_decision_is_concluded(action: Any, direction: Any, vicinity: Any) -> None:
    if action == "partial" and direction == "request":
        return  # a request has one port
    for reason in values(DestinationAclDecision, "reason"):
        decision = DestinationAclDecision.model_validate(
            {
                "flow": "main",
                "vswitch": "vsw-b",
                "direction": direction,
                "action": action,
                "reason": reason,
                "acl": "nacl-1",
                "vicinity": vicinity,
                "target": "10.0.1.0/24",
                "new_entries": "[]",
            }
        )
        bound = AclBinding(vswitch="vsw-b", acl="nacl-1")
        want = {"drop": "blocks", "partial": "degrades", "undetermined": "unknown"}[action]
        assert want in concluded(FLOW, HOST, decision, bound), decision


@pytest.mark.parametrize("setting", values(PolicyAgent, "setting"))
@pytest.mark.parametrize("component", values(PolicyComponent, "state"))
@pytest.mark.parametrize("verdict", values(IngressDecision, "verdict"))
def test_every_ingress_decision_is_concluded(setting: Any, component: Any, verdict: Any) -> None:
    doubts = values(IngressDecision, "doubt")[1:] if verdict == "undetermined" else ("",)
    for doubt, mode in product(doubts, values(PolicyMode, "mode")):
        if (mode == "unknown") != (setting == "unknown"):
            continue  # both are read from the same document
        decision = IngressDecision(
            flow="main", host="data/db-0", verdict=verdict, doubt=doubt, rules=2, count=1
        )
        facts: list[Fact] = [
            FLOW,
            decision,
            PolicyAgent(pod="data/db-0", setting=setting),
            PolicyComponent(state=component),
            PolicyMode(pod="data/db-0", mode=mode),
            PolicyComputeClass(pod="data/db-0"),
        ]
        if verdict == "deny":
            facts.append(IngressOpening(flow="main", host="data/db-0"))
        assert concluded(*facts), decision


def test_nothing_known_is_never_a_pass() -> None:
    for to in ("pod/data/db-0:5432", f"{SERVER}:5432"):
        bare = case(pods=[API, DB], vpc=VPC)
        assert status(bare, to) == "unknown"
