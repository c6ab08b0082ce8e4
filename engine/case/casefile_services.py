"""What a case file says of instances, peering connections, endpoints and services of a VPC."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from wayout.engine.case.casefile_base import STRICT, Address, Ids, Network

__all__ = [
    "EcsInstancePart",
    "KeyStorePart",
    "MountTargetPart",
    "NasRulePart",
    "PrivateEndpointPart",
    "RegistryPart",
    "VpcPeerPart",
]


class EcsInstancePart(BaseModel):
    """An instance; its network interfaces are given as `network_interfaces`."""

    model_config = STRICT

    id: str
    status: str | None = None
    vpc: str | None = None
    ip: Address | None = None
    public_ips: Ids = []
    locks: Ids = []


class VpcPeerPart(BaseModel):
    """A peering connection; `vpc` asked for it, `accepting_vpc` accepts."""

    model_config = STRICT

    id: str
    status: str | None = None
    business_status: str | None = None
    vpc: str | None = None
    cidrs: list[Network] | None = None
    accepting_vpc: str | None = None
    accepting_cidrs: list[Network] | None = None


class EndpointZonePart(BaseModel):
    model_config = STRICT

    ip: Address
    vswitch: str | None = None
    domain: str | None = None


class PrivateEndpointPart(BaseModel):
    """A PrivateLink endpoint with its security groups and the interface of each zone."""

    model_config = STRICT

    id: str
    status: str | None = None
    connection: str | None = None
    business_status: str | None = None
    domain: str | None = None
    vpc: str | None = None
    security_groups: Ids | None = None
    zones: list[EndpointZonePart] | None = None


class MountTargetPart(BaseModel):
    model_config = STRICT

    domain: str
    status: str | None = None
    vpc: str | None = None
    vswitch: str | None = None
    permission_group: str | None = None
    ip: Address | None = None


class NasRulePart(BaseModel):
    """A rule of a permission group; the smallest priority number is read first."""

    model_config = STRICT

    source: str
    priority: Annotated[int, Field(ge=1, le=100)] = 1
    access: Literal["RDWR", "RDONLY"] = "RDWR"


class RegistryPart(BaseModel):
    """A container registry: its public entry and list, and the VPCs linked to it."""

    model_config = STRICT

    id: str
    public: bool | None = None
    acl: bool | None = None
    entries: list[str] | None = None
    vpcs: Ids | None = None
    domains: Ids = []
    private_domains: Ids = []


class KeyStorePart(BaseModel):
    model_config = STRICT

    id: str
    status: str | None = None
    vpc: str | None = None
    bound_vpcs: Ids | None = None
