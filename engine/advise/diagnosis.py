"""The whole pipeline: case and question in, answer out. Pure: no I/O beyond the knowledge base."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache

from wayout import knowledge
from wayout.engine.advise.answer import Answer, Provenance
from wayout.engine.advise.assemble import assemble
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.gaps import with_gaps
from wayout.engine.advise.trial import trials
from wayout.engine.case import Case, Question
from wayout.engine.case.question import completed
from wayout.engine.errors import QuestionError
from wayout.engine.facts import Fact
from wayout.engine.inference import Inference, Inferred, Memory
from wayout.engine.observe import Observed, observe
from wayout.engine.rules import Knowledge, load_knowledge
from wayout.engine.version import __version__

__all__ = ["Diagnoser", "diagnose", "shipped"]


class Diagnoser:
    """A knowledge base, compiled once; `diagnose` may be called from any number of threads."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.knowledge = knowledge
        self.inference = Inference(knowledge)

    def diagnose(self, case: Case, question: Question | None = None) -> Answer:
        """The answer to `question`, or to the question that the case itself asks.

        Raises QuestionError when there is no question, InputError never: a case is already valid.
        """
        asked = question_of(case, question)
        return self.answer(case, asked, *self.infer(case, asked))

    def answer(self, case: Case, asked: Question, observed: Observed, inferred: Inferred) -> Answer:
        """The answer from what was observed and inferred already."""
        conclusions = Conclusions(inferred)
        made = assemble(
            case,
            asked,
            observed,
            inferred,
            self.knowledge,
            Provenance(
                facts_digest=digest_of(observed.facts),
                knowledge_version=self.knowledge.version,
                engine_version=__version__,
            ),
            rerun=trials(case, conclusions, lambda one: Conclusions(self.infer(one, asked)[1])),
        )
        return with_gaps(made, case, asked)

    def infer(
        self, case: Case, question: Question, memory: Memory | None = None
    ) -> tuple[Observed, Inferred]:
        """What was observed and what the rules made of it; `memory` as for `Inference.run`."""
        known = self.knowledge
        observed = observe(case, question, known.products, symptoms=known.symptoms)
        return observed, self.inference.run(observed.facts, memory)


@cache
def shipped() -> Diagnoser:
    """The knowledge base that wayout ships, compiled on first use."""
    return Diagnoser(load_knowledge(knowledge.ROOT))


def diagnose(case: Case, question: Question | None = None) -> Answer:
    """Whether the pod can reach the destination and, if not, what stops it and how to mend it.

    `question` may be omitted when the case holds one. Pure and thread-safe; raises WayoutError
    (QuestionError without a question, EngineError when durable_rules cannot be used).
    """
    return shipped().diagnose(case, question)


def question_of(case: Case, question: Question | None) -> Question:
    """The question asked, with what the one in the case says beside it, or else that one.

    Raises QuestionError when there is none.
    """
    asked = question or case.question
    if question is not None and case.question is not None:
        asked = completed(question, case.question) or question
    if asked is None:
        raise QuestionError(
            "no question: name the pod and the destination, "
            "or add `question: {pod, to}` to the case file"
        )
    return asked


def digest_of(facts: Iterable[Fact]) -> str:
    """A digest of the observed facts, independent of their order."""
    lines = sorted(
        json.dumps([f.kind, f.fields], ensure_ascii=False, sort_keys=True) for f in facts
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
