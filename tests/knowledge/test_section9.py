"""Every row of the source side has its rules, or is openly not modelled.

`section9.yaml` maps the known causes to rules; nothing may be concluded with more certainty than
the evidence for its row allows.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from wayout import knowledge
from wayout.engine.rules import Rule, read_knowledge

KNOWLEDGE, _ = read_knowledge(knowledge.ROOT)


class Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    conf: Literal["C", "P", "I"] = "C"
    what: str = ""
    rules: list[str] = []
    not_modelled: str = ""


TEXT = Path(__file__).with_name("section9.yaml").read_text(encoding="utf-8")
SECTIONS = {
    name: {key: Row.model_validate(row) for key, row in rows.items()}
    for name, rows in yaml.safe_load(TEXT).items()
}
ROWS = [pytest.param(row, id=key) for rows in SECTIONS.values() for key, row in rows.items()]
SIZES = {"DNS": 15, "NP": 6, "TP": 3, "SG": 6, "ACL": 4, "RT": 7, "NAT": 10, "IGW": 5, "EIP": 4}


def rule(name: str) -> Rule:
    found = KNOWLEDGE.rule(name)
    assert found is not None, f"there is no rule {name}"
    return found


def strength(found: Rule) -> str:
    """C: it can find a confirmed fault; P: a possible one; I: it finds no fault."""
    if found.concludes is None or found.concludes.status not in ("blocks", "degrades"):
        return "I"
    return "C" if found.certainty == "confirmed" else "P"


def test_the_table_is_whole() -> None:
    table = SECTIONS["table"]
    for prefix, size in SIZES.items():
        assert {f"{prefix}-{n:02}" for n in range(1, size + 1)} <= set(table)
    assert len(table) == sum(SIZES.values()) + 6


@pytest.mark.parametrize("row", ROWS)
def test_a_row_is_known_or_openly_not_modelled(row: Row) -> None:
    assert row.rules or row.not_modelled
    for name in row.rules:
        rule(name)
    if row.not_modelled:
        said = [text.en for text in KNOWLEDGE.not_modelled]
        assert any(text.startswith(row.not_modelled) for text in said), said


@pytest.mark.parametrize("row", ROWS)
def test_nothing_is_said_with_more_certainty_than_there_is(row: Row) -> None:
    allowed = {"C": "CPI", "P": "PI", "I": "I"}[row.conf]
    for name in row.rules:
        assert strength(rule(name)) in allowed, name


@pytest.mark.parametrize("row", ROWS)
def test_what_finds_a_fault_offers_a_way_out_and_says_where_it_comes_from(row: Row) -> None:
    for found in map(rule, row.rules):
        assert found.sources or found.gate == "verdict", found.id
        if found.concludes is not None and found.concludes.status in ("blocks", "degrades"):
            assert found.fixes, found.id
