"""What a question is worth: how much of what is still open its replies decide, for how much work.

Which gates count most is not decided here: error texts say whom they blame, in order
(`knowledge/symptoms.yaml`), and rules say which gates a text proves to have been passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wayout.engine.advise.answer import VerdictName
from wayout.engine.advise.conclusions import Concluded, Conclusions
from wayout.engine.facts import Fact
from wayout.engine.facts.common import GATES, Flow, GateName
from wayout.engine.facts.symptom import Symptom, TextProof
from wayout.engine.rules import Reply
from wayout.engine.symptoms import SymptomBook

__all__ = [
    "UNTRIED",
    "Suspicion",
    "Trial",
    "doubted",
    "suspicion",
    "tells",
    "undecided",
    "waiting",
    "worth_of",
]

# What an outcome is worth, at most: the verdict, or everything decided. What most likely blocks
# needs one look more; a gate that no longer waits for the same thing is on its way.
SETTLED, LIKELY, ON_ITS_WAY = 1.0, 0.9, 0.4
UNTRIED = 0.05  # nobody can say beforehand what such a document tells
LEADING, LATER = 9.0, 0.75  # how much more the first suspect counts than others; then ever less
OPEN_SCOPES = ("internet", "unresolved", "undetermined")  # may need an exit to the Internet
Suspicion = Mapping[GateName, float]  # open gate -> how likely it is the one; together 1


@dataclass(frozen=True)
class Trial:
    """One reply, and what the rules make of the case with it.

    `reply` is None for a value that is typed in, and for a document.
    """

    reply: Reply | None
    after: Conclusions

    @property
    def likely(self) -> int:
        """How much the reply weighs among those of its kind."""
        return self.reply.likely if self.reply is not None else 1

    @property
    def verdict(self) -> VerdictName:
        return self.after.verdict.verdict if self.after.verdict else "unknown"

    @cached_property
    def blocked(self) -> frozenset[GateName]:
        sure = (gate for gate, end in self.after.gates.items() if end.status == "blocks")
        likely = (entry.conclusion.gate for entry in doubted(self.after, frozenset(GATES)))
        return frozenset((*sure, *likely))


def doubted(after: Conclusions, open_gates: frozenset[GateName]) -> Iterator[Concluded]:
    """What would block for sure if the flow gets there, which is in doubt."""
    for entry in after.of_status("blocks"):
        is_doubted = entry.conclusion.certainty != entry.firing.rule.certainty
        if is_doubted and entry.conclusion.gate in open_gates:
            yield entry


def undecided(conclusions: Conclusions) -> frozenset[GateName]:
    return frozenset(gate for gate, end in conclusions.gates.items() if end.status == "unknown")


def suspicion(
    facts: Iterable[Fact], derived: Iterable[Fact], symptoms: SymptomBook, before: Conclusions
) -> Suspicion:
    """How likely each open gate is to be the one, by what the error texts say."""
    known = tuple(facts)
    scopes = {fact.flow: fact.scope for fact in known if isinstance(fact, Flow)}
    passed = {fact.gate for fact in derived if isinstance(fact, TextProof)}
    weights = {gate: 0.0 if gate in passed else 1.0 for gate in sorted(undecided(before))}
    for fact in known:
        if not isinstance(fact, Symptom) or not fact.is_relevant or fact.symptom not in symptoms:
            continue
        blamed = symptoms[fact.symptom].suspects(scopes.get(fact.flow) in OPEN_SCOPES)
        gates = [gate for gate in GATES if gate in blamed and weights.get(gate)]
        gates.sort(key=blamed.index)
        for rank, gate in enumerate(gates):
            weights[gate] = max(weights[gate], 1.0 + (LEADING - 1.0) * LATER**rank)
    total = sum(weights.values())
    return {gate: weight / total for gate, weight in weights.items()} if total else {}


def worth_of(
    trials: tuple[Trial, ...], sample: Trial | None, suspects: Suspicion, before: Conclusions
) -> tuple[float, bool]:
    """What the replies decide on average, and whether a document tells more than they do.

    How likely a reply that blocks is, the suspects say; `sample` is what the document mostly says.
    """
    blocking = [trial for trial in trials if trial.blocked]
    others = average([trial for trial in trials if not trial.blocked], suspects, before)
    told = gain(sample, suspects, before) if sample is not None else 0.0
    share = max((sum(suspects.get(g, 0.0) for g in trial.blocked) for trial in blocking), default=0)
    share = min(1.0, share)
    worth = share * average(blocking, suspects, before) + (1.0 - share) * max(others, told)
    return worth, told > others


def average(trials: list[Trial], suspects: Suspicion, before: Conclusions) -> float:
    total = sum(trial.likely for trial in trials)
    gains = (trial.likely * gain(trial, suspects, before) for trial in trials)
    return sum(gains) / total if total else 0.0


def gain(trial: Trial, suspects: Suspicion, before: Conclusions) -> float:
    """How much one reply decides, from 0 to 1."""
    if trial.verdict != "unknown":
        return SETTLED
    if next(doubted(trial.after, undecided(before)), None) is not None:
        return LIKELY
    still_open = undecided(trial.after)
    decided = sum(part for gate, part in suspects.items() if gate not in still_open)
    waited, waits = waiting(before), waiting(trial.after)
    moved = sum(
        suspects.get(gate, 0.0)
        for gate, lists in waited.items()
        if gate in still_open and lists - waits.get(gate, frozenset())
    )
    return decided + ON_ITS_WAY * moved


def tells(trial: Trial, before: Conclusions) -> bool:
    """Whether anything at all follows from a reply."""
    return (
        trial.verdict != "unknown"
        or undecided(trial.after) != undecided(before)
        or waiting(trial.after) != waiting(before)
    )


def waiting(conclusions: Conclusions) -> Mapping[GateName, frozenset[tuple[str, str]]]:
    """Gate -> the lists it waits for."""
    found: dict[GateName, set[tuple[str, str]]] = {}
    for entry in conclusions.of_status("unknown"):
        said = entry.conclusion
        if said.needs:
            found.setdefault(said.gate, set()).add((said.needs, said.of))
    for lack in conclusions.not_assessed:
        found.setdefault(lack.gate, set()).add((lack.list, lack.of))
    return {gate: frozenset(lists) for gate, lists in found.items()}
