"""What a document is: each is recognised by itself, whatever file it came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wayout.engine.case.answers import take_absence
from wayout.engine.case.cloud import take_cloud
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.json_text import printable, short
from wayout.engine.case.kube import split_command, take_kubernetes
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import normal
from wayout.engine.case.refusal import RefusedError, did_you_mean
from wayout.engine.case.secrets import scrub

__all__ = ["recognise"]

ENVELOPE = ("action", "request", "response", "collected_at", "error")
NESTING_LIMIT = 10


def recognise(gatherer: Gatherer, value: Any, frame: Frame, depth: int = 0) -> None:
    """Hand a parsed document to the parser for its kind; raises RefusedError."""
    if depth > NESTING_LIMIT:
        raise RefusedError(frame.origin, "documents are nested too deeply")
    if isinstance(value, list):
        for index, item in enumerate(value):
            inner = Frame(frame.origin.at(index), frame.stem)
            recognise(gatherer, item, inner, depth + 1)
    elif not isinstance(value, dict):
        raise RefusedError(frame.origin, not_a_mapping(value))
    elif is_envelope(value):
        take_envelope(gatherer, value, frame, depth)
    elif is_case_file(value):
        # it may hold documents of every other kind, so it comes last
        from wayout.engine.case.casefile import take_case_file

        take_case_file(gatherer, value, frame)
    elif "kind" in value or "apiVersion" in value:
        take_kubernetes(gatherer, value, frame)
    else:
        take_cloud(gatherer, value, frame)


def not_a_mapping(value: Any) -> str:
    if isinstance(value, str) and re.match(r"(?:NAMESPACE\s+)?NAME\s", value):
        return "this is a table for people; print it with kubectl get ... -o yaml"
    return "a document must be a mapping, such as a Kubernetes object or an Alibaba Cloud answer"


def is_case_file(value: Mapping[str, Any]) -> bool:
    version = value.get("apiVersion")
    return isinstance(version, str) and version.partition("/")[0] == "wayout"


def is_envelope(value: Mapping[str, Any]) -> bool:
    if "kind" in value or "apiVersion" in value:
        return False
    return "response" in value or ("error" in value and "action" in value)


def take_envelope(gatherer: Gatherer, value: Mapping[str, Any], frame: Frame, depth: int) -> None:
    for key in value:
        if key not in ENVELOPE:
            hint = did_you_mean(key, ENVELOPE)
            raise RefusedError(frame.origin.at(key), f"an envelope has no key {short(key)}{hint}")
    action, time = text(value, "action", frame), text(value, "collected_at", frame)
    words = split_command(action)
    request = request_of(value, words, frame)
    origin = Origin(frame.origin.document, frame.origin.pointer, None, time)
    known_as = action if words[:1] == ["kubectl"] else action_name(words)
    inner = Frame(origin.at("response"), frame.stem, known_as, request)
    if value.get("error") or value.get("response") is None:
        failed = Frame(origin, frame.stem, known_as, request)
        if take_absence(gatherer, value.get("error"), failed):
            return
        gatherer.not_collected(scrub(action), reason_of(value.get("error")), origin)
        return
    recognise(gatherer, value["response"], inner, depth + 1)


def text(value: Mapping[str, Any], key: str, frame: Frame) -> str:
    found = value.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise RefusedError(frame.origin.at(key), f"{key} must be text")
    return printable(found, 2000)


def action_name(words: list[str]) -> str:
    """`DescribeVpcs` from `vpc:DescribeVpcs`, `aliyun vpc DescribeVpcs ...`."""
    names = [re.split(r"[:/.]", word)[-1] for word in words if not word.startswith("-")]
    if any(word == "ossutil" for word in words[:2]):  # `ossutil api get-bucket-policy --bucket x`
        names = ["".join(part.capitalize() for part in name.split("-")) for name in names]
    verbs = [n for n in names if re.match(r"(?:Describe|List|Get|Query)[A-Z]", n)]
    return (verbs or names or [""])[0]


def request_of(value: Mapping[str, Any], words: list[str], frame: Frame) -> dict[str, str] | None:
    """The request parameters with normalised keys, from `request` or an `aliyun` command line."""
    request = value.get("request")
    if request is None:
        return command_parameters(words) if words[:1] in (["aliyun"], ["ossutil"]) else None
    if not isinstance(request, dict):
        raise RefusedError(frame.origin.at("request"), "request must be a mapping")
    made: dict[str, str] = {}
    for key, given in request.items():
        if isinstance(given, list):
            given = ",".join(part for part in given if isinstance(part, str)) or bool(given)
        if given is not None and given != "" and given is not False and given != {}:
            made[normal(re.sub(r"\.\d+$", "", key))] = str(given) if is_scalar(given) else "…"
    return made


def is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def command_parameters(words: list[str]) -> dict[str, str]:
    """`--RegionId cn-x --PageSize=50` of an `aliyun` command line."""
    made: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            flag, _, given = word[2:].partition("=")
            if flag == "pager":  # joins the pages by itself
                continue
            made[normal(flag)] = given or next(rest, "")
    return {key: given for key, given in made.items() if given and key not in CLI_FLAGS}


CLI_FLAGS = frozenset({"profile", "output", "region", "endpoint", "secure", "force", "waiter"})


def reason_of(error: Any) -> str:
    if isinstance(error, dict):
        error = next((error[k] for k in ("Code", "code", "Message", "message") if k in error), "")
    shown = scrub(error) if isinstance(error, str) and error else "no answer"
    return printable(shown)
