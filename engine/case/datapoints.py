"""Datapoints of CloudMonitor: JSON inside a text, one mapping per resource and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wayout.engine.case.json_text import decode
from wayout.engine.case.model import Origin
from wayout.engine.case.refusal import RefusedError
from wayout.engine.errors import InputError

__all__ = ["datapoints", "number_text", "peaks"]

# Which of them an answer has depends on the metric.
STATISTICS = ("Value", "Maximum", "Sum", "Average", "Minimum")


def datapoints(value: Any, origin: Origin) -> list[Mapping[str, Any]]:
    """The mappings of `Datapoints`, a list or the text of one; raises RefusedError."""
    if isinstance(value, str):
        value = parsed(value.strip(), origin) if value.strip() else []
    if not isinstance(value, list) or not all(isinstance(point, dict) for point in value):
        raise RefusedError(origin, "Datapoints must be a list of mappings")
    return value


def parsed(text: str, origin: Origin) -> Any:
    try:
        value, end = decode(text, 0, "Datapoints")
    except (ValueError, InputError):
        end, value = 0, None
    if end != len(text):
        raise RefusedError(origin, "Datapoints must be the text of a JSON list")
    return value


def peaks(points: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The largest value of each resource as fields of a Metric; datapoints without are left out."""
    highest: dict[str, tuple[float, str]] = {}
    for point in points:
        resource, value = point.get("instanceId"), reading(point)
        if not isinstance(resource, str) or value is None:
            continue
        if resource not in highest or value > highest[resource][0]:
            highest[resource] = value, time_of(point)
    return [
        {"InstanceId": resource, "Value": number_text(value), "Timestamp": time}
        for resource, (value, time) in highest.items()
    ]


def time_of(point: Mapping[str, Any]) -> str:
    time = point.get("timestamp")
    return str(time) if isinstance(time, int) and not isinstance(time, bool) else ""


def reading(point: Mapping[str, Any]) -> float | None:
    """The largest of the statistics of a datapoint; None when it has no usable one."""
    found = [point[name] for name in STATISTICS if name in point]
    numbers = [
        float(value)
        for value in found
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e18
    ]
    return max(numbers, default=None)


def number_text(value: float) -> str:
    """A number as people write it: `12`, `0.25`."""
    return str(int(value)) if value == int(value) else f"{value:.6g}"
