"""What guards the exit from outside the VPC: Cloud Firewall, Anti-DDoS, the account balance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Literal

from wayout.engine.case import (
    AccountBalance,
    Case,
    DdosAddress,
    Eip,
    FirewallAsset,
    FirewallPolicy,
    ForwardEntry,
    NetworkInterface,
    Record,
    SnatEntry,
)
from wayout.engine.facts.common import Flow
from wayout.engine.facts.guards import (
    AccountCredit,
    DdosState,
    FirewallDecision,
    FirewallProtection,
    GuardDocument,
)
from wayout.engine.observe.address import parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.placement import split_ids

__all__ = ["matches", "observe", "policy_order"]

LAST = 1 << 31
ANY = ("", "any")


def observe(view: View) -> Iterator[Sighting]:
    """Which guards have documents, and what these say of every public address of the case."""
    case = view.case
    policies = case.listing(FirewallPolicy)
    has_firewall = policies.state != "missing" or bool(policies.records)
    addresses = case.listing(DdosAddress).records
    balances = case.listing(AccountBalance).records
    has_any = has_firewall or bool(addresses) or bool(balances)
    yield Sighting(GuardDocument(guard="any", state=presence(has_any)))
    yield Sighting(GuardDocument(guard="cloud-firewall", state=presence(has_firewall)))
    yield Sighting(GuardDocument(guard="ddos", state=presence(bool(addresses))))
    yield Sighting(GuardDocument(guard="account", state=presence(bool(balances))))
    if has_firewall:
        yield from firewall(view)
    if addresses:
        for address in public_addresses(case):
            yield ddos_state(address, addresses)
    for record in balances:
        yield Sighting(account_credit(record.value), record.origins)


def presence(is_present: bool) -> Literal["present", "missing"]:
    return "present" if is_present else "missing"


def public_addresses(case: Case) -> list[str]:
    """Every public address an exit of the case may use, sorted."""
    found = {record.value.ip_address for record in case.listing(Eip).records}
    for entry in case.listing(SnatEntry).records:
        found.update(split_ids(entry.value.snat_ip))
    found.update(record.value.external_ip for record in case.listing(ForwardEntry).records)
    for eni in case.listing(NetworkInterface).records:
        found.add(eni.value.associated_public_ip or "")
    return sorted(address for address in found if parse_ip(address) is not None)


# ── Cloud Firewall ───────────────────────────────────────────────────────────────────────────


def firewall(view: View) -> Iterator[Sighting]:
    case = view.case
    outbound = sorted(
        (r for r in case.listing(FirewallPolicy).records if r.value.direction.lower() == "out"),
        key=lambda r: (policy_order(r.value), r.value.acl_uuid),
    )
    for address in public_addresses(case):
        yield protection_of(case, address)
        for flow in view.flows:
            if flow.scope == "internet":
                yield decision_of(case, flow, address, outbound)


def protection_of(case: Case, address: str) -> Sighting:
    listing = case.listing(FirewallAsset)
    for record in listing.records:
        if record.value.internet_address == address:
            # A firewall that is being switched on or off may act either way.
            state = record.value.protect_status.strip().lower()
            known: Literal["open", "closed", "unknown"] = (
                "open" if state == "open" else "closed" if state == "closed" else "unknown"
            )
            return Sighting(FirewallProtection(address=address, state=known), record.origins)
    return Sighting(FirewallProtection(address=address, state="unknown"), listing.origins)


def decision_of(
    case: Case, flow: Flow, address: str, outbound: Iterable[Record[FirewallPolicy]]
) -> Sighting:
    """The first match in order of priority; undetermined as soon as an uncertain one comes first.

    An uncertain policy that would do the same as the first certain match changes nothing.
    """
    listing = case.listing(FirewallPolicy)
    uncertain: list[Record[FirewallPolicy]] = []
    for record in outbound:
        match matches(record.value, flow, address):
            case None:
                uncertain.append(record)
            case True:
                action = action_of(record.value)
                is_same = all(action_of(other.value) == action for other in uncertain)
                if not listing.is_complete or not is_same:
                    break
                fact = FirewallDecision(
                    flow=flow.flow,
                    address=address,
                    action=action,
                    policy=record.value.acl_uuid,
                    order=shown_order(record.value),
                )
                return Sighting(fact, record.origins)
            case False:
                pass
    else:
        if listing.is_complete and not uncertain:
            fact = FirewallDecision(flow=flow.flow, address=address, action="none")
            return Sighting(fact, listing.origins)
    fact = FirewallDecision(
        flow=flow.flow,
        address=address,
        action="undetermined",
        policy=uncertain[0].value.acl_uuid if uncertain else "",
        lacks="firewall_policies",
    )
    return Sighting(fact, uncertain[0].origins if uncertain else listing.origins)


def action_of(policy: FirewallPolicy) -> Literal["accept", "drop", "monitor", "undetermined"]:
    match policy.acl_action.strip().lower():
        case "accept":
            return "accept"
        case "drop":
            return "drop"
        case "log":
            return "monitor"
        case _:
            return "undetermined"


def policy_order(policy: FirewallPolicy) -> int:
    """Its place: the smallest number first, -1 and what cannot be read last."""
    text = policy.order.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if number > 0 else LAST


def shown_order(policy: FirewallPolicy) -> int:
    order = policy_order(policy)
    return -1 if order == LAST else order


def matches(policy: FirewallPolicy, flow: Flow, address: str) -> bool | None:
    """Whether a policy matches a flow that leaves by `address`; None when it cannot be told."""
    if policy.release is False:
        return False
    parts = (
        side_matches(policy.source_type, policy.source, policy.source_group_cidrs, address),
        side_matches(
            policy.destination_type, policy.destination, policy.destination_group_cidrs, flow.ip
        ),
        policy.proto.strip().lower() in (*ANY, flow.protocol),
        port_matches(policy, flow),
        # Which application a connection is shows only in its content.
        True if policy.application_name.strip().lower() in ANY else None,
    )
    if any(part is False for part in parts):
        return False
    return None if any(part is None for part in parts) else True


def side_matches(kind: str, text: str, group: list[str], address: str) -> bool | None:
    """Whether an address is in a CIDR block or address book; domains and places are not known."""
    cidrs = [text] if kind.strip().lower() in ("", "net") else group
    if kind.strip().lower() not in ("", "net", "group") or not cidrs:
        return None
    ip = parse_ip(address)
    networks = [parse_cidr(cidr) for cidr in cidrs]
    if ip is None or any(network is None for network in networks):
        return None
    return any(network is not None and network.contains(ip) for network in networks)


def port_matches(policy: FirewallPolicy, flow: Flow) -> bool | None:
    if flow.protocol not in ("tcp", "udp"):
        return True
    is_group = policy.dest_port_type.strip().lower() == "group"
    texts = policy.dest_port_group_ports if is_group else [policy.dest_port]
    if is_group and not texts:
        return None
    found = [port_in(text, flow.port) for text in texts]
    if any(found):
        return True
    return None if any(part is None for part in found) else False


def port_in(text: str, port: int) -> bool | None:
    """Whether `a/b`, `a` or "" (all ports, as `0/0`) contains a port; 0 is a port nobody gave."""
    text = text.strip()
    if text in ("", "0", "0/0", "-1/-1", "1/65535", "0/65535"):
        return True
    first, _, last = text.partition("/")
    last = last or first
    if not (first.isascii() and first.isdigit() and last.isascii() and last.isdigit()):
        return None
    return None if port == 0 else int(first[:6]) <= port <= int(last[:6])


# ── Anti-DDoS and the account ────────────────────────────────────────────────────────────────


def ddos_state(address: str, records: Iterable[Record[DdosAddress]]) -> Sighting:
    for record in records:
        if record.value.instance_ip == address:
            state = ddos_word(record.value.ip_status)
            return Sighting(DdosState(address=address, state=state), record.origins)
    return Sighting(DdosState(address=address, state="unknown"))


def ddos_word(text: str) -> Literal["normal", "cleaning", "blackhole", "unknown"]:
    match text.strip().lower():
        case "normal":
            return "normal"
        case "defense" | "cleaning":
            return "cleaning"
        case "blackhole" | "hole_begin" | "hole":
            return "blackhole"
        case _:
            return "unknown"


def account_credit(balance: AccountBalance) -> AccountCredit:
    try:
        amount = Decimal(balance.available_amount.replace(",", "").strip())
    except InvalidOperation:
        return AccountCredit(state="unreadable", amount=balance.available_amount)
    state: Literal["credit", "debt", "unreadable"] = (
        "unreadable" if amount.is_nan() else "debt" if amount < 0 else "credit"
    )
    return AccountCredit(state=state, amount=balance.available_amount)
