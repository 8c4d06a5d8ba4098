"""Report to sentences with their mentions as plain values; the last file that sees a spaCy object."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from itertools import pairwise

from extractor.document import Document
from extractor.layout import Layout
from extractor.levels import LevelMention, find_levels
from extractor.patterns import expression
from extractor.pipeline import GROUP, LEVEL_LABEL, LEVELS, STARTS, build, labels_of

_PORTION = 5000
_JOINT = re.compile(r"\s(?:facet |z |zygapophyseal )?joints?\b(?!\s(?:line|disease|arthropathy))", re.IGNORECASE)
"""After two neighbouring bones, a joint is a facet joint."""

_ROOT = re.compile(r"\s(?:spinal )?roots?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """A phrase with its meaning, ``kind`` (procedure, anatomy, action, guidance, agent ...) and ``name``.

    ``context`` is what ConText says of it: ``negated``, ``historical``, ``planned``, ``conditional``, ``consent``,
    ``generic``, ``other``.
    """

    kind: str
    name: str
    start: int
    end: int
    context: frozenset[str]
    level: LevelMention | None = None

    @property
    def plain(self) -> bool:
        """Whether nothing in the sentence takes the mention back."""
        return not self.context


@dataclass(frozen=True, slots=True)
class Sentence:
    """``clean[start:end]`` with the role of its section and its mentions from left to right."""

    number: int
    start: int
    end: int
    text: str
    role: str
    heading: str
    section: int
    mentions: tuple[Mention, ...]

    def of(self, *kinds: str) -> tuple[Mention, ...]:
        """Its mentions of these kinds."""
        return tuple(mention for mention in self.mentions if mention.kind in kinds)


def find_sentences(document: Document, layout: Layout) -> tuple[Sentence, ...]:
    """Every sentence of the report in order; headings are left out, but for those that no list of headings knows.

    A field answered by no ("Facet injection: none") takes back all that it names.
    """
    if not document.clean:
        return ()
    levels = find_levels(document.clean)
    mentions = _mentions(document.clean, layout.starts, levels)
    places = [mention.start for mention in mentions]
    sentences: list[Sentence] = []
    for index, section in enumerate(layout.sections):
        starts = [start for start in layout.starts if section.body <= start < section.end]
        if section.body >= section.end:
            continue
        if not starts or starts[0] != section.body:
            starts.insert(0, section.body)
        if section.role == "unknown":
            starts[0] = section.start
        for start, end in zip(starts, [*starts[1:], section.end], strict=True):
            inside = mentions[bisect_right(places, start - 1) : bisect_right(places, end - 1)]
            text = document.clean[start:end].rstrip()
            if expression("blanks", "denied_field").fullmatch(text):
                inside = [replace(m, context=m.context | {"negated"}) for m in inside]
            if text:
                sentences.append(
                    Sentence(
                        len(sentences),
                        start,
                        start + len(text),
                        text,
                        section.role,
                        section.heading,
                        index,
                        tuple(inside),
                    )
                )
    return tuple(sentences)


def _mentions(clean: str, starts: tuple[int, ...], levels: tuple[LevelMention, ...]) -> list[Mention]:
    """Mentions of the whole text, in portions that end with a sentence: ConText compares all pairs of a portion."""
    found: list[Mention] = []
    bounds = [*_portions(starts, len(clean)), len(clean)]
    places = [level.start for level in levels]
    for start, end in pairwise(bounds):
        inside = levels[bisect_left(places, start) : bisect_left(places, end)]
        sentences = starts[bisect_left(starts, start) : bisect_left(starts, end)]
        found.extend(_read_portion(clean, start, end, sentences, inside))
    return sorted(found, key=lambda mention: (mention.start, mention.end, mention.kind, mention.name))


def _portions(starts: tuple[int, ...], length: int) -> list[int]:
    """Places where portions begin: every so many characters, at the start of a sentence."""
    begins = [0]
    for start in starts:
        if start - begins[-1] >= _PORTION and length - start > 0:
            begins.append(start)
    return begins


def _read_portion(
    clean: str, begin: int, end: int, starts: tuple[int, ...], levels: tuple[LevelMention, ...]
) -> list[Mention]:
    nlp = build()
    doc = nlp.make_doc(clean[begin:end])
    if not len(doc):
        return []
    doc.user_data[STARTS] = [start - begin for start in starts]
    doc.user_data[LEVELS] = [(level.start - begin, level.end - begin) for level in levels]
    doc = nlp(doc)
    context: dict[tuple[int, int, str], set[str]] = {}
    for target, modifier in doc._.context_graph.edges:
        key = (target.start_char, target.end_char, target.label_)
        context.setdefault(key, set()).add(modifier.category.lower())
    found: list[Mention] = []
    about_levels: dict[int, frozenset[str]] = {}
    for span in doc.spans[GROUP]:
        about = frozenset(context.get((span.start_char, span.end_char, span.label_), ()))
        if span.label_ == LEVEL_LABEL:
            about_levels[span.start_char] = about_levels.get(span.start_char, frozenset()) | about
            continue
        for label in labels_of().get(span.text.lower(), (span.label_,)):
            kind, _, name = label.partition(":")
            found.append(Mention(kind, name, begin + span.start_char, begin + span.end_char, about))
    tokens = sorted(about_levels)
    for level in levels:
        place = bisect_right(tokens, level.start - begin) - 1
        about = about_levels[tokens[place]] if place >= 0 else frozenset()
        joint = _JOINT.match(clean, level.end)
        if level.kind == "pair" and joint:
            found.append(Mention("anatomy", "facet_joint", level.start, joint.end(), about))
        if root := _ROOT.match(clean, level.end):
            found.append(Mention("anatomy", "nerve_root", level.start, root.end(), about))
        found.append(Mention("level", level.kind, level.start, level.end, about, level))
    return found
