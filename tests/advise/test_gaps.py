"""What nobody has named yet is a gap to fill in, in everything that people read and paste."""

from __future__ import annotations

import pytest

from wayout.engine import Answer, Case, assess, chat_messages, render, reply_document

FORMATS = ("text", "md", "mermaid")


def case_of(*errors: str) -> Case:
    observations = [{"error": error} for error in errors]
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", "observations": observations})


def everything(answer: Answer) -> str:
    """All that people read of it, in both languages."""
    return "\n".join(
        [render(answer, form, lang) for form in FORMATS for lang in ("en", "zh")]
        + [text for chat in ("dingtalk", "slack") for text in chat_messages(answer, chat, "zh")]
    )


@pytest.fixture(scope="module")
def opening() -> Answer:
    return assess(case_of("连不上 RDS"))


def test_a_conversation_begins_with_gaps(opening: Answer) -> None:
    told = everything(opening)
    assert "unnamed" not in told
    assert "<namespace>/<pod> -> <destination>/tcp" in render(opening, "text", "en")
    assert "kubectl exec -n <namespace> <pod> -- nslookup <destination>" in told


def test_the_question_itself_stays_what_it_is(opening: Answer) -> None:
    """Whoever sends it back is understood."""
    assert (opening.question.pod, opening.question.destination) == (
        "unnamed/unnamed",
        "unnamed.invalid",
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("form", ["text", "md"])
def test_reports_tell_the_next_question(opening: Answer, form: str, lang: str) -> None:
    asked = opening.next_question
    assert asked is not None
    told = "".join(render(opening, form, lang).split())  # whatever the lines are
    assert "".join(asked.text.pick(lang).split()) in told.replace("\\", "")


def test_what_somebody_told_of_without_its_id_is_a_gap_and_its_fix_can_still_be_tried() -> None:
    documents = [{"apiVersion": "wayout/v1", "kind": "Case",
                  "question": {"pod": "shop/api-0", "to": "203.0.113.10:443"}}]  # fmt: skip
    base = "examples/no-snat/pods.yaml"
    for reply in ("no-snat", "no"):
        case = Case.load(base, *documents)
        asked = assess(case).next_question
        assert asked is not None
        documents.append(reply_document(case, asked.id, reply))
    answer = assess(Case.load(base, *documents))
    assert answer.verdict == "blocked"
    assert "unnamed" not in everything(answer)
    assert "<nat-gateway-id>" in answer.fixes[0].title.en
    assert answer.fixes[0].patch[0]["of"] == "ngw-unnamed"


def test_a_namespace_may_bear_the_name() -> None:
    document = {"apiVersion": "wayout/v1", "kind": "Case",
                "question": {"pod": "unnamed/api-0", "to": "203.0.113.10:443"}}  # fmt: skip
    assert "unnamed/api-0" in render(assess(Case.load(document)), "text", "en")
