"""`/v1/rules`: what codes what when, with its sources; the same pages as `spinecoder rules`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BeforeValidator, WithJsonSchema
from starlette.responses import Response

from api.kept import Value
from api.reading import InputError, read_date
from api.requests import Who
from api.result import Versions
from api.rules_pages import code_page, family_page, timeline_page
from api.tables import Format, Page, written
from api.versions import versions
from rules.library import library

router = APIRouter(tags=["rules"])

On = Annotated[
    date | None, BeforeValidator(lambda value: read_date(value) if isinstance(value, str) else value),
    WithJsonSchema({"type": "string", "format": "date"}), Query(description="Only what is in force on this day."),
]  # fmt: skip
Family = Annotated[
    str, Path(description="A family with rules here.", examples=["facet_injection"], pattern=r"^[a-z0-9_]{1,60}$")
]
Code = Annotated[
    str, Path(description="A code the rules know.", examples=sorted(library().codes)[:1], pattern=r"^[0-9A-Z]{5}$")
]


class Rules(Value):
    """The rules that are loaded."""

    versions: Versions
    families: tuple[str, ...]
    without_rules: dict[str, str]
    profiles: tuple[str, ...]
    codes: tuple[str, ...]


class RulesTable(Value):
    """Rows of words under named columns."""

    title: str
    rows: tuple[dict[str, str], ...]


class RulesPage(Value):
    """A title, sentences about what is shown, and tables."""

    title: str
    about: tuple[str, ...]
    tables: tuple[RulesTable, ...]


class Meaning(Value):
    """What a review reason or a warning means, and what a human decides."""

    means: str
    decide: str | None = None


_PAGE: dict[int | str, dict[str, Any]] = {200: {"model": RulesPage, "description": "The page as tables."}}


def _answer(page: Page) -> Response:
    return Response(written(page, Format.json), media_type="application/json")


@router.get("/v1/rules", operation_id="rules", summary="The rules that are loaded")
async def rules(_who: Who) -> Rules:
    """Roles: any. Families, codes and profiles, with the versions that results name."""
    loaded = library()
    return Rules(
        versions=versions(), families=tuple(sorted(loaded.families)), without_rules=dict(loaded.without_rules),
        profiles=tuple(sorted(loaded.profiles)), codes=tuple(sorted(loaded.codes)),
    )  # fmt: skip


@router.get("/v1/rules/families/{family}", operation_id="rules_family", summary="A family on a day", responses=_PAGE)
async def family_on(family: Family, _who: Who, on: On = None) -> Response:
    """Roles: any. Without a day, on the newest that somebody has read sources for."""
    return _answer(family_page(library(), family, on=on))


@router.get("/v1/rules/families/{family}/timeline", operation_id="rules_timeline", summary="A family through time",
            responses=_PAGE)  # fmt: skip
async def family_timeline(family: Family, _who: Who) -> Response:
    """Roles: any. What of the family is in force when."""
    return _answer(timeline_page(library(), family))


@router.get("/v1/rules/codes/{code}", operation_id="rules_code", summary="All there is about a code", responses=_PAGE)
async def code(code: Code, _who: Who, on: On = None) -> Response:
    """Roles: any. Life, limits, what gives it, what it stands beside and excludes."""
    if code not in library().codes:
        raise InputError("no_code", "The rules know no such code.")
    return _answer(code_page(library(), code, on=on))


@router.get("/v1/rules/sources", operation_id="rules_sources", summary="What the rules cite")
async def sources(_who: Who) -> dict[str, dict[str, object]]:
    """Roles: any. Every source by its id."""
    return {name: source.model_dump(mode="json", exclude_none=True) for name, source in library().sources.items()}


@router.get("/v1/rules/reasons", operation_id="rules_reasons", summary="Review reasons")
async def reasons(_who: Who) -> dict[str, Meaning]:
    """Roles: any. What each review reason means and what a human decides."""
    return {name: Meaning(means=entry.means, decide=entry.decide) for name, entry in library().reasons.items()}


@router.get("/v1/rules/warnings", operation_id="rules_warnings", summary="Warnings")
async def warnings(_who: Who) -> dict[str, Meaning]:
    """Roles: any. What each warning means."""
    return {name: Meaning(means=entry.means, decide=entry.decide) for name, entry in library().warnings.items()}
