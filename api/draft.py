"""What a report would be coded as while it is still being spoken, and what it leaves open."""

from __future__ import annotations

import re
from datetime import date

from api import gap_words
from api.gaps import Gap, find_gaps
from api.kept import Line, Value
from api.reading import InputError, read_text
from api.result import Versions
from api.service import Settings
from api.versions import versions
from extractor.extract import extract
from rules.adjudicate import adjudicate
from rules.adjudication import CodeLine, Disposition, ReviewReason
from rules.encounter import Encounter, EvidenceSpan
from rules.library import DEFAULT_PROFILE

_SENTENCE_END = re.compile(r"[.;](?=\s|$)|\n|$")
_CALLED = "The draft"


class GapAnswer(Value):
    """One value of the missing fact, and the lines that it would give."""

    value: str
    lines: tuple[Line, ...]
    settles: tuple[str, ...]


class DocumentationGap(Value):
    """A fact that is not stated and on which codes depend. ``insert_at`` is where a sentence about it belongs."""

    fact: str
    message: str
    is_needed: bool
    codes: tuple[str, ...]
    family: str | None
    procedure: int | None
    answers: tuple[GapAnswer, ...]
    evidence: tuple[EvidenceSpan, ...]
    insert_at: int | None


class Draft(Value):
    """The lines as of now, why a human would have to look, and what is still to be said."""

    disposition: Disposition
    date_of_service: date | None
    lines: tuple[CodeLine, ...]
    review_reasons: tuple[ReviewReason, ...]
    gaps: tuple[DocumentationGap, ...]
    profile: str
    versions: Versions


def draft(text: str, *, date_of_service: date | None, settings: Settings) -> Draft:
    """The draft of a partial report; of one without a word yet, an empty one."""
    profile = settings.chosen_profile()
    try:
        words = read_text(text, name=_CALLED).text
    except InputError as fault:
        if fault.kind != "empty":
            raise
        words = ""
    encounter = extract(words, date_of_service=date_of_service) if words else Encounter(date_of_service=date_of_service)
    if settings.professional_component:
        encounter = encounter.model_copy(update={"professional_component": True})
    answer = adjudicate(encounter, profile=profile)
    gaps = find_gaps(encounter, profile=profile)
    return Draft(
        disposition=answer.disposition, date_of_service=answer.date_of_service, lines=answer.lines,
        review_reasons=answer.review_reasons, gaps=tuple(_told(gap, encounter, words) for gap in gaps),
        profile=profile.profile if profile else DEFAULT_PROFILE, versions=versions(),
    )  # fmt: skip


def _told(gap: Gap, encounter: Encounter, text: str) -> DocumentationGap:
    return DocumentationGap(
        fact=gap.fact, message=gap_words.told(gap, encounter), is_needed=gap.is_needed, codes=gap_words.codes_of(gap),
        family=None if gap.procedure is None else encounter.procedures[gap.procedure].family,
        procedure=gap.procedure,
        answers=tuple(
            GapAnswer(
                value=answer.value, settles=answer.settles,
                lines=tuple(Line(code=code, modifiers=mods, units=units) for code, mods, units in answer.lines),
            )
            for answer in gap_words.changing(gap)
        ),
        evidence=gap.evidence,
        insert_at=_end_of_sentence(text, max(span.end for span in gap.evidence)) if gap.evidence else None,
    )  # fmt: skip


def _end_of_sentence(text: str, place: int) -> int:
    """Where the sentence that holds *place* ends: in front of its full stop or its line end."""
    found = _SENTENCE_END.search(text, place)
    return found.start() if found else len(text)
