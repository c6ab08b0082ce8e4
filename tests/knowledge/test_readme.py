"""The page that teaches rules tells the truth: its example holds and its index is current."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from wayout import engine, knowledge
from wayout.engine.inference import check_examples
from wayout.engine.rules import GATE_PREFIXES, Knowledge, load_knowledge, read_knowledge
from wayout.engine.rules.model import Conclusive

README = knowledge.ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")


def example() -> str:
    found = re.search(r"```yaml\n(id: .*?)```", TEXT, re.DOTALL)
    assert found
    return found[1]


def test_the_example_is_a_rule_that_holds(tmp_path: Path) -> None:
    gate = yaml.safe_load(example())["gate"]
    folder = tmp_path / "rules" / gate
    folder.mkdir(parents=True)
    (folder / "example.yaml").write_text(example(), encoding="utf-8")
    for name in ("sources.yaml", "fixes"):
        (tmp_path / name).symlink_to(knowledge.ROOT / name)
    found, errors = read_knowledge(tmp_path)
    assert errors == ()
    assert len(found.rules) == 1
    assert list(check_examples(found, found.rules)) == []


def test_the_index_is_current() -> None:
    shipped: Knowledge = load_knowledge(knowledge.ROOT)
    index = TEXT.split("<!-- index: begin -->")[1].split("<!-- index: end -->")[0]
    assert index.strip() == engine.rules_index(shipped).strip(), "run: wayout rules index --write"


def test_every_gate_prefix_and_status_is_explained() -> None:
    for gate, prefix in GATE_PREFIXES.items():
        assert re.search(rf"`{gate}`\s+{prefix}\b", TEXT), gate
    for status in Conclusive.model_json_schema()["properties"]["status"]["enum"]:
        assert f"| `{status}` |" in TEXT, status
