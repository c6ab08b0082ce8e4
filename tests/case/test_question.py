"""Destinations as people write them; bad questions end in one sentence."""

from typing import Any

import pytest
from pydantic import ValidationError

from wayout.engine.case import Question, Target
from wayout.engine.errors import QuestionError


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("203.0.113.10:443", {"kind": "ip", "ip": "203.0.113.10", "port": 443}),
        ("203.0.113.10", {"kind": "ip", "ip": "203.0.113.10"}),
        ("[2001:db8::1]:443", {"kind": "ip", "ip": "2001:db8::1", "port": 443}),
        ("[2001:DB8:0::1]", {"kind": "ip", "ip": "2001:db8::1"}),
        ("2001:db8::1", {"kind": "ip", "ip": "2001:db8::1"}),
        ("::ffff:203.0.113.9", {"kind": "ip", "ip": "203.0.113.9"}),
        ("db:5432", {"kind": "host", "host": "db", "port": 5432}),
        ("API.Example.COM.", {"kind": "host", "host": "api.example.com"}),
        ("db.shop.svc.cluster.local", {"kind": "host", "host": "db.shop.svc.cluster.local"}),
        ("bücher.example:80", {"kind": "host", "host": "xn--bcher-kva.example", "port": 80}),
        ("_sip._tcp.example.com", {"kind": "host", "host": "_sip._tcp.example.com"}),
        ("example.com/cart?x=1", {"kind": "host", "host": "example.com"}),
        ("https://example.com", {"kind": "host", "host": "example.com", "port": 443}),
        ("http://example.com/a", {"kind": "host", "host": "example.com", "port": 80}),
        ("HTTPS://Example.com:8443/", {"kind": "host", "host": "example.com", "port": 8443}),
        ("https://[2001:db8::1]/x", {"kind": "ip", "ip": "2001:db8::1", "port": 443}),
        ("redis://10.0.0.5", {"kind": "ip", "ip": "10.0.0.5", "port": 6379}),
        ("jdbc:mysql://db:3307/x", {"kind": "host", "host": "db", "port": 3307}),
        ("jdbc:postgresql://db/x", {"kind": "host", "host": "db", "port": 5432}),
        ("amqps://mq.example.com", {"kind": "host", "host": "mq.example.com", "port": 5671}),
        ("foo://example.com", {"kind": "host", "host": "example.com"}),
        ("svc/shop/web:80", {"kind": "service", "namespace": "shop", "name": "web", "port": 80}),
        ("svc/web", {"kind": "service", "namespace": "default", "name": "web"}),
        ("pod/shop/api-0:8080",
         {"kind": "pod", "namespace": "shop", "name": "api-0", "port": 8080}),
        ("rm-bp1abc", {"kind": "resource", "resource": "rm-bp1abc"}),
        ("r-bp1abc:6379", {"kind": "resource", "resource": "r-bp1abc", "port": 6379}),
        ("alb-1", {"kind": "resource", "resource": "alb-1"}),
        ("i-bp1abc", {"kind": "resource", "resource": "i-bp1abc"}),
        ("rm-bp1abc.mysql.rds.aliyuncs.com:3306",
         {"kind": "host", "host": "rm-bp1abc.mysql.rds.aliyuncs.com", "port": 3306}),
        ("https://bucket.oss-cn-hangzhou.aliyuncs.com/key",
         {"kind": "host", "host": "bucket.oss-cn-hangzhou.aliyuncs.com", "port": 443}),
    ],
)  # fmt: skip
def test_destinations(destination: str, expected: dict[str, Any]) -> None:
    target = Question(pod="shop/api-0", destination=destination).target
    found = {
        name: value
        for name in Target.__dataclass_fields__
        if (value := getattr(target, name)) not in ("", None) and name not in ("text", "scheme")
    }
    assert found == expected


BAD = [
    "", " ", "a b", "..", "a..b", "-a", "a-", "x" * 64, "1.2.3", "1.2.3.256", "010.0.0.1", "127.1",
    "10.0.0.0/8", "2001:db8::/32", "a:0", "a:65536", "a:x", "a:", "a:-1", "a:٣", "[::1", "[::1]x",
    "[10.0.0.1]:80", "fe80::1%eth0", "a:1:2", "http://", "http:///x", "https://a b/", "svc/",
    "svc/a/b/c", "svc/Shop/web", "pod/a/_", "a\nb", "a\0b", "\ud800", "é" * 300, "x" * 5000,
    "https://1.2.3/", "*.example.com", "a_b@c", "a,b",
]  # fmt: skip


@pytest.mark.parametrize("destination", BAD)
def test_bad_destinations(destination: str) -> None:
    with pytest.raises(QuestionError) as caught:
        Question(pod="shop/api-0", destination=destination)
    text = str(caught.value)
    assert text.isprintable()
    assert text.endswith(".")
    assert len(text) < 300


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"destination": "a"}, "names no pod"),
        ({"pod": "a"}, "names no destination"),
        ({"pod": 5, "destination": "a"}, "pod of the question must be text"),
        ({"pod": "", "destination": "a"}, "does not name a pod"),
        ({"pod": "Shop/api", "destination": "a"}, "does not name a pod"),
        ({"pod": "a/b/c", "destination": "a"}, "does not name a pod"),
        ({"pod": "a", "destination": None}, "destination of the question must be text"),
        ({"pod": "a", "destination": "b", "protocol": "http"}, "tcp, udp, icmp or sctp"),
        ({"pod": "a", "destination": "b", "protocol": 6}, "tcp, udp, icmp or sctp"),
        ({"pod": "a", "destination": "b", "port": 0}, "port of the question must be a number"),
        ({"pod": "a", "destination": "b", "port": 65536}, "from 1 to 65535"),
        ({"pod": "a", "destination": "b", "port": True}, "from 1 to 65535"),
        ({"pod": "a", "destination": "b", "port": "x"}, "from 1 to 65535"),
        ({"pod": "a", "destination": "b", "source_port": -1}, "source port of the question"),
        ({"pod": "a", "destination": "b", "to": "c"}, 'unknown part "to"'),
    ],
)
def test_bad_questions(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        Question(**fields)
    with pytest.raises(QuestionError, match=message):
        Question.model_validate(fields)


def test_a_question_must_be_a_mapping() -> None:
    with pytest.raises(QuestionError, match="must be a mapping"):
        Question.model_validate([1])


def test_values_are_brought_into_one_form() -> None:
    question = Question(pod="api-0", destination=" A.example ", protocol="TCP", port=443)  # type: ignore[arg-type]
    assert (question.pod, question.protocol) == ("default/api-0", "tcp")
    assert question == Question(pod="default/api-0", destination="A.example", port=443)


def test_the_port_of_the_question_wins() -> None:
    assert Question(pod="a", destination="b:1", port=2).target.port == 2
    assert Question(pod="a", destination="https://b", port=2).target.port == 2


def test_icmp_has_no_port() -> None:
    assert Question(pod="a", destination="b:1", protocol="icmp").target.port is None


@pytest.mark.parametrize(
    "destination",
    ["redis://:hunter2@r.example:6379", "https://me:hunter2@a.example/?token=hunter2#hunter2"],
)
def test_credentials_in_a_url_are_dropped(destination: str) -> None:
    question = Question(pod="a", destination=destination)
    assert "hunter2" not in question.model_dump_json()
    assert "hunter2" not in repr(question.target)


def test_questions_are_frozen() -> None:
    question = Question(pod="a", destination="b")
    with pytest.raises(ValidationError):
        question.port = 5  # type: ignore[misc]
