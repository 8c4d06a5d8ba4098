"""Encounters that a site already has as facts, in JSON, JSON Lines or YAML, answered as reports are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson
import yaml
from pydantic import ValidationError

from api.reading import LARGEST_REPORT, STANDARD_INPUT, InputError, decode, input_name
from api.result import Result
from api.service import Settings
from api.versions import versions
from rules.adjudicate import adjudicate
from rules.encounter import Encounter
from rules.read_as import UnknownReasonError

_YAML = (".yaml", ".yml")
_LINES = (".jsonl", ".ndjson")
_ID_KEYS = ("report_id", "id")
_LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Structured:
    """One encounter, the id its result will carry, and what it is called in a message."""

    report_id: str
    name: str
    encounter: Encounter


def adjudicate_structured(structured: Structured, *, settings: Settings) -> Result:
    """The result for one encounter, by the same rules as a report's."""
    encounter = structured.encounter
    if settings.professional_component:
        encounter = encounter.model_copy(update={"professional_component": True})
    try:
        answer = adjudicate(encounter, profile=settings.chosen_profile())
    except UnknownReasonError:
        message = f"{structured.name} has a doubt whose reason is no review reason of rules/reasons.yaml."
        raise InputError("bad_encounter", message) from None
    return Result.of(answer, encounter, report_id=structured.report_id, versions=versions())


def read_structured(path: str) -> Iterator[Structured | InputError]:
    """Every encounter of a file (a list is several), or in its place the sentence that says why it cannot be read."""
    name = input_name(path)
    stem = "stdin" if path == STANDARD_INPUT else Path(path).stem
    try:
        text = _text(path, name=name)
        if path.endswith(_LINES):
            yield from _of_lines(text, name=name, stem=stem)
            return
        whole = _yaml(text, name=name) if path.endswith(_YAML) else _json(text, name=name)
    except InputError as fault:
        yield fault
        return
    if isinstance(whole, list):
        for number, item in enumerate(whole, start=1):
            yield _structured(item, name=f"Encounter {number} of {name}", given=f"{stem}-{number}")
    else:
        yield _structured(whole, name=name, given=stem)


def _of_lines(text: str, *, name: str, stem: str) -> Iterator[Structured | InputError]:
    for number, line in enumerate(text.split("\n"), start=1):
        called = f"Line {number} of {name}"
        if line.strip():
            try:
                item = _json(line, name=called)
            except InputError as fault:
                yield fault
            else:
                yield _structured(item, name=called, given=f"{stem}-{number}")


def _structured(item: object, *, name: str, given: str) -> Structured | InputError:
    if not isinstance(item, dict):
        message = f"{name} is no encounter: it must be an object (see `spinecoder rules schema`)."
        return InputError("bad_encounter", message)
    ids = [item[key] for key in _ID_KEYS if isinstance(item.get(key), str | int)]
    facts = item.get("encounter", {key: value for key, value in item.items() if key not in _ID_KEYS})
    try:
        encounter = Encounter.model_validate(facts)
    except ValidationError as fault:
        return InputError("bad_encounter", f"{name} is no encounter: {_first_fault(fault)}.")
    return Structured(str(ids[0]) if ids else given, name, encounter)


def _first_fault(fault: ValidationError) -> str:
    """Where the first thing is wrong and what would be right; never what stands there."""
    found = fault.errors(include_input=False, include_url=False)
    first = min(found, key=lambda error: error["type"] != "extra_forbidden")  # a key misspelt is why another is missing
    place = ".".join(_shown(part) for part in first["loc"]) or "the whole"
    expected = first.get("ctx", {}).get("expected")
    if first["type"] == "extra_forbidden":
        return f"`{place}` is no key of an encounter (see `spinecoder rules schema`)"
    return f"`{place}` must be {expected}" if expected else f"`{place}`: {first['msg'].lower()}"


def _shown(part: int | str) -> str:
    is_word = isinstance(part, int) or (part.isidentifier() and part.isascii() and len(part) <= _LONGEST_KEY)
    return str(part) if is_word else "?"


def _text(path: str, *, name: str) -> str:
    try:
        raw = sys.stdin.buffer.read() if path == STANDARD_INPUT else Path(path).read_bytes()
    except OSError as fault:
        raise InputError("unreadable", f"{name} cannot be read: {fault.strerror or type(fault).__name__}.") from None
    if not path.endswith(_LINES) and len(raw) >= LARGEST_REPORT:
        raise InputError("too_large", f"{name} is too large: write encounters as JSON Lines, one a line.")
    return decode(raw, name=name)[0]


def _json(text: str, *, name: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise InputError("not_json", f"{name} is not JSON: line {fault.lineno}, column {fault.colno}.") from None


class _Plain(yaml.CSafeLoader):
    """YAML with its dates left as they are written, as in JSON."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(text: str, *, name: str) -> object:
    try:
        return yaml.load(text, Loader=_Plain)  # noqa: S506  a safe loader that reads one type less
    except yaml.YAMLError as fault:
        mark = getattr(fault, "problem_mark", None)
        where = f": line {mark.line + 1}" if mark else ""
        raise InputError("not_yaml", f"{name} is not YAML{where}.") from None
