"""G2: what is due goes, what is not stays; counted, in steps, again without harm."""

import asyncio
from functools import partial

import pytest
from service.sample_acts import DAY, do, give, now_of
from service.sample_offline import LonelyMachine, bring
from service.sample_privacy import MARK, come, erase, person, whereabouts
from service.sample_shop import Shop

from activation.licensing.identifiers import shard_of
from activation.licensing.model import LicenseKind
from activation.licensing.privacy.retention import YEAR_S, RetentionRule
from activation.licensing.reselling.terminating import Why
from activation.licensing.verdicts import Refusal
from activation.service.activating.activations import Certified, activate
from activation.service.licenses.standing import revoke_licenses
from activation.service.privacy import retention
from activation.service.privacy.consenting import Said, say, see_consents
from activation.service.privacy.retention import count_retention, run_retention, see_runs
from activation.service.reselling.joining import create_user
from activation.service.reselling.terminating import terminate
from activation.storage.identity.staffing import StaffState, write_state
from activation.storage.licenses.standing import Where
from activation.storage.outgoing.mails import bury_mail
from activation.storage.privacy.retention import sweep_some
from activation.storage.reselling.resellers import close_login


async def run(office):
    """Run retention; return what it changed, by rule."""
    counted = await count_retention(office.desk)
    done = await run_retention(office.desk, asyncio.Event())
    assert counted.by_rule == done.by_rule
    return {str(rule): count for rule, count in done.by_rule.items() if count}


async def wait(office, days):
    office.desk.clock.shift_s += days * DAY


async def names(office):
    return len(await office.fetch("SELECT FROM personal WHERE field <> 1"))


async def test_g2_data_stay_while_a_licence_can_be_used(office):
    made = await person(office, 1)
    await come(office, made)
    held = await whereabouts(office)
    await wait(office, 20 * 366)
    assert await run(office) == {}
    assert await whereabouts(office) == held


async def test_g2_data_go_a_month_after_the_last_licence_was_revoked(office):
    made = await person(office, 2)
    await come(office, made)
    where = Where(account_id=made.account_id)
    await do(office, lambda work: revoke_licenses(work, where))
    await wait(office, 29)
    assert await run(office) == {}
    await wait(office, 2)
    assert await run(office) == {"authorisation": 1}
    assert await whereabouts(office) == {}
    assert await run(office) == {}
    rows = await office.fetch("SELECT state, erased_at IS NULL, activation_hash FROM account")
    assert [tuple(row) for row in rows] == [(1, False, None)]
    assert (await come(office, made)).code is Refusal.CREDENTIALS


async def test_g2_data_go_a_month_after_the_last_term_and_not_while_another_runs(office):
    made = await person(office, 0)
    now = await now_of(office)
    await give(office, made, LicenseKind.TEST, now + 14 * DAY)
    await give(office, made, LicenseKind.EVALUATION, now + 50 * DAY)
    await wait(office, 79)
    assert await run(office) == {}
    await wait(office, 2)
    assert await run(office) == {"authorisation": 1}


@pytest.mark.parametrize(
    "busy",
    [
        "UPDATE account SET restricted_at = 1 WHERE account_id = $1",
        "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, method,"
        " placed_at, due_at) VALUES (1, $1, 1, 5, 1, 1, 1, 1, 1, extract(epoch FROM now())::bigint)",
        "INSERT INTO privacy_request (request_id, shard, account_id, kind, regime, asked_at, due_at,"
        " asked_how) VALUES (1, ($1::bigint >> 55)::smallint, $1, 1, 1, 1, 1, '')",
    ],
    ids=["restricted", "an order is open", "a request is open"],
)
async def test_g2_nothing_goes_while_something_is_open(office, busy):
    made = await person(office, 0)
    await office.fetch("UPDATE account SET state = 1, closed_at = 1 WHERE account_id = $1", made.account_id)
    await office.fetch(busy, made.account_id)
    assert await run(office) == {}
    for table in ("purchase", "privacy_request"):
        await office.fetch(f"DELETE FROM {table}")
    await office.fetch("UPDATE account SET restricted_at = NULL")
    assert await run(office) == {"authorisation": 1}


async def test_g2_a_former_device_is_known_for_90_days_and_the_present_one_stays(office):
    made = await person(office, 1)
    await come(office, made, f"old {MARK}")
    wish = office.wish(f"new {MARK}", move=True)
    done = await activate(office.desk, office.caller(), made.login, made.password, wish)
    assert isinstance(done, Certified)
    await wait(office, 89)
    assert await run(office) == {}
    await wait(office, 2)
    assert await run(office) == {"devices": 1}
    rows = await office.fetch("SELECT octet_length(enrolment) > 16 FROM activation ORDER BY activation_id")
    assert [row[0] for row in rows] == [False, True]
    named = await office.fetch("SELECT value FROM personal WHERE field = 6")
    assert [row[0] for row in named] == [f"the new {MARK}"]
    again = await activate(
        office.desk, office.caller(), made.login, made.password, office.wish(f"new {MARK}")
    )
    assert isinstance(again, Certified)


async def test_g2_bills_become_anonymous_after_ten_years_and_sums_stay(office):
    made = await person(office, 0)
    now = await now_of(office)
    insert = (
        "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, paid,"
        " method, state, placed_at, placed_by, due_at, paid_at, reference)"
        " VALUES ($1, $2, 1, 5, 3, 9, 27, 27, 1, 1, $3, 99, $3, $3, $4)"
    )
    await office.fetch(insert, 1, made.account_id, now, MARK)
    await office.fetch(insert, 2, made.account_id, now + YEAR_S, "next year")
    await office.fetch("INSERT INTO payment VALUES (1, 1, NULL, 27, $1, 99, 'bank', $2)", now, f"from {MARK}")
    await office.fetch(
        "INSERT INTO charge (charge_id, account_id, kind, about, amount, opened_at, due_at, state, note)"
        " VALUES (1, $1, 3, 5, 7, $2, $2, 1, $3)",
        made.account_id,
        now,
        MARK,
    )
    await office.fetch("INSERT INTO billing_identity VALUES (5, 0, $1, $1, $2)", MARK, now + 9 * YEAR_S)
    office.desk.clock.shift_s += 9 * YEAR_S
    assert await run(office) == {"billing": 1}  # the identity says itself until when
    assert await office.fetch("SELECT FROM billing_identity") == []
    office.desk.clock.shift_s += YEAR_S - DAY
    assert await run(office) == {}
    await wait(office, 1)
    assert await run(office) == {"billing": 3}
    rows = await office.fetch(
        "SELECT account_id, reference, placed_by, total FROM purchase ORDER BY purchase_id"
    )
    assert [tuple(row)[:3] for row in rows] == [(0, None, None), (made.account_id, "next year", 99)]
    assert sum(row[3] for row in rows) == 54
    assert [tuple(row) for row in await office.fetch("SELECT account_id, about, note FROM charge")] == [
        (0, None, "")
    ]
    assert [row[0] for row in await office.fetch("SELECT reference FROM payment")] == ["anonymous 1"]
    assert await run(office) == {}


async def test_g2_who_was_billed_is_known_as_long_as_the_last_bill(office):
    made = await person(office, 0)
    now = await now_of(office)
    await office.fetch(
        "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, method,"
        " placed_at, due_at) VALUES (1, $1, 1, 5, 1, 1, 1, 1, $2, $2)",
        made.account_id,
        now,
    )
    await erase(office, made.account_id)
    await office.fetch("UPDATE purchase SET state = 1, paid = 1, paid_at = $1", now + 180 * DAY)
    office.desk.clock.shift_s += 10 * YEAR_S + 179 * DAY
    await run_retention(office.desk, asyncio.Event())
    assert await whereabouts(office) == {"billing_identity.name": 1, "billing_identity.address": 1}
    await wait(office, 2)
    done = await run_retention(office.desk, asyncio.Event())
    assert done.by_rule[RetentionRule.BILLING] == 2
    assert await whereabouts(office) == {}


async def mark_person(office, number):
    await office.fetch(
        "INSERT INTO personal VALUES ($1, 0, 3, $2)"
        " ON CONFLICT (shard, subject, field) DO UPDATE SET value = $2",
        number,
        MARK,
    )


async def test_g2_a_former_reseller_is_a_number_after_ten_years(office):
    shop = await Shop(office).open()
    gone, stays = await shop.reseller(), await shop.reseller()
    await office.fetch("UPDATE reseller SET name = $1, deletion_evidence = $1", MARK)
    for one in (gone, stays):
        await mark_person(office, one.reseller_id)
    await shop.done(terminate, gone.reseller_id, Why.BREACH, MARK)
    office.desk.clock.shift_s += 10 * YEAR_S - DAY
    await run_retention(office.desk, asyncio.Event())
    assert (await whereabouts(office)) == {
        "reseller.name": 2,
        "reseller.terminated_why": 1,
        "reseller.deletion_evidence": 2,
        "personal.value": 2,
    }
    await wait(office, 2)
    assert (await run(office))["resellers"] == 2
    assert set((await whereabouts(office)).values()) == {1}
    rows = await office.fetch("SELECT name, terminated_why, deletion_evidence FROM reseller WHERE state = 2")
    assert [tuple(row) for row in rows] == [(f"anonymous {gone.reseller_id}", "breach", None)]


async def test_g2_a_former_reseller_is_known_as_long_as_its_bills(office):
    shop = await Shop(office).open()
    gone = await shop.reseller()
    await shop.done(terminate, gone.reseller_id, Why.BREACH, "")
    await office.fetch(
        "INSERT INTO charge (charge_id, reseller_id, kind, about, amount, opened_at, due_at, state, note)"
        " VALUES (1, $1, 3, 5, 7, 1, $2, 1, '')",
        gone.reseller_id,
        await now_of(office) + YEAR_S,
    )
    office.desk.clock.shift_s += 11 * YEAR_S - DAY
    assert "resellers" not in await run(office)
    await wait(office, 2)
    assert (await run(office))["resellers"] == 2


async def test_g2_former_staff_and_resellers_users_are_forgotten_after_90_days(office):
    shop = await Shop(office).open()
    seller = await shop.reseller()
    closed = (await shop.done(create_user, seller.reseller_id, "operator")).user_id
    stays = (await shop.done(create_user, seller.reseller_id, "operator")).user_id
    agent, admin = (await office.staff("support")).user_id, (await office.staff("admin")).user_id
    for one in (closed, stays, agent, admin):
        await mark_person(office, one)
    now = await now_of(office)
    async with office.desk.pool.acquire() as connection:
        await close_login(connection, closed, now)
        await write_state(connection, agent, StaffState.SUSPENDED, now)
    await wait(office, 89)
    assert "users" not in await run(office)
    await wait(office, 2)
    assert (await run(office))["users"] == 2
    left = await office.fetch("SELECT subject FROM personal WHERE value = $1", MARK)
    assert {row[0] for row in left} == {admin, stays}
    rows = await office.fetch(
        "SELECT login FROM staff WHERE staff_id = $1 UNION ALL"
        " SELECT login FROM reseller_user WHERE user_id = $2",
        agent,
        closed,
    )
    assert [row[0] for row in rows] == [f"erased {agent}", f"erased {closed}"]
    assert "users" not in await run(office)


async def add_short(office):
    """One of everything that is kept for a month: $1 is when."""
    now = await now_of(office)
    account = (await person(office, 0, "x")).account_id
    await office.fetch("INSERT INTO terms_text VALUES ('1', 't', 1, 1)")
    for sql in (
        "INSERT INTO refusal_trace VALUES ('t', $1, 0, 'r', 'c', 'r', NULL, NULL, NULL, '{}')",
        "INSERT INTO event_address VALUES (1, 0, $1, 'a')",
        "INSERT INTO acceptance VALUES (1, 7, '1', 7, $1, 'a')",
        "INSERT INTO mail VALUES (1, 1, 't', '{}', NULL, $1, 0, $1, $1, NULL, NULL)",
        "INSERT INTO mail VALUES (2, 1, 't', '{}', NULL, $1, 0, $1, NULL, $1, NULL)",
        "INSERT INTO hook_message VALUES (1, 'k', '{}', $1)",
        "INSERT INTO session VALUES (1, 't', 1, 5, 3, $1, $1, $1, NULL, 'a', 'b', NULL, NULL)",
        "INSERT INTO session VALUES (2, 'u', 1, 5, 3, 1, 1, 1, NULL, 'a', 'b', $1, 1)",
        "INSERT INTO password_link VALUES ('l', 3, 5, $1, $1, NULL)",
        "INSERT INTO recovery_code VALUES (5, 'c', 1, $1)",
    ):
        await office.fetch(sql, now)
    # These wait, run or are new: nothing happens to them.
    for sql in (
        "INSERT INTO mail VALUES (3, 1, 't', '{}', NULL, $1, 0, $1, NULL, NULL, NULL)",
        "INSERT INTO recovery_code VALUES (5, 'unused', 1, NULL) ON CONFLICT DO NOTHING",
        "INSERT INTO password_link VALUES ('n', 3, 5, $1, $1 + 86400, NULL)",
    ):
        await office.fetch(sql.replace("$1", "$1::bigint"), now + 30 * DAY) if "$1" in sql else (
            await office.fetch(sql)
        )
    return account


async def test_g2_what_is_kept_for_a_month_goes_then_and_not_before(office):
    await add_short(office)
    await wait(office, 29)
    first = await run(office)
    assert set(first) <= {"sign_in", "addresses"}  # the session of 1970
    await wait(office, 2)
    done = await run(office)
    assert {rule: done[rule] for rule in ("traces", "addresses", "mails", "messages")} == {
        "traces": 1,
        "addresses": 3,
        "mails": 2,
        "messages": 1,
    }
    assert done["sign_in"] >= 3
    assert [row[0] for row in await office.fetch("SELECT mail_id FROM mail")] == [3]
    assert len(await office.fetch("SELECT FROM recovery_code")) == 1
    assert len(await office.fetch("SELECT FROM password_link")) == 1
    assert [row[0] for row in await office.fetch("SELECT address FROM acceptance")] == [""]
    assert await run(office) == {}


async def test_g2_a_mail_that_never_went_out_goes_a_month_after_it_was_written(office):
    made = await person(office, 1)
    await erase(office, made.account_id)
    assert [row[0] for row in await office.fetch("SELECT subject FROM mail")] == [0]
    await wait(office, 29)
    assert await run(office) == {}
    await wait(office, 2)
    assert await run(office) == {"mails": 1}
    assert await office.fetch("SELECT FROM mail") == []


async def test_g3_the_address_of_who_was_erased_goes_with_the_last_try(office):
    made = await person(office, 1)
    await erase(office, made.account_id)
    [[mail_id]] = await office.fetch("SELECT mail_id FROM mail")
    async with office.desk.pool.acquire() as connection:
        await bury_mail(connection, mail_id, 5, "refused")
    [row] = await office.fetch("SELECT params ? 'sealed', params ? 'bills', dead_at FROM mail")
    assert tuple(row) == (False, True, 5)


async def test_g8_consent_is_kept_five_years_after_it_ended(office):
    now = await now_of(office)
    account = (await person(office, 0)).account_id
    rows = [(1, True, now), (2, False, now + YEAR_S), (3, True, now + 2 * YEAR_S)]
    for number, given, at in rows:
        await office.fetch(
            "INSERT INTO consent VALUES ($1, $2, $3, 'news', $4, $5, 'web', '1')",
            account,
            number,
            shard_of(account),
            given,
            at,
        )

    async def left():
        return [row[0] for row in await office.fetch("SELECT consent_id FROM consent ORDER BY 1")]

    office.desk.clock.shift_s += 6 * YEAR_S - DAY
    await run(office)
    assert await left() == [1, 2, 3]
    await wait(office, 1)
    await run_retention(office.desk, asyncio.Event())
    assert await left() == [3]  # the giving ended with the withdrawal, the withdrawal at once
    office.desk.clock.shift_s += 20 * YEAR_S
    await run(office)
    assert await left() == [3]


async def test_g8_what_was_withdrawn_is_never_given_again_wherever_a_run_stops(office, monkeypatch):
    monkeypatch.setattr(retention, "STEP", 1)
    made = await person(office, 1)
    told = []
    for given in (True, False, True, False):
        await do(office, partial(say, account_id=made.account_id, said=Said("marketing", given, "x", "1")))
        await wait(office, 1)
    # The givings lie behind the withdrawals now: a step takes what lies first.
    await office.fetch("UPDATE consent SET how = 'y' WHERE given")
    office.desk.clock.shift_s += 6 * YEAR_S
    for steps in range(1, 6):
        told.append(await stop_after(office, monkeypatch, steps, made.account_id))
    assert told == [False] * 5
    assert await office.fetch("SELECT FROM consent") == []


async def stop_after(office, monkeypatch, steps, account_id):
    """Run retention until it has swept so many rows; return whether consent stands then."""
    stop, swept = asyncio.Event(), []

    async def count(*asked):
        done = await sweep_some(*asked)
        swept.extend([1] * done)
        if len(swept) >= steps:
            stop.set()
        return done

    monkeypatch.setattr(retention, "sweep_some", count)
    await run_retention(office.desk, stop)
    return (await do(office, lambda work: see_consents(work, account_id, "marketing"))).given


async def test_g4_g5_answers_and_occasions_have_their_terms(office):
    now = await now_of(office)
    await office.fetch("INSERT INTO occasion VALUES ('\\x01', 1, $1)", now)
    for number, state in ((1, 1), (2, 0)):
        await office.fetch(
            "INSERT INTO privacy_request (request_id, shard, account_id, kind, regime, state, asked_at,"
            " due_at, asked_how, answered_at) VALUES ($1, 0, 5, 1, 1, $2, $3, $3, 'mail', $3)",
            number,
            state,
            now,
        )
    office.desk.clock.shift_s += 3 * YEAR_S - DAY
    assert await run(office) == {}
    await wait(office, 1)
    assert await run(office) == {"requests": 1, "occasions": 1}


async def test_g2_steps_are_small_and_a_run_that_was_stopped_goes_on(office, monkeypatch):
    monkeypatch.setattr(retention, "STEP", 2)
    now = await now_of(office)
    for number in range(5):
        await office.fetch("INSERT INTO event_address VALUES ($1, 0, $2, 'a')", number, now)
    await wait(office, 31)
    stopped = asyncio.Event()
    stopped.set()
    assert (await run_retention(office.desk, stopped)).total == 0
    assert await run(office) == {"addresses": 5}
    assert [(one.rule, one.changed) for one in await do(office, see_runs)] == [("addresses", 5)]


async def test_g2_a_run_is_kept_with_its_counts_and_told_of(office):
    await office.fetch("INSERT INTO event_address VALUES (1, 0, 1, 'a')")
    assert await run(office) == {"addresses": 1}
    runs = await do(office, see_runs)
    assert {one.rule: one.changed for one in runs} == {"addresses": 1}
    told = await office.fetch("SELECT rule, details::text FROM event WHERE kind = 122")
    assert [tuple(row) for row in told] == [("G2", '{"addresses": 1}')]


async def test_g2_certificate_files_go_a_month_after_their_licence_and_are_called_back_still(office):
    made = await office.account(2)
    for name in ("over", "in use"):
        await bring(office, LonelyMachine(office, made, name).file(await now_of(office)))
    [[license_id]] = await office.fetch("SELECT license_id FROM offline_file ORDER BY issued_at, jti LIMIT 1")
    await do(office, lambda work: revoke_licenses(work, Where(license_ids=[license_id])))
    await wait(office, 29)
    assert await run(office) == {}
    await wait(office, 2)
    assert await run(office) == {"offline_files": 1}
    rows = await office.fetch("SELECT license_id, answer = '', jti FROM offline_file")
    assert {(row[0] == license_id, row[1]) for row in rows} == {(True, True), (False, False)}
    bulletin = await office.desk.bulletins.read(
        office.desk.pool, office.desk.clock, office.desk.maker.ring, office.desk.issuer
    )
    assert bulletin.certificates == tuple(row[2] for row in rows if row[0] == license_id)


async def test_g2_messages_go_with_their_last_delivery(office):
    now = await now_of(office)
    await office.fetch("INSERT INTO hook VALUES (1, 'u', '', '{}', 0, 1, NULL)")
    for message, delivered in ((1, now), (2, None)):
        await office.fetch("INSERT INTO hook_message VALUES ($1, 'k', '{}', $2)", message, now)
        await office.fetch(
            "INSERT INTO hook_delivery (message_id, hook_id, next_at, delivered_at) VALUES ($1, 1, 1, $2)",
            message,
            delivered,
        )
    await wait(office, 31)
    done = await run_retention(office.desk, asyncio.Event())
    assert done.by_rule[RetentionRule.MESSAGES] == 2  # the delivery, then its message
    assert [row[0] for row in await office.fetch("SELECT message_id FROM hook_message")] == [2]


async def test_g2_former_seats_of_a_large_holding_lose_their_index(office):
    made = await office.account(20)
    done = await activate(office.desk, office.caller(), made.login, made.password, office.wish("old"))
    wish = office.wish("new", move=True, license_id=done.license.license_id)
    assert isinstance(
        await activate(office.desk, office.caller(), made.login, made.password, wish), Certified
    )
    seats = len(await office.fetch("SELECT FROM seat"))
    await wait(office, 91)
    assert await run(office) == {"devices": 1}
    left = await office.fetch(
        "SELECT s.activation_id, a.ended_at FROM seat s JOIN activation a USING (activation_id)"
    )
    assert 3 == len(left) <= seats
    assert {row[1] for row in left} == {None}
