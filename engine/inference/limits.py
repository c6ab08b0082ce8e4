"""The limits of durable_rules, checked on what is handed to it.

Beyond them it crashes, hangs or answers wrongly without a word, so a rule that would pass one is
refused, with its file. The numbers stay a little under the measured ones.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from wayout.engine.errors import RuleError
from wayout.engine.rules import Rule

__all__ = ["check_limits"]

PATTERNS = 16  # conditions of one rule, the phase token included; 17 fail at run time
JOINS = 28  # equality joins of one rule; 30 fail when the ruleset is built
USES = 250  # uses of one identical pattern; 256 crash
SIBLINGS = 500  # different tests after the same earlier tests; 512 hang
AT_ONCE = 60  # tests waiting while one fact is sorted in; 65 fail at run time

Term = Mapping[str, Any]


def check_limits(definition: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    """Raises RuleError naming the file of the first rule that passes a limit.

    `definition` is a ruleset; `rules` tells which rule of ours each of its rules comes from.
    """
    uses: Counter[str] = Counter()
    tree = TestTree()
    for name, body in definition.items():
        for problem in problems_of(body["all"], uses, tree):
            raise RuleError(f"{rules[name].file}: when: {problem}")


def problems_of(
    conditions: list[Mapping[str, Term]], uses: Counter[str], tree: TestTree
) -> Iterator[str]:
    if len(conditions) > PATTERNS:
        yield (
            f"{len(conditions)} conditions "
            f"the rules engine takes {PATTERNS - 1}; infer a fact in between."
        )
    joins = 0
    for condition in conditions:
        ((_, expression),) = condition.items()
        terms = expression.get("$and", [expression])
        tests = [json.dumps(term) for term in terms if not is_join(term)]
        joins += len(terms) - len(tests)
        pattern = " ".join(tests)
        uses[pattern] += 1
        if uses[pattern] > USES:
            yield f"more than {USES} rules of the gate have the condition {pattern}."
        tree.add([term for term in terms if not is_join(term)])
        kind = terms[0]["kind"]
        if tree.widest > SIBLINGS:
            yield f"the rules of the gate make more than {SIBLINGS} different tests on {kind}."
        if tree.most_at_once(kind) > AT_ONCE:
            yield f"one {kind} could pass more than {AT_ONCE} different tests of the gate at once."
    if joins > JOINS:
        yield f"{joins} joins between its conditions; the rules engine takes {JOINS}."


def is_join(term: Term) -> bool:
    """Whether a term compares with another fact."""
    ((key, value),) = term.items()
    return not key.startswith("$") and isinstance(value, dict)


class TestTree:
    """The tests of all patterns as the engine shares them: one node per sequence of tests."""

    __test__ = False

    def __init__(self) -> None:
        self.children: dict[tuple[str, ...], dict[str, Term]] = defaultdict(dict)
        self.widest = 0

    def add(self, terms: list[Term]) -> None:
        """Adds the constant tests of one pattern."""
        path: tuple[str, ...] = ()
        for term in terms:
            text = json.dumps(term)
            self.children[path][text] = term
            self.widest = max(self.widest, len(self.children[path]))
            path = (*path, text)

    def most_at_once(self, kind: str) -> int:
        """How many tests can at most wait on the stack of the engine for one fact of a kind."""
        return self.bound((json.dumps({"kind": kind}),))

    def bound(self, path: tuple[str, ...]) -> int:
        children = self.children.get(path, {})
        if not children:
            return 1
        # Of the equality tests on one field only one can hold; all others might hold together.
        fields = {next(iter(t)) for t in children.values() if not next(iter(t)).startswith("$")}
        others = sum(next(iter(term)).startswith("$") for term in children.values())
        return len(fields) + others - 1 + max(self.bound((*path, text)) for text in children)
