"""Worlds with load balancers, in the short form of a case file."""

from __future__ import annotations

from typing import Any

from tests.observe.net import API, CLUSTER, KUBE_DNS, POD, Part, shop
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact
from wayout.engine.observe import observe

__all__ = ["ALB", "CLB", "GROUPS", "NLB", "ask", "backend", "listener", "world"]

VPC = CLUSTER["vpc"]


def listener(**more: Any) -> Part:
    return {"port": 443, "protocol": "tcp", "status": "running", "acl": "off", **more}


def backend(ip: str = "10.0.3.8", **more: Any) -> Part:
    return {"id": f"eni-{ip.replace('.', '-')}", "ip": ip, "port": 8443, "weight": 100, **more}


CLB: Part = {
    "id": "lb-bp1web",
    "address": "10.0.1.200",
    "type": "intranet",
    "status": "active",
    "vpc": VPC,
    "listeners": [
        listener(
            server_groups=["rsp-bp1web"],
            health=[{"ip": "10.0.3.8", "port": 8443, "state": "normal"}],
        )
    ],
}
ALB: Part = {
    "id": "alb-bp1web",
    "dns_name": "alb-bp1web.cn-hangzhou.alb.aliyuncsslb.com",
    "type": "intranet",
    "status": "Active",
    "business_status": "Normal",
    "vpc": VPC,
    "security_groups": [],
    "zones": [
        {"zone": "cn-hangzhou-h", "vswitch": "vsw-lb", "private_ip": "10.0.1.201",
         "status": "Active", "health": "Healthy"},
        {"zone": "cn-hangzhou-i", "vswitch": "vsw-lb2", "private_ip": "10.0.1.202",
         "status": "Active", "health": "Healthy"},
    ],
    "listeners": [
        listener(id="lsn-alb", protocol="https", status="Running", server_groups=["sgp-alb"],
                 health_check=True, health=[])
    ],
}  # fmt: skip
NLB: Part = {
    **ALB,
    "id": "nlb-bp1web",
    "dns_name": "nlb-bp1web.cn-hangzhou.nlb.aliyuncsslb.com",
    "cross_zone": True,
    "zones": [
        {"zone": "cn-hangzhou-h", "vswitch": "vsw-lb", "private_ip": "10.0.1.211",
         "status": "Active", "health": "Healthy"},
        {"zone": "cn-hangzhou-i", "vswitch": "vsw-lb2", "private_ip": "10.0.1.212",
         "status": "Active", "health": "Healthy"},
    ],
    "listeners": [
        {"id": "lsn-nlb", "port": 443, "protocol": "tcp", "status": "Running",
         "server_groups": ["sgp-nlb"], "health_check": True, "health": []}
    ],
}  # fmt: skip
GROUPS: list[Part] = [
    {"id": "rsp-bp1web", "servers": [backend()]},
    {"id": "sgp-alb", "servers": [backend(zone="cn-hangzhou-h")]},
    {"id": "sgp-nlb", "preserve_client_ip": True, "servers": [backend(zone="cn-hangzhou-h")]},
]


def world(*balancers: Part, **more: Any) -> Case:
    """The pod, its VPC, and these load balancers with their servers."""
    parts: dict[str, Any] = {
        "load_balancers": [dict(part) for part in balancers],
        "server_groups": GROUPS,
        "services": [KUBE_DNS],
        "pods": [API],
        **more,
    }
    return shop(**parts)


def ask(case: Case, to: str, **more: Any) -> list[Fact]:
    """Every fact of one question, with the shipped products."""
    question = Question(pod=POD, destination=to, **more)
    return list(observe(case, question, shipped().knowledge.products).facts)
