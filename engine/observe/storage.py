"""Object storage as the destination: endpoints, policies of buckets and of what stands around."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wayout.engine.case import (
    AccessPointPolicy,
    Bucket,
    BucketPolicy,
    Case,
    Origin,
    PublicAccessBlock,
)
from wayout.engine.case.storage import PolicyStatement
from wayout.engine.facts.destination_product import PodNetwork
from wayout.engine.facts.storage import (
    AccessPointState,
    BucketPolicyDecision,
    Owner,
    PublicAccess,
)
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.bucket_policy import (
    Ruling,
    Source,
    describe_condition,
    is_deny,
    is_public,
    judge,
    matches,
    written,
)
from wayout.engine.observe.bucket_policy_advice import exempted
from wayout.engine.observe.destination_product import pod_network
from wayout.engine.observe.gateway_endpoint import gateway_decision
from wayout.engine.observe.oss_endpoint import Dialled, dialled, match
from wayout.engine.observe.selectors import enumerated
from wayout.engine.observe.sources import SourceCandidate, source_candidates

__all__ = ["observe"]

SECURE = {"https": True, "http": False, "unknown": None}
DOUBTS = {
    "principal": "identity",
    "owner": "identity",
    "action": "operation",
    "resource": "operation",
    "condition": "condition",
    "unreadable": "condition",
    "source": "source",
    "scheme": "scheme",
}
STATUS: dict[bool | None, Literal["public", "not-public", "unknown"]] = {
    True: "public",
    False: "not-public",
    None: "unknown",
}
ENABLED = frozenset({"enable", "enabled", "active"})


def observe(view: View) -> Iterator[Sighting]:
    """Facts about every main flow that ends at object storage."""
    for end in dialled(view):
        yield Sighting(end.fact, end.origins)
        if end.point_name:
            yield access_point(end)
        if not end.fact.bucket or end.fact.form == "undecided":
            continue
        block = public_access(view.case, end)
        yield block
        counts_public = isinstance(block.fact, PublicAccess) and block.fact.block == "off"
        yield from policy_decisions(view, end, counts_public)
        if end.fact.form == "internal":
            yield gateway_decision(view, end, SECURE[end.fact.scheme])


# ── Access points and Block Public Access ────────────────────────────────────────────────────


def access_point(end: Dialled) -> Sighting:
    if end.point is None:
        missing = AccessPointState(flow=end.flow.flow, point=end.point_name, state="missing")
        return Sighting(missing, end.origins)
    value = end.point.value
    status = (value.status or "").strip()
    state: Literal["enabled", "not-enabled", "unknown"] = "unknown"
    if status:
        state = "enabled" if status.lower() in ENABLED else "not-enabled"
    origin = (value.network_origin or "").strip().lower()
    fact = AccessPointState(
        flow=end.flow.flow,
        point=value.access_point_name,
        state=state,
        status=status,
        origin="vpc" if origin == "vpc" else "internet" if origin == "internet" else "unknown",
        vpc=value.vpc_id or "",
        own_vpc="" if end.is_public_path else end.vpc,
        vpc_match="other" if end.is_public_path else match(value.vpc_id or "", end.vpc),
    )
    return Sighting(fact, end.point.origins)


def public_access(case: Case, end: Dialled) -> Sighting:
    """Every level on which Block Public Access may be on; one is enough."""
    places = [("account", ""), ("bucket", end.fact.bucket)]
    if end.point_name:
        places.append(("access-point", end.point_name))
    records = [case.get(PublicAccessBlock, f"{level} {of}".strip()) for level, of in places]
    on = [record for record in records if record is not None and record.value.is_on]
    is_known = all(record is not None for record in records)
    bucket = case.get(Bucket, end.fact.bucket)
    acl = (bucket.value.acl or "") if bucket is not None else ""
    listing = case.listing(BucketPolicy, of=end.fact.bucket)
    statements = [s for record in listing.records for s in record.value.statement]
    public = [index for index, entry in enumerate(statements, 1) if is_public(entry)]
    fact = PublicAccess(
        flow=end.flow.flow,
        bucket=end.fact.bucket,
        block="on" if on else "off" if is_known else "unknown",
        level=on[0].value.level if on else "",
        acl=acl if acl.startswith("public") else "",
        statement=public[0] if public else 0,
        policy_status=STATUS[bucket.value.has_public_policy if bucket is not None else None],
    )
    blocks = tuple(origin for record in on for origin in record.origins)
    return Sighting(fact, (*blocks, *(bucket.origins if bucket is not None else ())))


# ── Policies ─────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy that is asked, and who has it."""

    owner: Owner
    name: str
    resource: str  # what its resources are compared with
    statements: tuple[PolicyStatement, ...]
    is_known: bool
    origins: tuple[Origin, ...]


def policies_of(case: Case, end: Dialled) -> Iterator[Policy]:
    """The policy of the bucket and, for a request through an access point, that of the point."""
    bucket = end.fact.bucket
    yield policy(case, BucketPolicy, "bucket", bucket, bucket)
    if end.point_name:
        name = end.point_name
        yield policy(case, AccessPointPolicy, "access-point", name, f"accesspoint/{name}")


def policy(case: Case, model: type[BucketPolicy], owner: Owner, name: str, resource: str) -> Policy:
    listing = case.listing(model, of=name)
    statements = tuple(s for record in listing.records for s in record.value.statement)
    origins = tuple(o for record in listing.records for o in record.origins) or listing.origins
    return Policy(owner, name, resource, statements, listing.is_complete, origins)


def policy_decisions(view: View, end: Dialled, counts_public: bool) -> Iterator[Sighting]:
    """One decision per policy and source address; one for all when the source does not matter."""
    vpc = "" if end.is_public_path else end.vpc or None
    what: Literal["pod", "public"] = "public" if end.is_public_path else "pod"
    sources = [source for source in source_candidates(view) if source.what == what]
    how: dict[str, Any] = {"counts_public": counts_public, "is_near": end.fact.home == "same"}
    how["cidr"] = block_of(view)
    for asked in policies_of(view.case, end):
        anywhere = Source(None, vpc, SECURE[end.fact.scheme], asked.resource)
        draft = BucketPolicyDecision(
            flow=end.flow.flow,
            owner=asked.owner,
            name=asked.name,
            address="any",
            what="any",
            vpc=vpc or "",
            verdict="undetermined",
            total=len(asked.statements),
        )
        if not asked.is_known:
            yield Sighting(draft, asked.origins)
        elif not asked.statements:
            yield Sighting(draft.model_copy(update={"verdict": "none"}), asked.origins)
        elif not depends_on_source(asked.statements, anywhere):
            public = [source.address for source in sources] if vpc == "" else []
            yield decision(draft, asked, anywhere, public, **how)
        else:
            for source in sources:
                there = anywhere._replace(ip=parse_ip(source.address))
                own = draft.model_copy(update={"address": source.address, "what": source.what})
                found = decision(own, asked, there, fellows(source, sources), **how)
                yield Sighting(found.fact, (*found.origins, *source.origins))


def block_of(view: View) -> str:
    """The CIDR block of the vSwitch of the pod; "" while it is not known."""
    facts = [sighting.fact for sighting in pod_network(view)]
    return next((f.cidr for f in facts if isinstance(f, PodNetwork) and f.has_vswitch), "")


def depends_on_source(statements: Sequence[PolicyStatement], anywhere: Source) -> bool:
    """Whether the address could change what some statement says."""
    return any("source" in matches(entry, anywhere).doubts for entry in statements)


def fellows(source: SourceCandidate, sources: Sequence[SourceCandidate]) -> list[str]:
    """The public addresses a gateway takes instead of this one: those of the same SNAT entry."""
    return [other.address for other in sources if other.origins == source.origins]


def decision(
    draft: BucketPolicyDecision,
    asked: Policy,
    source: Source,
    public: Sequence[str],
    *,
    counts_public: bool,
    is_near: bool,
    cidr: str,
) -> Sighting:
    """`is_near`: the bucket is in the region of the pod; `cidr`: the block of its vSwitch."""
    ruling = judge(asked.statements, source, counts_public=counts_public)
    made: dict[str, Any] = {"verdict": ruling.verdict, **details(asked.statements, ruling)}
    if ruling.verdict in ("denied", "may-deny"):
        narrowed = exempted(asked.statements, source, public, cidr)
        made["remedy"] = remedy_for(ruling, is_near) if narrowed is None else "admit"
        if narrowed is not None:
            statements = written(narrowed.statements)
            made["new_statements"] = compact(statements)
            made["new_policy"] = compact({"Version": "1", "Statement": statements})
            made["admits"] = ", ".join(narrowed.added)
    elif ruling.verdict == "open":
        near = nearest_allow(asked.statements, source)
        made["near"] = near + 1
        made["near_condition"] = describe_condition(asked.statements[near]) if near >= 0 else ""
    return Sighting(draft.model_copy(update=made), asked.origins)


def remedy_for(ruling: Ruling, is_near: bool) -> Literal["endpoint", "https", "review"]:
    """What is left when the statement has no condition that the source could be added to."""
    if ruling.cause == "no-vpc" and is_near:
        return "endpoint"
    return "https" if ruling.cause == "scheme" else "review"


def details(statements: Sequence[PolicyStatement], ruling: Ruling) -> dict[str, Any]:
    """The deciding statement in words."""
    if ruling.statement < 0:
        return {}
    entry = statements[ruling.statement]
    return {
        "statement": ruling.statement + 1,
        "cause": ruling.cause,
        "doubt": DOUBTS.get(ruling.doubt, ""),
        "condition": describe_condition(entry),
        "principals": enumerated(entry.principal or entry.not_principal),
        "actions": enumerated(entry.action or entry.not_action),
        "resources": enumerated(entry.resource or entry.not_resource),
    }


def nearest_allow(statements: Sequence[PolicyStatement], source: Source) -> int:
    """The first Allow that only its conditions keep from being about the request; -1 for none."""
    for index, entry in enumerate(statements):
        if is_deny(entry) or not entry.condition or matches(entry, source).answer != "no":
            continue
        if matches(entry.model_copy(update={"condition": {}}), source).answer != "no":
            return index
    return -1


def compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
