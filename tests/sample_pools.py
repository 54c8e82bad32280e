"""A reseller with a pool, made by hand: what orders and payments lead to."""

from dataclasses import dataclass

from activation.licensing.reselling.pool import PoolKey, PoolWhy
from activation.licensing.roles import Role
from activation.licensing.verdicts import Refused
from activation.service.credentials import hash_token
from activation.service.provisioning import make_reseller
from activation.service.reselling.customers import NewCustomer, make_customer
from activation.service.working import Person, Work
from activation.storage.identity.people import become_tenant
from activation.storage.identity.tokens import NewToken, Owners, add_token
from activation.storage.lending import lend
from activation.storage.reselling.pool_ledger import enter
from crypto.passwords import new_token


class _TakenBackError(Exception):
    pass


@dataclass
class Shop:
    """A reseller, or a company with a distribution licence, and the token of its owner."""

    office: object
    reseller_id: int
    person: Person
    token: str

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.token}"}

    async def stock(self, count, *, product_id=1, major=5, kind=0, now=None):
        """Put `count` licences into a pool: from a paid order, or granted when they are tests."""
        desk = self.office.desk
        async with lend(desk.pool) as connection, connection.transaction():
            now = now or await desk.clock.now(connection)
            key = PoolKey(self.reseller_id, product_id, major, kind)
            if kind:
                await enter(connection, key, count, PoolWhy.TESTS_GRANTED, now=now)
                return None
            order = desk.ids.new(0)
            await connection.execute(
                "INSERT INTO purchase (purchase_id, reseller_id, product_id, major, quantity, unit, total,"
                " paid, method, state, placed_at, due_at, paid_at) VALUES ($1, $2, $3, $4, $5, 10,"
                " $6, $6, 1, 1, $7, $7, $7)",
                order,
                self.reseller_id,
                product_id,
                major,
                count,
                count * 10,
                now,
            )
            await enter(connection, key, count, PoolWhy.PAID, now=now, purchase_id=order)
            return order

    async def do(self, use_case, *args, **kwargs):
        """Run a use case as the owner, under row-level security; a refusal leaves nothing written."""
        desk = self.office.desk
        done = None
        try:
            async with lend(desk.pool) as connection, connection.transaction():
                now = await desk.clock.now(connection)
                work = Work(connection, desk, self.person, now, "7kq2-m4xd", lambda: "192.0.2.1")
                await become_tenant(connection, self.reseller_id)
                done = await use_case(work, self.reseller_id, *args, **kwargs)
                if isinstance(done, Refused):
                    raise _TakenBackError
        except _TakenBackError:
            pass
        return done

    async def customer(self, **fields):
        return await self.do(make_customer, NewCustomer(**fields))

    async def balance(self, kind=0, product_id=1):
        rows = await self.office.fetch(
            "SELECT balance FROM pool_entry WHERE reseller_id = $1 AND kind = $2 AND product_id = $3"
            " ORDER BY major, seq DESC LIMIT 1",
            self.reseller_id,
            kind,
            product_id,
        )
        return rows[0][0] if rows else 0


async def open_shop(office, *, kind=0):
    """Make a reseller (kind 0) or a company (1) with an owner and a token of its."""
    desk = office.desk
    async with lend(desk.pool) as connection:
        made = await make_reseller(connection, office.keys, office.ids, "Shop & Sons")
        reseller_id = await connection.fetchval(
            "SELECT reseller_id FROM reseller_user WHERE user_id = $1", made.user_id
        )
        await connection.execute("UPDATE reseller SET kind = $2 WHERE reseller_id = $1", reseller_id, kind)
        token = new_token("rsl")
        new = NewToken(hash_token(desk.secrets.passwords, token), "test", 1)
        await add_token(connection, Owners.USERS, made.user_id, new)
    return Shop(office, reseller_id, Person(made.user_id, made.login, Role.OWNER, reseller_id), token)
