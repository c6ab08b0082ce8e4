"""Instances of cloud products and the endpoints they answer at, whatever API described them.

The products name the same things differently (`NetworkType`, `NetType`; `IPAddress`, `Ip`); the
loader brings them into this one form.
"""

from wayout.engine.case.alibaba import CloudModel, Id

__all__ = ["Instance", "InstanceEndpoint"]


class Instance(CloudModel):
    """One database, cache, broker, file system, registry, key store or other destination.

    `product` is a key of `knowledge/products.yaml`; "" when only the id tells.
    """

    instance_id: Id
    product: str = ""
    name: str | None = None
    status: str | None = None  # as the API spells it
    lock: str | None = None  # lock mode; "" or Unlock for none
    region_id: str | None = None
    vpc_id: str | None = None
    v_switch_id: str | None = None
    network_type: str | None = None  # vpc | classic, in any case
    engine: str | None = None
    engine_version: str | None = None
    whitelist_mode: str | None = None  # RDS: normal | safety

    @property
    def key(self) -> str:
        return self.instance_id


class InstanceEndpoint(CloudModel):
    """One name, address and port set of an instance."""

    instance_id: Id
    product: str = ""
    host: str = ""  # lower case, without the final dot
    ip: str = ""
    ports: tuple[int, ...] = ()  # empty: not told
    network: str = ""  # private | public | classic; "" when not told
    vpc_id: str | None = None
    v_switch_id: str | None = None
    zone_id: str | None = None
    # primary, readonly, kibana, broker …: told by the API, or ""; "inner": no name leads there
    role: str = ""

    @property
    def key(self) -> str:
        return "|".join((self.host, self.ip, self.role))
