"""Missing documents and replies never turn a verdict round."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from tests.advise.player import World, forgetting, slice_of, statuses
from tests.scenarios.runner import HERE, base_case, load
from wayout.engine import Case, Question, QuestionError, assess, diagnose, reply
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.advise.told import has_open_lookup

ROUNDS = 3  # per scenario
# Hidden in turn: what a verdict rests on. A guard nobody speaks of and a network interface have a
# documented second-best (an assumption, the groups of the cluster), so these stay.
HIDDEN = ("vswitches", "network_acls", "route_entries", "snat_entries", "forward_entries", "eips",
          "security_groups", "security_group_rules", "services", "endpoint_slices", "pods",
          "whitelists", "instances", "clusters", "addons", "network_policies")  # fmt: skip
NAMES = (
    "healthy-host", "lb-local-but-dialled-by-name",
    "od-log-service-of-another-region", "pod-pending", "rt-custom-table-misses-route",
    "sg-udp-53-dropped", "acl-first-match-drops",
    "wl-rds-one-of-two-snat-addresses", "exit-nat-without-eip", "np-selectors-in-two-items",
)  # fmt: skip


@cache
def worlds() -> tuple[World, ...]:
    made = []
    for name in NAMES:
        path = HERE / f"{name}.yaml"
        if path.exists():
            scenario = load(path)
            case = scenario.case()
            question = Question(**scenario.question) if scenario.question else case.question
            assert question is not None
            made.append(World(name, case, question))
    return tuple(made)


def test_most_of_the_worlds_are_there() -> None:
    assert len(worlds()) >= 8


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_documents_in_any_order_never_lead_to_the_opposite(seed: int) -> None:
    random = Random(seed)
    for world in worlds():
        names = random.sample(HIDDEN, random.randint(1, 6))
        case = forgetting(world.hidden, *names)
        for _ in range(8):  # whatever lacks is handed over, one document after the other
            answer = diagnose(case, world.question)
            assert answer.verdict in ("unknown", world.truth.verdict), (world.name, names)
            lacks = [slice_of(world.hidden, need) for need in answer.not_assessed]
            found = [part for part in lacks if part is not None]
            if not found:
                break
            case = Case.load(case, random.choice(found))


@pytest.mark.parametrize(
    "host",
    [
        "shop.cn-shanghai-intranet.log.aliyuncs.com",
        "kms-vpc.cn-shanghai.aliyuncs.com",
        "registry-vpc.cn-shanghai.aliyuncs.com",
    ],
)
def test_an_internal_endpoint_is_not_reached_while_the_region_of_the_pod_is_unknown(
    host: str,
) -> None:
    seen = {"apiVersion": "wayout/v1", "kind": "Case", "observations": [{"resolved": {host: "100.100.9.9"}}]}  # fmt: skip # noqa: E501
    case = Case.load(base_case("healthy"), seen)
    question = Question(pod="shop/api-0", destination=f"{host}:443")
    assert diagnose(case, question).verdict == "blocked"
    less = diagnose(forgetting(case, "clusters", "nat_gateways"), question)
    assert less.verdict == "unknown"
    assert "clusters" in {need.name for need in less.not_assessed}


def test_a_reply_about_one_connection_is_none_while_the_lookup_is_open() -> None:
    """What lets in the pod says nothing of what CoreDNS, in the same group, lets in."""
    world = World(
        "",
        load(HERE / "lb-local-but-dialled-by-name.yaml").case(),
        Question(pod="shop/api-0", destination="payments.example.com:443"),
    )
    case = forgetting(world.hidden, "security_group_rules", "services")
    before = Conclusions(shipped().infer(case, world.question)[1])
    assert has_open_lookup(before)
    assert statuses(before)["dns"] == "unknown"
    with pytest.raises(QuestionError, match="one connection only"):
        reply(case, "security_group_rules/sg-bp1cluster", "accepts", world.question)


def test_with_several_nat_addresses_nobody_says_which_an_entry_uses() -> None:
    scenario = load(HERE / "wl-rds-one-of-two-snat-addresses.yaml")
    case = forgetting(scenario.case(), "snat_entries")
    question = Question(**scenario.question) if scenario.question else case.question
    assert question is not None
    with pytest.raises(QuestionError, match="does not fit"):
        reply(case, "snat_entries/ngw-bp1exit", "yes", question)
    assert assess(case, question).verdict == "unknown"


def test_that_one_component_is_installed_says_nothing_of_others() -> None:
    scenario = load(HERE / "exit-eip-annotation-without-podeip.yaml")
    case = forgetting(scenario.case(), "addons")
    told = case.told([{"add": "addons", "item": {"name": "poseidon"}}, {"complete": "addons"}])
    before, after = (
        {finding.code for finding in diagnose(one, case.question).findings} for one in (case, told)
    )
    assert after <= before
