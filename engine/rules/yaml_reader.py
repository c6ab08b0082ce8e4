"""Reads one YAML document of the knowledge base, strictly.

Only `true`, `false`, `null`, decimal integers and text exist: no YAML 1.1 surprises (`on`, `yes`,
`12:30`, `010`, dates), no floats, no tags, no duplicate keys.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import yaml

from wayout.engine.errors import RuleError

__all__ = ["read_yaml"]

Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(Base):  # type: ignore[misc]
    """A safe loader with few implicit types and without duplicate keys."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=deep)
            problem = self.problem_with(key, mapping)
            if problem:
                raise yaml.MarkedYAMLError(None, None, problem, key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping

    @staticmethod
    def problem_with(key: Any, mapping: dict[Any, Any]) -> str:
        if not isinstance(key, str):
            return f"the key {key!r} is not text; put it in quotes"
        return f"the key {key!r} stands there twice" if key in mapping else ""


def construct_map(loader: Any, node: Any) -> Any:
    return loader.construct_mapping(node, deep=True)


Loader.add_constructor("tag:yaml.org,2002:map", construct_map)
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), ["t", "f"])
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(null|)$"), ["n", ""])
Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(0|[1-9][0-9]*)$"), list("-0123456789")
)


def read_yaml(path: Path, name: str) -> Any:
    """The one document of a file; raises RuleError naming it as `name`."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise RuleError(f"{name}: the file is not UTF-8.") from None
    except OSError as error:
        raise RuleError(f"{name}: cannot be read ({error.strerror}).") from None
    try:
        return yaml.load(text, Loader=Loader)  # Loader derives from the safe loader
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}:" if error.problem_mark else ""
        raise RuleError(f"{name}:{line} {error.problem}.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise RuleError(f"{name}: not valid YAML ({str(error).splitlines()[0]}).") from None
