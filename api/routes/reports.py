"""`/v1/reports`: reports that are kept, their history, and what humans decided."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query
from pydantic import ValidationError
from starlette.responses import Response

from api import problems
from api.database import StoreError
from api.faults import InternalFaultError
from api.intake import Taken, take
from api.kept import Decision, Found, Value, Version
from api.purge import purge
from api.reading import InputError
from api.requests import (
    AskedDay,
    Body,
    DecisionRequest,
    GivenReason,
    PathId,
    ReportBatch,
    ReportRequest,
    State,
    Who,
    is_id,
)
from api.result import Result
from api.search import Wanted, search
from rules.adjudication import Disposition

router = APIRouter(tags=["reports"])


class Kept(Value):
    """A version that is kept, with its newest answer. ``status`` is ``known`` where it was kept before."""

    report_id: str
    version: int
    status: Literal["stored", "known"]
    received_at: str
    result_number: int
    result: Result


class Refused(Value):
    """In the place of a report of a batch that was not kept."""

    report_id: str | None
    status: Literal["refused"]
    problem: problems.Problem


class KeptBatch(Value):
    """One answer a report, in the order they were sent."""

    reports: tuple[Kept | Refused, ...]


class History(Value):
    """A report as received, its newest answer with the trace, and every version, answer and decision."""

    report_id: str
    version: int
    text: str
    result: Result
    history: tuple[Version, ...]


class Page(Value):
    """Reports, newest first. ``next`` goes into ``before`` for the page after; it is missing on the last one."""

    reports: tuple[Found, ...]
    next: int | None = None


class GoneRow(Value):
    """A row that is gone: its table, its number, and the SHA-256 of what stood in it."""

    table: str
    row: int | str
    digest: str


class Purged(Value):
    """Proof of a purge: the digest of every row that is gone, and the event of the audit that tells of it."""

    report_id: str
    rows: tuple[GoneRow, ...]
    rows_left: int
    purged_at: str
    purged_by: str
    reason: str
    audit_event: int
    audit_hash: str


class PurgeRequest(Body):
    """Why a report is taken out of the store for good."""

    reason: GivenReason


def _shown(taken: Taken) -> dict[str, Any]:
    known = taken.known
    return {
        "report_id": known.report_id, "version": known.version, "status": "stored" if taken.is_new else "known",
        "received_at": known.received_at, "result_number": known.result,
        "result": orjson.Fragment(known.content),
    }  # fmt: skip


def _refused(given: dict[str, Any], problem: problems.Problem) -> dict[str, Any]:
    told = given.get("id")
    report_id = told if isinstance(told, str) and is_id(told) else None
    return {"report_id": report_id, "status": "refused", "problem": problem.model_dump(exclude_none=True)}


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status_code=status, media_type="application/json")


@router.post(
    "/v1/reports",
    operation_id="keep_report",
    summary="Keep a report and code it",
    status_code=201,
    responses={
        201: {"model": Kept, "description": "A new version; it is on the disk."},
        200: {"model": Kept, "description": "A repeat of what is kept: nothing was changed."},
    },
)
async def keep(body: ReportRequest, state: State, who: Who) -> Response:
    """Role: submit. What is answered is on the disk; a request without an answer is sent again without harm."""
    who.must("submit")
    taken = await take(state.store, state.coder, body.incoming(), actor=who.name)
    return _json(_shown(taken), 201 if taken.is_new else 200)


@router.post(
    "/v1/batch",
    operation_id="keep_reports",
    summary="Keep and code several reports",
    responses={200: {"model": KeptBatch, "description": "One answer a report, in their order."}},
)
async def keep_batch(body: ReportBatch, state: State, who: Who) -> Response:
    """Role: submit. Each report is kept by itself; one that is refused is answered in its place."""
    who.must("submit")
    answers: list[dict[str, Any]] = []
    for given in body.reports:
        try:
            report = ReportRequest.model_validate(given)
            answers.append(_shown(await take(state.store, state.coder, report.incoming(), actor=who.name)))
        except ValidationError as fault:
            answers.append(_refused(given, problems.invalid([dict(error) for error in fault.errors()])))
        except (InputError, StoreError, InternalFaultError, problems.Refusal) as fault:
            answers.append(_refused(given, problems.problem_of(fault)))
    return _json({"reports": answers})


@router.get(
    "/v1/reports",
    operation_id="find_reports",
    summary="Find kept reports",
    responses={200: {"model": Page, "description": "The newest answer of the newest version of each."}},
)
async def find(  # noqa: PLR0913, PLR0917  each is a question of the address
    state: State,
    who: Who,
    report_id: Annotated[str | None, Query(max_length=200, pattern=r"^[ -~]*$")] = None,
    disposition: Disposition | None = None,
    reason: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,100}$")] = None,
    family: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,100}$")] = None,
    code: Annotated[str | None, Query(pattern=r"^[0-9A-Z]{5}$")] = None,
    served_from: AskedDay = None,
    served_through: AskedDay = None,
    received_from: AskedDay = None,
    decided: bool | None = None,  # noqa: FBT001  the framework names it
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:
    """Role: read. Every condition that is given must hold."""
    who.must("read")
    wanted = Wanted(
        report_id=report_id, disposition=disposition, reason=reason, family=family, code=code,
        served_from=served_from, served_through=served_through, received_from=received_from, decided=decided,
        before=before, limit=limit,
    )  # fmt: skip
    found = await run_sync(search, state.store.engine, wanted)
    page = Page(reports=found, next=found[-1].number if len(found) == limit else None)
    return Response(page.model_dump_json(), media_type="application/json")


@router.get(
    "/v1/reports/{report_id}",
    operation_id="read_report",
    summary="Read a report, its answer and its history",
    responses={200: {"model": History, "description": "The report, with the trace of its newest answer."}},
)
async def read(
    report_id: PathId,
    state: State,
    who: Who,
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Without it the newest.")] = None,
) -> Response:
    """Role: read. That it was opened, and by whom, is an event of the audit."""
    who.must("read")
    opened = await run_sync(lambda: state.store.read(report_id, version=version, actor=who.name))
    return _json({
        "report_id": opened.report_id, "version": opened.version, "text": opened.text,
        "result": orjson.Fragment(opened.content),
        "history": [version.model_dump(mode="json") for version in opened.history],
    })  # fmt: skip


@router.post(
    "/v1/reports/{report_id}/decisions",
    operation_id="decide",
    summary="Decide about the newest answer",
    status_code=201,
    responses={201: {"model": Decision, "description": "The decision; it is on the disk."}},
)
async def decide(report_id: PathId, body: DecisionRequest, state: State, who: Who) -> Response:
    """Role: code. Decisions are never changed: a later one stands beside the earlier ones and counts."""
    who.must("code")
    lines = tuple(body.lines) if body.action in ("edit", "add") else None
    decision = await run_sync(lambda: state.store.decide(
        report_id, result=body.result, action=body.action, lines=lines, reason=body.reason, actor=who.name
    ))  # fmt: skip
    return Response(decision.model_dump_json(), status_code=201, media_type="application/json")


@router.post(
    "/v1/reports/{report_id}/purge",
    operation_id="purge_report",
    summary="Take a report out for good",
    responses={200: {"model": Purged, "description": "The certificate: keep it."}},
)
async def purge_one(report_id: PathId, body: PurgeRequest, state: State, who: Who) -> Response:
    """Role: admin. Every version, answer and decision is deleted; digests of them stay in the audit."""
    who.must("admin")
    done = await run_sync(lambda: list(purge(state.store, [report_id], reason=body.reason, actor=who.name)))
    if not done:
        raise InputError("no_report", "There is no such report.")
    return _json(done[0].as_dict())
