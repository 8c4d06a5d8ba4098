"""The contract: what every door answers for a report, key by key in this order."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import BaseModel, ConfigDict

from api.reading import ReadingWarning
from rules.adjudication import Adjudication, CodeLine, Disposition, Notice, ReviewReason, TraceStep
from rules.encounter import Encounter


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Versions(_Value):
    """Same report, same date, same versions: same bytes out."""

    spinecoder: str
    lexicon: str
    rules: str


class Result(_Value):
    """The answer for one report. Quotes are those of the text as read, offsets count its characters."""

    report_id: str
    date_of_service: date | None
    disposition: Disposition
    lines: tuple[CodeLine, ...]
    review_reasons: tuple[ReviewReason, ...]
    warnings: tuple[Notice, ...]
    alternatives: tuple[tuple[CodeLine, ...], ...]
    encounter: Encounter
    trace: tuple[TraceStep, ...]
    profile: str
    versions: Versions

    @classmethod
    def of(
        cls,
        adjudication: Adjudication,
        encounter: Encounter,
        *,
        report_id: str,
        reading_warnings: tuple[tuple[ReadingWarning, str], ...] = (),
        versions: Versions,
    ) -> Self:
        """The result of *adjudication*, its warnings after those about how the report was read."""
        notices = tuple(Notice(warning=warning, message=message) for warning, message in reading_warnings)
        return cls(
            report_id=report_id,
            date_of_service=adjudication.date_of_service,
            disposition=adjudication.disposition,
            lines=adjudication.lines,
            review_reasons=adjudication.review_reasons,
            warnings=(*notices, *adjudication.warnings),
            alternatives=adjudication.alternatives,
            encounter=encounter,
            trace=adjudication.trace,
            profile=adjudication.profile,
            versions=versions,
        )

    def to_json(self) -> bytes:
        """One line of JSON in UTF-8, without its line end."""
        return self.model_dump_json().encode()
