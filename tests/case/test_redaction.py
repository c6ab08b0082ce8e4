"""A case without names has the same answer, and none of the originals in it."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.scenarios.runner import EXAMPLES, HERE, ROOT, load
from tests.scenarios.small import small_cases
from tests.symptoms.rows import ROWS
from tests.tickets.tickets import TICKETS, Ticket
from wayout.engine import Answer, Case, Question, diagnose, redact
from wayout.engine.advise.diagnosis import question_of, shipped
from wayout.engine.case.address_pseudonyms import Addresses
from wayout.engine.case.pseudonyms import KEPT_NAMES, WHOLE_NETWORKS, WORDS
from wayout.engine.case.redaction import Redacted
from wayout.engine.report import to_yaml
from wayout.engine.symptoms.text import prepare

SCENARIOS = sorted(HERE.glob("*.yaml"))
FOLDERS = sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir())
# What may be the same on both sides although it is an address or looks like an id.
COMMON = re.compile(
    r"100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\..*|127\..*|169\.254\..*|0\.0\.0\.0.*"
)


def sources(base: str | None, without: list[str], documents: list[dict[str, Any]]) -> list[Any]:
    folder = Path("examples", base) if base else None
    files = sorted(folder.iterdir()) if folder else []
    paths = [p for p in files if p.suffix in (".json", ".yaml") and p.name not in without]
    return [*paths, *documents]


def redacted(said: list[Any], changes: list[dict[str, Any]]) -> tuple[Redacted, Case]:
    """The case without names; changes are rewritten like the documents."""
    with chdir(ROOT):
        found = redact(*said)
    return found, found.case.patched(found._redactor.value(changes)) if changes else found.case


def told(answer: Answer) -> dict[str, Any]:
    """Everything of an answer in which no name stands."""
    return {
        "verdict": answer.verdict,
        "gates": [(gate.gate, gate.status) for gate in answer.gates],
        "findings": [(f.code, f.certainty, f.is_primary, len(f.flows)) for f in answer.findings],
        "fixes": [(fix.id, fix.solves, fix.verified.result) for fix in answer.fixes],
        "plan": answer.plan and (answer.plan.fixes, answer.plan.verdict_after),
        "needs": sorted({need.name for need in answer.not_assessed}),
        "said": sorted(
            {s.code for s in (*answer.assumptions, *answer.information, *answer.contradictions)}
            | {item.code for item in answer.ruled_out}
        ),
        "scopes": [(flow.scope, flow.protocol, flow.port) for flow in answer.question.flows],
    }


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario_has_the_same_answer(path: Path) -> None:
    scenario = load(path)
    original = scenario.case()
    question = Question(**scenario.question) if scenario.question else question_of(original, None)
    found, case = redacted(
        sources(scenario.base, scenario.without, scenario.documents), scenario.changes
    )
    asked = found.question(question) if scenario.question else question_of(case, None)
    assert told(diagnose(case, asked)) == told(diagnose(original, question))


@pytest.mark.parametrize("ticket", TICKETS, ids=lambda ticket: ticket.title)
def test_ticket_has_the_same_answer(ticket: Ticket) -> None:
    original, question = ticket.asked()
    found, case = redacted(
        sources("healthy", list(ticket.without), list(ticket.documents)), ticket.changes
    )
    answer = diagnose(case, found.question(question))
    assert told(answer) == told(diagnose(original, question))


@pytest.mark.parametrize("name", FOLDERS)
def test_example_has_the_same_answer_and_nothing_of_the_original(name: str) -> None:
    with chdir(ROOT):
        original = Case.load(f"examples/{name}")
    found, case = redacted(sources(name, [], []), [])
    answer = diagnose(case)
    assert told(answer) == told(diagnose(original))
    assert leaks(original, answer.model_dump_json()) == set()
    assert leaks(original, "".join(map(to_yaml, found.documents))) == set()


def leaks(original: Case, text: str) -> set[str]:
    """The names, ids and addresses of the original that stand in a text."""
    names: set[str] = set()
    for buckets in original._contents.records.values():
        for bucket in buckets.values():
            for record in bucket.values():
                key = getattr(record.value, "key", "")
                names |= set(str(key).split("/")) if "\0" not in str(key) else set()
                said = json.dumps(record.value.model_dump(mode="json"))
                names |= set(re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", said))
                names |= set(re.findall(r"\b[a-z0-9]+-bp1[a-z0-9]+\b", said))
    addons = {"managed-cloud-controller-manager", "default-deny"}  # terms of the knowledge too
    whole = {text.partition("/")[0] for text in WHOLE_NETWORKS}
    names -= KEPT_NAMES | WORDS | addons | whole | {""}
    return {
        name
        for name in names
        if not COMMON.fullmatch(name)
        and not name.isdigit()
        and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-]|\.\d)", text)
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_what_is_written_down_makes_the_same_case_again(name: str, tmp_path: Path) -> None:
    found, case = redacted(sources(name, [], []), [])
    path = tmp_path / "case.yaml"
    path.write_text("".join("---\n" + to_yaml(d) for d in found.documents), encoding="utf-8")
    again = diagnose(Case.load(path))
    assert told(again) == told(diagnose(case))
    assert again.question == diagnose(case).question


@pytest.mark.parametrize("part", range(8))  # so that several processes share the work
def test_small_cases_have_the_same_verdict(part: int) -> None:
    for name, small in list(small_cases().items())[part::8]:
        original, question = small.asked()
        said = sources(small.base, small.without, small.documents)
        if small.case:
            said.append({"apiVersion": "wayout/v1", "kind": "Case", **small.case})
        found, case = redacted(said, small.changes)
        answer, before = diagnose(case, found.question(question)), diagnose(original, question)
        ends = [(name, a.verdict, {f.code for f in a.findings}) for a in (answer, before)]
        assert ends[0] == ends[1]


def test_the_same_documents_give_the_same_pseudonyms() -> None:
    first, again = (redacted(sources("healthy", [], []), [])[0] for _ in range(2))
    assert list(first.documents) == list(again.documents)
    other = redacted(sources("no-snat", [], []), [])[0]
    assert first.text("shop/api-0") == again.text("shop/api-0") != other.text("shop/api-0")


# ── parts of names that mean something ───────────────────────────────────────────────────────

V4 = st.integers(0, 2**32 - 1).map(lambda n: ip_address(n))
V6 = st.integers(0, 2**128 - 1).map(lambda n: ip_address(n))
KEYS = st.binary(min_size=4, max_size=4)
# None of the letters begins an id, whose kind stays in front of its pseudonym.
LABELS = st.from_regex(r"[jkq](?:-?[jkq]){1,5}", fullmatch=True)


@given(LABELS, st.lists(LABELS, min_size=1, max_size=4), st.data())
def test_wildcards_fit_the_same_names(bucket: str, others: list[str], data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(1, len(bucket)), min_size=1, max_size=2))
    heads = [f"{bucket[:cut]}*" for cut in cuts]
    tails = [f"*{bucket[-cut:]}" for cut in cuts]
    both = f"{bucket[:1]}*{bucket[-1:]}"
    patterns = [*heads, *tails, both]
    found = redact(
        *({"action": "oss GetBucket", "response": {"BucketName": b}} for b in (bucket, *others)),
        {"action": "x", "response": {"Resource": [f"acs:oss:*:*:{p}" for p in patterns]}},
    )
    for name in (bucket, *others):
        hidden = found.text(name)
        host = found.text(f"{name}.oss-cn-hangzhou.aliyuncs.com")
        assert host == f"{hidden}.oss-cn-hangzhou.aliyuncs.com"
        for pattern in patterns:
            rewritten = found.text(f"acs:oss:*:*:{pattern}").rpartition(":")[2]
            assert fnmatchcase(hidden, rewritten) == fnmatchcase(name, pattern), (name, pattern)


@pytest.mark.parametrize(
    "text",
    ["oss:Get*", "oss:*Object", "oss:*", "acs:oss:cn-*:*:*", "vpc-*", "*", "10.*.*.*", "0.0.0.*"],
)
def test_wildcards_that_name_nothing_stay(text: str) -> None:
    document = {"action": "x", "response": {"Resource": [text], "BucketName": "shop-assets"}}
    assert redact(document).text(text) == text


def test_a_wildcard_of_ids_keeps_what_they_are() -> None:
    found = redact({"action": "x", "response": {"VpcId": "vpc-bp1shop", "Vpcs": ["vpc-bp1*"]}})
    pattern = found.text("vpc-bp1*")
    assert re.fullmatch(r"vpc-[0-9a-f]{10}\*", pattern)
    assert fnmatchcase(found.text("vpc-bp1shop"), pattern)
    assert not fnmatchcase(found.text("vpc-bq1shop"), pattern)


@given(KEYS, V4, st.integers(1, 3))
def test_wildcard_addresses_hold_what_they_held(key: bytes, address: Any, known: int) -> None:
    addresses = Addresses(key)
    octets = str(address).split(".")[:known]
    mapped = addresses.wildcard(".".join([*octets, *["*"] * (4 - known)]))
    assert fnmatchcase(str(addresses.address(address)), mapped)
    assert mapped.count("*") == 4 - known


def test_letters_behind_an_id_stay_and_the_id_is_the_same() -> None:
    found = redact({"action": "x", "response": {"DBInstanceId": "rm-bp1shop"}})
    hidden = found.text("rm-bp1shop")
    assert hidden != "rm-bp1shop"
    assert found.text("rm-bp1shopo.mysql.rds.aliyuncs.com") == f"{hidden}o.mysql.rds.aliyuncs.com"
    other = found.text("rm-bp1shops2.mysql.rds.aliyuncs.com")
    assert not other.startswith(hidden)


def test_a_known_id_is_no_other_with_letters_behind() -> None:
    ids = ["rm-bp1s", "rm-bp1sh", "rm-bp1sho"]
    found = redact(*({"action": "x", "response": {"DBInstanceId": one}} for one in ids))
    for one in ids:
        assert found.text(f"{one}.mysql.rds.aliyuncs.com").startswith(f"{found.text(one)}.")
    nearest = found.text("rm-bp1sho")
    assert found.text("rm-bp1shoo.mysql.rds.aliyuncs.com").startswith(f"{nearest}o.")


def test_the_alias_of_an_access_point_is_the_same_with_and_without_its_endpoint() -> None:
    alias = "ap-data-3b00521f653d2b32-ossalias"
    found = redact({"action": "x", "response": {"AccessPointName": "ap-data", "Alias": alias}})
    hidden = found.text(alias)
    assert re.fullmatch(r"n[0-9a-f]{10}-ossalias", hidden)
    endpoint = "oss-cn-hangzhou-internal.aliyuncs.com"
    assert found.text(f"{alias}.{endpoint}") == f"{hidden}.{endpoint}"


SYMPTOMS = shipped().knowledge.symptoms
TEXTS = sorted(
    {text for row in ROWS.values() for text in row.texts}
    | {t for s in SYMPTOMS.values() for t in (*s.examples.match, *s.examples.near)}
)


@pytest.mark.parametrize("text", TEXTS)
def test_an_error_text_shows_the_same(text: str) -> None:
    """Even where every word of it is the name of something."""
    words = sorted(set(re.findall(r"(?<![\w.-])[a-z][a-z0-9-]*[a-z0-9](?![\w.-])", text)))
    namespaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": word}} for word in words
    ]
    hidden = redact(*namespaces).text(text)
    shown, before = (
        {(match.symptom.id, match.by) for match in SYMPTOMS.matches(prepare(said))}
        for said in (hidden, text)
    )
    assert shown == before, hidden


# ── texts ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def healthy() -> Redacted:
    return redacted(sources("healthy", [], []), [])[0]


@pytest.mark.parametrize(
    "text",
    [
        "kube-system/kube-dns",
        "100.64.3.7",
        "100.100.2.136",
        "100.100.2.138",
        "100.100.100.200",
        "127.0.0.1",
        "::1",
        "169.254.20.10",
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "oss-cn-hangzhou.aliyuncs.com",
        "registry-vpc.cn-hangzhou.cr.aliyuncs.com",
        "networking.k8s.io/v1",
        "network.alibabacloud.com/security-group-ids",
        "v1.11.3.5",
        "08:30:00",
        "TCP 443/443",
        "-1/-1",
        "cn-hangzhou-h",
        "Running",
        "connection refused",
    ],
)
def test_what_everybody_has_stays(healthy: Redacted, text: str) -> None:
    assert healthy.text(text) == text


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("shop/api-0", r"n[0-9a-f]{10}/n[0-9a-f]{10}"),
        ("pod/shop/api-0:8080", r"pod/n[0-9a-f]{10}/n[0-9a-f]{10}:8080"),
        ("sg-bp1cluster,sg-bp1extra", r"sg-[0-9a-f]{10},sg-[0-9a-f]{10}"),
        ("rm-bp1x.mysql.rds.aliyuncs.com:3306", r"rm-\w{10}\.mysql\.rds\.aliyuncs\.com:3306"),
        ("my-data.oss-cn-hangzhou.aliyuncs.com", r"n\w{10}\.oss-cn-hangzhou\.aliyuncs\.com"),
        ("orders.shop.svc.cluster.local", r"n\w{10}\.n\w{10}\.svc\.cluster\.local"),
        ("https://payments.example.com/v2", r"https://n\w{10}\.n\w{10}\.com/v2"),
        ("dial tcp 10.20.16.31:443: i/o timeout", r"dial tcp 10\.[\d.]+:443: i/o timeout"),
        ("cn-hangzhou.10.20.16.31", r"cn-hangzhou\.10\.\d+\.\d+\.\d+"),
        ("[2001:db8::10]:443", r"\[2001:db8:[0-9a-f:]+\]:443"),
        ("1234567890123456", r"1\d{15}"),
    ],
)
def test_what_is_the_customers_is_replaced(healthy: Redacted, text: str, shape: str) -> None:
    assert re.fullmatch(shape, healthy.text(text))
    assert healthy.text(text) != text


def test_a_zone_still_holds_its_names(healthy: Redacted) -> None:
    zone, name = healthy.text("corp.internal"), healthy.text("db.corp.internal")
    assert name.endswith(f".{zone}")


def test_prose_and_bulk_are_gone() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "api-0",
            "namespace": "shop",
            "uid": "0f",
            "labels": {"app": "secret"},
        },
        "spec": {"containers": [{"name": "c", "image": "corp/x", "env": [{"name": "A"}]}]},
    }
    [document] = redact(pod).documents
    text = yaml.safe_dump(document)
    for word in ("api-0", "shop", "secret", "corp/x", "env", "uid"):
        assert word not in text, word
    group = {"action": "x", "response": {"Description": "Jane's group", "SecurityGroupId": "sg-1"}}
    [document] = redact(group).documents
    assert "Jane" not in yaml.safe_dump(document)


# ── addresses: relations are kept ────────────────────────────────────────────────────────────


def shared(a: Any, b: Any) -> int:
    """How many bits two addresses have in common from the left."""
    return int(a.max_prefixlen) - (int(a) ^ int(b)).bit_length()


@given(KEYS, st.one_of(st.tuples(V4, V4), st.tuples(V6, V6)))
def test_prefixes_are_kept(key: bytes, pair: tuple[Any, Any]) -> None:
    mapped = [Addresses(key).address(address) for address in pair]
    assert shared(*mapped) == shared(*pair)


@given(KEYS, st.one_of(V4, V6), st.data())
def test_networks_hold_what_they_held(key: bytes, address: Any, data: st.DataObject) -> None:
    length = data.draw(st.integers(0, address.max_prefixlen))
    network = ip_network((address, length), strict=False)
    addresses = Addresses(key)
    mapped = ip_network(addresses.token(str(network)))
    assert mapped.prefixlen == length
    assert addresses.address(address) in mapped
    other = data.draw(V4 if address.version == 4 else V6)
    assert (addresses.address(other) in mapped) == (other in network)


@given(KEYS, st.one_of(V4, V6))
def test_special_networks_are_closed(key: bytes, address: Any) -> None:
    mapped = Addresses(key).address(address)
    for text, is_kept in WHOLE_NETWORKS.items():
        network = ip_network(text)
        if network.version == address.version:
            assert (address in network) == (mapped in network), text
            assert not (is_kept and address in network) or mapped == address
    for trait in ("is_private", "is_global", "is_loopback", "is_link_local", "is_multicast"):
        assert getattr(mapped, trait) == getattr(address, trait), trait
