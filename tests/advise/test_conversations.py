"""Whole conversations with somebody who knows the truth end in the right verdict, and soon."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from statistics import median
from zlib import crc32

import pytest

from tests.advise.player import Outcome, World, checklist, consult
from tests.scenarios.runner import HERE, base_case, load
from wayout.engine import Question

EXAMPLES = ("annotation-replaces-sg", "no-snat", "sg-priority-tie")
EVERY = 3  # one scenario in so many is played; all would take minutes
# Played too, so that no kind of destination and no gate is left out.
ALSO = {
    "da-ingress-policy-of-another-namespace",
    "da-one-basic-group-beats-a-drop",
    "dns-healthy-name",
    "dns-nxdomain-of-expanded-names",
    "np-selectors-in-two-items",
    "od-dnat-leads-to-a-closed-instance",
    "od-peer-vpc-rule-names-a-group",
    "od-public-address-of-an-instance-sees-the-exit",
    "oss-gateway-endpoint-lacks-the-bucket",
    "oss-public-endpoint-of-another-region-healthy",
    "sg-udp-53-dropped",
}
FAMILIES = {
    "acl", "da", "dns", "exit", "lb", "np", "od", "oss", "pod", "rt", "sg", "slb", "tp", "wl",
}  # fmt: skip
# The way out is gone through first, which the last reply makes idle: the cluster answers itself.
NO_WAY_TO_ASK = {"lb-intercepted-without-an-exit"}
MEDIAN, MOST_HEALTHY = 4, 9


def error_of(question: Question, code: str | None) -> str:
    """What such a fault shows in the pod; "" where nothing is wrong and somebody only asks."""
    target = question.target
    if code is None:
        return ""
    if code == "DNS-041":
        return f'getaddrinfo "{target.host}": Temporary failure in name resolution'
    if code.startswith(("DNS-04", "DNS-05")):
        return f"dial tcp: lookup {target.host} on 172.21.0.10:53: no such host"
    if code.startswith("DNS"):
        return (
            f"dial tcp: lookup {target.host} on 172.21.0.10:53: "
            "read udp 10.20.16.31:41234->172.21.0.10:53: i/o timeout"
        )
    if target.host:
        return (
            f"curl: (28) Failed to connect to {target.host} port {target.port or 443} "
            "after 130012 ms: Connection timed out"
        )
    return f"dial tcp {target.ip}:{target.port}: i/o timeout"


def is_chosen(name: str) -> bool:
    """By the name alone, so that new scenarios change nothing for the others."""
    # What an error text decides is not asked for: those scenarios show nothing here.
    return name in ALSO or (crc32(name.encode()) % EVERY == 0 and not name.startswith("sy-"))


def worlds() -> Iterator[World]:
    for name in EXAMPLES:
        case = base_case(name)
        assert case.question is not None
        yield World(name, case, case.question, error_of(case.question, "SG-001"))
    decided = [
        (path.stem, scenario)
        for path in sorted(HERE.glob("*.yaml"))
        if (scenario := load(path)).expect.verdict != "unknown" and scenario.base is not None
        if path.stem not in NO_WAY_TO_ASK and is_chosen(path.stem)
    ]
    for name, scenario in decided:
        case = scenario.case()
        question = Question(**scenario.question) if scenario.question else case.question
        assert question is not None
        yield World(name, case, question, error_of(question, scenario.expect.primary))


@cache
def played() -> tuple[tuple[Outcome, int], ...]:
    """Each conversation, and how long the checklist is.

    Left out is what not even all the documents that answers ask for lead to.
    """
    found = []
    for world in worlds():
        length, verdict = checklist(world)
        if verdict == world.truth.verdict:
            found.append((consult(world), length))
    return tuple(found)


def distribution() -> str:
    return "\n".join(
        f"{outcome.world.name}: {len(outcome.asked)} of {length}: {', '.join(outcome.asked)}"
        for outcome, length in played()
    )


def test_there_are_enough_of_both_kinds() -> None:
    verdicts = [outcome.world.truth.verdict for outcome, _ in played()]
    assert len(verdicts) >= 40
    assert verdicts.count("blocked") >= 24
    assert verdicts.count("reachable") >= 12


def test_every_gate_and_kind_of_destination_is_among_them() -> None:
    names = {outcome.world.name for outcome, _ in played()}
    assert {name.partition("-")[0] for name in names} >= FAMILIES
    assert names >= ALSO


def test_every_conversation_ends_in_the_verdict_of_the_hidden_case() -> None:
    wrong = [
        (outcome.world.name, outcome.answer.verdict, outcome.asked)
        for outcome, _ in played()
        if outcome.answer.verdict != outcome.world.truth.verdict
    ]
    assert not wrong, distribution()


def test_none_asks_more_than_a_checklist() -> None:
    more = [outcome.world.name for outcome, length in played() if len(outcome.asked) > length]
    assert not more, distribution()


def test_from_a_symptom_few_questions_are_enough() -> None:
    counts = [len(outcome.asked) for outcome, _ in played() if outcome.world.error]
    assert median(counts) <= MEDIAN, distribution()


def test_that_nothing_is_wrong_takes_more_questions_but_not_many() -> None:
    counts = [len(outcome.asked) for outcome, _ in played() if not outcome.world.error]
    assert median(counts) <= MOST_HEALTHY, distribution()


def test_nothing_is_asked_twice() -> None:
    for outcome, _ in played():
        ids = [asked.partition(" = ")[0] for asked in outcome.asked]
        assert len(ids) == len(set(ids)), outcome.asked


def test_no_conversation_accuses_what_the_hidden_case_does_not() -> None:
    """A verdict may come before everything is known, but not for a reason that is not there."""
    for outcome, _ in played():
        if outcome.answer.verdict == "blocked":
            gates = {finding.gate for finding in outcome.world.truth.findings}
            primary = next(f for f in outcome.answer.findings if f.is_primary)
            assert primary.gate in gates, (outcome.world.name, outcome.asked)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_shipped_examples_are_among_them(name: str) -> None:
    assert name in {outcome.world.name for outcome, _ in played()}
