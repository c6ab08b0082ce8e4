"""Runs the rules: facts in, firings out. The only place that knows durable_rules."""

from wayout.engine.inference.examples import check_examples
from wayout.engine.inference.results import Firing, Inferred
from wayout.engine.inference.runner import Inference, Memory

__all__ = ["Firing", "Inference", "Inferred", "Memory", "check_examples"]
