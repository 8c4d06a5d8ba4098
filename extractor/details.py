"""The facts that a family asks for by name (``facts:`` of procedures.yaml), each read by a small function."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from extractor.facts import affirms, says
from extractor.patterns import phrases
from extractor.statements import Statement

_RELIEF = re.compile(
    r"\b(?:relief of (?:the )?pressure|pressure relief|therapeutic (?:lp|lumbar puncture|tap|puncture)|"
    r"(?:lower|reduce|relieve|bring down|get down) (?:the |her |his )?(?:\w+ )?pressure|"
    r"(?:bring|get|take) (?:the |her |his )?(?:\w+ )?pressure down)\b",
    re.IGNORECASE,
)
_VOLUME = re.compile(
    r"\b(\d{1,3})\s?(?:ml|cc|mls)\b[^.;]{0,30}\b(?:csf|cerebrospinal|spinal fluid|fluid|removed|drained|withdrawn)",
    re.IGNORECASE,
)
_UNHEADED = frozenset({"body", "preamble", "unknown"})
"""Parts in which the reason is told without a heading of its own."""

_LARGE = 20
"""Millilitres; so much fluid is seldom taken for the laboratory alone, and no threshold decides the purpose."""

_Reader = Callable[[tuple[Statement, ...]], dict[str, Any]]


def _purpose(statements: tuple[Statement, ...]) -> dict[str, Any]:
    told = _of_the_needle(statements)
    therapeutic, diagnostic = affirms(told, "purpose", "therapeutic"), affirms(told, "purpose", "diagnostic")
    asked = any(
        _RELIEF.search(s.sentence.text)
        for s in statements
        if s.sentence.role in {"indication", "story", "title"} or (s.sentence.role in _UNHEADED and not s.needle)
    )
    therapeutic = therapeutic or asked
    drained = max((int(m.group(1)) for s in told for m in _VOLUME.finditer(s.sentence.text)), default=0)
    if says(statements, "purpose", "unclear") and not asked and not says(statements, "drain"):
        return {"purpose": "unclear"}
    if drained >= _LARGE and not therapeutic:
        return {"purpose": "unclear"}
    if not (therapeutic or diagnostic) and affirms(told, "catheter_used"):
        return {"purpose": "therapeutic" if says(statements, "drain") else "unclear"}
    if therapeutic and diagnostic:
        return {"purpose": "diagnostic_and_therapeutic"}
    return {"purpose": "therapeutic" if therapeutic else "diagnostic" if diagnostic else "not_documented"}


def _of_the_needle(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """Titles, and sentences that speak of the spinal fluid or needle rather than of another organ or line."""
    return tuple(s for s in statements if s.counts and (s.stance == "claim" or _speaks_of_fluid(s)))


def _speaks_of_fluid(statement: Statement) -> bool:
    spinal = bool(statement.sentence.of("anatomy", "procedure"))
    other = phrases("facts", "other_organ").search(statement.sentence.text)
    return bool(spinal or (not other and phrases("facts", "fluid").search(statement.sentence.text)))


def _catheter(statements: tuple[Statement, ...]) -> dict[str, Any]:
    """Of a catheter that went through the spinal needle; lines in a vein or the bladder are none."""
    told = tuple(
        s
        for s in statements
        if s.stance == "claim"
        or s.sentence.of("anatomy")
        or not phrases("facts", "other_organ").search(s.sentence.text)
    )
    if affirms(told, "tunnelled") and not says(told, "not_tunnelled"):
        return {"catheter": "tunnelled"}
    if not affirms(told, "catheter_used"):
        spinal = tuple(s for s in told if s.sentence.of("anatomy"))
        stays = affirms(spinal, "catheter", "indwelling") or affirms(spinal, "catheter", "removed_same_day")
        return {"catheter": "not_documented" if stays else "none"}
    if affirms(told, "catheter", "removed_same_day"):
        return {"catheter": "removed_same_day"}
    return {"catheter": "indwelling" if affirms(told, "catheter", "indwelling") else "not_documented"}


def _study(statements: tuple[Statement, ...]) -> dict[str, Any]:
    results = tuple(s for s in statements if s.stance in {"result", "work"})
    formal = says(results, "formal_study") and says(results, "study_findings")
    return {"study": "formal" if formal else "claimed"}


def _arthrogram(statements: tuple[Statement, ...]) -> dict[str, Any]:
    """A formal study where one is named as such, or titled one and read under findings of its own."""
    titled = says((s for s in statements if s.stance == "claim"), "arthrogram")
    read = says((s for s in statements if s.sentence.role == "findings"), "arthrogram_findings")
    formal = says(statements, "formal_arthrogram") or (titled and read)
    return {"study": "formal" if formal else "confirmation"}


def _myelogram(statements: tuple[Statement, ...]) -> dict[str, Any]:
    refused = says(statements, "no_myelographic_images")
    taken = says(statements, "myelographic_images")
    return {"study": "none" if refused or not taken else "formal"}


def _lesion(statements: tuple[Statement, ...]) -> dict[str, Any]:
    told = tuple(s for s in statements if not phrases("facts", "other_organ").search(s.sentence.text))
    said = [kind for kind in ("pulsed", "thermal", "cryo", "chemical") if affirms(told, "lesion", kind)]
    if "pulsed" in said and "thermal" in said:
        return {"lesion": "mixed"}
    return {"lesion": said[0] if said else "not_documented"}


def _cavity(statements: tuple[Statement, ...]) -> dict[str, Any]:
    """Of an augmentation: a cavity denied anywhere outweighs one told of."""
    told = tuple(s for s in statements if s.stance != "claim")
    denied = any(
        m.name == "cavity" and "negated" in m.context for s in told if s.counts for m in s.sentence.of("actions")
    )
    if denied or says(told, "cavity", "none"):
        return {"cavity": "none"}
    if says(told, "cavity_failed"):
        return {"cavity": "none"}
    return {"cavity": "created" if affirms(told, "cavity", "created") else "not_documented"}


def _any_cavity(statements: tuple[Statement, ...]) -> dict[str, Any]:
    """Of a vertebroplasty: a cavity told of anywhere outweighs one denied."""
    told = tuple(s for s in statements if s.stance != "claim" and not says((s,), "cavity", "none"))
    return {"cavity": "created" if says(told, "cavity", "created") else "not_documented"}


def _course(statements: tuple[Statement, ...]) -> dict[str, Any]:
    return {"course": "series" if says(statements, "series") else "one_day"}


def _share(statements: tuple[Statement, ...]) -> dict[str, Any]:
    if says(statements, "access_only"):
        return {"share": "access_only"}
    return {"share": "interpretation_only" if says(statements, "injected_elsewhere") else "whole"}


_READERS: dict[str, _Reader] = {
    "purpose": _purpose,
    "catheter": _catheter,
    "study": _study,
    "arthrogram": _arthrogram,
    "myelogram": _myelogram,
    "lesion": _lesion,
    "cavity": _cavity,
    "any_cavity": _any_cavity,
    "course": _course,
    "share": _share,
}


def _images(statements: tuple[Statement, ...]) -> dict[str, Any]:
    kept = affirms(statements, "images") or any(
        affirms((s,), "image_words") and affirms((s,), "kept_words") for s in statements
    )
    return {"images": "stored" if kept else "not_documented"}


def read_details(names: tuple[str, ...], statements: tuple[Statement, ...]) -> dict[str, Any]:
    """Fields of ``Procedure`` for the facts named; unknown stays unknown."""
    fields: dict[str, Any] = _images(statements)
    for name in names:
        fields.update(_READERS[name](statements))
    return fields
