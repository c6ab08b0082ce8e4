"""Answers of the products a pod may call: databases, load balancers, object storage and others.

One module per family. It has `take(gatherer, answer, frame) -> bool`: read the answer and say
whether it was one of the family. A module is imported when a key of an answer, or the action of
its envelope, is among `SIGNS`; a diagnosis that meets none of these pays nothing for them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.openapi import Item

__all__ = ["SIGNS", "take_product"]

# Key of an answer, as written there, or action -> module of this package.
SIGNS: Mapping[str, str] = {}


def take_product(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Whether a family knew the answer, which it then has read; raises RefusedError."""
    names = dict.fromkeys(SIGNS[sign] for sign in (frame.action, *answer) if sign in SIGNS)
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return any(module.take(gatherer, answer, frame) for module in modules)
