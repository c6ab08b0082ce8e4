"""Credentials do not survive loading: not in records, notices, errors or a pickled case."""

import json
import pickle
from pathlib import Path
from typing import Any

import pytest

from wayout.engine.case import LISTS, Case, Observation, Pod
from wayout.engine.case.secrets import REMOVED, scrub
from wayout.engine.errors import InputError

MARK = "hunter2hunter2"
JWT = f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.{MARK}"
KEY_ID = f"LTAI5t{MARK}"
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{MARK}\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (KEY_ID, REMOVED),
        (f"id={KEY_ID}, ok", f"id={REMOVED}, ok"),
        (f"STS.{MARK}", REMOVED),
        (JWT, REMOVED),
        (f"Authorization: Bearer {MARK}", f"Authorization: {REMOVED}"),
        (f"sent Bearer {MARK} to x", f"sent Bearer {REMOVED} to x"),
        (PEM, REMOVED),
        (PEM[:50], REMOVED),
        (f"mysql://root:{MARK}@db:3306/x", f"mysql://{REMOVED}@db:3306/x"),
        (f"password={MARK} host=db", f"password={REMOVED} host=db"),
        (f"DB_PASSWORD: {MARK}", f"DB_PASSWORD: {REMOVED}"),
        (f'{{"accessKeySecret": "{MARK}", "a": 1}}', f'{{"accessKeySecret": {REMOVED}, "a": 1}}'),
        (f"--access-key-secret {MARK} -x", f"--access-key-secret {REMOVED} -x"),
        (f"token='{MARK} {MARK}';", f"token={REMOVED};"),
        (f"?Signature={MARK}&x=1", f"?Signature={REMOVED}&x=1"),
    ],
)
def test_scrub(text: str, expected: str) -> None:
    assert scrub(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "dial tcp 203.0.113.10:443: i/o timeout",
        "x509: certificate signed by unknown authority",
        "curl: (6) Could not resolve host: api.example.com",
        "getaddrinfo ENOTFOUND keycloak.shop.svc.cluster.local",
        "user@example.com",
        "NOAUTH Authentication required.",
        '{"securityGroupId": "sg-1", "vSwitchIds": "vsw-1"}',
    ],
)
def test_scrub_leaves_the_rest(text: str) -> None:
    assert scrub(text) == text


DOCUMENTS: list[Any] = [
    {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "shop"},
        "data": {"password": MARK}, "stringData": {MARK: MARK},
    },
    {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": "a", "namespace": "shop",
            "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": MARK,
                "example.com/x": MARK,
                "fakealiyun.com/x": MARK,
                "network.alibabacloud.com/x": f"token={MARK}",
                "k8s.aliyun.com/y": KEY_ID,
                "alibabacloud.com/enable-network-policy-agent": "true",
            },
            "managedFields": [{"x": MARK}],
        },
        "spec": {"containers": [{"name": "c", "env": [{"name": "PASSWORD", "value": MARK}],
                                 "args": [MARK], "command": [MARK]}]},
        "status": {"conditions": [{"type": "x", "message": f"password: {MARK}"}]},
    },
    {
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"x": MARK},
        "metadata": {"name": "app", "namespace": "shop"},
    },
    {
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"x": f"accessKeySecret: {MARK}"},
        "metadata": {"name": "acs-profile", "namespace": "kube-system"},
    },
    {"cluster_id": "c1", "meta_data": MARK, "parameters": {"x": MARK}, "master_url": MARK},
    {"SecurityGroupId": "sg-1", "Permissions": [{"Direction": "egress",
                                                 "Description": f"password={MARK}"}]},
    {"addons": [{"name": "x", "config": MARK}]},
    {"action": f"aliyun vpc DescribeVpcs --access-key-secret={MARK}", "error": f"token={MARK}"},
    {"apiVersion": "wayout/v1", "kind": "Case",
     "question": {"pod": "a", "to": f"redis://:{MARK}@r.example"},
     "observations": [{"error": f"AUTH failed password={MARK}"}, {"error": JWT}]},
]  # fmt: skip


def everything(case: Case) -> str:
    records = [record for model in LISTS for record in case.listing(model).records]
    return f"{records!r} {case.notices!r} {case!r} {case.question!r}"


def test_nothing_survives(tmp_path: Path) -> None:
    for number, document in enumerate(DOCUMENTS):
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    for case in (Case.load(*DOCUMENTS), Case.load(tmp_path)):
        assert MARK not in everything(case)
        assert MARK.encode() not in pickle.dumps(case)


def test_secrets_are_counted_but_not_named() -> None:
    case = Case.load(DOCUMENTS[0], {"apiVersion": "v1", "kind": "List", "items": [DOCUMENTS[0]]})
    (notice,) = case.notices
    assert notice.en == "2 Secret object(s) were dropped on load."
    assert "2" in notice.zh


def test_kept_annotations() -> None:
    (record,) = Case.load(DOCUMENTS[1]).listing(Pod).records
    assert record.value.metadata.annotations == {
        "network.alibabacloud.com/x": f"token={REMOVED}",
        "k8s.aliyun.com/y": REMOVED,
        "alibabacloud.com/enable-network-policy-agent": "true",
    }


def test_the_text_of_a_document_with_a_secret_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    path.write_text(
        json.dumps({"apiVersion": "v1", "kind": "List", "items": DOCUMENTS[:2]}, indent=1)
    )
    case = Case.load(path)
    (record,) = case.listing(Pod).records
    assert case.locate(record.origin).line is None


def test_errors_do_not_repeat_values() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"a": [MARK]}}}
    with pytest.raises(InputError) as caught:
        Case.load(pod)
    assert MARK not in str(caught.value)


def test_long_observations_are_cut() -> None:
    observation = {"error": "x" * 1_000_000}
    case = Case.load({"apiVersion": "wayout/v1", "kind": "Case", "observations": [observation]})
    (record,) = case.listing(Observation).records
    assert len(record.value.text) == 20_000
