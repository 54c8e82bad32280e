"""The same activation as everyone writes it first: a handler, a pool, one transaction for each request.

It checks the password, digests six parts and signs with the same code as the real server, on the same
PostgreSQL with the same durability. `python -m loadtest.baseline SOCKET DSN DATA-FOLDER`.
"""

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import asyncpg
import msgspec
from aiohttp import web

from activation.licensing.devices.fingerprints import identify
from activation.licensing.identifiers import ACTIVATION, LICENSE, account_of_login, to_text
from activation.messages.answers import ActivationAnswer, Resets
from activation.messages.credentials import parse_basic
from activation.messages.requests import ActivationRequest, parse_activation
from activation.messages.times import to_rfc3339
from crypto.digests import account_salt, component_digests
from crypto.issuing import Issuer
from crypto.keyring import KeyRing
from crypto.passwords import hash_secret, same_digest
from crypto.pepper import load_pepper
from crypto.terms import Terms
from loadtest.fleet import serve_one
from loadtest.requests import ACTIVATIONS

POOL: Final = 10
ISSUER: Final = "softphone-activation"
VALID_S: Final = 30 * 86_400
RENEW_S: Final = 7 * 86_400

READ_ACCOUNT: Final = "SELECT account_id, password_hash FROM account WHERE login = $1"
LOCK_LICENSE: Final = (
    "SELECT license_id FROM license WHERE account_id = $1 AND product = $2 AND major = $3 FOR UPDATE"
)
ADD_ACTIVATION: Final = (
    "INSERT INTO activation (license_id, device_name, components) VALUES ($1, $2, $3) RETURNING activation_id"
)
ADD_EVENT: Final = "INSERT INTO event (license_id, activation_id, what) VALUES ($1, $2, 'activated')"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the handler needs."""

    pool: asyncpg.Pool
    issuer: Issuer
    delegation: str
    device_key: bytes = field(repr=False)
    password_key: bytes = field(repr=False)

    async def post_activation(self, request: web.Request) -> web.Response:
        """Activate the first time; 401 for a wrong password, 409 for a licence that is taken."""
        message = parse_activation(await request.read())
        basic = parse_basic(request.headers.get("Authorization"))
        if basic is None:
            raise web.HTTPUnauthorized
        salt = account_salt(self.device_key, account_of_login(basic.login))
        parts = identify(message.device.components, install_id_allowed=False).parts
        digests = component_digests(salt, parts)
        try:
            async with self.pool.acquire() as connection, connection.transaction():
                account = await connection.fetchrow(READ_ACCOUNT, basic.login)
                account_id = self._check(account, basic.password)
                bound = await _bind(connection, account_id, message, digests)
        except asyncpg.UniqueViolationError:
            raise web.HTTPConflict from None
        answer = self._certify(message, *bound, salt, digests)
        return web.Response(body=msgspec.json.encode(answer), status=201, content_type="application/json")

    def _check(self, account: asyncpg.Record | None, password: str) -> int:
        if account is None:
            raise web.HTTPUnauthorized
        account_id: int = account["account_id"]
        found = hash_secret(self.password_key, str(account_id), password)
        if not same_digest(found, account["password_hash"]):
            raise web.HTTPUnauthorized
        return account_id

    def _certify(
        self,
        message: ActivationRequest,
        license_id: int,
        activation_id: int,
        salt: bytes,
        digests: Mapping[str, tuple[bytes, ...]],
    ) -> ActivationAnswer:
        now = int(time.time())
        license_text, activation_text = to_text(LICENSE, license_id), to_text(ACTIVATION, activation_id)
        terms = Terms(
            ISSUER,
            license_text,
            activation_text,
            message.product,
            now,
            now + VALID_S,
            now + RENEW_S,
            "perpetual",
            message.major,
            None,
            salt,
            "standard-1",
            digests,
            None,
            0,
        )
        return ActivationAnswer(
            license_text,
            activation_text,
            self.issuer.issue(terms),
            self.delegation,
            to_rfc3339(now + RENEW_S),
            to_rfc3339(now + VALID_S),
            None,
            Resets(True, None),
            [],
        )


async def _bind(
    connection: asyncpg.pool.PoolConnectionProxy,
    account_id: int,
    message: ActivationRequest,
    digests: Mapping[str, tuple[bytes, ...]],
) -> tuple[int, int]:
    license_id = await connection.fetchval(LOCK_LICENSE, account_id, message.product, message.major)
    if license_id is None:
        raise web.HTTPNotFound
    components = [digest for values in digests.values() for digest in values]
    name = message.device.name or ""
    activation_id = await connection.fetchval(ADD_ACTIVATION, license_id, name, components)
    await connection.execute(ADD_EVENT, license_id, activation_id)
    return license_id, activation_id


async def make_application() -> web.Application:
    """Return the application: one address, no middleware."""
    dsn, data_dir = sys.argv[2], Path(sys.argv[3])
    ring = KeyRing.load(data_dir / "keys", int(time.time()))
    active = ring.active(int(time.time()))
    pepper = load_pepper(data_dir / "pepper.json")
    baseline = Baseline(
        await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL),
        Issuer(ring.signing_key(active.kid), ISSUER, pepper.derive("tags")),
        active.token,
        pepper.derive("devices"),
        pepper.derive("passwords"),
    )
    application = web.Application()
    application.add_routes(
        [web.post(ACTIVATIONS, baseline.post_activation), web.get("/healthz", _get_healthz)]
    )
    return application


async def _get_healthz(_request: web.Request) -> web.Response:
    return web.Response()


if __name__ == "__main__":
    serve_one(make_application)
