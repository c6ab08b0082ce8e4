"""What must hold of one rule or fix and of all of them together, beyond the form of the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from wayout.engine.errors import RuleError
from wayout.engine.facts import KINDS
from wayout.engine.facts.common import Conclusion, NotAssessed
from wayout.engine.products import Products
from wayout.engine.rules.hints import did_you_mean
from wayout.engine.rules.model import (
    GATE_PREFIXES,
    Example,
    FixTemplate,
    Inferred,
    Rule,
    Source,
    Text,
    is_variable,
)
from wayout.engine.rules.rendering import problem_in_shell, problem_in_yaml
from wayout.engine.rules.text import Placeholder, placeholders, stray_braces
from wayout.engine.rules.vocabulary import field_type

__all__ = [
    "check_examples",
    "check_fix",
    "check_products",
    "check_rule",
    "check_together",
    "fix_placeholders",
]

ENDINGS = {"en": (".", "?"), "zh": ("。", "？")}


def check_rule(rule: Rule, folder: str) -> None:
    """Raises RuleError for the first fault of one rule by itself."""
    for field, problem in problems_of(rule, folder):
        raise RuleError(f"{rule.file}: {field}: {problem}")


def problems_of(rule: Rule, folder: str) -> Iterator[tuple[str, str]]:
    prefix = GATE_PREFIXES[rule.gate]
    if not re.fullmatch(prefix + r"-\d{3}", rule.id):
        yield (
            "id",
            f"{rule.id!r} must be {prefix}- and three digits, as all of {rule.gate}.",
        )
    if folder != rule.gate:
        yield "gate", f"the file belongs into the folder {rule.gate}, not {folder}."
    yield from problems_of_variables(rule)
    yield from problems_of_list_needs(rule)
    yield from problems_of_result(rule)
    if rule.concludes is not None and rule.says is None:
        yield "says", "is missing: a rule that concludes must say what it found."
    if set("{}") & set(rule.title.en + rule.title.zh):
        yield "title", "takes no placeholder."
    if rule.says is not None:
        yield from problems_of_text("says", rule.says)
        yield from unbound("says", rule, placeholders(rule.says.en) | placeholders(rule.says.zh))


def problems_of_variables(rule: Rule) -> Iterator[tuple[str, str]]:
    bound: dict[str, tuple[str, str]] = {}
    for index, pattern in enumerate(rule.when):
        for test in pattern.tests:
            if test.operator != "same":
                continue
            place = f"when[{index}].{pattern.kind}.{test.field}"
            variable = str(test.value)
            if variable not in bound:
                if pattern.is_negated:
                    yield place, f"{variable} is not bound by a condition before this `none`."
                bound[variable] = (pattern.kind, test.field)
            first, here = field_type(*bound[variable]), field_type(pattern.kind, test.field)
            if first.base is not here.base:
                name = ".".join(bound[variable])
                yield place, f"{variable} is {first} in {name} and cannot equal {here}."
    if all(pattern.is_negated for pattern in rule.when):
        yield "when", "needs a condition that is not `none`."


def problems_of_list_needs(rule: Rule) -> Iterator[tuple[str, str]]:
    for index, pattern in enumerate(rule.when):
        reference = KINDS[pattern.kind].from_list
        if not pattern.is_negated or reference is None:
            continue
        place = f"when[{index}].none.{pattern.kind}"
        owner = pattern.test_on(reference.of) if reference.of else None
        if reference.of and (owner is None or owner.operator not in ("is", "same")):
            yield (
                place,
                (
                    f"must say whose list {reference.name} it means: "
                    f"give {reference.of} a variable or a constant."
                ),
            )
        if rule.gate == "verdict":
            yield place, "the verdict cannot depend on a list; infer a fact in an earlier gate."


def problems_of_result(rule: Rule) -> Iterator[tuple[str, str]]:
    if rule.infers is not None:
        yield from problems_of_inferred(rule, rule.infers)
    if rule.concludes is None:
        return
    for field in ("subject", "needs", "of"):
        value = getattr(rule.concludes, field)
        if is_variable(value):
            yield from problem_of_use(rule, f"concludes.{field}", value, Conclusion.kind, field)
        elif "{" in value:
            yield f"concludes.{field}", "takes a text or one $variable, no placeholder."
    if rule.gate == "verdict":
        yield "concludes", "the verdict only infers; conclusions belong to the gates before it."
    if rule.concludes.status in ("blocks", "degrades") and not rule.fixes:
        yield "fixes", f"a rule that concludes {rule.concludes.status} must name at least one fix."
    if rule.about and rule.concludes.status != "info":
        yield "about", "only a rule that concludes info can be about another one."


def problems_of_inferred(rule: Rule, inferred: Inferred) -> Iterator[tuple[str, str]]:
    cls = KINDS[inferred.kind]
    if not cls.is_derived or inferred.kind in (Conclusion.kind, NotAssessed.kind):
        yield "infers", f"{inferred.kind} is no kind that a rule may infer."
    if rule.about:
        yield "about", "only a rule that concludes info can be about another one."
    for field, value in inferred.fields.items():
        if is_variable(value):
            place = f"infers.{inferred.kind}.{field}"
            yield from problem_of_use(rule, place, str(value), inferred.kind, field)


def problem_of_use(
    rule: Rule, place: str, variable: str, kind: str, field: str
) -> Iterator[tuple[str, str]]:
    if variable not in rule.variables:
        yield place, f"{variable} is not bound{did_you_mean(variable, rule.variables)}"
        return
    index, source = rule.variables[variable]
    have, want = field_type(rule.when[index].kind, source), field_type(kind, field)
    if not want.accepts_all_of(have):
        origin = f"{rule.when[index].kind}.{source}"
        yield place, f"{variable} comes from {origin}, whose values {field} does not all allow."


def problems_of_text(field: str, text: Text) -> Iterator[tuple[str, str]]:
    for language, sentence in (("en", text.en), ("zh", text.zh)):
        if not sentence.rstrip().endswith(ENDINGS[language]):
            yield f"{field}.{language}", f"must end with {ENDINGS[language][0]!r}."
        if stray_braces(sentence):
            yield f"{field}.{language}", "has braces that are no {$variable} or {kind.field}."
    yield from parity(field, text)


def unbound(place: str, rule: Rule, used: frozenset[Placeholder]) -> Iterator[tuple[str, str]]:
    for name in sorted(p.name for p in used):
        if is_variable(name):
            if name not in rule.variables:
                yield place, f"{{{name}}} is not bound{did_you_mean(name, rule.variables)}"
            continue
        kind, field = name.split(".")
        if kind not in rule.kinds:
            often = any(p.kind == kind and not p.is_negated for p in rule.when)
            hint = did_you_mean(kind, rule.kinds)
            why = "occurs more than once; use a variable." if often else f"is no condition{hint}"
            yield place, f"{{{name}}}: {kind} {why}"
            continue
        try:
            field_type(kind, field)
        except RuleError as error:
            yield place, f"{{{name}}}: {error}"


def check_examples(rule: Rule, examples: Sequence[Example]) -> None:
    """Raises RuleError unless one example fires and one stays silent, all with real facts."""
    if {True, False} - {example.fires for example in examples}:
        raise RuleError(f"{rule.file}: examples: one must fire and one must stay silent.")
    names = [example.name for example in examples]
    if len(set(names)) != len(names):
        raise RuleError(f"{rule.file}: examples: two have the same name.")
    for example in examples:
        for given in example.given:
            if variables := [v for v in given.fields.values() if is_variable(v)]:
                place = f"{rule.file}: examples: {example.name}: {given.kind}"
                raise RuleError(f"{place}: {variables[0]} is no value.")
        if example.fires == "not-assessed" and not rule.list_needs:
            raise RuleError(f"{rule.file}: examples: {example.name}: the rule needs no list.")


def check_fix(fix: FixTemplate) -> None:
    """Raises RuleError for the first fault of one fix by itself."""
    for field, problem in problems_of_fix(fix):
        raise RuleError(f"{fix.file}: {field}: {problem}")


def problems_of_fix(fix: FixTemplate) -> Iterator[tuple[str, str]]:
    change = fix.change
    if not (change.yaml or change.kubectl or change.aliyun):
        yield "change", "needs at least one of yaml, kubectl, aliyun."
    texts = {"why": fix.why, "side_effects": fix.side_effects, "cost": fix.cost}
    texts["change.console"] = change.console
    texts["rollback"] = fix.rollback if isinstance(fix.rollback, Text) else None
    yield from parity("title", fix.title)
    for field, text in texts.items():
        if text is not None:
            yield from parity(field, text)
            for language, sentence in (("en", text.en), ("zh", text.zh)):
                if not sentence.rstrip().endswith(ENDINGS[language]):
                    yield f"{field}.{language}", f"must end with {ENDINGS[language][0]!r}."
    commands = {"change.kubectl": change.kubectl, "change.aliyun": change.aliyun}
    if isinstance(fix.rollback, str):
        commands["rollback"] = fix.rollback
    for field, command in commands.items():
        if problem := problem_in_shell(command):
            yield field, problem
    if change.yaml and (problem := problem_in_yaml(change.yaml)):
        yield "change.yaml", problem
    for index, edit in enumerate(fix.patch):
        if sum(map(bool, (edit.add, edit.set, edit.remove))) != 1:
            yield f"patch[{index}]", "must have exactly one of add, set, remove."
        if bool(edit.item) != bool(edit.add) or bool(edit.fields) != bool(edit.set):
            yield f"patch[{index}]", "add takes an item, set takes fields, remove takes neither."
        if bool(edit.key) == bool(edit.add):
            yield f"patch[{index}]", "set and remove need the key, add has none."


def parity(field: str, text: Text) -> Iterator[tuple[str, str]]:
    """Both languages say the same; of a pair such as `means_en`, `means_zh` each has its own."""
    en = {placeholder_of(p, "en"): p for p in placeholders(text.en)}
    zh = {placeholder_of(p, "zh"): p for p in placeholders(text.zh)}
    if different := en.keys() ^ zh.keys():
        names = ", ".join(sorted("{" + {**en, **zh}[key].name + "}" for key in different))
        yield field, f"en and zh must have the same placeholders; only one has {names}."


def placeholder_of(placeholder: Placeholder, language: str) -> tuple[str, bool]:
    """What is compared between languages: `symptom.means_en` in English is `symptom.means_`."""
    name, ending = placeholder.name, f"_{language}"
    is_own = name.endswith(ending) and not is_variable(name)
    return (name.removesuffix(language) if is_own else name), placeholder.is_json


def fix_placeholders(fix: FixTemplate) -> frozenset[Placeholder]:
    """Every placeholder of a fix, wherever it stands."""
    return placeholders(fix.model_dump_json(exclude={"id", "file"}))


def check_together(
    rules: Sequence[Rule], fixes: Mapping[str, FixTemplate], sources: Mapping[str, Source]
) -> Iterator[RuleError]:
    """The faults between files, each naming the file to change."""
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:  # said of both: nobody knows which one is new
            yield RuleError(f"{rule.file}: id: {rule.id} is taken by {seen[rule.id]}.")
            yield RuleError(f"{seen[rule.id]}: id: {rule.id} is taken by {rule.file}.")
        seen[rule.id] = rule.file
    produced = produced_kinds(rules)
    for rule in rules:
        for field, problem in problems_between(rule, seen, fixes, sources, produced):
            yield RuleError(f"{rule.file}: {field}: {problem}")


def check_products(products: Products, sources: Mapping[str, Source]) -> Iterator[RuleError]:
    """Sources that the products cite and the bibliography lacks."""
    cited = [(f"products.{key}.sources", p.sources) for key, p in products.products.items()]
    for place, names in [*cited, ("ranges_sources", products.ranges_sources)]:
        for name in names:
            if name not in sources:
                hint = did_you_mean(name, sources)
                yield RuleError(f"products.yaml: {place}: unknown source {name!r}{hint}")


def problems_between(
    rule: Rule,
    ids: Mapping[str, str],
    fixes: Mapping[str, FixTemplate],
    sources: Mapping[str, Source],
    produced: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    for key in rule.sources:
        if key not in sources:
            yield "sources", f"unknown source {key!r}{did_you_mean(key, sources)}"
    for name in rule.fixes:
        if name not in fixes:
            yield "fixes", f"unknown fix {name!r}{did_you_mean(name, fixes)}"
        else:
            for _, problem in unbound("", rule, fix_placeholders(fixes[name])):
                yield "fixes", f"{name} uses {problem}"
    for about in rule.about:
        if about not in ids:
            yield "about", f"unknown rule {about!r}{did_you_mean(about, ids)}"
    order = list(GATE_PREFIXES)
    for index, pattern in enumerate(rule.when):
        first = produced.get(pattern.kind)
        if first and order.index(first) > order.index(rule.gate):
            yield (
                f"when[{index}]",
                f"{pattern.kind} is only inferred later, by the gate {first}.",
            )


def produced_kinds(rules: Sequence[Rule]) -> dict[str, str]:
    """Each derived kind and the first gate with a rule that produces it."""
    order = list(GATE_PREFIXES)
    produced: dict[str, str] = {}
    for rule in sorted(rules, key=lambda r: order.index(r.gate)):
        produced.setdefault(rule.produces, rule.gate)
        if rule.list_needs:
            produced.setdefault(NotAssessed.kind, rule.gate)
    return produced
