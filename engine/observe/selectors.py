"""Label selectors, three-valued: True, False, or None where the labels are not known.

Kubernetes semantics: all requirements must hold; `In` needs the key, while `NotIn` and
`DoesNotExist` also hold when it is absent; an empty selector selects everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from wayout.engine.case.kubernetes import LabelSelector, LabelSelectorRequirement

__all__ = [
    "NAMESPACE_NAME",
    "Labels",
    "all_of",
    "any_of",
    "describe_labels",
    "describe_selector",
    "enumerated",
    "is_empty",
    "lasting",
    "selector_json",
    "selects",
]

# Labels that controllers set on each replica or revision: a policy by them would not last.
FLEETING = frozenset(
    {
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-completion-index",
        "controller-revision-hash",
        "controller-uid",
        "pod-template-generation",
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
    }
)
NAMESPACE_NAME = "kubernetes.io/metadata.name"  # the API server puts it on every namespace
U = TypeVar("U")  # how the caller says "not known": None, or what is missing


@dataclass(frozen=True, slots=True)
class Labels:
    """What is known of an object's labels; `is_complete` False: it may have others too."""

    known: Mapping[str, str]
    is_complete: bool = True


def all_of(answers: Iterable[bool | U]) -> bool | U:
    """False if one is False; otherwise the first that is neither; otherwise True."""
    result: bool | U = True
    for answer in answers:
        if answer is False:
            return False
        if result is True:
            result = answer
    return result


def any_of(answers: Iterable[bool | U]) -> bool | U:
    """True if one is True; otherwise the first that is neither; otherwise False."""
    result: bool | U = False
    for answer in answers:
        if answer is True:
            return True
        if result is False:
            result = answer
    return result


def selects(selector: LabelSelector, labels: Labels) -> bool | None:
    """Whether the selector selects an object with these labels."""
    equal = (_equals(labels, key, value) for key, value in selector.match_labels.items())
    expressed = (_satisfies(labels, wanted) for wanted in selector.match_expressions)
    return all_of((all_of(equal), all_of(expressed)))


def _equals(labels: Labels, key: str, value: str) -> bool | None:
    if key in labels.known:
        return labels.known[key] == value
    return False if labels.is_complete else None


def _satisfies(labels: Labels, wanted: LabelSelectorRequirement) -> bool | None:
    if wanted.key not in labels.known:
        if not labels.is_complete:
            return None
        return wanted.operator in ("NotIn", "DoesNotExist")
    if wanted.operator in ("Exists", "DoesNotExist"):
        return wanted.operator == "Exists"
    return (labels.known[wanted.key] in wanted.values) == (wanted.operator == "In")


def is_empty(selector: LabelSelector) -> bool:
    """Whether the selector selects everything."""
    return not selector.match_labels and not selector.match_expressions


def lasting(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels by name, without those a controller gives to each replica or revision."""
    return {key: value for key, value in sorted(labels.items()) if key not in FLEETING}


def enumerated(names: Iterable[str], shown: int = 5) -> str:
    """`a, b, c`; of a long list the first few and how many more there are."""
    found = list(names)
    rest = f", … +{len(found) - shown}" if len(found) > shown else ""
    return ", ".join(found[:shown]) + rest


def describe_labels(labels: Mapping[str, str]) -> str:
    """`app=web,tier=front`, or `{}` when there are none: the notation of `kubectl -l`."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items())) or "{}"


def describe_selector(selector: LabelSelector) -> str:
    """`app=web,tier in (a,b),!canary`, or `{}` when empty: the notation of `kubectl -l`."""
    parts = [f"{key}={value}" for key, value in sorted(selector.match_labels.items())]
    parts += [_describe_expression(wanted) for wanted in selector.match_expressions]
    return ",".join(parts) or "{}"


def _describe_expression(wanted: LabelSelectorRequirement) -> str:
    match wanted.operator:
        case "Exists":
            return wanted.key
        case "DoesNotExist":
            return f"!{wanted.key}"
        case operator:
            return f"{wanted.key} {operator.lower()} ({','.join(wanted.values)})"


def selector_json(selector: LabelSelector) -> str:
    """The selector as the JSON text of a Kubernetes LabelSelector."""
    return json.dumps(
        selector.model_dump(by_alias=True, exclude_defaults=True),
        sort_keys=True,
        ensure_ascii=False,
    )
