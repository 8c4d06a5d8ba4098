"""The OpenAPI made whole: problems, ways to sign in, and what the framework leaves out."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.problems import MEDIA_TYPE, Problem

_FREE = frozenset({"/healthz", "/readyz"})
_FREE_TO_GET = frozenset({("/cds-services", "get")})
_ALWAYS = {
    "401": "No key, or one that opens nothing.",
    "403": "The key or token lacks the role.",
    "429": "Too many requests; Retry-After says when to come back.",
    "500": "A fault of the service; nothing was changed.",
    "503": "The service or its database cannot answer now; Retry-After says when to come back.",
}
_WITH_BODY = {
    "400": "The body is not JSON.",
    "413": "The report or the body is too large.",
    "415": "The body is not application/json.",
    "422": "The request does not fit, or the report cannot be coded; `kind` and `detail` say why.",
    "507": "The disk of the database is full; nothing was kept.",
}
_CONFLICT = {"409": "It conflicts: with what is kept, a newer answer, or the profile that is named."}


def complete(app: FastAPI) -> None:
    """Let *app* describe itself with every answer it can give."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _whole(get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes,
            ))  # fmt: skip
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]  # the framework's own way to change it


def _whole(schema: dict[str, Any]) -> dict[str, Any]:
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    described = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(described.pop("$defs", {}))
    schemas["Problem"] = described
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "A key of the service, or a token of the site's "
                "identity provider."},
        "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }  # fmt: skip
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete_operation(path, method, operation)
    return schema


def _complete_operation(path: str, method: str, operation: dict[str, Any]) -> None:
    is_free = path in _FREE or (path, method) in _FREE_TO_GET
    if not is_free:
        operation["security"] = [{"key": []}, {"header": []}]
    answers = operation["responses"]
    answers.pop("422", None)
    told = dict(_ALWAYS)
    if is_free:
        told = {"503": _ALWAYS["503"], "500": _ALWAYS["500"]}
    if "requestBody" in operation:
        told |= _WITH_BODY
    elif path.startswith("/v1/"):
        told["422"] = "A part of the address does not fit; `places` says which."
    if "{" in path:
        told["404"] = "There is no such thing."
    if path.startswith("/v1/") and method == "post" and "requestBody" in operation:
        told |= _CONFLICT
    for status, words in sorted(told.items()):
        answers[status] = {
            "description": words,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
