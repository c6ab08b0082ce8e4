"""Answers that do not say what they belong to: the request does, or the only one it can be."""

from __future__ import annotations

from collections.abc import Callable

from wayout.engine.case.gathering import Frame, Gatherer

__all__ = ["adopt"]


def adopt(
    gatherer: Gatherer, frame: Frame, parameter: str, name: str, read: Callable[[str], None]
) -> None:
    """Call `read` with the owner's id: that of the request, or else of the only record of the
    list `name` when every document is known. Without either the answer counts for none."""
    asked = (frame.request or {}).get(parameter, "")
    if asked:
        read(asked)
        return

    def later() -> None:
        known = list(gatherer.contents.bucket(name, ""))
        if len(known) == 1:
            gatherer.notice(
                f"{frame.origin.document} does not say what it belongs to; "
                f"taken as about {known[0]}, the only one it can be.",
                f"{frame.origin.document} 未说明所属资源，按唯一可能的 {known[0]} 处理。",
                frame.origin,
            )
            read(known[0])
            return
        gatherer.notice(
            f"{frame.origin.document} does not say what it belongs to, so it counts for none; "
            "put it into an envelope with its request.",
            f"{frame.origin.document} 未说明所属资源，不予采用；请用带 request 的信封格式提供。",
            frame.origin,
        )

    gatherer.deferred.append(later)
