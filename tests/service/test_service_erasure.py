"""G3, G5: erasing a person, on a real database: what goes, what ends, what stays."""

import asyncio
import json
import stat

import pytest
from service.sample_acts import do, now_of, refusal
from service.sample_offline import LonelyMachine, bring
from service.sample_privacy import MARK, come, erase, leave_traces, look, person, whereabouts
from service.sample_shop import Shop

from activation.licensing.privacy.retention import YEAR_S
from activation.licensing.verdicts import Refusal, Refused
from activation.service.activating.activations import Certified, activate
from activation.service.activating.renewals import renew
from activation.service.privacy.erasing import erase_account
from activation.service.privacy.forgetting_users import UserKind, erase_user
from activation.service.privacy.previewing import preview_erasure
from activation.service.provisioning import grant_licenses, make_account
from activation.service.working import act_as_system
from activation.storage.accounts import AccountExistsError

ORDER = (
    "INSERT INTO purchase (purchase_id, account_id, product_id, major, quantity, unit, total, method, state,"
    " placed_at, due_at, reference) VALUES ($1, $2, 1, 5, 1, 10, 10, 1, $3, $4::bigint, $4::bigint + 100, $5)"
)


async def test_g3_everything_about_the_person_goes_wherever_it_stands(office):
    made = await person(office)
    assert isinstance(await come(office, made), Certified)
    await leave_traces(office, made.account_id)
    held = await whereabouts(office)
    assert held.keys() > {"personal.value", "license_note.note", "mail.params", "session.browser"}
    done = await erase(office, made.account_id)
    assert (done.licenses, done.devices, done.bills_kept, done.billing_until) == (2, 1, 0, None)
    assert await whereabouts(office) == {}


async def test_g4_the_written_answers_stay_when_the_person_is_erased(office):
    made = await person(office)
    await leave_traces(office, made.account_id)
    assert any("answers" in one.what for one in (await look(office, made.account_id)).kept)
    await erase(office, made.account_id)
    [row] = await office.fetch("SELECT asked_how, verified_how, answer FROM privacy_request")
    assert tuple(row) == ("", None, "Here it is.")


async def test_g3_the_devices_digests_go_too(office):
    made = await person(office, 20)  # a large holding has an index of seats
    for name in ("one", "two"):
        await come(office, made, name)
    before = await office.fetch("SELECT enrolment FROM activation")
    assert len(await office.fetch("SELECT FROM seat")) == 6
    await erase(office, made.account_id)
    assert await office.fetch("SELECT FROM seat") == []
    after = await office.fetch("SELECT enrolment, device_key, ended_at FROM activation")
    assert {tuple(row)[1:] for row in after} == {(None, None)}
    assert {len(row[0]) for row in after} == {14}
    assert not {row[0] for row in before} & {row[0] for row in after}


async def test_g3_a_former_device_is_forgotten_as_well(office):
    made = await person(office, 1)
    first = await come(office, made, "first")
    await office.fetch("UPDATE license SET self_reset_at = NULL")
    wish = office.wish("second", move=True)
    assert isinstance(
        await activate(office.desk, office.caller(), made.login, made.password, wish), Certified
    )
    assert isinstance(first, Certified)
    await erase(office, made.account_id)
    rows = await office.fetch("SELECT octet_length(enrolment) FROM activation")
    assert [row[0] for row in rows] == [14, 14]
    assert await office.fetch("SELECT FROM personal") == []


async def test_g3_the_preview_says_what_ends_and_what_is_kept_until_when(office):
    made = await person(office)
    await come(office, made)
    now = await now_of(office)
    await office.fetch(ORDER, office.ids.new(0), made.account_id, 0, now, None)
    preview = await look(office, made.account_id)
    assert (preview.licenses, preview.devices, preview.billing.bills) == (2, 1, 1)
    assert [(one.license_id > 0, one.devices) for one in preview.first_licenses] == [(True, 1), (True, 0)]
    [bill] = preview.open_bills
    assert (bill.kind, str(bill.open), bill.due_at) == ("order", "10.00", now + 100)
    assert preview.kept[0].until == now + 100 + 10 * YEAR_S
    assert all(one.what and one.why for one in preview.kept)
    assert (await look(office, made.account_id)).shown == preview.shown


async def test_g3_only_what_was_shown_is_erased(office):
    made = await person(office)
    shown = (await look(office, made.account_id)).shown
    async with office.desk.pool.acquire() as connection:
        await grant_licenses(connection, office.ids, made.account_id, 1, 5, 1)
    refused = await refusal(office, lambda work: erase_account(work, made.account_id, shown))
    assert refused.code is Refusal.CONFLICT
    assert refused.facts["shown"] == (await look(office, made.account_id)).shown != shown
    assert (await whereabouts(office))["personal.value"] == 5
    assert not office.settings.erasures_file.exists()
    other = await person(office, mark="another")
    refused = await refusal(office, lambda work: erase_account(work, other.account_id, shown))
    assert refused.code is Refusal.CONFLICT


async def test_g3_bills_keep_name_and_address_and_pending_orders_stay(office):
    made = await person(office)
    now = await now_of(office)
    await office.fetch(ORDER, 71, made.account_id, 1, now - 1000, "shop 71")
    await office.fetch(ORDER, 72, made.account_id, 0, now, "shop 72")
    done = await erase(office, made.account_id)
    assert (done.bills_kept, done.billing_until) == (2, now + 100 + 10 * YEAR_S)  # since the last is due
    assert await whereabouts(office) == {"billing_identity.name": 1, "billing_identity.address": 1}
    orders = await office.fetch("SELECT state, reference, account_id FROM purchase ORDER BY purchase_id")
    assert [tuple(row) for row in orders] == [
        (1, "shop 71", made.account_id),
        (0, "shop 72", made.account_id),
    ]


async def test_g3_nobody_gets_in_and_nobody_gets_the_login(office):
    made = await person(office, 1)
    certified = await come(office, made)
    await erase(office, made.account_id)
    assert (await come(office, made)).code is Refusal.CREDENTIALS
    refused = await renew(
        office.desk, office.caller(), certified.issued.certificate, office.device(MARK), None
    )
    assert refused.code is Refusal.ACCOUNT_CLOSED
    async with office.desk.pool.acquire() as connection:
        with pytest.raises(AccountExistsError):
            await make_account(connection, office.keys, office.ids, login=made.login.upper())


async def test_g5_sums_of_pool_occasions_and_the_log_stay(office):
    shop = Shop(office)
    await shop.open()
    seller = await shop.reseller()
    customer, _ = await shop.customer(seller.reseller_id, 2)
    await office.fetch("INSERT INTO occasion VALUES ('\\x01', 1, 5)")
    tables = ("pool_entry", "occasion", "event")
    before = {table: await office.fetch(f"SELECT * FROM {table}") for table in tables}
    await erase(office, customer.account_id)
    for table in tables:
        after = await office.fetch(f"SELECT * FROM {table}")
        assert all(row in after for row in before[table]), table
    rows = await office.fetch("SELECT value FROM personal WHERE subject = $1", customer.account_id)
    assert rows == []
    told = await office.fetch("SELECT details FROM event WHERE kind = 117")
    assert json.loads(told[0][0]) == {"licenses": 2, "subscriptions": 0, "bills_kept": 0}


async def test_g5_the_ledger_is_on_disk_before_the_erasure_commits(office):
    made = await person(office)
    path = office.settings.erasures_file

    async def fail_late(work):
        preview = await preview_erasure(work, made.account_id)
        await erase_account(work, made.account_id, preview.shown)
        raise RuntimeError("the machine stops")

    with pytest.raises(RuntimeError):
        await do(office, fail_late)
    assert (await whereabouts(office))["personal.value"] == 5
    [entry] = office.desk.erasures.read()
    assert entry.erased_id == made.account_id
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert MARK not in path.read_text()


async def test_g3_an_erasure_is_done_once(office):
    made = await person(office)
    await erase(office, made.account_id)
    refused = await refusal(office, lambda work: preview_erasure(work, made.account_id))
    assert (refused.code, refused.rule) == (Refusal.CONFLICT, "G3")
    assert (await refusal(office, lambda work: preview_erasure(work, 12345))).code is Refusal.NOT_FOUND


async def test_g3_staff_and_resellers_users_are_erased_but_not_the_last_admin(office):
    admin, agent = await office.staff("admin"), await office.staff("support")
    refused = await refusal(office, lambda work: erase_user(work, UserKind.STAFF, admin.login))
    assert refused.code is Refusal.CONFLICT
    await office.fetch("INSERT INTO personal VALUES ($1, 0, 3, $2)", agent.user_id, MARK)
    done = await do(office, lambda work: erase_user(work, UserKind.STAFF, agent.login))
    assert done == agent.user_id
    rows = await office.fetch("SELECT login, state FROM staff WHERE staff_id = $1", agent.user_id)
    assert [tuple(row) for row in rows] == [(f"erased {agent.user_id}", 1)]
    assert await whereabouts(office) == {}
    assert await whereabouts(office, agent.login) == {}
    assert await office.fetch("SELECT FROM staff_token WHERE staff_id = $1", agent.user_id) == []
    unknown = await refusal(office, lambda work: erase_user(work, UserKind.RESELLER, agent.login))
    assert unknown.code is Refusal.NOT_FOUND


async def test_g3_a_device_that_comes_meanwhile_leaves_nothing_either(office):
    """Activations race with the erasure: whoever is first, nothing of the person is left."""
    outcomes = set()
    for number in range(12):
        mark = f"racer{number:02d}x"
        made = await person(office, 3, mark)
        shown = (await look(office, made.account_id)).shown

        async def erase_now(account_id=made.account_id, shown=shown):
            return await act_as_system(office.desk, lambda work: erase_account(work, account_id, shown))

        devices = [come(office, made, f"{mark} {each}") for each in range(3)]
        *came, done = await asyncio.gather(*devices, erase_now())
        outcomes |= {type(one).__name__ for one in came}
        if isinstance(done, Refused):  # a device came first: what was shown is no more
            assert done.code is Refusal.CONFLICT
            await erase(office, made.account_id)
        assert await whereabouts(office, mark) == {}
    assert outcomes <= {"Certified", "Refused"}
    rows = await office.fetch("SELECT DISTINCT octet_length(enrolment) FROM activation")
    assert {row[0] for row in rows} <= {14}


async def test_g3_two_erasures_at_once_are_one(office):
    made = await person(office, 1)
    shown = (await look(office, made.account_id)).shown

    async def erase_now():
        return await act_as_system(office.desk, lambda work: erase_account(work, made.account_id, shown))

    done = await asyncio.gather(*(erase_now() for _ in range(4)))
    assert sorted(isinstance(one, Refused) for one in done) == [False, True, True, True]
    assert len(office.desk.erasures.read()) == 1


async def test_r2_a_certificate_for_ever_is_still_called_back_after_erasure(office):
    made = await office.account(1)
    machine = LonelyMachine(office, made)
    request = machine.file(await now_of(office))
    assert "CERTIFICATE" in (await bring(office, request)).decode().upper()
    [[jti, answer]] = await office.fetch("SELECT jti, answer FROM offline_file")
    assert answer
    await erase(office, made.account_id)
    [row] = await office.fetch("SELECT jti, answer, octet_length(request_hash) FROM offline_file")
    assert tuple(row) == (jti, b"", 32)
    bulletin = await office.desk.bulletins.read(
        office.desk.pool, office.desk.clock, office.desk.maker.ring, office.desk.issuer
    )
    assert jti in bulletin.certificates
