"""The hand-written case file: short forms, strict keys, one-sentence errors."""

from pathlib import Path
from typing import Any

import pytest

from wayout.engine.case import (
    Addon,
    Case,
    Cluster,
    Eip,
    EndpointSlice,
    ForwardEntry,
    Namespace,
    NatGateway,
    NetworkAcl,
    NetworkInterface,
    NetworkPolicy,
    Observation,
    Pod,
    PortRangeEntry,
    PrefixListEntry,
    Question,
    RouteEntry,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Service,
    SnatEntry,
    Vpc,
    VSwitch,
)
from wayout.engine.case.casefile_parts import case_file_schema
from wayout.engine.errors import InputError


def load(**parts: Any) -> Case:
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})


def only(case: Case, model: Any, of: str = "") -> Any:
    (record,) = case.listing(model, of).records
    return record.value


def test_question() -> None:
    for key in ("to", "destination"):
        case = load(question={"pod": "shop/api-0", key: "203.0.113.10:443", "protocol": "UDP"})
        assert case.question == Question(
            pod="shop/api-0", destination="203.0.113.10:443", protocol="udp"
        )
    assert load().question is None


def test_the_question_of_the_caller_wins() -> None:
    mine = Question(pod="a", destination="b")
    document = {"apiVersion": "wayout/v1", "kind": "Case", "question": {"pod": "x", "to": "y"}}
    assert Case.load(document, question=mine).question == mine


def test_cluster_and_addons() -> None:
    case = load(
        cluster={
            "id": "c1", "region": "cn-x", "vpc": "vpc-1", "service_cidr": "172.16.0.0/16",
            "security_group": "sg-1", "vswitches": ["vsw-1", "vsw-2"],
            "addons": ["poseidon", {"name": "coredns", "version": "v1.9.3", "state": "absent"}],
        }
    )  # fmt: skip
    cluster = only(case, Cluster)
    assert (cluster.cluster_id, cluster.region_id, cluster.vpc_id) == ("c1", "cn-x", "vpc-1")
    assert (cluster.security_group_id, cluster.vswitch_ids) == ("sg-1", ["vsw-1", "vsw-2"])
    found = {r.value.name: r.value.state for r in case.listing(Addon).records}
    assert found == {"poseidon": "installed", "coredns": "absent"}
    assert case.listing(Addon).is_complete


def test_no_addons_is_not_no_word_of_addons() -> None:
    assert load(cluster={"addons": []}).listing(Addon).state == "collected"
    assert load(cluster={"id": "c1"}).listing(Addon).state == "missing"


def test_several_cluster_groups_are_one_text() -> None:
    assert only(load(cluster={"security_groups": ["a", "b"]}), Cluster).security_group_id == "a,b"


def test_a_cluster_without_id_is_the_one_with_an_id() -> None:
    short = {"apiVersion": "wayout/v1", "kind": "Case", "cluster": {"service_cidr": "10.9.0.0/16"}}
    cluster = only(Case.load(short, {"cluster_id": "c1", "vpc_id": "vpc-1"}), Cluster)
    assert (cluster.cluster_id, cluster.service_cidr) == ("c1", "10.9.0.0/16")


def test_pod_with_its_interface() -> None:
    case = load(
        pod={
            "name": "shop/api-0", "ip": "10.0.1.5", "phase": "Running", "labels": {"app": "api"},
            "annotations": {"alibabacloud.com/enable-network-policy-agent": "true"},
            "security_groups": ["sg-1", "sg-2"], "vswitch": "vsw-1", "dns_policy": "Default",
            "dns_config": {"nameservers": ["10.0.0.2"], "options": ["ndots:2", "edns0"]},
            "ports": [80, {"name": "web", "port": 8080}],
        }
    )  # fmt: skip
    pod = only(case, Pod)
    assert (pod.key, pod.status.pod_ip, pod.status.phase) == ("shop/api-0", "10.0.1.5", "Running")
    assert pod.spec.dns_policy == "Default"
    assert [(o.name, o.value) for o in pod.spec.dns_config.options] == [
        ("ndots", "2"), ("edns0", None),
    ]  # fmt: skip
    assert [p.container_port for p in pod.spec.containers[0].ports] == [80, 8080]
    eni = only(case, NetworkInterface)
    assert (eni.private_ips, eni.v_switch_id) == (["10.0.1.5"], "vsw-1")
    assert eni.security_group_ids == ["sg-1", "sg-2"]
    assert case.listing(Pod).state == case.listing(NetworkInterface).state == "missing"


def test_pod_without_groups_has_no_interface() -> None:
    assert not load(pod={"name": "a", "ip": "10.0.0.1"}).listing(NetworkInterface).records


def test_kubernetes_lists() -> None:
    case = load(
        namespaces=["shop", {"name": "db", "labels": {"team": "x"}}],
        services=[
            {"name": "web", "namespace": "shop", "cluster_ip": "172.16.0.9",
             "ports": [{"name": "http", "port": 80, "target_port": 8080}],
             "endpoints": ["10.0.1.9"], "load_balancer": "203.0.113.7"},
        ],
        network_policies=[
            {"name": "shop/deny", "policyTypes": ["Egress"]},
            {"name": "open", "namespace": "shop", "pod_selector": {}, "egress": [{}]},
            {"metadata": {"name": "full", "namespace": "shop"}, "spec": {"podSelector": {}}},
        ],
    )  # fmt: skip
    assert case.get(Namespace, "db") is not None
    service = only(case, Service)
    assert service.spec.ports[0].target_port == 8080
    assert service.status.load_balancer.ingress[0].ip == "203.0.113.7"
    assert only(case, EndpointSlice).ports[0].port == 8080
    policies = {r.value.key: r.value.spec for r in case.listing(NetworkPolicy).records}
    assert policies["shop/deny"].policy_types == ["Egress"]
    assert policies["shop/deny"].egress is None
    assert len(policies["shop/open"].egress or ()) == 1
    assert "shop/full" in policies
    assert case.listing(NetworkPolicy).is_complete


def test_load_balancers_in_short_form() -> None:
    """An entry that is no address is a host name; a pod without ports says nothing of them."""
    key = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-id"
    case = load(
        pods=[{"name": "web-0", "ip": "10.0.1.9"}],
        services=[
            {"name": "web", "load_balancer": ["203.0.113.7", "web.example.com"],
             "external_traffic_policy": "Local", "internal_traffic_policy": "Cluster",
             "annotations": {key: "lb-bp1x", "example.com/other": "dropped"}},
        ],
    )  # fmt: skip
    service = only(case, Service)
    entries = service.status.load_balancer.ingress
    assert [(e.ip, e.hostname) for e in entries] == [("203.0.113.7", ""), ("", "web.example.com")]
    assert service.spec.external_traffic_policy == "Local"
    assert service.spec.internal_traffic_policy == "Cluster"
    assert service.metadata.annotations == {key: "lb-bp1x"}
    assert only(case, Pod).spec.containers == []


def test_a_traffic_policy_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="external_traffic_policy"):
        load(services=[{"name": "web", "external_traffic_policy": "local"}])


def test_security_group_rules_in_short_form() -> None:
    case = load(
        security_groups=[
            {
                "id": "sg-1", "type": "basic", "inner_access": "accept",
                "egress": [
                    {"id": "a", "protocol": "tcp", "ports": 443, "to": "203.0.113.0/24"},
                    {"id": "b", "policy": "drop", "ports": "8000-8010", "to": "sg-2",
                     "protocol": "tcp", "priority": 5},
                    {"id": "c"},
                    {"id": "d", "to": "2001:db8::/32"},
                    {"id": "e", "to": "pl-1", "protocol": "udp", "port_list": "prl-1"},
                    {"id": "f", "to": "10.0.0.1", "from": "10.0.0.2", "source_ports": "1/2"},
                ],
            },
            {"id": "sg-2", "ingress": [{"id": "g", "from": "10.0.0.0/8"}]},
        ]
    )  # fmt: skip
    group = case.get(SecurityGroup, "sg-1")
    assert group is not None
    assert (group.value.security_group_type, group.value.inner_access_policy) == (
        "normal",
        "Accept",
    )
    rules = {r.value.key: r.value for r in case.listing(SecurityGroupRule).records}
    a, b, c = rules["a"], rules["b"], rules["c"]
    assert (a.port_range, a.dest_cidr_ip, a.policy, a.priority) == (
        "443/443", "203.0.113.0/24", "Accept", "1",
    )  # fmt: skip
    assert (b.port_range, b.dest_group_id, b.policy, b.priority) == (
        "8000/8010", "sg-2", "Drop", "5",
    )  # fmt: skip
    assert (c.port_range, c.dest_cidr_ip, c.ip_protocol) == ("-1/-1", "0.0.0.0/0", "all")
    assert rules["d"].ipv6_dest_cidr_ip == "2001:db8::/32"
    assert (rules["e"].dest_prefix_list_id, rules["e"].port_range_list_id) == ("pl-1", "prl-1")
    assert rules["e"].port_range == ""
    assert (rules["f"].source_cidr_ip, rules["f"].source_port_range) == ("10.0.0.2", "1/2")
    assert rules["g"].source_cidr_ip == "10.0.0.0/8"
    assert case.listing(SecurityGroupRule, "sg-1/egress").is_complete
    assert not case.listing(SecurityGroupRule, "sg-1/ingress").is_complete
    assert case.listing(SecurityGroupRule, "sg-2/ingress").is_complete


def test_network_parts() -> None:
    case = load(
        vpc={"id": "vpc-1", "cidr": "10.0.0.0/8", "user_cidrs": [], "ipv4_gateway": "none"},
        vpcs=[{"id": "vpc-2", "ipv4_gateway": "ipv4gw-1"}],
        vswitches=[{"id": "vsw-1", "cidr": "10.0.1.0/24", "route_table": "vtb-1",
                    "route_table_type": "system", "network_acl": ""}],
        route_tables=[{"id": "vtb-1", "type": "System", "vswitches": "vsw-1", "routes": [
            {"to": "0.0.0.0/0", "via": "ngw-1"}, {"to": "10.0.0.0/8", "via": "local"},
            {"to": "10.9.0.0/16", "via": "Ecr:ecr-1", "type": "BGP"}]}],
        network_acls=[{"id": "nacl-1", "vswitches": ["vsw-1"], "ingress": [], "egress": [
            {"id": "n1", "policy": "drop", "protocol": "tcp", "ports": 25, "to": "0.0.0.0/0"}]}],
        prefix_lists={"pl-1": ["198.51.100.0/24"], "pl-2": []},
        port_lists={"prl-1": ["80/80"]},
    )  # fmt: skip
    one, two = case.get(Vpc, "vpc-1"), case.get(Vpc, "vpc-2")
    assert one is not None
    assert two is not None
    assert (one.value.ipv4_gateway_id, one.value.support_ipv4_gateway) == ("", False)
    assert (two.value.ipv4_gateway_id, two.value.support_ipv4_gateway) == ("ipv4gw-1", True)
    vswitch = only(case, VSwitch)
    assert (vswitch.route_table_type, vswitch.network_acl_id) == ("System", "")
    assert only(case, RouteTable).v_switch_ids == ["vsw-1"]
    hops = {
        r.value.destination_cidr_block: (
            r.value.type, r.value.next_hops[0].next_hop_type, r.value.next_hops[0].next_hop_id
        )
        for r in case.listing(RouteEntry, "vtb-1").records
    }  # fmt: skip
    assert hops == {
        "0.0.0.0/0": ("Custom", "NatGateway", "ngw-1"),
        "10.0.0.0/8": ("System", "local", ""),
        "10.9.0.0/16": ("BGP", "Ecr", "ecr-1"),
    }
    acl = only(case, NetworkAcl)
    assert (acl.egress_entries[0].port, acl.ingress_entries) == ("25/25", [])
    assert acl.bound_v_switch_ids == ["vsw-1"]
    assert case.listing(RouteEntry, "vtb-1").is_complete
    assert case.listing(PrefixListEntry, "pl-2").is_complete
    assert only(case, PortRangeEntry, "prl-1").port_range == "80/80"


def test_ways_out() -> None:
    case = load(
        nat_gateways=[
            {"id": "ngw-1", "status": "Available", "network_type": "internet",
             "eips": ["eip-1", "203.0.113.2", {"id": "eip-3", "ip": "203.0.113.3"}],
             "snat": [{"vswitch": "vsw-1", "ips": ["203.0.113.1", "203.0.113.2"]},
                      {"source": "10.0.0.0/8", "ips": "203.0.113.1", "status": "Pending"}]},
            {"id": "ngw-2", "forward": []},
        ],
        eips=[{"id": "eip-1", "ip": "203.0.113.1", "bound_to": "ngw-1", "locks": ["financial"]}],
    )  # fmt: skip
    gateway = case.get(NatGateway, "ngw-1")
    assert gateway is not None
    assert [(ip.allocation_id, ip.ip_address) for ip in gateway.value.ips or ()] == [
        ("eip-1", ""), ("", "203.0.113.2"), ("eip-3", "203.0.113.3"),
    ]  # fmt: skip
    entries = case.listing(SnatEntry, "ngw-1")
    assert {(e.value.source_v_switch_id, e.value.source_cidr, e.value.snat_ip, e.value.status)
            for e in entries.records} == {
        ("vsw-1", "", "203.0.113.1,203.0.113.2", "Available"),
        ("", "10.0.0.0/8", "203.0.113.1", "Pending"),
    }  # fmt: skip
    assert entries.is_complete
    assert case.listing(SnatEntry, "ngw-2").state == "missing"
    assert case.listing(ForwardEntry, "ngw-2").state == "collected"
    eip = only(case, Eip)
    assert (eip.instance_type, eip.lock_reasons) == ("Nat", ["financial"])


def test_observations() -> None:
    case = load(
        observations=[
            {"error": "dial tcp: i/o timeout; password=hunter2"},
            {"resolved": {"a.example": ["203.0.113.1"], "b.example": "203.0.113.2,203.0.113.3"}},
            {"dns": {"name": "c.example", "status": "NXDOMAIN"}},
            {"tcp": "refused"},
            {"resolv_conf": ["100.100.2.136"]},
        ]
    )
    found = {
        (o.what, o.name, o.text, o.addresses)
        for o in (r.value for r in case.listing(Observation).records)
    }
    assert found == {
        ("error_text", "", "dial tcp: i/o timeout; password=<removed>", ()),
        ("resolved", "a.example", "", ("203.0.113.1",)),
        ("resolved", "b.example", "", ("203.0.113.2", "203.0.113.3")),
        ("dns_status", "c.example", "NXDOMAIN", ()),
        ("tcp", "", "refused", ()),
        ("resolv_conf", "", "", ("100.100.2.136",)),
    }


def test_documents_inside() -> None:
    case = load(
        documents=[
            {"Vpcs": [{"VpcId": "vpc-1"}]},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}},
        ]
    )
    (record,) = case.listing(Vpc).records
    assert record.origin.pointer == "/documents/0/Vpcs/0"
    assert only(case, Pod).key == "default/a"


def test_statements() -> None:
    case = load(
        collected=["pods", "snat_entries/ngw-1", "services/shop", "security_group_rules/sg-1"],
        unknown=["eips", "route_entries/vtb-1"],
    )
    assert case.unknown == {"eips", "route_entries/vtb-1"}
    assert case.listing(Pod).is_complete
    assert case.listing(Pod, "shop").is_complete
    assert case.listing(Service, "shop").is_complete
    assert not case.listing(Service, "db").is_complete
    assert case.listing(SnatEntry, "ngw-1").is_complete
    assert not case.listing(SnatEntry, "ngw-2").is_complete
    assert case.listing(SecurityGroupRule, "sg-1").is_complete


@pytest.mark.parametrize(
    "name",
    ["pods", "namespaces", "services", "network_policies", "vpcs", "vswitches", "security_groups",
     "network_interfaces", "route_tables", "nat_gateways", "eips", "network_acls"],
)  # fmt: skip
def test_an_empty_list_says_there_are_none(name: str) -> None:
    assert [listed for listed, *_ in load(**{name: []}).complete_lists()] == [name]
    assert not list(load().complete_lists())


def test_a_given_list_is_taken_as_complete_with_a_notice() -> None:
    (notice,) = load(eips=[{"id": "eip-1"}]).notices
    assert "Taken as all there are" in notice.en
    assert "eips" in notice.zh


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"apiVersion": "wayout/v2"}, r"\(/apiVersion\): apiVersion must be 'wayout/v1'"),
        ({"kind": "Csae"}, r"\(/kind\): kind must be 'Case'"),
        ({"eip": []}, r'unknown key "eip" \(did you mean eips\?\)\.$'),
        ({"eips": {}}, r"\(/eips\): eips must be a list"),
        (
            {"security_groups": [{"id": "sg-1", "egress": [{"priority": 111}]}]},
            r"/egress/0/priority\): priority must be at most 110\.$",
        ),
        (
            {"security_groups": [{"id": "sg-1", "egress": [{"priority": 0}]}]},
            r"/egress/0/priority\): priority must be at least 1\.$",
        ),
        ({"eips": [{"id": "eip-1", "adress": "x"}]}, r'\(/eips/0/adress\): unknown key "adress"'),
        ({"eips": [{}]}, r"\(/eips/0\): the field id is missing"),
        ({"cluster": {"addon": []}}, r"\(/cluster/addon\): .*did you mean addons"),
        ({"cluster": {"addons": [{"name": "x", "verson": "1"}]}}, "did you mean version"),
        ({"question": {"pod": "a"}}, r"\(/question\): .*exactly one of to and destination"),
        ({"question": {"to": "a"}}, r"\(/question\): the field pod is missing"),
        ({"question": {"pod": "a", "to": "b", "destination": "c"}}, "exactly one of"),
        ({"question": {"pod": "a", "to": "10.0.0.0/8"}}, r"\(/question\): The destination"),
        ({"question": {"pod": "a", "to": "b", "port": "x"}}, r"\(/question/port\)"),
        ({"pod": {"name": "a", "security_groups": ["sg-1"]}}, "needs its ip or eni"),
        ({"pod": {"name": "a/b", "namespace": "c"}}, "name and namespace disagree"),
        ({"pod": {"name": "a", "dns_policy": "default"}}, "dns_policy must be"),
        ({"pod": {"name": "a", "label": {}}}, r"\(/pod/label\): .*did you mean labels"),
        ({"pods": [{"name": "a", "labels": {"x": 1}}]}, r"\(/pods/0/labels/x\)"),
        ({"network_policies": [{"policyTypes": []}]}, "needs a name"),
        ({"network_policies": [{"name": "a", "egres": []}]}, "did you mean egress"),
        ({"network_policies": [{"name": "a", "egress": {}}]}, "egress must be a list"),
        ({"services": [{"name": "a", "port": []}]}, "did you mean ports"),
        ({"security_groups": [{"id": "sg-1", "egress": [{"policy": "allow"}]}]}, "policy must be"),
        ({"security_groups": [{"id": "sg-1", "egress": [{"ports": "a"}]}]},
         r"\(/security_groups/0/egress/0\): ports must be a number or a range"),
        ({"security_groups": [{"id": "sg-1", "egress": [{"ports": "9-1"}]}]}, "the lower one"),
        ({"security_groups": [{"id": "sg-1", "egress": [{"to": "a.example"}]}]}, "to and from"),
        ({"security_groups": [{"id": "sg-1", "egress": [{"port": 1, "ports": 2}]}]}, "not both"),
        ({"network_acls": [{"id": "n", "egress": [{"to": "x"}]}]}, "to and from must be"),
        ({"observations": [{}]}, "exactly one of error"),
        ({"observations": [{"tcp": "refused", "error": "x"}]}, "exactly one of error"),
        ({"observations": [{"tcp": "open"}]}, "tcp must be"),
        ({"collected": ["pod"]}, "no list is called \"pod\" .did you mean pods"),
        ({"collected": ["vpcs/x"]}, "no list is called"),
        ({"unknown": ["a b"]}, r"\(/unknown/0\)"),
        ({"documents": [{"foo": 1}]}, r"\(/documents/0\): neither a Kubernetes object"),
        ({"documents": 5}, r"\(/documents\): documents must be a list"),
    ],
)  # fmt: skip
def test_mistakes(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})
    assert "\n" not in str(caught.value)


def test_mistakes_name_the_line(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text("apiVersion: wayout/v1\nkind: Case\ncluster:\n  addon: []\n")
    with pytest.raises(InputError, match=r"case.yaml, line 4 \(/cluster/addon\): unknown key"):
        Case.load(path)


def test_two_case_files_may_not_ask_two_questions() -> None:
    first = {"apiVersion": "wayout/v1", "kind": "Case", "question": {"pod": "a", "to": "b"}}
    assert Case.load(first, dict(first)).question is not None
    with pytest.raises(InputError, match="another question"):
        Case.load(first, {**first, "question": {"pod": "a", "to": "c"}})


def test_a_case_file_that_holds_itself_ends() -> None:
    document: dict[str, Any] = {"apiVersion": "wayout/v1", "kind": "Case"}
    document["documents"] = [document]
    with pytest.raises(InputError):
        Case.load(document)


def test_the_schema_knows_every_key() -> None:
    schema = case_file_schema()
    assert schema["additionalProperties"] is False
    assert {"question", "cluster", "observations", "collected"} <= set(schema["properties"])
    assert "from" in schema["$defs"]["RulePart"]["properties"]


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"pod": {"name": "shop/api-0", "ip": "300.1.1.1"}}, "/pod/ip"),
        ({"vswitches": [{"id": "vsw-1", "cidr": "10.0.0.0/99"}]}, "/vswitches/0/cidr"),
        ({"vpc": {"id": "vpc-1", "user_cidrs": ["10.0.0"]}}, "/vpc/user_cidrs/0"),
        ({"eips": [{"id": "eip-1", "ip": "198.51.100"}]}, "/eips/0/ip"),
    ],
)
def test_impossible_addresses_are_refused_where_they_stand(
    part: dict[str, Any], place: str
) -> None:
    with pytest.raises(InputError, match="this is no") as caught:
        Case.load({"apiVersion": "wayout/v1", "kind": "Case", **part})
    assert place in str(caught.value)
