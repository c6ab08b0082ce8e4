"""Facts of object storage: which endpoint is dialled, and what policies say about the pod."""

from typing import Literal

from wayout.engine.facts.base import Fact
from wayout.engine.facts.common import GateName

__all__ = [
    "AccessPointState",
    "BucketPolicyDecision",
    "BucketVerdict",
    "GatewayEndpointDecision",
    "OssEndpoint",
    "PublicAccess",
    "RangeGap",
]

Match = Literal["same", "other", "unknown"]
Owner = Literal["bucket", "access-point"]


class OssEndpoint(Fact):
    """The endpoint of object storage that a main flow dials, and the bucket it is meant for.

    `form` "undecided": `oss://bucket` says nothing of the endpoint, and no document of the region.
    `better` is the name of the same bucket at the endpoint that suits the pod: the internal one
    when both are in one region, else the public one; "" when that is not known.
    """

    flow: str
    bucket: str = ""  # "" when nothing names it
    form: Literal["internal", "public", "accelerated", "custom", "undecided"] = "internal"
    host: str = ""
    region: str = ""  # of the endpoint
    pod_region: str = ""
    region_match: Match = "unknown"  # the endpoint with the pod
    evidence: Literal["name", "range"] = "name"  # what tells the region of the endpoint
    location: str = ""  # region of the bucket, by its own document
    location_match: Match = "unknown"  # the bucket with the endpoint
    home: Match = "unknown"  # the region of the bucket, as far as known, with the pod
    better: str = ""
    has_own_route: bool = False  # some route table leads addresses of 100.64.0.0/10 elsewhere
    acceleration: Literal["on", "off", "unknown"] = "unknown"  # transfer acceleration, by document
    is_mainland: bool = False  # a public endpoint in the Chinese mainland
    scheme: Literal["http", "https", "unknown"] = "https"
    port: int = 0
    has_port: Literal["yes", "no", "unknown"] = "yes"  # OSS answers at 80 and 443


class AccessPointState(Fact):
    """The access point that a flow dials, as its document shows it."""

    flow: str
    point: str
    state: Literal["enabled", "not-enabled", "unknown", "missing"] = "enabled"
    status: str = ""  # as the document says it
    origin: Literal["vpc", "internet", "unknown"] = "internet"
    vpc: str = ""  # the only one it is for
    own_vpc: str = ""
    vpc_match: Match = "unknown"  # with the VPC of the pod; "other" for a request without VPC


class BucketPolicyDecision(Fact):
    """What one policy says about the pod, for one source address that OSS may see.

    `address` "any": it says the same wherever the request comes from. "open": nothing in it is
    about the request, so RAM and the ACL decide. "none": there is no policy. `statement` counts
    from 1; `new_policy` is the whole policy with what would admit the pod, "" when the statement
    has no condition on the source to change.
    """

    flow: str
    owner: Owner = "bucket"
    name: str  # of the bucket or the access point
    address: str
    what: Literal["pod", "public", "any"] = "pod"
    vpc: str = ""  # that OSS sees; "" on the public path
    verdict: Literal["denied", "may-deny", "allowed", "open", "none", "undetermined"]
    statement: int = 0
    cause: Literal["", "all", "ip", "vpc", "no-vpc", "listed", "scheme"] = ""
    # Why a Deny is only perhaps about the request: "identity" it names identities, "operation" it
    # is about some operations or objects, "condition" a key that is not judged.
    doubt: Literal["", "identity", "operation", "condition", "source", "scheme"] = ""
    # "admit": `new_policy` does; "endpoint": the internal one; "https"; "review": only its author
    # knows what the statement is for.
    remedy: Literal["", "admit", "endpoint", "https", "review"] = ""
    condition: str = ""
    principals: str = ""
    actions: str = ""
    resources: str = ""
    total: int = 0  # statements
    # An Allow that only its conditions keep from being about the pod, counted from 1; 0 for none.
    near: int = 0
    near_condition: str = ""
    admits: str = ""  # what the new policy admits: the VPC or the public addresses
    new_policy: str = ""  # JSON
    new_statements: str = "[]"  # JSON


class BucketVerdict(Fact):
    """What a policy says about an address that OSS really may see on a flow."""

    is_derived = True
    flow: str
    owner: Owner = "bucket"
    address: str
    verdict: Literal["denied", "may-deny", "allowed", "open", "none", "undetermined"]


class GatewayEndpointDecision(Fact):
    """What the VPC gateway endpoint for OSS in the VPC of the pod says about the bucket.

    "none": there is none, or (`by` "routes") no route of the pod leads to one. "undetermined":
    `lacks` names the list.
    """

    flow: str
    vpc: str = ""
    state: Literal["allows", "refuses", "may-refuse", "none", "undetermined"] = "none"
    by: Literal["list", "routes", ""] = ""
    endpoint: str = ""
    bucket: str = ""
    reason: Literal["", "not-listed", "denied", "doubt", "unreadable", "not-told"] = ""
    named: str = ""  # the resources that the policy allows
    is_routed: Literal["yes", "no", "unknown"] = "unknown"  # for the vSwitch of the pod
    new_document: str = ""  # JSON text of the policy with the bucket added
    lacks: str = ""


class PublicAccess(Fact):
    """Block Public Access for the bucket, and what it would leave without effect."""

    flow: str
    bucket: str
    block: Literal["on", "off", "unknown"] = "unknown"
    level: str = ""  # account, bucket, access-point: which one is on
    acl: str = ""  # public-read, public-read-write; "" for private and not known
    statement: int = 0  # an Allow for everybody, counted from 1; 0 for none
    policy_status: Literal["public", "not-public", "unknown"] = "unknown"  # GetBucketPolicyStatus


class RangeGap(Fact):
    """Addresses OSS may move the bucket to, in the same region, that a filter of the pod drops.

    Only for a filter that lets the present address pass. `subject` is the policy, group or ACL.
    """

    flow: str
    gate: GateName
    subject: str
    group_source: str = ""  # what names the groups of the pod, as in pod_groups
    vswitch_source: str = ""  # what names its vSwitch, as in pod_vswitch
    vswitch: str = ""
    region: str = ""
    address: str = ""  # where the flow goes now
    ranges: str = ""  # CIDR blocks, comma separated
    count: int = 1
    total: int = 1
    traffic: str = ""  # tcp/443
    port: int = 0
    priority: int = 1  # for a rule that wins
    namespace: str = "default"
    name: str = ""  # for a new policy
    selector_json: str = "{}"
    peers_json: str = "[]"
    ports_json: str = "[]"
    direction: Literal["", "egress", "reply"] = ""  # of a network ACL
    new_entries: str = "[]"
