"""Whether the service is well, what it counts, and the audit."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from starlette.responses import Response

from api import metrics
from api.kept import Event, Value
from api.problems import Refusal
from api.requests import State, Who
from api.result import Versions
from api.versions import versions

router = APIRouter(tags=["operation"])


class Health(Value):
    """The process answers."""

    status: Literal["ok"]
    versions: Versions


class Events(Value):
    """Events of the audit, oldest first."""

    events: tuple[Event, ...]
    next: int | None = None


class Check(Value):
    """What came of checking the whole audit."""

    holds: bool
    events: int
    rows: int
    head: str
    faults: tuple[str, ...]


@router.get("/healthz", operation_id="health", summary="Whether the process answers")
async def health() -> Health:
    """No key. It asks nothing of the database."""
    return Health(status="ok", versions=versions())


@router.get("/readyz", operation_id="ready", summary="Whether reports can be kept now")
async def ready(state: State) -> Health:
    """No key. The database answers and has the tables of this version."""
    if not await run_sync(state.store.is_ready):
        raise Refusal("store_unavailable", "The database cannot be reached, or has no tables of this version.")
    return Health(status="ok", versions=versions())


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Numbers for Prometheus",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Numbers."}},
)
async def numbers(_who: Who) -> Response:
    """Roles: any. No label holds a word of a request."""
    return Response(metrics.exposition(), headers={"Content-Type": metrics.MEDIA_TYPE})


@router.get("/v1/audit", operation_id="audit_events", summary="Events of the audit")
async def events(
    state: State,
    who: Who,
    after: Annotated[int, Query(ge=0, le=2**53, description="The number of the last event that was read.")] = 0,
    subject: Annotated[str | None, Query(max_length=200, pattern=r"^[ -~]*$")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Events:
    """Role: audit. Who did what when, with digests in place of words."""
    who.must("audit")
    found = await run_sync(lambda: state.store.events(after=after, limit=limit, subject=subject))
    return Events(events=found, next=found[-1].number if len(found) == limit else None)


@router.post("/v1/audit/verify", operation_id="audit_verify", summary="Check the whole audit")
async def verify(state: State, who: Who) -> Check:
    """Role: audit. Every event is hashed anew and every row it tells of digested anew."""
    who.must("audit")
    verdict = await run_sync(state.store.verify)
    return Check(
        holds=not verdict.faults, events=verdict.events, rows=verdict.rows, head=verdict.head, faults=verdict.faults
    )  # fmt: skip
