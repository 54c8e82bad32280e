"""The least that an activation can be made of here: what no rule of ours could make cheaper.

aiohttp's low-level server, requests gathered as they come, one narrow table: one read, one guarded write with
its event, one signature. No rules, no device judged, nothing counted, answers put together by hand. What it
reaches bounds what the real server can. `python -m loadtest.leanest SOCKET DSN DATA-FOLDER`.
"""

import asyncio
import hashlib
import itertools
import os
import sys
import time
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg
import msgspec
from aiohttp import web

from activation.licensing.identifiers import ACTIVATION, LICENSE, account_of_login, to_text
from crypto.digests import account_salt
from crypto.issuing import Issuer
from crypto.keyring import KeyRing
from crypto.passwords import hash_secret, same_digest
from crypto.pepper import load_pepper
from crypto.terms import Terms
from loadtest.fleet import serve_one

ISSUER: Final = "softphone-activation"
SLOTS: Final = 2
DAY_S: Final = 86_400
READ: Final = (
    "SELECT s.account_id, s.password_hash, s.license_id, s.version, s.activation_id"
    " FROM unnest($1::bigint[]) AS k (account_id) JOIN leanest_seat s USING (account_id)"
)
WRITE: Final = (
    "WITH held AS (UPDATE leanest_seat s"
    " SET version = s.version + 1, activation_id = k.activation_id, enrolment = k.enrolment"
    " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[])"
    " AS k (account_id, version, activation_id, enrolment)"
    " WHERE s.account_id = k.account_id AND s.version = k.version"
    " RETURNING s.account_id, s.license_id, s.activation_id),"
    " told AS (INSERT INTO leanest_event (license_id, activation_id)"
    " SELECT license_id, activation_id FROM held)"
    " SELECT account_id FROM held"
)
ANSWER: Final = (
    '{"status":"Success","license_id":"%s","activation_id":"%s","certificate":"%s","delegation":"%s",'
    '"renew_after":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T00:00:00Z","license_ends_at":null,'
    '"resets":{"available":true,"next_at":null},"notices":[]}'
)


@dataclass(slots=True)
class Seat:
    """One request on its way: who, the password's hash, the device's digests; then what it got."""

    account_id: int
    secret_hash: bytes
    enrolment: bytes
    license_id: int = 0
    activation_id: int = 0


@dataclass(slots=True)
class Leanest:
    """What the handler needs."""

    pool: asyncpg.Pool
    issuer: Issuer
    delegation: str
    device_key: bytes = field(repr=False)
    password_key: bytes = field(repr=False)
    ids: Any = field(default_factory=lambda: itertools.count(os.getpid() << 32))
    waiting: list[tuple[Seat, "asyncio.Future[None]"]] = field(default_factory=list)
    free_slots: int = SLOTS
    task: "asyncio.Task[None] | None" = None

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Activate, 201; anything that goes wrong is a 409."""
        if request.method == "GET":
            return web.Response()
        message = msgspec.json.decode(await request.read())
        login, _, password = b64decode(request.headers["Authorization"][6:]).decode().partition(":")
        account_id = account_of_login(login)
        salt = account_salt(self.device_key, account_id)
        digests = {kind: _digest(salt, value) for kind, value in message["device"]["components"].items()}
        secret = hash_secret(self.password_key, str(account_id), password)
        seat = Seat(account_id, secret, b"".join(itertools.chain(*digests.values())))
        await self._submit(seat)
        if not seat.activation_id:
            raise web.HTTPConflict
        return web.Response(
            text=self._write(seat, salt, digests), status=201, content_type="application/json"
        )

    async def _submit(self, seat: Seat) -> None:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self.waiting.append((seat, future))
        if self.free_slots:
            self.free_slots -= 1
            self.task = loop.create_task(self._run())
        await future

    async def _run(self) -> None:
        """Settle what waits, as long as something does; when that goes wrong nobody got anything."""
        await asyncio.sleep(0)
        while self.waiting:
            batch, self.waiting = self.waiting, []
            try:
                await self._settle([seat for seat, _ in batch])
            finally:
                for _, future in batch:
                    future.set_result(None)
        self.free_slots += 1

    async def _settle(self, seats: Sequence[Seat]) -> None:
        async with self.pool.acquire() as connection:
            rows = await connection.fetch(READ, [seat.account_id for seat in seats])
            facts = {row[0]: row for row in rows}
            good = [
                (seat, row, next(self.ids))
                for seat in seats
                if (row := facts.get(seat.account_id)) is not None
                and same_digest(row[1], seat.secret_hash)
                and row[4] is None
            ]
            columns = [(row[0], row[3], new, seat.enrolment) for seat, row, new in good]
            held = await connection.fetch(WRITE, *zip(*columns, strict=True)) if columns else []
        written = {row[0] for row in held}
        for seat, row, new in good:
            if seat.account_id in written:
                seat.license_id, seat.activation_id = row[2], new

    def _write(self, seat: Seat, salt: bytes, digests: dict[str, tuple[bytes, ...]]) -> str:
        now = int(time.time())
        license_id, activation_id = to_text(LICENSE, seat.license_id), to_text(ACTIVATION, seat.activation_id)
        until, renew = now + 30 * DAY_S, now + 7 * DAY_S
        names = (ISSUER, license_id, activation_id, "softphone", now, until, renew, "perpetual", 5, None)
        certificate = self.issuer.issue(Terms(*names, salt, "standard-1", digests, None, 0))
        return ANSWER % (license_id, activation_id, certificate, self.delegation)


def _digest(salt: bytes, value: str | list[str]) -> tuple[bytes, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple([hashlib.blake2b(one.encode(), digest_size=16, key=salt).digest() for one in values])


async def make_server() -> web.Server:
    """Return the server: no router, no middleware."""
    dsn, data_dir = sys.argv[2], Path(sys.argv[3])
    ring = KeyRing.load(data_dir / "keys", int(time.time()))
    active = ring.active(int(time.time()))
    pepper = load_pepper(data_dir / "pepper.json")
    pool = await asyncpg.create_pool(dsn, min_size=SLOTS, max_size=SLOTS, command_timeout=60)
    issuer = Issuer(ring.signing_key(active.kid), ISSUER, pepper.derive("tags"))
    leanest = Leanest(pool, issuer, active.token, pepper.derive("devices"), pepper.derive("passwords"))
    return web.Server(leanest.answer)


if __name__ == "__main__":
    serve_one(make_server)
