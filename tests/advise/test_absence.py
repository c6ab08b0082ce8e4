"""Negations in words: what was looked for, what there is instead, which list tells."""

from __future__ import annotations

import re

import pytest

from wayout.engine.advise.absence import COMPARED, FORMS, absence_text
from wayout.engine.advise.kind_names import KIND_NAMES, name_of
from wayout.engine.advise.wording import LONGEST, OPERATORS, Asked, asked_text, failing, value_text
from wayout.engine.advise.workshop import shipped_knowledge
from wayout.engine.facts import KINDS, Fact
from wayout.engine.facts.common import Barrier, Collected, Flow, FlowBlocked
from wayout.engine.facts.destination import BalancerAddress
from wayout.engine.rules import Pattern, Test

HALF_WIDTH = re.compile(r"[\u4e00-\u9fff] ?[,;:?!()]|[,;:?!()] ?[\u4e00-\u9fff]")


def said(kind: str, facts: list[Fact], *asked: Asked, lists: tuple[Fact, ...] = ()) -> list[str]:
    tests = tuple(Test(field=a.field, operator=a.operator, value=a.wanted) for a in asked)
    pattern = Pattern(kind=kind, tests=tests, is_negated=True)
    text = absence_text(pattern, asked, facts, lists, shipped_knowledge())
    return [text.en, text.zh]


GATE = Asked("gate", "is", "policy")
START = "there is no confirmed block (flow_blocked) with gate=policy"


def blocked(gate: str, flow: str = "main") -> Fact:
    return FlowBlocked.model_validate({"flow": flow, "gate": gate})


@pytest.mark.parametrize(
    ("facts", "en", "zh"),
    [
        ([], "; no rule inferred one", "；没有规则得出此类事实"),
        (
            [blocked("dns")],
            "; the only one has gate=dns (flow=main)",
            "；仅有一条，其 gate=dns (flow=main)",
        ),
        (
            [blocked("dns"), blocked("pod", "main-2")],
            "; those there are: gate=dns (flow=main); gate=pod (flow=main-2)",
            "；现有的均不符：gate=dns (flow=main); gate=pod (flow=main-2)",
        ),
        (
            [blocked("dns"), blocked("pod"), blocked("route"), blocked("guards")],
            "; of 4 that there are, the nearest: gate=dns (flow=main); gate=pod (flow=main); "
            "gate=route (flow=main)",
            "；共 4 条，最接近的为 gate=dns (flow=main); gate=pod (flow=main); "
            "gate=route (flow=main)",
        ),
        (
            [blocked("dns", f"main-{number}") for number in range(COMPARED + 1)],
            "; none of the 51 that there are fits",
            "；现有 51 条，均不符",
        ),
        ([blocked("policy")], "", ""),  # inferred after the rule was judged
    ],
)
def test_what_there_is_instead(facts: list[Fact], en: str, zh: str) -> None:
    assert said("flow_blocked", facts, GATE) == [
        START + en,
        f"没有符合 gate=policy 的“已确认的阻断”（flow_blocked）{zh}",
    ]


def test_another_value_is_nearer_than_another_subject() -> None:
    flow = Asked("flow", "same", "main")
    facts = [blocked("policy", "main-2"), blocked("dns"), blocked("pod")]
    [en, _] = said("flow_blocked", facts, GATE, flow)
    assert en.endswith("; of 3 that there are, the nearest: gate=dns; gate=pod")
    [en, _] = said("flow_blocked", facts[:1], GATE, flow)
    assert en.endswith("; the only one has flow=main-2")


def test_the_fact_that_fails_fewest_tests_comes_first() -> None:
    pod = Asked("subject", "is", "a")
    facts: list[Fact] = [Barrier(flow="x", gate="dns"), Barrier(flow="x", gate="policy")]
    [en, _] = said("barrier", facts, GATE, pod)
    assert '; those there are: subject="" (flow=x, certainty=confirmed); gate=dns, ' in en


def test_without_tests_the_kind_alone_is_named() -> None:
    assert said("flow_free", [])[0].startswith(
        "there is no flow that nothing is confirmed to block (flow_free); "
    )


def test_a_complete_list_is_named() -> None:
    assert BalancerAddress.from_list is not None
    en, zh = said(
        "balancer_address",
        [],
        Asked("flow", "same", "main"),
        lists=(Collected(list="services"),),
    )
    assert en.endswith("; no document shows one; concluded from a complete list: the Services")
    assert zh.endswith("；现有文档中没有；依据完整的列表：Service 列表")


@pytest.mark.parametrize(
    ("asked", "holds", "en", "zh"),
    [
        (Asked("flow", "is", "a"), True, "flow=a", "flow=a"),
        (Asked("flow", "not", "a"), False, "flow other than a", "flow 不为 a"),
        (Asked("port", "lt", 7), False, "port below 7", "port 小于 7"),
        (Asked("port", "at_most", 7), True, "port at most 7", "port 不大于 7"),
        (Asked("port", "gt", 7), False, "port above 7", "port 大于 7"),
        (Asked("port", "at_least", 7), True, "port at least 7", "port 不小于 7"),
    ],
)
def test_operators(asked: Asked, holds: bool, en: str, zh: str) -> None:
    fact = Flow(flow="a", pod="shop/api-0", port=7)
    assert asked.holds(fact) is holds
    assert failing([asked], fact) == ([] if holds else [asked])
    assert asked_text([asked]).model_dump() == {"en": en, "zh": zh}


def test_values() -> None:
    assert [value_text(v) for v in (True, False, 0, "", "a b")] == [
        "true",
        "false",
        "0",
        '""',
        "a b",
    ]
    assert len(value_text("x" * 1000)) == LONGEST


def test_names_are_of_real_kinds_and_in_both_languages() -> None:
    assert set(KIND_NAMES) <= set(KINDS)
    for en, zh in KIND_NAMES.values():
        assert en.isascii()
        assert not zh.isascii()
        assert not HALF_WIDTH.search(zh)
        assert not zh.endswith("。")
    assert name_of("nameless").model_dump() == {"en": "nameless", "zh": " nameless "}


@pytest.mark.parametrize("forms", [FORMS, OPERATORS], ids=["absences", "operators"])
def test_forms_have_the_same_places(forms: dict[str, tuple[str, str]]) -> None:
    for en, zh in forms.values():
        assert set(re.findall(r"{.*?}", en)) == set(re.findall(r"{.*?}", zh))
        assert not HALF_WIDTH.search(re.sub(r"{.*?}", "x", zh))
