"""The errors a caller may meet.

WayoutError              everything below; its text is one sentence for a person
├── InputError           a document, file or case that cannot be read
├── QuestionError        a question that names no pod or no destination
├── RuleError            a rule, fix or source file that cannot be used
└── EngineError          durable_rules is absent, unpatched or used beyond its limits
"""

from __future__ import annotations

__all__ = ["EngineError", "InputError", "QuestionError", "RuleError", "WayoutError"]


class WayoutError(Exception):
    """Base of every error that bad input can cause; `str(error)` is one clear sentence."""


class InputError(WayoutError):
    """A document cannot be used: the text names file, document and line or JSON pointer."""


class QuestionError(WayoutError):
    """The question itself is incomplete or malformed."""


class RuleError(WayoutError):
    """A knowledge file cannot be used: the text names the file and the field."""


class EngineError(WayoutError):
    """The rules engine cannot be loaded or a limit of it would be exceeded."""
