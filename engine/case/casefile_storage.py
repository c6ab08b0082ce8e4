"""Short forms of object storage in a case file."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from wayout.engine.case.casefile_base import STRICT, Ids

__all__ = ["AccessPointPart", "BucketPart", "GatewayEndpointPart"]

Statements = list[dict[str, Any]]


class Part(BaseModel):
    """A part of a case file."""

    model_config = STRICT


class BucketPart(Part):
    """A bucket. `policy: []` says that it has none; left out, nobody knows."""

    name: str
    region: str | None = None
    acl: Literal["private", "public-read", "public-read-write"] | None = None
    domains: Ids | None = Field(default=None, description="Domain names of its own (CNAME).")
    policy: Statements | None = Field(
        default=None, description="The statements of the bucket policy, as OSS prints them."
    )
    block_public_access: bool | None = None


class AccessPointPart(Part):
    """An access point of a bucket; `vpc` is the one it is for when its origin is vpc."""

    name: str
    bucket: str
    region: str | None = None
    alias: str | None = None
    origin: Literal["vpc", "internet"] | None = None
    vpc: str | None = None
    status: str | None = None
    policy: Statements | None = None
    block_public_access: bool | None = None


class GatewayEndpointPart(Part):
    """A VPC gateway endpoint of OSS; without `policy` nobody knows what it lets through."""

    id: str
    region: str
    vpc: str
    status: str = "Created"
    route_tables: Ids | None = None
    policy: Statements | None = None
