"""Policies of object storage: each part of a statement, and random policies against an oracle.

The oracle knows nothing of three values: it lists every concrete request that fits what is known,
asks the policy about each, and compares the extremes.
"""

from __future__ import annotations

import fnmatch
import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case.storage import PolicyStatement
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.bucket_policy import (
    Source,
    covers,
    describe_condition,
    is_public,
    judge,
    like,
    matches,
)
from wayout.engine.observe.bucket_policy_advice import exempted

BUCKET = "shop-assets"
ALL = (f"acs:oss:*:*:{BUCKET}", f"acs:oss:*:*:{BUCKET}/*")
Condition = Mapping[str, Mapping[str, Sequence[str]]]


def statement(
    condition: Condition | None = None,
    effect: str = "Deny",
    action: Sequence[str] = ("oss:*",),
    principal: Sequence[str] = ("*",),
    resource: Sequence[str] = ALL,
    **more: Any,
) -> PolicyStatement:
    fields: dict[str, Any] = {
        "effect": effect,
        "action": tuple(action),
        "principal": tuple(principal),
        "resource": tuple(resource),
        "condition": {k: {n: tuple(v) for n, v in i.items()} for k, i in (condition or {}).items()},
        **more,
    }
    return PolicyStatement(**fields)


def source(
    ip: str = "10.20.16.31", vpc: str | None = "vpc-a", is_secure: bool | None = True
) -> Source:
    return Source(parse_ip(ip) if ip else None, vpc, is_secure, BUCKET)


PUBLIC = source("198.51.100.20", "")
OFFICE = {"NotIpAddress": {"acs:SourceIp": ["192.0.2.0/24"]}}
OTHER_VPC = {"StringNotEquals": {"acs:SourceVpc": ["vpc-b"]}}


@pytest.mark.parametrize(
    ("condition", "asked", "want"),
    [
        pytest.param(OFFICE, source(), "yes", id="a private address is no office address"),
        pytest.param(OFFICE, source("192.0.2.7", ""), "no", id="an office address"),
        pytest.param(OFFICE, source(""), "some", id="no address known"),
        pytest.param(OTHER_VPC, source(), "yes", id="another VPC"),
        pytest.param(OTHER_VPC, source(vpc="vpc-b"), "no", id="that VPC"),
        pytest.param(OTHER_VPC, PUBLIC, "yes", id="a request without VPC is not in it"),
        pytest.param(OTHER_VPC, source(vpc=None), "some", id="no VPC known"),
        pytest.param(
            {"StringEquals": {"acs:SourceVpc": ["vpc-a"]}}, PUBLIC, "no", id="none equals nothing"
        ),
        pytest.param(
            {"StringNotLike": {"acs:SourceVpc": ["vpc-*"]}}, PUBLIC, "yes", id="public only"
        ),
        pytest.param(
            {"StringNotLike": {"acs:SourceVpc": ["vpc-*"]}}, source(vpc=None), "no", id="any VPC"
        ),
        pytest.param({"StringLike": {"acs:SourceVpcId": ["vpc-?"]}}, source(), "yes", id="a mark"),
        pytest.param(
            {"Bool": {"acs:SecureTransport": ["false"]}}, source(), "no", id="an encrypted request"
        ),
        pytest.param(
            {"Bool": {"acs:SecureTransport": ["false"]}},
            source(is_secure=None),
            "some",
            id="nobody knows whether it is encrypted",
        ),
        pytest.param({"StringEquals": {"acs:AccessId": ["x"]}}, source(), "some", id="another key"),
        pytest.param({"DateLessThan": {"acs:CurrentTime": ["x"]}}, source(), "some", id="operator"),
        pytest.param({"IpAddress": {"acs:SourceIp": ["nonsense"]}}, source(), "some", id="no CIDR"),
        pytest.param({**OFFICE, **OTHER_VPC}, source(vpc="vpc-b"), "no", id="keys are ANDed"),
        pytest.param(
            {"NotIpAddress": {"acs:SourceIp": ["192.0.2.0/24", "10.0.0.0/8"]}},
            source(),
            "no",
            id="values are ORed, then negated",
        ),
        pytest.param(
            {"stringnotequals": {"ACS:SourceVpc": ["vpc-b"]}}, source(), "yes", id="any letter case"
        ),
        pytest.param({}, source(), "some", id="everybody without Condition spares the owner"),
    ],
)
def test_conditions(condition: Condition, asked: Source, want: str) -> None:
    assert matches(statement(condition), asked).answer == want


@pytest.mark.parametrize(
    ("more", "want", "doubt"),
    [
        ({"principal": ["20214760404935"]}, "some", "principal"),
        ({"principal": [], "not_principal": ("2021",)}, "some", "principal"),
        ({"principal": []}, "yes", ""),
        ({"action": ["oss:PutObject"]}, "some", "action"),
        ({"action": ["oss:DeleteObject", "oss:GetBucketAcl"]}, "no", ""),
        ({"action": ["OSS:getobject", "oss:Put*", "oss:List*"]}, "yes", ""),
        ({"action": [], "not_action": ("oss:GetObject",)}, "some", "action"),
        ({"action": []}, "some", "unreadable"),
        ({"resource": [f"acs:oss:*:*:{BUCKET}/*"]}, "some", "action"),
        ({"resource": [f"acs:oss:*:*:{BUCKET}/img/*"]}, "some", "resource"),
        ({"resource": ["acs:oss:*:*:other", "acs:oss:*:*:other/*"]}, "no", ""),
        ({"resource": ["*"]}, "yes", ""),
        ({"resource": ["acs:oss:cn-hangzhou:1:shop-*"]}, "yes", ""),
        ({"resource": [], "not_resource": ("acs:oss:*:*:other*",)}, "yes", ""),
    ],
)
def test_parts(more: dict[str, Any], want: str, doubt: str) -> None:
    found = matches(statement(OTHER_VPC, **more), source())
    assert found.answer == want
    assert doubt in found.doubts or not doubt


def test_a_condition_binds_the_owner_too() -> None:
    assert judge([statement()], source()).verdict == "may-deny"
    assert judge([statement(OTHER_VPC)], source()).verdict == "denied"


def test_a_deny_beats_an_allow_wherever_it_stands() -> None:
    allow = statement({"StringEquals": {"acs:SourceVpc": ["vpc-a"]}}, "Allow")
    assert judge([allow], source()).verdict == "allowed"
    assert judge([allow, statement(OTHER_VPC)], source()).verdict == "denied"
    assert judge([], source()).verdict == "open"


def test_public_statements_count_only_when_told() -> None:
    everybody = statement(effect="Allow")
    pinned = statement({"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}}, "Allow")
    assert is_public(everybody)
    assert not is_public(pinned)
    assert judge([everybody], source(), counts_public=False).verdict == "open"
    assert judge([pinned], source(), counts_public=False).verdict == "allowed"


@pytest.mark.parametrize(
    ("condition", "asked", "cause"),
    [
        (OFFICE, source(), "ip"),
        (OTHER_VPC, source(), "vpc"),
        (OTHER_VPC, PUBLIC, "no-vpc"),
        ({"StringEquals": {"acs:SourceVpc": ["vpc-a"]}}, source(), "listed"),
        ({"Bool": {"acs:SecureTransport": ["true"]}}, source(), "scheme"),
    ],
)
def test_causes(condition: Condition, asked: Source, cause: str) -> None:
    assert judge([statement(condition)], asked).cause == cause


# ── What would help ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("condition", "asked", "public", "want"),
    [
        pytest.param(
            OFFICE,
            source(),
            (),
            "NotIpAddress acs:SourceIp [192.0.2.0/24] + StringNotEquals acs:SourceVpc [vpc-a]",
            id="public blocks are left alone, the VPC is added",
        ),
        pytest.param(
            {"NotIpAddress": {"acs:SourceIp": ["10.1.0.0/16"]}},
            source(),
            (),
            "NotIpAddress acs:SourceIp [10.1.0.0/16, 10.20.16.0/24]",
            id="among private blocks the vSwitch is enough",
        ),
        pytest.param(
            OTHER_VPC, source(), (), "StringNotEquals acs:SourceVpc [vpc-b, vpc-a]", id="append"
        ),
        pytest.param(
            OFFICE,
            PUBLIC,
            ("198.51.100.20", "198.51.100.21"),
            "NotIpAddress acs:SourceIp [192.0.2.0/24, 198.51.100.20/32, 198.51.100.21/32]",
            id="every exit address",
        ),
        pytest.param(
            {"NotIpAddress": {"acs:SourceIp": ["198.51.100.21"]}},
            PUBLIC,
            ("198.51.100.20", "198.51.100.21"),
            "NotIpAddress acs:SourceIp [198.51.100.21, 198.51.100.20/32]",
            id="none twice",
        ),
    ],
)
def test_a_deny_is_narrowed(
    condition: Condition, asked: Source, public: tuple[str, ...], want: str
) -> None:
    keep = statement({"Bool": {"acs:SecureTransport": ["false"]}})
    made = exempted([keep, statement(condition)], asked, public, "10.20.16.0/24")
    assert made is not None
    assert made.statements[0] == keep
    assert describe_condition(made.statements[1]) == want
    assert judge(made.statements, asked).verdict == "open"


def test_a_deny_that_means_the_source_is_not_narrowed() -> None:
    named = statement({"StringEquals": {"acs:SourceVpc": ["vpc-a"]}})
    assert exempted([named], source(), ()) is None


# ── Against an oracle ────────────────────────────────────────────────────────────────────────


class Request(NamedTuple):
    """One concrete request, everything about it known."""

    ip: str
    vpc: str  # "" for none
    is_secure: bool
    caller: str
    action: str
    resource: str


def oracle(policy: Sequence[PolicyStatement], request: Request) -> str:
    hits = [entry.effect for entry in policy if hit(entry, request)]
    return "deny" if "Deny" in hits else "allow" if "Allow" in hits else "open"


def hit(entry: PolicyStatement, request: Request) -> bool:
    is_spared_owner = entry.effect == "Deny" and not entry.condition and request.caller == "owner"
    by = (entry.principal == ("*",) and not is_spared_owner) or request.caller in entry.principal
    doing = any(fnmatch.fnmatchcase(request.action, pattern) for pattern in entry.action)
    on = any(fnmatch.fnmatchcase(request.resource, p.split(":", 4)[4]) for p in entry.resource)
    where = all(
        meets(operator, values, request)
        for operator, keys in entry.condition.items()
        for values in keys.values()
    )
    return by and doing and on and where


def meets(operator: str, values: Sequence[str], request: Request) -> bool:
    if operator == "Bool":
        return ("true" if request.is_secure else "false") in values
    if operator.endswith("IpAddress"):
        inside = any(
            ipaddress.ip_address(request.ip) in ipaddress.ip_network(value) for value in values
        )
        return inside != operator.startswith("Not")
    is_there = request.vpc != "" and any(
        request.vpc == v if "Equals" in operator else fnmatch.fnmatchcase(request.vpc, v)
        for v in values
    )
    return is_there != ("Not" in operator)


VPCS = ("vpc-a", "vpc-b")
IPS = ("10.20.16.31", "10.1.0.9", "192.0.2.7", "198.51.100.20")
ACTIONS = ("oss:GetObject", "oss:PutObject", "oss:ListObjects")
KEYS = {
    "NotIpAddress": ("acs:SourceIp", ("192.0.2.0/24", "10.0.0.0/8", "198.51.100.20", "0.0.0.0/0")),
    "IpAddress": ("acs:SourceIp", ("192.0.2.0/24", "10.20.0.0/16", "198.51.100.0/24")),
    "StringEquals": ("acs:SourceVpc", VPCS),
    "StringNotEquals": ("acs:SourceVpc", VPCS),
    "StringLike": ("acs:SourceVpc", ("vpc-*", "vpc-?", "*-b", "vpc-a")),
    "StringNotLike": ("acs:SourceVpc", ("vpc-*", "*-b", "vpc-a")),
    "Bool": ("acs:SecureTransport", ("true", "false")),
}


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, dict[str, list[str]]]:
    operators = draw(st.lists(st.sampled_from(sorted(KEYS)), max_size=2, unique=True))
    return {
        operator: {
            KEYS[operator][0]: draw(
                st.lists(st.sampled_from(KEYS[operator][1]), min_size=1, max_size=2)
            )
        }
        for operator in operators
    }


def any_of(*choices: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sampled_from(choices)


STATEMENTS = st.builds(
    statement,
    conditions(),
    st.sampled_from(["Deny", "Allow"]),
    any_of(("oss:*",), ("oss:*", "oss:GetObject"), ("oss:Get*",), ("oss:DeleteObject",)),
    any_of(("*",), ("2021",)),
    any_of(ALL, ALL, (ALL[1],), ("acs:oss:*:*:*",), ("acs:oss:*:*:other/*",), (ALL[1] + "a/*",)),
)
SOURCES = st.builds(
    source,
    st.sampled_from([*IPS, ""]),
    st.sampled_from([*VPCS, "", None]),
    st.sampled_from([True, False, None]),
)


def requests(asked: Source) -> Iterator[Request]:
    """Every request that fits what is known of the source."""
    ips = (str(asked.ip),) if asked.ip is not None else IPS
    vpcs = (asked.vpc,) if asked.vpc is not None else VPCS
    schemes = (asked.is_secure,) if asked.is_secure is not None else (True, False)
    for ip in ips:
        for vpc in vpcs:
            for is_secure in schemes:
                for caller in ("owner", "2021", "2022"):
                    for action in ACTIONS:
                        for path in ("",) if action == "oss:ListObjects" else ("/a/b", "/c"):
                            yield Request(ip, vpc, is_secure, caller, action, f"{BUCKET}{path}")


@given(st.lists(STATEMENTS, max_size=4), SOURCES)
def test_judge_agrees_with_the_oracle(policy: list[PolicyStatement], asked: Source) -> None:
    said = {oracle(policy, request) for request in requests(asked)}
    verdict = judge(policy, asked).verdict
    if verdict == "denied":
        assert said == {"deny"}
    elif verdict == "allowed":
        assert said == {"allow"}
    elif verdict == "open":
        assert "deny" not in said
    if "deny" in said:  # a Deny that may be about the request is never overlooked
        assert verdict in ("denied", "may-deny")
    if asked.ip is not None and asked.vpc is not None and asked.is_secure is not None:
        certain = [s for s in policy if s.principal == ("*",) and s.condition]
        full = [s for s in certain if s.action[0] == "oss:*" and s.resource == ALL]
        if any(s.effect == "Deny" and hit(s, next(requests(asked))) for s in full):
            assert verdict == "denied"  # nothing is in doubt, so nothing is left open


@given(st.lists(STATEMENTS, max_size=4), SOURCES)
def test_what_is_narrowed_admits_the_request_and_nobody_loses(
    policy: list[PolicyStatement], asked: Source
) -> None:
    public = [str(asked.ip)] if asked.vpc == "" and asked.ip is not None else []
    ruling = judge(policy, asked)
    made = exempted(policy, asked, public, "10.20.16.0/24")
    if ruling.verdict != "denied" or made is None:
        return
    assert judge(made.statements, asked).verdict != "denied"
    for vpc in ("", *VPCS):  # a Deny only shrinks: what was let in before still is
        for request in requests(asked._replace(vpc=vpc, ip=None)):
            if oracle(policy, request) != "deny":
                assert oracle(made.statements, request) != "deny"


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=5))
def test_patterns_agree_with_fnmatch(pattern: str, text: str) -> None:
    assert like(pattern, text) == fnmatch.fnmatchcase(text, pattern)


@given(st.text("ab*?", max_size=5), st.text("ab", min_size=1, max_size=3))
def test_covering_agrees_with_a_sample_of_names(pattern: str, prefix: str) -> None:
    tails = ["", "a", "b", "ab", "ba", "aab", "bba", "abab"]
    found = {fnmatch.fnmatchcase(prefix + tail, pattern) for tail in tails}
    answer = covers(pattern, prefix)
    if answer == "yes":
        assert found == {True}
    elif answer == "no":
        assert found == {False}
