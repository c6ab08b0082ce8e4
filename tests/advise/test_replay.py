"""The same case gives the same bytes, in any process; a stored answer can be derived again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.scenarios.runner import EXAMPLES, HERE, ROOT, base_case, load
from wayout.engine import Answer, Case, InputError, Question, answer_from, diagnose, replay
from wayout.engine.report import Lang, render, render_replayed

CODE = """
import hashlib, sys
from tests.scenarios.runner import EXAMPLES, HERE, base_case, load
from wayout.engine import Question, compare, diagnose, render, render_comparison, what_if
from wayout.engine import render_documents, redact, render_pod_comparison, robustness

def say(name, text):
    print(name, hashlib.sha256(text.encode()).hexdigest())

for folder in sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()):
    say(folder, render(diagnose(base_case(folder)), "json"))
    say(folder, render_documents(redact(f"examples/{folder}").documents))
for path in sorted(HERE.glob("*.yaml"))[:: int(sys.argv[1])]:
    scenario = load(path)
    question = Question(**scenario.question) if scenario.question else None
    say(path.stem, render(diagnose(scenario.case(), question), "json"))
found = what_if(base_case("no-snat"), None, ["add-snat-entry"], robust=True)
say("what-if", render_comparison(found, "json"))
pods = ("shop/api-0", "kube-system/coredns-6d4b75cb6d-k4x9p")
say("compare", render_pod_comparison(compare(base_case("annotation-replaces-sg"), *pods), "json"))
"""


def said(seed: str, folder: Path) -> str:
    """What another process says, with strings hashed in its own way and a cache of its own."""
    env = dict(os.environ) | {"PYTHONHASHSEED": seed, "XDG_CACHE_HOME": str(folder)}
    env["PYTHONPATH"] = os.pathsep.join([str(ROOT), env.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", CODE, "6"], capture_output=True, cwd=ROOT, env=env, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_bytes_are_the_same_in_every_process(tmp_path: Path) -> None:
    first = said("0", tmp_path)
    assert first.count("\n") > 25
    for seed in ("1", "4711"):  # the second finds the compiled knowledge that the first has left
        assert said(seed, tmp_path) == first


def test_order_of_documents_does_not_change_the_conclusions() -> None:
    files = sorted(p for p in (EXAMPLES / "no-snat").iterdir() if p.suffix in (".json", ".yaml"))
    one, other = diagnose(Case.load(*files)), diagnose(Case.load(*reversed(files)))
    assert render(one, "json") == render(other, "json")


@pytest.fixture(scope="module")
def stored() -> Answer:
    return answer_from(render(diagnose(base_case("no-snat")), "json"))


def test_the_same_documents_give_exactly_the_stored_answer(stored: Answer) -> None:
    found = replay(stored, base_case("no-snat"))
    assert found.is_identical
    assert found.is_confirmed
    assert found.differences == ()


@pytest.mark.parametrize("path", sorted(HERE.glob("*.yaml"))[::7], ids=lambda path: path.stem)
def test_answers_of_scenarios_survive_being_stored(path: Path) -> None:
    scenario = load(path)
    question = Question(**scenario.question) if scenario.question else None
    answer = diagnose(scenario.case(), question)
    assert replay(answer_from(render(answer, "json")), scenario.case()).is_identical


def test_other_documents_do_not(stored: Answer) -> None:
    found = replay(stored, base_case("healthy"))
    assert not found.is_confirmed
    by_name = {d.what: (d.stored, d.now) for d in found.differences}
    assert by_name["verdict"] == ("blocked", "reachable")
    assert by_name["gate/internet-exit"] == ("blocks", "passes")
    assert by_name["finding/NAT-002 vsw-bp1pods"] == ("confirmed", "")
    assert by_name["facts_digest"][0] == stored.provenance.facts_digest


def test_documents_under_other_names_confirm_it(stored: Answer) -> None:
    found = replay(stored, Case.load(EXAMPLES / "no-snat"))  # by their absolute paths
    assert found.is_confirmed
    assert not found.is_identical
    assert found.differences == ()


def test_another_version_of_the_knowledge_is_told(stored: Answer) -> None:
    made = stored.provenance.model_copy(update={"knowledge_version": "0" * 16})
    found = replay(stored.model_copy(update={"provenance": made}), base_case("no-snat"))
    assert found.is_confirmed
    assert [d.what for d in found.differences] == ["knowledge_version"]
    assert "the rest differs" in found.text.en


def test_a_forged_verdict_is_found(stored: Answer) -> None:
    forged = stored.model_copy(update={"verdict": "reachable"})
    found = replay(forged, base_case("no-snat"))
    assert not found.is_confirmed
    assert [(d.what, d.stored, d.now) for d in found.differences] == [
        ("verdict", "reachable", "blocked")
    ]


@pytest.mark.parametrize("data", ["", "{", "[]", "{}", '{"verdict": "blocked"}', b"\xff\xfe"])
def test_what_is_no_answer_is_one_sentence(data: Any) -> None:
    with pytest.raises(InputError, match="this is no stored answer"):
        answer_from(data)


@pytest.mark.parametrize(
    ("lang", "word", "other"), [("en", "CONFIRMED", "DIFFERENT"), ("zh", "一致", "不一致")]
)
def test_reports(stored: Answer, lang: Lang, word: str, other: str) -> None:
    same, different = (replay(stored, base_case(name)) for name in ("no-snat", "healthy"))
    for format in ("text", "md"):
        assert word in render_replayed(same, format, lang)  # type: ignore[arg-type]
        text = render_replayed(different, format, lang)  # type: ignore[arg-type]
        assert other in text
        assert "gate/internet-exit" in text
    assert json.loads(render_replayed(different, "json"))["is_confirmed"] is False
