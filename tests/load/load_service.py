"""`make load`: the service under load on this machine — every answer as if asked alone, and how long each took.

Open loop: requests are due at a fixed rate whether or not earlier ones have been answered, and their time counts from
when they were due. The service and its callers share the machine's cores.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import httpx2

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/support")]
from live_service import Live  # noqa: E402  found by the path above

from api.draft import draft  # noqa: E402
from api.reading import read_text  # noqa: E402
from api.service import Settings, code_reading  # noqa: E402

SIZE = 2_500
"""Characters of an ordinary report."""
DAY = "2025-06-02"
CODE, DRAFT = "/v1/code", "/v1/draft"


@dataclass
class Measured:
    """What came of a run."""

    seconds: list[float] = field(default_factory=list)
    wrong: int = 0
    refused: int = 0
    failed: int = 0
    took: float = 0

    def told(self) -> dict[str, float | int]:
        """The figures, times in milliseconds."""
        ordered = sorted(self.seconds) or [0.0]
        at = {f"p{share}": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 90, 95, 99)}
        return {
            "requests": len(self.seconds) + self.refused + self.failed, "answered": len(self.seconds),
            "wrong": self.wrong, "refused": self.refused, "failed": self.failed,
            "per_second": round(len(self.seconds) / self.took, 1) if self.took else 0,
            **{name: round(value * 1000, 1) for name, value in at.items()}, "max": round(ordered[-1] * 1000, 1),
        }  # fmt: skip


def bodies(count: int) -> list[dict[str, str]]:
    """Reports of the corpus, each brought to the ordinary size with words of others' histories."""
    texts = [path.read_bytes().decode() for path in sorted((ROOT / "corpus/reports").glob("*.txt"))]
    filler = "\nCOMMENT: The patient was given written instructions and will call with any questions or concerns."
    made = []
    for number in range(count):
        text = texts[number % len(texts)][:SIZE]
        text += filler * ((SIZE - len(text)) // len(filler))
        made.append({"id": f"r{number}", "text": text, "date_of_service": DAY})
    return made


def expected(address: str, sent: list[dict[str, str]]) -> list[str]:
    """What each is answered when nobody else asks: by the program itself, in this process."""
    day = date.fromisoformat(DAY)

    def answer(one: dict[str, str]) -> bytes:
        if address == DRAFT:
            return draft(one["text"], date_of_service=day, settings=Settings()).model_dump_json().encode()
        return code_reading(read_text(one["text"], name="x"), report_id=one["id"], date_of_service=day).to_json()

    return [hashlib.sha256(answer(one)).hexdigest() for one in sent]


async def drive(
    url: str, address: str, sent: list[dict[str, str]], right: list[str], *, requests: int, clients: int, rate: float
) -> Measured:
    """*requests* in all by *clients* connections; as fast as they go where *rate* is 0."""
    measured = Measured()
    bodies = [{name: one[name] for name in one if name != "id"} if address == DRAFT else one for one in sent]
    waiting: asyncio.Queue[tuple[float, int] | None] = asyncio.Queue(0 if rate else 1)

    async def caller(client: httpx2.AsyncClient) -> None:
        while (item := await waiting.get()) is not None:
            due, number = item[0] or time.perf_counter(), item[1]
            try:
                answer = await client.post(address, json=bodies[number])
            except httpx2.HTTPError:
                measured.failed += 1
                continue
            if answer.status_code != httpx2.codes.OK:
                measured.refused += 1
                continue
            measured.seconds.append(time.perf_counter() - due)
            measured.wrong += hashlib.sha256(answer.content).hexdigest() != right[number]

    limits = httpx2.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx2.AsyncClient(base_url=url, timeout=120, limits=limits) as client:
        await asyncio.gather(*(client.post(address, json=bodies[0]) for _ in range(clients)))
        callers = [asyncio.create_task(caller(client)) for _ in range(clients)]
        begun = time.perf_counter()
        for number in range(requests):
            due = begun + number / rate if rate else 0
            if rate and (pause := due - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            await waiting.put((due, number % len(sent)))
        for _ in callers:
            await waiting.put(None)
        await asyncio.gather(*callers)
        measured.took = time.perf_counter() - begun
    return measured


def main() -> None:
    """Start a service, drive it, print the figures as JSON; exit status 1 where an answer was wrong or missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", choices=(CODE, DRAFT), default=CODE)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0, help="Requests a second, due whatever happens; 0: as they go.")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--distinct", type=int, default=400, help="Different reports among the requests.")
    chosen = parser.parse_args()
    sent = bodies(chosen.distinct)
    right = expected(chosen.address, sent)
    with tempfile.TemporaryDirectory() as folder:
        live = Live(f"sqlite:///{folder}/store.db", Path(folder) / "log", processes=chosen.processes,
                    env={"SPINECODER_WAITING": str(max(64, chosen.clients))})  # fmt: skip
        live.start("--without-keys")
        try:
            measured = asyncio.run(drive(
                live.url, chosen.address, sent, right,
                requests=chosen.requests, clients=chosen.clients, rate=chosen.rate,
            ))  # fmt: skip
        finally:
            live.stop()
    told = measured.told()
    cores = subprocess.run(["nproc"], capture_output=True, text=True, check=False).stdout.strip()
    print(
        json.dumps(
            {
                "address": chosen.address,
                **told,
                "clients": chosen.clients,
                "rate": chosen.rate,
                "processes": chosen.processes,
                "mean_characters": round(sum(len(one["text"]) for one in sent) / len(sent)),
                "cores": cores,
            }
        )
    )
    sys.exit(bool(told["wrong"] or told["refused"] or told["failed"]))


if __name__ == "__main__":
    main()
