"""Load balancers in a case file: their parts. Their API shapes are in `casefile_balancer_forms`."""

from typing import Literal

from pydantic import BaseModel, Field

from wayout.engine.case.casefile_base import STRICT, Address, Ids, Port

__all__ = ["BackendPart", "BalancerPart", "ListenerPart", "ServerGroupPart", "ZonePart"]

Health = Literal[
    "normal", "abnormal", "unhealthy", "initial", "unused", "unavailable"
]  # unavailable: the check is switched off


class Part(BaseModel):
    """A part of a case file."""

    model_config = STRICT


class BackendPart(Part):
    """One server of a server group, or of the default group of a CLB."""

    id: str = ""  # instance or network interface
    ip: Address | None = None
    port: Port | None = None
    weight: int | None = Field(default=None, ge=0, le=100)
    zone: str | None = None
    type: Literal["ecs", "eni", "eci", "ip"] | None = None


class HealthPart(Part):
    """What the health check of the listener found at one server."""

    id: str = ""
    ip: Address | None = None
    port: Port | None = None
    state: Health
    reason: str | None = None


class ListenerAclPart(Part):
    """`lists` are the ids of access control lists."""

    mode: Literal["white", "black"]
    lists: Ids


class ListenerPart(Part):
    """A listener. `ports` is a range of an NLB; `health` names every server, or, for ALB and NLB,
    at least those that are not normal."""

    id: str | None = None
    port: Port | None = None
    ports: str | None = None
    protocol: Literal["tcp", "udp", "http", "https", "quic", "tcpssl"]
    status: str | None = None
    redirect_to: Port | None = None
    acl: Literal["off"] | ListenerAclPart | None = None
    server_groups: Ids | None = None
    health_check: bool | None = None
    health: list[HealthPart] | None = None


class ZonePart(Part):
    """One zone of an ALB or NLB."""

    zone: str = ""
    vswitch: str = ""
    private_ip: Address | None = None
    public_ip: Address | None = None
    status: str = ""
    health: str = ""


class BalancerPart(Part):
    """A CLB, ALB or NLB, as its id says. `servers` is the default server group of a CLB."""

    id: str
    name: str | None = None
    address: Address | None = None
    type: Literal["internet", "intranet"] | None = None
    dns_name: str | None = None
    status: str | None = None
    business_status: str | None = None
    locks: list[str] | None = None
    vpc: str | None = None
    vswitch: str | None = None
    region: str | None = None
    edition: str | None = None
    security_group: Ids | None = None
    security_groups: Ids | None = None
    cross_zone: bool | None = None
    zones: list[ZonePart] | None = None
    listeners: list[ListenerPart] | None = None
    servers: list[BackendPart] | None = None


class ServerGroupPart(Part):
    id: str
    name: str | None = None
    vpc: str | None = None
    preserve_client_ip: bool | None = None
    health_check: bool | None = None
    servers: list[BackendPart] | None = None
