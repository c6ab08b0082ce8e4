"""For people who write knowledge: the shipped rules, and checks of any knowledge folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wayout import knowledge
from wayout.engine.advise.diagnosis import Diagnoser, question_of
from wayout.engine.case import Case
from wayout.engine.errors import InputError, RuleError
from wayout.engine.inference import check_examples
from wayout.engine.rules import Knowledge, load_knowledge, read_knowledge
from wayout.engine.rules.knowledge import SYMPTOMS, digest
from wayout.engine.rules.lint import lint
from wayout.engine.symptoms import NO_SYMPTOMS

__all__ = [
    "Checked",
    "Linted",
    "check_rules",
    "knowledge_version",
    "lint_rules",
    "shipped_knowledge",
]


@dataclass(frozen=True, slots=True)
class Checked:
    """The result of a check: how much was tried, and one sentence per thing wrong.

    faults    files that cannot be used
    problems  examples that a usable rule or symptom does not live up to
    """

    rules: int
    faults: tuple[str, ...]
    problems: tuple[str, ...]
    symptoms: int = 0


@dataclass(frozen=True, slots=True)
class Linted:
    """What could be better, and how far the rules are covered.

    rules    number of rules; each fires in one of its own examples, or it would not load
    fired    how many of them fire in the cases that were tried; None when none were
    remarks  one sentence each
    """

    rules: int
    fired: int | None
    remarks: tuple[str, ...]


def shipped_knowledge() -> Knowledge:
    """The knowledge that wayout ships; raises RuleError when a file of it is faulty."""
    return load_knowledge(knowledge.ROOT)


def knowledge_version() -> str:
    """The version of the shipped knowledge, as answers state it in their provenance."""
    return digest(knowledge.ROOT)


def check_rules(path: str | Path | None = None) -> Checked:
    """Reads a knowledge folder and runs the examples of its rules.

    `path` is the folder, a folder or file inside it, or None for the shipped knowledge; only what
    lies at or below it is reported. Raises RuleError when it belongs to no knowledge folder.
    """
    root, part = located(Path(path)) if path is not None else (knowledge.ROOT, "")
    found, errors = read_knowledge(root)
    rules = [rule for rule in found.rules if is_within(rule.file, part)]
    from wayout.engine.symptoms.checks import problems_of_examples

    symptoms = found.symptoms if is_within(SYMPTOMS, part) else NO_SYMPTOMS
    unlike = (f"{SYMPTOMS}: {place}: {text}" for place, text in problems_of_examples(symptoms))
    return Checked(
        rules=len(rules),
        faults=tuple(str(error) for error in errors if is_within(str(error).split(":")[0], part)),
        problems=(*check_examples(found, rules), *unlike),
        symptoms=len(symptoms),
    )


def lint_rules(path: str | Path | None = None, cases: str | Path | None = None) -> Linted:
    """What could be better in a knowledge folder; `path` as in `check_rules`.

    `cases` is a folder of cases, each a folder or file with its question; rules that fire in none
    of them are named too. Raises RuleError also for a folder with files that cannot be used,
    InputError for cases that cannot be read.
    """
    root, part = located(Path(path)) if path is not None else (knowledge.ROOT, "")
    known = load_knowledge(root)
    fired = None if cases is None else fired_in(known, Path(cases))
    rules = [rule.id for rule in known.rules if is_within(rule.file, part)]
    return Linted(
        rules=len(rules),
        fired=None if fired is None else len(fired.intersection(rules)),
        remarks=tuple(r for r in lint(known, fired) if is_within(r.split(":")[0], part)),
    )


def fired_in(known: Knowledge, folder: Path) -> frozenset[str]:
    """The rules that fire in the cases of a folder."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder.")
    kinds = (".yaml", ".yml", ".json")
    places = sorted(p for p in folder.iterdir() if p.is_dir() or p.suffix in kinds)
    if not places:
        raise InputError(f"{folder}: the folder holds no case, which is a folder or a file.")
    diagnoser = Diagnoser(known)
    fired: set[str] = set()
    for place in places:
        case = Case.load(place)
        fired |= diagnoser.infer(case, question_of(case, None))[1].fired
    return frozenset(fired)


def located(path: Path) -> tuple[Path, str]:
    """The knowledge folder around `path`, and where in it `path` is: "" for the whole."""
    if not path.exists():
        raise RuleError(f"{path}: no such file or folder.")
    place = path.resolve()
    for root in (place, *place.parents):
        if (root / "rules").is_dir():
            part = place.relative_to(root).as_posix()
            return root, "" if part == "." else part
    raise RuleError(f"{path}: not in a knowledge folder, which has rules/<gate>/<fault>.yaml.")


def is_within(file: str, part: str) -> bool:
    return not part or file == part or file.startswith(part + "/")
