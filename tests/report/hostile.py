"""Texts that try to be more than text, and answers whose every tainted field holds one."""

import json
from typing import Any

from hypothesis import strategies as st

from wayout.engine.advise.answer import Answer

ATTACKS = [
    "\x1b[2J\x1b[H",
    "\x1b]0;title\x07",
    "\x9b31m",
    "\u202eevil\u2066",
    "\nREACHABLE  shop/api-0",
    "\r\n\u2028\u0085",
    '"]; click n1 href "javascript:alert(1)"',
    "%%{init: {}}%%",
    "`$(reboot)`",
    "<script>alert(1)</script>",
    "[link](https://evil.example)",
    "```\n# heading",
    "| cell |",
    "1. item",
    "- item",
    "安全组" * 20,
    "&#x202e;",
    "\ufe0f\u3164",
]
hostile = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=8), min_size=1, max_size=4).map(
    "".join
)

# Fields that a case, or whoever wrote its documents, has a hand in.
TAINTED = {"en", "zh", "pod", "destination", "subject", "document", "pointer", "address", "via"}
TAINTED |= {"of", "name", "collected_at", "edition", "url", "scope", "ip"}
TAINTED |= {"yaml", "kubectl", "aliyun", "permission"}


def poisoned(data: Any, text: str, key: str = "") -> Any:
    if isinstance(data, dict):
        fields = key == "fields"
        return {k: poisoned(v, text, "en" if fields else k) for k, v in data.items()}
    if isinstance(data, list):
        return [poisoned(item, text, key) for item in data]
    return data + text if isinstance(data, str) and key in TAINTED else data


def poison(answer: Answer, text: str) -> Answer:
    return Answer.model_validate_json(json.dumps(poisoned(answer.model_dump(mode="json"), text)))
