"""Why a negation held, in words: what there is of the kind, how it differs, which list tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from wayout.engine.advise.answer import Text
from wayout.engine.advise.kind_names import name_of
from wayout.engine.advise.needs import title_of
from wayout.engine.advise.wording import Asked, asked_text, failing, value_text
from wayout.engine.facts import Fact
from wayout.engine.inference import Firing
from wayout.engine.rules import Knowledge, Pattern, is_variable

__all__ = ["FORMS", "absence_text", "asked_of", "by_kind"]

SHOWN = 3  # facts that are told to be there but different
OTHERS = 2  # fields that tell which fact is meant, besides those the condition tests
# Of more facts than this only the number is told: looking for the nearest would cost too much.
COMPARED = 50

# (English, Chinese); each part follows the one before after a semicolon.
FORMS: Mapping[str, tuple[str, str]] = {
    "none": ("there is no {name}", "没有{name}"),
    "none-with": ("there is no {name} with {tests}", "没有符合 {tests} 的{name}"),
    "never-measured": ("no document shows one", "现有文档中没有"),
    "never-inferred": ("no rule inferred one", "没有规则得出此类事实"),
    "only": ("the only one has {facts}", "仅有一条，其 {facts}"),
    "all": ("those there are: {facts}", "现有的均不符：{facts}"),
    "some": (
        "of {count} that there are, the nearest: {facts}",
        "共 {count} 条，最接近的为 {facts}",
    ),
    "many": ("none of the {count} that there are fits", "现有 {count} 条，均不符"),
    "listed": ("concluded from a complete list: {lists}", "依据完整的列表：{lists}"),
}


def absence_text(
    pattern: Pattern,
    asked: tuple[Asked, ...],
    facts: Sequence[Fact],
    lists: Sequence[Fact],
    knowledge: Knowledge,
) -> Text:
    """`there is no … with …`, then what was looked at.

    `facts` are all of the kind, `lists` the `collected` facts that make the negation valid.
    """
    en, zh = nothing(pattern.kind, asked)
    if looked := looked_at(pattern, asked, facts):
        en, zh = f"{en}; {looked[0]}", f"{zh}；{looked[1]}"
    if lists:
        titles = [title_of(str(f.fields["list"]), str(f.fields["of"]), knowledge) for f in lists]
        listed = FORMS["listed"]
        en += "; " + listed[0].format(lists=", ".join(title.en for title in titles))
        zh += "；" + listed[1].format(lists="、".join(title.zh for title in titles))
    return Text(en=en, zh=zh)


def asked_of(pattern: Pattern, firing: Firing) -> tuple[Asked, ...]:
    """The tests of a condition with the values this firing gives to its variables."""
    values = firing.values
    return tuple(
        Asked(
            test.field,
            test.operator,
            values[str(test.value)] if is_variable(test.value) else test.value,
        )
        for test in pattern.tests
    )


@lru_cache(maxsize=2048)  # the gates of every answer ask for the same: no confirmed block, …
def nothing(kind: str, asked: tuple[Asked, ...]) -> tuple[str, str]:
    """`there is no … with …`, in both languages."""
    name, tests = name_of(kind), asked_text(asked)
    en, zh = FORMS["none-with" if asked else "none"]
    return en.format(name=name.en, tests=tests.en), zh.format(name=name.zh, tests=tests.zh)


def looked_at(pattern: Pattern, asked: Sequence[Asked], facts: Sequence[Fact]) -> tuple[str, ...]:
    """What there is of the kind, nearest first, in both languages; () when that is nothing."""
    if not facts:
        return FORMS["never-inferred" if pattern.model.is_derived else "never-measured"]
    if len(facts) > COMPARED:
        return tuple(form.format(count=len(facts)) for form in FORMS["many"])
    # A fact that fits is one the rule has bound elsewhere, or came after the rule was judged.
    different = [(missed, fact) for fact in facts if (missed := failing(asked, fact))]
    if not different:
        return ()
    different.sort(key=distance)
    subjects = distance(different[0])[0]
    near = [pair for pair in different if distance(pair)[0] == subjects][:SHOWN]
    told = "; ".join(difference(pattern, missed, fact) for missed, fact in near)
    form = "only" if len(facts) == 1 else "all" if len(facts) == len(near) else "some"
    return tuple(text.format(facts=told, count=len(facts)) for text in FORMS[form])


def distance(different: tuple[Sequence[Asked], Fact]) -> tuple[int, int]:
    """How far a fact is from what was asked for: another subject is further than another value."""
    missed = different[0]
    return sum(one.operator == "same" for one in missed), len(missed)


def difference(pattern: Pattern, missed: Iterable[Asked], fact: Fact) -> str:
    """The values that are not as asked for, and which fact has them: `pod=shop/b (state=bound)`."""
    got = dict.fromkeys(one.field for one in missed)
    tested = {test.field for test in pattern.tests}
    others = [name for name, value in fact.__dict__.items() if name not in tested and value != ""]
    text = fields_text(fact, got)
    return f"{text} ({fields_text(fact, others[:OTHERS])})" if others else text


def fields_text(fact: Fact, names: Iterable[str]) -> str:
    return ", ".join(f"{name}={value_text(fact.__dict__[name])}" for name in names)


def by_kind(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """Facts sorted by their kind, each kind in the order given."""
    found: dict[str, list[Fact]] = {}
    for fact in facts:
        found.setdefault(fact.kind, []).append(fact)
    return found
