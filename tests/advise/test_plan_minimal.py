"""No smaller set of changes frees the path than the plan: compared with every set there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any
from unittest import mock

import pytest

from tests.scenarios.runner import EXAMPLES, HERE, base_case, load
from tests.scenarios.small import small_cases
from wayout.engine import Answer, Case, Question
from wayout.engine.advise import assemble
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import question_of, shipped
from wayout.engine.advise.fixes import troubles_of
from wayout.engine.advise.plan import Tried
from wayout.engine.errors import InputError
from wayout.engine.report import render

LARGEST = 4
Asked = tuple[Case, Question]

# Faults that stand beside each other: what they change, and what they add.
FAULTS: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "policy": (
        [],
        {
            "network_policies": [
                {"name": "deny", "namespace": "shop", "podSelector": {}, "policyTypes": ["Egress"]}
            ]
        },
    ),
    "group": (
        [
            {
                "set": "security_group_rules",
                "of": "sg-bp1cluster",
                "key": "sgr-bp1out",
                "fields": {"IpProtocol": "TCP", "PortRange": "80/80"},
            }
        ],
        {},
    ),
    "acl": (
        [{"set": "vswitches", "key": "vsw-bp1pods", "fields": {"NetworkAclId": "nacl-bp1pods"}}],
        {
            "network_acls": [
                {
                    "id": "nacl-bp1pods",
                    "vpc": "vpc-bp1shop",
                    "status": "Available",
                    "vswitches": ["vsw-bp1pods"],
                    "egress": [{"id": "nae-all", "policy": "accept", "protocol": "all"}],
                    "ingress": [
                        {"id": "nai", "policy": "accept", "protocol": "tcp", "ports": 443},
                        {"id": "nai-dns", "policy": "accept", "protocol": "udp"},
                    ],
                }
            ]
        },
    ),
    "arrears": (
        [
            {
                "set": "nat_gateways",
                "key": "ngw-bp1exit",
                "fields": {"BusinessStatus": "FinancialLocked"},
            }
        ],
        {},
    ),
    "snat": ([{"remove": "snat_entries", "of": "ngw-bp1exit", "key": "snat-bp1pods"}], {}),
}


def case_with(*faults: str) -> Case:
    documents = [
        {"apiVersion": "wayout/v1", "kind": "Case", **FAULTS[name][1]}
        for name in faults
        if FAULTS[name][1]
    ]
    case = Case.load(base_case("healthy"), *documents)
    return case.patched([change for name in faults for change in FAULTS[name][0]])


def combined() -> Iterator[tuple[str, ...]]:
    names = [*FAULTS]
    yield from combinations(names, 2)
    yield from combinations(names, 3)
    yield tuple(names[:4])


def scenarios() -> Iterator[Any]:
    for folder in sorted(p for p in EXAMPLES.iterdir() if p.is_dir()):
        yield pytest.param(f"example {folder.name}", id=folder.name)
    for path in sorted(HERE.glob("*.yaml")):
        yield pytest.param(f"scenario {path.stem}", id=path.stem)


def asked(name: str) -> Asked:
    kind, _, place = name.partition(" ")
    if kind == "example":
        case = base_case(place)
        return case, question_of(case, None)
    scenario = load(HERE / f"{place}.yaml")
    case = scenario.case()
    return case, Question(**scenario.question) if scenario.question else question_of(case, None)


def diagnosed(
    case: Case, question: Question, monkeypatch: pytest.MonkeyPatch
) -> tuple[Answer, Tried]:
    """The answer, and what its plan was made from."""
    seen: list[Tried] = []
    make_plan = assemble.make_plan

    def watched(tried: Tried, findings: Any) -> Any:
        seen.append(tried)
        return make_plan(tried, findings)

    monkeypatch.setattr(assemble, "make_plan", watched)
    return shipped().diagnose(case, question), seen[0]


def templates(ids: Iterable[str]) -> int:
    """Changes of one kind, for the addresses of one destination, count as one."""
    return len({name.partition("#")[0] for name in ids})


def least(case: Case, tried: Tried) -> int | None:
    """The size of the smallest set of fixes that leads to `reachable`, by trying every one."""
    kinds: dict[str, list[str]] = {}
    for name in (name for name in tried.fixes if tried.patches.get(name)):
        kinds.setdefault(name.partition("#")[0], []).append(name)
    for size in range(1, LARGEST + 1):
        for some in combinations(kinds, size):
            ids = [name for kind in some for name in kinds[kind]]
            try:
                changed = case.patched([op for name in ids for op in tried.patches[name]])
            except InputError:
                continue
            after = tried.rerun(changed)
            if after.verdict and after.verdict.verdict == "reachable":
                return size
    return None


def check(case: Case, question: Question, monkeypatch: pytest.MonkeyPatch) -> Answer:
    answer, tried = diagnosed(case, question, monkeypatch)
    is_sure = any(finding.certainty == "confirmed" for finding in answer.findings)
    smallest = least(case, tried) if is_sure else None
    if smallest is not None:
        assert answer.plan is not None
        assert answer.plan.verdict_after == "reachable"
        assert templates(answer.plan.fixes) == smallest
    elif answer.plan is not None:
        assert answer.plan.verdict_after != "reachable"
    return answer


@pytest.mark.parametrize("name", list(scenarios()))
def test_no_smaller_set_leads_to_reachable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    check(*asked(name), monkeypatch)


@pytest.mark.parametrize("faults", list(combined()), ids="+".join)
def test_faults_beside_each_other(faults: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_with(*faults)
    answer = check(case, question_of(case, None), monkeypatch)
    assert answer.plan is not None
    check_steps(answer)


def check_steps(answer: Answer) -> None:
    """What the steps say is what follows when they are made one after the other."""
    assert answer.plan is not None
    steps = answer.plan.steps
    assert [fix for step in steps for fix in step.fixes] == list(answer.plan.fixes)
    standing = {finding.code for finding in answer.findings}
    for step in steps:
        assert step.removes
        assert set(step.removes) <= standing
        standing = set(step.remains)
        assert step.next is None or step.next.code in standing
    places = [[f.code for f in answer.findings].index(step.removes[0]) for step in steps]
    assert places == sorted(places), "not in path order"
    assert (answer.plan.verdict_after == "blocked") == (steps[-1].next is not None)


def test_one_change_for_two_findings_is_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """The group drops lookups and the connection; the rule it had before lets both out."""
    name = "sg-udp-53-dropped"
    answer = check(*asked(f"scenario {name}"), monkeypatch)
    assert answer.plan is not None
    assert len(answer.plan.steps) == 1


def test_lacking_facts_are_named_when_the_plan_ends_undecided() -> None:
    """The SNAT entries were not collected: the change of the group cannot lead further."""
    case = Case.load(base_case("healthy", "snat-entries.json"))
    case = case.patched(FAULTS["group"][0])
    answer = shipped().diagnose(case)
    assert answer.verdict == "blocked"
    assert answer.plan is not None
    assert answer.plan.verdict_after == "unknown"
    assert any("SNAT" in lack.en for lack in answer.plan.lacks)
    assert "SNAT" in answer.plan.text.en
    assert "SNAT" in answer.plan.text.zh


def test_runs_are_bounded() -> None:
    """One run per fix, one for all together, one per step in between."""
    diagnoser = shipped()
    for faults in combined():
        case = case_with(*faults)
        question = question_of(case, None)
        with mock.patch.object(diagnoser, "infer", wraps=diagnoser.infer) as infer:
            answer = diagnoser.diagnose(case, question)
        modelled = [fix for fix in answer.fixes if fix.verified.result != "unmodelled"]
        steps = len(answer.plan.steps) if answer.plan else 0
        assert infer.call_count <= 1 + len(modelled) + max(steps - 1, 0) + 2, faults


def test_every_small_case_has_a_plan_whose_promise_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan of an answer says what the rules say of the case with all its changes."""
    for name, small in small_cases().items():
        case, question = small.asked()
        with monkeypatch.context() as patched:
            answer, tried = diagnosed(case, question, patched)
        if answer.plan is None:
            continue
        patch = [op for fix in answer.plan.fixes for op in tried.patches[fix]]
        after = Conclusions(shipped().infer(case.patched(patch), question)[1])
        assert after.verdict is not None
        assert after.verdict.verdict == answer.plan.verdict_after, name
        assert troubles_of(after) == troubles_of(tried.after(answer.plan.fixes) or after), name


def test_steps_are_told_in_both_languages() -> None:
    answer = shipped().diagnose(case_with("policy", "group", "arrears"))
    for format in ("text", "md"):
        english = render(answer, format, "en")
        chinese = render(answer, format, "zh")
        assert "next blocker is" in english
        assert "下一个阻断点是" in chinese
