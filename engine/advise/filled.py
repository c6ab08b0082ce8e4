"""Fills the texts of rules and fixes with the values of a firing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from wayout.engine.advise.answer import Change, Text
from wayout.engine.advise.known import filled_in
from wayout.engine.inference import Firing
from wayout.engine.rules import FixTemplate, plain
from wayout.engine.rules import Text as RuleText

__all__ = ["change_of", "fits", "rollback_of", "said", "sentence", "text"]


@lru_cache(maxsize=2048)  # answers share the titles of rules: fewer objects to collect
def text(words: RuleText) -> Text:
    """A text without placeholders."""
    return Text(en=words.en, zh=words.zh)


def said(firing: Firing) -> Text:
    """What a firing says."""
    words, values = firing.rule.sentence, firing.values
    return Text(en=plain(words.en, values), zh=plain(words.zh, values))


def sentence(words: RuleText, firing: Firing) -> Text:
    """A text of a fix the rule names, with the values of the firing."""
    values = firing.values
    return Text(en=plain(words.en, values), zh=plain(words.zh, values))


def fits(fix: FixTemplate, firing: Firing) -> bool:
    """Whether the fix is meant for what the firing found."""
    values = firing.values
    return all(plain(key, values) == wanted for key, wanted in fix.only_when.items()) and not any(
        plain(key, values) == unwanted for key, unwanted in fix.unless.items()
    )


def rollback_of(fix: FixTemplate, firing: Firing, known: Mapping[str, str]) -> Text:
    """How to undo a fix: the same command in both languages, or a sentence."""
    if isinstance(fix.rollback, str):
        command = filled_in(firing.shell_of(fix.rollback).strip(), known)
        return Text(en=command, zh=command)
    return sentence(fix.rollback, firing)


def change_of(fix: FixTemplate, firing: Firing, known: Mapping[str, str]) -> Change:
    """The exact change, quoted for the channel it is meant for."""
    change = fix.change
    return Change(
        yaml=firing.yaml_of(change.yaml),
        kubectl=filled_in(firing.shell_of(change.kubectl), known),
        aliyun=filled_in(firing.shell_of(change.aliyun), known),
        console=sentence(change.console, firing) if change.console else None,
    )
