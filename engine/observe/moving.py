"""What a filter has to open for a destination that does not keep its address."""

from __future__ import annotations

from wayout.engine.facts.common import Flow
from wayout.engine.observe.base import View
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import plan_of

__all__ = ["CLOUD_SERVICES", "network_to_open"]

CLOUD_SERVICES = "100.64.0.0/10"  # the ranges of one product come and go


def network_to_open(view: View, flow: Flow) -> str:
    """The block that holds every address the destination may get; "" when it keeps its own.

    OSS moves buckets between the ranges of a region.
    """
    if flow.scope != "cloud-service" or flow.family != "ipv4":
        return ""
    plan = plan_of(view)
    main = next((main for main in plan.main if main.flow.flow == flow.flow), None)
    found = recognise(view, plan, main) if main is not None else None
    return CLOUD_SERVICES if found is not None and found.product == "oss" else ""
