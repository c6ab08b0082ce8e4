"""The limits of durable_rules, checked on what is handed to it.

Beyond them it crashes, hangs or fails while it runs, so a rule that would pass one is refused,
with its file. The numbers stay a little under the measured ones.
"""

from __future__ import annotations

from collections import Counter
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
Step = tuple[object, ...]
# The tests of all patterns as the engine shares them: one branch per sequence of tests.
Tree = dict[Step, "Tree"]


def check_limits(definition: Mapping[str, Any], rules: Mapping[str, Rule]) -> None:
    """Raises RuleError naming the file of the first rule that passes a limit.

    `definition` is a ruleset; `rules` tells which rule of ours each of its rules comes from.
    """
    uses: Counter[int] = Counter()
    tree: Tree = {}
    for number, (name, body) in enumerate(definition.items()):
        for problem in problems_of(body["all"], uses, tree, number):
            raise RuleError(f"{rules[name].file}: when: {problem}")
    for (_, _, kind), branch in tree.items():
        if waiting(branch) > AT_ONCE:
            using = [rules[n] for n, body in definition.items() if uses_kind(body["all"], kind)]
            raise RuleError(
                f"{using[-1].file}: when: one {kind} could pass more than {AT_ONCE} different"
                " tests of the gate at once; split the kind or infer a fact in between."
            )


def problems_of(
    conditions: list[Mapping[str, Term]], uses: Counter[int], tree: Tree, number: int
) -> Iterator[str]:
    if len(conditions) > PATTERNS:
        yield (
            f"{len(conditions)} conditions; the rules engine takes {PATTERNS - 1} of a rule; "
            "infer a fact in between."
        )
    joins = 0
    for condition in conditions:
        (expression,) = condition.values()
        branch = tree
        for term in expression.get("$and", (expression,)):
            step = step_of(term)
            if step[0] == "join":  # never shared: each rule compares for itself
                step = (*step, number)
                joins += 1
            branch_before, branch = branch, branch.setdefault(step, {})
            if len(branch_before) > SIBLINGS:
                yield f"the gate makes more than {SIBLINGS} different tests like {dict(term)}."
        uses[id(branch)] += 1
        if uses[id(branch)] > USES:
            yield f"more than {USES} rules of the gate have the condition {expression}."
    if joins > JOINS:
        yield f"{joins} joins between its conditions; the rules engine takes {JOINS}."


def step_of(term: Term) -> Step:
    """What the engine tells one test from another by."""
    ((key, value),) = term.items()
    if key.startswith("$"):
        return (key, *next(iter(value.items())))
    if isinstance(value, dict):
        return ("join", key, *next(iter(value.items())))
    return ("is", key, value)


def uses_kind(conditions: list[Mapping[str, Term]], kind: object) -> bool:
    expressions = (expression for condition in conditions for expression in condition.values())
    return any(
        expression.get("$and", [expression])[0] == {"kind": kind} for expression in expressions
    )


def waiting(branch: Tree) -> int:
    """How many tests can at most wait on the stack of the engine while it follows a branch.

    Of the equality tests on one field only one can hold. All others can hold together; joins
    count among them, as they are only compared later.
    """
    if not branch:
        return 1
    fields = {step[1] for step in branch if step[0] == "is"}
    others = sum(step[0] != "is" for step in branch)
    return len(fields) + others - 1 + max(waiting(below) for below in branch.values())
