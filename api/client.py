"""A small typed client of the service: one object, one method an address, problems as one exception."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Any, Literal, Self

import httpx2

from api.result import Result

_AGAIN = (429, 503)


class ServiceError(Exception):
    """The service refused or failed; ``kind`` is for programs. The message holds no word of a report."""

    def __init__(self, kind: str, detail: str, *, status: int | None = None, request: str | None = None) -> None:
        super().__init__(detail)
        self.kind = kind
        self.status = status
        self.request = request


@dataclass(frozen=True, slots=True)
class Kept:
    """A version that the service keeps."""

    report_id: str
    version: int
    is_new: bool
    result_number: int
    result: Result


class Client:
    """Speaks to one service with one key. Repeats are safe, so a request without an answer is sent again."""

    def __init__(self, url: str, *, key: str | None = None, tries: int = 5, timeout: float = 60) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx2.Client(base_url=url, headers=headers, timeout=timeout)
        self._tries = tries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def code(
        self, text: str, *, report_id: str = "report", date_of_service: date | None = None, profile: str | None = None
    ) -> Result:
        """The result of a report; nothing of it is kept."""
        body = _report(text, report_id, date_of_service, profile)
        return Result.model_validate_json(self._send("POST", "/v1/code", body).content)

    def submit(
        self, text: str, *, report_id: str, date_of_service: date | None = None, version: str | None = None,
        profile: str | None = None, source: str = "client",
    ) -> Kept:  # fmt: skip
        """Keep a version of a report; when this returns it is on the disk of the service."""
        body = {**_report(text, report_id, date_of_service, profile), "version": version, "source": source}
        answer = self._send("POST", "/v1/reports", body).json()
        return Kept(answer["report_id"], answer["version"], answer["status"] == "stored", answer["result_number"],
                    Result.model_validate(answer["result"]))  # fmt: skip

    def read(self, report_id: str, *, version: int | None = None) -> dict[str, Any]:
        """A report with its history, as the OpenAPI describes it."""
        query = "" if version is None else f"?version={version}"
        found: dict[str, Any] = self._send("GET", f"/v1/reports/{report_id}{query}").json()
        return found

    def find(self, **wanted: str | int | bool) -> list[dict[str, Any]]:
        """Every report that fits, newest first, page after page."""
        found: list[dict[str, Any]] = []
        asked: dict[str, Any] = dict(wanted)
        while True:
            page = self._send("GET", "/v1/reports", query=asked).json()
            found += page["reports"]
            if page.get("next") is None:
                return found
            asked["before"] = page["next"]

    def decide(
        self, report_id: str, action: Literal["accept", "edit", "reject", "add"], *, reason: str = "",
        lines: Iterable[Mapping[str, Any]] | None = None, result: int | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Keep a decision about the newest answer."""
        body: dict[str, Any] = {"action": action, "reason": reason, "result": result}
        if lines is not None:
            body["lines"] = list(lines)
        made: dict[str, Any] = self._send("POST", f"/v1/reports/{report_id}/decisions", body).json()
        return made

    def draft(self, text: str, *, date_of_service: date | None = None) -> dict[str, Any]:
        """What a partial report would be coded as, and what it leaves open."""
        body = {"text": text, "date_of_service": date_of_service.isoformat() if date_of_service else None}
        made: dict[str, Any] = self._send("POST", "/v1/draft", body).json()
        return made

    def _send(
        self, method: str, path: str, body: object = None, *, query: Mapping[str, Any] | None = None
    ) -> httpx2.Response:
        pause = 0.5
        for left in range(self._tries - 1, -1, -1):
            try:
                answer = self._client.request(method, path, json=body, params=query)
            except httpx2.HTTPError as fault:
                if not left:
                    message = f"The service cannot be reached ({type(fault).__name__})."
                    raise ServiceError("unreachable", message) from None
            else:
                if answer.is_success:
                    return answer
                if answer.status_code not in _AGAIN or not left:
                    raise _error(answer)
                told = answer.headers.get("Retry-After", "")
                pause = float(told) if told.isdigit() else pause
            time.sleep(pause)
            pause = min(pause * 2, 10)
        raise ServiceError("unreachable", "The service was not asked: `tries` must be 1 or more.")


def _report(text: str, report_id: str, day: date | None, profile: str | None) -> dict[str, Any]:
    return {"id": report_id, "text": text, "date_of_service": day.isoformat() if day else None, "profile": profile}


def _error(answer: httpx2.Response) -> ServiceError:
    try:
        told = answer.json()
        return ServiceError(told["kind"], told["detail"], status=answer.status_code, request=told.get("request"))
    except (ValueError, KeyError, TypeError):
        return ServiceError("no_problem_document", f"The service answered {answer.status_code} without a reason.",
                            status=answer.status_code)  # fmt: skip
