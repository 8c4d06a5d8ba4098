"""What a caller is told when a request fails: a problem document (RFC 9457) that never quotes what was sent."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.database import StoreError
from api.faults import InternalFaultError
from api.reading import InputError

MEDIA_TYPE = "application/problem+json"
_NAME = "urn:spinecoder:problem:"
_LATER = "5"
"""Seconds after which a caller may ask again where the service cannot answer now."""

_STATUS: Mapping[str, HTTPStatus] = {
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "version_conflict": HTTPStatus.CONFLICT,
    "answer_outdated": HTTPStatus.CONFLICT,
    "no_component": HTTPStatus.CONFLICT,
    "no_report": HTTPStatus.NOT_FOUND,
    "no_family": HTTPStatus.NOT_FOUND,
    "no_code": HTTPStatus.NOT_FOUND,
    "no_service": HTTPStatus.NOT_FOUND,
    "store_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "store_refused": HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal_fault": HTTPStatus.INTERNAL_SERVER_ERROR,
    "no_key": HTTPStatus.UNAUTHORIZED,
    "no_right": HTTPStatus.FORBIDDEN,
    "foreign_caller": HTTPStatus.FORBIDDEN,
    "too_many_requests": HTTPStatus.TOO_MANY_REQUESTS,
    "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
    "identity_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "not_json": HTTPStatus.BAD_REQUEST,
    "bad_media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
_WORDS_OF_OUR_OWN = {
    "no_family": "There is no such family with rules here: GET /v1/rules lists those there are.",
    "no_code": "The rules know no such code.",
}
"""Kinds whose message elsewhere quotes what was asked for."""

_LONGEST_KEY = 40


class Place(BaseModel):
    """A place in the request that is wrong, and what would be right there."""

    model_config = ConfigDict(frozen=True)

    at: str = Field(examples=["body.date_of_service"])
    problem: str = Field(examples=["The date of service is not a day of the calendar written YYYY-MM-DD."])


class Problem(BaseModel):
    """A problem document. ``kind`` is for programs, ``detail`` for people; neither holds a word of a report."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(examples=[f"{_NAME}empty"])
    title: str = Field(examples=["Unprocessable Content"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["The report is empty: a report needs at least one word."])
    kind: str = Field(examples=["empty"])
    request: str | None = Field(default=None, description="The id of this request in the log of the service.")
    places: tuple[Place, ...] = ()


class Refusal(Exception):  # noqa: N818  a refusal is an answer, not an error
    """A request that is refused, by its kind."""

    def __init__(self, kind: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.headers = dict(headers or {})


def status_of(kind: str) -> HTTPStatus:
    """The status that answers a problem of this kind."""
    return _STATUS.get(kind, HTTPStatus.UNPROCESSABLE_ENTITY)


def problem_of(fault: InputError | StoreError | InternalFaultError | Refusal) -> Problem:
    """The problem document of a fault of ours."""
    kind = "internal_fault" if isinstance(fault, InternalFaultError) else fault.kind
    return made(kind, _WORDS_OF_OUR_OWN.get(kind, str(fault)))


def made(kind: str, detail: str, *, status: HTTPStatus | None = None, places: tuple[Place, ...] = ()) -> Problem:
    """A problem document of this kind."""
    status = status or status_of(kind)
    return Problem(
        type=_NAME + kind, title=status.phrase, status=int(status), detail=detail, kind=kind, places=places
    )  # fmt: skip


def answer(problem: Problem, *, request: str | None = None, headers: Mapping[str, str] | None = None) -> Response:
    """*problem* as a response."""
    told = {**(headers or {})}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        told.setdefault("Retry-After", _LATER)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        told.setdefault("WWW-Authenticate", "Bearer")
    body = problem.model_copy(update={"request": request}).model_dump_json(exclude_none=True)
    return Response(body, status_code=problem.status, media_type=MEDIA_TYPE, headers=told)


def invalid(errors: list[dict[str, Any]]) -> Problem:
    """The problem of a request that does not fit: where, and what would be right; never what stands there."""
    if any(error["type"] == "json_invalid" for error in errors):
        return made("not_json", "The body is not JSON.")
    places = tuple(Place(at=_place(error), problem=_told(error)) for error in errors)
    return made("invalid", "The request does not fit what this address takes; see `places`.", places=places[:20])


def _place(error: dict[str, Any]) -> str:
    """Where it is wrong. A key that is not ours is not told: it may be words of a report in the wrong place."""
    parts = [_shown(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        parts[-1] = "?"
    return ".".join(parts)


def _told(error: dict[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "There is no such key: see /openapi.json."
    if error["type"] == "union_tag_invalid":
        return f"It must be one of {error['ctx']['expected_tags']}."
    message: str = error["msg"].removeprefix("Value error, ")
    return message


def _shown(part: int | str) -> str:
    is_word = isinstance(part, int) or (part.isidentifier() and part.isascii() and len(part) <= _LONGEST_KEY)
    return str(part) if is_word else "?"
