"""What stands at the other end besides databases and load balancers: ECS instances, peering
connections, PrivateLink endpoints, NAS mount targets, registries and key stores."""

from wayout.engine.case.alibaba import CloudModel, Id

__all__ = [
    "AccessRule",
    "EcsInstance",
    "KeyStore",
    "LinkedVpc",
    "MountTarget",
    "PrivateEndpoint",
    "RegistryEndpoint",
    "VpcPeer",
]


class EcsInstance(CloudModel):
    """One instance of DescribeInstances; its interfaces become network interfaces of the case."""

    instance_id: Id
    instance_name: str | None = None
    status: str | None = None  # Running | Stopped | Starting | Stopping | Pending
    lock_reasons: tuple[str, ...] = ()  # OperationLocks.LockReason[].LockReason
    region_id: str | None = None
    vpc_id: str | None = None
    private_ips: tuple[str, ...] = ()
    public_ips: tuple[str, ...] = ()  # the fixed public address and the EIP

    @property
    def key(self) -> str:
        return self.instance_id


class VpcPeer(CloudModel):
    """One peering connection (GetVpcPeerConnectionAttribute, ListVpcPeerConnections)."""

    instance_id: Id
    name: str | None = None
    status: str | None = None  # Creating | Accepting | Activated | Rejected | Expired …
    biz_status: str | None = None  # Normal | FinancialLocked
    region_id: str | None = None
    vpc_id: str | None = None  # of the side that asked
    cidrs: list[str] | None = None
    accepting_vpc_id: str | None = None
    accepting_cidrs: list[str] | None = None

    @property
    def key(self) -> str:
        return self.instance_id


class PrivateEndpoint(CloudModel):
    """One PrivateLink endpoint (GetVpcEndpointAttribute) with its security groups.

    Its zones are endpoints of the instance: name, address of the network interface, vSwitch.
    """

    endpoint_id: Id
    endpoint_status: str | None = None  # Creating | Active | Pending | Deleting
    connection_status: str | None = None  # Pending | Connected | Disconnected …
    endpoint_business_status: str | None = None  # Normal | FinancialLocked
    endpoint_domain: str | None = None
    service_name: str | None = None
    region_id: str | None = None
    vpc_id: str | None = None
    policy_document: str | None = None
    security_group_ids: list[str] | None = None  # ListVpcEndpointSecurityGroups

    @property
    def key(self) -> str:
        return self.endpoint_id


class MountTarget(CloudModel):
    """One mount target of a file system (DescribeMountTargets)."""

    mount_target_domain: Id
    file_system_id: str | None = None
    network_type: str | None = None  # Vpc | Classic
    status: str | None = None  # Active | Inactive | Pending | Deleting
    vpc_id: str | None = None
    v_switch_id: str | None = None
    access_group: str | None = None
    ip: str | None = None

    @property
    def key(self) -> str:
        return self.mount_target_domain


class AccessRule(CloudModel):
    """One rule of a permission group of NAS (DescribeAccessRules)."""

    access_rule_id: str = ""
    source_cidr_ip: str = ""
    priority: str = "1"  # 1 is read first, 100 last
    rw_access: str = ""  # RDWR | RDONLY
    user_access: str = ""

    @property
    def key(self) -> str:
        return self.access_rule_id


class LinkedVpc(CloudModel):
    """A VPC that a registry or a key store is linked to."""

    vpc_id: str = ""
    v_switch_id: str = ""
    ip: str = ""
    status: str = ""  # CREATING | RUNNING; "" where the API tells none


class RegistryEndpoint(CloudModel):
    """The public entry of a container registry and the VPCs linked to it.

    GetInstanceEndpoint tells the first three fields, GetInstanceVpcEndpoint the last two.
    """

    instance_id: Id
    is_public_enabled: bool | None = None
    is_acl_enabled: bool | None = None
    acl_entries: list[str] | None = None
    is_vpc_enabled: bool | None = None
    linked_vpcs: list[LinkedVpc] | None = None

    @property
    def key(self) -> str:
        return self.instance_id


class KeyStore(CloudModel):
    """One key management instance (GetKmsInstance)."""

    instance_id: Id
    status: str | None = None  # Uninitialized | Connecting | Connected | Disconnected | Error
    vpc_id: str | None = None
    bind_vpcs: list[LinkedVpc] | None = None

    @property
    def key(self) -> str:
        return self.instance_id
