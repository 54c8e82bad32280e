"""G7: whatever was seen of a person is in the breach report, whichever way it was come by."""

import pytest
from service.sample_acts import do, now_of
from service.sample_privacy import come, leave_traces, person

from activation.http.privacy.telling_breaches import tell_exposed
from activation.licensing.identifiers import ORDER, STAFF, SUBSCRIPTION, USER, shard_of, to_text
from activation.service.auditing.histories import see_log
from activation.service.privacy.breaching import Question, report_breach
from activation.service.privacy.exporting import export_person
from activation.service.provisioning import make_reseller
from activation.service.reselling.seeing import see_reseller
from activation.service.tracing.seeing import see_trace, see_traces_of

_ORDER = (
    "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, method,"
    " placed_at, due_at) VALUES ($2, $1, 1, 5, 1, 1, 1, 1, 1, 1)"
)
_SUBSCRIPTION = (
    "INSERT INTO subscription (subscription_id, shard, account_id, product_id, major, quantity, fee, months,"
    " made_at) VALUES ($2, ($1::bigint >> 55)::smallint, $1, 1, 5, 1, 1, 1, 1)"
)
_TRACE = "INSERT INTO refusal_trace VALUES ('0000-7kq2', $3, $2, 'r', 'c', 'x', $1, NULL, NULL, '[]'::jsonb)"


async def exposed(office, **asked):
    rows = []
    now = await now_of(office)
    question = Question(now - 86_400, now + 86_400, **asked)
    await do(office, lambda work: report_breach(work, question, rows.append))
    return rows


async def fields(office, made):
    return {one.field for one in await exposed(office, person=made.login)}


async def test_g7_a_copy_is_in_the_report_with_all_that_it_held(office):
    made = await person(office, 1)
    await come(office, made)
    await leave_traces(office, made.account_id)
    await do(office, lambda work: export_person(work, made.account_id))
    given = {"login", "name", "email", "address", "phone"}
    devices = {"licenses", "devices", "device_name", "notes"}
    kept = {"account", "consents", "history", "ip_address", "mails", "password_links", "refusals", "requests"}
    assert await fields(office, made) == given | devices | kept | {"sessions"}


async def test_g7_a_copy_of_somebody_of_whom_little_is_known_says_no_more(office):
    made = await office.account(0)
    await do(office, lambda work: export_person(work, made.account_id))
    assert await fields(office, made) == {"account", "history", "licenses", "login"}


async def test_g7_who_read_an_accounts_refusals_is_in_the_report(office):
    made = await person(office, 0)
    await office.fetch(_TRACE, made.account_id, shard_of(made.account_id), await now_of(office))
    await do(office, lambda work: see_traces_of(work, made.login))
    [one] = await exposed(office, person=made.login)
    assert (one.field, one.times) == ("refusals", 1)
    await do(office, lambda work: see_trace(work, "0000-7kq2"))
    assert {(one.field, one.times) for one in await exposed(office, person=made.login)} >= {("refusals", 2)}


@pytest.mark.parametrize(("prefix", "sql"), [(ORDER, _ORDER), (SUBSCRIPTION, _SUBSCRIPTION)])
async def test_g7_reading_an_orders_history_is_a_look_at_whose_order_it_is(office, prefix, sql):
    made = await person(office, 0)
    number = office.ids.new(shard_of(made.account_id))
    await office.fetch(sql, made.account_id, number)
    await do(office, lambda work: see_log(work, to_text(prefix, number)))
    assert await fields(office, made) == {"history"}


async def test_g7_staff_and_resellers_users_are_named_as_what_they_are(office):
    agent = await office.staff("support")
    async with office.desk.pool.acquire() as connection:
        owner = await make_reseller(connection, office.keys, office.ids, "Reseller")
    await do(office, lambda work: see_log(work, agent.login))
    await do(office, lambda work: see_reseller(work, owner.reseller_id))
    told = {one["person"] for one in map(tell_exposed, await exposed(office))}
    assert told == {to_text(STAFF, agent.user_id), to_text(USER, owner.user_id)}


async def test_g6_a_look_that_names_nothing_is_a_mistake(office):
    made = await office.account(0)
    with pytest.raises(ValueError, match="names what was seen"):
        await do(office, lambda work: work.look([made.account_id], []))
