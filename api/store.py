"""The store: every report version, answer and decision for ever, an audit event for each; the only state there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import orjson
from sqlalchemy import Connection, Engine, RowMapping, func, insert, select

from api import schema
from api.audit import Verdict, verify
from api.configuration import Configuration
from api.database import StoreError, open_engine, transaction
from api.kept import Action, Cause, Decision, Event, Incoming, Line, ResultSummary, Version
from api.ledger import Ledger, Told, writing
from api.reading import InputError
from api.result import Result


@dataclass(frozen=True, slots=True)
class Known:
    """A version that is kept, and its newest answer as it was written."""

    report: int
    report_id: str
    version: int
    received_at: str
    result: int
    content: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The newest version of a report (or the one asked for), its newest answer, and the history of all versions."""

    report_id: str
    version: int
    text: str
    content: str
    history: tuple[Version, ...]


class Store:
    """Reports, answers, decisions and audit in one database; what a method returns is on the disk."""

    def __init__(self, engine: Engine, *, audit_key: bytes | None = None) -> None:
        self.engine = engine
        self.audit_key = audit_key

    @classmethod
    def open(cls, configuration: Configuration) -> Self:
        """The store that *configuration* names; nothing is asked of the database yet."""
        engine = open_engine(configuration.database.get_secret_value(), timeout=configuration.database_timeout)
        key = configuration.audit_key
        return cls(engine, audit_key=key.get_secret_value().encode() if key else None)

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()

    def known(self, incoming: Incoming) -> Known | None:
        """The version that *incoming* repeats, if it repeats one.

        With a sender's version that version, else the newest one of the report. The same sender's version with other
        content is refused.
        """
        with transaction(self.engine, writes=False) as connection:
            return _known(connection, incoming)

    def keep(self, incoming: Incoming, result: Result, *, actor: str) -> tuple[Known, bool]:
        """Keep a version and its answer in one transaction; for a repeat what is kept already, and ``False``."""
        with writing(self.engine, actor=actor, key=self.audit_key) as ledger:
            known = _known(ledger.connection, incoming)
            if known is not None:
                return known, False
            return _add_report(ledger, incoming, result), True

    def add_result(self, report: int, report_id: str, result: Result, *, actor: str) -> int:
        """Another answer to a kept version, beside those there are."""
        with writing(self.engine, actor=actor, key=self.audit_key) as ledger:
            told = _add_result(ledger, report, result, cause="recoded")
            ledger.note("report.recoded", report_id, rows=[told], report=report)
            return int(told[1])

    def decide(
        self, report_id: str, *, result: int | None, action: Action, lines: tuple[Line, ...] | None, reason: str,
        actor: str,
    ) -> Decision:  # fmt: skip
        """Keep a human's decision about the newest answer; with *result*, only while that still is the newest."""
        with writing(self.engine, actor=actor, key=self.audit_key) as ledger:
            known = _newest(ledger.connection, report_id)
            if result is not None and result != known.result:
                message = f"There is a newer answer (number {known.result}): look at it and decide about that."
                raise InputError("answer_outdated", message)
            kept = _decided_lines(known, action, lines)
            row = {
                "report": known.report, "result": known.result, "action": action, "reason": reason,
                "lines": orjson.dumps([line.model_dump() for line in kept]).decode(),
                "made_at": ledger.at, "made_by": actor,
            }  # fmt: skip
            told = ledger.add("decisions", row)
            ledger.note("report.decided", report_id, rows=[told], decision=action, result=known.result)
            return _decision({**row, "number": told[1]})

    def read(self, report_id: str, *, version: int | None = None, actor: str) -> Opened:
        """A report with its history; that somebody opened it is an event of the audit."""
        with writing(self.engine, actor=actor, key=self.audit_key) as ledger:
            known = _newest(ledger.connection, report_id, version=version)
            opened = _opened(ledger.connection, known)
            ledger.note("report.opened", report_id, version=known.version)
            return opened

    def events(self, *, after: int, limit: int, subject: str | None = None) -> tuple[Event, ...]:
        """Events of the audit behind number *after*, oldest first."""
        table = schema.audit
        wanted = select(table).where(table.c.number > after).order_by(table.c.number).limit(limit)
        if subject is not None:
            wanted = wanted.where(table.c.subject == subject)
        with transaction(self.engine, writes=False) as connection:
            found = connection.execute(wanted).mappings().all()
        return tuple(Event.model_validate({**event, "detail": orjson.loads(event["detail"])}) for event in found)

    def verify(self) -> Verdict:
        """Whether the audit and every row it tells of are as they were written."""
        with transaction(self.engine, writes=False, is_steady=True) as connection:
            return verify(connection, key=self.audit_key)

    def is_ready(self) -> bool:
        """Whether the database answers and has the tables of this service."""
        try:
            with transaction(self.engine, writes=False) as connection:
                return connection.execute(select(schema.audit_head.c.number)).scalar_one_or_none() is not None
        except StoreError:
            return False


def _known(connection: Connection, incoming: Incoming) -> Known | None:
    table = schema.reports
    wanted = select(table.c.number, table.c.content).where(table.c.report_id == incoming.report_id)
    if incoming.sender_version is not None:
        wanted = wanted.where(table.c.sender_version == incoming.sender_version)
    found = connection.execute(wanted.order_by(table.c.version.desc()).limit(1)).one_or_none()
    if found is None:
        return None
    if found.content == incoming.digest:
        return _answered(connection, table.c.number == found.number)
    if incoming.sender_version is not None:
        message = "This version of the report is kept with other content: send a change as a new version."
        raise InputError("version_conflict", message)
    return None


def _add_report(ledger: Ledger, incoming: Incoming, result: Result) -> Known:
    table = schema.reports
    last = select(func.max(table.c.version)).where(table.c.report_id == incoming.report_id)
    version = (ledger.connection.execute(last).scalar_one_or_none() or 0) + 1
    day = incoming.date_of_service
    report = ledger.add("reports", {
        "report_id": incoming.report_id, "version": version, "sender_version": incoming.sender_version,
        "content": incoming.digest, "text": incoming.text, "date_of_service": day.isoformat() if day else None,
        "profile": incoming.profile, "professional_component": incoming.professional_component,
        "source": incoming.source, "received_at": ledger.at, "received_by": ledger.actor,
    })  # fmt: skip
    answer = _add_result(ledger, int(report[1]), result, cause="received")
    ledger.note("report.received", incoming.report_id, rows=[report, answer], version=version)
    content = result.to_json().decode()
    return Known(int(report[1]), incoming.report_id, version, ledger.at, int(answer[1]), content)


def _add_result(ledger: Ledger, report: int, result: Result, *, cause: Cause) -> Told:
    told = ledger.add("results", {
        "report": report, "cause": cause, "disposition": result.disposition,
        "date_of_service": result.date_of_service.isoformat() if result.date_of_service else None,
        "profile": result.profile, **result.versions.model_dump(), "content": result.to_json().decode(),
        "made_at": ledger.at, "made_by": ledger.actor,
    })  # fmt: skip
    found = {("reason", reason.reason) for reason in result.review_reasons}
    found |= {("family", procedure.family) for procedure in result.encounter.procedures}
    found |= {("code", line.code) for line in result.lines}
    rows = [{"result": told[1], "kind": kind, "value": value} for kind, value in sorted(found)]
    if rows:
        ledger.connection.execute(insert(schema.facets), rows)
    return told


def _answered(connection: Connection, which: Any) -> Known:  # noqa: ANN401  SQLAlchemy's condition has no short type
    report, result = schema.reports.c, schema.results.c
    wanted = (
        select(report.number, report.report_id, report.version, report.received_at, result.number.label("result"),
               result.content)
        .join(schema.results, result.report == report.number)
        .where(which).order_by(report.version.desc(), result.number.desc()).limit(1)
    )  # fmt: skip
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise InputError("no_report", "There is no such report, or no such version of it.")
    return Known(row.number, row.report_id, row.version, row.received_at, row.result, row.content)


def _newest(connection: Connection, report_id: str, *, version: int | None = None) -> Known:
    which = schema.reports.c.report_id == report_id
    return _answered(connection, which if version is None else which & (schema.reports.c.version == version))


def _decided_lines(known: Known, action: Action, lines: tuple[Line, ...] | None) -> tuple[Line, ...]:
    if action in ("edit", "add") and not lines:
        raise InputError("no_lines", f"The action {action} needs `lines`: those that the claim shall have.")
    if action in ("accept", "reject") and lines is not None:
        raise InputError("needless_lines", f"The action {action} takes no `lines`; to change them, edit.")
    if action == "edit":
        return lines or ()
    answered = orjson.loads(known.content)["lines"] if action != "reject" else []
    kept = (Line.model_validate({key: line[key] for key in ("code", "modifiers", "units")}) for line in answered)
    return (*kept, *(lines or ()))


def _opened(connection: Connection, known: Known) -> Opened:
    table = schema.reports
    text = connection.execute(select(table.c.text).where(table.c.number == known.report)).scalar_one()
    columns = [column for column in table.c if column.name != "text"]
    wanted = select(*columns).where(table.c.report_id == known.report_id).order_by(table.c.version)
    history = tuple(_version(connection, row) for row in connection.execute(wanted).mappings())
    return Opened(known.report_id, known.version, text, known.content, history)


def _version(connection: Connection, row: RowMapping) -> Version:
    made = schema.results
    answers = connection.execute(select(made).where(made.c.report == row["number"]).order_by(made.c.number)).mappings()
    decided = schema.decisions
    chosen = connection.execute(
        select(decided).where(decided.c.report == row["number"]).order_by(decided.c.number)
    ).mappings()  # fmt: skip
    return Version.model_validate({
        **{name: row[name] for name in Version.model_fields if name in row},
        "results": [_summary(answer) for answer in answers],
        "decisions": [_decision(decision) for decision in chosen],
    })  # fmt: skip


def _summary(row: RowMapping) -> ResultSummary:
    return ResultSummary.model_validate({
        **{name: row[name] for name in ResultSummary.model_fields if name in row},
        "lines": orjson.loads(row["content"])["lines"],
        "versions": {name: row[name] for name in ("spinecoder", "lexicon", "rules")},
    })  # fmt: skip


def _decision(row: RowMapping | dict[str, Any]) -> Decision:
    named = {name: row[name] for name in Decision.model_fields}
    return Decision.model_validate({**named, "lines": orjson.loads(row["lines"])})
