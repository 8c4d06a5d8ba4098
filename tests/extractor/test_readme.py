"""extractor/README.md names every file that reads and every file of words, and none that is not there."""

from __future__ import annotations

import re
from pathlib import Path

EXTRACTOR = Path(__file__).parent.parent.parent / "extractor"
README = (EXTRACTOR / "README.md").read_text(encoding="utf-8")
NAMED = {name.rsplit("/", 1)[-1] for name in re.findall(r"`([\w/.]+\.(?:py|yaml))`", README)}


def test_every_file_is_named() -> None:
    files = {path.name for path in EXTRACTOR.rglob("*") if path.suffix in {".py", ".yaml"}} - {"__init__.py"}
    assert files - NAMED == set()


def test_every_named_file_is_there() -> None:
    root = EXTRACTOR.parent
    assert {name for name in NAMED if not any(root.glob(f"*/{name}")) and not any(root.glob(f"*/*/{name}"))} == set()
