"""One report from text to result: read, extract, adjudicate, answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache

from api.reading import InputError, Reading, read_file
from api.result import Result
from api.versions import versions
from extractor.extract import extract
from rules.adjudicate import adjudicate
from rules.library import library, read_profile
from rules.profile import Profile
from rules.yaml_reader import RuleFileError

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """What the caller says about every report of a run, beside its text and date; no profile is the default one."""

    profile: str | None = None
    professional_component: bool = False

    def chosen_profile(self) -> Profile | None:
        """The profile that is named, or written in the YAML file that is named; anything else is refused."""
        if self.profile is None:
            return None
        if self.profile.endswith((".yaml", ".yml")):
            return _site_profile(self.profile)
        profiles = library().profiles
        if self.profile not in profiles:
            raise InputError("no_profile", f"There is no such profile; there are {', '.join(sorted(profiles))}.")
        return profiles[self.profile]


@cache
def _site_profile(path: str) -> Profile:
    """A site's own profile. Results name it with the first letters of its hash, so that no edit of it goes unseen."""
    raw = read_file(path).text
    try:
        profile = read_profile(raw, file=path, rules=library())
    except RuleFileError as fault:
        raise InputError("no_profile", f"{fault}.") from None
    digest = hashlib.sha256(raw.encode()).hexdigest()[:_SHOWN]
    return profile.model_copy(update={"profile": f"{profile.profile}@{digest}"})


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
