"""Drives the C module of durable_rules: rulesets, sessions, firings. Nothing else touches it.

The module is used directly. Its Python front starts timer threads that run rules behind the
caller's back and swallows errors. Four habits keep the C code within what it does right: a
session is a small whole number; no batch is empty; a session is always deleted; a slot for a
session fires one action before anything is deleted from it, as deletion reads what firing sets.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from wayout.engine.errors import EngineError

__all__ = ["Ruleset", "engine_module"]

REMEDY = (
    'CPPFLAGS="-O2 -DPyEval_CallObject=PyObject_CallObject" pip install '
    "--force-reinstall --no-binary durable-rules --no-cache-dir durable-rules"
)


def engine_module() -> Any:
    """The C module. Raises EngineError when it is absent or was built without its flag."""
    try:
        import durable_rules_engine
    except ModuleNotFoundError:
        raise EngineError(f"durable_rules is not installed; install it with: {REMEDY}") from None
    except ImportError:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise EngineError(
            f"this build of durable_rules does not load on Python {version}; "
            f"build it anew with: {REMEDY}"
        ) from None
    return durable_rules_engine


class Ruleset:
    """One compiled ruleset with room for `sessions` runs at a time."""

    def __init__(self, name: str, definition: str, warm_kind: str, sessions: int) -> None:
        self._engine = engine_module()
        try:
            self._handle: int = self._engine.create_ruleset(name, definition)
        except Exception as error:
            raise EngineError(f"the rules engine refuses the rules of {name}: {error}.") from None
        self._warm_up(warm_kind, sessions)

    def _warm_up(self, kind: str, sessions: int) -> None:
        """Fires one action in as many live sessions as there will ever be at a time."""
        for session in range(1, sessions + 1):
            message = f'[{{"kind":"{kind}","id":"w","sid":{session}}}]'
            state = self._engine.assert_facts(self._handle, message)[1]
            if self._engine.start_action_for_state(self._handle, state) is None:
                raise EngineError("the rules engine did not fire its first rule.")
            self._engine.complete_and_start_action(self._handle, state)
        for session in range(1, sessions + 1):
            self._engine.delete_state(self._handle, str(session))

    def insert(self, messages: list[str]) -> Iterator[str]:
        """Asserts facts of one session (at least one) and yields each firing as JSON."""
        if not messages:
            raise ValueError("a batch must hold a fact: the rules engine crashes on none")
        batch = "[" + ",".join(messages) + "]"
        _, state = self._engine.assert_facts(self._handle, batch)
        started = self._engine.start_action_for_state(self._handle, state)
        firing = started[1] if started else None
        while firing is not None:
            yield firing
            firing = self._engine.complete_and_start_action(self._handle, state)

    def forget(self, session: int) -> None:
        """Deletes all facts of a session that had at least one batch."""
        self._engine.delete_state(self._handle, str(session))

    def close(self) -> None:
        """Frees the ruleset; it must not be used any more."""
        self._engine.delete_ruleset(self._handle)
