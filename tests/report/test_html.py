"""The HTML page: complete, self-contained, closed, escaped, and the same in both languages."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.report.hostile import ATTACKS, hostile, poison
from tests.report.pages import Element, Page
from tests.scenarios.runner import load
from wayout.engine import Case, QuestionError, assess, diagnose
from wayout.engine.advise.answer import Answer, Plan, Refusal, Text
from wayout.engine.report import Lang, Style, render, render_explanation
from wayout.engine.report.html.look import SCRIPT, STYLE
from wayout.engine.report.plain import has_hidden, visible
from wayout.engine.report.words import WORDS

ROOT = Path(__file__).parents[2]
Sample = Callable[[str], Answer]
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir())
LANGS: tuple[Lang, ...] = ("en", "zh")
# May name another place only in a link that somebody has to follow.
LOADING = {"src", "srcset", "action", "formaction", "poster", "data", "style", "background", "ping"}


def answer_of(name: str) -> Answer:
    if name.endswith(".yaml"):
        return load(ROOT / "tests/scenarios" / name).answer()
    return diagnose(Case.load(ROOT / "examples" / name))


@pytest.fixture(
    scope="module",
    params=[
        *EXAMPLES,
        "three-faults-policy-acl-and-debt.yaml",
        "tk-two-addresses-denied-by-group.yaml",
    ],
)
def answer(request: pytest.FixtureRequest) -> Answer:
    return answer_of(request.param)


@pytest.mark.parametrize("lang", LANGS)
def test_everything_an_answer_says_is_there(answer: Answer, lang: Lang) -> None:
    page = Page(render(answer, "html", lang))
    for gate in answer.gates:
        element = page.by_id[f"gate-{gate.gate}"]
        assert visible(gate.title.pick(lang)) in element.text
        assert visible(gate.reason.pick(lang)) in element.text
        assert f"proof-{gate.gate}" in page.by_id
    stations = [e for e in page.all("li") if e.parents[-1].classes == {"path"}]
    assert len(stations) == len(answer.gates) + 2
    blocking = [g.title.pick(lang) for g in answer.gates if g.status == "blocks"]
    assert [s for s in stations if "bad" in s.classes] == [
        s for s in stations if any(title in s.text for title in blocking)
    ]
    for number, finding in enumerate(sorted(answer.findings, key=lambda f: not f.is_primary), 1):
        element = page.by_id[f"finding-{number}"]
        for part in (finding.code, finding.title.pick(lang), finding.text.pick(lang)):
            assert visible(part) in element.text
        for miss in finding.near_misses:
            assert visible(miss.text.pick(lang)) in element.text
        for source in finding.sources:
            assert visible(source.title.pick(lang)) in element.text
    for number, fix in enumerate(answer.fixes, 1):
        element = page.by_id[f"fix-{number}"]
        after = [fix.verified.after] if fix.verified.after else []
        parts = (fix.title, fix.why, fix.verified.text, fix.side_effects, fix.rollback, *after)
        for part in parts:
            assert part.pick(lang).strip() in element.text
        commands = [e.text for e in page.all("code", f"fix-{number}") if e.parents[-1].tag == "pre"]
        for channel in (fix.change.yaml, fix.change.kubectl, fix.change.aliyun):
            assert not channel.strip() or channel.strip("\n").rstrip() in commands
    said = (*answer.assumptions, *answer.information, *answer.contradictions, *answer.ruled_out)
    for statement in said:
        assert visible(statement.text.pick(lang)) in page.text
    for number, need in enumerate(answer.not_assessed, 1):
        element = page.by_id[f"need-{number}"]
        assert visible(need.text.pick(lang)) in element.text
        assert need.aliyun.strip("\n") in element.text
        for gate in need.gates:
            links = {link.attributes["href"] for link in page.all("a", f"gate-{gate}")}
            assert f"#need-{number}" in links
    for line in answer.ledger:
        assert visible(line.address) in page.by_id["ledger"].text
    assert ("plan" in page.by_id) == bool(answer.plan and len(answer.plan.fixes) > 1)
    assert answer.provenance.facts_digest in page.by_id["provenance"].text


@pytest.fixture(scope="module")
def planned() -> Answer:
    """Three changes in their order, and a remedy that is refused."""
    answer = answer_of("three-faults-policy-acl-and-debt.yaml")
    refusal = Refusal(
        fix="open-everything",
        title=Text(en="Open the group", zh="放开安全组"),
        codes=("POL-001",),
        rule="rule-for-everybody",
        reason=Text(en="It opens far more.", zh="开放范围过大。"),
    )
    return answer.model_copy(update={"refused": (refusal,)})


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_tells_its_steps_and_how_it_ends(planned: Answer, lang: Lang) -> None:
    page, words = Page(render(planned, "html", lang)), WORDS[lang]
    assert planned.plan
    plan = page.by_id["plan"]
    assert words.plan in plan.text
    assert planned.plan.text.pick(lang) in plan.text
    [tag] = page.all("span", "plan")
    assert words.verdict["reachable"] in tag.text
    steps = [e for e in page.all("li", "plan") if e.parents[-1].tag == "ol"]
    titles = {fix.id: fix.title.pick(lang) for fix in planned.fixes}
    ids = {fix.id: f"fix-{number}" for number, fix in enumerate(planned.fixes, 1)}
    for step, element in zip(planned.plan.steps, steps, strict=True):
        named = "".join(f"{titles[fix]} {fix}" for fix in step.fixes)
        assert element.text == named + step.text.pick(lang)
        links = [a for a in page.all("a", "plan") if element in a.parents]
        assert [a.attributes["href"] for a in links] == [f"#{ids[fix]}" for fix in step.fixes]
    assert [step.next.code if step.next else "" for step in planned.plan.steps] == [
        "ACL-006",
        "NAT-005",
        "",
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_of_several_changes_that_only_help_together_is_one_list(lang: Lang) -> None:
    answer = answer_of("tk-two-addresses-denied-by-group.yaml")
    page = Page(render(answer, "html", lang))
    assert not page.all("ol", "plan")
    assert answer.plan
    assert len({e.text for e in page.all("li", "plan")}) == len(answer.plan.fixes) == 2


@pytest.mark.parametrize("lang", LANGS)
def test_a_change_that_does_not_free_the_path_says_what_is_left(
    planned: Answer, lang: Lang
) -> None:
    assert planned.plan
    first = planned.plan.steps[0]
    alone = Plan(fixes=first.fixes, verdict_after="blocked", text=first.text, steps=(first,))
    page = Page(render(planned.model_copy(update={"plan": alone}), "html", lang))
    assert WORDS[lang].plan_of_one in page.by_id["plan"].text
    assert WORDS[lang].verdict["blocked"] in page.by_id["plan"].text


@pytest.mark.parametrize("lang", LANGS)
def test_a_refused_remedy_is_named_with_its_reason(planned: Answer, lang: Lang) -> None:
    page, [refusal] = Page(render(planned, "html", lang)), planned.refused
    assert WORDS[lang].refused in page.by_id["refused"].text
    for part in (refusal.title.pick(lang), refusal.fix, refusal.reason.pick(lang)):
        assert part in page.by_id["refused"].text


@pytest.fixture(scope="module")
def asking() -> Answer:
    """An answer that asks for a document."""
    return assess(Case.load(ROOT / "examples/partial-data"))


@pytest.mark.parametrize("lang", LANGS)
def test_the_next_question_comes_first_with_its_replies(asking: Answer, lang: Lang) -> None:
    page, asked = Page(render(asking, "html", lang)), asking.next_question
    assert asked is not None
    assert asked.how is not None
    section = page.by_id["question"]
    assert page.all("section")[0] is section
    said = [asked.text, asked.why, *(part for r in asked.replies for part in (r.text, r.effect))]
    for part in said:
        assert visible(part.pick(lang)) in section.text
    replies = [e.text for e in page.all("strong", "question") if e.classes == {"reply"}]
    assert replies == [reply.text.pick(lang) for reply in asked.replies]
    for command in (asked.how.kubectl, asked.how.aliyun, asked.how.permission):
        assert command.strip() in section.text
    assert "question" not in Page(render(answer_of("partial-data"), "html", lang)).by_id


@pytest.mark.parametrize("lang", LANGS)
def test_a_part_is_the_body_without_its_frame(planned: Answer, lang: Lang) -> None:
    whole = render(planned, "html", lang)
    part = render(planned, "html", lang, Style(is_part=True)).strip()
    assert part.removeprefix("<div>").removesuffix("</div>") in whole
    for frame in ("<html", "<head>", "<style", "<script", "<body"):
        assert frame in whole
        assert frame not in part


@pytest.mark.parametrize("lang", LANGS)
def test_every_part_of_the_proof_stands_once_and_every_link_leads_somewhere(
    answer: Answer, lang: Lang
) -> None:
    page = Page(render(answer, "html", lang))
    anchors = [f"n{number}" for number, _ in enumerate(answer.proof.nodes, 1)]
    assert {name for name in page.by_id if re.fullmatch(r"n\d+", name)} == set(anchors)
    for node, anchor in zip(answer.proof.nodes, anchors, strict=True):
        element = page.by_id[anchor]
        assert node.code in element.text
        assert visible(node.document) in element.text
        assert not node.text or visible(node.text.pick(lang)).rstrip(".。") in element.text
    for link in page.all("a"):
        href = link.attributes["href"]
        if href.startswith("#"):
            assert href[1:] in page.by_id, href
        else:
            assert href.startswith("https://"), href
            assert link.attributes["rel"] == "noopener noreferrer"
    proofs = {node.id: anchor for node, anchor in zip(answer.proof.nodes, anchors, strict=True)}
    led = {link.attributes["href"][1:] for link in page.all("a")}
    said = (*answer.findings, *answer.ruled_out, *answer.assumptions)
    assert {proofs[item.proof] for item in said if item.proof} <= led
    assert {f"gate-{gate.gate}" for gate in answer.gates} <= led
    rows = page.all("tr")  # of the ledger: flows that see the same address share one
    assert len(rows) == len({(line.hop, line.address, line.via) for line in answer.ledger})
    assert len([link for link in page.all("a") if link.parents[-2].tag == "tr"]) == len(rows)


def check_self_contained(page: Page) -> None:
    """Nothing is loaded, and only the style and script that the policy names may run."""
    for element in page.elements:
        assert not LOADING & element.attributes.keys(), element
        assert not [name for name in element.attributes if name.startswith("on")], element
        assert element.tag not in {
            "link",
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "form",
            "svg",
        }
    [style], [script] = page.all("style"), page.all("script")
    assert (style.text, script.text) == (STYLE, SCRIPT)
    assert not style.attributes
    assert not script.attributes
    for word in ("url(", "@import", "http", "\\", "</"):
        assert word not in STYLE
    for word in ("http", "innerHTML", "eval", "fetch", "</", "<!--"):
        assert word not in SCRIPT
    [policy] = [
        e.attributes["content"]
        for e in page.all("meta")
        if e.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for source in (STYLE, SCRIPT):
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["blocked", "unknown", "reachable"])
def test_nothing_comes_from_elsewhere(sample: Sample, name: str, lang: Lang) -> None:
    for source in (
        render(sample(name), "html", lang),
        render_explanation(sample(name), None, "html", lang),
    ):
        page = Page(source)
        check_self_contained(page)
        assert page.elements[0].attributes == {"lang": {"en": "en", "zh": "zh-CN"}[lang]}
        assert next(e.attributes.get("charset") for e in page.all("meta")) == "utf-8"
        assert any(e.attributes.get("name") == "viewport" for e in page.all("meta"))
        [title] = page.all("title")
        assert title.text.startswith({"en": sample(name).verdict.upper(), "zh": ""}[lang])


@settings(max_examples=25)
@given(
    text=hostile,
    lang=st.sampled_from(LANGS),
    name=st.sampled_from(["blocked", "unknown", "planned", "asking"]),
)
def test_whatever_a_case_says_is_only_text(
    sample: Sample, planned: Answer, asking: Answer, text: str, lang: Lang, name: str
) -> None:
    text = text.encode("utf-8", "ignore").decode()
    assume(text.strip())
    answer = {"planned": planned, "asking": asking}.get(name) or sample(name)
    clean, bad = poison(answer, "harmless"), poison(answer, text)
    for write in (
        lambda a: render(a, "html", lang, Style(is_verbose=True)),
        lambda a: render_explanation(a, None, "html", lang),
    ):
        page, plain = Page(write(bad)), Page(write(clean))
        assert not has_hidden(page.source.replace("\n", ""))
        check_self_contained(page)
        # What may be an address becomes a link or not, names break where they have dots and
        # slashes; nothing else may change.
        free = ("a", "wbr")
        assert [e for e in page.skeleton if e[0] not in free] == [
            e for e in plain.skeleton if e[0] not in free
        ]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_seen_as_it_is(sample: Sample, attack: str) -> None:
    page = Page(render(poison(sample("blocked"), attack), "html"))
    shown = visible(f"{sample('blocked').question.pod}{attack}".strip())
    assert shown in page.all("h1")[0].text
    assert [e for e in page.all("script") if e.text != SCRIPT] == []


def test_both_languages_have_the_same_parts(answer: Answer) -> None:
    en, zh = (Page(render(answer, "html", lang)) for lang in LANGS)
    assert [e for e in en.skeleton if e[2]] == [e for e in zh.skeleton if e[2]]
    headings = [e.text for e in zh.all("h2")]
    assert not [text for text in headings if text.isascii()]


def test_a_keyboard_reaches_everything(answer: Answer) -> None:
    page = Page(render(answer, "html"))
    assert all("href" in link.attributes for link in page.all("a"))
    assert all(e.attributes.get("tabindex") == "0" for e in page.all("pre"))
    assert all(e.parents[-1].tag == "details" for e in page.all("summary"))
    assert all("hidden" in e.attributes for e in page.all("button")), "useless without the script"
    [first, *_] = page.all("a")
    assert first.classes == {"skip"}
    assert not [link for link in page.all("a") if not link.text.strip()]
    assert not [e for e in page.all("details") if not summary_of(page, e)]


def summary_of(page: Page, details: Element) -> list[Element]:
    return [e for e in page.all("summary") if e.parents[-1] is details]


def test_headings_never_skip_a_level(answer: Answer) -> None:
    levels = [
        int(e.tag[1])
        for e in Page(render(answer, "html")).elements
        if re.fullmatch("h[1-6]", e.tag)
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_verbose_unfolds_every_proof(sample: Sample) -> None:
    page = Page(render(sample("blocked"), "html", style=Style(is_verbose=True)))
    assert all("open" in e.attributes for e in page.all("details", "proofs"))
    page = Page(render(sample("blocked"), "html"))
    assert not all("open" in e.attributes for e in page.all("details", "proofs"))


@pytest.mark.parametrize("lang", LANGS)
def test_an_explanation_is_a_page_of_its_own(sample: Sample, lang: Lang) -> None:
    page = Page(render_explanation(sample("blocked"), "NAT-002", "html", lang))
    [heading] = page.all("h2")
    assert heading.text.startswith("NAT-002 ")
    assert "snat-entries.json" in page.by_id["topic-1"].text
    assert all("open" in e.attributes for e in page.all("details"))
    hrefs = [link.attributes["href"] for link in page.all("a")]
    assert all(href[1:] in page.by_id for href in hrefs if href.startswith("#"))
    with pytest.raises(QuestionError):
        render_explanation(sample("blocked"), "NAT-999", "html", lang)


def test_the_same_answer_gives_the_same_bytes() -> None:
    code = (
        "from wayout.engine import Case, diagnose, render\n"
        "print(render(diagnose(Case.load('examples/no-snat')), 'html'), end='')"
    )
    outs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            cwd=ROOT,
            env=dict(os.environ) | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "7")
    }
    assert len(outs) == 1


def test_the_style_knows_paper_phones_and_the_dark() -> None:
    for query in (
        "@media print",
        "@media (max-width",
        "@media (min-width",
        "prefers-color-scheme: dark",
    ):
        assert query in STYLE
