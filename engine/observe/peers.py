"""Which pods have the address a flow goes to: what label selectors of policies are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from wayout.engine.case import Case, Pod, Question, Record
from wayout.engine.case.kubernetes import Namespace
from wayout.engine.facts.common import Flow
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import View
from wayout.engine.observe.network_policy import Destination, Lack, PodAt
from wayout.engine.observe.selectors import NAMESPACE_NAME, Labels

__all__ = ["addresses_of", "describe_pod", "destinations", "namespace_labels"]

# Address classes that never are the address of a pod, whatever is not known of the pods.
FOREIGN_SCOPES = frozenset({"internet", "cloud-service", "metadata", "vpc-dns"})


def destinations(view: View) -> Mapping[str, Destination]:
    """Flow name -> where it goes, with the pods at that address."""
    pods = pods_at(view.case, {flow.ip for flow in view.flows if flow.ip})
    all_known = view.case.listing(Pod).is_complete
    closed = closed_namespaces(view) if not all_known else frozenset[str]()
    return {
        flow.flow: Destination(
            ip=parse_ip(flow.ip),
            protocol=flow.protocol.upper(),
            port=flow.port,
            pods=meant(view.question, flow, pods.get(flow.ip, ())),
            stranger=stranger_at(flow, all_known),
            closed_namespaces=closed,
            is_service=flow.scope == "service",
        )
        for flow in view.flows
    }


def meant(question: Question, flow: Flow, pods: tuple[PodAt, ...]) -> tuple[PodAt, ...]:
    """Of several pods that claim one address, those the question is about, when it tells."""
    if len(pods) < 2 or flow.role != "main":
        return pods
    target = question.target
    if target.kind == "pod":
        named = [pod for pod in pods if pod.name == f"{target.namespace}/{target.name}"]
    elif target.kind == "service":  # a Service selects pods of its own namespace only
        named = [pod for pod in pods if pod.namespace == target.namespace]
    else:
        named = []
    return tuple(named) or pods


def stranger_at(flow: Flow, all_known: bool) -> Lack | Literal[False]:
    """Whether a pod that no document describes may have the address of the flow."""
    if flow.scope == "own-load-balancer":
        return Lack("endpoint_slices")  # whether policies see the back end is left open
    return False if all_known or flow.scope in FOREIGN_SCOPES else Lack("pods")


def closed_namespaces(view: View) -> frozenset[str]:
    """The pod's own namespace, when every pod of it is known: its podSelectors need no other."""
    namespace = view.pod.partition("/")[0]
    known = view.case.listing(Pod, of=namespace).is_complete
    return frozenset({namespace} if known else ())


def pods_at(case: Case, wanted: set[str]) -> Mapping[str, tuple[PodAt, ...]]:
    """Address -> the live pods that have it; a finished pod's address may be another's by now."""
    found: dict[str, list[PodAt]] = {}
    for record in case.listing(Pod).records if wanted else ():
        if record.value.status.phase in ("Succeeded", "Failed"):
            continue
        for address in addresses_of(record.value):
            if address in wanted:
                found.setdefault(address, []).append(describe_pod(case, record))
    return {ip: tuple(without_nodes(pods)) for ip, pods in found.items()}


def without_nodes(pods: Iterable[PodAt]) -> list[PodAt]:
    """A pod with an address of its own beats those that share the address of a node."""
    pods = sorted(pods, key=lambda pod: pod.name)
    return [pod for pod in pods if not pod.is_host_network] or pods


def addresses_of(pod: Pod) -> tuple[str, ...]:
    """Every address of the pod, of both versions, each once."""
    listed = (pod.status.pod_ip, *(entry.ip for entry in pod.status.pod_ips))
    return tuple(dict.fromkeys(ip for ip in listed if ip))


def describe_pod(case: Case, record: Record[Pod]) -> PodAt:
    """The pod as policies see it."""
    pod = record.value
    return PodAt(
        name=pod.key,
        namespace=pod.metadata.namespace,
        labels=Labels(pod.metadata.labels),
        namespace_labels=namespace_labels(case, pod.metadata.namespace),
        ports=frozenset(
            (port.name, port.protocol.upper(), port.container_port)
            for container in pod.spec.containers
            for port in container.ports
            if port.name
        ),
        is_host_network=pod.spec.host_network,
        origins=tuple(origin.at("metadata", "labels") for origin in record.origins),
    )


def namespace_labels(case: Case, name: str) -> Labels:
    """The labels of a namespace; its name is one of them even where no document describes it."""
    record = case.get(Namespace, name)
    named = {NAMESPACE_NAME: name}
    if record is None:
        return Labels(named, is_complete=False)
    return Labels({**record.value.metadata.labels, **named})
