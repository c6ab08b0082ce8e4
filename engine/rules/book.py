"""The rules of a knowledge folder by id; of hundreds, one answer needs some dozens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from wayout.engine.facts import KINDS
from wayout.engine.rules.model import Rule

__all__ = ["RuleBook", "StoredRule"]


class StoredRule(NamedTuple):
    """A rule that was checked when it was stored as JSON."""

    id: str
    gate: str
    file: str
    body: bytes


class RuleBook(Mapping[str, Rule]):
    """Rules by id, in their order. A stored rule is made into a `Rule` when it is looked up.

    It is validated then like the file it was made from; one that does not pass is read `again`.
    """

    def __init__(
        self,
        rules: Iterable[Rule | StoredRule] = (),
        again: Callable[[StoredRule], Rule] | None = None,
    ) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._again = again

    def __getitem__(self, rule_id: str) -> Rule:
        found = self._rules[rule_id]
        if isinstance(found, StoredRule):
            found = self._rules[rule_id] = self._made(found)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def gates(self) -> dict[str, str]:
        """The gate of each rule by its id."""
        return {rule_id: rule.gate for rule_id, rule in self._rules.items()}

    def _made(self, stored: StoredRule) -> Rule:
        try:
            rule = Rule.model_validate_json(stored.body)
        except ValueError:
            rule = None
        is_itself = rule is not None and (rule.id, rule.gate, rule.file) == stored[:3]
        if rule is not None and is_itself and speaks_of_known_facts(rule):
            return rule
        if self._again is None:
            raise ValueError(f"the stored form of {stored.id} is spoiled")
        return self._again(stored)


def speaks_of_known_facts(rule: Rule) -> bool:
    """Whether all conditions name kinds and fields of the vocabulary."""
    return all(
        pattern.kind in KINDS
        and all(test.field in KINDS[pattern.kind].model_fields for test in pattern.tests)
        for pattern in rule.when
    )
