"""Whatever is known of a whitelisted instance, both gates of the other end say something."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.observe.net import POD, Part, shop
from tests.observe.test_silence import conclusions, is_decisive
from wayout.engine.case import Case, Question

GATES = ("destination-access", "destination-service")
INSTANCES = (
    "rm-1", "pc-1", "pxc-1", "drds-1", "r-1", "dds-1", "cc-1", "selectdb-1", "es-cn-1",
    "alikafka-1", "rmq-1", "mse-1",
)  # fmt: skip
ENDPOINTS: tuple[list[Part] | None, ...] = (
    None,
    [],
    [{"host": "db.example.com", "ip": "10.0.9.9", "port": 3306, "network": "private"}],
    [{"host": "db.example.com", "ip": "203.0.113.9", "port": 3306, "network": "public"}],
    [{"host": "db.example.com", "ip": "10.30.9.9", "network": "classic"}],
    [{"host": "db.example.com"}],
)
LISTS: tuple[Any, ...] = (
    None,
    {},
    {"default": []},
    {"default": "127.0.0.1"},
    {"default": "%,*.*.*.*,office"},
    {"default": "0.0.0.0/0"},
    [{"entries": "10.0.0.0/16", "network": "Classic", "ports": 9092}],
    {"default": "10.0.0.0/16"},
)
STATES: tuple[Part, ...] = (
    {},
    {"status": "Running", "lock": "Unlock"},
    {"status": "Creating", "lock": "LockByExpiration"},
    {"status": "NET_MODIFYING", "lock": "ManualLock"},
)
SNAT = {"id": "snat-1", "vswitch": "vsw-1", "ips": ["198.51.100.20"]}


def world(ident: str, endpoints: Any, whitelist: Any, state: Part) -> Case:
    part = {"id": ident, "vpc": "vpc-1", "endpoints": endpoints, "whitelist": whitelist, **state}
    known = {key: value for key, value in part.items() if value is not None}
    return shop(
        vswitches=[{"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1"}],
        nat_gateways=[{"id": "ngw-1", "vpc": "vpc-1", "snat": [SNAT]}],
        instances=[known],
    )


@pytest.mark.parametrize("ident", INSTANCES)
def test_both_gates_speak(ident: str) -> None:
    silent = []
    worlds = [
        *product(ENDPOINTS, LISTS[-1:], STATES[1:2]),
        *product(ENDPOINTS[2:3], LISTS, STATES[1:2]),
        *product(ENDPOINTS[3:4], LISTS, STATES[:1]),
        *product(ENDPOINTS[2:3], LISTS[-1:], STATES),
    ]
    for number, (endpoints, whitelist, state) in enumerate(worlds):
        to = f"{ident}:3306" if number % 3 else ident
        question = Question.model_validate({"pod": POD, "destination": to})
        flows, facts = conclusions(world(ident, endpoints, whitelist, state), question)
        silent += [
            (to, endpoints, whitelist, state, gate)
            for flow in flows
            for gate in GATES
            if not any(is_decisive(fact, flow, gate) for fact in facts)
        ]
    assert silent == []
