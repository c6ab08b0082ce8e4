"""what-if: what it prints and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]
BLOCKED = ("what-if", "-f", "examples/no-snat")
WORKS = ("what-if", "-f", "examples/healthy")
NO_SNAT = "snat_entries/ngw-bp1exit/snat-bp1pods=null"


@pytest.mark.parametrize(
    ("arguments", "code", "start"),
    [
        ((*BLOCKED, "--apply", "add-snat-entry"), 0, "BLOCKED -> REACHABLE"),
        ((*WORKS, "--set", NO_SNAT), 1, "REACHABLE -> BLOCKED"),
        ((*WORKS, "--set", "eips/eip-bp1exit=null"), 3, "REACHABLE -> UNKNOWN"),
        ((*WORKS, "--robust"), 0, "REACHABLE"),
        ((*WORKS, "--set", NO_SNAT, "--lang", "zh"), 1, "可以访问 -> 无法访问"),
        ((*WORKS, "--set", NO_SNAT, "-o", "md"), 1, "# REACHABLE -> BLOCKED"),
    ],
)
def test_the_exit_code_is_the_verdict_after(
    run: Run, arguments: tuple[str, ...], code: int, start: str
) -> None:
    ended, out, err = run(*arguments)
    assert (ended, err) == (code, "")
    assert out.startswith(start)


def test_documents_that_replace(run: Run, tmp_path: Path) -> None:
    document = {
        "action": "DescribeSnatTableEntries",
        "request": {"NatGatewayId": "ngw-bp1exit"},
        "response": {"TotalCount": 0, "SnatTableEntries": {"SnatTableEntry": []}},
    }
    path = tmp_path / "snat.json"
    path.write_text(json.dumps(document))
    code, out, _ = run(*WORKS, "--with", str(path), "--no-collateral")
    assert code == 1
    assert "Other paths" not in out


def test_data(run: Run) -> None:
    code, out, _ = run(*BLOCKED, "--apply", "add-snat-entry", "-o", "json")
    assert code == 0
    assert json.loads(out)["after"]["verdict"] == "reachable"
    _, text, _ = run(*BLOCKED, "--apply", "add-snat-entry", "-o", "yaml")
    assert yaml.safe_load(text) == json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (WORKS, "name a change: --set, --apply or --with; or ask for --robust"),
        ((*WORKS, "--set", "foo"), "--set foo: write LIST/KEY.FIELD=VALUE"),
        ((*BLOCKED, "--apply", "nothing"), "the answer has no fix nothing"),
        ((*WORKS, "--with", "nowhere.json"), "nowhere.json"),
    ],
)
def test_bad_input_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


PODS = ("compare", "kube-system/coredns-6d4b75cb6d-k4x9p", "shop/api-0")
REPLACED = ("-f", "examples/annotation-replaces-sg")


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ((), "REACHABLE  kube-system/coredns"),
        (("--lang", "zh"), "可以访问  kube-system/coredns"),
        (("-o", "md"), "- **REACHABLE**"),
        (("--to", "203.0.113.10:443"), "REACHABLE"),
    ],
)
def test_two_pods(run: Run, arguments: tuple[str, ...], start: str) -> None:
    code, out, err = run(*PODS, *REPLACED, *arguments)
    assert (code, err) == (0, "")
    assert out.startswith(start)


def test_two_pods_of_one_namespace(run: Run) -> None:
    names = ("coredns-6d4b75cb6d-k4x9p", "coredns-6d4b75cb6d-t7m2w")
    code, out, _ = run("compare", *names, *REPLACED, "-n", "kube-system", "-o", "json")
    assert code == 0
    assert json.loads(out)["differences"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("shop/api-0", "shop/api-0", *REPLACED), "two different pods are needed"),
        (("shop/api-0", *REPLACED), "POD_B"),
        (("shop/api-0", "shop/web-0"), "--to DEST"),
        (("shop/api-0", "Shop/Web", *REPLACED), "does not name a pod"),
    ],
)
def test_compare_tells_what_is_wrong(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run("compare", *arguments)
    assert (code, out) == (2, "")
    assert said in err
