"""Changes as a person names them: a fix of the answer, `LIST/KEY.FIELD=VALUE`, other documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wayout.engine.advise.answer import Answer, Text
from wayout.engine.advise.comparison import Applied
from wayout.engine.case import Case
from wayout.engine.case.lists import MODELS, NAMESPACED, OWNED
from wayout.engine.case.refusal import did_you_mean
from wayout.engine.errors import InputError

__all__ = ["Wanted", "changed", "edit_of"]

Wanted = str | Mapping[str, Any] | Case
SHOWN = 120  # characters of an edit that are repeated to the reader
VERBS = frozenset({"add", "set", "remove"})
SETTING = re.compile(r"(?P<place>[a-z_]+/.+?)=(?P<value>.*)", re.DOTALL)


def changed(
    case: Case, answer: Answer, changes: Iterable[Wanted]
) -> tuple[Case, tuple[Applied, ...]]:
    """The case after the changes, made in their order, and what they were.

    A text is the id of a fix of `answer` or `LIST/KEY.FIELD=VALUE`; a mapping is an edit as
    `Case.patched` takes it; a case holds documents that replace. Raises InputError for what is
    none of them or cannot be made.
    """
    applied: list[Applied] = []
    for wanted in changes:
        if isinstance(wanted, Case):
            case = case.overlaid(wanted)
            applied.append(documents_of(wanted))
        elif isinstance(wanted, str) and "=" not in wanted:
            case = case.patched(patch_of(answer, wanted))
            title = next(fix.title for fix in answer.fixes if fix.id == wanted)
            applied.append(Applied(name=wanted, text=title))
        else:
            edit = edit_of(case, wanted) if isinstance(wanted, str) else wanted
            after = case.patched([edit])
            applied.append(words_of(edit, is_idle=is_idle(case, after, edit)))
            case = after
    return case, tuple(applied)


def patch_of(answer: Answer, name: str) -> Sequence[Mapping[str, Any]]:
    """What a fix does to the case."""
    known = {fix.id: fix for fix in answer.fixes}
    if name not in known:
        has = f"it has {', '.join(known)}" if known else "it has none"
        hint = did_you_mean(name, known) or f"; {has}"
        raise InputError(f"the answer has no fix {short(name)}{hint}.")
    if not known[name].patch:
        raise InputError(f"documents cannot tell what the fix {name} does to the case.")
    return known[name].patch


def edit_of(case: Case, setting: str) -> dict[str, Any]:
    """`LIST/KEY.FIELD=VALUE` as an edit; `LIST/KEY=null` takes the record away.

    KEY is an id, `namespace/name`, or `owner/id` for parts of a cloud resource; FIELD may be a path
    with dots and has the name that documents use. VALUE is JSON, or text when it is none. Raises
    InputError when the case has no such record.
    """
    match = SETTING.fullmatch(setting.strip())
    if match is None:
        raise InputError(f"{short(setting)} is not LIST/KEY.FIELD=VALUE.")
    name, _, rest = match["place"].partition("/")
    if name not in MODELS:
        raise InputError(f"no list is called {short(name)}{did_you_mean(name, MODELS)}.")
    of, key, path = record_of(case, name, rest)
    value = value_of(match["value"])
    owner = {"of": of} if of else {}
    if not path:
        if value is not None:
            raise InputError(f"{short(setting)} names no field of {name}/{rest}; null removes it.")
        return {"remove": name, "key": key, **owner}
    for step in reversed(path.split(".")):
        value = {step: value}
    return {"set": name, "key": key, **owner, "fields": value}


def record_of(case: Case, name: str, rest: str) -> tuple[str, str, str]:
    """Owner, key and field path: the longest beginning of `rest` that is a record of the case."""
    ends = [len(rest), *(m.start() for m in reversed(list(re.finditer(r"\.", rest))))]
    for end in ends:
        key, path = rest[:end], rest[end + 1 :]
        of = ""
        if name in OWNED and "/" in key:
            of, _, key = key.partition("/")
        if case.get(MODELS[name], key, of) is not None:
            return of, key, path
    known = [record.value.key for record in case.listing(MODELS[name]).records]  # type: ignore[attr-defined]
    key = ".".join(rest.split(".")[:1])
    example = "namespace/name" if name in NAMESPACED else "id"
    hint = did_you_mean(key, known) or f"; a key of {name} is {example}"
    raise InputError(f"the case has no {name}/{key}{hint}.")


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def is_idle(before: Case, after: Case, edit: Mapping[str, Any]) -> bool:
    """Whether a record says after an edit just what it said before."""
    if "set" not in edit:
        return False
    model, key, of = MODELS[edit["set"]], edit["key"], edit.get("of", "")
    old, new = before.get(model, key, of), after.get(model, key, of)
    return old is not None and new is not None and old.value == new.value


def words_of(edit: Mapping[str, Any], *, is_idle: bool) -> Applied:
    verb = next((verb for verb in VERBS if verb in edit), "")
    name = "/".join(str(edit[part]) for part in (verb, "of", "key") if edit.get(part))
    body = edit.get("fields", edit.get("item"))
    said = f" {short(json.dumps(body, ensure_ascii=False))}" if body is not None else ""
    en = {"add": "add to", "set": "set", "remove": "remove"}.get(verb, verb)
    zh = {"add": "新增到", "set": "修改", "remove": "删除"}.get(verb, verb)
    idle_en = "; the record said so before, or no rule reads that field" if is_idle else ""
    idle_zh = "；该记录原本如此，或没有规则读取该字段" if is_idle else ""
    return Applied(
        name=name,
        text=Text(en=f"{en} {name}{said}{idle_en}", zh=f"{zh} {name}{said}{idle_zh}"),
    )


def documents_of(case: Case) -> Applied:
    """The documents that a case was made from, by name."""
    records = (r for b in case._contents.records.values() for of in b.values() for r in of.values())
    names = dict.fromkeys(origin.document for record in records for origin in record.origins)
    for part in case._contents.parts:
        names.setdefault(part.origin.document)
    shown = ", ".join(sorted(names)) or "-"
    return Applied(name=shown, text=Text(en=f"documents of {shown}", zh=f"使用文档 {shown}"))


def short(text: str) -> str:
    """A printable echo of what somebody wrote, without its end when it is long."""
    safe = "".join(c if c.isprintable() else "?" for c in text[:SHOWN])
    return f"{safe}…" if len(text) > SHOWN else safe
