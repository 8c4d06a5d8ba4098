"""What is counted and timed for Prometheus: routes, dispositions and queues; no label holds a word of a request."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY as OWN
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The folder by which several processes count together; `serve` makes it."""
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

REQUESTS = Counter("spinecoder_requests", "Requests answered.", ("route", "method", "status"))
SECONDS = Histogram(
    "spinecoder_request_seconds", "From the first byte of a request to the last of its answer.", ("route",),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)  # fmt: skip
CODED = Counter("spinecoder_coded", "Reports coded, by what became of them.", ("disposition",))
KEPT = Counter("spinecoder_kept", "Report versions received to be kept: new ones, and repeats.", ("outcome",))
WAITING = Gauge("spinecoder_waiting", "Reports that wait to be coded or are being coded.", multiprocess_mode="livesum")


def exposition() -> bytes:
    """Every number, of all processes together."""
    if SHARED not in os.environ:
        return generate_latest(OWN)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own signature is bare
    return generate_latest(registry)
