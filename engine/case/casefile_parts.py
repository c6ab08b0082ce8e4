"""What may stand in a case file: one strict model per part."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wayout.engine.case.casefile_balancers import BalancerPart, ServerGroupPart
from wayout.engine.case.casefile_base import STRICT, Address, Ids, Network, Port
from wayout.engine.case.casefile_instances import InstancePart
from wayout.engine.case.casefile_services import (
    EcsInstancePart,
    KeyStorePart,
    MountTargetPart,
    NasRulePart,
    PrivateEndpointPart,
    RegistryPart,
    VpcPeerPart,
)
from wayout.engine.case.casefile_storage import AccessPointPart, BucketPart, GatewayEndpointPart

__all__ = ["CaseFile", "Ids", "case_file_schema"]


class Part(BaseModel):
    """A part of a case file."""

    model_config = STRICT


class QuestionPart(Part):
    pod: str
    to: str | None = None
    destination: str | None = None
    protocol: str = "tcp"
    port: Port | None = None
    source_port: Port | None = None


class AddonPart(Part):
    name: str
    version: str = ""
    state: Literal["installed", "absent"] = "installed"


class ClusterPart(Part):
    id: str = ""
    name: str | None = None
    region: str | None = None
    vpc: str | None = None
    security_group: Ids | None = None
    security_groups: Ids | None = None
    vswitches: Ids | None = None
    service_cidr: Network | None = None
    container_cidr: Network | None = None
    ip_stack: Literal["ipv4", "dual"] | None = None
    private_zone: bool | None = None
    profile: str | None = None
    type: str | None = None
    state: str | None = None
    addons: list[str | AddonPart] | None = None


class DnsConfigPart(Part):
    nameservers: list[str] = []
    searches: list[str] = []
    options: list[str] = []


class PodPart(Part):
    name: str
    namespace: str | None = None
    ip: Address | None = None
    ips: list[str] | None = None
    phase: str | None = None
    labels: dict[str, str] = {}
    annotations: dict[str, str] = {}
    ports: list[int | dict[str, Any]] = []
    security_group: Ids | None = None
    security_groups: Ids | None = None
    vswitch: str | None = None
    eni: str | None = None
    host_network: bool | None = None
    dns_policy: Literal["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"] | None = None
    dns_config: DnsConfigPart | None = None


class NamespacePart(Part):
    name: str
    labels: dict[str, str] = {}


class ServicePart(Part):
    name: str
    namespace: str | None = None
    type: str | None = None
    cluster_ip: str | None = None
    selector: dict[str, str] = {}
    ports: list[int | dict[str, Any]] = []
    external_name: str | None = None
    external_traffic_policy: Literal["Cluster", "Local"] | None = None
    internal_traffic_policy: Literal["Cluster", "Local"] | None = None
    load_balancer: Ids | None = None  # addresses, or the host names of those that have none
    annotations: dict[str, str] = {}
    endpoints: list[str] | None = None


class RulePart(Part):
    id: str | None = None
    policy: Literal["accept", "drop", "Accept", "Drop"] = "accept"
    protocol: str = "all"
    ports: int | str | None = None
    port: int | str | None = None
    port_list: str | None = None
    to: str | None = None
    from_: str | None = Field(default=None, alias="from")
    source_ports: int | str | None = None
    priority: Annotated[int, Field(ge=1, le=110)] = 1
    description: str | None = None


class SecurityGroupPart(Part):
    id: str
    name: str | None = None
    type: Literal["normal", "basic", "enterprise", "advanced"] | None = None
    vpc: str | None = None
    inner_access: Literal["accept", "drop", "Accept", "Drop"] | None = None
    egress: list[RulePart] | None = None
    ingress: list[RulePart] | None = None


class VSwitchPart(Part):
    id: str
    cidr: Network | None = None
    ipv6_cidr: Network | None = None
    vpc: str | None = None
    zone: str | None = None
    status: str | None = None
    route_table: str | None = None
    route_table_type: Literal["System", "Custom", "system", "custom"] | None = None
    network_acl: str | None = None
    available_ips: int | None = None


class RoutePart(Part):
    id: str | None = None
    to: str
    via: str
    type: str | None = None
    status: str | None = None


class RouteTablePart(Part):
    id: str
    type: Literal["System", "Custom", "system", "custom"] | None = None
    vpc: str | None = None
    vswitches: Ids | None = None
    routes: list[RoutePart] | None = None


class VpcPart(Part):
    id: str
    cidr: Network | None = None
    secondary_cidrs: list[Network] | None = None
    user_cidrs: list[Network] | None = None
    ipv6_cidr: Network | None = None
    ipv4_gateway: str | None = None
    dhcp_options_set: str | None = None


class SnatPart(Part):
    id: str | None = None
    source: str | None = None
    vswitch: str | None = None
    ips: Ids
    status: str | None = None


class ForwardPart(Part):
    id: str | None = None
    external_ip: Address
    external_port: int | str = "any"
    internal_ip: Address
    internal_port: int | str = "any"
    protocol: str = "any"
    status: str | None = None


class EipRefPart(Part):
    id: str | None = None
    ip: Address | None = None


class NatGatewayPart(Part):
    id: str
    name: str | None = None
    vpc: str | None = None
    vswitch: str | None = None
    status: str | None = None
    business_status: str | None = None
    network_type: Literal["internet", "intranet"] | None = None
    eip_bind_mode: str | None = None
    eips: list[str | EipRefPart] | None = None
    snat: list[SnatPart] | None = None
    forward: list[ForwardPart] | None = None


class EipPart(Part):
    id: str
    ip: Address | None = None
    bound_to: str | None = None
    bound_type: str | None = None
    private_ip: Address | None = None
    status: str | None = None
    business_status: str | None = None
    locks: list[str] | None = None
    mode: str | None = None
    bandwidth: int | str | None = None
    shared_bandwidth: str | None = None


class AclEntryPart(Part):
    id: str | None = None
    policy: Literal["accept", "drop"] = "accept"
    protocol: str = "all"
    ports: int | str | None = None
    port: int | str | None = None
    to: str | None = None
    from_: str | None = Field(default=None, alias="from")


class NetworkAclPart(Part):
    id: str
    vpc: str | None = None
    status: str | None = None
    vswitches: Ids | None = None
    egress: list[AclEntryPart] | None = None
    ingress: list[AclEntryPart] | None = None


class InterfacePart(Part):
    id: str
    ip: Address | None = None
    security_group: Ids | None = None
    security_groups: Ids | None = None
    vswitch: str | None = None
    vpc: str | None = None
    instance: str | None = None


class FirewallPolicyPart(Part):
    """One Internet border policy; without `to`, `from` or `ports` it is about all of them."""

    id: str | None = None
    action: Literal["accept", "drop", "log"]
    direction: Literal["out", "in"] = "out"
    order: Annotated[int, Field(ge=-1)] | None = None
    from_: Ids | None = Field(default=None, alias="from")
    to: Ids | None = None
    protocol: str = "any"
    ports: int | str | None = None
    port: int | str | None = None
    application: str = "any"
    enabled: bool = True


class DdosPart(Part):
    ip: Address
    state: Literal["normal", "defense", "blackhole"]


class BalancePart(Part):
    amount: float | str
    currency: str = ""


class GuardsPart(Part):
    """What watches over the exit. `firewall_addresses` says which public addresses the Internet
    border firewall protects."""

    firewall_policies: list[FirewallPolicyPart] | None = None
    firewall_addresses: dict[str, Literal["open", "opening", "closed", "closing"]] | None = None
    ddos: list[DdosPart] | None = None
    balance: float | str | BalancePart | None = None


class MetricPart(Part):
    """How much was dropped, at the peak: port allocations and connections of a NAT gateway,
    packets over the bandwidth of an EIP or a shared bandwidth, packets of a gateway."""

    resource: str
    metric: Literal["snat_port_allocation_drops", "connection_drops", "bandwidth_drops"]
    value: Annotated[float, Field(ge=0, lt=1e18, allow_inf_nan=False)]


class DhcpOptionsSetPart(Part):
    id: str
    name_servers: Ids | None = None
    vpcs: Ids | None = None


class PrivateZonePart(Part):
    """A zone of PrivateZone; without `vpcs` nobody knows to which it is bound."""

    id: str | None = None
    name: str
    vpcs: Ids | None = None


class DnsObservation(Part):
    name: str
    status: str


class ObservationPart(Part):
    """One thing somebody saw; exactly one key."""

    error: str | None = None
    resolved: dict[str, list[str] | str] | None = None
    dns: DnsObservation | None = None
    tcp: Literal["refused", "timeout", "connected"] | None = None
    resolv_conf: list[str] | None = None


class CaseFile(Part):
    """A case in short form. A list that is given counts as complete as given, except `pods`,
    `network_interfaces` and `instances`; an empty list says there are none; a key left out says
    nothing."""

    model_config = ConfigDict(title="wayout case file")

    apiVersion: Literal["wayout/v1"]
    kind: Literal["Case"]
    metadata: dict[str, Any] | None = Field(default=None, description="Free; not read.")
    description: str | None = Field(default=None, description="Free; not read.")
    question: QuestionPart | None = None
    cluster: ClusterPart | None = None
    pod: PodPart | None = None
    pods: list[PodPart] | None = None
    namespaces: list[str | NamespacePart] | None = None
    services: list[ServicePart | dict[str, Any]] | None = None
    network_policies: list[dict[str, Any]] | None = None
    security_groups: list[SecurityGroupPart] | None = None
    network_interfaces: list[InterfacePart] | None = None
    vswitches: list[VSwitchPart] | None = None
    vpc: VpcPart | None = None
    vpcs: list[VpcPart] | None = None
    route_tables: list[RouteTablePart] | None = None
    nat_gateways: list[NatGatewayPart] | None = None
    eips: list[EipPart] | None = None
    network_acls: list[NetworkAclPart] | None = None
    prefix_lists: dict[str, list[str]] | None = None
    port_lists: dict[str, list[str]] | None = None
    guards: GuardsPart | None = None
    metrics: list[MetricPart] | None = None
    private_zones: list[PrivateZonePart] | None = None
    dhcp_options_sets: list[DhcpOptionsSetPart] | None = None
    ecs_instances: list[EcsInstancePart] | None = None
    vpc_peers: list[VpcPeerPart] | None = None
    private_endpoints: list[PrivateEndpointPart] | None = None
    mount_targets: list[MountTargetPart] | None = None
    permission_groups: dict[str, list[NasRulePart]] | None = None
    registries: list[RegistryPart] | None = None
    key_stores: list[KeyStorePart] | None = None
    buckets: list[BucketPart] | None = None
    access_points: list[AccessPointPart] | None = None
    gateway_endpoints: list[GatewayEndpointPart] | None = None
    block_public_access: bool | None = Field(
        default=None, description="Block Public Access of OSS for the whole account."
    )
    load_balancers: list[BalancerPart] | None = None
    server_groups: list[ServerGroupPart] | None = None
    access_control_lists: dict[str, list[str]] | None = Field(
        default=None, description="The entries of access control lists of load balancers, by id."
    )
    instances: list[InstancePart] | None = None
    documents: list[Any] | None = Field(
        default=None, description="Full documents of any kind wayout reads."
    )
    observations: list[ObservationPart] | None = None
    collected: list[str] | None = Field(
        default=None, description="Lists that are complete as given: pods, snat_entries/ngw-1."
    )
    told: list[dict[str, Any]] | None = Field(
        default=None,
        description="Changes on everything else that is known: replies to questions, in the "
        "form of the changes of a fix ({add|set|remove|complete: <list>, …}).",
    )
    asked: list[str] | None = Field(
        default=None, description="Ids of the questions that were replied to."
    )
    unknown: list[str] | None = Field(
        default=None, description="Lists or facts somebody was asked for and could not tell."
    )


def case_file_schema() -> dict[str, Any]:
    """The JSON Schema of the case file, for editors."""
    schema = CaseFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
