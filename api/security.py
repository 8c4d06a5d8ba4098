"""Who calls and what they may do: keys of our own, or tokens of an identity provider."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
from jwt import PyJWK, PyJWKClient, PyJWKSet

from api.configuration import Configuration
from api.keys import ROLES, Role, find_holder, is_key
from api.problems import Refusal
from api.reading import InputError
from api.store import Store

_ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
_REMEMBERED = 30
"""Seconds for which a key that was found is not asked for again; within them a revoked key still opens."""
_MOST_REMEMBERED = 10_000
_LONGEST_NAME = 200
_IMPLIED: Mapping[str, frozenset[str]] = {
    "submit": frozenset({"submit"}),
    "read": frozenset({"read"}),
    "code": frozenset({"code", "read"}),
    "audit": frozenset({"audit"}),
    "admin": frozenset({"admin", "submit", "read"}),
}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, as the audit names them, and what they may do."""

    name: str
    roles: frozenset[str]

    def must(self, role: Role) -> None:
        """Refuse what the caller has no role for."""
        if role not in self.roles:
            raise Refusal("no_right", f"This needs the role {role}, which this key or token does not have.")


EVERYBODY = Caller("nobody named", frozenset(ROLES))
"""Every caller of a service that runs without keys on its own machine."""


def with_roles(name: str, roles: frozenset[str]) -> Caller:
    """The caller with what each of the roles implies."""
    return Caller(name, frozenset().union(*(_IMPLIED.get(role, frozenset()) for role in roles)))


def is_loopback(host: str) -> bool:
    """Whether *host* is a name of this machine that no other machine can reach."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Gate:
    """Finds the caller of a token. What was found is remembered for some seconds."""

    def __init__(self, configuration: Configuration, store: Store) -> None:
        self._store = store
        self._configuration = configuration
        self._issuer = _Issuer(configuration) if configuration.jwt_keys else None
        self._found: dict[str, tuple[float, Caller]] = {}

    @property
    def is_open(self) -> bool:
        """Whether callers need no key."""
        return self._configuration.without_keys

    def remembered(self, token: str) -> Caller | None:
        """The caller of a key that was found some seconds ago."""
        found = self._found.get(token)
        return found[1] if found and time.monotonic() - found[0] < _REMEMBERED else None

    def find(self, token: str) -> Caller | None:
        """The caller of *token*; ``None`` where it opens nothing."""
        if not is_key(token):
            return self._issuer.caller(token) if self._issuer else None
        holder = find_holder(self._store, token)
        if holder is None:
            self._found.pop(token, None)
            return None
        caller = with_roles(holder.name, holder.roles)
        if len(self._found) >= _MOST_REMEMBERED:
            self._found.clear()
        self._found[token] = (time.monotonic(), caller)
        return caller


class _Issuer:
    """The identity provider whose tokens are taken: issuer, audience and keys are the configured ones and no others."""

    def __init__(self, configuration: Configuration) -> None:
        if not configuration.jwt_issuer or not configuration.jwt_audience:
            message = "SPINECODER_JWT_KEYS needs SPINECODER_JWT_ISSUER and SPINECODER_JWT_AUDIENCE beside it."
            raise InputError("bad_configuration", message)
        self._issuer = configuration.jwt_issuer
        self._audience = configuration.jwt_audience
        self._claim = configuration.jwt_roles_claim
        self._keys = _key_source(configuration.jwt_keys or "")

    def caller(self, token: str) -> Caller | None:
        try:
            claims = jwt.decode(
                token, self._key(token), algorithms=_ALGORITHMS, audience=self._audience, issuer=self._issuer,
                options={"require": ["exp", "iss", "aud", "sub"]}, leeway=30,
            )  # fmt: skip
        except jwt.PyJWKClientConnectionError:
            raise Refusal("identity_unavailable", "The keys of the identity provider cannot be fetched now.") from None
        except jwt.PyJWTError:
            return None
        return with_roles(str(claims["sub"])[:_LONGEST_NAME], _roles(claims.get(self._claim)))

    def _key(self, token: str) -> PyJWK:
        if isinstance(self._keys, PyJWKClient):
            return self._keys.get_signing_key_from_jwt(token)
        name = jwt.get_unverified_header(token).get("kid")
        fitting = [key for key in self._keys.keys if name is None or key.key_id == name]
        if len(fitting) != 1:
            raise jwt.InvalidKeyError("no key of this name")
        return fitting[0]


def _key_source(place: str) -> PyJWKClient | PyJWKSet:
    if place.startswith("https://"):
        return PyJWKClient(place, cache_keys=True, lifespan=600, timeout=5)
    try:
        return PyJWKSet.from_json(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError, jwt.PyJWTError):
        message = "SPINECODER_JWT_KEYS must be a readable JWKS file or an https:// address."
        raise InputError("bad_configuration", message) from None


def _roles(claim: Any) -> frozenset[str]:  # noqa: ANN401  whatever a token holds
    names = claim.split() if isinstance(claim, str) else claim if isinstance(claim, list) else []
    return frozenset(name for name in names if isinstance(name, str) and name in ROLES)
