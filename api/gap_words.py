"""A documentation gap in plain words: what is not stated, for which procedure, and which codes depend on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from api.gaps import Answer, Gap, Shape
from rules.encounter import Encounter, Procedure
from rules.library import library

_FACTS: Mapping[str, str] = {
    "side": "side", "level": "level", "region": "region", "guidance": "image guidance", "approach": "approach",
    "purpose": "purpose", "study": "whether images and findings of their own were made", "lesion": "kind of lesion",
    "cavity": "whether a cavity was made", "catheter": "what became of the catheter", "modality": "modality",
    "contrast": "contrast", "course": "whether it was one day or a series", "images": "a stored image",
    "date_of_service": "date of service",
}  # fmt: skip
_MODIFIERS_OF_SIDES = ("RT", "LT", "50")
_SHORT = {"ct": "CT", "mr": "MR", "si": "SI"}
_SHOWN = 3


def told(gap: Gap, encounter: Encounter) -> str:
    """A sentence like ``Side not stated for the L4-L5 facet injection: 64493 needs RT, LT or 50.``."""
    return f"{_what(gap, encounter)}: {_consequence(gap)}."


def codes_of(gap: Gap) -> tuple[str, ...]:
    """The codes that depend on the gap: those whose line is not the same with every answer."""
    lines = [frozenset(gap.now), *(frozenset(answer.lines) for answer in gap.answers)]
    differing = frozenset().union(*lines) - frozenset.intersection(*lines)
    return tuple(sorted({code for code, _, _ in differing})) or tuple(sorted({code for code, _, _ in gap.now}))


def changing(gap: Gap) -> tuple[Answer, ...]:
    """The answers with other lines than now; where none has, those that settle a reason."""
    changed = tuple(answer for answer in gap.answers if answer.lines != gap.now)
    return changed or tuple(answer for answer in gap.answers if answer.settles)


def _what(gap: Gap, encounter: Encounter) -> str:
    if gap.procedure is None:
        return f"{_FACTS[gap.fact].capitalize()} not stated"
    procedure = encounter.procedures[gap.procedure]
    of = f"for the {_named(procedure)}"
    if gap.fact == "guidance_use":
        return f"{_worded(procedure.guidance).capitalize()} named but not during needle placement {of}"
    return f"{_FACTS[gap.fact].capitalize()} not stated {of}"


def _named(procedure: Procedure) -> str:
    family = _worded(procedure.family)
    regions = tuple(region for region in procedure.regions if not family.startswith(region))
    places = (*procedure.levels, *procedure.vertebral_bodies, *procedure.nerves) or regions
    return " ".join(filter(None, ("/".join(places[:_SHOWN]), family)))


def _worded(name: str) -> str:
    words = (_SHORT.get(word, word) for word in name.split("_"))
    return " ".join(words)


def _consequence(gap: Gap) -> str:
    modifiers = _modifiers_needed(gap)
    if modifiers:
        return modifiers
    groups: dict[Shape, list[str]] = {}
    for answer in changing(gap):
        groups.setdefault(answer.lines, []).append(_worded(answer.value))
    if set(groups) == {gap.now}:
        settled = sorted({reason for answer in gap.answers for reason in answer.settles})
        return f"the lines stay, and a human must look ({', '.join(_worded(reason) for reason in settled)})"
    told = [f"{_listed(values[:_SHOWN], 'or')} {_change(gap.now, lines)}" for lines, values in groups.items()]
    return "; ".join(told[:_SHOWN])


def _modifiers_needed(gap: Gap) -> str:
    """``64493 needs RT, LT or 50``, where the side is all that is missing."""
    if gap.fact != "side" or not gap.now:
        return ""
    held = {code for code, _, _ in gap.now}
    found: dict[str, set[str]] = {}
    for answer in gap.answers:
        if {code for code, _, _ in answer.lines} != held:
            return ""
        for code, modifiers, _ in answer.lines:
            found.setdefault(code, set()).update(set(modifiers) & set(_MODIFIERS_OF_SIDES))
    before = {code: set(modifiers) for code, modifiers, _ in gap.now}
    needing = [code for code in found if found[code] - before.get(code, set())]
    if not needing:
        return ""
    wanted = [word for word in _MODIFIERS_OF_SIDES if any(word in found[code] for code in needing)]
    return f"{_listed(sorted(needing), 'and')} {'needs' if len(needing) == 1 else 'need'} {_listed(wanted, 'or')}"


def _change(now: Shape, then: Shape) -> str:
    gone = [line for line in now if line not in then]
    come = [line for line in then if line not in now]
    if gone and come:
        return f"gives {_lines(come)} in place of {_lines(gone)}"
    return f"adds {_lines(come)}" if come else f"takes {_lines(gone)} away"


def _lines(lines: Iterable[tuple[str, tuple[str, ...], int]]) -> str:
    words = [f"{'-'.join((code, *modifiers))}{f' x{units}' if units > 1 else ''}" for code, modifiers, units in lines]
    return _listed(words, "and")


def _listed(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def decided_by(gap: Gap) -> tuple[str, ...]:
    """What a human would have to decide while the fact is missing."""
    reasons = sorted({reason for answer in gap.answers for reason in answer.settles})
    return tuple(filter(None, (library().reasons[reason].decide for reason in reasons)))
