"""What a sentence says of places and sides, and for which family: the values that gathering hands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from extractor.mentions import Mention, Sentence
from extractor.statements import Statement
from rules.encounter import Side, SiteKind
from rules.nerves import joints_of

Source = Literal["title", "work", "result", "addendum"]
ORDER: tuple[Source, ...] = ("addendum", "work", "title", "result")
SOURCES: dict[str, Source] = {"claim": "title", "work": "work", "result": "result", "addendum": "addendum"}
GONE = frozenset({"negated", "historical", "planned", "conditional", "consent", "generic", "other"})
"""What ConText may say of a mention that takes it out of what was done."""


LIST_GAP = 14
"""Characters between two levels of one list."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place of a sentence where a chosen family is named, or signed by where the needle went."""

    start: int
    family: str
    end: int


@dataclass(frozen=True, slots=True)
class Scene:
    """A sentence with the families that stand in it, and the one that was spoken of last.

    ``side`` is the one side that the account has told of so far, if it is one.
    """

    statement: Statement
    number: int
    source: Source
    anchors: tuple[Anchor, ...]
    current: str
    side: Side | None = None

    @property
    def sentence(self) -> Sentence:
        """The sentence itself."""
        return self.statement.sentence

    @property
    def family(self) -> str:
        """The family that words without one of their own belong to."""
        return self.anchors[-1].family if self.anchors else self.current


@dataclass(frozen=True, slots=True)
class SiteUse:
    """A place said to be treated: what, on which side, by which words, in which part of the report.

    ``strong`` where the sentence tells of an instrument or of something done, ``failed`` where it was not reached,
    ``bare`` where a place later in the sentence has a side of its own and this one has none.
    """

    family: str
    source: Source
    kind: SiteKind
    name: str
    side: Side | None
    start: int
    end: int
    doubt: str = ""
    failed: bool = False
    strong: bool = True
    bare: bool = False


def reached_later(failed: SiteUse, uses: list[SiteUse]) -> bool:
    """Whether the place that *failed* tells of was reached after all, further on in the account."""
    return any(
        use.source == "work" and use.strong and not use.failed and use.start > failed.start
        for use in uses
        if (use.kind, use.name) == (failed.kind, failed.name)
    )


@dataclass(frozen=True, slots=True)
class SideUse:
    """A side said of a family without a level.

    ``repeats`` when the work was done again there, ``strong`` when the sentence tells of something done there.
    ``loose`` when it decides nothing and only must not differ from what was read; ``unread`` when it is a side that
    the words do not name.
    """

    family: str
    source: Source
    side: Side
    start: int
    end: int
    repeats: bool = False
    strong: bool = False
    loose: bool = False
    unread: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything said about places; ``below_pedicles`` name a foramen only by the bone above it.

    ``unexplained`` are levels beside an instrument that are no place treated, for no reason that was understood.
    """

    sites: tuple[SiteUse, ...] = ()
    sides: tuple[SideUse, ...] = ()
    landmarks: tuple[Mention, ...] = ()
    below_pedicles: tuple[SiteUse, ...] = ()
    unexplained: tuple[Mention, ...] = ()


def supplied_joints(uses: Iterable[SiteUse]) -> set[tuple[SiteKind, str]]:
    """Joints all of whose nerves were treated: naming them besides tells of no other place."""
    joints, _ = joints_of(use.name for use in uses if use.kind == "nerve" and use.strong)
    return {("interspace", joint) for joint in joints}
