"""What the whitelist of a cloud product lets in, for every address the product may see.

Groups, templates and global groups are one union; in the enhanced mode of RDS a group must also be
of the right network type, and Elasticsearch and Kafka have a list for each kind of endpoint. The
rules say what follows, and what special contents mean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import (
    REFUSED,
    Case,
    Instance,
    Origin,
    Record,
    Whitelist,
    WhitelistSecurityGroup,
    WhitelistTemplate,
)
from wayout.engine.facts.destination_product import DestinationProduct
from wayout.engine.facts.whitelist import (
    WhitelistContent,
    WhitelistDecision,
    WhitelistMeaning,
    WhitelistMember,
    WhitelistScope,
    WhitelistUnreadable,
)
from wayout.engine.observe.address import Ip, parse_ip
from wayout.engine.observe.allow_entries import (
    LOOPBACK_ENTRIES,
    Fit,
    Group,
    Hit,
    Purpose,
    blocks_of,
    fit_of,
    hits,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import product_sighting, recognise
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.placement import group_candidates
from wayout.engine.observe.recognition import Recognised
from wayout.engine.observe.sources import SourceCandidate, source_candidates
from wayout.engine.observe.whitelist_near import advice, near_misses, own_blocks
from wayout.engine.observe.whitelist_state import state_sightings
from wayout.engine.products import AllowList, Product

__all__ = ["Lists", "decide", "observe"]

What = Literal["pod", "public"]
SIDES: tuple[What, ...] = ("pod", "public")
MOST_UNREADABLE = 5


@dataclass(frozen=True, slots=True)
class Lists:
    """Everything that is known to let addresses in at one instance."""

    groups: tuple[Group, ...]  # own groups before those of cloud services, templates last
    is_complete: bool  # of the groups of the instance
    refused: tuple[Group, ...] = ()  # groups of addresses that are kept out


def observe(view: View) -> Iterator[Sighting]:
    """Facts about each main flow whose other end keeps a whitelist."""
    plan = plan_of(view)
    candidates: tuple[SourceCandidate, ...] | None = None
    for main in plan.main:
        found = recognise(view, plan, main)
        product = view.products.get(found.product) if found is not None else None
        if found is None or product is None or product.access != "whitelist":
            continue
        if candidates is None:
            candidates = source_candidates(view)
        fact = product_sighting(view, main, found).fact
        assert isinstance(fact, DestinationProduct)
        yield from of_flow(view, fact, found, product, candidates)
        yield from state_sightings(view, fact, found, product)


def of_flow(
    view: View,
    flow: DestinationProduct,
    found: Recognised,
    product: Product,
    candidates: Sequence[SourceCandidate],
) -> Iterator[Sighting]:
    allow = product.allow_list or AllowList(collect="instance_access")
    instance = view.case.get(Instance, flow.instance) if flow.instance else None
    mode = mode_of(instance)
    yield scope(view.case, flow, allow, mode, instance)
    known = groups_of(view.case, flow.instance)
    refused = tuple(group for group in known if group.value.attribute == REFUSED)
    every = tuple(group for group in known if group.value.attribute != REFUSED)
    for what in SIDES:
        purpose = purpose_of(flow, found, allow, mode, what)
        lists = Lists(every, is_complete(view.case, flow.instance, purpose, every), refused)
        mine = [candidate for candidate in candidates if candidate.what == what]
        yield from contents(flow, product, purpose, lists)
        for candidate in mine:
            ip = parse_ip(candidate.address)
            if ip is None:
                continue
            fact, origins = decide(flow, candidate.address, ip, purpose, lists)
            yield Sighting(fact, (*origins, *candidate.origins))
            if fact.state != "listed":
                yield from near_misses(view, flow.flow, candidate, candidates, purpose, every)
        yield advice(view, flow, product, purpose, every)
        if what == "pod":
            yield from own_blocks(view, flow.flow, purpose, lists.groups, lists.is_complete)
    yield from unreadable(flow, product, allow, known)
    yield from members(view, flow)


# ── The lists of an instance ─────────────────────────────────────────────────────────────────


def groups_of(case: Case, instance: str) -> tuple[Group, ...]:
    """Every group that documents show: own ones, those of cloud services, shared ones."""
    if not instance:
        return ()
    own = [Group(r.value, r.origin) for r in case.listing(Whitelist, of=instance).records]
    shared = [
        Group(r.value, r.origin, is_template=True)
        for r in case.listing(WhitelistTemplate, of=instance).records
    ]
    own.sort(key=lambda group: is_system(group.value))
    return (*own, *shared)


def is_system(group: Whitelist) -> bool:
    return group.attribute.strip().lower() == "hidden"


def is_complete(case: Case, instance: str, purpose: Purpose, groups: Sequence[Group]) -> bool:
    """Whether the groups that could let this source in are all known."""
    if not instance:
        return False
    if purpose.product == "elasticsearch" and not any(
        not group.is_template and fit_of(group.value, purpose) == "yes" for group in groups
    ):
        return False  # the answer told other lists only
    if case.listing(Whitelist, of=instance).is_complete:
        return True
    by_type = {
        word: case.listing(Whitelist, of=f"{instance}/{word}").is_complete
        for word in ("vpc", "classic")
    }
    if purpose.mode == "safety":
        return by_type["vpc" if purpose.what == "pod" else "classic"]
    return all(by_type.values())


def mode_of(instance: Record[Instance] | None) -> Literal["normal", "safety", "unknown"]:
    said = (instance.value.whitelist_mode or "").strip().lower() if instance is not None else ""
    if said in ("normal", "safety"):
        return "normal" if said == "normal" else "safety"
    return "unknown"


def purpose_of(
    flow: DestinationProduct,
    found: Recognised,
    allow: AllowList,
    mode: Literal["normal", "safety", "unknown"],
    what: What,
) -> Purpose:
    """Where the kind of endpoint is not known, the source tells: a pod is seen at private ones."""
    network: Literal["private", "public"] = "public" if what == "public" else "private"
    if flow.network == "public":
        network = "public"
    elif flow.network == "private":
        network = "private"
    role = found.endpoint.value.role if found.endpoint is not None else ""
    return Purpose(
        product=flow.product,
        what=what,
        network=network,
        port=flow.port,
        mode=mode,
        is_kibana=role == "kibana" or "kibana" in flow.host,
        forms=frozenset(allow.forms),
    )


def scope(
    case: Case,
    flow: DestinationProduct,
    allow: AllowList,
    mode: Literal["normal", "safety", "unknown"],
    instance: Record[Instance] | None,
) -> Sighting:
    """How much of what may let an address in is known."""
    purposes = [Purpose(flow.product, what, "private", mode=mode) for what in SIDES]
    known = groups_of(case, flow.instance)
    listing = case.listing(Whitelist, of=flow.instance) if flow.instance else None
    groups = listing.state if listing is not None else "missing"
    if (
        flow.instance
        and flow.product != "elasticsearch"
        and all(is_complete(case, flow.instance, purpose, known) for purpose in purposes)
    ):
        groups = "collected"
    templates = part_state(case, WhitelistTemplate, flow.instance, "templates" in allow.parts)
    members = part_state(
        case, WhitelistSecurityGroup, flow.instance, "security-groups" in allow.parts
    )
    state = "complete" if groups == "collected" else groups
    fact = WhitelistScope(
        flow=flow.flow,
        instance=flow.instance,
        label=flow.label,
        product=flow.product,
        groups=state,
        templates=templates,
        security_groups=members,
        is_exhaustive=all(s in ("complete", "none") for s in (state, templates, members)),
        certainty=allow.certainty,
        mode=mode,
        collect=allow.collect,
    )
    proof = [listing.origins if listing is not None else ()]
    for model in (WhitelistTemplate, WhitelistSecurityGroup):
        if flow.instance:
            proof.append(case.listing(model, of=flow.instance).origins)
    origins = tuple(origin for found in proof for origin in found)
    return Sighting(fact, origins or (instance.origins if instance is not None else ()))


def part_state(
    case: Case,
    model: type[WhitelistTemplate | WhitelistSecurityGroup],
    instance: str,
    has_such: bool,
) -> Literal["complete", "truncated", "missing", "none"]:
    if not instance:
        return "missing" if has_such else "none"
    listing = case.listing(model, of=instance)
    if listing.state == "collected":
        return "complete"
    if not has_such and not listing.records:
        return "none"
    return listing.state


# ── The decision ─────────────────────────────────────────────────────────────────────────────


def decide(
    flow: DestinationProduct, address: str, ip: Ip, purpose: Purpose, lists: Lists
) -> tuple[WhitelistDecision, tuple[Origin, ...]]:
    """Whether one address is in the lists, with the entry that decided."""
    found = hits(lists.groups, ip, purpose.forms)
    refused = hits(lists.refused, ip, purpose.forms)
    fits = [(hit, fit_of(hit.group.value, purpose)) for hit in found]
    base = WhitelistDecision(
        flow=flow.flow,
        instance=flow.instance,
        address=address,
        what=purpose.what,
    )
    for hit in refused:
        if fit_of(hit.group.value, purpose) in ("yes", "port"):
            said = {**listed_by(hit), "state": "undetermined", "lacks": "refused-list"}
            return base.model_copy(update=said), (hit.origin,)
    for hit, fit in fits:
        if fit == "yes":
            return base.model_copy(update=listed_by(hit)), (hit.origin,)
    lacks = lacking(fits, lists)
    state = "undetermined" if lacks else "unlisted"
    fact = base.model_copy(update={"state": state, "lacks": lacks})
    return fact, tuple(group.origin.at("Entries") for group in lists.groups)


def listed_by(hit: Hit) -> dict[str, object]:
    group = hit.group
    return {
        "state": "listed",
        "group": group.value.group_name,
        "entry": hit.entry,
        "source": "template" if group.is_template else "group",
        "is_system": is_system(group.value),
    }


def lacking(fits: Sequence[tuple[Hit, Fit]], lists: Lists) -> str:
    """What must be known before the address can be said to be in no list."""
    for word in ("mode", "port"):
        if any(fit == word for _, fit in fits):
            return word
    return "" if lists.is_complete else "groups"


# ── Contents with a meaning ──────────────────────────────────────────────────────────────────


def contents(
    flow: DestinationProduct, product: Product, purpose: Purpose, lists: Lists
) -> Iterator[Sighting]:
    """The contents to which the product gives a meaning, and that meaning."""
    meanings = [m for m in product.whitelist if m.list in ("any", purpose.network)]
    mine = [group for group in lists.groups if fit_of(group.value, purpose) == "yes"]
    entries = {entry for group in mine for entry in group.value.entries}
    is_loopback = bool(entries) and entries <= LOOPBACK_ENTRIES
    for meaning in meanings:
        content = meaning.content
        if content == "empty":
            if entries or not lists.is_complete:
                continue
            is_only, origins = True, tuple(group.origin for group in mine)
            name = ", ".join(group.value.group_name for group in mine)
        else:
            holding = [group for group in mine if content in group.value.entries]
            if not holding:
                continue
            name, origins = holding[0].value.group_name, (holding[0].origin.at("Entries"),)
            is_only = entries == {content} or (content in LOOPBACK_ENTRIES and is_loopback)
        fact = WhitelistContent(
            flow=flow.flow, what=purpose.what, content=content, group=name,
            is_only=is_only and lists.is_complete,
        )  # fmt: skip
        yield Sighting(fact, origins)
        yield Sighting(
            WhitelistMeaning(
                flow=flow.flow,
                what=purpose.what,
                content=content,
                means=meaning.means,
                certainty=meaning.certainty,
            )
        )


def unreadable(
    flow: DestinationProduct, product: Product, allow: AllowList, groups: Sequence[Group]
) -> Iterator[Sighting]:
    """Entries that hold nothing because they cannot be read, without those that have a meaning."""
    known = {meaning.content for meaning in product.whitelist}
    forms = frozenset(allow.forms)
    found = [
        (group, index, entry)
        for group in groups
        for index, entry in enumerate(group.value.entries)
        if entry not in known and blocks_of(entry, forms) is None
    ]
    for group, index, entry in found[:MOST_UNREADABLE]:
        fact = WhitelistUnreadable(flow=flow.flow, group=group.value.group_name, entry=entry[:80])
        yield Sighting(fact, (group.origin.at("Entries", index),))


def members(view: View, flow: DestinationProduct) -> Iterator[Sighting]:
    """Which security groups are let in, and whether the pod is in them by each evidence."""
    if not flow.instance:
        return
    for record in view.case.listing(WhitelistSecurityGroup, of=flow.instance).records:
        for candidate in group_candidates(view):
            fact = WhitelistMember(
                flow=flow.flow,
                pod=view.pod,
                source=candidate.source,
                group=record.value.security_group_id,
                is_member=record.value.security_group_id in candidate.groups,
            )
            yield Sighting(fact, (record.origin, *candidate.origins))
