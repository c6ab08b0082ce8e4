"""A small valid knowledge folder for tests, and ways to spoil it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

Files = dict[str, Any]

TEXT = {"en": "Text.", "zh": "文字。"}
RULE: dict[str, Any] = {
    "id": "POL-001",
    "title": {"en": "Nothing listed", "zh": "没有条目"},
    "gate": "policy",
    "when": [
        {"flow": {"flow": "$flow", "scope": "internet", "pod": "$pod"}},
        {"apple": {"owner": "$owner", "number": {"at_least": 3}}},
        {"none": {"entry": {"owner": "$owner", "text": "x"}}},
    ],
    "concludes": {"status": "blocks", "subject": "$owner"},
    "says": {
        "en": "Pod {$pod} finds nothing in {apple.text}.",
        "zh": "Pod {$pod} 在 {apple.text} 中没有条目。",
    },
    "fixes": ["add-entry"],
    "sources": ["GK"],
    "examples": [
        {
            "name": "nothing listed",
            "given": [
                {"flow": {"flow": "main", "pod": "shop/api-0"}},
                {"apple": {"owner": "o", "number": 3}},
                {"collected": {"list": "entries", "of": "o"}},
            ],
            "fires": True,
            "says": "Pod shop/api-0 finds nothing in .",
        },
        {
            "name": "one listed",
            "given": [
                {"flow": {"flow": "main", "pod": "shop/api-0"}},
                {"apple": {"owner": "o", "number": 3}},
                {"entry": {"owner": "o", "text": "x"}},
            ],
            "fires": False,
        },
        {
            "name": "list unknown",
            "given": [
                {"flow": {"flow": "main", "pod": "shop/api-0"}},
                {"apple": {"owner": "o", "number": 3}},
            ],
            "fires": "not-assessed",
        },
    ],
}
INFERS: dict[str, Any] = {
    "id": "POL-002",
    "title": {"en": "Juice", "zh": "果汁"},
    "gate": "policy",
    "when": [{"apple": {"text": "$t"}}],
    "infers": {"juice": {"text": "$t"}},
    "sources": ["GK"],
    "examples": [
        {"name": "apple", "given": [{"apple": {}}], "fires": True},
        {"name": "banana", "given": [{"banana": {}}], "fires": False},
    ],
}
FIX: dict[str, Any] = {
    "title": {"en": "Add an entry", "zh": "添加条目"},
    "why": TEXT,
    "risk": "low",
    "side_effects": TEXT,
    "change": {
        "aliyun": "aliyun vpc AddEntry --Owner {$owner} --Pod '{$pod}' --Filter '{.items[0]}'"
    },
    "rollback": "aliyun vpc RemoveEntry --Owner {$owner}",
    "patch": [{"add": "entries", "of": "{$owner}", "item": {"Text": "x", "Size": 3}}],
}
SOURCE: dict[str, Any] = {
    "title": {"en": "General", "zh": "通用"},
    "where": "common practice",
    "edition": "undated",
    "read": "2026-11-22",
    "confidence": "GK",
}


def files() -> Files:
    """A deep copy of the folder as data, by path."""
    loaded: Files = yaml.safe_load(
        yaml.safe_dump(
            {
                "rules/policy/nothing-listed.yaml": RULE,
                "rules/policy/juice.yaml": INFERS,
                "fixes/add-entry.yaml": FIX,
                "sources.yaml": {"GK": SOURCE},
            },
            sort_keys=False,
        )
    )
    return loaded


def write(root: Path, content: Files) -> Path:
    """Writes a folder and returns its root."""
    for name, data in content.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = (
            data
            if isinstance(data, str)
            else yaml.safe_dump(data, allow_unicode=True, sort_keys=False)
        )
        path.write_text(text, encoding="utf-8")
    return root


def spoiled(root: Path, change: Callable[[Files], object]) -> Path:
    """A folder after one change to its data."""
    content = files()
    change(content)
    return write(root, content)
