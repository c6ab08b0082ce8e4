"""What is a name and what is not: keys, words, networks and hosts that redaction has to know."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "ANY_ID",
    "BULKY",
    "FREE_MAPS",
    "HOST_TAIL",
    "KEPT_NAMES",
    "KEPT_SUFFIXES",
    "NAMELESS",
    "NAME_KEYS",
    "PLACE_KEYS",
    "PLATFORM",
    "PROSE_KEYS",
    "PUBLIC_LABELS",
    "RESOURCE_ID",
    "SERVICE_LABELS",
    "WHOLE_NETWORKS",
    "WORDS",
]

# Keys, lower case, under which a document names something. Only what stands there is taken for a
# name; it is then replaced wherever it stands.
NAME_KEYS = frozenset(
    {
        "bucket", "bucketname", "accesspointname", "accessgroupname", "accessgroup",
        "name", "namespace", "namespaces", "pod", "pods", "nodename", "hostname", "subdomain",
        "serviceaccountname", "generatename", "values", "service", "services", "workload",
        "vpcname", "vswitchname", "natgatewayname", "snatentryname", "forwardentryname",
        "routetablename", "routeentryname", "securitygroupname", "securitygrouprulename",
        "networkinterfacename", "networkaclname", "networkaclentryname", "eipname",
        "instancename", "loadbalancername", "clustername", "cluster_name", "tagvalue",
        "prefixlistname", "portrangelistname", "bandwidthpackagename", "resourcegroupname",
        "aclname", "servergroupname", "vservergroupname",
    }
)  # fmt: skip
# Ids of places of the cloud, which are no secret.
PLACE_KEYS = frozenset({"regionid", "region_id", "zoneid", "zone_id"})
# Below these keys a name is a term of the product, not of the customer.
NAMELESS = frozenset({"addons", "options", "conditions", "readinessgates", "data", "metrics"})
# Mappings whose keys are names or hosts.
FREE_MAPS = frozenset(
    {
        "resolved",
        "firewall_addresses",
        "access_control_lists",
        "permission_groups",
        "permissiongroups",
    }
)
# Replaced as a whole: prose may say anything.
PROSE_KEYS = frozenset(
    {"description", "remark", "comment", "memo", "displayname", "aclentrycomment"}
)
# Never read by a rule and full of what nobody should see.
BULKY = frozenset(
    {
        "env", "envfrom", "image", "imageid", "containerid", "command", "args", "volumes",
        "volumemounts", "managedfields", "uid", "resourceversion", "selflink", "requestid",
        "macaddress", "tags", "tag", "lastappliedconfiguration",
        "kubectlkubernetesiolastappliedconfiguration",
    }
)  # fmt: skip
PLATFORM = re.compile(r"(?:^|[.])(?:kubernetes\.io|k8s\.io|alibabacloud\.com|aliyun\.com)/")

ID_KINDS = (
    r"(vpc|vsw|sg|sgr|eni|eip|ngw|snat|dnat|fwd|vtb|rte|stb|ftb|nacl|nae|nai|i|lb|alb|nlb|gwlb|rm"
    r"|rr|pc|pe|pxc|pgm|gp|r|tair|tt|dds|pl|prl|cbwp|ipv4gw|ipv6gw|ipv6|igw|vgw|vpn|vco|cen|tr"
    r"|tr-attach|pcc|acl|ep|epsrv|es|es-cn|mse|alikafka_pre|alikafka_post|alikafka|amqp|rmq|hb|ld"
    r"|bds|cri|gtm|vpce|cc|ri|havip|ecr|dopt|zone|mrt|lsn|rsp|sgp)-"
)
RESOURCE_ID = re.compile(rf"{ID_KINDS}([a-z0-9][a-z0-9-]*)")
ANY_ID = re.compile(ID_KINDS)  # what stands before the `*` of a wildcard for all of a kind

# Names that everybody has: they carry meaning and give nothing away.
KEPT_NAMES = frozenset(
    {
        "default", "kube-system", "kube-public", "kube-node-lease", "kubernetes", "kube-dns",
        "coredns", "coredns-custom", "acs-profile", "eci-profile", "poseidon", "terway",
        "terway-eniip", "kube-proxy", "ack-extend-network-controller", "http", "https", "http2",
        "grpc", "dns", "dns-tcp", "tls", "tcp", "udp", "sctp", "icmp", "web", "metrics", "mysql",
        "redis", "postgres", "nginx", "localhost", "true", "false", "none", "any", "all",
    }
)  # fmt: skip
# Words of the APIs and of case files; a thing that bears one of them keeps its name.
WORDS = frozenset(
    {
        "accept", "drop", "allow", "deny", "log", "out", "in", "ingress", "egress", "internet",
        "intranet", "normal", "basic", "enterprise", "advanced", "system", "custom", "local",
        "running", "pending", "succeeded", "failed", "unknown", "available", "active", "inuse",
        "associated", "associating", "installed", "absent", "connected", "refused", "timeout",
        "noerror", "nxdomain", "servfail", "open", "opening", "closed", "closing", "blackhole",
        "defense", "reachable", "blocked", "clusterfirst", "clusterfirstwithhostnet", "clusterip",
        "loadbalancer", "nodeport", "externalname", "headless", "pod", "svc", "service", "node",
        "namespace", "deployment", "statefulset", "daemonset", "replicaset", "job", "natgateway",
        "nat", "instance", "networkinterface", "vpngateway", "routerinterface", "ipv4gateway",
        "ipv6gateway", "transitrouter", "attachment", "snat", "dnat", "vswitch", "vpc", "ipv4",
        "ipv6", "dual", "public", "private", "paybytraffic", "paybybandwidth", "postpaid",
        "prepaid", "financiallocked", "securitylocked", "tcpudp", "gre", "ah", "esp", "ip", "app",
        "name", "role", "env", "tier", "team",
    }
)  # fmt: skip
WORDS |= frozenset(
    {
        "Accept", "Drop", "Allow", "Deny", "TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "GRE", "ALL",
        "ANY", "Running", "Pending", "Succeeded", "Failed", "Unknown", "Available", "Active",
        "InUse", "Associated", "System", "Custom", "Local", "Internet", "Intranet", "Normal",
        "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None", "ClusterIP", "LoadBalancer",
        "NodePort", "ExternalName", "Pod", "Service", "Node", "Namespace", "Deployment",
        "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "NatGateway", "NAT", "Instance",
        "NetworkInterface", "Ingress", "Egress", "IPv4", "IPv6",
    }
)  # fmt: skip

# Ends of host names that mean the same for everybody, and hosts that stay whole.
HOST_TAIL = ("svc.cluster.local", "cluster.local", "in-addr.arpa", "ip6.arpa")
KEPT_SUFFIXES = (
    "k8s.io",
    "kubernetes.io",
    "alibabacloud.com",
    "aliyun.com",
    "cluster.local.",
    "resolv.conf",
    "in-addr.arpa",
    "ip6.arpa",
)
PUBLIC_LABELS = frozenset({"www", "svc", "com", "cn", "net", "org", "gov", "edu", "co", "local"})
SERVICE_LABELS = frozenset(
    {
        "registry", "kms", "ecs", "vpc", "rds", "slb", "sts",
        "ram", "oss", "metrics", "cloudfw", "log", "mq", "openapi",
    }
)  # fmt: skip

# Networks with a meaning of their own: all of them map to themselves as a whole. In those marked
# True the single addresses stay too; they belong to the platform, not to the customer.
WHOLE_NETWORKS: Mapping[str, bool] = {
    "0.0.0.0/8": True,
    "10.0.0.0/8": False,
    "100.64.0.0/10": True,
    "127.0.0.0/8": True,
    "169.254.0.0/16": True,
    "172.16.0.0/12": False,
    "192.0.0.0/24": True,
    "192.0.2.0/24": False,
    "192.88.99.0/24": True,
    "192.168.0.0/16": False,
    "198.18.0.0/15": False,
    "198.51.100.0/24": False,
    "203.0.113.0/24": False,
    "224.0.0.0/4": True,
    "240.0.0.0/4": True,
    "::/8": True,
    "64:ff9b::/96": True,
    "100::/64": True,
    "2000::/3": False,
    "2001::/23": True,
    "2001:db8::/32": False,
    "2002::/16": False,
    "fc00::/7": False,
    "fe80::/10": True,
    "ff00::/8": True,
}
