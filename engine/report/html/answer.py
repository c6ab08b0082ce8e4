"""The whole answer as one page: path, findings, fixes, what lacks, and every proof."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wayout.engine.advise.answer import (
    Answer,
    Finding,
    Fix,
    GateResult,
    Need,
    NextQuestion,
    RuledOut,
    Statement,
    Text,
)
from wayout.engine.report.asking import form_of
from wayout.engine.report.html.document import document
from wayout.engine.report.html.markup import Content, Markup, breakable, code, el, join
from wayout.engine.report.html.proofs import Proofs, source_link
from wayout.engine.report.more_words import MORE_WORDS
from wayout.engine.report.plain import Style
from wayout.engine.report.plan import Outline, outline, refusals
from wayout.engine.report.text import (
    addresses,
    evidence_line,
    ledger_rows,
    other_addresses,
    question_line,
)
from wayout.engine.report.words import WORDS, Lang

__all__ = ["answer_html", "header", "page_title"]

ROLES = {
    "passes": "good",
    "blocks": "bad",
    "unknown": "unsure",
    "not-applicable": "none",
    "reachable": "good",
    "blocked": "bad",
}
MARKS = {"passes": "✓", "blocks": "✗", "unknown": "?", "not-applicable": "–"}


def answer_html(answer: Answer, lang: Lang, style: Style) -> str:
    """One self-contained page, or its body alone; `style.is_verbose` unfolds every proof."""
    body = PageWriter(answer, lang, is_open=style.is_verbose).body()
    return (
        f"{el('div', body)}\n" if style.is_part else document(page_title(answer, lang), lang, body)
    )


def header(answer: Answer, lang: Lang, *more: Content) -> Markup:
    """Verdict, question and the one sentence that answers it."""
    words, question = WORDS[lang], answer.question
    known = [flow for flow in question.flows if flow.ip and flow.ip not in question.destination]
    shown = words.comma.join(f"{flow.ip} ({flow.scope})" for flow in known)
    return el(
        "header",
        el("p", words.verdict[answer.verdict], class_=f"verdict {ROLES[answer.verdict]}"),
        el("h1", question_line(question)),
        el("p", f"{words.resolved} {shown}", class_="quiet") if known else None,
        el("p", answer.summary.pick(lang), class_="lead"),
        *more,
    )


def page_title(answer: Answer, lang: Lang) -> str:
    words = WORDS[lang]
    return f"{words.verdict[answer.verdict]}{words.colon}{question_line(answer.question)}"


class PageWriter:
    """Writes the sections of one answer; each has an anchor, and every link leads to one."""

    def __init__(self, answer: Answer, lang: Lang, *, is_open: bool) -> None:
        self.answer = answer
        self.lang: Lang = lang
        self.words, self.more = WORDS[lang], MORE_WORDS[lang]
        self.proofs = Proofs(answer, lang, is_open=is_open)
        findings = sorted(answer.findings, key=lambda finding: not finding.is_primary)
        self.findings = {f"finding-{n}": finding for n, finding in enumerate(findings, 1)}
        self.missing = {f"need-{n}": need for n, need in enumerate(answer.not_assessed, 1)}
        self.fixes = {fix.id: f"fix-{number}" for number, fix in enumerate(answer.fixes, 1)}

    def body(self) -> list[Content]:
        words, more, answer = self.words, self.more, self.answer
        asked = answer.next_question
        sections: list[tuple[str, str, Content]] = [
            ("question", more.next_question, self.question(asked) if asked else None),
            ("path", words.path, [self.path(), self.gates()]),
            ("symptoms", words.symptoms, self.statements(answer.symptoms)),
            ("findings", words.findings, list(self.write_findings())),
            ("fixes", words.fixes, list(self.write_fixes())),
            ("refused", words.refused, self.lines(refusals(answer, self.lang, words))),
            ("missing", words.not_assessed, list(self.needs())),
            ("ledger", words.ledger, self.ledger()),
            ("assumptions", words.assumptions, self.statements(answer.assumptions)),
            ("contradictions", words.contradictions, self.statements(answer.contradictions)),
            ("ruled-out", words.ruled_out, self.statements(answer.ruled_out)),
            ("information", words.information, self.statements(answer.information)),
            ("notices", words.notices, self.listing(answer.notices)),
            ("coverage", words.coverage, self.coverage()),
            ("proofs", more.proofs, list(self.write_proofs())),
        ]
        present = [(anchor, title, content) for anchor, title, content in sections if content]
        contents = el(
            "nav",
            el("ul", (el("li", el("a", title, href=f"#{anchor}")) for anchor, title, _ in present)),
            aria_label=more.contents,
        )
        main = el(
            "main",
            (
                el("section", el("h2", title, id=f"{anchor}-title"), content, id=anchor,
                   aria_labelledby=f"{anchor}-title")
                for anchor, title, content in present
            ),
        )  # fmt: skip
        skip = el("a", more.skip, href="#path", class_="skip")
        return [skip, header(answer, self.lang), contents, main, self.footer()]

    def say(self, text: Text) -> str:
        return text.pick(self.lang)

    def question(self, asked: NextQuestion) -> Markup:
        """What is asked, the replies with what follows from each, and how to find out."""
        words, more, how = self.words, self.more, asked.how
        form = form_of(asked, self.lang) if asked.value_form != "text" else ""
        replies = [
            el("li", el("strong", self.say(option.text), class_="reply"), words.colon,
               self.say(option.effect))
            for option in asked.replies
        ]  # fmt: skip
        return el(
            "article",
            el("h3", self.say(asked.text)),
            self.facts(
                (words.why, self.say(asked.why)),
                (more.replies, el("ul", replies) if replies else None),
                (more.value, el("span", form, id="value-form") if form else None),
            ),
            [el("h4", more.how), el("p", more.document_best) if asked.is_document_best else None,
             self.obtaining(how)] if how else None,
            class_="unsure",
        )  # fmt: skip

    def path(self) -> Markup:
        """The diagram: pod, gates, destination; the line is broken where the way is not known."""
        question = self.answer.question
        reach, steps = "", [end(question.pod_shown, "○", "")]
        for gate in self.answer.gates:
            stops = gate.status == "blocks" and reach != "beyond"
            steps.append(self.station(gate, f"{reach} stops".strip() if stops else reach))
            if stops:
                reach = "beyond"
            elif gate.status == "unknown":
                reach = reach or "doubt"
        steps.append(end(question.destination_shown, "◎", reach))
        return el("ol", steps, class_="path", aria_label=self.more.path_of)

    def station(self, gate: GateResult, reach: str) -> Markup:
        return el(
            "li",
            el(
                "a",
                el("span", MARKS[gate.status], class_="dot", aria_hidden="true"),
                el("span", self.say(gate.title), class_="name"),
                el("span", self.words.status[gate.status], class_="state"),
                href=f"#gate-{gate.gate}",
            ),
            class_=f"{ROLES[gate.status]} {reach}".strip(),
        )

    def gates(self) -> Markup:
        """What each gate says; unfolded, it leads to findings and proof."""
        return el("div", map(self.gate, self.answer.gates), class_="gates")

    def gate(self, gate: GateResult) -> Markup:
        role = ROLES[gate.status]
        summary = el(
            "summary",
            el("strong", self.say(gate.title)),
            el("span", f"{MARKS[gate.status]} {self.words.status[gate.status]}",
               class_=f"state {role}"),
            el("span", self.say(gate.reason), class_="reason"),
        )  # fmt: skip
        here = [(a, f) for a, f in self.findings.items() if f.gate == gate.gate]
        lacks = [(a, n) for a, n in self.missing.items() if gate.gate in n.gates]
        checked = [item for item in self.answer.ruled_out if item.gate == gate.gate]
        body = [
            el("ul", (self.finding_line(anchor, finding) for anchor, finding in here))
            if here
            else None,
            el("h3", self.words.not_assessed) if lacks else None,
            el("ul", (el("li", el("a", self.say(n.text), href=f"#{a}")) for a, n in lacks))
            if lacks
            else None,
            el("h3", self.words.ruled_out) if checked else None,
            self.statements(checked),
            el("p", el("a", self.more.proof_steps, href=f"#proof-{gate.gate}"), class_="jump"),
        ]
        return el("details", summary, el("div", body, class_="body"), id=f"gate-{gate.gate}")

    def finding_line(self, anchor: str, finding: Finding) -> Markup:
        return el("li", el("a", f"{finding.code} {self.say(finding.title)}", href=f"#{anchor}"))

    def write_findings(self) -> Iterator[Markup]:
        for anchor, finding in self.findings.items():
            yield self.finding(anchor, finding)

    def finding(self, anchor: str, finding: Finding) -> Markup:
        words, said = self.words, self.say(finding.text)
        tags = (el("span", tag, class_=f"tag {role}") for tag, role in self.tags(finding))
        evidence = [
            el("li", el("code", evidence_line(node, self.lang)))
            if node.type == "document"
            else el("li", evidence_line(node, self.lang))
            for node in self.proofs.graph.evidence(finding.proof)
        ]
        others = other_addresses(self.answer.question, finding, said)
        fixes = [
            el("li", f"{self.number_of(fix)}. ", self.fix_link(fix))
            for fix in finding.fixes
            if fix in self.fixes
        ]
        link = self.proofs.link(finding.proof, finding.code, self.more.proof_steps)
        return el(
            "article",
            el("h3", el("span", finding.code, class_="id"), " ", self.say(finding.title), tags),
            el("p", said),
            self.facts(
                (words.also, words.comma.join(others)),
                (words.near_miss, self.statements(finding.near_misses)),
                (words.fix, el("ul", fixes, class_="codes") if fixes else None),
                (words.evidence, el("ul", evidence) if evidence else None),
                (words.source, self.sources(finding)),
            ),
            el("p", link, class_="jump") if link else None,
            class_="bad" if finding.certainty == "confirmed" else "unsure",
            id=anchor,
        )

    def tags(self, finding: Finding) -> Iterator[tuple[str, str]]:
        words, flows = self.words, {flow.flow for flow in self.answer.question.flows}
        if finding.is_primary:
            yield words.primary, "bad"
        if finding.certainty == "possible":
            yield words.possible, "unsure"
        if finding.status == "degrades":
            yield words.degrades, "unsure"
        if flows - set(finding.flows):
            named = words.comma.join(addresses(self.answer.question, finding.flows))
            yield f"{words.only_flows} {named}", "none"

    def sources(self, finding: Finding) -> Markup | None:
        cited = [el("li", source_link(source, self.lang)) for source in finding.sources]
        return el("ul", cited) if cited else None

    def number_of(self, fix: str) -> str:
        return self.fixes[fix].removeprefix("fix-")

    def write_fixes(self) -> Iterator[Markup]:
        if told := outline(self.answer, self.words):
            yield self.plan(told)
        for fix in self.answer.fixes:
            yield self.fix(fix)

    def plan(self, told: Outline) -> Markup:
        """The changes in their order, what follows each, and how it ends."""
        words, verdict = self.words, told.plan.verdict_after
        ends = f"{words.after}{words.colon}{words.verdict[verdict]}"
        steps = [
            el("li", join(map(self.fix_link, step.fixes), words.comma),
               el("p", self.say(step.text)))
            for step in told.steps
        ]  # fmt: skip
        changes = [el("li", self.fix_link(fix)) for fix in told.plan.fixes]
        return el(
            "article",
            el("h3", told.label, el("span", ends, class_=f"tag {ROLES[verdict]}")),
            el("p", self.say(told.plan.text)),
            [el("p", self.more.plan_steps, class_="quiet"), el("ol", steps)]
            if steps
            else el("ul", changes),
            class_="good" if verdict == "reachable" else "unsure",
            id="plan",
        )

    def fix_link(self, fix: str) -> list[Content]:
        """A fix by its title, which leads to it, and by its id: titles may stand twice."""
        link = next(
            (
                el("a", self.say(known.title), href=f"#{self.fixes[fix]}")
                for known in self.answer.fixes
                if known.id == fix
            ),
            None,
        )
        return [link, " " if link else None, el("small", fix)]

    def fix(self, fix: Fix) -> Markup:
        words, change = self.words, fix.change
        verified = "good" if fix.verified.result == "yes" else "unsure"
        solved = [
            el("a", f.code, href=f"#{anchor}")
            for anchor, f in self.findings.items()
            if f.code in fix.solves and fix.id in f.fixes
        ]
        undo = fix.rollback
        is_command = undo.en == undo.zh
        channels = (("YAML", change.yaml), ("kubectl", change.kubectl), ("aliyun", change.aliyun))
        head = el("h3", f"{self.number_of(fix.id)}. {self.say(fix.title)}", " ",
                  el("small", fix.id))  # fmt: skip
        return el(
            "article",
            head,
            el("p", el("span", words.verified[fix.verified.result], class_=f"tag {verified}"),
               " ", self.say(fix.verified.text)),
            self.facts(
                (words.solves, join(solved, words.comma) or words.comma.join(fix.solves)),
                (words.risk_label, words.risk[fix.risk]),
                (words.after, self.say(fix.verified.after) if fix.verified.after else None),
                (words.why, self.say(fix.why)),
            ),
            [self.command(label, text) for label, text in channels if text.strip()],
            self.facts(
                (words.console, self.say(change.console) if change.console else None),
                (words.side_effects, self.say(fix.side_effects)),
                (words.cost, self.say(fix.cost) if fix.cost else None),
                (words.rollback, self.say(undo) if not is_command else None),
            ),
            self.command(words.rollback, undo.en) if is_command and undo.en.strip() else None,
            class_=verified,
            id=self.fixes[fix.id],
        )  # fmt: skip

    def command(self, label: str, text: str) -> list[Markup]:
        return [el("h4", label), self.copyable(text)]

    def copyable(self, text: str) -> Markup:
        more = self.more
        button = el(
            "button",
            more.copy,
            type="button",
            hidden=True,
            data_copied=more.copied,
            data_failed=more.copy_failed,
            aria_live="polite",
        )
        return el("div", code(text), button, class_="command")

    def needs(self) -> Iterator[Content]:
        for anchor, need in self.missing.items():
            yield self.need(anchor, need)
        found = (c.strip("\n") for n in self.answer.not_assessed for c in (n.kubectl, n.aliyun))
        commands = list(dict.fromkeys(command for command in found if command))
        if len(commands) > 1:
            yield [el("h3", self.words.collect), self.copyable("\n".join(commands))]

    def need(self, anchor: str, need: Need) -> Markup:
        words = self.words
        gates = {gate.gate: self.say(gate.title) for gate in self.answer.gates}
        links = [el("a", gates.get(gate, gate), href=f"#gate-{gate}") for gate in need.gates]
        return el(
            "article",
            el("h3", self.say(need.text)),
            self.facts((words.gate, join(links, words.comma) or None)),
            self.obtaining(need),
            class_="unsure",
            id=anchor,
        )

    def obtaining(self, need: Need) -> list[Content]:
        """Where a missing fact is found, and what prints it."""
        words = self.words
        commands = [c for c in (need.kubectl, need.aliyun) if c.strip()]
        return [
            self.facts(
                (words.console, self.say(need.console) if need.console else None),
                (words.permission, el("code", need.permission) if need.permission else None),
            ),
            [self.copyable(command) for command in commands],
        ]

    def facts(self, *rows: tuple[str, Content]) -> Markup | None:
        """Labels with what they label; rows without content are left out."""
        shown = [(label, content) for label, content in rows if content]
        if not shown:
            return None
        return el("dl", ([el("dt", label), el("dd", content)] for label, content in shown))

    def ledger(self) -> Content:
        rows = ledger_rows(self.answer, self.words)
        if not rows:
            return None
        proofs = {(line.hop, line.address): line.proof for line in self.answer.ledger}
        return el(
            "table",
            el(
                "tbody",
                (
                    el(
                        "tr",
                        el("th", self.words.hop.get(hop, hop), scope="row"),
                        el("td", el("code", address), tail),
                        el("td", self.proofs.link(proofs[hop, address], address)),
                    )
                    for hop, address, tail in rows
                ),
            ),
        )

    def statements(self, items: Sequence[Statement | RuledOut]) -> Markup | None:
        """Code, sentence and the way to its proof, one a line."""
        lines = (
            el(
                "li",
                el("span", item.code, class_="id"),
                " ",
                self.say(item.text),
                [" ", link] if (link := self.proofs.link(item.proof, item.code)) else None,
            )
            for item in items
        )
        return el("ul", lines, class_="codes") if items else None

    def listing(self, texts: Sequence[Text]) -> Markup | None:
        return self.lines([self.say(text) for text in texts])

    def lines(self, said: Sequence[str]) -> Markup | None:
        return el("ul", (el("li", line) for line in said)) if said else None

    def coverage(self) -> list[Content]:
        counts = self.answer.coverage.rules.items()
        told = self.words.comma.join(f"{gate} {count}" for gate, count in counts)
        return [
            el("p", f"{self.words.rules_known}{self.words.colon}{told}") if told else None,
            el("h3", self.words.not_modelled) if self.answer.coverage.not_modelled else None,
            self.listing(self.answer.coverage.not_modelled),
        ]

    def write_proofs(self) -> Iterator[Markup]:
        """The proof of each gate, then of what belongs to none, so that every link ends here."""
        groups = [(f"proof-{g.gate}", self.say(g.title), self.roots(g)) for g in self.answer.gates]
        groups.append(("proof-other", self.more.other_conclusions, list(self.other_roots())))
        trees = self.proofs.branches(roots for _, _, roots in groups)
        for (anchor, title, _), branches in zip(groups, trees, strict=True):
            body: Content = self.proofs.tree(branches)
            if not branches:
                if anchor == "proof-other":
                    continue
                body = el("p", self.words.no_proof, class_="quiet")
            gate = next((g for g in self.answer.gates if anchor == f"proof-{g.gate}"), None)
            is_open = self.proofs.is_open or (gate is not None and gate.status == "blocks")
            back = el("p", el("a", self.more.back, href="#path"), class_="jump")
            inner = el("div", body, back, class_="body")
            summary = el("summary", el("strong", title))
            yield el("details", summary, inner, id=anchor, open=is_open)

    def roots(self, gate: GateResult) -> list[str]:
        found = [f.proof for f in self.findings.values() if f.gate == gate.gate]
        checked = [item.proof for item in self.answer.ruled_out if item.gate == gate.gate]
        return [*gate.proof, *found, *checked]

    def other_roots(self) -> Iterator[str]:
        answer = self.answer
        misses = (miss for finding in answer.findings for miss in finding.near_misses)
        said = (
            *misses,
            *answer.assumptions,
            *answer.symptoms,
            *answer.information,
            *answer.contradictions,
        )
        yield from (statement.proof for statement in said)
        yield from (line.proof for line in answer.ledger)
        below = {edge.child for edge in answer.proof.edges}
        yield from (node.id for node in answer.proof.nodes if node.id not in below)

    def footer(self) -> Markup:
        made, words = self.answer.provenance, self.words
        return el(
            "footer",
            el("h2", self.more.provenance),
            self.facts(
                (words.engine, made.engine_version),
                (words.knowledge, el("code", made.knowledge_version)),
                (words.facts, el("code", made.facts_digest)),
            ),
            id="provenance",
        )


def end(name: str, mark: str, reach: str) -> Markup:
    dot = el("span", mark, class_="dot", aria_hidden="true")
    return el(
        "li",
        el("span", dot, el("strong", breakable(name), class_="name"), class_="end"),
        class_=reach,
    )
