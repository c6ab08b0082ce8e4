"""Facts of the destination: what the question names, and what stands there."""

from typing import Literal

from wayout.engine.facts.base import Fact, ListRef

__all__ = [
    "BalancerAddress",
    "BalancerBypass",
    "DestinationAddress",
    "DestinationPod",
    "DestinationService",
    "FlowBackend",
    "FlowsOmitted",
    "IngressHost",
    "TcpObservation",
]


class DestinationAddress(Fact):
    """What the flow's destination was named as, and where its address is known from."""

    flow: str
    form: Literal["address", "name", "service", "pod", "resource"] = "address"
    name: str = ""  # the name, Service, pod or resource id; "" for a literal address
    resource: Literal[
        "",
        "network-interface",
        "eip",
        "instance",
        "load-balancer",
        "database",
        "cache",
        "other",
    ] = ""
    eip: str = ""  # the EIP of this account that has the address
    has_eip: bool = False
    is_loopback: bool = False  # a packet to it never leaves the pod
    is_self: bool = False  # the address of the pod itself


class FlowsOmitted(Fact):
    """A destination with more endpoints than are judged one by one."""

    flow: str
    total: int
    judged: int


class DestinationService(Fact):
    """The Service the flow is meant for, by name, cluster IP or load-balancer address.

    has_port: whether the Service has the port asked for. endpoints: what stands behind that port.
    Which endpoint a flow ends at is said by `flow_backend`.
    """

    flow: str
    service: str  # namespace/name
    namespace: str = "default"
    state: Literal["present", "absent", "missing"] = "present"
    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Headless", ""] = (
        "ClusterIP"
    )
    cluster_ip: str = ""
    port: int = 0
    protocol: str = "tcp"
    ports: str = ""  # what the Service offers: "80/TCP, 443/TCP"
    has_port: Literal["yes", "no", "unknown"] = "yes"
    endpoints: Literal["ready", "none", "unknown"] = "ready"
    ready: int = 0
    not_ready: int = 0
    selector: str = ""
    external_name: str = ""
    is_balancer: bool = False  # dialled by the address of its load balancer


class FlowBackend(Fact):
    """The endpoint a Service sends this flow to."""

    flow: str
    service: str
    ip: str
    port: int = 0
    pod: str = ""  # namespace/name, "" when the endpoint names no pod


class DestinationPod(Fact):
    """The pod that has the address of the flow, or that the question names."""

    flow: str
    pod: str
    state: Literal["present", "absent", "missing"] = "present"
    phase: Literal["Running", "Pending", "Succeeded", "Failed", "Unknown", "unstated"] = "Running"
    ip: str = ""
    has_ip: bool = True
    port: Literal["declared", "undeclared", "none"] = "none"  # in the container ports


class BalancerAddress(Fact):
    """The address dialled belongs to the load balancer of a Service of this cluster.

    is_intercepted: the data plane of the cluster knows the address and answers for it itself.
    """

    from_list = ListRef("services")

    flow: str
    address: str  # the address or host name dialled, before interception
    service: str  # namespace/name
    policy: Literal["Cluster", "Local", "unstated"] = "Cluster"  # externalTrafficPolicy
    is_intercepted: bool = True
    has_port: bool = True
    listener: Literal["tcp", "http", "https", "proxy-protocol", "unknown"] = "unknown"
    endpoints: Literal["ready", "none", "unknown"] = "ready"
    cluster_ip: str = ""


class BalancerBypass(Fact):
    """Why the flow's address cannot be the load balancer of a Service of this cluster."""

    flow: str
    why: Literal["private-range", "pod", "service", "platform"]


class IngressHost(Fact):
    """The name or address dialled is that of an Ingress of this cluster."""

    from_list = ListRef("ingresses")

    flow: str
    ingress: str  # namespace/name
    by: Literal["host", "address"] = "host"


class TcpObservation(Fact):
    """What somebody saw when they tried to connect."""

    flow: str
    result: Literal["connected", "refused", "timeout"]
