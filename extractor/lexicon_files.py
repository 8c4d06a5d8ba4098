"""The words of spine reports, loaded once from ``lexicon/*.yaml`` into values that keep no order of their files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "lexicon"


class LexiconError(ValueError):
    """A lexicon file that cannot be used; the message names the file and what would be right."""


class _NoRepeats(yaml.CSafeLoader):
    """YAML that refuses a key given twice instead of keeping the last."""


def _mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in keys:
            raise LexiconError(f"{key_node.start_mark.name}:{key_node.start_mark.line + 1}: key {key!r} is given twice")
        keys.add(key)
    return dict(loader.construct_mapping(node, deep=True))


_NoRepeats.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@cache
def load(name: str) -> Any:  # noqa: ANN401 - each file has a shape of its own, which its reader knows
    """The content of ``lexicon/<name>.yaml``."""
    path = FOLDER / f"{name}.yaml"
    with path.open(encoding="utf-8") as handle:
        return yaml.load(handle, Loader=_NoRepeats)  # noqa: S506 - a safe loader with one more refusal
