"""The log: one JSON object a line, about requests and never about cases."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["defect", "log", "to_stderr"]

log = logging.getLogger("wayout.service")


class Lines(logging.Formatter):
    """A message may be a mapping, whose parts become those of the line."""

    def format(self, record: logging.LogRecord) -> str:
        said = record.msg if isinstance(record.msg, dict) else {"message": record.getMessage()}
        error = record.exc_info[1] if record.exc_info else None
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": time, "level": record.levelname.lower(), **said}
        return json.dumps({**line, **({"defect": defect(error)} if error is not None else {})})


def to_stderr() -> None:
    """Everything that is logged in this process goes there, from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    logging.basicConfig(handlers=[handler], level=logging.INFO)


def defect(error: BaseException) -> str:
    """What went wrong and where: not its message, which may repeat what a case says."""
    trace, place = error.__traceback__, "nowhere"
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__} at {place}"
