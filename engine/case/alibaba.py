"""The parts of Alibaba Cloud OpenAPI answers that wayout reads, under their real field names.

OpenAPI wraps each list twice (`Permissions.Permission[]`); the loader unwraps it. `None` in an
optional field means that no document said anything about it; "" means that a document said "".
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from wayout.engine.case.secrets import scrub

__all__ = [
    "AccountBalance",
    "Cluster",
    "DdosAddress",
    "DhcpOptionsSet",
    "Eip",
    "FirewallAsset",
    "FirewallPolicy",
    "ForwardEntry",
    "Metric",
    "NatGateway",
    "NetworkAcl",
    "NetworkAclEntry",
    "NetworkInterface",
    "PortRangeEntry",
    "PrefixListEntry",
    "PrivateZone",
    "RouteEntry",
    "RouteTable",
    "SecurityGroup",
    "SecurityGroupRule",
    "SnatEntry",
    "VSwitch",
    "Vpc",
    "ZoneVpc",
]


Id = Annotated[
    str, Field(strict=True, min_length=1, max_length=256, pattern=r"^[^/\s\x00-\x1f\x7f]+$")
]
Prose = Annotated[str, AfterValidator(scrub)]


class CloudModel(BaseModel):
    """Frozen, PascalCase outside, unknown fields ignored.

    The loader brings keys into this spelling first, because the products disagree (`VswitchId`,
    `VSwitchId`; `SourceCIDR`) and some SDKs print snake_case.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        alias_generator=to_pascal,
        populate_by_name=True,
        coerce_numbers_to_str=True,
        hide_input_in_errors=True,
        defer_build=True,  # a case holds a few kinds of objects only
    )


class SecurityGroup(CloudModel):
    """DescribeSecurityGroups (type, owner) merged with DescribeSecurityGroupAttribute (access)."""

    security_group_id: Id
    security_group_name: str | None = None
    security_group_type: str | None = None  # normal | enterprise
    inner_access_policy: str | None = None  # Accept | Drop, basic groups only
    vpc_id: str | None = None
    service_managed: bool | None = None

    @property
    def key(self) -> str:
        return self.security_group_id


class SecurityGroupRule(CloudModel):
    """One `Permission`; every string may be empty or absent, so the default is "" here."""

    security_group_rule_id: str = ""
    direction: str = ""  # egress | ingress
    ip_protocol: str = ""
    port_range: str = ""
    port_range_list_id: str = ""
    dest_cidr_ip: str = ""
    ipv6_dest_cidr_ip: str = Field(default="", alias="Ipv6DestCidrIp")
    dest_group_id: str = ""
    dest_prefix_list_id: str = ""
    source_cidr_ip: str = ""
    ipv6_source_cidr_ip: str = Field(default="", alias="Ipv6SourceCidrIp")
    source_group_id: str = ""
    source_prefix_list_id: str = ""
    source_port_range: str = ""
    policy: str = "Accept"
    priority: str = "1"
    description: Prose = ""

    @property
    def key(self) -> str:
        return self.security_group_rule_id


class NetworkInterface(CloudModel):
    """One ENI of DescribeNetworkInterfaces; the authority on the groups and vSwitch of a pod."""

    network_interface_id: Id
    private_ip_address: str = ""
    private_ips: list[str] = []  # every private IPv4 address, the primary one included
    ipv6_addresses: list[str] = []
    security_group_ids: list[str] | None = None
    v_switch_id: str | None = None
    vpc_id: str | None = None
    status: str | None = None
    type: str | None = None
    instance_id: str | None = None  # what it is attached to; "" for nothing
    service_managed: bool | None = None  # a cloud service owns it, not the user
    associated_public_ip: str | None = None  # "" when the document says there is none
    associated_public_ip_allocation_id: str | None = None

    @property
    def key(self) -> str:
        return self.network_interface_id


class VSwitch(CloudModel):
    v_switch_id: Id
    cidr_block: str | None = None
    ipv6_cidr_block: str | None = Field(default=None, alias="Ipv6CidrBlock")
    vpc_id: str | None = None
    zone_id: str | None = None
    status: str | None = None
    available_ip_address_count: int | None = None
    network_acl_id: str | None = None  # "" when the document says that none is bound
    route_table_id: str | None = None
    route_table_type: str | None = None  # System | Custom

    @property
    def key(self) -> str:
        return self.v_switch_id


class Vpc(CloudModel):
    vpc_id: Id
    cidr_block: str | None = None
    secondary_cidr_blocks: list[str] | None = None
    user_cidrs: list[str] | None = None
    ipv6_cidr_block: str | None = Field(default=None, alias="Ipv6CidrBlock")
    support_ipv4_gateway: bool | None = Field(default=None, alias="SupportIpv4Gateway")
    ipv4_gateway_id: str | None = Field(default=None, alias="Ipv4GatewayId")
    dhcp_options_set_id: str | None = None
    status: str | None = None

    @property
    def key(self) -> str:
        return self.vpc_id


class RouteTable(CloudModel):
    route_table_id: Id
    route_table_type: str | None = None  # System | Custom
    associate_type: str | None = None
    vpc_id: str | None = None
    v_switch_ids: list[str] | None = None
    status: str | None = None

    @property
    def key(self) -> str:
        return self.route_table_id


class NextHop(CloudModel):
    next_hop_type: str = ""
    next_hop_id: str = ""
    enabled: int | None = None
    weight: int | None = None


class RouteEntry(CloudModel):
    route_entry_id: str = ""
    route_entry_name: str = ""
    route_table_id: str = ""
    destination_cidr_block: str = ""
    ip_version: str = ""
    type: str = ""
    status: str = "Available"
    next_hops: list[NextHop] = []  # NextHopType/NextHopId/InstanceId of old answers end up here too

    @property
    def key(self) -> str:
        return self.route_entry_id or f"{self.route_table_id}:{self.destination_cidr_block}"


class NatIp(CloudModel):
    allocation_id: str = ""
    ip_address: str = ""
    using_status: str | None = None
    snat_entry_enabled: bool | None = None


class NatGateway(CloudModel):
    nat_gateway_id: Id
    name: str | None = None
    network_type: str | None = None  # internet | intranet
    status: str | None = None
    business_status: str | None = None
    eip_bind_mode: str | None = None
    vpc_id: str | None = None
    ips: list[NatIp] | None = None  # IpLists.IpList
    snat_table_ids: list[str] | None = None
    forward_table_ids: list[str] | None = None
    v_switch_id: str | None = None  # NatGatewayPrivateInfo.VswitchId
    security_protection_enabled: bool | None = None

    @property
    def key(self) -> str:
        return self.nat_gateway_id


class SnatEntry(CloudModel):
    snat_entry_id: str = ""
    snat_entry_name: str = ""
    snat_table_id: str = ""
    nat_gateway_id: str = ""
    source_cidr: str = Field(default="", alias="SourceCIDR")
    source_v_switch_id: str = ""
    network_interface_id: str = ""
    snat_ip: str = ""  # "ip1,ip2"
    status: str = "Available"

    @property
    def key(self) -> str:
        return self.snat_entry_id


class ForwardEntry(CloudModel):
    forward_entry_id: str = ""
    forward_table_id: str = ""
    nat_gateway_id: str = ""
    external_ip: str = ""
    external_port: str = ""
    internal_ip: str = ""
    internal_port: str = ""
    ip_protocol: str = ""
    status: str = "Available"

    @property
    def key(self) -> str:
        return self.forward_entry_id


class Eip(CloudModel):
    allocation_id: Id
    ip_address: str = ""
    status: str | None = None
    business_status: str | None = None
    lock_reasons: list[str] = []  # OperationLocks.LockReason[].LockReason
    instance_id: str | None = None  # "" when the document says it is bound to nothing
    instance_type: str | None = None
    private_ip_address: str | None = None
    mode: str | None = None
    bandwidth: str | None = None
    bandwidth_package_id: str | None = None  # the shared bandwidth it has joined
    vpc_id: str | None = None

    @property
    def key(self) -> str:
        return self.allocation_id


class NetworkAclEntry(CloudModel):
    """One entry; its place in the list is its priority."""

    network_acl_entry_id: str = ""
    network_acl_entry_name: str = ""
    policy: str = ""
    protocol: str = ""
    port: str = "-1/-1"
    destination_cidr_ip: str = ""
    source_cidr_ip: str = ""
    ip_version: str = ""
    entry_type: str = "custom"


class NetworkAcl(CloudModel):
    network_acl_id: Id
    vpc_id: str | None = None
    status: str | None = None
    egress_entries: list[NetworkAclEntry] | None = None  # None: only the header was collected
    ingress_entries: list[NetworkAclEntry] | None = None
    bound_v_switch_ids: list[str] | None = None  # Resources.Resource[] of type VSwitch
    binding_v_switch_ids: list[str] = []  # those whose Status is BINDING or UNBINDING

    @property
    def key(self) -> str:
        return self.network_acl_id


class PrefixListEntry(CloudModel):
    prefix_list_id: str = ""
    cidr: str
    description: Prose = ""


class PortRangeEntry(CloudModel):
    port_range_list_id: str = ""
    port_range: str
    description: Prose = ""


class FirewallPolicy(CloudModel):
    """One Internet border policy of Cloud Firewall (DescribeControlPolicy)."""

    acl_uuid: str
    acl_action: str = ""  # accept | drop | log
    direction: str = ""  # in | out
    source: str = ""
    source_type: str = "net"  # net | group | location
    source_group_cidrs: list[str] = []
    destination: str = ""
    destination_type: str = "net"  # net | group | domain | location
    destination_group_cidrs: list[str] = []
    proto: str = "ANY"
    dest_port: str = ""  # "a/b"; "" and "0/0" are all ports
    dest_port_type: str = "port"  # port | group
    dest_port_group_ports: list[str] = []
    application_name: str = "ANY"
    order: str = ""  # the smallest first, -1 last
    release: bool | None = None  # False: switched off

    @property
    def key(self) -> str:
        return self.acl_uuid


class FirewallAsset(CloudModel):
    """A public address and whether the Internet border firewall protects it (DescribeAssetList)."""

    internet_address: str
    protect_status: str = ""  # open | opening | closed

    @property
    def key(self) -> str:
        return self.internet_address


class DdosAddress(CloudModel):
    """A public address as Anti-DDoS sees it (DescribeInstanceIpAddress)."""

    instance_ip: str
    ip_status: str = ""  # normal | defense | blackhole, older answers hole_begin

    @property
    def key(self) -> str:
        return self.instance_ip


class AccountBalance(CloudModel):
    """QueryAccountBalance; an account has one."""

    available_amount: str  # may be negative and have thousands separators
    currency: str = ""

    @property
    def key(self) -> str:
        return "account"


class Metric(CloudModel):
    """A CloudMonitor metric of one resource: the peak of the datapoints of one answer."""

    namespace: str
    metric_name: str
    instance_id: Id
    value: str  # a decimal number, never negative
    timestamp: str = ""  # of the peak, in milliseconds

    @property
    def key(self) -> str:
        return f"{self.instance_id}/{self.namespace}/{self.metric_name}/{self.timestamp}"


class DhcpOptionsSet(CloudModel):
    """What a VPC hands out to its hosts (GetDhcpOptionsSet, ListDhcpOptionsSets)."""

    dhcp_options_set_id: Id
    domain_name_servers: list[str] | None = None
    vpc_ids: list[str] | None = None  # AssociateVpcs

    @property
    def key(self) -> str:
        return self.dhcp_options_set_id


class ZoneVpc(CloudModel):
    vpc_id: str = ""
    region_id: str = ""


class PrivateZone(CloudModel):
    """A zone of PrivateZone (DescribeZoneInfo, DescribeZoneVpcTree; DescribeZones has no VPCs)."""

    zone_id: Id
    zone_name: str = ""
    proxy_pattern: str | None = None  # ZONE | RECORD: names it lacks are looked up on the Internet
    vpcs: list[ZoneVpc] | None = None  # those it is bound to; None: not told

    @property
    def key(self) -> str:
        return self.zone_id


class Cluster(CloudModel):
    """DescribeClusterDetail (ROA API, snake_case) or the `cluster` part of a case file."""

    model_config = ConfigDict(alias_generator=None)

    cluster_id: str = ""
    name: str | None = None
    region_id: str | None = None
    vpc_id: str | None = None
    security_group_id: str | None = None
    vswitch_ids: list[str] | None = None
    service_cidr: str | None = None
    container_cidr: str | None = None
    ip_stack: str | None = None
    private_zone: bool | None = None
    profile: str | None = None
    cluster_type: str | None = None
    state: str | None = None
    external_loadbalancer_id: str | None = None  # the CLB in front of the API server

    @property
    def key(self) -> str:
        return self.cluster_id
