"""The FHIRcast subscriber as a process: its token, its drafts, its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from api.draft import Draft, draft
from api.environment import value_of
from api.faults import contained
from api.fhir_report import day_of
from api.fhircast import Subscriber, Subscription
from api.service import Settings

_TOKEN = "SPINECODER_FHIRCAST_TOKEN"  # noqa: S105  the name of a variable


def follow(*, hub: str, topic: str) -> None:
    """Follow *topic* until interrupted."""
    subscriber = Subscriber(Subscription(hub=hub, topic=topic, token=value_of(_TOKEN, kind="no_token")), drafted)
    with suppress(KeyboardInterrupt):
        asyncio.run(subscriber.follow())


async def drafted(report: Mapping[str, Any], text: str) -> Draft:
    """The draft of a report that is being spoken, made beside the event loop."""

    def work() -> Draft:
        with contained("The draft"):
            return draft(text, date_of_service=day_of(report), settings=Settings())

    return await asyncio.to_thread(work)
