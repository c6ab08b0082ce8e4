"""What an error text mentions besides the fault: what was dialled, who asked, whom it asked.

Only what stands in a form that a program prints is taken: a log line is full of dotted words
(`java.net.UnknownHostException`) that are no names of hosts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from typing import NamedTuple

from wayout.engine.symptoms.text import Prepared

__all__ = ["ERRNO", "Endpoint", "Mentions", "mentions_of"]

V4 = r"\d{1,3}(?:\.\d{1,3}){3}"
V6 = r"\[[0-9a-f:.]{2,45}\]"
NAME = r"[a-z0-9](?:[a-z0-9_.-]{0,251}[a-z0-9])?"
HOST = f"(?P<host>{V4}|{V6}|{NAME})"
PORT = r"(?::(?P<port>\d{1,5}))?"
QUOTE = r"['\"]?"

ERRNO = {
    99: "EADDRNOTAVAIL",
    101: "ENETUNREACH",
    104: "ECONNRESET",
    110: "ETIMEDOUT",
    111: "ECONNREFUSED",
    113: "EHOSTUNREACH",
    10054: "WSAECONNRESET",
    10060: "WSAETIMEDOUT",
    10061: "WSAECONNREFUSED",
}


class Endpoint(NamedTuple):
    """A host that a text names, with the port (0: it names none)."""

    host: str
    port: int = 0

    @property
    def is_address(self) -> bool:
        return is_address(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


class Mentions(NamedTuple):
    """What a text names.

    dialled    hosts the client tried to reach
    looked_up  names it tried to resolve
    servers    the name servers it asked
    clients    addresses that the server saw it come from
    errno      the number of the error, 0 when the text has none
    """

    dialled: tuple[Endpoint, ...] = ()
    looked_up: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    errno: int = 0


CLIENTS = (
    rf"client[ _]ip(?: is)?[ :=]{{1,3}}(?P<host>{V4})",
    rf"@{QUOTE}(?P<host>{V4}){QUOTE}",
    rf"pg_hba\.conf entry for host \"(?P<host>{V4})\"",
    rf"host {QUOTE}(?P<host>{V4}){QUOTE} is not allowed",
    rf"illegal address[^0-9]{{0,20}}(?P<host>{V4})",
    rf"invalid ip[ :]{{1,3}}(?P<host>{V4})",
    rf"(?:ip|地址)[ :=]{{0,3}}(?P<host>{V4})[^0-9]{{0,20}}(?:not in|not allowed|不在)",
)
# `read tcp 10.0.0.5:41234->192.0.2.1:443`: on the left is who asks.
ARROWS = (rf"(?P<source>{V4}):\d{{1,5}}->(?P<host>{V4}):(?P<port>\d{{1,5}})",)
LOOKUPS = (
    rf"\blookup (?P<host>{NAME})(?: on (?P<server>{V4}|{V6})(?::\d{{1,5}})?)?:",
    rf"resolve(?: host)?(?: address)?[: ]{{1,2}}{QUOTE}(?P<host>{NAME}){QUOTE}",
    rf"\b(?:enotfound|eai_again) (?P<host>{NAME})",
    rf"unknownhostexception: (?P<host>{NAME})",
    rf"unknown mysql server host {QUOTE}(?P<host>{NAME})",
    rf"translate host name {QUOTE}(?P<host>{NAME})",
    rf"can't find (?P<host>{NAME}):",
    rf"(?P<host>{NAME}): (?:temporary failure in name resolution|name or service not known)",
)
DIALLED = (
    rf"dial (?:tcp|udp)[46]? {HOST}{PORT}",
    rf"\bconn(?:ect|ecting|ection) to (?:address |server at |redis at )?{QUOTE}/?{HOST}{QUOTE}"
    r"(?: \([0-9.]{7,15}\))?(?:,? port |:)?(?P<port>\d{1,5})?",
    rf"\b(?:econnrefused|etimedout|ehostunreach|enetunreach|econnreset) {HOST}{PORT}",
    rf"mysql server on {QUOTE}{HOST}{PORT}{QUOTE}",
    rf"on host \"{HOST}\"(?: \([0-9.]{{7,15}}\))? and accepting tcp/ip connections"
    r" on port (?P<port>\d{1,5})",
    rf"host={QUOTE}{HOST}{QUOTE},? ?port=(?P<port>\d{{1,5}})",
    rf"\b(?:get|post|put|head|delete|patch|to) {QUOTE}(?P<scheme>https?)://{HOST}{PORT}",
)
ADDRESSES = (rf"(?<![\w.@])(?P<host>{V4}):(?P<port>\d{{1,5}})(?![\w.])",)
NUMBERS = (r"\((?:errno:? ?)?(?P<n>\d{2,5})\)", r"\berrno[ :=]{1,3}(?P<n>\d{2,5})\b")


def mentions_of(text: Prepared) -> Mentions:
    """What the text names, each once, in the order of the text's forms."""
    line = text.line
    clients = unique(f["host"] for f in found(line, CLIENTS) if is_address(f["host"]))
    looked_up = list(found(line, LOOKUPS))
    servers = unique(f["server"] for f in looked_up if f.groupdict().get("server"))
    arrows = list(found(line, ARROWS))
    sources = {f["source"] for f in arrows}
    names = unique(
        trimmed(f["host"]) for f in looked_up if not is_address(f["host"]) and is_name(f["host"])
    )
    others = {*clients, *servers, *sources}
    dialled = [
        endpoint
        for f in (*found(line, DIALLED), *arrows, *found(line, ADDRESSES))
        if (endpoint := endpoint_of(f)) is not None
    ]
    return Mentions(
        dialled=tuple(dict.fromkeys(e for e in dialled if e.host not in others)),
        looked_up=names,
        servers=servers,
        clients=clients,
        errno=next((n for f in found(line, NUMBERS) if (n := int(f["n"])) in ERRNO), 0),
    )


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compiled on first use: most questions come without an error text."""
    return re.compile(pattern, re.IGNORECASE)


def found(line: str, patterns: tuple[str, ...]) -> Iterator[re.Match[str]]:
    for pattern in patterns:
        yield from compiled(pattern).finditer(line)


def unique(values: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def endpoint_of(match: re.Match[str]) -> Endpoint | None:
    """The endpoint of a match; None for a word that is neither an address nor a name."""
    groups = match.groupdict()
    host = trimmed(match["host"])
    scheme = (groups.get("scheme") or "").lower()
    default = {"http": 80, "https": 443}.get(scheme, 0)
    port = int(groups.get("port") or default)
    is_host = is_address(host) or (is_name(host) and ("." in host or port > 0))
    if port > 65535 or not is_host:
        return None
    return Endpoint(host, port)


def trimmed(host: str) -> str:
    return host.strip("[].").lower()


def is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def is_name(text: str) -> bool:
    """Whether it may be the name of a host, and is no number."""
    return re.search(r"[a-z]", text, re.IGNORECASE) is not None
