"""Answers of OSS about buckets, access points and their policies; and VPC gateway endpoints.

OSS speaks XML; what is read here is that XML as its tools and SDKs print it in JSON: with or
without the root element, numbers and booleans as texts, a single item instead of a list. A bucket
policy is a JSON document that does not name its bucket except in what it is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case.gathering import Frame, Gatherer, Paging
from wayout.engine.case.instances import InstanceEndpoint
from wayout.engine.case.json_text import printable
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, normal
from wayout.engine.case.policy_document import buckets_of, statements_of
from wayout.engine.case.refusal import RefusedError
from wayout.engine.case.storage import (
    AccessPoint,
    AccessPointPolicy,
    Bucket,
    BucketPolicy,
    GatewayEndpoint,
    PublicAccessBlock,
)

__all__ = ["add_access_point", "add_bucket", "add_policy", "take", "take_absence"]

ROOTS = frozenset(
    {"bucketinfo", "getaccesspointresult", "listallmybucketsresult", "listcnameresult"}
)
# Codes that say there is none of what was asked for.
ABSENCES: Mapping[str, str] = {
    "NoSuchBucketPolicy": "policy",
    "NoSuchPublicAccessBlockConfiguration": "block",
}
# What tools and SDKs add beside the root element of an answer.
BESIDE_A_ROOT = frozenset({"requestid", "headers", "statuscode", "status"})
TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Whether the answer is one of object storage, which it then has read; raises RefusedError."""
    data = keyed(answer)
    roots = [key for key in answer if normal(key) in ROOTS and isinstance(answer[key], dict)]
    if len(roots) == 1 and data.keys() <= {normal(roots[0]), *BESIDE_A_ROOT}:
        frame = below(frame, roots[0])
        data = keyed(answer[roots[0]])
    return any(reader(gatherer, data, frame) for reader in READERS)


def keyed(data: Item) -> dict[str, Any]:
    """Keys without underscores in lower case: tools and SDKs spell them in three ways."""
    return {normal(key): value for key, value in data.items()}


def below(frame: Frame, key: str) -> Frame:
    return Frame(frame.origin.at(key), frame.stem, frame.action, frame.request)


def asked(frame: Frame, *names: str) -> str:
    """The first of these request parameters that was given."""
    request = frame.request or {}
    return next((request[name] for name in names if request.get(name)), "")


def asked_bucket(frame: Frame) -> str:
    return asked(frame, "bucket", "bucketname").removeprefix("oss://").strip("/")


def asked_access_point(frame: Frame) -> str:
    return asked(frame, "accesspointname", "accesspoint", "xossaccesspointname")


def text(data: Mapping[str, Any], key: str, origin: Origin) -> str | None:
    value = data.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise RefusedError(origin.at(key), f"{key} must be text")


def truth(value: Any, origin: Origin) -> bool:
    found = TRUTHS.get(str(value).strip().lower())
    if found is None:
        raise RefusedError(origin, "must be true or false")
    return found


def items(value: Any, key: str, origin: Origin) -> list[tuple[dict[str, Any], Origin]]:
    """The mappings of a list, of its wrapper, or the only one that stands for a list."""
    if isinstance(value, dict) and [normal(name) for name in value] == [key]:
        value = next(iter(value.values()))
    if value is None or value == "":
        return []
    found = value if isinstance(value, list) else [value]
    for index, item in enumerate(found):
        if not isinstance(item, dict):
            raise RefusedError(origin.at(index), "must be a mapping")
    return [(keyed(item), origin.at(index)) for index, item in enumerate(found)]


# ── Buckets ──────────────────────────────────────────────────────────────────────────────────


def take_bucket_info(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """GetBucketInfo, below its root element."""
    bucket = data.get("bucket")
    if not isinstance(bucket, dict):
        return False
    found = keyed(bucket)
    if "name" not in found:
        return False
    bucket_item(gatherer, found, frame.origin.at("Bucket"))
    return True


def take_bucket_list(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """ListBuckets."""
    if "buckets" not in data:
        return False
    place = frame.origin.at("Buckets")
    keys = [bucket_item(gatherer, item, at) for item, at in items(data["buckets"], "bucket", place)]
    is_cut = truth(data.get("istruncated", False), frame.origin) or bool(data.get("nextmarker"))
    is_cut = is_cut or bool(asked(frame, "prefix", "marker", "maxkeys", "resourcegroupid"))
    gatherer.part(Paging(is_partial=is_cut).part("buckets", "", place, keys))
    return True


def bucket_item(gatherer: Gatherer, found: Mapping[str, Any], at: Origin) -> str:
    grants = found.get("accesscontrollist")
    acl = keyed(grants).get("grant") if isinstance(grants, dict) else found.get("acl")
    item = {
        "Name": text(found, "name", at),
        "Location": text(found, "location", at),
        "ExtranetEndpoint": text(found, "extranetendpoint", at),
        "IntranetEndpoint": text(found, "intranetendpoint", at),
        "Acl": acl if isinstance(acl, str) else None,
        "TransferAcceleration": text(found, "transferacceleration", at),
    }
    return add_bucket(gatherer, item, at)


def add_bucket(gatherer: Gatherer, item: Item, at: Origin) -> str:
    """A bucket with the names it answers at; the key of its record."""
    bucket = gatherer.parse(Bucket, {k: v for k, v in item.items() if v is not None}, at)
    key = gatherer.add("buckets", bucket, at)
    if not bucket.region:
        return key
    for endpoint, network in (
        (bucket.intranet_endpoint or f"oss-{bucket.region}-internal.aliyuncs.com", "private"),
        (bucket.extranet_endpoint or f"oss-{bucket.region}.aliyuncs.com", "public"),
    ):
        add_host(gatherer, key, f"{key}.{endpoint}", network, at)
    return key


def add_host(gatherer: Gatherer, bucket: str, host: str, network: str, at: Origin) -> None:
    found = {"InstanceId": bucket, "Product": "oss", "Network": network}
    found["Host"] = host.strip().lower().rstrip(".")
    value = gatherer.parse(InstanceEndpoint, found, at)
    gatherer.add("instance_endpoints", value, at, bucket)


def take_location(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """GetBucketLocation; only the request says of which bucket."""
    if "locationconstraint" not in data:
        return False
    if bucket := asked_bucket(frame):
        location = text(data, "locationconstraint", frame.origin)
        add_bucket(gatherer, {"Name": bucket, "Location": location}, frame.origin)
    else:
        say_nameless(gatherer, frame.origin)
    return True


def take_policy_status(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """GetBucketPolicyStatus; only the request says of which bucket."""
    inner = data.get("policystatus", data if "ispublic" in data else None)
    if not isinstance(inner, dict) or "ispublic" not in keyed(inner):
        return False
    if bucket := asked_bucket(frame):
        is_public = truth(keyed(inner)["ispublic"], frame.origin)
        add_bucket(gatherer, {"Name": bucket, "HasPublicPolicy": is_public}, frame.origin)
    else:
        say_nameless(gatherer, frame.origin)
    return True


def take_domains(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """ListCname: the domain names of its own that a bucket answers at."""
    if "cname" not in data or not isinstance(data.get("bucket"), str):
        return False
    bucket = data["bucket"]
    for item, at in items(data["cname"], "cname", frame.origin.at("Cname")):
        if domain := text(item, "domain", at):
            add_host(gatherer, bucket, domain, "public", at)
    return True


def say_nameless(gatherer: Gatherer, origin: Origin) -> None:
    gatherer.notice(
        f"{origin.document} does not say which bucket it is about, so it counts for none; put it "
        "into an envelope with its request.",
        f"{origin.document} 未说明属于哪个 Bucket，不予采用；请用带 request 的信封格式提供。",
        origin,
    )


# ── Policies ─────────────────────────────────────────────────────────────────────────────────


def take_policy(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """The policy of a bucket or of an access point, bare or as JSON text inside an answer."""
    is_asked = frame.action in ("GetBucketPolicy", "GetAccessPointPolicy")
    document: Any = data
    for key in ("policy", "policydocument", "body"):
        if is_asked and "statement" not in document and isinstance(data.get(key), (dict, str)):
            document = parsed(data[key], frame.origin.at(key))
    document = keyed(document)
    if "statement" not in document:
        return False
    place = frame.origin
    found = statements_of(document["statement"], place.at("Statement"))
    buckets, points = buckets_of(found)
    if not is_asked and not is_of_a_bucket(found):
        return False
    point = asked_access_point(frame)
    if not point and (points or frame.action == "GetAccessPointPolicy"):
        point = points[0] if len(points) == 1 else ""
    if point:
        add_policy(gatherer, "access_point_policies", point, found, place)
    elif bucket := asked_bucket(frame) or (buckets[0] if len(buckets) == 1 else ""):
        add_policy(gatherer, "bucket_policies", bucket, found, place)
    else:
        gatherer.deferred.append(lambda: adopt(gatherer, found, place))
    return True


def is_of_a_bucket(found: Sequence[Item]) -> bool:
    """Whether statements speak of OSS and of principals, which policies of RAM leave out."""
    words = [word for item in found for key in ("Action", "Resource") for word in item.get(key, ())]
    has_principal = any("Principal" in item or "NotPrincipal" in item for item in found)
    return has_principal and any(word.startswith(("oss:", "acs:oss:")) for word in words)


def parsed(value: Any, origin: Origin) -> Mapping[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise RefusedError(origin, "must hold a policy as JSON") from None
    if not isinstance(value, dict):
        raise RefusedError(origin, "must hold a policy as JSON")
    return value


def add_policy(
    gatherer: Gatherer, name: str, owner: str, found: Sequence[Item], origin: Origin
) -> None:
    """All statements of one policy: none is a policy too."""
    model = BucketPolicy if name == "bucket_policies" else AccessPointPolicy
    policy = gatherer.parse(model, {"Statement": list(found)}, origin)
    gatherer.whole(name, owner, origin, [gatherer.add(name, policy, origin, owner)])


def adopt(gatherer: Gatherer, found: Sequence[Item], origin: Origin) -> None:
    """A policy that names no bucket is that of the only bucket there is."""
    buckets = list(gatherer.contents.bucket("buckets", ""))
    if len(buckets) != 1:
        say_nameless(gatherer, origin)
        return
    gatherer.notice(
        f"{origin.document} does not say which bucket its policy belongs to; taken as that of "
        f"{buckets[0]}, the only bucket in the case.",
        f"{origin.document} 未说明策略属于哪个 Bucket，按案例中唯一的 {buckets[0]} 处理。",
        origin,
    )
    add_policy(gatherer, "bucket_policies", buckets[0], found, origin)


# ── Access points, Block Public Access, gateway endpoints ────────────────────────────────────


def take_access_point(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """GetAccessPoint."""
    if "accesspointname" not in data or "networkorigin" not in data:
        return False
    at = frame.origin
    vpc, endpoints = data.get("vpcconfiguration"), data.get("endpoints")
    names = keyed(endpoints) if isinstance(endpoints, dict) else {}
    item = {
        "AccessPointName": text(data, "accesspointname", at),
        "Bucket": text(data, "bucket", at),
        "Alias": text(data, "alias", at),
        "NetworkOrigin": text(data, "networkorigin", at),
        "VpcId": text(keyed(vpc), "vpcid", at) if isinstance(vpc, dict) else None,
        "Status": text(data, "status", at) or text(data, "accesspointstatus", at),
        "PublicEndpoint": text(names, "publicendpoint", at),
        "InternalEndpoint": text(names, "internalendpoint", at),
    }
    key = add_access_point(gatherer, item, at)
    block = data.get("publicaccessblockconfiguration")
    if isinstance(block, dict) and "blockpublicaccess" in keyed(block):
        add_block(gatherer, "access-point", key, keyed(block)["blockpublicaccess"], at)
    return True


def add_access_point(gatherer: Gatherer, item: Item, at: Origin) -> str:
    """An access point with the names it answers at, which lead to its bucket."""
    point = gatherer.parse(AccessPoint, {k: v for k, v in item.items() if v is not None}, at)
    key = gatherer.add("access_points", point, at)
    for host, network in (
        (point.internal_endpoint, "private"),
        (point.public_endpoint, "public"),
    ):
        if not host or not point.bucket:
            continue
        add_host(gatherer, point.bucket, host, network, at)
        if point.alias and (region := region_in(host)):
            tail = "-internal" if network == "private" else ""
            alias = f"{point.alias}.oss-{region}{tail}.aliyuncs.com"
            add_host(gatherer, point.bucket, alias, network, at)
    return key


def region_in(host: str) -> str:
    """`cn-hangzhou` of `ap-01.oss-cn-hangzhou-internal.oss-accesspoint.aliyuncs.com`."""
    label = next((part for part in host.split(".")[1:] if part.startswith("oss-")), "")
    return label.removeprefix("oss-").removesuffix("-internal")


def take_block(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """Block Public Access of the account, a bucket or an access point: the request tells which."""
    inner = data.get("publicaccessblockconfiguration", data)
    if not isinstance(inner, dict) or "blockpublicaccess" not in keyed(inner):
        return False
    if (place := block_place(frame)) is not None:
        add_block(gatherer, *place, keyed(inner)["blockpublicaccess"], frame.origin)
    else:
        say_nameless(gatherer, frame.origin)
    return True


def block_place(frame: Frame) -> tuple[str, str] | None:
    """The level a question about Block Public Access was for, and whose."""
    if point := asked_access_point(frame):
        return "access-point", point
    if bucket := asked_bucket(frame):
        return "bucket", bucket
    return ("account", "") if frame.action == "GetPublicAccessBlock" else None


def add_block(gatherer: Gatherer, level: str, of: str, value: Any, origin: Origin) -> None:
    found = {"Level": level, "Of": of, "IsOn": truth(value, origin)}
    gatherer.add("public_access_blocks", gatherer.parse(PublicAccessBlock, found, origin), origin)


def take_gateway_endpoints(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """ListVpcGatewayEndpoints and GetVpcGatewayEndpointAttribute.

    ListVpcEndpoints of PrivateLink names its list alike; an empty one only the action or the name
    of the file can tell apart.
    """
    if "endpoints" not in data:
        if "endpointid" not in data or not is_gateway(data):
            return False
        gateway_item(gatherer, data, frame.origin)
        return True
    place = frame.origin.at("Endpoints")
    if not isinstance(data["endpoints"], (list, dict)):
        return False
    found = items(data["endpoints"], "endpoint", place)
    is_named = frame.action == "ListVpcGatewayEndpoints" or "gateway-endpoint" in frame.stem
    if not (all(is_gateway(item) for item, _ in found) if found else is_named):
        return False
    keys = [gateway_item(gatherer, item, at) for item, at in found]
    filters = set(frame.request or {}) - {"regionid", "maxresults", "nexttoken", "vpcid"}
    total = text(data, "totalcount", frame.origin) or ""
    paging = Paging(
        int(total) if total.isdigit() else None,
        None,
        None if frame.request is None else asked(frame, "nexttoken"),
        text(data, "nexttoken", frame.origin) or "",
        bool(filters),
    )
    gatherer.part(paging.part("gateway_endpoints", "", place, keys))
    return True


def is_gateway(item: Mapping[str, Any]) -> bool:
    service = item.get("servicename")
    return "vpcid" in item and isinstance(service, str) and service.startswith("com.aliyun.")


def gateway_item(gatherer: Gatherer, item: Mapping[str, Any], at: Origin) -> str:
    tables = item.get("associatedroutetables", item.get("routetables"))
    if isinstance(tables, dict):
        tables = next(iter(tables.values()), [])
    names = ("endpointid", "servicename", "vpcid", "endpointstatus", "policydocument")
    spelled = ("EndpointId", "ServiceName", "VpcId", "EndpointStatus", "PolicyDocument")
    found = {
        spelling: value
        for name, spelling in zip(names, spelled, strict=True)
        if (value := text(item, name, at)) is not None
    }
    if isinstance(tables, list):
        found["RouteTables"] = [str(t.get("RouteTableId")) if isinstance(t, dict) else str(t)
                                for t in tables]  # type: ignore[assignment] # fmt: skip
    return gatherer.add("gateway_endpoints", gatherer.parse(GatewayEndpoint, found, at), at)


# ── Errors that are answers ──────────────────────────────────────────────────────────────────


def take_error(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> bool:
    """The error document of OSS: `{"Error": {"Code": …, "BucketName": …}}`."""
    error = data.get("error")
    if not isinstance(error, dict) or "code" not in keyed(error):
        return False
    if not take_absence(gatherer, error, frame):
        code = printable(str(keyed(error)["code"]))
        gatherer.not_collected(frame.action or frame.origin.document, code, frame.origin)
    return True


def take_absence(gatherer: Gatherer, error: Any, frame: Frame) -> bool:
    """Whether an error says that there is no such policy: that is an answer, an empty one."""
    found = keyed(error) if isinstance(error, dict) else {"message": error}
    said = f"{found.get('code')} {found.get('message')}"
    kind = next((kind for code, kind in ABSENCES.items() if code in said), "")
    bucket = asked_bucket(frame) or str(found.get("bucketname") or "")
    if kind == "policy":
        if bucket:
            add_policy(gatherer, "bucket_policies", bucket, (), frame.origin)
        else:
            say_nameless(gatherer, frame.origin)
    elif kind == "block":
        request = {**(frame.request or {}), **({"bucket": bucket} if bucket else {})}
        place = block_place(Frame(frame.origin, frame.stem, frame.action, request))
        if place is not None:
            add_block(gatherer, *place, False, frame.origin)
        else:
            say_nameless(gatherer, frame.origin)
    return bool(kind)


READERS = (
    take_error,
    take_policy,
    take_access_point,
    take_bucket_info,
    take_bucket_list,
    take_domains,
    take_location,
    take_policy_status,
    take_block,
    take_gateway_endpoints,
)
