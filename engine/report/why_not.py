"""WHY-NOT as text, Markdown or data: the conditions of a rule and the one that failed."""

from __future__ import annotations

from collections.abc import Iterator

from wayout.engine.advise.answer import Need
from wayout.engine.advise.why_not import Condition, RuleTrace, Way, WhyNot
from wayout.engine.advise.words import GATE_TITLES
from wayout.engine.report.explain import field_text, fields_text
from wayout.engine.report.markdown import bullets, escape_markdown, fenced
from wayout.engine.report.more_words import MORE_WORDS
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Role, Style
from wayout.engine.report.text import STATUS_ROLES, addresses, question_line
from wayout.engine.report.words import WORDS, Lang

__all__ = ["why_not_markdown", "why_not_text"]

MARKS = {"met": "+", "failed": "x", "open": "-"}
ROLES: dict[str, Role] = {"met": "good", "failed": "bad", "open": "quiet"}
FOLD = 3  # places that show one fact, without -v


def why_not_text(found: WhyNot, lang: Lang, style: Style, is_brief: bool = False) -> str:
    """Every condition of a rule, or one paragraph a rule for a gate.

    `is_brief` leaves the conditions to --why-not and says so.
    """
    return str(Sheet(found, lang, style).write(is_brief))


class Sheet:
    """One why-not on one page."""

    def __init__(self, found: WhyNot, lang: Lang, style: Style) -> None:
        self.found, self.lang, self.style = found, lang, style
        self.words, self.more = WORDS[lang], MORE_WORDS[lang]
        self.page = Page(style)

    def write(self, is_brief: bool) -> Page:
        words, found = self.words, self.found
        verdict = words.verdict[found.verdict] + "  "
        self.page.text(question_line(found.question), verdict, "heading", "heading")
        if found.name in GATE_TITLES:
            self.gate()
        else:
            self.rule(found.rules[0], is_brief)
        return self.page

    def gate(self) -> None:
        title = GATE_TITLES[self.found.name]  # type: ignore[index]
        self.page.gap()
        self.page.text(f"{self.found.name}  {title.pick(self.lang)}", "", "heading")
        if not self.found.rules:
            self.page.text(self.more.no_rule)
            return
        self.instead(self.found.rules[0])
        self.page.gap()
        self.page.text(self.more.gate_question[self.found.rules[0].gate_status or "unknown"])
        for trace in self.found.rules:
            self.page.text(trace.title.pick(self.lang), f"  {trace.code}  ", "heading", "heading")
            self.page.text(trace.ways[0].text.pick(self.lang), "           ")

    def rule(self, trace: RuleTrace, is_brief: bool) -> None:
        page, more = self.page, self.more
        page.gap()
        title = f"{trace.code}  {trace.title.pick(self.lang)}  [{more.result[trace.result]}]"
        page.text(title, "", "good" if trace.result == "fired" else "unsure")
        page.text(trace.text.pick(self.lang))
        if is_brief:
            page.text(more.hint_conditions.format(code=trace.code), "", "quiet")
        else:
            for way in trace.ways:
                self.way(way, is_alone=len(trace.ways) == 1)
        self.rest(trace)

    def way(self, way: Way, *, is_alone: bool) -> None:
        page, more = self.page, self.more
        heading = more.conditions
        if not is_alone:
            flows = addresses(self.found.question, way.flows)
            told = more.flows.format(flows=self.words.comma.join(flows))
            heading = f"{heading} {told}"
        page.heading(heading)
        if not is_alone:
            page.text(way.text.pick(self.lang), "  ")
        for condition in way.conditions:
            self.condition(condition)
        if way.producers:
            page.heading(more.producers)
        for made in way.producers:
            said = f"{made.title.pick(self.lang)}{self.words.stop}{made.text.pick(self.lang)}"
            page.text(said, f"  {made.code}  ")

    def condition(self, condition: Condition) -> None:
        page = self.page
        role = ROLES[condition.result]
        lead = f"  {MARKS[condition.result]} {condition.number}  "
        page.text(condition.text.pick(self.lang), lead, "quiet" if role == "quiet" else "", role)
        below = " " * len(lead)
        for line in told(condition, self.lang):
            page.text(line, below, "unsure" if condition.result == "failed" else "quiet")
        places = condition.origins if self.style.is_verbose else condition.origins[:FOLD]
        for place in places:
            page.text(place, f"{below}<- ", "quiet", "quiet")
        if len(places) < len(condition.origins):
            more = self.words.more.format(len(condition.origins) - len(places))
            page.text(more, f"{below}<- ", "quiet", "quiet")
        if condition.rules:
            rules = f"{self.words.rule} {self.words.comma.join(condition.rules)}"
            page.text(rules, f"{below}<- ", "quiet", "quiet")

    def rest(self, trace: RuleTrace) -> None:
        """What else tells: near misses, how the gate ends, what lacks."""
        page, words = self.page, self.words
        if trace.near_misses:
            page.heading(self.more.near_misses)
        for miss in trace.near_misses:
            page.text(f"{miss.code}{words.colon}{miss.text.pick(self.lang)}", "  - ")
        if trace.gate_status is not None:
            page.heading(self.more.instead)
            self.instead(trace, "  ")
        if trace.needs:
            page.heading(self.more.missing)
        for need in trace.needs:
            page.text(need.text.pick(self.lang), "  ? ", "", "unsure")
        commands = commands_of(trace.needs)
        if commands:
            page.text(f"{words.collect}{words.colon}", "  ", "quiet")
            page.block(commands)

    def instead(self, trace: RuleTrace, lead: str = "") -> None:
        if trace.gate_status is None or trace.gate_reason is None:
            return
        title = GATE_TITLES[trace.gate].pick(self.lang)  # type: ignore[index]
        status = self.words.status[trace.gate_status]
        role = STATUS_ROLES[trace.gate_status]
        self.page.text(trace.gate_reason.pick(self.lang), f"{lead}{title}  {status}  ", "", role)


def told(condition: Condition, lang: Lang) -> Iterator[str]:
    """The fact that met a condition or came nearest, and the fields that differ."""
    words, more = WORDS[lang], MORE_WORDS[lang]
    if not condition.fields:
        return
    fields = {name: value for name, value in condition.fields.items() if value != ""}
    fact = f"{condition.kind}({fields_text(fields)})"
    if condition.result == "failed":
        label = more.there if condition.is_negated else more.nearest
        fact = f"{label}{words.colon}{fact}"
    yield fact
    for missed in condition.missed:
        wanted = field_text(missed.wanted)
        if missed.operator not in ("is", "same"):
            wanted = f"{words.operator[missed.operator]} {wanted}"
        yield more.wanted_got.format(field=missed.field, wanted=wanted, got=field_text(missed.got))


def commands_of(needs: tuple[Need, ...]) -> str:
    commands = [c.strip("\n") for need in needs for c in (need.kubectl, need.aliyun) if c]
    return "\n".join(dict.fromkeys(commands))


def why_not_markdown(found: WhyNot, lang: Lang) -> str:
    """The same as nested lists."""
    words, more = WORDS[lang], MORE_WORDS[lang]
    head = f"# {words.verdict[found.verdict]}{words.colon}"
    parts = [head + escape_markdown(question_line(found.question))]
    if found.name in GATE_TITLES and not found.rules:
        parts.append(more.no_rule)
    for trace in found.rules:
        title = escape_markdown(trace.title.pick(lang))
        parts.append(
            f"## {trace.code} {title}{words.parentheses.format(more.result[trace.result])}"
        )
        parts.append(escape_markdown(trace.text.pick(lang)))
        if found.name not in GATE_TITLES:
            parts += details(found, trace, lang)
    return "\n\n".join(parts) + "\n"


def details(found: WhyNot, trace: RuleTrace, lang: Lang) -> Iterator[str]:
    words, more = WORDS[lang], MORE_WORDS[lang]
    for way in trace.ways:
        flows = words.comma.join(addresses(found.question, way.flows))
        tail = f" {more.flows.format(flows=flows)}" if len(trace.ways) > 1 else ""
        yield f"### {more.conditions}{escape_markdown(tail) if tail else ''}"
        yield "\n".join(line for one in way.conditions for line in condition_lines(one, lang))
        if way.producers:
            yield f"### {more.producers}"
            yield bullets(
                escape_markdown(
                    f"{made.code} {made.title.pick(lang)}{words.stop}{made.text.pick(lang)}"
                )
                for made in way.producers
            )
    if trace.near_misses:
        yield f"### {more.near_misses}"
        yield bullets(
            escape_markdown(f"{miss.code}{words.colon}{miss.text.pick(lang)}")
            for miss in trace.near_misses
        )
    if trace.gate_status and trace.gate_reason:
        yield f"### {more.instead}"
        status = words.status[trace.gate_status]
        yield escape_markdown(f"{status}{words.colon}{trace.gate_reason.pick(lang)}")
    if trace.needs:
        yield f"### {more.missing}"
        yield bullets(escape_markdown(need.text.pick(lang)) for need in trace.needs)
    if commands := commands_of(trace.needs):
        yield fenced(commands, "sh")


def condition_lines(condition: Condition, lang: Lang) -> Iterator[str]:
    words, more = WORDS[lang], MORE_WORDS[lang]
    said = f"{more.met[condition.result]}{words.colon}{condition.text.pick(lang)}"
    yield f"{condition.number}. {escape_markdown(said)}"
    for line in (*told(condition, lang), *condition.origins, *condition.rules):
        yield f"   - {escape_markdown(line)}"
