"""Answers as text: for people (text, Markdown, Mermaid, HTML) and for programs (JSON, YAML).

Made from the answer alone. Nothing a case says can leave its place: control characters, escape
sequences and reversed text are made visible in every format. All but text, JSON and YAML
are imported when they are asked for, as most runs of the program print text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from wayout.engine.advise.answer import Answer, NextQuestion
from wayout.engine.errors import QuestionError
from wayout.engine.report.data import to_json, to_yaml
from wayout.engine.report.explain import explanation_text, is_explained, is_topic, topics
from wayout.engine.report.facts import facts_text
from wayout.engine.report.plain import Style, visible
from wayout.engine.report.proof import ProofGraph
from wayout.engine.report.text import answer_text
from wayout.engine.report.words import Lang

if TYPE_CHECKING:
    from wayout.engine.advise.comparison import Comparison
    from wayout.engine.advise.fact_lines import FactLine
    from wayout.engine.advise.replay import Replayed
    from wayout.engine.advise.twins import PodComparison
    from wayout.engine.advise.why_not import WhyNot
    from wayout.engine.rules import Knowledge, Rule
    from wayout.engine.symptoms.model import Symptom

__all__ = [
    "Format",
    "Lang",
    "Platform",
    "Style",
    "chat_messages",
    "is_explained",
    "is_topic",
    "page_assets",
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
    "to_json",
    "to_yaml",
    "visible",
]

Platform = Literal["dingtalk", "slack"]
Format = Literal["text", "json", "yaml", "md", "mermaid", "html"]
PLAIN = Style()
WRITERS: Mapping[str, Callable[[Any], str]] = {"json": to_json, "yaml": to_yaml}  # of data


def render(answer: Answer, format: Format = "text", lang: Lang = "en", style: Style = PLAIN) -> str:
    """`answer` in one format, ending with a line break; the same answer gives the same bytes."""
    match format:
        case "json":
            return to_json(answer)
        case "yaml":
            return to_yaml(answer)
        case "md":
            from wayout.engine.report.markdown import answer_markdown

            return answer_markdown(answer, lang, style)
        case "mermaid":
            from wayout.engine.report.mermaid import answer_mermaid

            return answer_mermaid(answer, lang)
        case "html":
            from wayout.engine.report.html import answer_html

            return answer_html(answer, lang, style)
    return answer_text(answer, lang, style)


def page_assets() -> dict[str, str]:
    """Style and script of the HTML page by file name, for a page that answers are a part of."""
    from wayout.engine.report.html.look import SCRIPT, STYLE

    return {"answer.css": STYLE, "answer.js": SCRIPT}


def render_explanation(
    answer: Answer,
    name: str | None = None,
    format: Format = "text",
    lang: Lang = "en",
    style: Style = PLAIN,
) -> str:
    """The proof of a rule id or gate of `answer`; without `name`, of whatever decided it.

    In `style.is_verbose`, what was ruled out follows what decided, each with its proof. JSON and
    YAML hold `topics` (name, text, roots) and the part of the proof below them. Raises
    QuestionError when the answer has no such rule or gate.
    """
    match format:
        case "json":
            return to_json(explanation_data(answer, name, style))
        case "yaml":
            return to_yaml(explanation_data(answer, name, style))
        case "md":
            from wayout.engine.report.markdown import explanation_markdown

            return explanation_markdown(answer, name, lang, style)
        case "mermaid":
            from wayout.engine.report.mermaid import explanation_mermaid

            return explanation_mermaid(answer, name, lang, style)
        case "html":
            from wayout.engine.report.html import explanation_html

            return explanation_html(answer, name, lang, style)
    return explanation_text(answer, name, lang, style)


def explanation_data(answer: Answer, name: str | None, style: Style) -> dict[str, object]:
    found = topics(answer, name, style.is_verbose)
    proof = ProofGraph.of(answer).part(root for topic in found for root in topic.roots)
    return {
        "verdict": answer.verdict,
        "topics": [
            {"name": topic.name, "text": topic.text.model_dump(), "roots": list(topic.roots)}
            for topic in found
        ],
        **proof.model_dump(mode="json"),
    }


def render_why_not(
    found: WhyNot,
    format: Format = "text",
    lang: Lang = "en",
    style: Style = PLAIN,
    is_brief: bool = False,
) -> str:
    """Why a rule did not fire; `is_brief` leaves out its conditions in text.

    Raises QuestionError for Mermaid and HTML, which have no form for it.
    """
    from wayout.engine.report.why_not import why_not_markdown, why_not_text

    match format:
        case "json":
            return to_json(found)
        case "yaml":
            return to_yaml(found)
        case "md":
            return why_not_markdown(found, lang)
        case "text":
            return why_not_text(found, lang, style, is_brief)
    raise QuestionError(f"why {found.name} did not fire is told as text, json, yaml or md only")


def render_comparison(
    comparison: Comparison, format: Format = "text", lang: Lang = "en", style: Style = PLAIN
) -> str:
    """What a change makes of an answer; Mermaid has no form of its own for it."""
    if write := WRITERS.get(format):
        return write(comparison)
    from wayout.engine.report.comparison import comparison_markdown, comparison_text

    if format == "md":
        return comparison_markdown(comparison, lang, style)
    return comparison_text(comparison, lang, style)


def render_pod_comparison(
    comparison: PodComparison, format: Format = "text", lang: Lang = "en", style: Style = PLAIN
) -> str:
    """Why one pod gets there and another does not; Mermaid has no form of its own for it."""
    if write := WRITERS.get(format):
        return write(comparison)
    from wayout.engine.report.twins import pod_comparison_markdown, pod_comparison_text

    if format == "md":
        return pod_comparison_markdown(comparison, lang)
    return pod_comparison_text(comparison, lang, style)


def render_replayed(
    replayed: Replayed, format: Format = "text", lang: Lang = "en", style: Style = PLAIN
) -> str:
    """What a replay found; Mermaid has no form of its own for it."""
    if write := WRITERS.get(format):
        return write(replayed)
    from wayout.engine.report.replayed import replayed_markdown, replayed_text

    return (
        replayed_markdown(replayed, lang)
        if format == "md"
        else replayed_text(replayed, lang, style)
    )


def render_documents(documents: Iterable[Any]) -> str:
    """Documents as one stream of YAML that `Case.load` reads again."""
    return "".join(f"---\n{to_yaml(document)}" for document in documents)


def chat_messages(answer: Answer, platform: Platform, lang: Lang = "en") -> tuple[str, ...]:
    """The answer as short messages for DingTalk or Slack, within their lengths."""
    from wayout.engine.report import chat

    return chat.chat_messages(answer, platform, lang)


def render_question(question: NextQuestion, lang: Lang = "en", number: int = 1) -> str:
    """One question of a consultation with its replies."""
    from wayout.engine.report.asking import question_text

    return question_text(question, lang, number)


def render_why(question: NextQuestion, lang: Lang = "en") -> str:
    """Why a question is asked, what each reply leads to, and how to find out."""
    from wayout.engine.report.asking import why_text

    return why_text(question, lang)


def render_facts(
    facts: Iterable[FactLine], format: Format = "text", lang: Lang = "en", style: Style = PLAIN
) -> str:
    """The facts a question rests on; Markdown and Mermaid have no form of their own for them."""
    if write := WRITERS.get(format):
        return write([fact.model_dump(mode="json") for fact in facts])
    return facts_text(facts, lang, style)


def render_rules(
    rules: Sequence[Rule], format: Format = "text", lang: Lang = "en", style: Style = PLAIN
) -> str:
    """Rules as a list, one a line; as JSON and YAML with everything they say."""
    from wayout.engine.report.rules import rule_data, rules_text

    if write := WRITERS.get(format):
        return write([rule_data(rule) for rule in rules])
    return rules_text(rules, lang, style)


def render_symptoms(
    symptoms: Iterable[Symptom], format: Format = "text", lang: Lang = "en", style: Style = PLAIN
) -> str:
    """Symptoms as a list, one a line; as JSON and YAML with everything they say."""
    from wayout.engine.report.symptoms import symptom_data, symptoms_text

    if write := WRITERS.get(format):
        return write([symptom_data(symptom) for symptom in symptoms])
    return symptoms_text(symptoms, lang, style)


def render_symptom(
    knowledge: Knowledge,
    symptom: Symptom,
    format: Format = "text",
    lang: Lang = "en",
    style: Style = PLAIN,
) -> str:
    """One symptom with what it means, whom it blames and what it proves."""
    from wayout.engine.report.symptoms import symptom_data, symptom_text

    if write := WRITERS.get(format):
        return write(symptom_data(symptom))
    return symptom_text(symptom, knowledge, lang, style)


def render_rule(
    knowledge: Knowledge,
    rule: Rule,
    format: Format = "text",
    lang: Lang = "en",
    style: Style = PLAIN,
) -> str:
    """One rule as a readable sentence with its fixes, sources and examples."""
    from wayout.engine.report.rules import rule_data, rule_text

    if write := WRITERS.get(format):
        return write(rule_data(rule))
    return rule_text(rule, knowledge.examples(rule), knowledge, lang, style)
