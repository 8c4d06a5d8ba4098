"""The lexicon says only words of the closed lists, every phrase stands for something, and unknown keys are refused."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from extractor import lexicon_files, profiles
from extractor.lexicon_files import FOLDER, LexiconError, load
from extractor.phrases import expand
from extractor.pipeline import literals, modifiers
from rules.anatomy import Region, is_vertebra
from rules.encounter import Agent, Approach, Catheter, Cavity, Guidance, Lesion, Purpose
from rules.library import library

EXTRACTOR = FOLDER.parent
FILES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
REGULAR_EXPRESSIONS = {
    "blanks.field", "blanks.denied_field", "sides.both_before", "sides.turned_before", "sides.pain_after",
    "sides.letter", "sides.adverb", "polarity.leaves", "sides.seen_after", "studies.ct", "studies.other_ct",
    "studies.went", "studies.scanned", "studies.proposed", "studies.denied", "studies.not_now",
}  # fmt: skip
"""Entries that are no phrases but a pattern that phrases cannot say."""

NOT_PHRASES = {"facts.approach_levels", "facts.named_nerves", "flags.reads", "flags.facts"}
ROLES = {
    "title", "technique", "findings", "impression", "indication", "story", "history", "comparison", "diagnosis",
    "consent", "plan",
    "assessment", "course", "exam", "details", "site", "addendum", "attestation", "order", "billing", "header",
    "keywords",
}  # fmt: skip
TWO_NAMES = {"celiac plexus", "stellate"}
"""Phrases outside what is coded here that stand under two names; which one is told changes nothing."""

CONTEXT = {"negated", "historical", "planned", "conditional", "consent", "generic", "other", "terminators", "pseudo"}
GUIDANCE = {*get_args(Guidance), "ct_images", "cone_beam_ct", "without", "landmark", "place", "study"} - {
    "none",
    "not_documented",
}


def strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from strings(entry, f"{path}.{key}")
    elif isinstance(value, list):
        for entry in value:
            yield from strings(entry, path)
    elif isinstance(value, str):
        yield path, value


@cache
def phrases_of_all_files() -> tuple[tuple[str, str], ...]:
    """Every phrase with its place; of procedures.yaml only the names."""
    found = []
    for file in FILES:
        for path, phrase in strings(load(file), file):
            parts = path.split(".")
            where = f"{parts[0]}.{parts[-1]}"
            if file == "procedures" and parts[-1] != "names":
                continue
            if where not in REGULAR_EXPRESSIONS | NOT_PHRASES and ".".join(parts[:2]) not in NOT_PHRASES:
                found.append((path, phrase))
    return tuple(found)


# --------------------------------------------------------------------------------------------------- phrases


@pytest.mark.parametrize("file", FILES)
def test_every_phrase_stands_for_something(file: str) -> None:
    empty = [
        (path, phrase) for path, phrase in phrases_of_all_files() if path.startswith(f"{file}.") and not expand(phrase)
    ]
    assert empty == []


@pytest.mark.parametrize("file", FILES)
def test_brackets_pair_and_none_is_left_over(file: str) -> None:
    """A bracket in a literal would be a phrase that somebody meant as a regular expression."""
    odd = [
        (path, literal)
        for path, phrase in phrases_of_all_files()
        if path.startswith(f"{file}.")
        for literal in expand(phrase)
        if re.search(r"[()|?\\*\[\]{}]", literal)
    ]
    assert odd == []


@pytest.mark.parametrize("place", sorted(REGULAR_EXPRESSIONS))
def test_regular_expressions_compile(place: str) -> None:
    file, key = place.split(".")
    assert re.compile(load(file)[key])


def test_a_target_has_one_meaning_of_each_kind() -> None:
    """Two names of one kind on one phrase would be told apart by nothing."""
    names = defaultdict(set)
    for literal, label in literals():
        kind, _, name = label.partition(":")
        names[literal, kind].add(name)
    twice = {
        literal: sorted(found) for (literal, kind), found in names.items() if len(found) > 1 and kind != "procedure"
    }
    assert {literal for literal in twice if literal not in TWO_NAMES} == set()


def test_a_modifier_has_one_direction_in_a_category() -> None:
    rows = modifiers()
    assert len(rows) == len(set(rows))
    assert {direction for _, _, direction in rows} == {"FORWARD", "BACKWARD", "TERMINATE", "PSEUDO"}


def test_a_heading_opens_one_kind_of_part() -> None:
    roles = defaultdict(set)
    for path, phrase in phrases_of_all_files():
        if path.startswith("sections.") and "keywords" not in path:
            for literal in expand(phrase):
                roles[literal].add(path)
    assert {literal: sorted(found) for literal, found in roles.items() if len(found) > 1} == {}


# ----------------------------------------------------------------------------------------------- closed words


def test_agents_are_those_of_the_encounter() -> None:
    assert set(load("agents")) == set(get_args(Agent)) - {"other"}


def test_guidance_is_that_of_the_encounter() -> None:
    assert set(load("guidance")) == GUIDANCE


def test_facts_are_those_of_the_encounter() -> None:
    facts = load("facts")
    for key, words in {
        "approach": Approach,
        "purpose": Purpose,
        "lesion": Lesion,
        "cavity": Cavity,
        "catheter": Catheter,
    }.items():
        assert set(facts[key]) <= set(get_args(words)), key
    assert set(facts["approach_levels"].values()) <= set(get_args(Approach))
    assert all(is_vertebra(bone) for pair in facts["approach_levels"] for bone in pair.split("-"))
    assert set(facts["named_nerves"]) <= set(load("anatomy"))
    assert set(facts["action_stems"]) <= set(load("actions"))


def test_sections_and_context_have_the_roles_that_the_code_knows() -> None:
    assert set(load("sections")) == ROLES
    assert set(load("sections")["keywords"]) <= ROLES - {"keywords"}
    assert set(load("context")) == CONTEXT
    assert set(load("other_procedures")) == {"without_rules", "open_surgery", "outside"}


@pytest.mark.parametrize("family", sorted(load("procedures")))
def test_a_family_is_written_in_words_that_exist(family: str) -> None:
    profile = profiles.families()[family]
    anatomy, actions, agents, sentences = (set(load(name)) for name in ("anatomy", "actions", "agents", "sentences"))
    every = set(profiles.families())
    assert profile.signs | profile.explains | profile.keeps | profile.delivered.places <= anatomy
    assert profile.substances | profile.delivered.agents <= agents
    assert profile.delivered.actions <= actions
    assert profile.silences | profile.apart <= every - {family}
    assert profile.includes <= {name for group in load("other_procedures").values() for name in group}
    assert set(profile.approaches) <= set(load("facts")["approach"])
    assert profile.regions in {"sites", "named", "studied", *get_args(Region)}
    assert {profile.requires, profile.delivered.words} - {""} <= sentences
    assert profile.beside in {"", *every}
    assert profile.names
    entry = load("procedures")[family]
    assert {key for combo in entry.get("combos", ()) for key in combo} <= {
        field.name for field in fields(profiles.Combo)
    }
    assert set(entry.get("delivered", ())) <= {field.name for field in fields(profiles.Delivered)}
    for combo in profile.combos:
        assert combo.place <= anatomy
        assert combo.action <= actions | {"any"}
        assert combo.agent <= agents
        assert combo.action or combo.agent
        assert {combo.needs} - {""} <= sentences


def test_every_family_has_rules() -> None:
    ruled = set(library().families)
    read = set(profiles.families())
    followers = {profile.followed_by for profile in profiles.families().values()} - {""}
    assert read | followers <= ruled


def test_flags_are_review_reasons_for_families_that_exist() -> None:
    flags = load("flags")
    assert set(flags) <= set(library().reasons)
    facts = {fact for profile in profiles.families().values() for fact in profile.facts}
    for flag in flags.values():
        assert set(flag) <= {"all", "reads", "facts"}
        assert flag["all"]
        assert set(flag.get("reads", ())) <= {profile.reads for profile in profiles.families().values()}
        assert set(flag.get("facts", ())) <= facts


def reasons_in_code() -> set[str]:
    """What is given as ``reason=`` or as the first word of ``doubt(...)`` anywhere in the extractor."""
    found = set()
    for path in sorted(EXTRACTOR.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            given = [word.value for word in node.keywords if word.arg == "reason"]
            if isinstance(node.func, ast.Attribute) and node.func.attr == "doubt":
                given += node.args[:1]
            found |= {one.value for one in given if isinstance(one, ast.Constant)}
    return found


def test_every_reason_is_in_the_closed_list() -> None:
    assert len(reasons_in_code()) > 10
    assert reasons_in_code() <= set(library().reasons)


def test_every_list_that_the_code_asks_for_is_there() -> None:
    asked = set()
    for path in EXTRACTOR.glob("*.py"):
        asked |= set(
            re.findall(
                r'(?:phrases|opening|closing|expression)\(\s*"([a-z_]+)",\s*"([a-z_]+)"',
                path.read_text(encoding="utf-8"),
            )
        )
    assert len(asked) > 30
    assert {pair for pair in asked if pair[1] not in load(pair[0])} == set()


def test_no_list_is_written_that_nothing_reads() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in EXTRACTOR.glob("*.py"))
    code += (FOLDER / "procedures.yaml").read_text(encoding="utf-8")
    files = set(FILES) - {
        "procedures",
        "agents",
        "anatomy",
        "actions",
        "other_procedures",
        "flags",
        "context",
        "sections",
    }
    unread = {
        f"{file}.{key}" for file in files for key in load(file) if not re.search(rf"(?<![a-z_]){key}(?![a-z_])", code)
    }
    assert unread == set()


# --------------------------------------------------------------------------------------------------- refusals


def test_a_key_given_twice_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.yaml").write_text("left: [a]\nright: [b]\nleft: [c]\n")
    monkeypatch.setattr(lexicon_files, "FOLDER", tmp_path)
    with pytest.raises(LexiconError, match=r"broken\.yaml:3: key 'left' is given twice"):
        load("broken")


@pytest.mark.parametrize(
    "change",
    [
        {"reads": "knee"},
        {"reads": None},
        {"sidded": True},
        {"colour": "blue"},
        {"combos": [{"place": ["disc"], "acton": ["inject"]}]},
        {"combos": [{"agent": ["contrast"]}]},
        {"delivered": {"agent": ["contrast"]}},
    ],
    ids=str,
)
def test_a_field_that_is_not_known_is_refused(change: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    entry = {**load("procedures")["discography"], **change}
    monkeypatch.setattr(profiles, "load", lambda _: {"discography": entry})
    profiles.families.cache_clear()
    try:
        with pytest.raises(LexiconError, match="discography"):
            profiles.families()
    finally:
        profiles.families.cache_clear()
