"""The rows of the field's table of symptoms: the texts of each, and what it must speak of.

`first` is the likeliest gate (or what lies beyond the gates); `passed` are gates that the first
text proves to be passed, `open` gates that it must leave open.
"""

from __future__ import annotations

from typing import NamedTuple

NETWORK = ("dns", "policy", "security-group", "network-acl", "route", "internet-exit", "guards")


class Row(NamedTuple):
    texts: tuple[str, ...]
    first: str = ""
    passed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    decides: str = ""


DAC, DSV, OLB, SG = (
    "destination-access",
    "destination-service",
    "own-load-balancer",
    "security-group",
)
APP, CAP, MTU = "application", "capacity", "packet-size"

ROWS: dict[int, Row] = {
    1: Row(
        (
            "curl: (6) Could not resolve host: api.example.com",
            "ping: api.example.com: Name or service not known",
            "getaddrinfo ENOTFOUND api.example.com",
            "no such host",
            "** server can't find api.example.com: NXDOMAIN",
            "java.net.UnknownHostException: api.example.com",
            "PHP Warning: php_network_getaddresses: getaddrinfo failed",
            "域名解析失败",
            "pod 内 curl 报 could not resolve host",
        ),
        "dns",
        open=("dns", "policy"),
    ),
    2: Row(
        (
            "Temporary failure in name resolution",
            "getaddrinfo EAI_AGAIN api.example.com",
            "status: SERVFAIL, id: 4711",
            "curl: (28) Resolving timed out after 5515 milliseconds",
            "偶发解析超时",
            "DNS 解析 5 秒",
        ),
        "dns",
        open=("dns", "policy"),
    ),
    3: Row(
        (
            "dial tcp: lookup api.example.com on 172.21.0.10:53: read udp"
            " 10.20.16.31:33333->172.21.0.10:53: i/o timeout",
            "CoreDNS 超时",
        ),
        "policy",
        open=("dns", "policy", SG),
    ),
    4: Row(("lookup api.example.com on 172.21.0.10:53: no such host",), "dns", open=("dns",)),
    5: Row(
        (
            "curl: (28) Connection timed out after 130001 milliseconds",
            "dial tcp 203.0.113.10:443: i/o timeout",
            "connect ETIMEDOUT 203.0.113.10:443",
            "java.net.SocketTimeoutException: connect timed out",
            "context deadline exceeded",
            "urllib3.exceptions.ConnectTimeoutError",
            "WSAETIMEDOUT 10060",
            "pod ping 不通外网",
            "无法访问公网",
            "连接 RDS 超时",
        ),
        "internet-exit",
        passed=("dns",),
        open=("policy", "internet-exit", DAC),
    ),
    6: Row(
        (
            "curl: (7) Failed to connect to 203.0.113.10 port 443: Connection refused",
            "connect ECONNREFUSED 203.0.113.10:443",
            "No connection could be made because the target machine actively refused it",
            "端口拒绝连接",
        ),
        DSV,
        passed=(*NETWORK, DAC),
        open=(DSV, OLB),
    ),
    7: Row(("connect: No route to host", "没有到主机的路由"), DAC, passed=("dns",), open=(DAC,)),
    8: Row(("connect: Network is unreachable", "网络不可达"), "pod", open=("route",)),
    9: Row(
        (
            "curl: (56) Recv failure: Connection reset by peer",
            "unexpected EOF",
            "ssl.SSLEOFError: EOF occurred in violation of protocol",
            "连接被重置",
        ),
        APP,
        passed=NETWORK,
        open=(DAC, DSV),
    ),
    10: Row(
        ("dial tcp 10.0.0.8:80: connect: operation not permitted",), "policy", open=("policy",)
    ),
    11: Row(
        (
            "net/http: TLS handshake timeout",
            "curl: (28) SSL connection timeout",
            "OpenSSL SSL_connect: SSL_ERROR_SYSCALL",
            "拉镜像 TLS handshake timeout",
        ),
        MTU,
        passed=NETWORK,
        open=(DSV,),
    ),
    12: Row(
        (
            "SSL routines:ssl3_get_record:wrong version number",
            "SSL routines:SSL23_GET_SERVER_HELLO:unknown protocol",
            "The plain HTTP request was sent to HTTPS port",
            "tls: first record does not look like a TLS handshake",
        ),
        OLB,
        passed=(*NETWORK, DAC),
        open=(OLB,),
    ),
    13: Row(
        (
            'broken header: "GET /" while reading PROXY protocol',
            "PROXY protocol error",
            "invalid proxy protocol header",
        ),
        OLB,
        passed=(*NETWORK, DAC),
        open=(OLB,),
    ),
    14: Row(
        (
            "x509: certificate signed by unknown authority",
            "certificate has expired",
            "certificate verify failed: Hostname mismatch",
        ),
        APP,
        passed=(*NETWORK, DAC, DSV, OLB),
    ),
    15: Row(
        (
            "ERROR 2003 (HY000): Can't connect to MySQL server on '10.30.0.8' (110)",
            "ERROR 2003 (HY000): Can't connect to MySQL server on '10.30.0.8' (10060)",
            "连不上数据库",
        ),
        DAC,
        passed=("dns",),
        open=(DAC, SG),
    ),
    16: Row(
        ("ERROR 2003 (HY000): Can't connect to MySQL server on '10.30.0.8' (111)",),
        DSV,
        passed=(*NETWORK, DAC),
        open=(DSV,),
    ),
    17: Row(("ERROR 2005 (HY000): Unknown MySQL server host 'db'",), "dns", open=("dns",)),
    18: Row(
        (
            "ERROR 1045 (HY000): #28000ip not in whitelist",
            "ERROR 2801 (HY000): #RDS00ip not in whitelist, client ip is 203.0.113.7",
            "已经加了白名单还是报 not in whitelist",
        ),
        DAC,
        passed=(*NETWORK, DSV),
        open=(DAC,),
        decides="whitelist",
    ),
    19: Row(
        (
            "ERROR 1045 (28000): Access denied for user 'u'@'10.20.16.31' (using password: YES)",
            "密码错误",
        ),
        APP,
        passed=(*NETWORK, DAC, DSV),
    ),
    20: Row(
        ("ERROR 1130 (HY000): Host '10.20.16.31' is not allowed to connect to this MySQL server",),
        APP,
        passed=(*NETWORK, DSV),
        open=(DAC,),
    ),
    21: Row(
        (
            "ERROR 2013 (HY000): Lost connection to MySQL server at"
            " 'reading initial communication packet', system error: 110",
            "telnet 通但连不上",
        ),
        DAC,
        passed=NETWORK,
        open=(DAC, DSV),
    ),
    22: Row(("ERROR 1040 (HY000): Too many connections",), CAP, passed=(*NETWORK, DSV)),
    23: Row(
        ('FATAL: no pg_hba.conf entry for host "10.20.16.31", user "u", database "d"',),
        DAC,
        passed=(*NETWORK, DSV),
        open=(DAC,),
    ),
    24: Row(
        (
            "could not connect to server: Connection timed out",
            "could not connect to server: Connection refused",
        )
    ),
    25: Row(
        ('FATAL: password authentication failed for user "u"',), APP, passed=(*NETWORK, DAC, DSV)
    ),
    26: Row(
        (
            "(error) ERR illegal address: 10.20.16.31:51234",
            "ERR client ip is not in whitelist",
            "Redis 报 illegal address",
        ),
        DAC,
        passed=(*NETWORK, DSV),
        open=(DAC,),
        decides="whitelist",
    ),
    27: Row(
        ("NOAUTH Authentication required.", "WRONGPASS invalid password", "ERR invalid password"),
        APP,
        passed=(*NETWORK, DAC, DSV),
    ),
    28: Row(("ERR max number of clients reached",), CAP, passed=(*NETWORK, DSV)),
    29: Row(
        (
            "JedisConnectionException: Could not get a resource from the pool",
            "Failed to connect to any host resolved for DNS name",
        ),
        DAC,
        open=("dns", DAC),
    ),
    30: Row(
        (
            "no reachable servers",
            "pymongo.errors.ServerSelectionTimeoutError: timed out",
            "MongoSocketReadException: Prematurely reached end of stream",
        ),
        DAC,
        open=("dns", DAC),
    ),
    31: Row(
        (
            "Bootstrap broker 10.30.0.8:9092 (id: -1 rack: null) disconnected",
            "Timed out waiting for a node assignment",
            "Connection to node -1 (10.30.0.8:9092) could not be established",
            "kafka 接入点 ping 不通",
        ),
        DAC,
        open=(DAC, SG),
    ),
    32: Row(
        ("<Code>AccessDenied</Code>", "403 Forbidden AccessDenied", "OSS 内网地址 403"),
        DAC,
        passed=(*NETWORK, DSV),
        open=(DAC,),
    ),
    33: Row(
        ("<Code>PublicEndpointForbidden</Code>",),
        DAC,
        passed=(*NETWORK, DSV),
        open=(DAC,),
        decides="public-endpoint",
    ),
    34: Row(
        (
            "Connection to http://b.oss-cn-beijing-internal.aliyuncs.com refused",
            "Connection to http://b.oss-cn-beijing-internal.aliyuncs.com timed out",
            "OSS 内网地址访问不通",
        ),
        "route",
        passed=("dns",),
        open=("route", "policy", DAC),
    ),
    35: Row(
        (
            '{"errcode":40164,"errmsg":"invalid ip 203.0.113.7, not in whitelist"}',
            "403: IP not in allow list",
            "IP地址不在白名单",
            "访问第三方接口提示 IP 不在白名单",
        ),
        DAC,
        passed=(*NETWORK, DSV),
        open=(DAC,),
        decides="allow-list",
    ),
    36: Row(
        ("HTTP/1.1 502 Bad Gateway", "503 Service Unavailable", "504 Gateway Time-out", "偶发 502"),
        APP,
        passed=(*NETWORK, DAC),
        open=(DSV,),
    ),
    37: Row(
        ("HTTP/1.1 407 Proxy Authentication Required", "HTTP/1.1 302 Found Location: /login"),
        APP,
        open=("policy", DAC),
    ),
    38: Row(
        (
            'Failed to pull image "r.example.com/a:1": net/http: request canceled while waiting for'
            " connection",
            'Failed to pull image "r.example.com/a:1": dial tcp 203.0.113.30:443: i/o timeout',
            "镜像拉取超时",
            "镜像无法拉取",
        ),
        "internet-exit",
        open=("dns", "internet-exit", SG),
    ),
    39: Row(
        (
            "pull access denied for shop/api",
            'Failed to pull image "r.example.com/a:1": unauthorized',
            'Failed to pull image "r.example.com/a:1": not found',
        ),
        APP,
        open=("internet-exit",),
    ),
    40: Row(("mount.nfs: Connection timed out", "NAS 挂载失败"), SG, open=(SG, "route")),
    41: Row(
        ("mount.nfs: access denied by server while mounting", "mount: /data: Permission denied"),
        DAC,
        open=(DAC,),
        decides="permission-group",
    ),
    42: Row(
        (
            "failed to perform self check GET request: dial tcp 203.0.113.50:80: connect:"
            " connection refused",
            "self check failed: dial tcp 203.0.113.50:80: timeout",
            "自检失败",
        ),
        OLB,
        open=("policy", OLB),
    ),
    43: Row(("集群内访问 SLB 地址不通", "pod 无法访问 ingress slb 绑定的域名"), OLB),
    44: Row(("时通时不通", "部分 pod 不通"), "internet-exit"),
    45: Row(("新增交换机后 Pod 无法访问公网",), "internet-exit"),
    46: Row(("ping 不通但是能访问",)),
    47: Row(("能 ping 通 telnet 不通",), DAC),
    48: Row(("telnet 通但登录失败",), DAC),
    49: Row(("小包通大包不通",), MTU),
    50: Row(("Pod 重启后连不上",), DAC),
    51: Row(("SMTPConnect timed out", "25 端口不通"), "guards", open=("guards",)),
    52: Row(("Client not connected, current status: STARTING", "Nacos 连不上"), DAC, open=(SG,)),
    53: Row(
        ("Read timed out", "java.net.SocketTimeoutException: Read timed out"),
        APP,
        passed=NETWORK,
        open=(DAC,),
    ),
    54: Row(("Cannot assign requested address", "connect EADDRNOTAVAIL"), CAP, open=("policy",)),
    55: Row(
        (
            "Unable to connect to the server: dial tcp 10.30.0.20:6443: i/o timeout",
            "kubectl/client-go 超时",
        ),
        DAC,
        passed=("dns",),
        open=(DAC, SG),
    ),
    56: Row(("专线打通后 Pod 仍不通",), "route"),
}
