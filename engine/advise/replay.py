"""Derives a stored answer once more and says what is different, for audits and for old tickets."""

from __future__ import annotations

from collections.abc import Iterator

from wayout.engine.advise.answer import Answer, Frozen, Text, VerdictName
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Case, Question
from wayout.engine.errors import InputError

__all__ = ["ReplayDifference", "Replayed", "answer_from", "replay"]


class ReplayDifference(Frozen):
    """One thing that is otherwise now; "" stands for what is not there."""

    what: str  # verdict, engine_version, knowledge_version, facts_digest, gate/<gate>, …
    stored: str
    now: str


class Replayed(Frozen):
    """Whether a stored answer follows again from the documents.

    is_confirmed  the verdict, every gate and every finding are what they were
    is_identical  the whole answer is, down to the proof and the names of documents
    """

    schema_version: str = "wayout/v1"
    is_confirmed: bool
    is_identical: bool
    verdict_stored: VerdictName
    verdict_now: VerdictName
    differences: tuple[ReplayDifference, ...]
    text: Text


CONCLUSIONS = ("verdict", "gate/", "finding/")


def answer_from(data: bytes | str) -> Answer:
    """A stored answer, as `wayout diagnose -o json` writes it; raises InputError for others."""
    try:
        return Answer.model_validate_json(data)
    except ValueError:
        raise InputError(
            "this is no stored answer: it takes the JSON that `wayout diagnose -o json` writes."
        ) from None


def replay(answer: Answer, case: Case) -> Replayed:
    """The answer to the same question about `case`, compared with the stored one. Pure.

    An answer does not keep the source port of its question; it is asked again without one.
    """
    asked = answer.question
    question = Question(
        pod=asked.pod,
        destination=asked.destination,
        protocol=asked.protocol,  # type: ignore[arg-type]
        port=asked.port,
    )
    again = shipped().diagnose(case, question)
    differences = tuple(differing(told(answer), told(again)))
    is_confirmed = not any(d.what.startswith(CONCLUSIONS) for d in differences)
    is_identical = answer == again
    return Replayed(
        is_confirmed=is_confirmed,
        is_identical=is_identical,
        verdict_stored=answer.verdict,
        verdict_now=again.verdict,
        differences=differences,
        text=sentence(is_confirmed, is_identical, differences),
    )


def told(answer: Answer) -> dict[str, str]:
    """What an answer says, by a name for each thing."""
    made = answer.provenance
    said: dict[str, str] = {
        "verdict": answer.verdict,
        "engine_version": made.engine_version,
        "knowledge_version": made.knowledge_version,
        "facts_digest": made.facts_digest,
    }
    said |= {f"gate/{gate.gate}": gate.status for gate in answer.gates}
    said |= {f"finding/{f.code} {f.subject}": f.certainty for f in answer.findings}
    said |= {f"fix/{fix.id}": fix.verified.result for fix in answer.fixes}
    said |= {f"needs/{need.name} {need.of}".rstrip(): "missing" for need in answer.not_assessed}
    if answer.plan is not None:
        said["plan"] = f"{', '.join(answer.plan.fixes)}: {answer.plan.verdict_after}"
    return said


def differing(stored: dict[str, str], now: dict[str, str]) -> Iterator[ReplayDifference]:
    for what in dict.fromkeys((*stored, *now)):
        pair = stored.get(what, ""), now.get(what, "")
        if pair[0] != pair[1]:
            yield ReplayDifference(what=what, stored=pair[0], now=pair[1])


def sentence(
    is_confirmed: bool, is_identical: bool, differences: tuple[ReplayDifference, ...]
) -> Text:
    if is_identical:
        return Text(
            en="The documents give exactly the stored answer.",
            zh="由这些文档得到的结论与保存的结论完全一致。",
        )
    if is_confirmed and not differences:
        return Text(
            en="The documents confirm the stored answer; "
            "only wording or places of the proof differ.",
            zh="这些文档印证了保存的结论，仅证明的措辞或出处不同。",
        )
    if is_confirmed:
        return Text(
            en="The documents confirm the verdict, every gate and every finding; the rest differs.",
            zh="这些文档印证了保存的结论、各环节结果和全部问题，其余部分有差异。",
        )
    return Text(
        en="The documents do not give the stored answer.",
        zh="由这些文档无法得到保存的结论。",
    )
