"""The FHIRcast subscriber as a process: its token, its drafts, its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from api.draft import Draft, draft
from api.faults import contained
from api.fhir_report import day_of
from api.fhircast import Subscriber, Subscription
from api.reading import InputError
from api.service import Settings

_TOKEN = "SPINECODER_FHIRCAST_TOKEN"  # noqa: S105  the name of a variable


def follow(*, hub: str, topic: str) -> None:
    """Follow *topic* until interrupted."""
    subscriber = Subscriber(Subscription(hub=hub, topic=topic, token=_token()), drafted)
    with suppress(KeyboardInterrupt):
        asyncio.run(subscriber.follow())


async def drafted(report: Mapping[str, Any], text: str) -> Draft:
    """The draft of a report that is being spoken, made beside the event loop."""

    def work() -> Draft:
        with contained("The draft"):
            return draft(text, date_of_service=day_of(report), settings=Settings())

    return await asyncio.to_thread(work)


def _token() -> str | None:
    if _TOKEN in os.environ:
        return os.environ[_TOKEN]
    path = os.environ.get(f"{_TOKEN}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise InputError("no_token", f"{_TOKEN}_FILE cannot be read: {fault.strerror}.") from None
