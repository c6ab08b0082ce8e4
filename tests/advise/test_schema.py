"""The published JSON Schemas: a change of the answer is a decision, not an accident."""

from __future__ import annotations

import json
import os
from pathlib import Path

from wayout.engine import Answer

GOLDEN = Path(__file__).parent / "golden" / "answer.schema.json"


def test_answer_schema_is_the_published_one() -> None:
    schema = json.dumps(Answer.model_json_schema(), indent=1, ensure_ascii=False, sort_keys=True)
    if os.environ.get("WAYOUT_UPDATE_GOLDEN") == "1":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(schema + "\n", encoding="utf-8")
    assert schema + "\n" == GOLDEN.read_text(encoding="utf-8")
