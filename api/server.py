"""`spinecoder serve`: one process or several on one port, with what an operator decided checked before any starts."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass

import uvicorn

from api.configuration import PREFIX, Configuration
from api.journal import record
from api.keys import holders
from api.metrics import SHARED
from api.reading import InputError
from api.security import Gate, is_loopback
from api.store import Store
from api.store_steps import step_up

_APPLICATION = "api.app:from_environment"
_KEEP_ALIVE = 75
_DRAIN = 30
"""Seconds that requests under way get when the service is told to stop."""


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the service listens and how many processes answer."""

    host: str = "127.0.0.1"
    port: int = 8_460
    processes: int = 1
    certificate: str | None = None
    certificate_key: str | None = None
    proxies: str | None = None
    """Addresses of reverse proxies whose word on the caller's address is believed."""


def serve(configuration: Configuration, listening: Listening) -> None:
    """Bring the tables up, then answer until told to stop."""
    check(configuration, listening)
    store = Store.open(configuration)
    step_up(store.engine)
    Gate(configuration, store)  # what is configured wrongly stops here, not in every process in turn
    if (
        not configuration.without_keys
        and not configuration.jwt_keys
        and not any(not h.revoked_at for h in holders(store))
    ):
        record("no_keys_yet")
    store.close()
    record("serving", address=f"{listening.host}:{listening.port}", processes=listening.processes)
    with tempfile.TemporaryDirectory(prefix="spinecoder-metrics-") as folder:
        if listening.processes > 1:
            os.environ[SHARED] = folder  # processes count together there; it holds numbers only
        uvicorn.run(
            _APPLICATION, factory=True, host=listening.host, port=listening.port, workers=listening.processes,
            ssl_certfile=listening.certificate, ssl_keyfile=listening.certificate_key,
            access_log=False, log_config=None, server_header=False, date_header=True, ws_max_size=2 * 5_000_000,
            proxy_headers=listening.proxies is not None, forwarded_allow_ips=listening.proxies or "",
            timeout_keep_alive=_KEEP_ALIVE, timeout_graceful_shutdown=_DRAIN,
        )  # fmt: skip


def check(configuration: Configuration, listening: Listening) -> None:
    """Refuse what would leave the door open, or could not work."""
    if configuration.without_keys and not is_loopback(listening.host):
        raise InputError(
            "open_door", f"Without keys the service listens on a loopback address only, and {listening.host} is none."
        )
    if (listening.certificate is None) != (listening.certificate_key is None):
        raise InputError("bad_tls", "TLS needs both --certificate and --certificate-key.")
    for path in (listening.certificate, listening.certificate_key):
        if path is not None and not os.access(path, os.R_OK):
            raise InputError("bad_tls", f"{path} cannot be read.")


def hand_down(configuration: Configuration) -> None:
    """Write what the command line changed where the processes that answer will read it."""
    os.environ[f"{PREFIX}DATABASE"] = configuration.database.get_secret_value()
    os.environ[f"{PREFIX}WITHOUT_KEYS"] = str(configuration.without_keys)
    if configuration.profile is not None:
        os.environ[f"{PREFIX}PROFILE"] = configuration.profile
