"""The answer as text for a terminal: what decides on top, details below, long lists folded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from wayout.engine.advise.answer import (
    Answer,
    Finding,
    Fix,
    GateResult,
    Need,
    ProofNode,
    QuestionEcho,
    SourceRef,
    Statement,
    Text,
)
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Role, Style, display_width, pad, visible
from wayout.engine.report.plan import plan_lines, refusals
from wayout.engine.report.proof import ProofGraph, place
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = [
    "addresses",
    "answer_text",
    "evidence_line",
    "ledger_lines",
    "ledger_rows",
    "other_addresses",
    "question_line",
    "source_line",
]

VERDICT_ROLES: dict[str, Role] = {"reachable": "good", "blocked": "bad", "unknown": "unsure"}
STATUS_ROLES: dict[str, Role] = {
    "passes": "good",
    "blocks": "bad",
    "unknown": "unsure",
    "not-applicable": "quiet",
}
ASCII_MARKS = {"passes": "+", "blocks": "x", "unknown": "?", "not-applicable": "-"}
UNICODE_MARKS = {"passes": "✓", "blocks": "✗", "unknown": "?", "not-applicable": "·"}
DIGEST = 16  # characters of it that are shown; JSON and YAML have the rest
FOLD = 5  # entries of a list that are shown without -v
LEAD = "     "  # below the number of a finding or fix


def answer_text(answer: Answer, lang: Lang, style: Style) -> str:
    """The whole answer; in `style.is_verbose` nothing is folded."""
    return str(Sheet(answer, lang, style).write())


def question_line(question: QuestionEcho) -> str:
    """`shop/api-0 -> 203.0.113.10:443/tcp`, as the question was understood."""
    destination, port = question.destination_shown, question.port
    has_port = re.search(r"(?:^[^:]*|\]):\d+$", destination) is not None
    if port is None or destination.endswith(f":{port}"):
        target = f"{destination}/{question.protocol}"
    elif "/" in destination or has_port:
        target = f"{destination} ({port}/{question.protocol})"
    elif destination.count(":") > 1 and not destination.startswith("["):
        target = f"[{destination}]:{port}/{question.protocol}"
    else:
        target = f"{destination}:{port}/{question.protocol}"
    return f"{question.pod_shown} -> {target}"


def source_line(source: SourceRef, lang: Lang, words: Words) -> str:
    """`NAT: title (edition, what to be careful about)`."""
    caution = words.confidence.get(source.confidence, source.confidence)
    edition = source.edition if source.edition != "undated" else ""
    if edition and edition in caution:  # "2021" beside "documentation of 2021"
        edition = ""
    detail = words.comma.join(part for part in (edition, caution) if part)
    tail = words.parentheses.format(detail) if detail else ""
    return f"{source.key}{words.colon}{source.title.pick(lang)}{tail}"


def evidence_line(node: ProofNode, lang: Lang) -> str:
    """A document as `file:line pointer`, an absence in words."""
    return node.text.pick(lang) if node.type == "absence" and node.text else place(node)


def addresses(question: QuestionEcho, flows: Sequence[str]) -> list[str]:
    """The destination addresses of flows; a flow whose address nobody knows keeps its own name."""
    known = {flow.flow: flow.ip for flow in question.flows}
    return list(dict.fromkeys(known.get(flow) or flow for flow in flows))


def other_addresses(question: QuestionEcho, finding: Finding, said: str) -> list[str]:
    """The addresses a finding holds for besides the one that its text tells as an example."""
    known = addresses(question, finding.flows)
    unsaid = [address for address in known if address not in said]
    return unsaid if len(unsaid) < len(known) else []


def ledger_rows(answer: Answer, words: Words) -> list[tuple[str, str, str]]:
    """(hop, address, remark) in path order; the remark names the gateway and, where it makes a
    difference, the destination.
    """
    flows = dict.fromkeys(flow.flow for flow in answer.question.flows)
    found: dict[tuple[str, str, str], dict[str, None]] = {}
    for line in answer.ledger:
        found.setdefault((line.hop, line.address, line.via), {})[line.flow] = None
    rows = []
    for (hop, address, via), seen in found.items():
        remark = words.parentheses.format(via) if via else ""
        if flows.keys() - seen.keys():
            only = words.comma.join(addresses(answer.question, [*seen]))
            remark += words.parentheses.format(f"{words.only_flows} {only}")
        rows.append((hop, address, remark))
    return rows


def ledger_lines(answer: Answer, words: Words) -> list[tuple[str, str]]:
    """(hop, source address) as lines of text."""
    return [
        (f"{words.hop.get(hop, hop)}{words.colon}", f"{address}{remark}")
        for hop, address, remark in ledger_rows(answer, words)
    ]


class Sheet:
    """One answer on one page, section by section."""

    def __init__(self, answer: Answer, lang: Lang, style: Style) -> None:
        self.answer = answer
        self.lang: Lang = lang
        self.words = WORDS[lang]
        self.style = style
        self.page = Page(style)
        self.graph = ProofGraph.of(answer)
        self.folded: list[str] = []

    def write(self) -> Page:
        self.verdict()
        self.question()
        self.path()
        self.statements(self.words.symptoms, self.answer.symptoms, fold=False)
        self.findings()
        self.fixes()
        self.needs()
        self.ledger()
        self.details()
        self.statements(self.words.assumptions, self.answer.assumptions)
        self.statements(self.words.contradictions, self.answer.contradictions, fold=False)
        self.notices()
        self.foot()
        return self.page

    def say(self, text: Text) -> str:
        return text.pick(self.lang)

    def verdict(self) -> None:
        answer, role = self.answer, VERDICT_ROLES[self.answer.verdict]
        lead = self.words.verdict[answer.verdict] + "  "
        self.page.text(question_line(answer.question), lead, "heading", role)
        flows = [flow for flow in answer.question.flows if flow.ip]
        if any(flow.ip not in answer.question.destination for flow in flows):
            addresses = self.words.comma.join(f"{flow.ip} ({flow.scope})" for flow in flows)
            self.page.text(addresses, f"{self.words.resolved} ", "quiet", "quiet")
        self.page.text(self.say(answer.summary))

    def question(self) -> None:
        """What is most worth asking next, in a conversation."""
        asked = self.answer.next_question
        if asked is None:
            return
        from wayout.engine.report.more_words import MORE_WORDS  # few answers need them

        self.page.heading(MORE_WORDS[self.lang].next_question)
        self.page.text(self.say(asked.text), "  ")
        for option in asked.replies:
            self.page.text(self.say(option.text), "  - ")
        self.page.text(f"{self.words.why}{self.words.colon}{self.say(asked.why)}", "  ", "quiet")

    def path(self) -> None:
        self.page.heading(self.words.path)
        gates = self.answer.gates
        titles = max((display_width(visible(self.say(gate.title))) for gate in gates), default=0)
        states = max((display_width(self.words.status[gate.status]) for gate in gates), default=0)
        for gate in gates:
            self.gate(gate, titles, states)

    def gate(self, gate: GateResult, titles: int, states: int) -> None:
        role = STATUS_ROLES[gate.status]
        marks = UNICODE_MARKS if self.style.is_unicode else ASCII_MARKS
        title = pad(visible(self.say(gate.title)), titles)
        state = pad(self.words.status[gate.status], states)
        lead = f"  {marks[gate.status]} {title}  {state}  "
        text_role: Role = "quiet" if role == "quiet" else ""
        self.page.text(self.say(gate.reason), lead, text_role, role)

    def findings(self) -> None:
        findings = sorted(self.answer.findings, key=lambda finding: not finding.is_primary)
        if findings:
            self.page.heading(self.words.findings)
        for number, finding in enumerate(findings, 1):
            if number > 1:
                self.page.gap()
            self.finding(number, finding)

    def finding(self, number: int, finding: Finding) -> None:
        words, page = self.words, self.page
        tags = self.tags(finding)
        title = f"{finding.code}  {self.say(finding.title)}" + (f"  [{tags}]" if tags else "")
        role: Role = "bad" if finding.certainty == "confirmed" else "unsure"
        page.text(title, f"{number:>3}. ", role)
        said = self.say(finding.text)
        page.text(said, LEAD)
        others = other_addresses(self.answer.question, finding, said)
        self.labelled(words.also, [words.comma.join(others)])
        self.labelled(words.near_miss, [self.statement(miss) for miss in finding.near_misses])
        self.labelled(words.evidence, self.evidence(finding.proof), role="quiet")
        self.sources(finding.sources)
        self.labelled(words.fix, [words.comma.join(self.fix_number(fix) for fix in finding.fixes)])

    def tags(self, finding: Finding) -> str:
        words = self.words
        flows = {flow.flow for flow in self.answer.question.flows}
        tags = [words.primary] if finding.is_primary else []
        tags += [words.possible] if finding.certainty == "possible" else []
        tags += [words.degrades] if finding.status == "degrades" else []
        if flows - set(finding.flows):
            named = words.comma.join(addresses(self.answer.question, finding.flows))
            tags.append(f"{words.only_flows} {named}")
        return words.comma.join(tags)

    def evidence(self, proof: str) -> list[str]:
        return [evidence_line(node, self.lang) for node in self.graph.evidence(proof)]

    def sources(self, sources: Sequence[SourceRef]) -> None:
        lead = f"{LEAD}{self.words.source}{self.words.colon}"
        for source in sources:
            self.page.text(source_line(source, self.lang, self.words), lead, "", "quiet")
            lead = " " * display_width(lead)
            if self.style.is_verbose:  # to be clicked or copied: never wrapped
                self.page.append(lead + self.style.paint(visible(source.url), "quiet"))

    def fix_number(self, fix_id: str) -> str:
        numbers = {fix.id: str(number) for number, fix in enumerate(self.answer.fixes, 1)}
        return numbers.get(fix_id, fix_id)

    def labelled(self, label: str, lines: Sequence[str], role: Role = "") -> None:
        """Lines behind one label; the label stands once, the rest hangs below the first line."""
        shown = [line for line in lines if line]
        lead = f"{LEAD}{label}{self.words.colon}"
        for line in self.fold(shown):
            self.page.text(line, lead, role, "quiet")
            lead = " " * display_width(lead)

    def fold(self, lines: Sequence[str]) -> Sequence[str]:
        if self.style.is_verbose or len(lines) <= FOLD:
            return lines
        hidden = len(lines) - FOLD + 1
        return [*lines[: FOLD - 1], self.words.more.format(hidden)]

    def fixes(self) -> None:
        fixes = list(enumerate(self.answer.fixes, 1))
        planned = self.answer.plan.fixes if self.answer.plan else ()
        full = [
            (n, fix)
            for n, fix in fixes
            if fix.rank == 1 or fix.id in planned or self.style.is_verbose
        ]
        short = [(n, fix) for n, fix in fixes if (n, fix) not in full]
        if full:
            self.page.heading(self.words.fixes)
        lines = plan_lines(self.answer, self.lang, self.words, self.fix_number)
        for number, (lead, said) in enumerate(lines):
            self.page.text(f"{lead}{said}", "    " if number else "  ")
        for number, fix in full:
            self.page.gap() if number != full[0][0] else None
            self.fix(number, fix)
        if short:
            self.page.heading(self.words.alternatives)
            self.folded.append(self.words.alternatives)
        for number, fix in short:
            self.page.text(self.fix_title(fix), f"{number:>3}. ")
            self.page.text(self.fix_facts(fix), LEAD, "quiet")
        not_offered = refusals(self.answer, self.lang, self.words)
        if not_offered:
            self.page.heading(self.words.refused)
        for line in not_offered:
            self.page.text(line, "  - ")

    def fix_title(self, fix: Fix) -> str:
        return f"{self.say(fix.title)}{self.words.parentheses.format(fix.id)}"

    def fix_facts(self, fix: Fix) -> str:
        words = self.words
        facts = [
            f"{words.solves} {words.comma.join(fix.solves)}",
            f"{words.risk_label}{words.colon}{words.risk[fix.risk]}",
            f"{words.verified[fix.verified.result]}{words.colon}{self.say(fix.verified.text)}",
        ]
        return words.semicolon.join(facts)

    def fix(self, number: int, fix: Fix) -> None:
        words, page, change = self.words, self.page, fix.change
        page.text(self.fix_title(fix), f"{number:>3}. ", "heading")
        page.text(self.fix_facts(fix), LEAD, "good" if fix.verified.result == "yes" else "unsure")
        self.labelled(words.after, [self.say(fix.verified.after)] if fix.verified.after else [])
        self.labelled(words.why, [self.say(fix.why)])
        for label, code in (("YAML", change.yaml), ("kubectl", change.kubectl)):
            self.code(label, code)
        self.code("aliyun", change.aliyun)
        self.labelled(words.console, [self.say(change.console)] if change.console else [])
        self.labelled(words.side_effects, [self.say(fix.side_effects)])
        self.labelled(words.cost, [self.say(fix.cost)] if fix.cost else [])
        self.rollback(fix.rollback)

    def rollback(self, rollback: Text) -> None:
        """Commands are the same in every language; a sentence is not."""
        if rollback.en == rollback.zh:
            self.code(self.words.rollback, rollback.en)
        else:
            self.labelled(self.words.rollback, [self.say(rollback)])

    def code(self, label: str, code: str) -> None:
        if code.strip():
            self.page.text(f"{label}{self.words.colon}", LEAD, "quiet")
            self.page.block(code)

    def needs(self) -> None:
        needs = self.answer.not_assessed
        if not needs:
            return
        self.page.heading(self.words.not_assessed)
        shown = needs if self.style.is_verbose or self.answer.verdict != "blocked" else needs[:FOLD]
        for need in shown:
            self.need(need)
        if len(shown) < len(needs):
            self.page.text(self.words.more.format(len(needs) - len(shown)), "    ", "quiet")
        commands = [c.strip("\n") for need in shown for c in (need.kubectl, need.aliyun) if c]
        if commands:
            self.page.text(f"{self.words.collect}{self.words.colon}", "  ", "quiet")
            self.page.block("\n".join(dict.fromkeys(commands)))

    def need(self, need: Need) -> None:
        self.page.text(self.say(need.text), "  ? ", "", "unsure")
        if self.style.is_verbose:
            self.labelled(self.words.console, [self.say(need.console)] if need.console else [])
            self.labelled(self.words.permission, [need.permission])

    def details(self) -> None:
        """What only -v shows; otherwise the foot says that it is there."""
        sections: list[tuple[str, int, Callable[[], None]]] = [
            (self.words.ruled_out, len(self.answer.ruled_out), self.ruled_out),
            (self.words.information, len(self.answer.information), self.information),
            (self.words.coverage, len(self.answer.coverage.rules), self.coverage),
        ]
        for heading, count, write in sections:
            if count and self.style.is_verbose:
                self.page.heading(heading)
                write()
            elif count:
                self.folded.append(heading)

    def ledger(self) -> None:
        """What later hops see as the source: the address to put on allow-lists."""
        lines = ledger_lines(self.answer, self.words)
        if lines:
            self.page.heading(self.words.ledger)
        shown = lines if self.style.is_verbose else lines[:FOLD]
        for lead, address in shown:
            self.page.text(address, f"  {lead}")
        if len(shown) < len(lines):
            self.page.text(self.words.more.format(len(lines) - len(shown)), "  ", "quiet")

    def ruled_out(self) -> None:
        for item in self.answer.ruled_out:
            self.page.text(self.say(item.text), f"  + {item.code}{self.words.colon}")
            self.labelled(self.words.evidence, self.evidence(item.proof), role="quiet")

    def information(self) -> None:
        for item in self.answer.information:
            self.page.text(self.statement(item), "  - ")

    def coverage(self) -> None:
        rules = (f"{gate} {count}" for gate, count in self.answer.coverage.rules.items())
        lead = f"  {self.words.rules_known}{self.words.colon}"
        self.page.text(self.words.comma.join(rules), lead)
        for text in self.answer.coverage.not_modelled:
            self.page.text(self.say(text), f"  {self.words.not_modelled}{self.words.colon}")

    def statement(self, statement: Statement) -> str:
        return f"{statement.code}{self.words.colon}{self.say(statement.text)}"

    def statements(self, heading: str, items: Sequence[Statement], fold: bool = True) -> None:
        if not items:
            return
        self.page.heading(heading)
        lines = [self.statement(item) for item in items]
        for line in self.fold(lines) if fold else lines:
            self.page.text(line, "  - ")

    def notices(self) -> None:
        if self.answer.notices:
            self.page.heading(self.words.notices)
        for line in self.fold([self.say(notice) for notice in self.answer.notices]):
            self.page.text(line, "  - ")

    def foot(self) -> None:
        words, provenance = self.words, self.answer.provenance
        self.page.gap()
        if self.folded:
            folded = f"{words.folded}{words.colon}{words.comma.join(self.folded)}"
            self.page.text(folded, "", "quiet")
        parts = [
            f"{words.engine} {provenance.engine_version}",
            f"{words.knowledge} {provenance.knowledge_version}",
            f"{words.facts} {provenance.facts_digest[:DIGEST]}",
        ]
        self.page.text(words.semicolon.join(parts), "", "quiet")
