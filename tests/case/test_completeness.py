"""Never collected, truncated and empty are three different things."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from wayout.engine.case import (
    Addon,
    Case,
    ConfigMap,
    Eip,
    EndpointSlice,
    ForwardEntry,
    Namespace,
    NatGateway,
    NetworkInterface,
    NetworkPolicy,
    Pod,
    PortRangeEntry,
    PrefixListEntry,
    RouteEntry,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Service,
    SnatEntry,
    Vpc,
    VSwitch,
    Workload,
)
from wayout.engine.errors import InputError


def state(case: Case, model: type[BaseModel], of: str = "") -> str:
    return case.listing(model, of).state


def texts(case: Case) -> str:
    return " ".join(notice.en for notice in case.notices)


def policy(name: str = "x", namespace: str = "shop") -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta}


def pod(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop"}}


def listed(*items: Any, kind: str = "List", **meta: Any) -> dict[str, Any]:
    version = "v1" if kind in ("List", "PodList") else "networking.k8s.io/v1"
    return {"apiVersion": version, "kind": kind, "items": list(items), "metadata": meta}


def command(action: str, *items: Any) -> dict[str, Any]:
    return {"action": action, "response": listed(*items)}


NP = "kubectl get networkpolicies"


@pytest.mark.parametrize(
    ("documents", "everywhere", "shop", "db"),
    [
        pytest.param([], "missing", "missing", "missing", id="nothing"),
        pytest.param([listed()], "missing", "missing", "missing", id="empty List of what?"),
        pytest.param(
            [listed(kind="NetworkPolicyList")], "collected", "collected", "collected",
            id="empty typed list",
        ),
        pytest.param([listed(policy())], "collected", "collected", "collected", id="List"),
        pytest.param([policy()], "collected", "collected", "collected", id="loose object"),
        pytest.param(
            [listed(policy(), **{"continue": "t"})], "truncated", "truncated", "truncated",
            id="continue",
        ),
        pytest.param(
            [listed(policy(), remainingItemCount=3)], "truncated", "truncated", "truncated",
            id="remainingItemCount",
        ),
        pytest.param([command(f"{NP} -A")], "collected", "collected", "collected", id="-A, empty"),
        pytest.param(
            [command(f"{NP} --namespace=shop")], "truncated", "collected", "missing",
            id="namespace, empty",
        ),
        pytest.param(
            [command("kubectl -n shop get netpol,pods -o json")],
            "truncated", "collected", "missing", id="flag before get, short name",
        ),
        pytest.param([command(NP)], "missing", "missing", "missing", id="no scope, empty"),
        pytest.param(
            [command(NP, policy())], "truncated", "collected", "missing", id="no scope, items"
        ),
        pytest.param(
            [command(f"{NP} -A -l app=x", policy())], "truncated", "truncated", "truncated",
            id="selector",
        ),
        pytest.param(
            [{"action": f"{NP} x -n shop", "response": policy()}],
            "missing", "missing", "missing", id="by name",
        ),
        pytest.param(
            [{"action": "kubectl get networkpolicy/x", "response": policy()}],
            "missing", "missing", "missing", id="by type and name",
        ),
        pytest.param(
            [command("kubectl get pods -A", pod("a"))], "missing", "missing", "missing",
            id="another resource",
        ),
        pytest.param(
            [command(f"{NP} -n shop"), command(f"{NP} -n db")], "truncated", "collected",
            "collected", id="two namespaces",
        ),
    ],
)  # fmt: skip
def test_network_policies(documents: list[Any], everywhere: str, shop: str, db: str) -> None:
    case = Case.load(*documents)
    assert state(case, NetworkPolicy) == everywhere
    assert state(case, NetworkPolicy, "shop") == shop
    assert state(case, NetworkPolicy, "db") == db


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("networkpolicies.json", "collected"),
        ("01-netpol-shop.yaml", "collected"),
        ("np.yml", "collected"),
        ("pods.json", "missing"),
        ("list.json", "missing"),
    ],
)
def test_the_file_name_says_what_an_empty_list_is_of(
    tmp_path: Path, name: str, expected: str
) -> None:
    (tmp_path / name).write_text('{"apiVersion": "v1", "kind": "List", "items": []}')
    case = Case.load(tmp_path)
    assert state(case, NetworkPolicy, "shop") == expected
    assert ("does not say what it is a list of" in texts(case)) == (name == "list.json")


def test_assumed_completeness_is_said_once() -> None:
    case = Case.load(listed(policy(), pod("a")), policy("y"))
    assert texts(case) == (
        "Taken as all there are, because no document says otherwise: network_policies, pods."
    )
    assert not Case.load(command(f"{NP} -A", policy())).notices


@pytest.mark.parametrize(("count", "expected"), [(1, "missing"), (2, "collected")])
def test_one_loose_pod_is_the_one_of_the_question(count: int, expected: str) -> None:
    assert state(Case.load(*(pod(f"p{i}") for i in range(count))), Pod) == expected


def test_one_pod_in_a_list_is_the_list() -> None:
    assert state(Case.load(listed(pod("a"))), Pod) == "collected"


def test_a_loose_object_does_not_complete_a_list_of_one_namespace() -> None:
    case = Case.load(command(f"{NP} -n db"), policy())
    assert state(case, NetworkPolicy, "shop") == "missing"
    assert state(case, NetworkPolicy, "db") == "collected"


@pytest.mark.parametrize(
    ("document", "model"),
    [
        ({"apiVersion": "v1", "kind": "ConfigMap",
          "metadata": {"name": "coredns", "namespace": "kube-system"}}, ConfigMap),
        ({"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
          "metadata": {"name": "web-1"}}, EndpointSlice),
        ({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}}, Workload),
    ],
)  # fmt: skip
def test_picked_objects_complete_nothing(document: Any, model: type[BaseModel]) -> None:
    assert state(Case.load(document), model) == "missing"


def test_one_kind_of_workload_is_not_all_of_them() -> None:
    deployments = {"apiVersion": "apps/v1", "kind": "DeploymentList", "items": []}
    assert state(Case.load(deployments), Workload) == "truncated"


def test_chunks_of_a_list() -> None:
    first, last = listed(pod("a"), **{"continue": "t"}), listed(pod("b"))
    assert state(Case.load(first, last), Pod) == "collected"
    asked = {"action": "kubectl get pods -A", "request": {"continue": "t"}, "response": last}
    assert state(Case.load(asked), Pod) == "truncated"
    start = {"action": "kubectl get pods -A", "request": {}, "response": first}
    assert state(Case.load(start, asked), Pod) == "collected"


def eips(*numbers: int, **rest: Any) -> dict[str, Any]:
    items = [{"AllocationId": f"eip-{n}", "IpAddress": f"203.0.113.{n}"} for n in numbers]
    return {"EipAddresses": {"EipAddress": items}, "RequestId": "r", **rest}


def asked(response: dict[str, Any], **request: Any) -> dict[str, Any]:
    return {"action": "DescribeEipAddresses", "request": request, "response": response}


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ([eips()], "collected"),
        ([eips(1)], "collected"),
        ([eips(1, TotalCount=1, PageNumber=1, PageSize=10)], "collected"),
        ([eips(1, TotalCount=2)], "truncated"),
        ([eips(1, TotalCount="2")], "truncated"),
        ([eips(TotalCount=1)], "truncated"),
        ([eips(1, NextToken="t")], "truncated"),
        ([eips(1, NextToken="")], "collected"),
        ([eips(1, IsTruncated=True)], "truncated"),
        ([eips(2, PageNumber=2)], "truncated"),
        ([eips(1, TotalCount=2, PageNumber=1), eips(2, TotalCount=2, PageNumber=2)], "collected"),
        ([eips(2, TotalCount=2, PageNumber=2), eips(1, TotalCount=2, PageNumber=1)], "collected"),
        ([eips(1, TotalCount=3, PageNumber=1), eips(2, TotalCount=3, PageNumber=3)], "truncated"),
        ([eips(1, TotalCount=2), eips(1, TotalCount=2)], "truncated"),
        ([eips(1, NextToken="t"), eips(2)], "collected"),
        ([asked(eips(1, NextToken="t")), asked(eips(2), NextToken="t")], "collected"),
        ([asked(eips(2), NextToken="t")], "truncated"),
        ([asked(eips(1, NextToken="t")), asked(eips(3), NextToken="u")], "truncated"),
        (
            [
                asked(eips(1, NextToken="t")),
                asked(eips(2, NextToken="u"), NextToken="t"),
                asked(eips(3), NextToken="u"),
            ],
            "collected",
        ),
        ([asked(eips(1), RegionId="cn-x", PageSize=50)], "collected"),
        ([asked(eips(1), AllocationId="eip-1")], "truncated"),
        ([asked(eips(1), allocation_id="eip-1")], "truncated"),
        ([asked(eips(1), AllocationId="")], "collected"),
        ([asked(eips(), AssociatedInstanceId="eni-1")], "truncated"),
        ([asked(eips(1), **{"Tag.1.Key": "a"})], "truncated"),
        ([asked(eips(), AssociatedInstanceId="eni-1"), eips(1)], "collected"),
        ([{"action": "aliyun vpc DescribeEipAddresses --RegionId cn-x", "response": eips()}],
         "collected"),
        ([{"action": "aliyun vpc DescribeEipAddresses --AllocationId=eip-1", "response": eips(1)}],
         "truncated"),
        ([{"AllocationId": "eip-1", "IpAddress": "203.0.113.1"}], "missing"),
    ],
)  # fmt: skip
def test_eips(documents: list[Any], expected: str) -> None:
    case = Case.load(*documents)
    assert state(case, Eip) == expected
    given = str(documents)
    assert len(case.listing(Eip).records) == sum(f"eip-{n}', 'IpA" in given for n in range(9))


def test_a_filter_is_said() -> None:
    assert "asked with a filter (allocationid)" in texts(
        Case.load(asked(eips(1), AllocationId="eip-1"))
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"VpcId": "vpc-1", "VSwitchId": ""}, "collected"),
        ({"VpcId": "vpc-1"}, "collected"),
        ({"SecurityGroupId": "sg-1"}, "truncated"),
        ({"NetworkInterfaceId": ["eni-1"]}, "truncated"),
        ({"NetworkInterfaceId": []}, "collected"),
    ],
)
def test_interfaces_by_request(document: dict[str, Any], expected: str) -> None:
    response = {"NetworkInterfaceSets": {"NetworkInterfaceSet": []}}
    case = Case.load({"action": "x", "request": document, "response": response})
    assert state(case, NetworkInterface) == expected


def test_attributes_of_one_thing_are_no_list() -> None:
    case = Case.load(
        {"VSwitchId": "vsw-1", "CidrBlock": "10.0.0.0/24"},
        {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8"},
        {"SecurityGroupId": "sg-1", "Permissions": {"Permission": []}},
    )
    assert state(case, VSwitch) == state(case, Vpc) == state(case, SecurityGroup) == "missing"
    assert len(case.listing(VSwitch).records) == 1


def rules(*directions: str, **rest: Any) -> dict[str, Any]:
    items = [{"SecurityGroupRuleId": f"sgr-{d}", "Direction": d} for d in directions]
    return {"SecurityGroupId": "sg-1", "Permissions": {"Permission": items}, **rest}


@pytest.mark.parametrize(
    ("documents", "both", "egress", "ingress"),
    [
        ([], "missing", "missing", "missing"),
        ([rules("egress", "ingress")], "collected", "collected", "collected"),
        ([rules(NextToken="t")], "truncated", "truncated", "truncated"),
        ([asked(rules("egress"), Direction="egress")], "truncated", "collected", "missing"),
        ([asked(rules(), Direction="all", SecurityGroupId="sg-1")], *["collected"] * 3),
        (
            [asked(rules("egress"), Direction="egress"), asked(rules(), Direction="ingress")],
            *["collected"] * 3,
        ),
        ([{"SecurityGroupId": "sg-1", "SecurityGroupType": "normal"}], *["missing"] * 3),
    ],
)
def test_rules_are_complete_by_direction(
    documents: list[Any], both: str, egress: str, ingress: str
) -> None:
    case = Case.load(*documents)
    assert state(case, SecurityGroupRule, "sg-1") == both
    assert state(case, SecurityGroupRule, "sg-1/egress") == egress
    assert state(case, SecurityGroupRule, "sg-1/ingress") == ingress
    assert state(case, SecurityGroupRule, "sg-2") == "missing"
    complete = {of for name, of, _ in case.complete_lists() if name == "security_group_rules"}
    expected = {"sg-1": both, "sg-1/egress": egress, "sg-1/ingress": ingress}
    assert complete == {of for of, found in expected.items() if found == "collected"}


def test_records_by_direction() -> None:
    case = Case.load(rules("egress", "ingress"))
    (record,) = case.listing(SecurityGroupRule, "sg-1/egress").records
    assert record.value.direction == "egress"
    assert len(case.listing(SecurityGroupRule, "sg-1").records) == 2


def snat(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"SnatTableEntries": {"SnatTableEntry": list(entries)}, "TotalCount": len(entries)}


def gateway(number: int, table: str | None = None) -> dict[str, Any]:
    tables = {"SnatTableIds": {"SnatTableId": [table]}} if table else {}
    return {"NatGatewayId": f"ngw-{number}", **tables}


BY_TABLE = {"SnatEntryId": "snat-1", "SnatTableId": "stb-1"}
BY_GATEWAY = {"SnatEntryId": "snat-1", "NatGatewayId": "ngw-1"}


@pytest.mark.parametrize(
    ("documents", "first", "second"),
    [
        ([gateway(1, "stb-1"), gateway(2), snat(BY_TABLE)], "collected", "missing"),
        ([snat(BY_TABLE), gateway(2), gateway(1, "stb-1")], "collected", "missing"),
        ([snat(BY_GATEWAY)], "collected", "missing"),
        ([gateway(1), snat()], "collected", "missing"),
        ([gateway(1), gateway(2), snat()], "missing", "missing"),
        ([gateway(1), gateway(2), snat(BY_TABLE)], "missing", "missing"),
        ([gateway(1), snat(BY_TABLE)], "collected", "missing"),
        ([gateway(1, "stb-9"), snat(BY_TABLE)], "missing", "missing"),
        ([asked(snat(), NatGatewayId="ngw-2")], "missing", "collected"),
        ([asked(snat(), SnatTableId="stb-1"), gateway(1, "stb-1"), gateway(2)], "collected",
         "missing"),
        ([asked(snat(), NatGatewayId="ngw-1", SourceCIDR="10.0.0.0/8")], "truncated", "missing"),
        ([{**snat(BY_GATEWAY), "TotalCount": 5}], "truncated", "missing"),
        ([BY_GATEWAY], "truncated", "missing"),
    ],
)  # fmt: skip
def test_snat_entries_find_their_gateway(documents: list[Any], first: str, second: str) -> None:
    case = Case.load(*documents)
    assert state(case, SnatEntry, "ngw-1") == first
    assert state(case, SnatEntry, "ngw-2") == second
    if "snat-1" in str(documents) and first == "collected":
        (record,) = case.listing(SnatEntry, "ngw-1").records
        assert record.value.nat_gateway_id == "ngw-1"


def test_the_only_gateway_is_taken_with_a_notice() -> None:
    assert "the only NAT gateway" in texts(Case.load(gateway(1), snat()))
    assert "counts for none" in texts(Case.load(gateway(1), gateway(2), snat()))
    assert "NAT gateway" not in texts(Case.load(gateway(1, "stb-1"), snat(BY_TABLE)))


def test_forward_entries_find_their_gateway() -> None:
    entries = {"ForwardTableEntries": {"ForwardTableEntry": []}}
    tables = {"NatGatewayId": "ngw-1", "ForwardTableIds": {"ForwardTableId": ["ftb-1"]}}
    case = Case.load(asked(entries, ForwardTableId="ftb-1"), tables, gateway(2))
    assert state(case, ForwardEntry, "ngw-1") == "collected"
    assert state(case, ForwardEntry, "ngw-2") == "missing"


def test_route_entries_belong_to_tables() -> None:
    entry = {"RouteEntryId": "rte-1", "RouteTableId": "vtb-1", "DestinationCidrBlock": "0.0.0.0/0"}
    answer = {"RouteEntrys": {"RouteEntry": [entry]}, "NextToken": ""}
    assert state(Case.load(answer), RouteEntry, "vtb-1") == "collected"
    assert state(Case.load(answer), RouteEntry, "vtb-2") == "missing"
    assert state(Case.load(answer), RouteEntry) == "truncated"
    assert state(Case.load({**answer, "NextToken": "x"}), RouteEntry, "vtb-1") == "truncated"
    tables = {"RouteTables": {"RouteTable": [
        {"RouteTableId": "vtb-3", "RouteEntrys": {"RouteEntry": []}}]}}  # fmt: skip
    case = Case.load(tables)
    assert state(case, RouteEntry, "vtb-3") == state(case, RouteTable) == "collected"


def test_entries_of_prefix_and_port_lists() -> None:
    case = Case.load(
        {"PrefixListId": "pl-1", "Entries": {"Entry": []}},
        {"PrefixListId": "pl-2", "Entries": {"Entry": [{"Cidr": "10.0.0.0/8"}]}, "NextToken": "t"},
        asked({"Entries": {"Entry": [{"PortRange": "80/80"}]}}, PortRangeListId="prl-1"),
    )
    assert state(case, PrefixListEntry, "pl-1") == "collected"
    assert state(case, PrefixListEntry, "pl-2") == "truncated"
    assert state(case, PortRangeEntry, "prl-1") == "collected"
    assert state(case, PortRangeEntry, "prl-2") == "missing"


def test_addons() -> None:
    assert state(Case.load({"addons": []}), Addon) == "collected"
    assert state(Case.load({"cluster_id": "c1"}), Addon) == "missing"
    one = {"action": "DescribeClusterAddonInstance",
           "response": {"name": "poseidon", "version": "v1", "state": "active"}}  # fmt: skip
    case = Case.load(one)
    assert (state(case, Addon), len(case.listing(Addon).records)) == ("missing", 1)


def test_plain_lists_of_a_snapshot() -> None:
    case = Case.load(
        {
            "SecurityGroups": [rules("egress")],
            "NetworkInterfaces": [],
            "VSwitches": [{"VSwitchId": "vsw-1"}],
            "NatGateways": [],
            "PrefixLists": {"pl-1": []},
        }
    )
    for model in (SecurityGroup, NetworkInterface, VSwitch, NatGateway):
        assert state(case, model) == "collected"
    assert state(case, SecurityGroupRule, "sg-1") == "collected"
    assert state(case, PrefixListEntry, "pl-1") == "collected"


def test_namespaces_and_services_from_one_loose_object() -> None:
    case = Case.load(
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}},
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}},
    )
    assert state(case, Namespace) == state(case, Service) == "collected"


def test_origins_of_a_listing_are_the_documents_it_comes_from() -> None:
    case = Case.load(eips(1, TotalCount=2), eips(2, TotalCount=2))
    assert [o.document for o in case.listing(Eip).origins] == ["<document 1>", "<document 2>"]


def test_models_without_a_list_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        Case().listing(BaseModel)


def test_an_unknown_list_of_items_is_not_a_list() -> None:
    with pytest.raises(InputError):
        Case.load({"EipAdresses": {"EipAddress": []}})
