"""Whatever the documents are, the outcome is a case or one InputError sentence."""

import cProfile
import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wayout.engine.case import LISTS, Case, Origin, Question
from wayout.engine.case.casefile_parts import CaseFile
from wayout.engine.case.kube import KINDS
from wayout.engine.case.openapi import CONTAINERS, SPELLINGS
from wayout.engine.errors import InputError, QuestionError, WayoutError

WORDS = sorted(
    {
        *CONTAINERS, *SPELLINGS.values(), *KINDS, *LISTS.values(), "List", "PodList", "Status",
        "Secret", "Case", "apiVersion", "kind", "metadata", "name", "namespace", "labels",
        "annotations", "items", "spec", "status", "podIP", "egress", "ingress", "ports", "to",
        "from", "v1", "wayout/v1", "networking.k8s.io/v1", "action", "request", "response",
        "error", "collected_at", "kubectl get pods -A", "kubectl get np -n", "aliyun vpc X --a b",
        "question", "cluster", "addons", "pod", "pods", "documents", "observations", "collected",
        "unknown", "security_groups", "nat_gateways", "snat", "cluster_id", "clusters", "body",
        "statusCode", "continue", "remainingItemCount", "podSelector", "matchExpressions",
        "tcp", "10.0.0.0/8", "sg-1", "ngw-1", "x",
    }
)  # fmt: skip

scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(WORDS)
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
kubernetes = st.fixed_dictionaries(
    {
        "apiVersion": st.sampled_from(["v1", "networking.k8s.io/v1", "apps/v1"]),
        "kind": st.sampled_from([*KINDS, "List", "PodList", "NetworkPolicyList", "Status"]),
    },
    optional={
        "metadata": st.just({"name": "a"}) | values,
        "spec": values, "status": values, "items": values, "data": values, "endpoints": values,
    },
)  # fmt: skip
answers = st.dictionaries(
    st.sampled_from([*CONTAINERS, *SPELLINGS.values(), "addons", "clusters", "cluster_id"]),
    values | st.lists(st.dictionaries(st.sampled_from(sorted(SPELLINGS.values())), values)),
    max_size=6,
)
envelopes = st.fixed_dictionaries(
    {"response": kubernetes | answers | values},
    optional={"action": values, "request": values, "collected_at": values, "error": values},
)
case_files = st.dictionaries(
    st.sampled_from(sorted({*CaseFile.model_fields} - {"apiVersion", "kind"})),
    values | st.lists(st.dictionaries(st.sampled_from(["id", "name", "egress", "ip"]), values)),
    max_size=2,
).map(lambda parts: {"apiVersion": "wayout/v1", "kind": "Case", **parts})
hostile = values | kubernetes | answers | envelopes | case_files


def check(case: Case) -> None:
    """Everything a later stage asks works."""
    for model in LISTS:
        listing = case.listing(model)
        assert listing.state in ("collected", "truncated", "missing")
        for record in listing.records:
            assert record.origins
            case.locate(record.origin)
    for name, of, origins in case.complete_lists():
        assert name in LISTS.values()
        assert isinstance(of, str)
        assert origins
    json.dumps([notice.en + notice.zh for notice in case.notices]).encode()
    assert Case.load(case).listing(next(iter(LISTS))) == case.listing(next(iter(LISTS)))


def check_sentence(error: WayoutError) -> None:
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 1500
    text.encode()


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.lists(hostile, min_size=1, max_size=3))
def test_parsed_documents(documents: list[Any]) -> None:
    try:
        case = Case.load(*documents)
    except InputError as error:
        check_sentence(error)
    else:
        check(case)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile"
    path.write_bytes(data)
    try:
        check(Case.load(path))
    except InputError as error:
        check_sentence(error)


DAMAGE = [b"", b"{", b'"', b"\0", b"\xff", b"\n", b"&a", b"*a", b"- ", b"---\n", b"!!x "]


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(hostile, st.integers(0, 2**32))
def test_damaged_files(tmp_path_factory: pytest.TempPathFactory, value: Any, seed: int) -> None:
    """JSON and YAML with a few bytes changed, doubled or cut out."""
    rng = random.Random(seed)
    text = json.dumps(value) if seed % 2 else yaml.safe_dump(value, allow_unicode=True)
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.randint(0, 3)):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.randint(0, 2)] = rng.choice(DAMAGE)
    path = tmp_path_factory.getbasetemp() / rng.choice(["x.json", "x.yaml"])
    path.write_bytes(data)
    try:
        check(Case.load(path))
    except InputError as error:
        check_sentence(error)


ops = st.fixed_dictionaries(
    {},
    optional={
        "add": st.sampled_from([*LISTS.values()]) | values,
        "set": st.sampled_from([*LISTS.values()]),
        "remove": st.sampled_from([*LISTS.values()]),
        "of": st.sampled_from(["sg-1", "ngw-1", "shop"]) | values,
        "key": st.sampled_from(["sg-1", "ngw-1", "shop/a"]) | values,
        "item": answers | kubernetes | values,
        "fields": answers | values,
    },
)
BASE = Case.load(
    {
        "apiVersion": "wayout/v1", "kind": "Case", "pod": {"name": "shop/a", "ip": "10.0.0.1"},
        "security_groups": [{"id": "sg-1", "egress": [{}]}],
        "nat_gateways": [{"id": "ngw-1", "snat": []}],
        "network_policies": [{"name": "shop/a", "egress": []}],
    }
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(st.lists(ops, min_size=1, max_size=2))
def test_changes(changes: list[Any]) -> None:
    try:
        check(BASE.patched(changes))
    except InputError as error:
        check_sentence(error)


@settings(max_examples=500)
@given(st.text(max_size=40) | st.text("abc01:/[]@.-%?#svcpodhttp", max_size=30))
def test_destinations(destination: str) -> None:
    try:
        target = Question(pod="a", destination=destination).target
    except QuestionError as error:
        check_sentence(error)
    else:
        assert target.host or target.ip or target.name or target.resource
        again = Question(pod="a", destination=target.text).target
        assert (again.host, again.ip, again.port) == (target.host, target.ip, target.port)


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(values, st.lists(st.text(max_size=5) | st.integers(0, 9), max_size=5), st.booleans())
def test_any_origin_can_be_located(
    tmp_path_factory: pytest.TempPathFactory, value: Any, path: list[str | int], is_json: bool
) -> None:
    document = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "x": value}
    file = tmp_path_factory.getbasetemp() / "locate"
    file.write_text(json.dumps(document, indent=1) if is_json else yaml.safe_dump(document))
    try:
        case = Case.load(file)
    except InputError:  # a number or text that documents may not hold
        return
    line = case.locate(Origin(str(file)).at("x", *path)).line
    assert line is not None
    assert 1 <= line <= len(file.read_text().split("\n"))


def test_documents_that_hold_themselves() -> None:
    loop: dict[str, Any] = {"apiVersion": "v1", "kind": "List"}
    loop["items"] = [loop]
    endless: list[Any] = []
    endless.append(endless)
    for document in (loop, endless, {"Vpcs": endless}):
        with pytest.raises(InputError, match=r"holds itself|nested"):
            Case.load(document)


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", 1j, float("nan"), "\ud800", 2**99])
def test_values_that_are_no_data(value: Any) -> None:
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "a", "labels": {"b": value}},
    }
    with pytest.raises(InputError, match=r"<document 1> \(/metadata/labels/b\)"):
        Case.load(document)


def test_keys_that_are_no_text() -> None:
    with pytest.raises(InputError, match="a key must be text"):
        Case.load({"apiVersion": "v1", 5: "Pod"})


def test_a_load_does_not_change_or_keep_the_document() -> None:
    document: dict[str, Any] = {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "labels": {"b": "c"}},
        "spec": None,
    }  # fmt: skip
    before = json.dumps(document)
    case = Case.load(document)
    assert json.dumps(document) == before
    kept = repr(case.listing(next(iter(LISTS))))
    document["metadata"]["labels"]["b"] = "changed"
    assert repr(case.listing(next(iter(LISTS)))) == kept


def test_five_thousand_objects_load_in_linear_time(tmp_path: Path) -> None:
    """Counted in calls, not in seconds: a count is the same on a busy machine."""

    def calls(count: int) -> int:
        path = tmp_path / f"{count}.json"
        items = [
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p{n}", "namespace": "a"}}
            for n in range(count)
        ]
        path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
        profile = cProfile.Profile()
        case = profile.runcall(Case.load, path)
        assert len(case.listing(next(iter(LISTS))).records) == count
        return sum(entry.callcount for entry in profile.getstats())

    calls(10)  # what only the first load does
    assert calls(5000) < 12 * calls(500)  # linear is 10, quadratic is 100
