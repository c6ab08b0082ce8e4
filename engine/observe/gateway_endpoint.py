"""The VPC gateway endpoint for OSS in the VPC of the pod, and whether its policy has the bucket."""

from __future__ import annotations

import json
from typing import Any

from pydantic import ValidationError

from wayout.engine.case import Case, GatewayEndpoint, Origin, Record, RouteEntry
from wayout.engine.case.policy_document import statements_of
from wayout.engine.case.refusal import RefusedError
from wayout.engine.case.storage import PolicyStatement
from wayout.engine.facts.storage import GatewayEndpointDecision
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.bucket_policy import Source, is_deny, judge, matches, written
from wayout.engine.observe.oss_endpoint import Dialled
from wayout.engine.observe.placement import vswitch_candidates
from wayout.engine.observe.route import source_ip
from wayout.engine.observe.routing import hop_class, table_of
from wayout.engine.observe.selectors import enumerated

__all__ = ["gateway_decision"]

NOWHERE = Origin("")


def gateway_decision(view: View, end: Dialled, is_secure: bool | None) -> Sighting:
    """What the gateway endpoint of the caller's VPC says about the bucket of the flow."""
    draft = GatewayEndpointDecision(flow=end.flow.flow, vpc=end.vpc, bucket=end.fact.bucket)
    tables = tables_of(view, end.vpc)
    listing = view.case.listing(GatewayEndpoint)
    record = next((r for r in listing.records if serves(r.value, end)), None)
    # What the endpoint says of its own tables beats a route list, which may be older.
    is_claimed = record is not None and routed(record.value, tables) == "yes"
    if not is_claimed and leads_to_none(view.case, tables):
        origins = tuple(o for table in tables for o in routes_of(view.case, table))
        return Sighting(draft.model_copy(update={"by": "routes"}), origins)
    if record is None:
        if listing.is_complete and end.vpc:
            return Sighting(draft.model_copy(update={"by": "list"}), listing.origins)
        lack = {"state": "undetermined", "lacks": "gateway_endpoints" if end.vpc else "clusters"}
        return Sighting(draft.model_copy(update=lack), listing.origins)
    known = {"endpoint": record.value.endpoint_id, "is_routed": routed(record.value, tables)}
    if known["is_routed"] == "no":
        return Sighting(draft.model_copy(update={**known, "by": "routes"}), record.origins)
    found = judged(record, end, parse_ip(source_ip(view)), is_secure)
    return Sighting(draft.model_copy(update={**known, **found}), record.origins)


def serves(endpoint: GatewayEndpoint, end: Dialled) -> bool:
    service = (endpoint.service_name or "").lower()
    region = end.fact.region or end.fact.pod_region
    is_meant = service == f"com.aliyun.{region}.oss" if region else service.endswith(".oss")
    return bool(end.vpc) and endpoint.vpc_id == end.vpc and is_meant


# ── Routes ───────────────────────────────────────────────────────────────────────────────────


def tables_of(view: View, vpc: str) -> tuple[str, ...]:
    """The route tables of every vSwitch the pod may be in; "" for one that is not known."""
    vswitches = dict.fromkeys(candidate.vswitch for candidate in vswitch_candidates(view))
    return tuple(dict.fromkeys(table_of(view.case, name, vpc).id for name in vswitches))


def leads_to_none(case: Case, tables: tuple[str, ...]) -> bool:
    """Whether all these tables are fully known, and no entry leads to a gateway endpoint."""
    if not tables or "" in tables:
        return False
    return all(
        case.listing(RouteEntry, of=table).is_complete and not has_endpoint(case, table)
        for table in tables
    )


def has_endpoint(case: Case, table: str) -> bool:
    return any(
        hop_class(hop.next_hop_type) in ("endpoint", "unknown")
        for record in case.listing(RouteEntry, of=table).records
        for hop in record.value.next_hops
    )


def routes_of(case: Case, table: str) -> tuple[Origin, ...]:
    return case.listing(RouteEntry, of=table).origins


def routed(endpoint: GatewayEndpoint, tables: tuple[str, ...]) -> str:
    """Whether the tables of the pod lead to the endpoint, as its own document says."""
    if endpoint.route_tables is None or not tables or "" in tables:
        return "unknown"
    found = {table in endpoint.route_tables for table in tables}
    return "unknown" if len(found) > 1 else "yes" if True in found else "no"


# ── The policy ───────────────────────────────────────────────────────────────────────────────


def judged(
    record: Record[GatewayEndpoint], end: Dialled, ip: Any, is_secure: bool | None
) -> dict[str, str]:
    text = record.value.policy_document
    if text is None:
        return {"state": "undetermined", "reason": "not-told", "lacks": "gateway_endpoints"}
    statements = read(text)
    if statements is None:
        return {"state": "undetermined", "reason": "unreadable"}
    source = Source(ip, end.vpc, is_secure, end.fact.bucket)
    allowed = [r for s in statements if not is_deny(s) for r in s.resource or s.not_resource]
    made = {"named": enumerated(dict.fromkeys(allowed))}
    match judge(statements, source).verdict:
        case "allowed":
            return {**made, "state": "allows"}
        case "denied":
            return {**made, "state": "refuses", "reason": "denied"}
        case "may-deny":
            return {**made, "state": "may-refuse", "reason": "denied"}
    made["new_document"] = json.dumps(with_bucket(statements, end.fact.bucket), ensure_ascii=False)
    perhaps = any(not is_deny(s) and matches(s, source).answer == "some" for s in statements)
    if perhaps:
        return {**made, "state": "may-refuse", "reason": "doubt"}
    return {**made, "state": "refuses", "reason": "not-listed"}


def read(text: str) -> tuple[PolicyStatement, ...] | None:
    """The statements of a policy in JSON; an empty text is the default, which allows everything."""
    if not text.strip():
        return (PolicyStatement(effect="Allow", principal=("*",), action=("*",), resource=("*",)),)
    try:
        document = json.loads(text)
        found = statements_of(document["Statement"], NOWHERE)
        return tuple(PolicyStatement.model_validate(entry) for entry in found)
    except (ValueError, RecursionError, KeyError, TypeError, RefusedError, ValidationError):
        return None


def with_bucket(statements: tuple[PolicyStatement, ...], bucket: str) -> dict[str, Any]:
    """The policy with one more Allow: the same operations as the first one, for this bucket."""
    first = next((s for s in statements if not is_deny(s) and s.action), None)
    added = PolicyStatement(
        effect="Allow",
        principal=first.principal if first is not None and first.principal else ("*",),
        action=first.action if first is not None else ("oss:*",),
        resource=(f"acs:oss:*:*:{bucket}", f"acs:oss:*:*:{bucket}/*"),
    )
    return {"Version": "1", "Statement": written((*statements, added))}
