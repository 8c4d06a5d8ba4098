"""The application: its parts put together, its addresses, and one way of telling a problem."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from anyio.to_thread import run_sync
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.routing import Match, Route

from api import problems
from api.coder import Coder
from api.configuration import Configuration
from api.guard import Guard, Rate
from api.openapi import complete
from api.problems import Refusal
from api.quiet import silence
from api.requests import refuse_unknown_questions
from api.routes import cds_hooks, code, draft, operation, reports, rules
from api.security import Gate
from api.service_state import ServiceState
from api.store import Store
from api.versions import versions

_PARTS = (code, reports, draft, cds_hooks, rules, operation)
_KINDS = {400: "not_json", 404: "no_address", 405: "no_method", 415: "bad_media_type"}
_WORDS = {
    400: "The body is not JSON.",
    404: "There is no such address: see /openapi.json.",
    405: "This address does not take this method: see /openapi.json.",
    415: "The body must be application/json.",
}


def from_environment() -> FastAPI:
    """The application of a process that `serve` has started."""
    silence()
    return make_app(Configuration.from_environment())


def make_app(configuration: Configuration, *, warm: bool = True) -> FastAPI:
    """The application for *configuration*; it opens nothing before it starts."""
    store = Store.open(configuration)
    state = ServiceState(
        configuration=configuration,
        store=store,
        coder=Coder(waiting=configuration.waiting, profile=configuration.profile),
        gate=Gate(configuration, store),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if warm:
            await run_sync(state.coder.warm)
        yield
        state.coder.close()
        state.store.close()

    app = FastAPI(
        title="spinecoder", version=versions().spinecoder, lifespan=lifespan, docs_url=None, redoc_url=None,
        redirect_slashes=False,
        description="Spinal procedure reports in, CPT code lines out, each with its evidence and its dated rule.",
        exception_handlers={RequestValidationError: _invalid, HTTPException: _refused},
    )  # fmt: skip
    app.state.service = state
    for part in _PARTS:
        app.include_router(part.router, dependencies=[Depends(refuse_unknown_questions)])
    complete(app)
    app.add_middleware(
        Guard, gate=state.gate, rate=Rate(configuration.rate), largest_body=configuration.largest_body,
        https_only=configuration.https_only,
    )  # fmt: skip
    origins = [origin.strip() for origin in configuration.origins.split(",") if origin.strip()]
    if origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-API-Key"], expose_headers=["X-Request-ID"],
        )  # fmt: skip
    return app


async def _invalid(request: Request, fault: Exception) -> Response:
    errors = list(fault.errors()) if isinstance(fault, RequestValidationError) else []
    return problems.answer(problems.invalid(errors), request=request.scope["state"].get("request"))


async def _refused(request: Request, fault: Exception) -> Response:
    number = request.scope["state"].get("request")
    refusal: Refusal | None = request.scope["state"].get("refusal")
    if refusal is not None:  # the body was cut off while it was read
        return problems.answer(problems.problem_of(refusal), request=number)
    status = fault.status_code if isinstance(fault, HTTPException) else 500
    headers = dict(fault.headers or {}) if isinstance(fault, HTTPException) else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    kind = _KINDS.get(status, "invalid")
    problem = problems.made(kind, _WORDS.get(status, "The request cannot be answered."), status=HTTPStatus(status))
    return problems.answer(problem, request=number, headers=headers)


def _methods(request: Request) -> list[str]:
    """Every method that the address takes; the framework names those of the first route only."""
    found: set[str] = set()
    for route in (route for part in _PARTS for route in part.router.routes):
        if isinstance(route, Route) and route.matches(dict(request.scope))[0] is not Match.NONE:
            found |= route.methods or set()
    return sorted(found)
