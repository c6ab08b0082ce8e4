"""The consultation: which question is asked, what replies do, when it ends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.runner import base_case
from wayout.engine import (
    Answer,
    Case,
    InputError,
    NextQuestion,
    Question,
    QuestionError,
    assess,
    diagnose,
    reply,
    reply_document,
)
from wayout.engine.advise.asking import Round
from wayout.engine.advise.diagnosis import shipped

QUESTION = Question(pod="shop/api-0", destination="203.0.113.10:443")
NOTHING = Case.load({"apiVersion": "wayout/v1", "kind": "Case"})


def asked(answer: Answer) -> NextQuestion:
    assert answer.next_question is not None
    return answer.next_question


def told(case: Case, *replies: tuple[str, Any]) -> Case:
    for name, value in replies:
        case = reply(case, name, value, QUESTION)
    return case


def test_the_destination_and_the_pod_come_first() -> None:
    assert asked(assess(NOTHING)).id == "question/destination"
    case = reply(NOTHING, "question/destination", "203.0.113.10:443")
    assert asked(assess(case)).id == "question/pod"
    case = reply(case, "question/pod", "shop/api-0")
    assert case.question == QUESTION
    assert asked(assess(case)).id not in ("question/destination", "question/pod")


def test_what_error_texts_and_documents_name_is_on_offer() -> None:
    """Nobody types in what is at hand already."""
    error = {"error": "curl: (28) Failed to connect to api.example.com port 443 after 130012 ms"}
    seen = {"apiVersion": "wayout/v1", "kind": "Case", "observations": [error]}
    case = Case.load(seen, "examples/healthy/pods.yaml")
    first = asked(assess(case))
    assert [option.id for option in first.replies] == ["api.example.com:443"]
    case = reply(case, first.id, first.replies[0].id)
    second = asked(assess(case))
    assert [option.id for option in second.replies] == ["shop/api-0"]  # not those of CoreDNS
    case = reply(case, second.id, "shop/api-0")
    assert case.question == Question(pod="shop/api-0", destination="api.example.com:443")


def test_nothing_is_offered_that_nobody_named() -> None:
    seen = {"apiVersion": "wayout/v1", "kind": "Case", "observations": [{"error": "连不上 RDS"}]}
    first = asked(assess(Case.load(seen)))
    assert first.replies == ()
    assert first.value_form == "text"


def test_before_anything_is_named_the_summary_names_no_placeholder() -> None:
    answer = assess(NOTHING)
    assert "unnamed" not in answer.summary.en + answer.summary.zh
    answer = assess(reply(NOTHING, "question/destination", "203.0.113.10:443"))
    assert "which pod" in answer.summary.en


def test_replies_that_complete_the_question_are_kept_as_documents() -> None:
    """Whoever keeps every document has the whole conversation, in any order of loading."""
    documents = [reply_document(NOTHING, "question/destination", "203.0.113.10:443")]
    documents.append(reply_document(Case.load(*documents), "question/pod", "shop/api-0"))
    for kept in (documents, documents[::-1]):
        assert Case.load(*kept).question == QUESTION
    other = reply_document(NOTHING, "question/destination", "203.0.113.11:443")
    with pytest.raises(InputError, match="another case file asks another question"):
        Case.load(*documents, other)


def test_a_document_that_does_not_tell_is_not_asked_for_again() -> None:
    case = base_case("healthy", "services.yaml")
    nothing = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}
    seen = list[str]()
    for _ in range(20):
        answer = assess(case)
        if answer.next_question is None:
            break
        seen.append(answer.next_question.id)
        case = reply(case, seen[-1], nothing)
    else:
        pytest.fail(f"no end: {seen}")
    assert len(seen) == len(set(seen))


def test_no_reply_invents_an_address() -> None:
    """Somebody says that there is an SNAT entry: by which address nobody has said."""
    case = told(Case.load("examples/healthy/pods.yaml"))
    answer = diagnose(told(case, ("vswitches@route/vsw-bp1pods", "nat")), QUESTION)
    assert answer.gate("internet-exit").status == "passes"
    assert [line.hop for line in answer.ledger] == ["pod"]
    assert "192.0.2" not in answer.model_dump_json()


def test_nothing_is_asked_once_the_verdict_stands() -> None:
    assert assess(base_case("healthy")).next_question is None  # reachable
    assert assess(base_case("no-snat")).next_question is None  # blocked


def test_diagnose_asks_nothing() -> None:
    assert diagnose(NOTHING, QUESTION).next_question is None


@pytest.mark.parametrize(
    ("missing", "question"),
    [
        ("snat-entries.json", "snat_entries/ngw-bp1exit"),
        ("security-group-sg-bp1cluster.json", "security_group_rules/sg-bp1cluster"),
        ("vswitch.json", "vswitches/vsw-bp1pods"),
        ("services.yaml", "services"),
    ],
)
def test_the_one_thing_that_lacks_is_asked_for(missing: str, question: str) -> None:
    case = base_case("healthy", missing)
    answer = assess(case)
    assert answer.verdict == "unknown"
    assert asked(answer).id == question


def test_a_choice_says_what_follows_from_it_and_keeps_its_word() -> None:
    case = base_case("healthy", "snat-entries.json")
    question = asked(assess(case))
    options = {option.id: option for option in question.replies}
    assert set(options) == {"no", "yes"}
    assert "NAT-002" in options["no"].effect.en
    assert "NAT-002" in options["no"].effect.zh
    for name, option in options.items():
        after = assess(reply(case, question.id, name))
        assert after.verdict == option.verdict_after
    assert options["no"].verdict_after == "blocked"
    assert options["yes"].verdict_after == "reachable"


def test_every_reply_on_offer_is_one_that_is_taken() -> None:
    for missing in ("snat-entries.json", "security-group-sg-bp1cluster.json", "pods.yaml"):
        case = base_case("healthy", missing)
        question = asked(assess(case))
        for option in question.replies:
            assert assess(reply(case, question.id, option.id)).verdict == option.verdict_after


def test_a_question_is_not_asked_twice() -> None:
    case = base_case("healthy", "snat-entries.json")
    question = asked(assess(case))
    case = reply(case, question.id, "unknown")
    after = assess(case)
    assert after.verdict == "unknown"
    assert after.next_question is None or after.next_question.id != question.id


def test_a_conversation_always_ends() -> None:
    case = NOTHING
    seen: list[str] = []
    for _ in range(60):
        answer = assess(case, QUESTION)
        if answer.next_question is None:
            break
        seen.append(answer.next_question.id)
        case = reply(case, seen[-1], "unknown", QUESTION)
    else:
        pytest.fail(f"no end: {seen}")
    assert len(seen) == len(set(seen))
    assert answer.verdict == "unknown"


def test_a_value_is_typed_in() -> None:
    named = Question(pod="shop/api-0", destination="payments.example.com:443")
    case = base_case("healthy")
    assert any(need.name == "observations" for need in diagnose(case, named).not_assessed)
    answer = diagnose(reply(case, "observations", "203.0.113.10", named), named)
    assert {flow.ip for flow in answer.question.flows} == {"203.0.113.10"}
    assert any(node.pointer.startswith("/told/0") for node in answer.proof.nodes)


def test_what_documents_do_not_say_is_not_made_up_by_a_reply() -> None:
    """A pod that was only said to run must not pass as one without annotations."""
    answer = assess(NOTHING, QUESTION)
    question = asked(answer)
    assert question.id == "pods/shop"
    assert question.is_document_best
    assert question.value_form == ""


def test_a_document_is_a_reply() -> None:
    case = base_case("healthy", "snat-entries.json")
    entries = {
        "action": "DescribeSnatTableEntries",
        "request": {"NatGatewayId": "ngw-bp1exit"},
        "response": {"TotalCount": 0, "SnatTableEntries": {"SnatTableEntry": []}},
    }
    after = assess(reply(case, "snat_entries/ngw-bp1exit", entries))
    assert after.verdict == "blocked"


def test_a_reply_is_a_document_that_can_be_kept() -> None:
    case = base_case("healthy", "snat-entries.json")
    document = reply_document(case, "snat_entries/ngw-bp1exit", "no")
    assert document == {
        "apiVersion": "wayout/v1",
        "kind": "Case",
        "asked": ["snat_entries/ngw-bp1exit"],
        "told": [
            {"complete": "snat_entries", "of": "ngw-bp1exit"},
            {"complete": "forward_entries", "of": "ngw-bp1exit"},
        ],
    }
    assert assess(Case.load(case, document)).verdict == "blocked"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("observations", "ten", '"ten" is not IP addresses divided by commas.'),
        ("observations", "", '"" is not IP addresses divided by commas.'),
        (
            "snat_entries/ngw-bp1exit",
            "x",
            'The question "snat_entries/ngw-bp1exit" takes one of no, yes, unknown.',
        ),
        ("nothing", "x", 'There is no open question "nothing".'),
        ("question/pod", "unknown", "Without a pod and a destination nothing can be judged."),
        ("question/pod", 5, "The reply to this question is text."),
    ],
)
def test_a_reply_that_does_not_fit_is_refused_in_one_sentence(
    name: str, value: Any, expected: str
) -> None:
    case = base_case("healthy", "snat-entries.json")
    named = Question(pod="shop/api-0", destination="payments.example.com:443")
    with pytest.raises(QuestionError) as caught:
        reply(case, name, value, named if name == "observations" else QUESTION)
    assert str(caught.value) == expected


def test_a_broken_document_is_refused() -> None:
    with pytest.raises(InputError):
        reply(NOTHING, "pods/shop", {"kind": "Pod"}, QUESTION)


def test_every_question_is_about_a_list_that_can_be_collected() -> None:
    known = shipped().knowledge
    names = {key.partition("@")[0] for key in known.questions}
    assert names <= set(known.collect)


def test_the_best_question_is_deterministic() -> None:
    first, second = assess(NOTHING, QUESTION), assess(NOTHING, QUESTION)
    assert first == second


# ── What error texts say of whom to suspect ──────────────────────────────────────────────────


def suspects(text: str) -> dict[str, float]:
    observations = [{"error": text}] if text else []
    seen = {"apiVersion": "wayout/v1", "kind": "Case", "observations": observations}
    case = Case.load("examples/healthy/pods.yaml", seen)
    return dict(Round(shipped(), case, QUESTION).suspects)


def test_without_an_error_text_every_open_gate_counts_the_same() -> None:
    assert len(set(suspects("").values())) == 1


def test_a_gate_counts_by_its_place_among_those_the_text_blames() -> None:
    found = suspects("dial tcp 203.0.113.10:443: i/o timeout")
    ranked = sorted(found, key=lambda gate: -found[gate])
    blamed = ["internet-exit", "route", "security-group", "policy", "network-acl"]
    assert ranked[: len(blamed)] == blamed
    assert found["own-load-balancer"] < found["destination-access"]
    assert sum(found.values()) == pytest.approx(1.0)


def test_a_gate_that_the_text_excludes_counts_nothing() -> None:
    found = suspects("curl: (60) 203.0.113.10:443: certificate has expired")
    assert not found.get("internet-exit")
    assert not found.get("security-group")


def test_a_text_about_another_destination_weighs_nothing() -> None:
    found = suspects("dial tcp 203.0.113.99:443: i/o timeout")
    assert len(set(found.values())) == 1
