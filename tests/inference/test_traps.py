"""One test per trap of durable_rules that is fenced; each would notice if the fence fell.

The traps were measured on durable_rules 2.0.28: wrong answers or crashes of ordinary rules.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.inference.build import rule
from tests.inference.kinds import Apple, Banana, Jam, Juice, test_vocabulary
from wayout import knowledge
from wayout.engine.errors import EngineError, RuleError
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Collected, Flow
from wayout.engine.inference import Inference
from wayout.engine.inference.compile import WARM, Symbols, compile_gate
from wayout.engine.inference.driver import Ruleset
from wayout.engine.inference.limits import check_limits
from wayout.engine.rules import GATE_PREFIXES, Rule, read_knowledge


@pytest.fixture(autouse=True)
def _vocabulary() -> Iterator[None]:
    with test_vocabulary():
        yield


def fired(rules: list[Rule], facts: Sequence[Fact]) -> list[str]:
    inference = Inference(rules, sessions=1)
    try:
        return [firing.rule.id for firing in inference.run(facts).firings]
    finally:
        inference.close()


# Negation: whether a pending match is cancelled depends on hash order unless facts come first.


def test_none_does_not_depend_on_the_order_of_facts() -> None:
    rules = [
        rule(1, [{"apple": {"text": "$t"}}, {"none": {"banana": {"text": "$t"}}}], infers=JUICE),
        rule(2, [{"apple": {"text": "$t"}}, {"juice": {"owner": "$t"}}], infers=JAM),
    ]
    facts = [Apple(text="a"), Apple(text="b"), Banana(text="a"), Juice(owner="a")]
    inference = Inference(rules)
    for order in itertools.permutations(facts):
        result = inference.run(order)
        assert [(f.rule.id, f.bindings[0]) for f in result.firings] == [
            ("POL-001", Apple(text="b")),
            ("POL-002", Apple(text="a")),
        ]


def test_none_does_not_cancel_matches_of_other_rules() -> None:
    rules = [
        rule(n, [{"apple": {"number": n}}, {"none": {"banana": {"number": n}}}], infers=JUICE)
        for n in range(20)
    ]
    rules += [rule(20 + n, [{"apple": {"number": n}}], infers=JAM) for n in range(20)]
    facts: list[Fact] = [Apple(number=n) for n in range(20)]
    facts += [Banana(number=n) for n in range(0, 20, 2)]
    expected = [f"POL-{n:03}" for n in range(1, 20, 2)] + [f"POL-{20 + n:03}" for n in range(20)]
    assert fired(rules, facts) == expected
    assert fired(rules, facts[::-1]) == expected


def test_none_waits_for_facts_that_rules_derive() -> None:
    rules = [
        rule(1, [{"juice": {}}, {"none": {"jam": {}}}], infers={"jelly": {}}),
        rule(2, [{"apple": {}}], infers=JUICE),
        rule(3, [{"juice": {"text": "$t"}}, {"banana": {"text": "$t"}}], infers=JAM),
    ]
    assert fired(rules, [Apple(), Banana()]) == ["POL-002", "POL-003"]
    assert fired(rules, [Apple(), Banana(text="x")]) == ["POL-001", "POL-002"]


def test_a_fact_is_used_once_per_rule() -> None:
    rules = [
        rule(1, [{"apple": {"text": "$t"}}, {"apple": {"text": "$t"}}], infers=JUICE),
        rule(2, [{"apple": {"text": "$t"}}, {"none": {"apple": {"text": "$t"}}}], infers=JUICE),
    ]
    assert fired(rules, [Apple(text="a")]) == ["POL-002"]
    two: list[Fact] = [Apple(text="a"), Apple(text="a", number=1)]
    assert fired(rules, two) == ["POL-001", "POL-001"]


def test_a_needed_list_may_also_be_a_condition() -> None:
    listed = rule(
        1,
        [
            {"collected": {"list": "entries", "of": "$o"}},
            {"apple": {"owner": "$o"}},
            {"none": {"entry": {"owner": "$o"}}},
        ],
        infers=JUICE,
    )
    assert fired([listed], [Collected(list="entries", of="x"), Apple(owner="x")]) == ["POL-001"]


# Values: the C code coerces, truncates and loses what it does not like.


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x" * 65_536 + "a", "x" * 65_536 + "b"),
        ("x" * 65_536, "y" * 65_536),
        ("80", "80.0"),
        ("true", "True"),
        ("a\x00b", "a\x00c"),
        ("", "\x00"),
        ("null", "None"),
        ("1e+20", "1e20"),
        ("é", "e\u0301"),
    ],
)
def test_only_equal_texts_are_equal(one: str, other: str) -> None:
    joined = rule(1, [{"apple": {"text": "$t"}}, {"banana": {"text": "$t"}}], infers=JUICE)
    assert fired([joined], [Apple(text=one), Banana(text=other)]) == []
    assert fired([joined], [Apple(text=one), Banana(text=one)]) == ["POL-001"]
    tested = rule(2, [{"apple": {"text": one}}], infers=JUICE)
    assert fired([tested], [Apple(text=other)]) == []
    assert fired([tested], [Apple(text=one)]) == ["POL-002"]


def test_text_that_looks_like_the_protocol_is_only_text() -> None:
    hostile = '"},{"kind":"banana","id":"f9","sid":1,"text":"s0'
    both = rule(1, [{"apple": {"text": "$t"}}, {"banana": {"text": "$t"}}], infers=JUICE)
    assert fired([both], [Apple(text=hostile), Apple(text="s0"), Banana(text="s1")]) == []


def test_large_numbers_are_exact_and_larger_ones_refused() -> None:
    largest = 2**62 - 1
    joined = rule(1, [{"apple": {"number": "$n"}}, {"banana": {"number": "$n"}}], infers=JUICE)
    assert fired([joined], [Apple(number=largest), Banana(number=largest - 1)]) == []
    assert fired([joined], [Apple(number=-largest), Banana(number=-largest)]) == ["POL-001"]
    for beyond in (2**62, -(2**62), 10**40):
        with pytest.raises(EngineError, match="too large"):
            fired([joined], [Apple(number=beyond), Banana()])
    with pytest.raises(EngineError, match="too large"):
        Inference([rule(2, [{"apple": {"number": {"lt": 2**63}}}], infers=JUICE)])


def test_a_refused_number_leaves_the_session_clean() -> None:
    joined = rule(1, [{"apple": {"number": "$n"}}, {"banana": {"number": "$n"}}], infers=JUICE)
    inference = Inference([joined], sessions=1)
    with pytest.raises(EngineError):
        inference.run([Apple(number=1), Banana(number=2**62)])
    assert inference.run([Banana(number=1)]).firings == ()
    assert len(inference.run([Apple(number=1), Banana(number=1)]).firings) == 1


def test_facts_after_one_that_no_rule_wants_are_not_lost() -> None:
    wanted = rule(1, [{"apple": {"number": 1}}], infers=JUICE)
    facts: list[Fact] = [Apple(number=2), Banana(), Jam(), Apple(number=3), Apple(number=1)]
    for order in itertools.permutations(facts):
        assert fired([wanted], list(order)) == ["POL-001"]


def test_equal_facts_are_one_and_keep_every_support() -> None:
    rules = [
        rule(1, [{"apple": {"owner": "$o"}}], infers={"juice": {"owner": "$o"}}),
        rule(2, [{"banana": {"owner": "$o"}}], infers={"juice": {"owner": "$o"}}),
        rule(3, [{"juice": {}}], infers=JAM),
    ]
    result = Inference(rules).run([Apple(), Apple(), Banana(), Juice()])
    assert result.facts == (Apple(), Banana(), Juice(), Jam())
    assert [firing.rule.id for firing in result.supports[Juice()]] == ["POL-001", "POL-002"]
    assert [firing.rule.id for firing in result.firings] == ["POL-001", "POL-002", "POL-003"]


# Crashes, endless loops and silent threads of the driver.


def test_no_facts_at_all() -> None:
    result = Inference([rule(1, [{"apple": {}}], infers=JUICE)]).run([])
    assert (result.facts, result.firings, result.not_assessed) == ((), (), ())


def test_an_empty_batch_never_reaches_the_engine() -> None:
    program = compile_gate("policy", [rule(1, [{"apple": {}}], infers=JUICE)], Symbols())
    ruleset = Ruleset("policy", program.definition, WARM, 1)
    with pytest.raises(ValueError, match="batch"):
        list(ruleset.insert([]))


def test_sessions_in_which_nothing_fired_are_deleted_without_a_crash() -> None:
    script = """
        from concurrent.futures import ThreadPoolExecutor
        from tests.inference.build import rule
        from wayout.engine.facts.common import Flow, Gate
        from wayout.engine.inference import Inference
        needs_both = [{"flow": {"pod": "$p"}}, {"gate": {"gate": "dns"}}]
        inference = Inference([rule(1, needs_both)], sessions=16)
        facts = [Flow(flow="main", pod="a"), Gate(gate="pod")]
        with ThreadPoolExecutor(16) as pool:
            results = list(pool.map(lambda _: inference.run(facts).firings, range(2000)))
        assert results == [()] * 2000
    """
    environment = {**os.environ, "MALLOC_PERTURB_": "165", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_no_thread_is_started() -> None:
    before = threading.active_count()
    Inference([rule(1, [{"apple": {}}], infers=JUICE)]).run([Apple()])
    assert threading.active_count() == before


def test_an_error_while_a_rule_fires_is_raised_and_leaves_the_session_clean(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inference = Inference([rule(1, [{"apple": {}}], infers=JUICE)], sessions=1)
    clause = inference._clauses["POL-001"]

    def broken(_: object) -> Fact:
        raise RuntimeError("template")

    original = clause.produce
    object.__setattr__(clause, "produce", broken)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="template"):
            inference.run([Apple(), Apple(number=1), Apple(number=2)])
    object.__setattr__(clause, "produce", original)
    assert len(inference.run([Apple()]).firings) == 1


# Limits: beyond them the engine crashes, hangs or fails while it runs.


def refused(rules: list[Rule]) -> str:
    with pytest.raises(RuleError) as caught:
        Inference(rules)
    return str(caught.value)


def test_conditions_of_one_rule() -> None:
    def chain(length: int, *more: object) -> list[Rule]:
        when = [{"apple": {"number": n, "text": "$t"}} for n in range(length)]
        return [rule(1, [*when, *more], infers=JUICE)]

    absent = {"none": {"banana": {"text": "$t"}}}
    facts: list[Fact] = [Apple(number=n) for n in range(16)]
    assert fired(chain(16), facts) == ["POL-001"]
    assert "rules/policy/rule-1.yaml: when: 17 conditions" in refused(chain(17))
    assert fired(chain(14, absent), facts) == ["POL-001"]
    assert fired(chain(14, absent), [*facts, Banana()]) == []
    assert "17 conditions" in refused(chain(15, absent))


def test_joins_of_one_rule() -> None:
    fields = ["flow", "text", "owner"]
    joined: list[Any] = [{"apple": {f: f"${f}" for f in fields}}]
    joined += [{"banana": {"number": n, **{f: f"${f}" for f in fields}}} for n in range(10)]
    assert "30 joins" in refused([rule(1, joined, infers=JUICE)])
    facts = [Apple(), *(Banana(number=n) for n in range(9))]
    assert fired([rule(1, joined[:-1], infers=JUICE)], facts) == ["POL-001"]


def test_uses_of_one_pattern() -> None:
    def many(count: int) -> list[Rule]:
        return [
            rule(
                n,
                [{"apple": {"text": "a"}}, {"banana": {"number": n % 400, "other": n // 400}}],
                infers=JUICE,
            )
            for n in range(count)
        ]

    for count in (250, 251, 700):  # beyond 255 by copies of the pattern
        for wanted in (0, 199, 200, count - 1):
            banana = Banana(number=wanted % 400, other=wanted // 400)
            facts: list[Fact] = [Apple(text="a"), banana]
            assert fired(many(count), facts) == [f"POL-{wanted:03}"]
            assert fired(many(count), [Apple(text="b"), banana]) == []


def test_uses_of_one_phase() -> None:
    rules = [
        rule(n, [{"apple": {"number": n}}, {"none": {"jam": {}}}], infers=JUICE) for n in range(450)
    ]
    assert fired(rules, [Apple(number=449)]) == ["POL-449"]
    assert fired(rules, [Apple(number=449), Jam()]) == []


def test_uses_of_one_joined_pattern() -> None:
    """Each rule compares for itself, so a fact meets as many joins as there are rules."""
    banana: dict[str, Any] = {"banana": {"text": "$t"}}

    def many(count: int) -> list[Rule]:
        return [
            rule(
                n,
                [{"apple": {"text": "$t", "number": n}}, banana],
                infers=JUICE,
            )
            for n in range(count)
        ]

    facts: list[Fact] = [Apple(text="a", number=59), Banana(text="a")]
    assert fired(many(60), facts) == ["POL-059"]
    assert "one banana could pass more than 60 different tests" in refused(many(62))


def test_a_pattern_that_was_not_spread_is_refused() -> None:
    same = {"all": [{"c0": {"kind": "apple"}}]}
    rules = {f"r{n}": rule(n, [{"apple": {}}], infers=JUICE) for n in range(251)}
    with pytest.raises(RuleError, match="more than 250 rules of the gate have the condition"):
        check_limits(dict.fromkeys(rules, same), rules)


def test_different_tests_of_one_kind() -> None:
    def many(count: int) -> list[Rule]:
        # Two phases, so that no phase token is used too often.
        low = [rule(n, [{"apple": {"number": n}}], infers=JUICE) for n in range(count // 2)]
        high = [
            rule(n, [{"apple": {"number": n}}, {"none": {"juice": {}}}], infers=JAM)
            for n in range(count // 2, count)
        ]
        return low + high

    assert fired(many(498), [Apple(number=497)]) == ["POL-497"]
    assert "when: " in refused(many(510))


def test_joins_that_wait_for_one_fact_at_once() -> None:
    fields = ("flow", "text", "owner")
    joins = [
        [{"banana": {"number": n, **({here: "$t"} if n == last else {})}} for n in range(last + 1)]
        + [{"apple": {there: "$t"}}]
        for last in range(8)
        for here in fields
        for there in fields
    ]
    rules = [rule(n, when, infers={"juice": {"number": n}}) for n, when in enumerate(joins)]
    same: Any = {"flow": "x", "text": "x", "owner": "x"}
    facts: list[Fact] = [Apple(**same), *(Banana(number=n, **same) for n in range(8))]
    assert len(fired(rules[:60], facts)) == 60
    assert "one apple could pass more than 60" in refused(rules[:61])


def test_tests_that_one_fact_passes_at_once() -> None:
    def many(count: int) -> list[Rule]:
        return [
            rule(n, [{"apple": {"number": {"at_least": n}}}], infers={"juice": {"number": n}})
            for n in range(count)
        ]

    assert len(fired(many(60), [Apple(number=1000)])) == 60
    assert "could pass more than 60 different tests" in refused(many(61))
    exclusive = [rule(n, [{"apple": {"number": n}}], infers=JUICE) for n in range(100)]
    assert fired(exclusive, [Apple(number=77)]) == ["POL-077"]


ALLOWED = {"all", "$and", "$neq", "$lt", "$lte", "$gt", "$gte", "$m"}


def test_nothing_but_the_safe_subset_is_emitted() -> None:
    known, _ = read_knowledge(knowledge.ROOT)
    assert known.rules, "nothing was compiled"
    for gate in GATE_PREFIXES:
        if members := known.rules_of(gate):
            definition = json.loads(compile_gate(gate, members, Symbols()).definition)
            for name, body in definition.items():
                assert set(body) == {"all"}, name
                for term in body["all"]:
                    check_term(term)


def check_term(term: object) -> None:
    if not isinstance(term, dict):
        # Texts are kinds or symbols, so nothing that somebody wrote.
        is_ours = term in ("~phase", "~warm") or re.fullmatch("~[0-9]+", str(term)) is not None
        assert isinstance(term, int) or str(term).isidentifier() or is_ours
        return
    for key, value in term.items():
        assert not key.startswith("$") or key in ALLOWED, key
        for part in value if isinstance(value, list) else [value]:
            check_term(part)


def test_flow_facts_are_judged_apart() -> None:
    main = rule(1, [{"flow": {"flow": "$f", "scope": "internet"}}])
    flows: list[Fact] = [
        Flow(flow=f"main-{n}", pod="a", role="lookup" if n % 3 == 0 else "main") for n in range(9)
    ]
    assert fired([main], flows) == ["POL-001"] * 6


JUICE: dict[str, dict[str, object]] = {"juice": {}}
JAM: dict[str, dict[str, object]] = {"jam": {}}
