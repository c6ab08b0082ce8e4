"""The hand-written case file: what a support ticket or a chat knows, in short form.

Unlike other documents it is read strictly: it is typed by people, so an unknown key is a mistake.
Everything is brought into the shape of the API and read by the parsers for that shape.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel

from wayout.engine.case.alibaba import SecurityGroupRule
from wayout.engine.case.casefile_forms import (
    acl_item,
    balancer_entry,
    container_port,
    dhcp_options_item,
    dns_config,
    eip_item,
    endpoint_port,
    forward_item,
    id_list,
    interface_item,
    nat_item,
    route_item,
    rule_item,
    service_port,
    snat_item,
    split_name,
    vpc_item,
    vswitch_item,
    zone_item,
)
from wayout.engine.case.casefile_guards import (
    asset_item,
    balance_item,
    ddos_item,
    firewall_policy_item,
    metric_item,
)
from wayout.engine.case.casefile_parts import (
    AddonPart,
    BalancePart,
    CaseFile,
    EipRefPart,
    NamespacePart,
    NatGatewayPart,
    ObservationPart,
    PodPart,
    RouteTablePart,
    RulePart,
    SecurityGroupPart,
    ServicePart,
    case_file_schema,
)
from wayout.engine.case.cloud import take_addon, take_cluster, take_item
from wayout.engine.case.gathering import Frame, Gatherer, without_nulls
from wayout.engine.case.json_text import short
from wayout.engine.case.kube import take_kubernetes
from wayout.engine.case.lists import MODELS, is_list_reference
from wayout.engine.case.model import REPLY, Observation, Origin, Told
from wayout.engine.case.question import Question, completed
from wayout.engine.case.recognise import recognise
from wayout.engine.case.refusal import RefusedError, complaint, did_you_mean, refusal
from wayout.engine.case.secrets import scrub
from wayout.engine.errors import QuestionError

__all__ = ["case_file_schema", "take_case_file"]


def take_case_file(gatherer: Gatherer, data: Mapping[str, Any], frame: Frame) -> None:
    """Read a case file; raises RefusedError for an unknown key or a wrong value."""
    origin = frame.origin
    clean = without_nulls(dict(data))
    try:
        case = CaseFile.model_validate(clean)
    except ValidationError as error:
        raise refusal(error, clean, origin, known_keys(error, clean)) from None
    Reader(gatherer, case, origin).read()


def known_keys(error: ValidationError, data: Any) -> list[str]:
    """The keys allowed where the complaint stands, for "did you mean"."""
    loc = complaint(error, data)["loc"]
    model: type[BaseModel] | None = CaseFile
    for token in loc[:-1]:
        if isinstance(token, str) and model is not None:
            if token in PARTS:
                model = PARTS[token]
            elif token in model.model_fields:
                model = part_of(model.model_fields[token].annotation)
    if model is None:
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def part_of(annotation: Any) -> type[BaseModel] | None:
    """The model somewhere inside `list[X | str] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (part_of(argument) for argument in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model is not None), None)


PARTS: Mapping[str, type[BaseModel]] = {
    model.__name__: model
    for model in (AddonPart, BalancePart, EipRefPart, NamespacePart, ServicePart)
}


class Reader:
    """Brings one case file into the shape of the APIs, part by part."""

    def __init__(self, gatherer: Gatherer, case: CaseFile, origin: Origin) -> None:
        self.gatherer = gatherer
        self.case = case
        self.origin = origin

    def read(self) -> None:
        self.question()
        self.cluster()
        self.pods()
        self.kubernetes()
        self.network()
        self.exits()
        self.guards()
        self.services_of_the_vpc()
        self.storage()
        self.balancers()
        self.instances()
        self.observations()
        for index, document in enumerate(self.case.documents or ()):
            recognise(self.gatherer, document, Frame(self.origin.at("documents", index)), 1)
        self.statements()

    def item(self, name: str, data: Mapping[str, Any], at: Origin, of: str = "") -> str:
        return take_item(self.gatherer, name, without_nulls(dict(data)), at, Frame(at), of)

    def whole(self, name: str, at: Origin, keys: Sequence[str], of: str = "") -> None:
        """A list as given; that it is complete when it holds something is taken on trust."""
        self.gatherer.whole(name, of, at, keys)
        if keys and not of:
            self.gatherer.assumed.setdefault(name, at)

    # ── Question, cluster, Kubernetes ────────────────────────────────────────────────────────

    def question(self) -> None:
        part, at = self.case.question, self.origin.at("question")
        if part is None:
            return
        destination = part.to or part.destination
        if destination is None or (part.to and part.destination):
            raise RefusedError(at, "a question has exactly one of to and destination")
        try:
            question = Question(
                pod=part.pod,
                destination=destination,
                protocol=part.protocol,  # type: ignore[arg-type] # checked there
                port=part.port,
                source_port=part.source_port,
            )
        except QuestionError as error:
            raise RefusedError(at, str(error).rstrip(".")) from None
        before = self.gatherer.question
        both = completed(before, question) if before is not None else question
        if both is None:
            raise RefusedError(at, "another case file asks another question")
        self.gatherer.question = both

    def cluster(self) -> None:
        part, at = self.case.cluster, self.origin.at("cluster")
        if part is None:
            return
        groups = id_list(part.security_group) or id_list(part.security_groups)
        data = {
            "cluster_id": part.id,
            "name": part.name,
            "region_id": part.region,
            "vpc_id": part.vpc,
            "security_group_id": ",".join(groups) if groups else None,
            "vswitch_ids": id_list(part.vswitches),
            "service_cidr": part.service_cidr,
            "container_cidr": part.container_cidr,
            "ip_stack": part.ip_stack,
            "private_zone": part.private_zone,
            "profile": part.profile,
            "cluster_type": part.type,
            "state": part.state,
        }
        said = without_nulls(data)
        if part.addons is None or len(part.model_fields_set) > 1:
            take_cluster(self.gatherer, said, at)
        if part.addons is not None:
            place = at.at("addons")
            items = [{"name": a} if isinstance(a, str) else a.model_dump() for a in part.addons]
            keys = [take_addon(self.gatherer, a, place.at(i)) for i, a in enumerate(items)]
            self.gatherer.whole("addons", "", place, keys)

    def pods(self) -> None:
        if self.case.pod is not None:
            self.pod(self.case.pod, self.origin.at("pod"))
        for index, part in enumerate(self.case.pods or ()):
            self.pod(part, self.origin.at("pods", index))
        if self.case.pods == []:
            self.gatherer.whole("pods", "", self.origin.at("pods"))

    def pod(self, part: PodPart, at: Origin) -> None:
        namespace, name = split_name(part.name, part.namespace, at)
        ips = part.ips or ([part.ip] if part.ip else [])
        # Without ports a short form says nothing of them; a container without ports would.
        containers = [{"ports": [container_port(p) for p in part.ports]}] if part.ports else None
        spec = {
            "containers": containers,
            "hostNetwork": part.host_network,
            "dnsPolicy": part.dns_policy,
            "dnsConfig": dns_config(part.dns_config),
        }
        status = {"phase": part.phase}
        if ips:
            status |= {"podIP": ips[0], "podIPs": [{"ip": ip} for ip in ips]}  # type: ignore[dict-item]
        self.kube("Pod", "v1", namespace, name, part, {"spec": spec, "status": status}, at)
        self.interface_of(part, ips, f"{namespace}/{name}", at)

    def interface_of(self, part: PodPart, ips: Sequence[str], pod: str, at: Origin) -> None:
        """Groups or a vSwitch of a pod are what its interface really has."""
        groups = id_list(part.security_group) or id_list(part.security_groups)
        if groups is None and part.vswitch is None and part.eni is None:
            return
        if not ips and part.eni is None:
            raise RefusedError(at, "a pod with security_groups or vswitch needs its ip or eni")
        noted = part.annotations.get("network.alibabacloud.com/allocated-eni-id")
        data = {
            "NetworkInterfaceId": part.eni or noted or f"eni-of-{pod.replace('/', '-')}",
            "PrivateIpAddress": ips[0] if ips else None,
            "SecurityGroupIds": groups,
            "VSwitchId": part.vswitch,
        }
        self.item("network_interfaces", data, at)

    def kube(
        self, kind: str, version: str, namespace: str, name: str, part: Any,
        rest: Mapping[str, Any], at: Origin,
    ) -> None:  # fmt: skip
        meta: dict[str, Any] = {"name": name, "namespace": namespace}
        for field in ("labels", "annotations"):
            if field in getattr(part, "model_fields_set", ()):
                meta[field] = getattr(part, field)
        document = {"kind": kind, "apiVersion": version, "metadata": meta, **rest}
        take_kubernetes(self.gatherer, without_nulls(document), Frame(at))

    def kubernetes(self) -> None:
        for index, entry in enumerate(self.case.namespaces or ()):
            part = NamespacePart(name=entry) if isinstance(entry, str) else entry
            at = self.origin.at("namespaces", index)
            self.kube("Namespace", "v1", "", part.name, part, {}, at)
        for index, service in enumerate(self.case.services or ()):
            self.service(service, self.origin.at("services", index))
        for index, policy in enumerate(self.case.network_policies or ()):
            self.policy(policy, self.origin.at("network_policies", index))
        for name in ("namespaces", "services", "network_policies"):
            if getattr(self.case, name) == []:
                self.gatherer.whole(name, "", self.origin.at(name))

    def service(self, part: ServicePart | dict[str, Any], at: Origin) -> None:
        if isinstance(part, dict):
            if "kind" not in part:
                known = list(ServicePart.model_fields)
                wrong = next((key for key in part if key not in known), "")
                if wrong:
                    hint = did_you_mean(wrong, known)
                    raise RefusedError(at.at(wrong), f"unknown key {short(wrong)}{hint}")
                self.gatherer.parse(ServicePart, part, at)  # names the value that is wrong
                raise RefusedError(at, "a service needs a name, and values of the right types")
            take_kubernetes(self.gatherer, part, Frame(at))
            return
        namespace, name = split_name(part.name, part.namespace, at)
        ports = [service_port(port) for port in part.ports]
        spec = {
            "type": part.type,
            "clusterIP": part.cluster_ip,
            "selector": part.selector or None,
            "ports": ports,
            "externalName": part.external_name,
            "externalTrafficPolicy": part.external_traffic_policy,
            "internalTrafficPolicy": part.internal_traffic_policy,
        }
        rest: dict[str, Any] = {"spec": spec}
        if balancers := id_list(part.load_balancer):
            spec["type"] = part.type or "LoadBalancer"
            rest["status"] = {"loadBalancer": {"ingress": [balancer_entry(b) for b in balancers]}}
        self.kube("Service", "v1", namespace, name, part, rest, at)
        if part.endpoints is not None:
            self.endpoints(part, namespace, name, ports, at)

    def endpoints(
        self, part: ServicePart, namespace: str, name: str,
        ports: Sequence[dict[str, Any]], at: Origin,
    ) -> None:  # fmt: skip
        slice_ports = [
            {
                "name": port.get("name", ""),
                "port": endpoint_port(port),
                "protocol": port.get("protocol", "TCP"),
            }
            for port in ports
        ]  # fmt: skip
        document = {
            "kind": "EndpointSlice",
            "apiVersion": "discovery.k8s.io/v1",
            "metadata": {
                "name": name,
                "namespace": namespace,
                "labels": {"kubernetes.io/service-name": name},
            },
            "addressType": "IPv4",
            "endpoints": [
                {"addresses": [ip], "conditions": {"ready": True}} for ip in part.endpoints or ()
            ],
            "ports": slice_ports,
        }
        take_kubernetes(self.gatherer, document, Frame(at.at("endpoints")))

    def policy(self, part: dict[str, Any], at: Origin) -> None:
        """A full object, or `name`, `namespace` and the fields of the spec."""
        if "kind" in part or "metadata" in part:
            full = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", **part}
            take_kubernetes(self.gatherer, full, Frame(at))
            return
        known = ("name", "namespace", "spec", *SPEC_FIELDS)
        for key in part:
            if key not in known:
                hint = did_you_mean(key, known)
                raise RefusedError(at.at(key), f"unknown key {short(key)}{hint}")
        name, namespace = part.get("name"), part.get("namespace")
        if not isinstance(name, str) or not isinstance(namespace, (str, type(None))):
            raise RefusedError(at.at("name"), "a network policy needs a name")
        namespace, name = split_name(name, namespace, at)
        spec = part.get("spec")
        if spec is None:
            spec = {to_camel(key): part[key] for key in SPEC_FIELDS if key in part}
        body = {"spec": spec}
        self.kube("NetworkPolicy", "networking.k8s.io/v1", namespace, name, None, body, at)

    # ── VPC ──────────────────────────────────────────────────────────────────────────────────

    def network(self) -> None:
        vpcs = self.case.vpcs
        if self.case.vpc is not None:
            self.item("vpcs", vpc_item(self.case.vpc), self.origin.at("vpc"))
        self.each("vpcs", vpcs, vpc_item)
        self.each("vswitches", self.case.vswitches, vswitch_item)
        self.each("security_groups", self.case.security_groups, self.group)
        self.each("network_acls", self.case.network_acls, acl_item)
        self.each("private_zones", self.case.private_zones, zone_item)
        self.each("dhcp_options_sets", self.case.dhcp_options_sets, dhcp_options_item)
        self.each("route_tables", self.case.route_tables, self.table)
        for index, part in enumerate(self.case.network_interfaces or ()):
            at = self.origin.at("network_interfaces", index)
            self.item("network_interfaces", interface_item(part), at)
        if self.case.network_interfaces == []:
            self.gatherer.whole("network_interfaces", "", self.origin.at("network_interfaces"))
        self.entries("prefix_list_entries", "prefix_lists", self.case.prefix_lists, "Cidr")
        self.entries("port_range_entries", "port_lists", self.case.port_lists, "PortRange")

    def each(
        self, name: str, parts: Sequence[Any] | None, make: Any, at: Origin | None = None
    ) -> None:
        if parts is None:
            return
        at = at or self.origin.at(name)
        keys: list[str] = []
        for index, part in enumerate(parts):
            place = at.at(index)
            keys.append(self.item(name, formed(make, part, place), place))
            self.parts_of(name, part, place)
        self.whole(name, at, keys)

    def parts_of(self, name: str, part: Any, at: Origin) -> None:
        """What a resource of a case file carries with it, complete as given."""
        if name == "security_groups":
            for direction in ("egress", "ingress"):
                self.rules(part, direction, at.at(direction))
        elif name == "route_tables" and part.routes is not None:
            place = at.at("routes")
            keys = [
                self.item("route_entries", route_item(route), place.at(i), part.id)
                for i, route in enumerate(part.routes)
            ]
            self.gatherer.whole("route_entries", part.id, place, keys)
        elif name == "nat_gateways":
            self.nat_parts(part, at)

    def group(self, part: SecurityGroupPart) -> dict[str, Any]:
        kinds = {"basic": "normal", "advanced": "enterprise"}
        return {
            "SecurityGroupId": part.id,
            "SecurityGroupName": part.name,
            "SecurityGroupType": kinds.get(part.type or "", part.type),
            "VpcId": part.vpc,
            "InnerAccessPolicy": part.inner_access and part.inner_access.capitalize(),
        }

    def rules(self, part: SecurityGroupPart, direction: str, at: Origin) -> None:
        rules: list[RulePart] | None = getattr(part, direction)
        if rules is None:
            return
        keys: list[str] = []
        for index, rule in enumerate(rules):
            place = at.at(index)
            try:
                data = without_nulls(rule_item(rule, direction))
            except ValueError as error:
                raise RefusedError(place, str(error)) from None
            value = self.gatherer.parse(SecurityGroupRule, data, place)
            keys.append(self.gatherer.add("security_group_rules", value, place, part.id))
        self.gatherer.whole("security_group_rules", f"{part.id}/{direction}", at, keys)

    def table(self, part: RouteTablePart) -> dict[str, Any]:
        return {
            "RouteTableId": part.id,
            "RouteTableType": part.type and part.type.capitalize(),
            "VpcId": part.vpc,
            "VSwitchIds": id_list(part.vswitches),
        }

    def entries(
        self, name: str, key: str, lists: Mapping[str, Sequence[str]] | None, field: str
    ) -> None:
        for owner, values in (lists or {}).items():
            at = self.origin.at(key, owner)
            keys = [
                self.item(name, {field: value}, at.at(index), owner)
                for index, value in enumerate(values)
            ]
            self.gatherer.whole(name, owner, at, keys)

    # ── Ways out ─────────────────────────────────────────────────────────────────────────────

    def exits(self) -> None:
        self.each("nat_gateways", self.case.nat_gateways, nat_item)
        self.each("eips", self.case.eips, eip_item)

    def nat_parts(self, part: NatGatewayPart, at: Origin) -> None:
        for name, field, make in (
            ("snat_entries", "snat", snat_item),
            ("forward_entries", "forward", forward_item),
        ):
            entries: Sequence[Any] | None = getattr(part, field)
            if entries is None:
                continue
            place = at.at(field)
            keys = [
                self.item(name, make(entry), place.at(i), part.id)
                for i, entry in enumerate(entries)
            ]
            self.gatherer.whole(name, part.id, place, keys)

    def guards(self) -> None:
        """What watches over the exit; metrics are no list that could be complete."""
        part, at = self.case.guards, self.origin.at("guards")
        for index, metric in enumerate(self.case.metrics or ()):
            place = self.origin.at("metrics", index)
            self.item("metrics", formed(metric_item, metric, place), place)
        if part is None:
            return
        policies, states = part.firewall_policies, part.firewall_addresses
        numbered = None if policies is None else list(enumerate(policies, start=1))
        protected = None if states is None else list(states.items())
        balances = None if part.balance is None else [part.balance]
        for name, key, parts, make in (
            ("firewall_policies", "firewall_policies", numbered, firewall_policy_item),
            ("firewall_assets", "firewall_addresses", protected, asset_item),
            ("ddos_addresses", "ddos", part.ddos, ddos_item),
            ("account_balances", "balance", balances, balance_item),
        ):
            self.each(name, parts, make, at.at(key))

    # ── Destinations ─────────────────────────────────────────────────────────────────────────

    def storage(self) -> None:
        """Object storage; most cases have none, and pay nothing for its forms."""
        case = self.case
        names = ("buckets", "access_points", "gateway_endpoints")
        if case.block_public_access is None and all(getattr(case, n) is None for n in names):
            return
        forms = importlib.import_module("wayout.engine.case.casefile_storage_forms")
        for name in names:
            if (parts := getattr(case, name)) is not None:
                getattr(forms, f"read_{name}")(self.gatherer, parts, self.origin.at(name))
        if case.block_public_access is not None:
            place = self.origin.at("block_public_access")
            forms.read_account_block(self.gatherer, case.block_public_access, place)

    def balancers(self) -> None:
        """Load balancers; most cases have none, and pay nothing for their forms."""
        case = self.case
        if not (case.load_balancers or case.server_groups or case.access_control_lists):
            return
        forms = importlib.import_module("wayout.engine.case.casefile_balancer_forms")
        forms.read_balancers(
            self.gatherer, self.origin, case.load_balancers, case.server_groups,
            case.access_control_lists,
        )  # fmt: skip

    def instances(self) -> None:
        """Instances of cloud products; most cases have none, and pay nothing for their forms."""
        if self.case.instances is not None:
            forms = importlib.import_module("wayout.engine.case.casefile_instance_forms")
            forms.read_instances(self.gatherer, self.case.instances, self.origin.at("instances"))

    # ── Services at the other end ────────────────────────────────────────────────────────────

    def services_of_the_vpc(self) -> None:
        """Instances, peering connections and endpoints; a case without them pays nothing."""
        given = {key: part for key in SERVICES if (part := getattr(self.case, key)) is not None}
        if given:
            forms = importlib.import_module("wayout.engine.case.casefile_service_forms")
            forms.read_services(self.gatherer, given, self.origin)

    # ── Observations and statements ──────────────────────────────────────────────────────────

    def observations(self) -> None:
        for index, part in enumerate(self.case.observations or ()):
            at = self.origin.at("observations", index)
            if len(part.model_fields_set) != 1:
                known = ", ".join(ObservationPart.model_fields)
                raise RefusedError(at, f"an observation has exactly one of {known}")
            for observation in observed(part):
                self.gatherer.add("observations", observation, at)

    def statements(self) -> None:
        asked = self.case.asked or ()
        question = asked[0] if len(asked) == 1 else ""
        document = self.origin
        if question and document.document.startswith(
            "<"
        ):  # not a file: named by what it replies to
            document = Origin(f"{REPLY} to {question}>", document.pointer)
        for index, change in enumerate(self.case.told or ()):
            self.gatherer.told.append(Told(change, document.at("told", index), question))
        for index, name in enumerate(self.case.collected or ()):
            at = self.origin.at("collected", index)
            if not is_list_reference(name):
                hint = did_you_mean(name.partition("/")[0], MODELS)
                raise RefusedError(at, f"no list is called {short(name)}{hint}")
            listed, _, of = name.partition("/")
            if listed == "security_group_rules" and of and "/" not in of:
                for direction in ("egress", "ingress"):
                    self.gatherer.whole(listed, f"{of}/{direction}", at)
            else:
                self.gatherer.whole(listed, of, at)
        self.gatherer.asked.update(self.case.asked or ())
        for index, name in enumerate(self.case.unknown or ()):
            if not re.fullmatch(r"[a-z][a-z0-9_]*(?:/[^\s/]+)*", name) or len(name) > 300:
                place = self.origin.at("unknown", index)
                raise RefusedError(place, "must be the name of a list or of a kind of fact")
            self.gatherer.unknown.add(name)


def formed(make: Callable[[Any], dict[str, Any]], part: Any, at: Origin) -> dict[str, Any]:
    """What a short form says in the shape of the API; raises RefusedError."""
    try:
        return make(part)
    except ValueError as error:
        raise RefusedError(at, str(error)) from None


SERVICES = (
    "ecs_instances", "vpc_peers", "private_endpoints", "mount_targets", "permission_groups",
    "registries", "key_stores",
)  # fmt: skip
SPEC_FIELDS = (
    "podSelector", "policyTypes", "egress", "ingress", "pod_selector", "policy_types",
)  # fmt: skip


def observed(part: ObservationPart) -> list[Observation]:
    if part.error is not None:
        return [Observation(what="error_text", text=scrub(part.error[:20_000]))]
    if part.dns is not None:
        text = scrub(part.dns.status[:200])
        return [Observation(what="dns_status", name=part.dns.name, text=text)]
    if part.tcp is not None:
        return [Observation(what="tcp", text=part.tcp)]
    if part.resolv_conf is not None:
        return [Observation(what="resolv_conf", addresses=tuple(part.resolv_conf))]
    return [
        Observation(what="resolved", name=name, addresses=tuple(id_list(addresses) or ()))
        for name, addresses in (part.resolved or {}).items()
    ]
