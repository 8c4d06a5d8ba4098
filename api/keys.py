"""Keys of callers: made once, shown once, kept as a hash, and given up in an instant."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import select, update

from api import schema
from api.clock import now
from api.database import transaction
from api.ledger import writing
from api.reading import InputError
from api.store import Store

Role = Literal["submit", "read", "code", "admin", "audit"]
ROLES: tuple[Role, ...] = get_args(Role)
_MARK = "spk_"
_BYTES = 32  # as many as can be guessed by nobody, so that a plain hash protects the key


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a key and what it opens."""

    name: str
    roles: frozenset[str]
    expires_at: str | None = None
    revoked_at: str | None = None
    made_at: str = ""

    def is_valid(self, moment: str) -> bool:
        """Whether the key opens anything at *moment*."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


def is_key(token: str) -> bool:
    """Whether *token* has the form of a key of ours."""
    return token.startswith(_MARK)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def add_key(
    store: Store, *, name: str, roles: Iterable[str], expires_at: str | None = None, actor: str = "command line"
) -> str:
    """A new key for *name*; it is shown this once and cannot be found again."""
    chosen = sorted(set(roles))
    unknown = [role for role in chosen if role not in ROLES]
    if unknown or not chosen:
        raise InputError("bad_role", f"A key needs one or more of these roles: {', '.join(ROLES)}.")
    key = _MARK + secrets.token_urlsafe(_BYTES)
    with writing(store.engine, actor=actor, key=store.audit_key) as ledger:
        taken = select(schema.keys.c.name).where(schema.keys.c.name == name)
        if ledger.connection.execute(taken).one_or_none() is not None:
            raise InputError(
                "name_taken", "There is a key of this name: names are given once, for the audit holds them."
            )
        told = ledger.add("keys", {
            "name": name, "digest": _digest(key), "roles": ",".join(chosen), "made_at": ledger.at,
            "expires_at": expires_at, "revoked_at": None,
        })  # fmt: skip
        ledger.note("key.added", name, rows=[told], roles=chosen)
    return key


def revoke_key(store: Store, *, name: str, actor: str = "command line") -> None:
    """From now on the key of *name* opens nothing."""
    with writing(store.engine, actor=actor, key=store.audit_key) as ledger:
        held = schema.keys.c
        changed = ledger.connection.execute(
            update(schema.keys).where((held.name == name) & held.revoked_at.is_(None)).values(revoked_at=ledger.at)
        )
        if changed.rowcount != 1:
            raise InputError("no_key", "There is no valid key of this name.")
        ledger.note("key.revoked", name)


def find_holder(store: Store, key: str) -> Holder | None:
    """Who holds *key*, if it is one and still opens something."""
    held = schema.keys.c
    with transaction(store.engine, writes=False) as connection:
        row = connection.execute(select(schema.keys).where(held.digest == _digest(key))).one_or_none()
    if row is None:
        return None
    holder = Holder(row.name, frozenset(row.roles.split(",")), row.expires_at, row.revoked_at, row.made_at)
    return holder if holder.is_valid(now()) else None


def holders(store: Store) -> tuple[Holder, ...]:
    """Every key there ever was, by name."""
    with transaction(store.engine, writes=False) as connection:
        rows = connection.execute(select(schema.keys).order_by(schema.keys.c.name)).all()
    return tuple(Holder(r.name, frozenset(r.roles.split(",")), r.expires_at, r.revoked_at, r.made_at) for r in rows)
