"""Every scenario and every shipped example has the answer it must have, in both languages."""

from __future__ import annotations

from pathlib import Path

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

SCENARIOS = sorted(HERE.glob("*.yaml"))
EXPECTED = {
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
    for lang in ("en", "zh"):
        compare(HERE / "golden" / f"{path.stem}.{lang}.txt", text_of(answer, lang))


@pytest.mark.parametrize("name", sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir()))
def test_example(name: str) -> None:
    answer = diagnose(base_case(name))
    check(answer, EXPECTED[name])
    for lang in ("en", "zh"):
        compare(HERE / "golden" / f"example-{name}.{lang}.txt", text_of(answer, lang))
