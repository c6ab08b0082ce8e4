"""Every reply of every question can be given, and what contradicts something else is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.advise.player import forgetting
from tests.scenarios.runner import EXAMPLES, HERE, base_case, load
from wayout.engine import Case, Question, assess, diagnose, reply, reply_document
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.advise.told import filled, known_values, typed

QUESTION = Question(pod="shop/api-0", destination="203.0.113.10:443")
# Who owns the lists that are parts of something.
OWNERS = {
    "vswitches": "vsw-bp1pods",
    "security_groups": "sg-bp1cluster",
    "security_group_rules": "sg-bp1cluster",
    "route_entries": "vtb-bp1shop",
    "snat_entries": "ngw-bp1exit",
    "network_acls": "nacl-bp1pods",
    "rds_access": "rm-bp1db",
    "polardb_access": "pc-bp1db",
    "redis_access": "r-bp1db",
    "mongodb_access": "dds-bp1db",
    "clickhouse_access": "cc-bp1db",
    "polardbx_access": "pxc-bp1db",
    "selectdb_access": "selectdb-bp1db",
    "instance_access": "rm-bp1db",
    "port_range_entries": "prl-bp1ports",
    "key_stores": "kst-bp1keys",
    "endpoint_slices": "kube-system",
    "forward_entries": "ngw-bp1exit",
    "forward_entries@destination-access": "ngw-bp1in",
    "server_groups": "sgp-bp1orders",
    "whitelists": "rm-bp1shop",
    "whitelist_templates": "rm-bp1shop",
    "whitelist_security_groups": "rm-bp1shop",
    "access_rules": "shop",
    "prefix_list_entries": "pl-bp1partners",
    "private_endpoints": "ep-bp1mq",
    "access_point_policies": "ap-data",
    "bucket_policies": "shop-assets",
    "acl_entries": "acl-bp1alb",
    "backend_servers": "sgp-bp1orders",
    "listener_health": "lb-bp1orders",
    "listeners": "alb-bp1orders",
    "load_balancers": "alb-bp1orders",
    "mount_targets": "0a1b2c",
}
# The scenario in which a reply says something, before anybody collected what it is about.
SCENES = {
    "access_point_policies": "oss-access-point-of-another-vpc",
    "access_rules": "od-nas-permission-group-names-another-vswitch",
    "acl_entries": "slb-alb-empty-white-list",
    "backend_servers": "slb-alb-empty-white-list",
    "bucket_policies": "oss-access-point-of-another-vpc",
    "buckets": "oss-policy-of-another-vpc",
    "endpoint_slices": "dns-no-ready-coredns",
    "forward_entries@destination-access": "od-dnat-leads-to-a-closed-instance",
    "gateway_endpoints": "oss-gateway-endpoint-lacks-the-bucket",
    "global_traffic_policies": "tp-allow-before-deny",
    "listener_health": "slb-every-server-unhealthy",
    "listeners": "slb-alb-empty-white-list",
    "load_balancers": "slb-alb-empty-white-list",
    "mount_targets": "od-nas-default-permission-group",
    "prefix_list_entries": "sg-prefix-list-covers",
    "private_endpoints": "od-endpoint-group-opens-another-port",
    "server_groups": "slb-nlb-acl-of-its-vswitch",
    "whitelist_security_groups": "wl-rds-never-set-up",
    "whitelist_templates": "wl-rds-never-set-up",
    "whitelists": "wl-rds-never-set-up",
}
POD_AS_SERVER = {
    "add": "backend_servers",
    "of": "sgp-bp1orders",
    "item": {"ServerId": "eni-bp1api0", "ServerIp": "10.20.16.31", "Port": 8080, "Weight": 100},
}
USED_BY_DNAT = {
    "set": "nat_gateways",
    "key": "ngw-bp1exit",
    "fields": {
        "IpLists": {"IpList": [{"IpAddress": "198.51.100.20", "UsingStatus": "UsedByForwardTable"}]}
    },
}
NAMED = {"payments.example.com": ["203.0.113.10"]}
PORT_LIST_RULE: dict[str, Any] = {
    "add": "security_group_rules",
    "of": "sg-bp1cluster",
    "item": {
        "Direction": "egress",
        "IpProtocol": "tcp",
        "PortRangeListId": "prl-bp1ports",
        "DestCidrIp": "0.0.0.0/0",
        "Policy": "Drop",
        "Priority": "1",
    },
}
# What tells whatever a reply may refer to, and nothing about the lists themselves.
KNOWN = ("pods.yaml", "vswitch.json", "vpc.json", "nat-gateways.json", "cluster.json")
PATCHES = [
    (key, name, patch)
    for key, asking in shipped().knowledge.questions.items()
    for name, patch in [
        *((option.id, option.patch) for option in asking.replies),
        *((("value", asking.value.patch),) if asking.value and asking.value.patch else ()),
        *((("paste", asking.paste),) if asking.paste else ()),
    ]
]
# The documents that would tell what a question asks for, which nobody can have given then.
BOUND = {"VSwitchId": "vsw-bp1pods", "NetworkAclId": "nacl-bp1pods"}
ASKED_FOR = {
    "pods": ("pods.yaml",),
    "vswitches": ("vswitch.json",),
    "network_acls": ("vswitch.json",),
    "vpcs": ("vpc.json",),
    "nat_gateways": ("nat-gateways.json",),
    "eips": ("nat-gateways.json",),
    "vswitches@route": ("nat-gateways.json",),
    "vswitches@internet-exit": ("nat-gateways.json",),
    "route_tables": ("vswitch.json",),
}
BOUND_ACL = {
    "add": "vswitches",
    "item": {"VSwitchId": "vsw-bp1pods", "NetworkAclId": "nacl-bp1pods"},
}


def scene(key: str) -> tuple[Case, Question]:
    """A case in which somebody may be asked this, and what it is about."""
    if key in SCENES:
        scenario = load(HERE / f"{SCENES[key]}.yaml")
        whole = scenario.case()
        if key == "server_groups":  # it only matters when the pod is one of the servers
            whole = whole.patched([POD_AS_SERVER])
        case = forgetting(whole, key.partition("@")[0])
        question = Question(**scenario.question) if scenario.question else case.question
        assert question is not None
        return case, question
    case = without(*ASKED_FOR.get(key, ()))
    if key == "forward_entries":
        case = base_case("healthy", "forward-entries.json").patched([USED_BY_DNAT])
    if key == "network_acls":
        case = case.told([{"add": "vswitches", "item": BOUND}])
    if key == "exit_address":  # somebody said that there is an SNAT entry, and no more
        case = reply(without("nat-gateways.json"), "eips", "nat", QUESTION)
    if key == "port_range_entries":
        case = base_case("healthy").patched([PORT_LIST_RULE])
    if key.endswith("_access"):
        return case, Question(pod="shop/api-0", destination=f"{OWNERS[key]}:3306")
    if key == "key_stores":
        host = "kst-bp1keys.cryptoservice.kms.aliyuncs.com"
        return case, Question(pod="shop/api-0", destination=host)
    if key == "observations":
        return case, Question(pod="shop/api-0", destination="payments.example.com:443")
    return case, QUESTION


def without(*names: str) -> Case:
    return Case.load(*(f"examples/healthy/{name}" for name in KNOWN if name not in names))


@pytest.mark.parametrize(("key", "name", "patch"), PATCHES, ids=lambda value: str(value)[:40])
def test_every_reply_can_be_applied(key: str, name: str, patch: Any) -> None:
    case, question = scene(key)
    diagnoser = shipped()
    observed, _ = diagnoser.infer(case, question)
    asking = diagnoser.knowledge.questions[key]
    values: dict[str, Any] = {
        **known_values(observed.view),
        "of": "ngw-bp1in"
        if key in SCENES and "@" in key
        else OWNERS.get(key.partition("@")[0], ""),
        "value": typed(asking, asking.value.example) if asking.value is not None else "",
    }
    told = filled(patch, values)
    assert told is not None, "it refers to what this case does not tell"
    changed = case.told(told)
    assert changed.notices == case.notices  # nothing contradicts the documents
    before, after = (set(diagnoser.infer(c, question)[0].facts) for c in (case, changed))
    no_group_guards_this_address = key == "security_group_rules@destination-access"
    if name != "paste" and not no_group_guards_this_address:
        assert before != after, "the reply says nothing that a rule reads"


def test_every_question_can_be_filled_in_both_languages() -> None:
    observed, _ = shipped().infer(without(), QUESTION)
    for key, asking in shipped().knowledge.questions.items():
        values = {**known_values(observed.view), "of": "x", "host": "payments.example.com"}
        values["bucket"] = "shop-assets"
        for text in (asking.ask.en, asking.ask.zh):
            assert "{" not in str(filled(text, values)), key


@pytest.mark.parametrize("part", ["destination_port", "source_port"])
def test_a_reply_can_complete_the_question(part: str) -> None:
    host = Question(pod="shop/api-0", destination="payments.example.com")
    asking = shipped().knowledge.questions[part]
    assert asking.value is not None
    assert typed(asking, "8443") == "8443"
    rule = {**PORT_LIST_RULE["item"], "PortRangeListId": "", "PortRange": "443/443"}
    if part == "source_port":
        host = host.model_copy(update={"port": 443})
        rule["SourcePortRange"] = "1024/2000"
    case = base_case("healthy").patched([{**PORT_LIST_RULE, "item": rule}])
    seen = {"apiVersion": "wayout/v1", "kind": "Case", "observations": [{"resolved": NAMED}]}
    case = Case.load(case, seen, question=host)
    lacking = {need.name for need in diagnose(case, host).not_assessed}
    assert part in lacking
    document = reply_document(case, part, "8443", host)
    assert document["question"][asking.value.question] == 8443
    # Kept beside the others it completes the question, also one that is asked from outside.
    for after in (reply(case, part, "8443", host), Case.load(case, document)):
        assert after.question is not None
        assert getattr(after.question, asking.value.question) == 8443
        assert part not in {need.name for need in diagnose(after, host).not_assessed}


# ── Contradictions ───────────────────────────────────────────────────────────────────────────


def no_gateway() -> tuple[Case, dict[str, Any]]:
    case = base_case("healthy", "nat-gateways.json", "snat-entries.json")
    return case, reply_document(case, "nat_gateways", "none", QUESTION)


def notices(case: Case) -> list[tuple[str, str]]:
    return [(n.en, n.zh) for n in diagnose(case, QUESTION).notices if "contradicts" in n.en]


def test_a_reply_that_a_later_document_contradicts_is_named_and_does_not_count() -> None:
    case, told = no_gateway()
    assert not notices(Case.load(case, told))
    after = Case.load(case, told, "examples/healthy/nat-gateways.json")
    [(en, zh)] = notices(after)
    assert 'the reply to "nat_gateways" contradicts examples/healthy/nat-gateways.json' in en
    assert "nat_gateways" in zh
    assert "examples/healthy/nat-gateways.json" in zh
    assert diagnose(after, QUESTION).gate("internet-exit").status == "unknown"  # not blocked


def test_the_order_of_reply_and_document_does_not_matter() -> None:
    case, told = no_gateway()
    document = "examples/healthy/nat-gateways.json"
    assert notices(Case.load(case, document, told)) == notices(Case.load(case, told, document))
    one, other = Case.load(case, document, told), Case.load(case, told, document)
    assert diagnose(one, QUESTION).verdict == diagnose(other, QUESTION).verdict


def test_two_replies_that_contradict_each_other_are_both_named() -> None:
    def basic(kind: str, question: str) -> dict[str, Any]:
        item = {"SecurityGroupId": "sg-1", "SecurityGroupType": kind}
        told = [{"add": "security_groups", "item": item}]
        return {"apiVersion": "wayout/v1", "kind": "Case", "asked": [question], "told": told}

    case = Case.load(basic("normal", "security_groups/sg-1"), basic("enterprise", "another"))
    [(en, _)] = notices(case)
    assert en.startswith('the reply to "another" contradicts the reply to "security_groups/sg-1"')
    assert "security_groups" in en
    assert "SecurityGroupType" not in en.partition("about")[0]


def test_a_document_gives_the_names_that_a_reply_left_open() -> None:
    """Nobody who tells of an interface knows its id: the document is no contradiction."""
    files = ("pods.yaml", "services.yaml", "vswitch.json")
    pods = Case.load(*(f"examples/healthy/{name}" for name in files))
    case = reply(pods, "eips", "no-snat", QUESTION)
    assert diagnose(case, QUESTION).verdict == "blocked"
    after = Case.load(case, "examples/healthy/network-interfaces.json")
    assert not notices(after)
    assert diagnose(after, QUESTION).verdict == "blocked"


def test_a_complete_document_takes_the_place_of_what_was_told_of_a_list() -> None:
    case = base_case("healthy", "security-group-sg-bp1cluster.json")
    told = reply(case, "security_group_rules/sg-bp1cluster", "drops", QUESTION)
    assert diagnose(told, QUESTION).verdict == "blocked"
    after = Case.load(told, "examples/healthy/security-group-sg-bp1cluster.json")
    assert diagnose(after, QUESTION).verdict == "reachable"


def test_a_reply_in_a_file_says_no_more_than_in_the_conversation(tmp_path: Path) -> None:
    """`wayout ask --save` keeps replies in a case file, which is read as any other."""
    pods = EXAMPLES / "healthy" / "pods.yaml"
    asked = {
        "apiVersion": "wayout/v1",
        "kind": "Case",
        "question": {"pod": "shop/api-0", "to": "https://payments.example.com"},
        "observations": [{"resolved": {"payments.example.com": "203.0.113.10"}}],
    }
    kept = tmp_path / "kept.yaml"
    kept.write_text(json.dumps(asked | {"asked": ["services"], "told": [{"complete": "services"}]}))
    answer = diagnose(Case.load(pods, kept))
    assert answer.verdict == "unknown"
    assert answer.findings == ()
    restored = Case.restored(Case.load(pods, kept).saved())
    assert diagnose(restored).findings == ()


def test_that_no_balancer_has_the_address_says_nothing_of_other_services() -> None:
    """Nobody who says so has looked whether the cluster has a Service kube-dns."""
    case = Case.load(
        EXAMPLES / "healthy" / "pods.yaml",
        {
            "apiVersion": "wayout/v1",
            "kind": "Case",
            "question": {"pod": "shop/api-0", "to": "https://payments.example.com"},
            "observations": [{"resolved": {"payments.example.com": "203.0.113.10"}}],
        },
    )
    answer = assess(case.told([{"complete": "services"}]))
    assert answer.verdict == "unknown"
    assert answer.findings == ()
    assert answer.gate("own-load-balancer").status == "not-applicable"
    assert answer.gate("dns").status == "unknown"
