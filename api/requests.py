"""What a request may hold, told in the OpenAPI as narrowly as it is checked."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, WithJsonSchema
from starlette.requests import HTTPConnection

from api.kept import Incoming, Line, Number
from api.problems import Refusal
from api.reading import LARGEST_REPORT, InputError, read_date
from api.security import Caller
from api.service_state import ServiceState
from rules.library import library

ID = r"^[A-Za-z0-9][A-Za-z0-9._:@~^+=,-]{0,199}$"
"""Ids of kept reports: they stand in addresses, so they hold nothing that an address would have to disguise."""
_PROFILES = sorted(library().profiles)
_WITHOUT_NUL = {"pattern": r"^[^\u0000]*$"}
MOST_IN_A_BATCH = 100
LONGEST_REASON = 2_000


class Body(BaseModel):
    """A JSON object with no key beyond those written."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _day(value: object) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InputError("bad_date", "The date of service is not a day of the calendar written YYYY-MM-DD.")
    return read_date(value)


def encodable(value: object) -> object:
    """Half of a character pair is no text, nor is NUL: not every database keeps them."""
    if isinstance(value, str) and "\0" in value:
        raise InputError("not_text", "The text holds a NUL character, which no text may.")
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        raise InputError("not_text", "The text holds half of a surrogate pair, which is no character.")
    return value


def _asked_day(value: object) -> str | None:
    try:
        return None if value is None else read_date(str(value)).isoformat()
    except InputError:
        raise InputError("bad_date", "It is no day of the calendar written YYYY-MM-DD.") from None


AskedDay = Annotated[str | None, BeforeValidator(_asked_day), WithJsonSchema({"type": "string", "format": "date"})]
"""A day in an address, as the store writes days."""
_DAY_SCHEMA = {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]}
Day = Annotated[date | None, BeforeValidator(_day), WithJsonSchema(_DAY_SCHEMA)]
ProfileName = Annotated[
    str | None,
    WithJsonSchema({"anyOf": [{"type": "string", "enum": _PROFILES}, {"type": "null"}]}),
]
_VISIBLE = (
    r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"  # the same in every dialect
)
_WORDS = rf"^[^\u0000]*{_VISIBLE}[^\u0000]*$"


def _words(value: object) -> object:
    """A report needs one character that can be seen, and may hold no NUL."""
    if isinstance(encodable(value), str) and not re.search(_VISIBLE, str(value)):
        raise InputError("empty", "The report is empty: a report needs at least one word.")
    return value


Text = Annotated[
    str, BeforeValidator(_words),
    Field(max_length=LARGEST_REPORT - 1, json_schema_extra={"minLength": 1, "pattern": _WORDS}),
]  # fmt: skip
ReportId = Annotated[str, Field(pattern=ID, examples=["ACC-417"])]
PathId = Annotated[str, Path(pattern=ID, examples=["ACC-417"], description="The id of a kept report.")]

_ESI = (
    "Lumbar interlaminar epidural steroid injection at L4-L5. Under fluoroscopic guidance a Tuohy needle was advanced "
    "into the epidural space. Depo-Medrol was injected."
)


class CodeRequest(Body):
    """A report to be coded: a line of a batch, and who bills."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "r1", "text": _ESI, "date_of_service": "2025-06-02"}]}
    )

    id: Annotated[
        str, BeforeValidator(encodable), Field(min_length=1, max_length=200, json_schema_extra=_WITHOUT_NUL)
    ] = "report"
    text: Text
    date_of_service: Day = None
    profile: ProfileName = None
    professional_component: StrictBool = False


class ReportRequest(CodeRequest):
    """A report to be kept. A repeat of what is kept changes nothing; other content is the next version."""

    model_config = ConfigDict(json_schema_extra={
        "examples": [{"id": "ACC-417", "text": _ESI, "date_of_service": "2025-06-02", "version": "F"}]
    })  # fmt: skip

    id: ReportId
    version: str | None = Field(
        default=None, pattern=r"^[A-Za-z0-9._:-]{1,100}$", examples=["F"],
        description="The sender's own name of this version. With it a repeat is known even after later versions; "
        "without it a text is compared with the newest version.",
    )  # fmt: skip
    source: str = Field(default="api", pattern=r"^[A-Za-z0-9._-]{1,100}$", description="Which system sends it.")

    def incoming(self) -> Incoming:
        """The request as the store takes it."""
        return Incoming(
            report_id=self.id, text=self.text, date_of_service=self.date_of_service, sender_version=self.version,
            profile=self.profile, professional_component=self.professional_component, source=self.source,
        )  # fmt: skip


class ReportBatch(Body):
    """Several reports to be kept, each by itself: one that is refused is answered in its place."""

    reports: Annotated[
        list[dict[str, Any]],
        Field(min_length=1, max_length=MOST_IN_A_BATCH, description="Each as `POST /v1/reports` takes it.",
              examples=[[{"id": "ACC-417", "text": _ESI, "date_of_service": "2025-06-02"}]]),
    ]  # fmt: skip


_Reason = Annotated[str, BeforeValidator(encodable), Field(max_length=LONGEST_REASON, json_schema_extra=_WITHOUT_NUL)]
GivenReason = Annotated[
    str, BeforeValidator(encodable),
    Field(min_length=1, max_length=LONGEST_REASON, examples=["Wrong side."], json_schema_extra=_WITHOUT_NUL),
]  # fmt: skip
_Seen = Annotated[
    Number | None,
    Field(description="The number of the answer that was looked at: refused where there is a newer one."),
]
_Lines = Annotated[list[Line], Field(min_length=1, max_length=50)]


class Accept(Body):
    """The answer is right."""

    action: Literal["accept"]
    reason: _Reason = ""
    result: _Seen = None


class Reject(Body):
    """The answer is wrong and nothing is to be billed from it."""

    action: Literal["reject"]
    reason: GivenReason
    result: _Seen = None


class Edit(Body):
    """These lines in place of those answered."""

    action: Literal["edit"]
    lines: _Lines
    reason: GivenReason
    result: _Seen = None


class Add(Body):
    """These lines beside those answered."""

    action: Literal["add"]
    lines: _Lines
    reason: GivenReason
    result: _Seen = None


DecisionRequest = Annotated[Accept | Reject | Edit | Add, Field(discriminator="action")]


def refuse_unknown_questions(connection: HTTPConnection) -> None:
    """A question that an address does not take, or takes once: passed over, it would be answered with too much."""
    asked = connection.query_params.multi_items()
    route = connection.scope.get("route")
    if not asked or not isinstance(route, APIRoute) or not route.path.startswith("/v1/"):
        return
    known = [field.alias for field in route.dependant.query_params]
    if not all(name in known for name, _ in asked):
        takes = ", ".join(known) or "none"
        raise Refusal("invalid", f"The address holds a question that it does not take; it takes {takes}.")
    if len(asked) != len(connection.query_params):
        raise Refusal("invalid", "The address holds the same question twice.")


def state_of(request: Request) -> ServiceState:
    """What the application holds for all its requests."""
    state: ServiceState = request.app.state.service
    return state


def caller_of(request: Request) -> Caller:
    """Who calls; whoever does not tell gets no further."""
    caller: Caller | None = request.scope["state"].get("caller")
    if caller is None:
        raise Refusal("no_key", "This needs a valid key or token: send it as `Authorization: Bearer …`.")
    return caller


State = Annotated[ServiceState, Depends(state_of)]
Who = Annotated[Caller, Depends(caller_of)]


def is_id(value: str) -> bool:
    """Whether *value* may be the id of a kept report."""
    return re.fullmatch(ID, value) is not None
