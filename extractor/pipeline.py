"""The one file that builds the medspaCy pipeline, from the lexicon and nothing else."""

from __future__ import annotations

import logging
import warnings
from functools import cache
from typing import TYPE_CHECKING

from extractor.lexicon_files import load
from extractor.phrases import expand

if TYPE_CHECKING:
    from collections.abc import Callable

    from spacy.language import Language
    from spacy.tokens import Doc

GROUP = "mentions"
LEVEL_LABEL = "level"
STARTS, LEVELS = "sentence_starts", "level_spans"
"""Keys of ``doc.user_data`` by which the caller hands in places of sentences and levels, in characters."""

_DIRECTIONS = {"forward": "FORWARD", "backward": "BACKWARD"}
_REACH = {
    ("negated", "FORWARD"): 12,
    ("negated", "BACKWARD"): 8,
    ("historical", "FORWARD"): 14,
    ("historical", "BACKWARD"): 14,
    ("generic", "FORWARD"): 8,
    ("planned", "FORWARD"): 16,
    ("planned", "BACKWARD"): 10,
}
"""How many tokens a modifier reaches within its sentence; ConText's own default is the whole sentence."""


@cache
def build() -> Language:
    """A blank English tokenizer, our sentences, TargetMatcher and ConText with our own rules; no model, no PyRuSH.

    medspaCy's sentence splitter is left out: it takes 85 % of the time, is not thread-safe and writes the report to
    standard error. Its Sectionizer is left out too: it finds headings either anywhere or at line starts only, and
    dictation needs both, told apart by colon and case (see ``layout.py``).
    """
    with warnings.catch_warnings():
        import spacy  # noqa: PLC0415 - spaCy is imported when the first report is read
        from medspacy.context import ConText, ConTextRule  # noqa: PLC0415 - medspaCy comes with spaCy
        from medspacy.target_matcher import TargetMatcher, TargetRule  # noqa: PLC0415 - the same
    _silence_loggers()
    warnings.filterwarnings("ignore", message=r"\[W036\]")  # spaCy says at each report that we give no token patterns
    nlp = spacy.blank("en")
    matcher = TargetMatcher(nlp, result_type="group", span_group_name=GROUP, prune=True)
    matcher.add([TargetRule(literal, label) for literal, label in literals()])
    context = ConText(nlp, rules=None, span_attrs=None, input_span_type="group", span_group_name=GROUP)
    context.add(
        [
            ConTextRule(literal, category.upper(), direction=direction, max_scope=_REACH.get((category, direction)))
            for literal, category, direction in modifiers()
        ]
    )
    nlp.add_pipe(_register("spinecoder_sentences", _set_sentences))
    nlp.add_pipe(_register("spinecoder_targets", matcher))
    nlp.add_pipe(_register("spinecoder_levels", _add_levels))
    nlp.add_pipe(_register("spinecoder_context", context))
    return nlp


def literals() -> tuple[tuple[str, str], ...]:
    """Every target phrase with its label (``kind:name``), sorted; a phrase given to two labels keeps both."""
    rows: set[tuple[str, str]] = set()
    for family, entry in load("procedures").items():
        rows.update((literal, f"procedure:{family}") for pattern in entry["names"] for literal in expand(pattern))
    for kind in ("anatomy", "actions", "agents", "guidance"):
        for name, patterns in load(kind).items():
            rows.update((literal, f"{kind}:{name}") for pattern in patterns for literal in expand(pattern))
    for group, entries in load("other_procedures").items():
        for name, patterns in entries.items():
            rows.update((literal, f"{group}:{name}") for pattern in patterns for literal in expand(pattern))
    return tuple(sorted(rows))


@cache
def labels_of() -> dict[str, tuple[str, ...]]:
    """The labels of phrases that have more than one; the matcher keeps an arbitrary one of them."""
    found: dict[str, list[str]] = {}
    for literal, label in literals():
        found.setdefault(literal, []).append(label)
    return {literal: tuple(labels) for literal, labels in found.items() if len(labels) > 1}


def modifiers() -> tuple[tuple[str, str, str], ...]:
    """Every ConText phrase with its category and direction, sorted."""
    rows: set[tuple[str, str, str]] = set()
    for category, entry in load("context").items():
        if isinstance(entry, dict):
            for direction, patterns in entry.items():
                rows.update((one, category, _DIRECTIONS[direction]) for pattern in patterns for one in expand(pattern))
        else:
            direction = "TERMINATE" if category == "terminators" else "PSEUDO"
            rows.update((one, direction, direction) for pattern in entry for one in expand(pattern))
    return tuple(sorted(rows))


def _register(name: str, component: Callable[[Doc], Doc]) -> str:
    from spacy.language import Language as Factory  # noqa: PLC0415 - spaCy is there when this runs

    Factory.component(name, func=component)
    return name


def _set_sentences(doc: Doc) -> Doc:
    import numpy as np  # noqa: PLC0415 - numpy comes with spaCy
    from spacy.attrs import IDX, SENT_START  # noqa: PLC0415 - spaCy is there when this runs

    places = doc.to_array(IDX).astype("int64")
    marks = np.full(len(doc), -1, "int64")
    at = np.searchsorted(places, np.asarray(doc.user_data[STARTS], dtype="int64"))
    marks[at[at < len(doc)]] = 1
    marks[0] = 1
    doc.from_array(SENT_START, marks.astype("uint64"))  # type: ignore[arg-type]  # spaCy's stub wants thinc's own type
    return doc


def _add_levels(doc: Doc) -> Doc:
    import numpy as np  # noqa: PLC0415 - numpy comes with spaCy
    from spacy.attrs import IDX  # noqa: PLC0415 - spaCy is there when this runs
    from spacy.tokens import Span  # noqa: PLC0415 - the same

    places = doc.to_array(IDX).astype("int64")
    spans = []
    for start, end in doc.user_data[LEVELS]:
        first = int(np.searchsorted(places, start, side="right")) - 1
        last = int(np.searchsorted(places, end, side="left"))
        spans.append(Span(doc, max(first, 0), max(last, first + 1), label=LEVEL_LABEL))
    doc.spans[GROUP] = [*doc.spans[GROUP], *spans]
    return doc


def _silence_loggers() -> None:
    """MedspaCy's parts log report text through loguru at any level; nothing of a report may leave by that way."""
    from loguru import logger  # noqa: PLC0415 - loguru comes with medspaCy

    for name in ("PyRuSH", "medspacy", "PyFastNER", "quickumls", "medspacy_quickumls"):
        logger.disable(name)
    logging.getLogger("spacy").setLevel(logging.ERROR)
