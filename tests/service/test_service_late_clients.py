"""P7, P8, P9 on a real database: penalties, late payment, the end of an agreement."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sample_shop import DAY, Shop

from activation.licensing.events import EventKind
from activation.licensing.identifiers import shard_of
from activation.licensing.reselling.charging import ChargeState
from activation.licensing.reselling.clients import ResellerKind, ResellerState
from activation.licensing.reselling.lateness import business_days_late
from activation.licensing.reselling.ordering import OrderState
from activation.licensing.reselling.terminating import Why
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.activations import activate
from activation.service.credentials import hash_token
from activation.service.reselling.holding import Client
from activation.service.reselling.joining import create_user, issue_login
from activation.service.reselling.ordering import find_order
from activation.service.reselling.overdue import (
    charge_reinstating,
    end_direct_client,
    list_late,
    reinstate,
    suspend_late,
)
from activation.service.reselling.penalising import (
    disable_licenses,
    dispute_penalty,
    open_penalty,
    return_penalty,
    uphold_penalty,
)
from activation.service.reselling.seeing import see_reseller
from activation.service.reselling.terminating import confirm_deletion, terminate
from activation.service.resetting.resets import reset_own
from activation.storage.identity.people import find_token_holder

ACTIVE, SUSPENDED, REVOKED = 0, 1, 2
LATE, PENALTY = 1, 2


@pytest.fixture
async def shop(office):
    return await Shop(office).open()


def code(refused):
    assert isinstance(refused, Refused), refused
    return refused.code, refused.rule


async def standing(shop, reseller_id):
    return (await shop.done(see_reseller, reseller_id)).reseller.state


async def holds_of(shop, account):
    return {(state, holds) for state, holds, _, _ in await shop.licenses(account)}


async def unpaid_penalty(shop, made):
    penalty = await shop.done(open_penalty, made.reseller_id, "softphone", 3, "Given to nobody's customer.")
    shop.wait(14 * DAY)
    return penalty


def wait_until_late(shop, due_at, days):
    """Let it be noon of the so many-th day past due."""
    zone = shop.office.desk.week.zone
    day = datetime.fromtimestamp(due_at, zone).date() + timedelta(days=days)
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=zone).timestamp())
    shop.office.desk.clock.shift_s += (
        noon - int(datetime.now(zone).timestamp()) - shop.office.desk.clock.shift_s
    )


async def test_p7_a_penalty_is_twice_the_retail_price_whatever_the_reseller_pays(shop):
    made = await shop.reseller(discount=Decimal("50"))
    penalty = await shop.done(open_penalty, made.reseller_id, "softphone", 3, "Three of them.")
    assert (str(penalty.amount), penalty.due_at - penalty.opened_at) == ("240.00", 14 * DAY)
    assert await standing(shop, made.reseller_id) is ResellerState.ACTIVE
    assert code(await shop.do(disable_licenses, penalty.charge_id)) == (Refusal.CONFLICT, "P7")
    assert code(await shop.do(open_penalty, 77, "softphone", 1, "?")) == (Refusal.NOT_FOUND, "P1")
    assert code(await shop.do(open_penalty, made.reseller_id, "anywhere", 1, "?")) == (Refusal.CONFLICT, "P4")


async def test_p7_an_unpaid_penalty_disables_all_licences_assigned_or_not(shop):
    made, other = await shop.reseller(), await shop.reseller()
    account, _ = await shop.customer(made.reseller_id, 3)
    spared, _ = await shop.customer(other.reseller_id)
    penalty = await unpaid_penalty(shop, made)
    done = await shop.done(disable_licenses, penalty.charge_id)
    assert done.licenses == 3
    assert await holds_of(shop, account) == {(SUSPENDED, PENALTY)}
    assert await holds_of(shop, spared) == {(ACTIVE, 0)}
    assert await standing(shop, made.reseller_id) is ResellerState.SUSPENDED  # nothing leaves the pool
    assert code(await shop.order(made.reseller_id)) == (Refusal.SUSPENDED, "P8")
    refused = await activate(
        shop.office.desk, shop.office.caller(), account.login, account.password, shop.office.wish("laptop")
    )
    assert code(refused) == (Refusal.SUSPENDED, "L8")


async def test_p7_a_won_dispute_returns_the_penalty_and_reinstates(shop):
    made = await shop.reseller()
    account, _ = await shop.customer(made.reseller_id, 2)
    penalty = await unpaid_penalty(shop, made)
    await shop.done(disable_licenses, penalty.charge_id)
    await shop.pay_charge(penalty, "100")
    await shop.done(dispute_penalty, penalty.charge_id)
    assert code(await shop.do(disable_licenses, penalty.charge_id)) == (Refusal.CONFLICT, "P7")
    done = await shop.done(return_penalty, penalty.charge_id)
    assert (done.charge.state, str(done.refund), done.licenses) == (ChargeState.RETURNED, "100.00", 2)
    assert await holds_of(shop, account) == {(ACTIVE, 0)}
    assert await standing(shop, made.reseller_id) is ResellerState.ACTIVE
    [[balance]] = await shop.office.fetch("SELECT sum(amount) FROM payment")
    assert balance == 0
    assert code(await shop.do(return_penalty, penalty.charge_id)) == (Refusal.CONFLICT, "P7")


async def test_p7_a_lost_dispute_leaves_the_penalty_as_it_was(shop):
    made = await shop.reseller()
    penalty = await unpaid_penalty(shop, made)
    assert code(await shop.do(return_penalty, penalty.charge_id)) == (Refusal.CONFLICT, "P7")
    await shop.done(dispute_penalty, penalty.charge_id)
    upheld = await shop.done(uphold_penalty, penalty.charge_id)
    assert upheld.charge.state is ChargeState.OPEN
    assert (await shop.done(disable_licenses, penalty.charge_id)).licenses == 0
    order = await shop.pay_charge(penalty)
    assert order.settled
    await shop.done(dispute_penalty, penalty.charge_id)
    assert (await shop.done(uphold_penalty, penalty.charge_id)).charge.state is ChargeState.PAID
    assert code(await shop.do(dispute_penalty, 77)) == (Refusal.NOT_FOUND, "P7")


async def test_p7_paying_a_penalty_reinstates_but_not_while_another_is_unpaid(shop):
    made = await shop.reseller()
    account, _ = await shop.customer(made.reseller_id)
    first = await shop.done(open_penalty, made.reseller_id, "softphone", 1, "One.")
    second = await unpaid_penalty(shop, made)
    await shop.done(disable_licenses, first.charge_id)
    await shop.pay_charge(first)
    assert await holds_of(shop, account) == {(SUSPENDED, PENALTY)}
    await shop.pay_charge(second)
    assert await holds_of(shop, account) == {(ACTIVE, 0)}
    assert await standing(shop, made.reseller_id) is ResellerState.ACTIVE


async def late_reseller(shop, days):
    made = await shop.reseller()
    account, _ = await shop.customer(made.reseller_id, 2)
    order = await shop.order(made.reseller_id)
    wait_until_late(shop, order.due_at, days)
    return made, account, order, Client(made.reseller_id)


async def test_p8_a_client_is_suspended_from_the_4th_day_past_due(shop):
    made, account, order, client = await late_reseller(shop, 3)
    [late] = await shop.done(list_late)
    assert (late.client, late.days, str(late.owed), late.may_suspend) == (client, 3, "300.00", False)
    assert code(await shop.do(suspend_late, client)) == (Refusal.CONFLICT, "P8")
    wait_until_late(shop, order.due_at, 4)
    assert len(await shop.done(suspend_late, client)) == 2
    assert await holds_of(shop, account) == {(SUSPENDED, LATE)}
    assert code(await shop.order(made.reseller_id)) == (Refusal.SUSPENDED, "P8")
    mails = await shop.office.fetch("SELECT subject FROM mail WHERE template = 'client_suspended'")
    assert [row[0] for row in mails] == [made.reseller_id]
    assert await shop.done(suspend_late, client) == []


async def test_p8_a_client_is_reinstated_when_all_is_paid_the_charge_for_it_too(shop):
    made, account, order, client = await late_reseller(shop, 5)
    assert code(await shop.do(reinstate, client)) == (Refusal.ORDER_UNPAID, "P8")
    await shop.done(suspend_late, client)
    charge = await shop.done(charge_reinstating, client, Decimal("25.00"))
    refused = await shop.do(reinstate, client)
    assert (code(refused), refused.facts) == ((Refusal.ORDER_UNPAID, "P8"), {"owed": "325.00"})
    await shop.pay(order)
    assert await shop.pool(made.reseller_id) == 10
    assert (await shop.do(reinstate, client)).facts == {"owed": "25.00"}
    await shop.pay_charge(charge)
    assert len(await shop.done(reinstate, client)) == 2
    assert await holds_of(shop, account) == {(ACTIVE, 0)}
    assert (await shop.order(made.reseller_id)).state is OrderState.OPEN
    assert code(await shop.do(reinstate, client)) == (Refusal.CONFLICT, "P8")
    assert await shop.done(list_late) == []


async def test_p8_lateness_and_penalty_hold_apart(shop):
    made, account, order, client = await late_reseller(shop, 5)
    await shop.done(suspend_late, client)
    penalty = await unpaid_penalty(shop, made)
    await shop.done(disable_licenses, penalty.charge_id)
    assert await holds_of(shop, account) == {(SUSPENDED, LATE | PENALTY)}
    await shop.pay(order)
    await shop.done(reinstate, client)
    assert await holds_of(shop, account) == {(SUSPENDED, PENALTY)}
    assert await standing(shop, made.reseller_id) is ResellerState.SUSPENDED
    assert code(await shop.do(reinstate, client)) == (Refusal.ORDER_UNPAID, "P7")
    await shop.pay_charge(penalty)
    assert await standing(shop, made.reseller_id) is ResellerState.ACTIVE


async def test_p8_a_direct_clients_licences_end_after_10_business_days(shop):
    account = await shop.office.account(2)
    client = Client(account_id=account.account_id)
    charge = await shop.done(charge_reinstating, client, Decimal("10"))
    zone, days = shop.office.desk.week.zone, 0
    while business_days_late(charge.due_at, charge.due_at + days * DAY, zone) < 11:
        days += 1
    wait_until_late(shop, charge.due_at, days - 1)
    assert code(await shop.do(end_direct_client, client)) == (Refusal.CONFLICT, "P8")
    assert len(await shop.done(suspend_late, client)) == 2
    assert await holds_of(shop, account) == {(SUSPENDED, LATE)}
    wait_until_late(shop, charge.due_at, days)
    [late] = await shop.done(list_late)
    assert (late.client, late.business_days, late.may_end) == (client, 11, True)
    assert len(await shop.done(end_direct_client, client)) == 2
    assert await holds_of(shop, account) == {(REVOKED, 0)}
    assert code(await shop.do(suspend_late, Client(account_id=77))) == (Refusal.NOT_FOUND, "P8")
    assert code(await shop.do(end_direct_client, Client(reseller_id=77))) == (Refusal.CONFLICT, "P8")


async def test_p8_an_agreement_ends_for_lateness_after_10_business_days_only(shop):
    made, _, order, _ = await late_reseller(shop, 5)
    refused = await shop.do(terminate, made.reseller_id, Why.LATE, "Does not pay.")
    assert code(refused) == (Refusal.CONFLICT, "P8")
    wait_until_late(shop, order.due_at, 16)
    done = await shop.done(terminate, made.reseller_id, Why.LATE, "Does not pay.")
    assert (done.cancelled, done.orphaned) == (1, 2)
    assert (await shop.done(find_order, order.purchase_id)).state is OrderState.CANCELLED


async def test_p9_termination_closes_logins_forfeits_the_pool_and_orphans_licences(shop):
    made, other = await shop.reseller(), await shop.reseller()
    user = await shop.done(create_user, made.reseller_id, "operator")
    await shop.pay(await shop.order(made.reseller_id, 10))
    await shop.pay(await shop.order(other.reseller_id, 4))
    account, _ = await shop.customer(made.reseller_id, 2)
    spared, _ = await shop.customer(other.reseller_id)
    done = await shop.done(terminate, made.reseller_id, Why.BREACH, "Sold to affiliates.")
    assert (done.forfeited, done.orphaned, done.revoked) == (10, 2, 0)
    assert (await shop.pool(made.reseller_id), await shop.pool(other.reseller_id)) == (0, 4)
    for token in (made.token, user.token):
        async with shop.office.desk.pool.acquire() as connection:
            token_hash = hash_token(shop.office.desk.secrets.passwords, token)
            assert await find_token_holder(connection, token_hash, 0) is None
    assert [(state, orphaned) for state, _, orphaned, _ in await shop.licenses(account)] == [
        (ACTIVE, True)
    ] * 2
    assert all(until is not None for _, _, _, until in await shop.licenses(account))
    assert [(orphaned, until) for _, _, orphaned, until in await shop.licenses(spared)] == [(False, None)]
    assert code(await shop.order(made.reseller_id)) == (Refusal.FORBIDDEN, "P9")
    for use_case, what in ((create_user, "operator"), (issue_login, made.login)):
        assert code(await shop.do(use_case, made.reseller_id, what)) == (Refusal.FORBIDDEN, "P9")
    again = await shop.do(terminate, made.reseller_id, Why.BREACH, "Again.")
    assert code(again) == (Refusal.CONFLICT, "P9")
    assert (await shop.events(made.reseller_id)).count(EventKind.RESELLER_TERMINATED) == 1


async def test_p9_what_was_assigned_goes_on_working_without_resets(shop):
    made = await shop.reseller()
    account, [license_id] = await shop.customer(made.reseller_id)
    office = shop.office
    who = (office.desk, office.caller(), account.login, account.password)
    await activate(*who, office.wish("laptop"))
    await shop.done(terminate, made.reseller_id, Why.BREACH, "Sold to affiliates.")
    assert code(await reset_own(*who, license_id))[0] is Refusal.RESET_FORBIDDEN
    again = await activate(*who, office.wish("laptop"))
    assert not isinstance(again, Refused)
    assert again.license.license_id == license_id


async def test_p9_a_hold_for_lateness_ends_with_the_agreement_a_penaltys_stays(shop):
    made, account, _, client = await late_reseller(shop, 5)
    penalised = await shop.reseller()
    disabled, _ = await shop.customer(penalised.reseller_id)
    await shop.done(suspend_late, client)
    penalty = await unpaid_penalty(shop, penalised)
    await shop.done(disable_licenses, penalty.charge_id)
    for one in (made, penalised):
        await shop.done(terminate, one.reseller_id, Why.BREACH, "Enough.")
    assert await holds_of(shop, account) == {(ACTIVE, 0)}
    assert await holds_of(shop, disabled) == {(SUSPENDED, PENALTY)}
    assert code(await shop.do(suspend_late, client)) == (Refusal.FORBIDDEN, "P9")
    await shop.done(dispute_penalty, penalty.charge_id)
    assert (await shop.done(return_penalty, penalty.charge_id)).licenses == 1
    assert await holds_of(shop, disabled) == {(ACTIVE, 0)}
    assert await standing(shop, penalised.reseller_id) is ResellerState.TERMINATED


async def test_p9_the_duty_to_delete_is_recorded_and_confirmed_with_evidence(shop):
    made = await shop.reseller()
    assert code(await shop.do(confirm_deletion, made.reseller_id, "Shredded.")) == (Refusal.CONFLICT, "P9")
    done = await shop.done(terminate, made.reseller_id, Why.BREACH, "Enough.")
    seen = (await shop.done(see_reseller, made.reseller_id)).reseller
    assert done.deletion_due_at == seen.deletion_due_at == seen.terminated_at + 30 * DAY
    assert seen.terminated_why == "breach: Enough."
    confirmed = await shop.done(confirm_deletion, made.reseller_id, "Shredded, see letter 7.")
    assert confirmed.deletion_confirmed_at is not None
    [[evidence]] = await shop.office.fetch("SELECT deletion_evidence FROM reseller")
    assert evidence == "Shredded, see letter 7."
    assert code(await shop.do(confirm_deletion, made.reseller_id, "Twice.")) == (Refusal.CONFLICT, "P9")


async def test_c2_a_companys_own_licences_end_with_its_agreement_its_customers_go_on(shop):
    made = await shop.reseller(kind=ResellerKind.COMPANY)
    own, _ = await shop.customer(made.reseller_id, 2, own_use=True)
    customer, _ = await shop.customer(made.reseller_id)
    assert (await shop.done(terminate, made.reseller_id, Why.BREACH, "Enough.")).revoked == 2
    assert await holds_of(shop, own) == {(REVOKED, 0)}
    assert await holds_of(shop, customer) == {(ACTIVE, 0)}


async def test_p9_terminating_and_paying_at_once_leave_no_licence_in_the_pool(shop):
    for _ in range(4):
        made = await shop.reseller()
        order = await shop.order(made.reseller_id)
        paid, done = await asyncio.gather(
            shop.pay(order), shop.do(terminate, made.reseller_id, Why.BREACH, "Enough.")
        )
        assert await shop.pool(made.reseller_id) == 0
        assert done.forfeited == (0 if isinstance(paid, Refused) else 10)


async def test_p9_a_batch_under_way_decides_again_on_an_orphaned_licence(shop):
    made = await shop.reseller()
    account, _ = await shop.customer(made.reseller_id)
    sql = "SELECT version FROM holding WHERE shard = $1 AND account_id = $2"
    where = (shard_of(account.account_id), account.account_id)
    [[before]] = await shop.office.fetch(sql, *where)
    await shop.done(terminate, made.reseller_id, Why.BREACH, "Enough.")
    [[after]] = await shop.office.fetch(sql, *where)
    assert after > before
