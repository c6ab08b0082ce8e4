"""Turns what stands in one YAML file into a model; every refusal names file and field."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from wayout.engine.errors import RuleError
from wayout.engine.facts import KINDS
from wayout.engine.facts.common import Flow
from wayout.engine.products import Product, Products, host_regex
from wayout.engine.rules.hints import did_you_mean
from wayout.engine.rules.model import (
    ASKED_ABOUT,
    GATE_PREFIXES,
    Asking,
    Example,
    FixTemplate,
    HowToCollect,
    Never,
    Rule,
    Source,
    Text,
    is_variable,
)
from wayout.engine.rules.vocabulary import fact_class, field_type
from wayout.engine.symptoms import SymptomBook

if TYPE_CHECKING:
    from wayout.engine.symptoms.model import Symptom

__all__ = [
    "read_examples",
    "read_fix",
    "read_how_to_collect",
    "read_never",
    "read_not_modelled",
    "read_products",
    "read_questions",
    "read_rule",
    "read_sources",
    "read_symptoms",
]

M = TypeVar("M", bound=BaseModel)

OPERATORS = ("not", "lt", "at_most", "gt", "at_least")
GATE_LISTS = ("implicates", "implicates_private", "excludes", "bypasses")  # of a symptom
VARIABLE = re.compile(r"\$[a-z][a-z0-9_]*")


class Place:
    """Where in which file something stands; makes the errors about it."""

    def __init__(self, file: str, path: str = "") -> None:
        self.file, self.path = file, path

    def at(self, step: str | int) -> Place:
        """A part below this one."""
        if isinstance(step, int):
            return Place(self.file, f"{self.path}[{step}]")
        return Place(self.file, f"{self.path}.{step}" if self.path else step)

    def error(self, text: str) -> RuleError:
        return RuleError(": ".join(part for part in (self.file, self.path, text) if part))


def read_rule(raw: Any, file: str) -> Rule:
    """The rule of a file, with `role: main` filled in. Raises RuleError."""
    place = Place(file)
    body = {k: v for k, v in mapping(raw, place).items() if k != "examples"}
    known(body, [name for name in Rule.model_fields if name != "file"], place)
    if "file" in body:
        raise place.error("unknown field 'file'.")
    concludes = body.get("concludes") is not None
    if concludes == (body.get("infers") is not None):
        raise place.error("a rule has either `concludes` or `infers`.")
    when = [
        read_condition(condition, place.at("when").at(index))
        for index, condition in enumerate(sequence(body.get("when"), place.at("when")))
    ]
    if concludes:
        imply_main_flow(when, place.at("when"))
    body |= {"when": when, "file": file}
    if "infers" in body:
        body["infers"] = one_fact(body["infers"], place.at("infers"))
    return build(Rule, body, place)


def read_examples(raw: Any, file: str) -> tuple[Example, ...]:
    """The examples of a rule file. Raises RuleError."""
    place = Place(file, "examples")
    examples = []
    for index, item in enumerate(sequence(mapping(raw, Place(file)).get("examples"), place)):
        at = place.at(index)
        body = dict(mapping(item, at))
        given = sequence(body.get("given"), at.at("given"))
        body["given"] = [one_fact(f, at.at("given").at(i)) for i, f in enumerate(given)]
        examples.append(build(Example, body, at))
    return tuple(examples)


def read_fix(raw: Any, file: str, name: str) -> FixTemplate:
    """The fix of a file. Raises RuleError."""
    place = Place(file)
    return build(FixTemplate, {**mapping(raw, place), "id": name, "file": file}, place)


def read_sources(raw: Any, file: str) -> dict[str, Source]:
    """The bibliography. Raises RuleError."""
    place = Place(file)
    return {key: build(Source, item, place.at(key)) for key, item in mapping(raw, place).items()}


def read_how_to_collect(raw: Any, file: str) -> dict[str, HowToCollect]:
    """How to obtain each list. Raises RuleError."""
    place = Place(file)
    return {k: build(HowToCollect, item, place.at(k)) for k, item in mapping(raw, place).items()}


def read_not_modelled(raw: Any, file: str) -> tuple[Text, ...]:
    """What the knowledge base leaves out on purpose. Raises RuleError."""
    place = Place(file)
    return tuple(build(Text, t, place.at(i)) for i, t in enumerate(sequence(raw, place)))


def read_products(raw: Any, file: str) -> Products:
    """The cloud products. Raises RuleError."""
    place = Place(file)
    body = dict(mapping(raw, place))
    each = mapping(body.get("products", {}), place.at("products"))
    for key, product in each.items():  # one by one, so that an error knows the fields of each
        build(Product, product, place.at("products").at(key))
    products = build(Products, body, place)
    for key, product in products.products.items():
        for index, pattern in enumerate(product.hosts):
            try:
                host_regex(pattern.pattern)
            except ValueError as error:
                at = place.at("products").at(key).at("hosts").at(index).at("pattern")
                raise at.error(f"{error}.") from None
    for index, found in enumerate(products.ranges):
        at = place.at("ranges").at(index)
        if found.product not in products.products:
            hint = did_you_mean(found.product, products.products)
            raise at.at("product").error(f"unknown product {found.product!r}{hint}")
        for cidr in found.cidrs:
            if not is_network(cidr):
                raise at.at("cidrs").error(f"{cidr!r} is no CIDR block.")
    return products


def read_questions(raw: Any, file: str) -> dict[str, Asking]:
    """What to ask about what lacks. Raises RuleError."""
    place = Place(file)
    found: dict[str, Asking] = {}
    for key, item in mapping(raw, place).items():
        at = place.at(key)
        gate = key.partition("@")[2]
        if "@" in key and gate not in GATE_PREFIXES:
            raise at.error(f"unknown gate {gate!r}{did_you_mean(gate, GATE_PREFIXES)}")
        asking = found[key] = build(Asking, item, at)
        check_asking(asking, at)
    return found


def check_asking(asking: Asking, place: Place) -> None:
    en, zh = names_in(asking.ask.en), names_in(asking.ask.zh)
    if en != zh:
        raise place.at("ask").error("en and zh must have the same placeholders.")
    ids = [reply.id for reply in asking.replies]
    if len(set(ids)) < len(ids):
        raise place.at("replies").error("two replies have the same id.")
    if asking.value is not None and bool(asking.value.patch) == bool(asking.value.question):
        raise place.at("value").error("needs either a patch or the part of the question it says.")
    if names_in(asking.why.en) | names_in(asking.why.zh):
        raise place.at("why").error("takes no placeholders.")
    parts = [("ask", en, ASKED_ABOUT)]
    for index, reply in enumerate(asking.replies):
        en, zh = names_in(reply.text.en), names_in(reply.text.zh)
        if en != zh:
            at = place.at("replies").at(index)
            raise at.at("text").error("en and zh must have the same placeholders.")
        parts.append((f"replies[{index}]", en | names_in(reply.patch), ASKED_ABOUT))
    parts.append(("paste", names_in(asking.paste), ASKED_ABOUT))
    if asking.value is not None:
        parts.append(("value", names_in(asking.value.patch), ASKED_ABOUT | {"value"}))
    for where, names, allowed in parts:
        for name in sorted(names - allowed):
            raise place.at(where).error(
                f"unknown placeholder {name!r}{did_you_mean(name, allowed)}"
            )


def names_in(value: Any) -> frozenset[str]:
    """The placeholders in a text, or in every text of a structure."""
    if isinstance(value, str):
        return frozenset(re.findall(r"\{([a-z_]+)\}", value))
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list, tuple)):
        return frozenset()
    return frozenset(name for part in parts for name in names_in(part))


def is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def read_symptoms(raw: Any, file: str) -> SymptomBook:
    """The symptoms, in their order. Raises RuleError."""
    from wayout.engine.symptoms.checks import problems_of_book  # never needed for stored ones

    place = Place(file)
    symptoms = [read_symptom(k, item, place.at(k)) for k, item in mapping(raw, place).items()]
    book = SymptomBook(symptoms)
    for where, problem in problems_of_book(book):
        raise place.at(where).error(problem)
    return book


def read_symptom(name: str, raw: Any, place: Place) -> Symptom:
    from wayout.engine.symptoms.checks import problems_of_symptom
    from wayout.engine.symptoms.model import Symptom

    body = mapping(raw, place)
    if "id" in body:
        raise place.error("unknown field 'id'.")
    symptom = build(Symptom, {**body, "id": name}, place)
    for field, problem in problems_of_symptom(symptom):
        raise (place.at(field) if field else place).error(problem)
    return symptom


def read_never(raw: Any, file: str) -> tuple[Never, ...]:
    """The remedies that are refused. Raises RuleError."""
    place = Place(file)
    found = [build(Never, n, place.at(i)) for i, n in enumerate(sequence(raw, place))]
    for index, never in enumerate(found):
        if not (never.contains or never.one_of):
            raise place.at(index).error("needs `contains` or `one_of`: it would match everything.")
        if never.id in [other.id for other in found[:index]]:
            raise place.at(index).at("id").error(f"{never.id!r} is taken.")
    return tuple(found)


def read_condition(raw: Any, place: Place) -> dict[str, Any]:
    body = mapping(raw, place)
    is_negated = "none" in body
    if is_negated and len(body) == 1:
        body, place = mapping(body["none"], place.at("none")), place.at("none")
    kind, fields = single(body, place)
    if kind not in KINDS:
        raise place.error(f"unknown kind {kind!r}{did_you_mean(kind, [*KINDS, 'none'])}")
    tests: list[dict[str, Any]] = []
    for field, value in mapping(fields if fields is not None else {}, place.at(kind)).items():
        tests += read_tests(kind, field, value, place.at(kind).at(field))
    return {"kind": kind, "tests": tests, "is_negated": is_negated}


def read_tests(kind: str, field: str, value: Any, place: Place) -> list[dict[str, Any]]:
    try:
        allowed = field_type(kind, field)
    except RuleError as error:
        raise place.error(str(error)) from None
    if not isinstance(value, dict):
        if is_variable(value):
            if not VARIABLE.fullmatch(value):
                raise place.error(f"{value!r} is no variable: write $name in lower case.")
            return [{"field": field, "operator": "same", "value": value}]
        if problem := allowed.problem_with(value):
            raise place.error(problem)
        return [{"field": field, "operator": "is", "value": value}]
    if not value:
        raise place.error("a test needs a value.")
    known(value, OPERATORS, place, "operator")
    for operator, constant in value.items():
        if is_variable(constant):
            raise place.at(operator).error("variables can only be equal; a constant is needed.")
        if operator != "not" and allowed.base is not int:
            raise place.at(operator).error(f"only whole numbers have an order; this is {allowed}.")
        if problem := allowed.problem_with(constant):
            raise place.at(operator).error(problem)
    return [{"field": field, "operator": op, "value": v} for op, v in value.items()]


def imply_main_flow(when: list[dict[str, Any]], place: Place) -> None:
    """A conclusion is about a main flow: fills in `role: main` where no role is tested."""
    mains = 0
    for index, pattern in enumerate(when):
        if pattern["kind"] != Flow.kind or pattern["is_negated"]:
            continue
        roles = [test for test in pattern["tests"] if test["field"] == "role"]
        if not roles:
            roles = [{"field": "role", "operator": "is", "value": "main"}]
            pattern["tests"] += roles
        if any(test["operator"] != "is" for test in roles):
            raise place.at(index).at("flow.role").error("say `main` or `lookup`, or leave it out.")
        mains += roles[0]["value"] == "main"
    if mains != 1:
        raise place.error(
            "a rule that concludes needs exactly one `flow` pattern for the main flow"
            f" (there {'is none' if not mains else f'are {mains}'}); mark others `role: lookup`."
        )


def one_fact(raw: Any, place: Place) -> dict[str, Any]:
    kind, fields = single(mapping(raw, place), place)
    if kind not in KINDS:
        raise place.error(f"unknown kind {kind!r}{did_you_mean(kind, KINDS)}")
    fields = mapping(fields if fields is not None else {}, place.at(kind))
    known(fields, fact_class(kind).model_fields, place.at(kind))
    for field, value in fields.items():
        if is_variable(value):
            continue
        if problem := field_type(kind, field).problem_with(value):
            raise place.at(kind).at(field).error(problem)
    lacking = [n for n, i in fact_class(kind).model_fields.items() if i.is_required()]
    if lacking := [name for name in lacking if name not in fields]:
        raise place.at(kind).error(f"needs {' and '.join(lacking)}.")
    return {"kind": kind, "fields": fields}


def mapping(raw: Any, place: Place) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise place.error("must be a mapping (`key: value`).")
    return raw


def sequence(raw: Any, place: Place) -> list[Any]:
    if not isinstance(raw, list) or not raw:
        raise place.error("must be a list that is not empty.")
    return raw


def single(body: Mapping[str, Any], place: Place) -> tuple[str, Any]:
    if len(body) != 1:
        raise place.error(f"must name exactly one kind, not {len(body)}: {', '.join(body)}.")
    return next(iter(body.items()))


def known(
    body: Mapping[str, Any], allowed: Iterable[str], place: Place, what: str = "field"
) -> None:
    names = list(allowed)
    for name in body:
        if name not in names:
            raise place.error(f"unknown {what} {name!r}{did_you_mean(name, names)}")


def build(model: type[M], body: Any, place: Place) -> M:
    """The validated model; the first problem becomes a RuleError."""
    try:
        # By way of JSON: lists become tuples there, while all scalars stay strict.
        return model.model_validate_json(json.dumps(body))
    except ValidationError as error:
        raise problem_of(error, model, place) from None


def problem_of(error: ValidationError, model: type[BaseModel], place: Place) -> RuleError:
    first = error.errors(include_url=False)[0]
    # A step that names a branch of a union is no place in the file.
    steps = [
        step
        for step in first["loc"]
        if step not in ("str", "bool", "Text") and not str(step).startswith("literal[")
    ]
    for step in steps:
        place = place.at(step)
    name = str(steps[-1]) if steps else ""
    match first["type"]:
        case "extra_forbidden":
            return place.error(f"unknown field{did_you_mean(name, model.model_fields)}")
        case "missing":
            return place.error("is missing.")
        case "literal_error" if steps[1:] and steps[0] in GATE_LISTS:
            from wayout.engine.symptoms.model import SUSPECTS

            return place.error(f"unknown gate{did_you_mean(str(first['input']), SUSPECTS)}")
        case "literal_error" if name == "gate":
            return place.error(f"unknown gate{did_you_mean(first['input'], GATE_PREFIXES)}")
        case "literal_error":
            options = re.findall(r"'([^']*)'", str(first["ctx"]["expected"]))
            return place.error(f"{first['input']!r}{did_you_mean(first['input'], options)}")
        case "string_type":
            return place.error(f"must be text, not {json.dumps(first['input'])}.")
        case "string_pattern_mismatch":
            return place.error(
                f"{first['input']!r} does not have the form {first['ctx']['pattern']}."
            )
        case _:
            return place.error(f"{first['msg']}.")
