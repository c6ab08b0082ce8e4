"""What a run gives: which rules fired, on which facts, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from wayout.engine.facts import Fact, Scalar
from wayout.engine.rules import (
    FixTemplate,
    Pattern,
    Rule,
    Values,
    is_variable,
    plain,
    shell,
    structure,
    yaml_text,
)

__all__ = ["Firing", "Inferred"]


class Firing(NamedTuple):
    """One step of a proof: a rule, the facts that made it fire, and the fact it produced.

    `bindings` stand in the order of `rule.when`, None for a `none`. `lists` are the `collected`
    facts that make its negations valid. `produced` is a NotAssessed fact when a list lacked.
    """

    rule: Rule
    bindings: tuple[Fact | None, ...]
    produced: Fact
    lists: tuple[Fact, ...] = ()

    @property
    def values(self) -> Values:
        """What the placeholders stand for."""
        return self.rule.values(self.bindings)

    def say(self, language: Literal["en", "zh"]) -> str:
        """The sentence of the rule about these facts."""
        return plain(self.rule.sentence.in_language(language), self.values)

    def resolve(self, pattern: Pattern) -> dict[str, Scalar]:
        """The constants and bound values a condition of the rule asks for, by field."""
        values = self.values
        return {
            test.field: values[str(test.value)] if is_variable(test.value) else test.value
            for test in pattern.tests
            if test.operator in ("is", "same")
        }

    def shell_of(self, command: str) -> str:
        """A command of a fix of the rule; every value is quoted for a POSIX shell."""
        return shell(command, self.values)

    def yaml_of(self, document: str) -> str:
        """A YAML document of a fix of the rule; every value is quoted where it has to be."""
        return yaml_text(document, self.values)

    def patch_of(self, fix: FixTemplate) -> list[dict[str, Any]]:
        """The edits on the case that model a fix of the rule."""
        values = self.values
        edits = [edit.model_dump(exclude_defaults=True) for edit in fix.patch]
        return [structure(edit, values) for edit in edits]


@dataclass(frozen=True, slots=True)
class Inferred:
    """Everything one run found, in an order that depends on the facts and the rules alone.

    `firings` go by gate in order of evaluation, then rule id, then facts. `facts` are the given
    ones and behind them the derived. `supports` holds for each derived fact every firing that
    produced it. `not_assessed` are the rules whose `none` needs a list that is not complete.
    """

    facts: tuple[Fact, ...]
    firings: tuple[Firing, ...]
    supports: Mapping[Fact, tuple[Firing, ...]]
    not_assessed: tuple[Firing, ...]

    @property
    def fired(self) -> frozenset[str]:
        """The ids of the rules that fired."""
        return frozenset(firing.rule.id for firing in self.firings)
