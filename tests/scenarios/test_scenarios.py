"""Every scenario and every shipped example has the answer it must have, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.scenarios.runner import (
    EXAMPLES,
    HERE,
    Expected,
    base_case,
    check,
    compare,
    load,
    text_of,
)
from wayout.engine import diagnose

LANGUAGES: tuple[Literal["en", "zh"], ...] = ("en", "zh")
SCENARIOS = sorted(HERE.glob("*.yaml"))
EXPECTED = {
    "annotation-replaces-sg": Expected(
        verdict="blocked",
        primary="SG-003",
        findings=["SG-003"],
        gates={"policy": "passes", "security-group": "blocks", "internet-exit": "passes"},
        reachable_after=["add-sg-egress-accept"],
    ),
    "default-deny-forgot-dns": Expected(
        verdict="blocked",
        primary="DNS-020",
        findings=["DNS-020"],
        gates={"dns": "blocks", "policy": "passes", "security-group": "passes"},
        reachable_after=["allow-dns-egress"],
    ),
    "partial-data": Expected(
        verdict="unknown",
        gates={"route": "unknown", "internet-exit": "unknown"},
        lacks=["route_entries"],
    ),
    "sg-priority-tie": Expected(
        verdict="blocked",
        primary="SG-027",
        findings=["SG-027"],
        gates={"security-group": "blocks", "internet-exit": "passes"},
        reachable_after=["move-sg-drop"],
    ),
    "healthy": Expected(verdict="reachable"),
    "no-snat": Expected(
        verdict="blocked",
        primary="NAT-002",
        findings=["NAT-002"],
        gates={"internet-exit": "blocks", "route": "passes", "policy": "passes"},
        reachable_after=["add-snat-entry"],
    ),
}


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    scenario = load(path)
    answer = scenario.answer()
    check(answer, scenario.expect)
    if scenario.is_look_alike:
        assert not answer.findings
    for lang in LANGUAGES:
        compare(HERE / "golden" / f"{path.stem}.{lang}.txt", text_of(answer, lang))


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()))
def test_example(name: str) -> None:
    answer = diagnose(base_case(name))
    check(answer, EXPECTED[name])
    for lang in LANGUAGES:
        compare(HERE / "golden" / f"example-{name}.{lang}.txt", text_of(answer, lang))
