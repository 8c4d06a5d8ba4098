"""Every broken file is refused, and the error names its file, its line and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.library import build_library, read_files
from rules.yaml_reader import RuleFileError

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_file_is_refused(path: Path) -> None:
    """The first two comment lines of a broken file say where it would stand and what the error must say."""
    text = path.read_text(encoding="utf-8")
    place, words = (line.removeprefix("# ").partition(": ")[2] for line in text.splitlines()[:2])
    with pytest.raises(RuleFileError) as refusal:
        build_library({**read_files(), place: text})
    message = str(refusal.value)
    for part in words.split(" | "):
        assert part in message
    assert message.startswith(f"{place}, line ")


def test_there_are_broken_files() -> None:
    assert len(BROKEN) > 10
