"""What nobody has named yet, shown as something to fill in.

A conversation may begin before anybody has said which pod it is about, and somebody may tell of a
gateway without its id. Such things bear names of their own inside the engine; in what people read
and paste, a gap `<like-this>` stands for them.
"""

from __future__ import annotations

import re
from typing import Any

from wayout.engine.advise.answer import GAPS, Answer
from wayout.engine.case import Case, Question
from wayout.engine.case.question import NAMELESS_DESTINATION, NAMELESS_POD
from wayout.engine.case.telling import UNNAMED

__all__ = ["with_gaps"]

# The parts of an answer that people read; ids, patches and the question stay what they are.
READ = frozenset({"en", "zh", "aliyun", "kubectl", "yaml"})
NAMESPACE, _, POD = NAMELESS_POD.partition("/")
OF_QUESTION = (
    (re.compile(rf"-n {NAMESPACE} {POD}\b"), "-n <namespace> <pod>"),
    (re.compile(re.escape(NAMELESS_POD)), GAPS[NAMELESS_POD]),
    (re.compile(re.escape(NAMELESS_DESTINATION)), GAPS[NAMELESS_DESTINATION]),
    (re.compile(rf"(?<![\w./-]){NAMESPACE}(?![\w./-])"), "<namespace>"),
)
OF_REPLIES = re.compile(rf"\b([a-z]+){UNNAMED}\b")
KINDS = {
    "ngw": "nat-gateway-id",
    "eni": "network-interface-id",
    "vtb": "route-table-id",
    "sg": "security-group-id",
    "vsw": "vswitch-id",
    "nacl": "network-acl-id",
    "eip": "eip-id",
    "cn": "region-id",
    "policy": "policy-name",
}


def with_gaps(answer: Answer, case: Case, asked: Question) -> Answer:
    """The same answer; a copy only when something in it has no name."""
    is_nameless = asked.pod == NAMELESS_POD or asked.destination == NAMELESS_DESTINATION
    if not is_nameless and not case.has_replies:
        return answer

    def filled(text: str) -> str:
        if is_nameless:
            for pattern, gap in OF_QUESTION:
                text = pattern.sub(gap, text)
        return OF_REPLIES.sub(gap_of, text)

    def rewritten(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: rewritten(inner, name) for name, inner in value.items()}
        if isinstance(value, (list, tuple)) and key != "patch":
            return type(value)(rewritten(inner, key) for inner in value)
        return filled(value) if isinstance(value, str) and key in READ else value

    return Answer.model_validate(rewritten(answer.model_dump()))


def gap_of(match: re.Match[str]) -> str:
    return f"<{KINDS.get(match[1], f'{match[1]}-id')}>"
