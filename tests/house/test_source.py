"""House rules on source files: rules are data, files are small, nothing of a machine or a registry stands in them."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from rules.encounter import Approach

ROOT = Path(__file__).parent.parent.parent
CODE = re.compile(r"(?<![\w.])(?:\d{5}|\d{4}[FTU]|[A-V]\d{4})(?!\w)")
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
NO_YEAR = {"tag:yaml.org,2002:"}  # the name space of YAML's own types
LONGEST_FILE = 300


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Line and wording of every string and number in the code of *path*; docstrings are words about it, not code."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    words = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or id(node) in words:
            continue
        if isinstance(node.value, str):
            yield node.lineno, node.value
        elif isinstance(node.value, int):  # as written: 10_000 is a quantity, 10000 might be a code
            yield node.lineno, ast.get_source_segment(source, node) or ""


@pytest.mark.parametrize("path", python_files("extractor", "rules", "api"), ids=named)
def test_no_code_number_stands_in_python(path: Path) -> None:
    assert [found for found in literals(path) if CODE.search(found[1])] == []


@pytest.mark.parametrize("path", python_files("rules"), ids=named)
def test_no_year_stands_in_the_engine(path: Path) -> None:
    assert [found for found in literals(path) if YEAR.search(found[1]) and found[1] not in NO_YEAR] == []


@pytest.mark.parametrize("path", python_files("rules"), ids=named)
def test_no_family_is_named_in_the_engine(path: Path) -> None:
    families = {family.stem for family in (ROOT / "rules/families").glob("*.yaml")}
    families -= set(get_args(Approach))  # an approach that is also a family's name is a fact
    assert [found for found in literals(path) if found[1] in families] == []


@pytest.mark.parametrize("path", python_files("extractor", "rules", "api", "corpus", "tests"), ids=named)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_a_rule_that_is_broken_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(
        '"""Doc 62311 of 2006."""\nA = "62311"\nB = 2006\nC = f"{A} G0260"\nD = "22510T x"\nE = 12_345\nF = 12345\n'
    )
    found = sorted(literals(path))
    assert [value for _, value in found if CODE.search(value)] == ["62311", " G0260", "12345"]
    assert [value for _, value in found if YEAR.search(value)] == ["2006"]


def kept_files() -> list[Path]:
    """Every text file that is kept in the repository or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1000]]


def test_no_path_of_a_machine_and_no_registry_stands_anywhere() -> None:
    # Written in pieces so that this file passes its own test.
    hosts = [".".join(host) for host in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("debian", "org"))]
    folders = [f"/{folder}/" for folder in ("work", "root", "home")] + [f"{Path.home()}/"]
    forbidden = re.compile("|".join(map(re.escape, [*hosts, *folders])))
    found = {
        named(path): forbidden.findall(path.read_text(encoding="utf-8", errors="replace")) for path in kept_files()
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_the_top_level_stays_as_it_is() -> None:
    allowed = {"pyproject.toml", "Makefile", "README.md", ".ci", ".gitignore", "extractor", "rules", "api", "corpus",
               "tests", "docs", "DEVELOPERS.md"}  # fmt: skip
    assert {path.relative_to(ROOT).parts[0] for path in kept_files()} <= allowed
