"""Faults of products.yaml end in one sentence that names the place; sound products are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rules.folder import files, write
from wayout.engine.errors import RuleError
from wayout.engine.products import Products, host_regex
from wayout.engine.rules import load_knowledge

PRODUCT: dict[str, Any] = {
    "label": "RDS",
    "title": {"en": "ApsaraDB RDS", "zh": "云数据库 RDS"},
    "access": "whitelist",
    "ids": ["rm"],
    "hosts": [{"pattern": "{id}.rds.example.com"}],
    "sources": ["GK"],
    "read": "2026-11-22",
}
RANGE = {"product": "rds", "region": "cn-one", "cidrs": ["100.64.0.0/24"]}


def load(root: Path, content: Any) -> Products:
    return load_knowledge(write(root, {**files(), "products.yaml": content})).products


def of(**changes: Any) -> dict[str, Any]:
    return {"products": {"rds": {**PRODUCT, **changes}}}


def test_products_are_part_of_the_knowledge_and_of_its_stored_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    content = {**of(), "ranges": [RANGE], "ranges_sources": ["GK"]}
    read = load(tmp_path / "root", content)
    assert list((tmp_path / "cache").rglob("*.json"))
    again = load_knowledge(tmp_path / "root").products
    assert again == read
    assert again.by_host("rm-1.rds.example.com") == ("rds", "rm-1", "", "unknown")
    assert (again.by_id("rm-1"), again.by_id("rmx-1"), again.by_id("r-1")) == ("rds", "", "")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (of(acces="x"), "products.yaml: products.rds.acces: unknown field; did you mean 'access'?"),
        (of(access="whitelst"), "products.rds.access: 'whitelst'; did you mean 'whitelist'?"),
        (of(ports=[0]), "products.yaml: products.rds.ports[0]: "),
        (of(sources=[]), "products.yaml: products.rds.sources: "),
        (of(sources=["GKK"]), "products.rds.sources: unknown source 'GKK'; did you mean 'GK'?"),
        (
            of(hosts=[{"pattern": "{nam}.example.com"}]),
            "products.rds.hosts[0].pattern: unknown placeholder {nam}; known are {id}, {name}",
        ),
        (
            of(hosts=[{"pattern": "{id}.{id}.example.com"}]),
            "products.rds.hosts[0].pattern: {id} and {region} may stand once in a pattern.",
        ),
        (
            {**of(), "ranges": [{**RANGE, "product": "rdss"}]},
            "products.yaml: ranges[0].product: unknown product 'rdss'; did you mean 'rds'?",
        ),
        (
            {**of(), "ranges": [{**RANGE, "cidrs": ["100.64.0.0/40"]}]},
            "products.yaml: ranges[0].cidrs: '100.64.0.0/40' is no CIDR block.",
        ),
        (
            {**of(), "ranges_sources": ["NONE"]},
            "products.yaml: ranges_sources: unknown source 'NONE'",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, content: Any, expected: str) -> None:
    with pytest.raises(RuleError) as caught:
        load(tmp_path, content)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["x" * 20_000, "a-" * 10_000, "rm-1." * 4_000])
def test_no_name_makes_the_patterns_slow(host: str) -> None:
    """A host name has 253 characters; even far longer ones are answered at once."""
    assert host_regex("{id}.mysql.rds.aliyuncs.com").fullmatch(host) is None
