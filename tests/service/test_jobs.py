"""Whatever a body holds, a job ends in a status and one sentence, never in an exception."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from wayout.service.jobs import JOBS, perform

KEYS = ("documents", "files", "errors", "question", "question_id", "value", "topic", "format",
        "lang", "pod", "to", "name", "text", "kind", "apiVersion", "metadata", "items")  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150)
@given(verb=st.sampled_from(sorted(JOBS)), body=st.binary(max_size=40) | json_values)
def test_any_body_is_answered(verb: str, body: object) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    head, text = perform({"verb": verb, "most_documents": 50}, sent)
    status = head["status"]
    assert status in (200, 422)
    assert isinstance(json.loads(text), dict)
    if status == 422:
        assert "\n" not in json.loads(text)["error"]
