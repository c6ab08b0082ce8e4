"""Whatever is sent to any operation, the answer is one that the OpenAPI document describes.

Requests are made up from the document by schemathesis: some follow it, some break it, some are
grounded in a real case and a real conversation, so that the answers of success are seen too.
`WAYOUT_CONTRACT_EXAMPLES` says how many of each kind every operation gets.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Session
from schemathesis import APIOperation, GenerationMode
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.service.conftest import Service, body, files

EXAMPLES = int(os.environ.get("WAYOUT_CONTRACT_EXAMPLES", "8"))
TOKEN = "a-token-of-some-length"
BEGIN = "/v1/conversations"
# What a document or a question is, a schema cannot say: the engine may refuse what follows it.
UNTRUE = [positive_data_acceptance]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    place = tmp_path_factory.mktemp("store") / "conversations.db"
    running = Service("--workers", "2", "--conversations", str(place), WAYOUT_TOKEN=TOKEN)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def operations(guarded: Service) -> dict[str, Any]:
    document = guarded.get("/openapi.json", Authorization=f"Bearer {TOKEN}").data
    load_all_checks()
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(headers={"Authorization": f"Bearer {TOKEN}"})
    found = (result.ok() for result in schema.get_all_operations())
    return {operation.label: operation for operation in found}


def check(guarded: Service, operation: APIOperation, **fixed: Any) -> set[int]:
    """Sends what fits the operation, but for the parts that are fixed; the statuses that came."""
    statuses: set[int] = set()

    few = max(EXAMPLES // 2, 2) if fixed else EXAMPLES

    @settings(max_examples=few, suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        modes = [GenerationMode.POSITIVE] if fixed else list(GenerationMode)
        made = operation.as_strategy(generation_mode=data.draw(st.sampled_from(modes)), **fixed)
        case = data.draw(made)
        place = f"http://127.0.0.1:{guarded.port}"
        response = case.call(base_url=place, session=session, timeout=120)
        statuses.add(response.status_code)
        case.validate_response(response, excluded_checks=UNTRUE)

    with Session() as session:
        run()
    return statuses


def test_made_up_requests(guarded: Service, operations: dict[str, Any]) -> None:
    assert {"GET /healthz", "POST /v1/assess", f"DELETE {BEGIN}/{{id}}"} <= set(operations)
    for operation in operations.values():
        assert max(check(guarded, operation)) < 500


def test_requests_about_a_real_case(guarded: Service, operations: dict[str, Any]) -> None:
    case = body("no-snat")
    bodies: dict[str, dict[str, Any]] = {
        "POST /v1/assess": case,
        "POST /v1/reply": {**case, "question_id": "question/pod", "value": "shop/api-0"},
        "POST /v1/explain": case,
        "POST /v1/report": {**case, "format": "md"},
        "POST /v1/what-if": {**case, "changes": ["add-snat-entry"], "collateral": False},
        f"POST {BEGIN}": body("healthy", "snat-entries.json"),
    }
    for label, sent in bodies.items():
        assert check(guarded, operations[label], body=sent) <= {200, 201}, label


def test_requests_about_a_real_conversation(guarded: Service, operations: dict[str, Any]) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    begun = guarded.post(BEGIN, body("healthy", "snat-entries.json"), **bearer).data
    place = f"{BEGIN}/{{id}}"
    fixed = {"path_parameters": {"id": begun["id"]}, "headers": {}}
    reply = {"question_id": begun["answer"]["next_question"]["id"], "value": "no"}
    more = {"files": files("healthy")}
    seen = [
        check(guarded, operations[f"POST {place}/replies"], body=reply, **fixed),
        check(guarded, operations[f"POST {place}/documents"], body=more, **fixed),
        check(guarded, operations[f"GET {place}"], **fixed),
        check(guarded, operations[f"POST {place}/undo"], **fixed),
        check(guarded, operations[f"DELETE {place}"], **fixed),
    ]
    assert all(statuses & {200, 204} for statuses in seen)  # each had its way once
    assert set().union(*seen) <= {200, 204, 404, 409, 412}
