"""The public face of the case: names, threads, immutability."""

import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import wayout.engine.case as package
from wayout.engine.case import (
    LISTS,
    Case,
    Eip,
    ForwardEntry,
    Listing,
    NetworkPolicy,
    Pod,
    SecurityGroupRule,
)
from wayout.engine.case.lists import MODELS, NAMESPACED, OWNED, is_list_reference

DOCUMENT = {
    "apiVersion": "wayout/v1",
    "kind": "Case",
    "question": {"pod": "shop/p1", "to": "203.0.113.10"},
    "pods": [{"name": f"shop/p{n}"} for n in range(20)],
    "security_groups": [{"id": "sg-1", "egress": [{"id": f"r{n}"} for n in range(20)]}],
    "unknown": ["eips"],
}


def test_public_names_are_sorted_and_exist() -> None:
    names = package.__all__
    assert len(set(names)) == len(names)
    assert all(hasattr(package, name) for name in names)
    assert {model.__name__ for model in LISTS} - {"Observation"} <= set(names)


def test_every_list_has_one_model() -> None:
    assert len(MODELS) == len(LISTS)
    assert set(OWNED) | NAMESPACED <= set(MODELS)
    assert not set(OWNED) & NAMESPACED


@pytest.mark.parametrize(
    ("text", "expected"),
    [("pods", True), ("pods/shop", True), ("snat_entries/ngw-1", True), ("vpcs", True),
     ("vpcs/vpc-1", False), ("pods/", False), ("pod", False), ("", False)],
)  # fmt: skip
def test_references_to_lists(text: str, expected: bool) -> None:
    assert is_list_reference(text) is expected


def test_a_case_that_knows_nothing() -> None:
    case = Case.load()
    assert case.question is None
    assert not case.unknown
    assert not case.notices
    assert {case.listing(model).state for model in LISTS} == {"missing"}
    assert case.get(Pod, "a/b") is None
    assert case.get(Pod, "nonsense") is None
    assert not list(case.complete_lists())


def test_listings_are_sorted_by_key_and_made_once() -> None:
    case = Case.load(DOCUMENT)
    keys = [record.value.key for record in case.listing(Pod).records]
    assert keys == sorted(keys)
    assert len(keys) == 20
    assert case.listing(Pod) is case.listing(Pod)
    assert case.listing(Eip, of="whatever") is case.listing(Eip)


def test_the_order_of_sources_does_not_order_the_records() -> None:
    pods = [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}} for name in ("a", "b", "c")
    ]
    for documents in (pods, pods[::-1]):
        keys = [r.value.key for r in Case.load(*documents).listing(Pod).records]
        assert keys == ["default/a", "default/b", "default/c"]


FORWARD = {
    "action": "DescribeForwardTableEntries",
    "request": {"ForwardTableId": "ftb-1"},
    "response": {
        "TotalCount": 1,
        "ForwardTableEntries": {
            "ForwardTableEntry": [
                {"ForwardEntryId": "fwd-1", "ForwardTableId": "ftb-1", "InternalIp": "10.0.0.9"}
            ]
        },
    },
}


@pytest.mark.parametrize("names_its_table", [True, False])
@pytest.mark.parametrize("is_empty", [True, False])
def test_two_loads_find_the_gateway_of_a_table_as_one_does(
    names_its_table: bool, is_empty: bool
) -> None:
    tables = {"ForwardTableIds": {"ForwardTableId": ["ftb-1"]}} if names_its_table else {}
    gateways = [{"NatGatewayId": "ngw-1", "Status": "Available", **tables}]
    gateway = {
        "action": "DescribeNatGateways",
        "response": {"TotalCount": 1, "NatGateways": {"NatGateway": gateways}},
    }
    forward: dict[str, Any] = json.loads(json.dumps(FORWARD))
    if is_empty:
        forward["response"].update(TotalCount=0, ForwardTableEntries={"ForwardTableEntry": []})
    once, twice = Case.load(forward, gateway), Case.load(Case.load(forward), gateway)
    assert once.listing(ForwardEntry, of="ngw-1").state == "collected"
    for of in ("ngw-1", "ftb-1", ""):
        known, again = once.listing(ForwardEntry, of=of), twice.listing(ForwardEntry, of=of)
        assert (known.state, values(known)) == (again.state, values(again))


def values(listing: Listing[ForwardEntry]) -> list[ForwardEntry]:
    return [record.value for record in listing.records]


def test_many_threads_see_the_same_case() -> None:
    case = Case.load(DOCUMENT)

    def work(_: int) -> tuple[int, int, str]:
        after = case.patched([{"remove": "pods", "key": "shop/p3"}])
        return (
            len(after.listing(Pod).records),
            len(case.listing(SecurityGroupRule, "sg-1").records),
            case.listing(NetworkPolicy, "shop").state,
        )

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(work, range(500))) == {(19, 20, "missing")}
    assert len(case.listing(Pod).records) == 20


def test_a_case_survives_pickling() -> None:
    case = Case.load(DOCUMENT)
    again = pickle.loads(pickle.dumps(case))
    assert again.question == case.question
    assert again.unknown == case.unknown
    assert all(again.listing(model) == case.listing(model) for model in LISTS)
    assert repr(again) == repr(case) == "Case(pods=20, security_group_rules=20, security_groups=1)"


def test_records_are_frozen() -> None:
    (record, *_) = Case.load(DOCUMENT).listing(Pod).records
    with pytest.raises(ValueError, match="frozen"):
        record.value.metadata = None  # type: ignore[assignment]
