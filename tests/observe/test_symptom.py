"""Error texts: which flow they speak of, what they prove of it, and what stands in them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.runner import base_case
from wayout.engine import Case, Question
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.facts import Fact
from wayout.engine.facts.destination import TcpObservation
from wayout.engine.facts.dns import DnsAnswer
from wayout.engine.facts.symptom import (
    Symptom,
    SymptomClient,
    SymptomProof,
    SymptomsOmitted,
    UnreadText,
)
from wayout.engine.observe import observe
from wayout.engine.observe.error_text import MOST_TEXTS

POD = "shop/api-0"
API, NAME = "203.0.113.10:443", "payments.example.com"
REFUSED = "Connection refused"


def world(*texts: str, **parts: Any) -> Case:
    parts["observations"] = [*parts.get("observations", []), *({"error": text} for text in texts)]
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})


def facts(case: Case, to: str, **asked: Any) -> list[Fact]:
    question = Question(pod=POD, destination=to, **asked)
    return list(observe(case, question, symptoms=shipped().knowledge.symptoms).facts)


def symptoms(found: list[Fact]) -> dict[str, Symptom]:
    return {fact.symptom: fact for fact in found if isinstance(fact, Symptom)}


def proven(found: list[Fact]) -> set[str]:
    return {fact.gate for fact in found if isinstance(fact, SymptomProof)}


def about(text: str, to: str, **parts: Any) -> str:
    (symptom,) = symptoms(facts(world(text, **parts), to)).values()
    return symptom.about


def resolved(*addresses: str) -> dict[str, Any]:
    return {"observations": [{"resolved": {NAME: list(addresses)}}]}


CONNECT = "Failed to connect to {} port {}: Connection refused"


@pytest.mark.parametrize(
    ("text", "to", "known", "expected"),
    [
        (REFUSED, API, {}, "flow"),
        (CONNECT.format("203.0.113.10", 443), API, {}, "flow"),
        (CONNECT.format("203.0.113.10", 8443), API, {}, "other"),
        (CONNECT.format("198.51.100.9", 443), API, {}, "other"),
        (CONNECT.format("198.51.100.9", 443), f"{NAME}:443", {}, "flow"),  # nobody resolved it
        (CONNECT.format("198.51.100.9", 443), f"{NAME}:443", resolved("203.0.113.10"), "other"),
        (CONNECT.format("203.0.113.10", 443), f"{NAME}:443", resolved("203.0.113.10"), "flow"),
        (CONNECT.format(NAME, 443), f"{NAME}:443", {}, "flow"),
        (CONNECT.format(NAME.upper() + ".", 443), f"{NAME}:443", {}, "flow"),
        (CONNECT.format("api.example.org", 443), f"{NAME}:443", {}, "other"),
        (CONNECT.format("api.example.org", 443), API, {}, "flow"),  # it may have this address
        (CONNECT.format("203.0.113.10", 443), "203.0.113.10", {}, "flow"),  # no port asked
        ("telnet: connect to address 203.0.113.10: Connection refused", API, {}, "flow"),
        ("dial tcp [2001:db8::10]:443: connection refused", "[2001:db8::10]:443", {}, "flow"),
        (
            f"{CONNECT.format('198.51.100.9', 80)}\n{CONNECT.format('203.0.113.10', 443)}",
            API,
            {},
            "flow",
        ),
        (f"Could not resolve host: {NAME}", f"{NAME}:443", {}, "flow"),
        (f"Could not resolve host: {NAME}", API, {}, "other"),
        ("Could not resolve host: api.example.org", f"{NAME}:443", {}, "other"),
        ("lookup payments.example.com.shop.svc.cluster.local on 172.21.0.10:53: no such host",
         f"{NAME}:443", {}, "flow"),
        ("SERVFAIL", f"{NAME}:443", {}, "flow"),
    ],
)  # fmt: skip
def test_whom_a_text_speaks_of(text: str, to: str, known: dict[str, Any], expected: str) -> None:
    assert about(text, to, **known) == expected


def test_one_of_several_addresses() -> None:
    text = CONNECT.format("203.0.113.11", 443)
    found = facts(world(text, **resolved("203.0.113.10", "203.0.113.11")), f"{NAME}:443")
    seen = {f.flow: f.about for f in found if isinstance(f, Symptom)}
    assert sorted(seen.values()) == ["flow", "sibling"]
    flow = next(name for name, value in seen.items() if value == "flow")
    assert {f.flow for f in found if isinstance(f, (SymptomProof, TcpObservation))} == {flow}


def test_a_text_that_names_none_of_several_addresses_proves_nothing() -> None:
    found = facts(world(REFUSED, **resolved("203.0.113.10", "203.0.113.11")), f"{NAME}:443")
    assert {f.about for f in found if isinstance(f, Symptom)} == {"destination"}
    assert all(f.is_relevant for f in found if isinstance(f, Symptom))
    assert not [f for f in found if isinstance(f, (SymptomProof, TcpObservation))]


def test_the_words_of_a_person_prove_nothing() -> None:
    found = facts(world("端口拒绝连接"), API)
    assert symptoms(found)["SYM-06"].by == "phrase"
    assert not [f for f in found if isinstance(f, (SymptomProof, TcpObservation))]


def test_a_text_of_another_destination_proves_nothing() -> None:
    found = facts(world(CONNECT.format("198.51.100.9", 443)), API)
    assert symptoms(found)["SYM-06"].named == "198.51.100.9:443"
    assert not symptoms(found)["SYM-06"].is_relevant
    assert not [f for f in found if isinstance(f, (SymptomProof, TcpObservation))]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        (REFUSED, "refused"),
        ("Connection timed out", "timeout"),
        ("dial tcp 203.0.113.10:443: i/o timeout", "timeout"),
        ("HTTP 403 <Code>AccessDenied</Code>", "connected"),
        ("x509: certificate has expired", "connected"),
        ("Can't connect to MySQL server on '203.0.113.10' (110)", "timeout"),
        ("Can't connect to MySQL server on '203.0.113.10' (111)", "refused"),
        ("Can't connect to MySQL server on '203.0.113.10' (113)", None),
        ("context deadline exceeded", None),
        ("Connection reset by peer", None),
        ("502 Bad Gateway", None),
    ],
)
def test_what_was_seen_of_the_connection(text: str, result: str | None) -> None:
    found = facts(world(text), API)
    seen = [f.result for f in found if isinstance(f, TcpObservation)]
    assert seen == ([result] if result else [])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("can't find payments.example.com: NXDOMAIN", "nxdomain"),
        ("lookup payments.example.com on 172.21.0.10:53: no such host", "nxdomain"),
        ("can't find payments.example.com: SERVFAIL", "servfail"),
        ("opcode: QUERY, status: REFUSED, id: 1", "refused"),
        (";; connection timed out; no servers could be reached", "timeout"),
        ("Could not resolve host: payments.example.com", None),
        ("getaddrinfo EAI_AGAIN payments.example.com", None),
        ("can't find api.example.org: NXDOMAIN", None),
    ],
)
def test_what_was_seen_of_the_lookup(text: str, status: str | None) -> None:
    found = facts(world(text), f"{NAME}:443")
    answers = [f.status for f in found if isinstance(f, DnsAnswer)]
    assert answers == ([status] if status else [])


def test_an_observation_and_a_text_that_says_the_same_are_one_fact() -> None:
    found = facts(world(REFUSED, observations=[{"tcp": "refused"}]), API)
    assert len([f for f in found if isinstance(f, TcpObservation)]) == 1


def test_a_text_about_tcp_proves_nothing_of_udp() -> None:
    found = facts(world(REFUSED), "203.0.113.10:443", protocol="udp")
    assert symptoms(found)
    assert not proven(found)


# ── Refusals inside the cluster ──────────────────────────────────────────────────────────────


def local(case: Case, to: str) -> set[bool]:
    found = facts(case, to)
    proofs = [f for f in found if isinstance(f, SymptomProof) and f.gate != "dns"]
    assert proofs
    return {f.may_be_local for f in proofs}


def shop(*texts: str) -> Case:
    return Case.load(base_case("healthy"), world(*texts))


def test_a_refusal_of_an_address_that_may_be_a_service_may_be_local() -> None:
    assert local(world(REFUSED), API) == {True}  # the Services were not collected
    assert local(shop(REFUSED), API) == {False}  # they were, and none has it
    assert local(world(REFUSED, services=[]), API) == {False}


def test_a_refusal_by_a_service_may_be_local() -> None:
    assert local(shop(REFUSED), "svc/shop/nobody:80") == {True}


def test_which_endpoint_of_a_service_refused_is_not_known() -> None:
    to = "svc/kube-system/kube-dns:53"
    for text in (REFUSED, "dial tcp 172.21.0.10:53: connect: connection refused"):
        found = facts(shop(text), to)
        assert {f.about for f in found if isinstance(f, Symptom)} == {"destination"}
        assert not proven(found)
    one = facts(shop("dial tcp 10.20.16.8:53: connect: connection refused"), to)
    assert sorted(f.about for f in one if isinstance(f, Symptom)) == ["flow", "sibling"]


def test_a_refusal_by_a_private_address_elsewhere_is_not_local() -> None:
    case = Case.load(base_case("healthy", "services.yaml"), world(REFUSED))
    assert local(case, "192.168.7.7:80") == {False}


def test_the_name_was_resolved_whoever_refused() -> None:
    found = facts(world(REFUSED), API)
    dns = [f for f in found if isinstance(f, SymptomProof) and f.gate == "dns"]
    assert [f.may_be_local for f in dns] == [False]


# ── What stands in a text ────────────────────────────────────────────────────────────────────


def client(case: Case, to: str = "10.20.40.8:6379") -> SymptomClient:
    (found,) = [f for f in facts(case, to) if isinstance(f, SymptomClient)]
    return found


def test_the_address_the_server_saw_is_that_of_the_pod() -> None:
    found = client(shop("ERR illegal address: 10.20.16.31:51234"))
    assert (found.address, found.is_pod) == ("10.20.16.31", True)
    assert (found.vswitch, found.block) == ("vsw-bp1pods", "10.20.16.0/24")


def test_the_address_the_server_saw_is_of_no_vswitch() -> None:
    found = client(shop("#RDS00ip not in whitelist, client ip is 203.0.113.7"))
    assert (found.is_pod, found.vswitch, found.block) == (False, "", "<cidr-block>")


def test_number_name_server_and_names_are_told() -> None:
    text = (
        "dial tcp: lookup payments.example.com on 172.21.0.10:53:"
        " read udp 10.20.16.31:1->172.21.0.10:53: i/o timeout"
    )
    found = symptoms(facts(world(text), f"{NAME}:443"))["SYM-03"]
    assert (found.server, found.named) == ("172.21.0.10", NAME)
    mysql = "Can't connect to MySQL server on '203.0.113.10' (110)"
    assert symptoms(facts(world(mysql), API))["SYM-15"].errno == "110 (ETIMEDOUT)"


def test_suspects_depend_on_where_the_destination_is() -> None:
    outside = symptoms(facts(shop("connection timed out"), API))["SYM-05"]
    inside = symptoms(facts(shop("connection timed out"), "10.20.40.8:80"))["SYM-05"]
    assert outside.suspects_en.startswith("Internet exit, Route")
    assert inside.suspects_en.startswith("Destination access, Security group")
    assert outside.suspects_zh.startswith("公网出口、路由")


def test_an_unknown_text_is_told_and_a_long_one_is_cut() -> None:
    found = [f for f in facts(world("payment " + "x" * 500), API) if isinstance(f, UnreadText)]
    assert [len(f.text) for f in found] == [160]
    long = "a" * 300 + " connection refused " + "b" * 300
    text = symptoms(facts(world(long), API))["SYM-06"].text
    assert "connection refused" in text
    assert len(text) < 170


def test_a_log_is_cut() -> None:
    case = world(*(f"connection refused {n}" for n in range(MOST_TEXTS + 3)))
    (omitted,) = [f for f in facts(case, API) if isinstance(f, SymptomsOmitted)]
    assert (omitted.total, omitted.judged) == (MOST_TEXTS + 3, MOST_TEXTS)
    assert not [f for f in facts(world(REFUSED), API) if isinstance(f, SymptomsOmitted)]


def test_without_error_texts_there_is_nothing() -> None:
    found = facts(base_case("healthy"), API)
    kinds = (Symptom, SymptomProof, SymptomClient, UnreadText, SymptomsOmitted)
    assert not [f for f in found if isinstance(f, kinds)]


def test_without_symptoms_every_text_is_unknown() -> None:
    question = Question(pod=POD, destination=API)
    found = list(observe(world(REFUSED), question).facts)
    assert [f.text for f in found if isinstance(f, UnreadText)] == [REFUSED]


def test_a_pull_bypasses_the_policies() -> None:
    text = 'Failed to pull image "r/a:1": dial tcp 203.0.113.10:443: i/o timeout'
    found = [f for f in facts(world(text), API) if isinstance(f, SymptomProof)]
    assert [(f.gate, f.how) for f in found] == [("policy", "bypassed")]
