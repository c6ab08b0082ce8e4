"""The rule language: models, loading with every check, texts. Knows no rules engine."""

from wayout.engine.rules.book import RuleBook
from wayout.engine.rules.knowledge import Knowledge, load_knowledge, read_knowledge
from wayout.engine.rules.model import (
    GATE_PREFIXES,
    Change,
    Channel,
    Conclusive,
    Edit,
    Example,
    FixTemplate,
    Given,
    HowToCollect,
    Inferred,
    ListNeed,
    Never,
    Operator,
    Pattern,
    Rule,
    Source,
    Test,
    Text,
    holds,
    is_variable,
)
from wayout.engine.rules.never import forbidden
from wayout.engine.rules.rendering import shell, structure, yaml_text
from wayout.engine.rules.strata import phases
from wayout.engine.rules.text import Values, placeholders, plain

__all__ = [
    "GATE_PREFIXES",
    "Change",
    "Channel",
    "Conclusive",
    "Edit",
    "Example",
    "FixTemplate",
    "Given",
    "HowToCollect",
    "Inferred",
    "Knowledge",
    "ListNeed",
    "Never",
    "Operator",
    "Pattern",
    "Rule",
    "RuleBook",
    "Source",
    "Test",
    "Text",
    "Values",
    "forbidden",
    "holds",
    "is_variable",
    "load_knowledge",
    "phases",
    "placeholders",
    "plain",
    "read_knowledge",
    "shell",
    "structure",
    "yaml_text",
]
