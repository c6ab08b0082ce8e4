"""Object storage: buckets, access points, their policies, and VPC gateway endpoints.

OSS answers in XML, which its tools print as JSON; policies are JSON documents of their own. The
loader brings them into this form.
"""

from typing import Any

from pydantic import Field

from wayout.engine.case.alibaba import CloudModel, Id

__all__ = [
    "AccessPoint",
    "AccessPointPolicy",
    "Bucket",
    "BucketPolicy",
    "GatewayEndpoint",
    "PolicyStatement",
    "PublicAccessBlock",
]


class Bucket(CloudModel):
    """GetBucketInfo, GetBucketLocation and GetBucketPolicyStatus about one bucket."""

    name: Id
    location: str | None = None  # oss-cn-hangzhou
    extranet_endpoint: str | None = None
    intranet_endpoint: str | None = None
    acl: str | None = None  # private | public-read | public-read-write
    transfer_acceleration: str | None = None  # Enabled | Disabled
    has_public_policy: bool | None = None

    @property
    def key(self) -> str:
        return self.name

    @property
    def region(self) -> str:
        """`cn-hangzhou`; "" when no document tells."""
        return (self.location or "").strip().lower().removeprefix("oss-")


class PolicyStatement(CloudModel):
    """One statement of a policy. Empty lists were not given.

    `condition` maps operator to condition key to values, each a list of texts.
    """

    sid: str = ""
    effect: str = ""  # Allow | Deny
    principal: tuple[str, ...] = ()
    not_principal: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    not_action: tuple[str, ...] = ()
    resource: tuple[str, ...] = ()
    not_resource: tuple[str, ...] = ()
    condition: dict[str, dict[str, tuple[str, ...]]] = Field(default_factory=dict)

    def written(self) -> dict[str, Any]:
        """The statement in the words of a policy document, without what it does not say."""
        fields = self.model_dump(mode="json", by_alias=True)
        return {name: value for name, value in fields.items() if value}


class BucketPolicy(CloudModel):
    """The policy of one bucket, which owns it; without statements there is none."""

    statement: tuple[PolicyStatement, ...] = ()

    @property
    def key(self) -> str:
        return "policy"


class AccessPointPolicy(BucketPolicy):
    """The policy of one access point, which owns it."""


class AccessPoint(CloudModel):
    """GetAccessPoint. One of origin vpc is for requests out of that VPC only."""

    access_point_name: Id
    bucket: str | None = None
    alias: str | None = None
    network_origin: str | None = None  # vpc | internet
    vpc_id: str | None = None
    status: str | None = None  # enable | disable | creating | deleting
    public_endpoint: str | None = None
    internal_endpoint: str | None = None

    @property
    def key(self) -> str:
        return self.access_point_name


class PublicAccessBlock(CloudModel):
    """Block Public Access at one level; `of` is the bucket or the access point, "" the account."""

    level: str  # account | bucket | access-point
    of: str = ""
    is_on: bool

    @property
    def key(self) -> str:
        return f"{self.level} {self.of}".strip()


class GatewayEndpoint(CloudModel):
    """A VPC gateway endpoint of a cloud service: ListVpcGatewayEndpoints."""

    endpoint_id: Id
    service_name: str | None = None  # com.aliyun.cn-hangzhou.oss
    vpc_id: str | None = None
    endpoint_status: str | None = None  # Created; Creating, Modifying, Associating …
    policy_document: str | None = None  # a policy as JSON text
    route_tables: list[str] | None = None

    @property
    def key(self) -> str:
        return self.endpoint_id
