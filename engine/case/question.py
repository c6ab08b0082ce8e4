"""The question: which pod, which destination; and how a person may write a destination."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Literal
from urllib.parse import unquote

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    field_validator,
    model_validator,
)

from wayout.engine.errors import QuestionError

__all__ = [
    "NAMELESS_DESTINATION",
    "NAMELESS_POD",
    "Question",
    "Target",
    "completed",
    "parse_target",
    "unnamed_question",
]

Protocol = Literal["tcp", "udp", "icmp", "sctp"]

# What stands in a question until somebody says what is meant; nothing can have these names.
NAMELESS_POD = "unnamed/unnamed"
NAMELESS_DESTINATION = "unnamed.invalid"

scheme_ports = {
    "amqp": 5672,
    "amqps": 5671,
    "ftp": 21,
    "ftps": 990,
    "grpc": 443,
    "http": 80,
    "https": 443,
    "imaps": 993,
    "kafka": 9092,
    "ldap": 389,
    "ldaps": 636,
    "mongodb": 27017,
    "mqtt": 1883,
    "mqtts": 8883,
    "mysql": 3306,
    "nats": 4222,
    "ntp": 123,
    "oss": 443,
    "postgres": 5432,
    "postgresql": 5432,
    "redis": 6379,
    "rediss": 6379,
    "sftp": 22,
    "smtp": 25,
    "smtps": 465,
    "sqlserver": 1433,
    "ssh": 22,
    "ws": 80,
    "wss": 443,
    "zookeeper": 2181,
}
# What instance ids of Alibaba Cloud products begin with. A longer name with a dot is a host.
resource_id = re.compile(
    r"(?:rm|rr|pc|pe|pxc|pgm|pgr|gp|am|cc|r|tair|tt|dds|s|lb|alb|nlb|gwlb|i|eni|eip|ngw|ep|epsrv|mse"
    r"|drds|selectdb|kst|es|es-cn|alikafka(?:_pre|_post)?|amqp|rmq|hb|ld|bds|ots|cr|cri|fc|mt|gtm)"
    r"-[a-z0-9][a-z0-9-]*"
)
# An endpoint of OSS without bucket, and what a bucket may be called.
oss_endpoint = re.compile(r"(?:s3\.)?oss-[a-z0-9-]+\.aliyuncs\.com")
bucket_name = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
host_label = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
object_name = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
url_start = re.compile(r"(?:jdbc:)?([a-z][a-z0-9+.-]*)://(.*)", re.IGNORECASE | re.DOTALL)
port_tail = re.compile(r":([^:\]]*)\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """A destination, parsed.

    kind      what was named: a host name, an address, a Service, a pod, a cloud resource id
    text      the destination as written, without user name, password and query of a URL
    host      lower case ASCII name without the final dot; kind host only
    ip        canonical address; kind ip only
    namespace, name   kind service and pod; host names of Services stay hosts
    resource  the id; kind resource only
    port      the question's own port, else the destination's, else the one of the URL's scheme;
              None when nothing names one, and for ICMP
    scheme    of a URL, lower case
    bucket    what an OSS URL names: `oss://bucket`, or the first part of the path behind an
              endpoint of OSS that has no bucket of its own; kind host only
    """

    kind: Literal["host", "ip", "service", "pod", "resource"]
    text: str
    host: str = ""
    ip: str = ""
    namespace: str = ""
    name: str = ""
    resource: str = ""
    port: int | None = None
    scheme: str = ""
    bucket: str = ""


class Question(BaseModel):
    """Can this pod reach that destination? Bad values raise QuestionError, one sentence each.

    `pod` is `namespace/name` (namespace `default` may be left out). `destination` is
    `host[:port]`, `address[:port]`, `[IPv6]:port`, a URL, `svc/<namespace>/<name>[:port]`,
    `pod/<namespace>/<name>[:port]` or the id of a cloud resource. `port` wins over the port
    inside the destination. `source_port` matters only for five-tuple rules and network ACLs.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    pod: str
    destination: str
    protocol: Protocol = "tcp"
    port: int | None = Field(default=None, ge=1, le=65535)
    source_port: int | None = Field(default=None, ge=1, le=65535)

    @model_validator(mode="wrap")
    @classmethod
    def _in_one_sentence(cls, data: Any, handler: ModelWrapValidatorHandler[Question]) -> Question:
        try:
            question = handler(data)
        except ValidationError as error:
            raise QuestionError(sentence(error)) from None
        parse_target(question.destination)
        return question

    @field_validator("pod")
    @classmethod
    def _check_pod(cls, value: str) -> str:
        namespace, slash, name = value.strip().rpartition("/")
        namespace = namespace if slash else "default"
        if not (object_name.fullmatch(namespace) and object_name.fullmatch(name)):
            raise QuestionError(
                f"{quoted(value)} does not name a pod: write namespace/name in lower case, "
                "for example shop/api-0."
            )
        return f"{namespace}/{name}"

    @field_validator("protocol", mode="before")
    @classmethod
    def _lower_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("port", "source_port", mode="before")
    @classmethod
    def _no_truth_as_number(cls, value: Any) -> Any:
        return str(value) if isinstance(value, bool) else value

    @field_validator("destination")
    @classmethod
    def _without_credentials(cls, value: str) -> str:
        return parse_target(value).text

    @functools.cached_property
    def target(self) -> Target:
        """The destination, parsed, with the port that counts."""
        target = parse_target(self.destination)
        port = None if self.protocol == "icmp" else self.port or target.port
        return Target(
            target.kind,
            target.text,
            target.host,
            target.ip,
            target.namespace,
            target.name,
            target.resource,
            port,
            target.scheme,
            target.bucket,
        )


def unnamed_question() -> Question:
    """The question of which nothing is known yet."""
    return Question(pod=NAMELESS_POD, destination=NAMELESS_DESTINATION)


def completed(one: Question, other: Question) -> Question | None:
    """The question that both tell of: each may name what the other leaves open.

    None when they differ in what both name.
    """
    pods = {question.pod for question in (one, other)} - {NAMELESS_POD}
    named = [q for q in (one, other) if q.destination != NAMELESS_DESTINATION]
    goals = {(q.destination, q.protocol) for q in named}
    ports = {q.target.port for q in named} - {None}
    sources = {q.source_port for q in named} - {None}
    if any(len(found) > 1 for found in (pods, goals, ports, sources)):
        return None
    goal = named[0] if named else one
    said: dict[str, Any] = {
        "pod": pods.pop() if pods else NAMELESS_POD,
        "port": next((q.port for q in named if q.port), None),
        "source_port": sources.pop() if sources else None,
    }
    return Question.model_validate({**goal.model_dump(), **said})


def sentence(error: ValidationError) -> str:
    """The first complaint of pydantic as one sentence about the question."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = str(first["loc"][0]) if first["loc"] else ""
    if first["type"] == "missing":
        return f"The question names no {field}."
    if first["type"] == "extra_forbidden":
        return f"The question has an unknown part {quoted(field)}."
    if field == "protocol":
        return "The protocol of the question must be tcp, udp, icmp or sctp."
    if field in ("port", "source_port"):
        return f"The {field.replace('_', ' ')} of the question must be a number from 1 to 65535."
    if not field:
        return "The question must be a mapping with pod and destination."
    return f"The {field} of the question must be text."


def quoted(text: str) -> str:
    """A short, printable echo of what somebody wrote."""
    safe = "".join(c if c.isprintable() else "?" for c in text[:60])
    return f'"{safe}{"…" if len(text) > 60 else ""}"'


@functools.lru_cache(maxsize=1024)
def parse_target(destination: str) -> Target:
    """Parse one destination; raises QuestionError when it names none."""
    text = destination.strip()
    if not text:
        raise QuestionError("The question names no destination.")
    if len(text) > 4096 or not text.isprintable():
        raise QuestionError(f"The destination {quoted(text)} is too long or not printable.")
    if match := url_start.fullmatch(text):
        return parse_url(match[1].lower(), match[2], text)
    for prefix, kind in (("svc/", "service"), ("service/", "service"), ("pod/", "pod")):
        if text.startswith(prefix):
            return parse_object(text, text.removeprefix(prefix), kind)
    return parse_authority(text, text)


def parse_object(text: str, rest: str, kind: str) -> Target:
    path, port = split_port(rest, text)
    namespace, slash, name = path.rpartition("/")
    namespace = namespace if slash else "default"
    if not (object_name.fullmatch(namespace) and object_name.fullmatch(name)):
        short = "svc" if kind == "service" else "pod"
        raise QuestionError(
            f"The destination {quoted(text)} must have the form {short}/<namespace>/<name>[:port]."
        )
    if kind == "service":
        return Target("service", text, namespace=namespace, name=name, port=port)
    return Target("pod", text, namespace=namespace, name=name, port=port)


def parse_url(scheme: str, rest: str, text: str) -> Target:
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    bare = authority.rpartition("@")[2]
    # User name, password, query and fragment may be secrets; the path decides nothing.
    shown = f"{scheme}://{bare}"
    if not bare:
        raise QuestionError(f"The URL {quoted(shown)} names no host.")
    target = parse_authority(unquote(bare), shown)
    port = target.port or scheme_ports.get(scheme.rpartition("+")[0] or scheme)
    bucket = bucket_in(scheme, target.host, rest[len(authority) :])
    if bucket and scheme != "oss":
        shown = f"{shown}/{bucket}"
    return Target(
        target.kind, shown, target.host, target.ip, resource=target.resource, port=port,
        scheme=scheme, bucket=bucket,
    )  # fmt: skip


def bucket_in(scheme: str, host: str, path: str) -> str:
    """The bucket an OSS URL names otherwise than in its host name; "" for none."""
    if scheme == "oss":
        return host if bucket_name.fullmatch(host) else ""
    name = path.removeprefix("/").partition("/")[0]
    is_bare = oss_endpoint.fullmatch(host) is not None
    return name if is_bare and bucket_name.fullmatch(name) else ""


def parse_authority(authority: str, text: str) -> Target:
    """`host`, `host:port`, an address with or without port, or a resource id."""
    if authority.startswith("["):
        inside, bracket, tail = authority[1:].partition("]")
        address = as_address(inside) if ":" in inside else None
        if not bracket or address is None or (tail and tail[0] != ":"):
            raise QuestionError(f"The destination {quoted(text)} is not [IPv6 address]:port.")
        return Target("ip", text, ip=str(address), port=split_port(f"x{tail}", text)[1])
    if ":" in authority and (address := as_address(authority)) is not None:
        return Target("ip", text, ip=str(address))
    if "/" in authority:
        target = parse_authority(without_path(authority, text), text)
        bucket = bucket_in("", target.host, "/" + authority.partition("/")[2])
        return replace(target, bucket=bucket) if bucket else target
    if authority.count(":") > 1:
        raise QuestionError(
            f"The destination {quoted(text)} is not an IPv6 address; "
            "with a port it is written [address]:port."
        )
    host, port = split_port(authority, text)
    if address := as_address(host):
        return Target("ip", text, ip=str(address), port=port)
    if resource_id.fullmatch(host.lower()):
        return Target("resource", text, resource=host.lower(), port=port)
    return Target("host", text, host=ascii_host(host, text), port=port)


def without_path(authority: str, text: str) -> str:
    """`shop.example.com/cart` is a host with a path; `10.0.0.0/8` is no destination."""
    host = authority.partition("/")[0]
    if as_address(host) is not None or "." not in host:
        raise QuestionError(
            f"The destination {quoted(text)} must be a single host, address, URL, "
            "svc/<namespace>/<name>, pod/<namespace>/<name> or resource id."
        )
    return host


def split_port(text: str, whole: str) -> tuple[str, int | None]:
    match = port_tail.search(text)
    if match is None:
        return text, None
    digits = match[1]
    if not (
        digits.isascii() and digits.isdigit() and len(digits) <= 5 and 1 <= int(digits) < 65536
    ):
        raise QuestionError(f"The port of {quoted(whole)} must be a number from 1 to 65535.")
    return text[: match.start()], int(digits)


def as_address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return None if address.scope_id else address.ipv4_mapped or address
    return address


def ascii_host(host: str, text: str) -> str:
    name = host.strip().lower().rstrip("。.") if host.rstrip("。.") else ""
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            name = ""
    labels = name.split(".")
    if not name or len(name) > 253 or not all(host_label.fullmatch(label) for label in labels):
        raise QuestionError(
            f"The destination {quoted(text)} is neither a host name, an address, a URL, "
            "svc/<namespace>/<name>, pod/<namespace>/<name> nor a resource id."
        )
    if labels[-1].isdigit():  # no top-level domain is a number: a broken IPv4 address
        raise QuestionError(f"The destination {quoted(text)} is not a valid IPv4 address.")
    return name
