"""A thousand people whose every word is a canary, and what they do to a whole server."""

import asyncio
import time
from base64 import b64encode
from dataclasses import dataclass

from activation.licensing.identifiers import account_of_login, shard_of
from crypto.passwords import hash_secret

MARK = "qzkanarie"
NETWORK = "203.0.113"
AT_ONCE = 16


@dataclass
class Canary:
    """One person: everything about them holds the mark and their number."""

    number: int
    password: str
    certificate: str = ""

    def word(self, what: str) -> str:
        return f"{MARK}-{what}-{self.number:04d}"

    @property
    def login(self) -> str:
        return self.word("login")

    @property
    def email(self) -> str:
        return f"{self.word('mail')}@example.com"

    @property
    def account_id(self) -> int:
        return account_of_login(self.login)

    @property
    def basic(self) -> str:
        return "Basic " + b64encode(f"{self.login}:{self.password}".encode()).decode()

    def personal(self) -> list[str]:
        return [self.login, self.word("name"), self.email, self.word("street"), self.word("phone")]

    def device(self, serial: str = "serial") -> dict:
        last = f"{self.number >> 8:02x}:{self.number & 255:02x}"
        components = {"hdd_serial": self.word(serial), "mac": [f"3c:52:82:9a:{last}"]}
        return {"platform": "linux", "name": self.word("device"), "components": components}

    def wish(self, **fields) -> dict:
        return {"product": "softphone", "version": "5.6.4", "device": self.device(), **fields}


async def seed(office, count: int) -> list[Canary]:
    """Make the accounts, each with a licence, all at once."""
    people = [Canary(number, f"{MARK}-password-{number}") for number in range(count)]
    now, secret = int(time.time()), office.desk.secrets.passwords
    keys = [(one, one.account_id, shard_of(one.account_id)) for one in people]
    rows = {
        "account": [
            (account, now, shard, hash_secret(secret, str(account), one.password))
            for one, account, shard in keys
        ],
        "personal": [
            (account, shard, field, text)
            for one, account, shard in keys
            for field, text in enumerate(one.personal(), 1)
        ],
        "holding": [(account, 1, shard, 1) for _, account, shard in keys],
        "license": [(office.ids.new(shard), account, now, shard, 1, 5) for _, account, shard in keys],
    }
    columns = {
        "account": ("account_id", "created_at", "shard", "owner_hash"),
        "personal": ("subject", "shard", "field", "value"),
        "holding": ("account_id", "licenses", "shard", "product_id"),
        "license": ("license_id", "account_id", "created_at", "shard", "product_id", "major"),
    }
    async with office.desk.pool.acquire() as connection:
        for table, records in rows.items():
            await connection.copy_records_to_table(table, records=records, columns=columns[table])
    return people


class Visits:
    """What canaries do to a server, and all that it answers."""

    def __init__(self, client):
        self.client, self.answers, self.statuses = client, [], {}

    async def call(self, one, method, path, *, json=None, data=None, basic=True, **headers):
        headers["X-Forwarded-For"] = f"{NETWORK}.{one.number % 250 + 1}"
        if basic:
            headers["Authorization"] = one.basic
        reply = await self.client.request(method, path, json=json, data=data, headers=headers)
        text = await reply.text()
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        self.answers.append((method, path, reply.status, text))
        return reply

    async def activate(self, one):
        reply = await self.call(one, "POST", "/v1/activations", json=one.wish())
        one.certificate = (await reply.json())["certificate"]

    async def misbehave(self, one):
        """Be refused in many ways, each with canaries in what is sent."""
        other = {"certificate": one.certificate, "device": one.device("other")}
        await self.call(one, "POST", "/v1/renewals", json=other, basic=False)
        wish = one.wish(device={**one.device("second"), "name": one.word("second")})
        wish["device"]["components"].pop("mac")
        await self.call(one, "POST", "/v1/activations", json=wish)
        await self.call(one, "POST", "/v1/activations", data=f'{{"product": "{one.email}"', basic=True)
        await self.call(one, "POST", "/v1/activations", json={one.email: one.login, **one.wish()})
        await self.call(one, "GET", f"/v1/{one.email}?query={one.word('name')}")
        await self.call(one, "POST", "/v1/resets", json={"license_id": one.email})
        wrong = b64encode(f"{one.login}:{one.word('guess')}".encode()).decode()
        await self.call(
            one, "GET", "/v1/licenses", basic=False, Authorization=f"Basic {wrong}", Referer=one.email
        )


async def all_of(people, do):
    """Do something for everybody, some at a time."""
    door = asyncio.Semaphore(AT_ONCE)

    async def one_by_one(one):
        async with door:
            await do(one)

    await asyncio.gather(*map(one_by_one, people))
