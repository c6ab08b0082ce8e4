"""Addresses and networks as whole numbers: containment is one mask, and parsing never raises.

What cannot be read is None, because a document may hold anything; a caller decides what an
unreadable address means for the object that names it.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Ip", "Network", "parse_cidr", "parse_ip", "parse_range"]

BITS = {4: 32, 6: 128}


class Ip(NamedTuple):
    """One address: its version (4 or 6) and its number."""

    version: int
    value: int

    def __str__(self) -> str:
        return str(_library_address(self))


class Network(NamedTuple):
    """A CIDR block: `base` has no host bits, `prefix` is the length of the mask."""

    version: int
    base: int
    prefix: int

    def contains(self, ip: Ip) -> bool:
        """Whether the address is inside; never across the two versions."""
        shift = BITS[self.version] - self.prefix
        return ip.version == self.version and ip.value >> shift == self.base >> shift

    def contains_net(self, other: Network) -> bool:
        """Whether all of `other` is inside this network."""
        return other.prefix >= self.prefix and self.contains(Ip(other.version, other.base))

    def overlaps(self, other: Network) -> bool:
        """Whether the two networks share an address; then one contains the other."""
        return self.contains_net(other) or other.contains_net(self)

    def __str__(self) -> str:
        return f"{_library_address(Ip(self.version, self.base))}/{self.prefix}"


def _library_address(ip: Ip) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.IPv4Address(ip.value) if ip.version == 4 else ipaddress.IPv6Address(ip.value)


@lru_cache(maxsize=16_384)
def parse_ip(text: str) -> Ip | None:
    """The address `text` names, blanks around it ignored; None when it is none.

    Zone identifiers (`fe80::1%eth0`) and leading zeros are refused: they mean different things to
    different readers.
    """
    if "%" in text:
        return None
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return Ip(address.version, int(address))


@lru_cache(maxsize=16_384)
def parse_cidr(text: str) -> Network | None:
    """The network `text` names: `10.0.0.0/8`, or a bare address as /32 respectively /128.

    Host bits are dropped (`10.1.2.3/8` is 10.0.0.0/8), as the cloud and most policy engines do.
    """
    address, slash, length = text.strip().partition("/")
    ip = parse_ip(address)
    if ip is None:
        return None
    bits = BITS[ip.version]
    if not slash:
        return Network(ip.version, ip.value, bits)
    # Longer than three characters is no prefix length; int() would read any number of digits.
    if not (length.isascii() and length.isdigit() and len(length) <= 3 and int(length) <= bits):
        return None
    shift = bits - int(length)
    return Network(ip.version, ip.value >> shift << shift, int(length))


@lru_cache(maxsize=4_096)
def parse_range(text: str) -> tuple[Network, ...] | None:
    """The networks that make up an IPv4 range `10.0.0.5-10.0.0.9`; None when it is no such range.

    At most 62 networks. A plain address or CIDR block is no range: use `parse_cidr` for those.
    """
    first, dash, last = text.partition("-")
    start, end = parse_ip(first), parse_ip(last)
    if not dash or start is None or end is None or start.version != 4 or end.version != 4:
        return None
    if start.value > end.value:
        return None
    blocks = ipaddress.summarize_address_range(
        ipaddress.IPv4Address(start.value), ipaddress.IPv4Address(end.value)
    )
    return tuple(Network(4, int(b.network_address), b.prefixlen) for b in blocks)
