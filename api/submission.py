"""Files sent to a service, one after the other; what each became, in a line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path, PurePath

from api.client import Client, ServiceError
from api.reading import InputError, read_file
from api.wording import safe

_KEY = "SPINECODER_KEY"


def submit_files(
    files: Sequence[str], *, url: str, day: date | None, version: str | None, source: str
) -> Iterator[tuple[str, bool]]:
    """A line for each file, and whether it tells of a problem."""
    with Client(url, key=_key()) as client:
        for path in files:
            try:
                reading = read_file(path)
                kept = client.submit(
                    reading.text, report_id=PurePath(path).stem, date_of_service=day, version=version, source=source
                )
            except (InputError, ServiceError) as fault:
                yield f"{safe(path)}: {fault}", True
                continue
            codes = " ".join("-".join((line.code, *line.modifiers)) for line in kept.result.lines) or "no lines"
            state = "stored" if kept.is_new else "known"
            yield f"{kept.report_id}   version {kept.version} {state}   {kept.result.disposition}   {codes}", False


def _key() -> str | None:
    """The key of this caller; it is never an argument, for arguments are seen by everybody on the machine."""
    if _KEY in os.environ:
        return os.environ[_KEY]
    path = os.environ.get(f"{_KEY}_FILE")
    if path is None:
        return None
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise InputError("no_key", f"{_KEY}_FILE cannot be read: {fault.strerror}.") from None
