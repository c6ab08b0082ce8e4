"""Policies of object storage: what the statements of one policy say about one request.

An explicit Deny comes first, then an Allow; without either the identity decides (RAM, ACL). Of a
request only its source is known: not who signs it, nor what it does. So each statement is asked
about a read, a write and a list, and answers whether it is about all of these, about some of
them (or nobody can tell), or about none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from wayout.engine.case.storage import PolicyStatement
from wayout.engine.observe.address import Ip, parse_cidr

__all__ = [
    "NEGATED",
    "SOURCE_IP",
    "VPC_KEYS",
    "Answer",
    "Doubt",
    "Ruling",
    "Source",
    "cause_of",
    "covers",
    "describe_condition",
    "is_deny",
    "is_public",
    "judge",
    "matches",
    "tests_of",
    "written",
]

Answer = Literal["yes", "some", "no"]
Doubt = Literal[
    "principal",  # it names identities, and who signs the request is not known
    "owner",  # without Condition, everybody does not include the owner of the bucket
    "action",  # it is about some operations only
    "resource",  # it is about some objects only
    "condition",  # a key or an operator that is not judged
    "source",  # the source address or the VPC is not known
    "scheme",  # whether the request is encrypted is not known
    "unreadable",
]
Cause = Literal["all", "ip", "vpc", "no-vpc", "listed", "scheme"]

OPERATIONS = (("oss:GetObject", True), ("oss:PutObject", True), ("oss:ListObjects", False))
SOURCE_IP, SECURE = "acs:sourceip", "acs:securetransport"
VPC_KEYS = frozenset({"acs:sourcevpc", "acs:sourcevpcid"})
NEGATED: Mapping[str, str] = {
    "notipaddress": "ipaddress",
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
}
TEXT_OPERATORS = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})
OPPOSITE: Mapping[Answer, Answer] = {"yes": "no", "some": "some", "no": "yes"}
EVERY_VPC = "vpc-"


class Source(NamedTuple):
    """Where a request comes from, as OSS sees it.

    `vpc` is "" on the public path, where the request has no VPC, and None while it is not known;
    `ip` is then the private address of the pod, else the public one. `name` is the bucket, or
    `accesspoint/<name>`, that resources are compared with.
    """

    ip: Ip | None
    vpc: str | None
    is_secure: bool | None
    name: str


class Match(NamedTuple):
    """Whether a statement is about the request; the doubts say why only perhaps."""

    answer: Answer
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a policy says, and the statement (counted from 0) that says it; -1 for none."""

    verdict: Literal["denied", "may-deny", "allowed", "open"]
    statement: int = -1
    doubt: Doubt | Literal[""] = ""
    cause: Cause | Literal[""] = ""


def judge(
    statements: Sequence[PolicyStatement], source: Source, *, counts_public: bool = True
) -> Ruling:
    """The ruling of a policy. `counts_public` false leaves out statements that allow everybody."""
    found = [(index, entry, matches(entry, source)) for index, entry in enumerate(statements)]
    denies = [item for item in found if is_deny(item[1])]
    for index, entry, match in denies:
        if match.answer == "yes":
            return Ruling("denied", index, cause=cause_of(entry, source))
    for index, entry, match in denies:
        if match.answer == "some":
            return Ruling("may-deny", index, telling(match.doubts), cause_of(entry, source))
    for index, entry, match in found:
        if is_deny(entry) or match.answer != "yes":
            continue
        if counts_public or not is_public(entry):
            return Ruling("allowed", index)
    return Ruling("open")


def telling(doubts: Sequence[Doubt]) -> Doubt:
    """The doubt to name: one that a document can settle, else the first."""
    return next((doubt for doubt in doubts if doubt in ("source", "scheme")), doubts[0])


def is_deny(statement: PolicyStatement) -> bool:
    return statement.effect.strip().lower() == "deny"


# ── One statement ────────────────────────────────────────────────────────────────────────────


def matches(statement: PolicyStatement, source: Source) -> Match:
    """Whether the statement is about requests from this source: all, some or none of them."""
    around = every((principal(statement), condition(statement, source)))
    if around.answer == "no":
        return around
    parts = [
        every((action(statement, name), resource(statement, source.name, on_object)))
        for name, on_object in OPERATIONS
    ]
    answers = {part.answer for part in parts}
    if answers == {"no"}:
        return Match("no")
    if answers == {"yes"}:
        return around
    doubts = [doubt for part in parts for doubt in part.doubts]
    return every((around, Match("some", (*doubts, "action"))))


def every(parts: Iterable[Match]) -> Match:
    """All must be about it."""
    found = tuple(parts)
    if any(part.answer == "no" for part in found):
        return Match("no")
    doubts = tuple(dict.fromkeys(doubt for part in found for doubt in part.doubts))
    return Match("some" if any(part.answer == "some" for part in found) else "yes", doubts)


def some(parts: Iterable[Match]) -> Match:
    """One is enough."""
    found = tuple(parts)
    if any(part.answer == "yes" for part in found):
        return Match("yes")
    doubtful = [part for part in found if part.answer == "some"]
    return doubtful[0] if doubtful else Match("no")


def negated(match: Match) -> Match:
    return Match(OPPOSITE[match.answer], match.doubts)


def principal(statement: PolicyStatement) -> Match:
    """Whom it is about. A policy of an endpoint may leave that out: then everybody."""
    if statement.not_principal:
        return Match("some", ("principal",))
    if statement.principal and "*" not in statement.principal:
        return Match("some", ("principal",))
    if is_deny(statement) and statement.principal and not statement.condition:
        return Match("some", ("owner",))
    return Match("yes")


def action(statement: PolicyStatement, name: str) -> Match:
    named = statement.action or statement.not_action
    if not named:
        return Match("some", ("unreadable",))
    is_named = any(like(pattern.lower(), name.lower()) for pattern in named)
    return Match("yes" if is_named == bool(statement.action) else "no")


def resource(statement: PolicyStatement, name: str, on_object: bool) -> Match:
    """Whether it is about the bucket itself, or about all objects, some or none of them."""
    named = statement.resource or statement.not_resource
    if not named:
        return Match("some", ("unreadable",))
    target = objects_of(name) if on_object else name
    match = some(names(pattern, target, on_object) for pattern in named)
    return match if statement.resource else negated(match)


def objects_of(name: str) -> str:
    return f"{name}/object/" if name.startswith("accesspoint/") else f"{name}/"


def names(pattern: str, target: str, on_object: bool) -> Match:
    """`acs:oss:*:*:shop/*` against `shop`, or against all names that begin with `shop/`."""
    relative = pattern.split(":", 4)[4] if pattern.count(":") >= 4 else pattern
    if not on_object:
        return Match("yes" if like(relative, target) else "no")
    coverage = covers(relative, target)
    return Match(coverage, ("resource",) if coverage == "some" else ())


def covers(pattern: str, prefix: str) -> Answer:
    """How many of the names that begin with `prefix` a pattern with * and ? matches."""
    places = {0}
    for character in prefix:
        places = step(after_stars(places, pattern), pattern, character)
    places = after_stars(places, pattern)
    if any(place < len(pattern) and set(pattern[place:]) == {"*"} for place in places):
        return "yes"
    return "some" if places else "no"


def like(pattern: str, text: str) -> bool:
    """Whether a pattern with * (any text) and ? (one character) matches all of the text."""
    places = {0}
    for character in text:
        places = step(after_stars(places, pattern), pattern, character)
    return len(pattern) in after_stars(places, pattern)


def after_stars(places: set[int], pattern: str) -> set[int]:
    """The places in the pattern one may stand at, each * taken for nothing as well."""
    reached = set(places)
    for place in places:
        while place < len(pattern) and pattern[place] == "*":
            place += 1
            reached.add(place)
    return reached


def step(places: set[int], pattern: str, character: str) -> set[int]:
    reached = set()
    for place in places:
        if place == len(pattern):
            continue
        if pattern[place] == "*":
            reached.add(place)
        elif pattern[place] in ("?", character):
            reached.add(place + 1)
    return reached


# ── Conditions ───────────────────────────────────────────────────────────────────────────────


def condition(statement: PolicyStatement, source: Source) -> Match:
    """All operators and keys must hold; of several values one is enough."""
    return every(
        holds(operator, key, values, source) for operator, key, values in tests_of(statement)
    )


def tests_of(statement: PolicyStatement) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for operator, keys in statement.condition.items():
        for key, values in keys.items():
            yield operator, key, values


def holds(operator: str, key: str, values: Sequence[str], source: Source) -> Match:
    """One test. An operator that says "not" holds for a request that lacks the key."""
    operator, key = operator.strip().lower(), key.strip().lower()
    positive = NEGATED.get(operator, operator)
    if key == SOURCE_IP and positive == "ipaddress":
        match = some(is_inside(value, source.ip) for value in values)
    elif key in VPC_KEYS and positive in TEXT_OPERATORS:
        match = some(is_vpc(positive, value, source.vpc) for value in values)
    elif key == SECURE and operator == "bool":
        match = some(is_scheme(value, source.is_secure) for value in values)
    else:
        return Match("some", ("condition",))
    return negated(match) if positive != operator else match


def is_inside(value: str, ip: Ip | None) -> Match:
    network = parse_cidr(value)
    if network is None:
        return Match("some", ("unreadable",))
    if ip is None:
        return Match("yes") if network.prefix == 0 else Match("some", ("source",))
    return Match("yes" if network.contains(ip) else "no")


def is_vpc(operator: str, value: str, vpc: str | None) -> Match:
    if vpc == "":  # the key is absent on the public path
        return Match("no")
    if vpc is None:
        is_every = operator == "stringlike" and covers(value, EVERY_VPC) == "yes"
        return Match("yes") if is_every else Match("some", ("source",))
    if operator == "stringlike":
        return Match("yes" if like(value, vpc) else "no")
    same = value.lower() == vpc.lower() if operator.endswith("ignorecase") else value == vpc
    return Match("yes" if same else "no")


def is_scheme(value: str, is_secure: bool | None) -> Match:
    wanted = {"true": True, "false": False}.get(value.strip().lower())
    if wanted is None:
        return Match("some", ("unreadable",))
    if is_secure is None:
        return Match("some", ("scheme",))
    return Match("yes" if wanted == is_secure else "no")


# ── What follows for a reader and for a fix ──────────────────────────────────────────────────


def cause_of(statement: PolicyStatement, source: Source) -> Cause:
    """The condition of a Deny that the request meets, by what would have to differ."""
    found = {
        (key.strip().lower(), operator.strip().lower() in NEGATED)
        for operator, key, _ in tests_of(statement)
    }
    vpc = {is_negated for key, is_negated in found if key in VPC_KEYS}
    if True in vpc:
        return "no-vpc" if source.vpc == "" else "vpc"
    if (SOURCE_IP, True) in found:
        return "ip"
    if vpc or (SOURCE_IP, False) in found:
        return "listed"
    return "scheme" if any(key == SECURE for key, _ in found) else "all"


def is_public(statement: PolicyStatement) -> bool:
    """Whether it allows everybody, wherever they are: what Block Public Access leaves aside."""
    if is_deny(statement) or "*" not in statement.principal:
        return False
    pinned = VPC_KEYS | {SOURCE_IP}
    return not any(
        key.strip().lower() in pinned and operator.strip().lower() not in NEGATED
        for operator, key, _ in tests_of(statement)
    )


def describe_condition(statement: PolicyStatement) -> str:
    """`NotIpAddress acs:SourceIp [203.0.113.0/24] + StringNotEquals acs:SourceVpc [vpc-a]`."""
    return " + ".join(
        f"{operator} {key} [{', '.join(values)}]" for operator, key, values in tests_of(statement)
    )


def written(statements: Iterable[PolicyStatement]) -> list[dict[str, Any]]:
    """The statements in the words of a policy document."""
    return [statement.written() for statement in statements]
