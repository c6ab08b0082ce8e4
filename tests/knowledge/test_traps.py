"""What a naive implementation gets wrong on the source side: one test or more per trap.

Each trap is asked as a whole case through the public door. The number in a name is that of the
trap; the first sentence of a docstring says the naive belief.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.worlds import (
    ADDRESS,
    DESTINATION,
    EIP,
    ENI,
    GROUP,
    NAME,
    NAT,
    NO_DEFAULT_ROUTE,
    NO_SNAT,
    POD,
    TABLE,
    VPC,
    VSWITCH,
    Part,
    add,
    add_route,
    ask,
    ask_name,
    case_file,
    change,
    codes,
    entry,
    finding,
    fix_of,
    group,
    groups_of,
    lacks,
    listed,
    pod_change,
    pod_eip,
    policy,
    remove,
    route,
    rule,
    second_nat,
    snat,
    status,
    told,
    with_acl,
    with_policies,
    with_rules,
)

ANYWHERE = "0.0.0.0/0"
WIDE, NARROW = "203.0.113.0/24", "203.0.113.10/32"
ACCEPT_ALL = rule("accept", None, ANYWHERE)


def test_trap_01_an_accept_rule_is_not_a_pass() -> None:
    """ "An allow rule exists" means pass."""
    tie = with_rules(rule("accept", 443, WIDE), rule("drop", "1/65535", ANYWHERE))
    later = with_rules(rule("accept", 443, WIDE, 2), rule("drop", 443, ANYWHERE, 1))
    assert [status(a, "security-group") for a in (tie, later)] == ["blocks", "blocks"]


def test_trap_02_a_drop_rule_is_not_a_block() -> None:
    """ "A drop rule exists" means fail."""
    outranked = with_rules(rule("accept", 443, WIDE, 1), rule("drop", None, ANYWHERE, 2))
    elsewhere = with_rules(rule("drop", 8443, WIDE, 1), rule("accept", None, ANYWHERE, 2))
    assert [status(a, "security-group") for a in (outranked, elsewhere)] == ["passes", "passes"]


def test_trap_03_the_narrower_block_does_not_win_in_a_security_group() -> None:
    """The most specific CIDR wins."""
    narrow_accept = with_rules(rule("accept", 443, NARROW), rule("drop", 443, ANYWHERE))
    narrow_drop = with_rules(rule("accept", 443, ANYWHERE, 1), rule("drop", 443, NARROW, 2))
    assert status(narrow_accept, "security-group") == "blocks"
    assert status(narrow_drop, "security-group") == "passes"


def test_trap_04_priorities_are_numbers() -> None:
    """Compared as texts, "10" comes before "9"."""
    accept_first = with_rules(rule("accept", 443, WIDE, 9), rule("drop", 443, WIDE, 10))
    drop_first = with_rules(rule("drop", 443, WIDE, 9), rule("accept", 443, WIDE, 10))
    assert status(accept_first, "security-group") == "passes"
    assert status(drop_first, "security-group") == "blocks"


def test_trap_05_the_default_depends_on_the_type_which_another_answer_tells() -> None:
    """All groups have one default; the type stands in DescribeSecurityGroupAttribute."""
    other_port = rule("accept", 8443, WIDE)
    assert status(with_rules(other_port, type="normal"), "security-group") == "passes"
    assert status(with_rules(other_port, type="enterprise"), "security-group") == "blocks"
    shut = change("security_group_rules", "sgr-bp1out", GROUP, DestCidrIp="10.0.0.0/8")
    typeless = ask(without=("security-groups.json",), changes=[shut])
    assert status(typeless, "security-group") == "unknown"
    assert "security_groups" in lacks(typeless)


def test_trap_06_only_the_groups_of_the_interface_count() -> None:
    """The cluster's group and the pod's must both allow."""
    shut = change("security_group_rules", "sgr-bp1out", GROUP, Policy="Drop")
    own = case_file(security_groups=[group("sg-bp1own", ACCEPT_ALL)])
    answer = ask(own, changes=[shut, groups_of(ENI, "sg-bp1own")])
    assert status(answer, "security-group") == "passes"


def test_trap_06_without_the_interface_the_choice_is_said_to_be_assumed() -> None:
    own = case_file(security_groups=[group("sg-bp1own", ACCEPT_ALL)])
    asked = pod_change({"network.alibabacloud.com/security-group-ids": "sg-bp1own"})
    answer = ask(own, changes=[asked], without=("network-interfaces.json",))
    assert "POD-031" in told(answer)


def test_trap_07_replies_need_a_rule_in_network_acls_only() -> None:
    """Security groups need inbound rules for replies, or network ACLs do not."""
    assert status(with_rules(ACCEPT_ALL), "security-group") == "passes"  # has no inbound rule
    answer = with_acl([entry("accept")], [])
    assert status(answer, "network-acl") == "blocks"
    assert codes(answer) == ["ACL-006"]


@pytest.mark.parametrize(
    ("egress", "want"),
    [
        pytest.param([entry("accept"), entry("drop", 443)], "passes", id="first match, no drop"),
        pytest.param([entry("drop", 443), entry("accept")], "blocks", id="drop first"),
        pytest.param([entry("accept", 80)], "blocks", id="nothing matches"),
    ],
)
def test_trap_08_a_network_acl_is_an_ordered_list(egress: list[Part], want: str) -> None:
    """A network ACL is judged like a security group."""
    assert status(with_acl(egress, [entry("accept")]), "network-acl") == want


@pytest.mark.parametrize(
    ("ports", "want"),
    [("443", "blocks"), ("1024/65535", "passes"), ("32768/40000", "unknown")],
)
def test_trap_09_replies_go_to_the_port_of_the_pod(ports: str, want: str) -> None:
    """The inbound list is tested with the server's port."""
    assert status(with_acl([entry("accept")], [entry("accept", ports)]), "network-acl") == want


def test_trap_10_name_servers_are_exempt_in_network_acls_only() -> None:
    """100.100.2.136 is exempt everywhere."""
    server = {"to": "100.100.2.136:53", "protocol": "udp"}
    assert status(with_rules(**server), "security-group") == "blocks"
    assert status(with_acl([], [], **server), "network-acl") == "passes"
    metadata = {"to": "100.100.100.200:80"}
    assert status(with_rules(**metadata), "security-group") == "passes"
    assert status(with_acl([], [], **metadata), "network-acl") == "passes"


AGENT = "alibabacloud.com/enable-network-policy-agent"


@pytest.mark.parametrize(
    ("off", "code"),
    [
        pytest.param(remove("addons", "poseidon"), "POL-020", id="no component"),
        pytest.param(pod_change({AGENT: None}), "POL-021", id="no annotation"),
        pytest.param(
            pod_change(labels={"alibabacloud.com/compute-class": "gpu"}), "POL-023", id="GPU pod"
        ),
    ],
)
def test_trap_11_a_policy_that_is_not_enforced_blocks_nothing(off: Part, code: str) -> None:
    """A NetworkPolicy that denies is the cause."""
    answer = with_policies(policy(), changes=[off])
    assert answer.verdict == "reachable"
    assert code in told(answer)
    assert status(with_policies(policy()), "policy") == "blocks"


def traffic_policy(*rules: Part) -> tuple[Part, Part]:
    api = "network.alibabacloud.com/v1alpha1"
    spec = {"priority": 100, "selector": {}, "egress": {"rules": list(rules)}}
    metadata = {"name": "own", "namespace": "shop"}
    made = {"apiVersion": api, "kind": "TrafficPolicy", "metadata": metadata, "spec": spec}
    return (
        {"apiVersion": api, "kind": "TrafficPolicyList", "items": [made]},
        {"apiVersion": api, "kind": "GlobalTrafficPolicyList", "items": []},
    )


TRAFFIC_MODE = pod_change({"network.alibabacloud.com/network-policy-mode": "traffic-policy"})


def test_trap_11_traffic_policies_count() -> None:
    """There are only NetworkPolicies."""
    deny = traffic_policy({"action": "deny", "to": [{"cidr": WIDE}]})
    answer = ask(*deny, changes=[TRAFFIC_MODE])
    assert codes(answer) == ["POL-310"]


WEB = {"ports": [{"port": 443}]}
DNS_TCP = {"ports": [{"port": 53}]}
DNS_UDP = {"ports": [{"protocol": "UDP", "port": 53}]}


@pytest.mark.parametrize(
    ("made", "want"),
    [
        pytest.param(policy(policyTypes=None), "passes", id="no types: inbound only"),
        pytest.param(policy(), "blocks", id="types: default deny"),
        pytest.param(policy(namespace="default"), "passes", id="another namespace"),
        pytest.param(policy({}), "passes", id="one empty rule"),
        pytest.param(
            policy({"ports": [{"protocol": "UDP", "port": 443}]}), "blocks", id="UDP for TCP"
        ),
    ],
)
def test_trap_12_what_a_policy_says(made: Part, want: str) -> None:
    """An empty egress list denies, other namespaces count, a port is open for all protocols."""
    made = {key: value for key, value in made.items() if value is not None}
    assert status(with_policies(made), "policy") == want


@pytest.mark.parametrize(
    ("peers", "want"),
    [
        pytest.param(
            [{"namespaceSelector": {"matchLabels": {"team": "data"}},
              "podSelector": {"matchLabels": {"app": "pg"}}}],
            "blocks", id="one item: and",
        ),
        pytest.param(
            [{"namespaceSelector": {"matchLabels": {"team": "data"}}},
             {"podSelector": {"matchLabels": {"app": "pg"}}}],
            "passes", id="two items: or",
        ),
        pytest.param(
            [{"podSelector": {"matchLabels": {"app": "cache"}}}],
            "blocks", id="pods of the policy's namespace only",
        ),
    ],
)  # fmt: skip
def test_trap_12_selectors(peers: list[Part], want: str) -> None:
    made = case_file(
        namespaces=[{"name": "data", "labels": {"team": "data"}}],
        pods=[neighbour("data/cache-0", "10.20.16.60", "cache")],
        network_policies=[policy({"to": peers})],
    )
    assert status(ask(made, to="pod/data/cache-0:6379"), "policy") == want


def neighbour(name: str, ip: str, app: str, *ports: Part) -> Part:
    """Another pod of the cluster."""
    return {
        "name": name, "ip": ip, "phase": "Running", "labels": {"app": app},
        "ports": list(ports), "security_group": GROUP, "vswitch": VSWITCH,
        "eni": f"eni-{name.rpartition('/')[2]}",
    }  # fmt: skip


def test_trap_12_a_lookup_needs_udp_and_the_protocol_defaults_to_tcp() -> None:
    forgotten = ask_name(case_file(network_policies=[policy(WEB, DNS_TCP)]))
    assert (codes(forgotten), status(forgotten, "policy")) == (["DNS-020"], "passes")
    udp_only = ask_name(case_file(network_policies=[policy(WEB, DNS_UDP)]))
    assert status(udp_only, "dns") == "passes"
    assert "DNS-029" in told(udp_only)  # large answers need TCP 53


def service(*egress: Part, port: int | str = "web") -> Any:
    """The answer about a Service on port 80 whose endpoint listens on 8080."""
    orders = {
        "name": "shop/orders", "cluster_ip": "172.21.7.50", "selector": {"app": "orders"},
        "ports": [{"port": 80, "target_port": port}], "endpoints": ["10.20.16.40"],
    }  # fmt: skip
    listens = {"name": "web", "containerPort": 8080, "protocol": "TCP"}
    made = case_file(
        services=[orders],
        pods=[neighbour("shop/orders-0", "10.20.16.40", "orders", listens)],
        network_policies=[policy(*egress)],
    )
    return ask(made, to="svc/shop/orders:80")


def test_trap_13_policies_see_the_endpoint() -> None:
    """A policy is tested with the address and port of the Service, or a name of the client."""
    pods = [{"podSelector": {"matchLabels": {"app": "orders"}}}]
    of_service = service({"to": [{"ipBlock": {"cidr": "172.21.7.50/32"}}]})
    assert status(of_service, "policy") == "blocks"
    assert "POL-057" in told(of_service)
    assert status(service({"to": pods, "ports": [{"port": 80}]}, port=8080), "policy") == "blocks"
    assert status(service({"to": pods, "ports": [{"port": 8080}]}, port=8080), "policy") == "passes"
    assert status(service({"to": pods, "ports": [{"port": "web"}]}), "policy") == "passes"
    # The client calls its own port 8080 `http`; that says nothing about the destination.
    assert status(service({"to": pods, "ports": [{"port": "http"}]}), "policy") == "blocks"


CUSTOM_TABLE = case_file(
    route_tables=[
        {"id": TABLE, "type": "System", "vpc": VPC, "vswitches": ["vsw-bp1nat"]},
        {
            "id": "vtb-bp1custom", "type": "Custom", "vpc": VPC, "vswitches": [VSWITCH],
            "routes": [{"to": "10.20.16.0/24", "via": "local", "type": "System"}],
        },
    ]
)  # fmt: skip
ON_CUSTOM_TABLE = change(
    "vswitches", VSWITCH, RouteTable={"RouteTableId": "vtb-bp1custom", "RouteTableType": "Custom"}
)


def test_trap_14_the_longest_prefix_of_the_vswitch_own_table_decides() -> None:
    """There must be a route 0.0.0.0/0 in the system table."""
    own_prefix = ask(changes=[NO_DEFAULT_ROUTE, add_route(WIDE, "NatGateway", NAT)])
    assert own_prefix.verdict == "reachable"
    hijacked = ask(changes=[add_route(NARROW, "VpnGateway", "vpn-bp1office")])
    assert codes(hijacked) == ["RTE-011"]
    assert codes(ask(CUSTOM_TABLE, changes=[ON_CUSTOM_TABLE])) == ["RTE-003"]


def test_trap_15_the_gateway_is_the_one_the_route_names() -> None:
    """The first NAT gateway of the VPC is the exit."""
    before = case_file(nat_gateways=[{"id": "ngw-bp0", "vpc": VPC, "network_type": "intranet"}])
    assert ask(before).verdict == "reachable"
    assert codes(ask(second_nat(), changes=[hop("NatGateway", "ngw-bp1two")])) == ["NAT-007"]


def hop(hop_type: str, name: str) -> Part:
    """The default route leads elsewhere."""
    made = {"NextHop": [{"NextHopType": hop_type, "NextHopId": name, "Enabled": 1}]}
    return change("route_entries", "rte-bp1def", TABLE, NextHops=made)


@pytest.mark.parametrize(
    ("fields", "want"),
    [
        pytest.param(
            {"SourceCIDR": f"{ADDRESS}/32", "SourceVSwitchId": ""}, "passes", id="the pod"
        ),
        pytest.param(
            {"SourceCIDR": "10.20.16.16/28", "SourceVSwitchId": ""}, "passes", id="part of it"
        ),
        pytest.param({"SourceCIDR": "", "SourceVSwitchId": VSWITCH}, "passes", id="vSwitch only"),
        pytest.param(
            {"SourceCIDR": "10.20.0.0/24", "SourceVSwitchId": "vsw-bp1nat"},
            "blocks", id="another vSwitch",
        ),
        pytest.param(
            {"SourceCIDR": "10.20.16.30/32", "SourceVSwitchId": ""}, "blocks", id="another pod"
        ),
    ],
)  # fmt: skip
def test_trap_16_a_snat_entry_has_to_cover_the_pod_only(fields: Part, want: str) -> None:
    """A SNAT entry must contain the whole vSwitch, or any entry will do."""
    assert status(ask(changes=[snat(**fields)]), "internet-exit") == want


def test_trap_17_a_snat_entry_and_a_route_belong_together() -> None:
    """One of the two is enough, or any gateway will do."""
    no_route, no_snat = ask(changes=[NO_DEFAULT_ROUTE]), ask(changes=[NO_SNAT])
    assert (status(no_route, "route"), no_route.verdict) == ("blocks", "blocked")
    assert codes(no_snat) == ["NAT-002"]
    other = ask(second_nat(), changes=[hop("NatGateway", "ngw-bp1two")])
    assert status(other, "internet-exit") == "blocks"


def test_trap_18_an_eip_wins_over_snat_even_when_it_is_locked() -> None:
    """SNAT is checked for every pod; a locked EIP falls back to SNAT."""
    assert ask(changes=[pod_eip(), NO_SNAT]).verdict == "reachable"
    locked = ask(changes=[pod_eip(BusinessStatus="FinancialLocked")])
    assert (locked.verdict, codes(locked)) == ("blocked", ["NAT-041"])


IPV4_GATEWAY = change("vpcs", VPC, SupportIpv4Gateway=True, Ipv4GatewayId="ipv4gw-bp1shop")


def test_trap_19_an_eip_needs_a_route_behind_an_ipv4_gateway() -> None:
    """An EIP never needs a route, or always does."""
    assert ask(changes=[pod_eip(), NO_DEFAULT_ROUTE]).verdict == "reachable"
    behind = ask(changes=[pod_eip(), NO_DEFAULT_ROUTE, IPV4_GATEWAY])
    assert behind.verdict == "blocked"
    routed = [pod_eip(), IPV4_GATEWAY, hop("Ipv4Gateway", "ipv4gw-bp1shop")]
    assert ask(changes=routed).verdict == "reachable"


def test_trap_20_an_ipv4_gateway_is_no_fault() -> None:
    """An IPv4 gateway is abnormal."""
    routes = [{"to": ANYWHERE, "via": "ipv4gw-bp1shop", "type": "Custom"}]
    nat_side = case_file(
        vswitches=[
            {"id": "vsw-bp1nat", "cidr": "10.20.0.0/24", "vpc": VPC, "network_acl": "",
             "route_table": "vtb-bp1nat", "route_table_type": "Custom"},
        ],
        route_tables=[
            {"id": "vtb-bp1nat", "type": "Custom", "vpc": VPC, "vswitches": ["vsw-bp1nat"],
             "routes": routes},
        ],
    )  # fmt: skip
    answer = ask(nat_side, changes=[IPV4_GATEWAY])
    assert (answer.verdict, codes(answer)) == ("reachable", [])


@pytest.mark.parametrize(
    ("to", "fields"),
    [
        pytest.param("100.100.80.1:443", {}, id="cloud service"),
        pytest.param(
            DESTINATION, {"SecondaryCidrBlocks": {"SecondaryCidrBlock": [WIDE]}}, id="secondary"
        ),
        pytest.param(DESTINATION, {"UserCidrs": {"UserCidr": [WIDE]}}, id="user range"),
    ],
)
def test_trap_21_not_everything_outside_rfc_1918_is_the_internet(to: str, fields: Part) -> None:
    """These addresses are public and need NAT."""
    answer = ask(to=to, changes=[change("vpcs", VPC, **fields), NO_SNAT])
    assert status(answer, "internet-exit") == "not-applicable"


def test_trap_22_the_ranges_of_the_vpc_come_first() -> None:
    """Addresses outside RFC 1918 are public, also in a VPC that uses them itself."""
    answer = ask(changes=[change("vpcs", VPC, CidrBlock=WIDE), NO_SNAT])
    assert answer.question.flows[0].scope == "vpc"
    assert status(answer, "internet-exit") == "not-applicable"


def page(action: str, path: tuple[str, str], items: list[Part], **more: Any) -> Part:
    outer, inner = path
    response = {"TotalCount": 60, "PageNumber": 1, "PageSize": 10, outer: {inner: items}}
    return listed(action, response, **more)


PERMISSION = {
    "SecurityGroupRuleId": "sgr-bp1one", "Direction": "egress", "IpProtocol": "TCP",
    "PortRange": "8443/8443", "DestCidrIp": WIDE, "Policy": "Accept", "Priority": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("without", "first_page", "gate", "lacking"),
    [
        pytest.param(
            "route-entries.json",
            listed(
                "DescribeRouteEntryList",
                {
                    "NextToken": "more",
                    "RouteEntrys": {"RouteEntry": [route("10.20.16.0/24", "local", "")]},
                },
                RouteTableId=TABLE,
            ),
            "route", "route_entries", id="routes",
        ),
        pytest.param(
            "snat-entries.json",
            page(
                "DescribeSnatTableEntries",
                ("SnatTableEntries", "SnatTableEntry"),
                [{"SnatEntryId": "snat-bp1x", "SnatTableId": "stb-bp1exit", "Status": "Available",
                  "SourceCIDR": "10.20.48.0/24", "SnatIp": "198.51.100.20"}],
                SnatTableId="stb-bp1exit",
            ),
            "internet-exit", "snat_entries", id="SNAT",
        ),
        pytest.param(
            "nat-gateways.json",
            page("DescribeNatGateways", ("NatGateways", "NatGateway"), []),
            "internet-exit", "nat_gateways", id="NAT gateways",
        ),
        pytest.param(
            "security-group-sg-bp1cluster.json",
            listed(
                "DescribeSecurityGroupAttribute",
                {"SecurityGroupId": GROUP, "NextToken": "more",
                 "Permissions": {"Permission": [PERMISSION]}},
                SecurityGroupId=GROUP,
            ),
            "security-group", "security_group_rules", id="security group rules",
        ),
    ],
)  # fmt: skip
def test_trap_23_a_cut_list_does_not_prove_that_something_is_missing(
    without: str, first_page: Part, gate: str, lacking: str
) -> None:
    """What the first page lacks does not exist."""
    answer = ask(first_page, without=(without,))
    assert status(answer, gate) == "unknown"
    assert (answer.verdict, codes(answer)) == ("unknown", [])
    assert lacking in lacks(answer)


def test_trap_23_a_cut_list_of_eips_leaves_an_own_eip_possible() -> None:
    first_page = page("DescribeEipAddresses", ("EipAddresses", "EipAddress"), [])
    without = ("eips.json", "network-interfaces.json")
    answer = ask(first_page, without=without, changes=[NO_DEFAULT_ROUTE])
    assert (status(answer, "route"), answer.verdict) == ("unknown", "unknown")
    assert "eips" in lacks(answer)


def attribute(**fields: Any) -> Part:
    """The rules of the pod's group: a drop for everything behind one rule with these fields."""
    drop = {
        "Direction": "egress", "IpProtocol": "ALL", "PortRange": "-1/-1", "DestCidrIp": ANYWHERE,
        "Policy": "drop", "Priority": "2", "SecurityGroupRuleId": "sgr-bp1drop",
    }  # fmt: skip
    response = {
        "SecurityGroupId": GROUP, "NextToken": "",
        "Permissions": {"Permission": [{**PERMISSION, "PortRange": "443/443", **fields}, drop]},
    }  # fmt: skip
    return listed("DescribeSecurityGroupAttribute", response, SecurityGroupId=GROUP)


RULES = ("security-group-sg-bp1cluster.json",)


@pytest.mark.parametrize(
    "fields",
    [
        {"Policy": "accept", "IpProtocol": "tcp"},
        {"Policy": "ACCEPT", "IpProtocol": "6"},
        {"Policy": "Accept", "IpProtocol": "all", "PortRange": "-1/-1"},
        {"Policy": "Accept", "IpProtocol": "ALL", "PortRange": "-1/-1"},
        {"Policy": "Accept", "IpProtocol": "-1", "PortRange": "-1/-1"},
        {"Policy": "Accept", "IpProtocol": "TCP", "PortRange": "-1/-1"},
    ],
    ids=str,
)
def test_trap_24_the_cloud_spells_one_thing_in_many_ways(fields: Part) -> None:
    """Only one spelling counts."""
    assert status(ask(attribute(**fields), without=RULES), "security-group") == "passes"


def test_trap_24_vswitches_and_sources_have_two_spellings() -> None:
    entries = [
        {
            "SnatEntryId": "snat-bp1pods", "SnatTableId": "stb-bp1exit", "NatGatewayId": NAT,
            "SourceCidr": "", "SourceVswitchId": VSWITCH, "SnatIp": "198.51.100.20",
            "Status": "Available",
        }
    ]  # fmt: skip
    response = {
        "TotalCount": 1, "PageNumber": 1, "PageSize": 50,
        "SnatTableEntries": {"SnatTableEntry": entries},
    }  # fmt: skip
    table = listed("DescribeSnatTableEntries", response, SnatTableId="stb-bp1exit")
    assert ask(table, without=("snat-entries.json",)).verdict == "reachable"


EMPTY = dict.fromkeys(
    ("Ipv6DestCidrIp", "DestGroupId", "DestPrefixListId", "SourceCidrIp", "SourcePortRange",
     "PortRangeListId"), "",
)  # fmt: skip


@pytest.mark.parametrize("empty", [{}, EMPTY], ids=["missing", "empty"])
@pytest.mark.parametrize(
    "peer",
    [{"DestCidrIp": WIDE}, {"DestCidrIp": "", "DestPrefixListId": "pl-bp1partners"}],
    ids=["block", "prefix list"],
)
def test_trap_25_an_empty_field_is_a_missing_field(empty: Part, peer: Part) -> None:
    """An empty text is a peer that matches nothing, or everything."""
    partners = case_file(prefix_lists={"pl-bp1partners": [WIDE]})
    answer = ask(partners, attribute(**{**empty, **peer}), without=RULES)
    assert status(answer, "security-group") == "passes"


def test_trap_26_annotations_count_when_the_pod_is_created() -> None:
    """The annotation tells the groups of a running pod."""
    closed = case_file(security_groups=[group("sg-bp1closed")])
    asked = pod_change({"network.alibabacloud.com/security-group-ids": "sg-bp1closed"})
    answer = ask(closed, changes=[asked])
    assert answer.verdict == "reachable"
    assert "POD-021" in told(answer)


def test_trap_26_annotations_belong_into_the_pod_template() -> None:
    """The annotations of a workload are those of its pods."""
    workload = {
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": "api", "namespace": "shop",
                     "annotations": {"network.alibabacloud.com/security-group-ids": "sg-bp1x"}},
        "spec": {"selector": {"matchLabels": {"app": "api"}},
                 "template": {"metadata": {"labels": {"app": "api"}}}},
    }  # fmt: skip
    owner = [{"kind": "StatefulSet", "name": "api", "controller": True}]
    answer = ask(workload, changes=[change("pods", POD, metadata={"ownerReferences": owner})])
    assert answer.verdict == "reachable"
    assert "POD-023" in told(answer)


def test_trap_26_eci_keys_have_no_effect() -> None:
    """Keys of Elastic Container Instance work on ACS pods."""
    closed = case_file(security_groups=[group("sg-bp1closed")])
    answer = ask(
        closed, changes=[pod_change({"k8s.aliyun.com/eci-security-group": "sg-bp1closed"})]
    )
    assert answer.verdict == "reachable"
    assert "POD-025" in told(answer)


def seen(dns: str) -> Part:
    return case_file(observations=[{"dns": {"name": NAME, "status": dns}}])


def test_trap_27_nxdomain_is_no_network_failure_and_a_timeout_no_missing_name() -> None:
    """Every failed lookup is the same."""
    answers = {dns: ask(seen(dns), to=f"{NAME}:443") for dns in ("NXDOMAIN", "timeout")}
    missing, timeout = answers["NXDOMAIN"], answers["timeout"]
    assert codes(missing) == ["DNS-040"]
    assert [g.gate for g in missing.gates if g.status == "blocks"] == ["dns"]
    assert codes(timeout) == []
    assert status(timeout, "dns") == "unknown"


def coredns_in(name: str) -> list[Part]:
    return [groups_of(eni, name) for eni in ("eni-bp1dns0", "eni-bp1dns1")]


TO_COREDNS = [rule("accept", 53, "10.20.16.0/24", protocol=p) for p in ("udp", "tcp")]


def test_trap_28_coredns_asks_on_with_its_own_group() -> None:
    """Lookups at 100.100.2.136 pass the client's group."""
    client = case_file(security_groups=[group("sg-bp1own", *TO_COREDNS, rule("accept", 443, WIDE))])
    assert ask_name(client, changes=[groups_of(ENI, "sg-bp1own")]).verdict == "reachable"
    inbound = [{"policy": "accept", "protocol": "all", "from": "10.20.0.0/16"}]
    server = case_file(security_groups=[group("sg-bp1dns", ingress=inbound)])
    answer = ask_name(server, changes=coredns_in("sg-bp1dns"))
    assert codes(answer) == ["DNS-063"]


NO_COREDNS = [
    change("endpoint_slices", "kube-system/kube-dns-5zq2c", endpoints=[]),
    *(remove("pods", f"kube-system/coredns-6d4b75cb6d-{end}") for end in ("k4x9p", "t7m2w")),
]


def test_trap_29_a_cluster_may_do_without_coredns_pods() -> None:
    """No CoreDNS pods means that name resolution is broken."""
    zone = change("clusters", "c0shop7d3example", private_zone=True)
    private = ask_name(changes=[*NO_COREDNS, zone])
    assert (private.verdict, codes(private)) == ("reachable", [])
    managed = ask_name(changes=[*NO_COREDNS, add("addons", {"name": "managed-coredns"})])
    assert "confirmed" not in {f.certainty for f in managed.findings}


def test_trap_30_ping_proves_nothing_about_tcp() -> None:
    """If ping works, the network works."""
    icmp = rule("accept", None, ANYWHERE, protocol="icmp")
    assert (
        status(with_rules(icmp, to="203.0.113.10", protocol="icmp"), "security-group") == "passes"
    )
    assert status(with_rules(icmp), "security-group") == "blocks"
    ports = with_policies(policy(WEB), to="203.0.113.10", protocol="icmp")
    assert status(ports, "policy") == "blocks"  # a rule with ports never lets ICMP out


def test_trap_31_ipv4_rules_do_not_reach_ipv6() -> None:
    """0.0.0.0/0 is everything; an AAAA answer breaks an IPv4 pod."""
    ipv6 = "[2001:db8::10]:443"
    assert status(with_rules(ACCEPT_ALL, to=ipv6), "security-group") == "blocks"
    assert status(with_rules(rule("accept", None, "::/0"), to=ipv6), "security-group") == "passes"
    assert ask(to=ipv6).verdict == "blocked"  # the pod has no IPv6 address
    both = ask_name(addresses=["2001:db8::10", "203.0.113.10"])
    assert both.verdict == "reachable"
    assert "POD-014" in told(both)


def test_trap_32_all_faults_are_reported_and_unknown_is_not_fine() -> None:
    """The first fault ends the search; what is not known passes."""
    answer = ask(
        case_file(network_policies=[policy()], security_groups=[group("sg-bp1own")]),
        changes=[groups_of(ENI, "sg-bp1own"), NO_SNAT],
    )
    assert codes(answer) == ["NAT-002", "POL-001", "SG-002"]
    assert [f.code for f in answer.findings if f.is_primary] == ["POL-001"]
    assert ask(without=("networkpolicies.yaml",)).verdict == "unknown"


def test_trap_33_a_security_group_fix_wins() -> None:
    """An Accept of equal priority, or one that names a group in an enterprise group, helps."""
    tie = with_rules(rule("accept", 443, WIDE, 5), rule("drop", 443, WIDE, 5))
    fix = fix_of(tie, "SG-001")
    assert fix.verified.result == "yes"
    assert "Priority 4" in fix.change.aliyun
    first = with_rules(rule("accept", 443, WIDE, 1), rule("drop", 443, WIDE, 1))
    behind = fix_of(first, "SG-027")
    assert behind.verified.result == "yes"
    assert "Authorize" not in behind.change.aliyun, "the Accept rule is there already"
    for answer in (tie, first, with_rules()):
        assert all("DestGroupId" not in f.change.aliyun for f in answer.fixes)


def test_trap_33_a_network_acl_fix_stands_above_and_keeps_the_list() -> None:
    """The new entry may stand below the drop; the call takes the new entry only."""
    egress = [entry("accept", 22, id="nae-ssh"), entry("drop", id="nae-drop")]
    fix = fix_of(with_acl(egress, [entry("accept")]), "ACL-001")
    assert fix.verified.result == "yes"
    assert fix.verified.verdict_after == "reachable"
    command = fix.change.aliyun
    assert "UpdateNetworkAclEntries" in command
    sent = [command.find(name) for name in ("nae-ssh", "wayout-allow", "nae-drop")]
    assert -1 not in sent
    assert sent[1] < sent[2]


def test_trap_34_the_first_fix_opens_no_more_than_needed() -> None:
    """Open everything: 0.0.0.0/0 in the group, the whole VPC in SNAT."""
    by_group, by_policy = with_rules(), with_policies(policy())
    for fix in (fix_of(by_group, "SG-002"), fix_of(by_policy, "POL-001")):
        change_text = fix.change.aliyun + fix.change.yaml
        assert "203.0.113.10/32" in change_text
        assert "443" in change_text
    exit_fix = fix_of(ask(changes=[NO_SNAT]), "NAT-002")
    assert VSWITCH in exit_fix.change.aliyun
    for fix in (*by_group.fixes, *by_policy.fixes, exit_fix):
        assert ANYWHERE not in fix.change.aliyun + fix.change.yaml
        assert "10.20.0.0/16" not in fix.change.aliyun


def test_trap_35_a_new_nat_gateway_changes_the_path_of_others() -> None:
    """Creating a NAT gateway concerns nobody else."""
    nothing = [NO_SNAT, NO_DEFAULT_ROUTE, remove("nat_gateways", NAT), remove("eips", EIP)]
    answer = ask(changes=nothing)
    assert answer.verdict == "blocked"
    fix = next(f for f in answer.fixes if f.id.startswith("create-nat-gateway"))
    assert fix.risk == "high"
    assert "every vSwitch" in fix.side_effects.en


def test_trap_36_a_living_connection_does_not_prove_that_new_ones_pass() -> None:
    """Somebody connected, so nothing blocks; sessions outlive a rule change by 910 seconds."""
    answer = with_rules(rule("drop", 443, WIDE, 5))
    probed = case_file(observations=[{"tcp": "connected"}])
    own = case_file(security_groups=[group("sg-bp1own", rule("drop", 443, WIDE, 5))])
    seen_working = ask(own, probed, changes=[groups_of(ENI, "sg-bp1own")])
    assert codes(seen_working) == codes(answer) == ["SG-001"]
    assert "SG-025" in told(seen_working)


def two_eips(second: str, first: str = "Normal") -> list[Part]:
    addresses = [
        {"AllocationId": EIP, "IpAddress": "198.51.100.20"},
        {"AllocationId": "eip-bp1b", "IpAddress": "198.51.100.21"},
    ]
    other = {
        "AllocationId": "eip-bp1b", "IpAddress": "198.51.100.21", "Status": "InUse",
        "BusinessStatus": second, "InstanceId": NAT, "InstanceType": "Nat",
    }  # fmt: skip
    return [
        change("nat_gateways", NAT, IpLists={"IpList": addresses}),
        snat(SnatIp="198.51.100.20,198.51.100.21"),
        add("eips", other),
        change("eips", EIP, BusinessStatus=first),
    ]


def test_trap_37_one_bad_eip_of_several_fails_now_and_then() -> None:
    """A locked EIP of a SNAT entry is a total failure, or none."""
    some = ask(changes=two_eips("FinancialLocked"))
    assert finding(some, "NAT-021").status == "degrades"
    assert some.verdict == "unknown"
    every = ask(changes=two_eips("FinancialLocked", "FinancialLocked"))
    assert finding(every, "NAT-022").status == "blocks"
    assert ask(changes=two_eips("Normal")).verdict == "reachable"


@pytest.mark.parametrize(
    ("to", "want"),
    [
        pytest.param("10.20.16.70:3306", "blocks", id="private address of a member"),
        pytest.param("198.51.100.70:3306", "passes", id="public address of the same"),
        pytest.param("10.20.16.8:3306", "passes", id="no member"),
    ],
)
def test_trap_38_group_peers_match_private_addresses_of_members(to: str, want: str) -> None:
    """A group peer matches every address of its members, or a group of that name."""
    member = {
        "NetworkInterfaceId": "eni-bp1db", "PrivateIpAddress": "10.20.16.70", "VpcId": VPC,
        "SecurityGroupIds": {"SecurityGroupId": ["sg-bp1db"]}, "VSwitchId": VSWITCH,
        "AssociatedPublicIp": {"PublicIpAddress": "198.51.100.70"},
    }  # fmt: skip
    made = case_file(
        security_groups=[
            group("sg-bp1own", rule("drop", 3306, "sg-bp1db"), type="normal"),
            group("sg-bp1db", type="normal"),
        ]
    )
    joined = [groups_of(ENI, "sg-bp1own"), add("network_interfaces", member)]
    assert status(ask(made, changes=joined, to=to), "security-group") == want
