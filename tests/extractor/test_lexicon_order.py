"""The order in which the lexicon files say things changes no result, to the byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from extractor.extract import extract

ROOT = Path(__file__).parent.parent.parent
SHUFFLED = """
import json, random, sys
from extractor import lexicon_files
chance, whole = random.Random(int(sys.argv[1])), lexicon_files.load
ORDERED = ("keywords", "approaches")  # the first that fits; the first approach that is named
def turn(value, key):
    if key in ORDERED:
        return value
    if isinstance(value, dict):
        items = [(name, turn(entry, name)) for name, entry in value.items()]
        return dict(chance.sample(items, len(items)))
    if isinstance(value, list):
        return chance.sample([turn(entry, "") for entry in value], len(value))
    return value
turned = {}
def load(name):
    if name not in turned:
        turned[name] = turn(whole(name), "")
    return turned[name]
lexicon_files.load = load
from extractor.extract import extract
json.dump([extract(text).model_dump_json() for text in json.load(sys.stdin)], sys.stdout)
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_entries_changes_no_result(seed: int) -> None:
    texts = [path.read_bytes().decode() for path in sorted((ROOT / "corpus/reports").glob("*.txt"))[::12]][:30]
    assert len(texts) >= 30
    done = subprocess.run(
        [sys.executable, "-c", SHUFFLED, str(seed)], input=json.dumps(texts).encode(), capture_output=True, check=True,
        cwd=ROOT,
    )  # fmt: skip
    assert json.loads(done.stdout) == [extract(text).model_dump_json() for text in texts]
