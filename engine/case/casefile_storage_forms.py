"""Brings object storage of a case file into the shape of the APIs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from wayout.engine.case.answers import storage as answers
from wayout.engine.case.casefile_forms import id_list
from wayout.engine.case.casefile_storage import AccessPointPart, BucketPart, GatewayEndpointPart
from wayout.engine.case.gathering import Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.policy_document import statements_of
from wayout.engine.case.storage import GatewayEndpoint

__all__ = ["read_access_points", "read_account_block", "read_buckets", "read_gateway_endpoints"]


def whole(gatherer: Gatherer, name: str, at: Origin, keys: Sequence[str]) -> None:
    """A list as given; that it is complete when it holds something is taken on trust."""
    gatherer.whole(name, "", at, keys)
    if keys:
        gatherer.assumed.setdefault(name, at)


def read_buckets(gatherer: Gatherer, parts: Sequence[BucketPart], origin: Origin) -> None:
    keys = [bucket(gatherer, part, origin.at(i)) for i, part in enumerate(parts)]
    whole(gatherer, "buckets", origin, keys)


def bucket(gatherer: Gatherer, part: BucketPart, at: Origin) -> str:
    item = {
        "Name": part.name,
        "Location": f"oss-{part.region}" if part.region else None,
        "Acl": part.acl,
    }
    key = answers.add_bucket(gatherer, item, at)
    for domain in id_list(part.domains) or ():
        answers.add_host(gatherer, key, domain, "public", at.at("domains"))
    if part.policy is not None:
        place = at.at("policy")
        answers.add_policy(
            gatherer, "bucket_policies", key, statements_of(part.policy, place), place
        )
    if part.block_public_access is not None:
        answers.add_block(gatherer, "bucket", key, part.block_public_access, at)
    return key


def read_access_points(
    gatherer: Gatherer, parts: Sequence[AccessPointPart], origin: Origin
) -> None:
    keys = [access_point(gatherer, part, origin.at(i)) for i, part in enumerate(parts)]
    whole(gatherer, "access_points", origin, keys)


def access_point(gatherer: Gatherer, part: AccessPointPart, at: Origin) -> str:
    endpoints = {
        network: f"{part.name}.oss-{part.region}{tail}.oss-accesspoint.aliyuncs.com"
        for network, tail in (("InternalEndpoint", "-internal"), ("PublicEndpoint", ""))
        if part.region
    }
    item = {
        "AccessPointName": part.name,
        "Bucket": part.bucket,
        "Alias": part.alias,
        "NetworkOrigin": part.origin,
        "VpcId": part.vpc,
        "Status": part.status,
        **endpoints,
    }
    key = answers.add_access_point(gatherer, item, at)
    if part.policy is not None:
        place = at.at("policy")
        found = statements_of(part.policy, place)
        answers.add_policy(gatherer, "access_point_policies", key, found, place)
    if part.block_public_access is not None:
        answers.add_block(gatherer, "access-point", key, part.block_public_access, at)
    return key


def read_gateway_endpoints(
    gatherer: Gatherer, parts: Sequence[GatewayEndpointPart], origin: Origin
) -> None:
    keys = []
    for index, part in enumerate(parts):
        at = origin.at(index)
        item = {
            "EndpointId": part.id,
            "ServiceName": f"com.aliyun.{part.region}.oss",
            "VpcId": part.vpc,
            "EndpointStatus": part.status,
            "RouteTables": id_list(part.route_tables),
        }
        if part.policy is not None:
            statements_of(part.policy, at.at("policy"))
            item["PolicyDocument"] = json.dumps({"Version": "1", "Statement": part.policy})
        value = gatherer.parse(GatewayEndpoint, item, at)
        keys.append(gatherer.add("gateway_endpoints", value, at))
    whole(gatherer, "gateway_endpoints", origin, keys)


def read_account_block(gatherer: Gatherer, is_on: bool, origin: Origin) -> None:
    answers.add_block(gatherer, "account", "", is_on, origin)
