"""Lint remarks on what the loader allows."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from wayout import knowledge
from wayout.engine.rules import load_knowledge
from wayout.engine.rules.lint import lint

RULE = """
id: POD-900
title: { en: A title, zh: 标题 }
gate: pod
when:
  - flow: { flow: $flow, pod: $pod }
concludes: { status: passes, subject: $pod }
says: { en: "Pod {$pod} is fine.", zh: "Pod {$pod} 正常。" }
sources: [GK]
examples:
  - name: fires
    given: [{ flow: { flow: main, pod: a/b } }]
    fires: true
  - name: stays silent
    given: [{ gate: { gate: pod } }]
    fires: false
"""


@pytest.fixture
def remarks(tmp_path: Path) -> Callable[..., list[str]]:
    """The remarks on files of a folder with one rule, leaving out those on unused facts."""
    shutil.copy(knowledge.ROOT / "sources.yaml", tmp_path)

    def of(*rules: str) -> list[str]:
        folder = tmp_path / "rules/pod"
        folder.mkdir(parents=True)
        for number, rule in enumerate(rules):
            (folder / f"rule-{number}.yaml").write_text(rule, encoding="utf-8")
        found = lint(load_knowledge(tmp_path))
        return [remark for remark in found if not remark.startswith("fact ")]

    return of


def test_a_tidy_rule_has_no_remark(remarks: Callable[..., list[str]]) -> None:
    assert remarks(RULE) == []


@pytest.mark.parametrize(
    ("old", "new", "remark"),
    [
        ("正常。", "正常,可用。", "says.zh: half-width punctuation in '常,'"),
        ("A title", "A title.", "title.en: a title takes no full stop."),
        ("A title", "A " + "very " * 20 + "long title", "title.en: "),
        ("is fine", "is  fine", "says.en: two spaces in a row."),
        ("zh: 标题", "zh: A title", "title: en and zh are the same."),
        ("pod: $pod }\nconc", "pod: $pod, ip: $ip }\nconc", "$ip is bound and never used"),
        ("sources: [GK]", "sources: [GK]" + "\n#" * 80, "lines; more than 80"),
    ],
)
def test_remark(remarks: Callable[..., list[str]], old: str, new: str, remark: str) -> None:
    assert RULE.count(old) == 1
    [found] = remarks(RULE.replace(old, new))
    assert found.startswith("rules/pod/rule-0.yaml: ")
    assert remark in found


def test_twins(remarks: Callable[..., list[str]]) -> None:
    [found] = remarks(RULE, RULE.replace("POD-900", "POD-901"))
    assert found == "rules/pod/rule-1.yaml: the same conditions and result as POD-900."


def test_idle_fix(remarks: Callable[..., list[str]], tmp_path: Path) -> None:
    fix = {
        "title": {"en": "Do it", "zh": "执行"},
        "why": {"en": "Because.", "zh": "因为。"},
        "risk": "low",
        "side_effects": {"en": "None.", "zh": "无。"},
        "change": {"kubectl": "kubectl version"},
        "rollback": "kubectl version",
    }
    (tmp_path / "fixes").mkdir()
    (tmp_path / "fixes/do-it.yaml").write_text(yaml.safe_dump(fix), encoding="utf-8")
    assert remarks(RULE) == ["fixes/do-it.yaml: no rule names this fix."]


def test_kinds_that_are_inferred_for_nobody_or_by_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "rules/pod"
    folder.mkdir(parents=True)
    shutil.copy(knowledge.ROOT / "sources.yaml", tmp_path)
    (folder / "rule.yaml").write_text(RULE, encoding="utf-8")
    found = list(lint(load_knowledge(tmp_path)))
    assert "fact pod_groups: no rule infers or reads it." in found
    assert not any(remark.startswith("fact conclusion") for remark in found)


def test_rules_that_fire_in_no_case_are_named_when_cases_were_tried(tmp_path: Path) -> None:
    shutil.copy(knowledge.ROOT / "sources.yaml", tmp_path)
    (tmp_path / "rules/pod").mkdir(parents=True)
    (tmp_path / "rules/pod/rule.yaml").write_text(RULE, encoding="utf-8")
    known = load_knowledge(tmp_path)
    silent = "rules/pod/rule.yaml: POD-900 fires in no case."
    assert silent not in lint(known)
    assert silent in lint(known, fired=())
    assert silent not in lint(known, fired={"POD-900"})
