"""Answers of CLB, ALB and NLB: spellings, pages, what they leave out, and the short forms."""

from __future__ import annotations

from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import (
    AclEntry,
    BackendServer,
    Case,
    InstanceEndpoint,
    Listener,
    ListenerHealth,
    LoadBalancer,
    ServerGroup,
)
from wayout.engine.errors import InputError

Doc = dict[str, Any]
CLB: Doc = {
    "LoadBalancerId": "lb-1",
    "Address": "10.0.1.9",
    "AddressType": "intranet",
    "LoadBalancerStatus": "active",
    "VpcId": "vpc-1",
}


def envelope(action: str, response: Doc, **request: str) -> Doc:
    return {"action": action, "request": request, "response": response}


def listener(case: Case, key: str, of: str = "lb-1") -> Listener:
    record = case.get(Listener, key, of=of)
    assert record is not None
    return record.value


def notices(case: Case) -> str:
    return "\n".join(notice.en for notice in case.notices)


# ── CLB ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("spelling", ["Protocol", "Protocal"])
def test_the_attribute_tells_ports_default_servers_and_address(spelling: str) -> None:
    ports = {f"ListenerPortAnd{spelling}": [
        {"ListenerPort": 80, "ListenerProtocol": "http", "ListenerForward": "on",
         "ForwardPort": 443},
        {"ListenerPort": 443, "ListenerProtocol": "https", "ListenerForward": "off"},
    ]}  # fmt: skip
    servers = {"BackendServer": [{"ServerId": "i-1", "Weight": 100, "Type": "ecs"}]}
    case = Case.load({**CLB, f"ListenerPortsAnd{spelling}": ports, "BackendServers": servers})
    redirect = listener(case, "http:80")
    assert (redirect.forward, redirect.forward_port) == (True, 443)
    assert listener(case, "https:443").forward is False
    assert case.listing(Listener, of="lb-1").is_complete
    [server] = case.listing(BackendServer, of="lb-1").records
    assert server.value.server_id == "i-1"
    [endpoint] = case.listing(InstanceEndpoint, of="lb-1").records
    assert (endpoint.value.ip, endpoint.value.network) == ("10.0.1.9", "private")


def test_what_only_the_ports_tell_is_not_known() -> None:
    ports = {"ListenerPortAndProtocol": [{"ListenerPort": 443, "ListenerProtocol": "tcp"}]}
    found = listener(Case.load({**CLB, "ListenerPortsAndProtocol": ports}), "tcp:443")
    assert (found.listener_status, found.acl_status) == (None, None)
    assert found.server_group_ids is None


@pytest.mark.parametrize(
    ("fields", "protocol"),
    [
        ({"SynProxy": "disable"}, "tcp"),
        ({"EstablishedTimeout": 900}, "tcp"),
        ({"HealthCheckReq": "ping"}, "udp"),
        ({"XForwardedFor": "on", "StickySession": "off"}, "http"),
        ({"XForwardedFor": "on", "ServerCertificateId": "c-1"}, "https"),
        ({"ListenerProtocol": "TCP"}, "tcp"),
    ],
)
def test_a_bare_listener_answer_tells_its_protocol_by_its_fields(
    fields: Doc, protocol: str
) -> None:
    answer = {"ListenerPort": 443, "Status": "running", "AclStatus": "off", **fields}
    case = Case.load(CLB, answer)
    found = listener(case, f"{protocol}:443")
    assert (found.listener_status, found.acl_status) == ("running", "off")
    assert found.server_group_ids == ["lb-1"]  # without a group of its own: the default servers
    assert "taken as that of lb-1" in notices(case)


@pytest.mark.parametrize("protocol", ["TCP", "UDP", "HTTP", "HTTPS"])
def test_an_envelope_tells_protocol_and_owner(protocol: str) -> None:
    answer = {
        "ListenerPort": 443,
        "Status": "stopped",
        "AclStatus": "on",
        "AclType": "white",
        "AclId": "acl-1",
        "AclIds": {"AclId": ["acl-1", "acl-2"]},
        "VServerGroupId": "rsp-1",
    }
    action = f"DescribeLoadBalancer{protocol}ListenerAttribute"
    case = Case.load(envelope(action, answer, LoadBalancerId="lb-7", ListenerPort="443"))
    found = listener(case, f"{protocol.lower()}:443", "lb-7")
    assert (found.acl_status, found.acl_type, found.acl_ids) == ("on", "white", ["acl-1", "acl-2"])
    assert found.server_group_ids == ["rsp-1"]
    assert not case.listing(Listener, of="lb-7").is_complete  # one is not all


def test_a_listener_that_may_belong_to_two_counts_for_none() -> None:
    answer = {"ListenerPort": 443, "Status": "running", "AclStatus": "off", "SynProxy": "disable"}
    case = Case.load(CLB, {**CLB, "LoadBalancerId": "lb-2", "Address": "10.0.1.10"}, answer)
    assert not case.listing(Listener).records
    assert "counts for none" in notices(case)


def test_a_listener_without_protocol_is_the_only_one_of_its_port() -> None:
    ports = {"ListenerPortAndProtocol": [{"ListenerPort": 443, "ListenerProtocol": "tcp"}]}
    answer = {"ListenerPort": 443, "Status": "running", "AclStatus": "off"}
    case = Case.load(answer, {**CLB, "ListenerPortsAndProtocol": ports})
    assert listener(case, "tcp:443").listener_status == "running"
    both = {
        "ListenerPortAndProtocol": [
            {"ListenerPort": 443, "ListenerProtocol": "tcp"},
            {"ListenerPort": 443, "ListenerProtocol": "udp"},
        ]
    }
    case = Case.load(answer, {**CLB, "ListenerPortsAndProtocol": both})
    assert listener(case, "tcp:443").listener_status is None
    assert "the protocol of listener 443" in notices(case)


def test_a_single_acl_id_stands_in_for_missing_acl_ids() -> None:
    answer = {
        "ListenerPort": 1,
        "Status": "running",
        "AclStatus": "on",
        "AclType": "black",
        "AclId": "acl-9",
        "SynProxy": "x",
    }
    assert listener(Case.load(CLB, answer), "tcp:1").acl_ids == ["acl-9"]
    answer["AclIds"] = {"AclId": []}
    assert listener(Case.load(CLB, answer), "tcp:1").acl_ids == ["acl-9"]


def test_the_list_of_listeners_nests_what_is_special_of_a_protocol() -> None:
    listed = {"Listeners": [
        {"LoadBalancerId": "lb-1", "ListenerPort": 80, "ListenerProtocol": "http",
         "Status": "running", "AclStatus": "off",
         "HTTPListenerConfig": {"ListenerForward": "on", "ForwardPort": 443}},
    ], "TotalCount": 1, "MaxResults": 100}  # fmt: skip
    case = Case.load(
        envelope("DescribeLoadBalancerListeners", listed, **{"LoadBalancerId.1": "lb-1"})
    )
    assert listener(case, "http:80").forward is True
    assert case.listing(Listener, of="lb-1").is_complete


def page(entries: list[str], number: str, total: int) -> Doc:
    answer = {
        "AclId": "acl-1",
        "AclEntrys": {"AclEntry": [{"AclEntryIP": e, "AclEntryComment": ""} for e in entries]},
        "TotalAclEntry": total,
    }
    return envelope("DescribeAccessControlListAttribute", answer, AclId="acl-1", Page=number)


def test_pages_of_an_access_control_list_are_counted() -> None:
    first, second = page(["10.0.0.0/24", "10.0.1.0/24"], "1", 3), page(["10.0.2.0/24"], "2", 3)
    assert Case.load(first).listing(AclEntry, of="acl-1").state == "truncated"
    both = Case.load(first, second).listing(AclEntry, of="acl-1")
    assert both.is_complete
    assert len(both.records) == 3


def test_an_empty_list_is_known_to_be_empty() -> None:
    empty = {"AclId": "acl-1", "AclName": "x", "AclEntrys": {"AclEntry": []}, "TotalAclEntry": 0}
    assert Case.load(empty).listing(AclEntry, of="acl-1").is_complete
    silent = {"AclId": "acl-1", "AclName": "x", "TotalAclEntry": 0}
    assert Case.load(silent).listing(AclEntry, of="acl-1").is_complete


def test_health_of_a_clb_is_kept_by_listener() -> None:
    servers = {"BackendServer": [
        {"ServerHealthStatus": "abnormal", "ServerId": "i-1", "ServerIp": "10.0.2.1", "Port": 80,
         "ListenerPort": 443, "Protocol": "tcp"},
        {"ServerHealthStatus": "unavailable", "ServerId": "i-1", "Port": 80, "ListenerPort": 80,
         "Protocol": "http"},
    ]}  # fmt: skip
    case = Case.load(CLB, {"BackendServers": servers})
    found = {r.value.listener_port: r.value for r in case.listing(ListenerHealth).records}
    assert [state.status for state in found[443].servers] == ["abnormal"]
    assert found[443].load_balancer_id == "lb-1"
    assert [state.status for state in found[80].servers] == ["unavailable"]


def test_groups_of_servers() -> None:
    virtual = {
        "VServerGroupId": "rsp-1",
        "BackendServers": {
            "BackendServer": [
                {
                    "ServerId": "eni-1",
                    "ServerIp": "10.0.2.1",
                    "Port": 80,
                    "Weight": 0,
                    "Type": "eni",
                }
            ]
        },
    }
    pair = {
        "MasterSlaveServerGroupId": "rsp-2",
        "MasterSlaveBackendServers": {
            "MasterSlaveBackendServer": [
                {"ServerId": "i-2", "Port": 80, "Weight": 100, "ServerType": "Master"}
            ]
        },
    }
    case = Case.load(virtual, pair)
    assert [r.value.weight for r in case.listing(BackendServer, of="rsp-1").records] == [0]
    assert [r.value.server_id for r in case.listing(BackendServer, of="rsp-2").records] == ["i-2"]
    assert case.listing(BackendServer, of="rsp-1").is_complete


def test_an_eip_of_an_intranet_clb_is_one_of_its_addresses() -> None:
    eip = {
        "AllocationId": "eip-1",
        "IpAddress": "203.0.113.9",
        "InstanceId": "lb-1",
        "InstanceType": "SlbInstance",
    }
    found = Case.load(CLB, eip).listing(InstanceEndpoint, of="lb-1").records
    assert {(r.value.ip, r.value.network) for r in found} == {
        ("10.0.1.9", "private"), ("203.0.113.9", "public"),
    }  # fmt: skip


# ── NLB and ALB ──────────────────────────────────────────────────────────────────────────────


def nlb(address_type: str = "Internet") -> Doc:
    zones = [
        {"ZoneId": f"z-{n}", "VSwitchId": f"vsw-{n}", "Status": "Active",
         "LoadBalancerAddresses": [{"PrivateIPv4Address": f"10.0.{n}.1", "EniId": "eni-1",
                                    "PublicIPv4Address": f"203.0.113.{n}",
                                    "PrivateIPv4HcStatus": "Healthy"}]}
        for n in (1, 2)
    ]  # fmt: skip
    return {"LoadBalancerId": "nlb-1", "DNSName": "NLB-1.cn-x.nlb.aliyuncsslb.com.",
            "AddressType": address_type, "LoadBalancerStatus": "Active", "VpcId": "vpc-1",
            "LoadBalancerBusinessStatus": "Normal", "SecurityGroupIds": ["sg-1"],
            "CrossZoneEnabled": False, "ZoneMappings": zones}  # fmt: skip


def test_the_name_of_a_load_balancer_leads_to_one_address_per_zone() -> None:
    case = Case.load(nlb())
    named = [r.value for r in case.listing(InstanceEndpoint).records if r.value.host]
    assert {endpoint.ip for endpoint in named} == {"203.0.113.1", "203.0.113.2"}
    assert {endpoint.host for endpoint in named} == {"nlb-1.cn-x.nlb.aliyuncsslb.com"}
    inner = [r.value for r in case.listing(InstanceEndpoint).records if r.value.role == "inner"]
    assert {endpoint.ip for endpoint in inner} == {"10.0.1.1", "10.0.2.1"}
    named = [
        r.value
        for r in Case.load(nlb("Intranet")).listing(InstanceEndpoint).records
        if r.value.host
    ]
    assert {endpoint.ip for endpoint in named} == {"10.0.1.1", "10.0.2.1"}


def test_a_snake_case_answer_is_the_same() -> None:
    answer = {
        "load_balancer_id": "nlb-1",
        "load_balancer_status": "Active",
        "load_balancer_business_status": "Abnormal",
        "address_type": "Intranet",
        "dnsname": "nlb-1.x",
        "security_group_ids": [],
    }
    record = Case.load(answer).get(LoadBalancer, "nlb-1")
    assert record is not None
    assert (record.value.business_status, record.value.security_group_ids) == ("Abnormal", [])
    assert record.value.dns_name == "nlb-1.x"


def alb_listener(**relation: Any) -> Listener:
    answer = {
        "ListenerId": "lsn-1",
        "LoadBalancerId": "alb-1",
        "ListenerPort": 443,
        "ListenerProtocol": "HTTPS",
        "ListenerStatus": "Running",
        "DefaultActions": [
            {
                "Type": "ForwardGroup",
                "ForwardGroupConfig": {
                    "ServerGroupTuples": [{"ServerGroupId": "sgp-1"}, {"ServerGroupId": "sgp-2"}]
                },
            }
        ],
        **relation,
    }
    return listener(Case.load(answer), "lsn-1", "alb-1")


def test_only_relations_in_force_count() -> None:
    states = [("acl-1", "Associated"), ("acl-2", "Associating"), ("acl-3", "Dissociating")]
    relations = [{"AclId": acl, "Status": status} for acl, status in states]
    found = alb_listener(AclConfig={"AclType": "White", "AclRelations": relations})
    assert (found.acl_status, found.acl_type) == ("on", "white")
    assert (found.acl_ids, found.changing_acl_ids) == (["acl-1"], ["acl-2", "acl-3"])
    assert found.server_group_ids == ["sgp-1", "sgp-2"]


def test_no_relation_is_off_and_no_word_of_it_is_not() -> None:
    assert alb_listener(AclConfig={}).acl_status == "off"
    assert alb_listener().acl_status is None


def test_a_single_listener_finds_its_load_balancer_by_its_id() -> None:
    listed = {"Listeners": [{"ListenerId": "lsn-1", "LoadBalancerId": "alb-1", "ListenerPort": 443,
                             "ListenerProtocol": "HTTPS", "ListenerStatus": "Running"}],
              "TotalCount": 1}  # fmt: skip
    single = {
        "ListenerId": "lsn-1",
        "ListenerPort": 443,
        "ListenerProtocol": "HTTPS",
        "ListenerStatus": "Running",
        "AclConfig": {},
    }
    case = Case.load(single, listed)
    assert listener(case, "lsn-1", "alb-1").acl_status == "off"


@pytest.mark.parametrize("field", ["HeathCheckEnabled", "HealthCheckEnabled"])
def test_health_of_an_nlb_names_only_what_is_not_normal(field: str) -> None:
    server = {
        "ServerId": "eni-1",
        "ServerIp": "10.0.2.1",
        "Port": 80,
        "Status": "Unhealthy",
        "Reason": {"ReasonCode": "CONNECT_TIMEOUT"},
    }
    groups = [{"ServerGroupId": "sgp-1", field: True, "NonNormalServers": [server]}]
    answer = {"ListenerHealthStatus": [{"ListenerId": "lsn-1", "ServerGroupInfos": groups}]}
    [record] = Case.load(answer).listing(ListenerHealth).records
    assert (record.value.is_partial, record.value.check_enabled) == (True, True)
    assert [(s.status, s.reason) for s in record.value.servers] == [
        ("unhealthy", "CONNECT_TIMEOUT")
    ]


def test_one_answer_about_listeners_of_several_load_balancers() -> None:
    rows = [
        {
            "ListenerId": f"lsn-{n}",
            "LoadBalancerId": f"nlb-{n}",
            "ListenerPort": 1,
            "ListenerProtocol": "TCP",
            "ListenerStatus": "Running",
        }
        for n in (1, 2)
    ]
    whole = Case.load({"Listeners": rows, "TotalCount": 2})
    assert whole.listing(Listener, of="nlb-1").is_complete
    cut = Case.load({"Listeners": rows, "TotalCount": 3, "NextToken": "t"})
    assert not cut.listing(Listener, of="nlb-1").is_complete


def test_servers_and_groups_of_an_nlb() -> None:
    servers = {"Servers": [{"ServerGroupId": "sgp-1", "ServerId": "eni-1", "ServerIp": "10.0.2.1",
                            "Port": 80, "Weight": 100, "ServerType": "Eni", "ZoneId": "z-1"}],
               "TotalCount": 1}  # fmt: skip
    groups = {
        "ServerGroups": [
            {
                "ServerGroupId": "sgp-1",
                "PreserveClientIpEnabled": False,
                "HealthCheck": {"HealthCheckEnabled": True},
            }
        ],
        "TotalCount": 1,
    }
    case = Case.load(servers, groups)
    assert case.listing(BackendServer, of="sgp-1").is_complete
    group = case.get(ServerGroup, "sgp-1")
    assert group is not None
    assert (group.value.preserve_client_ip_enabled, group.value.health_check_enabled) == (
        False,
        True,
    )
    empty = envelope(
        "ListServerGroupServers", {"Servers": [], "TotalCount": 0}, ServerGroupId="sgp-9"
    )
    assert Case.load(empty).listing(BackendServer, of="sgp-9").is_complete


def test_entries_without_owner_are_those_of_the_only_list_used() -> None:
    entries = {"AclEntries": [{"Entry": "10.0.0.0/8", "Status": "Available"}], "TotalCount": 1}
    single = {
        "ListenerId": "lsn-1",
        "LoadBalancerId": "alb-1",
        "ListenerPort": 443,
        "ListenerProtocol": "HTTPS",
        "ListenerStatus": "Running",
        "AclConfig": {
            "AclType": "White",
            "AclRelations": [{"AclId": "acl-7", "Status": "Associated"}],
        },
    }
    case = Case.load(single, entries)
    assert case.listing(AclEntry, of="acl-7").is_complete
    assert "counts for none" in notices(Case.load(entries))


def test_the_list_of_a_registry_is_none_of_a_load_balancer() -> None:
    registry = {
        "Enable": True,
        "AclEnable": True,
        "AclEntries": [{"Entry": "192.0.2.0/24"}],
        "RequestId": "r",
    }
    assert not Case.load(registry).listing(AclEntry).records


# ── The case file ────────────────────────────────────────────────────────────────────────────


def load(**parts: Any) -> Case:
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})


def test_short_forms() -> None:
    case = load(
        load_balancers=[{
            "id": "nlb-1", "type": "intranet", "status": "Active", "dns_name": "nlb-1.x",
            "zones": [{"zone": "z-1", "vswitch": "vsw-1", "private_ip": "10.0.1.1"}],
            "listeners": [{"ports": "8000-8010", "protocol": "tcp", "status": "Running",
                           "server_groups": "sgp-1",
                           "health": [{"ip": "10.0.2.1", "state": "unhealthy"}]}],
        }],
        server_groups=[{"id": "sgp-1", "servers": []}],
        access_control_lists={"acl-1": []},
    )  # fmt: skip
    [found] = case.listing(Listener, of="nlb-1").records
    assert (found.value.start_port, found.value.end_port) == (8000, 8010)
    [health] = case.listing(ListenerHealth).records
    assert health.value.listener_id == found.value.listener_id
    assert case.listing(BackendServer, of="sgp-1").is_complete
    assert case.listing(AclEntry, of="acl-1").is_complete


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"load_balancers": [{"id": "lb-1", "adress": "10.0.0.1"}]}, "adress"),
        ({"load_balancers": [{"id": "lb-1", "listeners": [{"protocol": "tcp"}]}]}, "port"),
        ({"load_balancers": [{"id": "lb-1", "listeners": [{"protocol": "tcp", "ports": "9-1"}]}]},
         "lower one first"),
        ({"load_balancers": [{"id": "lb-1", "servers": [{"port": 1}]}]}, "its id or its ip"),
        ({"server_groups": [{"id": "sgp-1", "servers": [{"ip": "10.0.0"}]}]}, "no IP address"),
        ({"load_balancers": [{"id": "lb-1", "listeners": [{"port": 1, "protocol": "sctp"}]}]},
         "protocol"),
    ],
)  # fmt: skip
def test_slips_are_refused_where_they_stand(parts: Doc, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load(**parts)


@pytest.mark.parametrize(
    "answer",
    [
        {"LoadBalancers": {"LoadBalancer": ["lb-1"]}},
        {"Listeners": [{"ListenerPort": "many", "LoadBalancerId": "lb-1"}]},
        {**CLB, "ZoneMappings": ["z-1"]},
        {"ListenerHealthStatus": [{"ServerGroupInfos": "all"}]},
    ],
)
def test_broken_answers_are_one_clear_sentence(answer: Doc) -> None:
    with pytest.raises(InputError):
        Case.load(answer)


# ── Anything may stand anywhere ──────────────────────────────────────────────────────────────

WHOLE: list[Doc] = [
    {**CLB, "ListenerPortsAndProtocol": {"ListenerPortAndProtocol": [
        {"ListenerPort": 80, "ListenerProtocol": "http"}]},
     "BackendServers": {"BackendServer": []}},
    envelope("DescribeLoadBalancerTCPListenerAttribute",
             {"ListenerPort": 443, "Status": "running", "AclStatus": "on", "AclType": "white",
              "AclIds": {"AclId": ["acl-1"]}}, LoadBalancerId="lb-1"),
    page(["10.0.0.0/8"], "1", 1),
    {"BackendServers": {"BackendServer": [
        {"ServerHealthStatus": "normal", "ServerId": "i-1", "ListenerPort": 1}]}},
    nlb(),
    {"ListenerId": "lsn-1", "LoadBalancerId": "alb-1", "ListenerPort": 443,
     "ListenerProtocol": "HTTPS", "ListenerStatus": "Running", "AclConfig": {
         "AclType": "White", "AclRelations": [{"AclId": "acl-1", "Status": "Associated"}]},
     "DefaultActions": [{"ForwardGroupConfig": {"ServerGroupTuples": [{"ServerGroupId": "s"}]}}]},
    {"Servers": [{"ServerGroupId": "sgp-1", "ServerId": "eni-1", "Port": 80, "Weight": 1}]},
    {"ServerGroups": [{"ServerGroupId": "sgp-1", "HealthCheck": {"HealthCheckEnabled": True}}]},
    {"ListenerHealthStatus": [{"ListenerId": "lsn-1", "ServerGroupInfos": [
        {"ServerGroupId": "sgp-1", "NonNormalServers": [
            {"ServerId": "eni-1", "Status": "Unhealthy", "Reason": {"ReasonCode": "X"}}]}]}]},
]  # fmt: skip
JUNK = st.sampled_from([None, 0, -1, "", "x", "9" * 40, True, [], [[]], {}, {"x": 1}, 1e300, "on"])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        place
        for key, part in inner
        for place in ((*path, key), *(places(part, (*path, key)) if part and
                                      isinstance(part, (dict, list)) else ()))
    ]  # fmt: skip


@given(st.sampled_from(WHOLE), st.data(), JUNK)
def test_junk_is_read_or_refused_but_never_a_traceback(answer: Doc, data: Any, junk: Any) -> None:
    broken = deepcopy(answer)
    *way, last = data.draw(st.sampled_from(places(broken)))
    part: Any = broken
    for step in way:
        part = part[step]
    part[last] = junk
    with suppress(InputError):  # one clear sentence; any other error fails the test
        Case.load(CLB, broken)
