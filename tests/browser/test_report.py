"""The HTML answer in a browser: every part is seen, read, printed, and nothing of a case runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import ROOT
from tests.browser.window import Window, pdf, texts
from tests.report.hostile import poison
from tests.scenarios.runner import load
from wayout.engine import Answer, Case, Lang, assess, diagnose, render, render_explanation
from wayout.engine.advise.answer import Refusal, Text
from wayout.engine.report import Style
from wayout.engine.report.words import WORDS

LANGS: tuple[Lang, ...] = ("en", "zh")
Show = Callable[..., str]
HOSTILE = (
    "<img src=x onerror='window.hacked=1'>\"'</script><script>window.hacked=2</script>"
    "\u202egnp.exe\u2066{{7*7}}`${hacked=3}`" + "很长的名字" * 30 + "W" * 400
)


def refusal() -> Refusal:
    return Refusal(
        fix="open-everything",
        title=Text(en="Open the group for everybody", zh="对所有地址放开安全组"),
        codes=("POL-001",),
        rule="rule-for-everybody",
        reason=Text(en="It opens far more than the one flow.", zh="开放的范围远大于该流量。"),
    )


@pytest.fixture(scope="module")
def answers() -> dict[str, Answer]:
    """Blocked once and three times, reachable, and one that asks."""
    three = load(ROOT / "tests/scenarios/three-faults-policy-acl-and-debt.yaml").answer()
    return {
        "no-snat": diagnose(Case.load(ROOT / "examples/no-snat")),
        "healthy": diagnose(Case.load(ROOT / "examples/healthy")),
        "asking": assess(Case.load(ROOT / "examples/partial-data")),
        "three-faults": three.model_copy(update={"refused": (refusal(),)}),
    }


@pytest.fixture
def show(window: Window, tmp_path: Path) -> Show:
    """Opens a page from a file, as somebody would from a ticket."""

    def open_page(source: str, width: int = 1280, scheme: str = "light", media: str = "") -> str:
        path = tmp_path / "answer.html"
        path.write_text(source, encoding="utf-8")
        window.open(path.as_uri(), width, scheme, media)
        return path.as_uri()

    return open_page


def parts(answer: Answer) -> list[str]:
    """What must be on a page with this answer, as selectors."""
    found = ["header .verdict", "h1", "header .lead", "nav", "#path ol.path", ".gates", "#proofs"]
    found += [f"#gate-{gate.gate}" for gate in answer.gates]
    found += [f"#finding-{number}" for number, _ in enumerate(answer.findings, 1)]
    found += [f"#fix-{number}" for number, _ in enumerate(answer.fixes, 1)]
    found += [f"#need-{number}" for number, _ in enumerate(answer.not_assessed, 1)]
    sections = {
        "#plan": answer.plan and len(answer.plan.fixes) > 1,
        "#refused": answer.refused,
        "#question": answer.next_question,
        "#ledger": answer.ledger,
        "#assumptions": answer.assumptions,
        "#ruled-out": answer.ruled_out,
        "#information": answer.information,
    }
    return [*found, *(part for part, content in sections.items() if content), "#provenance"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["no-snat", "healthy", "asking", "three-faults"])
def test_every_part_is_there_on_every_screen(
    window: Window, show: Show, answers: dict[str, Answer], name: str, lang: Lang
) -> None:
    answer = answers[name]
    address = show(render(answer, "html", lang))
    for width, scheme in (
        (1280, "light"),
        (1280, "dark"),
        (768, "light"),
        (360, "light"),
        (360, "dark"),
    ):
        window.look(width, scheme)
        for part in parts(answer):
            box = window.find(part).rect
            assert box["width"] > 20, (part, width)
            assert box["height"] > 10, (part, width)
        assert window.overflow() == [], width
        assert window.cut() == [], width
        assert window.faint() == [], (width, scheme)
        assert window.colors("#path") > 8, "the picture of the path is blank"
        assert window.colors("header") > 8
    window.check_is_clean(address)


@pytest.mark.parametrize("lang", LANGS)
def test_the_path_marks_what_blocks_and_where_the_way_ends(
    window: Window, show: Show, answers: dict[str, Answer], lang: Lang
) -> None:
    show(render(answers["three-faults"], "html", lang))
    blocked = [
        gate.title.pick(lang) for gate in answers["three-faults"].gates if gate.status == "blocks"
    ]
    assert texts(window.all(".path .bad .name")) == blocked
    assert texts(window.all(".path .stops .name")) == blocked[:1]
    places = [element.rect["x"] for element in window.all(".path li")]
    assert places == sorted(set(places)), "from left to right"
    window.look(360)
    places = [element.rect["y"] for element in window.all(".path li")]
    assert places == sorted(set(places)), "from top to bottom"


def test_a_click_on_a_gate_leads_to_its_proof(
    window: Window, show: Show, answers: dict[str, Answer]
) -> None:
    show(render(answers["no-snat"], "html"))
    assert not window.shown("#gate-route .body")
    window.click(".path a[href='#gate-route']")
    window.wait(lambda: window.shown("#gate-route .body"))
    assert window.is_in_view("#gate-route")
    assert not window.shown("#proof-route .tree")
    window.click("#gate-route a[href='#proof-route']")
    window.wait(lambda: window.shown("#proof-route .tree"))
    assert window.is_in_view("#proof-route")
    assert "RTE-102" in window.text("#proof-route")
    for folded in window.shown("#proof-route details:not([open]) > summary"):
        folded.click()
    assert "route-entries.json" in window.text("#proof-route"), "down to the document"
    # The same link works again after the proof was folded by hand.
    window.click("#proof-route > summary")
    assert not window.shown("#proof-route .tree")
    window.click("#gate-route a[href='#proof-route']")
    window.wait(lambda: window.shown("#proof-route .tree"))


def test_a_fix_is_copied(window: Window, show: Show, answers: dict[str, Answer]) -> None:
    show(render(answers["no-snat"], "html"))
    command = answers["no-snat"].fixes[0].change.aliyun.strip("\n")
    window.cdp(
        "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"]
    )
    [button, *_] = window.all("#fix-1 .command button")
    label = button.text
    button.click()
    window.wait(lambda: button.text == "Copied")
    assert window.clipboard() == command
    window.wait(lambda: button.text == label)


def test_a_fix_is_selected_where_the_clipboard_is_closed(
    window: Window, show: Show, answers: dict[str, Answer]
) -> None:
    show(render(answers["no-snat"], "html"))
    window.run("navigator.clipboard.writeText = () => Promise.reject(new Error('closed'))")
    [button, *_] = window.all("#fix-1 .command button")
    button.click()
    window.wait(lambda: button.text == "Selected: now copy it")
    assert window.selection().strip() == answers["no-snat"].fixes[0].change.aliyun.strip()


@pytest.mark.parametrize("name", ["three-faults", "asking"])
def test_the_keyboard_comes_to_everything_and_shows_where_it_is(
    window: Window, show: Show, answers: dict[str, Answer], name: str
) -> None:
    show(render(answers[name], "html"))
    wanted = {element.id for element in window.reachable()}
    stops = window.tab_stops()
    first = next(stops)
    assert first.get_attribute("class") == "skip"
    assert window.is_in_view(".skip"), "a skip link is seen once it has the focus"
    seen = {first.id}
    for stop in stops:
        seen.add(stop.id)
        assert window.has_visible_focus(), stop.get_attribute("outerHTML")
    assert wanted - seen == set()
    window.find("#gate-route > summary").send_keys(Keys.ENTER)
    assert window.shown("#gate-route .body")


@pytest.mark.parametrize("lang", LANGS)
def test_on_paper_everything_is_unfolded(
    window: Window, show: Show, answers: dict[str, Answer], lang: Lang
) -> None:
    answer = answers["three-faults"]
    show(render(answer, "html", lang), 800, "dark", "print")
    assert not window.shown("nav, .skip, .command button, .jump")
    assert window.faint() == [], "dark screens print dark on white, too"
    sheet = pdf(window)
    assert sheet.startswith(b"%PDF-")
    assert sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") > 3
    assert not window.all("details:not([open])"), "printing unfolds"
    for gate in answer.gates:
        assert window.shown(f"#proof-{gate.gate} .body"), gate.gate
    for part in parts(answer):
        if part != "nav":
            assert window.shown(part), part


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["three-faults", "asking"])
def test_hostile_names_are_only_text(
    window: Window, show: Show, answers: dict[str, Answer], name: str, lang: Lang
) -> None:
    bad = poison(answers[name], HOSTILE)
    for source in (
        render(bad, "html", lang, Style(is_verbose=True)),
        render_explanation(bad, None, "html", lang),
    ):
        address = show(source)
        assert "onerror" in window.text("h1"), "names are shown as they are"
        assert "\u202e" not in window.run("return document.body.textContent")
        assert not window.all("img, iframe, object, embed, form")
        for width in (1280, 360):
            window.look(width)
            assert window.overflow() == []
        for button in window.shown(".command button")[:3]:
            button.click()
        window.check_is_clean(address)


@pytest.mark.parametrize("lang", LANGS)
def test_an_explanation_is_read_everywhere(
    window: Window, show: Show, answers: dict[str, Answer], lang: Lang
) -> None:
    address = show(render_explanation(answers["no-snat"], "NAT-002", "html", lang))
    for width, scheme in ((1280, "dark"), (360, "light")):
        window.look(width, scheme)
        assert window.shown("#topic-1 .tree")
        assert window.text("header .verdict") == WORDS[lang].verdict["blocked"]
        assert window.overflow() == []
        assert window.faint() == []
    window.check_is_clean(address)


def test_the_checks_see_what_is_wrong(
    window: Window, show: Show, answers: dict[str, Answer]
) -> None:
    """A check that finds nothing on a broken page would prove nothing on a good one."""
    address = show(render(answers["no-snat"], "html"), 360)
    window.run(
        """
        const wide = document.createElement("p");
        wide.textContent = "faint";
        wide.style.cssText = "width: 900px; color: #999; max-width: none; overflow-x: hidden";
        wide.append(Object.assign(document.createElement("b"), { style: "padding: 0 999px" }));
        document.body.append(wide);
        """
    )
    assert "scrolls" in window.overflow()
    assert any("faint" in line for line in window.faint())
    window.run("window.hacked = 1")
    with pytest.raises(AssertionError, match="a script of the case ran"):
        window.check_is_clean(address)
    window.run("delete window.hacked; console.error('a complaint')")
    with pytest.raises(AssertionError, match="a complaint"):
        window.check_is_clean(address)
