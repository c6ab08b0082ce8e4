"""What is allowed in a knowledge folder but better otherwise. Loading refuses what is wrong."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from wayout.engine.facts import KINDS
from wayout.engine.rules.knowledge import Knowledge
from wayout.engine.rules.model import Rule, Text

__all__ = ["lint"]

LONGEST_FILE = 80  # lines; a longer rule is two rules
LONGEST_TITLE = 80  # characters
HAN = "\u4e00-\u9fff"
HALF_WIDTH = re.compile(f"[{HAN}][,;:!?()]|[,;!?()][{HAN}]")
# Read by the engine itself or by the answer, not by rules.
READ_ELSEWHERE = frozenset({"collected", "conclusion", "not_assessed", "source_address", "verdict"})


def lint(knowledge: Knowledge, fired: Collection[str] | None = None) -> Iterator[str]:
    """One sentence per remark, with the file it is about; nothing for a tidy folder.

    `fired` are the ids of the rules that fired in some whole case; None when no case was tried.
    """
    for rule in knowledge.rules:
        for remark in remarks_on(knowledge, rule):
            yield f"{rule.file}: {remark}"
    yield from twins(knowledge)
    yield from idle_fixes(knowledge)
    yield from idle_kinds(knowledge)
    if fired is not None:
        yield from silent_rules(knowledge, fired)


def remarks_on(knowledge: Knowledge, rule: Rule) -> Iterator[str]:
    text = (knowledge.root / rule.file).read_text(encoding="utf-8")
    lines = len(text.splitlines())
    if lines > LONGEST_FILE:
        yield f"{lines} lines; more than {LONGEST_FILE} are mostly two rules."
    for language, title in (("en", rule.title.en), ("zh", rule.title.zh)):
        if len(title) > LONGEST_TITLE:
            yield f"title.{language}: {len(title)} characters; keep to {LONGEST_TITLE}."
        if title.endswith((".", "。")):
            yield f"title.{language}: a title takes no full stop."
    for field, said in (("title", rule.title), ("says", rule.says)):
        if said is not None:
            yield from remarks_on_text(field, said)
    for variable in idle_variables(text, rule):
        yield f"{variable} is bound and never used; leave the field out."


def remarks_on_text(field: str, text: Text) -> Iterator[str]:
    if found := HALF_WIDTH.search(text.zh):
        yield f"{field}.zh: half-width punctuation in {found[0]!r}; write ，；：！？（）."
    for language, sentence in (("en", text.en), ("zh", text.zh)):
        if "  " in sentence:
            yield f"{field}.{language}: two spaces in a row."
    if text.en == text.zh:
        yield f"{field}: en and zh are the same."


def idle_variables(text: str, rule: Rule) -> list[str]:
    """Variables that occur once. `$flow` is custom, and those of a rule with fixes are for them."""
    if rule.fixes:
        return []
    uses = Counter(re.findall(r"\$[a-z][a-z0-9_]*", text))
    return sorted(name for name in rule.variables if uses[name] == 1 and name != "$flow")


def twins(knowledge: Knowledge) -> Iterator[str]:
    """Rules of one gate with the same conditions and the same result."""
    seen: dict[str, Rule] = {}
    for rule in knowledge.rules:
        key = rule.model_dump_json(include={"gate", "when", "concludes", "infers", "certainty"})
        first = seen.setdefault(key, rule)
        if first is not rule:
            yield f"{rule.file}: the same conditions and result as {first.id}."


def idle_fixes(knowledge: Knowledge) -> Iterator[str]:
    used = {fix for rule in knowledge.rules for fix in rule.fixes}
    for name in sorted(set(knowledge.fixes) - used):
        yield f"{knowledge.fixes[name].file}: no rule names this fix."


def idle_kinds(knowledge: Knowledge) -> Iterator[str]:
    """Inferred kinds that no rule infers, or that are inferred for nobody."""
    read = {pattern.kind for rule in knowledge.rules for pattern in rule.when}
    made = {rule.produces for rule in knowledge.rules}
    for kind in sorted(kind for kind, cls in KINDS.items() if cls.is_derived):
        if kind in READ_ELSEWHERE:
            continue
        if kind in read and kind not in made:
            yield f"fact {kind}: rules read it and none infers it."
        elif kind in made and kind not in read:
            yield f"fact {kind}: a rule infers it and none reads it."
        elif kind not in made:
            yield f"fact {kind}: no rule infers or reads it."


def silent_rules(knowledge: Knowledge, fired: Collection[str]) -> Iterator[str]:
    """Rules that no whole case needs. Whether an example fires them is checked when they load."""
    for rule in knowledge.rules:
        if rule.id not in fired:
            yield f"{rule.file}: {rule.id} fires in no case."
