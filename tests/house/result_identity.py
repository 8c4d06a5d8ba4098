"""Run by ``make test``: every Python from 3.11 to 3.13 on this machine gives the same bytes for the whole corpus."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SUPPORTED = ("3.11", "3.12", "3.13")
DAYS = ("2006-06-01", "2025-06-01", None)
_VERSION = "import sys; print(*sys.version_info[:2], sep='.')"


def main() -> int:
    """Compare every other Python, another hash seed and another number of workers with this environment's answers."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.jsonl")
        count = write_batch(source)
        expected = answers(ROOT / ".venv", source, Path(folder, "expected"), seed="0", workers=1)
        answered = len(expected.splitlines())
        if answered != count or b'"disposition":"auto"' not in expected:
            print(f"identity: {count} reports asked and {answered} answered, or none of them auto")
            return 1
        verdicts = [compare("another hash seed, two workers", ROOT / ".venv", source, expected)]
        verdicts += [compare(f"Python {version}", environment, source, expected) for version, environment in others()]
    print(f"identity: {verdicts.count(True)} passed, {verdicts.count(False)} failed")
    return 0 if all(verdicts) else 1


def write_batch(source: Path) -> int:
    """Every report and sample on every day, as a batch; how many lines that is."""
    paths = sorted([*(ROOT / "corpus/reports").glob("*.txt"), *(ROOT / "corpus/samples").glob("*.txt")])
    lines = [
        json.dumps({"id": f"{path.stem} {day}", "text": path.read_bytes().decode(), "date_of_service": day})
        for path in paths
        for day in DAYS
    ]
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)


def answers(environment: Path, source: Path, target: Path, *, seed: str, workers: int) -> bytes:
    """What the spinecoder of *environment* answers to *source*."""
    command = [environment / "bin" / "spinecoder", "batch", source, target, "--workers", str(workers)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=False)
    return target.read_bytes() if target.exists() else b""


def compare(name: str, environment: Path, source: Path, expected: bytes) -> bool:
    """Whether *environment* gives the expected bytes; says which reports differ and in what, never how."""
    got = answers(environment, source, source.with_name("got"), seed="1", workers=2)
    source.with_name("got").unlink(missing_ok=True)
    if got == expected:
        print(f"identity: {name}: the same {len(expected):,} bytes")
        return True
    asked, given = expected.splitlines(), got.splitlines()
    differing = [pair for pair in zip(asked, given, strict=False) if pair[0] != pair[1]]
    print(f"identity: {name}: {len(differing)} of {len(asked)} answers differ, {len(given)} were given")
    for pair in differing[:10]:
        one, other = map(json.loads, pair)
        print(f"  {one['report_id']}: {', '.join(key for key in one if one[key] != other.get(key))}")
    return False


def others() -> Iterator[tuple[str, Path]]:
    """The version and the environment of every supported Python but this one; environments are built as needed."""
    for version in SUPPORTED:
        python = find_python(version)
        if python is None or version == f"{sys.version_info.major}.{sys.version_info.minor}":
            continue
        environment = ROOT / f".venv-{version}"
        command = ["make", f"{environment.name}/installed", f"PYTHON={python}"]
        built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if built.returncode:
            print(f"identity: no environment for Python {version}: {built.stderr.strip()[-2000:]}")
        yield version, environment


def find_python(version: str) -> str | None:
    """A Python of *version* that starts: on the path, or among those that pyenv keeps."""
    on_path = shutil.which(f"python{version}")
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    candidates = [on_path] if on_path else []
    candidates += [str(path) for path in sorted(kept.glob(f"{version}.*/bin/python{version}"), reverse=True)]
    for candidate in candidates:
        told = subprocess.run([candidate, "-c", _VERSION], capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout.strip() == version:
            return candidate
    return None


if __name__ == "__main__":
    sys.exit(main())
