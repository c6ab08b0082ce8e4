"""Which name servers each source of evidence gives a pod, before anyone decides which is right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wayout.engine.case import (
    Addon,
    Case,
    ConfigMap,
    DhcpOptionsSet,
    Observation,
    Origin,
    Pod,
    Record,
    Service,
)
from wayout.engine.facts.dns import ResolverSource
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.placement import (
    annotation_places,
    cluster_of,
    eni_of_pod,
    places,
    profile_of,
    vpc_id_of,
    vpc_of,
)
from wayout.engine.observe.scope import VPC_DNS

__all__ = [
    "CLUSTER_DOMAIN",
    "Candidate",
    "DnsSettings",
    "coredns_mode",
    "dns_options",
    "dns_settings",
    "kube_dns",
    "private_zone",
    "resolver_candidates",
    "upstreams",
]

CUSTOM_DNS = "network.alibabacloud.com/custom-dnsconfig"
CLUSTER_DOMAIN = "cluster.local"
MANAGED_COREDNS = ("managed-coredns",)
forward_line = re.compile(r"^\s*forward\s+\.\s+([^{\n]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """The name servers of one source; `is_known` is False when the source leaves them open."""

    source: ResolverSource
    addresses: tuple[str, ...]
    is_known: bool
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True)
class DnsSettings:
    """The search list and `ndots` that the pod's resolver library works with."""

    searches: tuple[str, ...]
    ndots: int


def kube_dns(case: Case) -> Record[Service] | None:
    """The Service in front of CoreDNS."""
    return case.get(Service, "kube-system/kube-dns")


def private_zone(case: Case) -> tuple[bool | None, tuple[Origin, ...]]:
    """Whether Service discovery uses PrivateZone; None when no document tells."""
    profile = profile_of(case)
    if profile is not None and (text := profile.value.data.get("enablePrivateZone", "")):
        return text.strip().lower() == "true", places(profile, "data", "enablePrivateZone")
    cluster = cluster_of(case)
    if cluster is not None and cluster.value.private_zone is not None:
        return cluster.value.private_zone, places(cluster, "private_zone")
    return None, ()


def coredns_mode(case: Case) -> tuple[str, tuple[Origin, ...]]:
    """`managed` (no pods to be seen), `unmanaged` or `unknown`, by the installed components."""
    for name in MANAGED_COREDNS:
        addon = case.get(Addon, name)
        if addon is not None and addon.value.state == "installed":
            return "managed", addon.origins
    addon = case.get(Addon, "coredns")
    if addon is not None and addon.value.state == "installed":
        return "unmanaged", addon.origins
    return "unknown", ()


def upstreams(case: Case) -> tuple[tuple[str, ...], bool, tuple[Origin, ...]]:
    """The name servers CoreDNS forwards to, and whether the Corefile names them itself.

    `forward . /etc/resolv.conf`, the default, means the VPC's own resolver.
    """
    record = case.get(ConfigMap, "kube-system/coredns")
    corefile = record.value.data.get("Corefile", "") if record is not None else ""
    found = forward_line.search(corefile)
    if record is None or found is None:
        return VPC_DNS, False, ()
    servers = tuple(
        server for server in (host_of(word) for word in found[1].split()) if parse_ip(server)
    )
    return servers or VPC_DNS, bool(servers), (record.origin.at("data", "Corefile"),)


def host_of(word: str) -> str:
    """`dns://10.0.0.2:53` -> `10.0.0.2`; TLS upstreams use another port and are left out."""
    scheme, _, rest = word.rpartition("://")
    if scheme not in ("", "dns"):
        return ""
    return rest.removesuffix(":53")


# ── Candidates ───────────────────────────────────────────────────────────────────────────────


def resolver_candidates(case: Case, record: Record[Pod] | None) -> tuple[Candidate, ...]:
    """The name servers by each source that has a say on this pod; rules choose among them."""
    return tuple(read_candidates(case, record))


def read_candidates(case: Case, record: Record[Pod] | None) -> Iterator[Candidate]:
    for observed in case.listing(Observation).records:
        if observed.value.what == "resolv_conf" and observed.value.addresses:
            yield Candidate("observed", observed.value.addresses, True, observed.origins)
            break
    if record is None:
        return  # the policy of an unseen pod is not known
    spec = record.value.spec
    own = tuple(spec.dns_config.nameservers) if spec.dns_config is not None else ()
    own_origin = places(record, "spec", "dnsConfig", "nameservers")
    policy_origin = places(record, "spec", "dnsPolicy")
    custom = custom_settings(record.value).get("servers")
    if isinstance(custom, list) and custom:
        servers = tuple(str(server) for server in custom)
        yield Candidate("custom", servers, True, annotation_places(record, CUSTOM_DNS))
    if spec.dns_policy == "None":
        yield Candidate("dns-config", own, True, (*policy_origin, *own_origin))
    elif spec.dns_policy == "Default" or (
        spec.host_network and spec.dns_policy != "ClusterFirstWithHostNet"
    ):
        servers, is_known, proof = handed_out(case, record)
        yield Candidate("host", (*servers, *own), is_known, (*policy_origin, *proof))
    else:
        if private_zone(case)[0]:
            yield Candidate("private-zone", (*VPC_DNS, *own), True, private_zone(case)[1])
        yield cluster_candidate(case, own, policy_origin)


def handed_out(case: Case, record: Record[Pod]) -> tuple[tuple[str, ...], bool, tuple[Origin, ...]]:
    """The name servers the VPC hands out, and whether they are known.

    A DHCP options set may replace the resolver of the VPC.
    """
    eni = eni_of_pod(case, record)
    vpc, vpc_id = vpc_of(case, record, eni), vpc_id_of(case, record, eni)
    wanted = (vpc.value.dhcp_options_set_id or "") if vpc is not None else ""
    for options in case.listing(DhcpOptionsSet).records:
        is_ours = options.value.key == wanted or vpc_id in (options.value.vpc_ids or ())
        if is_ours and options.value.domain_name_servers is not None:
            servers = tuple(s for s in options.value.domain_name_servers if parse_ip(s))
            return servers or VPC_DNS, True, options.origins
    if vpc is not None and wanted:
        return (), False, places(vpc, "DhcpOptionsSetId")
    return VPC_DNS, True, ()


def cluster_candidate(case: Case, own: tuple[str, ...], origins: tuple[Origin, ...]) -> Candidate:
    service = kube_dns(case)
    if service is None or parse_ip(service.value.spec.cluster_ip) is None:
        return Candidate("cluster", own, False, origins)
    return Candidate(
        "cluster",
        (service.value.spec.cluster_ip, *own),
        True,
        (*places(service, "spec", "clusterIP"), *origins),
    )


def custom_settings(pod: Pod) -> Mapping[str, Any]:
    """The JSON of the annotation `custom-dnsconfig`; empty when there is none or it is broken."""
    text = pod.metadata.annotations.get(CUSTOM_DNS, "")
    try:
        parsed = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, Mapping) else {}


# ── Search list ──────────────────────────────────────────────────────────────────────────────


def dns_settings(case: Case, record: Record[Pod]) -> DnsSettings:
    """The search list and ndots that follow from the pod document."""
    pod = record.value
    spec = pod.spec
    custom = custom_settings(pod)
    namespace = pod.metadata.namespace
    is_cluster_first = spec.dns_policy in ("ClusterFirst", "ClusterFirstWithHostNet")
    searches: tuple[str, ...] = ()
    ndots = 1
    if is_cluster_first:
        searches = (f"{namespace}.svc.{CLUSTER_DOMAIN}", f"svc.{CLUSTER_DOMAIN}", CLUSTER_DOMAIN)
        ndots = 5
    if spec.dns_config is not None:
        searches += tuple(spec.dns_config.searches)
        for option in spec.dns_config.options:
            ndots = number(option.value, ndots) if option.name == "ndots" else ndots
    if isinstance(custom.get("searches"), list):
        searches = tuple(str(suffix) for suffix in custom["searches"])
    for text in custom.get("options") or () if isinstance(custom.get("options"), list) else ():
        name, _, value = str(text).partition(":")
        ndots = number(value, ndots) if name.strip() == "ndots" else ndots
    return DnsSettings(tuple(dict.fromkeys(searches)), ndots)


def dns_options(record: Record[Pod]) -> tuple[str, ...]:
    """The names of the resolver options the pod document sets."""
    config, custom = record.value.spec.dns_config, custom_settings(record.value).get("options")
    own = [option.name for option in config.options] if config is not None else []
    given = custom if isinstance(custom, list) else []
    return (*own, *(str(text).partition(":")[0].strip() for text in given))


def number(text: str | None, default: int) -> int:
    """The value of `ndots`; the library caps it at 15."""
    text = (text or "").strip()
    return min(int(text), 15) if text.isascii() and text.isdigit() and len(text) < 4 else default
