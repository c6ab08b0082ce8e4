"""Each document is recognised by itself; what is not understood is said, never lost."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from wayout.engine.case import (
    LISTS,
    Addon,
    Case,
    Cluster,
    ConfigMap,
    Eip,
    ForwardEntry,
    GlobalTrafficPolicy,
    NatGateway,
    NetworkAcl,
    NetworkInterface,
    NetworkPolicy,
    Pod,
    PodEip,
    PortRangeEntry,
    PrefixListEntry,
    RouteEntry,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Service,
    SnatEntry,
    TrafficPolicy,
    Vpc,
    VSwitch,
    Workload,
)
from wayout.engine.errors import InputError

RULE = {"SecurityGroupRuleId": "sgr-1", "Direction": "egress", "DestCidrIp": ""}
ANSWERS: dict[str, tuple[Any, type[BaseModel], str]] = {
    "security groups": (
        {"RequestId": "r", "SecurityGroups": {"SecurityGroup": [{"SecurityGroupId": "sg-1"}]}},
        SecurityGroup,
        "/SecurityGroups/SecurityGroup/0",
    ),
    "security groups, unwrapped": (
        {"SecurityGroups": [{"SecurityGroupId": "sg-1"}]},
        SecurityGroup,
        "/SecurityGroups/0",
    ),
    "one group with its rules": (
        {"SecurityGroupId": "sg-1", "SecurityGroupType": "normal", "Permissions": [RULE]},
        SecurityGroup,
        "",
    ),
    "rules": (
        {"SecurityGroupId": "sg-1", "Permissions": {"Permission": [RULE]}},
        SecurityGroupRule,
        "/Permissions/Permission/0",
    ),
    "interfaces": (
        {"NetworkInterfaceSets": {"NetworkInterfaceSet": [{"NetworkInterfaceId": "eni-1"}]}},
        NetworkInterface,
        "/NetworkInterfaceSets/NetworkInterfaceSet/0",
    ),
    "one interface": (
        {"NetworkInterfaceId": "eni-1", "VSwitchId": "vsw-1", "VpcId": "vpc-1"},
        NetworkInterface,
        "",
    ),
    "vswitches": (
        {"VSwitches": {"VSwitch": [{"VSwitchId": "vsw-1"}]}}, VSwitch, "/VSwitches/VSwitch/0"
    ),
    "vswitch attributes, other spelling": (
        {"VswitchId": "vsw-1", "CidrBlock": "10.0.0.0/24", "NetworkAclId": "", "VpcId": "vpc-1"},
        VSwitch,
        "",
    ),
    "vpcs": ({"Vpcs": {"Vpc": [{"VpcId": "vpc-1"}]}}, Vpc, "/Vpcs/Vpc/0"),
    "vpc attributes": ({"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8", "Status": "x"}, Vpc, ""),
    "route tables": (
        {"RouterTableList": {"RouterTableListType": [{"RouteTableId": "vtb-1"}]}},
        RouteTable,
        "/RouterTableList/RouterTableListType/0",
    ),
    "route entries": (
        {"RouteEntrys": {"RouteEntry": [
            {"RouteTableId": "vtb-1", "DestinationCidrBlock": "0.0.0.0/0"}]}},
        RouteEntry,
        "/RouteEntrys/RouteEntry/0",
    ),
    "old route tables": (
        {"RouteTables": {"RouteTable": [{
            "RouteTableId": "vtb-1",
            "RouteEntrys": {"RouteEntry": [
                {"DestinationCidrBlock": "0.0.0.0/0", "NextHopType": "NatGateway",
                 "InstanceId": "ngw-1"}]}}]}},
        RouteEntry,
        "/RouteTables/RouteTable/0/RouteEntrys/RouteEntry/0",
    ),
    "nat gateways": (
        {"NatGateways": {"NatGateway": [{"NatGatewayId": "ngw-1"}]}},
        NatGateway,
        "/NatGateways/NatGateway/0",
    ),
    "snat entries": (
        {"SnatTableEntries": {"SnatTableEntry": [
            {"SnatEntryId": "snat-1", "NatGatewayId": "ngw-1"}]}},
        SnatEntry,
        "/SnatTableEntries/SnatTableEntry/0",
    ),
    "forward entries": (
        {"ForwardTableEntries": {"ForwardTableEntry": [
            {"ForwardEntryId": "fwd-1", "NatGatewayId": "ngw-1"}]}},
        ForwardEntry,
        "/ForwardTableEntries/ForwardTableEntry/0",
    ),
    "eips": (
        {"EipAddresses": {"EipAddress": [{"AllocationId": "eip-1", "IpAddress": "203.0.113.1"}]}},
        Eip,
        "/EipAddresses/EipAddress/0",
    ),
    "acl attribute": (
        {"NetworkAclAttribute": {"NetworkAclId": "nacl-1"}}, NetworkAcl, "/NetworkAclAttribute"
    ),
    "acls": (
        {"NetworkAcls": {"NetworkAcl": [{"NetworkAclId": "nacl-1"}]}},
        NetworkAcl,
        "/NetworkAcls/NetworkAcl/0",
    ),
    "prefix list": (
        {"PrefixListId": "pl-1", "Entries": {"Entry": [{"Cidr": "10.0.0.0/8"}]}},
        PrefixListEntry,
        "/Entries/Entry/0",
    ),
    "vpc prefix list": (
        {"PrefixListEntry": [{"PrefixListId": "pl-1", "Cidr": "10.0.0.0/8"}]},
        PrefixListEntry,
        "/PrefixListEntry/0",
    ),
    "prefix lists of a snapshot": (
        {"PrefixLists": {"pl-1": ["10.0.0.0/8"]}}, PrefixListEntry, "/PrefixLists/pl-1/0"
    ),
    "port list": (
        {"PortRangeListId": "prl-1", "Entries": {"Entry": [{"PortRange": "80/80"}]}},
        PortRangeEntry,
        "/Entries/Entry/0",
    ),
    "cluster": ({"cluster_id": "c1", "vswitch_id": "vsw-1,vsw-2"}, Cluster, ""),
    "clusters": ({"clusters": [{"cluster_id": "c1"}]}, Cluster, "/clusters/0"),
    "addons": ({"addons": [{"name": "poseidon", "version": "v0.5.1"}]}, Addon, "/addons/0"),
    "sdk body": (
        {"headers": {}, "statusCode": 200, "body": {"Vpcs": {"Vpc": [{"VpcId": "vpc-1"}]}}},
        Vpc,
        "/body/Vpcs/Vpc/0",
    ),
    "snake case": (
        {"network_interface_id": "eni-1", "security_group_ids": ["sg-1"]}, NetworkInterface, ""
    ),
    "envelope": (
        {"action": "DescribeVpcs", "request": {"RegionId": "cn-x"}, "collected_at": "2025-01-01",
         "response": {"Vpcs": {"Vpc": [{"VpcId": "vpc-1"}]}}},
        Vpc,
        "/response/Vpcs/Vpc/0",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("document", "model", "pointer"), ANSWERS.values(), ids=ANSWERS)
def test_answers(document: Any, model: type[BaseModel], pointer: str) -> None:
    (record,) = Case.load(document).listing(model).records
    assert record.origin.pointer == pointer
    assert record.origin.document == "<document 1>"


def kube(kind: str, version: str, namespace: str = "shop", **rest: Any) -> dict[str, Any]:
    meta = {"name": "x", **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": meta, **rest}


@pytest.mark.parametrize(
    ("document", "model", "key"),
    [
        (kube("Pod", "v1"), Pod, "shop/x"),
        (kube("Pod", "v1", ""), Pod, "default/x"),
        (kube("Service", "v1"), Service, "shop/x"),
        (kube("NetworkPolicy", "networking.k8s.io/v1"), NetworkPolicy, "shop/x"),
        (kube("NetworkPolicy", "extensions/v1beta1"), NetworkPolicy, "shop/x"),
        (kube("TrafficPolicy", "network.alibabacloud.com/v1alpha1"), TrafficPolicy, "shop/x"),
        (kube("GlobalTrafficPolicy", "alibabacloud.com/v1alpha1", ""), GlobalTrafficPolicy, "x"),
        (kube("PodEIP", "alibabacloud.com/v1beta1"), PodEip, "shop/x"),
        (kube("Deployment", "apps/v1"), Workload, "shop/Deployment/x"),
    ],
)  # fmt: skip
def test_objects(document: Any, model: type[BaseModel], key: str) -> None:
    case = Case.load(document)
    (record,) = case.listing(model).records
    assert record.value.key == key  # type: ignore[attr-defined]
    assert case.get(model, key) == record


def test_items_of_a_typed_list_need_no_kind() -> None:
    case = Case.load(
        {"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}]}
    )
    (record,) = case.listing(Pod).records
    assert (record.value.key, record.origin.pointer) == ("default/a", "/items/0")


def test_a_cron_job_keeps_its_template_deeper() -> None:
    template = {"metadata": {"labels": {"app": "x"}}}
    spec = {"jobTemplate": {"spec": {"template": template}}}
    (record,) = Case.load(kube("CronJob", "batch/v1", spec=spec)).listing(Workload).records
    assert record.value.spec.template.metadata.labels == {"app": "x"}


def test_fields_that_openapi_nests() -> None:
    case = Case.load(
        {
            "NetworkInterfaceId": "eni-1",
            "PrivateIpAddress": "10.0.0.1",
            "PrivateIpSets": {"PrivateIpSet": [
                {"PrivateIpAddress": "10.0.0.1"}, {"PrivateIpAddress": "10.0.0.2"}]},
            "Ipv6Sets": {"Ipv6Set": [{"Ipv6Address": "2001:db8::1"}]},
            "SecurityGroupIds": {"SecurityGroupId": ["sg-1", "sg-2"]},
            "AssociatedPublicIp": {},
        },
        {"VSwitchId": "vsw-1", "CidrBlock": "10.0.0.0/24", "NetworkAclId": "",
         "RouteTable": {"RouteTableId": "vtb-1", "RouteTableType": "Custom"}},
        {"NatGateways": {"NatGateway": [{
            "NatGatewayId": "ngw-1",
            "IpLists": {"IpList": [{"AllocationId": "eip-1", "IpAddress": "203.0.113.1"}]},
            "SnatTableIds": {"SnatTableId": ["stb-1"]},
            "NatGatewayPrivateInfo": {"VswitchId": "vsw-9"}}]}},
        {"AllocationId": "eip-1", "IpAddress": "203.0.113.1", "InstanceId": "", "Bandwidth": 5,
         "OperationLocks": {"LockReason": [{"LockReason": "financial"}]}},
        {"NetworkAclAttribute": {
            "NetworkAclId": "nacl-1",
            "EgressAclEntries": {"EgressAclEntry": [{"Policy": "drop", "Port": "80/80"}]},
            "Resources": {"Resource": [
                {"ResourceId": "vsw-1", "ResourceType": "VSwitch", "Status": "BINDING"}]}}},
        {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8",
         "SecondaryCidrBlocks": {"SecondaryCidrBlock": ["192.168.0.0/16"]},
         "UserCidrs": {"UserCidr": []}},
    )  # fmt: skip
    eni = case.get(NetworkInterface, "eni-1")
    assert eni is not None
    assert eni.value.private_ips == ["10.0.0.1", "10.0.0.2"]
    assert eni.value.ipv6_addresses == ["2001:db8::1"]
    assert eni.value.security_group_ids == ["sg-1", "sg-2"]
    assert eni.value.associated_public_ip == ""
    vswitch = case.get(VSwitch, "vsw-1")
    assert vswitch is not None
    assert (vswitch.value.route_table_id, vswitch.value.network_acl_id) == ("vtb-1", "")
    gateway = case.get(NatGateway, "ngw-1")
    assert gateway is not None
    assert [ip.ip_address for ip in gateway.value.ips or ()] == ["203.0.113.1"]
    assert (gateway.value.snat_table_ids, gateway.value.v_switch_id) == (["stb-1"], "vsw-9")
    assert gateway.value.forward_table_ids is None
    eip = case.get(Eip, "eip-1")
    assert eip is not None
    assert (eip.value.lock_reasons, eip.value.instance_id) == (["financial"], "")
    assert eip.value.bandwidth == "5"
    acl = case.get(NetworkAcl, "nacl-1")
    assert acl is not None
    assert [e.port for e in acl.value.egress_entries or ()] == ["80/80"]
    assert acl.value.ingress_entries is None
    assert acl.value.binding_v_switch_ids == acl.value.bound_v_switch_ids == ["vsw-1"]
    vpc = case.get(Vpc, "vpc-1")
    assert vpc is not None
    assert (vpc.value.secondary_cidr_blocks, vpc.value.user_cidrs) == (["192.168.0.0/16"], [])


def test_old_route_entries_name_one_next_hop() -> None:
    document = ANSWERS["old route tables"][0]
    (record,) = Case.load(document).listing(RouteEntry, of="vtb-1").records
    (hop,) = record.value.next_hops
    assert (hop.next_hop_type, hop.next_hop_id) == ("NatGateway", "ngw-1")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"foo": 1}, "neither a Kubernetes object .* Permissions"),
        ({}, "neither a Kubernetes object"),
        ({"kind": "Pod"}, r"\(/apiVersion\): apiVersion must be text"),
        ({"kind": 5, "apiVersion": "v1"}, r"\(/kind\): kind must be text"),
        ({"apiVersion": "v1"}, r"\(/kind\)"),
        (kube("Pod", "v1", spec=[]), r"\(/spec\): spec must be a mapping"),
        (kube("Pod", "v1", status={"podIP": 5}), r"\(/status/podIP\): podIP must be text"),
        (kube("Pod", "v1", spec={"hostNetwork": "no"}), "must be true or false"),
        ({"apiVersion": "v1", "kind": "Pod"}, "the field metadata is missing"),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {}}, r"\(/metadata\): .*name is missing"),
        (
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a/b"}},
            r"\(/metadata/name\): name is not a valid name",
        ),
        ({"apiVersion": "v1", "kind": "List", "items": {}}, r"\(/items\): items must be a list"),
        ({"apiVersion": "v1", "kind": "List", "items": [1]}, r"\(/items/0\)"),
        (
            {"apiVersion": "v1", "kind": "PodList", "metadata": {"continue": 5}, "items": []},
            r"\(/metadata/continue\)",
        ),
        (
            kube("NetworkPolicy", "networking.k8s.io/v1",
                 spec={"podSelector": {}, "egress": [{"ports": [{"port": 1.5}]}]}),
            r"\(/spec/egress/0/ports/0/port\)",
        ),
        (
            kube("NetworkPolicy", "networking.k8s.io/v1", spec={"podSelector": {
                "matchExpressions": [{"key": "a", "operator": "Is"}]}}),
            "operator must be 'In', 'NotIn', 'Exists' or 'DoesNotExist'",
        ),
        ({"Permissions": {"Permission": []}}, "belong to no group"),
        ({"Entries": {"Entry": []}}, "belong to no list"),
        ({"SecurityGroups": [{"SecurityGroupId": 5}]}, "SecurityGroupId must be text"),
        ({"SecurityGroups": {"SecurityGroup": [5]}}, "must be a mapping"),
        ({"SecurityGroups": {"SecurityGroup": "x"}}, "SecurityGroup must be a list"),
        ({"SecurityGroups": {"Group": []}}, "must be a list or hold SecurityGroup"),
        ({"SecurityGroups": [{"SecurityGroupId": ""}]}, "must not be empty"),
        ({"Vpcs": [], "TotalCount": "many"}, r"\(/TotalCount\): TotalCount must be a whole number"),
        ({"Vpcs": [], "NextToken": 5}, r"\(/NextToken\)"),
        ({"VSwitches": [{"VSwitchId": "vsw-1", "RouteTable": 5}]}, r"\(/VSwitches/0/RouteTable\)"),
        ({"PrefixLists": {"pl-1": "10.0.0.0/8"}}, r"\(/PrefixLists/pl-1\)"),
        ({"action": "DescribeVpcs", "response": {}, "time": 1}, 'an envelope has no key "time"'),
        ({"action": 5, "response": {}}, r"\(/action\)"),
        ({"request": [], "response": {}}, r"\(/request\)"),
        ([[[[[[[[[[[[[]]]]]]]]]]]]], "nested too deeply"),
        (["NAMESPACE   NAME    READY\nshop api-0 1/1"], "kubectl get ... -o yaml"),
        (["NAME    READY\napi-0 1/1"], "kubectl get ... -o yaml"),
        (["some words"], "a document must be a mapping, such as a Kubernetes object"),
    ],
)  # fmt: skip
def test_refused(document: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Case.load(document)
    assert str(caught.value).startswith("<document 1>")


@pytest.mark.parametrize("value", [5, None, object(), b"x"])
def test_sources_of_wrong_type(value: Any) -> None:
    with pytest.raises(InputError, match="neither a path nor a parsed document"):
        Case.load(value)


def test_values_are_not_repeated_in_errors() -> None:
    with pytest.raises(InputError) as caught:
        Case.load(kube("Pod", "v1", spec={"hostNetwork": "hunter2" * 1000}))
    assert "hunter2" not in str(caught.value)


def texts(case: Case) -> str:
    return " ".join(notice.en for notice in case.notices)


def test_what_is_not_read_is_counted() -> None:
    case = Case.load(
        kube("Node", "v1", ""),
        {"apiVersion": "v1", "kind": "List", "items": [kube("Event", "v1"), kube("Event", "v1")]},
        kube("NetworkPolicy", "crd.projectcalico.org/v1"),
        kube("Service", "serving.knative.dev/v1"),
        {"RequestId": "r", "Unread": {}},
        {"action": "DescribeDBInstances", "response": {"Items": {}}},
    )
    assert not [m for m in LISTS if case.listing(m).records]
    assert (
        "1 DescribeDBInstances, 2 Event, 1 NetworkPolicy (crd.projectcalico.org), 1 Node, "
        "1 OpenAPI answer, 1 Service (serving.knative.dev)" in texts(case)
    )
    assert case.listing(NetworkPolicy).state == "missing"


def test_global_network_policies_do_not_govern_acs_pods() -> None:
    case = Case.load(kube("GlobalNetworkPolicy", "network.alibabacloud.com/v1beta2", ""))
    assert "not ACS pods" in texts(case)


@pytest.mark.parametrize(
    "document",
    [
        {"action": "DescribeSnatTableEntries", "error": "Forbidden.RAM"},
        {"action": "DescribeSnatTableEntries", "error": {"Code": "Forbidden.RAM"}},
        {"action": "DescribeSnatTableEntries", "request": {"NatGatewayId": "ngw-1"},
         "response": {"Code": "Forbidden.RAM", "Message": "no", "RequestId": "r"}},
    ],
)  # fmt: skip
def test_a_failed_request_is_not_an_empty_list(document: Any) -> None:
    case = Case.load(document)
    assert "DescribeSnatTableEntries failed (Forbidden.RAM)" in texts(case)
    assert case.listing(SnatEntry, of="ngw-1").state == "missing"


def test_a_refusal_of_the_api_server_is_not_an_empty_list() -> None:
    status = {
        "apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "Forbidden",
        "message": "networkpolicies is forbidden",
    }  # fmt: skip
    case = Case.load({"action": "kubectl get networkpolicies -A", "response": status})
    assert "kubectl get networkpolicies -A failed (networkpolicies is forbidden)" in texts(case)
    assert case.listing(NetworkPolicy).state == "missing"


def test_only_the_config_maps_of_the_network_are_kept() -> None:
    data = {"selectors": "[]", "x": "password: hunter2"}
    acs = {
        "apiVersion": "v1", "kind": "ConfigMap", "data": data,
        "metadata": {"name": "acs-profile", "namespace": "kube-system"},
    }  # fmt: skip
    case = Case.load(acs, kube("ConfigMap", "v1", data={"a": "b"}))
    (record,) = case.listing(ConfigMap).records
    assert record.value.data == {"selectors": "[]", "x": "password: <removed>"}


def test_the_same_thing_in_two_documents_is_one_record() -> None:
    case = Case.load(
        {"SecurityGroups": [{"SecurityGroupId": "sg-1", "SecurityGroupType": "normal"}]},
        {"SecurityGroupId": "sg-1", "InnerAccessPolicy": "Drop", "Permissions": [RULE]},
    )
    (record,) = case.listing(SecurityGroup).records
    assert record.value.security_group_type == "normal"
    assert record.value.inner_access_policy == "Drop"
    assert [o.document for o in record.origins] == ["<document 1>", "<document 2>"]
    assert not texts(case)


def eip(status: str) -> dict[str, Any]:
    return {"AllocationId": "eip-1", "IpAddress": "203.0.113.1", "Status": status}


def test_what_two_documents_say_differently_is_not_known() -> None:
    for others in ([], [eip("InUse")], [eip("Available")]):  # a third voice settles nothing
        case = Case.load(eip("InUse"), eip("Available"), *others)
        (record,) = case.listing(Eip).records
        assert record.value.status is None
        assert record.value.ip_address == "203.0.113.1"
        assert (
            "<document 1> and <document 2> disagree about eip-1 (status); neither counts"
            in texts(case)
        )


@pytest.mark.parametrize("is_turned", [False, True])
def test_the_later_of_two_documents_counts(is_turned: bool) -> None:
    def collected(status: str, time: str) -> dict[str, Any]:
        return {"action": "DescribeEipAddresses", "collected_at": time,
                "response": {"EipAddresses": {"EipAddress": [eip(status)]}}}  # fmt: skip

    pages = [
        collected("InUse", "2026-11-20T08:30:00Z"),
        collected("Available", "2026-11-20T17:30:00+08:00"),  # an hour later
    ]
    case = Case.load(*(reversed(pages) if is_turned else pages))
    (record,) = case.listing(Eip).records
    assert record.value.status == "Available"
    used = 1 if is_turned else 2
    assert f"disagree about eip-1 (status); <document {used}> is used." in texts(case)


@pytest.mark.parametrize("is_turned", [False, True])
def test_what_a_later_answer_no_longer_lists_is_gone(is_turned: bool) -> None:
    def rules(time: str, *names: str, direction: str = "all") -> dict[str, Any]:
        drop = {"Direction": "egress", "IpProtocol": "TCP", "PortRange": "443/443",
                "Policy": "Drop", "Priority": "1"}  # fmt: skip
        permissions = [{"SecurityGroupRuleId": name, **drop} for name in names]
        return {"action": "DescribeSecurityGroupAttribute", "collected_at": time,
                "request": {"SecurityGroupId": "sg-1", "Direction": direction},
                "response": {"SecurityGroupId": "sg-1", "NextToken": "",
                             "Permissions": {"Permission": permissions}}}  # fmt: skip

    old, new = "2026-06-01T00:00:00Z", "2026-11-20T08:30:00Z"

    def listed(*pages: dict[str, Any]) -> list[str | None]:
        case = Case.load(*(reversed(pages) if is_turned else pages))
        return [
            r.value.security_group_rule_id for r in case.listing(SecurityGroupRule, "sg-1").records
        ]

    assert listed(rules(old, "sgr-1", "sgr-2"), rules(new, "sgr-1")) == ["sgr-1"]
    assert listed(rules(old, "sgr-1"), rules(new)) == []
    for other in (rules("", "sgr-1"), rules(old, "sgr-1", direction="ingress")):
        assert listed(rules(old, "sgr-1", "sgr-2"), other) == ["sgr-1", "sgr-2"]
    case = Case.load(rules(old, "sgr-1", "sgr-2"), rules(new, "sgr-1"))
    assert "<document 2> was collected after <document 1> and no longer has sgr-2" in texts(case)


def test_another_order_is_no_disagreement() -> None:
    def table(*vswitches: str) -> dict[str, Any]:
        return {"RouteTableId": "vtb-1", "VSwitchIds": {"VSwitchId": [*vswitches]}}

    case = Case.load(table("vsw-1", "vsw-2"), table("vsw-2", "vsw-1"))
    (record,) = case.listing(RouteTable).records
    assert record.value.v_switch_ids == ["vsw-1", "vsw-2"]
    assert not texts(case)


def test_a_kind_of_the_wrong_api_is_not_lost_silently() -> None:
    policy = {"kind": "NetworkPolicy", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {}}
    empty = {"kind": "NetworkPolicyList", "apiVersion": "v1", "items": []}
    for document in (policy, empty):
        case = Case.load(document)
        assert not case.listing(NetworkPolicy).is_complete
        assert "NetworkPolicy belongs to the API group networking.k8s.io, not to v1" in texts(case)
    other = {"kind": "Service", "apiVersion": "serving.knative.dev/v1", "metadata": {"name": "a"}}
    assert "Not read, because no rule needs them: 1 Service (serving.knative.dev)" in texts(
        Case.load(other)
    )


def test_objects_are_merged_field_by_field() -> None:
    pod = kube("Pod", "v1", status={"podIP": "10.0.0.1"})
    case = Case.load(pod, kube("Pod", "v1", status={"phase": "Running"}))
    (record,) = case.listing(Pod).records
    assert (record.value.status.pod_ip, record.value.status.phase) == ("10.0.0.1", "Running")


def test_a_case_can_be_loaded_with_more(tmp_path: Path) -> None:
    first = Case.load({"Vpcs": [{"VpcId": "vpc-1"}]})
    both = Case.load(first, {"Vpcs": [{"VpcId": "vpc-2"}]})
    assert [r.value.key for r in both.listing(Vpc).records] == ["vpc-1", "vpc-2"]
    assert len(first.listing(Vpc).records) == 1
    assert both.listing(Vpc).is_complete


def test_null_is_the_same_as_absent() -> None:
    spec = {"podSelector": {"matchLabels": None}, "egress": None, "policyTypes": None}
    case = Case.load(kube("NetworkPolicy", "networking.k8s.io/v1", spec=spec))
    (record,) = case.listing(NetworkPolicy).records
    assert record.value.spec.egress is None
    assert record.value.spec.pod_selector.match_labels == {}


def test_empty_and_absent_egress_stay_apart() -> None:
    case = Case.load(
        kube("NetworkPolicy", "networking.k8s.io/v1", spec={"podSelector": {}, "egress": []})
    )
    (record,) = case.listing(NetworkPolicy).records
    assert record.value.spec.egress == []
    assert record.value.spec.policy_types is None
