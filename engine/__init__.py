"""Can this pod reach that destination and, if not, what stops it? The public door of wayout.

    >>> from wayout.engine import Case, Question, diagnose
    >>> case = Case.load("examples/no-snat")
    >>> diagnose(case, Question(pod="shop/api-0", destination="203.0.113.10:443")).verdict
    'blocked'

Names are loaded on first use, so that importing the door costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wayout.engine.advise.answer import Answer, Change, NextQuestion
    from wayout.engine.advise.asking import assess
    from wayout.engine.advise.comparison import Comparison, Robustness
    from wayout.engine.advise.diagnosis import diagnose
    from wayout.engine.advise.fact_lines import FactLine, list_facts
    from wayout.engine.advise.redacting import redact
    from wayout.engine.advise.replay import Replayed, answer_from, replay
    from wayout.engine.advise.told import (
        handed_over,
        replies_as_case_file,
        reply,
        reply_document,
    )
    from wayout.engine.advise.twins import PodComparison, compare
    from wayout.engine.advise.whatif import robustness, what_if
    from wayout.engine.advise.why_not import WhyNot, why_not
    from wayout.engine.advise.workshop import (
        check_rules,
        knowledge_version,
        lint_rules,
        shipped_knowledge,
    )
    from wayout.engine.case import Case, Question, Upload
    from wayout.engine.case.question import unnamed_question
    from wayout.engine.case.redaction import Redacted
    from wayout.engine.errors import (
        EngineError,
        InputError,
        QuestionError,
        RuleError,
        WayoutError,
    )
    from wayout.engine.protocol.schemas import SchemaName, published_schema, schema_names
    from wayout.engine.protocol.tools import (
        Tool,
        call_tool,
        tool_definitions,
        tool_instructions,
        tools,
    )
    from wayout.engine.report import (
        Lang,
        Style,
        chat_messages,
        is_explained,
        is_topic,
        page_assets,
        render,
        render_comparison,
        render_documents,
        render_explanation,
        render_facts,
        render_pod_comparison,
        render_question,
        render_replayed,
        render_rule,
        render_rules,
        render_symptom,
        render_symptoms,
        render_why,
        render_why_not,
    )
    from wayout.engine.report.rules import rules_index
    from wayout.engine.rules.schema import rule_schema
    from wayout.engine.version import __version__

_HOMES = {
    "Answer": "advise.answer",
    "Case": "case",
    "Change": "advise.answer",
    "Comparison": "advise.comparison",
    "EngineError": "errors",
    "FactLine": "advise.fact_lines",
    "InputError": "errors",
    "Lang": "report",
    "PodComparison": "advise.twins",
    "NextQuestion": "advise.answer",
    "Question": "case",
    "QuestionError": "errors",
    "Redacted": "case.redaction",
    "Replayed": "advise.replay",
    "Robustness": "advise.comparison",
    "RuleError": "errors",
    "SchemaName": "protocol.schemas",
    "Style": "report",
    "Tool": "protocol.tools",
    "Upload": "case",
    "WayoutError": "errors",
    "WhyNot": "advise.why_not",
    "__version__": "version",
    "answer_from": "advise.replay",
    "assess": "advise.asking",
    "call_tool": "protocol.tools",
    "chat_messages": "report",
    "check_rules": "advise.workshop",
    "compare": "advise.twins",
    "diagnose": "advise.diagnosis",
    "is_explained": "report",
    "is_topic": "report",
    "knowledge_version": "advise.workshop",
    "lint_rules": "advise.workshop",
    "handed_over": "advise.told",
    "list_facts": "advise.fact_lines",
    "page_assets": "report",
    "published_schema": "protocol.schemas",
    "redact": "advise.redacting",
    "render": "report",
    "render_comparison": "report",
    "render_documents": "report",
    "render_explanation": "report",
    "render_facts": "report",
    "render_pod_comparison": "report",
    "render_replayed": "report",
    "render_question": "report",
    "render_rule": "report",
    "render_rules": "report",
    "render_symptom": "report",
    "render_symptoms": "report",
    "render_why_not": "report",
    "replay": "advise.replay",
    "robustness": "advise.whatif",
    "rule_schema": "rules.schema",
    "rules_index": "report.rules",
    "schema_names": "protocol.schemas",
    "shipped_knowledge": "advise.workshop",
    "tool_definitions": "protocol.tools",
    "tool_instructions": "protocol.tools",
    "tools": "protocol.tools",
    "what_if": "advise.whatif",
    "why_not": "advise.why_not",
    "render_why": "report",
    "replies_as_case_file": "advise.told",
    "reply": "advise.told",
    "reply_document": "advise.told",
    "unnamed_question": "case.question",
}

__all__ = [
    "Answer",
    "Case",
    "Change",
    "Comparison",
    "EngineError",
    "FactLine",
    "InputError",
    "Lang",
    "NextQuestion",
    "PodComparison",
    "Question",
    "QuestionError",
    "Redacted",
    "Replayed",
    "Robustness",
    "RuleError",
    "SchemaName",
    "Style",
    "Tool",
    "Upload",
    "WayoutError",
    "WhyNot",
    "__version__",
    "answer_from",
    "assess",
    "call_tool",
    "chat_messages",
    "check_rules",
    "compare",
    "diagnose",
    "handed_over",
    "is_explained",
    "is_topic",
    "knowledge_version",
    "lint_rules",
    "list_facts",
    "page_assets",
    "published_schema",
    "redact",
    "render",
    "render_comparison",
    "render_documents",
    "render_explanation",
    "render_facts",
    "render_pod_comparison",
    "render_question",
    "render_replayed",
    "render_rule",
    "render_rules",
    "render_symptom",
    "render_symptoms",
    "render_why",
    "render_why_not",
    "replay",
    "replies_as_case_file",
    "reply",
    "reply_document",
    "robustness",
    "rule_schema",
    "rules_index",
    "schema_names",
    "shipped_knowledge",
    "tool_definitions",
    "tool_instructions",
    "tools",
    "unnamed_question",
    "what_if",
    "why_not",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value
