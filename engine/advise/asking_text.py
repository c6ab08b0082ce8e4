"""The words of a question: what is asked, why, and what each reply leads to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from wayout.engine.advise.answer import Need, NextQuestion, ReplyOption, Text
from wayout.engine.advise.told import filled
from wayout.engine.advise.words import GATE_TITLES
from wayout.engine.advise.worth import Trial, doubted, undecided
from wayout.engine.facts.common import GATES, GateName
from wayout.engine.rules import Asking, Reply

__all__ = ["Asked", "next_question"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about what lacks; without `asking` for the document itself."""

    id: str
    need: Need
    asking: Asking | None
    trials: tuple[Trial, ...]
    values: Mapping[str, str]
    is_document_best: bool = False


def next_question(asked: Asked, open_gates: frozenset[GateName]) -> NextQuestion:
    """The question with the replies that can be given."""
    need, asking = asked.need, asked.asking
    decided = {
        gate
        for trial in asked.trials
        for gate in open_gates - undecided(trial.after)
        if trial.after.gates[gate].status in ("passes", "blocks")
    }
    gates = tuple(gate for gate in GATES if gate in decided) or need.gates
    if asking is None:
        text = Text(en=f"Can you give {need.text.en}?", zh=spaced(f"能否提供{need.text.zh}？"))
    else:
        en, zh = filled(asking.ask.en, asked.values), filled(asking.ask.zh, asked.values)
        text = Text(en=str(en), zh=str(zh))
    return NextQuestion(
        id=asked.id,
        text=text,
        why=why(gates) if asking is None else Text(en=asking.why.en, zh=asking.why.zh),
        gates=gates,
        replies=tuple(
            option(trial.reply, trial, asked.values, open_gates)
            for trial in asked.trials
            if trial.reply is not None
        ),
        value_form=asking.value.form if asking is not None and asking.value is not None else "",
        is_document_best=asked.is_document_best or not asking,
        how=need,
    )


def why(gates: tuple[GateName, ...]) -> Text:
    en = ", ".join(GATE_TITLES[gate].en for gate in gates)
    zh = "、".join(GATE_TITLES[gate].zh for gate in gates)
    return Text(
        en=f"It decides most of what is still open: {en}.", zh=f"它对仍未判定的环节影响最大：{zh}。"
    )


def option(
    reply: Reply, trial: Trial, values: Mapping[str, str], open_gates: frozenset[GateName]
) -> ReplyOption:
    en = str(filled(reply.text.en, values))
    zh = str(filled(reply.text.zh, values))
    return ReplyOption(
        id=reply.id,
        text=Text(en=en, zh=zh),
        effect=effect(trial, open_gates),
        verdict_after=trial.verdict,
    )


def effect(trial: Trial, open_gates: frozenset[GateName]) -> Text:
    """What would follow from a reply, in one sentence."""
    if trial.verdict == "blocked":
        entry = next(
            c for c in trial.after.of_status("blocks") if c.conclusion.certainty == "confirmed"
        )
        rule, gate = entry.firing.rule, GATE_TITLES[entry.conclusion.gate]
        return Text(
            en=f"Then {gate.en} blocks: {rule.title.en} ({rule.id}).",
            zh=spaced(f"则{gate.zh}阻断：{rule.title.zh}（{rule.id}）。"),
        )
    if trial.verdict == "reachable":
        return Text(en="Then the destination is reachable.", zh="则目标可以访问。")
    if (likely := next(doubted(trial.after, open_gates), None)) is not None:
        rule, gate = likely.firing.rule, GATE_TITLES[likely.conclusion.gate]
        return Text(
            en=f"Then {gate.en} most likely blocks: {rule.title.en} ({rule.id}).",
            zh=f"则{gate.zh}很可能阻断：{rule.title.zh}（{rule.id}）。",
        )
    decided = [gate for gate in GATES if gate in open_gates - undecided(trial.after)]
    if not decided:
        return Text(en="Then more has to be asked.", zh="则需要继续询问。")
    en = ", ".join(GATE_TITLES[gate].en for gate in decided)
    zh = "、".join(GATE_TITLES[gate].zh for gate in decided)
    return Text(en=f"Then this is decided: {en}.", zh=f"则可判定：{zh}。")


def spaced(zh: str) -> str:
    """With a space between Chinese and a Latin word that was put behind it."""
    return re.sub(r"(?<=[\u4e00-\u9fff])(?=[A-Za-z])", " ", zh)
