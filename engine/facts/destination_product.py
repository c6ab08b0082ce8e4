"""Facts about the cloud product at the other end: what it is, and which source address it sees."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.products import Access

__all__ = ["DestinationProduct", "Evidence", "Match", "Network", "PodNetwork", "SeenSource"]

Network = Literal["private", "public", "classic", "unknown"]
Evidence = Literal[
    "document",  # an answer of its API shows the name or the address
    "name",  # the name has the form of its host names
    "id",  # the id begins like its instance ids
    "range",  # the address is in a range of its internal endpoints
]
Match = Literal["same", "other", "unknown"]


class DestinationProduct(Fact):
    """The product a main flow goes to, and the endpoint of it that is dialled.

    Its presence says that the address is not judged as that of a pod or an instance: the rules of
    the product judge it, by `access`.
    """

    flow: str
    product: str  # key of knowledge/products.yaml
    title: str = ""  # its short name, the same in both languages: RDS, OSS
    access: Access
    instance: str = ""  # id, bucket or project; "" when nothing tells it
    label: str = ""  # what to call it in a text: the instance, the name dialled, the address
    network: Network = "private"  # of the endpoint that is dialled
    evidence: Evidence = "document"
    host: str = ""  # name of the endpoint
    ip: str = ""  # address the flow goes to, "" while it is not known
    region: str = ""
    region_match: Match = "unknown"  # with the region of the pod
    vpc: str = ""
    vpc_match: Match = "unknown"  # with the VPC of the pod
    port: int = 0  # the port of the flow
    ports: str = ""  # those of the endpoint: "3306, 33060"; "" when no document tells
    port_match: Match = "unknown"


class PodNetwork(Fact):
    """What an allow-list should name for the pod: pods are created again with other addresses."""

    pod: str
    address: str
    vswitch: str = ""  # the one that contains the address, "" when no document tells
    cidr: str = ""  # its CIDR block, else the address as /32
    has_vswitch: bool = True
    # CIDR blocks of every known vSwitch that pods of the cluster are created in, comma separated.
    cluster_cidrs: str = ""


class SeenSource(Fact):
    """One source address by which the product may see a main flow.

    With an SNAT entry of several addresses there is one fact for each: any of them may be used.
    """

    is_derived = True
    flow: str
    address: str
    what: Literal["pod", "public"] = "pod"
    via: str = ""  # the pod, EIP or SNAT entry
