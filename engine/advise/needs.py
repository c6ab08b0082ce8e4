"""What an undecided answer lacks and how to obtain it (`knowledge/collect.yaml`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from wayout.engine.advise.answer import Need, Text
from wayout.engine.advise.filled import text
from wayout.engine.advise.known import SAFE, filled_in
from wayout.engine.facts.common import Conclusion, GateName, NotAssessed
from wayout.engine.rules import Knowledge

__all__ = ["needs_of", "title_of"]


FOR = re.compile(r"(?:\(([a-z]+-)\) )?(.*)")


@dataclass
class _Lack:
    gates: dict[GateName, None] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)


def needs_of(
    conclusions: Iterable[Conclusion],
    not_assessed: Iterable[NotAssessed],
    knowledge: Knowledge,
    known: Mapping[str, str],
) -> tuple[Need, ...]:
    """One entry per missing list, in the order of the gates that wait for it.

    `known` says what stands for the placeholders of commands (`engine.advise.known`).
    """
    lacks: dict[tuple[str, str], _Lack] = {}
    for conclusion in conclusions:
        if conclusion.status == "unknown" and conclusion.needs:
            lack = lacks.setdefault((conclusion.needs, conclusion.of), _Lack())
            lack.gates[conclusion.gate] = None
            lack.codes[conclusion.rule] = None
    for missing in not_assessed:
        lack = lacks.setdefault((missing.list, missing.of), _Lack())
        lack.gates[missing.gate] = None
        lack.codes[missing.rule] = None
    return tuple(_need(name, of, lack, knowledge, known) for (name, of), lack in lacks.items())


def _need(name: str, of: str, lack: _Lack, knowledge: Knowledge, known: Mapping[str, str]) -> Need:
    how = knowledge.collect.get(name)
    return Need(
        name=name,
        of=of,
        gates=tuple(lack.gates),
        codes=tuple(lack.codes),
        text=title_of(name, of, knowledge),
        kubectl=_commands(how.kubectl, of, known) if how else "",
        aliyun=_commands(how.aliyun, of, known) if how else "",
        console=text(how.console) if how and how.console else None,
        permission=how.permission if how else "",
    )


def title_of(name: str, of: str, knowledge: Knowledge) -> Text:
    """What a list is called: "the SNAT entries of the NAT gateway (ngw-1)"."""
    how = knowledge.collect.get(name)
    en, zh = (how.title.en, how.title.zh) if how else (name.replace("_", " "), name)
    return Text(en=en + (f" ({of})" if of else ""), zh=zh + (f"（{of}）" if of else ""))


def _commands(template: str, of: str, known: Mapping[str, str]) -> str:
    """The commands of one entry; of several, those that need nothing the case does not have.

    A command that begins with `(lb-)` is for owners whose id begins so.
    """
    filled = filled_in(template.replace("{of}", of if SAFE.fullmatch(of) else "<id>"), known)
    marked = [FOR.fullmatch(line) for line in filled.strip().splitlines()]
    fitting = [m[2] for m in marked if m is not None and m[1] and of.startswith(m[1])]
    lines = fitting or list(dict.fromkeys(m[2] for m in marked if m is not None))
    ready = [line for line in lines if not re.search(r"<[a-z-]+>", line)]
    return "\n".join(ready if ready and len(lines) > 1 else lines)
