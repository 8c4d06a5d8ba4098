"""The form the rules read: what was done to one patient, on one date of service, by one operator."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from rules.anatomy import Region

Side = Literal["left", "right", "bilateral", "midline", "not_documented"]
SiteKind = Literal["interspace", "vertebral_body", "nerve", "foramen", "side"]
Status = Literal["performed", "discontinued", "reduced", "not_performed"]
Guidance = Literal["fluoroscopy", "ct", "ultrasound", "mr", "none", "not_documented"]
GuidanceUse = Literal["needle_placement", "marking_only", "contrast_only", "other_provider", "not_documented"]
Approach = Literal[
    "interlaminar", "caudal", "intrathecal", "transforaminal", "extraforaminal", "intra_articular", "medial_branch",
    "lateral_branch", "lumbar_puncture", "c1_c2_puncture", "cisternal_puncture", "reservoir", "pump_port",
    "periarticular", "existing_catheter", "not_documented",
]  # fmt: skip
Agent = Literal[
    "steroid", "anesthetic", "opioid", "saline", "contrast", "gadolinium", "radiotracer", "blood", "fibrin", "cement",
    "neurolytic", "hypertonic_saline", "hyaluronidase", "chemotherapy", "nusinersen", "baclofen", "antibiotic",
    "biologic", "csf_removed", "injectate", "other",
]  # fmt: skip
Purpose = Literal["diagnostic", "therapeutic", "diagnostic_and_therapeutic", "unclear", "not_documented"]
Study = Literal["formal", "claimed", "confirmation", "none", "not_documented"]
Lesion = Literal["thermal", "pulsed", "mixed", "chemical", "cryo", "not_documented"]
Cavity = Literal["created", "none", "not_documented"]
Catheter = Literal["none", "removed_same_day", "indwelling", "tunnelled", "not_documented"]
Share = Literal["whole", "injection_only", "interpretation_only", "access_only", "unclear"]
Modality = Literal["ct", "mr", "not_documented"]
Contrast = Literal["with", "without", "without_and_with", "not_documented"]
Course = Literal["one_day", "series", "not_documented"]
Image = Literal["stored", "not_documented"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EvidenceSpan(_Value):
    """Words of the report that support a fact: ``text[start:end] == quote``, offsets in characters as received."""

    quote: str
    start: int
    end: int


class Site(_Value):
    """One place that was treated: ``Site(kind="interspace", name="L4-L5", side="right")``.

    ``foramen`` names the interspace of a lumbar, thoracic or cervical foramen, or the sacral one (``"S1"``);
    ``side`` is a paired structure with no level, such as a sacroiliac joint (its ``name`` is ``""``).
    """

    kind: SiteKind
    name: str
    side: Side = "not_documented"


class Procedure(_Value):
    """One thing done within the encounter, in the terms the rules count by. Unknown facts stay ``not_documented``.

    ``sites`` is the exact form (each place with its side); ``levels``, ``vertebral_bodies``, ``nerves`` and ``side``
    are the same facts in short. A caller may give either: where ``sites`` is empty it follows from the others.
    ``regions`` of a myelogram or CT are the regions studied; of an injection, those of its sites.
    """

    family: str
    status: Status = "performed"
    approach: Approach = "not_documented"
    regions: tuple[Region, ...] = ()
    levels: tuple[str, ...] = ()
    vertebral_bodies: tuple[str, ...] = ()
    nerves: tuple[str, ...] = ()
    side: Side = "not_documented"
    sites: tuple[Site, ...] = ()
    guidance: Guidance = "not_documented"
    guidance_use: GuidanceUse = "not_documented"
    other_guidance: tuple[Guidance, ...] = ()
    images: Image = "not_documented"
    agents: tuple[Agent, ...] = ()
    purpose: Purpose = "not_documented"
    study: Study = "not_documented"
    lesion: Lesion = "not_documented"
    cavity: Cavity = "not_documented"
    catheter: Catheter = "not_documented"
    modality: Modality = "not_documented"
    contrast: Contrast = "not_documented"
    share: Share = "whole"
    course: Course = "not_documented"
    separate_session: bool = False
    evidence: tuple[EvidenceSpan, ...] = ()
    evidence_for: dict[str, tuple[EvidenceSpan, ...]] = Field(default_factory=dict)


class ReadingDoubt(_Value):
    """A conflict, gap or blank met while reading; ``reason`` is an id of ``reasons.yaml``.

    ``procedure`` is the place of the procedure it concerns in ``Encounter.procedures``, if it concerns one.
    """

    reason: str
    message: str
    evidence: tuple[EvidenceSpan, ...] = ()
    procedure: int | None = None


class SeenMention(_Value):
    """A mention of a procedure that counted for nothing, and why (``historical``, ``planned``, ``negated`` ...)."""

    family: str
    why: str
    evidence: EvidenceSpan


class PriorService(_Value):
    """An earlier session of the same patient, where the caller knows of it; only frequency limits look at it."""

    family: str
    date_of_service: date
    regions: tuple[Region, ...] = ()
    purpose: Purpose = "not_documented"


class Encounter(_Value):
    """Everything the rules may know. ``date_of_service`` is ``None`` where neither caller nor report gives one."""

    date_of_service: date | None = None
    procedures: tuple[Procedure, ...] = ()
    doubts: tuple[ReadingDoubt, ...] = ()
    seen: tuple[SeenMention, ...] = ()
    professional_component: bool = False
    prior: tuple[PriorService, ...] = ()
