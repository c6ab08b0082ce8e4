"""The answer as a whole: deterministic, proven down to a document, honest about what it lacks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wayout import engine
from wayout.engine import Answer, Case, Question, QuestionError, diagnose

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())


@pytest.fixture(scope="module", params=NAMES)
def answer(request: pytest.FixtureRequest) -> Answer:
    return diagnose(Case.load(EXAMPLES / request.param))


def test_every_proof_ends_in_a_document_or_in_what_is_missing(answer: Answer) -> None:
    nodes = {node.id: node for node in answer.proof.nodes}
    children: dict[str, list[str]] = {}
    for edge in answer.proof.edges:
        children.setdefault(edge.parent, []).append(edge.child)

    def reaches_document(node: str) -> bool:
        below = children.get(node, [])
        return nodes[node].type == "document" or any(reaches_document(child) for child in below)

    for finding in answer.findings:
        assert reaches_document(finding.proof), finding.code
    for passed in answer.ruled_out:
        assert passed.proof in nodes


def test_proof_is_acyclic_and_closed(answer: Answer) -> None:
    nodes = {node.id for node in answer.proof.nodes}
    assert all(edge.parent in nodes and edge.child in nodes for edge in answer.proof.edges)
    cited = [f.proof for f in answer.findings] + [i for g in answer.gates for i in g.proof]
    assert set(cited) <= nodes
    order = {node: place for place, node in enumerate(topological(answer))}
    assert len(order) == len(nodes)


def topological(answer: Answer) -> list[str]:
    from graphlib import TopologicalSorter

    sorter: TopologicalSorter[str] = TopologicalSorter({node.id: () for node in answer.proof.nodes})
    for edge in answer.proof.edges:
        sorter.add(edge.parent, edge.child)
    return list(sorter.static_order())


def test_verdict_agrees_with_the_gates(answer: Answer) -> None:
    statuses = {gate.status for gate in answer.gates}
    expected = "blocked" if "blocks" in statuses else "unknown" if "unknown" in statuses else None
    assert answer.verdict == (expected or "reachable")
    confirmed = [f for f in answer.findings if (f.status, f.certainty) == ("blocks", "confirmed")]
    assert bool(confirmed) == (answer.verdict == "blocked")
    assert sum(f.is_primary for f in answer.findings) == bool(confirmed)


def test_every_finding_is_cited_and_has_a_fix(answer: Answer) -> None:
    fixes = {fix.id for fix in answer.fixes}
    for finding in answer.findings:
        assert finding.sources
        assert finding.fixes
        assert set(finding.fixes) <= fixes


def test_what_is_missing_says_how_to_get_it(answer: Answer) -> None:
    for need in answer.not_assessed:
        assert need.kubectl or need.aliyun or need.console, need.name


def test_answer_survives_a_round_trip(answer: Answer) -> None:
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


def test_same_case_gives_the_same_bytes_in_every_process() -> None:
    program = (
        "import sys; from wayout.engine import Case, diagnose;"
        "sys.stdout.write(diagnose(Case.load(sys.argv[1])).model_dump_json())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, str(EXAMPLES / "sg-priority-tie")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(outputs) == 1


def test_order_of_documents_does_not_matter() -> None:
    files = sorted((EXAMPLES / "sg-priority-tie").glob("*.*"))
    files = [path for path in files if path.suffix in {".json", ".yaml"}]
    forward, backward = diagnose(Case.load(*files)), diagnose(Case.load(*reversed(files)))
    assert forward.verdict == backward.verdict
    assert [f.text for f in forward.findings] == [f.text for f in backward.findings]
    assert forward.provenance == backward.provenance


def test_a_case_without_a_question_is_refused() -> None:
    case = Case.load({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    with pytest.raises(QuestionError, match="no question"):
        diagnose(case)


def test_an_empty_case_is_unknown_and_never_reachable() -> None:
    case = Case.load({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    answer = diagnose(case, Question(pod="shop/api-0", destination="203.0.113.10:443"))
    assert answer.verdict == "unknown"
    assert not [gate for gate in answer.gates if gate.status == "blocks"]
    assert answer.not_assessed


def test_unknown_gate_name_raises_key_error(answer: Answer) -> None:
    with pytest.raises(KeyError):
        answer.gate("no-such-gate")


def test_the_door_exports_what_it_says() -> None:
    assert sorted(engine.__all__) == engine.__all__
    for name in engine.__all__:
        assert getattr(engine, name) is not None
    with pytest.raises(AttributeError):
        _ = engine.no_such_name


def test_a_pod_named_by_its_address_is_shown_by_its_name() -> None:
    case = Case.load(EXAMPLES / "healthy")
    by_name = diagnose(case, Question(pod="shop/api-0", destination="203.0.113.10:443"))
    by_address = diagnose(case, Question(pod="10.20.16.31", destination="203.0.113.10:443"))
    assert by_address.question.pod == "shop/api-0"
    assert by_address.verdict == by_name.verdict == "reachable"
    assert by_address.summary == by_name.summary
