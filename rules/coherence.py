"""What may not stand in rule files that are each well written: names that lead nowhere, codes outside their life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from rules.facts import VOCABULARY, is_site_name
from rules.model import NO_LINE, Condition, Family, Line, Remark
from rules.profile import Profile, Styles
from rules.rule_set import Library
from rules.yaml_reader import Document

_ONE_DAY = timedelta(days=1)


def check_coherence(made: Library, documents: Mapping[str, Document]) -> None:
    """Refuse the first thing in *documents* that the others do not know or contradict."""
    for document in documents.values():
        _check_words(made, document, document.value, ())
    for family in made.families.values():
        _check_family(made, family, documents[f"families/{family.family}.yaml"])
    _check_edits(made, documents)


def check_styles(document: Document, profile: Profile, styles: Styles) -> None:
    """Refuse a profile that chooses a style there is not."""
    for key, chosen, there in (("bilateral", profile.bilateral, styles.bilateral),
                               ("distinct", profile.distinct, styles.distinct)):  # fmt: skip
        if chosen not in there:
            document.refuse((key,), f"there is no style {chosen}: choose one of {', '.join(sorted(there))}")


def _check_words(made: Library, document: Document, value: object, path: tuple[str, ...]) -> None:
    """Every source, reason and warning that a file names is in its list."""
    if isinstance(value, list):
        for place, item in enumerate(value):
            _check_words(made, document, item, (*path, str(place)))
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        inner = (*path, str(key))
        if key == "source" and isinstance(item, dict):
            for source in item:
                if source not in made.sources:
                    document.refuse(inner, f"the source {source} is not in sources.yaml: add it there first")
        elif key == "review" and item not in made.reasons:
            document.refuse(inner, f"the review reason {item} is not in reasons.yaml: use one of those or add it")
        elif key in ("warning", "idle") and item not in made.warnings:
            document.refuse(inner, f"the warning {item} is not in warnings.yaml: use one of those or add it")
        else:
            _check_words(made, document, item, inner)


def _check_family(made: Library, family: Family, document: Document) -> None:
    for name, line in family.lines.items():
        _check_line(made, family, document, line, ("lines", name))
    for name, remark in family.remarks.items():
        _check_remark(made, document, remark, ("remarks", name))
        for line_name in remark.of:
            if line_name not in family.lines:
                document.refuse(("remarks", name, "of"), f"there is no line {line_name} here")
    conditions = {("read_as", name): entry.when for name, entry in family.read_as.items()}
    conditions |= {("frequency", name): entry.when for name, entry in family.frequency.items()}
    for (part, name), condition in conditions.items():
        _check_condition(made, document, condition, (part, name, "when"))
    for site in family.junctions:
        if not is_site_name(site):
            document.refuse(("junctions", site), f"{site} is no interspace: write it like T12-L1")
    for path, other in _families_named(family):
        if other not in made.families:
            document.refuse(path, f"there is no family {other}")


def _families_named(family: Family) -> Iterator[tuple[tuple[str, ...], str]]:
    for other in family.injected_by:
        yield ("injected_by",), other
    for name, frequency in family.frequency.items():
        for other in frequency.families:
            yield ("frequency", name, "families"), other
    for name, read_as in family.read_as.items():
        for start, row in read_as.rows.items():
            if row.family is not None:
                yield ("read_as", name, "rows", str(start)), row.family


def _check_line(made: Library, family: Family, document: Document, line: Line, path: tuple[str, ...]) -> None:
    for other in line.beside:
        if other not in family.lines:
            document.refuse((*path, "beside"), f"there is no line {other} here")
    if line.of is not None and line.of not in family.lines:
        document.refuse((*path, "of"), f"there is no line {line.of} here")
    if line.of is not None and family.lines[line.of].role != "primary":
        document.refuse((*path, "of"), f"the line {line.of} is no primary line: name the one the add-on hangs on")
    _check_condition(made, document, line.when, (*path, "when"))
    _check_condition(made, document, line.unless, (*path, "unless"))
    _check_codes(made, family, document, line, path)


def _check_remark(made: Library, document: Document, remark: Remark, path: tuple[str, ...]) -> None:
    _check_condition(made, document, remark.when, (*path, "when"))
    _check_condition(made, document, remark.unless, (*path, "unless"))


def _check_condition(made: Library, document: Document, condition: Condition, path: tuple[str, ...]) -> None:
    known = {**made.families, **made.without_rules}
    for fact, words in condition.items():
        if fact not in VOCABULARY:
            document.refuse((*path, fact), f"{fact} is no fact: the facts are {', '.join(sorted(VOCABULARY))}")
        allowed = VOCABULARY[fact]
        for word in words:
            right = {
                "site": is_site_name(word), "with": word in known, "studied": word in {*known, "none"},
            }.get(fact, allowed is not None and word in allowed)  # fmt: skip
            if not right:
                one_of = f"one of {', '.join(sorted(allowed))}" if allowed else "one that exists"
                document.refuse((*path, fact), f"{word} is no {fact}: write {one_of}")


def _check_codes(made: Library, family: Family, document: Document, line: Line, path: tuple[str, ...]) -> None:
    """Every code of a row is in the code set and lives while the row, and the line an add-on hangs on, is in force."""
    starts = [*line.rows, family.covers.through + _ONE_DAY]
    ends = [day for day, row in family.lines[line.of].rows.items() if row.counts is None] if line.of else []
    for (start, row), next_start in zip(line.rows.items(), starts[1:], strict=True):
        following = min([next_start, *(day for day in ends if day > start)])
        first, last = max(start, family.covers.start), min(following - _ONE_DAY, family.covers.through)
        for region, cell in row.cells().items():
            for code in filter(None, (cell.code, cell.both_sides, cell.alternative)):
                if code not in NO_LINE:
                    _check_life(made, document, code, first, last, (*path, "rows", str(start), region))


def _check_life(made: Library, document: Document, code: str, first: date, last: date, path: tuple[str, ...]) -> None:
    _check_known(made, document, code, path)
    entry = made.codes[code]
    for day in (first, last):
        if not entry.lives(day):
            life = f"{entry.first} to {entry.last or 'today'}"
            document.refuse(path, f'the code "{code}" lives from {life}, and this row uses it on {day}')


def _check_edits(made: Library, documents: Mapping[str, Document]) -> None:
    for place, pair in enumerate(made.pairs):
        for code in (*pair.column_1, *pair.column_2):
            _check_known(made, documents["edits/pairs.yaml"], code, (str(place),))
    for place, substitution in enumerate(made.substitutions):
        for code in (substitution.code, substitution.by):
            _check_known(made, documents["edits/substitutions.yaml"], code, (str(place),))
    _check_absorptions(made, documents["edits/absorptions.yaml"])
    for name, remark in made.remarks.items():
        _check_remark(made, documents["remarks.yaml"], remark, (name,))
    for code, known in made.codes.items():
        for parents in known.parents:
            for parent in parents.codes:
                _check_known(made, documents["code_set/cpt.yaml"], parent, (code, "parents"))


def _check_absorptions(made: Library, absorptions: Document) -> None:
    for place, entry in enumerate(made.absorptions):
        for family in filter(None, (entry.absorber, entry.absorbed, *(entry.between or ()))):
            if family not in made.families:
                absorptions.refuse((str(place),), f"there is no family {family}")
        _check_condition(made, absorptions, entry.absorber_when, (str(place), "absorber_when"))
        _check_condition(made, absorptions, entry.absorbed_when, (str(place), "absorbed_when"))


def _check_known(made: Library, document: Document, code: str, path: tuple[str, ...]) -> None:
    if code not in made.codes:
        document.refuse(path, f'the code "{code}" is not in code_set/: add it there with its life and source')
