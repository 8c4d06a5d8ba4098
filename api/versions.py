"""What a result was made with: the version of the program, of its words and of its rules."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

import extractor
from api.result import Versions
from rules.library import library

_SHOWN = 12


@cache
def versions() -> Versions:
    """The versions named in every result. Words and rules are named by their content, so no edit goes unseen."""
    return Versions(
        spinecoder=version("spinecoder"),
        lexicon=content_hash(Path(extractor.__path__[0], "lexicon")),
        rules=library().version,
    )


def content_hash(folder: Path) -> str:
    """A name for the bytes of every YAML file under *folder* and for where each stands."""
    digest = hashlib.sha256()
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.yaml")}
    for name in sorted(files):
        content = files[name].read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_SHOWN]
