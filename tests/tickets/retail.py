"""Tickets of a second account: two zones, a pool of two exit addresses, Services in 192.168/16.

Its documents stand in `retail/world`; each ticket beside them replaces, adds or leaves out some.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.tickets.tickets import Ticket
from wayout.engine import Case, Question

FOLDER = Path(__file__).parent / "retail"
POD = "checkout/cart-7c9f-abcde"


@cache
def documents() -> dict[str, Path]:
    return {path.stem: path for path in sorted((FOLDER / "world").glob("*.json"))}


@dataclass(frozen=True)
class RetailTicket(Ticket):
    name: str = ""  # of its file

    def asked(self) -> tuple[Case, Question]:
        return case_of(self.name), Question(pod=self.pod, destination=self.to)


def case_of(name: str) -> Case:
    said = read(name)
    left_out = {*said.get("without", ()), *said.get("replaced", ())}
    assert left_out <= set(documents()), left_out
    kept = [path for stem, path in documents().items() if stem not in left_out]
    return Case.load(*kept, *said.get("replaced", {}).values(), *said.get("documents", ()))


def ticket_of(name: str) -> RetailTicket:
    said = read(name)
    told = ("source", "fix", "never", "lacks")
    return RetailTicket(
        name=name,
        title=said["title"],
        to=said["to"],
        documents=[],
        verdict=said["verdict"],
        gate=said.get("gate", ""),
        pod=said.get("pod", POD),
        **{key: tuple(said.get(key, ())) for key in told},
    )


def names() -> list[str]:
    return [path.stem for path in sorted(FOLDER.glob("*.yaml"))]


@cache
def read(name: str) -> dict[str, Any]:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    said: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return said


RETAIL = [ticket_of(name) for name in names()]
