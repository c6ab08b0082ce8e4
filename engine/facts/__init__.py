"""The vocabulary: one small class per kind of fact, one module per gate.

The vocabulary is the contract between rule authors and engineers: a rule may only name the kinds
and fields declared here.
"""

import importlib
import pkgutil

from wayout.engine.facts.base import KINDS, Fact, ListRef, Scalar, make_fact

# A kind exists because its class exists in a module of this package.
for _module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
    importlib.import_module(f"{__name__}.{_module}")

__all__ = ["KINDS", "Fact", "ListRef", "Scalar", "make_fact"]
