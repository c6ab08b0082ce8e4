"""Documents of object storage: the forms its tools print, and what a case file says in short."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine.case import (
    AccessPoint,
    AccessPointPolicy,
    Bucket,
    BucketPolicy,
    Case,
    GatewayEndpoint,
    Instance,
    InstanceEndpoint,
    PublicAccessBlock,
    Question,
)
from wayout.engine.errors import InputError

Part = dict[str, Any]
STATEMENT: Part = {
    "Effect": "Deny",
    "Action": "oss:*",
    "Principal": ["*"],
    "Resource": ["acs:oss:*:1:shop-assets", "acs:oss:*:1:shop-assets/*"],
    "Condition": {"StringNotEquals": {"acs:SourceVpc": "vpc-a"}},
}
POINTS = "oss-accesspoint.aliyuncs.com"
POLICY: Part = {"Version": "1", "Statement": [STATEMENT]}
INFO: Part = {
    "Name": "shop-assets",
    "Location": "oss-cn-hangzhou",
    "ExtranetEndpoint": "oss-cn-hangzhou.aliyuncs.com",
    "IntranetEndpoint": "oss-cn-hangzhou-internal.aliyuncs.com",
    "AccessControlList": {"Grant": "public-read"},
    "Owner": {"DisplayName": "1", "ID": "1"},
}


def asked(action: str, response: Part | None = None, error: Any = None, **request: str) -> Part:
    made: Part = {"action": action, "request": request}
    return {**made, "error": error} if error is not None else {**made, "response": response}


def policy_of(case: Case, bucket: str = "shop-assets") -> BucketPolicy | None:
    listing = case.listing(BucketPolicy, of=bucket)
    assert listing.is_complete == bool(listing.records)
    return listing.records[0].value if listing.records else None


def file(**parts: Any) -> Case:
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"BucketInfo": {"Bucket": INFO}}, id="root element"),
        pytest.param({"Bucket": INFO}, id="without root element"),
        pytest.param(
            {"bucket_info": {"bucket": {k.lower(): v for k, v in INFO.items()}}}, id="snake case"
        ),
        pytest.param({"Buckets": {"Bucket": INFO}, "IsTruncated": "false"}, id="one of a list"),
        pytest.param({"ListAllMyBucketsResult": {"Buckets": {"Bucket": [INFO]}}}, id="XML list"),
    ],
)
def test_a_bucket_brings_its_names(document: Part) -> None:
    case = Case.load(document)
    bucket = case.get(Bucket, "shop-assets")
    assert bucket is not None
    assert bucket.value.region == "cn-hangzhou"
    hosts = {r.value.host: r.value.network for r in case.listing(InstanceEndpoint).records}
    assert hosts == {
        "shop-assets.oss-cn-hangzhou.aliyuncs.com": "public",
        "shop-assets.oss-cn-hangzhou-internal.aliyuncs.com": "private",
    }
    assert case.listing(Instance).records == ()  # a name is no instance id


def test_parts_of_a_bucket_are_put_together() -> None:
    case = Case.load(
        asked("GetBucketLocation", {"LocationConstraint": "oss-cn-beijing"}, bucket="logs"),
        asked("GetBucketPolicyStatus", {"PolicyStatus": {"IsPublic": "true"}}, bucket="logs"),
        {"ListCnameResult": {"Bucket": "logs", "Cname": {"Domain": "Logs.Example.com."}}},
    )
    bucket = case.get(Bucket, "logs")
    assert bucket is not None
    assert (bucket.value.region, bucket.value.has_public_policy) == ("cn-beijing", True)
    assert "logs.example.com" in {r.value.host for r in case.listing(InstanceEndpoint).records}


def test_a_cut_list_of_buckets_is_not_complete() -> None:
    whole = Case.load({"Buckets": {"Bucket": [INFO]}, "IsTruncated": "false"})
    cut = Case.load({"Buckets": {"Bucket": [INFO]}, "IsTruncated": "true", "NextMarker": "x"})
    assert whole.listing(Bucket).is_complete
    assert not cut.listing(Bucket).is_complete


@pytest.mark.parametrize(
    "documents",
    [
        pytest.param([POLICY], id="bare, the resources name the bucket"),
        pytest.param([asked("GetBucketPolicy", POLICY, bucket="shop-assets")], id="envelope"),
        pytest.param(
            [asked("ossutil api get-bucket-policy --bucket shop-assets", POLICY) | {"request": {}}],
            id="empty request",
        ),
        pytest.param(
            [{"action": "ossutil api get-bucket-policy --bucket shop-assets", "response": POLICY}],
            id="command",
        ),
        pytest.param(
            [
                asked(
                    "GetBucketPolicy",
                    {"body": '{"Version": "1", "Statement": []}', "status": "200"},
                    bucket="shop-assets",
                )
            ],
            id="JSON text",
        ),
        pytest.param(
            [{"Bucket": INFO}, {"Statement": {**STATEMENT, "Resource": "*"}, "Version": "1"}],
            id="adopted by the only bucket",
        ),
    ],
)
def test_the_policy_of_a_bucket(documents: list[Part]) -> None:
    found = policy_of(Case.load(*documents))
    assert found is not None
    for entry in found.statement:
        assert entry.action == ("oss:*",)
        assert entry.condition == {"StringNotEquals": {"acs:SourceVpc": ("vpc-a",)}}


def test_a_policy_without_bucket_counts_for_none() -> None:
    nameless = {"Version": "1", "Statement": [{**STATEMENT, "Resource": ["acs:oss:*:1:*"]}]}
    case = Case.load(asked("GetBucketPolicy", nameless))
    assert case.listing(BucketPolicy).records == ()
    assert any("does not say which bucket" in notice.en for notice in case.notices)


@pytest.mark.parametrize(
    "document",
    [
        asked("GetBucketPolicy", error={"Code": "NoSuchBucketPolicy"}, bucket="shop-assets"),
        asked("GetBucketPolicy", error="ErrorCode=NoSuchBucketPolicy", bucket="shop-assets"),
        {"Error": {"Code": "NoSuchBucketPolicy", "Message": "-", "BucketName": "shop-assets"}},
        {"Code": "NoSuchBucketPolicy", "Message": "-", "BucketName": "shop-assets"},
    ],
)
def test_no_such_policy_is_an_empty_policy(document: Part) -> None:
    found = policy_of(Case.load(document))
    assert found is not None
    assert found.statement == ()


def test_another_error_is_no_answer() -> None:
    denied = asked("GetBucketPolicy", error={"Code": "AccessDenied"}, bucket="shop-assets")
    case = Case.load(denied, {"Error": {"Code": "AccessDenied", "BucketName": "shop-assets"}})
    assert policy_of(case) is None
    assert sum("AccessDenied" in notice.en for notice in case.notices) == 2


@pytest.mark.parametrize(
    ("document", "level", "of", "is_on"),
    [
        (
            asked("GetBucketPublicAccessBlock", {"BlockPublicAccess": "true"}, bucket="b-1"),
            "bucket",
            "b-1",
            True,
        ),
        (
            asked(
                "GetPublicAccessBlock",
                {"PublicAccessBlockConfiguration": {"BlockPublicAccess": False}},
            ),
            "account",
            "",
            False,
        ),
        (
            asked(
                "GetAccessPointPublicAccessBlock",
                {"BlockPublicAccess": "true"},
                bucket="b-1",
                accessPointName="ap-1",
            ),
            "access-point",
            "ap-1",
            True,
        ),
        (
            asked(
                "GetBucketPublicAccessBlock",
                error={"Code": "NoSuchPublicAccessBlockConfiguration"},
                bucket="b-1",
            ),
            "bucket",
            "b-1",
            False,
        ),
    ],
)
def test_block_public_access(document: Part, level: str, of: str, is_on: bool) -> None:
    (record,) = Case.load(document).listing(PublicAccessBlock).records
    assert (record.value.level, record.value.of, record.value.is_on) == (level, of, is_on)


def test_an_access_point_leads_to_its_bucket() -> None:
    case = Case.load(
        {
            "GetAccessPointResult": {
                "AccessPointName": "ap-1",
                "Bucket": "shop-assets",
                "NetworkOrigin": "vpc",
                "VpcConfiguration": {"VpcId": "vpc-a"},
                "Alias": "ap-1-0a-ossalias",
                "Status": "enable",
                "Endpoints": {
                    "PublicEndpoint": f"ap-1.oss-cn-hangzhou.{POINTS}",
                    "InternalEndpoint": f"ap-1.oss-cn-hangzhou-internal.{POINTS}",
                },
                "PublicAccessBlockConfiguration": {"BlockPublicAccess": "true"},
            }
        },
        asked("GetAccessPointPolicy", POLICY, bucket="shop-assets", accessPointName="ap-1"),
    )
    point = case.get(AccessPoint, "ap-1")
    assert point is not None
    assert (point.value.vpc_id, point.value.status) == ("vpc-a", "enable")
    hosts = {r.value.host for r in case.listing(InstanceEndpoint, of="shop-assets").records}
    assert "ap-1-0a-ossalias.oss-cn-hangzhou-internal.aliyuncs.com" in hosts
    assert len(hosts) == 4
    assert case.listing(AccessPointPolicy, of="ap-1").is_complete
    assert not case.listing(BucketPolicy, of="shop-assets").records
    assert case.get(PublicAccessBlock, "access-point ap-1") is not None


ENDPOINT: Part = {
    "EndpointId": "vpce-1",
    "ServiceName": "com.aliyun.cn-hangzhou.oss",
    "VpcId": "vpc-a",
    "EndpointStatus": "Created",
    "PolicyDocument": '{"Version": "1", "Statement": []}',
    "AssociatedRouteTables": ["vtb-a"],
}


@pytest.mark.parametrize(
    ("document", "is_complete"),
    [
        ({"Endpoints": [ENDPOINT], "TotalCount": 1, "MaxResults": 100}, True),
        ({"Endpoints": {"Endpoint": [ENDPOINT]}, "TotalCount": "1"}, True),
        ({"Endpoints": [ENDPOINT], "NextToken": "x", "TotalCount": 2}, False),
        (asked("ListVpcGatewayEndpoints", {"Endpoints": [ENDPOINT]}, EndpointName="x"), False),
        ({**ENDPOINT, "RouteTables": ["vtb-a"], "RequestId": "r"}, False),
    ],
)
def test_gateway_endpoints(document: Part, is_complete: bool) -> None:
    listing = Case.load(document).listing(GatewayEndpoint)
    assert listing.is_complete == is_complete
    assert listing.records[0].value.route_tables == ["vtb-a"]


def test_an_empty_list_of_gateway_endpoints_is_told_by_the_action() -> None:
    empty = asked("ListVpcGatewayEndpoints", {"Endpoints": [], "TotalCount": 0})
    assert Case.load(empty).listing(GatewayEndpoint).state == "collected"
    other = asked("ListVpcEndpoints", {"Endpoints": [], "TotalCount": 0})
    assert Case.load(other).listing(GatewayEndpoint).state == "missing"


def test_privatelink_endpoints_are_no_gateway_endpoints() -> None:
    other = {"Endpoints": [{"EndpointId": "ep-1", "VpcId": "vpc-a"}], "RequestId": "r"}
    assert Case.load(other).listing(GatewayEndpoint).records == ()


def test_short_forms() -> None:
    case = file(
        buckets=[
            {"name": "shop-assets", "region": "cn-hangzhou", "policy": [STATEMENT]},
            {"name": "logs", "policy": [], "block_public_access": True, "domains": "l.example.com"},
            {"name": "other"},
        ],
        gateway_endpoints=[],
        block_public_access=False,
    )
    assert case.listing(Bucket).is_complete
    assert [policy_of(case, name) is None for name in ("shop-assets", "logs", "other")] == [
        False, False, True,
    ]  # fmt: skip
    assert case.listing(GatewayEndpoint).state == "collected"
    assert {r.value.key: r.value.is_on for r in case.listing(PublicAccessBlock).records} == {
        "account": False,
        "bucket logs": True,
    }


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"buckets": [{"name": "b", "regon": "x"}]}, "did you mean region?"),
        ({"buckets": [{"name": "b", "policy": [{"Action": "*"}]}]}, "Effect of a statement"),
        (
            {"buckets": [{"name": "b", "policy": [{"Effect": "Deny", "Condition": []}]}]},
            "a Condition must map operators",
        ),
        (
            {"buckets": [{"name": "b", "policy": [{"Effect": "Deny", "Action": [{}]}]}]},
            "policy/0/Action",
        ),
        ({"gateway_endpoints": [{"id": "vpce-1"}]}, "region is missing"),
        ({"access_points": [{"name": "ap", "bucket": "b", "origin": "lan"}]}, "vpc"),
    ],
)
def test_slips_are_refused(parts: Part, message: str) -> None:
    with pytest.raises(InputError) as refused:
        file(**parts)
    assert message in str(refused.value)


def test_a_policy_that_is_no_json_is_refused() -> None:
    broken = asked("GetBucketPolicy", {"policy": "{"}, bucket="b-1")
    with pytest.raises(InputError, match="must hold a policy as JSON"):
        Case.load(broken)


def test_a_policy_can_be_patched() -> None:
    case = file(buckets=[{"name": "shop-assets", "policy": [STATEMENT]}])
    change = {
        "set": "bucket_policies",
        "of": "shop-assets",
        "key": "policy",
        "fields": {"Statement": [{**STATEMENT, "Effect": "Allow"}]},
    }
    found = policy_of(case.patched([change]))
    assert found is not None
    assert [entry.effect for entry in found.statement] == ["Allow"]


@pytest.mark.parametrize(
    ("destination", "host", "bucket", "port"),
    [
        ("oss://shop-assets/a/b?x=1", "shop-assets", "shop-assets", 443),
        (
            "https://oss-cn-hangzhou-internal.aliyuncs.com/shop-assets/key",
            "oss-cn-hangzhou-internal.aliyuncs.com",
            "shop-assets",
            443,
        ),
        ("s3.oss-us-west-1.aliyuncs.com/shop-assets", "s3.oss-us-west-1.aliyuncs.com",
         "shop-assets", None),
        ("http://shop-assets.oss-cn-hangzhou.aliyuncs.com/logo",
         "shop-assets.oss-cn-hangzhou.aliyuncs.com", "", 80),
        ("https://api.example.com/shop-assets", "api.example.com", "", 443),
        ("https://oss-cn-hangzhou.aliyuncs.com/X", "oss-cn-hangzhou.aliyuncs.com", "", 443),
    ],
)  # fmt: skip
def test_buckets_in_urls(destination: str, host: str, bucket: str, port: int | None) -> None:
    question = Question(pod="shop/api-0", destination=destination)
    target = question.target
    assert (target.host, target.bucket, target.port) == (host, bucket, port)
    assert Question(pod="shop/api-0", destination=question.destination).target.bucket == bucket
