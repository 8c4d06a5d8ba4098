"""Mentions say all that their words mean."""

from __future__ import annotations

from extractor.document import read
from extractor.layout import lay_out
from extractor.mentions import find_sentences


def test_a_phrase_with_two_meanings_is_read_with_both() -> None:
    """The matcher keeps one of them, and which one changes with any word that is added to the lexicon."""
    document = read("A steroid and a caudal block.")
    [sentence] = find_sentences(document, lay_out(document))
    told = {(m.kind, m.name) for m in sentence.mentions}
    assert {("agents", "steroid"), ("actions", "inject")} <= told
    assert {("anatomy", "caudal"), ("procedure", "epidural_injection")} <= told
