"""The few sentences of an answer that no rule says: gate titles and the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wayout.engine.advise.answer import Finding, GateResult, Need, Text, VerdictName
from wayout.engine.case import Question
from wayout.engine.facts.common import GATE_NAMES, GateName

__all__ = ["GATE_TITLES", "only_some", "summary_of"]

GATE_TITLES: Mapping[GateName, Text] = {
    gate: Text(en=en, zh=zh) for gate, (en, zh) in GATE_NAMES.items()
}


def summary_of(
    verdict: VerdictName,
    question: Question,
    findings: Sequence[Finding],
    needs: Sequence[Need],
    gates: Sequence[GateResult],
) -> Text:
    """One sentence for somebody who reads nothing else."""
    pod, to = question.pod, question.destination
    if verdict == "reachable":
        return Text(
            en=f"{pod} can reach {to}, as far as configuration can tell.",
            zh=f"从配置来看，{pod} 可以访问 {to}。",
        )
    if verdict == "blocked":
        return _blocked(pod, to, findings)
    sometimes = next((f for f in findings if is_intermittent(f)), None)
    if sometimes is not None and not needs:
        return Text(
            en=f"{pod} reaches {to} only some of the time: {sometimes.title.en}.",
            zh=f"{pod} 访问 {to} 时通时断：{sometimes.title.zh}。",
        )
    undecided = [gate for gate in gates if gate.status == "unknown"]
    en = ", ".join(gate.title.en for gate in undecided)
    zh = "、".join(gate.title.zh for gate in undecided)
    items = "1 missing item is" if len(needs) == 1 else f"{len(needs)} missing items are"
    lacking_en = f"; {items} listed below" if needs else ""
    lacking_zh = f"；缺少 {len(needs)} 项信息，见下文" if needs else ""
    return Text(
        en=f"Whether {pod} can reach {to} is not known. Undecided: {en}{lacking_en}.",
        zh=f"无法判断 {pod} 能否访问 {to}。未判定：{zh}{lacking_zh}。",
    )


def is_intermittent(finding: Finding) -> bool:
    """Whether a finding of an undecided answer stops the flow some of the time, for certain."""
    return finding.certainty == "confirmed" and (finding.is_primary or finding.status == "degrades")


def only_some(reason: Text) -> Text:
    """A reason that holds for some addresses of the destination and not for the others."""
    return Text(
        en=f"Some addresses of the destination are blocked, others are not: {reason.en}",
        zh=f"目标的部分地址被拦截，其余地址不受影响：{reason.zh}",
    )


def _blocked(pod: str, to: str, findings: Sequence[Finding]) -> Text:
    confirmed = [f for f in findings if f.status == "blocks" and f.certainty == "confirmed"]
    primary = next(f for f in confirmed if f.is_primary)
    more = len(confirmed) - 1
    more_en = f" {more} more blocker{'s' if more > 1 else ''} below." if more else ""
    more_zh = f"另有 {more} 个阻断点，见下文。" if more else ""
    return Text(
        en=f"{pod} cannot reach {to}: {primary.title.en}.{more_en}",
        zh=f"{pod} 无法访问 {to}：{primary.title.zh}。{more_zh}",
    )
