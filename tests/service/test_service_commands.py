"""The commands of the service as an operator runs them, and the client as a program does."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from live_service import Live
from service_fixtures import ESI
from sqlalchemy import text

from api.client import Client, ServiceError
from api.kept import Incoming
from api.reading import read_text
from api.service import code_reading
from api.store import Store
from api.store_steps import step_down, step_up

pytestmark = pytest.mark.needs_line

Run = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder = tmp_path_factory.mktemp("live")
    made = Live(f"sqlite:///{folder / 'store.db'}", folder / "log", processes=2)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def keys(live: Live) -> dict[str, str]:
    command = Path(sys.executable).with_name("spinecoder")
    made = {}
    for name, roles in (("sender", ["submit"]), ("coder", ["code"]), ("auditor", ["audit"])):
        chosen = [part for role in roles for part in ("--role", role)]
        done = subprocess.run(
            [command, "keys", "add", name, *chosen, "--database", live.database], capture_output=True, check=True
        )
        made[name] = done.stdout.decode().strip()
    return made


def test_a_report_from_submission_to_purge(
    live: Live, keys: dict[str, str], spinecoder: Run, tmp_path: Path
) -> None:  # fmt: skip
    def run(*arguments: object, **env: str) -> subprocess.CompletedProcess[bytes]:
        return spinecoder(*arguments, env={"SPINECODER_DATABASE": live.database, **env})

    report, secret = tmp_path / "ACC1.txt", tmp_path / "key"
    report.write_text(ESI)
    secret.write_text(f"{keys['sender']}\n")
    secret.chmod(stat.S_IRUSR)
    for state in ("stored", "known"):
        done = run("submit", report, "--url", live.url, "--date-of-service", "2025-06-02", "--version", "F",
                   SPINECODER_KEY_FILE=str(secret))  # fmt: skip
        assert done.stdout.decode() == f"ACC1   version 1 {state}   auto   62323\n"
    refused = run("submit", report, "--url", live.url, SPINECODER_KEY="spk_wrong")
    assert (refused.returncode, b"valid key" in refused.stderr) == (2, True)
    with Client(live.url, key=keys["coder"]) as coder:
        assert [found["report_id"] for found in coder.find(disposition="auto", report_id="ACC1", limit=1)] == ["ACC1"]
        coder.decide("ACC1", "edit", reason="cervical", lines=[{"code": "62321"}])
        assert coder.read("ACC1")["history"][0]["decisions"][0]["made_by"] == "coder"
        with pytest.raises(ServiceError) as fault:
            coder.submit(ESI, report_id="x")
        assert (fault.value.kind, fault.value.status) == ("no_right", 403)
    listed = run("keys", "list").stdout.decode()
    assert listed.splitlines()[0].startswith("auditor   audit   since ")
    assert keys["sender"] not in listed
    verified = run("audit", "verify").stdout.decode()
    assert "rows hold; the chain ends at" in verified
    head = verified.split()[-1]
    assert run("recode", "--since", "2025-01-01").stderr.startswith(b"0 answers would change")
    assert run("purge", "--report", "ACC1").stdout == b"ACC1\n"
    assert run("purge", "--report", "ACC1", "--yes").returncode == 2, "a purge needs a reason"
    certificate = orjson.loads(run("purge", "--report", "ACC1", "--yes", "--reason", "retention").stdout)
    assert (certificate["report_id"], certificate["rows_left"]) == ("ACC1", 0)
    assert run("audit", "verify", "--head", head).returncode == 0
    number = head.partition(":")[0]
    assert run("audit", "verify", "--head", f"{number}:{'0' * 64}").returncode == 1


def test_the_client_codes_and_drafts(live: Live, keys: dict[str, str]) -> None:
    with Client(live.url, key=keys["sender"]) as client:
        result = client.code(ESI, date_of_service=date(2025, 6, 2))
        assert [line.code for line in result.lines] == ["62323"]
        assert client.draft("Facet joint injection at L4-L5 under fluoroscopy.")["gaps"]
        kept = client.submit(ESI, report_id="C1", date_of_service=date(2025, 6, 2))
        assert (kept.is_new, kept.version) == (True, 1)
        with pytest.raises(ServiceError) as fault:
            client.code(" ")
        assert fault.value.kind == "invalid"
    with Client("http://127.0.0.1:9", tries=2) as nobody, pytest.raises(ServiceError, match="cannot be reached"):
        nobody.code(ESI)


def test_many_callers_at_once_are_answered_as_one_alone(
    live: Live, keys: dict[str, str], some_shipped: list[dict[str, Any]]
) -> None:
    """Two processes, 32 callers; `make load` does the same with 20,000 requests."""
    sent = [{**item, "date_of_service": "2025-06-02"} for item in some_shipped[:60]]
    expected = [
        code_reading(
            read_text(item["text"], name="t"), report_id=item["id"], date_of_service=date(2025, 6, 2)
        ).to_json()
        for item in sent
    ]
    with (
        httpx2.Client(base_url=live.url, headers={"Authorization": f"Bearer {keys['sender']}"}, timeout=60) as client,
        ThreadPoolExecutor(32) as pool,
    ):
        answers = list(pool.map(lambda item: client.post("/v1/code", json=item).content, sent * 2))
    assert answers == expected * 2


def test_recode_tells_before_it_writes(store: Store, spinecoder: Run) -> None:
    """An answer that older rules gave is put in, as if the rules had been changed since."""
    day = date(2025, 6, 3)
    result = code_reading(read_text(ESI, name="t"), report_id="OLD", date_of_service=day)
    store.keep(Incoming("OLD", ESI, day), result, actor="t")
    step_down(store.engine, "0001")  # without the triggers that refuse it
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE results SET content = replace(content, '62323', '62311')"))
    step_up(store.engine)
    database = store.engine.url.render_as_string(hide_password=False)
    arguments = ("recode", "--since", "2025-06-03", "--until", "2025-06-03", "--database", database)
    told = orjson.loads(spinecoder(*arguments).stdout)
    assert (told["report_id"], told["before"]["lines"][0]["code"], told["after"]["lines"][0]["code"]) == (
        "OLD", "62311", "62323")  # fmt: skip
    assert spinecoder(*arguments, "--write").stdout, "nothing had been written before"
    assert spinecoder(*arguments).stdout == b""
    made = store.read("OLD", actor="t").history[0].results
    assert [(one.cause, one.lines[0].code) for one in made] == [("received", "62311"), ("recoded", "62323")]
    tampered = spinecoder("audit", "verify", "--database", database)
    assert tampered.returncode == 1
    assert b"was changed" in tampered.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("serve", "--host", "192.0.2.1", "--without-keys"), "loopback"),
        (("serve", "--profile", "nobody"), "no such profile"),
        (("serve", "--certificate", "x"), "both"),
        (("serve", "--database", "mysql://x"), "must begin with sqlite:/// or postgresql://"),
        (("serve", "--database", "nonsense"), "database URL is none"),
        (("audit", "verify", "--database", "sqlite:///{tmp}/none.db"), "run `spinecoder store up`"),
        (("audit", "verify", "--database", "sqlite:////no/such/folder/none.db"), "cannot be reached"),
        (("store", "down", "base"), "say --yes"),
        (("recode", "--rules", "old"), "--rules takes `new`"),
        (("submit", "{tmp}/none.txt"), "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    arguments: tuple[str, ...], words: str, tmp_path: Path, spinecoder: Run
) -> None:
    done = spinecoder(*(part.format(tmp=tmp_path) for part in arguments))
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_the_ordinary_commands_load_nothing_of_the_web() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from api.cli import app\n"
        "CliRunner().invoke(app, ['code', 'corpus/samples/1-lumbar-epidural.txt'])\n"
        "heavy = ('fastapi', 'sqlalchemy', 'uvicorn', 'httpx2', 'alembic', 'jwt', 'websockets', 'psycopg', 'limits')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"[]\n"


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner  # noqa: PLC0415  only here

    from api.cli import app  # noqa: PLC0415

    modules: dict[str, Any] = {name: None for name in sys.modules if name.partition(".")[0] in ("uvicorn", "api")
                               and name in ("uvicorn", "api.server")}  # fmt: skip
    for name in {*modules, "uvicorn"}:
        monkeypatch.setitem(sys.modules, name, None) if name == "uvicorn" else monkeypatch.delitem(sys.modules, name)
    done = CliRunner().invoke(app, ["serve"])
    assert (done.exit_code, done.stderr) == (2, "This needs uvicorn: pip install 'spinecoder[service]'.\n")
