"""Entries of whitelists as people and consoles write them, and which of them hold an address.

Reading is lenient: host bits are dropped, blanks are ignored, and what cannot be read holds
nothing. Whether a group is meant for an endpoint at all is measured here too; what the special
entries mean is said by rules and by knowledge/products.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from wayout.engine.case import Origin, Whitelist
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_range
from wayout.engine.observe.ports import parse_ports

__all__ = [
    "LOOPBACK_ENTRIES",
    "Fit",
    "Group",
    "Hit",
    "Purpose",
    "blocks_of",
    "fit_of",
    "hits",
    "is_covered",
]

LOOPBACK_ENTRIES = frozenset({"127.0.0.1", "127.0.0.1/32", "::1", "::1/128"})
WILDCARD = re.compile(r"(\d{1,3}|\*)\.(\d{1,3}|\*)\.(\d{1,3}|\*)\.(\d{1,3}|\*)")
Forms = frozenset[str]
Fit = Literal["yes", "network-type", "other-list", "other-port", "mode", "port"]
# Groups of one kind of endpoint, by the word of the API: which network, and whether of Kibana.
SEARCH_LISTS = {
    "private_es": ("private", False),
    "public_es": ("public", False),
    "private_kibana": ("private", True),
    "public_kibana": ("public", True),
}
QUEUE_LISTS = {"vpc": "private", "internet": "public"}
SOURCE_TYPES = {"vpc": "pod", "classic": "public"}


class Group(NamedTuple):
    """One group of a whitelist with where it stands."""

    value: Whitelist
    origin: Origin
    is_template: bool = False


class Hit(NamedTuple):
    """An entry that holds an address."""

    group: Group
    entry: str
    place: int  # in the list of entries
    network: Network

    @property
    def origin(self) -> Origin:
        return self.group.origin.at("Entries", self.place)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a flow and one of its possible sources ask of a group.

    network  of the endpoint: private or public
    mode     of an RDS whitelist: normal, safety or unknown
    """

    product: str
    what: Literal["pod", "public"]
    network: Literal["private", "public"]
    port: int = 0
    mode: Literal["normal", "safety", "unknown"] = "normal"
    is_kibana: bool = False
    forms: Forms = frozenset()


@lru_cache(maxsize=16_384)
def blocks_of(entry: str, forms: Forms = frozenset()) -> tuple[Network, ...] | None:
    """The networks an entry names; None when it cannot be read.

    `forms` are what the product reads beyond addresses and CIDR blocks: wildcard, range.
    """
    if (network := parse_cidr(entry)) is not None:
        return (network,)
    if "range" in forms and (found := parse_range(entry)) is not None:
        return found
    if "wildcard" in forms and (match := WILDCARD.fullmatch(entry)) is not None:
        parts = match.groups()
        known = [part for part in parts if part != "*"]
        if "*" in parts and parts[: len(known)] == tuple(known):  # only at the end
            padded = ".".join([*known, *["0"] * (4 - len(known))])
            block = parse_cidr(f"{padded}/{8 * len(known)}")
            return None if block is None else (block,)
    return None


def fit_of(group: Whitelist, purpose: Purpose) -> Fit:
    """Whether a group is meant for the flow; if not, or if nobody can tell, why."""
    word = group.network.strip().lower()
    if word in SEARCH_LISTS:
        network, is_kibana = SEARCH_LISTS[word]
        if (network, is_kibana) != (purpose.network, purpose.is_kibana):
            return "other-list"
    elif purpose.product == "kafka" and word in QUEUE_LISTS:
        if QUEUE_LISTS[word] != purpose.network:
            return "other-list"
    elif purpose.mode != "normal" and SOURCE_TYPES.get(word, purpose.what) != purpose.what:
        return "network-type" if purpose.mode == "safety" else "mode"
    return fit_of_port(group.port_range, purpose.port)


def fit_of_port(text: str, port: int) -> Fit:
    if not text.strip():
        return "yes"
    ports = parse_ports(text)
    if ports is None:
        return "other-port"  # what cannot be read matches nothing
    if ports.is_any:
        return "yes"
    if not port:
        return "port"
    return "yes" if ports.contains(port) else "other-port"


def hits(groups: Iterable[Group], ip: Ip, forms: Forms = frozenset()) -> list[Hit]:
    """Every entry that holds the address: groups in their order, the narrowest entry first."""
    found: list[Hit] = []
    for group in groups:
        mine = [
            Hit(group, entry, index, network)
            for index, entry in enumerate(group.value.entries)
            for network in blocks_of(entry, forms) or ()
            if network.contains(ip)
        ]
        found += sorted(mine, key=lambda hit: -hit.network.prefix)
    return found


def is_covered(block: Network, by: Sequence[Network]) -> bool:
    """Whether the networks together hold every address of the block."""
    inside = [network for network in by if network.overlaps(block)]
    if any(network.contains_net(block) for network in inside):
        return True
    if not inside:
        return False
    # Networks nest or are apart, so those not inside another are disjoint and can be summed up.
    outer = {n for n in inside if not any(o != n and o.contains_net(n) for o in inside)}
    bits = 32 if block.version == 4 else 128
    return sum(1 << (bits - n.prefix) for n in outer) == 1 << (bits - block.prefix)
