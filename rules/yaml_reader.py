"""YAML text to plain values that remember their line, refusing what YAML lets pass in silence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NoReturn, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

Path = tuple[str, ...]
Model = TypeVar("Model", bound=BaseModel)
_LOOKS_LIKE_A_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
_TAG = "tag:yaml.org,2002:"


class RuleFileError(ValueError):
    """A rule file says something it may not; the message names file and line and what would be right."""


@dataclass(frozen=True)
class Document:
    """One file as read: its value, and the line of every key and item."""

    file: str
    value: Any
    lines: dict[Path, int] = field(repr=False)

    def line_of(self, path: Path) -> int:
        """The line of *path*, or of the nearest place above it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def refuse(self, path: Path, message: str) -> NoReturn:
        """Raise for what stands at *path*."""
        raise RuleFileError(f"{self.file}, line {self.line_of(path)}: {message}")


def read_yaml(text: str, *, file: str) -> Document:
    """The one document in *text*; repeated keys and unquoted codes are refused."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = mark.line + 1 if mark else 1
        raise RuleFileError(f"{file}, line {where}: this is not YAML: {getattr(error, 'problem', error)}") from error
    if node is None:
        raise RuleFileError(f"{file}, line 1: the file is empty")
    lines: dict[Path, int] = {}
    return Document(file, _plain(node, (), lines, file), lines)


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], file: str) -> object:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, file)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*path, str(place)), lines, file) for place, item in enumerate(node.value)]
    pairs: dict[object, object] = {}
    latest = date.min
    for key_node, value_node in node.value:
        key = _scalar(key_node, file)
        line = key_node.start_mark.line + 1
        if isinstance(key, date):
            if key < latest:
                message = f"row {key} stands after row {latest}: put rows in date order, oldest first"
                raise RuleFileError(f"{file}, line {line}: {message}")
            latest, key = key, key.isoformat()
        inner = (*path, str(key))
        if key in pairs:
            raise RuleFileError(f"{file}, line {line}: the key {key} is there twice: keep one (YAML keeps the last)")
        lines[inner] = line
        pairs[key] = _plain(value_node, inner, lines, file)
    return pairs


def _scalar(node: yaml.ScalarNode, file: str) -> object:
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    line = node.start_mark.line + 1
    if _LOOKS_LIKE_A_CODE.fullmatch(text):
        raise RuleFileError(f'{file}, line {line}: the code {text} must be in quotes: "{text}"')
    kind = node.tag.removeprefix(_TAG)
    if kind == "int":
        return int(text)
    if kind == "bool":
        if text not in ("true", "false"):
            raise RuleFileError(f"{file}, line {line}: write true or false, or put {text} in quotes")
        return text == "true"
    if kind == "null":
        return None
    if kind == "timestamp":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise RuleFileError(f"{file}, line {line}: {text} is no date: write YYYY-MM-DD") from error
    return text


def build(model: type[Model], document: Document, value: object, path: Path = ()) -> Model:
    """*value* as a *model*; the first thing wrong is named with its file and line."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        place = path + tuple(str(part) for part in first["loc"])
        document.refuse(place, _explain(first["type"], first["msg"], place, model))


def _explain(kind: str, message: str, place: Path, model: type[BaseModel]) -> str:
    name = place[-1] if place else model.__name__
    if kind == "extra_forbidden":
        return f"`{name}` is not in the vocabulary here: see rules/README.md for the words that are"
    if kind == "missing":
        return f"`{name}` is missing"
    if kind == "string_type":
        return f"`{name}` must be a string: put it in quotes"
    return f"`{name}`: {message.removeprefix('Value error, ')}"
