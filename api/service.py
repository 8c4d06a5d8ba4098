"""One report from text to result: read, extract, adjudicate, answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from api.reading import InputError, Reading
from api.result import Result
from api.versions import versions
from extractor.extract import extract
from rules.adjudicate import adjudicate
from rules.library import library
from rules.profile import Profile


@dataclass(frozen=True, slots=True)
class Settings:
    """What the caller says about every report of a run, beside its text and date; no profile is the default one."""

    profile: str | None = None
    professional_component: bool = False

    def chosen_profile(self) -> Profile | None:
        """The profile that is named; a name that is not known is refused."""
        if self.profile is None:
            return None
        profiles = library().profiles
        if self.profile not in profiles:
            raise InputError("no_profile", f"There is no such profile; there are {', '.join(sorted(profiles))}.")
        return profiles[self.profile]


def code_reading(
    reading: Reading, *, report_id: str, date_of_service: date | None = None, settings: Settings | None = None
) -> Result:
    """Codes with their proof, or the reasons why a human must look; the same for the same words, date and versions."""
    settings = settings or Settings()
    encounter = extract(reading.text, date_of_service=date_of_service)
    if settings.professional_component:
        encounter = encounter.model_copy(update={"professional_component": True})
    adjudication = adjudicate(encounter, profile=settings.chosen_profile())
    return Result.of(
        adjudication, encounter, report_id=report_id, reading_warnings=reading.warnings, versions=versions()
    )
