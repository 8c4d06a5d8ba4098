"""Sessions that come oftener than payers cover, where the caller tells of earlier ones: warnings, never lines."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from rules.anatomy import FIELDS
from rules.count import row_in_force
from rules.encounter import PriorService
from rules.facts import Facts
from rules.model import Family, Frequency
from rules.outcome import Finding

_MONTHS = 12


def too_often(
    families: Mapping[str, Family], groups: Mapping[str, Sequence[Facts]], prior: Sequence[PriorService], day: date
) -> Iterator[Finding]:
    """A warning for each family done today whose sessions are more than its row of the day allows."""
    for name, group in sorted(groups.items()) if prior else ():
        for limit in families[name].frequency.values():
            found = row_in_force(limit.rows.items(), day)
            held = [facts for facts in group if facts.hold(limit.when)]
            if found is None or not held:
                continue
            row = found[1]
            since = _before(day, row.months)
            days = {p.date_of_service for p in prior if since < p.date_of_service < day and _counts(limit, p, held)}
            if len(days) + 1 > row.most:
                detail = f"{name}: {len(days) + 1} sessions in {row.months} months, limit {row.most}"
                yield Finding(row.warning, is_review=False, detail=detail)


def _counts(limit: Frequency, prior: PriorService, held: Sequence[Facts]) -> bool:
    """Whether an earlier session is of the kind and the region that is limited; one without a region is of any."""
    if prior.family not in limit.families or (limit.purposes and prior.purpose not in limit.purposes):
        return False
    ours = {FIELDS[region] for facts in held for region in facts.regions}
    theirs = {FIELDS[region] for region in prior.regions}
    return not ours or not theirs or bool(ours & theirs)


def _before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last one of its month."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
