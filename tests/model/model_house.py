"""The real server under the model: its own endpoints on a real PostgreSQL, without the sockets between.

Everything runs on one event loop of its own, which a machine that is no coroutine can ask.
"""

import asyncio
import base64
import itertools
import json
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import asyncpg
from model_world import Said
from multidict import CIMultiDict

from activation.app import open_desk, surroundings_of
from activation.config import Settings
from activation.http.calls import Call
from activation.http.guarding import answer
from activation.http.routes import ROUTES
from activation.licensing.model import Product
from activation.service.ids import IdSource
from activation.service.provisioning import Keys, make_staff
from activation.storage.products import add_product

Result = TypeVar("Result")
_ENDPOINTS = {(method, path): endpoint for method, path, endpoint in ROUTES}


class House:
    """One server for many runs; each run brings its own reseller, customers and agents."""

    def __init__(self, settings: Settings, dsn: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._settings, self._dsn = settings, dsn
        self._stack = AsyncExitStack()
        self.numbers = itertools.count(1)
        self.wait(self._open())

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        self.wait(self._stack.aclose())
        self._loop.close()

    def stand_at(self, moment: int) -> None:
        """Have the server's clock show this time, within a second."""
        self.desk.clock.shift_s = moment - int(time.time())

    def get(self, path: str, authorization: str | None = None, **names: str) -> Said:
        return self.wait(self._ask("GET", path, names, authorization, b"", None))

    def post(
        self,
        path: str,
        message: dict[str, Any],
        authorization: str | None = None,
        key: str | None = None,
        **names: str,
    ) -> Said:
        body = json.dumps(message).encode()
        return self.wait(self._ask("POST", path, names, authorization, body, key))

    def fetch(self, sql: str, *values: Any) -> list[Any]:
        return self.wait(self._fetch(sql, *values))

    def staff(self, role: str) -> str:
        """Make a person of staff; return what goes into their Authorization."""
        return self.wait(self._staff(role))

    def reseller(self) -> tuple[int, str, str]:
        """Sign a reseller up; return its id, the id's text, and its owner's Authorization."""
        number = next(self.numbers)
        made = self.post("/v1/staff/resellers", {"name": f"Reseller {number}"}, self.admin).body
        bearer = f"Bearer {made['token']}"
        done = self.post("/v1/reseller/acceptance", {"version": "1"}, bearer)
        assert done.status == 201, done
        [[reseller_id]] = self.fetch("SELECT reseller_id FROM reseller_user WHERE login = $1", made["login"])
        return reseller_id, made["reseller_id"], bearer

    async def _open(self) -> None:
        connected = await asyncpg.connect(self._dsn)
        await add_product(connected, Product(1, "softphone"), "Softphone")
        await connected.close()
        self.desk = await self._stack.enter_async_context(open_desk(self._settings, self._dsn))
        self._surroundings = surroundings_of(self._settings, self.desk)
        self.admin = await self._staff("admin")
        for path, message in (
            ("/v1/staff/terms", {"version": "1", "text": "The terms."}),
            ("/v1/staff/prices", {"product": "softphone", "tiers": [{"from_quantity": 1, "unit": "10.00"}]}),
        ):
            said = await self._ask("POST", path, {}, self.admin, json.dumps(message).encode(), None)
            assert said.status == 201, said

    async def _staff(self, role: str) -> str:
        async with self.desk.pool.acquire() as connection:
            keys = Keys(self.desk.secrets.passwords, bytes(32))
            made = await make_staff(connection, keys, IdSource(), role)
        return f"Bearer {made.token}"

    async def _fetch(self, sql: str, *values: Any) -> list[Any]:
        async with self.desk.pool.acquire() as connection:
            return await connection.fetch(sql, *values)

    async def _ask(
        self,
        method: str,
        path: str,
        names: dict[str, str],
        authorization: str | None,
        body: bytes,
        key: str | None,
    ) -> Said:
        headers = {"Content-Type": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        if key is not None:
            headers["Idempotency-Key"] = key
        call = Call(
            self.desk,
            self._surroundings,
            f"{method} {path}",
            CIMultiDict(headers),
            "192.0.2.1",
            body,
            path=names,
        )
        reply = await answer(call, _ENDPOINTS[method, path])
        return Said(reply.status, json.loads(reply.body))


def basic(login: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()
