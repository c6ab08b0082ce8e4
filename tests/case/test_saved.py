"""A case that was kept as text is the same case, without anything that loading dropped."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from pydantic import BaseModel

from tests.case.test_secrets import DOCUMENTS, MARK
from tests.scenarios.runner import EXAMPLES, HERE, base_case, load
from tests.scenarios.small import small_cases
from wayout.engine import Case, InputError, diagnose, reply_document
from wayout.engine.case import NetworkPolicy, SnatEntry

SCENARIOS = sorted(HERE.glob("*.yaml"))
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


def everything(case: Case) -> dict[str, Any]:
    state: dict[str, Any] = case.__getstate__()
    replies = state.pop("replies")
    held = [state.pop("contents"), *([replies.before] if replies else ())]
    records = [
        {
            (name, of): bucket
            for name, found in contents.records.items()
            for of, bucket in found.items()
            if bucket
        }
        for contents in held
    ]
    return {**state, "records": records, "covered": [(c.parts, c.coverage) for c in held]}


def check(case: Case) -> None:
    again = Case.restored(case.saved())
    assert everything(again) == everything(case)
    assert again.saved() == case.saved()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_survives(path: Any) -> None:
    check(load(path).case())


def test_small_cases_survive() -> None:
    for small in small_cases().values():
        check(small.asked()[0])


@pytest.mark.parametrize("name", FOLDERS)
def test_the_answer_is_the_same_but_for_the_lines(name: str) -> None:
    case = base_case(name)
    without_texts = pickle.loads(pickle.dumps(case))
    assert diagnose(Case.restored(case.saved())) == diagnose(without_texts)


def test_replies_are_still_weaker_than_documents_that_follow() -> None:
    case = base_case("healthy", "snat-entries.json")
    document = reply_document(case, "snat_entries/ngw-bp1exit", "no")
    told = Case.load(case, document)
    check(told)
    late = EXAMPLES / "healthy" / "snat-entries.json"
    after = Case.load(Case.restored(told.saved()), late)
    assert everything(after) == everything(Case.load(told, late))
    assert [diagnose(case).verdict for case in (told, after)] == ["blocked", "reachable"]


def test_what_loading_dropped_is_not_in_the_text() -> None:
    pod = {**DOCUMENTS[1], "status": {}}
    told = {"apiVersion": "wayout/v1", "kind": "Case", "told": [{"add": "pods", "item": pod}]}
    case = Case.load(*DOCUMENTS, told)
    assert MARK not in case.saved()
    check(case)


def test_a_told_change_of_fields_is_refused() -> None:
    change = {"set": "pods", "key": "shop/a", "fields": {"spec": {"env": MARK}}}
    case = Case.load(DOCUMENTS[1], {"apiVersion": "wayout/v1", "kind": "Case", "told": [change]})
    with pytest.raises(InputError, match="a told change of fields cannot be kept") as caught:
        case.saved()
    assert MARK not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 99},
        {"records": [{"list": "nothing", "of": "", "key": "", "value": {}, "origins": []}]},
        {"records": [{"list": "pods", "of": "", "key": "", "value": {"a": MARK}, "origins": []}]},
        {"question": {"pod": "A B", "destination": "x"}},
        {"parts": MARK},
    ],
)
def test_another_text_is_refused_in_one_sentence(change: dict[str, Any]) -> None:
    text = json.dumps({**json.loads(Case().saved()), **change})
    with pytest.raises(InputError) as caught:
        Case.restored(text)
    assert str(caught.value).startswith("The saved case ")
    assert MARK not in str(caught.value)


def policy(name: str) -> dict[str, Any]:
    meta = {"name": name, "namespace": "shop"}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta}


def policies(**meta: str) -> dict[str, Any]:
    head = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicyList", "metadata": meta}
    return {**head, "items": [policy("b")]}


TABLE = {"SnatTableId": "stb-1", "SnatEntryId": "snat-1", "SnatIp": "198.51.100.1"}
ENTRIES = {"SnatTableEntries": {"SnatTableEntry": [TABLE]}, "TotalCount": 1}
GATEWAY = {"NatGatewayId": "ngw-1", "SnatTableIds": {"SnatTableId": ["stb-1"]}}
GATEWAYS = {"NatGateways": {"NatGateway": [GATEWAY]}, "TotalCount": 1}


@pytest.mark.parametrize(
    ("first", "then", "model", "of", "state"),
    [
        (policy("a"), policies(**{"continue": "more"}), NetworkPolicy, "", "truncated"),
        (policy("a"), policies(), NetworkPolicy, "", "collected"),
        (policy("a"), policy("b"), NetworkPolicy, "", "collected"),
        (ENTRIES, GATEWAYS, SnatEntry, "ngw-1", "collected"),
        ({**ENTRIES, "TotalCount": 2}, GATEWAYS, SnatEntry, "ngw-1", "truncated"),
    ],
)
def test_what_comes_later_settles_what_was_open(
    first: Any, then: Any, model: type[BaseModel], of: str, state: str
) -> None:
    together = Case.load(first, then).listing(model, of)
    early = Case.load(first)
    for known in (early, Case.restored(early.saved())):
        for late in (then, Case.load(then)):
            apart = Case.load(known, late).listing(model, of)
            assert (apart.state, len(apart.records)) == (state, len(together.records))
    assert together.state == state
