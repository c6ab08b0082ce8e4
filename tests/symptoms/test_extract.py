"""What a text names: hosts that were dialled, names, name servers, the client, the error number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.symptoms.extract import Endpoint, Mentions, mentions_of
from wayout.engine.symptoms.text import prepare

API, DB = Endpoint("203.0.113.10", 443), "rm-bp1db.mysql.rds.aliyuncs.com"

TEXTS: dict[str, Mentions] = {
    "dial tcp 203.0.113.10:443: i/o timeout": Mentions(dialled=(API,)),
    "dial tcp [2001:db8::10]:443: connect: network is unreachable": Mentions(
        dialled=(Endpoint("2001:db8::10", 443),)
    ),
    "curl: (7) Failed to connect to 203.0.113.10 port 443: Connection refused": Mentions(
        dialled=(API,)
    ),
    "telnet: connect to address 203.0.113.10: Connection refused": Mentions(
        dialled=(Endpoint("203.0.113.10"),)
    ),
    "Error: connect ECONNREFUSED 203.0.113.10:443": Mentions(dialled=(API,)),
    f"ERROR 2003 (HY000): Can't connect to MySQL server on '{DB}:3306' (110)": Mentions(
        dialled=(Endpoint(DB, 3306),), errno=110
    ),
    f"ERROR 2003 (HY000): Can't connect to MySQL server on '{DB}' (111)": Mentions(
        dialled=(Endpoint(DB),), errno=111
    ),
    'connection to server at "db.example.com" (10.0.0.5), port 5432 failed: Connection refused': (
        Mentions(dialled=(Endpoint("db.example.com", 5432),))
    ),
    'Is the server running on host "10.1.1.5" and accepting TCP/IP connections on port 5432?': (
        Mentions(dialled=(Endpoint("10.1.1.5", 5432),))
    ),
    "HTTPSConnectionPool(host='api.example.com', port=443): Read timed out.": Mentions(
        dialled=(Endpoint("api.example.com", 443),)
    ),
    'Get "https://api.example.com/v1": dial tcp 203.0.113.10:443: i/o timeout': Mentions(
        dialled=(API, Endpoint("api.example.com", 443))
    ),
    "read tcp 10.20.16.31:41234->203.0.113.10:443: connection reset by peer": Mentions(
        dialled=(API,)
    ),
    "dial tcp: lookup db.example.com on 172.21.0.10:53: read udp"
    " 10.20.16.31:41234->172.21.0.10:53: i/o timeout": Mentions(
        looked_up=("db.example.com",), servers=("172.21.0.10",)
    ),
    "curl: (6) Could not resolve host: api.example.com": Mentions(looked_up=("api.example.com",)),
    "getaddrinfo ENOTFOUND api.example.com": Mentions(looked_up=("api.example.com",)),
    "java.net.UnknownHostException: api.example.com": Mentions(looked_up=("api.example.com",)),
    f"ERROR 2005 (HY000): Unknown MySQL server host '{DB}' (-2)": Mentions(looked_up=(DB,)),
    "** server can't find api.example.com: NXDOMAIN": Mentions(looked_up=("api.example.com",)),
    "ERROR 2801 (HY000): #RDS00ip not in whitelist, client ip is 203.0.113.7": Mentions(
        clients=("203.0.113.7",)
    ),
    "Access denied for user 'u'@'10.20.16.31' (using password: YES)": Mentions(
        clients=("10.20.16.31",)
    ),
    'no pg_hba.conf entry for host "10.20.16.31", user "u"': Mentions(clients=("10.20.16.31",)),
    "Host '10.20.16.31' is not allowed to connect to this MySQL server": Mentions(
        clients=("10.20.16.31",)
    ),
    "(error) ERR illegal address: 10.20.16.31:51234": Mentions(clients=("10.20.16.31",)),
    "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist": Mentions(
        clients=("203.0.113.7",)
    ),
    "您的 IP 203.0.113.7 不在白名单": Mentions(clients=("203.0.113.7",)),
    "[Errno 110] Connection timed out": Mentions(errno=110),
    "system error: (113)": Mentions(errno=113),
    # nothing that looks like a host and is none
    "redis.clients.jedis.exceptions.JedisConnectionException: no pool": Mentions(),
    "curl: (60) SSL certificate problem, see https://curl.se/docs/sslcerts.html": Mentions(),
    "version 1.2.3.4 of the client, at 12:30:55": Mentions(),
    "Failed to connect to MySQL": Mentions(),
    "user 'u'@'%' has no grant (42000)": Mentions(),
    "dial tcp 999.1.1.1:443: i/o timeout": Mentions(),
    "dial tcp 203.0.113.10:99999: i/o timeout": Mentions(),
}


@pytest.mark.parametrize("text", TEXTS)
def test_what_a_text_names(text: str) -> None:
    assert mentions_of(prepare(text)) == TEXTS[text]


octets = st.integers(0, 255)
addresses = st.tuples(octets, octets, octets, octets).map(lambda parts: ".".join(map(str, parts)))


@given(addresses, st.integers(1, 65535))
def test_every_address_and_port_is_read(address: str, port: int) -> None:
    for text in (
        f"dial tcp {address}:{port}: i/o timeout",
        f"Failed to connect to {address} port {port}: Connection refused",
        f"connect ETIMEDOUT {address}:{port}",
        f"Can't connect to MySQL server on '{address}:{port}' (110)",
    ):
        assert mentions_of(prepare(text)).dialled == (Endpoint(address, port),)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    found = mentions_of(prepare(text))
    assert all(0 <= endpoint.port <= 65535 for endpoint in found.dialled)


def test_an_endpoint_is_written_as_it_is_dialled() -> None:
    written = [str(Endpoint("a.b", 80)), str(Endpoint("2001:db8::1", 80)), str(Endpoint("a.b"))]
    assert written == ["a.b:80", "[2001:db8::1]:80", "a.b"]
