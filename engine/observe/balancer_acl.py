"""What the access control lists of a listener do to a source address.

The entries of all lists count together. A list that is switched on without any entry lets
everything pass, as a white list and as a black list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import AclEntry, Case, Listener, Origin, Record
from wayout.engine.facts.balancer import BalancerAcl, BalancerAclDecision, BalancerProduct
from wayout.engine.observe.address import BITS, Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting

__all__ = ["AclEntries", "Judged", "Seen", "acl_sightings", "decide"]

Mode = Literal["white", "black"]
Action = Literal["accept", "drop", "undetermined"]
MODES: dict[str, Mode] = {"white": "white", "black": "black"}
# Entries of an ALB list that are not in force yet, or not for long.
UNSETTLED = frozenset({"adding", "removing"})


class AclEntries(NamedTuple):
    """One list: its entries as networks (None: unreadable), and whether these are all."""

    name: str
    entries: tuple[tuple[str, Network | None], ...]
    unsettled: tuple[tuple[str, Network | None], ...] = ()
    is_whole: bool = True


class Judged(NamedTuple):
    """The action for one address; for "accept" and "drop" by an entry, that entry."""

    action: Action
    acl: str = ""
    entry: str = ""
    lacks_of: str = ""  # for "undetermined": the list that could decide


class Seen(NamedTuple):
    """A source address, and what an entry for it should name."""

    address: str
    target: str
    is_public: bool = False
    origins: tuple[Origin, ...] = ()


def decide(mode: Mode, lists: Sequence[AclEntries], ip: Ip) -> Judged:
    """A white list admits what it names, a black list refuses it; empty lists admit all."""
    hit: Action = "accept" if mode == "white" else "drop"
    for acl in lists:
        for text, network in acl.entries:
            if network is not None and network.contains(ip):
                return Judged(hit, acl.name, text)
    for acl in lists:
        if not acl.is_whole or any(may_hold(n, ip) for _, n in acl.unsettled):
            return Judged("undetermined", lacks_of=acl.name)
        if any(network is None for _, network in acl.entries):
            return Judged("undetermined", lacks_of=acl.name)
    if mode == "black" or not any(acl.entries or acl.unsettled for acl in lists):
        return Judged("accept")
    if any(acl.entries for acl in lists):
        return Judged("drop")
    # Whether the lists are empty, which lets everything pass, is just being changed.
    return Judged("undetermined", lacks_of=next(acl.name for acl in lists if acl.unsettled))


def may_hold(network: Network | None, ip: Ip) -> bool:
    return network is None or network.contains(ip)


def read_lists(
    case: Case, names: Iterable[str], changing: Iterable[str]
) -> tuple[list[AclEntries], tuple[Origin, ...]]:
    """The lists in force, and those that are being bound or unbound, whose entries may count."""
    unsure = frozenset(changing)
    made: list[AclEntries] = []
    origins: list[Origin] = []
    for name in dict.fromkeys((*names, *unsure)):
        listing = case.listing(AclEntry, of=name)
        every = [record.value for record in listing.records]
        moving = [one for one in every if name in unsure or one.status.lower() in UNSETTLED]
        settled = [one for one in every if one not in moving]
        made.append(
            AclEntries(
                name,
                tuple((one.entry, parse_cidr(one.entry)) for one in settled),
                tuple((one.entry, parse_cidr(one.entry)) for one in moving),
                listing.is_complete,
            )
        )
        origins += listing.origins
    return made, tuple(dict.fromkeys(origins))


def acl_sightings(
    case: Case,
    flow: str,
    balancer: str,
    product: BalancerProduct,
    edition: str,
    record: Record[Listener],
    sources: Sequence[Seen],
) -> Iterator[Sighting]:
    """The access control of the listener, and where it filters, what it does to each source."""
    listener = record.value
    names = tuple(dict.fromkeys(listener.acl_ids or ()))
    common = {"flow": flow, "balancer": balancer, "listener": listener.key}
    status, mode = listener.acl_status, MODES.get((listener.acl_type or "").strip().lower())
    if edition.strip().lower() == "extensible":
        yield Sighting(
            BalancerAcl.model_validate({**common, "mode": "unsupported"}), record.origins
        )
        return
    if status == "off":
        yield Sighting(BalancerAcl.model_validate({**common, "mode": "off"}), record.origins)
        return
    changing = tuple(dict.fromkeys(listener.changing_acl_ids))
    if status != "on" or mode is None or not (names or changing):
        fact = BalancerAcl.model_validate({**common, "mode": "unknown", "acls": ",".join(names)})
        yield Sighting(fact, record.origins)
        return
    lists, origins = read_lists(case, names, changing)
    is_empty = all(acl.is_whole and not acl.entries and not acl.unsettled for acl in lists)
    every = ",".join(acl.name for acl in lists)
    said = {**common, "mode": "empty" if is_empty else mode, "acls": every}
    shown = BalancerAcl.model_validate({**said, "is_filtering": not is_empty})
    yield Sighting(shown, (*record.origins, *origins))
    if is_empty:
        return
    for source in sources:
        ip = parse_ip(source.address)
        if ip is None:
            continue
        judged = decide(mode, lists, ip)
        proof = entry_origins(case, judged) or origins
        yield Sighting(
            decision(said, product, mode, lists, source, judged), (*proof, *record.origins)
        )


def decision(
    said: dict[str, str],
    product: BalancerProduct,
    mode: Mode,
    lists: Sequence[AclEntries],
    source: Seen,
    judged: Judged,
) -> BalancerAclDecision:
    network = parse_cidr(judged.entry) if judged.entry else None
    return BalancerAclDecision(
        flow=said["flow"],
        balancer=said["balancer"],
        listener=said["listener"],
        address=source.address,
        product=product,
        mode=mode,
        action=judged.action,
        acls=said["acls"],
        acl=judged.acl or lists[0].name,
        entry=judged.entry,
        count=sum(len(acl.entries) for acl in lists),
        target=source.target,
        is_exact=network is not None and network.prefix == BITS[network.version],
        lacks="acl_entries" if judged.action == "undetermined" else "",
        lacks_of=judged.lacks_of,
    )


def entry_origins(case: Case, judged: Judged) -> tuple[Origin, ...]:
    record = case.get(AclEntry, judged.entry, of=judged.acl) if judged.entry else None
    return record.origins if record is not None else ()
