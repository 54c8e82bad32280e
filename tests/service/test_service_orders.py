"""P1-P4 on a real database: signing up, logins, prices, orders and payments."""

import asyncio
from decimal import Decimal

import asyncpg
import pytest
from sample_shop import DAY, Shop

from activation.licensing.events import EventKind
from activation.licensing.reselling.ordering import Method, OrderState
from activation.licensing.reselling.pricing import Tier
from activation.licensing.verdicts import Refusal, Refused
from activation.service.credentials import hash_token
from activation.service.ids import new_trace_id
from activation.service.reselling.agreeing import accept_terms, publish_terms, see_terms
from activation.service.reselling.joining import close_user, create_user, issue_login
from activation.service.reselling.ordering import cancel_order, cancel_unpaid_orders, find_order, see_orders
from activation.service.reselling.paying import Money, take_payment
from activation.service.reselling.pricing import set_prices
from activation.service.reselling.recording import record_receipt
from activation.service.reselling.seeing import see_reseller
from activation.storage.identity.people import become_tenant, find_token_holder


@pytest.fixture
async def shop(office):
    return await Shop(office).open()


def code(refused):
    assert isinstance(refused, Refused), refused
    return refused.code, refused.rule


async def signed_in(shop, token):
    async with shop.office.desk.pool.acquire() as connection:
        token_hash = hash_token(shop.office.desk.secrets.passwords, token)
        return await find_token_holder(connection, token_hash, await shop.office.desk.clock.now(connection))


async def test_p1_a_reseller_orders_only_after_it_accepted_the_terms(shop):
    made = await shop.reseller(accepted=False)
    assert code(await shop.order(made.reseller_id)) == (Refusal.FORBIDDEN, "P1")
    assert await shop.office.fetch("SELECT 1 FROM purchase") == []
    first = await shop.done(accept_terms, made.reseller_id, "1")
    shop.wait(60)
    again = await shop.done(accept_terms, made.reseller_id, "1")
    assert again == first
    assert (await shop.order(made.reseller_id)).state is OrderState.OPEN
    [row] = await shop.office.fetch("SELECT subject, version, accepted_by, address FROM acceptance")
    assert tuple(row) == (made.reseller_id, "1", 0, "local")
    assert (await shop.events(made.reseller_id)).count(EventKind.TERMS_ACCEPTED) == 1
    assert code(await shop.do(accept_terms, made.reseller_id, "9")) == (Refusal.CONFLICT, "P1")


async def test_p1_changed_terms_are_announced_by_mail_and_must_be_accepted_once_in_force(shop):
    made = await shop.reseller()
    await shop.done(publish_terms, "2", "Be better.", None)
    mails = await shop.office.fetch(
        "SELECT subject, params->>'version' FROM mail WHERE template = $1", "terms_announced"
    )
    assert [tuple(row) for row in mails] == [(made.reseller_id, "2")]
    seen = await shop.done(see_terms, made.reseller_id)
    assert (seen.current.body, seen.current.accepted_at is not None) == ("Be good.", True)
    assert [(one.body, one.accepted_at) for one in seen.announced] == [("Be better.", None)]
    shop.wait(30 * DAY - 60)
    assert (await shop.order(made.reseller_id)).state is OrderState.OPEN
    shop.wait(120)
    assert code(await shop.order(made.reseller_id)) == (Refusal.FORBIDDEN, "P1")
    await shop.done(accept_terms, made.reseller_id, "2")
    assert (await shop.order(made.reseller_id)).state is OrderState.OPEN
    assert [one.version for one in (await shop.done(see_reseller, made.reseller_id)).acceptances] == [
        "1",
        "2",
    ]


async def test_p2_logins_are_generated_shown_once_and_only_issued_anew(shop):
    made = await shop.reseller()
    user = await shop.done(create_user, made.reseller_id, "operator")
    assert (await signed_in(shop, user.token)).role == "operator"
    new = await shop.done(issue_login, made.reseller_id, user.login)
    assert (new.login, new.user_id) == (user.login, user.user_id)
    assert len({user.password, new.password, user.token, new.token, user.totp_secret, new.totp_secret}) == 6
    assert await signed_in(shop, user.token) is None
    assert (await signed_in(shop, new.token)).person_id == user.user_id
    tables = ("reseller_user", "reseller_token", "event", "mail", "hook_message", "idempotency")
    stored = [row[0] for table in tables for row in await shop.office.fetch(f"SELECT t::text FROM {table} t")]
    secrets = [*(one.password for one in (made, user, new)), *(one.token for one in (made, user, new))]
    secrets += [one.totp_secret for one in (made, user, new)]
    assert not [secret for secret in secrets if any(secret in line for line in stored)]
    assert code(await shop.do(issue_login, made.reseller_id, "nobody")) == (Refusal.NOT_FOUND, "P2")
    assert code(await shop.do(create_user, 77, "operator")) == (Refusal.NOT_FOUND, "P1")


async def test_p2_a_closed_login_lets_nobody_in_and_the_last_owner_stays(shop):
    made = await shop.reseller()
    user = await shop.done(create_user, made.reseller_id, "operator")
    await shop.done(close_user, made.reseller_id, user.login)
    assert await signed_in(shop, user.token) is None
    assert code(await shop.do(close_user, made.reseller_id, made.login)) == (Refusal.CONFLICT, "P2")
    second = await shop.done(create_user, made.reseller_id, "owner")
    await shop.done(close_user, made.reseller_id, made.login)
    assert code(await shop.do(close_user, made.reseller_id, second.login)) == (Refusal.CONFLICT, "P2")
    other = await shop.reseller()
    assert code(await shop.do(close_user, other.reseller_id, second.login)) == (Refusal.NOT_FOUND, "P2")


async def test_p4_an_order_keeps_the_price_it_was_placed_at(shop):
    made = await shop.reseller()
    order = await shop.order(made.reseller_id, 10)
    assert (str(order.unit), str(order.total)) == ("30.00", "300.00")
    shop.wait(60)
    await shop.done(set_prices, "softphone", [Tier(1, Decimal("99.99"))])
    assert str((await shop.done(find_order, order.purchase_id)).total) == "300.00"
    assert str((await shop.order(made.reseller_id, 10)).unit) == "99.99"
    assert (await shop.pay(order)).settled
    assert await shop.pool(made.reseller_id) == 10


async def test_p4_a_discount_is_a_resellers_own_and_no_price_means_no_order(shop):
    made = await shop.reseller(discount=Decimal("10"))
    assert str((await shop.order(made.reseller_id, 1)).total) == "36.00"
    assert code(await shop.order(made.reseller_id, product="anywhere")) == (Refusal.CONFLICT, "P4")
    assert code(await shop.order(made.reseller_id, product="unheard of")) == (Refusal.NOT_FOUND, "P4")
    rises = [Tier(1, Decimal("1")), Tier(2, Decimal("2"))]
    assert code(await shop.do(set_prices, "softphone", rises)) == (Refusal.CONFLICT, "P4")


async def test_p3_licences_join_the_pool_order_by_order_when_paid_in_full(shop):
    made = await shop.reseller()
    first, second = await shop.order(made.reseller_id, 10), await shop.order(made.reseller_id, 3)
    half = await shop.pay(first, "299.99")
    assert (half.fresh, half.settled, str(half.paid)) == (True, False, "299.99")
    assert await shop.pool(made.reseller_id) == 0
    assert (await shop.pay(second)).settled
    assert await shop.pool(made.reseller_id) == 3
    assert (await shop.pay(first, "0.01")).settled
    assert await shop.pool(made.reseller_id) == 13
    rows = await shop.office.fetch("SELECT delta, balance, purchase_id FROM pool_entry ORDER BY seq")
    assert [tuple(row) for row in rows] == [(3, 3, second.purchase_id), (10, 13, first.purchase_id)]
    assert code(await shop.pay(first, "1")) == (Refusal.CONFLICT, "P3")
    assert (await shop.events(made.reseller_id)).count(EventKind.ORDER_PAID) == 2


async def test_p3_more_than_is_owed_is_not_recorded(shop):
    made = await shop.reseller()
    order = await shop.order(made.reseller_id)
    await shop.pay(order, "100")
    refused = await shop.pay(order, "200.01")
    assert (code(refused), refused.facts) == ((Refusal.CONFLICT, "P3"), {"owed": "200.00"})
    assert await shop.pool(made.reseller_id) == 0
    assert (await shop.pay(order, "200.00")).settled
    [[payments]] = await shop.office.fetch("SELECT sum(amount) FROM payment")
    assert payments == order.total


async def test_p3_the_same_payment_again_changes_nothing_and_a_reference_stands_for_one(shop):
    made = await shop.reseller()
    order, other = await shop.order(made.reseller_id), await shop.order(made.reseller_id)
    first = await shop.pay(order, "100", "bank 7")
    again = await shop.pay(order, "100", "bank 7")
    assert (again.payment_id, again.fresh, str(again.paid)) == (first.payment_id, False, "100.00")
    assert code(await shop.pay(order, "200", "bank 7")) == (Refusal.CONFLICT, "P3")
    assert code(await shop.pay(other, "100", "bank 7")) == (Refusal.CONFLICT, "P3")
    await shop.pay(order, "200", "bank 8")
    settled = await shop.pay(order, "200", "bank 8")
    assert (settled.fresh, settled.settled) == (False, True)
    assert await shop.pool(made.reseller_id) == 10


async def test_p3_the_same_payment_recorded_20_times_at_once_enters_the_pool_once(shop):
    made = await shop.reseller()
    order = await shop.order(made.reseller_id)
    answers = await asyncio.gather(*(shop.pay(order, None, "bank 1") for _ in range(20)))
    assert [answer.settled for answer in answers] == [True] * 20
    assert sorted(answer.fresh for answer in answers) == [False] * 19 + [True]
    assert len({answer.payment_id for answer in answers}) == 1
    assert await shop.pool(made.reseller_id) == 10
    [[paid]] = await shop.office.fetch("SELECT paid FROM purchase")
    assert paid == order.total


async def test_p3_halves_paid_at_once_add_up_and_enter_the_pool_once(shop):
    made = await shop.reseller()
    order = await shop.order(made.reseller_id)
    answers = await asyncio.gather(*(shop.pay(order, "30") for _ in range(10)))
    assert sorted(str(answer.paid) for answer in answers) == sorted(f"{n * 30}.00" for n in range(1, 11))
    assert [answer.settled for answer in answers].count(True) == 1
    assert await shop.pool(made.reseller_id) == 10


async def test_p3_one_reference_for_two_orders_at_once_pays_one_of_them(shop):
    orders = [await shop.order((await shop.reseller()).reseller_id) for _ in range(2)]
    answers = await asyncio.gather(*(shop.pay(order, None, "bank 1") for order in orders))
    assert sorted(isinstance(answer, Refused) for answer in answers) == [False, True]
    [[payments]] = await shop.office.fetch("SELECT count(*) FROM payment")
    assert payments == 1


async def test_p3_an_unpaid_online_order_is_cancelled_after_24_hours(shop):
    made = await shop.reseller()
    online = await shop.order(made.reseller_id, method=Method.ONLINE)
    signed = await shop.order(made.reseller_id)
    shop.wait(DAY - 60)
    assert await sweep(shop) == 0
    shop.wait(120)
    assert code(await shop.pay(online)) == (Refusal.CONFLICT, "P3")  # decided when asked, not by the sweep
    assert await sweep(shop) == 1
    assert await sweep(shop) == 0
    assert (await shop.done(find_order, online.purchase_id)).state is OrderState.CANCELLED
    assert (await shop.done(find_order, signed.purchase_id)).state is OrderState.OPEN
    assert code(await shop.pay(online)) == (Refusal.CONFLICT, "P3")
    assert await shop.pool(made.reseller_id) == 0
    assert (await shop.events(made.reseller_id)).count(EventKind.ORDER_CANCELLED) == 1


async def sweep(shop):
    desk = shop.office.desk
    async with desk.pool.acquire() as connection, connection.transaction():
        now = await desk.clock.now(connection)
        return await cancel_unpaid_orders(connection, now, desk.ids, new_trace_id())


async def test_p3_a_payment_made_in_time_and_told_late_still_counts(shop):
    made = await shop.reseller()
    online = await shop.order(made.reseller_id, method=Method.ONLINE)
    shop.wait(2 * DAY)
    in_time = Money(online.total, "card", "processor 1", online.placed_at + 60)
    assert (await shop.do(record_receipt, in_time, online.purchase_id)).settled
    assert await shop.pool(made.reseller_id) == 10
    future = Money(online.total, "card", "processor 2", online.placed_at + 9 * DAY)
    assert code(await shop.do(record_receipt, future, online.purchase_id)) == (Refusal.CONFLICT, "P3")


async def test_p3_the_setting_says_how_long_an_online_order_waits(shop):
    made = await shop.reseller()
    shop.office.desk.online_order_s = 3600
    order = await shop.order(made.reseller_id, method=Method.ONLINE)
    assert order.due_at == order.placed_at + 3600


async def test_p3_only_an_order_without_money_is_cancelled_by_hand(shop):
    made = await shop.reseller()
    order, paid = await shop.order(made.reseller_id), await shop.order(made.reseller_id)
    await shop.pay(paid, "1")
    assert code(await shop.do(cancel_order, paid.purchase_id)) == (Refusal.CONFLICT, "P3")
    assert (await shop.done(cancel_order, order.purchase_id)).state is OrderState.CANCELLED
    assert code(await shop.do(cancel_order, order.purchase_id)) == (Refusal.CONFLICT, "P3")
    assert code(await shop.do(cancel_order, 77)) == (Refusal.NOT_FOUND, "P4")


async def test_p3_paying_and_cancelling_at_once_do_one_of_the_two(shop):
    made = await shop.reseller()
    for _ in range(5):
        before = await shop.pool(made.reseller_id)
        order = await shop.order(made.reseller_id)
        paid, cancelled = await asyncio.gather(shop.pay(order), shop.do(cancel_order, order.purchase_id))
        assert isinstance(paid, Refused) is not isinstance(cancelled, Refused)
        gained = await shop.pool(made.reseller_id) - before
        assert gained == (0 if isinstance(paid, Refused) else 10)


async def test_p3_money_for_nothing_we_know_is_refused(shop):
    made = await shop.reseller()
    order = await shop.order(made.reseller_id)
    nowhere = Money(Decimal("1"), "transfer", "bank 1")
    assert code(await shop.do(record_receipt, nowhere, 77)) == (Refusal.NOT_FOUND, "P3")
    assert code(await shop.pay(order, "0")) == (Refusal.CONFLICT, "P3")
    refused = await shop.do(take_payment, Money(Decimal("1"), "card", "bank 2"), charge_id=77)
    assert code(refused)[0] is Refusal.NOT_FOUND
    assert await shop.office.fetch("SELECT 1 FROM payment") == []


async def test_p3_orders_are_listed_by_pages(shop):
    made, other = await shop.reseller(), await shop.reseller()
    placed = [(await shop.order(made.reseller_id)).purchase_id for _ in range(5)]
    await shop.order(other.reseller_id)
    first = await shop.done(see_orders, made.reseller_id, None, 0, 3)
    second = await shop.done(see_orders, made.reseller_id, None, first[-1].purchase_id, 3)
    assert [one.purchase_id for one in (*first, *second)] == placed
    await shop.done(cancel_order, placed[0])
    cancelled = await shop.done(see_orders, None, OrderState.CANCELLED, 0, 10)
    assert [one.purchase_id for one in cancelled] == placed[:1]


async def test_p4_a_resellers_transaction_reads_its_own_orders_and_no_payments(shop):
    made, other = await shop.reseller(), await shop.reseller()
    for one in (made, other):
        await shop.pay(await shop.order(one.reseller_id))
    async with shop.office.desk.pool.acquire() as connection:
        async with connection.transaction():
            await become_tenant(connection, made.reseller_id)
            for table, column in (
                ("purchase", "reseller_id"),
                ("reseller", "reseller_id"),
                ("reseller_user", "reseller_id"),
                ("acceptance", "subject"),
            ):
                seen = await connection.fetch(f"SELECT DISTINCT {column} FROM {table}")
                assert [row[0] for row in seen] == [made.reseller_id], table
        for secret in ("payment", "staff", "staff_token"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await read_as(connection, made.reseller_id, secret)


async def read_as(connection, reseller_id, table):
    async with connection.transaction():
        await become_tenant(connection, reseller_id)
        await connection.fetch(f"SELECT * FROM {table}")
