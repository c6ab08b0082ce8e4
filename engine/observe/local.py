"""Which flows never leave the pod, so that nothing outside it has a say on them."""

from __future__ import annotations

from wayout.engine.facts.common import Flow
from wayout.engine.observe.base import View
from wayout.engine.observe.placement import pod_ip

__all__ = ["is_own_address", "stays_inside"]


def stays_inside(view: View, flow: Flow) -> bool:
    """Whether the flow goes to a loopback address, or to the address of the pod itself."""
    if flow.role != "main":
        return False
    target = view.question.target
    is_loopback = flow.scope == "undetermined" and flow.family == "none"
    return is_loopback or target.host == "localhost" or is_own_address(view, flow.ip)


def is_own_address(view: View, ip: str) -> bool:
    """Whether the pod calls itself, unless the question names another pod with its address."""
    target = view.question.target
    if target.kind == "pod" and f"{target.namespace}/{target.name}" != view.pod:
        return False
    own = pod_ip(view.pod_record.value) if view.pod_record is not None else ""
    return own != "" and ip == own
