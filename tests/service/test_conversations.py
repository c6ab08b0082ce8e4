"""Conversations that the service keeps: what a client sees, and what is in the database."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.case.test_secrets import DOCUMENTS, KEY_ID, MARK
from tests.case.test_whitelisted_answers import IP_ARRAYS
from tests.service.conftest import QUESTION, ROOT, Reply, Service, body, files
from wayout.service.app import create_app
from wayout.service.conversations import Conversations
from wayout.service.guard import Refused
from wayout.service.intake import Intake
from wayout.service.measures import Measures
from wayout.service.pool import Pool
from wayout.service.settings import Settings, SettingsError

BEGIN = "/v1/conversations"
SNAT = (ROOT / "examples" / "healthy" / "snat-entries.json").read_text(encoding="utf-8")

RDS = {"id": "rm-bp1shop", "product": "rds"}
# Everything in which a secret may come, in one request.
SECRETS = {
    "documents": [
        *DOCUMENTS[:-1],
        {
            "apiVersion": "wayout/v1",
            "kind": "Case",
            "told": [{"add": "pods", "item": DOCUMENTS[1]}],
        },
    ],
    "files": [
        {"name": "all.yaml", "text": "\n---\n".join(json.dumps(found) for found in DOCUMENTS[:3])}
    ],
    "errors": [f"AUTH failed password={MARK}", f"AccessKey {KEY_ID} is disabled"],
    "question": {"pod": "shop/a", "to": f"redis://:{MARK}@r.example:6379"},
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("store") / "conversations.db"


@pytest.fixture(scope="module")
def talks(place: Path) -> Iterator[Service]:
    running = Service("--workers", "2", "--conversations", str(place))
    yield running
    running.stop()


def begun(talks: Service, *without: str) -> tuple[str, dict[str, Any]]:
    """The address of a new conversation, and what it is."""
    reply = talks.post(BEGIN, body("healthy", *without))
    assert reply.status == 201
    path = f"{BEGIN}/{reply.data['id']}"
    assert reply.headers["location"] == path
    assert reply.headers["etag"] == '"1"'
    return path, reply.data


def replied(talks: Service, path: str, question: str, value: Any, **headers: str) -> Reply:
    sent = {"question_id": question, "value": value}
    return talks.post(f"{path}/replies", sent, **headers)


def without_lines(answer: dict[str, Any]) -> Any:
    """An answer without the lines of its documents, whose texts a conversation does not keep."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(inner) for key, inner in value.items() if key != "line"}
        return [plain(inner) for inner in value] if isinstance(value, list) else value

    return plain(answer)


def test_the_answer_is_that_of_the_verb(talks: Service) -> None:
    _, data = begun(talks)
    assessed = talks.post("/v1/assess", body("healthy")).data
    assert without_lines(data["answer"]) == without_lines(assessed)
    assert data["question"]["to"] == QUESTION["to"]


def test_a_conversation_goes_on_until_it_is_decided(talks: Service) -> None:
    path, first = begun(talks, "snat-entries.json")
    assert first["answer"]["verdict"] == "unknown"
    asked = first["answer"]["next_question"]
    after = replied(talks, path, asked["id"], "no")
    assert after.status == 200
    assert after.headers["etag"] == '"2"'
    assert after.data["answer"]["verdict"] == "blocked"
    assert talks.get(path).data == after.data
    [begin, told] = after.data["history"]
    assert (begin["kind"], begin["documents"]) == ("documents", len(files("healthy")) - 1)
    assert (told["kind"], told["question_id"], told["reply"]) == ("reply", asked["id"], "no")
    assert told["asked"] == asked["text"]

    stateless = {**body("healthy", "snat-entries.json")}
    wanted = talks.post("/v1/reply", {**stateless, "question_id": asked["id"], "value": "no"}).data
    assert after.data["answer"]["verdict"] == wanted["answer"]["verdict"]
    assert after.data["answer"]["findings"] != []

    undone = talks.post(f"{path}/undo", None)
    assert undone.data["answer"] == first["answer"]
    assert (undone.data["version"], len(undone.data["history"])) == (3, 1)
    assert talks.post(f"{path}/undo", None).status == 409

    more = talks.post(f"{path}/documents", {"files": [{"name": "snat.json", "text": SNAT}]})
    assert more.data["answer"]["verdict"] == "reachable"

    assert talks.ask("DELETE", path).status == 204
    assert talks.get(path).status == 404
    assert talks.ask("DELETE", path).status == 404


def test_a_document_may_be_the_reply(talks: Service) -> None:
    path, first = begun(talks, "snat-entries.json")
    asked = first["answer"]["next_question"]["id"]
    after = replied(talks, path, asked, json.loads(SNAT))
    assert after.data["answer"]["verdict"] == "reachable"
    assert after.data["history"][-1]["documents"] == 1


def test_a_later_document_is_read_beside_those_before_it(talks: Service) -> None:
    known = {"apiVersion": "wayout/v1", "kind": "Case", "instances": [RDS]}
    question = {"pod": "shop/api-0", "to": "rm-bp1shop"}
    bare = {"documents": [IP_ARRAYS]}  # an answer that does not say of which instance it is
    begin = talks.post(BEGIN, {"documents": [known], "question": question}).data
    after = talks.post(f"{BEGIN}/{begin['id']}/documents", bare).data["answer"]
    wanted = talks.post("/v1/assess", {"documents": [known, IP_ARRAYS], "question": question}).data
    taken = "taken as that of rm-bp1shop, the only one"
    assert taken in json.dumps(wanted)
    assert taken in json.dumps(after)
    assert [gate["status"] for gate in after["gates"]] == [g["status"] for g in wanted["gates"]]


def test_a_conversation_may_begin_with_an_error_text_and_ask_for_the_rest(talks: Service) -> None:
    errors = ["dial tcp 203.0.113.10:443: i/o timeout"]
    reply = talks.post(BEGIN, {"errors": errors})
    path, asked = f"{BEGIN}/{reply.data['id']}", reply.data["answer"]["next_question"]["id"]
    assert asked == "question/destination"
    secret = f"https://user:{MARK}@shop.example.com/?token={MARK}"
    told = replied(talks, path, asked, secret).data
    assert told["question"]["to"] == told["history"][-1]["reply"] == "https://shop.example.com"
    told = replied(talks, path, told["answer"]["next_question"]["id"], "shop/api-0").data
    assert told["question"]["pod"] == "shop/api-0"
    answer = talks.post(f"{path}/documents", body("healthy")).data["answer"]
    wanted = talks.post("/v1/assess", {**body("healthy"), "errors": errors}).data
    assert (answer["verdict"], answer["summary"]) == (wanted["verdict"], wanted["summary"])
    assert [gate["status"] for gate in answer["gates"]] == [g["status"] for g in wanted["gates"]]


def test_a_case_file_may_ask_the_question(talks: Service) -> None:
    asked = {"apiVersion": "wayout/v1", "kind": "Case", "question": QUESTION}
    data = talks.post(BEGIN, {"documents": [asked]}).data
    assert data["question"]["pod"] == QUESTION["pod"]


def test_only_the_question_that_is_asked_is_replied_to(talks: Service) -> None:
    path, first = begun(talks, "snat-entries.json")
    assert replied(talks, path, "snat_entries/ngw-other", "no").status == 409
    wrong = replied(talks, path, first["answer"]["next_question"]["id"], "perhaps")
    assert wrong.status == 422
    assert talks.get(path).data["version"] == 1


def test_of_replies_at_the_same_time_none_is_lost(talks: Service) -> None:
    path, _ = begun(talks)

    def add(number: int) -> int:
        return talks.post(f"{path}/documents", {"errors": [f"error {number}: i/o timeout"]}).status

    with ThreadPoolExecutor(12) as threads:
        statuses = list(threads.map(add, range(24)))
    assert 200 in statuses
    assert set(statuses) <= {200, 409}
    data = talks.get(path).data
    assert data["version"] == 1 + statuses.count(200)
    assert len(data["history"]) == 1 + statuses.count(200)


def test_a_client_may_name_the_version_it_has_seen(talks: Service) -> None:
    path, _ = begun(talks)
    error = {"errors": ["i/o timeout"]}
    assert talks.post(f"{path}/documents", error, **{"If-Match": '"1"'}).status == 200
    late = talks.post(f"{path}/documents", error, **{"If-Match": '"1"'})
    assert (late.status, late.data["error"]) == (412, "The conversation is of version 2 now.")
    assert talks.post(f"{path}/undo", None, **{"If-Match": "*"}).status == 200


def test_nothing_secret_is_stored(talks: Service, place: Path) -> None:
    reply = talks.post(BEGIN, SECRETS)
    assert reply.status == 201
    path = f"{BEGIN}/{reply.data['id']}"
    while reply.data["answer"]["next_question"] and len(reply.data["history"]) < 4:
        asked = reply.data["answer"]["next_question"]["id"]
        reply = replied(talks, path, asked, [DOCUMENTS[0], DOCUMENTS[1]])
        assert reply.status == 200
    stored = b"".join(file.read_bytes() for file in place.parent.iterdir())
    assert reply.data["id"].encode() in stored  # so it was looked for in the right place
    assert b"r.example" in stored
    assert MARK.encode() not in stored
    assert MARK not in json.dumps(talks.get(path).data)
    assert place.stat().st_mode & 0o077 == 0


def test_what_cannot_be_read_begins_nothing(talks: Service, place: Path) -> None:
    def count() -> int:
        with closing(sqlite3.connect(place)) as connection:
            [(found,)] = connection.execute("SELECT count(*) FROM wayout_conversations")
            return int(found)

    before = count()
    assert talks.post(BEGIN, b"{").status == 422
    assert talks.post(BEGIN, {"files": [{"name": "a.yaml", "text": "a: ["}]}).status == 422
    assert talks.post(BEGIN, {"documents": [{}] * 2001}).status == 422
    assert count() == before


def test_what_another_version_kept_is_not_guessed_at(talks: Service, place: Path) -> None:
    path, data = begun(talks)
    with closing(sqlite3.connect(place)) as connection, connection:
        where = "WHERE conversation = ?"
        [(kept,)] = connection.execute(f'SELECT "case" FROM wayout_steps {where}', (data["id"],))
        other = json.dumps({**json.loads(kept), "format": 99})
        connection.execute(f'UPDATE wayout_steps SET "case" = ? {where}', (other, data["id"]))
    reply = talks.get(path)
    assert (reply.status, reply.data["error"].partition(";")[0]) == (
        410,
        "The conversation was had with another version of wayout",
    )
    assert talks.ask("DELETE", path).status == 204


def test_a_conversation_takes_only_so_many_documents_and_steps(
    talks: Service, tmp_path: Path
) -> None:
    many = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"n{number}"}}
        for number in range(1_200)
    ]
    path = f"{BEGIN}/{talks.post(BEGIN, {'documents': many}).data['id']}"
    more = talks.post(f"{path}/documents", {"documents": many})
    assert (more.status, more.data["error"]) == (
        422,
        "The conversation has more than 2000 documents.",
    )
    settings = Settings(conversations=str(tmp_path / "odd?name%20.db"), most_steps=1)
    pool = Pool(1, 1, 1, 1)
    few = Conversations(settings, Intake(settings, pool, Measures(pool)))
    step = {"number": 1, "at": 0.0, "step": {}, "is_whole": True, "case": ""}
    few.store.create("one", time.time() + 60, step)
    with pytest.raises(Refused) as caught:
        asyncio.run(few.change("add", "one", None, b"{}"))
    assert caught.value.status_code == 413
    asyncio.run(few.stop())
    assert Path(settings.conversations).exists()


def test_a_conversation_grows_only_so_far(tmp_path: Path) -> None:
    kept_in = ("--conversations", str(tmp_path / "small.db"))
    running = Service("--workers", "1", "--max-mib", "1", *kept_in)
    try:
        path, _ = begun(running)
        errors = [f"{number}: i/o timeout " + "x" * 19_000 for number in range(20)]
        statuses = [running.post(f"{path}/documents", {"errors": errors}).status for _ in range(4)]
        assert (statuses[0], statuses[-1]) == (200, 413)
        assert running.get(path).data["version"] == 1 + statuses.count(200)
    finally:
        running.stop()


def test_identifiers_are_not_guessed(talks: Service) -> None:
    ids = {begun(talks)[1]["id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(len(found) == 32 for found in ids)
    assert talks.get(f"{BEGIN}/{'A' * 32}").status == 404
    assert talks.get(f"{BEGIN}/{'A' * 65}").status == 422


def test_services_share_a_store(talks: Service, place: Path) -> None:
    path, first = begun(talks, "snat-entries.json")
    other = Service("--workers", "1", "--conversations", str(place))
    try:
        assert other.get(path).data == first
        asked = first["answer"]["next_question"]["id"]
        after = replied(other, path, asked, "no").data
    finally:
        other.stop()
    assert talks.get(path).data == after


def test_a_conversation_that_is_not_used_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "short.db"
    running = Service("--workers", "1", "--conversations", str(place), "--keep-hours", "0.0006")
    try:
        path, _ = begun(running)
        assert running.get(path).status == 200
        end = time.monotonic() + 60
        while running.get(path).status == 200 and time.monotonic() < end:
            time.sleep(0.2)
        assert running.get(path).status == 404
        assert running.post(f"{path}/undo", None).status == 404
        with closing(sqlite3.connect(place)) as connection:
            while time.monotonic() < end:
                [(left,)] = connection.execute("SELECT count(*) FROM wayout_steps")
                if not left:
                    break
                time.sleep(0.2)
        assert left == 0
    finally:
        running.stop()


def test_without_a_place_there_are_none(service: Service) -> None:
    assert service.post(BEGIN, {}).status == 404
    assert BEGIN not in service.get("/openapi.json").data["paths"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("mysql://shop.example/x", "are kept in a SQLite file or postgresql://, not mysql://"),
        ("sqlite://", "conversations need a file"),
        ("/nowhere/at/all.db", "/nowhere/at/all.db: no such file or directory"),
        ("://", "the place of conversations is neither a path nor a URL"),
        (str(ROOT / "README.md"), "README.md: conversations cannot be kept there (DatabaseError)"),
    ],
)
def test_a_place_that_does_not_do_is_told_in_one_sentence(where: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        create_app(Settings(conversations=where))
    assert expected in str(caught.value)
