"""What holds of the knowledge base as a whole."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from wayout import knowledge
from wayout.engine.facts.common import GATES
from wayout.engine.inference import Inference
from wayout.engine.rules import Rule, read_knowledge

KNOWLEDGE, _ = read_knowledge(knowledge.ROOT)
RULES = KNOWLEDGE.rules
FILES = sorted(
    path for folder in ("rules", "fixes") for path in knowledge.ROOT.glob(f"{folder}/**/*.yaml")
)
HAN = re.compile("[\u4e00-\u9fff]")
LONGEST_RULE, LONGEST_FIX = 100, 100  # lines


def of_gate(gate: str, status: str) -> list[Rule]:
    return [r for r in KNOWLEDGE.rules_of(gate) if r.concludes and r.concludes.status == status]


def test_all_rules_together_stay_within_the_limits_of_the_engine() -> None:
    inference = Inference(RULES)
    assert inference.run([]).firings == ()
    inference.close()


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_that_can_block_can_also_pass(gate: str) -> None:
    certain = [rule for rule in of_gate(gate, "blocks") if rule.certainty == "confirmed"]
    assert not certain or of_gate(gate, "passes")


@pytest.mark.parametrize("gate", GATES)
def test_every_gate_can_say_that_it_does_not_know(gate: str) -> None:
    needing = [rule for rule in KNOWLEDGE.rules_of(gate) if rule.list_needs]
    assert needing or of_gate(gate, "unknown") or of_gate(gate, "assumes")


def test_files_are_short_and_named_in_small_letters() -> None:
    for path in FILES:
        name = path.relative_to(knowledge.ROOT).as_posix()
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem), name
        limit = LONGEST_FIX if name.startswith("fixes/") else LONGEST_RULE
        assert len(path.read_text(encoding="utf-8").splitlines()) <= limit, name


def test_each_language_is_itself() -> None:
    texts = [(r.file, t) for r in RULES for t in (r.title, r.says) if t]
    for fix in KNOWLEDGE.fixes.values():
        texts += [(fix.file, t) for t in (fix.title, fix.why, fix.side_effects, fix.cost) if t]
    for file, text in texts:
        assert not HAN.search(text.en), file
        assert HAN.search(text.zh), file


def test_sources_have_a_place() -> None:
    for key, source in KNOWLEDGE.sources.items():
        assert source.url or source.where, key
        for address in filter(None, (source.url,)):
            assert re.fullmatch(r"https://[^\s?#]+", address), key
    addresses = Counter(s.url for s in KNOWLEDGE.sources.values() if s.url)
    assert [address for address, count in addresses.items() if count > 1] == []


def test_example_addresses_are_invented() -> None:
    """Public addresses come from the documentation ranges, or are ones the platform publishes."""
    allowed = re.compile(
        r"(10|127|0)\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\."
        r"|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\."
    )
    for path in FILES:
        for found in re.findall(
            r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.])", path.read_text("utf-8")
        ):
            assert allowed.match(found), f"{path.name}: {found}"
