"""What a case file says of instances of cloud products: endpoints, whitelists, state."""

from typing import Literal

from pydantic import BaseModel

from wayout.engine.case.casefile_base import STRICT, Address, Ids, Port

__all__ = ["InstancePart"]


class InstanceEndpointPart(BaseModel):
    """One name, or address, under which an instance answers."""

    model_config = STRICT

    host: str | None = None
    ip: Address | None = None
    port: Port | None = None
    ports: list[Port] | None = None
    network: Literal["private", "public", "classic"] | None = None
    vpc: str | None = None
    vswitch: str | None = None
    zone: str | None = None
    role: str = ""


class WhitelistPart(BaseModel):
    """One group of a whitelist; `network` and `ports` where the product tells groups apart."""

    model_config = STRICT

    group: str = "default"
    entries: Ids = []
    network: str = ""
    ports: int | str | None = None
    attribute: str = ""


class InstancePart(BaseModel):
    """A database, cache, search or queue instance. Endpoints, groups, templates and security
    groups that are given are all there are; an empty list says there are none."""

    model_config = STRICT

    id: str
    product: str = ""
    name: str | None = None
    status: str | None = None
    lock: str | None = None
    region: str | None = None
    vpc: str | None = None
    vswitch: str | None = None
    network_type: Literal["vpc", "classic", "VPC", "Classic"] | None = None
    mode: Literal["normal", "safety"] | None = None
    engine: str | None = None
    engine_version: str | None = None
    endpoints: list[InstanceEndpointPart] | None = None
    whitelist: list[WhitelistPart] | dict[str, Ids] | None = None
    templates: dict[str, Ids] | None = None
    security_groups: Ids | None = None
