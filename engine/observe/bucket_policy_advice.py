"""What would admit a request that a policy of object storage denies: the least that does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from typing import NamedTuple

from wayout.engine.case.storage import PolicyStatement
from wayout.engine.observe.address import Network, parse_cidr, parse_ip
from wayout.engine.observe.bucket_policy import (
    SOURCE_IP,
    VPC_KEYS,
    Answer,
    Source,
    cause_of,
    is_deny,
    matches,
    tests_of,
)

__all__ = ["Exempted", "exempted"]

PRIVATE = tuple(
    network
    for network in map(parse_cidr, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
    if network is not None
)


class Exempted(NamedTuple):
    """A policy in which no Deny is about the request any more, and what was left out for that."""

    statements: tuple[PolicyStatement, ...]
    added: tuple[str, ...]


def exempted(
    statements: Sequence[PolicyStatement], source: Source, public: Sequence[str], cidr: str = ""
) -> Exempted | None:
    """The policy with every Deny that meets the request narrowed by as little as lets it pass.

    On the internal path the VPC of the pod is left out, or its block `cidr` where private blocks
    are; on the public path the addresses `public`. None when a Deny has no such condition: what it
    is for, only its author knows. A Deny that only may be about the request is left alone as long
    as another certainly is.
    """
    answers = [matches(s, source).answer if is_deny(s) else "no" for s in statements]
    met: Answer = "yes" if "yes" in answers else "some"
    seen = [source._replace(ip=parse_ip(ip)) for ip in public] if source.vpc == "" else [source]
    made: list[PolicyStatement] = []
    added: dict[str, None] = {}
    for statement, answer in zip(statements, answers, strict=True):
        if answer != met:
            made.append(statement)
            continue
        narrowed = narrowed_for(statement, source, public, cidr)
        if narrowed is None or any(matches(narrowed[0], each).answer != "no" for each in seen):
            return None
        made.append(narrowed[0])
        added |= dict.fromkeys(narrowed[1])
    return Exempted(tuple(made), tuple(added))


def narrowed_for(
    statement: PolicyStatement, source: Source, public: Sequence[str], cidr: str
) -> tuple[PolicyStatement, tuple[str, ...]] | None:
    cause = cause_of(statement, source)
    if source.vpc and cause == "ip" and cidr and names_private_blocks(statement):
        return with_value(statement, {SOURCE_IP}, ("NotIpAddress",), "acs:SourceIp", (cidr,))
    if source.vpc and cause in ("vpc", "ip"):
        operators = ("StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase")
        return with_value(statement, VPC_KEYS, operators, "acs:SourceVpc", (source.vpc,))
    if source.vpc == "" and cause in ("no-vpc", "ip") and public:
        blocks = tuple(f"{address}/32" for address in public)
        return with_value(statement, {SOURCE_IP}, ("NotIpAddress",), "acs:SourceIp", blocks)
    return None


def names_private_blocks(statement: PolicyStatement) -> bool:
    """Whether it leaves out addresses inside VPCs, so that one more fits its purpose."""
    return any(
        key.strip().lower() == SOURCE_IP
        and any(block.contains_net(network) for block in PRIVATE for network in read(values))
        for _, key, values in tests_of(statement)
    )


def read(values: Iterable[str]) -> tuple[Network, ...]:
    return tuple(network for network in map(parse_cidr, values) if network is not None)


def with_value(
    statement: PolicyStatement,
    keys: Set[str],
    operators: Sequence[str],
    new_key: str,
    values: tuple[str, ...],
) -> tuple[PolicyStatement, tuple[str, ...]]:
    """The statement with values added to the first such test, or with a test of its own."""
    tests = {operator: dict(inner) for operator, inner in statement.condition.items()}
    wanted = {operator.lower() for operator in operators}
    for operator, inner in tests.items():
        for key in inner:
            if operator.strip().lower() in wanted and key.strip().lower() in keys:
                new = tuple(value for value in values if not is_covered(value, inner[key]))
                inner[key] = (*inner[key], *new)
                return statement.model_copy(update={"condition": tests}), new
    tests.setdefault(operators[0], {})[new_key] = values
    return statement.model_copy(update={"condition": tests}), values


def is_covered(value: str, listed: Sequence[str]) -> bool:
    """Whether a value stands there already, or the block does that contains it."""
    block = parse_cidr(value)
    inside = block is not None and any(network.contains_net(block) for network in read(listed))
    return value in listed or inside
