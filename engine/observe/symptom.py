"""The symptoms that error texts show; `error_text` reads them, once there are any."""

from __future__ import annotations

from collections.abc import Iterable

from wayout.engine.case import Observation
from wayout.engine.observe.base import Sighting, View

__all__ = ["observe"]


def observe(view: View) -> Iterable[Sighting]:
    """Facts about error texts; none when the case has none."""
    records = [r for r in view.case.listing(Observation).records if r.value.what == "error_text"]
    if not records:
        return ()
    from wayout.engine.observe.error_text import sightings  # much to load for a rare thing

    return sightings(view, records)
