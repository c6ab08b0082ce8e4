"""Pseudonyms for addresses: as long a common prefix afterwards as before.

Bit by bit (after Xu, Fan, Ammar and Moon, Crypto-PAn, 2002), but for the way to networks with a
meaning of their own, which stay what they are.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from wayout.engine.case.pseudonyms import WHOLE_NETWORKS

__all__ = ["Addresses"]


class Addresses:
    """Pseudonyms for addresses and networks of both families that keep who lies in whom."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.known: dict[tuple[int, int, int], int] = {}

    def token(self, token: str) -> str:
        """An address or a network in CIDR notation; anything else stays."""
        text, slash, length = token.partition("/")
        try:
            address = ip_address(text)
            network = ip_network(token, strict=False)
        except ValueError:
            return token
        width = address.max_prefixlen
        is_network = bool(slash) and network.network_address == address
        mapped = self.mapped(int(address), width, network.prefixlen if is_network else width)
        return f"{type(address)(mapped)}{slash}{length}"

    def wildcard(self, token: str) -> str:
        """`10.20.*.*`, as some whitelists write networks; anything else stays."""
        known = token.split(".*")[0].split(".")
        free = 4 - len(known)
        network = self.token(".".join([*known, *["0"] * free]) + f"/{8 * len(known)}")
        octets = network.partition("/")[0].split(".")
        return ".".join([*octets[: len(known)], *["*"] * free])

    def address(self, address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
        """The pseudonym of one address."""
        width = address.max_prefixlen
        return type(address)(self.mapped(int(address), width, width))

    def mapped(self, value: int, width: int, length: int) -> int:
        """The first `length` bits mapped, the rest zero."""
        found = self.known.get((value, width, length))
        if found is not None:
            return found
        made = 0
        for depth in range(length):
            prefix = value >> (width - depth)
            bit = value >> (width - depth - 1) & 1
            made = made << 1 | bit ^ self.flip(prefix, depth, width)
        self.known[value, width, length] = made << (width - length)
        return made << (width - length)

    def flip(self, prefix: int, depth: int, width: int) -> int:
        """Whether the bit behind a prefix is turned over; never on the way to a known network."""
        if (depth, prefix) in PATHS[width] or is_whole(prefix, depth, width):
            return 0
        seed = f"{width} {depth} {prefix}".encode()
        return hashlib.sha256(self.key + seed).digest()[0] & 1


def paths_of(width: int) -> frozenset[tuple[int, int]]:
    """Every prefix, as (length, bits), that leads to a network with a meaning of its own."""
    networks = [ip_network(text) for text in WHOLE_NETWORKS]
    return frozenset(
        (depth, int(network.network_address) >> (width - depth))
        for network in networks
        if network.max_prefixlen == width
        for depth in range(network.prefixlen)
    )


PATHS = {32: paths_of(32), 128: paths_of(128)}
WHOLE = {
    width: [
        (network.prefixlen, int(network.network_address) >> (width - network.prefixlen))
        for network in (ip_network(text) for text, is_kept in WHOLE_NETWORKS.items() if is_kept)
        if network.max_prefixlen == width
    ]
    for width in (32, 128)
}


def is_whole(prefix: int, depth: int, width: int) -> bool:
    """Whether a prefix lies in a network whose addresses all stay as they are."""
    return any(
        depth >= length and prefix >> (depth - length) == bits for length, bits in WHOLE[width]
    )
