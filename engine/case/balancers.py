"""Load balancers with their listeners, access control lists, server groups and health.

CLB, ALB and NLB name the same things differently (`AclEntrys`, `AclEntries`; `white`, `White`;
`LoadBalancerBussinessStatus`); the loader brings them into this one form. Which of the three an
instance is, its id says: `lb-`, `alb-`, `nlb-`.
"""

from pydantic import Field

from wayout.engine.case.alibaba import CloudModel, Id

__all__ = [
    "AclEntry",
    "BackendServer",
    "BackendState",
    "BalancerZone",
    "Listener",
    "ListenerHealth",
    "LoadBalancer",
    "ServerGroup",
]


class BalancerZone(CloudModel):
    """One zone of an ALB or NLB: its vSwitch and what it answers at there."""

    zone_id: str = ""
    v_switch_id: str = ""
    status: str = ""  # Active | Stopped | Shifted | Starting | Stopping; "" when not told
    private_ips: list[str] = Field(default_factory=list)
    public_ips: list[str] = Field(default_factory=list)
    health: str = ""  # PrivateIPv4HcStatus, IntranetAddressHcStatus: Healthy | Unhealthy


class LoadBalancer(CloudModel):
    """One CLB, ALB or NLB instance."""

    load_balancer_id: Id
    load_balancer_name: str | None = None
    address: str | None = None  # of a CLB
    address_type: str | None = None  # internet | intranet, in any case
    load_balancer_status: str | None = None
    business_status: str | None = None  # Normal | Abnormal
    locks: list[str] | None = None  # reasons of its operation locks
    network_type: str | None = None  # vpc | classic
    vpc_id: str | None = None
    v_switch_id: str | None = None
    region_id: str | None = None
    edition: str | None = None  # ALB: Basic | Standard | StandardWithWaf
    dns_name: str | None = Field(default=None, alias="DNSName")  # lower case
    security_group_ids: list[str] | None = None  # None: not told, or a CLB, which has none
    cross_zone_enabled: bool | None = None
    zones: list[BalancerZone] | None = None  # ZoneMappings

    @property
    def key(self) -> str:
        return self.load_balancer_id


class Listener(CloudModel):
    """One listener; part of its load balancer."""

    load_balancer_id: str = ""
    listener_id: str = ""  # of an ALB or NLB listener
    listener_port: int = 0  # 0 with an NLB listener for a range of ports
    start_port: int = 0
    end_port: int = 0
    listener_protocol: str = ""  # tcp | udp | http | https | quic | tcpssl, in lower case
    listener_status: str | None = None
    forward: bool | None = None  # an HTTP listener of a CLB that only redirects to `forward_port`
    forward_port: int = 0
    acl_status: str | None = None  # on | off; None: not told
    acl_type: str | None = None  # white | black, in lower case
    acl_ids: list[str] | None = None  # None: not told
    changing_acl_ids: list[str] = Field(default_factory=list)  # being bound or unbound right now
    server_group_ids: list[str] | None = None  # what it forwards to; None: not told
    backend_port: int = 0  # CLB without virtual server group
    health_check: bool | None = None

    @property
    def key(self) -> str:
        if self.listener_id:
            return self.listener_id
        return f"{self.listener_protocol}:{self.listener_port}"


class AclEntry(CloudModel):
    """One entry of an access control list; part of it."""

    acl_id: str = ""
    entry: str = ""  # CIDR block
    status: str = ""  # ALB: Adding | Available | Removing
    description: str = ""

    @property
    def key(self) -> str:
        return self.entry


class ServerGroup(CloudModel):
    """What listeners forward to; the default group of a CLB has the id of the CLB."""

    server_group_id: Id
    server_group_name: str | None = None
    vpc_id: str | None = None
    protocol: str | None = None
    preserve_client_ip_enabled: bool | None = None
    health_check_enabled: bool | None = None

    @property
    def key(self) -> str:
        return self.server_group_id


class BackendServer(CloudModel):
    """One server of a server group; part of it."""

    server_id: str = ""  # instance, network interface, or the address itself
    server_ip: str = ""
    port: int = 0
    weight: int | None = None
    type: str = ""  # ecs | eni | eci | ip
    zone_id: str = ""
    status: str = ""

    @property
    def key(self) -> str:
        return f"{self.server_id or self.server_ip}:{self.server_ip}:{self.port}"


class BackendState(CloudModel):
    """What the health check of one listener found at one server."""

    server_id: str = ""
    server_ip: str = ""
    port: int = 0
    status: str = ""  # lower case: normal, abnormal, unhealthy, initial, unused, unavailable
    reason: str = ""


class ListenerHealth(CloudModel):
    """The health of the servers of one listener and server group.

    CLB lists every server; ALB and NLB only those that are not normal (`is_partial`).
    """

    load_balancer_id: str = ""
    listener_id: str = ""
    listener_protocol: str = ""
    listener_port: int = 0
    server_group_id: str = ""
    check_enabled: bool | None = None
    is_partial: bool = False
    servers: list[BackendState] = Field(default_factory=list)

    @property
    def key(self) -> str:
        own = f"{self.load_balancer_id}/{self.listener_protocol}:{self.listener_port}"
        return f"{self.listener_id or own}|{self.server_group_id}"
