"""`/cds-services`: documentation gaps as the cards of a CDS service (CDS Hooks 2.0)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api.draft import DocumentationGap, Draft, draft
from api.faults import contained
from api.fhir_report import day_of, text_of
from api.journal import record
from api.kept import Value
from api.problems import Refusal
from api.requests import State, Who
from api.service import Settings

router = APIRouter(tags=["CDS Hooks"])

HOOK = "report-draft"
SERVICE = "documentation-gaps"
_LONGEST_SUMMARY = 140  # what CDS Hooks allows
_NAMES = uuid.UUID("5f0a1d0e-6c1b-5c6e-9a53-0b4f2f7f7f11")
_LABEL = "spinecoder"


class _Open(BaseModel):
    """An object of CDS Hooks or FHIR: keys beyond those written are passed over."""

    model_config = ConfigDict(frozen=True, extra="allow")


class HookRequest(_Open):
    """A call of the service. The report is a DiagnosticReport, in the context or as the prefetch `report`."""

    hook: Literal["report-draft"]
    hook_instance: str = Field(alias="hookInstance", min_length=1, max_length=100)
    context: dict[str, Any] = Field(examples=[{
        "userId": "Practitioner/1", "patientId": "1",
        "report": {"resourceType": "DiagnosticReport", "status": "partial", "effectiveDateTime": "2025-06-02",
                   "conclusion": "Facet joint injection at L4-L5 under fluoroscopy."},
    }])  # fmt: skip
    prefetch: dict[str, Any] | None = None


class Feedback(_Open):
    """What became of the cards."""

    feedback: list[dict[str, Any]] = Field(
        max_length=100, examples=[[{"card": "4e0a3a1e-3283-575a-ab82-028d55fe2719", "outcome": "accepted"}]]
    )


class Source(Value):
    """Who says it."""

    label: str


class Card(Value):
    """One gap or one reason, for the person who is speaking the report."""

    uuid: str
    summary: str = Field(max_length=_LONGEST_SUMMARY)
    detail: str
    indicator: Literal["info", "warning", "critical"]
    source: Source


class Cards(Value):
    """What there is to say; nothing where nothing is missing."""

    cards: tuple[Card, ...]


class Service(Value):
    """A service of this server."""

    hook: str
    id: str
    title: str
    description: str
    prefetch: dict[str, str]


class Services(Value):
    """The services of this server."""

    services: tuple[Service, ...]


ServiceId = Annotated[str, Path(pattern=r"^[a-z-]{1,40}$", examples=[SERVICE])]


@router.get("/cds-services", operation_id="cds_services", summary="The CDS services of this server")
async def services() -> Services:
    """No key. Discovery, as CDS Hooks has it."""
    service = Service(
        hook=HOOK, id=SERVICE, title="Documentation gaps of a spinal procedure report",
        description="Names what a draft of a report leaves open and which codes depend on it.",
        prefetch={"report": "DiagnosticReport/{{context.reportId}}"},
    )  # fmt: skip
    return Services(services=(service,))


@router.post("/cds-services/{service}", operation_id="cds_service", summary="Cards for a draft of a report",
             responses={200: {"model": Cards, "description": "A card a gap."}})  # fmt: skip
async def cards(service: ServiceId, body: HookRequest, state: State, who: Who) -> Response:
    """Role: submit. Nothing is kept, and no FHIR server is called."""
    who.must("submit")
    _must_be_ours(service)
    report = _report(body)
    text, day = text_of(report), day_of(report)
    if not text.strip():
        return _answer((_card("no report", "No report text was sent with this call.",
                              "Send the DiagnosticReport as `context.report` or as the prefetch `report`, its words in "
                              "`presentedForm` (text/plain), `text` or `conclusion`.", "info"),))  # fmt: skip

    def work() -> Draft:
        with contained("The draft"):
            return draft(text, date_of_service=day, settings=settings)

    settings: Settings = state.coder.settings(None, professional_component=False)
    made = await state.coder.run(work, size=len(text))
    return _answer(tuple(_gap_card(gap) for gap in made.gaps))


@router.post("/cds-services/{service}/feedback", operation_id="cds_feedback", summary="What became of the cards")
async def feedback(service: ServiceId, body: Feedback, who: Who) -> Response:
    """Role: submit. Counted in the log, without a word of it."""
    who.must("submit")
    _must_be_ours(service)
    record("cds_feedback", count=len(body.feedback), actor=who.name)
    return Response(b"{}", media_type="application/json")


def _must_be_ours(service: str) -> None:
    if service != SERVICE:
        raise Refusal("no_service", "There is no such service: GET /cds-services lists those there are.")


def _report(body: HookRequest) -> Mapping[str, Any]:
    for place in (body.context, body.prefetch or {}):
        found = place.get("report")
        if isinstance(found, Mapping):
            return found
    return {}


def _gap_card(gap: DocumentationGap) -> Card:
    codes = ", ".join(gap.codes)
    options = "\n".join(f"- {answer.value.replace('_', ' ')}" for answer in gap.answers)
    return _card(f"{gap.procedure} {gap.fact}", gap.message, f"Codes that depend on it: {codes}.\n\n{options}",
                 "warning" if gap.is_needed else "info")  # fmt: skip


def _card(name: str, message: str, detail: str, indicator: Literal["info", "warning"]) -> Card:
    short = message if len(message) <= _LONGEST_SUMMARY else f"{message[: _LONGEST_SUMMARY - 1]}…"
    told = detail if short == message else f"{message}\n\n{detail}"
    return Card(uuid=str(uuid.uuid5(_NAMES, f"{name} {message}")), summary=short, detail=told, indicator=indicator,
                source=Source(label=_LABEL))  # fmt: skip


def _answer(found: tuple[Card, ...]) -> Response:
    return Response(Cards(cards=found).model_dump_json(), media_type="application/json")
