"""With a memory of gates that met the same facts before, a run finds what it finds without."""

from __future__ import annotations

from tests.scenarios.runner import HERE, base_case, load
from wayout.engine import Case, Question
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.facts.common import Collected
from wayout.engine.inference import Memory
from wayout.engine.observe import observe

CASES = ("healthy", "no-snat", "default-deny-forgot-dns", "annotation-replaces-sg")
SCENARIOS = ("oss-policy-of-another-vpc", "slb-every-server-unhealthy", "wl-rds-never-set-up")


def questions() -> list[tuple[Case, Question]]:
    """Whole cases, and each without one of its documents: nearly the same facts, often."""
    found: list[tuple[Case, Question]] = []
    for name in CASES:
        for missing in ((), ("services.yaml",), ("vswitch.json",), ("snat-entries.json",)):
            try:
                case = base_case(name, *missing)
            except AssertionError:  # this example has no such document
                continue
            assert case.question is not None
            found.append((case, case.question))
    for name in SCENARIOS:
        scenario = load(HERE / f"{name}.yaml")
        assert scenario.question is not None
        found.append((scenario.case(), Question(**scenario.question)))
    return found


def test_the_results_are_the_same() -> None:
    known, memory = shipped().knowledge, Memory()
    inference = shipped().inference
    count = 0
    for case, question in [*questions(), *questions()]:
        observed = observe(case, question, known.products, symptoms=known.symptoms)
        assert inference.run(observed.facts, memory) == inference.run(observed.facts)
        count += 1
    kept = sum(len(found) for found in memory.values())
    assert 12 < kept < count * 12  # some gates met the same facts again


def test_a_list_that_became_complete_counts() -> None:
    """The facts a gate reads may be the same while what may be concluded from them is not."""
    known, memory = shipped().knowledge, Memory()
    case = base_case("healthy")
    assert case.question is not None
    facts = list(observe(case, case.question, known.products, symptoms=known.symptoms).facts)
    without = [fact for fact in facts if not isinstance(fact, Collected)]
    for given in (without, facts, without):
        found = shipped().inference.run(given, memory)
        assert found == shipped().inference.run(given)
    assert shipped().inference.run(without, memory) != shipped().inference.run(facts, memory)
