"""Whatever the documents of a load balancer say or leave out, both gates of the other end speak."""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import pytest

from tests.observe.balancers import ALB, CLB, GROUPS, NLB, world
from tests.observe.net import POD, Part
from tests.observe.test_silence import conclusions, is_decisive
from wayout.engine.case import Case, Question

GATES = ("destination-access", "destination-service")
MISSING = "missing"
# Per product, fields of the load balancer and of its listener in every state they may have.
BALANCERS: dict[str, dict[str, tuple[Any, ...]]] = {
    "status": {"status": ("active", "inactive", "locked", "Configuring", "odd", MISSING)},
    "locks": {"locks": (["financial"], [], MISSING)},
    "business": {"business_status": ("Normal", "Abnormal", MISSING)},
    "type": {"type": ("internet", "intranet", MISSING)},
    "groups": {"security_groups": (["sg-lb"], [], MISSING)},
    "cross-zone": {"cross_zone": (True, False, MISSING)},
    "zones": {"zones": ([], MISSING)},
    "listeners": {"listeners": ([], MISSING)},
}
LISTENERS: dict[str, tuple[Any, ...]] = {
    "status": ("running", "stopped", "starting", MISSING),
    "acl": ("off", {"mode": "white", "lists": ["acl-1"]}, {"mode": "black", "lists": "acl-1,acl-2"},
            MISSING),
    "server_groups": (["sgp-none"], [], MISSING),
    "health": ([], *([{"ip": "10.0.3.8", "state": state}] for state in (
        "abnormal", "initial", "unused", "unavailable")), MISSING),
    "health_check": (False, MISSING),
    "redirect_to": (443,),
    "port": (8443,),
    "protocol": ("udp", "http", "https", "tcpssl"),
}  # fmt: skip
WITH_GROUP: list[Part] = [
    {"id": "sg-lb", "type": "normal", "ingress": [
        {"policy": "drop", "protocol": "tcp", "ports": 443, "from": "10.0.0.0/16", "priority": 1}]},
]  # fmt: skip
AROUND: dict[str, dict[str, Any]] = {
    "nothing else": {},
    "no VPC": {"vpc": None},
    "an empty list": {"access_control_lists": {"acl-1": [], "acl-2": []}},
    "a list": {"access_control_lists": {"acl-1": ["10.0.0.0/16"]}, "security_groups": WITH_GROUP},
    "an exit": {
        "nat_gateways": [{"id": "ngw-1", "vpc": "vpc-1", "status": "Available", "snat": [
            {"id": "snat-1", "source": "10.0.0.0/16", "ips": ["198.51.100.20", "198.51.100.21"]}]}],
        "access_control_lists": {"acl-1": ["198.51.100.20/32"], "acl-2": []},
    },
    "a mapping": {
        "nat_gateways": [{"id": "ngw-1", "vpc": "vpc-1", "status": "Available", "snat": [],
            "forward": [{"id": "fwd-1", "external_ip": "198.51.100.22", "external_port": "any",
                         "internal_ip": "10.0.1.5", "internal_port": "any", "protocol": "any"}]}],
        "access_control_lists": {"acl-1": ["198.51.100.20/32"], "acl-2": []},
    },
}  # fmt: skip


def changed(part: Part, **fields: Any) -> Part:
    kept = {name: value for name, value in part.items() if name not in fields}
    return {**kept, **{name: value for name, value in fields.items() if value is not MISSING}}


# What decides about source addresses; only this depends on what is around.
FILTERS = frozenset({"type", "security_groups", "zones", "acl"})


def variants(part: Part, is_alone: bool) -> list[Part]:
    made = [part]
    for fields in BALANCERS.values():
        for name, values in fields.items():
            if is_alone or name in FILTERS:
                made += [changed(part, **{name: value}) for value in values]
    [own] = part["listeners"]
    for name, values in LISTENERS.items():
        if is_alone or name in FILTERS:
            made += [changed(part, listeners=[changed(own, **{name: value})]) for value in values]
    return made


def silent(case: Case, to: str, protocol: str) -> list[tuple[str, str, str]]:
    question = Question.model_validate({"pod": POD, "destination": to, "protocol": protocol})
    flows, facts = conclusions(case, question)
    assert flows
    return [
        (to, flow, gate)
        for flow, gate in product(flows, GATES)
        if not any(is_decisive(fact, flow, gate) for fact in facts)
    ]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("part", [CLB, ALB, NLB], ids=["CLB", "ALB", "NLB"])
def test_both_gates_speak(part: Part, around: str) -> None:
    found = []
    for variant in variants(part, not AROUND[around]):
        case = world(variant, **AROUND[around])
        to = part["id"]
        where = json.dumps({k: v for k, v in variant.items() if part.get(k) != v})
        found += [(*one, where) for one in silent(case, f"{to}:443", "tcp")]
    assert found == []


@pytest.mark.parametrize("part", [CLB, ALB, NLB], ids=["CLB", "ALB", "NLB"])
def test_both_gates_speak_of_other_traffic_and_unknown_load_balancers(part: Part) -> None:
    found = []
    for case, (to, protocol) in product(
        (world(part), world(), world(part, server_groups=[]),
         world(part, server_groups=GROUPS[:1])),
        ((part["id"], "icmp"), (f"{part['id']}:443", "udp"), (f"{part['id']}:80", "tcp"),
         (f"{part['id']}", "tcp"), (f"{part.get('dns_name', '10.0.1.200')}:443", "tcp")),
    ):  # fmt: skip
        found += silent(case, to, protocol)
    assert found == []
