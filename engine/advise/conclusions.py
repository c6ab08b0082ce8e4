"""Reads one inference result the way an answer needs it: by gate, by status, in path order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from wayout.engine.facts import Fact
from wayout.engine.facts.common import (
    GATES,
    Conclusion,
    Doubt,
    GateName,
    GateStatus,
    NotAssessed,
    PathBlocked,
    Verdict,
)
from wayout.engine.inference import Firing, Inferred

__all__ = ["Concluded", "Conclusions"]

_PATH = {gate: place for place, gate in enumerate(GATES)}


@dataclass(frozen=True, slots=True)
class Concluded:
    """One conclusion with the firing that stands for it."""

    conclusion: Conclusion
    firing: Firing


class Conclusions:
    """The conclusions of one run in path order, with gate status and verdict."""

    def __init__(self, inferred: Inferred) -> None:
        self._inferred = inferred

    @cached_property
    def all(self) -> tuple[Concluded, ...]:
        """Every conclusion, by gate in path order, then rule id, then flow."""
        found = [Concluded(conclusion, firings[0]) for conclusion, firings in self._firings.items()]
        return tuple(sorted(found, key=_order))

    def firings_of(self, conclusion: Conclusion) -> tuple[Firing, ...]:
        """Every firing with this conclusion; each may name another thing that a fix must change."""
        return tuple(self._firings.get(conclusion, ()))

    @cached_property
    def _firings(self) -> Mapping[Conclusion, list[Firing]]:
        found: dict[Conclusion, list[Firing]] = {}
        for firing in self._inferred.firings:
            if isinstance(firing.produced, Conclusion):
                found.setdefault(self._in_doubt(firing.produced), []).append(firing)
        return found

    def _in_doubt(self, conclusion: Conclusion) -> Conclusion:
        """The conclusion, no more than possible where a rule says that its gate is in doubt."""
        place = conclusion.flow, conclusion.gate
        if conclusion.status != "blocks" or place not in self._doubts:
            return conclusion
        return conclusion.model_copy(update={"certainty": "possible"})

    @cached_property
    def _doubts(self) -> frozenset[tuple[str, str]]:
        return frozenset((f.flow, f.gate) for f in self._derived if isinstance(f, Doubt))

    def of_status(self, *statuses: str) -> Iterator[Concluded]:
        """The conclusions with one of these statuses."""
        return (entry for entry in self.all if entry.conclusion.status in statuses)

    def of_gate(self, gate: str) -> Iterator[Concluded]:
        """The conclusions about one gate."""
        return (entry for entry in self.all if entry.conclusion.gate == gate)

    @cached_property
    def not_assessed(self) -> tuple[NotAssessed, ...]:
        """The rules that could not be assessed, by gate in path order."""
        produced = (firing.produced for firing in self._inferred.not_assessed)
        found = {fact for fact in produced if isinstance(fact, NotAssessed)}
        return tuple(sorted(found, key=lambda f: (_PATH[f.gate], f.rule, f.flow, f.list, f.of)))

    @cached_property
    def gates(self) -> Mapping[GateName, GateStatus]:
        """How each gate ends; a gate without a status is a defect of the verdict rules."""
        return {fact.gate: fact for fact in self._derived if isinstance(fact, GateStatus)}

    @cached_property
    def verdict(self) -> Verdict | None:
        """The verdict fact; None is a defect of the verdict rules and read as unknown."""
        return next((fact for fact in self._derived if isinstance(fact, Verdict)), None)

    @cached_property
    def blocked_paths(self) -> tuple[PathBlocked, ...]:
        """The gates at which the path is proven to end."""
        return tuple(fact for fact in self._derived if isinstance(fact, PathBlocked))

    @property
    def _derived(self) -> Iterator[Fact]:
        return iter(self._inferred.supports)


def _order(entry: Concluded) -> tuple[int, str, str, str]:
    conclusion = entry.conclusion
    return (_PATH[conclusion.gate], conclusion.rule, conclusion.flow, conclusion.subject)
