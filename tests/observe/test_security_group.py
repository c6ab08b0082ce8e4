"""What the egress rules of a pod's security groups do: the documented algorithm, case by case."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import Case, Question
from wayout.engine.facts.common import Flow, Scope
from wayout.engine.facts.security_group import SgDecision, SgNearMiss
from wayout.engine.observe import make_view
from wayout.engine.observe.base import View
from wayout.engine.observe.security_group import observe

POD_IP = "10.9.0.6"
DATABASE = "10.1.2.3"
Rules = list[dict[str, Any]]
Protocol = Literal["tcp", "udp", "icmp", "sctp"]


# ── Building cases ───────────────────────────────────────────────────────────────────────────


def rule(text: str, **fields: Any) -> dict[str, Any]:
    """`"1 Accept TCP 443/443 0.0.0.0/0"` in the shape of the API; `fields` come on top."""
    priority, policy, protocol, ports, peer = text.split()
    where = {"DestCidrIp": peer} if peer != "-" else {}
    return {
        "Direction": "egress",
        "Priority": priority,
        "Policy": policy,
        "IpProtocol": protocol,
        "PortRange": ports,
        **where,
        **fields,
    }


def group(name: str, rules: Rules, type_: str = "", **fields: Any) -> list[dict[str, Any]]:
    """The two answers that together describe a group; no type: only the rules were collected."""
    numbered = [
        {"SecurityGroupRuleId": f"sgr-{name}-{index}", **item} for index, item in enumerate(rules)
    ]
    about = {"SecurityGroupId": name, "SecurityGroupType": type_, "VpcId": "vpc-1", **fields}
    attribute = {
        "SecurityGroupId": name,
        "RegionId": "cn-hangzhou",
        "InnerAccessPolicy": fields.get("InnerAccessPolicy", ""),
        "Permissions": {"Permission": numbered},
    }
    return [{"SecurityGroups": {"SecurityGroup": [about]}}, attribute] if type_ else [attribute]


def interfaces(*entries: tuple[str, str, list[str]], **page: Any) -> dict[str, Any]:
    """DescribeNetworkInterfaces: (id, private address, groups) each."""
    found = [
        {
            "NetworkInterfaceId": name,
            "PrivateIpAddress": ip,
            "VpcId": "vpc-1",
            "SecurityGroupIds": {"SecurityGroupId": groups},
        }
        for name, ip, groups in entries
    ]
    return {"NetworkInterfaceSets": {"NetworkInterfaceSet": found}, **page}


def pod_in(*groups: str) -> dict[str, Any]:
    return interfaces(("eni-pod", POD_IP, list(groups)), NextToken="more")


def towards(
    ip: str = DATABASE,
    port: int = 3306,
    protocol: Protocol = "tcp",
    scope: Scope = "vpc",
    role: Literal["main", "lookup"] = "main",
) -> Flow:
    family: Literal["ipv4", "ipv6", "none"] = "ipv6" if ":" in ip else "ipv4" if ip else "none"
    return Flow(
        flow="main",
        pod=POD_IP,
        role=role,
        ip=ip,
        port=port,
        protocol=protocol,
        scope=scope,
        family=family,
        destination=ip or "db.example.com",
    )


def facts_of(
    documents: list[dict[str, Any]], flow: Flow, source_port: int | None = None
) -> list[SgDecision | SgNearMiss]:
    question = Question(pod="default/x", destination="example.com", source_port=source_port)
    view = View(Case.load(documents), question, POD_IP, None, (flow,))
    found = [sighting.fact for sighting in observe(view)]
    assert all(isinstance(fact, SgDecision | SgNearMiss) for fact in found)
    return [fact for fact in found if isinstance(fact, SgDecision | SgNearMiss)]


def decide(
    documents: list[dict[str, Any]], flow: Flow | None = None, source_port: int | None = None
) -> SgDecision:
    """The decision about the pod's own groups, which the network interface names."""
    found = facts_of(documents, flow or towards(), source_port)
    [decision] = [fact for fact in found if isinstance(fact, SgDecision)]
    return decision


def in_basic(*rules: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    return [*group("sg-1", list(rules), "normal", **fields), pod_in("sg-1")]


def in_enterprise(*rules: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    return [*group("sg-1", list(rules), "enterprise", **fields), pod_in("sg-1")]


# ── The worked examples ──────────────────────────────────────────────────────────────────────

ANY = "0.0.0.0/0"
PUBLIC = "203.0.113.10"
TWO_GROUPS = [
    *group("sg-a", [rule(f"5 Accept ALL -1/-1 {ANY}")], "normal"),
    *group("sg-b", [rule("3 Drop TCP 3306/3306 10.0.0.0/8")], "normal"),
    pod_in("sg-a", "sg-b"),
]
NUMBERS_AS_TEXT = [
    *group("sg-a", [rule("10 Accept TCP 3306/3306 10.0.0.0/8")], "normal"),
    *group("sg-b", [rule("9 Drop TCP 3306/3306 10.0.0.0/8")], "normal"),
    pod_in("sg-a", "sg-b"),
]
PEER_IS_A_GROUP = [
    *group("sg-1", [rule("1 Drop TCP 3306/3306 -", DestGroupId="sg-db")], "normal"),
    interfaces(
        ("eni-pod", POD_IP, ["sg-1"]),
        ("eni-db", DATABASE, ["sg-db"]),
    ),
]
WORKED: dict[str, tuple[list[dict[str, Any]], Flow, str, str]] = {
    "01 basic without rules": (in_basic(), towards(), "accept", "default"),
    "02 enterprise without rules": (in_enterprise(), towards(), "drop", "default"),
    "03 enterprise that accepts everything": (
        in_enterprise(rule(f"1 Accept ALL -1/-1 {ANY}")),
        towards(),
        "accept",
        "rule",
    ),
    "04 basic with a rule for another port": (
        in_basic(rule(f"1 Accept TCP 443/443 {ANY}")),
        towards(),
        "accept",
        "default",
    ),
    "05 enterprise with a rule for another port": (
        in_enterprise(rule(f"1 Accept TCP 443/443 {ANY}")),
        towards(),
        "drop",
        "default",
    ),
    "06 equal priority, the narrower Accept does not help": (
        in_basic(rule("1 Accept TCP 3306/3306 10.0.0.0/8"), rule(f"1 Drop TCP 1/65535 {ANY}")),
        towards(),
        "drop",
        "rule",
    ),
    "07 priority 1 first": (
        in_basic(rule("1 Accept TCP 3306/3306 10.0.0.0/8"), rule(f"2 Drop ALL -1/-1 {ANY}")),
        towards(),
        "accept",
        "rule",
    ),
    "08 a Drop at priority 1": (
        in_basic(rule("1 Drop TCP 1/65535 10.1.0.0/16"), rule(f"2 Accept ALL -1/-1 {ANY}")),
        towards(),
        "drop",
        "rule",
    ),
    "09 the rules of all groups are merged": (TWO_GROUPS, towards(), "drop", "rule"),
    "10 priorities are numbers, not text": (NUMBERS_AS_TEXT, towards(), "drop", "rule"),
    "11 UDP 53 dropped, the port itself is open": (
        in_basic(rule(f"1 Drop UDP 53/53 {ANY}")),
        towards(),
        "accept",
        "default",
    ),
    "11 UDP 53 dropped, the name lookup fails": (
        in_basic(rule(f"1 Drop UDP 53/53 {ANY}")),
        towards("10.1.0.53", 53, "udp", role="lookup"),
        "drop",
        "rule",
    ),
    "12 enterprise accepts only 443, the name lookup fails": (
        in_enterprise(rule(f"1 Accept TCP 443/443 {ANY}")),
        towards("100.100.2.136", 53, "udp", "vpc-dns", role="lookup"),
        "drop",
        "default",
    ),
    "13 the entries of a prefix list are unknown": (
        in_enterprise(rule("1 Accept TCP 3306/3306 -", DestPrefixListId="pl-x")),
        towards(),
        "undetermined",
        "prefix-list",
    ),
    "14 group peers match private addresses only": (
        PEER_IS_A_GROUP,
        towards("203.0.113.33", scope="internet"),
        "accept",
        "default",
    ),
    "15 the metadata service is exempt": (
        in_enterprise(),
        towards("100.100.100.200", 80, scope="metadata"),
        "accept",
        "platform",
    ),
    "16 the name servers of the VPC are not": (
        in_enterprise(),
        towards("100.100.2.136", 53, "udp", "vpc-dns"),
        "drop",
        "default",
    ),
    "17 ping works, TCP does not": (
        in_enterprise(rule(f"1 Accept ICMP -1/-1 {ANY}")),
        towards(),
        "drop",
        "default",
    ),
    "17 ping itself": (
        in_enterprise(rule(f"1 Accept ICMP -1/-1 {ANY}")),
        towards(port=0, protocol="icmp"),
        "accept",
        "rule",
    ),
    "18 the source of a five-tuple rule is another pod": (
        in_enterprise(rule("1 Accept TCP 3306/3306 10.1.2.0/24", SourceCidrIp="10.9.0.5/32")),
        towards(),
        "drop",
        "default",
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_worked_example(name: str) -> None:
    documents, flow, action, reason = WORKED[name]
    decision = decide(documents, flow)
    assert (decision.action, decision.reason) == (action, reason)


def test_the_peer_group_does_match_the_private_address() -> None:
    assert decide(PEER_IS_A_GROUP).action == "drop"


# ── Spellings, protocols, ports ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "flow", "matches"),
    [
        ({"IpProtocol": "tcp"}, towards(), True),
        ({"IpProtocol": "6"}, towards(), True),
        ({"IpProtocol": "17"}, towards(), False),
        ({"IpProtocol": "17"}, towards(protocol="udp"), True),
        ({"IpProtocol": "all", "PortRange": "-1/-1"}, towards(protocol="udp"), True),
        ({"IpProtocol": "-1", "PortRange": "-1/-1"}, towards(), True),
        ({"IpProtocol": "ALL", "PortRange": ""}, towards(), True),
        ({"IpProtocol": "132"}, towards(protocol="sctp"), True),
        ({"IpProtocol": "GRE", "PortRange": "-1/-1"}, towards(), False),
        ({"IpProtocol": "ICMP", "PortRange": "-1/-1"}, towards(protocol="icmp", port=0), True),
        ({"IpProtocol": "1", "PortRange": "-1/-1"}, towards(protocol="icmp", port=0), True),
        ({"IpProtocol": "ICMPv6", "PortRange": "-1/-1"}, towards(protocol="icmp", port=0), False),
        ({"PortRange": "3306/3306"}, towards(), True),
        ({"PortRange": "3307/65535"}, towards(), False),
        ({"PortRange": "1/3306"}, towards(), True),
        ({"PortRange": "-1/-1"}, towards(), True),
        ({"Policy": "accept"}, towards(), True),
        ({"Policy": " Accept ", "Priority": 7}, towards(), True),
        ({"DestCidrIp": "10.1.2.3"}, towards(), True),
        ({"DestCidrIp": "10.1.2.77/24"}, towards(), True),
        ({"DestCidrIp": "10.1.2.1-10.1.2.9"}, towards(), True),
        ({"DestCidrIp": "10.1.2.4-10.1.2.9"}, towards(), False),
        # An IPv4 rule says nothing about IPv6, and the other way round.
        ({}, towards("2001:db8::5"), False),
        ({"DestCidrIp": "", "Ipv6DestCidrIp": "::/0"}, towards("2001:db8::5"), True),
        ({"DestCidrIp": "", "Ipv6DestCidrIp": "::/0"}, towards(), False),
        # The first peer that is not empty counts.
        ({"DestCidrIp": "10.2.0.0/16", "DestGroupId": "sg-db"}, towards(), False),
        ({"DestCidrIp": "", "Ipv6DestCidrIp": "::/0", "DestGroupId": "sg-1"}, towards(), False),
        ({"Direction": "ingress"}, towards(), False),
    ],
)
def test_one_accept_rule(changes: dict[str, Any], flow: Flow, matches: bool) -> None:
    documents = in_enterprise({**rule(f"1 Accept TCP 1/65535 {ANY}"), **changes})
    decision = decide(documents, flow)
    assert (decision.action, decision.reason) == (
        ("accept", "rule") if matches else ("drop", "default")
    )


@pytest.mark.parametrize(
    ("changes", "reason", "lacks"),
    [
        ({"IpProtocol": "TCPP"}, "unreadable-rule", "security_group_rules"),
        ({"IpProtocol": ""}, "unreadable-rule", "security_group_rules"),
        ({"PortRange": ""}, "unreadable-rule", "security_group_rules"),
        ({"PortRange": "443/80"}, "unreadable-rule", "security_group_rules"),
        ({"PortRange": "a/b"}, "unreadable-rule", "security_group_rules"),
        ({"Priority": "first"}, "unreadable-rule", "security_group_rules"),
        ({"Priority": "0"}, "unreadable-rule", "security_group_rules"),
        ({"Policy": "Maybe"}, "unreadable-rule", "security_group_rules"),
        ({"DestCidrIp": "everything"}, "unreadable-rule", "security_group_rules"),
        ({"DestCidrIp": ""}, "unreadable-rule", "security_group_rules"),
        ({"DestCidrIp": "", "DestGroupId": "sg-db"}, "group-members", "network_interfaces"),
        ({"DestCidrIp": "", "DestPrefixListId": "pl-1"}, "prefix-list", "prefix_list_entries"),
        ({"PortRange": "", "PortRangeListId": "prl-1"}, "port-list", "port_range_entries"),
        ({"SourcePortRange": "40000/50000"}, "source-port", "source_port"),
    ],
)
def test_what_cannot_be_told_is_undetermined(
    changes: dict[str, Any], reason: str, lacks: str
) -> None:
    decision = decide(in_enterprise({**rule(f"5 Accept TCP 1/65535 {ANY}"), **changes}))
    assert (decision.action, decision.reason, decision.lacks) == ("undetermined", reason, lacks)
    assert decision.rule == "sgr-sg-1-0"


@pytest.mark.parametrize("field", ["IpProtocol", "PortRange", "DestCidrIp", "Priority", "Policy"])
@given(text=st.text(max_size=20))
def test_hostile_text_never_raises(field: str, text: str) -> None:
    decision = decide(in_basic({**rule(f"5 Drop TCP 1/65535 {ANY}"), field: text}))
    assert decision.action in ("accept", "drop", "undetermined")


def test_old_system_rules_have_priority_110() -> None:
    documents = in_basic(rule(f"110 Drop ALL -1/-1 {ANY}"), rule(f"100 Accept TCP 1/65535 {ANY}"))
    assert decide(documents).action == "accept"


def test_an_unknown_port_is_only_matched_by_every_port() -> None:
    every = in_enterprise(rule(f"1 Accept TCP 1/65535 {ANY}"))
    some = in_enterprise(rule(f"1 Accept TCP 1/1024 {ANY}"))
    assert decide(every, towards(port=0)).action == "accept"
    assert decide(some, towards(port=0)).reason == "no-port"


def test_a_port_list() -> None:
    accept = rule(f"1 Accept TCP - {ANY}", PortRange="", PortRangeListId="prl-1")
    entries = {
        "action": "DescribePortRangeListEntries",
        "request": {"PortRangeListId": "prl-1"},
        "response": {"Entries": {"Entry": [{"PortRange": "3306/3306"}, {"PortRange": "80/90"}]}},
    }
    assert decide([*in_enterprise(accept), entries]).action == "accept"
    assert decide([*in_enterprise(accept), entries], towards(port=443)).action == "drop"


def test_a_prefix_list() -> None:
    accept = rule("1 Accept TCP 1/65535 -", DestPrefixListId="pl-1")
    entries = {
        "PrefixListId": "pl-1",
        "AddressFamily": "IPv4",
        "Entries": {"Entry": [{"Cidr": "10.1.0.0/16"}, {"Cidr": "192.0.2.0/24"}]},
    }
    assert decide([*in_enterprise(accept), entries]).action == "accept"
    assert decide([*in_enterprise(accept), entries], towards("10.2.0.1")).action == "drop"


def test_the_source_port_decides_when_the_question_gives_it() -> None:
    documents = in_enterprise(rule(f"1 Accept TCP 1/65535 {ANY}", SourcePortRange="40000/50000"))
    assert decide(documents, source_port=45000).action == "accept"
    assert decide(documents, source_port=39999).action == "drop"
    # The port of the question says nothing about the lookup that precedes it.
    lookup = towards("10.1.0.53", 53, role="lookup")
    assert decide(documents, lookup, source_port=45000).reason == "source-port"


# ── Peers that are groups ────────────────────────────────────────────────────────────────────


def test_membership_is_unknown_while_interfaces_may_be_missing() -> None:
    drop = rule("1 Drop TCP 1/65535 -", DestGroupId="sg-db")
    partly = [*group("sg-1", [drop], "normal"), pod_in("sg-1")]
    whole = [*group("sg-1", [drop], "normal"), interfaces(("eni-pod", POD_IP, ["sg-1"]))]
    assert decide(partly).reason == "group-members"
    assert (decide(whole).action, decide(whole).reason) == ("accept", "default")
    # A public address is never the private address of a member.
    assert decide(partly, towards(PUBLIC, scope="internet")).action == "accept"


# ── Groups that are not known in full ────────────────────────────────────────────────────────


def test_no_type_no_match_no_verdict() -> None:
    documents = [*group("sg-1", [rule("1 Drop UDP 1/65535 10.0.0.0/8")]), pod_in("sg-1")]
    decision = decide(documents)
    assert (decision.reason, decision.lacks, decision.lacks_of) == (
        "type-missing",
        "security_groups",
        "sg-1",
    )


def test_no_type_needed_when_a_rule_decides() -> None:
    documents = [*group("sg-1", [rule(f"1 Accept TCP 1/65535 {ANY}")]), pod_in("sg-1")]
    assert decide(documents).action == "accept"


def test_mixed_types_are_a_data_error() -> None:
    documents = [
        *group("sg-a", [rule(f"1 Accept TCP 1/65535 {ANY}")], "normal"),
        *group("sg-b", [], "enterprise"),
        pod_in("sg-a", "sg-b"),
    ]
    assert decide(documents).reason == "mixed-types"


@pytest.mark.parametrize(
    ("known", "action"),
    [
        ("1 Drop TCP 1/65535", "drop"),  # nothing comes before it
        ("1 Accept TCP 1/65535", "undetermined"),  # a Drop with priority 1 would
        ("2 Drop TCP 1/65535", "undetermined"),
        ("1 Accept UDP 1/65535", "undetermined"),
    ],
)
def test_a_missing_group_is_an_unknown_rule_at_the_best_priority(known: str, action: str) -> None:
    documents = [*group("sg-a", [rule(f"{known} {ANY}")], "normal"), pod_in("sg-a", "sg-b")]
    decision = decide(documents)
    assert decision.action == action
    if action == "undetermined":
        assert (decision.reason, decision.lacks_of) == ("rules-missing", "sg-b")


def test_a_truncated_list_is_not_complete() -> None:
    documents = in_basic()
    documents[1]["NextToken"] = "more"
    assert decide(documents).reason == "rules-missing"


@pytest.mark.parametrize(
    ("unknown", "known", "action"),
    [
        ("1 Accept", "5 Drop", "undetermined"),
        ("1 Drop", "5 Drop", "drop"),  # the verdict stays the same
        ("5 Accept", "5 Drop", "drop"),  # Drop comes first at equal priority
        ("5 Drop", "5 Accept", "undetermined"),
        ("9 Drop", "5 Accept", "accept"),
    ],
)
def test_an_undetermined_rule_counts_only_where_it_could_decide(
    unknown: str, known: str, action: str
) -> None:
    documents = in_basic(
        rule(f"{unknown} TCP 1/65535 -", DestPrefixListId="pl-1"),
        rule(f"{known} TCP 1/65535 {ANY}"),
    )
    assert decide(documents).action == action


# ── Destinations without an address ──────────────────────────────────────────────────────────


def test_a_name_without_address_is_judged_as_far_as_possible() -> None:
    name = towards("", scope="unresolved")
    assert decide(in_enterprise(), name).action == "drop"
    assert decide(in_enterprise(rule(f"1 Accept TCP 1/65535 {ANY}")), name).action == "accept"
    assert (
        decide(in_enterprise(rule("1 Accept TCP 1/65535 10.0.0.0/8")), name).reason == "no-address"
    )


def test_a_service_address_never_reaches_the_interface() -> None:
    documents = in_enterprise(rule("1 Accept TCP 80/80 172.21.0.0/16"))
    decision = decide(documents, towards("172.21.0.9", 80, scope="service"))
    assert (decision.reason, decision.lacks) == ("no-port", "destination_port")
    documents = in_enterprise(rule("1 Accept TCP 1/65535 172.21.0.0/16"))
    decision = decide(documents, towards("172.21.0.9", 80, scope="service"))
    assert (decision.reason, decision.lacks) == ("no-address", "endpoint_slices")


# ── What the decision says besides ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rules", "winning"),
    [
        (["5 Drop TCP 1/65535"], 4),
        (["5 Drop TCP 1/65535", "3 Drop ALL -1/-1"], 2),
        (["1 Drop TCP 1/65535"], 0),
        (["5 Drop TCP 1/65535", "2 Drop UDP 1/65535"], 4),  # the second does not match
    ],
)
def test_the_priority_that_really_wins(rules: list[str], winning: int) -> None:
    documents = in_basic(*(rule(f"{text} {ANY}") for text in rules))
    decision = decide(documents)
    assert (decision.action, decision.winning_priority) == ("drop", winning)
    if winning:
        accept = rule(
            f"{winning} Accept {decision.target_protocol} {decision.target_ports} {decision.target}"
        )
        assert (
            decide(in_basic(*(rule(f"{text} {ANY}") for text in rules), accept)).action == "accept"
        )


def test_the_winning_priority_also_beats_what_may_match() -> None:
    documents = in_basic(
        rule(f"9 Drop TCP 1/65535 {ANY}"),
        rule("3 Drop TCP 1/65535 -", DestPrefixListId="pl-1"),
    )
    assert decide(documents).winning_priority == 2


def test_the_narrowest_rule_in_ipv6() -> None:
    decision = decide(in_enterprise(), towards("2001:db8::5", 0, "icmp"))
    assert decision.target == "2001:db8::5/128"
    assert decision.target_parameter == "Ipv6DestCidrIp"
    assert (decision.target_protocol, decision.target_ports) == ("ICMPv6", "-1/-1")


@pytest.mark.parametrize(
    ("access", "is_same_group"), [("Accept", True), ("Drop", False), ("", True)]
)
def test_a_drop_inside_one_basic_group_is_marked(access: str, is_same_group: bool) -> None:
    drop = rule(f"1 Drop TCP 1/65535 {ANY}")
    documents = [
        *group("sg-1", [drop], "normal", InnerAccessPolicy=access),
        interfaces(("eni-pod", POD_IP, ["sg-1"]), ("eni-db", DATABASE, ["sg-1"])),
    ]
    decision = decide(documents)
    assert (decision.action, decision.is_same_group) == ("drop", is_same_group)


def test_no_internal_access_in_an_enterprise_group() -> None:
    documents = [
        *group("sg-1", [rule(f"1 Drop TCP 1/65535 {ANY}")], "enterprise"),
        interfaces(("eni-pod", POD_IP, ["sg-1"]), ("eni-db", DATABASE, ["sg-1"])),
    ]
    assert decide(documents).is_same_group is False


def test_the_default_names_a_group_that_can_be_edited() -> None:
    documents = [
        *group("sg-cloud", [], "enterprise", ServiceManaged=True),
        *group("sg-own", [], "enterprise", ServiceManaged=False),
        pod_in("sg-cloud", "sg-own"),
    ]
    decision = decide(documents)
    assert (decision.group, decision.is_managed) == ("sg-own", False)
    assert decide([*documents[:2], pod_in("sg-cloud")]).is_managed is True


@pytest.mark.parametrize(
    ("text", "field", "wanted", "got"),
    [
        (f"7 Accept TCP 80/80 {ANY}", "port", "3306", "80/80"),
        (f"7 Accept ICMP -1/-1 {ANY}", "protocol", "TCP", "ICMP"),
        ("7 Accept TCP 3306/3306 10.1.2.4/32", "peer", DATABASE, "10.1.2.4/32"),
    ],
)
def test_near_miss(text: str, field: str, wanted: str, got: str) -> None:
    found = facts_of(in_enterprise(rule(text), rule("9 Accept UDP 80/80 10.8.0.0/16")), towards())
    [miss] = [fact for fact in found if isinstance(fact, SgNearMiss)]
    assert (miss.field, miss.wanted, miss.got) == (field, wanted, got)
    assert (miss.rule, miss.priority) == ("sgr-sg-1-0", 7)


def test_an_accept_behind_the_drop_is_a_near_miss() -> None:
    documents = in_basic(rule("1 Accept TCP 3306/3306 10.0.0.0/8"), rule(f"1 Drop ALL -1/-1 {ANY}"))
    [miss] = [fact for fact in facts_of(documents, towards()) if isinstance(fact, SgNearMiss)]
    assert (miss.field, miss.wanted, miss.got) == ("priority", "0", "1")


def test_no_near_miss_when_the_flow_passes() -> None:
    assert len(facts_of(in_basic(rule(f"7 Accept TCP 80/80 {ANY}")), towards())) == 1


def test_every_source_of_groups_is_judged() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "api",
            "namespace": "shop",
            "annotations": {"network.alibabacloud.com/security-group-ids": "sg-new"},
        },
        "status": {"phase": "Running", "podIP": POD_IP},
    }
    cluster = {"cluster_id": "c1", "cluster_type": "Serverless", "security_group_id": "sg-cluster"}
    case = Case.load(
        pod,
        cluster,
        *group("sg-new", [], "enterprise"),
        *group("sg-cluster", [rule(f"1 Accept ALL -1/-1 {ANY}")], "enterprise"),
    )
    view = make_view(case, Question(pod="shop/api", destination=f"{PUBLIC}:443"))
    found = [s.fact for s in observe(view)]
    decisions = {f.source: f.action for f in found if isinstance(f, SgDecision)}
    assert decisions == {"annotation": "drop", "cluster": "accept"}


def test_the_deciding_rule_is_the_proof() -> None:
    question = Question(pod="default/x", destination="example.com")
    case = Case.load(in_basic(rule("9 Accept UDP 1/2 10.0.0.0/8"), rule(f"1 Drop ALL -1/-1 {ANY}")))
    sighting = next(iter(observe(View(case, question, POD_IP, None, (towards(),)))))
    assert sighting.origins[0].pointer.endswith("/Permissions/Permission/1")


# ── Against a naive oracle ───────────────────────────────────────────────────────────────────

CIDRS = (ANY, "10.0.0.0/8", "10.1.2.0/24", "10.1.2.3/32", "10.1.2.4/31", "192.0.2.0/24")
specs = st.tuples(
    st.integers(1, 4),
    st.sampled_from(("Accept", "Drop")),
    st.sampled_from(("TCP", "UDP", "ALL", "6")),
    st.sampled_from(("1/65535", "3306/3306", "80/443", "-1/-1")),
    st.sampled_from((*CIDRS, "unknown")),
)
group_specs = st.lists(st.lists(specs, max_size=4), min_size=1, max_size=3)


def certain_verdicts(groups: list[list[Any]], is_basic: bool, is_missing: bool) -> set[str]:
    """Every verdict that some completion of what is unknown leads to, by brute force."""
    rules = [spec for members in groups for spec in members]
    unknown = [index for index, spec in enumerate(rules) if spec[4] == "unknown"]
    extra = [None, (1, "Accept"), (1, "Drop")] if is_missing else [None]
    verdicts = set()
    for bits in range(2 ** len(unknown)):
        matching_unknown = {index for place, index in enumerate(unknown) if bits >> place & 1}
        for hidden in extra:
            matching = [
                (priority, policy)
                for index, (priority, policy, protocol, ports, peer) in enumerate(rules)
                if protocol in ("TCP", "6", "ALL")
                and ports != "80/443"
                and (index in matching_unknown if peer == "unknown" else peer in CIDRS[:4])
            ]
            matching += [hidden] if hidden else []
            verdicts.add(naive_winner(matching, is_basic))
    return verdicts


def naive_winner(matching: list[tuple[int, str]], is_basic: bool) -> str:
    if not matching:
        return "accept" if is_basic else "drop"
    best = min(priority for priority, _ in matching)
    return "drop" if (best, "Drop") in matching else "accept"


@given(group_specs, st.booleans(), st.booleans())
def test_agrees_with_brute_force(groups: list[list[Any]], is_basic: bool, is_missing: bool) -> None:
    documents: list[dict[str, Any]] = []
    names = [f"sg-{index}" for index in range(len(groups))]
    count = 0
    for name, members in zip(names, groups, strict=True):
        rules = []
        for priority, policy, protocol, ports, peer in members:
            count += 1
            text = f"{priority} {policy} {protocol} {ports} {'-' if peer == 'unknown' else peer}"
            fields = {"DestPrefixListId": f"pl-{count}"} if peer == "unknown" else {}
            rules.append(rule(text, **fields))
        documents += group(name, rules, "normal" if is_basic else "enterprise")
    documents.append(pod_in(*names, *(["sg-missing"] if is_missing else [])))
    want = certain_verdicts(groups, is_basic, is_missing)
    assert decide(documents).action == (want.pop() if len(want) == 1 else "undetermined")


# ── Loopback ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "destination", ["127.0.0.1:80", "localhost:80", f"{POD_IP}:80", "[::1]:80"]
)
def test_what_never_leaves_the_pod_is_not_judged(destination: str) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "api", "namespace": "shop"},
        "status": {"phase": "Running", "podIP": POD_IP},
    }
    case = Case.load([pod, *in_enterprise()])
    view = make_view(case, Question(pod="shop/api", destination=destination))
    main = {flow.flow for flow in view.flows if flow.role == "main"}
    decided = {s.fact.flow for s in observe(view) if isinstance(s.fact, SgDecision)}
    assert main
    assert not main & decided
