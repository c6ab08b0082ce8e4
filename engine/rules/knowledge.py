"""Loads a knowledge folder: rules, fixes and sources, checked one by one and together."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from wayout.engine.errors import RuleError
from wayout.engine.products import Products
from wayout.engine.rules.book import RuleBook, StoredRule
from wayout.engine.rules.checks import (
    check_examples,
    check_fix,
    check_products,
    check_rule,
    check_together,
)
from wayout.engine.rules.compiled import Contents, restore, store
from wayout.engine.rules.hints import did_you_mean
from wayout.engine.rules.model import (
    GATE_PREFIXES,
    Asking,
    Example,
    FixTemplate,
    HowToCollect,
    Never,
    Rule,
    Source,
    Text,
)
from wayout.engine.rules.never import check_never
from wayout.engine.rules.reading import (
    read_examples,
    read_fix,
    read_how_to_collect,
    read_never,
    read_not_modelled,
    read_products,
    read_questions,
    read_rule,
    read_sources,
    read_symptoms,
)
from wayout.engine.rules.strata import phases
from wayout.engine.rules.yaml_reader import read_yaml
from wayout.engine.symptoms import NO_SYMPTOMS, SymptomBook

if TYPE_CHECKING:
    from wayout.engine.symptoms.model import Symptom

__all__ = ["Knowledge", "load_knowledge", "read_knowledge"]

T = TypeVar("T")

SYMPTOMS = "symptoms.yaml"


@dataclass(frozen=True)
class Knowledge:
    """Everything known, frozen. `version` is a digest of all files it was made from.

    The rules are in the order of evaluation of their gates, then by id. `collect` says per list how
    to obtain it, `not_modelled` what is left out on purpose, `products` what pods may call,
    `symptoms` what error texts mean, `never` which remedies are refused, `questions` what to ask a
    person about a list.
    """

    root: Path
    version: str
    book: RuleBook = field(default_factory=RuleBook)
    fixes: Mapping[str, FixTemplate] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    collect: Mapping[str, HowToCollect] = field(default_factory=dict)
    not_modelled: tuple[Text, ...] = ()
    products: Products = field(default_factory=Products)
    never: tuple[Never, ...] = ()
    symptoms: SymptomBook = field(default_factory=SymptomBook)
    questions: Mapping[str, Asking] = field(default_factory=dict)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules."""
        return tuple(self.book.values())

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of an id."""
        return self.book.get(rule_id)

    def rules_of(self, gate: str) -> tuple[Rule, ...]:
        """The rules of one gate."""
        return tuple(rule for rule in self.rules if rule.gate == gate)

    @cached_property
    def rules_per_gate(self) -> dict[str, int]:
        """How many rules each gate has."""
        counts = Counter(self.book.gates().values())
        return {gate: counts[gate] for gate in GATE_PREFIXES}

    def examples(self, rule: Rule) -> tuple[Example, ...]:
        """The examples of a rule, read from its file: a diagnosis never needs them."""
        return read_examples(read_yaml(self.root / rule.file, rule.file), rule.file)


def load_knowledge(root: Path) -> Knowledge:
    """The knowledge of a folder. Raises RuleError, naming the first faulty file, if any is.

    What was read once without a fault is kept in the cache folder of the user, by its digest.
    """
    version = digest(root)
    if (
        known := restore(version, partial(read_again, root), partial(symptoms_of, root))
    ) is not None:
        return Knowledge(root, version, *known)
    knowledge, errors = read_knowledge(root)
    if errors:
        more = f" ({len(errors) - 1} more faults in the folder)" if errors[1:] else ""
        raise RuleError(f"{errors[0]}{more}")
    if knowledge.version == version:  # else somebody is writing at this very moment
        store(version, contents(knowledge))
    return knowledge


def read_again(root: Path, stored: StoredRule) -> Rule:
    """A rule from its file, as its stored form cannot be used."""
    return rule_of(root / stored.file, stored.file)[1]


def symptoms_of(root: Path) -> Iterable[Symptom]:
    """The symptoms from their file, as their stored form cannot be used."""
    return read_symptoms(read_yaml(root / SYMPTOMS, SYMPTOMS), SYMPTOMS).values()


def contents(knowledge: Knowledge) -> Contents:
    """What is stored of it."""
    return Contents(
        knowledge.book,
        knowledge.fixes,
        knowledge.sources,
        knowledge.collect,
        knowledge.not_modelled,
        knowledge.products,
        knowledge.never,
        knowledge.symptoms,
        knowledge.questions,
    )


def read_knowledge(root: Path) -> tuple[Knowledge, tuple[RuleError, ...]]:
    """The usable part of a folder and every fault found in the rest."""
    errors: list[RuleError] = []
    version = digest(root)
    fixes = dict(collect(root, "fixes/*.yaml", fix_of, errors))
    rules = [rule for _, rule in collect(root, "rules/*/*.yaml", rule_of, errors)]
    place = {gate: index for index, gate in enumerate(GATE_PREFIXES)}
    rules.sort(key=lambda rule: (place[rule.gate], rule.id))
    sources: dict[str, Source] = optional(root, "sources.yaml", read_sources, {}, errors)
    products: Products = optional(root, "products.yaml", read_products, Products(), errors)
    errors += check_products(products, sources)
    symptoms = optional(root, SYMPTOMS, read_symptoms, NO_SYMPTOMS, errors)
    errors += check_citations(symptoms, sources)
    never: tuple[Never, ...] = optional(root, "never.yaml", read_never, (), errors)
    errors += check_never(never, fixes)
    between = list(check_together(rules, fixes, sources))
    unusable = {str(error).split(": ")[0] for error in between}
    rules = [rule for rule in rules if rule.file not in unusable]
    errors += between
    for gate in GATE_PREFIXES:
        try:
            phases([rule for rule in rules if rule.gate == gate])
        except RuleError as error:
            errors.append(error)
            rules = [rule for rule in rules if rule.gate != gate]
    knowledge = Knowledge(
        root=root,
        version=version,
        book=RuleBook(rules),
        fixes=fixes,
        sources=sources,
        collect=optional(root, "collect.yaml", read_how_to_collect, {}, errors),
        not_modelled=optional(root, "not-modelled.yaml", read_not_modelled, (), errors),
        products=products,
        symptoms=symptoms,
        never=never,
        questions=questions_of(root, errors),
    )
    return knowledge, tuple(errors)


def questions_of(root: Path, errors: list[RuleError]) -> dict[str, Asking]:
    """The questions of every file; one that asks what another asks already is a fault."""
    found: dict[str, Asking] = {}
    for path in sorted((root / "questions").glob("*.yaml")):
        name = f"questions/{path.name}"
        none: dict[str, Asking] = {}
        for key, asking in optional(root, name, read_questions, none, errors).items():
            if key in found:
                errors.append(RuleError(f"{name}: {key}: another file asks this already."))
            found.setdefault(key, asking)
    return found


def check_citations(symptoms: SymptomBook, sources: Mapping[str, Source]) -> Iterator[RuleError]:
    """The sources that symptoms cite and the bibliography does not have."""
    for symptom in symptoms.values():
        for key in symptom.sources:
            if key not in sources:
                hint = did_you_mean(key, sources)
                place = f"{SYMPTOMS}: {symptom.id}.sources"
                yield RuleError(f"{place}: unknown source {key!r}{hint}")


def files_of(root: Path) -> list[Path]:
    """Every file that is knowledge, in a stable order."""
    patterns = ("*.yaml", "rules/*/*.yaml", "fixes/*.yaml", "questions/*.yaml")
    return sorted(path for pattern in patterns for path in root.glob(pattern))


def digest(root: Path) -> str:
    """A digest of the names and contents of all files of a folder."""
    total = hashlib.sha256()
    folder = root.absolute()
    start = len(folder.as_posix()) + 1
    for path in files_of(folder):
        name, content = path.as_posix()[start:].encode(), path.read_bytes()
        total.update(b"%d %d\n%s%s" % (len(name), len(content), name, content))
    return total.hexdigest()[:16]


def collect(
    root: Path,
    files: str,
    read: Callable[[Path, str], tuple[str, T]],
    errors: list[RuleError],
) -> list[tuple[str, T]]:
    found: list[tuple[str, T]] = []
    for path in sorted(root.glob(files)):
        try:
            found.append(read(path, path.relative_to(root).as_posix()))
        except RuleError as error:
            errors.append(error)
    return found


def rule_of(path: Path, name: str) -> tuple[str, Rule]:
    raw = read_yaml(path, name)
    rule = read_rule(raw, name)
    check_rule(rule, path.parent.name)
    check_examples(rule, read_examples(raw, name))
    return rule.id, rule


def fix_of(path: Path, name: str) -> tuple[str, FixTemplate]:
    fix = read_fix(read_yaml(path, name), name, path.stem)
    check_fix(fix)
    return fix.id, fix


def optional(
    root: Path,
    name: str,
    read: Callable[[Any, str], T],
    default: T,
    errors: list[RuleError],
) -> T:
    if not (root / name).exists():
        return default
    try:
        return read(read_yaml(root / name, name), name)
    except RuleError as error:
        errors.append(error)
        return default
