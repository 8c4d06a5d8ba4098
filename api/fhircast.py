"""A FHIRcast (STU3) subscriber: follows the open report, drafts it as it changes, and shares the gaps back."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from api.clock import now
from api.draft import Draft
from api.faults import InternalFaultError
from api.fhir_report import text_of
from api.journal import record
from api.reading import InputError

EVENTS = ("DiagnosticReport-open", "DiagnosticReport-update", "DiagnosticReport-select", "DiagnosticReport-close")
_RENEW = 0.8
"""The part of the lease after which the subscription is renewed."""
_LONGEST_PAUSE = 60.0

Drafter = Callable[[Mapping[str, Any], str], Awaitable[Draft]]
"""Makes the draft of a DiagnosticReport and its text."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """Which topic of which hub is followed, by which token, and for how long at a time."""

    hub: str
    topic: str
    token: str | None = None
    lease_seconds: int = 7_200
    name: str = "spinecoder"

    def headers(self) -> dict[str, str]:
        """What every request to the hub carries."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(slots=True)
class _Open:
    """A report that is open: its context as the hub tells it, its version, and the resource as far as it is known."""

    context: list[dict[str, Any]]
    version: str | None
    report: dict[str, Any]
    drafted: str = ""


@dataclass(slots=True)
class Subscriber:
    """Follows one subscription until it is stopped; a lost connection is made again, ever more patiently."""

    subscription: Subscription
    drafter: Drafter
    _open: dict[str, _Open] = field(default_factory=dict)
    _sent: set[str] = field(default_factory=set)

    async def follow(self) -> None:
        """Subscribe, answer every event, share drafts back; for ever."""
        pause = 1.0
        async with httpx2.AsyncClient(headers=self.subscription.headers(), timeout=10) as client:
            while True:
                try:
                    await self._once(client)
                    pause = 1.0
                except (httpx2.HTTPError, WebSocketException, OSError, InputError, InternalFaultError) as fault:
                    record("fhircast_lost", fault=type(fault).__name__)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)

    async def _once(self, client: httpx2.AsyncClient) -> None:
        """One subscription, until its lease is nearly over."""
        endpoint = await self._subscribe(client)
        async with connect(endpoint, max_size=8 * 1024 * 1024) as socket:
            confirmed = _object(await asyncio.wait_for(socket.recv(), 10))
            if confirmed.get("hub.mode") != "subscribe":
                raise InputError("subscription_denied", "The hub denied the subscription.")
            record("fhircast_subscribed")
            given = confirmed.get("hub.lease_seconds")
            lease = given if isinstance(given, int) and given > 0 else self.subscription.lease_seconds
            with suppress(TimeoutError):
                async with asyncio.timeout(lease * _RENEW):
                    async for message in socket:
                        await self._event(client, socket, message)

    async def _subscribe(self, client: httpx2.AsyncClient) -> str:
        answer = await client.post(self.subscription.hub, data={
            "hub.channel.type": "websocket", "hub.mode": "subscribe", "hub.topic": self.subscription.topic,
            "hub.events": ",".join(EVENTS), "hub.lease_seconds": str(self.subscription.lease_seconds),
            "subscriber.name": self.subscription.name,
        })  # fmt: skip
        answer.raise_for_status()
        endpoint = _object(answer.content).get("hub.channel.endpoint")
        if not isinstance(endpoint, str):
            raise InputError("bad_hub", "The hub gave no hub.channel.endpoint.")
        return endpoint

    async def _event(self, client: httpx2.AsyncClient, socket: ClientConnection, message: str | bytes) -> None:
        told = _object(message)
        event, number = told.get("event"), str(told.get("id", ""))
        name = event.get("hub.event") if isinstance(event, dict) else None
        if not number or not isinstance(event, dict) or not isinstance(name, str):
            return
        is_known = name in EVENTS
        await socket.send(orjson.dumps({"id": number, "status": "200" if is_known else "404"}).decode())
        if not is_known or number in self._sent:
            return
        record("fhircast_event", hub_event=name)
        report_id = _report_id(_objects(event.get("context")))
        if report_id is None:
            return
        if name == EVENTS[3]:
            self._open.pop(report_id, None)
            return
        await self._changed(client, name, report_id, event)

    async def _changed(self, client: httpx2.AsyncClient, name: str, report_id: str, event: dict[str, Any]) -> None:
        context = _objects(event.get("context"))
        if name == EVENTS[0] or report_id not in self._open:
            kept = [entry for entry in context if entry.get("key") in ("report", "patient", "study")]
            self._open[report_id] = _Open([_as_reference(entry) for entry in kept], None, {})
        opened = self._open[report_id]
        opened.version = event.get("context.versionId", opened.version)
        opened.report = {**opened.report, **_report(context, report_id)}
        words = text_of(opened.report)
        if words.strip() and words != opened.drafted:
            opened.drafted = words
            await self._share(client, opened, report_id, await self.drafter(opened.report, words))

    async def _share(self, client: httpx2.AsyncClient, opened: _Open, report_id: str, draft: Draft) -> None:
        """Tell the hub the gaps. Where the context has moved on, the next update will be drafted instead."""
        number = uuid.uuid4().hex
        self._sent.add(number)
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": issues(report_id, draft)}
        body = {"timestamp": now(), "id": number, "event": {
            "hub.topic": self.subscription.topic, "hub.event": EVENTS[1], "context.versionId": opened.version,
            "context": [*opened.context, {"key": "updates", "resource": bundle}],
        }}  # fmt: skip
        answer = await client.post(self.subscription.hub, json=body)
        record("fhircast_shared", status=answer.status_code, count=len(bundle["entry"]))
        if answer.is_success:
            opened.version = _object(answer.content).get("context.versionId", opened.version)


def issues(report_id: str, draft: Draft) -> list[dict[str, Any]]:
    """Each gap of *draft* as an entry that puts a DetectedIssue; the same gap of the same report keeps its id."""
    entries = []
    for gap in draft.gaps:
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{report_id} {gap.procedure} {gap.fact}"))
        resource = {
            "resourceType": "DetectedIssue", "id": name, "status": "preliminary",
            "code": {"text": "documentation gap"}, "severity": "moderate" if gap.is_needed else "low",
            "detail": gap.message, "implicated": [{"reference": f"DiagnosticReport/{report_id}"}],
        }  # fmt: skip
        entries.append({"request": {"method": "PUT", "url": f"DetectedIssue/{name}"}, "resource": resource})
    return entries


def _object(message: str | bytes) -> dict[str, Any]:
    """The JSON object that a hub sent; an empty one where it sent something else."""
    try:
        found = orjson.loads(message)
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    """The objects of a list that a hub sent."""
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _report_id(context: list[dict[str, Any]]) -> str | None:
    for entry in context:
        if entry.get("key") == "report":
            resource, reference = entry.get("resource"), entry.get("reference")
            if isinstance(resource, dict) and isinstance(resource.get("id"), str):
                return str(resource["id"])
            if isinstance(reference, dict) and isinstance(reference.get("reference"), str):
                return str(reference["reference"]).rpartition("/")[2]
    return None


def _report(context: list[dict[str, Any]], report_id: str) -> dict[str, Any]:
    """What of the report this event tells: as its anchor, or among its updates."""
    found: dict[str, Any] = {}
    for entry in context:
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            continue
        if entry.get("key") == "report":
            found |= resource
        for part in _objects(resource.get("entry")) if entry.get("key") == "updates" else []:
            updated = part.get("resource")
            if isinstance(updated, dict) and updated.get("resourceType") == "DiagnosticReport":
                found |= updated if updated.get("id", report_id) == report_id else {}
    return found


def _as_reference(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of the context as an update names it."""
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        return entry
    return {"key": entry["key"], "reference": {"reference": f"{resource.get('resourceType')}/{resource.get('id')}"}}
