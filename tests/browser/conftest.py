"""A browser and a service for all tests; every test begins with a new page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver

from tests.browser.window import Window, chromium
from tests.service.conftest import Service

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def driver() -> Iterator[webdriver.Chrome]:
    with chromium() as started:
        yield started


@pytest.fixture
def window(driver: webdriver.Chrome) -> Window:
    driver.execute_cdp_cmd("Browser.resetPermissions", {})
    return Window(driver)


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    running = Service("--workers", "1")
    yield running
    running.stop()
