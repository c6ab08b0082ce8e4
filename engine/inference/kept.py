"""Keeps what compiling a knowledge folder gave, so that a start need not do it again."""

from __future__ import annotations

from pydantic import TypeAdapter

from wayout.engine import facts, rules
from wayout.engine.inference.compile import Program, compile_rules
from wayout.engine.rules import Knowledge, cache

__all__ = ["program_of"]

NAME = "program"


def program_of(knowledge: Knowledge) -> Program:
    """All rules of a folder, compiled. Raises RuleError when a limit would be passed."""
    key = cache.key_of(knowledge.version, (__file__, rules.__file__, facts.__file__))
    adapter = TypeAdapter(Program)
    if (content := cache.fetch(NAME, key)) is not None:
        try:
            return adapter.validate_json(content, strict=True)
        except ValueError:
            pass  # spoiled, although its checksum is right: compiled again below
    program = compile_rules(knowledge.book.values())
    cache.keep(NAME, key, adapter.dump_json(program))
    return program
