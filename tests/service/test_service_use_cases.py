"""The use cases on a whole desk: what each answers, refuses and leaves behind."""

import dataclasses
import json

import pytest

from activation.licensing.identifiers import ACTIVATION, LICENSE, make_id, shard_of, to_text
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import Certified, activate
from activation.service.activating.holdings import Listing, list_holdings
from activation.service.activating.renewals import Released, release, renew
from activation.service.batching.batcher import QueueFullError
from activation.service.desk import DeviceReading
from activation.service.provisioning import grant_licenses, make_account, make_reseller
from activation.service.resetting.resets import ResetDone, reset_own
from activation.storage.accounts import AccountExistsError, PersonalField
from crypto.verifying import verify_certificate

DAY = 86400


class Client:
    """Somebody with an account who comes to the office."""

    def __init__(self, office, made):
        self.office, self.made = office, made

    async def activate(self, name="laptop", password=None, **fields):
        login, secret = self.made.login, password or self.made.password
        return await activate(
            self.office.desk, self.office.caller(), login, secret, self.office.wish(name, **fields)
        )

    async def renew(self, certified, name="laptop", major=None):
        certificate = certified.issued.certificate
        return await renew(
            self.office.desk, self.office.caller(), certificate, self.office.device(name), major
        )

    async def release(self, certified, name="laptop"):
        certificate = certified.issued.certificate
        return await release(self.office.desk, self.office.caller(), certificate, self.office.device(name))

    async def reset(self, license_id, password=None):
        secret = password or self.made.password
        return await reset_own(self.office.desk, self.office.caller(), self.made.login, secret, license_id)

    async def list(self, password=None, after=0):
        secret = password or self.made.password
        return await list_holdings(self.office.desk, self.office.caller(), self.made.login, secret, after)


@pytest.fixture
def client(office):
    async def make(licenses=1, **fields):
        return Client(office, await office.account(licenses, **fields))

    return make


def certified(done):
    assert isinstance(done, Certified), done
    return done


def code(done):
    assert isinstance(done, Refused), done
    return done.code


async def test_an_activation_ends_in_a_certificate_that_verifies(office, client):
    anna = await client()
    done = certified(await anna.activate())
    assert (done.is_new, done.can_reset, done.next_reset_at, done.notices) == (True, True, None, ())
    issued, ring = done.issued, office.desk.maker.ring
    terms = verify_certificate(
        issued.certificate, issued.delegation, ring.roots, product="softphone", now=issued.validity.issued_at
    )
    assert terms.license_id == to_text(LICENSE, done.license.license_id)
    assert terms.activation_id == to_text(ACTIVATION, done.activation.activation_id)
    assert set(terms.components) == {"hdd_serial", "system_uuid", "mac"}
    assert (terms.kind, terms.major, terms.policy, terms.moves) == ("perpetual", 5, "standard/1", 0)


async def test_the_same_device_within_the_hour_gets_the_same_bytes(office, client):
    anna = await client(2)
    first = certified(await anna.activate())
    again = certified(await anna.activate())
    renewed = certified(await anna.renew(first))
    assert not again.is_new
    hours = {done.issued.validity.issued_at for done in (first, again, renewed)}
    if len(hours) == 1:  # unless an hour ended between them
        assert first.issued == again.issued == renewed.issued


async def test_one_hour_later_the_bytes_are_others(office, client):
    done = certified(await (await client()).activate())
    maker, product = office.desk.maker, office.desk.catalogue.by_code["softphone"]
    begin = done.issued.validity.issued_at
    account_id = (await office.fetch("SELECT account_id FROM account"))[0][0]

    def issue(at):
        return maker.issue(product, account_id, done.license, done.activation, at)

    assert issue(begin) == issue(begin + 3599) == done.issued
    assert issue(begin + 3600) != done.issued
    assert issue(begin + 3600).validity.issued_at == begin + 3600


async def test_another_worker_gives_the_same_bytes(office, client):
    done = certified(await (await client()).activate())
    maker = type(office.desk.maker)(
        office.desk.maker.ring,
        office.settings.issuer,
        office.desk.secrets.devices,
        office.desk.secrets.tags,
    )
    product = office.desk.catalogue.by_code["softphone"]
    account_id = (await office.fetch("SELECT account_id FROM account"))[0][0]
    at = done.issued.validity.issued_at
    assert maker.issue(product, account_id, done.license, done.activation, at) == done.issued


async def test_a_wrong_password_an_unknown_login_and_an_unknown_product_look_alike(office, client):
    anna = await client()
    stranger = Client(office, dataclasses.replace(anna.made, login="nobody"))
    answers = [
        await anna.activate(password="wrong"),
        await stranger.activate(),
        await anna.activate(password="wrong", product="unheard-of"),
    ]
    assert [(code(each), each.detail, each.facts) for each in answers] == [
        ("credentials", answers[0].detail, {})
    ] * 3
    assert code(await anna.activate(product="unheard-of")) == "no_license"


async def test_the_eleventh_wrong_password_is_told_to_wait_and_the_right_one_still_works(client):
    anna = await client()
    answers = [await anna.activate(password="wrong") for _ in range(12)]
    assert [code(each) for each in answers] == ["credentials"] * 10 + ["rate_limited"] * 2
    assert all(59 < each.facts["retry_after_s"] <= 61 for each in answers[10:])
    certified(await anna.activate())
    assert code(await anna.list(password="wrong")) == "rate_limited"
    assert isinstance(await anna.list(), Listing)


async def test_d3_a_device_that_nothing_tells_apart_is_refused_with_the_reasons(office, client):
    anna = await client()
    device = DeviceReading("linux", "vm", {"hdd_serial": "QM00001", "machine_id": "a" * 32})
    refused = await anna.activate(device=device)
    assert code(refused) == "device_unidentifiable"
    assert {"component", "reason"} == set(refused.facts["ignored"][0])
    assert "QM00001" not in json.dumps(refused.facts)


async def test_d3_an_install_id_serves_where_the_product_allows_it_with_a_notice(office, client):
    anna = await client(0)
    async with office.desk.pool.acquire() as connection:
        await office_grant(connection, office, anna, 2)
    device = DeviceReading("linux", "vm", {"install_id": "q8Zx3v5n7m2k4j6h8g1f3d5s7a9p0o2i"})
    assert code(await anna.activate(device=device)) == "device_unidentifiable"
    done = certified(await anna.activate(device=device, product="anywhere"))
    assert done.notices == (
        "This device has no hardware part to know it by; it is known by its install id only.",
    )


async def office_grant(connection, office, client, product_id):
    await grant_licenses(connection, office.ids, client.made.account_id, product_id, 5, 1)


async def test_d2_a_strict_product_refuses_a_device_without_its_parts(office, client):
    anna = await client(0)
    async with office.desk.pool.acquire() as connection:
        await office_grant(connection, office, anna, 3)
    components = office.components("laptop")
    del components["mac"]
    device = DeviceReading("linux", "laptop", components)
    refused = await anna.activate(device=device, product="strictly")
    assert code(refused) == "device_unidentifiable"
    assert "mac" in refused.detail
    certified(await anna.activate(product="strictly"))


async def test_d4_a_changed_part_is_told_in_the_notices(office, client):
    anna = await client()
    certified(await anna.activate())
    changed = office.components("laptop") | {"hdd_serial": "S-NEW-DISK-1"}
    done = certified(await anna.activate(device=DeviceReading("linux", "", changed)))
    assert done.notices == ("These parts of the device changed and are now known: hdd_serial.",)
    kinds = await office.fetch(
        "SELECT kind, details FROM event WHERE activation_id IS NOT NULL ORDER BY kind"
    )
    assert [(row[0], row[1]) for row in kinds] == [(1, None), (2, '{"drifted": ["hdd_serial"]}')]


async def test_no_serial_and_no_name_reach_the_database_outside_personal(office, client):
    anna = await client()
    certified(await anna.activate())
    for table in ("activation", "event", "license", "holding", "account", "reset"):
        rows = await office.fetch(f"SELECT t::text FROM {table} t")
        assert not [row for row in rows if "SERIAL" in row[0] or "laptop" in row[0]]
    assert [row[0] for row in await office.fetch("SELECT value FROM personal WHERE field = 6")] == [
        "the laptop"
    ]


async def test_r8_renewing_after_a_reset_is_superseded(office, client):
    anna = await client()
    done = certified(await anna.activate())
    freed = await anna.reset(done.license.license_id)
    assert isinstance(freed, ResetDone)
    assert shard_of(freed.reset_id) == shard_of(done.license.license_id)
    assert code(await anna.renew(done)) == "superseded"
    assert code(await anna.release(done)) == "superseded"


async def test_a_certificate_of_somebody_else_renews_nothing(client):
    anna = await client()
    done = certified(await anna.activate())
    for certificate in ("", "a.b.c", done.issued.certificate[:-4] + "AAAA", done.issued.delegation):
        forged = dataclasses.replace(done, issued=dataclasses.replace(done.issued, certificate=certificate))
        assert code(await anna.renew(forged)) == "certificate_invalid"
        assert code(await anna.release(forged)) == "certificate_invalid"


async def test_a_certificate_for_a_product_that_is_gone_renews_nothing(office, client):
    anna = await client()
    done = certified(await anna.activate())
    office.desk.catalogue.by_code.pop("softphone")
    assert code(await anna.renew(done)) == "certificate_invalid"


async def test_a_renewal_needs_a_device_that_can_be_told(office, client):
    anna = await client()
    done = certified(await anna.activate())
    blank = DeviceReading("linux", "", {})
    refused = await renew(office.desk, office.caller(), done.issued.certificate, blank, None)
    assert code(refused) == "device_unidentifiable"
    assert code(await anna.renew(done, "desktop")) == "device_mismatch"
    assert code(await anna.renew(done, major=6)) == "version_not_covered"


async def test_r10_a_release_is_repeatable(client):
    anna = await client()
    done = certified(await anna.activate())
    first, second = await anna.release(done), await anna.release(done)
    assert isinstance(first, Released)
    assert first == second
    assert first.next_at is not None


async def test_the_activation_password_activates_and_does_nothing_else(client):
    company = await client(2, rolled_out=True)
    word = company.made.activation_password
    done = certified(await company.activate(password=word))
    assert code(await company.activate("other", password=word, move=True)) == "forbidden"
    assert code(await company.list(password=word)) == "forbidden"
    assert code(await company.reset(done.license.license_id, password=word)) == "forbidden"


async def test_r1_another_accounts_licence_cannot_be_reset_nor_told_from_none(client):
    anna, bert = await client(), await client()
    done = certified(await anna.activate())
    theirs = await bert.reset(done.license.license_id)
    nobodys = await bert.reset(make_id(3, 12345))
    none = await bert.reset(0)
    assert code(theirs) == code(nobodys) == code(none) == "not_found"
    assert theirs.detail == nobodys.detail == none.detail
    assert code(await anna.reset(done.license.license_id, password="wrong")) == "credentials"
    certified(await anna.renew(done))


async def test_a_list_tells_devices_and_resets_a_page_at_a_time(client, monkeypatch):
    monkeypatch.setattr("activation.service.activating.holdings.PAGE", 2)
    anna = await client(3)
    done = certified(await anna.activate())
    await anna.reset(done.license.license_id)
    first = await anna.list()
    second = await anna.list(after=first.next_after)
    assert [len(first.rows), len(second.rows), second.next_after] == [2, 1, None]
    assert [row.can_reset for row in (*first.rows, *second.rows)] == [False, True, True]
    assert first.rows[0].next_reset_at is not None


async def test_a_licence_used_offline_is_listed_without_a_reset(office, client):
    anna = await client()
    certified(await anna.activate())
    await office.fetch("UPDATE activation SET online = false")
    (row,) = (await anna.list()).rows
    assert (row.can_reset, row.next_reset_at) == (False, None)


async def test_l8_a_closed_account_is_told_so_by_its_owner_alone(office, client):
    anna = await client()
    done = certified(await anna.activate())
    await office.fetch("UPDATE account SET state = 1")
    for answer in (await anna.activate(), await anna.list(), await anna.reset(done.license.license_id)):
        assert code(answer) == "account_closed"
    assert code(await anna.renew(done)) == "account_closed"
    assert code(await anna.list(password="wrong")) == "credentials"


async def test_a_full_queue_is_told_as_overloaded(office, client, monkeypatch):
    anna = await client()

    async def full(_case):
        raise QueueFullError("full")

    monkeypatch.setattr(office.desk.batcher, "submit", full)
    refused = [await anna.activate() for _ in range(20)]
    assert {code(one) for one in refused} == {"overloaded"}
    waits = {one.facts["retry_after_s"] for one in refused}
    assert waits <= set(range(1, 16))
    assert len(waits) > 1  # spread: who was turned away together does not come back together


async def test_a_database_that_is_away_is_told_as_unavailable(office, client, monkeypatch):
    monkeypatch.setattr("activation.service.batching.settling.PAUSE_S", 0.0)
    anna = await client()
    done = certified(await anna.activate())
    await office.desk.pool.close()
    for answer in (
        await anna.activate(),
        await anna.renew(done),
        await anna.release(done),
        await anna.list(),
        await anna.reset(done.license.license_id),
    ):
        assert (code(answer), answer.facts) == ("unavailable", {"retry_after_s": 5})


async def test_p2_generated_credentials_are_stored_as_hashes_only(office):
    async with office.desk.pool.acquire() as connection:
        made = await make_account(
            connection,
            office.keys,
            office.ids,
            login="Anna",
            personal={PersonalField.EMAIL: "anna@example.org"},
            rolled_out=True,
        )
        with pytest.raises(AccountExistsError):
            await make_account(connection, office.keys, office.ids, login=" anna ")
        reseller = await make_reseller(connection, office.keys, office.ids, "Reseller Ltd")
        person = await office.staff("sales")
        everything = [
            row[0]
            for table in ("account", "personal", "staff", "staff_token", "reseller_user", "event")
            for row in await connection.fetch(f"SELECT t::text FROM {table} t")
        ]
    secrets = [made.password, made.activation_password, person.password, person.totp_secret, person.token]
    secrets += [reseller.password, reseller.totp_secret]
    assert not [secret for secret in secrets if any(secret in line for line in everything)]
    assert not [secret for secret in secrets if secret in repr((made, person, reseller))]
    assert len(set(secrets)) == len(secrets)
    rows = await office.fetch("SELECT field, value FROM personal ORDER BY field")
    assert [tuple(row) for row in rows] == [(1, "Anna"), (3, "anna@example.org")]
    kinds = [row[0] for row in await office.fetch("SELECT kind FROM event ORDER BY kind")]
    assert kinds == [10, 12]
