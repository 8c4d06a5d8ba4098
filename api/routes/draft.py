"""`/v1/draft`: for dictation systems, asked once or over a stream while the report grows."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from pydantic import BeforeValidator, ConfigDict, Field, StrictBool, ValidationError
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from api import problems
from api.database import StoreError
from api.draft import Draft, draft
from api.faults import InternalFaultError, contained
from api.problems import Problem, Refusal
from api.reading import LARGEST_REPORT, InputError
from api.requests import Body, Day, ProfileName, State, Who, encodable
from api.security import Caller
from api.service_state import ServiceState

router = APIRouter(tags=["dictation"])

_NO_RIGHT = 4403
_NO_KEY = 4401
_LONGEST_HELLO = 10
"""Seconds that a stream may take to name its key."""
_OPTIONS = ("date_of_service", "profile", "professional_component")

PartialText = Annotated[
    str, BeforeValidator(encodable),
    Field(max_length=LARGEST_REPORT - 1, json_schema_extra={"pattern": r"^([A-Za-z ]|[^\u0000{][^\u0000]*)?$"}),
]  # fmt: skip


class DraftRequest(Body):
    """A report as far as it has been spoken."""

    model_config = ConfigDict(json_schema_extra={
        "examples": [{"text": "Facet joint injection at L4-L5 under fluoroscopy", "date_of_service": "2025-06-02"}]
    })  # fmt: skip

    text: PartialText
    date_of_service: Day = None
    profile: ProfileName = None
    professional_component: StrictBool = False


@router.post(
    "/v1/draft",
    operation_id="draft",
    summary="What a partial report would be coded as, and what it leaves open",
    responses={200: {"model": Draft, "description": "Lines as of now, and documentation gaps."}},
)
async def draft_once(body: DraftRequest, state: State, who: Who) -> Response:
    """Role: submit. Nothing is kept. Gaps are found by trying every value of each missing fact through the rules."""
    who.must("submit")
    made = await _draft(state, body)
    return Response(made.model_dump_json(), media_type="application/json")


async def _draft(state: ServiceState, body: DraftRequest) -> Draft:
    settings = state.coder.settings(body.profile, professional_component=body.professional_component)

    def work() -> Draft:
        with contained("The draft"):
            return draft(body.text, date_of_service=body.date_of_service, settings=settings)

    return await state.coder.run(work, size=len(body.text))


@router.websocket("/v1/draft/stream")
async def stream(socket: WebSocket) -> None:
    """Messages in: ``{"number", "text"}`` or ``{"number", "at", "remove", "insert"}``, and once ``key`` and options.

    Messages out: ``{"number", "draft"}`` or ``{"number", "problem"}`` for the newest message; those that came in
    between are passed over, so that the answer never lags behind the speaker.
    """
    state: ServiceState = socket.app.state.service
    await socket.accept()
    first = await _hello(socket, state)
    if first is not None:
        await _Dictation(socket, state).serve(first)


async def _hello(socket: WebSocket, state: ServiceState) -> dict[str, Any] | None:
    """The first message, from a caller who may submit; else the stream is closed."""
    caller: Caller | None = socket.scope["state"].get("caller")
    with suppress(WebSocketDisconnect, TimeoutError):
        first = _object(await asyncio.wait_for(_received(socket), _LONGEST_HELLO if caller is None else None))
        key = first.pop("key", None)
        if caller is None and isinstance(key, str):
            with suppress(StoreError, Refusal):
                caller = await asyncio.to_thread(state.gate.find, key)
        if caller is None:
            await socket.close(_NO_KEY)
        elif "submit" not in caller.roles:
            await socket.close(_NO_RIGHT)
        else:
            return first
    return None


class _Dictation:
    """One stream: the text as it stands, and the number of the message that it stands for."""

    def __init__(self, socket: WebSocket, state: ServiceState) -> None:
        self._socket = socket
        self._state = state
        self._options: dict[str, Any] = {}
        self._text: object = ""
        self._number: int | None = None
        self._changed = asyncio.Event()
        self._problem: Problem | None = None

    async def serve(self, first: dict[str, Any]) -> None:
        answering = asyncio.create_task(self._answer())
        try:
            self._take(first)
            while True:
                self._take(_object(await _received(self._socket)))
        except WebSocketDisconnect:
            pass
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering

    def _take(self, message: dict[str, Any]) -> None:
        number = message.pop("number", None)
        self._number = number if isinstance(number, int) else None
        self._problem = None
        if "text" in message:
            self._text = message.pop("text")
        elif "insert" in message or "remove" in message:
            self._edit(message.pop("at", len(str(self._text))), message.pop("remove", 0), message.pop("insert", ""))
        elif "broken" in message:
            self._problem = problems.made("not_json", "A message is one JSON object.")
            message = {}
        known = {name: message.pop(name) for name in _OPTIONS if name in message}
        if message:  # kept, they would grow for as long as the stream lasts
            self._problem = problems.made("invalid", "A message has a key that a stream does not take.")
        self._options |= known
        self._changed.set()

    def _edit(self, at: object, remove: object, insert: object) -> None:
        if (
            isinstance(self._text, str) and isinstance(at, int) and isinstance(remove, int) and isinstance(insert, str)
            and 0 <= at <= at + remove <= len(self._text)
            and len(self._text) + len(insert) - remove < LARGEST_REPORT
        ):  # fmt: skip
            self._text = self._text[:at] + insert + self._text[at + remove :]
        else:
            self._problem = problems.made(
                "bad_edit", "`at` and `remove` must lie inside the text, and it must stay below 5 MB: send `text` anew."
            )

    async def _answer(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            number, answer = self._number, self._problem or await self._drafted()
            if self._changed.is_set():
                continue  # there is a newer text already
            key = "problem" if isinstance(answer, Problem) else "draft"
            told = {"number": number, key: orjson.Fragment(answer.model_dump_json(exclude_none=key == "problem"))}
            await self._socket.send_text(orjson.dumps(told).decode())

    async def _drafted(self) -> Draft | Problem:
        try:
            return await _draft(self._state, DraftRequest.model_validate({**self._options, "text": self._text}))
        except ValidationError as fault:
            return problems.invalid([dict(error) for error in fault.errors(include_input=False, include_url=False)])
        except (InputError, InternalFaultError, Refusal) as fault:
            return problems.problem_of(fault)


async def _received(socket: WebSocket) -> str | bytes:
    """The next message, whichever kind of frame it came in."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1005))
    told: str | bytes | None = message.get("text")
    return message.get("bytes") or b"" if told is None else told


def _object(message: str | bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {"broken": True}
