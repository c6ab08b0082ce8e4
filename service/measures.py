"""What `/metrics` shows; nothing of what a case says."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from wayout.service.pool import Pool

__all__ = ["Measures"]

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Measures:
    """Counters of this process."""

    def __init__(self, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "wayout_requests", "Requests by verb and status", ["verb", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.verdicts = Counter(
            "wayout_verdicts", "Answers by verdict", ["verdict"], registry=self.registry
        )
        self.seconds = Histogram(
            "wayout_request_seconds", "Time of a request, waiting included", ["verb"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self.watch("wayout_workers", "Workers that serve", lambda: pool.alive)
        self.watch("wayout_waiting", "Requests that wait", lambda: pool.waiting)
        self.watch("wayout_worker_deaths", "Workers replaced", lambda: pool.deaths)

    def watch(self, name: str, meaning: str, value: Callable[[], float]) -> None:
        Gauge(name, meaning, registry=self.registry).set_function(value)

    def request(self, verb: str, status: int, seconds: float) -> None:
        """One request has ended."""
        self.seconds.labels(verb).observe(seconds)
        self.requests.labels(verb, str(status)).inc()
