"""The FHIRcast subscriber against a hub of our own: the round trip, lost connections, denials, nonsense."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from fhircast_hub import Hub, wait_for
from service_fixtures import FACET

from api.fhircast import EVENTS, Subscriber, Subscription
from api.fhircast_run import drafted

pytestmark = pytest.mark.needs_line

REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "d1",
    "status": "partial",
    "effectiveDateTime": "2025-06-02T09:00:00Z",
}


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def subscriber(hub: Hub) -> Iterator[Subscriber]:
    made = Subscriber(Subscription(hub=hub.url, topic="t1", token="secret"), drafted)  # noqa: S106  a hub of our own
    loop = asyncio.new_event_loop()
    task = loop.create_task(made.follow())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    wait_for(lambda: hub.sockets)
    yield made
    loop.call_soon_threadsafe(task.cancel)
    wait_for(task.done)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)
    loop.close()


def update(text: str) -> list[dict[str, Any]]:
    entry = {"request": {"method": "PUT"}, "resource": {**REPORT, "conclusion": text}}
    return [
        {"key": "report", "reference": {"reference": "DiagnosticReport/d1"}},
        {"key": "updates", "resource": {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}},
    ]


NONSENSE = (
    "no json",
    "[]",
    '{"event": []}',
    '{"id": "1", "event": {"hub.event": 7}}',
    '{"id": "2", "event": {"hub.event": "DiagnosticReport-open", "context": "x"}}',
    '{"id": "3", "event": {"hub.event": "DiagnosticReport-update", "context": [7, {"key": "report", "resource": 7}]}}',
    '{"id": "4", "event": {"hub.event": "DiagnosticReport-open", "context": [{"key": "updates", "resource": {}}]}}',
    '{"id": "5", "event": {"hub.event": "DiagnosticReport-close", "context": [{"key": "report", "reference": 7}]}}',
)
"""What no hub should say, and what must not end the subscriber."""


@pytest.mark.usefixtures("subscriber")
def test_fhircast_round_trip(hub: Hub) -> None:
    assert hub.subscriptions[0]["hub.events"] == ",".join(EVENTS)
    assert hub.subscriptions[0]["authorization"] == "Bearer secret"
    context = [
        {"key": "report", "resource": REPORT},
        {"key": "patient", "resource": {"resourceType": "Patient", "id": "p1"}},
    ]
    opened = hub.event("DiagnosticReport-open", context)
    wait_for(lambda: {"id": opened, "status": "200"} in hub.answers)
    hub.event("DiagnosticReport-update", update(FACET))
    wait_for(lambda: hub.shared)
    told = hub.shared[0]["event"]
    assert told["hub.event"] == "DiagnosticReport-update"
    assert told["context"][:2] == [
        {"key": "report", "reference": {"reference": "DiagnosticReport/d1"}},
        {"key": "patient", "reference": {"reference": "Patient/p1"}},
    ]
    issue = told["context"][2]["resource"]["entry"][0]["resource"]
    assert (issue["resourceType"], issue["implicated"]) == ("DetectedIssue", [{"reference": "DiagnosticReport/d1"}])
    assert issue["detail"] == "Side not stated for the L4-L5 facet injection: 64493 needs RT, LT or 50."
    hub.event("DiagnosticReport-update", update(FACET.replace("Facet", "Left facet")))
    wait_for(lambda: len(hub.shared) == 2)
    assert hub.shared[1]["event"]["context"][2]["resource"]["entry"] == [], "the gap is closed"
    select = hub.event(
        "DiagnosticReport-select", [*update(FACET)[:1], {"key": "select", "reference": [{"reference": "x"}]}]
    )
    unknown = hub.event("ImagingStudy-open", [])
    for nonsense in NONSENSE:
        hub.raw(nonsense)
    closed = hub.event("DiagnosticReport-close", update(FACET)[:1])
    wait_for(lambda: {"id": closed, "status": "200"} in hub.answers)
    assert {"id": select, "status": "200"} in hub.answers
    assert {"id": unknown, "status": "404"} in hub.answers


@pytest.mark.usefixtures("subscriber")
def test_fhircast_comes_back_after_a_lost_connection_and_a_denial(hub: Hub) -> None:
    hub.deny = 1
    hub.drop()
    wait_for(lambda: len(hub.subscriptions) >= 3 and hub.sockets)
    hub.event("DiagnosticReport-open", [{"key": "report", "resource": {**REPORT, "conclusion": FACET}}])
    wait_for(lambda: hub.shared)
    assert b"Side not stated" in orjson.dumps(hub.shared)
