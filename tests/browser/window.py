"""One window of Chromium, used as a person would use it, and what a person sees in it."""

from __future__ import annotations

import base64
import json
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

SECONDS = 60  # a busy machine is slow, never wrong
FLAGS = (
    "--headless",
    "--no-sandbox",  # tests run as root, too
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=en",
)
FOCUSABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']"

FAINT = (Path(__file__).parent / "faint.js").read_text(encoding="utf-8")


class Window:
    """The window with its driver; `driver` is there for what has no short way."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver
        self.width = 1280

    # ── what is opened and how it is looked at ──

    def open(self, address: str, width: int = 1280, scheme: str = "light", media: str = "") -> None:
        """Opens an address without any memory of earlier ones."""
        self.look(width, scheme, media)
        self.driver.get("about:blank")
        self.logs()
        self.driver.get(address)

    def look(self, width: int, scheme: str = "light", media: str = "") -> None:
        """The width of the window in CSS pixels, light or dark, screen or print."""
        self.width = width
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.cdp("Emulation.setDeviceMetricsOverride", **size)
        self.cdp("Emulation.setEmulatedMedia", media=media, features=features)

    def cdp(self, command: str, **parameters: Any) -> Any:
        return self.driver.execute_cdp_cmd(command, parameters)

    def run(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    # ── what a person does ──

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def shown(self, css: str) -> list[WebElement]:
        return [element for element in self.all(css) if element.is_displayed()]

    def click(self, css: str) -> None:
        self.find(css).click()

    def type(self, css: str, text: str) -> None:
        self.find(css).clear()
        self.find(css).send_keys(text)

    def press(self, *keys: str) -> None:
        """Keys go to whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def drop(self, onto: str, *paths: Path) -> None:
        """Drags files or folders from the desktop onto an element."""
        box = self.find(onto).rect
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.cdp("Input.dispatchDragEvent", type=kind, data=data, **place)

    def wait(self, condition: Callable[[], Any]) -> Any:
        return WebDriverWait(self.driver, SECONDS).until(lambda _: condition())

    # ── what a person sees ──

    def text(self, css: str) -> str:
        return self.find(css).text

    def is_in_view(self, css: str) -> bool:
        box = self.run("return arguments[0].getBoundingClientRect().toJSON()", self.find(css))
        return bool(box["width"] and box["height"] and box["top"] < 800 and box["bottom"] > 0)

    def overflow(self) -> list[str]:
        """What sticks out of the window on the right, as tag and class."""
        return list(
            self.run(
                """
                const edge = arguments[0] + 0.5, found = [];
                for (const one of document.body.querySelectorAll("*")) {
                  if (one.checkVisibility() && one.getBoundingClientRect().right > edge)
                    found.push(`${one.localName}.${one.className}`);
                }
                if (document.documentElement.scrollWidth > arguments[0]) found.push("scrolls");
                return found;
                """,
                self.width,
            )
        )

    def faint(self) -> list[str]:
        """Texts that are hard to read against what lies behind them."""
        return list(self.run(FAINT))

    def cut(self) -> list[str]:
        """Texts of which a part is hidden, though the page says more."""
        script = """
            return [...document.body.querySelectorAll("*")].filter((one) =>
              one.checkVisibility() && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1
              && getComputedStyle(one).overflowX !== "visible")
              .map((one) => one.outerHTML.slice(0, 80));
        """
        return list(self.run(script))

    def colors(self, css: str) -> int:
        """How many different pixels a picture of an element has: one means that it is blank."""
        return len(pixels(self.find(css).screenshot_as_png))

    def clipboard(self) -> str:
        read = "navigator.clipboard.readText().then(arguments[0], (e) => arguments[0](String(e)))"
        return str(self.driver.execute_async_script(read))

    def selection(self) -> str:
        return str(self.run("return getSelection().toString()"))

    def focused(self) -> WebElement:
        return self.driver.switch_to.active_element

    def has_visible_focus(self) -> bool:
        """Whether the focus is drawn: around its element, or around what stands for that."""
        script = """
            const drawn = (one) => one && getComputedStyle(one).outlineStyle !== "none"
              && parseFloat(getComputedStyle(one).outlineWidth) > 0
              && one.getBoundingClientRect().width > 1;
            const one = document.activeElement;
            return Boolean(drawn(one) || drawn(one.nextElementSibling));
        """
        return bool(self.run(script))

    def tab_stops(self, most: int = 600) -> Iterator[WebElement]:
        """Every element the Tab key comes to, from the top until it leaves the page."""
        self.run(
            """
            scrollTo(0, 0);
            document.body.tabIndex = -1;
            document.body.focus();
            document.body.removeAttribute("tabindex");
            """
        )
        seen = set()
        for _ in range(most):
            self.press(Keys.TAB)
            stop = self.focused()
            if stop.tag_name == "body" or stop.id in seen:
                return
            seen.add(stop.id)
            yield stop
        raise AssertionError(f"more than {most} places for the focus")

    def reachable(self) -> list[WebElement]:
        """Everything visible that somebody may want to use."""
        script = """
            return [...document.querySelectorAll(arguments[0])].filter((one) =>
              one.checkVisibility() && one.tabIndex >= 0 && !one.disabled);
        """
        return list(self.run(script, FOCUSABLE))

    # ── what must not be ──

    def logs(self) -> tuple[list[str], list[str]]:
        """(complaints of the console, addresses asked for) since the last call."""
        console = [str(entry["message"]) for entry in self.driver.get_log("browser")]
        events = (json.loads(e["message"])["message"] for e in self.driver.get_log("performance"))
        asked = [
            str(event["params"]["request"]["url"])
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return console, asked

    def check_is_clean(self, *allowed: str, expected: Sequence[str] = ()) -> None:
        """No script of a case ran, the console is silent, and nothing was asked of elsewhere.

        `expected` are beginnings of complaints that belong to the test.
        """
        assert self.run("return window.hacked === undefined"), "a script of the case ran"
        console, asked = self.logs()
        complaints = [line for line in console if not any(part in line for part in expected)]
        assert not complaints, complaints
        elsewhere = [url for url in asked if not url.startswith((*allowed, "data:", "about:"))]
        assert not elsewhere, elsewhere


def pixels(png: bytes) -> set[bytes]:
    """The different values in the rows of a PNG picture of eight bits a channel."""
    place, data, depth = 8, b"", 4
    while place < len(png):
        size, kind = struct.unpack(">I4s", png[place : place + 8])
        body = png[place + 8 : place + 8 + size]
        if kind == b"IHDR":
            depth = {2: 3, 6: 4}[body[9]]
        elif kind == b"IDAT":
            data += body
        place += size + 12
    raw = zlib.decompress(data)
    return {raw[i : i + depth] for i in range(1, len(raw), depth)}


@contextmanager
def chromium() -> Iterator[webdriver.Chrome]:
    """A browser with a new, empty profile; ended with everything it started."""
    program, driver = which("chromium"), which("chromedriver")
    if not (program and driver):
        raise RuntimeError(
            "The commands chromium and chromedriver are missing; run: make browser-test"
        )
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # With the path given, Selenium looks for no driver, neither here nor on the web.
        started = webdriver.Chrome(options=options, service=Service(driver))
        try:
            started.set_script_timeout(SECONDS)
            yield started
        finally:
            started.quit()


def pdf(window: Window) -> bytes:
    """The page on paper."""
    return base64.b64decode(window.driver.print_page())


def texts(elements: Iterable[WebElement]) -> list[str]:
    return [element.text for element in elements]
