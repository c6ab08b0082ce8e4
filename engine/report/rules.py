"""The knowledge base for people: a list, one rule as a sentence, the index for its README."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from wayout.engine.facts import KINDS, Fact
from wayout.engine.report.explain import field_text, fields_text
from wayout.engine.report.markdown import escape_markdown
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Style, display_width, pad
from wayout.engine.report.words import WORDS, Lang, Words
from wayout.engine.rules import GATE_PREFIXES, Example, Knowledge, Pattern, Rule, Test

if TYPE_CHECKING:
    from wayout.engine.symptoms.model import Symptom

__all__ = ["citation", "list_of", "rule_data", "rule_text", "rules_index", "rules_text"]

UNDATED = "undated"  # the edition of a source that bears no date


def status_of(rule: Rule) -> str:
    """What the rule does: the status it concludes, or the kind it infers."""
    return rule.concludes.status if rule.concludes else f"infers {rule.produces}"


def rules_text(rules: Sequence[Rule], lang: Lang, style: Style) -> str:
    """One rule a line: id, what it does, title."""
    page = Page(style)
    states = [WORDS[lang].rule_status.get(status_of(rule), status_of(rule)) for rule in rules]
    codes = max((len(rule.id) for rule in rules), default=0)
    widest = max(map(display_width, states), default=0)
    gate = ""
    for rule, state in zip(rules, states, strict=True):
        if rule.gate != gate:
            gate = rule.gate
            page.heading(gate)
        lead = f"  {pad(rule.id, codes)}  {pad(state, widest)}  "
        page.text(rule.title.in_language(lang), lead)
    return str(page)


def rule_text(
    rule: Rule, examples: Iterable[Example], knowledge: Knowledge, lang: Lang, style: Style
) -> str:
    """One rule as a sentence, with its fixes, sources and examples."""
    words, page = WORDS[lang], Page(style)
    page.text(f"{rule.id}  {rule.title.in_language(lang)}", "", "heading")
    facts = (rule.gate, words.certainty[rule.certainty], rule.file)
    page.text(words.comma.join(facts), "", "quiet")
    page.heading(words.when)
    for number, pattern in enumerate(rule.when):
        page.text(condition(rule, number, pattern, words), "  - ")
    page.heading(words.then)
    page.text(consequence(rule, words), "  ")
    if rule.says:
        page.text(rule.says.in_language(lang), f"  {words.says}{words.colon}")
    list_of(page, words.fixes, fixes_of(rule, knowledge, lang, words))
    list_of(page, words.sources, sources_of(rule, knowledge, lang, words))
    list_of(
        page, words.examples, (f"{words.fires[ex.fires]}{words.colon}{ex.name}" for ex in examples)
    )
    return str(page)


def list_of(page: Page, heading: str, lines: Iterable[str]) -> None:
    for number, line in enumerate(lines):
        if number == 0:
            page.heading(heading)
        page.text(line, "  - ")


def condition(rule: Rule, number: int, pattern: Pattern, words: Words) -> str:
    """One condition in words, for example `there is no snat_match whose gateway is $nat`."""
    start = words.there_is_no if pattern.is_negated else words.there_is
    tests = words.test_and.join(comparison(test, words) for test in pattern.tests)
    text = start.format(pattern.kind) + (words.whose.format(tests) if tests else "")
    needs = [need for need in rule.list_needs if need.pattern == number]
    for need in needs:
        of = f" {words.of} {need.of}" if need.of else ""
        text += words.parentheses.format(f"{words.needs_list} {need.list}{of}")
    return text


def comparison(test: Test, words: Words) -> str:
    value = str(test.value) if test.operator == "same" else field_text(test.value)
    return f"{test.field} {words.operator[test.operator]} {value}"


def consequence(rule: Rule, words: Words) -> str:
    if rule.infers:
        return f"{words.infers} {rule.infers.kind}({fields_text(rule.infers.fields)})"
    if rule.concludes is None:
        return ""
    done = rule.concludes
    text = f"{rule.gate}{words.colon}{words.rule_status[done.status]}"
    text += f" {done.subject}" if done.subject else ""
    of = f" {words.of} {done.of}" if done.of else ""
    return text + (
        words.parentheses.format(f"{words.needs} {done.needs}{of}") if done.needs else ""
    )


def fixes_of(rule: Rule, knowledge: Knowledge, lang: Lang, words: Words) -> Iterator[str]:
    for name in rule.fixes:
        fix = knowledge.fixes[name]
        risk = f"{words.risk_label}{words.colon}{words.risk[fix.risk]}"
        yield f"{name}{words.colon}{fix.title.in_language(lang)}{words.parentheses.format(risk)}"


def sources_of(rule: Rule, knowledge: Knowledge, lang: Lang, words: Words) -> Iterator[str]:
    for key in rule.sources:
        yield citation(key, knowledge, lang, words)


def citation(key: str, knowledge: Knowledge, lang: Lang, words: Words) -> str:
    """A source with its edition and place."""
    source = knowledge.sources[key]
    edition = words.parentheses.format(source.edition) if source.edition != UNDATED else ""
    place = source.url or source.where
    return f"{key}{words.colon}{source.title.in_language(lang)}{edition}{words.comma}{place}"


def rule_data(rule: Rule) -> dict[str, Any]:
    """A rule for JSON and YAML."""
    return rule.model_dump(mode="json", exclude_defaults=True)


def rules_index(knowledge: Knowledge) -> str:
    """Markdown for knowledge/README.md: the rules by gate, the symptoms, the vocabulary."""
    parts = ["### Rules"]
    for gate in GATE_PREFIXES:
        rules = knowledge.rules_of(gate)
        if rules:
            parts.append(f"**{gate}**")
            parts.append(table(("id", "does", "title", "file"), map(rule_row, rules)))
    parts.append("### Symptoms")
    head = ("id", "title", "implicates, likeliest first", "proves to be passed")
    parts.append(table(head, map(symptom_row, knowledge.symptoms.values())))
    parts.append("### Facts")
    kinds = sorted(KINDS.items())
    parts.append(table(("kind", "fields", "made by", "list"), (kind_row(*item) for item in kinds)))
    return "\n\n".join(parts) + "\n"


def rule_row(rule: Rule) -> tuple[str, ...]:
    name = rule.file.rsplit("/", 1)[-1].removesuffix(".yaml")
    link = f"[{name}]({rule.file})"
    return rule.id, escape_markdown(status_of(rule)), escape_markdown(rule.title.en), link


def symptom_row(symptom: Symptom) -> tuple[str, ...]:
    title = escape_markdown(symptom.title.en)
    return symptom.id, title, ", ".join(symptom.implicates), ", ".join(symptom.excludes)


def kind_row(kind: str, model: type[Fact]) -> tuple[str, ...]:
    fields = ", ".join(f"`{name}`" for name in model.model_fields)
    reference = model.from_list
    of = f" of `{reference.of}`" if reference and reference.of else ""
    listed = f"{reference.name}{of}" if reference else ""
    return f"`{kind}`", fields, "rules" if model.is_derived else "observers", listed


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
