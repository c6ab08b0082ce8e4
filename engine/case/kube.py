"""Kubernetes objects and lists, as `kubectl get -o json|yaml` prints them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wayout.engine.case import kubernetes as k8s
from wayout.engine.case.coverage import Part
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.json_text import printable
from wayout.engine.case.lists import LISTS, NAMESPACED
from wayout.engine.case.model import Origin
from wayout.engine.case.refusal import RefusedError
from wayout.engine.case.secrets import scrub

__all__ = ["lists_named_by", "take_kubernetes"]

LIST_DEPTH = 5  # a List inside a List happens when outputs are joined; more is an attack
CORE = ""
NETWORKING = frozenset({"networking.k8s.io", "extensions"})
GATEWAYS = frozenset({"gateway.networking.k8s.io"})
ACS = frozenset({"network.alibabacloud.com", "alibabacloud.com"})
KEPT_CONFIG_MAPS = frozenset(
    {
        "kube-system/acs-profile",
        "kube-system/coredns",
        "kube-system/coredns-custom",
        "kube-system/eci-profile",
    }
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object wayout reads; the same kind in another API group is something else."""

    model: type[k8s.KubeObject]
    groups: frozenset[str]

    @property
    def list(self) -> str:
        return LISTS[self.model]


KINDS: Mapping[str, Kind] = {
    "ConfigMap": Kind(k8s.ConfigMap, frozenset({CORE})),
    "CronJob": Kind(k8s.Workload, frozenset({"batch"})),
    "DaemonSet": Kind(k8s.Workload, frozenset({"apps", "extensions"})),
    "Deployment": Kind(k8s.Workload, frozenset({"apps", "extensions"})),
    "EndpointSlice": Kind(k8s.EndpointSlice, frozenset({"discovery.k8s.io"})),
    "Endpoints": Kind(k8s.Endpoints, frozenset({CORE})),
    "Event": Kind(k8s.Event, frozenset({CORE, "events.k8s.io"})),
    "Gateway": Kind(k8s.Gateway, GATEWAYS),
    "GlobalTrafficPolicy": Kind(k8s.GlobalTrafficPolicy, ACS),
    "HTTPRoute": Kind(k8s.HttpRoute, GATEWAYS),
    "Ingress": Kind(k8s.Ingress, NETWORKING),
    "Job": Kind(k8s.Workload, frozenset({"batch"})),
    "Namespace": Kind(k8s.Namespace, frozenset({CORE})),
    "NetworkPolicy": Kind(k8s.NetworkPolicy, NETWORKING),
    "Pod": Kind(k8s.Pod, frozenset({CORE})),
    "PodEIP": Kind(k8s.PodEip, ACS),
    "ReplicaSet": Kind(k8s.Workload, frozenset({"apps", "extensions"})),
    "Service": Kind(k8s.Service, frozenset({CORE})),
    "StatefulSet": Kind(k8s.Workload, frozenset({"apps"})),
    "TrafficPolicy": Kind(k8s.TrafficPolicy, ACS),
}

# Names and short names of kubectl for the lists above, singular too.
RESOURCES: Mapping[str, str] = {
    alias: name
    for name, aliases in {
        "config_maps": "configmaps configmap cm",
        "endpoint_slices": "endpointslices endpointslice",
        "endpoints": "endpoints ep",
        "events": "events event ev",
        "gateways": "gateways gateway gtw",
        "global_traffic_policies": "globaltrafficpolicies globaltrafficpolicy gtp",
        "http_routes": "httproutes httproute",
        "ingresses": "ingresses ingress ing",
        "namespaces": "namespaces namespace ns",
        "network_policies": "networkpolicies networkpolicy netpol netpols np",
        "pod_eips": "podeips podeip",
        "pods": "pods pod po",
        "services": "services service svc svcs",
        "traffic_policies": "trafficpolicies trafficpolicy tp",
        "workloads": "deployments deployment deploy statefulsets sts daemonsets ds jobs cronjobs",
    }.items()
    for alias in aliases.split()
}
value_flags = frozenset(
    [
        "-n",
        "--namespace",
        "-o",
        "--output",
        "--context",
        "--kubeconfig",
        "--cluster",
        "--user",
        "-s",
        "--server",
        "--token",
        "--chunk-size",
        "--sort-by",
        "--request-timeout",
        "-L",
        "--label-columns",
        "--as",
    ]
)
filter_flags = frozenset(["-l", "--selector", "--field-selector", "-f", "--filename", "--limit"])


@dataclass(frozen=True, slots=True)
class Scope:
    """What the command behind a list says: which lists, of which namespace, filtered or not.

    namespace: "" for the whole cluster, None when nothing says so.
    """

    lists: tuple[str, ...] = ()
    namespace: str | None = None
    is_command: bool = False
    is_partial: bool = False


def take_kubernetes(gatherer: Gatherer, document: Mapping[str, Any], frame: Frame) -> None:
    """One object or list; what wayout does not read is counted, never lost silently."""
    take(gatherer, document, frame.origin, frame, depth=0)


def take(
    gatherer: Gatherer, document: Mapping[str, Any], origin: Origin, frame: Frame, depth: int
) -> None:
    kind, group = kind_of(document, origin)
    if kind == "List" or (kind.endswith("List") and "items" in document):
        take_list(gatherer, document, kind, origin, frame, depth)
    elif kind == "Status" and group == CORE:
        take_status(gatherer, document, origin, frame)
    else:
        # What `kubectl get pod api-0` was asked for by name says nothing of its list.
        is_named = scope_of(frame).is_command
        take_object(gatherer, document, kind, group, origin, is_listed=is_named)


def kind_of(document: Mapping[str, Any], origin: Origin) -> tuple[str, str]:
    kind, version = document.get("kind"), document.get("apiVersion")
    if not isinstance(kind, str) or not kind:
        raise RefusedError(origin.at("kind"), "kind must be text")
    if not isinstance(version, str) or not version:
        raise RefusedError(origin.at("apiVersion"), "apiVersion must be text")
    return kind, version.rpartition("/")[0]


# ── One object ───────────────────────────────────────────────────────────────────────────────


def take_object(
    gatherer: Gatherer,
    data: Mapping[str, Any],
    kind: str,
    group: str,
    origin: Origin,
    is_listed: bool,
) -> str:
    """Read one object; the name of the list it belongs to, "" when wayout does not read it."""
    known = KINDS.get(kind)
    if known is None or group not in known.groups:
        ignore(gatherer, kind, group, origin)
        return ""
    if known.model is k8s.Event and not is_kept_event(data):
        gatherer.ignored[kind] += 1
        return ""
    value = parse_object(gatherer, known, kind, data, origin)
    if value is None:
        return known.list
    namespace = value.metadata.namespace if known.list in NAMESPACED else ""
    if is_listed:
        gatherer.add(known.list, value, origin, namespace)
    else:
        gatherer.add_loose(known.list, value, origin, namespace)
    return known.list


def parse_object(
    gatherer: Gatherer, known: Kind, kind: str, data: Mapping[str, Any], origin: Origin
) -> k8s.KubeObject | None:
    """The typed object; None for a ConfigMap that is none of wayout's business."""
    if known.model is k8s.ConfigMap and not is_kept_config_map(data):
        return None
    if known.model is k8s.Workload:
        data = workload_data(data, kind)
    value = gatherer.parse(known.model, data, origin)
    namespace = value.metadata.namespace
    wanted = (namespace or "default") if known.list in NAMESPACED else ""
    if wanted != namespace:
        meta = value.metadata.model_copy(update={"namespace": wanted})
        value = value.model_copy(update={"metadata": meta})
    if isinstance(value, k8s.ConfigMap):
        value = value.model_copy(
            update={"data": {key: scrub(text) for key, text in value.data.items()}}
        )
    return value


def is_kept_config_map(data: Mapping[str, Any]) -> bool:
    meta = data.get("metadata")
    if not isinstance(meta, dict):
        return True  # the model says what is wrong with it
    return f"{meta.get('namespace')}/{meta.get('name')}" in KEPT_CONFIG_MAPS


def is_kept_event(data: Mapping[str, Any]) -> bool:
    """Whether it reports on a Service; a cluster has thousands on other things."""
    about = data.get("involvedObject") or data.get("regarding")
    return isinstance(about, dict) and about.get("kind") == "Service"


def workload_data(data: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """A CronJob keeps its pod template one level deeper."""
    made = {**data, "kind": kind}
    spec = data.get("spec")
    if kind == "CronJob" and isinstance(spec, dict):
        job = spec.get("jobTemplate")
        made["spec"] = job.get("spec") if isinstance(job, dict) else None
    return made


def ignore(gatherer: Gatherer, kind: str, group: str, origin: Origin) -> None:
    if kind == "Secret" and group == CORE:
        gatherer.secrets += 1
        gatherer.secret_documents.add(origin.document)
    elif kind == "GlobalNetworkPolicy":
        gatherer.notice(
            "GlobalNetworkPolicy objects were not read: they govern ECS nodes of Terway clusters, "
            "not ACS pods.",
            "未读取 GlobalNetworkPolicy：它只作用于 Terway 集群的 ECS 节点，不作用于 ACS Pod。",
            origin,
        )
    elif kind in KINDS and group == CORE:
        say_group(gatherer, kind, origin)
    else:
        shown = f"{kind} ({group})" if group else kind
        gatherer.ignored[printable(shown, 80)] += 1


def say_group(gatherer: Gatherer, kind: str, origin: Origin) -> None:
    """A kind wayout reads, as of the core API, which has no such kind: a slip, not another kind."""
    wanted = " or ".join(sorted(KINDS[kind].groups - {"extensions"}))
    gatherer.notice(
        f"{origin} was not read: {kind} belongs to the API group {wanted}, not to v1.",
        f"未读取 {origin}：{kind} 属于 API 组 {wanted}，apiVersion 不应为 v1。",
        origin,
    )


def take_status(gatherer: Gatherer, data: Mapping[str, Any], origin: Origin, frame: Frame) -> None:
    """The API server's refusal instead of an object."""
    if data.get("status") == "Success":
        gatherer.ignored["Status"] += 1
        return
    reason, message = data.get("reason"), data.get("message")
    why = next((text for text in (message, reason) if isinstance(text, str) and text), "no reason")
    gatherer.not_collected(frame.action or origin.document, printable(scrub(why)), origin)


# ── Lists ────────────────────────────────────────────────────────────────────────────────────


def take_list(
    gatherer: Gatherer,
    data: Mapping[str, Any],
    kind: str,
    origin: Origin,
    frame: Frame,
    depth: int,
) -> None:
    if depth >= LIST_DEPTH:
        raise RefusedError(origin, "lists are nested too deeply")
    items = data.get("items")
    items = [] if items is None else items
    if not isinstance(items, list):
        raise RefusedError(origin.at("items"), "items must be a list")
    item_kind = "" if kind == "List" else kind.removesuffix("List")
    found: dict[str, list[str]] = {}
    for index, item in enumerate(items):
        place = origin.at("items", index)
        if not isinstance(item, dict):
            raise RefusedError(place, "an item of a list must be an object")
        take_item(gatherer, item, item_kind, data, place, frame, depth, found)
    cover(gatherer, data, item_kind, origin, frame, found, is_empty=not items)


def take_item(
    gatherer: Gatherer,
    item: Mapping[str, Any],
    item_kind: str,
    parent: Mapping[str, Any],
    place: Origin,
    frame: Frame,
    depth: int,
    found: dict[str, list[str]],
) -> None:
    """One item; those of a typed list from the API itself carry no kind."""
    if item_kind and item.get("kind") is None:
        kind, (_, group) = item_kind, kind_of(parent, place)
    else:
        kind, group = kind_of(item, place)
    if kind == "List" or (kind.endswith("List") and "items" in item):
        take_list(gatherer, item, kind, place, frame, depth + 1)
        return
    name = take_object(gatherer, item, kind, group, place, is_listed=True)
    if name:
        meta = item.get("metadata")
        namespace = meta.get("namespace") if isinstance(meta, dict) else None
        found.setdefault(name, []).append(f"{namespace or 'default'}\0{len(found.get(name, ()))}")


def cover(
    gatherer: Gatherer,
    data: Mapping[str, Any],
    item_kind: str,
    origin: Origin,
    frame: Frame,
    found: Mapping[str, list[str]],
    is_empty: bool,
) -> None:
    """Say which lists this document completes."""
    scope = scope_of(frame)
    names = dict.fromkeys((*found, *scope.lists))
    if item_kind:
        known = KINDS.get(item_kind)
        group = kind_of(data, origin)[1]
        if known is not None and group in known.groups:
            names.setdefault(known.list)
        elif known is not None and is_empty:
            ignore(gatherer, item_kind, group, origin)
    elif is_empty and not names:
        names = dict.fromkeys(lists_named_by(frame.stem))
        if not names:
            say_nameless(gatherer, origin)
    next_token, starts_at, is_cut = continuation(data, origin, frame)
    names.pop("events", None)  # they expire, so no list of them is ever all there were
    for name in names:
        is_partial = scope.is_partial or is_cut or name == "workloads"
        for of in namespaces(gatherer, name, scope, found.get(name, []), origin):
            keys = found.get(name, [])
            gatherer.part(
                Part(name, of, origin, tuple(keys), None, None, starts_at, next_token, is_partial)
            )


def namespaces(
    gatherer: Gatherer, name: str, scope: Scope, keys: list[str], origin: Origin
) -> list[str]:
    """The namespaces a list speaks for; [""] is the whole cluster."""
    if name not in NAMESPACED or scope.namespace == "":
        return [""]
    if scope.namespace:
        return [scope.namespace]
    if not scope.is_command:
        gatherer.assumed.setdefault(name, origin)
        return [""]
    present = sorted({key.partition("\0")[0] for key in keys})
    if not present:
        gatherer.notice(
            f"{origin.document}: the command names neither a namespace (-n) nor all of them (-A), "
            f"so the empty list of {name} says nothing.",
            f"{origin.document}：命令既没有 -n 也没有 -A，空的 {name} 列表不能说明任何问题。",
            origin,
        )
    return present


def say_nameless(gatherer: Gatherer, origin: Origin) -> None:
    gatherer.notice(
        f"{origin.document}: an empty List does not say what it is a list of; name the file after "
        "the resource (networkpolicies.json) or wrap it as "
        "{action: kubectl get ..., response: ...}.",
        f"{origin.document}：空的 List 没有说明资源类型；请用资源名命名文件"
        "（如 networkpolicies.json），或用 {action: kubectl get ..., response: ...} 包裹。",
        origin,
    )


def continuation(
    data: Mapping[str, Any], origin: Origin, frame: Frame
) -> tuple[str, str | None, bool]:
    """The token of the next chunk, the one this chunk was asked with, and whether it is cut."""
    meta = data.get("metadata")
    if meta is None:
        meta = {}
    if not isinstance(meta, dict):
        raise RefusedError(origin.at("metadata"), "metadata must be a mapping")
    token = meta.get("continue")
    if token is not None and not isinstance(token, str):
        raise RefusedError(origin.at("metadata", "continue"), "continue must be text")
    remaining = meta.get("remainingItemCount")
    asked_with = None if frame.request is None else frame.request.get("continue", "")
    return token or "", asked_with, bool(remaining) and not token


# ── What the command or the file name says ───────────────────────────────────────────────────


def scope_of(frame: Frame) -> Scope:
    """The scope that an envelope's action (a kubectl command line) or request tells."""
    words = split_command(frame.action)
    if words[:1] != ["kubectl"] or "get" not in words:
        namespace = frame.request.get("namespace") if frame.request else None
        return Scope(namespace=namespace or None)
    return scope_of_command(words[1:])


def split_command(action: str) -> list[str]:
    try:
        words = shlex.split(action)
    except ValueError:
        words = action.split()
    return [words[0].rpartition("/")[2], *words[1:]] if words else []


def scope_of_command(words: list[str]) -> Scope:
    namespace: str | None = None
    is_partial = False
    plain: list[str] = []
    rest = iter(words)
    for word in rest:
        flag, _, value = word.partition("=")
        if flag in ("-A", "--all-namespaces"):
            namespace = "" if value != "false" else namespace
        elif flag in value_flags or flag in filter_flags:
            value = value or next(rest, "")
            namespace = value if flag in ("-n", "--namespace") and namespace != "" else namespace
            is_partial = is_partial or flag in filter_flags
        elif re.match(r"-n\w", flag):
            namespace = flag[2:]
        elif not flag.startswith("-"):
            plain.append(word)
    targets = plain[plain.index("get") + 1 :] if "get" in plain else []
    resources = targets[0].lower().split(",") if targets else []
    is_named = len(targets) > 1 or any("/" in target for target in targets)
    lists = [RESOURCES.get(resource.partition(".")[0].partition("/")[0]) for resource in resources]
    return Scope(tuple(n for n in lists if n), namespace, True, is_partial or is_named)


def lists_named_by(stem: str) -> list[str]:
    """The lists a file name speaks of: `networkpolicies`, `01-netpol-shop`, `pods`."""
    words = re.split(r"[^a-z]+", stem)
    return list(dict.fromkeys(RESOURCES[word] for word in words if word in RESOURCES))
