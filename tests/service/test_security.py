"""Who gets in and how far: keys, roles, tokens of an identity provider, limits, and what `serve` refuses to open."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from service_fixtures import ESI, Service, body, configured, running
from sqlalchemy import select
from starlette.websockets import WebSocketDisconnect

from api import schema
from api.app import make_app
from api.configuration import Configuration
from api.keys import add_key, revoke_key
from api.reading import InputError
from api.server import Listening, check

pytestmark = pytest.mark.needs_line

ADDRESSES: dict[tuple[str, str], set[str]] = {
    ("POST", "/v1/code"): {"submit", "admin"},
    ("POST", "/v1/draft"): {"submit", "admin"},
    ("POST", "/v1/reports"): {"submit", "admin"},
    ("POST", "/v1/batch"): {"submit", "admin"},
    ("POST", "/cds-services/documentation-gaps"): {"submit", "admin"},
    ("GET", "/v1/reports"): {"read", "code", "admin"},
    ("GET", "/v1/reports/r1"): {"read", "code", "admin"},
    ("POST", "/v1/reports/r1/decisions"): {"code"},
    ("GET", "/v1/audit"): {"audit"},
    ("POST", "/v1/audit/verify"): {"audit"},
    ("GET", "/v1/rules"): {"submit", "read", "code", "admin", "audit"},
    ("GET", "/metrics"): {"submit", "read", "code", "admin", "audit"},
    ("POST", "/v1/reports/r1/purge"): {"admin"},
}
SENT = {
    "/v1/batch": {"reports": [body()]},
    "/v1/draft": {"text": ESI},
    "/v1/reports/r1/decisions": {"action": "accept"},
    "/v1/reports/r1/purge": {"reason": "test"},
    "/cds-services/documentation-gaps": {"hook": "report-draft", "hookInstance": "1", "context": {}},
}


def test_each_role_opens_its_addresses_and_no_others(sqlite_service: Service) -> None:
    sqlite_service.post("/v1/reports", body())
    for (method, path), opened in ADDRESSES.items():
        for role in ("submit", "read", "code", "audit", "admin"):
            sent = SENT.get(path, body()) if method == "POST" else None
            answer = sqlite_service.client.request(method, path, json=sent, headers=sqlite_service.headers(role))
            assert (answer.status_code < 300) is (role in opened), f"{method} {path} by {role}: {answer.text}"
            assert answer.status_code < 300 or answer.json()["kind"] == "no_right"


def test_every_described_address_needs_a_key_or_is_free(sqlite_service: Service) -> None:
    described = sqlite_service.client.get("/openapi.json").json()["paths"]
    for path, operations in described.items():
        for method, operation in operations.items():
            where = path.format(report_id="r1", family="facet_injection", code="64493", service="x")
            for headers in ({}, {"Authorization": "Bearer spk_wrong"}, {"X-API-Key": "wrong"}, {"Authorization": "b"}):
                answer = sqlite_service.client.request(method, where, headers=headers)
                assert (answer.status_code == 401) is bool(operation.get("security")), f"{method} {path}"


def test_a_key_is_kept_as_a_hash_and_can_be_given_up(sqlite_service: Service) -> None:
    key = add_key(sqlite_service.store, name="dictation", roles=["submit"])
    with sqlite_service.store.engine.connect() as connection:
        rows = connection.execute(select(schema.keys)).all()
    assert all(key not in str(row) and key.removeprefix("spk_") not in str(row) for row in rows)
    headers = {"X-API-Key": key}
    assert sqlite_service.client.post("/v1/code", json=body(), headers=headers).status_code == 200
    revoke_key(sqlite_service.store, name="dictation")
    sqlite_service.client.app.state.service.gate._found.clear()  # type: ignore[attr-defined]  # noqa: SLF001  as if 30 s had passed
    assert sqlite_service.client.post("/v1/code", json=body(), headers=headers).status_code == 401
    expired = add_key(sqlite_service.store, name="old", roles=["submit"], expires_at="2020-01-01")
    assert sqlite_service.client.post("/v1/code", json=body(), headers={"X-API-Key": expired}).status_code == 401
    for wrong in ([], ["root"]):
        with pytest.raises(InputError, match="one or more of these roles"):
            add_key(sqlite_service.store, name="x", roles=wrong)
    with pytest.raises(InputError, match="given once"):
        add_key(sqlite_service.store, name="old", roles=["read"])
    with pytest.raises(InputError, match="no valid key"):
        revoke_key(sqlite_service.store, name="nobody")


def test_tokens_of_the_identity_provider(tmp_path: Path) -> None:
    ours, others = (rsa.generate_private_key(public_exponent=65_537, key_size=2_048) for _ in range(2))
    published = RSAAlgorithm.to_jwk(ours.public_key(), as_dict=True) | {"kid": "a", "alg": "RS256", "use": "sig"}
    import orjson  # noqa: PLC0415  only here

    path = tmp_path / "keys.json"
    path.write_bytes(orjson.dumps({"keys": [published]}))
    configuration = configured(
        f"sqlite:///{tmp_path / 'store.db'}", jwt_issuer="https://idp.test", jwt_audience="spinecoder",
        jwt_keys=str(path),
    )  # fmt: skip
    now = int(time.time())
    right = {"iss": "https://idp.test", "aud": "spinecoder", "sub": "dr-a", "exp": now + 60, "roles": ["submit", "x"]}

    def token(key: Any = ours, kid: str = "a", algorithm: str = "RS256", **changed: object) -> str:
        claims = {name: value for name, value in {**right, **changed}.items() if value is not None}
        return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid})

    with running(configuration) as made:

        def status(bearer: str) -> int:
            headers = {"Authorization": f"Bearer {bearer}"}
            return made.client.post("/v1/reports", json=body(), headers=headers).status_code

        assert status(token()) == 201
        assert made.store.events(after=0, limit=100)[-1].actor == "dr-a"
        assert status(token(roles="submit read")) == 200
        assert status(token(roles=["read"])) == 403
        assert status(token(roles=None)) == 403
        wrong = [
            token(key=others), token(kid="b"), token(iss="https://other.test"), token(aud="other"),
            token(exp=now - 3600), token(exp=None), token(sub=None), token() + "x", "a.b.c",
            jwt.encode(right, "", algorithm="none"), token(key="s" * 40, algorithm="HS256"),
        ]  # fmt: skip
        assert [status(bearer) for bearer in wrong] == [401] * len(wrong)


def test_keys_of_an_identity_provider_need_issuer_and_audience(tmp_path: Path) -> None:
    for jwt_keys in ("http://idp.test/keys", str(tmp_path / "nothing.json")):
        configuration = configured("sqlite://", jwt_keys=jwt_keys, jwt_issuer="i", jwt_audience="a")
        with pytest.raises(InputError, match="JWKS file or an https"):
            make_app(configuration)
    with pytest.raises(InputError, match="needs SPINECODER_JWT_ISSUER"):
        make_app(configured("sqlite://", jwt_keys="x"))


def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path) -> None:
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}", rate="5/hour")) as made:
        answers = [made.post("/v1/code", body(), role="submit") for _ in range(7)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 3_600
        assert made.get("/v1/reports", role="read").status_code == 200, "another key has its own count"
        assert [made.client.get("/v1/rules").status_code for _ in range(7)] == [401] * 5 + [429] * 2


def test_without_keys_everybody_may_but_only_on_this_machine(tmp_path: Path) -> None:
    configuration = configured(f"sqlite:///{tmp_path / 'store.db'}", without_keys=True)
    with running(configuration, with_keys=False) as made:
        for there in ("127.0.0.1:8460", "localhost", "[::1]:8460"):
            assert made.client.post("/v1/code", json=body(), headers={"Host": there}).status_code == 200
        for foreign in ({"Host": "rebound.test"}, {"Origin": "https://page.test"}, {"Origin": "null"}, {"Host": "["}):
            refused = made.client.get("/v1/reports", headers={"Host": "localhost", **foreign})
            assert (refused.status_code, refused.json()["kind"]) == (403, "foreign_caller"), foreign
        headers = {"Host": "localhost", "Origin": "https://page.test"}
        with made.client.websocket_connect("/v1/draft/stream", headers=headers) as stream:
            stream.send_json({"text": ESI})
            with pytest.raises(WebSocketDisconnect):
                stream.receive_json()
    for host in ("127.0.0.1", "::1", "localhost"):
        check(configuration, Listening(host=host))
    for host in ("0.0.0.0", "10.0.0.1", "::", "host.test"):  # noqa: S104  refused, not listened on
        with pytest.raises(InputError, match="loopback"):
            check(configuration, Listening(host=host))


def test_tls_needs_both_files(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both"):
        check(configured("sqlite://"), Listening(certificate="cert.pem"))
    missing = str(tmp_path / "none.pem")
    with pytest.raises(InputError, match="cannot be read"):
        check(configured("sqlite://"), Listening(certificate=missing, certificate_key=missing))


def test_secrets_come_from_files_and_are_never_shown(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    made = Configuration.from_environment({"SPINECODER_AUDIT_KEY_FILE": str(secret), "OTHER": "x"})
    assert made.audit_key is not None
    assert made.audit_key.get_secret_value() == "s3cret"
    assert "s3cret" not in f"{made!r} {made.model_dump()}"
    with pytest.raises(InputError, match="SPINECODER_WAITING is not right"):
        Configuration.from_environment({"SPINECODER_WAITING": "many"})
    with pytest.raises(InputError, match="SPINECODER_DATABASE_FILE cannot be read"):
        Configuration.from_environment({"SPINECODER_DATABASE_FILE": str(tmp_path / "none")})


def test_browsers_of_named_origins_may_call(tmp_path: Path) -> None:
    asked = {"Origin": "https://ehr.test", "Access-Control-Request-Method": "POST"}
    with running(configured(f"sqlite:///{tmp_path / 'store.db'}", origins="https://ehr.test")) as made:
        allowed = made.client.options("/v1/code", headers=asked)
        assert allowed.headers["access-control-allow-origin"] == "https://ehr.test"
        refused = made.client.options("/v1/code", headers={**asked, "Origin": "https://other.test"})
        assert "access-control-allow-origin" not in refused.headers
