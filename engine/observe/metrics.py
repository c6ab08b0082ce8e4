"""What CloudMonitor measured at gateways, EIPs and shared bandwidth packages."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from wayout.engine.case import Metric, Record
from wayout.engine.facts.guards import MetricReading
from wayout.engine.observe.base import Sighting, View

__all__ = ["observe"]


def observe(view: View) -> Iterator[Sighting]:
    """The highest value of each metric of each resource; flows inside the VPC use none of them."""
    if all(flow.scope != "internet" for flow in view.flows):
        return
    highest: dict[tuple[str, str, str], tuple[Decimal, Record[Metric]]] = {}
    for record in view.case.listing(Metric).records:
        metric, value = record.value, decimal(record.value.value)
        place = (metric.instance_id, metric.namespace, metric.metric_name)
        if value is not None and (place not in highest or value > highest[place][0]):
            highest[place] = value, record
    for (resource, namespace, name), (value, record) in highest.items():
        fact = MetricReading(
            resource=resource,
            namespace=namespace,
            metric=name,
            level="positive" if value > 0 else "zero",
            value=record.value.value,
        )
        yield Sighting(fact, record.origins)


def decimal(text: str) -> Decimal | None:
    """A number that is not negative, or None."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and value >= 0 else None
