"""What if: both verdicts, what differs, what else opens or closes, what the path hangs by."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.runner import HERE, base_case, load
from wayout import engine
from wayout.engine import Case, Comparison, InputError, Question, diagnose, robustness, what_if
from wayout.engine.advise.changes import edit_of
from wayout.engine.advise.collateral import LIMIT, other_paths
from wayout.engine.advise.diagnosis import question_of
from wayout.engine.case import Pod
from wayout.engine.case.overlay import parts, without
from wayout.engine.report import Lang, render_comparison

SNAT = "snat_entries/ngw-bp1exit/snat-bp1pods"
SCENARIOS = [
    "sg-port-not-allowed",
    "np-ip-block-except",
    "acl-reply-blocked",
    "tp-default-deny",
    "three-faults-policy-acl-and-debt",
]


@pytest.fixture(scope="module")
def healthy() -> Case:
    return base_case("healthy")


@pytest.fixture(scope="module")
def mended() -> Comparison:
    return what_if(base_case("no-snat"), None, ["add-snat-entry"], robust=True)


def test_a_fix_changes_the_verdict_as_its_verification_promised(mended: Comparison) -> None:
    assert (mended.before.verdict, mended.after.verdict) == ("blocked", "reachable")
    assert [said.code for said in mended.solved] == ["NAT-002"]
    assert mended.new == mended.remaining == ()
    assert [(g.gate, g.before, g.after) for g in mended.gates] == [
        ("internet-exit", "blocks", "passes")
    ]
    assert "198.51.100.20" in {line.address for line in mended.after.ledger}
    assert "198.51.100.20" not in {line.address for line in mended.before.ledger}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_fix_can_be_applied_and_keeps_its_word(name: str) -> None:
    scenario = load(HERE / f"{name}.yaml")
    case = scenario.case()
    question = Question(**scenario.question) if scenario.question else question_of(case, None)
    answer = diagnose(case, question)
    for fix in answer.fixes:
        if not fix.patch:
            continue
        found = what_if(case, question, [fix.id], collateral=False)
        assert found.after.verdict == fix.verified.verdict_after, fix.id
        if fix.verified.result == "yes":
            assert set(fix.solves) & {said.code for said in found.solved}, fix.id
            places = {gate.gate: gate.before for gate in found.gates}
            assert all(places.get(f.gate) for f in answer.findings if f.code in fix.solves[:1])


def test_the_plan_as_changes_leads_where_it_says() -> None:
    case = load(HERE / "three-faults-policy-acl-and-debt.yaml").case()
    plan = diagnose(case).plan
    assert plan is not None
    found = what_if(case, None, plan.fixes, collateral=False)
    assert found.after.verdict == plan.verdict_after == "reachable"


@pytest.mark.parametrize(
    "change",
    [
        f"{SNAT}=null",
        {"remove": "snat_entries", "of": "ngw-bp1exit", "key": "snat-bp1pods"},
        "nat_gateways/ngw-bp1exit.BusinessStatus=FinancialLocked",
        'nat_gateways/ngw-bp1exit.BusinessStatus="FinancialLocked"',
        "security_group_rules/sg-bp1cluster/sgr-bp1out.PortRange=80/80",
        "security_group_rules/sgr-bp1out.PortRange=80/80",
        "pods/shop/api-0.status.phase=Failed",
    ],
    ids=str,
)
def test_ways_to_name_a_change(healthy: Case, change: Any) -> None:
    found = what_if(healthy, None, [change], collateral=False)
    assert (found.before.verdict, found.after.verdict) != ("reachable", "reachable")
    assert found.new or found.gates


def test_documents_replace(healthy: Case) -> None:
    other = Case.load(
        {
            "action": "DescribeSnatTableEntries",
            "request": {"NatGatewayId": "ngw-bp1exit"},
            "response": {"TotalCount": 0, "SnatTableEntries": {"SnatTableEntry": []}},
        }
    )
    found = what_if(healthy, None, [other], collateral=False)
    assert [said.code for said in found.new] == ["NAT-002"]
    assert found.changes[0].name == "<document 1>"


def test_changes_are_made_in_their_order(healthy: Case) -> None:
    fix = diagnose(base_case("no-snat")).fixes[0]
    found = what_if(healthy, None, [f"{SNAT}=null", *fix.patch], collateral=False)
    assert found.after.verdict == "reachable"
    assert len(found.changes) == 1 + len(fix.patch)


def test_what_changes_nothing_says_so(healthy: Case) -> None:
    found = what_if(healthy, None, ["eips/eip-bp1exit.Colour=red"], collateral=False)
    assert found.gates == ()
    assert "no rule reads that field" in found.changes[0].text.en
    assert found.text.en == "It changes nothing that matters to the question."


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("add-snat-entry", "the answer has no fix add-snat-entry; it has none."),
        ("podz/a.b=1", "no list is called podz (did you mean pods?)."),
        ("pods/shop/api-9.spec=1", "the case has no pods/shop/api-9 (did you mean shop/api-0?)."),
        ("pods=1", "pods=1 is not LIST/KEY.FIELD=VALUE."),
        (f"{SNAT}=1", f"{SNAT}=1 names no field of {SNAT}; null removes it."),
        ("eips/eip-bp1exit.AllocationId=eip-2", "change 1 (/0/fields): "),
        (
            {"drop": "pods"},
            "change 1 (/0): a change has exactly one of add, set, remove, complete.",
        ),
    ],
    ids=str,
)
def test_a_change_that_cannot_be_made_is_one_sentence(
    healthy: Case, change: Any, problem: str
) -> None:
    with pytest.raises(InputError) as raised:
        what_if(healthy, None, [change])
    assert str(raised.value).startswith(problem)


def test_a_fix_without_an_effect_on_documents_cannot_be_applied() -> None:
    case = load(HERE / "exit-none-at-all.yaml").case()
    name = diagnose(case).fixes[0].id
    with pytest.raises(InputError, match=f"documents cannot tell what the fix {name} does"):
        what_if(case, None, [name])


def test_keys_with_dots_and_slashes_are_found(healthy: Case) -> None:
    assert edit_of(healthy, "pods/shop/api-0.metadata.labels.app=x") == {
        "set": "pods",
        "key": "shop/api-0",
        "fields": {"metadata": {"labels": {"app": "x"}}},
    }
    assert edit_of(healthy, f"{SNAT}.SnatIp=198.51.100.9") == {
        "set": "snat_entries",
        "of": "ngw-bp1exit",
        "key": "snat-bp1pods",
        "fields": {"SnatIp": "198.51.100.9"},
    }


# ── collateral ───────────────────────────────────────────────────────────────────────────────


def test_collateral_is_what_the_door_says_about_every_other_path(mended: Comparison) -> None:
    before = base_case("no-snat")
    after = before.patched(diagnose(before).fixes[0].patch)
    paths = list(other_paths(before, question_of(before, None)))
    assert mended.collateral is not None
    assert mended.collateral.tried == len(paths) <= LIMIT
    listed = {
        (change.pod, change.destination, change.protocol): (change.before, change.after)
        for change in (
            *mended.collateral.opened,
            *mended.collateral.closed,
            *mended.collateral.settled,
            *mended.collateral.unsettled,
        )
    }
    for path in paths:
        verdicts = diagnose(before, path).verdict, diagnose(after, path).verdict
        told = listed.pop((path.pod, path.destination, path.protocol), None)
        assert told == (verdicts if verdicts[0] != verdicts[1] else None), path
    assert listed == {}


def test_a_narrow_rule_opens_one_port_for_the_members_of_the_group() -> None:
    case = load(HERE / "sg-port-not-allowed.yaml").case()
    fix = next(fix.id for fix in diagnose(case).fixes if fix.id.startswith("add-sg-egress"))
    found = what_if(case, None, [fix]).collateral
    assert found is not None
    assert found.opened
    port = question_of(case, None).target.port
    assert {change.destination.rpartition(":")[2] for change in found.opened} == {str(port)}
    assert found.closed == found.unsettled == ()


def test_what_closes_is_listed_with_the_gate_and_its_reason(healthy: Case) -> None:
    found = what_if(healthy, None, [f"{SNAT}=null"]).collateral
    assert found is not None
    assert found.opened == ()
    assert found.closed
    assert {change.gate for change in found.closed} == {"internet-exit"}
    assert all(change.reason and "ngw-bp1exit" in change.reason.en for change in found.closed)


def test_paths_are_bounded_and_what_is_left_out_is_counted(healthy: Case) -> None:
    many = [
        {
            "add": "pods",
            "item": {
                "kind": "Pod",
                "metadata": {"name": f"web-{n}", "namespace": "shop"},
                "status": {"podIP": f"10.20.17.{n}", "phase": "Running"},
            },
        }
        for n in range(1, 101)
    ]
    case = healthy.patched(many)
    found = what_if(case, None, [f"{SNAT}=null"]).collateral
    assert found is not None
    assert found.tried == LIMIT
    paths = list(other_paths(case, question_of(case, None)))
    assert found.left_out == len(paths) - LIMIT > 0
    assert f"{found.left_out} more were left out" in found.text.en
    assert len({(p.pod, p.destination, p.protocol) for p in paths}) == len(paths)
    assert len(case.listing(Pod).records) <= len(paths) + 1


# ── robustness ───────────────────────────────────────────────────────────────────────────────


def test_every_single_loss_is_named_and_no_other(healthy: Case) -> None:
    found = robustness(healthy)
    assert found is not None
    listed = {weakness.part: weakness for weakness in found.breaks}
    for part in parts(healthy):
        verdict = diagnose(without(healthy, part)).verdict
        assert (verdict != "reachable") == (part.name in listed), part.name
        if part.name in listed:
            assert listed[part.name].verdict == verdict
    assert {weakness.gate for weakness in found.breaks} >= {"route", "internet-exit"}
    assert all(weakness.document for weakness in found.breaks)


def test_two_ways_out_are_more_robust_than_one(healthy: Case) -> None:
    second = {
        "add": "security_group_rules",
        "of": "sg-bp1cluster",
        "item": {
            "SecurityGroupRuleId": "sgr-second",
            "Direction": "egress",
            "IpProtocol": "TCP",
            "PortRange": "443/443",
            "DestCidrIp": "203.0.113.10/32",
            "Policy": "Accept",
            "Priority": "1",
        },
    }
    one, two = robustness(healthy), robustness(healthy.patched([second]))
    assert one is not None
    assert two is not None
    assert {w.part for w in one.breaks} - {w.part for w in two.breaks} == {
        "security_group_rules/sg-bp1cluster/sgr-bp1out"
    }


def test_a_blocked_path_has_no_robustness() -> None:
    assert robustness(base_case("no-snat")) is None
    assert what_if(base_case("no-snat"), robust=True).robustness is None


# ── reports ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["BLOCKED -> REACHABLE", "Changes", "gone", "Other paths", "opens", "Robustness"]),
        ("zh", ["无法访问 -> 可以访问", "变更", "已解决", "其他路径", "被放通", "健壮性"]),
    ],
)
def test_text_and_markdown(mended: Comparison, lang: Lang, words: list[str]) -> None:
    for word in words:
        assert word in render_comparison(mended, "text", lang)
        assert word in render_comparison(mended, "md", lang)


def test_json_is_the_model(mended: Comparison) -> None:
    assert Comparison.model_validate_json(render_comparison(mended, "json")) == mended
    assert "verdict: blocked" in render_comparison(mended, "yaml")


def test_names_of_a_case_stay_in_their_place(healthy: Case) -> None:
    case = healthy.patched(
        [
            {
                "add": "observations",
                "item": {"what": "resolved", "name": "a\x1b[31m.example", "addresses": []},
            }
        ]
    )
    found = what_if(case, None, ["eips/eip-bp1exit.Colour=\x1b[31mred"])
    for lang in ("en", "zh"):
        assert "\x1b" not in render_comparison(found, "text", lang)  # type: ignore[arg-type]
        assert "\x1b" not in render_comparison(found, "md", lang)  # type: ignore[arg-type]


def test_the_door_has_it() -> None:
    assert {"Comparison", "Robustness", "render_comparison", "robustness", "what_if"} <= set(
        engine.__all__
    )
