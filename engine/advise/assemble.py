"""Puts one answer together from what was observed, inferred and proven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from wayout.engine.advise.answer import (
    Answer,
    Coverage,
    Finding,
    FlowEcho,
    GateResult,
    LedgerLine,
    Provenance,
    QuestionEcho,
    RuledOut,
    Statement,
    Text,
    VerdictName,
)
from wayout.engine.advise.conclusions import Concluded, Conclusions
from wayout.engine.advise.filled import text
from wayout.engine.advise.fixes import LAYERS, FixWriter, Proposal, Rerun, key_of
from wayout.engine.advise.known import placeholders
from wayout.engine.advise.needs import needs_of, title_of
from wayout.engine.advise.plan import Tried, make_plan
from wayout.engine.advise.proof import ProofBuilder
from wayout.engine.advise.words import GATE_TITLES, only_some, summary_of
from wayout.engine.case import Case, Question
from wayout.engine.facts.common import GATES, Flow, GateName, SourceAddress
from wayout.engine.facts.symptom import Symptom, SymptomProof, SymptomsOmitted, UnreadText
from wayout.engine.inference import Inferred
from wayout.engine.observe import Observed
from wayout.engine.rules import Knowledge

__all__ = ["assemble"]

SYMPTOM_FACTS = (Symptom, SymptomProof, SymptomsOmitted, UnreadText)
# The conclusions that may give a gate its reason, by how the gate ended.
_REASONS: Mapping[str, tuple[str, ...]] = {
    "blocks": ("blocks",),
    "unknown": ("blocks", "degrades", "unknown"),
    "passes": ("passes",),
    "not-applicable": ("not-applicable",),
}


def assemble(
    case: Case,
    question: Question,
    observed: Observed,
    inferred: Inferred,
    knowledge: Knowledge,
    provenance: Provenance,
    rerun: Rerun,
) -> Answer:
    """The answer; `rerun` draws conclusions from a changed case, to verify fixes."""
    conclusions = Conclusions(inferred)
    proof = ProofBuilder(case, observed.facts, inferred, knowledge)
    flows = tuple(flow for flow in observed.view.flows if flow.role == "main")
    if flows and flows[0].pod != question.pod:  # the pod was named by its address
        question = question.model_copy(update={"pod": flows[0].pod})
    verdict: VerdictName = conclusions.verdict.verdict if conclusions.verdict else "unknown"
    gates = tuple(_gate(gate, conclusions, proof, knowledge) for gate in GATES)
    proposals = _proposals(conclusions, proof)
    known = placeholders(case, question)
    writer = FixWriter(case, knowledge, conclusions, rerun, known)
    fixes, of_finding = writer.write(proposals)
    findings = tuple(
        p.finding.model_copy(update={"fixes": tuple(of_finding[key_of(p.finding)])})
        for p in proposals
    )
    needs = needs_of(
        (c.conclusion for c in conclusions.all), conclusions.not_assessed, knowledge, known
    )
    told = [c for c in conclusions.of_status("info") if not c.firing.rule.about]
    if conclusions.verdict is not None:
        proof.fact(conclusions.verdict)
    return Answer(
        question=_echo(question, flows),
        verdict=verdict,
        summary=summary_of(verdict, question, findings, needs, gates),
        gates=gates,
        findings=findings,
        ruled_out=tuple(
            RuledOut(
                code=c.conclusion.rule,
                gate=c.conclusion.gate,
                text=proof.said(c.firing),
                proof=proof.firing(c.firing),
            )
            for c in conclusions.of_status("passes")
        ),
        not_assessed=needs,
        fixes=fixes,
        refused=tuple(writer.refused.values()),
        plan=make_plan(
            Tried(
                case=case,
                before=conclusions,
                fixes={fix.id: fix for fix in fixes},
                patches=writer.patches,
                known=writer.tried,
                rerun=rerun,
                knowledge=knowledge,
            ),
            findings,
        ),
        ledger=_ledger(inferred, proof, flows),
        assumptions=_statements(conclusions.of_status("assumes"), proof),
        symptoms=_statements(filter(is_of_symptom, told), proof),
        information=_statements((c for c in told if not is_of_symptom(c)), proof),
        contradictions=_statements(conclusions.of_status("contradicts"), proof),
        notices=tuple(Text(en=notice.en, zh=notice.zh) for notice in case.notices),
        coverage=Coverage(
            rules=dict(knowledge.rules_per_gate),
            not_modelled=tuple(text(t) for t in knowledge.not_modelled),
        ),
        proof=proof.build(),
        provenance=provenance,
    )


def _gate(
    gate: GateName, conclusions: Conclusions, proof: ProofBuilder, knowledge: Knowledge
) -> GateResult:
    ended = conclusions.gates.get(gate)
    status = ended.status if ended else "unknown"
    deciding = [
        entry
        for wanted in _REASONS[status]
        for entry in conclusions.of_gate(gate)
        if entry.conclusion.status == wanted
    ]
    if deciding:
        reason = (
            reason_of(deciding, proof) if status == "passes" else proof.said(deciding[0].firing)
        )
        if status == "unknown" and is_confirmed_block(deciding[0]):
            reason = only_some(reason)
        ids = tuple(dict.fromkeys(proof.firing(entry.firing) for entry in deciding))
    else:
        reason, ids = _undecided_reason(gate, conclusions, knowledge), ()
    if ended:
        ids = (*ids, proof.fact(ended))
    return GateResult(gate=gate, title=GATE_TITLES[gate], status=status, reason=reason, proof=ids)


def reason_of(passing: Sequence[Concluded], proof: ProofBuilder) -> Text:
    """Why a gate passes: every layer of it that had a say, such as group and ACL of a target.

    What an error text proves is the reason only where no document gives one.
    """
    documented = [entry for entry in passing if not is_of_symptom(entry)]
    by_rule = {entry.conclusion.rule: entry for entry in reversed(documented or passing)}
    layers = [proof.said(by_rule[code].firing) for code in sorted(by_rule)[:LAYERS]]
    return Text(en=" ".join(t.en for t in layers), zh="".join(t.zh for t in layers))


def is_of_symptom(entry: Concluded) -> bool:
    """Whether it says what an error text means, or why one means nothing here."""
    return any(isinstance(fact, SYMPTOM_FACTS) for fact in entry.firing.bindings)


def is_confirmed_block(entry: Concluded) -> bool:
    conclusion = entry.conclusion
    return conclusion.status == "blocks" and conclusion.certainty == "confirmed"


def _undecided_reason(gate: GateName, conclusions: Conclusions, knowledge: Knowledge) -> Text:
    missing = {(lack.list, lack.of) for lack in conclusions.not_assessed if lack.gate == gate}
    if missing:
        titles = [title_of(name, of, knowledge) for name, of in sorted(missing)]
        en, zh = ", ".join(t.en for t in titles), "、".join(t.zh for t in titles)
        return Text(en=f"Not collected, or not completely: {en}.", zh=f"未收集或收集不完整：{zh}。")
    return Text(
        en="No rule could decide this from what the case holds.",
        zh="现有信息不足，没有规则能够判定该环节。",
    )


def _proposals(conclusions: Conclusions, proof: ProofBuilder) -> list[Proposal]:
    """Findings of one rule about one subject are one finding, over all its flows."""
    grouped: dict[tuple[str, str], list[Concluded]] = {}
    for entry in conclusions.of_status("blocks", "degrades"):
        grouped.setdefault((entry.conclusion.rule, entry.conclusion.subject), []).append(entry)
    near = _near_misses(conclusions, proof)
    primary = next(
        (key for key, entries in grouped.items() if is_confirmed_block(entries[0])),
        None,
    )
    return [
        Proposal(
            _finding(entries, proof, near, is_primary=key == primary),
            tuple(
                firing for entry in entries for firing in conclusions.firings_of(entry.conclusion)
            ),
        )
        for key, entries in grouped.items()
    ]


def _finding(
    entries: list[Concluded],
    proof: ProofBuilder,
    near: Mapping[tuple[str, str], list[Statement]],
    *,
    is_primary: bool,
) -> Finding:
    first = entries[0]
    conclusion, rule = first.conclusion, first.firing.rule
    flows = tuple(dict.fromkeys(entry.conclusion.flow for entry in entries))
    status: Literal["blocks", "degrades"] = (
        "blocks" if conclusion.status == "blocks" else "degrades"
    )
    misses: dict[tuple[str, Text], Statement] = {}
    for flow in flows:
        for miss in near.get((rule.id, flow), []):
            misses.setdefault((miss.code, miss.text), miss)
    return Finding(
        code=rule.id,
        title=text(rule.title),
        gate=conclusion.gate,
        status=status,
        certainty=conclusion.certainty,
        is_primary=is_primary,
        subject=conclusion.subject,
        flows=flows,
        text=proof.said(first.firing),
        near_misses=tuple(misses.values()),
        sources=proof.cited(rule),
        proof=proof.firing(first.firing),
    )


def _near_misses(
    conclusions: Conclusions, proof: ProofBuilder
) -> Mapping[tuple[str, str], list[Statement]]:
    found: dict[tuple[str, str], list[Statement]] = {}
    for entry in conclusions.of_status("info"):
        for about in entry.firing.rule.about:
            key = (about, entry.conclusion.flow)
            found.setdefault(key, []).append(_statement(entry, proof))
    return found


def _statements(entries: Iterable[Concluded], proof: ProofBuilder) -> tuple[Statement, ...]:
    """One statement per sentence: the same assumption about two flows is said once."""
    unique: dict[tuple[str, Text], Statement] = {}
    for entry in entries:
        unique.setdefault(
            (entry.firing.rule.id, proof.said(entry.firing)), _statement(entry, proof)
        )
    return tuple(unique.values())


def _statement(entry: Concluded, proof: ProofBuilder) -> Statement:
    return Statement(
        code=entry.firing.rule.id, text=proof.said(entry.firing), proof=proof.firing(entry.firing)
    )


def _ledger(
    inferred: Inferred, proof: ProofBuilder, flows: tuple[Flow, ...]
) -> tuple[LedgerLine, ...]:
    wanted = {flow.flow: place for place, flow in enumerate(flows)}
    hops = ("pod", "vpc", "internet", "peer-network", "destination")
    lines = [
        fact
        for fact in inferred.supports
        if isinstance(fact, SourceAddress) and fact.flow in wanted and fact.address
    ]
    lines.sort(key=lambda f: (wanted[f.flow], hops.index(f.hop), f.address, f.via))
    return tuple(
        LedgerLine(
            flow=fact.flow,
            hop=fact.hop,
            address=fact.address,
            via=fact.via,
            proof=proof.fact(fact),
        )
        for fact in lines
    )


def _echo(question: Question, flows: tuple[Flow, ...]) -> QuestionEcho:
    return QuestionEcho(
        pod=question.pod,
        destination=question.destination,
        protocol=question.protocol,
        port=question.target.port,
        flows=tuple(
            FlowEcho(flow=f.flow, ip=f.ip, scope=f.scope, protocol=f.protocol, port=f.port)
            for f in flows
        ),
    )
