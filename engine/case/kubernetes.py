"""The parts of Kubernetes objects that wayout reads, in the shape the API server prints them.

Only what a gate needs is kept; everything else of a document is dropped on load, so that no
environment variable, token or managed field survives in a case.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from wayout.engine.case.secrets import scrub

__all__ = [
    "ConfigMap",
    "Container",
    "EndpointSlice",
    "Endpoints",
    "Event",
    "Gateway",
    "GlobalTrafficPolicy",
    "HttpRoute",
    "Ingress",
    "LabelSelector",
    "Namespace",
    "NetworkPolicy",
    "Pod",
    "PodEip",
    "Service",
    "TrafficPolicy",
    "TrafficServiceRef",
    "Workload",
]


class KubeModel(BaseModel):
    """Frozen, camelCase outside, unknown fields ignored: a newer API must not break a diagnosis.

    Strict as the API server: a text is no number, "false" is no truth value.
    """

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="ignore",
        alias_generator=to_camel,
        populate_by_name=True,
        hide_input_in_errors=True,
        defer_build=True,  # a case holds a few kinds of objects only
    )


KEPT_DOMAINS = (".aliyun.com", ".alibabacloud.com")
KEPT_PREFIXES = (  # how the cloud controller manager is told what load balancer to make
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-",
    "service.beta.kubernetes.io/alicloud-loadbalancer-",
)


def kept_annotations(value: Any) -> Any:
    """Annotations of Alibaba Cloud only; others may hold whole manifests, with their secrets."""
    if not isinstance(value, dict):
        return value
    return {
        key: scrub(text) if isinstance(text, str) else text
        for key, text in value.items()
        if isinstance(key, str)
        and (f".{key.partition('/')[0]}".endswith(KEPT_DOMAINS) or key.startswith(KEPT_PREFIXES))
    }


Annotations = Annotated[dict[str, str], BeforeValidator(kept_annotations)]
ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^/\s\x00-\x1f\x7f]+$")]


class OwnerReference(KubeModel):
    kind: str = ""
    name: str = ""
    controller: bool = False


class Meta(KubeModel):
    name: ObjectName
    namespace: str = ""  # "" for cluster-scoped objects; the loader fills "default" for the others
    labels: dict[str, str] = {}
    annotations: Annotations = {}
    creation_timestamp: str = ""
    owner_references: list[OwnerReference] = []


class KubeObject(KubeModel):
    metadata: Meta

    @property
    def key(self) -> str:
        """`namespace/name`, or `name` for cluster-scoped objects."""
        meta = self.metadata
        return f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name


class LabelSelectorRequirement(KubeModel):
    key: str
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"]
    values: list[str] = []


class LabelSelector(KubeModel):
    """`{}` selects everything; a missing selector (None) is a different thing."""

    match_labels: dict[str, str] = {}
    match_expressions: list[LabelSelectorRequirement] = []


class Namespace(KubeObject):
    pass


class ContainerPort(KubeModel):
    container_port: int
    name: str = ""
    protocol: str = "TCP"


class Container(KubeModel):
    name: str = ""
    ports: list[ContainerPort] = []


class DnsOption(KubeModel):
    name: str = ""
    value: str | None = None


class DnsConfig(KubeModel):
    nameservers: list[str] = []
    searches: list[str] = []
    options: list[DnsOption] = []


class ReadinessGate(KubeModel):
    condition_type: str = ""


class PodSpec(KubeModel):
    containers: list[Container] = []
    init_containers: list[Container] = []
    dns_policy: str = "ClusterFirst"
    dns_config: DnsConfig | None = None
    host_network: bool = False
    node_name: str = ""
    readiness_gates: list[ReadinessGate] = []


class PodIp(KubeModel):
    ip: str


class Condition(KubeModel):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: Annotated[str, AfterValidator(scrub)] = ""


class PodStatus(KubeModel):
    phase: str = ""
    pod_ip: str = Field(default="", alias="podIP")
    pod_ips: list[PodIp] = Field(default=[], alias="podIPs")
    conditions: list[Condition] = []
    start_time: str = ""


class Pod(KubeObject):
    spec: PodSpec = Field(default_factory=PodSpec)
    status: PodStatus = Field(default_factory=PodStatus)


class PodTemplate(KubeModel):
    class TemplateMeta(KubeModel):
        labels: dict[str, str] = {}
        annotations: Annotations = {}

    metadata: TemplateMeta = Field(default_factory=TemplateMeta)


class Workload(KubeObject):
    """Deployment, StatefulSet, DaemonSet, ReplicaSet, Job: own metadata and the pod template."""

    class Spec(KubeModel):
        selector: LabelSelector | None = None
        template: PodTemplate = Field(default_factory=PodTemplate)

    kind: str = ""
    spec: Spec = Field(default_factory=Spec)

    @property
    def key(self) -> str:
        """`namespace/kind/name`: a Deployment and a StatefulSet may share a name."""
        return f"{self.metadata.namespace}/{self.kind}/{self.metadata.name}"


class ServicePort(KubeModel):
    port: int
    name: str = ""
    protocol: str = "TCP"
    target_port: int | str | None = None
    node_port: int | None = None


class LoadBalancerIngress(KubeModel):
    ip: str = ""
    hostname: str = ""
    ip_mode: str = ""


class Service(KubeObject):
    class Spec(KubeModel):
        type: str = "ClusterIP"
        cluster_ip: str = Field(default="", alias="clusterIP")
        cluster_ips: list[str] = Field(default=[], alias="clusterIPs")
        selector: dict[str, str] = {}
        ports: list[ServicePort] = []
        external_name: str = ""
        external_traffic_policy: str = ""
        internal_traffic_policy: str = ""
        publish_not_ready_addresses: bool = False
        load_balancer_class: str = ""
        load_balancer_ip: str = Field(default="", alias="loadBalancerIP")
        external_ips: list[str] = Field(default=[], alias="externalIPs")

    class Status(KubeModel):
        class Balancer(KubeModel):
            ingress: list[LoadBalancerIngress] = []

        load_balancer: Balancer = Field(default_factory=Balancer)

    spec: Spec = Field(default_factory=Spec)
    status: Status = Field(default_factory=Status)


class EndpointConditions(KubeModel):
    ready: bool | None = None
    serving: bool | None = None
    terminating: bool | None = None


class TargetRef(KubeModel):
    kind: str = ""
    name: str = ""
    namespace: str = ""


class EndpointSlice(KubeObject):
    """Belongs to the Service named by the label `kubernetes.io/service-name`."""

    class Endpoint(KubeModel):
        addresses: list[str] = []
        conditions: EndpointConditions = Field(default_factory=EndpointConditions)
        target_ref: TargetRef | None = None
        node_name: str = ""

    class Port(KubeModel):
        name: str | None = None
        port: int | None = None
        protocol: str = "TCP"

    address_type: str = "IPv4"
    endpoints: list[Endpoint] = []
    ports: list[Port] = []


class EndpointAddress(KubeModel):
    ip: str
    target_ref: TargetRef | None = None
    node_name: str = ""


class EndpointPort(KubeModel):
    name: str = ""
    port: int
    protocol: str = "TCP"


class EndpointSubset(KubeModel):
    addresses: list[EndpointAddress] = []
    not_ready_addresses: list[EndpointAddress] = []
    ports: list[EndpointPort] = []


class Endpoints(KubeObject):
    subsets: list[EndpointSubset] = []


class IpBlock(KubeModel):
    cidr: str
    except_: list[str] = Field(default=[], alias="except")


class NetworkPolicyPeer(KubeModel):
    ip_block: IpBlock | None = None
    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None


class NetworkPolicyPort(KubeModel):
    protocol: str = "TCP"
    port: int | str | None = None
    end_port: int | None = None


class NetworkPolicyEgressRule(KubeModel):
    to: list[NetworkPolicyPeer] = []
    ports: list[NetworkPolicyPort] = []


class NetworkPolicyIngressRule(KubeModel):
    from_: list[NetworkPolicyPeer] = Field(default=[], alias="from")
    ports: list[NetworkPolicyPort] = []


class NetworkPolicy(KubeObject):
    """`egress` and `policy_types` are None when the document has no such field."""

    class Spec(KubeModel):
        pod_selector: LabelSelector = Field(default_factory=LabelSelector)
        policy_types: list[str] | None = None
        egress: list[NetworkPolicyEgressRule] | None = None
        ingress: list[NetworkPolicyIngressRule] | None = None

    spec: Spec = Field(default_factory=Spec)


class TrafficServiceRef(KubeModel):
    name: str = ""
    namespace: str = ""


class TrafficWorkloadRef(KubeModel):
    namespace: str = ""
    selector: LabelSelector | None = None


class TrafficPeer(KubeModel):
    cidr: str = ""
    fqdn: str = ""
    service: TrafficServiceRef | None = None
    workload: TrafficWorkloadRef | None = None


class TrafficRule(KubeModel):
    action: str = ""
    to: list[TrafficPeer] = []
    from_: list[TrafficPeer] = Field(default=[], alias="from")
    ports: list[NetworkPolicyPort] = []


class TrafficDirection(KubeModel):
    rules: list[TrafficRule] = []


class TrafficPolicy(KubeObject):
    """TrafficPolicy of ACS: ordered allow and deny rules for the pods of one namespace."""

    class Spec(KubeModel):
        priority: int = 1000
        selector: LabelSelector = Field(default_factory=LabelSelector)
        egress: TrafficDirection | None = None
        ingress: TrafficDirection | None = None

    spec: Spec = Field(default_factory=Spec)


class GlobalTrafficPolicy(TrafficPolicy):
    """The same without a namespace: its selector is matched against every pod."""


class ConfigMap(KubeObject):
    """Data is kept for `kube-system/acs-profile`, `eci-profile` and `coredns` only."""

    data: dict[str, str] = {}


class PodEip(KubeObject):
    """`PodEIP` of ack-extend-network-controller; same name and namespace as its pod."""

    class Spec(KubeModel):
        allocation_id: str = Field(default="", alias="allocationID")

    class Status(KubeModel):
        eip_address: str = ""
        network_interface_id: str = Field(default="", alias="networkInterfaceID")
        private_ip_address: str = Field(default="", alias="privateIPAddress")
        status: str = ""

    spec: Spec = Field(default_factory=Spec)
    status: Status = Field(default_factory=Status)


class Ingress(KubeObject):
    class Spec(KubeModel):
        class Rule(KubeModel):
            host: str = ""

        rules: list[Rule] = []

    class Status(KubeModel):
        class Balancer(KubeModel):
            ingress: list[LoadBalancerIngress] = []

        load_balancer: Balancer = Field(default_factory=Balancer)

    spec: Spec = Field(default_factory=Spec)
    status: Status = Field(default_factory=Status)


class ObjectRef(KubeModel):
    kind: str = ""
    namespace: str = ""
    name: str = ""


class Event(KubeObject):
    """What a controller reported about an object; kept for Services only.

    The core API calls the object `involvedObject` and its text `message`, events.k8s.io `regarding`
    and `note`.
    """

    involved_object: ObjectRef = Field(default_factory=ObjectRef)
    regarding: ObjectRef = Field(default_factory=ObjectRef)
    type: str = ""
    reason: str = ""
    message: Annotated[str, AfterValidator(scrub)] = ""
    note: Annotated[str, AfterValidator(scrub)] = ""
    last_timestamp: str = ""

    @property
    def about(self) -> ObjectRef:
        """The object it reports on."""
        return self.involved_object if self.involved_object.name else self.regarding


class Gateway(KubeObject):
    """`Gateway` of gateway.networking.k8s.io."""

    class Spec(KubeModel):
        class Listener(KubeModel):
            hostname: str = ""

        listeners: list[Listener] = []

    class Status(KubeModel):
        class Address(KubeModel):
            type: str = "IPAddress"
            value: str = ""

        addresses: list[Address] = []

    spec: Spec = Field(default_factory=Spec)
    status: Status = Field(default_factory=Status)


class HttpRoute(KubeObject):
    """`HTTPRoute` of gateway.networking.k8s.io: the host names it brings to its Gateways."""

    class Spec(KubeModel):
        parent_refs: list[ObjectRef] = []
        hostnames: list[str] = []

    spec: Spec = Field(default_factory=Spec)
