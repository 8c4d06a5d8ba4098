"""A report taken in: known already, or coded and kept before anybody is answered."""

from __future__ import annotations

from dataclasses import dataclass

from anyio.to_thread import run_sync

from api import metrics
from api.coder import Coder
from api.kept import Incoming
from api.store import Known, Store


@dataclass(frozen=True, slots=True)
class Taken:
    """A version that is on the disk, and whether it was not there before."""

    known: Known
    is_new: bool


async def take(store: Store, coder: Coder, incoming: Incoming, *, actor: str) -> Taken:
    """Keep *incoming* and its answer together. A repeat is answered with what is kept and costs no coding."""
    settings = coder.settings(incoming.profile, professional_component=incoming.professional_component)
    known = await run_sync(store.known, incoming)
    if known is not None:
        metrics.KEPT.labels("known").inc()
        return Taken(known, is_new=False)
    result = await coder.code(
        incoming.text, report_id=incoming.report_id, date_of_service=incoming.date_of_service, settings=settings
    )
    kept, is_new = await run_sync(lambda: store.keep(incoming, result, actor=actor))
    metrics.KEPT.labels("stored" if is_new else "known").inc()
    return Taken(kept, is_new=is_new)
