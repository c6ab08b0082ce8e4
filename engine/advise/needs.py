"""What an undecided answer lacks and how to obtain it (`knowledge/collect.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from wayout.engine.advise.answer import Need, Text
from wayout.engine.advise.filled import text
from wayout.engine.facts.common import Conclusion, GateName, NotAssessed
from wayout.engine.rules import Knowledge

__all__ = ["needs_of"]

# Ids come from a case: only these characters may reach a command that somebody will paste.
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


@dataclass
class _Lack:
    gates: dict[GateName, None] = field(default_factory=dict)
    codes: dict[str, None] = field(default_factory=dict)


def needs_of(
    conclusions: Iterable[Conclusion], not_assessed: Iterable[NotAssessed], knowledge: Knowledge
) -> tuple[Need, ...]:
    """One entry per missing list, in the order of the gates that wait for it."""
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
    return tuple(_need(name, of, lack, knowledge) for (name, of), lack in lacks.items())


def _need(name: str, of: str, lack: _Lack, knowledge: Knowledge) -> Need:
    how = knowledge.collect.get(name)
    title = how.title if how else None
    en = title.en if title else name.replace("_", " ")
    zh = title.zh if title else name
    suffix = f" ({of})" if of else ""
    return Need(
        name=name,
        of=of,
        gates=tuple(lack.gates),
        codes=tuple(lack.codes),
        text=Text(en=en + suffix, zh=zh + (f"（{of}）" if of else "")),
        kubectl=_command(how.kubectl, of) if how else "",
        aliyun=_command(how.aliyun, of) if how else "",
        console=text(how.console) if how and how.console else None,
        permission=how.permission if how else "",
    )


def _command(template: str, of: str) -> str:
    return template.replace("{of}", of if of and set(of) <= _SAFE else "<id>")
