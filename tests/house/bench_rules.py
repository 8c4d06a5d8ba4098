"""Run by ``make bench-rules``: how long the rules take to load and to answer; prints figures and judges nothing."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/support")]

from rule_cases import cases  # noqa: E402  found by the path above

from rules.adjudicate import adjudicate  # noqa: E402
from rules.encounter import Encounter  # noqa: E402

LOADS = 9
ROUNDS = 7
GOAL = {"load": 0.15, "answer": 0.3}
"""What was promised: seconds to load, milliseconds an encounter."""

_FRESH = (
    "import time; a = time.perf_counter(); from rules.library import library; "
    "b = time.perf_counter(); library(); print(b - a, time.perf_counter() - b)"
)


def main() -> None:
    """Load in fresh processes, then answer every encounter of the cases again and again in this one."""
    imported, loaded = zip(*(loading() for _ in range(LOADS)), strict=True)
    print(f"loading, {LOADS} fresh processes")
    say(
        "rule files",
        f"median {statistics.median(loaded):.3f} s",
        f"least {min(loaded):.3f} s",
        f"goal {GOAL['load']} s",
    )
    say("modules before", f"median {statistics.median(imported):.3f} s", "pydantic and PyYAML among them")
    encounters = [case.encounter for case in cases()]
    rounds = [answering(encounters) for _ in range(ROUNDS)]
    means = [statistics.fmean(times) * 1000 for times in rounds]
    best = sorted(min(times) * 1000 for times in zip(*rounds, strict=True))
    most = best[len(best) * 99 // 100]
    print(f"answering {len(encounters)} encounters of the cases, {ROUNDS} rounds")
    say(
        "an encounter",
        f"median {statistics.median(means):.3f} ms",
        f"least {min(means):.3f} ms",
        f"goal {GOAL['answer']} ms",
    )
    say(
        "each at its best",
        f"half within {statistics.median(best):.3f} ms",
        f"99 % within {most:.3f} ms",
        f"all within {best[-1]:.3f} ms",
    )


def say(what: str, *figures: str) -> None:
    """One line of figures."""
    print(f"  {what:<18}{'   '.join(figures)}")


def loading() -> tuple[float, float]:
    """Seconds for the modules and for the rule files, in a process of its own."""
    done = subprocess.run([sys.executable, "-c", _FRESH], cwd=ROOT, capture_output=True, text=True, check=True)
    first, second = done.stdout.split()
    return float(first), float(second)


def answering(encounters: list[Encounter]) -> list[float]:
    """Seconds for each encounter."""
    times = []
    for encounter in encounters:
        start = time.perf_counter()
        adjudicate(encounter)
        times.append(time.perf_counter() - start)
    return times


if __name__ == "__main__":
    main()
