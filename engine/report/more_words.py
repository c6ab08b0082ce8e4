"""Labels and headings of what is only printed when asked for: why-not and the HTML page."""

from __future__ import annotations

from dataclasses import dataclass

from wayout.engine.report.words import Lang

__all__ = ["MORE_WORDS", "MoreWords"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreWords:
    """One language. `result` and `met` map the values of the why-not model."""

    result: dict[str, str]
    met: dict[str, str]
    conditions: str
    nearest: str
    there: str
    wanted_got: str
    flows: str
    producers: str
    near_misses: str
    instead: str
    missing: str
    gate_question: dict[str, str]  # by how the gate ended
    no_rule: str
    hint_conditions: str

    skip: str
    contents: str
    path_of: str
    proofs: str
    show_proof: str
    proof_steps: str
    other_conclusions: str
    back: str
    copy: str
    copied: str
    copy_failed: str
    plan_steps: str
    provenance: str
    next_question: str
    replies: str
    value: str
    how: str
    document_best: str


MORE_WORDS: dict[Lang, MoreWords] = {
    "en": MoreWords(
        result={"fired": "fired", "silent": "did not fire", "not-assessed": "not assessed"},
        met={"met": "holds", "failed": "fails", "open": "not reached"},
        conditions="Conditions",
        nearest="nearest",
        there="there is",
        wanted_got="{field}: wanted {wanted}, got {got}",
        flows="for {flows}",
        producers="Rules that could have inferred it",
        near_misses="Near misses",
        instead="How the gate ends instead",
        missing="What this gate still lacks",
        gate_question={
            "passes": "Nothing blocks here, because:",
            "not-applicable": "Nothing blocks here, because:",
            "blocks": "Nothing else lets the flow pass, because:",
            "unknown": "This gate is undecided, because:",
        },
        no_rule="There is no rule that would have changed how this gate ends.",
        hint_conditions="--why-not {code} shows every condition",
        skip="Skip to the path",
        contents="Contents",
        path_of="The path, gate by gate",
        proofs="Proofs",
        show_proof="proof",
        proof_steps="Show the proof step by step",
        other_conclusions="Other conclusions",
        back="back to the path",
        copy="Copy",
        copied="Copied",
        copy_failed="Selected: now copy it",
        plan_steps="Apply together, in this order",
        provenance="Provenance",
        next_question="Next question",
        replies="replies",
        value="as a value",
        how="How to find out",
        document_best="A document tells more than a reply: give what this prints.",
    ),
    "zh": MoreWords(
        result={"fired": "已触发", "silent": "未触发", "not-assessed": "未评估"},
        met={"met": "成立", "failed": "不成立", "open": "未检查"},
        conditions="条件",
        nearest="最接近的事实",
        there="实际存在",
        wanted_got="{field}：需要 {wanted}，实际为 {got}",
        flows="针对 {flows}",
        producers="可以推出该事实的规则",
        near_misses="相近项",
        instead="该环节的实际结果",
        missing="该环节仍缺少的信息",
        gate_question={
            "passes": "此处没有阻断，因为：",
            "not-applicable": "此处没有阻断，因为：",
            "blocks": "没有其他条件可以放行，因为：",
            "unknown": "该环节无法判定，因为：",
        },
        no_rule="没有规则会改变该环节的结果。",
        hint_conditions="加 --why-not {code} 查看全部条件",
        skip="跳到路径",
        contents="目录",
        path_of="逐个检查点的路径",
        proofs="证明",
        show_proof="证明",
        proof_steps="逐步查看证明",
        other_conclusions="其他结论",
        back="返回路径",
        copy="复制",
        copied="已复制",
        copy_failed="已选中，请手动复制",
        plan_steps="按此顺序一并执行",
        provenance="诊断信息",
        next_question="待确认的问题",
        replies="可选答复",
        value="直接填写",
        how="如何查明",
        document_best="提供文档比直接答复更有用：请提交以下命令的输出。",
    ),
}
