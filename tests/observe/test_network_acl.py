"""What the network ACL of a vSwitch does to a flow and its replies, case by case."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import Case, Question
from wayout.engine.facts.common import Flow, Scope
from wayout.engine.facts.network_acl import AclBinding, AclDecision
from wayout.engine.observe.base import View
from wayout.engine.observe.network_acl import observe

POD_IP = "10.9.0.6"
PUBLIC = "203.0.113.10"
ANY = "0.0.0.0/0"
Documents = list[dict[str, Any]]
Protocol = Literal["tcp", "udp", "icmp", "sctp"]
PUBLIC_SCOPES: dict[str, Scope] = {
    "100.100.100.200": "metadata",
    "100.100.2.136": "vpc-dns",
    "100.100.2.138": "vpc-dns",
}


# ── Building cases ───────────────────────────────────────────────────────────────────────────


def entry(text: str, direction: str, index: int, **fields: Any) -> dict[str, Any]:
    """`"drop tcp 1/65535 10.0.0.0/8"` in the shape of the API."""
    policy, protocol, port, peer = text.split()
    return {
        "NetworkAclEntryId": f"nae-{direction[0]}{index}",
        "NetworkAclEntryName": "",
        "Policy": policy,
        "Protocol": protocol,
        "Port": port,
        "EntryType": "custom",
        "IpVersion": "IPV6" if ":" in peer else "IPV4",
        ("DestinationCidrIp" if direction == "egress" else "SourceCidrIp"): peer,
        **fields,
    }


def acl(egress: list[str], ingress: list[str], **fields: Any) -> dict[str, Any]:
    """DescribeNetworkAclAttributes, bound to vsw-1."""
    out = [entry(text, "egress", index) for index, text in enumerate(egress)]
    back = [entry(text, "ingress", index) for index, text in enumerate(ingress)]
    attribute = {
        "NetworkAclId": "nacl-1",
        "VpcId": "vpc-1",
        "Status": "Available",
        "EgressAclEntries": {"EgressAclEntry": out},
        "IngressAclEntries": {"IngressAclEntry": back},
        "Resources": {"Resource": [resource("vsw-1")]},
        **fields,
    }
    return {"NetworkAclAttribute": attribute}


def resource(vswitch: str, status: str = "BINDED") -> dict[str, str]:
    return {"ResourceId": vswitch, "ResourceType": "VSwitch", "Status": status}


def vswitch(**fields: Any) -> dict[str, Any]:
    """DescribeVSwitches with the one vSwitch of the pod."""
    about = {"VSwitchId": "vsw-1", "CidrBlock": "10.9.0.0/24", "VpcId": "vpc-1", **fields}
    return {"VSwitches": {"VSwitch": [about]}, "TotalCount": 1}


INTERFACE = {
    "NetworkInterfaceSets": {
        "NetworkInterfaceSet": [
            {
                "NetworkInterfaceId": "eni-pod",
                "PrivateIpAddress": POD_IP,
                "VSwitchId": "vsw-1",
                "VpcId": "vpc-1",
            }
        ]
    }
}


def towards(
    ip: str = PUBLIC,
    port: int = 443,
    protocol: Protocol = "tcp",
    role: Literal["main", "lookup"] = "main",
    scope: Scope | None = None,
) -> Flow:
    return Flow(
        flow="main",
        pod=POD_IP,
        role=role,
        ip=ip,
        port=port,
        protocol=protocol,
        scope=scope or PUBLIC_SCOPES.get(ip, "vpc" if ip.startswith("10.") else "internet"),
        family="ipv6" if ":" in ip else "ipv4" if ip else "none",
        destination=ip or "db.example.com",
    )


def judge(
    documents: Documents, flow: Flow | None = None, source_port: int | None = None
) -> tuple[AclBinding, dict[str, AclDecision]]:
    """The binding of vsw-1, and the decision of each direction."""
    question = Question(pod="default/x", destination="example.com", source_port=source_port)
    case = Case.load([INTERFACE, *documents])
    flow = flow or towards()
    facts = [sighting.fact for sighting in observe(View(case, question, flow.pod, None, (flow,)))]
    [binding] = [fact for fact in facts if isinstance(fact, AclBinding)]
    return binding, {fact.direction: fact for fact in facts if isinstance(fact, AclDecision)}


def actions(
    documents: Documents, flow: Flow | None = None, source_port: int | None = None
) -> tuple[str, str]:
    """The actions of both directions."""
    _, decisions = judge(documents, flow, source_port)
    return decisions["egress"].action, decisions["reply"].action


OPEN = [f"accept all -1/-1 {ANY}"]


# ── The worked examples ──────────────────────────────────────────────────────────────────────


def test_the_first_entry_that_matches_decides() -> None:
    listed = ["drop tcp 1/65535 10.0.0.0/8", f"accept all -1/-1 {ANY}"]
    _, decisions = judge([acl(listed, OPEN)], towards("10.9.9.9"))
    out = decisions["egress"]
    assert (out.action, out.reason, out.entry, out.position) == ("drop", "entry", "nae-e0", 1)
    assert decisions["reply"].action == "accept"


def test_the_return_path_needs_an_entry_of_its_own() -> None:
    _, decisions = judge([acl(OPEN, [f"accept tcp 80/80 {ANY}"])], towards(port=80))
    assert decisions["egress"].action == "accept"
    reply = decisions["reply"]
    assert (reply.action, reply.reason, reply.position) == ("drop", "default", 2)
    assert reply.reply_ports == "32768-60999"


def test_a_drop_does_not_come_before_an_accept_as_in_a_security_group() -> None:
    listed = [f"accept tcp 443/443 {ANY}", f"drop tcp 443/443 {ANY}"]
    assert actions([acl(listed, OPEN)])[0] == "accept"


def test_nothing_matches_means_drop() -> None:
    assert actions([acl([], [])]) == ("drop", "drop")


def test_the_closing_entry_of_the_system_is_the_default() -> None:
    document = acl([], OPEN)
    closing = entry(f"drop all -1/-1 {ANY}", "egress", 9, EntryType="system")
    document["NetworkAclAttribute"]["EgressAclEntries"]["EgressAclEntry"] = [closing]
    out = judge([document])[1]["egress"]
    assert (out.action, out.reason, out.position) == ("drop", "default", 1)


@pytest.mark.parametrize("ip", ["100.100.2.136", "100.100.2.138", "100.100.100.200"])
def test_addresses_no_acl_can_block(ip: str) -> None:
    _, decisions = judge([acl([], [])], towards(ip, 53, "udp"))
    assert {(d.action, d.reason) for d in decisions.values()} == {("accept", "platform")}


def test_other_cloud_services_are_filtered() -> None:
    assert actions([acl([], [])], towards("100.100.2.137", 53, "udp")) == ("drop", "drop")


# ── Reply ports ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ingress", "action", "closed"),
    [
        ([f"accept tcp 1024/65535 {ANY}"], "accept", ""),
        ([f"accept tcp 32768/60999 {ANY}"], "accept", ""),
        ([f"accept tcp 32768/50000 {ANY}"], "partial", "50001-60999"),
        ([f"accept tcp 1/32767 {ANY}"], "drop", ""),
        ([f"accept tcp 443/443 {ANY}"], "drop", ""),
        ([f"drop tcp 40000/40009 {ANY}", f"accept all -1/-1 {ANY}"], "partial", "40000-40009"),
        (
            [f"accept tcp 32768/39999 {ANY}", f"accept tcp 50000/65535 {ANY}"],
            "partial",
            "40000-49999",
        ),
        ([f"accept udp 1/65535 {ANY}"], "drop", ""),
        (["accept tcp 1/65535 198.51.100.0/24"], "drop", ""),
    ],
)
def test_reply_ports(ingress: list[str], action: str, closed: str) -> None:
    reply = judge([acl(OPEN, ingress)])[1]["reply"]
    assert (reply.action, reply.closed_ports) == (action, closed)


def test_neighbouring_parts_are_told_as_one() -> None:
    ingress = [f"accept tcp 32768/39999 {ANY}", f"accept tcp 40000/49999 {ANY}"]
    reply = judge([acl(OPEN, ingress)])[1]["reply"]
    assert (reply.open_ports, reply.closed_ports) == ("32768-49999", "50000-60999")


@pytest.mark.parametrize(("port", "action"), [(40000, "accept"), (55000, "drop")])
def test_a_given_source_port_is_the_only_reply_port(port: int, action: str) -> None:
    document = acl(OPEN, [f"accept tcp 32768/50000 {ANY}"])
    assert actions([document], source_port=port)[1] == action
    # It is the port of the connection, not of the lookup before it.
    assert actions([document], towards(role="lookup"), source_port=port)[1] == "partial"


def test_ping_has_no_ports() -> None:
    document = acl([f"accept icmp -1/-1 {ANY}"], [f"accept icmp -1/-1 {ANY}"])
    assert actions([document], towards(port=0, protocol="icmp")) == ("accept", "accept")
    assert actions([document]) == ("drop", "drop")
    assert judge([document], towards(port=0, protocol="icmp"))[1]["reply"].reply_ports == ""


# ── Spellings, versions, hostile text ────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "flow", "action"),
    [
        ({"Policy": "Accept", "Protocol": "TCP"}, towards(), "accept"),
        ({"Protocol": "ALL", "Port": "-1/-1"}, towards(), "accept"),
        ({"Protocol": "gre", "Port": "-1/-1"}, towards(), "drop"),
        ({"Port": "0/65535"}, towards(), "accept"),
        ({"Port": "-1/-1"}, towards(), "accept"),
        ({"IpVersion": ""}, towards(), "accept"),
        ({"DestinationCidrIp": "203.0.113.10"}, towards(), "accept"),
        ({"IpVersion": "IPV6", "DestinationCidrIp": "::/0"}, towards(), "drop"),
        ({"IpVersion": "IPV6", "DestinationCidrIp": "::/0"}, towards("2001:db8::5"), "accept"),
        ({}, towards("2001:db8::5"), "drop"),
        (
            {"Protocol": "icmpv6", "IpVersion": "IPV6", "DestinationCidrIp": "::/0"},
            towards("2001:db8::5", 0, "icmp"),
            "accept",
        ),
        ({"Policy": ""}, towards(), "undetermined"),
        ({"Protocol": "?"}, towards(), "undetermined"),
        ({"Port": "443/80"}, towards(), "undetermined"),
        ({"DestinationCidrIp": ""}, towards(), "undetermined"),
        ({"DestinationCidrIp": "x", "Protocol": "udp"}, towards(), "drop"),  # it cannot match
    ],
)
def test_one_entry(changes: dict[str, str], flow: Flow, action: str) -> None:
    document = acl([], OPEN)
    only = {**entry(f"accept tcp 1/65535 {ANY}", "egress", 0), **changes}
    document["NetworkAclAttribute"]["EgressAclEntries"]["EgressAclEntry"] = [only]
    assert actions([document], flow)[0] == action


def test_an_unreadable_entry_counts_only_where_it_could_decide() -> None:
    readable = f"drop tcp 1/65535 {ANY}"
    assert actions([acl(["drop tcp 1/65535 somewhere", readable], OPEN)])[0] == "drop"
    assert actions([acl(["accept tcp 1/65535 somewhere", readable], OPEN)])[0] == "undetermined"
    assert actions([acl([readable, "accept tcp 1/65535 somewhere"], OPEN)])[0] == "drop"


@pytest.mark.parametrize("field", ["Policy", "Protocol", "Port", "DestinationCidrIp", "IpVersion"])
@given(text=st.text(max_size=20))
def test_hostile_text_never_raises(field: str, text: str) -> None:
    document = acl([], OPEN)
    only = {**entry(f"accept tcp 1/65535 {ANY}", "egress", 0), field: text}
    document["NetworkAclAttribute"]["EgressAclEntries"]["EgressAclEntry"] = [only]
    assert actions([document])[0] in ("accept", "drop", "undetermined")


def test_an_unknown_port_and_an_unknown_address() -> None:
    some, every = [f"accept tcp 1/1024 {ANY}"], [f"accept tcp 1/65535 {ANY}"]
    assert judge([acl(some, OPEN)], towards(port=0))[1]["egress"].reason == "no-port"
    assert actions([acl(every, OPEN)], towards(port=0))[0] == "accept"
    name = towards("", scope="unresolved")
    assert actions([acl(every, OPEN)], name) == ("accept", "accept")
    narrow = judge([acl(["accept tcp 1/65535 10.0.0.0/8"], OPEN)], name)[1]["egress"]
    assert (narrow.reason, narrow.lacks) == ("no-address", "observations")


# ── Binding ──────────────────────────────────────────────────────────────────────────────────

ALL_ACLS = {"NetworkAcls": {"NetworkAcl": []}, "TotalCount": "0"}


@pytest.mark.parametrize(
    ("documents", "state", "lacks"),
    [
        ([vswitch(NetworkAclId="")], "none", ""),
        ([vswitch(NetworkAclId="nacl-1"), acl(OPEN, OPEN)], "bound", ""),
        ([vswitch(NetworkAclId="nacl-1")], "undetermined", "network_acls"),
        ([vswitch(), acl(OPEN, OPEN)], "bound", ""),
        ([vswitch()], "undetermined", "vswitches"),
        ([], "undetermined", "vswitches"),
        ([ALL_ACLS], "none", ""),
        # One ACL of another vSwitch proves nothing about this one.
        (
            [acl(OPEN, OPEN, Resources={"Resource": [resource("vsw-2")]})],
            "undetermined",
            "vswitches",
        ),
        ([acl(OPEN, OPEN, Status="Modifying")], "changing", ""),
        (
            [acl(OPEN, OPEN, Resources={"Resource": [resource("vsw-1", "BINDING")]})],
            "changing",
            "",
        ),
        (
            [acl(OPEN, OPEN, Resources={"Resource": [resource("vsw-1", "UNBINDING")]})],
            "changing",
            "",
        ),
    ],
)
def test_binding(documents: Documents, state: str, lacks: str) -> None:
    binding, decisions = judge(documents)
    assert (binding.state, binding.lacks) == (state, lacks)
    assert bool(decisions) == (state in ("bound", "changing"))


def test_a_header_without_entries_is_not_an_empty_acl() -> None:
    header = {"NetworkAclId": "nacl-1", "VpcId": "vpc-1", "Status": "Available"}
    documents = [
        vswitch(NetworkAclId="nacl-1"),
        {"NetworkAcls": {"NetworkAcl": [header]}, "TotalCount": "1"},
    ]
    _, decisions = judge(documents)
    assert {(d.action, d.reason) for d in decisions.values()} == {
        ("undetermined", "entries-missing")
    }


# ── What the decision says besides ───────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("ip", "documents", "vicinity"),
    [
        ("10.9.0.77", [vswitch()], "same"),
        ("10.9.1.77", [vswitch()], "other"),
        (PUBLIC, [vswitch()], "other"),
        ("10.9.0.77", [], "undetermined"),
    ],
)
def test_vicinity(ip: str, documents: Documents, vicinity: str) -> None:
    _, decisions = judge([acl([], []), *documents], towards(ip))
    assert {decision.vicinity for decision in decisions.values()} == {vicinity}


@pytest.mark.parametrize(
    ("egress", "ingress"),
    [
        ([f"accept udp 1/65535 {ANY}", f"drop tcp 443/443 {ANY}", OPEN[0]], OPEN),
        (OPEN, [f"accept tcp 80/80 {ANY}"]),
        (OPEN, [f"accept tcp 32768/40000 {ANY}", f"drop tcp 50000/50009 {ANY}"]),
        (
            OPEN,
            [f"drop tcp 50000/50009 {ANY}", f"drop tcp 33000/33009 {ANY}", OPEN[0]],
        ),
    ],
)
def test_the_new_list_opens_the_flow_and_keeps_every_entry(
    egress: list[str], ingress: list[str]
) -> None:
    document = acl(egress, ingress)
    for direction, side in (("egress", "Egress"), ("reply", "Ingress")):
        decision = judge([document])[1][direction]
        if decision.action == "accept":
            continue
        attribute = document["NetworkAclAttribute"]
        before = attribute[f"{side}AclEntries"][f"{side}AclEntry"]
        sent = json.loads(decision.new_entries)
        assert len(sent) == len(before) + 1
        ids = [item["NetworkAclEntryId"] for item in sent if "NetworkAclEntryId" in item]
        assert ids == [item["NetworkAclEntryId"] for item in before]
        assert sent[decision.position - 1]["Policy"] == "accept"
        assert decision.target == f"{PUBLIC}/32"
        attribute[f"{side}AclEntries"] = {f"{side}AclEntry": sent}
    assert actions([document]) == ("accept", "accept")


def test_entries_of_the_system_are_not_sent() -> None:
    document = acl([], OPEN)
    closing = entry(f"drop all -1/-1 {ANY}", "egress", 9, EntryType="system")
    document["NetworkAclAttribute"]["EgressAclEntries"]["EgressAclEntry"] = [closing]
    out = judge([document])[1]["egress"]
    assert [item["Policy"] for item in json.loads(out.new_entries)] == ["accept"]


@pytest.mark.parametrize(
    ("source_port", "ports"), [(None, "32768/60999"), (40000, "32768/60999"), (2000, "1024/65535")]
)
def test_the_ports_to_open_for_replies(source_port: int | None, ports: str) -> None:
    reply = judge([acl(OPEN, [])], source_port=source_port)[1]["reply"]
    assert reply.target_ports == ports


def test_the_deciding_entry_is_the_proof() -> None:
    case = Case.load([INTERFACE, acl(["accept udp 1/2 10.0.0.0/8", *OPEN], OPEN)])
    question = Question(pod="default/x", destination="example.com")
    found = list(observe(View(case, question, POD_IP, None, (towards(),))))
    out = next(s for s in found if isinstance(s.fact, AclDecision))
    assert out.origins[0].pointer.endswith("EgressAclEntries/EgressAclEntry/1")


# ── Against a naive oracle ───────────────────────────────────────────────────────────────────

specs = st.tuples(
    st.sampled_from(("accept", "drop")),
    st.sampled_from(("tcp", "udp", "all", "icmp")),
    st.tuples(st.integers(32760, 61010), st.integers(0, 30000)).map(
        lambda pair: (pair[0], min(pair[0] + pair[1], 65535))
    ),
    st.sampled_from((ANY, "203.0.113.0/24", "10.0.0.0/8", "unreadable")),
)


def naive_verdicts(entries: list[Any], port: int) -> set[str]:
    """What each completion of the unreadable entries does to a packet to `port`."""
    verdicts = set()
    unknown = [index for index, spec in enumerate(entries) if spec[3] == "unreadable"]
    for bits in range(2 ** len(unknown)):
        chosen = {index for place, index in enumerate(unknown) if bits >> place & 1}
        verdicts.add(naive_first_match(entries, chosen, port))
    return verdicts


def naive_first_match(entries: list[Any], chosen: set[int], port: int) -> str:
    for index, (policy, protocol, (first, last), peer) in enumerate(entries):
        in_peer = index in chosen if peer == "unreadable" else peer in (ANY, "203.0.113.0/24")
        if protocol in ("tcp", "all") and first <= port <= last and in_peer:
            return str(policy)
    return "drop"


@given(st.lists(specs, max_size=5))
def test_replies_agree_with_one_packet_per_port(entries: list[Any]) -> None:
    ingress = [f"{p} {protocol} {a}/{b} {peer}" for p, protocol, (a, b), peer in entries]
    cuts = {32768, 60999} | {c for _, _, (a, b), _ in entries for c in (a, b + 1, a - 1, b)}
    probes = [port for port in cuts if 32768 <= port <= 60999]
    verdicts = [naive_verdicts(entries, port) for port in probes]
    want = {next(iter(v)) if len(v) == 1 else "undetermined" for v in verdicts}
    expected = "undetermined" if "undetermined" in want else "partial"
    if len(want) == 1:
        expected = want.pop()
    reply = judge([acl(OPEN, ingress)])[1]["reply"]
    assert reply.action == expected
