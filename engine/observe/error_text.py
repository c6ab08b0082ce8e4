"""Error texts: the symptoms they show, whether they speak of this flow, and what they prove."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import Observation, Origin, Record, Service
from wayout.engine.facts.common import GATE_NAMES, Flow
from wayout.engine.facts.destination import TcpObservation
from wayout.engine.facts.dns import DnsAnswer
from wayout.engine.facts.symptom import (
    DENIALS,
    Symptom,
    SymptomClient,
    SymptomProof,
    SymptomsOmitted,
    UnreadText,
)
from wayout.engine.observe.balancers import balancers_at
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination import answers_for
from wayout.engine.observe.flow import MainFlow, Plan, plan_of
from wayout.engine.observe.local import is_own_address
from wayout.engine.observe.placement import eni_of, vpc_id_of, vswitch_around
from wayout.engine.observe.scope import normal
from wayout.engine.symptoms.extract import ERRNO, Endpoint, Mentions, mentions_of
from wayout.engine.symptoms.model import BEYOND_NAMES, Match
from wayout.engine.symptoms.text import Prepared, prepare

__all__ = ["MOST_TEXTS", "sightings"]

MOST_TEXTS = 32  # error texts that are read; a log is not a case
LONGEST_TEXT, LONGEST_WORDS, BEFORE = 160, 120, 40  # characters of a text that are repeated
About = Literal["flow", "destination", "sibling", "other"]
OPEN_SCOPES = ("internet", "unresolved", "undetermined")  # may need an exit to the Internet
# Nothing in the cluster answers in place of such an address.
FOREIGN_SCOPES = ("pod", "private", "metadata", "vpc-dns", "cloud-service")
NAMES: dict[str, tuple[str, str]] = {
    str(name): both for name, both in (*GATE_NAMES.items(), *BEYOND_NAMES.items())
}


@dataclass(frozen=True, slots=True)
class Read:
    """One error text with everything that was found in it."""

    text: Prepared
    matches: tuple[Match, ...]
    mentions: Mentions
    origins: tuple[Origin, ...]


def sightings(view: View, records: Sequence[Record[Observation]]) -> Iterator[Sighting]:
    """Facts about the error texts of a case."""
    plan = plan_of(view)
    reads = [read(view, record) for record in records[:MOST_TEXTS]]
    for main in plan.main:
        for one in reads:
            yield from of_flow(view, plan, main, one)
        if len(records) > MOST_TEXTS:
            fact = SymptomsOmitted(flow=main.flow.flow, total=len(records), judged=MOST_TEXTS)
            yield Sighting(fact, records[MOST_TEXTS].origins)


def read(view: View, record: Record[Observation]) -> Read:
    text = prepare(record.value.text)
    return Read(text, view.symptoms.matches(text), mentions_of(text), record.origins)


def of_flow(view: View, plan: Plan, main: MainFlow, one: Read) -> Iterator[Sighting]:
    flow = main.flow.flow
    if not one.matches:
        yield Sighting(UnreadText(flow=flow, text=one.text.line[:LONGEST_TEXT]), one.origins)
    for match in one.matches:
        is_lookup = match.symptom.is_about_lookup
        about = about_lookup(view, plan, one) if is_lookup else about_flow(view, plan, main, one)
        yield Sighting(symptom(main.flow, match, about, one), one.origins)
        if match.by == "text" and about == "flow":
            yield from proofs(view, plan, main, match, one)
            yield from seen(plan, main, match, one)
            yield from clients(view, main, match, one)


def symptom(flow: Flow, match: Match, about: About, one: Read) -> Symptom:
    entry, mentions = match.symptom, one.mentions
    suspects = [
        NAMES[name]
        for name in entry.suspects(flow.scope in OPEN_SCOPES)
        if name != "internet-exit" or flow.scope in OPEN_SCOPES
    ]
    named = [*map(str, mentions.dialled)] or [*mentions.looked_up]
    if entry.is_about_lookup:
        named = [*mentions.looked_up]
    number = mentions.errno
    text = excerpt(one.text.line, match)
    return Symptom(
        flow=flow.flow,
        symptom=entry.id,
        about=about,
        is_relevant=about in ("flow", "destination"),
        by=match.by,
        text=text,
        mark=f"{entry.id} {text}",
        named=", ".join(named),
        errno=f"{number} ({ERRNO[number]})" if number else "",
        server=", ".join(mentions.servers),
        decides=entry.decides if match.by == "text" else "",
        is_denial=match.by == "text" and entry.decides in DENIALS,
        is_lookup=entry.is_about_lookup,
        certainty=entry.certainty,
        has_suspects=bool(suspects),
        title_en=entry.title.en,
        title_zh=entry.title.zh,
        means_en=entry.means.en,
        means_zh=entry.means.zh,
        next_en=entry.next.en,
        next_zh=entry.next.zh,
        suspects_en=", ".join(en for en, _ in suspects),
        suspects_zh="、".join(zh for _, zh in suspects),
    )


def excerpt(line: str, match: Match) -> str:
    """The text itself when it is short, else the part around the words that were recognised."""
    if len(line) <= LONGEST_TEXT:
        return line
    start = max(0, match.start - BEFORE)
    part = line[start : start + LONGEST_TEXT]
    tail = " …" if start + LONGEST_TEXT < len(line) else ""
    return f"{'… ' if start else ''}{part}{tail}"


# ── Whom a text speaks of ────────────────────────────────────────────────────────────────────


def about_lookup(view: View, plan: Plan, one: Read) -> About:
    """A lookup of the destination's name, or of one the search list makes of it."""
    name = normal(plan.destination.name)
    if not name:
        return "other"
    looked_up = [normal(text) for text in one.mentions.looked_up]
    if not looked_up or any(n == name or n.startswith(f"{name}.") for n in looked_up):
        return "flow"
    return "flow" if normal(view.question.target.host) in looked_up else "other"


def about_flow(view: View, plan: Plan, main: MainFlow, one: Read) -> About:
    """What the hosts and ports that a text names say about one flow."""
    is_alone = len(plan.main) == 1
    dialled = one.mentions.dialled
    if not dialled:
        return "flow" if is_alone else "destination"
    fitting = {normal(e.host) for e in dialled if fits_port(view, main, e)}
    shared = addresses_of(view, plan.main) - addresses_of(view, plan.main, own_only=True)
    names = names_of(view, plan)
    if fitting & addresses_of(view, [main], own_only=True):
        return "flow"
    if not fitting & (names | shared):
        if fitting & addresses_of(view, plan.main):
            return "sibling"
        if all(contradicts(view, plan, main, endpoint, names) for endpoint in dialled):
            return "other"
    return "flow" if is_alone else "destination"


def names_of(view: View, plan: Plan) -> set[str]:
    target = view.question.target
    named = (plan.destination.name, target.host if not target.ip else "")
    return {normal(text) for text in named if text}


def addresses_of(view: View, flows: Iterable[MainFlow], *, own_only: bool = False) -> set[str]:
    """Every address that reaches one of the flows: its own, and those of a Service before it."""
    found: set[str] = set()
    for main in flows:
        found.add(main.flow.ip)
        if main.service is None:
            found |= {main.address, view.question.target.ip}
        elif not own_only:
            found |= {main.address, view.question.target.ip, main.service.value.spec.cluster_ip}
    return {normal(text) for text in found if text}


def fits_port(view: View, main: MainFlow, endpoint: Endpoint) -> bool:
    """A port that either side leaves open fits every other."""
    ports = {main.flow.port, view.question.target.port or 0} - {0}
    return not endpoint.port or not ports or endpoint.port in ports


def contradicts(
    view: View, plan: Plan, main: MainFlow, endpoint: Endpoint, names: set[str]
) -> bool:
    """Whether an endpoint that is none of the flow's certainly is another one.

    A name may stand for an address nobody looked up, and the other way round.
    """
    if not fits_port(view, main, endpoint):
        return True
    known = bool(addresses_of(view, plan.main))
    return known if endpoint.is_address else bool(names)


# ── What it proves ───────────────────────────────────────────────────────────────────────────


def proofs(view: View, plan: Plan, main: MainFlow, match: Match, one: Read) -> Iterator[Sighting]:
    """The gates that a text clears; one about a connection clears nothing of another protocol."""
    entry = match.symptom
    passed = entry.proves(one.text) if main.flow.protocol == "tcp" else ()
    is_local = entry.is_refusal and may_be_local(view, plan, main)
    for how, gates in (("passed", passed), ("bypassed", entry.bypasses)):
        for gate in gates:
            fact = SymptomProof(
                flow=main.flow.flow,
                gate=gate,
                symptom=entry.id,
                how="passed" if how == "passed" else "bypassed",
                certainty=entry.certainty,
                may_be_local=is_local and gate != "dns",
                text=match.words[:LONGEST_WORDS],
                gate_en=NAMES[gate][0],
                gate_zh=NAMES[gate][1],
            )
            yield Sighting(fact, one.origins)


def may_be_local(view: View, plan: Plan, main: MainFlow) -> bool:
    """Whether the data plane of the cluster may answer for the address itself."""
    if main.service is not None or main.is_balancer or plan.destination.service_key:
        return True
    if main.flow.scope in FOREIGN_SCOPES:
        return False
    if not main.flow.ip or not view.case.listing(Service).is_complete:
        return True
    return main.flow.scope not in ("internet", "vpc") or bool(balancers_at(view.case, main.flow.ip))


def seen(plan: Plan, main: MainFlow, match: Match, one: Read) -> Iterator[Sighting]:
    """What the text says happened, as somebody might have observed it."""
    for what in match.symptom.observed_in(one.text):
        if what.tcp is not None and main.flow.protocol == "tcp":
            fact = TcpObservation(flow=main.flow.flow, result=what.tcp, by=answers_for(main))
            yield Sighting(fact, one.origins)
        if what.dns is not None and plan.destination.name:
            name = plan.destination.name
            yield Sighting(DnsAnswer(flow=main.flow.flow, name=name, status=what.dns), one.origins)


def clients(view: View, main: MainFlow, match: Match, one: Read) -> Iterator[Sighting]:
    """The source addresses that the text says the server saw."""
    for address in one.mentions.clients:
        vpc = vpc_id_of(view.case, view.pod_record, eni_of(view))
        around = vswitch_around(view.case, address, vpc) if vpc else None
        block = around.value.cidr_block if around is not None else None
        fact = SymptomClient(
            flow=main.flow.flow,
            symptom=match.symptom.id,
            address=address,
            text=match.words[:LONGEST_WORDS],
            is_pod=is_own_address(view, address),
            block=block or "<cidr-block>",
            vswitch=around.value.key if around is not None and block else "",
        )
        origins = around.origins if around is not None else ()
        yield Sighting(fact, (*one.origins, *origins))
