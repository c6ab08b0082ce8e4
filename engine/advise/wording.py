"""How conditions and facts are put into words, the same way wherever they are told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wayout.engine.advise.answer import Text
from wayout.engine.facts import Fact, Scalar
from wayout.engine.rules import Operator, holds

__all__ = ["OPERATORS", "Asked", "asked_text", "failing", "value_text"]

# What a test says of a field, by operator; `is` and `same` ask for one value.
OPERATORS = {
    "is": ("{field}={value}", "{field}={value}"),
    "same": ("{field}={value}", "{field}={value}"),
    "not": ("{field} other than {value}", "{field} 不为 {value}"),
    "lt": ("{field} below {value}", "{field} 小于 {value}"),
    "at_most": ("{field} at most {value}", "{field} 不大于 {value}"),
    "gt": ("{field} above {value}", "{field} 大于 {value}"),
    "at_least": ("{field} at least {value}", "{field} 不小于 {value}"),
}
LONGEST = 60  # characters of a value inside a sentence


class Asked(NamedTuple):
    """A test of a condition with the value it asks for, variables replaced."""

    field: str
    operator: Operator
    wanted: Scalar

    def holds(self, fact: Fact) -> bool:
        """Whether the field of the fact is as asked for."""
        return holds(self.operator, fact.__dict__[self.field], self.wanted)


def value_text(value: Scalar) -> str:
    """A value as a rule writes it; "" is said by two quotes, a very long one is cut."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return text or '""'


def asked_text(asked: Iterable[Asked]) -> Text:
    """`flow=main, count above 40`, in both languages."""
    told = [
        [
            form.format(field=one.field, value=value_text(one.wanted))
            for form in OPERATORS[one.operator]
        ]
        for one in asked
    ]
    return Text(en=", ".join(en for en, _ in told), zh="、".join(zh for _, zh in told))


def failing(asked: Iterable[Asked], fact: Fact) -> list[Asked]:
    """The tests that a fact of the right kind does not pass."""
    return [one for one in asked if not one.holds(fact)]
