"""The one clock of the service: when something was received, decided or done. No result depends on it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> str:
    """The present moment in UTC to the microsecond; later moments sort behind earlier ones."""
    return written(time.time())


def written(seconds: float) -> str:
    """Seconds since the epoch as moments are written in the store."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
