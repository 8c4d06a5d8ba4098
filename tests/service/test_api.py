"""What each address answers: codes, kept reports, decisions, drafts, rules, problems."""

from __future__ import annotations

import orjson
import pytest
from service_fixtures import DAY, ESI, Service, body

from api.reading import read_text
from api.service import code_reading
from rules.library import library

pytestmark = pytest.mark.needs_line


def test_code_answers_as_every_other_door_and_keeps_nothing(sqlite_service: Service) -> None:
    answer = sqlite_service.post("/v1/code", body())
    expected = code_reading(read_text(ESI, name="t"), report_id="r1", date_of_service=DAY).to_json()
    assert (answer.status_code, answer.content) == (200, expected)
    assert sqlite_service.get("/v1/reports").json() == {"reports": [], "next": None}


def test_a_report_is_kept_read_decided_and_found(service: Service) -> None:
    first = service.post("/v1/reports", body(version="P"))
    assert (first.status_code, first.json()["status"], first.json()["version"]) == (201, "stored", 1)
    again = service.post("/v1/reports", body(version="P"))
    assert (again.status_code, again.json()) == (200, {**first.json(), "status": "known"})
    assert service.post("/v1/reports", body(version="F", text=f"{ESI} Addendum.")).json()["version"] == 2
    conflict = service.post("/v1/reports", body(version="P", text=f"{ESI} Other."))
    assert (conflict.status_code, conflict.json()["kind"]) == (409, "version_conflict")

    decided = service.post("/v1/reports/r1/decisions", {"action": "accept", "result": 2})
    assert (decided.status_code, decided.json()["made_by"]) == (201, "all")
    added = service.post(
        "/v1/reports/r1/decisions", {"action": "add", "reason": "seen", "lines": [{"code": "77003", "units": 1}]}
    )
    assert [line["code"] for line in added.json()["lines"]] == ["62323", "77003"]
    outdated = service.post("/v1/reports/r1/decisions", {"action": "accept", "result": 1})
    assert (outdated.status_code, outdated.json()["kind"]) == (409, "answer_outdated")

    read = service.get("/v1/reports/r1").json()
    assert (read["version"], read["text"]) == (2, f"{ESI} Addendum.")
    assert read["result"]["trace"]
    assert [version["sender_version"] for version in read["history"]] == ["P", "F"]
    assert [decision["action"] for decision in read["history"][1]["decisions"]] == ["accept", "add"]
    assert service.get("/v1/reports/r1?version=1").json()["text"] == ESI
    found = service.get("/v1/reports?decided=true&code=62323").json()["reports"]
    assert [(item["report_id"], item["decided"]) for item in found] == [("r1", "add")]
    assert service.get("/v1/reports/r2").json()["kind"] == "no_report"

    actions = [event["action"] for event in service.get("/v1/audit?subject=r1").json()["events"]]
    assert actions == ["report.received", "report.received", "report.decided", "report.decided", "report.opened",
                       "report.opened"]  # fmt: skip
    check = service.post("/v1/audit/verify", None).json()
    assert (check["holds"], check["faults"]) == (True, [])


def test_one_bad_report_of_a_batch_is_answered_in_its_place(service: Service) -> None:
    reports = [body(id="a"), body(id="b", text=" "), body(id="c", text=7), {"id": "no/id"}, body(id="d")]
    answers = service.post("/v1/batch", {"reports": reports}).json()["reports"]
    assert [answer["status"] for answer in answers] == ["stored", "refused", "refused", "refused", "stored"]
    assert [answer["report_id"] for answer in answers] == ["a", "b", "c", None, "d"]
    assert answers[1]["problem"]["places"] == [
        {"at": "text", "problem": "The report is empty: a report needs at least one word."}
    ]


def test_a_purge_needs_admin_and_a_reason_and_gives_a_certificate(service: Service) -> None:
    service.post("/v1/reports", body())
    assert service.post("/v1/reports/r1/purge", {"reason": ""}).status_code == 422
    assert service.post("/v1/reports/r1/purge", {"reason": "retention"}, role="code").status_code == 403
    certificate = service.post("/v1/reports/r1/purge", {"reason": "retention"}).json()
    assert (certificate["rows_left"], [row["table"] for row in certificate["rows"]]) == (0, ["reports", "results"])
    assert service.get("/v1/reports/r1").status_code == 404
    assert service.post("/v1/reports/r1/purge", {"reason": "again"}).status_code == 404
    assert service.post("/v1/audit/verify", None).json()["holds"]


def test_rules_are_told_with_their_sources(sqlite_service: Service) -> None:
    told = sqlite_service.get("/v1/rules", role="submit").json()
    assert told["families"] == sorted(library().families)
    assert told["versions"]["rules"] == library().version
    page = sqlite_service.get("/v1/rules/families/facet_injection?on=2009-12-31").json()
    assert "64470" in orjson.dumps(page).decode()
    assert "64490" not in orjson.dumps(page["tables"][0]).decode()
    assert sqlite_service.get("/v1/rules/families/facet_injection/timeline").status_code == 200
    assert sqlite_service.get("/v1/rules/codes/64493?on=2025-01-01").json()["title"] == "Code 64493"
    assert sqlite_service.get("/v1/rules/sources").json().keys() == library().sources.keys()
    assert sqlite_service.get("/v1/rules/reasons").json()["side_missing"]["decide"]
    assert sqlite_service.get("/v1/rules/warnings").json().keys() == library().warnings.keys()
    assert sqlite_service.get("/v1/rules/codes/99999").json()["kind"] == "no_code"
    assert sqlite_service.get("/v1/rules/families/nothing").json()["kind"] == "no_family"


@pytest.mark.parametrize(
    ("sent", "status", "kind", "words"),
    [
        (b'{"text": ', 400, "not_json", "The body is not JSON."),
        (b"[]", 422, "invalid", "valid dictionary"),
        (b"{}", 422, "invalid", "Field required"),
        (b'{"text": "x", "date_of_service": "2025-02-30"}', 422, "invalid", "YYYY-MM-DD"),
        (b'{"text": "x", "date_of_service": 7}', 422, "invalid", "YYYY-MM-DD"),
        (b'{"text": "x", "profile": "mine.yaml"}', 422, "no_profile", "medicare_professional"),
        (b'{"text": "x", "profile": "/etc/passwd"}', 422, "no_profile", "medicare_professional"),
        (b'{"text": "x", "profile": "asc", "professional_component": true}', 409, "no_component", "facility"),
        (b'{"text": "\\ud800 words"}', 422, "invalid", "surrogate"),
        (b'{"text": "a\\u0000b"}', 422, "invalid", "NUL"),
        (b'{"text": "x", "id": "a\\u0000b"}', 422, "invalid", "NUL"),
        (b'{"text": "x", "words of a report as a key": 1}', 422, "invalid", "There is no such key"),
        (b'{"text": "%s"}' % (b"x" * 5_000_000), 422, "invalid", "at most"),
        (b'{"text": "%s"}' % (b"x" * 10_000_000), 413, "too_large", "10,000,000 bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_coded_is_a_problem(
    sent: bytes, status: int, kind: str, words: str, sqlite_service: Service
) -> None:
    answer = sqlite_service.send("/v1/code", sent)
    problem = answer.json()
    assert (answer.status_code, problem["kind"], problem["status"]) == (status, kind, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:spinecoder:problem:{kind}"
    assert words in answer.text
    assert problem["request"] == answer.headers["x-request-id"]
    assert "words of a report" not in answer.text
    assert "/etc/passwd" not in answer.text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/v1/reports?dispositon=review", "it takes report_id, disposition"),
        ("/v1/reports?code=62323&code=62321", "the same question twice"),
        ("/v1/reports?served_from=2025-02-30", "no day of the calendar"),
        ("/v1/reports?received_from=today", "no day of the calendar"),
        ("/v1/reports?limit=0", "greater than or equal to 1"),
        ("/v1/reports/r1?text=false", "it takes version"),
        ("/v1/rules?on=2025-01-01", "it takes none"),
    ],
)
def test_a_question_that_is_not_understood_is_not_passed_over(
    address: str, words: str, sqlite_service: Service
) -> None:  # fmt: skip
    answer = sqlite_service.get(address)
    assert (answer.status_code, answer.json()["kind"]) == (422, "invalid")
    assert words in answer.text


def test_a_reason_is_one_that_every_database_keeps(service: Service) -> None:
    service.post("/v1/reports", body())
    for reason in ("a\0b", "x" * 2_001):
        sent = {"action": "reject", "reason": reason}
        assert service.post("/v1/reports/r1/decisions", sent).json()["kind"] == "invalid"
        assert service.post("/v1/reports/r1/purge", {"reason": reason}).json()["kind"] == "invalid"
    assert service.get("/v1/reports/r1").json()["history"][0]["decisions"] == []


def test_unknown_addresses_and_methods_are_problems(sqlite_service: Service) -> None:
    for address in ("/v1/nothing", "/v1/reports/", "/v1/reports/r1%2f"):
        assert sqlite_service.get(address).json()["kind"] == "no_address"
    answer = sqlite_service.client.put("/v1/reports", headers=sqlite_service.headers())
    assert (answer.json()["kind"], answer.headers["allow"]) == ("no_method", "GET, POST")


def test_every_answer_has_the_headers_that_browsers_need(sqlite_service: Service) -> None:
    for answer in (sqlite_service.get("/healthz"), sqlite_service.post("/v1/code", body()), sqlite_service.get("/x")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_metrics_count_without_words(sqlite_service: Service) -> None:
    sqlite_service.post("/v1/reports", body())
    sqlite_service.get("/v1/reports/r1")
    text = sqlite_service.get("/metrics").text
    assert 'spinecoder_requests_total{method="GET",route="/v1/reports/{report_id}",status="200"}' in text
    assert "spinecoder_coded_total" in text
    assert "r1" not in text
