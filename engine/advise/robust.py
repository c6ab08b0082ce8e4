"""How robust a working path is: which single loss of what its proof rests on would end it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from wayout.engine.advise.answer import Text, VerdictName
from wayout.engine.advise.comparison import Robustness, Weakness
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import Diagnoser
from wayout.engine.advise.filled import said
from wayout.engine.advise.words import GATE_TITLES
from wayout.engine.case import Case, Origin, Question
from wayout.engine.case.overlay import Part, parts, without
from wayout.engine.facts import Fact
from wayout.engine.facts.common import GATES
from wayout.engine.inference import Inferred

__all__ = ["leaves", "robustness_of"]

LIMIT = 60  # losses that are tried; each is one run of the rules


def robustness_of(diagnoser: Diagnoser, case: Case, question: Question) -> Robustness | None:
    """What a reachable path hangs by; None when it is not proven to be reachable."""
    observed, inferred = diagnoser.infer(case, question)
    conclusions = Conclusions(inferred)
    if conclusions.verdict is None or conclusions.verdict.verdict != "reachable":
        return None
    places = {
        (origin.document, origin.pointer)
        for fact in leaves(inferred, [c.firing.produced for c in conclusions.of_status("passes")])
        for origin in observed.facts.get(fact, ())
    }
    cited = [part for part in parts(case) if is_cited(part, places)]
    breaks = [
        weakness
        for part in cited[:LIMIT]
        if (weakness := weakness_of(diagnoser, case, question, part, conclusions))
    ]
    left_out = max(len(cited) - LIMIT, 0)
    return Robustness(
        tried=len(cited) - left_out,
        left_out=left_out,
        breaks=tuple(breaks),
        text=sentence(len(cited) - left_out, left_out, len(breaks)),
    )


def leaves(inferred: Inferred, roots: list[Fact]) -> Iterator[Fact]:
    """The facts below these ones in their proofs, each once; derived ones too."""
    seen: set[Fact] = set()
    todo = list(roots)
    while todo:
        fact = todo.pop()
        if fact in seen:
            continue
        seen.add(fact)
        yield fact
        for firing in inferred.supports.get(fact, ()):
            todo += [premise for premise in firing.bindings if premise is not None]
            todo += firing.lists


def is_cited(part: Part, places: set[tuple[str, str]]) -> bool:
    """Whether the proof names the part, something in it or something it stands in."""
    for origin in part.origins:
        for document, pointer in places:
            if document == origin.document and (
                is_inside(pointer, origin.pointer) or is_inside(origin.pointer, pointer)
            ):
                return True
    return False


def is_inside(inner: str, outer: str) -> bool:
    return inner == outer or inner.startswith(f"{outer}/")


def weakness_of(
    diagnoser: Diagnoser, case: Case, question: Question, part: Part, before: Conclusions
) -> Weakness | None:
    """What is lost with one part; None when the destination stays reachable."""
    after = Conclusions(diagnoser.infer(without(case, part), question)[1])
    verdict: VerdictName = after.verdict.verdict if after.verdict else "unknown"
    if verdict == "reachable":
        return None
    gate = next((g for g in GATES if is_worse(statuses(before)[g], statuses(after)[g])), "")
    wanted = ("blocks",) if verdict == "blocked" else ("blocks", "degrades", "unknown")
    said_by = [entry for entry in after.of_status(*wanted) if entry.conclusion.gate == gate]
    place = case.locate(part.origins[0]) if part.origins else Origin("")
    return Weakness(
        part=part.name,
        document=place.document,
        pointer=place.pointer,
        line=place.line,
        verdict=verdict,
        gate=gate,
        text=said(said_by[0].firing) if said_by else undecided(gate),
    )


def statuses(conclusions: Conclusions) -> Mapping[str, str]:
    return {
        gate: ended.status if (ended := conclusions.gates.get(gate)) else "unknown"
        for gate in GATES
    }


def is_worse(before: str, after: str) -> bool:
    return before != after and after in ("blocks", "unknown")


def undecided(gate: str) -> Text:
    title = next((GATE_TITLES[g] for g in GATES if g == gate), Text(en="A gate", zh="某个环节"))
    return Text(
        en=f"{title.en} cannot be decided without it.",
        zh=f"缺少它时，无法判定{title.zh}。",
    )


def sentence(tried: int, left_out: int, breaks: int) -> Text:
    more_en = f"; {left_out} more were left out" if left_out else ""
    more_zh = f"，另有 {left_out} 项未尝试" if left_out else ""
    if not breaks:
        return Text(
            en=f"None of {tried} single losses that were tried ends the path{more_en}.",
            zh=f"逐一去除了 {tried} 项配置，均不会使该路径中断{more_zh}。",
        )
    verb = "ends" if breaks == 1 else "end"
    return Text(
        en=f"{breaks} of {tried} single losses that were tried {verb} the path{more_en}.",
        zh=f"逐一去除了 {tried} 项配置，其中 {breaks} 项会使该路径中断{more_zh}。",
    )
