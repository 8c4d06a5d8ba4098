"""A PostgreSQL of our own in a temporary folder, run by an account without rights, and stores on either database."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

UNPRIVILEGED = "nobody"
_PATIENCE = 300
_PORTS = range(10_240, 32_000)


def postgresql_binaries() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine."""
    found = shutil.which("postgres")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return folders[-1] if folders else Path(found).parent if found else None


def free_port() -> int:
    """A port that nobody listens on now, and that no outgoing connection is given: those begin at 32768.

    One of those could be taken by a caller of the very service that is being started again on it.
    """
    while True:
        port = secrets.choice(_PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@dataclass
class Server:
    """A PostgreSQL server that can be stopped, killed and started again on the same data."""

    binaries: Path
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="spinecoder-pg-", dir="/tmp")))
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        if os.geteuid() == 0:
            owner = pwd.getpwnam(UNPRIVILEGED)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        data = str(self.folder / "data")
        self._run("initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")

    def _user(self) -> str | None:
        return UNPRIVILEGED if os.geteuid() == 0 else None

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.binaries / name), *arguments],
            check=True, capture_output=True, user=self._user(), cwd=self.folder, timeout=_PATIENCE,
        )  # fmt: skip

    def start(self) -> None:
        self.process = subprocess.Popen(
            [str(self.binaries / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port), "-k",
             str(self.folder), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"],
            user=self._user(), cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        engine = create_engine(self.url("postgres"))
        try:
            self._wait_for(engine)
        finally:
            engine.dispose()

    def _wait_for(self, engine: Engine) -> None:
        ends = time.monotonic() + _PATIENCE
        while time.monotonic() < ends:
            with suppress(SQLAlchemyError), engine.connect() as connection:
                connection.execute(text("SELECT 1"))
                return
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError("PostgreSQL ended before it answered")
            time.sleep(0.05)
        raise TimeoutError("PostgreSQL does not answer")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=_PATIENCE)
            self.process = None

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        name = f"t{time.monotonic_ns()}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)

    def _do(self, statement: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    def database_on(self, disk: Path) -> str:
        """A new database whose tables stand in the folder *disk*."""
        place = disk / "tables"
        place.mkdir()
        if os.geteuid() == 0:
            owner = pwd.getpwnam(UNPRIVILEGED)
            os.chown(place, owner.pw_uid, owner.pw_gid)
        self._do(f"CREATE TABLESPACE small LOCATION '{place}'")
        self._do("CREATE DATABASE small TEMPLATE template0 TABLESPACE small")
        return self.url("small")

    def drop_database_on(self, disk: Path) -> None:
        self._do("DROP DATABASE IF EXISTS small WITH (FORCE)")
        self._do("DROP TABLESPACE IF EXISTS small")
        shutil.rmtree(disk / "tables", ignore_errors=True)

    def remove(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)
