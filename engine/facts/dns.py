"""Facts of the dns gate: which resolver the pod asks, the way to it, and what was answered."""

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = [
    "CorednsInbound",
    "DnsAnswer",
    "DnsMode",
    "InboundOpen",
    "KubeDns",
    "LookupDoubt",
    "LookupName",
    "LookupOpen",
    "LookupPass",
    "LookupPath",
    "LookupWorks",
    "NamesakeService",
    "Resolver",
    "ResolverCandidate",
    "ResolverChoice",
    "SearchExpansion",
    "UpstreamOpen",
    "UpstreamPath",
]

ResolverSource = Literal[
    "observed",  # somebody looked into /etc/resolv.conf
    "dns-config",  # dnsPolicy None: dnsConfig.nameservers only
    "custom",  # network.alibabacloud.com/custom-dnsconfig
    "host",  # dnsPolicy Default, or ClusterFirst on a hostNetwork pod: what the VPC hands out
    "private-zone",  # acs-profile enablePrivateZone
    "cluster",  # ClusterFirst: kube-dns, then dnsConfig.nameservers
    "none",
]


class LookupName(Fact):
    """The name the flow needs resolved; a literal address has none.

    form: "cluster" names end in the cluster domain or belong to a Service; "resource" is a cloud
    resource id, whose address only documents can tell. state: whether an address is known.
    """

    flow: str
    name: str
    form: Literal["external", "cluster", "resource"] = "external"
    state: Literal["resolved", "unresolved"] = "resolved"
    endpoint: Literal["none", "public", "internal"] = "none"  # of a cloud service, by its name
    addresses: str = ""  # comma separated
    is_alias: bool = False  # an ExternalName Service points here
    service: str = ""  # namespace/name of the Service of a cluster name or an alias
    namespace: str = ""  # of that Service


class ResolverCandidate(Fact):
    """The name servers one source of evidence gives the pod."""

    pod: str
    source: ResolverSource
    addresses: str = ""  # comma separated, "" when the source names none or they are not known
    has_address: bool = True
    dns_policy: str = ""
    has_host_network: bool = False


class ResolverChoice(Fact):
    """The resolver the pod really uses, by the best evidence there is."""

    is_derived = True
    pod: str
    source: ResolverSource
    addresses: str = ""


class Resolver(Fact):
    """One name server of one source, before Service translation.

    role "service": another Service answers; "no-service": inside the Service CIDR, but the
    complete list of Services has none with this address.
    """

    pod: str
    source: ResolverSource
    address: str  # "" when not known
    role: Literal["kube-dns", "vpc-dns", "service", "no-service", "other", "unknown"] = "kube-dns"


class LookupPath(Fact):
    """The lookup flow that leads to one endpoint of a name server."""

    pod: str
    source: ResolverSource
    address: str  # the name server, before Service translation
    flow: str  # the lookup flow
    protocol: Literal["udp", "tcp"] = "udp"
    ip: str = ""  # the endpoint, after Service translation
    network: str = ""  # the CIDR block of its vSwitch if known, else the endpoint as /32


class LookupOpen(Fact):
    """A lookup flow that no confirmed barrier stops."""

    is_derived = True
    pod: str
    protocol: Literal["udp", "tcp"]
    flow: str


class LookupPass(Fact):
    """One gate certainly lets a lookup flow pass."""

    is_derived = True
    flow: str
    gate: str


class LookupWorks(Fact):
    """Every gate lets a lookup flow of the chosen resolver pass."""

    is_derived = True
    pod: str
    flow: str


class LookupDoubt(Fact):
    """A lookup flow of the chosen resolver that is neither stopped nor certainly let through."""

    is_derived = True
    pod: str
    flow: str
    address: str = ""


class KubeDns(Fact):
    """The Service `kube-system/kube-dns` and what stands behind it."""

    pod: str
    state: Literal["present", "absent", "missing"] = "present"
    cluster_ip: str = ""
    endpoints: Literal["ready", "none", "unknown"] = "ready"
    ready: int = 0
    not_ready: int = 0


class DnsMode(Fact):
    """How the cluster resolves names, as far as documents tell.

    private_zone: `enablePrivateZone` of acs-profile, or the cluster. coredns: "managed" when the
    component without pods is installed.
    """

    pod: str
    private_zone: Literal["on", "off", "unknown"] = "unknown"
    coredns: Literal["managed", "unmanaged", "unknown"] = "unknown"


class DnsAnswer(Fact):
    """What somebody saw a resolver answer for the name asked for."""

    flow: str
    name: str
    status: Literal["noerror", "nxdomain", "servfail", "refused", "timeout"]


class SearchExpansion(Fact):
    """How the resolver library expands the name: the search list comes first below `ndots` dots."""

    flow: str
    name: str
    dots: int
    ndots: int
    tried: str  # the names in the order they are tried, comma separated
    is_expanded: bool = True  # search suffixes are tried before the name itself


class NamesakeService(Fact):
    """A short name that no search domain leads to a Service, though another namespace has one.

    Only there when all Services of the pod's own namespace are known and none has the name.
    """

    flow: str
    name: str
    namespace: str  # the pod's own
    service: str  # namespace/name of the Service elsewhere
    full_name: str


class UpstreamPath(Fact):
    """The flow by which one CoreDNS pod asks one upstream name server."""

    pod: str  # the pod in question
    coredns: str  # namespace/name of the CoreDNS pod
    address: str
    flow: str
    origin: Literal["default", "corefile"] = "default"


class UpstreamOpen(Fact):
    """A flow from CoreDNS to its upstream that no confirmed barrier stops."""

    is_derived = True
    pod: str
    flow: str


class CorednsInbound(Fact):
    """What the ingress rules of one CoreDNS pod's groups do to UDP 53 from the pod."""

    pod: str
    coredns: str
    ip: str  # address of the CoreDNS pod
    action: Literal["accept", "drop", "undetermined"] = "accept"
    groups: str = ""
    group: str = ""
    group_type: str = ""
    rule: str = ""
    source: str = ""  # the pod's address as a network
    cidr: str = ""  # the CIDR block of the pod's vSwitch, else the pod's address
    lacks: str = ""
    lacks_of: str = ""


class InboundOpen(Fact):
    """A CoreDNS pod whose groups are not proven to refuse the pod."""

    is_derived = True
    pod: str
    coredns: str
