"""Round every request: who calls, how often and how much; headers, the journal, and no fault told in its own words."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import anyio.to_thread
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import metrics, problems
from api.database import StoreError
from api.faults import describe
from api.journal import record
from api.problems import Refusal
from api.reading import InputError
from api.security import EVERYBODY, Caller, Gate, is_loopback

_FREE = ("/healthz", "/readyz", "/openapi.json", "/docs")
"""Addresses that tell nothing of a report and need no key."""
_FREE_TO_GET = ("/cds-services",)
_NOT_FOUND = "unknown"
_SECURE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HTTPS_ONLY = "max-age=31536000; includeSubDomains"


class Rate:
    """How many requests a caller may make; counted in this process, in fixed windows."""

    def __init__(self, words: str) -> None:
        try:
            self._item: RateLimitItem = parse(words)
        except ValueError:
            raise InputError("bad_configuration", "SPINECODER_RATE must be written like 1200/minute.") from None
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def count(self, who: str) -> None:
        """Count a request of *who*, or refuse it with the time to come back."""
        if not self._limiter.hit(self._item, who):
            wait = max(1, round(self._limiter.get_window_stats(self._item, who).reset_time - time.time()))
            detail = "Too many requests with this key: wait as long as Retry-After says."
            raise Refusal("too_many_requests", detail, headers={"Retry-After": str(wait)})


@dataclass(frozen=True, slots=True)
class _Request:
    """What the guard notes of a request before it is handled."""

    id: str
    begun: float


class Guard:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, gate: Gate, rate: Rate, largest_body: int, https_only: bool) -> None:
        self._app = app
        self._gate = gate
        self._rate = rate
        self._largest = largest_body
        self._secure = {**_SECURE, **({"Strict-Transport-Security": _HTTPS_ONLY} if https_only else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or follow a stream."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(uuid.uuid4().hex, time.perf_counter())
        scope.setdefault("state", {})["request"] = request.id
        told = _Told(self._secure, request.id, send)
        try:
            await self._admit(scope)
            await self._app(scope, _limited(scope, receive, self._largest), told.send)
        except Refusal as refusal:
            await self._refuse(scope, receive, told, request, refusal)
        except (StoreError, InputError) as fault:
            await self._refuse(scope, receive, told, request, Refusal(fault.kind, str(fault)))
        except Exception as fault:  # noqa: BLE001  the message of any other fault may quote the report
            record("fault", request=request.id, route=_route(scope), fault=describe(fault))
            hidden = Refusal("internal_fault", "The service failed on this request; its log says where.")
            await self._refuse(scope, receive, told, request, hidden)
        finally:
            self._count(scope, request, told)

    async def _refuse(self, scope: Scope, receive: Receive, told: _Told, request: _Request, refusal: Refusal) -> None:
        if told.status is not None:
            return  # the answer has begun; there is no taking it back
        answer = problems.answer(problems.problem_of(refusal), request=request.id, headers=refusal.headers)
        await answer(scope, receive, told.send)

    def _count(self, scope: Scope, request: _Request, told: _Told) -> None:
        seconds = time.perf_counter() - request.begun
        route, status = _route(scope), told.status or HTTPStatus.INTERNAL_SERVER_ERROR
        metrics.REQUESTS.labels(route, _method(scope), str(int(status))).inc()
        metrics.SECONDS.labels(route).observe(seconds)
        caller: Caller | None = scope["state"].get("caller")
        record(
            "request", request=request.id, route=route, method=_method(scope), status=int(status),
            milliseconds=round(seconds * 1000, 1), actor=caller.name if caller else None,
        )  # fmt: skip

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The caller where the handshake names one; a stream may also name its key in its first message."""
        scope.setdefault("state", {})["request"] = uuid.uuid4().hex
        try:
            await self._admit(scope)
        except (Refusal, StoreError):
            scope["state"]["caller"] = None
        try:
            await self._app(scope, receive, send)
        except Exception as fault:  # noqa: BLE001  the message of the fault may quote the report
            record("fault", request=scope["state"]["request"], route=_route(scope), fault=describe(fault))

    async def _admit(self, scope: Scope) -> None:
        path, headers = scope["path"], Headers(scope=scope)
        if self._gate.is_open:
            _must_be_local(headers)
            scope["state"]["caller"] = EVERYBODY
            return
        is_free = path in _FREE or (_method(scope) in ("GET", "HEAD", "OPTIONS") and path in _FREE_TO_GET)
        caller = await self.caller_of(_token(headers))
        scope["state"]["caller"] = caller
        client = scope.get("client") or ("unknown", 0)
        self._rate.count(f"key {caller.name}" if caller else f"address {client[0]}")
        if caller is None and not is_free and not _is_preflight(scope, headers):
            raise Refusal("no_key", "This needs a valid key or token: send it as `Authorization: Bearer …`.")

    async def caller_of(self, token: str | None) -> Caller | None:
        """The caller of *token*, asked for beside the event loop."""
        if not token:
            return None
        return self._gate.remembered(token) or await anyio.to_thread.run_sync(self._gate.find, token)


class _Told:
    """Sends the answer on with the headers that every answer has, and remembers its status."""

    def __init__(self, secure: dict[str, str], request: str, send: Send) -> None:
        self.status: int | None = None
        self._secure = secure
        self._request = request
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass *message* on, an answer's beginning with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request
            for name, value in self._secure.items():
                headers.setdefault(name, value)
        await self._send(message)


def _limited(scope: Scope, receive: Receive, largest: int) -> Receive:
    """The body as it comes, refused as soon as it is too long, before it was read where its length is told."""
    told = Headers(scope=scope).get("content-length", "0")
    detail = f"The body is too large: it must be smaller than {largest:,} bytes."
    if told.isdigit() and int(told) > largest:
        raise Refusal("too_large", detail)
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > largest:
            scope["state"]["refusal"] = Refusal("too_large", detail)
            raise scope["state"]["refusal"]
        return message

    return counted


def _token(headers: Headers) -> str | None:
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else headers.get("x-api-key")


def _must_be_local(headers: Headers) -> None:
    """Without keys a page of the web may not speak for whoever has it open, by whatever name it calls this machine."""
    places = [f"//{headers.get('host', '')}", *headers.getlist("origin")]
    try:
        is_local = all(is_loopback(urlsplit(place).hostname or "") for place in places)
    except ValueError:  # no address at all
        is_local = False
    if not is_local:
        raise Refusal("foreign_caller", "Without keys the service answers this machine only, by a loopback name.")


def _is_preflight(scope: Scope, headers: Headers) -> bool:
    return _method(scope) == "OPTIONS" and "access-control-request-method" in headers


def _method(scope: Scope) -> str:
    method: str = scope.get("method", "WEBSOCKET")
    known = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "WEBSOCKET")
    return method if method in known else "other"


def _route(scope: Scope) -> str:
    """The address as it is written in the program: what a caller put in it is not told."""
    return getattr(scope.get("route"), "path", _NOT_FOUND)
