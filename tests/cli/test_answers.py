"""diagnose, explain and facts: what they print and how they end."""

import json
from collections.abc import Callable

import pytest
import yaml

from wayout import engine

Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]
QUESTION = ("shop/api-0", "--to", "203.0.113.10:443")


@pytest.mark.parametrize(
    ("name", "code", "start"),
    [("reachable", 0, "REACHABLE"), ("blocked", 1, "BLOCKED"), ("unknown", 3, "UNKNOWN")],
)
def test_the_exit_code_is_the_verdict(
    run: Run, answered: Callable[[str], None], name: str, code: int, start: str
) -> None:
    answered(name)
    ended, out, err = run("diagnose", *QUESTION)
    assert (ended, err) == (code, "")
    assert out.startswith(start)


@pytest.mark.parametrize(
    ("format", "start"),
    [
        ("json", "{"),
        ("yaml", "schema_version:"),
        ("md", "# BLOCKED"),
        ("mermaid", "flowchart LR"),
        ("html", '<!doctype html>\n<html lang="en">'),
    ],
)
def test_formats(run: Run, answered: Callable[[str], None], format: str, start: str) -> None:
    answered("blocked")
    code, out, _ = run("diagnose", *QUESTION, "-o", format)
    assert code == 1
    assert out.startswith(start)
    assert out.endswith("\n")


def test_json_is_the_published_model(run: Run, answered: Callable[[str], None]) -> None:
    answered("blocked")
    _, out, _ = run("diagnose", *QUESTION, "-o", "json")
    assert engine.Answer.model_validate_json(out) == engine.diagnose(None, None)  # type: ignore[arg-type]
    _, text, _ = run("diagnose", *QUESTION, "-o", "yaml")
    assert yaml.safe_load(text) == json.loads(out)


def test_verbose_unfolds(run: Run, answered: Callable[[str], None]) -> None:
    answered("blocked")
    _, short, _ = run("diagnose", *QUESTION)
    _, full, _ = run("diagnose", *QUESTION, "-v")
    assert "Ruled out\n" not in short
    assert "Ruled out\n" in full


def test_explain_proves_what_is_named(run: Run, answered: Callable[[str], None]) -> None:
    answered("blocked")
    code, out, err = run("explain", QUESTION[0], "NAT-002", *QUESTION[1:])
    assert (code, err) == (0, "")
    assert "pods.yaml:41" in out
    code, out, err = run("explain", *QUESTION, "-o", "mermaid")
    assert code == 0
    assert out.startswith("flowchart TD")
    code, out, err = run("explain", QUESTION[0], "NAT-999", *QUESTION[1:])
    assert (code, out) == (2, "")
    assert err.startswith("wayout: this answer has no rule or gate 'NAT-999'")


def test_explain_takes_a_code_for_a_pod_only_when_it_looks_like_one(
    run: Run, answered: Callable[[str], None]
) -> None:
    answered("blocked")
    for written in ("NAT-002", "nat-002"):
        code, out, _ = run("explain", written, "-f", "examples/no-snat")
        assert code == 0
        assert "\nNAT-002  " in out


def test_real_documents_end_to_end(run: Run) -> None:
    code, out, err = run("diagnose", "-f", "examples/no-snat", "-o", "json")
    answer = json.loads(out)
    assert {"reachable": 0, "blocked": 1, "unknown": 3}[answer["verdict"]] == code
    assert answer["question"]["pod"] == "shop/api-0"
    assert answer["question"]["destination"] == "203.0.113.10:443"
    assert err == ""


def test_without_documents_the_answer_is_honest(run: Run) -> None:
    code, out, err = run("diagnose", *QUESTION)
    assert (code, err) == (3, "")
    assert out.startswith("UNKNOWN")


def test_what_is_named_wins_over_the_case(run: Run) -> None:
    _, out, _ = run(
        "diagnose", "-f", "examples/no-snat", "--to", "198.51.100.9", "--port", "8443", "-o", "json"
    )
    question = json.loads(out)["question"]
    assert (question["pod"], question["destination"]) == ("shop/api-0", "198.51.100.9")
    assert (question["port"], question["protocol"]) == (8443, "tcp")


def test_namespace(run: Run) -> None:
    arguments = ("--to", "203.0.113.10:443", "-o", "json")
    _, out, _ = run("diagnose", "api-0", "-n", "shop", *arguments)
    assert json.loads(out)["question"]["pod"] == "shop/api-0"
    code, _, err = run("diagnose", "shop/api-0", "-n", "other", *arguments)
    assert code == 2
    assert err == "wayout: the pod 'shop/api-0' is not in the namespace 'other'.\n"


def test_facts_name_their_origins(run: Run) -> None:
    code, out, err = run("facts", "-f", "examples/no-snat")
    assert (code, err) == (0, "")
    assert out.startswith("flow(flow=main, pod=shop/api-0, ")
    assert "<- examples/no-snat/" in out
    code, out, _ = run("facts", "-f", "examples/no-snat", "-o", "json")
    lines = json.loads(out)
    assert lines[0]["kind"] == "flow"
    assert yaml.safe_load(run("facts", "-f", "examples/no-snat", "-o", "yaml")[1]) == lines


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("diagnose", "shop/api-0"), "--to DEST is needed"),
        (("diagnose", "--to", "203.0.113.10"), "POD is needed"),
        (("diagnose", "shop/api-0", "--to", "no such place"), "no such place"),
        (("diagnose", "Shop/API", "--to", "203.0.113.10"), "Shop/API"),
        (("diagnose", *QUESTION, "-f", "no/such/folder"), "no/such/folder"),
        (("diagnose", *QUESTION, "-f", "pyproject.toml"), "pyproject.toml"),
        (("diagnose", *QUESTION, "--port", "70000"), "--port"),
        (("diagnose", *QUESTION, "--lang", "fr"), "'en', 'zh'"),
        (("diagnose", *QUESTION, "--colour"), "--colour"),
        (("diagnose", *QUESTION, "one", "two"), "see wayout diagnose -h"),
        (("diagnose", "x\x1b[2J\n", "--to", "\u202e"), ""),
        (("dignose",), "dignose"),
        (("schema", "pod"), "'answer', 'assessment', 'case'"),
        (("rules", "show"), "see wayout rules show -h"),
        (("rules", "show", "NAT-XYZ"), "there is no rule 'NAT-XYZ'"),
        (("rules", "list", "--gate", "policys"), "there is no gate 'policys'"),
        (("rules", "check", "no/such"), "no/such"),
        (("rules", "check", "/"), "not in a knowledge folder"),
    ],
)
def test_bad_input_is_one_line_and_code_2(run: Run, arguments: tuple[str, ...], hint: str) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert hint in err
    assert err.startswith("wayout: ")
    assert err.endswith("\n")
    assert err[:-1].isprintable()


def test_a_bug_is_one_line_and_never_looks_like_a_verdict(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(case: object, question: object) -> None:
        raise RuntimeError("boom\nsecond line")

    monkeypatch.setattr(engine, "diagnose", fail)
    code, out, err = run("diagnose", *QUESTION)
    assert (code, out) == (70, "")
    assert err.startswith("wayout: this is a bug in wayout, please report it")
    assert err.count("\n") == 1
    monkeypatch.setenv("WAYOUT_DEBUG", "1")
    assert "Traceback" in run("diagnose", *QUESTION)[2]


def test_interrupted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(case: object, question: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "diagnose", interrupt)
    assert run("diagnose", *QUESTION) == (130, "", "")


def test_a_protocol_may_be_written_in_capitals(run: Run) -> None:
    _, out, err = run("diagnose", *QUESTION, "--protocol", "UDP")
    assert out.splitlines()[0].endswith("/udp")
    assert not err


NO_SNAT = ("-f", "examples/no-snat")


def test_why_not_tells_the_condition_that_failed(run: Run) -> None:
    code, out, err = run("explain", "--why-not", "nat-001", *NO_SNAT)
    assert (code, err) == (0, "")
    assert "cause: wanted route, got snat" in out
    code, out, _ = run("explain", "--why-not", "internet-exit", *NO_SNAT, "-o", "json")
    assert code == 0
    assert json.loads(out)["name"] == "internet-exit"
    code, out, _ = run("explain", "--why-not", "NAT-001", *NO_SNAT, "-o", "md", "--lang", "zh")
    assert code == 0
    assert "## NAT-001 Pod 没有公网出口（未触发）" in out


def test_a_rule_that_did_not_fire_is_explained_by_why_not(run: Run) -> None:
    code, out, err = run("explain", "NAT-001", *NO_SNAT)
    assert (code, err) == (0, "")
    assert "NAT-001 did not fire." in out
    assert "--why-not NAT-001 shows every condition" in out
    assert run("explain", "shop/api-0", "nat-001", *NO_SNAT)[1] == out


def test_a_gate_is_explained_by_its_name(run: Run) -> None:
    assert run("explain", "--gate", "route", *NO_SNAT) == run("explain", "route", *NO_SNAT)
    assert run("explain", "--gate", "route", *NO_SNAT)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--why-not", ""), "there is no rule or gate ''"),
        (("--why-not", "NAT-999"), "there is no rule or gate 'NAT-999'"),
        (("--why-not", "NAT-001", "--gate", "route"), "one of CODE, --gate and --why-not"),
        (("--gate", "routes"), "there is no gate 'routes'"),
        (("--why-not", "NAT-001", "-o", "mermaid"), "text, json, yaml or md only"),
    ],
)
def test_explain_refuses_in_one_line(run: Run, arguments: tuple[str, ...], hint: str) -> None:
    code, out, err = run("explain", *arguments, *NO_SNAT)
    assert (code, out) == (2, "")
    assert hint in err
    assert err.count("\n") == 1


def test_a_page_has_one_language(run: Run) -> None:
    code, out, err = run("diagnose", *NO_SNAT, "-o", "html", "--lang", "zh")
    assert (code, err) == (1, "")
    assert '<html lang="zh-CN">' in out
    assert "<h2" in out
    code, out, err = run("explain", "NAT-002", *NO_SNAT, "-o", "html")
    assert (code, err) == (0, "")
    assert out.startswith('<!doctype html>\n<html lang="en">')
    assert "examples/no-snat/snat-entries.json:13" in out


def test_error_texts_are_evidence(run: Run) -> None:
    refused = ("--error", "dial tcp 203.0.113.10:443: connect: connection refused")
    more = ("--error", "连接超时", "--error", "访问超时")
    code, out, err = run("diagnose", *QUESTION, *refused, *more)
    assert (code, err) == (3, "")
    for told in ("SYM-06", "SYM-05", "connect: connection refused", "连接超时", "访问超时"):
        assert told in out, told
    _, explained, _ = run("explain", QUESTION[0], "DSV-820", *QUESTION[1:], *refused)
    assert "symptom" in explained
    _, facts, _ = run("facts", *QUESTION, *refused)
    assert "tcp_observation" in facts
    assert "refused" in facts


def test_an_error_text_joins_the_documents(run: Run) -> None:
    text = "ERROR 2801 (HY000): #RDS00ip not in whitelist, client ip is 198.51.100.20"
    code, out, err = run("diagnose", "-f", "examples/healthy", *QUESTION, "--error", text)
    assert (code, err) == (1, "")
    assert "DAC-811" in out
    code, out, _ = run("diagnose", "-f", "examples/healthy", *QUESTION, "--error", text, "-o", "md")
    assert (code, "## What the error texts say" in out) == (1, True)
