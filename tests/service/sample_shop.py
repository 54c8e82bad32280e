"""A vendor's shop for tests: terms, prices, resellers, orders and payments, through the use cases."""

from decimal import Decimal
from itertools import count

from activation.licensing.reselling.clients import ResellerKind
from activation.licensing.reselling.ordering import Method
from activation.licensing.reselling.pricing import Tier
from activation.licensing.verdicts import Refused
from activation.service.provisioning import grant_licenses
from activation.service.reselling.agreeing import accept_terms, publish_terms
from activation.service.reselling.joining import NewClient, create_reseller
from activation.service.reselling.ordering import Wish, place_order
from activation.service.reselling.paying import Money
from activation.service.reselling.pricing import set_prices
from activation.service.reselling.recording import record_receipt
from activation.service.working import act_as_system
from activation.storage.reselling.pool_ledger import balances

DAY = 86_400
TIERS = [Tier(1, Decimal("40.00")), Tier(10, Decimal("30.00"))]


class Shop:
    """Use cases on an office, each in its own transaction, as the system itself."""

    def __init__(self, office):
        self.office = office
        self.references = count(1)

    async def do(self, use_case, *args, **fields):
        """Run a use case; return what it answers, a refusal too."""
        return await act_as_system(self.office.desk, lambda work: use_case(work, *args, **fields))

    async def done(self, use_case, *args, **fields):
        answer = await self.do(use_case, *args, **fields)
        assert not isinstance(answer, Refused), answer
        return answer

    async def open(self):
        await self.done(publish_terms, "1", "Be good.", None)
        await self.done(set_prices, "softphone", TIERS)
        return self

    async def reseller(self, *, accepted=True, kind=ResellerKind.RESELLER, discount=None):
        made = await self.done(create_reseller, NewClient("Resale Ltd", kind, discount, "shop@example.org"))
        if accepted:
            await self.done(accept_terms, made.reseller_id, "1")
        return made

    async def order(self, reseller_id, quantity=10, method=Method.PURCHASE_ORDER, product="softphone"):
        return await self.do(place_order, reseller_id, Wish(product, 5, quantity, method))

    async def pay(self, order, amount=None, reference=None):
        money = order.total if amount is None else Decimal(amount)
        name = reference or f"bank {next(self.references)}"
        return await self.do(record_receipt, Money(money, "transfer", name), order.purchase_id)

    async def pay_charge(self, charge, amount=None):
        money = charge.amount if amount is None else Decimal(amount)
        name = f"bank {next(self.references)}"
        return await self.do(record_receipt, Money(money, "transfer", name), None, charge.charge_id)

    async def pool(self, reseller_id):
        async with self.office.desk.pool.acquire() as connection:
            return sum(one.balance for one in await balances(connection, reseller_id))

    async def customer(self, reseller_id, licenses=1, *, own_use=False):
        """Make an end user with licences of a reseller's, as assigning leaves them."""
        account = await self.office.account(0)
        async with self.office.desk.pool.acquire() as connection:
            given = await grant_licenses(connection, self.office.ids, account.account_id, 1, 5, licenses)
            await connection.execute(
                "UPDATE account SET reseller_id = $2, own_use = $3 WHERE account_id = $1",
                account.account_id,
                reseller_id,
                own_use,
            )
            await connection.execute(
                "UPDATE license SET reseller_id = $2 WHERE license_id = ANY ($1)", given, reseller_id
            )
        return account, given

    async def licenses(self, account):
        rows = await self.office.fetch(
            "SELECT state, holds, orphaned, updates_until FROM license WHERE account_id = $1",
            account.account_id,
        )
        return [tuple(row) for row in rows]

    async def events(self, about):
        rows = await self.office.fetch("SELECT kind FROM event WHERE about = $1 ORDER BY event_id", about)
        return [row[0] for row in rows]

    def wait(self, seconds):
        self.office.desk.clock.shift_s += seconds
