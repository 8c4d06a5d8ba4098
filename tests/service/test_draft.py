"""While a report is spoken: gaps found by the rules, the stream, CDS Hooks."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest
from service_fixtures import FACET, Service
from starlette.websockets import WebSocketDisconnect

from api.draft import draft
from api.fhir_report import day_of, text_of
from api.gaps import find_gaps
from api.service import Settings
from rules.adjudicate import adjudicate
from rules.encounter import Encounter, Procedure, Site

pytestmark = pytest.mark.needs_line

DAY = date(2025, 6, 2)
MOST_ASKED = 200
"""How often a draft of an ordinary report may ask the rules; `make load` tells how long that takes."""


def messages(text: str) -> list[str]:
    return [gap.message for gap in draft(text, date_of_service=DAY, settings=Settings()).gaps]


def facet(**facts: Any) -> Encounter:
    procedure = Procedure(family="facet_injection", levels=("L4-L5",), agents=("steroid",), **facts)
    return Encounter(date_of_service=DAY, procedures=(procedure,))


def test_a_missing_side_is_told_with_the_codes_and_the_place() -> None:
    made = draft(FACET, date_of_service=DAY, settings=Settings())
    gap = made.gaps[0]
    assert gap.message == "Side not stated for the L4-L5 facet injection: 64493 needs RT, LT or 50."
    assert (gap.codes, gap.is_needed, gap.fact) == (("64493",), True, "side")
    assert gap.insert_at == FACET.index(". A needle")
    assert [answer.lines[0].modifiers for answer in gap.answers] == [("LT",), ("RT",), ("50",)]


def test_a_complete_report_has_no_gap() -> None:
    assert messages(FACET.replace("Facet", "Left facet")) == []
    assert messages("CT of the chest. Clear lungs.") == []
    assert messages("") == messages("  \n") == []


def test_guidance_that_did_not_guide_is_told() -> None:
    encounter = facet(side="left", guidance="fluoroscopy", guidance_use="contrast_only")
    gaps = {gap.fact for gap in find_gaps(encounter)}
    assert "guidance_use" in gaps
    told = messages("Left L4-L5 lumbar puncture. Fluoroscopy was used to mark the skin. CSF was drained. A needle was "
                    "advanced blindly.")  # fmt: skip
    assert all("not stated" in message or "not during needle placement" in message for message in told)


def test_a_missing_date_is_a_gap_where_editions_differ() -> None:
    gap = find_gaps(facet(side="left", guidance="fluoroscopy", guidance_use="needle_placement").model_copy(
        update={"date_of_service": None}))[0]  # fmt: skip
    assert (gap.fact, gap.procedure, gap.is_needed) == ("date_of_service", None, True)


def test_gaps_follow_the_rules_and_not_a_list() -> None:
    """In the edition of 2009 the facet codes did not ask for imaging, so its absence is no gap; from 2010 on it is."""
    plain = facet(side="left")
    before = plain.model_copy(update={"date_of_service": date(2009, 12, 31)})
    assert "guidance" in {gap.fact for gap in find_gaps(plain) if gap.is_needed}
    assert "guidance" not in {gap.fact for gap in find_gaps(before) if gap.is_needed}


def test_each_answer_is_what_the_rules_give_for_it() -> None:
    sites = (Site(kind="interspace", name="L4-L5"), Site(kind="interspace", name="L5-S1", side="left"))
    encounter = Encounter(date_of_service=DAY, procedures=(
        Procedure(family="facet_injection", sites=sites, guidance="ct", guidance_use="needle_placement"),
    ))  # fmt: skip
    gap = next(gap for gap in find_gaps(encounter) if gap.fact == "side")
    for answer in gap.answers:
        filled = tuple(s if s.side == "left" else s.model_copy(update={"side": answer.value}) for s in sites)
        procedure = encounter.procedures[0].model_copy(update={"sites": filled, "side": answer.value})
        given = adjudicate(encounter.model_copy(update={"procedures": (procedure,)}))
        assert tuple((line.code, line.modifiers, line.units) for line in given.lines) == answer.lines


def test_the_shipped_reports_are_drafted_with_few_questions(
    some_shipped: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a draft takes is what the rules are asked: a bound on that holds on every machine, however busy it is."""
    asked = 0

    def counted(encounter: Encounter, **options: Any) -> Any:
        nonlocal asked
        asked += 1
        return adjudicate(encounter, **options)

    monkeypatch.setattr("api.gaps.adjudicate", counted)
    for item in some_shipped:
        asked = 0
        made = draft(item["text"], date_of_service=DAY, settings=Settings())
        assert asked <= MOST_ASKED, item["id"]
        for gap in made.gaps:
            assert gap.insert_at is None or 0 <= gap.insert_at <= len(item["text"])
            assert gap.codes or not made.lines


def test_draft_over_http(sqlite_service: Service) -> None:
    made = sqlite_service.post("/v1/draft", {"text": FACET, "date_of_service": "2025-06-02"}).json()
    assert made["gaps"][0]["codes"] == ["64493"]
    assert sqlite_service.post("/v1/draft", {"text": ""}).json()["disposition"] == "no_procedure"


def test_the_stream_follows_the_speaker(sqlite_service: Service) -> None:
    with sqlite_service.client.websocket_connect("/v1/draft/stream") as stream:
        stream.send_json({"key": sqlite_service.keys["submit"], "number": 1, "text": FACET,
                          "date_of_service": "2025-06-02"})  # fmt: skip
        first = stream.receive_json()
        assert (first["number"], first["draft"]["gaps"][0]["fact"]) == (1, "side")
        stream.send_json({"number": 2, "at": 0, "remove": 5, "insert": "Left facet"})
        second = stream.receive_json()
        assert (second["number"], second["draft"]["gaps"]) == (2, [])
        assert second["draft"]["lines"][0]["modifiers"] == ["LT"]
        stream.send_json({"number": 3, "at": 10_000, "insert": "x"})
        assert stream.receive_json()["problem"]["kind"] == "bad_edit"
        stream.send_text("no json")
        assert stream.receive_json()["problem"]["kind"] == "not_json"
        stream.send_json({"number": 4, "date_of_service": "nonsense"})
        assert stream.receive_json()["problem"]["kind"] == "invalid"
        stream.send_json({"number": 5, "text": FACET, "date_of_service": "2025-06-02", "words of a report": 1})
        assert (problem := stream.receive_json())["problem"]["kind"] == "invalid"
        assert "words of a report" not in str(problem)
        stream.send_bytes(b'{"number": 6, "insert": " Left side."}')
        assert stream.receive_json()["number"] == 6


def test_the_stream_answers_for_the_newest_text_only(sqlite_service: Service) -> None:
    with sqlite_service.client.websocket_connect("/v1/draft/stream", headers=sqlite_service.headers()) as stream:
        for number in range(40):
            stream.send_json({"number": number, "text": FACET + " More." * number, "date_of_service": "2025-06-02"})
        seen = []
        while not seen or seen[-1] != 39:
            seen.append(stream.receive_json()["number"])
        assert seen == sorted(seen)
        assert len(seen) < 40


@pytest.mark.parametrize(("first", "code"), [({"text": "x"}, 4401), ({"key": "spk_wrong"}, 4401), ({"key": 7}, 4401)])
def test_a_stream_without_a_key_is_closed(first: dict[str, Any], code: int, sqlite_service: Service) -> None:
    with sqlite_service.client.websocket_connect("/v1/draft/stream") as stream:
        stream.send_json(first)
        with pytest.raises(WebSocketDisconnect) as closed:
            stream.receive_json()
    assert closed.value.code == code


def test_a_stream_needs_the_role(sqlite_service: Service) -> None:
    with sqlite_service.client.websocket_connect(
        "/v1/draft/stream", headers=sqlite_service.headers("audit")
    ) as stream:  # fmt: skip
        stream.send_json({"text": "x"})
        with pytest.raises(WebSocketDisconnect) as closed:
            stream.receive_json()
    assert closed.value.code == 4403


REPORT = {
    "resourceType": "DiagnosticReport",
    "id": "d1",
    "status": "partial",
    "effectiveDateTime": "2025-06-02T09:00:00Z",
}


def test_cds_hooks(sqlite_service: Service) -> None:
    services = sqlite_service.client.get("/cds-services").json()["services"]
    path = f"/cds-services/{services[0]['id']}"
    call = {"hook": services[0]["hook"], "hookInstance": "1", "context": {"userId": "Practitioner/1"}}

    def cards(report: dict[str, Any]) -> list[dict[str, Any]]:
        answer = sqlite_service.post(path, {**call, "prefetch": {"report": report}, "fhirServer": "https://x.test"})
        found: list[dict[str, Any]] = answer.json()["cards"]
        return found

    told = cards({**REPORT, "conclusion": FACET})
    assert told[0]["summary"] == "Side not stated for the L4-L5 facet injection: 64493 needs RT, LT or 50."
    assert (told[0]["indicator"], told[0]["source"]) == ("warning", {"label": "spinecoder"})
    assert cards({**REPORT, "conclusion": FACET}) == told, "the same gap keeps its uuid"
    assert cards({**REPORT, "conclusion": FACET.replace("Facet", "Left facet")}) == []
    assert cards(REPORT)[0]["summary"] == "No report text was sent with this call."
    outcome = {"feedback": [{"card": told[0]["uuid"], "outcome": "accepted"}]}
    assert sqlite_service.post(f"{path}/feedback", outcome).status_code == 200
    assert sqlite_service.post("/cds-services/other", call).json()["kind"] == "no_service"


def test_the_text_of_a_diagnostic_report() -> None:
    data = base64.b64encode(FACET.encode()).decode()
    assert text_of({**REPORT, "presentedForm": [{"contentType": "text/plain; charset=utf-8", "data": data}]}) == FACET
    assert text_of({**REPORT, "presentedForm": [{"contentType": "application/pdf", "data": data}]}) == ""
    assert text_of({**REPORT, "presentedForm": [{"data": "%"}, 7], "conclusion": "c"}) == "c"
    assert text_of({**REPORT, "text": {"div": "<div><p>A &amp; b</p><p>c</p></div>"}}) == "A & b\nc"
    assert (text_of({}), text_of({"text": 7, "conclusion": 7})) == ("", "")
    assert day_of(REPORT) == DAY
    assert day_of({"effectivePeriod": {"start": "2025-06-02"}}) == DAY
    assert day_of({"effectiveDateTime": "June"}) is day_of({}) is None
