"""Plays a consultation with somebody who knows the whole truth: a hidden case.

The person begins with the question and an error text, and replies truthfully: with the choice
that agrees with the hidden case, a value read from it, else the documents of the list asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wayout.engine import Answer, Case, NextQuestion, Question, assess, diagnose, reply
from wayout.engine.advise.answer import Need
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.advise.needs import needs_of
from wayout.engine.advise.told import filled, handed_over, known_values
from wayout.engine.case import Observation
from wayout.engine.case.alibaba import VSwitch
from wayout.engine.case.contents import Contents, key_of, merged
from wayout.engine.case.instances import InstanceEndpoint
from wayout.engine.case.lists import MODELS, OWNED
from wayout.engine.case.telling import is_unnamed

UNKNOWN = "unknown"
MOST_QUESTIONS = 60
# Rules about things that a person calls the same.
SAID_ALIKE = {
    "POL-002": "POL-001", "SG-003": "SG-002", "SG-007": "SG-001", "SG-027": "SG-001",
    "DAC-144": "DAC-143",
}  # fmt: skip


@dataclass
class World:
    """The hidden truth, and what it shows to somebody who only sees the error."""

    name: str
    hidden: Case
    question: Question
    error: str = ""

    @cached_property
    def truth(self) -> Answer:
        return diagnose(Case.load(self.start(), self.hidden), self.question)

    def start(self) -> Case:
        seen = [{"error": self.error}] if self.error else []
        return Case.load({"apiVersion": "wayout/v1", "kind": "Case", "observations": seen})

    @cached_property
    def codes(self) -> frozenset[str]:
        """The rules that say what blocks."""
        return frozenset(finding.code for finding in self.truth.findings)


@dataclass
class Outcome:
    """How a conversation went."""

    world: World
    answer: Answer
    asked: list[str] = field(default_factory=list)


def consult(world: World) -> Outcome:
    """The whole consultation."""
    case, asked = world.start(), list[str]()
    while True:
        answer = assess(case, world.question)
        question = answer.next_question
        if question is None or len(asked) >= MOST_QUESTIONS:
            return Outcome(world, answer, asked)
        case, said = answered(world, case, question)
        asked.append(f"{question.id} = {said}")


def answered(world: World, case: Case, question: NextQuestion) -> tuple[Case, str]:
    """The case after a truthful reply, and what was replied."""
    assert question.how is not None
    handed = slice_of(world.hidden, question.how)
    if question.is_document_best and handed is not None:
        return handing(case, question, handed), "document"
    found = choice_of(world, case, question)
    if found is not None:
        return reply(case, question.id, found, world.question), found
    value = value_of(world, question)
    if value is not None:
        after = reply(case, question.id, value, world.question)
        return after, value
    if handed is not None:
        return handing(case, question, handed), "document"
    return reply(case, question.id, UNKNOWN, world.question), UNKNOWN


def choice_of(world: World, case: Case, question: NextQuestion) -> str | None:
    """The reply on offer that is true."""
    diagnoser = shipped()
    observed, inferred = diagnoser.infer(case, world.question)
    before, values = Conclusions(inferred), known_values(observed.view)
    key, _, of = question.id.partition("/")
    for option in question.replies:
        if option.verdict_after not in (UNKNOWN, world.truth.verdict):
            continue
        [patch] = [r.patch for r in diagnoser.knowledge.questions[key].replies if r.id == option.id]
        changes = filled(patch, {**values, "of": of})
        if agrees(world, before, case.told(changes), changes):
            return option.id
    return None


def handing(case: Case, question: NextQuestion, documents: Case) -> Case:
    """The case with documents as the reply."""
    return Case.load(case, documents, handed_over(question.id))


def checklist(world: World) -> tuple[int, str]:
    """How many documents somebody asks for who goes through all that lacks in path order.

    The second value: the verdict with all of them.
    """
    case, given = world.start(), list[tuple[str, str]]()
    while True:
        found = conclusions(case, world)
        every = (entry.conclusion for entry in found.all)
        needs = needs_of(every, found.not_assessed, shipped().knowledge, {})
        lacks = [need for need in needs if (need.name, need.of) not in given]
        if not lacks:
            return len(given), found.verdict.verdict if found.verdict else UNKNOWN
        given.append((lacks[0].name, lacks[0].of))
        document = slice_of(world.hidden, lacks[0])
        if document is not None:
            case = Case.load(case, document)


# ── Truth ────────────────────────────────────────────────────────────────────────────────────


def agrees(world: World, before: Conclusions, after: Case, changes: list[dict[str, Any]]) -> bool:
    """Whether what a reply says is so in the hidden case."""
    for change in changes:
        if "add" in change and is_otherwise(world.hidden, after, change):
            return False
        if "knowing" in change:
            name, of = change["complete"], change.get("of", "")
            there = world.hidden._contents.listing(name, of)
            if not there.is_complete or len(there.records) > change["knowing"]:
                return False
        if "set" in change and not is_said(world.hidden, after, change["set"], change["key"]):
            return False
    now = conclusions(after, world)
    has_decided = False
    for gate in world.truth.gates:
        if statuses(now)[gate.gate] == statuses(before)[gate.gate]:
            continue
        if gate.gate.startswith("destination") and statuses(now)[gate.gate] == "not-applicable":
            continue  # that no document describes the destination is not what the reply says
        has_decided = has_decided or statuses(now)[gate.gate] != "unknown"
        if statuses(now)[gate.gate] not in ("unknown", gate.status):
            return False
    told = blockers(now) - blockers(before)
    if not {SAID_ALIKE.get(code, code) for code in told} <= {
        SAID_ALIKE.get(code, code) for code in world.codes
    }:
        return False
    fresh = [change for change in changes if "add" in change]
    return has_decided or all(is_there(world.hidden, after, change) for change in fresh)


def is_otherwise(hidden: Case, after: Case, change: Mapping[str, Any]) -> bool:
    """Whether the hidden case says something else of a thing that was told of."""
    name, of = change["add"], change.get("of", "")
    records = {key_of(r.value): r.value for r in hidden._contents.listing(name, of).records}
    said = [r.value for r in after._contents.listing(name, of).records]
    return any(
        not is_unnamed(value, path)
        for value in said
        if key_of(value) in records
        for path in merged(records[key_of(value)], value)[1]
    )


def is_there(hidden: Case, after: Case, change: Mapping[str, Any]) -> bool:
    """Whether the hidden case has the added record, with everything that was said of it."""
    name, of = change["add"], change.get("of", "")
    records = {key_of(r.value): r.value for r in hidden._contents.listing(name, of).records}
    said = [r.value for r in after._contents.listing(name, of).records]
    mine = [value for value in said if key_of(value) in records]
    return bool(mine) and not any(merged(records[key_of(v)], v)[1] for v in mine)


def is_said(hidden: Case, after: Case, name: str, key: str) -> bool:
    there, said = (case._contents.find(name, key, "") for case in (hidden, after))
    return there is not None and said is not None and not merged(there.value, said.value)[1]


def conclusions(case: Case, world: World) -> Conclusions:
    return Conclusions(shipped().infer(case, world.question)[1])


def statuses(found: Conclusions) -> Mapping[str, str]:
    return {gate: end.status for gate, end in found.gates.items()}


def blockers(found: Conclusions) -> frozenset[str]:
    """What blocks for sure, also where the flow perhaps never gets there."""
    entries = found.of_status("blocks")
    return frozenset(e.conclusion.rule for e in entries if e.firing.rule.certainty == "confirmed")


# ── What the person hands over ───────────────────────────────────────────────────────────────

# Lists of which one command tells a single record.
SINGLE = frozenset({"vswitches", "vpcs", "network_acls", "instances", "security_groups"})


# What is collected under one name though it is several lists.
TOGETHER = ("instances", "instance_endpoints", "whitelists", "whitelist_templates",
            "whitelist_security_groups")  # fmt: skip


# What somebody looks through who searches for whatever has an address.
EVERYTHING = ("eips", "ecs_instances", "network_interfaces", "load_balancers", "listeners",
              "vpc_peers", *TOGETHER)  # fmt: skip


def lists_of(name: str) -> tuple[str, ...]:
    """The lists that are meant when this lacks."""
    if name == "destination_owner":
        return EVERYTHING
    if name == "security_group_rules":  # one answer tells the group and its rules
        return name, "security_groups"
    return TOGETHER if name.endswith("_access") else (name,)


def forgetting(case: Case, *names: str) -> Case:
    """The case without these lists, as if nobody had collected them."""
    whole, made = case._contents, Contents()
    for name, owners in whole.records.items():
        for owner, bucket in owners.items():
            if name not in names:
                made.bucket(name, owner).update(bucket)
    made.parts = [part for part in whole.parts if part.list not in names]
    made.settle()
    return Case(made, case.question)


def instance_of(hidden: Case, name: str) -> str:
    """The instance that is meant by the first part of the name of one of its endpoints."""
    endpoints = (record.value for record in hidden.listing(InstanceEndpoint).records)
    return next((e.instance_id for e in endpoints if e.host.startswith(f"{name}.")), name)


def slice_of(hidden: Case, need: Need) -> Case | None:
    """The documents that this lacks, as its commands print them; None when nobody has them."""
    whole, made = hidden._contents, Contents()
    of = need.of.partition("/")[0]
    if need.name.endswith("_access"):
        of = instance_of(hidden, of)
    names = [name for name in lists_of(need.name) if name in MODELS]
    for name in names:
        for owner, bucket in whole.records.get(name, {}).items():
            for key, record in bucket.items():
                if name in OWNED and of and owner != of:
                    continue
                if name in SINGLE and of and key != of:
                    continue
                made.bucket(name, owner)[key] = record
        is_part = name in OWNED and bool(of)
        made.parts += [
            part
            for part in whole.parts
            if part.list == name
            and name not in SINGLE
            and (not is_part or part.of.partition("/")[0] in (of, ""))
        ]
    if not made.parts and not any(any(made.records.get(name, {}).values()) for name in names):
        return None
    made.settle()
    return Case(made)


def value_of(world: World, question: NextQuestion) -> str | None:
    """What the person types in."""
    name = question.id.partition("/")[0]
    hidden = world.hidden
    if name == "observations":
        found = [
            address
            for record in hidden.listing(Observation).records
            if record.value.what == "resolved" and record.value.name in question.text.en
            for address in record.value.addresses
        ]
        # Who can read the name can look it up.
        is_its_name = world.question.target.host and world.question.target.host in question.text.en
        seen = [flow.ip for flow in world.truth.question.flows if flow.ip and is_its_name]
        return ",".join(found or dict.fromkeys(seen)) or None
    if name == "exit_address":
        return next((line.address for line in world.truth.ledger if line.hop == "internet"), None)
    if name == "route_tables":  # the console names the table of a vSwitch
        tables = {
            record.value.route_table_id
            for record in hidden.listing(VSwitch).records
            if record.value.v_switch_id in question.text.en
        }
        return next((table for table in tables if table), None)
    return None
