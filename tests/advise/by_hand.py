"""Somebody who does what an answer prints, and collects the documents again.

It reads commands and manifests as a shell, the cloud and the cluster would, and knows nothing of
how the engine tries a fix: what it makes are documents in the shapes of the APIs.
"""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import yaml

from wayout.engine import Case
from wayout.engine.advise.answer import Change
from wayout.engine.case import NetworkAcl, SecurityGroupRule

Part = dict[str, Any]
Flags = dict[str, str]


class CannotError(Exception):
    """Something the operator has not learnt, or has to find out first."""


def done(case: Case, change: Change) -> Case:
    """The case after the change was made as it is printed. Raises CannotError."""
    if change.aliyun:
        lines = list(commands(change.aliyun))
        if not lines:
            raise CannotError("only looks at something")
        for words in lines:
            case = run(case, words)
        return case
    if change.yaml and not change.kubectl:
        return case.overlaid(Case.load(*yaml.safe_load_all(change.yaml)))
    raise CannotError("only said in words")


def commands(text: str) -> Iterable[list[str]]:
    """Each line as words; what a pipe hands to xargs stands where `$(…)` would."""
    for line in text.strip().splitlines():
        if line.startswith("#") or ("Describe" in line and "|" not in line):
            continue  # looks at something, or keeps it for the way back
        if "<" in line:
            raise CannotError(f"has a gap: {line}")
        words = shlex.split(line)
        if words[0] == "printf" and "xargs" in words:  # a list, turned into numbered flags
            entries = json.loads(words[2])
            action = words[words.index("xargs") + 2 :]
            prefix = next(w for w in words if w.startswith("to_entries[]")).split('"--')[1]
            name = prefix.split(".")[0]
            flags = [
                word
                for number, entry in enumerate(entries, start=1)
                for key, value in entry.items()
                for word in (f"--{name}.{number}.{key}", str(value))
            ]
            yield [*action, *flags]
        elif "|" in words or "$(" in line:
            raise CannotError(f"needs a shell: {line}")
        else:
            yield words


def run(case: Case, words: list[str]) -> Case:
    _, product, action, *rest = words
    flags = dict(zip(rest[::2], rest[1::2], strict=True))
    known = {name.removeprefix("--"): value for name, value in flags.items()}
    if f"{product} {action}" not in ACTIONS:
        raise CannotError(f"{product} {action}")
    return ACTIONS[f"{product} {action}"](case, known)


def numbered(flags: Flags, name: str) -> list[Part]:
    """`Permissions.1.Policy` and so on, as a list."""
    found: dict[int, Part] = defaultdict(dict)
    for flag, value in flags.items():
        head, _, rest = flag.partition(".")
        number, _, key = rest.partition(".")
        if head == name:
            found[int(number)][key] = value
    return [found[number] for number in sorted(found)]


def answered(action: str, response: Part, **request: str) -> Part:
    return {
        "action": action,
        "request": {"RegionId": "cn-hangzhou", **request},
        "response": response,
    }


# ── Security groups ──────────────────────────────────────────────────────────────────────────


def authorize(direction: str) -> Callable[[Case, Flags], Case]:
    def call(case: Case, flags: Flags) -> Case:
        group = flags["SecurityGroupId"]
        rules = [
            {"SecurityGroupRuleId": "-".join(rule.values()), "Direction": direction, **rule}
            for rule in numbered(flags, "Permissions")
        ]
        response = {"SecurityGroupId": group, "Permissions": {"Permission": rules}}
        request = {"SecurityGroupId": group, "Direction": direction}
        return Case.load(case, answered("DescribeSecurityGroupAttribute", response, **request))

    return call


def modify_rule(case: Case, flags: Flags) -> Case:
    """What the command does not name stays as it is."""
    group, rule = flags["SecurityGroupId"], flags["SecurityGroupRuleId"]
    found = case.get(SecurityGroupRule, rule, of=group)
    assert found is not None, rule
    written = {api_name(key): value for key, value in found.value.model_dump().items() if value}
    if not written.get("Direction"):
        raise CannotError("a rule without direction")
    written |= {key: value for key, value in flags.items() if key in ("Priority", "Policy")}
    response = {
        "SecurityGroupId": group,
        "Permissions": {"Permission": [written]},
        "NextToken": "more",
    }
    return case.overlaid(
        Case.load(
            answered(
                "DescribeSecurityGroupAttribute",
                response,
                SecurityGroupId=group,
                Direction=written["Direction"],
            )
        )
    )


def api_name(field: str) -> str:
    return "".join(word.capitalize() for word in field.split("_"))


# ── Routes, NAT, network ACLs ────────────────────────────────────────────────────────────────


def create_route(case: Case, flags: Flags) -> Case:
    hop = {"NextHopType": flags["NextHopType"], "NextHopId": flags["NextHopId"]}
    entry = {
        "RouteTableId": flags["RouteTableId"],
        "DestinationCidrBlock": flags["DestinationCidrBlock"],
        "Type": "Custom",
        "Status": "Available",
        "NextHops": {"NextHop": [{**hop, "NextHopRelatedInfo": {}}]},
    }
    response = {"RouteEntrys": {"RouteEntry": [entry]}}
    table = flags["RouteTableId"]
    return Case.load(case, answered("DescribeRouteEntryList", response, RouteTableId=table))


def create_snat(case: Case, flags: Flags) -> Case:
    entry = {
        "SnatEntryId": "snat-new",
        "SnatTableId": flags["SnatTableId"],
        "SnatIp": flags["SnatIp"],
        "Status": "Available",
        **{key: flags[key] for key in ("SourceVSwitchId", "SourceCIDR") if key in flags},
    }
    response = {"TotalCount": 1, "SnatTableEntries": {"SnatTableEntry": [entry]}}
    table = flags["SnatTableId"]
    return Case.load(case, answered("DescribeSnatTableEntries", response, SnatTableId=table))


def update_acl(case: Case, flags: Flags) -> Case:
    """The command replaces the whole list of each direction it names."""
    name = flags["NetworkAclId"]
    found = case.get(NetworkAcl, name)
    assert found is not None, name
    old = found.value
    lists: Part = {}
    for direction in ("Egress", "Ingress"):
        entries = numbered(flags, f"{direction}AclEntries")
        kept = getattr(old, f"{direction.lower()}_entries")
        if entries:
            assert flags.get(f"Update{direction}AclEntries") == "true"
            lists[f"{direction}AclEntries"] = {f"{direction}AclEntry": entries}
        elif kept is not None:
            written = [{api_name(k): v for k, v in e.model_dump().items() if v} for e in kept]
            lists[f"{direction}AclEntries"] = {f"{direction}AclEntry": written}
    attribute: Part = {"NetworkAclId": name, "Status": old.status or "Available", **lists}
    if old.vpc_id:
        attribute["VpcId"] = old.vpc_id
    bound = [
        {"ResourceId": vswitch, "ResourceType": "VSwitch", "Status": status}
        for vswitches, status in (
            (old.bound_v_switch_ids, "BINDED"),
            (old.binding_v_switch_ids, "BINDING"),
        )
        for vswitch in vswitches or ()
    ]
    if bound:
        attribute["Resources"] = {"Resource": bound}
    response = {"NetworkAclAttribute": attribute}
    return case.overlaid(
        Case.load(answered("DescribeNetworkAclAttributes", response, NetworkAclId=name))
    )


# ── Whitelists and access control lists ──────────────────────────────────────────────────────


def append_rds(case: Case, flags: Flags) -> Case:
    assert flags["ModifyMode"] == "Append"
    array = {
        "DBInstanceIPArrayName": flags["DBInstanceIPArrayName"],
        "SecurityIPList": flags["SecurityIps"],
        **{k: flags[k] for k in ("WhitelistNetworkType",) if k in flags},
    }
    response = {"Items": {"DBInstanceIPArray": [array]}}
    name = flags["DBInstanceId"]
    return Case.load(case, answered("DescribeDBInstanceIPArrayList", response, DBInstanceId=name))


def append_group(instance: str, response: str) -> Callable[[Case, Flags], Case]:
    def call(case: Case, flags: Flags) -> Case:
        assert flags["ModifyMode"] == "Append"
        group = {
            "SecurityIpGroupName": flags["SecurityIpGroupName"],
            "SecurityIpList": flags["SecurityIps"],
        }
        request = {instance: flags[instance]}
        answer = {response: {response.removesuffix("s"): [group]}}
        return Case.load(case, answered("DescribeSecurityIps", answer, **request))

    return call


def append_polardb(case: Case, flags: Flags) -> Case:
    assert flags["ModifyMode"] == "Append"
    array = {
        "DBClusterIPArrayName": flags["DBClusterIPArrayName"],
        "SecurityIps": flags["SecurityIps"],
    }
    response = {"Items": {"DBClusterIPArray": [array]}}
    cluster = flags["DBClusterId"]
    action = "DescribeDBClusterAccessWhitelist"
    return Case.load(case, answered(action, response, DBClusterId=cluster))


def add_alb_entries(case: Case, flags: Flags) -> Case:
    entries = [{**e, "Status": "Available"} for e in numbered(flags, "AclEntries")]
    response = {"AclEntries": entries, "TotalCount": len(entries)}
    return Case.load(case, answered("ListAclEntries", response, AclId=flags["AclId"]))


def add_clb_entries(case: Case, flags: Flags) -> Case:
    entries = [
        {"AclEntryIP": entry["entry"], "AclEntryComment": entry.get("comment", "")}
        for entry in json.loads(flags["AclEntrys"])
    ]
    acl = flags["AclId"]
    response = {"AclId": acl, "AclEntrys": {"AclEntry": entries}}
    return Case.load(case, answered("DescribeAccessControlListAttribute", response, AclId=acl))


ACTIONS: dict[str, Callable[[Case, Flags], Case]] = {
    "ecs AuthorizeSecurityGroupEgress": authorize("egress"),
    "ecs AuthorizeSecurityGroup": authorize("ingress"),
    "ecs ModifySecurityGroupEgressRule": modify_rule,
    "vpc CreateRouteEntry": create_route,
    "vpc CreateSnatEntry": create_snat,
    "vpc UpdateNetworkAclEntries": update_acl,
    "rds ModifySecurityIps": append_rds,
    "r-kvstore ModifySecurityIps": append_group("InstanceId", "SecurityIpGroups"),
    "dds ModifySecurityIps": append_group("DBInstanceId", "SecurityIpGroups"),
    "polardb ModifyDBClusterAccessWhitelist": append_polardb,
    "alb AddEntriesToAcl": add_alb_entries,
    "slb AddAccessControlListEntry": add_clb_entries,
}
