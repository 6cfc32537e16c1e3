"""Counts for Prometheus, added up over the worker processes of one machine.

`events serve` names PROMETHEUS_MULTIPROC_DIR before the workers start; without it one process counts for itself.
"""

import os

from litestar import Response, get
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from events_app.web.security import anyone

_requests = Counter("events_requests", "Answered requests", ("method", "route", "status"))
_seconds = Histogram(
    "events_request_seconds",
    "Time to answer",
    ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count(method: str, route: str, status: int, seconds: float) -> None:
    """A method of somebody's own making counts as `other`: each new label would be kept for ever."""
    _requests.labels(method if method in _METHODS else "other", route, str(status)).inc()
    _seconds.labels(route).observe(seconds)


@get("/metrics", guards=[anyone], sync_to_thread=False, include_in_schema=False)
def show_metrics() -> Response[bytes]:
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")
