"""Two pods: only what sits on the failing proof is told, whichever is named first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.runner import base_case
from wayout.engine import Case, PodComparison, Question, QuestionError, compare, diagnose
from wayout.engine.case import Pod
from wayout.engine.report import Lang, render_pod_comparison

API, WEB = "shop/api-0", "shop/web-0"
Document = dict[str, Any]


def twin(case: Case, labels: dict[str, str] | None = None, ip: str = "10.20.16.40") -> Document:
    """The pod shop/api-0 once more, under another name and address."""
    found = case.get(Pod, API)
    assert found is not None
    pod = found.value.model_dump(by_alias=True, exclude_unset=True)
    pod["metadata"] |= {"name": "web-0", "labels": labels or pod["metadata"].get("labels", {})}
    pod["status"] |= {"podIP": ip, "podIPs": [{"ip": ip}]}
    return {**pod, "apiVersion": "v1", "kind": "Pod"}


def case_file(**said: Any) -> Document:
    return {"apiVersion": "wayout/v1", "kind": "Case", **said}


def selecting(**labels: str) -> Document:
    return case_file(
        network_policies=[
            {
                "name": "closed",
                "namespace": "shop",
                "podSelector": {"matchLabels": labels},
                "policyTypes": ["Egress"],
            }
        ]
    )


HOST_ENTRY = {
    "set": "snat_entries",
    "of": "ngw-bp1exit",
    "key": "snat-bp1pods",
    "fields": {"SourceCIDR": "10.20.16.31/32", "SourceVSwitchId": ""},
}
INTERFACE = case_file(
    network_interfaces=[
        {
            "id": "eni-bp1web",
            "ip": "10.20.16.40",
            "vswitch": "vsw-bp1pods",
            "security_groups": ["sg-bp1cluster"],
        }
    ]
)


@pytest.fixture(scope="module")
def healthy() -> Case:
    return base_case("healthy")


@pytest.fixture(scope="module")
def replaced() -> PodComparison:
    return compare(base_case("annotation-replaces-sg"), "kube-system/coredns-6d4b75cb6d-k4x9p", API)


def test_groups_that_differ(replaced: PodComparison) -> None:
    assert (replaced.works.verdict, replaced.fails.verdict) == ("reachable", "blocked")
    assert [pair.gate for pair in replaced.gates] == ["security-group"]
    pairs = [(d.fact, pair) for d in replaced.differences for pair in d.fields]
    told = {(fact, pair.field, pair.fails, pair.works) for fact, pair in pairs}
    assert ("group_candidate", "groups", "sg-bp1payments", "sg-bp1cluster") in told
    annotation = [d for d in replaced.differences if any("pods.yaml" in at for at in d.fails_at)]
    assert annotation, "the annotation is what made the difference"
    assert all("/metadata/annotations/" in at for at in annotation[0].fails_at)


def test_a_policy_that_selects_only_one(healthy: Case) -> None:
    case = Case.load(healthy, twin(healthy, {"app": "web"}), INTERFACE, selecting(app="web"))
    found = compare(case, API, WEB)
    assert found.fails.question.pod == WEB
    assert [pair.gate for pair in found.gates] == ["policy"]
    assert found.differences
    assert {d.gate for d in found.differences} == {"policy"}
    values = {pair.fails for d in found.differences for pair in d.fields}
    assert any("closed" in str(value) for value in values)


def test_an_snat_entry_that_covers_only_one(healthy: Case) -> None:
    case = Case.load(healthy, twin(healthy), INTERFACE).patched([HOST_ENTRY])
    found = compare(case, API, WEB)
    assert found.fails.question.pod == WEB
    assert [pair.gate for pair in found.gates] == ["internet-exit"]
    [difference] = found.differences
    [pair] = difference.fields
    assert (pair.field, pair.fails, pair.works) == ("state", "none", "chosen")
    assert any("snat-entries.json" in at for at in difference.works_at)


def test_what_the_failing_pod_lacks_is_told(healthy: Case) -> None:
    """No interface of shop/web-0 is known, so its annotation counts; shop/api-0 has one."""
    pod = twin(healthy)
    pod["metadata"]["annotations"] = {
        "network.alibabacloud.com/security-group-ids": "sg-bp1none",
        "network.alibabacloud.com/vswitch-ids": "vsw-bp1pods",
    }
    group = case_file(
        security_groups=[
            {"id": "sg-bp1none", "type": "enterprise", "vpc": "vpc-bp1shop", "egress": []}
        ],
    )
    found = compare(Case.load(healthy, pod, group), API, WEB)
    assert found.fails.question.pod == WEB
    absent = [d for d in found.differences if d.is_absent_where_it_fails]
    assert [d.fact for d in absent] == ["group_candidate"]
    assert ("source", None, "eni") in {(p.field, p.fails, p.works) for p in absent[0].fields}
    assert any("network-interfaces.json" in at for at in absent[0].works_at)


def test_which_is_named_first_does_not_matter(healthy: Case, replaced: PodComparison) -> None:
    case = base_case("annotation-replaces-sg")
    assert compare(case, API, "kube-system/coredns-6d4b75cb6d-k4x9p") == replaced
    both = Case.load(healthy, twin(healthy), INTERFACE).patched([HOST_ENTRY])
    assert compare(both, API, WEB) == compare(both, WEB, API)


def test_pods_that_are_alike_differ_in_nothing(healthy: Case) -> None:
    case = Case.load(healthy, twin(healthy), INTERFACE)
    found = compare(case, API, WEB)
    assert found.works.verdict == found.fails.verdict == "reachable"
    assert found.gates == found.differences == ()
    assert "nothing on the path tells them apart" in found.text.en


@pytest.mark.parametrize(
    ("other", "change"),
    [(selecting(app="web"), []), (INTERFACE, [HOST_ENTRY])],
    ids=["policy", "snat"],
)
def test_every_difference_sits_on_the_proof(
    healthy: Case, other: Document, change: list[Document]
) -> None:
    case = Case.load(healthy, twin(healthy, {"app": "web"}), INTERFACE, other).patched(change)
    found = compare(case, API, WEB)
    question = found.fails.question
    answer = diagnose(case, Question(pod=question.pod, destination=question.destination))
    for difference in found.differences:
        if difference.is_absent_where_it_fails:
            absences = [n for n in answer.proof.nodes if n.type == "absence"]
            assert difference.fact in {node.fact for node in absences}
            continue
        values = {pair.field: pair.fails for pair in difference.fields}
        facts = [n.fields for n in answer.proof.nodes if n.fact == difference.fact]
        assert any(values.items() <= fields.items() for fields in facts), difference
        assert all(pair.fails != pair.works for pair in difference.fields)


@pytest.mark.parametrize("other", [API, " shop/api-0 "])
def test_two_pods_are_needed(healthy: Case, other: str) -> None:
    with pytest.raises(QuestionError, match="two different pods are needed"):
        compare(healthy, API, other)
    with pytest.raises(QuestionError, match="no question"):
        compare(Case(), API, WEB)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["BLOCKED", "Where they part ways", "Differences on the failing proof"]),
        ("zh", ["无法访问", "结果不同的环节", "失败证明中的差异"]),
    ],
)
def test_reports(replaced: PodComparison, lang: Lang, words: list[str]) -> None:
    for word in (*words, "group\\_candidate", "pods.yaml"):
        assert word in render_pod_comparison(replaced, "md", lang)
        assert word.replace("\\", "") in render_pod_comparison(replaced, "text", lang)
    data = render_pod_comparison(replaced, "json", lang)
    assert PodComparison.model_validate_json(data) == replaced
    assert "security-group" in render_pod_comparison(replaced, "yaml", lang)
