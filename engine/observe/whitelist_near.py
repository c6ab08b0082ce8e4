"""Entries that nearly let the pod in, which vSwitches are listed, and what to append."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from wayout.engine.facts.destination_product import DestinationProduct, PodNetwork
from wayout.engine.facts.whitelist import WhitelistAdvice, WhitelistBlock, WhitelistNearMiss
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.allow_entries import (
    Group,
    Purpose,
    blocks_of,
    fit_of,
    hits,
    is_covered,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import cluster_cidrs, pod_network
from wayout.engine.observe.placement import cluster_of
from wayout.engine.observe.sources import SourceCandidate
from wayout.engine.products import Product

__all__ = ["advice", "near_misses", "own_blocks"]

Reason = Literal[
    "network-type", "other-list", "other-port", "pod-address", "exit-address",
    "single-address", "part-of-vswitch", "other-vswitch",
]  # fmt: skip
OWN_GROUP = "wayout_pods"  # never a group that a cloud service or somebody else keeps
UNKNOWN_BLOCK = "<vswitch-cidr>"
MOST_NAMES = 6  # of groups in one sentence


def network_of_pod(view: View) -> PodNetwork | None:
    found = next(iter(pod_network(view)), None)
    return found.fact if found is not None and isinstance(found.fact, PodNetwork) else None


# ── Near misses ──────────────────────────────────────────────────────────────────────────────


def near_misses(
    view: View,
    flow: str,
    candidate: SourceCandidate,
    candidates: Sequence[SourceCandidate],
    purpose: Purpose,
    groups: Sequence[Group],
) -> Iterator[Sighting]:
    """For each way to miss an address, the first entry that does."""
    said: set[Reason] = set()
    found = (*misplaced(candidate, purpose, groups), *besides(view, candidate, candidates,
                                                              purpose, groups))  # fmt: skip
    for reason, group, index, listed in found:
        if reason in said:
            continue
        said.add(reason)
        fact = WhitelistNearMiss(
            flow=flow,
            address=candidate.address,
            reason=reason,
            group=group.value.group_name,
            entry=group.value.entries[index],
            listed=listed,
            network=group.value.network,
            source="template" if group.is_template else "group",
        )
        yield Sighting(fact, (group.origin.at("Entries", index),))


Miss = tuple[Reason, Group, int, str]


def misplaced(
    candidate: SourceCandidate, purpose: Purpose, groups: Sequence[Group]
) -> Iterator[Miss]:
    """Entries that hold the very address, in a group that is not for this endpoint."""
    ip = parse_ip(candidate.address)
    for hit in hits(groups, ip, purpose.forms) if ip is not None else ():
        fit = fit_of(hit.group.value, purpose)
        if fit in ("network-type", "other-list", "other-port"):
            yield fit, hit.group, hit.place, candidate.address


def besides(
    view: View,
    candidate: SourceCandidate,
    candidates: Sequence[SourceCandidate],
    purpose: Purpose,
    groups: Sequence[Group],
) -> Iterator[Miss]:
    """Entries of the right groups that hold something close to the address."""
    ip = parse_ip(candidate.address)
    pods = [c.address for c in candidates if c.what == "pod"]
    exits = [c.address for c in candidates if c.what == "public"]
    blocks = vswitch_blocks(view)
    for group in groups:
        for index, entry in enumerate(group.value.entries):
            for network in blocks_of(entry, purpose.forms) or ():
                if ip is None or network.contains(ip):
                    continue
                if purpose.what == "public":
                    if inside := first_inside(network, pods):
                        yield "pod-address", group, index, inside
                    continue
                if inside := first_inside(network, exits):
                    yield "exit-address", group, index, inside
                if (reason := close_to(network, ip, blocks)) is not None:
                    yield reason, group, index, str(network)


def first_inside(network: Network, addresses: Sequence[str]) -> str:
    for address in addresses:
        ip = parse_ip(address)
        if ip is not None and network.contains(ip):
            return address
    return ""


def close_to(
    network: Network, ip: Ip, blocks: Sequence[Network]
) -> Literal["single-address", "part-of-vswitch", "other-vswitch"] | None:
    """How a network that lacks the pod is related to the vSwitches of the cluster."""
    around = next((block for block in blocks if block.contains_net(network)), None)
    if around is not None and network.prefix == 32:
        return "single-address"
    if around is not None and around.contains(ip):
        return "part-of-vswitch"
    if any(block.overlaps(network) for block in blocks):
        return "other-vswitch"
    return None


def vswitch_blocks(view: View) -> list[Network]:
    """The blocks of the pod's vSwitch and of those that the cluster names."""
    own = network_of_pod(view)
    texts = [own.cidr] if own is not None and own.has_vswitch else []
    texts += cluster_cidrs(view)
    return [network for text in texts if (network := parse_cidr(text)) is not None]


# ── vSwitches ────────────────────────────────────────────────────────────────────────────────


def own_blocks(
    view: View, flow: str, purpose: Purpose, groups: Sequence[Group], is_complete: bool
) -> Iterator[Sighting]:
    """For each vSwitch of the cluster whether all its addresses are listed."""
    listed = [
        (network, group)
        for group in groups
        if fit_of(group.value, purpose) == "yes"
        for entry in group.value.entries
        for network in blocks_of(entry, purpose.forms) or ()
    ]
    own = network_of_pod(view)
    own_cidr = own.cidr if own is not None and own.has_vswitch else ""
    for cidr in dict.fromkeys([*([own_cidr] if own_cidr else []), *cluster_cidrs(view)]):
        block = parse_cidr(cidr)
        if block is None:
            continue
        held = is_covered(block, [network for network, _ in listed])
        fact = WhitelistBlock(
            flow=flow,
            cidr=cidr,
            is_own=cidr == own_cidr,
            state="listed" if held else "unlisted" if is_complete else "undetermined",
        )
        yield Sighting(fact, tuple(g.origin.at("Entries") for n, g in listed if n.overlaps(block)))


# ── Advice ───────────────────────────────────────────────────────────────────────────────────


def advice(
    view: View,
    flow: DestinationProduct,
    product: Product,
    purpose: Purpose,
    groups: Sequence[Group],
) -> Sighting:
    """What to append for this source, and the words of the command that does it."""
    append = product.allow_list.append if product.allow_list is not None else None
    own = network_of_pod(view) if purpose.what == "pod" else None
    mine = [group for group in groups if fit_of(group.value, purpose) == "yes"]
    target = own.cidr if own is not None and own.has_vswitch else UNKNOWN_BLOCK
    fact = WhitelistAdvice(
        flow=flow.flow,
        what=purpose.what,
        style=append.style if append is not None else "console",
        target=target if purpose.what == "pod" else "",
        tried=own.cidr if own is not None else "",
        wider=wider_than(own) if own is not None else "",
        group=group_to_change(product, purpose, groups),
        network=network_word(flow.product, purpose, groups),
        ports=ports_word(flow.product, purpose, groups),
        count=len(mine),
        names=names_of(mine),
        api=append.api if append is not None else "",
        action=append.action if append is not None else "",
        instance_flag=f"--{append.instance}" if append is not None else "",
        entries_flag=f"--{append.entries}" if append is not None else "",
        group_flag=f"--{append.group}" if append is not None else "",
        mode_flag=f"--{append.mode}" if append is not None else "",
        mode=append.value if append is not None else "",
    )
    cluster = cluster_of(view.case)
    proof = view.pod_record.origins if view.pod_record is not None else ()
    return Sighting(fact, (*proof, *(cluster.origins if cluster is not None else ())))


def wider_than(own: PodNetwork) -> str:
    """Every vSwitch of the cluster, when they are more than the one of the pod."""
    cidrs = [cidr for cidr in own.cluster_cidrs.split(",") if cidr]
    if own.has_vswitch:
        cidrs = [own.cidr, *cidrs]
    cidrs = list(dict.fromkeys(cidrs))
    return ",".join(cidrs) if len(cidrs) > 1 else ""


def group_to_change(product: Product, purpose: Purpose, groups: Sequence[Group]) -> str:
    """A group of one's own; where a command can only be sure to append, one that exists."""
    append = product.allow_list.append if product.allow_list is not None else None
    if append is None or append.style != "elasticsearch":
        return OWN_GROUP
    mine = [g.value.group_name for g in groups if fit_of(g.value, purpose) == "yes"]
    return next((name for name in mine if name), "default")


def network_word(product: str, purpose: Purpose, groups: Sequence[Group]) -> str:
    """What the API calls the list or the kind of group that the endpoint uses."""
    if product == "elasticsearch":
        return f"{purpose.network}_{'kibana' if purpose.is_kibana else 'es'}".upper()
    if product == "kafka":
        return "vpc" if purpose.network == "private" else "internet"
    if product != "rds":
        return ""
    is_typed = any(g.value.network.strip().lower() in ("vpc", "classic") for g in groups)
    if purpose.mode == "safety" or (purpose.mode == "unknown" and is_typed):
        return "VPC" if purpose.what == "pod" else "Classic"
    return "MIX"


def ports_word(product: str, purpose: Purpose, groups: Sequence[Group]) -> str:
    """The port range of the list, for Kafka."""
    if product != "kafka":
        return ""
    if purpose.port:
        return f"{purpose.port}/{purpose.port}"
    known = (g.value.port_range for g in groups if fit_of(g.value, purpose) in ("yes", "port"))
    return next((text for text in known if text), "")


def names_of(groups: Iterable[Group]) -> str:
    names = list(dict.fromkeys(group.value.group_name or "default" for group in groups))
    more = [f"+{len(names) - MOST_NAMES}"] if len(names) > MOST_NAMES else []
    return ", ".join([*names[:MOST_NAMES], *more])
