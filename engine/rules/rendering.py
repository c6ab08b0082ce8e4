"""Fills the placeholders of fixes: commands for a shell, YAML documents, patch items.

A value from a document never changes the structure around it. Authors write placeholders bare;
each renderer quotes a value as its place demands, and refuses at load the places it cannot guard.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from wayout.engine.facts import Scalar
from wayout.engine.rules.text import Values, is_harmless, pattern, shown, substitute, visible

__all__ = ["problem_in_shell", "problem_in_yaml", "shell", "structure", "yaml_text"]

# Text that YAML reads back as itself without quotes: words, ids, CIDR blocks and addresses.
WORD = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?")
YAML_CONSTANTS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
# What may stand directly around a placeholder without separating it from the same plain scalar.
GLUE = r"[A-Za-z0-9_./:-]"
TOKEN = re.compile(rf"(?:{GLUE}|{pattern.pattern})*{pattern.pattern}(?:{GLUE}|{pattern.pattern})*")


def shell(command: str, values: Values) -> str:
    """A command in which every value is one word, or part of one, of a POSIX shell."""
    parts, end, quote = [], 0, ""
    for match in pattern.finditer(command):
        before = command[end : match.start()]
        quote = quote_after(before, quote)
        text = json_text(values[match[1]]) if match[2] else shown(values[match[1]])
        parts += [before, in_shell(text, quote, is_json=match[2] is not None)]
        end = match.end()
    return "".join(parts) + command[end:]


def in_shell(text: str, quote: str, *, is_json: bool) -> str:
    if quote == "'":
        # Single quotes hold JSON in practice; a value inside a JSON string must not end it.
        inner = text if is_json else json.dumps(text, ensure_ascii=False)[1:-1]
        return inner.replace("'", "'\\''")
    quoted = shlex.quote(text)
    # Inside double quotes a shell still expands; so the quotes end before the value.
    return f'"{quoted}"' if quote == '"' and quoted != text else quoted


def quote_after(text: str, quote: str) -> str:
    """The quote character a shell is inside of after reading `text`, or ""."""
    is_escaped = False
    for character in text:
        if is_escaped:
            is_escaped = False
        elif character == "\\" and quote != "'":
            is_escaped = True
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
    return quote


def problem_in_shell(command: str) -> str:
    """Why a command template cannot be filled safely; "" when it can."""
    quote = ""
    for line in command.splitlines():
        comment = re.search(r"(^|\s)#", line)
        if comment and not quote and pattern.search(line[comment.start() :]):
            return "a placeholder in a comment cannot be quoted."
        quote = quote_after(line + "\n", quote)
    if "<<" in command and pattern.search(command):
        return "here-documents cannot be quoted; use change.yaml."
    return "has a quote that is not closed." if quote else ""


def yaml_text(text: str, values: Values) -> str:
    """A YAML document in which every value is read back as itself.

    A placeholder together with what touches it is one scalar, quoted when it has to be; inside
    double quotes the value is escaped; `|json` inserts JSON text as a flow value.
    """

    def line_filled(line: str) -> str:
        quoted = [m.span() for m in re.finditer(r'"(?:[^"\\]|\\.)*"', line)]

        def insert(match: re.Match[str]) -> str:
            if any(a < match.start() and match.end() <= b for a, b in quoted):
                return substitute(match[0], lambda m: json_inner(values[m[1]]))
            if (alone := pattern.fullmatch(match[0])) is None:
                return yaml_scalar(substitute(match[0], lambda m: shown(values[m[1]])))
            value = values[alone[1]]
            return json_text(value) if alone[2] else yaml_scalar(value)

        return TOKEN.sub(insert, line)

    return "\n".join(line_filled(line) for line in text.split("\n"))


def yaml_scalar(value: Scalar) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    is_word = WORD.fullmatch(value) is not None and value.lower() not in YAML_CONSTANTS
    if is_word or ADDRESS.fullmatch(value):
        return value
    return json.dumps(visible(value), ensure_ascii=False)


def json_inner(value: Scalar) -> str:
    return json.dumps(shown(value), ensure_ascii=False)[1:-1]


def problem_in_yaml(text: str) -> str:
    """Why a YAML template cannot be filled safely; "" when it can."""
    for line in text.splitlines():
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
        for match in TOKEN.finditer(bare):
            before, after = bare[: match.start()], bare[match.end() :]
            starts = re.search(r"(^\s*|[:,-]\s+|[\[{]\s*)$", before)
            ends = re.match(r"\s*([,\]}]|#|:(\s|$)|$)", after)
            if "'" in before or starts is None or ends is None:
                return f"{match[0]} must be a whole value, or stand inside double quotes."
    return ""


def json_text(value: Scalar) -> str:
    """JSON text from a document, on one line; text that is no JSON becomes a JSON string."""
    text = json.dumps(parsed(value), ensure_ascii=False)
    return "".join(c if is_harmless(c) or ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in text)


def parsed(value: Scalar) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def structure(template: Any, values: Values) -> Any:
    """A copy of nested data with its placeholders filled.

    A text that is nothing but a placeholder becomes the value with its type, with `|json` the
    parsed structure; other texts get the value as it is.
    """
    if isinstance(template, Mapping):
        return {str(structure(k, values)): structure(v, values) for k, v in template.items()}
    if isinstance(template, list | tuple):
        return [structure(item, values) for item in template]
    if not isinstance(template, str):
        return template
    if alone := pattern.fullmatch(template):
        value = values[alone[1]]
        return parsed(value) if alone[2] else value
    return substitute(template, lambda m: raw_text(values[m[1]]))


def raw_text(value: Scalar) -> str:
    return value if isinstance(value, str) else json.dumps(value)
