"""Commands carry what the case tells, and nothing that a shell could read as something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wayout.engine import Answer, Case, Question, diagnose
from wayout.engine.advise.known import filled_in, placeholders

EXAMPLES = Path(__file__).parents[2] / "examples"
ASKED = Question(pod="shop/api-0", destination="203.0.113.10:443")


def cluster(**parts: Any) -> Case:
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", "cluster": parts})


def commands(answer: Answer) -> str:
    changes = [f.change.aliyun + f.change.kubectl + f.rollback.en for f in answer.fixes]
    return "\n".join([*changes, *(n.aliyun + "\n" + n.kubectl for n in answer.not_assessed)])


def test_the_region_of_the_cluster_stands_in_every_command() -> None:
    answer = diagnose(Case.load(EXAMPLES / "no-snat"))
    assert "--RegionId cn-hangzhou" in commands(answer)
    assert "<region" not in commands(answer)


def test_what_the_case_does_not_tell_stays_for_the_reader() -> None:
    answer = diagnose(cluster(id="c-1"), ASKED)
    assert "--RegionId <region>" in commands(answer)
    assert "--VpcId <vpc-id>" in commands(answer)


@pytest.mark.parametrize(
    "region", ["cn-x; rm -rf ~", "$(id)", "`id`", "-oProxyCommand=x", "a b", "cn\u202e", "x" * 300]
)
def test_a_hostile_value_is_never_filled_in(region: str) -> None:
    known = placeholders(cluster(id="c-1", region=region), ASKED)
    assert "region" not in known
    assert filled_in("--RegionId <region>", known) == "--RegionId <region>"


@pytest.mark.parametrize(
    ("destination", "bucket"),
    [
        ("https://files.oss-cn-hangzhou-internal.aliyuncs.com/key", "files"),
        ("https://files.s3.oss-cn-hangzhou.aliyuncs.com", "files"),
        ("https://oss-cn-hangzhou.aliyuncs.com/files/key", "files"),
        ("oss://files", "files"),
        ("https://ap-1-0a-ossalias.oss-cn-hangzhou.aliyuncs.com", None),
        ("https://files.example.com", None),
    ],
)
def test_the_bucket_of_the_question(destination: str, bucket: str | None) -> None:
    asked = Question(pod="shop/api-0", destination=destination)
    known = placeholders(cluster(id="c-1"), asked)
    assert known.get("bucket") == bucket
    assert ("name" in known) == (asked.target.scheme != "oss")


def test_two_regions_are_none() -> None:
    both = Case.load(cluster(id="c-1", region="cn-a"), cluster(id="c-2", region="cn-b"))
    assert "region" not in placeholders(both, ASKED)


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("api.example.com:443", "kubectl exec -n shop api-0 -- nslookup api.example.com"),
        ("API.example.com.", "kubectl exec -n shop api-0 -- nslookup api.example.com"),
    ],
)
def test_only_observations_that_fit_the_destination_are_asked_for(
    destination: str, expected: str
) -> None:
    answer = diagnose(cluster(id="c-1"), Question(pod="shop/api-0", destination=destination))
    [need] = [need for need in answer.not_assessed if need.name == "observations"]
    assert need.kubectl == expected


def test_an_address_is_tried_and_not_looked_up() -> None:
    routes = {
        "apiVersion": "wayout/v1",
        "kind": "Case",
        "pod": {"name": "shop/api-0", "ip": "10.0.0.4", "vswitch": "vsw-1"},
        "vpc": {"id": "vpc-1", "cidr": "10.0.0.0/16", "ipv4_gateway": "none"},
        "vswitches": [{"id": "vsw-1", "cidr": "10.0.0.0/24", "route_table": "vtb-1"}],
        "route_tables": [{"id": "vtb-1", "routes": [{"to": "0.0.0.0/0", "via": "tr-attach-1"}]}],
        "eips": [],
    }
    answer = diagnose(Case.load(routes), ASKED)
    [need] = [need for need in answer.not_assessed if need.name == "observations"]
    assert need.kubectl == "kubectl exec -n shop api-0 -- nc -vz -w 5 203.0.113.10 443"


def owned(kind: str, name: str, **labels: str) -> Case:
    owner = {"apiVersion": "apps/v1", "kind": kind, "name": name, "controller": True}
    meta = {"name": "api-0", "namespace": "shop", "labels": labels, "ownerReferences": [owner]}
    return Case.load({"apiVersion": "v1", "kind": "Pod", "metadata": meta})


@pytest.mark.parametrize(
    ("case", "workload"),
    [
        (owned("StatefulSet", "api"), "statefulset/api"),
        (owned("DaemonSet", "agent"), "daemonset/agent"),
        (owned("ReplicaSet", "api-6d4b75cb6d", **{"pod-template-hash": "6d4b75cb6d"}),
         "deployment/api"),
        (owned("ReplicaSet", "api-6d4b75cb6d"), None),
        (owned("ReplicaSet", "api", **{"pod-template-hash": "6d4b75cb6d"}), None),
        (owned("Job", "migrate"), None),
        (owned("StatefulSet", "$(id)"), None),
        (cluster(id="c-1"), None),
    ],
)  # fmt: skip
def test_the_workload_that_makes_the_pod(case: Case, workload: str | None) -> None:
    known = placeholders(case, ASKED)
    assert known.get("workload") == workload
    left = "-n shop patch <workload>" if workload is None else f"-n shop patch {workload}"
    assert filled_in("-n <namespace> patch <workload>", known) == left
