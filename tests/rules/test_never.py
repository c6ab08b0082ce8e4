"""Unsafe remedies are refused: as templates when they are loaded, as filled changes at run time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rules.folder import Files, files, spoiled, write
from wayout import knowledge
from wayout.engine.errors import RuleError
from wayout.engine.rules import Channel, Never, forbidden, load_knowledge, read_knowledge
from wayout.engine.rules.reading import read_never

NEVER = read_never(yaml.safe_load((knowledge.ROOT / "never.yaml").read_text("utf-8")), "never.yaml")

GROUP = (
    "aliyun ecs AuthorizeSecurityGroupEgress --SecurityGroupId sg-1 --Permissions.1.Policy {} "
    "--Permissions.1.IpProtocol TCP --Permissions.1.PortRange 443/443 "
    "--Permissions.1.DestCidrIp {}"
)
POLICY = "kind: NetworkPolicy\nspec:\n  egress:\n  - to:\n    - ipBlock:\n        cidr: {}\n"
ENTRIES = "aliyun vpc UpdateNetworkAclEntries --NetworkAclId nacl-1 --UpdateEgressAclEntries true"


@pytest.mark.parametrize(
    ("channel", "text", "refusing"),
    [
        ("aliyun", GROUP.format("Accept", "0.0.0.0/0"), "rule-for-everybody"),
        ("aliyun", GROUP.format("accept", "'::/0'"), "rule-for-everybody"),
        ("aliyun", GROUP.format("Accept", "203.0.113.10/32"), None),
        ("aliyun", GROUP.format("Drop", "0.0.0.0/0"), None),
        ("yaml", POLICY.format("0.0.0.0/0"), "policy-for-everybody"),
        ("yaml", POLICY.format('"0.0.0.0/0"'), "policy-for-everybody"),
        ("yaml", POLICY.format("203.0.113.10/32"), None),
        ("yaml", "spec:\n  egress:\n    - {}\n", "policy-for-everybody"),
        ("aliyun", "aliyun rds ModifySecurityIps --SecurityIps 10.0.0.0/24", "whitelist-not-"),
        ("aliyun", "aliyun rds ModifySecurityIps --ModifyMode Append --SecurityIps 10.0.0.1", None),
        (
            "aliyun",
            "aliyun rds ModifySecurityIps --ModifyMode Append --SecurityIps 0.0.0.0/0",
            "whitelist-for-everybody",
        ),
        ("aliyun", "aliyun rds ModifySecurityIps --ModifyMode Cover", "whitelist-overwritten"),
        ("aliyun", ENTRIES, "list-overwritten"),
        ("aliyun", ENTRIES + " <every-existing-entry-in-its-order>", None),
        ("aliyun", "aliyun slb SetListenerAttribute --AclStatus off", "whitelist-switched-off"),
        ("aliyun", "aliyun cloudfw PutDisableFwSwitch --IpaddrList 1", "firewall-switched-off"),
        ("aliyun", "aliyun vpc UnassociateNetworkAcl --NetworkAclId n", "network-acl-unbound"),
        ("kubectl", "kubectl  delete\tnetworkpolicy -n shop deny", "policy-removed"),
        ("kubectl", "kubectl delete \\\n  networkpolicy deny", "policy-removed"),
        ("kubectl", "kubectl delete pod -n shop api-0", None),
        ("aliyun", "aliyun cs UnInstallClusterAddons --ClusterId c", "policy-engine-removed"),
        ("aliyun", "aliyun vpc DeleteNatGateway --NatGatewayId ngw-1", "gateway-deleted"),
        ("aliyun", "aliyun vpc ReleaseEipAddress --AllocationId eip-1", "gateway-deleted"),
        ("yaml", "securityContext: { privileged: true }", "privileged-pod"),
        ("kubectl", 'kubectl patch pod p -p \'{"spec":{"hostNetwork":true}}\'', "host-network"),
    ],
)
def test_commands(channel: Channel, text: str, refusing: str | None) -> None:
    found = forbidden(NEVER, {channel: text}, [])
    assert (found.id if found else None) == refusing or (
        found is not None and refusing is not None and found.id.startswith(refusing)
    )


RULE = {"Policy": "Accept", "PortRange": "443/443"}
ENTRY = {"Policy": "accept", "NetworkAclEntryName": "wayout-allow"}
OLD = {"Policy": "accept", "DestinationCidrIp": "0.0.0.0/0", "NetworkAclEntryName": "old"}


def entries(*items: dict[str, Any]) -> dict[str, Any]:
    return {
        "set": "network_acls",
        "key": "nacl-1",
        "fields": {"EgressAclEntries": {"EgressAclEntry": [*items]}},
    }


@pytest.mark.parametrize(
    ("edit", "refusing"),
    [
        (
            {"add": "security_group_rules", "item": {**RULE, "DestCidrIp": "0.0.0.0/0"}},
            "group-edit-for-everybody",
        ),
        ({"add": "security_group_rules", "item": {**RULE, "DestCidrIp": "10.0.0.0/24"}}, None),
        (entries({**ENTRY, "DestinationCidrIp": "203.0.113.10/32"}, OLD), None),
        (entries({**ENTRY, "DestinationCidrIp": "0.0.0.0/0"}, OLD), "acl-entry-for-everybody"),
        ({"remove": "nat_gateways", "key": "ngw-1"}, "gateway-deleted"),
        ({"remove": "network_policies", "key": "shop/deny"}, "policy-removed"),
        ({"remove": "security_group_rules", "of": "sg-1", "key": "sgr-1"}, None),
        (
            {"add": "pods", "item": {"spec": {"containers": [{"x": {"privileged": True}}]}}},
            "privileged-pod",
        ),
    ],
)
def test_edits(edit: dict[str, Any], refusing: str | None) -> None:
    found = forbidden(NEVER, {}, [edit])
    assert (found.id if found else None) == refusing


def test_every_entry_refuses_something_of_its_own() -> None:
    """An entry that an earlier one always covers would be dead; each is hit by its own texts."""
    for entry in NEVER:
        for text in entry.one_of or ("",):
            piece = " ".join((*entry.contains, text))
            hit: list[Never] = [
                other
                for other in NEVER
                if forbidden([other], {name: piece for name in other.channels}, [])
            ]
            assert entry in hit or set(entry.channels) == {"patch"}, (entry.id, text)


def test_the_shipped_fixes_are_all_allowed_and_would_not_be_without_their_care() -> None:
    known, errors = read_knowledge(knowledge.ROOT)
    assert errors == ()
    assert known.never == NEVER
    commands = [fix.change.aliyun for fix in known.fixes.values()]
    spoilt = [text.replace("to_entries[]", "").replace("every-existing", "") for text in commands]
    refused = [forbidden(NEVER, {"aliyun": text}, []) for text in spoilt]
    assert "list-overwritten" in {found.id for found in refused if found}


def with_never(content: Files, command: str) -> None:
    content["never.yaml"] = [
        {"id": "no-entry", "in": ["aliyun"], "contains": ["addentry"], "unless": ["--Careful"],
         "reason": {"en": "It opens everything.", "zh": "会开放全部流量。"}}
    ]  # fmt: skip
    content["fixes/add-entry.yaml"]["change"] = {"aliyun": command}


def test_a_template_that_proposes_it_is_an_error(tmp_path: Path) -> None:
    root = spoiled(tmp_path, lambda c: with_never(c, "aliyun vpc AddEntry --Owner {$owner}"))
    _, errors = read_knowledge(root)
    expected = "fixes/add-entry.yaml: change: refused by no-entry: It opens everything."
    assert expected in [str(error) for error in errors]
    with pytest.raises(RuleError, match="refused by no-entry"):
        load_knowledge(root)


def test_what_else_the_change_says_can_make_it_right(tmp_path: Path) -> None:
    change = "aliyun vpc AddEntry --Owner {$owner}\naliyun vpc Check --careful"
    assert load_knowledge(spoiled(tmp_path, lambda c: with_never(c, change))).never


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"id": "a"}, "reason: is missing."),
        ({"id": "a", "reason": {"en": "A.", "zh": "一。"}}, "it would match everything."),
        ({"id": "a", "in": ["mail"], "contains": ["x"], "reason": {"en": "A.", "zh": "一。"}},
         "'mail'"),
        ({"id": "a", "has": ["x"], "reason": {"en": "A.", "zh": "一。"}}, "unknown field"),
    ],
)  # fmt: skip
def test_a_faulty_entry_is_named(tmp_path: Path, entry: dict[str, Any], problem: str) -> None:
    _, errors = read_knowledge(write(tmp_path, {**files(), "never.yaml": [entry]}))
    assert len(errors) == 1
    assert str(errors[0]).startswith("never.yaml: [0]")
    assert problem in str(errors[0])


def test_it_is_kept_with_the_rest_of_the_knowledge(tmp_path: Path) -> None:
    change = "aliyun vpc AddEntry --Owner {$owner}\naliyun vpc Check --careful"
    root = spoiled(tmp_path, lambda c: with_never(c, change))
    first, again = load_knowledge(root), load_knowledge(root)
    assert first.never == again.never
