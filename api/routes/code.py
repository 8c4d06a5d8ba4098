"""`/v1/code`: a report in, its result out, nothing kept."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.requests import CodeRequest, State, Who
from api.result import Result

router = APIRouter(tags=["code"])


@router.post(
    "/v1/code",
    operation_id="code",
    summary="Code a report; nothing of it is kept",
    responses={200: {"model": Result, "description": "The result, the same as by every other door."}},
)
async def code(body: CodeRequest, state: State, who: Who) -> Response:
    """Role: submit. The same report, date and versions give the same bytes."""
    who.must("submit")
    settings = state.coder.settings(body.profile, professional_component=body.professional_component)
    result = await state.coder.code(
        body.text, report_id=body.id, date_of_service=body.date_of_service, settings=settings
    )
    return Response(result.to_json(), media_type="application/json")
