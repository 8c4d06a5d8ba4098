"""Reports coded beside the event loop: one at a time, long ones apart, and no one of them holds the others up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TypeVar

from api import metrics
from api.faults import contained
from api.problems import Refusal
from api.reading import InputError, read_text
from api.result import Result
from api.service import Settings, code_reading
from rules.library import library

T = TypeVar("T")
_LONG = 40_000
"""Characters from which a report is coded apart; a hundred times the ordinary."""
_TURN = 1.0
"""Seconds after which a report that is still not coded gives up its turn and goes on beside those behind it."""
_THREADS = 4
"""Of short reports: as many less one may overrun their turns before the others wait for them."""
_CALLED = "The report"


class Coder:
    """Reports take turns, for only one thread of a process runs at a time and more would not code faster."""

    def __init__(self, *, waiting: int, profile: str | None) -> None:
        self._most = waiting
        self._count = 0
        self._profile = profile
        self._turn = asyncio.Lock()
        self._short = ThreadPoolExecutor(_THREADS, "short-reports")
        self._long = ThreadPoolExecutor(1, "long-reports")

    async def run(self, work: Callable[[], T], *, size: int) -> T:
        """*work* in its turn; refused where too many wait already."""
        if self._count >= self._most:
            raise Refusal("overloaded", "Too many reports wait to be coded. Send the request again in some seconds.")
        self._count += 1
        metrics.WAITING.inc()
        try:
            if size < _LONG:
                return await self._in_turn(work)
            return await asyncio.get_running_loop().run_in_executor(self._long, work)
        finally:
            self._count -= 1
            metrics.WAITING.dec()

    async def _in_turn(self, work: Callable[[], T]) -> T:
        async with self._turn:
            coding = asyncio.get_running_loop().run_in_executor(self._short, work)
            await asyncio.wait((coding,), timeout=_TURN)
        return await coding

    async def code(
        self, text: str, *, report_id: str, date_of_service: date | None, settings: Settings
    ) -> Result:  # fmt: skip
        """The result of a report, the same as by any other door."""

        def work() -> Result:
            with contained(_CALLED):
                reading = read_text(text, name=_CALLED)
                return code_reading(reading, report_id=report_id, date_of_service=date_of_service, settings=settings)

        result = await self.run(work, size=len(text))
        metrics.CODED.labels(result.disposition).inc()
        return result

    def settings(self, profile: str | None, *, professional_component: bool) -> Settings:
        """What a caller says of a report. A caller names a shipped profile, never a file of this machine."""
        if profile is not None and profile not in library().profiles:
            names = ", ".join(sorted(library().profiles))
            raise InputError("no_profile", f"There is no such profile; there are {names}.")
        settings = Settings(profile=profile or self._profile, professional_component=professional_component)
        chosen = settings.chosen_profile()
        if professional_component and chosen is not None and chosen.claim == "facility":
            raise InputError(
                "no_component", "This profile is that of a facility, which bills no professional component."
            )
        return settings

    def warm(self) -> None:
        """Load the pipeline and the rules, so that the first caller does not wait for them."""
        code_reading(read_text("Lumbar epidural injection.", name="warm"), report_id="warm")

    def close(self) -> None:
        """Let the threads end."""
        self._short.shutdown(wait=False, cancel_futures=True)
        self._long.shutdown(wait=False, cancel_futures=True)
