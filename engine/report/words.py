"""Labels and headings of both languages; what a finding says comes from the knowledge base."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["WORDS", "Lang", "Words"]

Lang = Literal["en", "zh"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language. `verdict`, `status` and the like map the values of the answer model."""

    verdict: dict[str, str]
    status: dict[str, str]
    risk: dict[str, str]
    verified: dict[str, str]
    hop: dict[str, str]
    rule_status: dict[str, str]
    certainty: dict[str, str]
    operator: dict[str, str]
    fires: dict[bool | str, str]  # outcome of an example
    confidence: dict[str, str]  # of a source; "" where there is nothing to warn of

    colon: str
    semicolon: str
    comma: str
    parentheses: str

    path: str
    findings: str
    fixes: str
    plan: str
    plan_of_one: str
    stop: str
    alternatives: str
    refused: str
    not_assessed: str
    ledger: str
    ruled_out: str
    assumptions: str
    symptoms: str
    information: str
    contradictions: str
    notices: str
    coverage: str
    resolved: str

    primary: str
    possible: str
    degrades: str
    only_flows: str
    also: str
    evidence: str
    near_miss: str
    source: str
    sources: str
    fix: str
    why: str
    after: str
    solves: str
    risk_label: str
    side_effects: str
    cost: str
    rollback: str
    console: str
    collect: str
    permission: str
    more: str
    folded: str
    rules_known: str
    not_modelled: str
    facts: str
    knowledge: str
    engine: str

    fact: str
    rule: str
    collected_at: str
    see: str
    no_proof: str
    given: str
    when: str
    then: str
    says: str
    examples: str
    there_is: str
    there_is_no: str
    whose: str
    test_and: str
    of: str
    infers: str
    needs: str
    needs_list: str
    recognised: str
    meaning: str
    implicates: str
    implicates_private: str
    excludes: str
    bypasses: str
    next: str
    examples_near: str

    gate: str
    status_label: str
    reason: str


WORDS: dict[str, Words] = {
    "en": Words(
        verdict={"reachable": "REACHABLE", "blocked": "BLOCKED", "unknown": "UNKNOWN"},
        status={
            "passes": "passes",
            "blocks": "blocks",
            "unknown": "unknown",
            "not-applicable": "n/a",
        },
        risk={"low": "low", "medium": "medium", "high": "high"},
        verified={
            "yes": "verified",
            "no": "NOT confirmed",
            "needs": "not verifiable yet",
            "unmodelled": "not verified",
        },
        hop={
            "pod": "in the pod",
            "vpc": "in the VPC",
            "internet": "on the Internet",
            "peer-network": "in the peer network",
            "destination": "at the destination",
        },
        rule_status={
            "blocks": "blocks",
            "degrades": "degrades",
            "passes": "passes",
            "unknown": "unknown",
            "not-applicable": "n/a",
            "info": "information",
            "assumes": "assumption",
            "contradicts": "contradiction",
        },
        certainty={"confirmed": "confirmed", "possible": "possible"},
        operator={
            "is": "is",
            "same": "is",
            "not": "is not",
            "lt": "is below",
            "at_most": "is at most",
            "gt": "is above",
            "at_least": "is at least",
        },
        fires={True: "fires", False: "stays silent", "not-assessed": "is not assessed"},
        confidence={
            "DOC": "",
            "DOCX": "excerpt",
            "DOC21": "documentation of 2021",
            "SDK": "",
            "SRC": "source code",
            "3P": "third party",
            "GK": "general knowledge",
            "UNC": "unverified",
        },
        colon=": ",
        semicolon="; ",
        comma=", ",
        parentheses=" ({})",
        path="Path",
        findings="Findings",
        fixes="Fixes",
        plan="All together",
        plan_of_one="What can be done",
        stop=". ",
        alternatives="Alternatives",
        refused="Not offered",
        not_assessed="Not assessed",
        ledger="Source address",
        ruled_out="Ruled out",
        assumptions="Assumptions",
        symptoms="What the error texts say",
        information="Information",
        contradictions="Contradictions",
        notices="About the documents",
        coverage="Coverage",
        resolved="resolves to",
        primary="primary",
        possible="possible",
        degrades="intermittent",
        only_flows="only",
        also="the same for",
        evidence="evidence",
        near_miss="near miss",
        source="source",
        sources="Sources",
        fix="fix",
        why="why",
        after="after it",
        solves="solves",
        risk_label="risk",
        side_effects="side effects",
        cost="cost",
        rollback="undo",
        console="console",
        collect="Collect it with",
        permission="needs permission",
        more="{} more with -v",
        folded="-v shows more",
        rules_known="rules",
        not_modelled="not modelled",
        facts="facts",
        knowledge="knowledge",
        engine="wayout",
        fact="fact",
        rule="rule",
        collected_at="collected",
        see="see",
        no_proof="no document stands behind this sentence",
        given="given by the question",
        when="When",
        then="Then",
        says="says",
        examples="Examples",
        there_is="there is a fact {}",
        there_is_no="there is no fact {}",
        whose=" whose {}",
        test_and=" and ",
        of="of",
        infers="infers",
        needs="needs",
        needs_list="only when this list is complete:",
        recognised="Recognised by",
        meaning="Meaning",
        implicates="likely, in this order",
        implicates_private="the same when the destination is not on the Internet",
        excludes="proven to be passed",
        bypasses="has no say",
        next="next",
        examples_near="Alike, and something else",
        gate="gate",
        status_label="status",
        reason="reason",
    ),
    "zh": Words(
        verdict={"reachable": "可以访问", "blocked": "无法访问", "unknown": "无法判断"},
        status={
            "passes": "通过",
            "blocks": "阻断",
            "unknown": "无法判断",
            "not-applicable": "不涉及",
        },
        risk={"low": "低", "medium": "中", "high": "高"},
        verified={
            "yes": "已验证",
            "no": "验证未通过",
            "needs": "暂时无法验证",
            "unmodelled": "未验证",
        },
        hop={
            "pod": "Pod 内",
            "vpc": "专有网络内",
            "internet": "公网",
            "peer-network": "对端网络",
            "destination": "目标侧",
        },
        rule_status={
            "blocks": "阻断",
            "degrades": "时断时续",
            "passes": "通过",
            "unknown": "无法判断",
            "not-applicable": "不涉及",
            "info": "提示",
            "assumes": "假设",
            "contradicts": "矛盾",
        },
        certainty={"confirmed": "确定", "possible": "可能"},
        operator={
            "is": "为",
            "same": "为",
            "not": "不为",
            "lt": "小于",
            "at_most": "不大于",
            "gt": "大于",
            "at_least": "不小于",
        },
        fires={True: "触发", False: "不触发", "not-assessed": "未评估"},
        confidence={
            "DOC": "",
            "DOCX": "节选",
            "DOC21": "2021 年文档",
            "SDK": "",
            "SRC": "源代码",
            "3P": "第三方",
            "GK": "通用知识",
            "UNC": "未经证实",
        },
        colon="：",
        semicolon="；",
        comma="、",
        parentheses="（{}）",
        path="路径",
        findings="问题",
        fixes="修复方案",
        plan="完整方案",
        plan_of_one="可行的变更",
        stop="。",
        alternatives="备选方案",
        refused="不予推荐",
        not_assessed="未评估",
        ledger="源地址",
        ruled_out="已排除",
        assumptions="前提假设",
        symptoms="报错解读",
        information="提示",
        contradictions="相互矛盾",
        notices="关于输入文档",
        coverage="覆盖范围",
        resolved="解析为",
        primary="首要原因",
        possible="可能",
        degrades="时断时续",
        only_flows="仅涉及",
        also="同样涉及",
        evidence="依据",
        near_miss="相近项",
        source="来源",
        sources="来源",
        fix="修复",
        why="原因",
        after="变更后",
        solves="解决",
        risk_label="风险",
        side_effects="影响",
        cost="费用",
        rollback="回滚",
        console="控制台",
        collect="获取方法",
        permission="所需权限",
        more="另有 {} 项，加 -v 查看",
        folded="加 -v 查看更多",
        rules_known="规则数",
        not_modelled="未建模",
        facts="事实",
        knowledge="知识库",
        engine="wayout",
        fact="事实",
        rule="规则",
        collected_at="收集于",
        see="见",
        no_proof="该结论没有文档作为依据",
        given="由提问给出",
        when="当",
        then="则",
        says="表述",
        examples="示例",
        there_is="存在事实 {}",
        there_is_no="不存在事实 {}",
        whose="，其 {}",
        test_and="、",
        of="属于",
        infers="推出",
        needs="需要",
        needs_list="仅当该列表完整：",
        recognised="识别方式",
        meaning="含义",
        implicates="可能的环节（按可能性排序）",
        implicates_private="目标不在公网时",
        excludes="可证明已通过",
        bypasses="不经过",
        next="下一步",
        examples_near="相近但不属于此症状",
        gate="检查点",
        status_label="结果",
        reason="说明",
    ),
}
