"""Is any policy enforced on the pod? The component, the annotations and the hardware, as read.

What they mean together is said in `knowledge/rules/policy/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from wayout.engine.case import Addon, Case, Pod, Record
from wayout.engine.case.kubernetes import Workload
from wayout.engine.facts.policy import (
    PolicyAgent,
    PolicyAgentStray,
    PolicyComponent,
    PolicyComputeClass,
    PolicyMode,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.placement import places
from wayout.engine.observe.selectors import Labels, is_empty, selects

__all__ = ["has_agent", "read_component", "read_enforcement", "read_pod"]

AGENT_KEYS = (
    "alibabacloud.com/enable-network-policy-agent",
    "network.alibabacloud.com/enable-network-policy-agent",
)
MODE_KEY = "network.alibabacloud.com/network-policy-mode"
COMPUTE_CLASS = "alibabacloud.com/compute-class"
COMPONENT = "poseidon"

Supported = Literal["yes", "no", "unknown"]


def read_enforcement(view: View) -> Iterator[Sighting]:
    """What the pod and its workloads say of the agent, the engine mode and the hardware."""
    yield from read_pod(view.pod, view.pod_record)
    yield from read_stray_agents(view)


def read_pod(pod: str, record: Record[Pod] | None) -> Iterator[Sighting]:
    """What the pod itself says; without a document nothing is known."""
    yield read_agent(pod, record)
    yield read_mode(pod, record)
    yield read_compute_class(pod, record)


def has_agent(pod: Pod) -> bool:
    """Whether an annotation of the pod switches the agent on."""
    return bool(agent_key(pod.metadata.annotations))


def read_agent(pod: str, record: Record[Pod] | None) -> Sighting:
    if record is None:
        return Sighting(PolicyAgent(pod=pod, setting="unknown"))
    annotations = record.value.metadata.annotations
    found = {key: annotations[key] for key in AGENT_KEYS if key in annotations}
    if not found:
        return Sighting(
            PolicyAgent(pod=pod, setting="absent", key=AGENT_KEYS[0]),
            places(record, "metadata", "annotations"),
        )
    settings = dict.fromkeys(agent_setting(text) for text in found.values())
    key, text = next(iter(found.items()))
    fact = PolicyAgent(
        pod=pod,
        setting=next(iter(settings)) if len(settings) == 1 else "unclear",
        key=key,
        text=text,
    )
    return Sighting(fact, places(record, "metadata", "annotations", key))


def agent_setting(text: str) -> Literal["on", "off", "unclear"]:
    """Only "true" is documented; what common parsers also take for true settles nothing."""
    if text == "true":
        return "on"
    return "unclear" if text.strip().lower() in ("true", "t", "1") else "off"


def read_stray_agents(view: View) -> Iterator[Sighting]:
    """Workloads of the pod that carry the annotation elsewhere than the pod does."""
    record = view.pod_record
    if record is None:
        return
    on_pod = agent_key(record.value.metadata.annotations)
    labels = Labels(record.value.metadata.labels)
    for workload in view.case.listing(Workload, of=view.pod.partition("/")[0]).records:
        spec, meta = workload.value.spec, workload.value.metadata
        if spec.selector is None or is_empty(spec.selector):
            continue
        if selects(spec.selector, labels) is not True:
            continue
        name = f"{workload.value.kind} {meta.namespace}/{meta.name}".strip()
        on_template = agent_key(spec.template.metadata.annotations)
        place: Literal["metadata", "template", "pod"]
        if on_template and not on_pod:
            place = "template"
            origins = places(workload, "spec", "template", "metadata", "annotations", on_template)
        elif on_pod and not on_template:
            place = "pod"
            origins = places(record, "metadata", "annotations", on_pod)
            origins += places(workload, "spec", "template", "metadata")
        elif not on_pod and (own := agent_key(meta.annotations)):
            place = "metadata"
            origins = places(workload, "metadata", "annotations", own)
        else:
            continue
        yield Sighting(PolicyAgentStray(pod=view.pod, workload=name, place=place), origins)


def agent_key(annotations: Mapping[str, str]) -> str:
    """The first spelling that is set to "true", "" when none is."""
    return next((key for key in AGENT_KEYS if annotations.get(key) == "true"), "")


def read_mode(pod: str, record: Record[Pod] | None) -> Sighting:
    if record is None:
        return Sighting(PolicyMode(pod=pod, mode="unknown"))
    text = record.value.metadata.annotations.get(MODE_KEY)
    match text:
        case None:
            mode = PolicyMode(pod=pod, mode="absent")
            return Sighting(mode, places(record, "metadata", "annotations"))
        case "network-policy" | "traffic-policy" | "enhanced-traffic-policy":
            fact = PolicyMode(pod=pod, mode=text, text=text)
        case _:
            fact = PolicyMode(pod=pod, mode="unclear", text=text)
    return Sighting(fact, places(record, "metadata", "annotations", MODE_KEY))


def read_compute_class(pod: str, record: Record[Pod] | None) -> Sighting:
    if record is None:
        return Sighting(PolicyComputeClass(pod=pod, hardware="unknown"))
    meta = record.value.metadata
    # A label and an annotation of this name are both read; the label is the documented place.
    for part, values in (("labels", meta.labels), ("annotations", meta.annotations)):
        if name := values.get(COMPUTE_CLASS, ""):
            is_gpu = name == "gpu" or name.startswith("gpu-")
            fact = PolicyComputeClass(pod=pod, hardware="gpu" if is_gpu else "cpu", name=name)
            return Sighting(fact, places(record, "metadata", part, COMPUTE_CLASS))
    return Sighting(PolicyComputeClass(pod=pod), places(record, "metadata", "labels"))


def read_component(case: Case) -> Sighting:
    listing = case.listing(Addon)
    for record in listing.records:
        if record.value.name.strip().lower() == COMPONENT:
            if record.value.state == "absent":
                return Sighting(PolicyComponent(state="absent"), record.origins)
            version = record.value.version
            fact = PolicyComponent(
                state="installed",
                version=version,
                named_ports=is_since(version, (0, 3, 0)),
                namespace_selectors=is_since(version, (0, 5, 1)),
                traffic_policies=is_since(version, (0, 7, 0)),
            )
            return Sighting(fact, record.origins)
    state: Literal["absent", "unknown"] = "absent" if listing.is_complete else "unknown"
    return Sighting(PolicyComponent(state=state), listing.origins)


def is_since(version: str, since: tuple[int, int, int]) -> Supported:
    """Whether a version such as "v0.7.1.4-abcdef-aliyun" is at least `since`."""
    parts = re.match(r"v?([0-9]{1,9})\.([0-9]{1,9})(?:\.([0-9]{1,9}))?", version.strip())
    if parts is None:
        return "unknown"
    major, minor, patch = parts.groups(default="0")
    return "yes" if (int(major), int(minor), int(patch)) >= since else "no"
