"""A FHIRcast hub for tests: topics, subscribers over WebSocket, content sharing with version ids, every frame kept."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from databases import free_port
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect


@dataclass
class Hub:
    """One topic. ``drop`` cuts every connection, as a network does; ``deny`` refuses the next subscriptions."""

    port: int = field(default_factory=free_port)
    deny: int = 0
    subscriptions: list[dict[str, str]] = field(default_factory=list)
    shared: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    version: str = ""
    sockets: set[WebSocket] = field(default_factory=set)
    loop: asyncio.AbstractEventLoop | None = None
    server: uvicorn.Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hub"

    async def _post(self, request: Request) -> Response:
        if request.headers.get("content-type", "").startswith("application/json"):
            return await self._update(orjson.loads(await request.body()))
        words = (await request.body()).decode()
        from urllib.parse import parse_qsl  # noqa: PLC0415

        self.subscriptions.append(dict(parse_qsl(words)) | {"authorization": request.headers.get("authorization", "")})
        endpoint = f"ws://127.0.0.1:{self.port}/socket/{uuid.uuid4().hex}"
        return JSONResponse({"hub.channel.endpoint": endpoint}, status_code=202)

    async def _update(self, told: dict[str, Any]) -> Response:
        if told["event"].get("context.versionId") != self.version:
            return JSONResponse({"error": "the context has moved on"}, status_code=409)
        self.shared.append(told)
        self.version = uuid.uuid4().hex
        told["event"]["context.versionId"] = self.version
        await self._tell(told)
        return JSONResponse({"context.versionId": self.version}, status_code=202)

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        self.loop = asyncio.get_running_loop()
        if self.deny:
            self.deny -= 1
            await socket.send_text(orjson.dumps({"hub.mode": "denied", "hub.reason": "not now"}).decode())
            await socket.close()
            return
        wanted = self.subscriptions[-1]
        await socket.send_text(orjson.dumps({
            "hub.mode": "subscribe", "hub.topic": wanted["hub.topic"], "hub.events": wanted["hub.events"],
            "hub.lease_seconds": int(wanted["hub.lease_seconds"]),
        }).decode())  # fmt: skip
        self.sockets.add(socket)
        try:
            while True:
                self.answers.append(orjson.loads(await socket.receive_text()))
        except WebSocketDisconnect:
            self.sockets.discard(socket)

    async def _tell(self, told: dict[str, Any]) -> None:
        for socket in list(self.sockets):
            await socket.send_text(orjson.dumps(told).decode())

    def _do(self, work: Any) -> None:
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(work, self.loop).result(120)

    def event(self, name: str, context: list[dict[str, Any]]) -> str:
        """Send an event to every subscriber, as another application would cause it; its id."""
        self.version = uuid.uuid4().hex
        number = uuid.uuid4().hex
        told = {"timestamp": "2025-06-02T10:00:00Z", "id": number, "event": {
            "hub.topic": "t1", "hub.event": name, "context.versionId": self.version, "context": context,
        }}  # fmt: skip
        self._do(self._tell(told))
        return number

    def raw(self, words: str) -> None:
        async def send() -> None:
            for socket in list(self.sockets):
                await socket.send_text(words)

        self._do(send())

    def drop(self) -> None:
        async def close() -> None:
            for socket in list(self.sockets):
                await socket.close()
            self.sockets.clear()

        self._do(close())

    def start(self) -> None:
        app = Starlette(routes=[
            Route("/hub", self._post, methods=["POST"]), WebSocketRoute("/socket/{name}", self._socket),
        ])  # fmt: skip
        config = uvicorn.Config(app, port=self.port, log_config=None, ws="websockets-sansio")
        self.server = uvicorn.Server(config)
        threading.Thread(target=self.server.run, daemon=True).start()
        wait_for(lambda: self.server is not None and self.server.started)

    def stop(self) -> None:
        if self.server is not None:
            self.server.should_exit = True


def wait_for(holds: Any, *, seconds: float = 120) -> None:
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)
