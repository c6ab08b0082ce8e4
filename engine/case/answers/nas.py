"""NAS: mount targets of file systems, and the rules of permission groups."""

from __future__ import annotations

from wayout.engine.case.cloud import paging_of, take_item
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, inner_list

__all__ = ["take", "take_target"]


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """DescribeMountTargets, DescribeFileSystems, DescribeAccessRules."""
    if "AccessRules" in answer:
        take_rules(gatherer, answer, frame)
        return True
    if "MountTargets" in answer:
        take_targets(gatherer, answer, frame)
        return True
    found = inner_list(answer, "FileSystems", "FileSystem", frame.origin)
    for item, place in found or ():
        inner = Frame(place, request={"filesystemid": str(item.get("FileSystemId") or "")})
        take_targets(gatherer, item, inner)
    return found is not None


def take_targets(gatherer: Gatherer, answer: Item, frame: Frame) -> None:
    system = (frame.request or {}).get("filesystemid", "")
    for item, place in inner_list(answer, "MountTargets", "MountTarget", frame.origin) or ():
        take_target(gatherer, item, place, frame, system)


def take_target(
    gatherer: Gatherer, item: Item, place: Origin, frame: Frame, system: str = ""
) -> str:
    """One mount target; its name begins with the id of the file system."""
    data = canonical_item(item)
    domain = str(data.get("MountTargetDomain") or "").rstrip(".").lower()
    data["MountTargetDomain"] = domain
    data["VSwitchId"] = data.get("VSwitchId") or data.get("VswId")
    data["FileSystemId"] = data.get("FileSystemId") or system or domain.partition("-")[0]
    key = take_item(gatherer, "mount_targets", data, place, frame)
    network = str(data.get("NetworkType") or "Vpc").lower()
    endpoint = {
        "InstanceId": data["FileSystemId"],
        "Product": "nas",
        "Host": domain,
        "Ip": data.get("Ip") or "",
        "Network": "private" if network == "vpc" else "classic",
        "VpcId": data.get("VpcId"),
        "VSwitchId": data["VSwitchId"],
    }
    take_item(gatherer, "instance_endpoints", endpoint, place, frame, endpoint["InstanceId"])
    return key


def take_rules(gatherer: Gatherer, answer: Item, frame: Frame) -> None:
    """The rules say nothing of their group; without the request they count for none."""
    group = (frame.request or {}).get("accessgroupname", "")
    found = inner_list(answer, "AccessRules", "AccessRule", frame.origin) or []
    first = canonical_item(found[0][0]) if found else {}
    group = group or str(first.get("AccessGroupName") or "")
    if not group:
        gatherer.notice(
            f"{frame.origin.document} does not say whose access rules these are, so they count "
            "for no permission group; put the answer into an envelope with its request.",
            f"{frame.origin.document} 未说明权限组规则所属的权限组，不予采用；"
            "请用带 request 的信封格式提供。",
            frame.origin,
        )
        return
    keys = [take_item(gatherer, "access_rules", item, at, frame, group) for item, at in found]
    paging = paging_of(gatherer, canonical_item(answer), frame, "access_rules")
    gatherer.part(paging.part("access_rules", group, frame.origin.at("AccessRules"), keys))
