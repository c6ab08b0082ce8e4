"""The proof of an answer: what is explained, how shared parts are told, what data holds."""

import json
from collections.abc import Callable

import pytest
import yaml

from wayout.engine.advise.answer import Answer, Proof, ProofEdge, ProofNode, Text
from wayout.engine.errors import QuestionError
from wayout.engine.report import Format, Style, is_topic, render_explanation
from wayout.engine.report.explain import topics
from wayout.engine.report.proof import ProofGraph

Sample = Callable[[str], Answer]


def document(number: int) -> ProofNode:
    return ProofNode(id=f"d{number}", type="document", document="pods.yaml", line=number)


def rule(name: str) -> ProofNode:
    return ProofNode(id=name, type="rule", code=f"POD-{name}", text=Text(en=f"{name}.", zh=name))


def edges(*pairs: str) -> tuple[ProofEdge, ...]:
    return tuple(ProofEdge(parent=pair.split(">")[0], child=pair.split(">")[1]) for pair in pairs)


@pytest.mark.parametrize(
    ("sample_name", "topic", "expected"),
    [
        ("blocked", None, ["security-group", "internet-exit"]),
        ("unknown", None, ["dns", "internet-exit"]),
        ("blocked", "NAT-002", ["NAT-002"]),
        ("blocked", "nat-002", ["NAT-002"]),
        ("blocked", "route", ["route"]),
        ("blocked", "Internet exit", ["internet-exit"]),
        ("blocked", "公网出口", ["internet-exit"]),
        ("blocked", "NAT-007", ["NAT-007"]),  # a near miss
        ("blocked", "RTE-003", ["RTE-003"]),  # ruled out
        ("blocked", "NAT-001", ["NAT-001"]),  # a rule in the middle of a proof
        ("blocked", "VER-010", ["VER-010"]),  # an assumption
    ],
)
def test_topics(sample: Sample, sample_name: str, topic: str | None, expected: list[str]) -> None:
    assert [found.name for found in topics(sample(sample_name), topic)] == expected


@pytest.mark.parametrize(
    ("name", "hint"),
    [("NAT-020x", "did you mean NAT-020?"), ("xyz", "it has SG-004, NAT-002")],
)
def test_unknown_topic_is_one_sentence(sample: Sample, name: str, hint: str) -> None:
    with pytest.raises(QuestionError) as error:
        topics(sample("blocked"), name)
    assert hint in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("NAT-002", True), ("internet-exit", True), ("dns", True), ("api-0", False), ("a/b", False)],
)
def test_what_looks_like_a_topic(name: str, expected: bool) -> None:
    assert is_topic(name) is expected


def test_a_finding_is_proven_down_to_file_and_line(sample: Sample) -> None:
    text = render_explanation(sample("blocked"), "NAT-002", style=Style(width=120))
    assert text.index("rule NAT-002") < text.index("rule NAT-001") < text.index("pods.yaml:41")
    assert "Use an Internet NAT gateway for Internet access (2026-03)" in text
    assert "there is no snat_match" in text
    assert "SG-004" not in text.split("\n\n", 1)[1]


def test_shared_parts_are_told_once_and_referred_to(sample: Sample) -> None:
    proof = Proof(
        nodes=(rule("a"), rule("b"), rule("c"), document(1)),
        edges=edges("a>c", "b>c", "c>d1"),
    )
    gates = tuple(
        gate.model_copy(update={"proof": ("a", "b") if gate.gate == "pod" else ()})
        for gate in sample("blocked").gates
    )
    answer = sample("blocked").model_copy(update={"proof": proof, "gates": gates})
    text = render_explanation(answer, "pod")
    assert text.count("pods.yaml:1") == 1
    assert text.count("[1] rule POD-c") == 1
    assert text.count("see [1]: POD-c") == 1


def test_a_leaf_that_is_met_twice_is_simply_said_twice() -> None:
    proof = Proof(nodes=(rule("a"), rule("b"), document(1)), edges=edges("a>d1", "b>d1"))
    trees = ProofGraph(proof).trees(["a", "b"])
    assert [tree.children[0].number for tree in trees] == [None, None]


def test_evidence_names_each_place_once() -> None:
    proof = Proof(
        nodes=(rule("a"), rule("b"), document(1), document(2)),
        edges=edges("a>d1", "a>b", "b>d1", "b>d2"),
    )
    assert [node.line for node in ProofGraph(proof).evidence("a")] == [1, 2]
    assert ProofGraph(proof).evidence("nothing") == []


def test_evidence_names_every_document_before_one_twice_and_the_question_last() -> None:
    question = ProofNode(id="q", type="fact", fact="flow")
    asked = ProofNode(id="d9", type="document", document="question.yaml", line=9)
    other = ProofNode(id="d3", type="document", document="policies.yaml", line=3)
    proof = Proof(
        nodes=(rule("a"), rule("b"), question, asked, document(1), document(2), other),
        edges=edges("a>q", "q>d9", "a>d1", "a>d2", "a>b", "b>d3"),
    )
    assert [node.line for node in ProofGraph(proof).evidence("a")] == [1, 3, 9, 2]


def test_an_absence_is_evidence_only_when_a_list_proves_it() -> None:
    proven = ProofNode(id="n1", type="absence", fact="snat_match")
    reasoned = ProofNode(id="n2", type="absence", fact="own_eip")
    proof = Proof(
        nodes=(rule("a"), proven, reasoned, document(1)), edges=edges("a>n2", "a>n1", "n1>d1")
    )
    assert [node.id for node in ProofGraph(proof).evidence("a")] == ["d1", "n1"]


def test_walking_survives_circles_and_dangling_edges() -> None:
    proof = Proof(nodes=(rule("a"), rule("b")), edges=edges("a>b", "b>a", "a>gone"))
    graph = ProofGraph(proof)
    assert [node.id for node in graph.walk(["a"])] == ["a", "b"]
    [tree] = graph.trees(["a"])
    assert tree.children[0].children[0].is_repeat


def test_many_documents_are_folded_unless_verbose(sample: Sample) -> None:
    proof = Proof(
        nodes=(rule("a"), *map(document, range(1, 31))),
        edges=edges(*(f"a>d{number}" for number in range(1, 31))),
    )
    gates = tuple(g.model_copy(update={"proof": ("a",)}) for g in sample("blocked").gates)
    answer = sample("blocked").model_copy(update={"proof": proof, "gates": gates})
    assert "23 more with -v" in render_explanation(answer, "pod")
    assert "pods.yaml:30" in render_explanation(answer, "pod", style=Style(is_verbose=True))


def test_data_holds_the_part_of_the_proof_that_is_asked_for(sample: Sample) -> None:
    data = json.loads(render_explanation(sample("blocked"), "NAT-002", "json"))
    assert data["topics"][0]["roots"] == ["r-nat"]
    ids = {node["id"] for node in data["nodes"]}
    assert {"r-nat", "r-exit", "d-snat"} <= ids
    assert "r-sgdrop" not in ids
    assert all(edge["parent"] in ids and edge["child"] in ids for edge in data["edges"])
    assert yaml.safe_load(render_explanation(sample("blocked"), "NAT-002", "yaml")) == data


@pytest.mark.parametrize("format", ["text", "json", "md", "html"])
def test_verbose_proves_what_is_ruled_out_too(sample: Sample, format: Format) -> None:
    answer = sample("blocked")
    plain = render_explanation(answer, None, format)
    full = render_explanation(answer, None, format, style=Style(is_verbose=True))
    ruled_out = {item.code for item in answer.ruled_out} - {item.code for item in answer.findings}
    assert ruled_out
    for item in answer.ruled_out:
        assert item.code in full
    assert not all(item.code in plain for item in answer.ruled_out)
    only = render_explanation(answer, "NAT-002", format)
    assert render_explanation(answer, "NAT-002", format, style=Style(is_verbose=True)) == only
