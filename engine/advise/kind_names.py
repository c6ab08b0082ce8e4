"""What the kinds of facts are called in a sentence that says there is one, or none, of them.

A kind without a name here is called by its own, as the vocabulary does.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from wayout.engine.advise.answer import Text

__all__ = ["KIND_NAMES", "name_of"]

# kind -> (English without an article, Chinese)
KIND_NAMES: Mapping[str, tuple[str, str]] = {
    "acl_binding": ("network ACL of the vSwitch", "交换机绑定的网络 ACL"),
    "acl_decision": ("decision of the network ACL", "网络 ACL 的判定"),
    "acl_exempt": ("exemption from network ACLs", "网络 ACL 豁免"),
    "balancer_address": (
        "load balancer of this cluster with the address",
        "使用该地址的本集群负载均衡",
    ),
    "balancer_bypass": (
        "reason why the address cannot be a load balancer of this cluster",
        "该地址不属于本集群负载均衡的理由",
    ),
    "balancer_setup": (
        "load balancer of a LoadBalancer Service",
        "LoadBalancer Service 的负载均衡",
    ),
    "barrier": ("barrier on the path", "路径上的拦截"),
    "conclusion": ("conclusion", "结论"),
    "dead_hop": ("next hop that is out of service", "失效的下一跳"),
    "destination_acl_decision": (
        "decision of the destination's network ACL",
        "目标侧网络 ACL 的判定",
    ),
    "destination_address": ("address of the destination", "目标地址"),
    "destination_host": (
        "pod or network interface of this account at the destination",
        "目标地址对应的本账号 Pod 或网卡",
    ),
    "destination_pod": ("pod with the address of the destination", "使用目标地址的 Pod"),
    "destination_product": ("cloud product at the destination", "目标地址所属的云产品"),
    "destination_service": ("Service the flow is meant for", "流量所指的 Service"),
    "diverted": ("more specific route that diverts the flow", "引走流量的更精确路由"),
    "dns_answer": ("recorded answer of a name server", "DNS 服务器的应答记录"),
    "egress_opening": ("narrowest policy that would allow the flow", "放行该流量的最小网络策略"),
    "eip_evidence": ("source that tells of a public address of the pod", "指明 Pod 公网 IP 的依据"),
    "eip_record": ("EIP", "弹性公网 IP"),
    "eip_request": ("annotation that asks for an EIP", "申请 EIP 的注解"),
    "exit_address": ("public address the flow leaves by", "流量使用的公网出口地址"),
    "exit_gateway": ("NAT gateway that serves the flow", "为该流量服务的 NAT 网关"),
    "exit_missing": ("proof that the way to the Internet lacks", "缺少公网出口的证明"),
    "firewall_decision": ("decision of Cloud Firewall", "云防火墙的判定"),
    "flow": ("flow", "流量"),
    "flow_backend": ("endpoint the Service sends the flow to", "Service 转发流量的后端"),
    "flow_blocked": ("confirmed block", "已确认的阻断"),
    "flow_free": ("flow that nothing is confirmed to block", "全程未被确认阻断的流量"),
    "flow_open": ("flow that this gate is not confirmed to block", "未被确认阻断的流量"),
    "flow_passed": ("flow that this gate was seen to let through", "已确认放行的流量"),
    "flow_route": ("route of the flow", "流量的路由"),
    "flow_undecided": ("flow that this gate leaves undecided", "未能判定的流量"),
    "gate_status": ("result of a gate", "环节结果"),
    "gateway_ready": (
        "NAT gateway that is ready for Internet traffic",
        "可用于访问公网的 NAT 网关",
    ),
    "group_candidate": ("source that names the security groups", "指明安全组的依据"),
    "guard_clear": ("sign that the guard lets the address pass", "安全防护放行该地址的依据"),
    "guard_document": ("document of a guard", "安全防护的文档"),
    "guard_hit": ("guard that stops the address", "拦截该地址的安全防护"),
    "guard_unclear": ("guard about which too little is known", "信息不足的安全防护"),
    "host_groups": ("established set of security groups", "已确定的安全组"),
    "host_vswitch": ("established vSwitch", "已确定的交换机"),
    "inbound_decision": (
        "decision on inbound traffic at the destination",
        "目标侧入方向安全组的判定",
    ),
    "inbound_open": ("CoreDNS pod that admits the pod", "允许该 Pod 访问的 CoreDNS Pod"),
    "ingress_decision": (
        "decision of the policies of the destination pod",
        "目标 Pod 网络策略的判定",
    ),
    "ip_mapping": ("DNAT mapping of all ports", "DNAT IP 映射"),
    "limit_reading": ("reading of the limit", "该限额的监控数据"),
    "live_hop": ("next hop that is in service", "可用的下一跳"),
    "local_target": ("reason why the address is local to the VPC", "该地址属于专有网络内的理由"),
    "lookup_name": ("name to look up", "需要解析的域名"),
    "lookup_open": ("lookup that nothing is confirmed to block", "未被确认阻断的域名查询"),
    "lookup_path": ("path of the name lookup", "域名查询的路径"),
    "lookup_works": ("lookup that passes every gate", "通过所有环节的域名查询"),
    "metric_reading": ("reading of a metric", "监控指标数据"),
    "nat_gateway_state": ("NAT gateway", "NAT 网关"),
    "own_eip": ("public address of the pod's own", "Pod 自身的公网 IP"),
    "path_blocked": ("gate at which every path ends", "阻断全部路径的环节"),
    "pod_exit": ("exit that the flow takes", "流量使用的公网出口"),
    "pod_groups": ("set of security groups of the pod", "Pod 的安全组"),
    "pod_state": ("document of the pod", "Pod 的文档"),
    "pod_vswitch": ("vSwitch of the pod", "Pod 所在的交换机"),
    "policy_agent": ("policy annotation of the pod", "Pod 的网络策略注解"),
    "policy_component": ("policy component", "网络策略组件"),
    "policy_decision": ("decision of the network policies", "网络策略的判定"),
    "policy_engine": ("statement whether network policies are enforced", "网络策略是否生效的结论"),
    "policy_mode": ("policy mode of the pod", "Pod 的策略模式"),
    "policy_off": ("reason why policies are not enforced", "网络策略不生效的理由"),
    "policy_on": ("sign that policies are enforced", "网络策略已生效的依据"),
    "resolver": ("name server", "DNS 服务器"),
    "resolver_candidate": ("source that names the name servers", "指明 DNS 服务器的依据"),
    "resolver_choice": ("resolver that the pod uses", "Pod 使用的 DNS 服务器"),
    "return_route": ("route back to the pod", "返回 Pod 的路由"),
    "route_need": ("need of a route to an exit", "对出口路由的需求"),
    "sg_decision": ("decision of the security groups", "安全组的判定"),
    "sg_exempt": ("exemption from security groups", "安全组豁免"),
    "sg_replaced": ("annotation that replaces the security groups", "替换安全组的注解"),
    "sick_eip": ("EIP that cannot carry traffic", "无法承载流量的 EIP"),
    "snat_choice": ("SNAT entry that serves the pod", "为该 Pod 服务的 SNAT 条目"),
    "snat_down": ("address of the SNAT entry that does not work", "SNAT 条目中不可用的公网 IP"),
    "snat_unclear": (
        "address of the SNAT entry about which too little is known",
        "SNAT 条目中状态不明的公网 IP",
    ),
    "snat_up": ("address of the SNAT entry that works", "SNAT 条目中可用的公网 IP"),
    "stray_hop": ("route that leads to the Internet instead", "误指向公网的路由"),
    "tcp_observation": ("recorded attempt to connect", "连接尝试的记录"),
    "traffic_decision": ("decision of the traffic policies", "流量策略的判定"),
    "traffic_engine": ("statement whether traffic policies are enforced", "流量策略是否生效的结论"),
    "traffic_off": ("reason why traffic policies are not enforced", "流量策略不生效的理由"),
    "traffic_on": ("sign that traffic policies are enforced", "流量策略已生效的依据"),
    "unbound_zone": ("private zone that the VPC does not see", "专有网络未绑定的内网域名"),
    "upstream_open": (
        "upstream lookup that nothing is confirmed to block",
        "未被确认阻断的上游查询",
    ),
    "upstream_path": ("path from CoreDNS to its upstream", "CoreDNS 到上游 DNS 服务器的路径"),
    "vpc_exit": ("way of the VPC to the Internet", "专有网络的公网出口方式"),
    "vswitch_candidate": ("source that names the vSwitch", "指明交换机的依据"),
    "well_eip": ("EIP that works", "可用的 EIP"),
    "zone_match": ("private zone that holds the name", "包含该域名的内网域名"),
    "product_endpoints": ("endpoints of the instance at the other end", "对端实例的接入点"),
    "product_members": ("further addresses of the clustered instance", "集群实例的其他地址"),
    "product_state": ("state of the instance at the other end", "对端实例的状态"),
    "whitelist_admits": ("source address that the whitelist lets in", "白名单放行的源地址"),
    "whitelist_advice": ("advice for the whitelist", "白名单修改建议"),
    "whitelist_block": ("vSwitch in the whitelist", "白名单中的交换机网段"),
    "whitelist_content": (
        "content of the whitelist with a meaning of its own",
        "白名单中有特殊含义的内容",
    ),
    "whitelist_decision": ("decision of the whitelist", "白名单的判定"),
    "whitelist_doubt": ("doubt about what else may be let in", "关于其他放行方式的疑问"),
    "whitelist_gap": ("gap in the whitelist", "白名单缺少的内容"),
    "whitelist_meaning": ("meaning of a content of the whitelist", "白名单内容的含义"),
    "whitelist_member": ("security group on the whitelist", "白名单绑定的安全组"),
    "whitelist_near_miss": ("whitelist entry that nearly fits", "近似匹配的白名单条目"),
    "whitelist_open": ("whitelist that is open to everyone", "对所有地址开放的白名单"),
    "whitelist_refuses": ("source address that the whitelist lacks", "白名单未包含的源地址"),
    "whitelist_scope": ("whitelist of the product", "产品的白名单"),
    "whitelist_unclear": (
        "source address of which nothing tells whether it is let in",
        "无法判断是否放行的源地址",
    ),
    "whitelist_unreadable": ("whitelist entry that cannot be read", "无法识别的白名单条目"),
}


@cache
def name_of(kind: str) -> Text:
    """The kind in words with its own name behind: "confirmed block (flow_blocked)".

    In Chinese the words stand in quotes, so that they may follow any description.
    """
    known = KIND_NAMES.get(kind)
    if known is None:
        return Text(en=kind, zh=f" {kind} ")
    if known[0] == kind:
        return Text(en=kind, zh=f"“{known[1]}”（{kind}）")
    return Text(en=f"{known[0]} ({kind})", zh=f"“{known[1]}”（{kind}）")
