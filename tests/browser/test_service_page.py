"""The page of the service, as somebody uses it who has an error and a few files."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import ROOT
from tests.browser.window import Window, pdf, texts
from tests.service.conftest import Service
from wayout.engine import Answer, Case, Lang, Question, diagnose
from wayout.engine.report.more_words import MORE_WORDS
from wayout.engine.report.words import WORDS

LANGS: tuple[Lang, ...] = ("en", "zh")
POD, DESTINATION = "shop/api-0", "203.0.113.10:443"
TIMEOUT = "dial tcp 203.0.113.10:443: i/o timeout"
LONG = "很长的名字" * 5 + "W" * 99
HOSTILE = (
    "<img src=x onerror='window.hacked=1'>\"'</script><script>window.hacked=2</script>"
    f"\u202egnp.exe\u2066{LONG}"
)
# What a document may name a resource: no space, no slash.
NAME = f"\"'><script>window.hacked=3\u202egnp.exe{LONG}"
FILE = "<img src=x onerror=window.hacked=4>"


class Page:
    """The page with its form."""

    def __init__(self, window: Window, service: Service) -> None:
        self.window = window
        self.address = f"http://127.0.0.1:{service.port}/"

    def open(self, lang: Lang = "en", width: int = 1280, scheme: str = "light") -> Page:
        self.window.open(self.address, width, scheme)
        self.window.click(f"[data-lang={lang}]")
        return self

    def give(self, *paths: Path) -> None:
        """Chooses files as the dialogue of the browser would."""
        count = len(self.window.all("#given li"))
        self.window.find("#files").send_keys("\n".join(map(str, paths)))
        self.window.wait(lambda: len(self.window.all("#given li")) == count + len(paths))

    def ask(self, pod: str = "", to: str = "", error: str = "") -> None:
        for name, text in (("pod", pod), ("to", to), ("error", error)):
            if text:
                self.window.type(f"#{name}", text)
        self.window.click("#go")
        self.settle()

    def settle(self) -> None:
        """Waits for the service."""
        self.window.wait(lambda: self.window.find("body").get_attribute("aria-busy") is None)

    def reply(self, option: str) -> None:
        self.window.click(f"#question [data-reply='{option}']")
        self.settle()

    @property
    def verdict(self) -> str:
        return self.window.text("#answer .verdict")

    @property
    def question(self) -> str:
        return self.window.text("#question h3")

    @property
    def problem(self) -> str:
        return self.window.text("#problem")

    def check_is_clean(self, *expected: str) -> None:
        self.window.check_is_clean(self.address, expected=expected)


@pytest.fixture
def page(window: Window, service: Service) -> Page:
    return Page(window, service)


def documents(example: str, *without: str) -> list[Path]:
    found = sorted((ROOT / "examples" / example).iterdir())
    return [p for p in found if p.suffix in (".json", ".yaml") and p.name not in without]


@pytest.fixture(scope="module")
def answer() -> Answer:
    case = Case.load(*documents("no-snat"))
    return diagnose(case, Question(pod=POD, destination=DESTINATION))


def blocked(page: Page, lang: Lang = "en", width: int = 1280, scheme: str = "light") -> Window:
    """The page with the answer to the first example; its files ask the question."""
    page.open(lang, width, scheme).give(*documents("no-snat"))
    page.ask()
    return page.window


def check_links(window: Window) -> None:
    """Every link leads to a place on the page."""
    for link in window.all("#answer a[href^='#']"):
        assert window.all(f"[id='{str(link.get_attribute('href')).partition('#')[2]}']")


def test_an_error_text_is_enough_to_begin_and_a_reply_goes_on(page: Page) -> None:
    window = page.open().window
    page.ask(error=TIMEOUT)
    assert page.question.startswith("What is the pod trying to reach")
    assert TIMEOUT in window.text("#symptoms"), "what the error says is told at once"
    assert not window.shown("#path"), "there is no path between nobody and nowhere"
    assert "unnamed" not in window.text("body")
    check_links(window)
    window.type("#value", DESTINATION)
    window.press(Keys.ENTER)
    page.settle()
    assert window.find("#to").get_attribute("value") == DESTINATION
    assert window.find("#pod").get_attribute("value") == ""
    assert page.question.startswith("Which pod")
    window.type("#value", POD)
    window.click("#question form button")
    page.settle()
    assert window.find("#pod").get_attribute("value") == POD
    assert page.verdict == "UNKNOWN"
    assert window.shown("#path")
    assert POD in window.text("#asked")
    page.check_is_clean()


def test_files_are_chosen_and_the_blocking_gate_is_marked(page: Page, answer: Answer) -> None:
    window = blocked(page)
    assert page.verdict == "BLOCKED"
    assert window.text("#asked") == f"{POD} -> {DESTINATION}/tcp"
    stations = texts(window.all("#path .path .name"))
    assert stations == [POD, *(gate.title.en for gate in answer.gates), DESTINATION]
    assert texts(window.all("#path .bad .name")) == ["Internet exit"]
    assert texts(window.all("#path .stops .name")) == ["Internet exit"]
    assert window.text("#finding-1 h3").startswith("NAT-002")
    check_links(window)
    page.check_is_clean()


def test_a_folder_is_dropped_anywhere(page: Page) -> None:
    window = page.open().window
    window.drop("h1", ROOT / "examples/no-snat")
    wanted = [f"no-snat/{path.name}" for path in documents("no-snat")]
    window.wait(lambda: len(window.all("#given li")) == len(wanted))
    assert sorted(line.split("\n")[0] for line in texts(window.all("#given li"))) == wanted
    page.ask()
    assert page.verdict == "BLOCKED"
    assert "no-snat/snat-entries.json" in window.text("#finding-1")
    page.check_is_clean()


def test_a_file_is_taken_back(page: Page) -> None:
    window = page.open().window
    page.give(*documents("no-snat"))
    window.click("[aria-label='Remove snat-entries.json']")
    assert "snat-entries.json" not in window.text("#given")
    page.ask()
    assert page.verdict == "UNKNOWN"
    page.give(ROOT / "examples/no-snat/snat-entries.json")
    page.ask()
    assert page.verdict == "BLOCKED"


def test_a_click_on_a_gate_leads_to_its_proof(page: Page) -> None:
    window = blocked(page)
    assert not window.shown("#gate-internet-exit .body")
    window.click("#path a[href='#gate-internet-exit']")
    window.wait(lambda: window.shown("#gate-internet-exit .body"))
    window.click("#gate-internet-exit a[href='#proof-internet-exit']")
    window.wait(lambda: window.is_in_view("#proof-internet-exit"))
    assert "NAT-002" in window.text("#proof-internet-exit .tree")
    page.check_is_clean()


def test_a_fix_is_copied(page: Page, answer: Answer) -> None:
    window = blocked(page)
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    window.cdp("Browser.grantPermissions", permissions=permissions)
    button = window.find("#fix-1 .command button")
    button.click()
    window.wait(lambda: button.text == "Copied")
    assert window.clipboard() == answer.fixes[0].change.aliyun.strip("\n")


def test_a_reply_leads_to_a_proven_answer_and_can_be_taken_back(page: Page) -> None:
    window = page.open().window
    page.give(*documents("healthy", "snat-entries.json"))
    page.ask(POD, DESTINATION)
    assert page.verdict == "UNKNOWN"
    assert "SNAT" in page.question
    asked = page.question
    page.reply("no")
    assert page.verdict == "BLOCKED"
    assert not window.all("#question")
    assert window.text("#finding-1 h3").startswith("NAT-002")
    assert asked in window.text(".told")
    window.click(".told button")
    page.settle()
    assert (page.verdict, page.question) == ("UNKNOWN", asked)
    assert not window.all(".told")
    page.give(ROOT / "examples/healthy/snat-entries.json")
    page.ask()
    assert page.verdict == "REACHABLE"
    page.check_is_clean()


def test_nobody_has_to_know(page: Page) -> None:
    page.open().give(*documents("healthy", "snat-entries.json"))
    page.ask(POD, DESTINATION)
    page.reply("unknown")
    assert page.verdict == "UNKNOWN"
    assert "Don't know" in page.window.text(".told")
    assert not page.window.all("#question [data-reply='no']"), "it is not asked again"


def test_an_empty_reply_is_not_sent(page: Page) -> None:
    window = page.open().window
    page.ask(error=TIMEOUT)
    asked = page.question
    window.click("#question form button")
    page.settle()
    assert page.question == asked
    assert not window.shown("#problem")
    assert window.focused() == window.find("#value")


def test_both_languages_say_the_same(page: Page, answer: Answer) -> None:
    window = blocked(page)
    english = texts(window.all("#answer h2, #ask label, .hint, button"))
    window.click("[data-lang=zh]")
    page.settle()
    assert page.verdict == WORDS["zh"].verdict["blocked"]
    assert window.find("html").get_attribute("lang") == "zh-CN"
    assert window.text("#answer .lead") == answer.summary.zh
    chinese = texts(window.all("#answer h2, #ask label, .hint, button"))
    assert len(chinese) == len(english)
    ours = [text for text in chinese if text not in (f"{POD} -> {DESTINATION}/tcp", "English", "✕")]
    assert [text for text in ours if text and text.isascii()] == []
    assert WORDS["zh"].path in chinese
    assert MORE_WORDS["zh"].proofs in chinese
    window.click("[data-lang=en]")
    page.settle()
    assert texts(window.all("#answer h2, #ask label, .hint, button")) == english
    page.check_is_clean()


@pytest.mark.parametrize("lang", LANGS)
def test_every_label_is_there(page: Page, lang: Lang) -> None:
    window = page.open(lang).window
    for part in window.all("[data-text]"):
        assert part.get_attribute("textContent")
    window.run("document.getElementById('token-part').hidden = false")
    for control in window.shown("input, textarea, select"):
        assert control.accessible_name, control.get_attribute("id")
    for button in window.shown("button"):
        assert button.accessible_name


def test_the_keyboard_alone_is_enough(page: Page) -> None:
    window = page.open().window
    page.give(*documents("healthy", "snat-entries.json"))
    window.run("document.activeElement.blur()")
    window.find("#pod").send_keys(POD, Keys.TAB)
    window.press(DESTINATION, Keys.ENTER)
    page.settle()
    assert page.verdict == "UNKNOWN"
    assert window.focused() == window.find("#answer"), "the answer is where one reads on"
    wanted = {element.id for element in window.reachable()}
    seen = set()
    for stop in window.tab_stops():
        seen.add(stop.id)
        assert window.has_visible_focus(), stop.get_attribute("outerHTML")
    assert [e.get_attribute("outerHTML") for e in window.reachable() if e.id in wanted - seen] == []
    window.run("document.getElementById('answer').focus()")
    for _ in range(30):
        window.press(Keys.TAB)
        if window.focused().get_attribute("data-reply") == "no":
            break
    window.press(Keys.ENTER)
    page.settle()
    assert page.verdict == "BLOCKED"
    page.check_is_clean()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_is_read_on_every_screen(page: Page, lang: Lang, scheme: str) -> None:
    window = page.open(lang, 360, scheme).window
    screens: list[Callable[[], None]] = [
        lambda: None,
        lambda: page.ask("not a pod", "x"),
        lambda: page.ask(POD, "x.example.com", TIMEOUT),
        lambda: (window.click("#restart"), page.give(*documents("no-snat")), page.ask()),
    ]
    for number, act in enumerate(screens):
        act()
        for width in (360, 1280):
            window.look(width, scheme)
            assert window.overflow() == [], (number, width)
            assert window.cut() == [], (number, width)
            assert window.faint() == [], (number, width)
            assert window.colors("#ask") > 8
    assert window.shown("#fix-1")
    page.check_is_clean("422")


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(e.tag_name[1]) for e in blocked(page).all("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_what_happens_is_told_to_those_who_listen(page: Page, answer: Answer) -> None:
    window = blocked(page)
    status = window.find("#status")
    assert (status.aria_role, status.get_attribute("textContent")) == ("status", answer.summary.en)
    assert window.find("#problem").get_attribute("role") == "alert"
    assert window.find("#answer").accessible_name == f"{POD} -> {DESTINATION}/tcp"


def test_hostile_names_are_only_text(page: Page, tmp_path: Path) -> None:
    window = page.open(width=360).window
    paths = []
    for path in documents("no-snat"):
        text = path.read_text(encoding="utf-8")
        for name in ("ngw-bp1exit", "sgr-bp1out", "vtb-bp1shop"):
            text = text.replace(f'"{name}"', json.dumps(NAME))
        paths.append(tmp_path / f"{FILE}{path.name}")
        paths[-1].write_text(text, encoding="utf-8")
    page.give(*paths)
    page.ask(error=HOSTILE)
    assert not window.shown("#problem"), page.problem
    assert page.verdict == "BLOCKED"
    for text in ("\"'><script>window.hacked=3\\u202egnp.exe", f"{FILE}snat-entries.json"):
        assert text in window.text("#finding-1"), "names are shown as they are"
    assert HOSTILE.partition("\u202e")[0] in window.text("#answer")
    assert not window.all("img, iframe, object, embed")
    for width in (360, 1280):
        window.look(width)
        assert window.overflow() == []
    page.ask(to=f"{HOSTILE[:60]}.example.com")
    assert "onerror" in window.text("#problem") or "onerror" in window.text("#asked")
    assert window.overflow() == []
    page.check_is_clean("422")


def test_a_hostile_reply_is_only_text(page: Page) -> None:
    window = page.open(width=360).window
    page.ask(error=TIMEOUT)
    for value in (HOSTILE, f"https://{HOSTILE[:80]}/"):
        window.type("#value", value)
        window.press(Keys.ENTER)
        page.settle()
        assert window.shown("#problem")
        assert window.overflow() == []
    page.check_is_clean("422")


def test_what_is_wrong_is_said_and_the_last_answer_stays(page: Page) -> None:
    window = blocked(page)
    page.ask("not a pod", DESTINATION)
    assert "does not name a pod" in page.problem
    assert page.verdict == "BLOCKED"
    page.ask(POD)
    assert not window.shown("#problem")
    page.check_is_clean("422")


def test_a_large_file_is_left_out_and_named(page: Page, tmp_path: Path) -> None:
    window = page.open().window
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(32 * 1024 * 1024 + 1)
    window.find("#files").send_keys(f"{large}\n{documents('no-snat')[0]}")
    window.wait(lambda: window.shown("#problem"))
    assert page.problem == "large.json is larger than 32 MB and was left out."
    assert len(window.all("#given li")) == 1


def test_one_begins_again(page: Page) -> None:
    window = blocked(page)
    window.type("#pod", POD)
    window.click("#restart")
    assert not window.shown("#answer")
    assert not window.all("#given li")
    assert window.find("#pod").get_attribute("value") == ""
    assert window.focused() == window.find("#pod")


def test_the_answer_is_printed_without_the_form(page: Page) -> None:
    window = blocked(page)
    assert pdf(window).startswith(b"%PDF-")
    assert not window.all("details:not([open])")
    window.look(800, "dark", "print")
    assert not window.shown("#ask, .top, button, nav")
    assert window.shown("#finding-1")
    assert window.faint() == []


def test_a_token_is_asked_for(window: Window) -> None:
    token = "a-token-of-some-length"
    guarded = Service("--workers", "1", WAYOUT_TOKEN=token)
    try:
        page = Page(window, guarded).open()
        assert not window.shown("#token")
        page.ask(POD, DESTINATION)
        assert page.problem == "This service wants an access token."
        assert window.focused() == window.find("#token")
        window.press(token, Keys.ENTER)
        page.settle()
        assert page.verdict == "UNKNOWN"
        page.check_is_clean("401")
    finally:
        guarded.stop()
    page.ask()
    assert page.problem == "The service does not answer."
    assert page.verdict == "UNKNOWN"
