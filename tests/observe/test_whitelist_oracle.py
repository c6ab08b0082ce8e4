"""The whitelist decision against a naive evaluator of its own, over random whitelists.

The oracle works with sets of addresses and knows nothing of the code it judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, ip_address, ip_network
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.observe.net import API, CLUSTER, VPC, case, every
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Question
from wayout.engine.observe import observe

POD, EXIT = "10.0.1.5", "198.51.100.20"
SNAT = {"id": "snat-1", "vswitch": "vsw-1", "ips": [EXIT, "198.51.100.21"]}


@dataclass(frozen=True)
class World:
    """One RDS instance: its groups with their network types, its templates, mode, endpoint."""

    groups: tuple[tuple[tuple[str, ...], str], ...]
    templates: tuple[tuple[str, ...], ...]
    mode: str
    is_public: bool
    is_told: bool  # whether the groups were collected

    def part(self) -> dict[str, Any]:
        endpoint = {"host": "rm-1.mysql.rds.aliyuncs.com", "port": 3306}
        where = ("public", "203.0.113.9") if self.is_public else ("private", "10.0.40.9")
        part: dict[str, Any] = {
            "id": "rm-1", "vpc": "vpc-1", "status": "Running",
            "endpoints": [{**endpoint, "network": where[0], "ip": where[1]}],
            "templates": {f"t{i}": list(t) for i, t in enumerate(self.templates)},
            "security_groups": [],
        }  # fmt: skip
        if self.mode != "unknown":
            part["mode"] = self.mode
        if self.is_told:
            part["whitelist"] = [
                {"group": f"g{i}", "entries": list(entries), "network": network}
                for i, (entries, network) in enumerate(self.groups)
            ]
        return part


def named(token: str) -> IPv4Network | None:
    """What a token names; None for what is no IPv4 address or block."""
    try:
        network = ip_network(token, strict=False)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None


def holds(tokens: tuple[str, ...], address: str) -> bool:
    networks = [named(token) for token in tokens]
    return any(n is not None and ip_address(address) in n for n in networks)


def expected(world: World, address: str) -> str:
    """Set semantics: in any template, or in any group of the right type, is let in."""
    if any(holds(template, address) for template in world.templates):
        return "listed"
    if not world.is_told:
        return "undetermined"
    wrong = "Classic" if address == POD else "VPC"
    holding = [network for entries, network in world.groups if holds(entries, address)]
    right = [network for network in holding if network != wrong]
    if right or (holding and world.mode == "normal"):
        return "listed"
    return "undetermined" if holding and world.mode == "unknown" else "unlisted"


TOKENS = st.one_of(
    st.sampled_from(
        [
            "127.0.0.1", "::1", "0.0.0.0/0", "%", "*", "*.*.*.*", "office", "10.0.1.5",
            "10.0.1.9/24", "10.0.1.4/31", "10.0.0.0/8", "10.0.2.0/24", EXIT, "198.51.100.0/24",
            "198.51.100.21", "0.0.0.0", "10.0.1.5/33", "2001:db8::/32",
        ]
    ),
    st.tuples(st.integers(0, 255), st.integers(8, 32)).map(lambda p: f"10.0.1.{p[0]}/{p[1]}"),
)  # fmt: skip
ENTRIES = st.lists(TOKENS, max_size=4).map(tuple)
GROUPS = st.lists(st.tuples(ENTRIES, st.sampled_from(["", "VPC", "Classic", "MIX"])), max_size=4)
WORLDS = st.builds(
    World,
    groups=GROUPS.map(tuple),
    templates=st.lists(ENTRIES, max_size=2).map(tuple),
    mode=st.sampled_from(["normal", "safety", "unknown"]),
    is_public=st.booleans(),
    is_told=st.sampled_from([True, True, True, False]),
)


@settings(max_examples=150)
@given(world=WORLDS)
def test_decisions_agree_with_sets_of_addresses(world: World) -> None:
    made = case(
        pods=[{**API, "vswitch": "vsw-1"}],
        cluster=CLUSTER,
        vpc=VPC,
        vswitches=[{"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1"}],
        nat_gateways=[{"id": "ngw-1", "vpc": "vpc-1", "snat": [SNAT]}],
        instances=[world.part()],
    )
    question = Question(pod="shop/api-0", destination="rm-1:3306")
    facts = observe(made, question, shipped().knowledge.products).facts
    found = {fact.address: fact.state for fact in every(facts, "whitelist_decision")}
    addresses = (POD, EXIT, "198.51.100.21")
    assert found == {address: expected(world, address) for address in addresses}
    # A readable entry is never called unreadable, an unreadable one never lets anybody in.
    for fact in every(facts, "whitelist_unreadable"):
        assert named(fact.entry) is None
    for fact in every(facts, "whitelist_decision", state="listed"):
        assert holds((fact.entry,), fact.address)
