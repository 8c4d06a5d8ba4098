"""Where the parts and sentences of a report begin: headings of any style, wrapped lines, numbered lists."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from extractor.document import Document
from extractor.lexicon_files import load
from extractor.patterns import phrases
from extractor.phrases import expand
from extractor.runs import after_semicolons, cuts_of_long_runs

_BULLET = re.compile(r"(?:\(?\d{1,2}[.)]|[-*>#]+|\(?[a-zA-Z][.)])\s?")
_STOP = re.compile(r"[.!?]+(?=[\"')\]]?\s)|[.!?](?=[A-Z][a-z]{2})")
_SPOKEN = re.compile(
    r"\b(?:period(?! of\b)|full stop|next line|new line|new paragraph|next paragraph)\b[\s.,]*", re.IGNORECASE
)
"""Punctuation said aloud and typed as words; believed where it occurs more than once."""

_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:dr|drs|mr|mrs|ms|no|nos|vs|approx|e\.?g|i\.?e|pt|st|fig|lat|inj|vol|ga|g|min|sec|hr|wt|prof|dept|"
    r"a\.?m|p\.?m|[a-z]|m\.?d|d\.?o|pts|resp|bilat|lt|rt|ap|post|ant|sup|inf|med|incl|conc)$",
    re.IGNORECASE,
)
_UNKNOWN_HEADING = re.compile(r"(?:[A-Z][A-Za-z /&()'-]{2,40}|[A-Z][A-Z /&()',-]{2,40}):(?=\s|$)")
_STUDY_NAME = re.compile(r"(?:^|\s)(?:myelogram|ct|spine|discogram|epidurogram)$")
"""Headings that are the title of the report where they stand alone on its first line."""

_EXAMS = frozenset({"exam", "exams", "examination", "examinations"})
_SUBHEADING_WORDS = re.compile(
    r"\d|\b(?:LEFT|RIGHT|BILATERAL|FACET|MEDIAL|EPIDURAL|SACROILIAC|JOINT|NERVE|FORAMEN|LUMBAR|CERVICAL|THORACIC)\b",
    re.IGNORECASE,
)
_FEWEST_WRAPPED_LINES = 4
_WRAP_WIDTHS = range(40, 111)
"""Widths, in characters, at which editors wrap the lines of a report."""

_WRAP_SLACK = 3
_LONG_LINE = 30
"""Characters; a line longer than this goes on where the next begins in lower case."""
_ONE_PARAGRAPH = frozenset({
    "indication", "diagnosis", "consent", "order", "header", "details", "comparison", "unknown", "billing", "site",
    "exam",
})  # fmt: skip
"""Parts that end with their paragraph; what follows without a heading is the body of the report again."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report in places of ``clean``: ``role`` from ``sections.yaml``, or ``body`` / ``preamble``."""

    role: str
    heading: str
    start: int
    body: int
    end: int


@dataclass(frozen=True, slots=True)
class _Heading:
    """The start of a part; ``numbered`` when it opens as an item of a list does."""

    role: str
    words: str
    start: int
    body: int
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Sections in order, covering the text without gaps, and the places where sentences begin."""

    sections: tuple[Section, ...]
    starts: tuple[int, ...]


@cache
def _role_of() -> dict[str, str]:
    roles: dict[str, str] = {}
    for role, patterns in load("sections").items():
        for pattern in patterns if role != "keywords" else ():
            for literal in expand(pattern):
                roles.setdefault(literal, role)
    return roles


@cache
def _heading_pattern() -> re.Pattern[str]:
    spelled = (re.escape(one).replace(r"\ ", r"\s") for one in sorted(_role_of(), key=lambda one: (-len(one), one)))
    return re.compile(
        rf"(?P<words>{'|'.join(spelled)})(?P<number>\s?#\s?\d{{1,2}})?(?:\s?\([^)]{{0,40}}\))?(?P<mark>\s?:+|\s?\|+|\s-+(?=\s)|\.(?=\s)|(?=\s|$))",
        re.IGNORECASE,
    )


def _names_a_study(clean: str, body: int) -> bool:
    """Whether "EXAM:" opens the name of a study rather than the physical examination."""
    words = clean[body : body + 120]
    study = re.search(r"\b(?:ct|mri?|x-?ray|\w+grams?|\w+graphy)\b", words[:60], re.IGNORECASE)
    return bool(phrases("sentences", "vague_title").search(words) or study)


def _placed_by_words(heading: str) -> str:
    words = f" {heading.lower()} "
    for role, keys in load("sections")["keywords"].items():
        if any(re.search(rf"\b{re.escape(key)}\b", words) for key in keys):
            return str(role)
    return "unknown"


def lay_out(document: Document) -> Layout:
    """Find headings, then sentences; a heading always ends the sentence before it."""
    clean = document.clean
    if not clean:
        return Layout((), ())
    lines = _lines(document)
    sentence_starts = _sentence_starts(document, lines)
    sections = _sections(clean, lines, sentence_starts)
    sentence_starts |= after_semicolons(clean, sentence_starts)
    sentence_starts |= cuts_of_long_runs(clean, sentence_starts)
    edges = {edge for section in sections for edge in (section.start, section.body) if edge < len(clean)}
    return Layout(sections, tuple(sorted(sentence_starts | edges | {0})))


def _lines(document: Document) -> list[tuple[int, int, int]]:
    """Start, end and strength of the break before each line."""
    starts = [(0, 2), *document.breaks] if not document.breaks or document.breaks[0][0] else list(document.breaks)
    lines = []
    for number, (start, strength) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(document.clean)
        lines.append((start, end, strength))
    return lines


def _sentence_starts(document: Document, lines: list[tuple[int, int, int]]) -> set[int]:
    clean = document.clean
    widths = [len(clean[start:end].rstrip()) for start, end, _ in lines]
    widest = max(widths)
    full = sum(width > 0.6 * widest for width in widths)
    wrapped = len(lines) >= _FEWEST_WRAPPED_LINES and widest in _WRAP_WIDTHS and full >= len(lines) * 0.3
    starts: set[int] = set()
    for number, (start, end, strength) in enumerate(lines):
        if number and not (
            strength == 1 and _is_wrap(clean, lines[number - 1], start, end, widest if wrapped else None)
        ):
            starts.add(start)
    spoken = list(_SPOKEN.finditer(clean))
    if len(spoken) > 1:
        starts.update(word.end() for word in spoken if word.end() < len(clean))
    for stop in _STOP.finditer(clean):
        before = clean[max(0, stop.start() - 8) : stop.start()]
        after = stop.end()
        if after < len(clean) and clean[after] in "\"')]":
            after += 1
        if stop.group() == "." and (_ABBREVIATION.search(before) and not before.endswith(("L5", "S1"))):
            continue
        if re.search(r"(?:^|[\s:;.(])\d{1,2}$", before) and _opens_a_list_item(clean, stop.start(), starts):
            continue
        while after < len(clean) and clean[after] == " ":
            after += 1
        if after < len(clean):
            starts.add(after)
    return starts


def _opens_a_list_item(clean: str, stop: int, starts: set[int]) -> bool:
    """Whether the full stop at *stop* belongs to an enumerator such as ``1.`` rather than ending a sentence."""
    place = stop
    while place > 0 and clean[place - 1].isdigit():
        place -= 1
    before = clean[:place].rstrip()
    return place in starts or not before or before[-1] in ".:;!?"


def _is_wrap(clean: str, previous: tuple[int, int, int], start: int, end: int, width: int | None) -> bool:
    """Whether the line from *start* goes on with the sentence of the line before it."""
    if _BULLET.match(clean, start, end) or _heading_at(clean, start, end, line_start=True):
        return False
    before = clean[previous[0] : previous[1]].rstrip()
    if not before or before[-1] in ".:!?":
        return False
    first_word = clean[start:end].split(" ", 1)[0]
    if clean[start].islower() and (width is not None or len(before) > _LONG_LINE):
        return True
    return width is not None and len(before) + 1 + len(first_word) >= width - _WRAP_SLACK


def _heading_at(clean: str, place: int, line_end: int, *, line_start: bool) -> tuple[str, int] | None:
    """The heading words at *place* and where its body starts; mid-line only before a colon."""
    found = _heading_pattern().match(clean, place)
    if found is None:
        return None
    words, mark = " ".join(found["words"].lower().split()), found["mark"].strip()
    end = found.end()
    if not mark:
        if not line_start or clean[end:line_end].strip():
            return None
    elif (
        mark[0] in "-."
        and not found["number"]
        and not (line_start and found["words"][: None if mark[0] == "." else 1].isupper())
    ):
        return None
    if not line_start and not found["words"][0].isupper():
        return None
    while end < len(clean) and clean[end] == " ":
        end += 1
    return words, end


def _headings(clean: str, lines: list[tuple[int, int, int]], sentence_starts: set[int]) -> list[_Heading]:
    """Every heading in order; what stands before the first one counts as the body of a heading without words."""
    line_ends = {start: end for start, end, _ in lines}
    found: list[_Heading] = []
    covered = line_end = 0
    for place in sorted(line_ends.keys() | sentence_starts):
        line_end = line_ends.get(place, line_end)
        if place < covered:
            continue
        titled = any(heading.role == "title" for heading in found)
        heading = _known_heading(clean, place, line_end, line_start=place in line_ends, titled=titled)
        if heading and place == 0 and ":" not in clean[: heading.body] and _STUDY_NAME.search(heading.words):
            heading = None
        if heading is None and place in line_ends:
            heading = _unknown_heading(clean, place, line_end)
        if heading:
            found.append(heading)
            covered = heading.body
    if not found or found[0].start > 0:
        found.insert(0, _Heading("preamble" if found else "body", "", 0, 0))
    return found


def _known_heading(clean: str, place: int, line_end: int, *, line_start: bool, titled: bool) -> _Heading | None:
    """A heading of ``sections.yaml``, also behind an enumerator; *titled* when the report has its title already."""
    opens = _heading_at(clean, place, line_end, line_start=line_start)
    bullet = _BULLET.match(clean, place, line_end) if line_start else None
    if opens is None and bullet and bullet.group().strip() != "-":
        opens = _heading_at(clean, bullet.end(), line_end, line_start=True)
        if opens and ":" not in clean[opens[1] - 2 : opens[1]]:
            return None
    if opens is None:
        return None
    words, body = opens
    role = _role_of().get(words, "unknown")
    if role == "title" and words in _EXAMS and (titled or not _names_a_study(clean, body)):
        role = "exam"
    return _Heading(role, words, place, body, numbered=bool(_BULLET.match(clean, place)))


def _unknown_heading(clean: str, place: int, line_end: int) -> _Heading | None:
    unknown = _UNKNOWN_HEADING.match(clean, place, line_end)
    if unknown is None or _SUBHEADING_WORDS.search(unknown.group()):
        return None
    words = unknown.group()
    return _Heading(_placed_by_words(words), words[:-1].lower(), place, unknown.end())


def _sections(clean: str, lines: list[tuple[int, int, int]], sentence_starts: set[int]) -> tuple[Section, ...]:
    """The part under each heading, and the body again where a short part is over before the next heading."""
    headings = _headings(clean, lines, sentence_starts)
    sections = []
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        end = following.start if following else len(clean)
        cut = _part_ends(clean, heading.body, end, lines, sentence_starts) if heading.role in _ONE_PARAGRAPH else None
        if heading.numbered and heading.role not in {"title", "technique", "findings", "impression"}:
            items = (s for s in sentence_starts if heading.body < s < end and _BULLET.match(clean, s))
            cut = min(items, default=cut)
        sections.append(Section(heading.role, heading.words, heading.start, min(heading.body, end), cut or end))
        if cut:
            sections.append(Section("body", "", cut, cut, end))
    return tuple(sections)


def _part_ends(
    clean: str, body: int, end: int, lines: list[tuple[int, int, int]], sentence_starts: set[int]
) -> int | None:
    """Where a short part is over without a new heading: after its paragraph, or its line where lines stand alone."""
    for start, _, strength in lines:
        if body + 3 < start < end and clean[body:start].strip():
            if strength > 1:
                return start
            if (
                start in sentence_starts
                and not _BULLET.match(clean, start)
                and clean[body - 2 : body].strip()
                and not clean[start].islower()
            ):
                return start
    return None
