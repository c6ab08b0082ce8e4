"""What the case knows for the `<placeholders>` of commands: a region, a VPC, the pod asked about.

Commands of the knowledge base name what only the reader can know as `<like-this>`. Some of it the
case does tell; only what it tells without ambiguity is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from wayout.engine.case import Case, Question
from wayout.engine.case.alibaba import Cluster, Vpc
from wayout.engine.case.kubernetes import Pod

__all__ = ["SAFE", "filled_in", "placeholders"]

# Values come from a case: only such as need no quoting may reach a command somebody will paste.
SAFE = re.compile(r"[A-Za-z0-9:][A-Za-z0-9_.:-]{0,252}")
BUCKET = re.compile(r"([a-z0-9-]{3,63})\.(?:s3\.)?oss-[a-z0-9-]+\.aliyuncs\.com")
WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
TEMPLATE_HASH = "pod-template-hash"
REGION = "topology.kubernetes.io/region"


def placeholders(case: Case, question: Question) -> Mapping[str, str]:
    """Placeholder, without its angle brackets, -> what stands for it in this case."""
    clusters = [record.value for record in case.listing(Cluster).records]
    vpcs = [record.value.vpc_id for record in case.listing(Vpc).records]
    pod = case.get(Pod, question.pod)
    annotations = (pod.value.metadata.annotations if pod else None) or {}
    labels = (pod.value.metadata.labels if pod else None) or {}
    region = only(
        [*(cluster.region_id for cluster in clusters), annotations.get(REGION), labels.get(REGION)]
    )
    namespace, _, name = question.pod.partition("/")
    target = question.target
    found = {
        "region": region,
        "region-id": region,
        "cluster-id": only(cluster.cluster_id for cluster in clusters),
        "vpc-id": only([*(cluster.vpc_id for cluster in clusters), *vpcs]),
        "namespace": namespace,
        "pod": name,
        "name": "" if target.scheme == "oss" else target.host,  # a bucket is no host name
        "address": target.ip,
        "port": str(target.port or ""),
        "bucket": target.bucket or bucket_in(target.host),
    }
    safe = {key: value for key, value in found.items() if SAFE.fullmatch(value)}
    kind, name = workload_of(pod.value) if pod is not None else ("", "")
    return {**safe, "workload": f"{kind}/{name}"} if SAFE.fullmatch(name) else safe


def workload_of(pod: Pod) -> tuple[str, str]:
    """Kind and name, as kubectl takes them, of what makes the pod from a template; else "", "".

    A ReplicaSet is made by a Deployment, which names it after itself and the hash of its template.
    """
    labels = pod.metadata.labels
    for owner in pod.metadata.owner_references:
        if owner.controller and owner.kind in WORKLOADS:
            return owner.kind.lower(), owner.name
        ending = f"-{labels.get(TEMPLATE_HASH, '')}"
        if owner.controller and owner.kind == "ReplicaSet" and owner.name.endswith(ending):
            return ("deployment", owner.name.removesuffix(ending)) if ending != "-" else ("", "")
    return "", ""


def bucket_in(host: str) -> str:
    """The bucket in the name of an OSS endpoint; "" for other names and for access points."""
    match = BUCKET.fullmatch(host)
    return match[1] if match is not None and not match[1].endswith("-ossalias") else ""


def only(values: Iterable[str | None]) -> str:
    """The one value that all who say something say; "" when nobody does or they differ."""
    said = {value for value in values if value}
    return said.pop() if len(said) == 1 else ""


def filled_in(command: str, known: Mapping[str, str]) -> str:
    """The command with the placeholders the case knows; the others stay for the reader."""
    return re.sub(r"<([a-z][a-z-]*)>", lambda match: known.get(match[1], match[0]), command)
