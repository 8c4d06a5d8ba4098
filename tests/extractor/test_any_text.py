"""Whatever the text: no exception, evidence exact to the character, the same answer again, no fact from white space."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractor.document import read
from extractor.extract import extract
from extractor.layout import lay_out
from extractor.mentions import find_sentences
from rules.encounter import Encounter, EvidenceSpan, Procedure
from rules.library import library

REPORTS = Path(__file__).parent.parent.parent / "corpus/reports"
CALM = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""The first text pays for loading the pipeline, and a report costs more than a hypothesis example likes to."""

LONGEST_PORTION = 7_500
"""Characters that ConText may compare with one another: a portion of 5,000 and the sentence that ends it."""


@cache
def reports() -> dict[str, str]:
    return {path.stem: path.read_bytes().decode() for path in sorted(REPORTS.glob("*.txt"))}


@cache
def some_reports() -> dict[str, str]:
    return dict(list(reports().items())[::24])


def spans(encounter: Encounter) -> Iterator[EvidenceSpan]:
    for procedure in encounter.procedures:
        yield from procedure.evidence
        for proof in procedure.evidence_for.values():
            yield from proof
    for doubt in encounter.doubts:
        yield from doubt.evidence
    yield from (mention.evidence for mention in encounter.seen)


def facts(encounter: Encounter) -> tuple[list[dict[str, Any]], list[str]]:
    """Everything but the evidence."""
    procedures = [one.model_dump(exclude={"evidence", "evidence_for"}) for one in encounter.procedures]
    return procedures, sorted(doubt.reason for doubt in encounter.doubts)


def hold(text: str) -> Encounter:
    """What must be true of every reading of every text."""
    encounter = extract(text)
    for span in spans(encounter):
        assert text[span.start : span.end] == span.quote
        assert span.quote
    reasons = {doubt.reason for doubt in encounter.doubts}
    assert reasons <= set(library().reasons)
    families = [procedure.family for procedure in encounter.procedures]
    assert len(families) == len(set(families))
    for procedure in encounter.procedures:
        _holds_together(procedure)
    return encounter


def _holds_together(procedure: Procedure) -> None:
    """The short forms of the sites say what the sites say."""
    by_kind = {
        kind: [s.name for s in procedure.sites if s.kind in kind]
        for kind in ("interspace foramen", "vertebral_body", "nerve")
    }
    assert list(procedure.levels) == by_kind["interspace foramen"]
    assert list(procedure.vertebral_bodies) == by_kind["vertebral_body"]
    assert list(procedure.nerves) == by_kind["nerve"]
    assert len({(site.kind, site.name) for site in procedure.sites}) == len(procedure.sites)
    sides = {site.side for site in procedure.sites}
    assert len(sides) != 1 or procedure.side in sides


@pytest.mark.parametrize("stem", reports())
def test_evidence_of_every_report_is_exact(stem: str) -> None:
    hold(reports()[stem])


@pytest.mark.parametrize("stem", some_reports())
def test_the_same_report_is_read_the_same_again(stem: str) -> None:
    text = reports()[stem]
    assert extract(text).model_dump_json() == extract(text).model_dump_json()


SAME: dict[str, Callable[[str], str]] = {
    "line ends of two characters": lambda text: text.replace("\n", "\r\n"),
    "line ends of the old kind": lambda text: text.replace("\n", "\r"),
    "spaces after the lines": lambda text: text.replace("\n", "   \n"),
    "tabs": lambda text: text.replace(" ", "\t"),
    "non-breaking spaces": lambda text: text.replace(" ", "\u00a0"),
    "thin spaces": lambda text: text.replace(" ", "\u2009"),
    "two spaces": lambda text: text.replace(" ", "  "),
    "curly quotes": lambda text: text.replace("'", "\u2019").replace('"', "\u201c"),
    "en dashes": lambda text: text.replace("-", "\u2013"),
    "minus signs": lambda text: text.replace("-", "\u2212"),
    "non-breaking hyphens": lambda text: text.replace("-", "\u2011"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "zero-width spaces": lambda text: text.replace(" ", " \u200b"),
    "soft hyphens": lambda text: text.replace("facet", "fa\u00adcet").replace("epidural", "epi\u00addural"),
    "emoji at the line ends": lambda text: text.replace("\n", " \U0001f642\n"),
    "form feeds": lambda text: text.replace("\n\n", "\n\x0c\n"),
    "no line end at the end": lambda text: text.rstrip("\n"),
}


@cache
def facts_as_written(stem: str) -> tuple[list[dict[str, Any]], list[str]]:
    return facts(extract(reports()[stem]))


@pytest.mark.parametrize("name", SAME)
@pytest.mark.parametrize("stem", some_reports())
def test_signs_that_say_nothing_change_no_fact(stem: str, name: str) -> None:
    assert facts(hold(SAME[name](reports()[stem]))) == facts_as_written(stem)


@CALM
@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    hold(text)


WORDS = st.sampled_from([
    "left", "right", "bilateral", "L4-5", "L5-S1", "C5-6", "L3", "T12", "and", "facet joint", "epidural", "foramen",
    "needle", "injected",
    "fluoroscopy", "CT", "without", "not", "was", "PROCEDURE:", "TECHNIQUE:", "ADDENDUM:", "HISTORY:", "correction,",
    "should read",
    "\n", "\n\n", ".", ",", ";", "1.", "2)", "- ", "[x]", "[ ]", "***", "___", "cement", "L2", "pedicle",
    "vertebroplasty", "discogram",
    "blood", "myelogram", "radiofrequency", "medial branch", "same on the other side", "aborted", "DOS: 6/1/06",
    "\u00a0", "\u2013",
    "e\u0301", "\U0001f642", "\x0c", "\u017f", "İ", "ß", "٤", "²", "period", "if", "will", "lumbar two level", "L45",
    "L4 5", "T1011",
])  # fmt: skip


@CALM
@given(st.lists(WORDS, max_size=80).map(" ".join))
def test_any_words_of_the_trade_can_be_read(text: str) -> None:
    assert facts(hold(text)) == facts(extract(text))


@CALM
@given(st.data())
def test_a_report_that_was_damaged_can_be_read(data: st.DataObject) -> None:
    """Pieces of reports cut out, doubled, swapped, run together or set in other signs."""
    stem = data.draw(st.sampled_from(sorted(reports())))
    chance = random.Random(data.draw(st.integers(0, 2**32)))  # noqa: S311 - no secret
    text = reports()[stem]
    for _ in range(data.draw(st.integers(1, 6))):
        a, b = sorted(chance.sample(range(len(text) + 1), 2))
        other = chance.choice(list(reports().values()))
        text = chance.choice([
            text[:a] + text[b:], text[:b] + text[a:], text[b:] + text[a:b] + text[:a],
            text[:a] + other[: b - a] + text[b:],
            text[:a] + text[a:b].upper() + text[b:], text[:a] + text[a:b].lower() + text[b:],
            text[:a] + text[a:b].replace("\n", " ") + text[b:], text[:a] + text[a:b].replace(" ", "\n") + text[b:],
            text[:a] + text[a:b][::-1] + text[b:], text[:a] + text[a:b].replace(" ", "") + text[b:],
            text[:a] + SAME[chance.choice(list(SAME))](text[a:b]) + text[b:],
        ])  # fmt: skip
    hold(text[:20_000])


@pytest.mark.parametrize(
    "text",
    [
        "needle injected at L4-5 on the left, " * 1_500, "L4-5 " * 8_000, "L4-" * 10_000, "*** " * 10_000,
        "a: " * 15_000,
        "(" * 20_000 + ")" * 20_000, "\n" * 20_000 + "x", "[ ] " * 8_000, "left right " * 5_000, "1. " * 10_000,
        "." * 40_000,
        "correction L4-5 " * 3_000, "facet joint injection. " * 2_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_what_is_compared_pairwise_stays_short(text: str) -> None:
    """The time is linear in the length of a text because sentences and portions are bounded; nothing is timed here."""
    document = read(text)
    starts = [*lay_out(document).starts, len(document.clean)]
    assert max((b - a for a, b in pairwise(starts)), default=0) <= LONGEST_PORTION
    for sentence in find_sentences(document, lay_out(document)):
        assert len(sentence.text) <= LONGEST_PORTION
    hold(text)
