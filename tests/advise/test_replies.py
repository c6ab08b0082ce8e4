"""Every reply of every question can be given, and what contradicts something else is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.runner import base_case
from wayout.engine import Case, Question, diagnose, reply, reply_document
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.advise.told import filled, known_values, typed

QUESTION = Question(pod="shop/api-0", destination="203.0.113.10:443")
# Who owns the lists that are parts of something.
OWNERS = {
    "vswitches": "vsw-bp1pods",
    "security_groups": "sg-bp1cluster",
    "security_group_rules": "sg-bp1cluster",
    "route_entries": "vtb-bp1shop",
    "snat_entries": "ngw-bp1exit",
    "network_acls": "nacl-bp1pods",
    "rds_access": "rm-bp1db",
    "polardb_access": "pc-bp1db",
    "redis_access": "r-bp1db",
    "mongodb_access": "dds-bp1db",
}
# What tells whatever a reply may refer to, and nothing about the lists themselves.
KNOWN = ("pods.yaml", "vswitch.json", "vpc.json", "nat-gateways.json", "cluster.json")
PATCHES = [
    (key, name, patch)
    for key, asking in shipped().knowledge.questions.items()
    for name, patch in [
        *((option.id, option.patch) for option in asking.replies),
        *((("value", asking.value.patch),) if asking.value is not None else ()),
        *((("paste", asking.paste),) if asking.paste else ()),
    ]
]
# The documents that would tell what a question asks for, which nobody can have given then.
BOUND = {"VSwitchId": "vsw-bp1pods", "NetworkAclId": "nacl-bp1pods"}
ASKED_FOR = {
    "pods": ("pods.yaml",),
    "vswitches": ("vswitch.json",),
    "network_acls": ("vswitch.json",),
    "vpcs": ("vpc.json",),
    "nat_gateways": ("nat-gateways.json",),
    "eips": ("nat-gateways.json",),
    "vswitches@route": ("nat-gateways.json",),
    "vswitches@internet-exit": ("nat-gateways.json",),
}
BOUND_ACL = {
    "add": "vswitches",
    "item": {"VSwitchId": "vsw-bp1pods", "NetworkAclId": "nacl-bp1pods"},
}


def without(*names: str) -> Case:
    return Case.load(*(f"examples/healthy/{name}" for name in KNOWN if name not in names))


@pytest.mark.parametrize(("key", "name", "patch"), PATCHES, ids=lambda value: str(value)[:40])
def test_every_reply_can_be_applied(key: str, name: str, patch: Any) -> None:
    case = without(*ASKED_FOR.get(key, ()))
    if key == "network_acls":
        case = case.told([{"add": "vswitches", "item": BOUND}])
    diagnoser = shipped()
    named = Question(pod="shop/api-0", destination="payments.example.com:443")
    question = named if key == "observations" else QUESTION
    if key.endswith("_access"):
        question = Question(pod="shop/api-0", destination=f"{OWNERS[key]}:3306")
    observed, _ = diagnoser.infer(case, question)
    asking = diagnoser.knowledge.questions[key]
    values: dict[str, Any] = {
        **known_values(observed.view),
        "of": OWNERS.get(key.partition("@")[0], ""),
        "value": typed(asking, asking.value.example) if asking.value is not None else "",
    }
    told = filled(patch, values)
    assert told is not None, "it refers to what this case does not tell"
    changed = case.told(told)
    assert changed.notices == case.notices  # nothing contradicts the documents
    before, after = (set(diagnoser.infer(c, question)[0].facts) for c in (case, changed))
    if name != "paste" and not key.endswith("@destination-access"):  # no group guards this address
        assert before != after, "the reply says nothing that a rule reads"


def test_every_question_can_be_filled_in_both_languages() -> None:
    observed, _ = shipped().infer(without(), QUESTION)
    for key, asking in shipped().knowledge.questions.items():
        values = {**known_values(observed.view), "of": "x", "host": "payments.example.com"}
        for text in (asking.ask.en, asking.ask.zh):
            assert "{" not in str(filled(text, values)), key


# ── Contradictions ───────────────────────────────────────────────────────────────────────────


def no_gateway() -> tuple[Case, dict[str, Any]]:
    case = base_case("healthy", "nat-gateways.json", "snat-entries.json")
    return case, reply_document(case, "nat_gateways", "none", QUESTION)


def notices(case: Case) -> list[tuple[str, str]]:
    return [(n.en, n.zh) for n in diagnose(case, QUESTION).notices if "contradicts" in n.en]


def test_a_reply_that_a_later_document_contradicts_is_named_and_does_not_count() -> None:
    case, told = no_gateway()
    assert not notices(Case.load(case, told))
    after = Case.load(case, told, "examples/healthy/nat-gateways.json")
    [(en, zh)] = notices(after)
    assert 'the reply to "nat_gateways" contradicts examples/healthy/nat-gateways.json' in en
    assert "nat_gateways" in zh
    assert "examples/healthy/nat-gateways.json" in zh
    assert diagnose(after, QUESTION).gate("internet-exit").status == "unknown"  # not blocked


def test_the_order_of_reply_and_document_does_not_matter() -> None:
    case, told = no_gateway()
    document = "examples/healthy/nat-gateways.json"
    assert notices(Case.load(case, document, told)) == notices(Case.load(case, told, document))
    one, other = Case.load(case, document, told), Case.load(case, told, document)
    assert diagnose(one, QUESTION).verdict == diagnose(other, QUESTION).verdict


def test_two_replies_that_contradict_each_other_are_both_named() -> None:
    def basic(kind: str, question: str) -> dict[str, Any]:
        item = {"SecurityGroupId": "sg-1", "SecurityGroupType": kind}
        told = [{"add": "security_groups", "item": item}]
        return {"apiVersion": "wayout/v1", "kind": "Case", "asked": [question], "told": told}

    case = Case.load(basic("normal", "security_groups/sg-1"), basic("enterprise", "another"))
    [(en, _)] = notices(case)
    assert en.startswith('the reply to "another" contradicts the reply to "security_groups/sg-1"')
    assert "security_groups" in en
    assert "SecurityGroupType" not in en.partition("about")[0]


def test_a_document_gives_the_names_that_a_reply_left_open() -> None:
    """Nobody who tells of an interface knows its id: the document is no contradiction."""
    files = ("pods.yaml", "services.yaml", "vswitch.json")
    pods = Case.load(*(f"examples/healthy/{name}" for name in files))
    case = reply(pods, "eips", "no-snat", QUESTION)
    assert diagnose(case, QUESTION).verdict == "blocked"
    after = Case.load(case, "examples/healthy/network-interfaces.json")
    assert not notices(after)
    assert diagnose(after, QUESTION).verdict == "blocked"


def test_a_complete_document_takes_the_place_of_what_was_told_of_a_list() -> None:
    case = base_case("healthy", "security-group-sg-bp1cluster.json")
    told = reply(case, "security_group_rules/sg-bp1cluster", "drops", QUESTION)
    assert diagnose(told, QUESTION).verdict == "blocked"
    after = Case.load(told, "examples/healthy/security-group-sg-bp1cluster.json")
    assert diagnose(after, QUESTION).verdict == "reachable"
