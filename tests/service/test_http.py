"""The HTTP service as its clients meet it: a process, a socket, JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.service.conftest import ROOT, Service, body, files
from wayout.engine import Case, Lang, Question, Style, assess, page_assets, render
from wayout.engine.report import Format


def test_it_is_well(service: Service) -> None:
    assert service.get("/healthz").data["status"] == "ok"
    ready = service.get("/readyz").data
    assert (ready["status"], len(ready["knowledge"])) == ("ok", 16)


def test_it_gives_the_answer_of_the_engine(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    case = Case.load(Path("examples/no-snat"))
    expected = assess(case, Question(pod="shop/api-0", destination="203.0.113.10:443"))
    answer = service.post("/v1/assess", body("no-snat"))
    assert answer.status == 200
    assert answer.data == json.loads(expected.model_dump_json())


def test_a_conversation_ends_in_a_verdict(service: Service) -> None:
    request = body("healthy", "snat-entries.json")
    first = service.post("/v1/assess", request).data
    assert first["verdict"] == "unknown"
    question = first["next_question"]["id"]
    replied = service.post("/v1/reply", {**request, "question_id": question, "value": "no"}).data
    assert replied["answer"]["verdict"] == "blocked"
    again = {**request, "documents": [replied["document"]]}
    assert service.post("/v1/assess", again).data == replied["answer"]


def test_a_conversation_may_begin_with_an_error_text_only(service: Service) -> None:
    first = service.post("/v1/assess", {"errors": ["dial tcp 203.0.113.10:443: i/o timeout"]})
    assert first.data["next_question"]["id"] == "question/destination"


def test_it_explains(service: Service) -> None:
    request = {**body("no-snat"), "topic": "NAT-002"}
    data = service.post("/v1/explain", request).data
    assert data["topics"][0]["name"] == "NAT-002"
    text = service.post("/v1/explain", {**request, "format": "text", "lang": "zh"}).data["text"]
    assert "规则 NAT-002" in text


@pytest.mark.parametrize("format", ["text", "md", "mermaid", "html"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_writes_the_answer_as_a_report(
    service: Service, monkeypatch: pytest.MonkeyPatch, format: Format, lang: Lang
) -> None:
    monkeypatch.chdir(ROOT)
    answer = assess(Case.load("examples/partial-data"))
    request = {"files": files("partial-data"), "format": format, "lang": lang}
    told = service.post("/v1/report", request).data
    assert told["text"] == render(answer, format, lang)
    assert answer.next_question
    assert told["verdict"] == answer.verdict
    assert told["summary"] == answer.summary.model_dump()
    assert told["next_question"] == answer.next_question.model_dump(mode="json")
    part = service.post("/v1/report", {**request, "format": "html", "part": True}).data["text"]
    assert part == render(answer, "html", lang, Style(is_part=True))


def test_it_tries_changes(service: Service) -> None:
    request = {**body("no-snat"), "changes": ["add-snat-entry"], "collateral": False}
    reply = service.post("/v1/what-if", request)
    assert reply.status == 200
    verdicts = (reply.data["before"]["verdict"], reply.data["after"]["verdict"])
    assert verdicts == ("blocked", "reachable")
    wrong = service.post("/v1/what-if", {**request, "changes": ["add-snat-entri"]})
    assert wrong.status == 422
    assert "add-snat-entri" in wrong.data["error"]


def test_it_lists_rules(service: Service) -> None:
    rules = service.get("/v1/rules?gate=internet-exit").data
    assert {"NAT-002"} < {rule["id"] for rule in rules}
    assert {rule["gate"] for rule in rules} == {"internet-exit"}
    wrong = service.get("/v1/rules?gate=internet-exits")
    assert (wrong.status, wrong.data["error"].partition(";")[0]) == (422, "There is no such gate")


@pytest.mark.parametrize(
    ("request_body", "expected"),
    [
        (b"{", "The body: Invalid JSON"),
        (b"", "The body: Invalid JSON"),
        (b"\xff\xfe", "The body: Invalid JSON"),
        ({"questin": {}}, "questin: Extra inputs are not permitted."),
        ({"question": {"pod": "x"}}, "question.to: Field required."),
        ({"question": {"pod": "A B", "to": "x"}}, '"A B" does not name a pod'),
        ({"documents": [5]}, "documents.0"),
        ({"documents": ["/etc/hostname"]}, "documents.0"),
        ({"documents": [["/etc/hostname"]]}, "<document 1> (/0): a document must be a mapping"),
        ({"files": [{"name": "a.yaml", "text": "a: ["}]}, "a.yaml, line 2"),
        ({"files": [{"name": "../../etc/passwd", "text": "kind: Pod"}]}, "../../etc/passwd"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    service: Service, request_body: Any, expected: str
) -> None:
    reply = service.post("/v1/assess", request_body)
    assert reply.status == 422
    assert reply.data["error"].startswith(expected)
    assert "\n" not in reply.data["error"]


def test_too_many_documents_are_refused(service: Service) -> None:
    reply = service.post("/v1/assess", {"documents": [{}] * 2001})
    assert (reply.status, reply.data["error"]) == (
        422,
        "The request has more than 2000 documents.",
    )


def test_a_large_body_is_refused_before_it_is_read(service: Service) -> None:
    reply = service.post("/v1/assess", b"x", **{"Content-Length": str(64 * 1024 * 1024)})
    assert reply.status == 413


def test_metrics_count_and_hold_nothing_of_a_case(service: Service) -> None:
    service.post("/v1/assess", body("no-snat"))
    text = service.get("/metrics").data
    assert 'wayout_requests_total{status="200",verb="assess"}' in text
    assert 'wayout_verdicts_total{verdict="blocked"}' in text
    assert "wayout_workers 2.0" in text
    assert "shop" not in text
    assert "203.0.113" not in text


def test_the_openapi_document_names_every_model_it_refers_to(service: Service) -> None:
    document = service.get("/openapi.json").data
    schemas = document["components"]["schemas"]
    refs = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert {
        "/v1/assess",
        "/v1/reply",
        "/v1/explain",
        "/v1/report",
        "/v1/what-if",
        "/v1/rules",
    } <= set(document["paths"])
    assert refs <= set(schemas)


def test_the_page_loads_nothing_from_elsewhere(service: Service) -> None:
    for path in ("/", "/page.js", "/page.css", "/answer.js", "/answer.css"):
        reply = service.get(path)
        assert reply.status == 200
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert "http://" not in reply.data
        assert "https://" not in reply.data
    assert "innerHTML" not in service.get("/page.js").data
    for name, content in page_assets().items():
        assert service.get(f"/{name}").data == content


# ── Who may ask ──────────────────────────────────────────────────────────────────────────────


def test_a_token_is_asked_for_everywhere_but_where_it_is_typed_in() -> None:
    token = "a-token-of-some-length"
    guarded = Service("--workers", "1", WAYOUT_TOKEN=token)
    try:
        for path in ("/healthz", "/readyz", "/", "/page.js"):
            assert guarded.get(path).status == 200
        for path in ("/metrics", "/openapi.json", "/v1/rules", "/v1/nothing"):
            refused = guarded.get(path)
            assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
        for given in ("Bearer wrong", token, f"Basic {token}", "Bearer"):
            assert guarded.post("/v1/assess", {}, Authorization=given).status == 401
        for given in (f"Bearer {token}", f"bearer {token}"):
            assert guarded.post("/v1/assess", {}, Authorization=given).status == 200
    finally:
        workers = guarded.workers()
        assert guarded.stop() in (0, -signal.SIGTERM)  # it ends by the signal it was sent
    assert workers
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


@pytest.mark.parametrize(
    ("arguments", "token", "expected"),
    [
        (("--host", "0.0.0.0"), "", "0.0.0.0 is not a loopback address, so a token is needed"),
        (("--host", "0.0.0.0"), "short", "the token must have at least 16 characters"),
        (("--token-file", "/nowhere"), "", "/nowhere: the token cannot be read"),
    ],
)
def test_it_does_not_start_open_to_everybody(
    arguments: tuple[str, ...], token: str, expected: str
) -> None:
    command = [sys.executable, "-m", "wayout", "serve", *arguments]
    environment = {**os.environ, "WAYOUT_TOKEN": token}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, timeout=60
    )
    assert done.returncode == 2
    assert expected in done.stderr
    assert "Traceback" not in done.stderr
