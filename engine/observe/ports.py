"""Protocols and port ranges as rules of security groups and network ACLs write them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from wayout.engine.facts.common import Flow

__all__ = [
    "ANY_PORT",
    "ANY_PROTOCOL",
    "EPHEMERAL",
    "PORTLESS",
    "PortRange",
    "parse_ports",
    "parse_protocol",
    "protocol_of",
    "traffic_of",
]

LAST_PORT = 65_535
ANY_PROTOCOL = "all"
# Protocols by IANA number; -1 stands for all of them in older answers.
NUMBERED = {
    "-1": ANY_PROTOCOL,
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "47": "gre",
    "58": "icmpv6",
    "132": "sctp",
}
NAMED = frozenset(NUMBERED.values())
PORTLESS = frozenset({"icmp", "icmpv6", "gre"})


class PortRange(NamedTuple):
    """The ports from `first` to `last`, both included."""

    first: int
    last: int

    def contains(self, port: int) -> bool:
        return self.first <= port <= self.last

    @property
    def is_any(self) -> bool:
        """Whether every port a packet can have is inside."""
        return self.first <= 1 and self.last == LAST_PORT

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


ANY_PORT = PortRange(0, LAST_PORT)
# Where Linux takes the source port of an outbound connection from.
EPHEMERAL = PortRange(32_768, 60_999)


@lru_cache(maxsize=1_024)
def parse_protocol(text: str) -> str | None:
    """`TCP`, `tcp` and `6` are "tcp"; `ALL` and `-1` are "all"; any other number 0-255 is itself.

    None for what is neither a known name nor such a number.
    """
    word = text.strip().lower()
    if is_number(word):
        number = int(word)
        return NUMBERED.get(str(number), str(number)) if number <= 255 else None
    name = NUMBERED.get(word, word)
    return name if name in NAMED else None


@lru_cache(maxsize=4_096)
def parse_ports(text: str) -> PortRange | None:
    """`80/443` as a range, `-1/-1` as every port, `443` as itself; None when it is no range."""
    word = text.strip()
    if word in ("-1/-1", "-1"):
        return ANY_PORT
    first, slash, last = (part.strip() for part in word.partition("/"))
    last = last if slash else first
    if not (is_number(first) and is_number(last)):
        return None
    ports = PortRange(int(first), int(last))
    return ports if ports.first <= ports.last <= LAST_PORT else None


def is_number(word: str) -> bool:
    # Five digits hold every port; int() alone would read any number of them, and other scripts.
    return word.isascii() and word.isdigit() and len(word) <= 5


def protocol_of(flow: Flow) -> str:
    """The protocol of the packets; ping is another protocol in IPv6."""
    return "icmpv6" if flow.protocol == "icmp" and flow.family == "ipv6" else flow.protocol


def traffic_of(flow: Flow) -> str:
    """The flow for a reader: `tcp/443`, `icmp`."""
    return f"{flow.protocol}/{flow.port}" if flow.port else flow.protocol
