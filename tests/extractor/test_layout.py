"""Where parts and sentences begin: headings of any style, wrapped lines, lists, abbreviations, spoken punctuation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.document import read
from extractor.layout import lay_out
from extractor.lexicon_files import load
from extractor.mentions import find_sentences
from extractor.phrases import expand

PARTS = {
    "PROCEDURE: One. TECHNIQUE: Two. PLAN: Three.": ["title", "technique", "plan"],
    "Procedure:\na\nTechnique:\nb\nPlan:\nc": ["title", "technique", "plan"],
    "procedure: a\ntechnique: b\nplan: c": ["title", "technique", "plan"],
    "PROCEDURE\na\n\nTECHNIQUE\nb\n\nPLAN\nc": ["title", "technique", "plan"],
    "Procedure - a\nTechnique - b\nPlan - c": ["title", "technique", "plan"],
    "Procedure — a\nTechnique — b\nPlan — c": ["title", "technique", "plan"],
    "**Procedure:** a\n**Technique:** b\n**Plan:** c": ["title", "technique", "plan"],
    "1. PROCEDURE: a\n2. TECHNIQUE: b\n3. PLAN: c": ["title", "technique", "plan"],
    "Procedure | a\nTechnique | b\nPlan | c": ["title", "technique", "plan"],
    "PROCEDURE:\ta\nTECHNIQUE:\tb\nPLAN:\tc": ["title", "technique", "plan"],
    "PROCEDURE : a\nTECHNIQUE : b": ["title", "technique"],
    "PROCEDURE (S): a\nTECHNIQUE: b": ["title", "technique"],
    "a\nPROCEDURE: b": ["preamble", "title"],
    "just words": ["body"],
    "PRIOR PROCEDURES: a\nPROCEDURE: b": ["history", "title"],
    "Earlier treatment of this kind: a\nPROCEDURE: b": ["history", "title"],
    "INDICATION: pain\n\nmore words": ["indication", "body"],
    "ADDENDUM: a": ["addendum"],
    "the procedure: it went well.": ["body"],
    "A technique with no colon": ["body"],
}  # fmt: skip
SENTENCES = {
    "One. Two. Three.": ["One.", "Two.", "Three."],
    "Dr. Vane gave 5 mg. Then he left.": ["Dr. Vane gave 5 mg.", "Then he left."],
    "A 22 ga. needle vs. a 25 ga. one.": ["A 22 ga. needle vs. a 25 ga. one."],
    "1. Left L4-5. 2. Right L5-S1.": ["1. Left L4-5.", "2. Right L5-S1."],
    "Done?Yes! Good.": ["Done?", "Yes!", "Good."],
    "1.5 ml was given. 2.5 ml was left.": ["1.5 ml was given.", "2.5 ml was left."],
    "At L5. Then at S1. Done.": ["At L5.", "Then at S1.", "Done."],
    "first part period second part period": ["first part period", "second part period"],
    "a long period of rest": ["a long period of rest"],
    "- one\n- two\n* three": ["- one", "- two", "* three"],
    "One\n\nTwo": ["One", "Two"],
    "One;\nTwo": ["One;", "Two"],
    'He said "stop." Then we stopped.': ['He said "stop."', "Then we stopped."],
}  # fmt: skip
WRAPPED = (
    "Under fluoroscopic guidance a needle was advanced into the left L4-5\n"
    "facet joint. After the contrast had been seen in the joint, 20 mg of\n"
    "triamcinolone was injected. The needle was removed, and the patient\n"
    "Was taken to recovery in good condition, where he was observed for\n"
    "half an hour."
)


def roles(text: str) -> list[str]:
    return [section.role for section in lay_out(read(text)).sections]


def sentences(text: str) -> list[str]:
    document = read(text)
    starts = [*lay_out(document).starts, len(document.clean)]
    return [document.clean[a:b].strip() for a, b in pairwise(starts)]


@pytest.mark.parametrize(("text", "parts"), PARTS.items())
def test_parts(text: str, parts: list[str]) -> None:
    assert roles(text) == parts


@pytest.mark.parametrize(("text", "expected"), SENTENCES.items())
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_wrapped_lines_are_one_sentence() -> None:
    assert [one.split()[0] for one in sentences(WRAPPED)] == ["Under", "After", "The"]


def test_the_body_of_a_part_does_not_hold_its_heading() -> None:
    document = read("PROCEDURE: Left L4-5.\nPLAN: none")
    first, second = lay_out(document).sections
    assert (first.heading, document.clean[first.body : first.end].strip()) == ("procedure", "Left L4-5.")
    assert (second.heading, document.clean[second.body : second.end]) == ("plan", "none")


HEADINGS = sorted(
    {
        literal: role
        for role, patterns in load("sections").items()
        if role != "keywords"
        for p in patterns
        for literal in expand(p)
    }
)


STUDIES = {
    one for one in HEADINGS if one.endswith(("myelogram", "discogram", "epidurogram", " ct", " spine")) or one == "ct"
}


@pytest.mark.parametrize("style", ["{}: words here", "{}\nwords here\n", "{}:\nwords here", "x.\n\n{} : words here"])
def test_every_heading_of_the_lexicon_opens_a_part(style: str) -> None:
    silent = [
        one for one in HEADINGS if all(s.heading != one for s in lay_out(read(style.format(one.title()))).sections)
    ]
    assert [one for one in silent if not (style.startswith("{}\n") and one in STUDIES)] == []


def test_the_name_of_a_study_alone_on_the_first_line_is_the_title() -> None:
    assert {lay_out(read(f"{one.title()}\nwords here\n")).sections[0].role for one in STUDIES} == {"body"}


LINES = st.lists(st.sampled_from([
    "PROCEDURE:", "Plan", "TECHNIQUE: The needle", "words that go on", "a. b", "1. item", "- item", "", " ", "End.",
    "History -",
    "left L4-5", "and so on until the line is rather long, as lines of a report are wont to be", "UNKNOWN THING: yes",
    "[x] a",
]), max_size=25)  # fmt: skip


@settings(deadline=None)  # the first text pays for loading the pipeline
@given(st.one_of(st.text(), LINES.map("\n".join)))
def test_parts_cover_the_text_and_sentences_stay_inside_them(text: str) -> None:
    document = read(text)
    layout = lay_out(document)
    clean = document.clean
    if not clean:
        assert (layout.sections, layout.starts) == ((), ())
        return
    assert layout.sections[0].start == 0
    assert layout.sections[-1].end == len(clean)
    for section, following in pairwise(layout.sections):
        assert section.start <= section.body <= section.end
        assert section.end == following.start
    assert list(layout.starts) == sorted(set(layout.starts))
    assert layout.starts[0] == 0
    for sentence in find_sentences(document, layout):
        assert clean[sentence.start : sentence.end] == sentence.text
        section = layout.sections[sentence.section]
        first = section.start if section.role == "unknown" else section.body
        assert first <= sentence.start < sentence.end <= section.end
        for mention in sentence.mentions:
            assert sentence.start <= mention.start < mention.end <= len(clean)


@pytest.mark.parametrize(
    "text", ["word " * 20_000, "left L4-5 needle injected, " * 2_000, "a: " * 20_000, "L4 - " * 5_000]
)
def test_no_sentence_grows_without_end(text: str) -> None:
    """The cost of a report stays linear: ConText compares the pairs of a portion, and a sentence is never longer."""
    document = read(text)
    starts = [*lay_out(document).starts, len(document.clean)]
    assert max(b - a for a, b in pairwise(starts)) <= 2_000
