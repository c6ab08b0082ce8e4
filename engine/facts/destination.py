"""Facts of the destination: what the question names, and what stands there."""

from typing import Literal

from wayout.engine.facts.base import Fact, ListRef

__all__ = [
    "BalancerAddress",
    "BalancerBypass",
    "BalancerSetup",
    "DestinationAddress",
    "DestinationPod",
    "DestinationService",
    "FlowBackend",
    "FlowsOmitted",
    "IngressHost",
    "NodePort",
    "PerhapsOwnBalancer",
    "ServiceClient",
    "ServiceWarning",
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
    target: whether the pods have the container port that the Service names as its target.
    Which endpoint a flow ends at is said by `flow_backend`.
    """

    flow: str
    service: str  # namespace/name
    namespace: str = "default"
    name: str = ""
    state: Literal["present", "absent", "missing"] = "present"
    type: Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Headless", ""] = (
        "ClusterIP"
    )
    cluster_ip: str = ""
    port: int = 0
    protocol: str = "tcp"
    ports: str = ""  # what the Service offers: "80/TCP, 443/TCP"
    has_port: Literal["yes", "no", "unknown"] = "yes"
    other_protocol: str = ""  # "UDP" when the port exists, but with this protocol
    endpoints: Literal["ready", "none", "unknown"] = "ready"
    ready: int = 0
    not_ready: int = 0
    target: Literal["ok", "missing"] = "ok"
    target_port: str = ""  # the name of the container port, "" when the Service gives a number
    pods: str = ""  # those without the container port, comma separated
    selector: str = ""
    has_selector: bool = True  # without one its endpoints are written by hand
    publishes_unready: bool = False  # publishNotReadyAddresses
    internal_policy: Literal["Cluster", "Local", "unstated"] = "Cluster"  # internalTrafficPolicy
    dns_name: str = ""  # its name inside the cluster
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
    """The address or name dialled is that of the load balancer of a Service of this cluster.

    is_intercepted: the data plane of the cluster knows the address and answers for it itself.
    known_as: how the status of the Service gives the load balancer; only an `ip` is intercepted.
    needs_balancer: the load balancer does to the bytes what the endpoints then rely on.
    """

    from_list = ListRef("services")

    flow: str
    address: str  # the address or host name dialled, before interception
    service: str  # namespace/name
    namespace: str = "default"
    name: str = ""
    dns_name: str = ""  # the name of the Service inside the cluster
    cluster_ip: str = ""
    policy: Literal["Cluster", "Local", "unstated"] = "Cluster"  # externalTrafficPolicy
    is_intercepted: bool = True
    known_as: Literal["ip", "ip-mode-proxy", "hostname"] = "ip"
    has_port: Literal["yes", "no", "unknown"] = "yes"
    port: int = 0
    ports: str = ""  # what the Service offers: "80/TCP, 443/TCP"
    other_protocol: str = ""  # "UDP" when the port exists, but with this protocol
    listener: Literal["tcp", "http", "https", "proxy-protocol", "unknown"] = "unknown"
    needs_balancer: bool = False
    is_layer_4: bool = True  # the listener forwards packets instead of opening a connection
    endpoints: Literal["ready", "none", "unknown"] = "ready"
    ready: int = 0


class BalancerSetup(Fact):
    """How the load balancer of a LoadBalancer Service was asked for, whether it is dialled or not.

    state: what the status of the Service shows. product: from the class of the Service.
    listener: as in `balancer_address`, for the port dialled.
    """

    flow: str
    service: str  # namespace/name
    namespace: str = "default"
    name: str = ""
    state: Literal["address", "hostname", "pending"] = "address"
    address: str = ""  # the addresses and names of the status, comma separated
    product: Literal["clb", "nlb", "other"] = "clb"
    balancer: str = ""  # the id, where an annotation or label names it
    listener: Literal["tcp", "http", "https", "proxy-protocol", "unknown"] = "unknown"
    is_reused: bool = False  # an annotation names an existing load balancer
    overrides_listeners: bool = False  # the controller may change the listeners of a reused one
    acl: str = ""  # the access control list of its listeners, while it is switched on
    preserves_client: Literal["on", "off", "unstated"] = "unstated"  # the client's address


class ServiceWarning(Fact):
    """The last warning of each kind that the controller reported on a Service, as an event."""

    flow: str
    service: str  # namespace/name
    reason: str
    message: str


class ServiceClient(Fact):
    """The pod of the question as a client of a Service: whether it stands behind the Service too.

    endpoint: whether the pod is an endpoint, even the only ready one. node: what it runs on.
    beside: whether a ready endpoint runs on the same node.
    """

    flow: str
    service: str  # namespace/name
    endpoint: Literal["no", "one", "only", "unknown"] = "no"
    network: Literal["pod", "host", "unknown"] = "pod"
    node: Literal["virtual", "server", "unknown"] = "virtual"
    beside: Literal["yes", "no", "unknown"] = "no"


class BalancerBypass(Fact):
    """Why the flow's address cannot be the load balancer of a Service of this cluster."""

    flow: str
    why: Literal["private-range", "pod", "service", "platform"]


class PerhapsOwnBalancer(Fact):
    """A public address that no document places, while not all Services of the cluster are known.

    One of those may have it as that of its load balancer, which the cluster would answer for.
    """

    flow: str
    address: str


class IngressHost(Fact):
    """The name or address dialled is that of an Ingress, or of a Gateway, of this cluster.

    state: how the address of the flow relates to the one in the status of the object: it is one of
    a LoadBalancer Service ("balancer"), in the status only ("status"), another one ("elsewhere"),
    not comparable because the status has a host name ("hostname") or nothing ("no-status"), or the
    name has no known address ("unresolved"); while not all Services are known, another address may
    still be one of theirs ("unsettled").
    """

    from_list = ListRef("ingresses")

    flow: str
    ingress: str  # namespace/name
    what: Literal["Ingress", "Gateway"] = "Ingress"
    by: Literal["host", "address"] = "host"
    host: str = ""  # the host of the rule, wildcards as written
    state: Literal[
        "balancer", "status", "elsewhere", "hostname", "no-status", "unresolved", "unsettled"
    ] = "balancer"
    address: str = ""  # what the status of the object shows, comma separated
    balancers: str = ""  # the Services that have one of these, comma separated


class NodePort(Fact):
    """The port dialled is a node port of a Service, and the Service was not dialled."""

    flow: str
    service: str  # namespace/name
    dns_name: str
    port: int  # of the Service
    node_port: int
    at: Literal["pod", "pod-declares-it", "node", "other"]  # what has the address


class TcpObservation(Fact):
    """What somebody saw when they tried to connect.

    by: who may have answered a refused attempt: the host itself, the data plane in place of an own
    load balancer, or the data plane because a Service has no endpoint to offer.
    """

    flow: str
    result: Literal["connected", "refused", "timeout"]
    by: Literal["host", "balancer", "service"] = "host"
