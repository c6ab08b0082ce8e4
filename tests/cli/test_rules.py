"""rules list, show, check, index; schema."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from wayout import engine, knowledge
from wayout.cli.rules import BEGIN, END, with_index

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the part of the knowledge that one rule needs."""
    for name in ("sources.yaml", "rules/pod/running.yaml", "fixes"):
        source, target = knowledge.ROOT / name, tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, target)
    return tmp_path


def test_list_names_every_rule(run: Run) -> None:
    code, out, err = run("rules", "list")
    assert (code, err) == (0, "")
    files = list(knowledge.ROOT.glob("rules/*/*.yaml"))
    assert sum(line.startswith("  ") and "-" in line[:10] for line in out.splitlines()) == len(
        files
    )


def test_list_of_a_gate_as_data(run: Run) -> None:
    _, out, _ = run("rules", "list", "--gate", "pod", "-o", "json")
    rules = json.loads(out)
    assert {rule["gate"] for rule in rules} == {"pod"}
    assert rules[0]["id"] == "POD-001"


@pytest.mark.parametrize(
    ("lang", "sentence"),
    [("en", "there is a fact flow whose flow is $flow"), ("zh", "存在事实 flow，其 flow 为 $flow")],
)
def test_show_is_a_sentence_with_sources(run: Run, lang: str, sentence: str) -> None:
    code, out, err = run("rules", "show", "pod-001", "--lang", lang)
    assert (code, err) == (0, "")
    assert out.startswith("POD-001  ")
    assert sentence in out
    assert "{$pod}" in out
    assert "GK" in out or "SDK" in out


def test_every_rule_can_be_shown(run: Run) -> None:
    known = engine.shipped_knowledge()
    for rule in known.rules:
        for lang in ("en", "zh"):
            text = engine.render_rule(known, rule, "text", lang)
            assert text.startswith(f"{rule.id}  ")
            assert all(key in text for key in (*rule.sources, *rule.fixes))


def test_check_one_file_of_the_shipped_knowledge(run: Run) -> None:
    code, out, _ = run("rules", "check", "knowledge/rules/pod/running.yaml")
    assert (code, out) == (0, "1 rule checked, 0 wrong\n")


def test_check_finds_an_example_that_fails(run: Run, folder: Path) -> None:
    file = folder / "rules/pod/running.yaml"
    text = file.read_text(encoding="utf-8")
    assert "fires: true" in text
    lines = text.replace("fires: true", "fires: false")
    file.write_text(lines, encoding="utf-8")
    code, out, _ = run("rules", "check", str(folder))
    assert code in (1, 2)  # 2 when no example is left that fires
    assert "rules/pod/running.yaml" in out


def test_check_finds_a_file_that_cannot_be_used(run: Run, folder: Path) -> None:
    file = folder / "rules/pod/running.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("when:", "wenn:"), encoding="utf-8")
    code, out, err = run("rules", "check", str(file))
    assert (code, err) == (2, "")
    assert "did you mean 'when'?" in out
    assert "Traceback" not in out


def test_index_goes_between_the_markers(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"# Knowledge\n\n{BEGIN}\nold\n{END}\n\nmore\n", encoding="utf-8")
    once = with_index(readme, "new\n")
    assert once == f"# Knowledge\n\n{BEGIN}\n\nnew\n\n{END}\n\nmore\n"
    readme.write_text(once, encoding="utf-8")
    assert with_index(readme, "new\n") == once


def test_index_without_markers_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(engine.InputError, match="has no lines"):
        with_index(tmp_path / "README.md", "new\n")


def test_index_names_every_rule_and_kind(run: Run) -> None:
    code, out, _ = run("rules", "index")
    assert code == 0
    assert all(f"| {rule.id} |" in out for rule in engine.shipped_knowledge().rules)
    assert "| `flow` |" in out


def test_lint_of_one_gate(run: Run) -> None:
    code, out, err = run("rules", "lint", "knowledge/rules/security-group")
    *remarks, last = out.splitlines()
    assert code == (1 if remarks else 0)
    assert err == ""
    assert all(line.startswith("rules/security-group/") for line in remarks)
    assert re.match(r"\d+ rules: each has an example in which it fires; \d+ remark", last)


def test_lint_with_cases_names_the_rules_that_fire_in_none(run: Run) -> None:
    code, out, err = run("rules", "lint", "knowledge/rules/verdict", "--cases", "examples")
    assert (code, err) == (1, "")
    assert "rules/verdict/undecided-not-assessed.yaml: VER-007 fires in no case.\n" in out
    assert "VER-020 fires in no case" not in out  # no-snat is blocked
    assert re.search(r"fires, \d+ fire in the cases; \d+ remarks$", out.strip())


def test_lint_takes_no_folder_without_cases(run: Run, tmp_path: Path) -> None:
    code, out, err = run("rules", "lint", "--cases", str(tmp_path))
    assert (code, out) == (2, "")
    assert err == f"wayout: {tmp_path}: the folder holds no case, which is a folder or a file.\n"


def test_lint_with_cases_that_are_not_there(run: Run) -> None:
    code, out, err = run("rules", "lint", "--cases", "no/such/folder")
    assert (code, out) == (2, "")
    assert err == "wayout: no/such/folder: no such folder.\n"


def test_lint_refuses_what_cannot_be_used(run: Run, folder: Path) -> None:
    (folder / "rules/pod/running.yaml").write_text("{", encoding="utf-8")
    code, out, err = run("rules", "lint", str(folder))
    assert (code, out) == (2, "")
    assert err.startswith("wayout: rules/pod/running.yaml: ")


def test_schema_of_rules_has_two_names(run: Run) -> None:
    assert run("rules", "schema") == run("schema", "rule")


@pytest.mark.parametrize("of", ["answer", "case", "rule"])
def test_schema(run: Run, of: str) -> None:
    code, out, _ = run("schema", of)
    assert code == 0
    assert json.loads(out)["type"] == "object"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_symptoms_are_listed(run: Run, lang: str) -> None:
    code, out, err = run("rules", "symptoms", "--lang", lang)
    assert (code, err) == (0, "")
    known = engine.shipped_knowledge().symptoms
    assert [line[:6] for line in out.splitlines() if line.startswith("SYM-")] == list(known)


def test_symptoms_as_data(run: Run) -> None:
    listed = json.loads(run("rules", "symptoms", "-o", "json")[1])
    assert {"id", "title", "means", "next", "sources"} <= set(listed[0])
    assert json.loads(run("rules", "show", "sym-18", "-o", "json")[1]) in listed
    assert run("rules", "show", "SYM-18", "-o", "yaml")[1].startswith("id: SYM-18\n")


def test_every_symptom_can_be_shown(run: Run) -> None:
    known = engine.shipped_knowledge()
    for symptom in known.symptoms.values():
        for lang in ("en", "zh"):
            text = engine.render_symptom(known, symptom, "text", lang)
            assert text.startswith(f"{symptom.id}  {symptom.title.in_language(lang)}")
            assert all(key in text for key in symptom.sources)
    code, out, _ = run("rules", "show", "sym-18")
    assert (code, "proven to be passed: Name lookup" in out) == (0, True)


def test_an_unknown_symptom_is_one_line(run: Run) -> None:
    code, out, err = run("rules", "show", "SYM-188")
    assert (code, out) == (2, "")
    assert err == "wayout: there is no rule 'SYM-188'; did you mean SYM-18?\n"


def test_check_of_the_symptoms(run: Run) -> None:
    code, out, _ = run("rules", "check", "knowledge/symptoms.yaml")
    assert code == 0
    assert re.fullmatch(r"0 rules and \d+ symptoms checked, 0 wrong\n", out)
