"""How a service is set up: read once from the environment, secrets also from files, then never changed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from api.environment import value_of
from api.reading import LARGEST_REPORT, InputError

PREFIX = "SPINECODER_"
DEFAULT_DATABASE = "sqlite:///spinecoder.db"


class Configuration(BaseModel):
    """What a site decides about its service. Each field is the variable ``SPINECODER_FIELD``, or a file so named.

    ``SPINECODER_AUDIT_KEY_FILE=/etc/…`` gives ``audit_key``: a secret need not stand in the environment.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: SecretStr = SecretStr(DEFAULT_DATABASE)
    """A SQLAlchemy URL; a secret, for it may hold a password."""
    database_timeout: float = Field(default=5, gt=0, le=120)
    """Seconds that a request waits for the database before it is refused."""
    audit_key: SecretStr | None = None
    """With it the audit chain is an HMAC, so that nobody without the key can make a chain that holds."""
    profile: str | None = None
    """The profile of requests that name none."""
    without_keys: bool = False
    """Every caller may do everything; `serve` allows it on a loopback address only."""
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    jwt_keys: str | None = None
    """A JWKS: a file, or the https address of the identity provider's."""
    jwt_roles_claim: str = "roles"
    rate: str = "1200/minute"
    """Requests of one key, or of one address where there is none; for each process."""
    waiting: int = Field(default=64, ge=1)
    """Reports that may wait to be coded in one process; a request beyond is refused with a time to come back."""
    largest_body: int = Field(default=2 * LARGEST_REPORT, ge=1_000)
    origins: str = ""
    """Origins, with commas, that a browser may call from; none unless written."""
    https_only: bool = False
    """Answers say that browsers must use https from now on."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The configuration written in *environment*; an :class:`InputError` names the variable that is wrong."""
        try:
            return cls.model_validate(_values(cls, environment))
        except ValidationError as fault:
            first = fault.errors(include_input=False, include_url=False)[0]
            name = PREFIX + "_".join(map(str, first["loc"])).upper()
            raise InputError("bad_configuration", f"{name} is not right: {first['msg'].lower()}.") from None


def _values(cls: type[Configuration], environment: Mapping[str, str]) -> dict[str, str]:
    found = {
        field: value_of(PREFIX + field.upper(), kind="bad_configuration", environment=environment)
        for field in cls.model_fields
    }
    return {field: value for field, value in found.items() if value is not None}
