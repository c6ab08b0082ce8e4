"""redact, --redact and replay: what they print and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]
FILES = ("-f", "examples/no-snat")
NAMES = ("shop", "api-0", "bp1", "10.20.16.31", "203.0.113.10", "198.51.100.20", "examples/")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("diagnose", *FILES), 1),
        (("explain", *FILES), 0),
        (("facts", *FILES), 0),
        (("what-if", *FILES, "--apply", "add-snat-entry", "--robust"), 0),
        (("compare", "shop/api-0", "kube-system/coredns-6d4b75cb6d-k4x9p", *FILES), 0),
        (("redact", *FILES), 0),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_nothing_of_the_originals_is_printed(
    run: Run, arguments: tuple[str, ...], code: int
) -> None:
    flags = () if arguments[0] == "redact" else ("--redact",)
    ended, out, err = run(*arguments, *flags)
    assert (ended, err) == (code, "")
    assert out
    for name in NAMES:
        assert name not in out, name


def test_a_question_on_the_command_line_is_hidden_too(run: Run) -> None:
    asked = ("api-0", "-n", "shop", "--to", "svc/shop/orders:80", *FILES, "--redact")
    code, out, _ = run("diagnose", *asked)
    assert code == 1
    assert "orders" not in out
    assert ":80/tcp" in out


def test_what_is_written_has_the_same_answer(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(run("redact", *FILES)[1], encoding="utf-8")
    code, out, _ = run("diagnose", "-f", str(path), "-o", "json")
    _, hidden, _ = run("diagnose", *FILES, "--redact", "-o", "json")
    assert code == 1
    for key in ("question", "verdict", "summary"):
        assert json.loads(out)[key] == json.loads(hidden)[key]


def test_a_question_that_is_named_becomes_part_of_it(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    asked = ("shop/api-0", "--to", "203.0.113.77:8443")
    code, out, _ = run("redact", *asked, *FILES)
    path.write_text(out, encoding="utf-8")
    documents = list(yaml.safe_load_all(out))
    assert code == 0
    assert documents[-1]["question"]["to"].endswith(":8443")
    assert run("diagnose", "-f", str(path), "-o", "json")[0] == 1


def test_settings_name_records_as_the_documents_do(run: Run) -> None:
    changed = ("--set", "snat_entries/ngw-bp1exit/snat-bp1pods=null", "--no-collateral")
    code, out, _ = run("what-if", "-f", "examples/healthy", "--redact", *changed)
    assert code == 1
    assert "bp1" not in out


def test_documents_that_replace_are_hidden_alike(run: Run, tmp_path: Path) -> None:
    document = {
        "action": "DescribeSnatTableEntries",
        "request": {"NatGatewayId": "ngw-bp1exit"},
        "response": {"TotalCount": 0, "SnatTableEntries": {"SnatTableEntry": []}},
    }
    path = tmp_path / "snat.json"
    path.write_text(json.dumps(document))
    code, out, _ = run("what-if", "-f", "examples/healthy", "--redact", "--with", str(path))
    assert code == 1
    assert "bp1" not in out


def test_replay(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(run("diagnose", *FILES, "-o", "json")[1], encoding="utf-8")
    code, out, err = run("replay", str(path), *FILES)
    assert (code, err) == (0, "")
    assert out.startswith("CONFIRMED")
    code, out, _ = run("replay", str(path), "-f", "examples/healthy")
    assert code == 1
    assert out.startswith("DIFFERENT")
    code, out, _ = run("replay", str(path), "-f", "examples/healthy", "-o", "json")
    assert json.loads(out)["verdict_now"] == "reachable"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("redact",), "name the documents with -f"),
        (("redact", "-f", "nowhere"), "nowhere: no such file or folder"),
        (("replay", "nowhere.json", *FILES), "nowhere.json: no such file or directory"),
        (
            ("replay", "examples/no-snat/pods.yaml", *FILES),
            "examples/no-snat/pods.yaml: this is no stored answer",
        ),
        (("replay", *FILES), "ANSWER"),
    ],
)
def test_bad_input_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
