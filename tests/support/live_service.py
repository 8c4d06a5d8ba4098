"""`spinecoder serve` as a process of its own, as an operator starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from databases import free_port

COMMAND = Path(sys.executable).with_name("spinecoder")
_PATIENCE = 300


@dataclass
class Live:
    """A running service, what it writes on standard error, and how it is ended."""

    database: str
    log: Path
    processes: int = 1
    port: int = field(default_factory=free_port)
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, *options: str) -> None:
        environment = {
            **os.environ, "SPINECODER_DATABASE": self.database, "SPINECODER_RATE": "10000000/minute",
            "SPINECODER_DATABASE_TIMEOUT": "60", **self.env,
        }  # fmt: skip
        arguments = [COMMAND, "serve", "--port", str(self.port), "--processes", str(self.processes), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                arguments, env=environment, stdout=log, stderr=log, start_new_session=True
            )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        ends = time.monotonic() + _PATIENCE
        while time.monotonic() < ends:
            if self.process is not None and self.process.poll() is not None:
                raise RuntimeError(f"the service ended: {self.log.read_text()}")
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=2).status_code == httpx2.codes.OK:
                    return
            except httpx2.HTTPError:
                pass
            time.sleep(0.05)
        raise TimeoutError("the service does not answer")

    def kill(self) -> None:
        """As a power cut would: every process of it at once."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.kill()
            self.process = None
