"""Tickets: what somebody handed in, and what a correct answer has to say about it.

They are written from the point of view of the person with the problem, in full API shapes, and
name no rule: verdict, the gate that stops the flow, the source address the destination sees, and
what the first fix must say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.scenarios.runner import base_case
from tests.tickets import answers as a
from wayout.engine import Case, Question

Part = dict[str, Any]


@dataclass(frozen=True)
class Ticket:
    """`gate` is that of the primary finding, or of the only possible one; "" for none."""

    title: str
    to: str
    documents: list[Part]
    verdict: str | tuple[str, ...]
    gate: str = ""
    source: tuple[str, ...] = ()  # what the ledger says the destination sees
    fix: tuple[str, ...] = ()  # texts that stand together in one fix of the finding
    never: tuple[str, ...] = ()  # texts that no fix may hold
    lacks: tuple[str, ...] = ()  # lists the answer must ask for
    without: tuple[str, ...] = ()  # documents of the base nobody collected
    changes: list[Part] = field(default_factory=list)
    question: Part = field(default_factory=dict)
    plan: int = 0  # how many changes together lead to `reachable`
    pod: str = "shop/api-0"

    def asked(self) -> tuple[Case, Question]:
        """The case and what is asked about it."""
        case = Case.load(base_case("healthy", *self.without), *self.documents)
        if self.changes:
            case = case.patched(self.changes)
        return case, Question(pod=self.pod, destination=self.to, **self.question)


ACCESS, SERVICE = "destination-access", "destination-service"
RDS_TO = f"{a.RDS_NAME}:3306"
APPEND = ("ModifyMode Append", a.POD_CIDR)

TICKETS = [
    # ── RDS ──
    Ticket("rds: factory default", RDS_TO, a.rds_world(("default", "127.0.0.1")),
           "blocked", ACCESS, (a.POD_IP,), APPEND, never=("Cover", "0.0.0.0/0")),
    Ticket("rds: several groups, none covers", RDS_TO,
           a.rds_world(("default", "127.0.0.1"), ("office", "192.0.2.0/24,10.20.15.0/24")),
           "blocked", ACCESS, (a.POD_IP,), APPEND),
    Ticket("rds: one of the groups covers", RDS_TO,
           a.rds_world(("default", "127.0.0.1"), ("shop", "10.20.16.0/24")), "reachable",
           source=(a.POD_IP,)),
    Ticket("rds: host bits in the entry", RDS_TO, a.rds_world(("default", "10.20.16.7/24")),
           "reachable"),
    Ticket("rds: a template covers", RDS_TO,
           [a.rds_net(), a.rds_whitelist(("default", "127.0.0.1")), a.rds_groups(),
            a.rds_templates("10.20.0.0/16"), a.rds_attribute()], "reachable"),
    Ticket("rds: by instance id, without port", a.RDS, a.rds_world(("default", "127.0.0.1")),
           "blocked", ACCESS, (a.POD_IP,), APPEND),
    Ticket("rds: stale address of a pod", RDS_TO, a.rds_world(("default", "10.20.16.30")),
           "blocked", ACCESS, (a.POD_IP,), APPEND),
    Ticket("rds: public endpoint, private range listed", f"{a.RDS_PUBLIC}:3306",
           a.rds_world(("default", a.POD_CIDR), public=True), "blocked", ACCESS, (a.EXIT,),
           never=("0.0.0.0/0",)),
    Ticket("rds: public endpoint, exit address listed", f"{a.RDS_PUBLIC}:3306",
           a.rds_world(("default", a.EXIT), public=True), "reachable", source=(a.EXIT,)),
    Ticket("rds: private endpoint, exit address listed", RDS_TO,
           a.rds_world(("default", a.EXIT)), "blocked", ACCESS, (a.POD_IP,), APPEND),
    Ticket("rds: enhanced mode, wrong kind of group", RDS_TO,
           a.rds_world(("default", a.POD_CIDR, "Classic"), ("vpc", "127.0.0.1", "VPC"),
                       mode="safety"), "blocked", ACCESS, (a.POD_IP,)),
    Ticket("rds: enhanced mode, right kind of group", RDS_TO,
           a.rds_world(("default", a.POD_CIDR, "VPC"), mode="safety"), "reachable"),
    Ticket("rds: security group as whitelist", RDS_TO,
           [a.rds_net(), a.rds_whitelist(("default", "127.0.0.1")), a.rds_groups("sg-bp1cluster"),
            a.rds_templates(), a.rds_attribute()], "unknown"),
    Ticket("rds: whitelist not collected", RDS_TO,
           [a.rds_net(), a.rds_attribute()], "unknown", lacks=("rds_access",)),
    Ticket("rds: wrong port", f"{a.RDS_NAME}:3307", a.rds_world(("default", a.POD_CIDR)),
           "blocked", SERVICE),
    Ticket("rds: locked", RDS_TO,
           [a.rds_net(), a.rds_whitelist(("default", a.POD_CIDR)), a.rds_groups(),
            a.rds_templates(), a.rds_attribute(LockMode="LockByExpiration")], "blocked", SERVICE),
    # ── other databases ──
    Ticket("tair: whitelist lacks the pod", f"{a.TAIR_NAME}:6379", a.tair_world("10.20.99.0/24"),
           "blocked", ACCESS, (a.POD_IP,), APPEND),
    Ticket("tair: whitelist covers", f"{a.TAIR_NAME}:6379", a.tair_world("127.0.0.1, 10.20.0.0/16"),
           "reachable"),
    Ticket("polardb: percent sign", f"{a.POLAR_NAME}:3306", a.polar_world("%"), "reachable"),
    Ticket("polardb: whitelist lacks the pod", f"{a.POLAR_NAME}:3306",
           a.polar_world("10.20.99.0/24"), "blocked", ACCESS, (a.POD_IP,)),
    # ── OSS ──
    Ticket("oss: internal endpoint of another region",
           "shop-media.oss-cn-beijing-internal.aliyuncs.com:443",
           [a.bucket("cn-beijing"),
            a.resolved("shop-media.oss-cn-beijing-internal.aliyuncs.com", "100.118.58.9")],
           "blocked", ACCESS),
    Ticket("oss: policy pins the office and the exit, pod comes from inside",
           f"{a.OSS_INNER}:443",
           [a.bucket(), a.no_block(), a.no_gateway_endpoint(), a.resolved(a.OSS_INNER, a.OSS_VIP),
            a.bucket_policy(a.statement("Deny", {"NotIpAddress": {
                "acs:SourceIp": ["192.0.2.0/24", f"{a.EXIT}/32"]}}))],
           "blocked", ACCESS, (a.POD_IP,)),
    Ticket("oss: policy pins another VPC", f"{a.OSS_INNER}:443",
           [a.bucket(), a.no_block(), a.no_gateway_endpoint(), a.resolved(a.OSS_INNER, a.OSS_VIP),
            a.bucket_policy(a.statement("Deny", {"StringNotEquals": {
                "acs:SourceVpc": ["vpc-bp1other"]}}))], "blocked", ACCESS, fix=(a.VPC,)),
    Ticket("oss: policy pins this VPC", f"{a.OSS_INNER}:443",
           [a.bucket(), a.no_block(), a.no_gateway_endpoint(), a.resolved(a.OSS_INNER, a.OSS_VIP),
            a.bucket_policy(a.statement("Deny", {"StringNotEquals": {"acs:SourceVpc": [a.VPC]}}))],
           "reachable"),
    Ticket("oss: policy pins this VPC, public endpoint dialled", f"{a.OSS_OUTER}:443",
           [a.bucket(), a.no_block(), a.no_gateway_endpoint(),
            a.resolved(a.OSS_OUTER, a.OSS_PUBLIC_IP),
            a.bucket_policy(a.statement("Deny", {"StringNotEquals": {"acs:SourceVpc": [a.VPC]}}))],
           "blocked", ACCESS, (a.EXIT,)),
    Ticket("oss: endpoint policy of the VPC lacks the bucket", f"{a.OSS_INNER}:443",
           [a.bucket(), a.no_block(), a.resolved(a.OSS_INNER, a.OSS_VIP),
            a.bucket_policy(),
            a.gateway_endpoint({"Effect": "Allow", "Action": "oss:*", "Principal": "*",
                                "Resource": ["acs:oss:*:*:other", "acs:oss:*:*:other/*"]})],
           "blocked", ACCESS, fix=(a.BUCKET,)),
    # ── CLB ──
    Ticket("clb: whitelist ACL lacks the pod", f"{a.CLB_IP}:8443", a.clb_world(["10.20.99.0/24"]),
           "blocked", ACCESS, (a.POD_IP,), ("AddAccessControlListEntry", a.POD_CIDR)),
    Ticket("clb: blacklist ACL has the pod", f"{a.CLB_IP}:8443",
           a.clb_world(["10.20.16.0/24"], "black"), "blocked", ACCESS, (a.POD_IP,)),
    Ticket("clb: empty whitelist ACL", f"{a.CLB_IP}:8443", a.clb_world([]), "reachable"),
    Ticket("clb: ACL covers", f"{a.CLB_IP}:8443", a.clb_world(["10.20.16.0/24"]), "reachable"),
    Ticket("clb: listener stopped", f"{a.CLB_IP}:8443", a.clb_world(Status="stopped"),
           "blocked", SERVICE),
    Ticket("clb: no listener on the port", f"{a.CLB_IP}:9443", a.clb_world(), "blocked", SERVICE),
    Ticket("clb: locked", f"{a.CLB_IP}:8443",
           [a.clb(LoadBalancerStatus="locked"), a.clb_listener(), a.clb_group(100),
            a.clb_health("normal")], "blocked", SERVICE),
    Ticket("clb: all weights are zero", f"{a.CLB_IP}:8443",
           [a.clb(), a.clb_listener(), a.clb_group(0, 0), a.clb_health("normal", "normal")],
           "blocked", SERVICE),
    Ticket("clb: health check is off", f"{a.CLB_IP}:8443",
           [a.clb(), a.clb_listener(HealthCheck="off"), a.clb_group(100),
            a.clb_health("unavailable")], "reachable"),
    Ticket("clb: public address, private range in the ACL", "203.0.113.88:8443",
           [a.clb("203.0.113.88", "internet"), a.clb_group(100), a.clb_health("normal"),
            a.clb_listener(AclStatus="on", AclType="white", AclId="acl-bp1own",
                           AclIds={"AclId": ["acl-bp1own"]}), a.acl(a.POD_CIDR)],
           "blocked", ACCESS, (a.EXIT,), ("AddAccessControlListEntry", a.EXIT)),
    # ── NLB and ALB ──
    Ticket("nlb: group without matching rule", f"{a.NLB_NAME}:9000",
           [*a.nlb_world("sg-bp1nlb"), a.group("sg-bp1nlb", a.rule_in("22/22", "192.0.2.0/24")),
            a.group_types(sg_bp1nlb="normal"), a.vswitch()], "reachable"),
    Ticket("nlb: group drops", f"{a.NLB_NAME}:9000",
           [*a.nlb_world("sg-bp1nlb"),
            a.group("sg-bp1nlb", a.rule_in("9000/9000", "192.0.2.0/24"),
                    a.rule_in("1/65535", "0.0.0.0/0", "Drop", 100)),
            a.group_types(sg_bp1nlb="normal"), a.vswitch()],
           "blocked", ACCESS, (a.POD_IP,), (a.POD_CIDR,), never=("0.0.0.0/0",)),
    Ticket("alb: whitelist ACL lacks the pod", f"{a.ALB_NAME}:443",
           [*a.alb_world(["10.20.99.0/24"]), a.vswitch()], "blocked", ACCESS, (a.POD_IP,),
           ("AddEntriesToAcl", a.POD_CIDR)),
    Ticket("alb: healthy", f"{a.ALB_NAME}:443", [*a.alb_world(), a.vswitch()], "reachable"),
    Ticket("alb: every backend is unhealthy", f"{a.ALB_NAME}:443",
           [*a.alb_world(unhealthy=True), a.vswitch()], "unknown", SERVICE),
    # ── own load balancer ──
    Ticket("own: Local", f"{a.OWN_IP}:80", a.own_world("Local"), "unknown", "own-load-balancer",
           fix=("web.shop.svc",)),
    Ticket("own: Cluster", f"{a.OWN_IP}:80", a.own_world("Cluster"), "reachable"),
    Ticket("own: Cluster, and an ACL on the CLB that would refuse", f"{a.OWN_IP}:80",
           [*a.own_world("Cluster"), a.clb(a.OWN_IP, "internet"), a.acl("192.0.2.0/24"),
            a.clb_listener(ListenerPort=80, AclStatus="on", AclType="white", AclId="acl-bp1own",
                           AclIds={"AclId": ["acl-bp1own"]})], "reachable"),
    # ── ECS ──
    Ticket("ecs: by EIP, private range admitted", f"{a.VM_EIP}:5432",
           [*a.vm_world(a.rule_in("5432/5432", "10.20.0.0/16"), AssociatedPublicIp={
               "PublicIpAddress": a.VM_EIP, "AllocationId": "eip-bp1legacy"}),
            a.eips(a.vm_eip())], "blocked", ACCESS, (a.EXIT,), never=("0.0.0.0/0",),
           without=("eips.json",)),
    Ticket("ecs: stopped", f"{a.VM}:5432",
           a.vm_world(a.rule_in("5432/5432", "10.20.0.0/16"), status="Stopped"),
           "blocked", SERVICE),
    Ticket("ecs: admitted", f"{a.VM_IP}:5432",
           a.vm_world(a.rule_in("5432/5432", "10.20.0.0/16")), "reachable"),
    # ── others ──
    Ticket("privatelink: group of the endpoint lacks the port", f"{a.LINK_IP}:443",
           a.link_world(a.rule_in("80/80", "10.20.0.0/16")), "blocked", ACCESS, (a.POD_IP,),
           (a.POD_CIDR,)),
    Ticket("privatelink: not accepted yet", f"{a.LINK_IP}:443",
           a.link_world(a.rule_in("443/443", "10.20.0.0/16"), connection="Pending"),
           "blocked", SERVICE),
    Ticket("privatelink: healthy", f"{a.LINK_IP}:443",
           a.link_world(a.rule_in("443/443", "10.20.0.0/16")), "reachable"),
    Ticket("kms: bound to another VPC only", f"{a.KMS_NAME}:443", a.kms_world("vpc-bp1other"),
           "blocked"),
    Ticket("kms: bound to this VPC", f"{a.KMS_NAME}:443", a.kms_world(a.VPC), "reachable"),
    # ── several faults, several addresses, other networks ──
    Ticket("two faults: the group of the pod and the whitelist", RDS_TO,
           a.rds_world(("default", "127.0.0.1")), "blocked", "dns", (a.POD_IP,), APPEND,
           changes=[a.pod_group(DestCidrIp="192.0.2.0/24")], plan=4),
    Ticket("two faults: no SNAT entry and the wrong list", f"{a.RDS_PUBLIC}:3306",
           a.rds_world(("default", a.POD_CIDR), public=True), "blocked", "internet-exit",
           changes=[{"remove": "snat_entries", "of": "ngw-bp1exit", "key": "snat-bp1pods"}]),
    Ticket("pool: one of two exit addresses is listed", f"{a.RDS_PUBLIC}:3306",
           [*a.rds_world(("default", a.EXIT), public=True), a.second_exit()], "unknown", ACCESS,
           (a.EXIT, a.EXIT_2), (a.EXIT_2, "ModifyMode Append"), changes=[a.both_exits()],
           without=("nat-gateways.json", "eips.json")),
    Ticket("pool: both exit addresses are listed", f"{a.RDS_PUBLIC}:3306",
           [*a.rds_world(("default", f"{a.EXIT},{a.EXIT_2}"), public=True), a.second_exit()],
           "reachable", "", (a.EXIT, a.EXIT_2), changes=[a.both_exits()],
           without=("nat-gateways.json", "eips.json")),
    Ticket("other vpc: no route to it", RDS_TO,
           [a.rds_net(vpc="vpc-bp1data", ip="10.60.4.9"),
            *a.rds_world(("default", a.POD_CIDR))[1:-1]], "blocked", "route"),
    Ticket("other vpc: its address is inside the pod's own range", RDS_TO,
           [a.rds_net(vpc="vpc-bp1data"), *a.rds_world(("default", a.POD_CIDR))[1:-1]], "blocked"),
    Ticket("network ACL of the database's vSwitch has no say", RDS_TO,
           [*a.rds_world(("default", a.POD_CIDR)), a.vswitch("nacl-bp1db"), a.closed_acl()],
           "reachable"),
    Ticket("network ACL of the NLB's vSwitch drops", f"{a.NLB_NAME}:9000",
           [*a.nlb_world(), a.vswitch("nacl-bp1db"), a.closed_acl()], "blocked", ACCESS),
    Ticket("clb: one page of the ACL", f"{a.CLB_IP}:8443",
           [*a.clb_world(["10.20.99.0/24"])[:-1],
            a.envelope("DescribeAccessControlListAttribute", {
                **a.acl("10.20.99.0/24")["response"], "TotalAclEntry": 51},
                AclId="acl-bp1own", Page="1", PageSize="50")],
           "unknown", lacks=("acl_entries",)),
    Ticket("rds: the whitelist could not be read", RDS_TO,
           [a.rds_net(), a.rds_groups(), a.rds_templates(), a.rds_attribute(),
            {"action": "DescribeDBInstanceIPArrayList", "request": {"DBInstanceId": a.RDS},
             "response": None, "error": {"Code": "Forbidden.RAM", "Message": "no"}}],
           "unknown", lacks=("rds_access",)),
    Ticket("mongodb: an empty list is open", f"{a.MONGO_NAME}:3717", a.mongo_world(""),
           ("reachable", "unknown")),
    Ticket("mongodb: whitelist lacks the pod", f"{a.MONGO_NAME}:3717",
           a.mongo_world("10.20.99.0/24"), ("blocked", "unknown"), ACCESS, (a.POD_IP,),
           (a.POD_CIDR,)),
    Ticket("policy: only private ranges may be called, the bucket is not in them",
           f"{a.OSS_INNER}:443",
           [a.bucket(), a.no_block(), a.no_gateway_endpoint(), a.bucket_policy(),
            a.resolved(a.OSS_INNER, a.OSS_VIP), a.private_only()], "blocked", "policy",
           fix=("100.118.28",)),
    # ── only an error text ──
    Ticket("error: MySQL names the client", RDS_TO,
           [a.observed({"error": "ERROR 2801 (HY000): #RDS00ip not in whitelist, client ip is "
                                 "198.51.100.20"})], "blocked", ACCESS, fix=(a.EXIT,)),
    Ticket("error: Redis illegal address", f"{a.TAIR_NAME}:6379",
           [a.observed({"error": "(error) ERR illegal address"}),
            a.resolved(a.TAIR_NAME, a.TAIR_IP)], "blocked", ACCESS, (a.POD_IP,)),
]  # fmt: skip
