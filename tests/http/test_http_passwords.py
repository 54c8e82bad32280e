"""A forgotten password over HTTP: the mailed link, what it is good for, that nothing tells who is there."""

import asyncio

import asyncpg
import pytest
from sample_browser import Browser
from sample_people import no_password
from sample_pools import open_shop
from sample_signed_in import SignedIn, owner_of

from activation.app import open_desk
from activation.licensing.events import EventKind
from activation.licensing.identifiers import ACCOUNT, RESELLER, to_text
from activation.service.identity.forgotten import LINK_S, MOST_AN_HOUR, MOST_MEANT
from activation.service.identity.link_requests import AskedLink
from activation.service.mailing.sealing import unseal
from activation.service.mailing.texts import write_letter
from activation.service.purchasing.buyers import digest_email
from activation.storage.outgoing.mails import read_recipient

ANN = "ann@example.org"
GOOD = "correct horse battery"


class Forgetful:
    """Somebody at the client who asks for links; the mails they get are read from the database."""

    def __init__(self, client, office):
        self.client, self.office = client, office

    async def ask(self, name):
        reply = await self.client.post("/v1/self/password-links", json={"login_or_email": name})
        await self.office.desk.link_requests.settle()
        return reply.status, await reply.json()

    async def use(self, link, password=None):
        message = {"link": link} if password is None else {"link": link, "password": password}
        reply = await self.client.post("/v1/self/passwords", json=message)
        return reply.status, await reply.json()

    async def mails(self, template="password_link"):
        return await self.office.fetch(
            "SELECT subject, params ->> 'sealed' AS sealed FROM mail WHERE template = $1 ORDER BY mail_id",
            template,
        )

    async def link(self, name):
        """Ask, and return the token of the last mail."""
        assert (await self.ask(name))[0] == 202
        return unseal(self.office.desk.secrets.mail, (await self.mails())[-1]["sealed"])["token"]

    async def address(self, subject, email=ANN):
        await self.office.fetch(
            "INSERT INTO personal (subject, shard, field, value) VALUES ($1, $1::bigint >> 55, 3, $2)",
            subject,
            email,
        )


@pytest.fixture
async def forgetful(office, client):
    return Forgetful(client, office)


@pytest.fixture
async def sam(office, forgetful):
    made = await office.staff("support")
    await forgetful.address(made.user_id)
    return made


async def test_staff_choose_a_new_password_and_all_their_sessions_end(office, client, forgetful, sam):
    browser = Browser(client, office)
    await browser.enter(sam)
    link = await forgetful.link(sam.login)
    status, told = await forgetful.use(link, GOOD)
    assert (status, told) == (200, {"login": sam.login})
    assert (await browser.get("/v1/self/session"))[0] == 401
    assert (await Browser(client, office).sign_in(sam))[0] == 401
    status, told = await Browser(client, office).sign_in(sam, GOOD)
    assert (status, told["stage"]) == (201, "second_factor"), "a link replaces no second factor"
    kinds = await office.fetch("SELECT kind, actor_id FROM event WHERE kind IN (86, 87) ORDER BY event_id")
    assert [tuple(row) for row in kinds] == [
        (EventKind.PASSWORD_LINK_SENT, None),
        (EventKind.PASSWORD_CHANGED, sam.user_id),
    ]
    assert [row["subject"] for row in await forgetful.mails("password_changed_tokens")] == [sam.user_id]
    assert (await SignedIn(client, sam.token).get("licenses"))[0] == 401, "nor do tokens outlive it"


async def test_an_end_user_gets_a_generated_password_for_login_or_email(office, client, forgetful):
    account = await office.account()
    await forgetful.address(account.account_id)
    login, password = account.login, account.password
    for name in (login.upper(), f"  {ANN.upper()} "):
        link = await forgetful.link(name)
        status, told = await forgetful.use(link, GOOD)
        assert (status, told["field"]) == (400, "password"), "owners' passwords are generated"
        status, told = await forgetful.use(link)
        assert (status, set(told)) == (200, {"login", "password"})
        reply = await client.get("/v1/licenses", headers=owner_of(login, password))
        assert reply.status == 401
        password = told["password"]
        reply = await client.get("/v1/licenses", headers=owner_of(login, password))
        assert reply.status == 200


async def test_a_stolen_session_does_not_become_the_account(office, client, forgetful):
    """A new e-mail needs the password, and no link goes to one that nobody confirmed."""
    account = await office.account()
    await forgetful.address(account.account_id)
    browser = Browser(client, office)
    await browser.enter(account)
    office.desk.clock.shift_s += 601
    changed = {"email": "thief@evil.example"}
    status, told = await browser.post("/v1/me/data", changed)
    assert (status, told["step_up"]) == (403, True)
    assert (await browser.post("/v1/me/data", {"name": "Ann"}))[0] == 200
    assert (await browser.post("/v1/self/step-up", {"password": account.password}))[0] == 200
    assert (await browser.post("/v1/me/data", changed))[0] == 200
    await forgetful.ask("thief@evil.example")
    assert await forgetful.mails() == []
    link = await forgetful.link(account.login)
    async with office.desk.pool.acquire() as connection:
        recipient = await read_recipient(connection, account.account_id)
    assert recipient.address == ANN
    [confirm] = await forgetful.mails("email_confirm")
    code = unseal(office.desk.secrets.mail, confirm["sealed"])["code"]
    assert (await browser.post("/v1/me/data/confirmation", {"code": code}))[0] == 200
    assert (await forgetful.use(link))[0] == 404, "what went to the address before ended"
    await forgetful.link("thief@evil.example")


async def test_without_a_confirmed_address_there_are_no_links(office, client, forgetful):
    account = await office.account()
    headers = owner_of(account.login, account.password)
    reply = await client.post("/v1/me/data", json={"email": ANN}, headers=headers)
    assert reply.status == 200
    for name in (account.login, ANN):
        await forgetful.ask(name)
    assert await forgetful.mails() == []


async def test_where_staff_write_another_email_links_before_it_end(office, client, forgetful):
    account = await office.account()
    await forgetful.address(account.account_id)
    link = await forgetful.link(account.login)
    support = SignedIn(client, (await office.staff("support")).token)
    path = f"privacy/accounts/{to_text(ACCOUNT, account.account_id)}/rectify"
    assert (await support.post(path, {"email": "new@example.org"}))[0] == 200
    assert (await forgetful.use(link))[0] == 404
    await forgetful.link("new@example.org")


async def test_a_resellers_owner_is_reached_by_the_resellers_address(office, client, forgetful):
    shop = await open_shop(office)
    await forgetful.address(shop.reseller_id)
    link = await forgetful.link(ANN)
    status, told = await forgetful.use(link, GOOD)
    assert (status, told) == (200, {"login": shop.person.login})


async def test_a_link_is_good_once_and_only_the_newest_is(office, forgetful, sam):
    first, second = await forgetful.link(sam.login), await forgetful.link(sam.login)
    refused = [await forgetful.use(first, GOOD), await forgetful.use("lnk_unknown", GOOD)]
    done = await asyncio.gather(*(forgetful.use(second, f"{GOOD} {number}") for number in range(4)))
    assert sorted(status for status, _ in done) == [200, 404, 404, 404]
    refused += [one for one in done if one[0] != 200]
    refused.append(await forgetful.use(second, GOOD))
    late = await forgetful.link(sam.login)
    office.desk.clock.shift_s += LINK_S
    refused.append(await forgetful.use(late, GOOD))
    alike = {(status, told["code"], told["detail"]) for status, told in refused}
    assert len(alike) == 1, "used, replaced, late and unknown are refused alike"


async def test_a_password_that_is_refused_leaves_the_link_good(forgetful, sam):
    link = await forgetful.link(sam.login)
    for chosen in (None, "short", f"my login is {sam.login}"):
        status, told = await forgetful.use(link, chosen)
        assert (status, told["field"]) == (400, "password")
    assert (await forgetful.use(link, GOOD))[0] == 200


async def test_a_link_of_somebody_who_was_suspended_is_no_good(office, forgetful, sam):
    link = await forgetful.link(sam.login)
    await office.fetch("UPDATE staff SET state = 1")
    assert (await forgetful.use(link, GOOD))[0] == 404
    assert (await forgetful.ask(sam.login))[0] == 202
    assert len(await forgetful.mails()) == 1


async def test_nothing_tells_a_known_login_from_an_unknown_one(office, forgetful, sam):
    known = [await forgetful.ask(name) for name in (sam.login, ANN)]
    unknown = [await forgetful.ask(name) for name in ("nobody-here", "nobody@example.org", "x" * 256)]
    assert {(status, str(told)) for status, told in known} == {
        (status, str(told)) for status, told in unknown
    }
    assert len(await forgetful.mails()) == 2


async def test_nobody_gets_more_than_three_mails_an_hour_by_whatever_name(office, forgetful, sam):
    for name in (sam.login, ANN) * MOST_AN_HOUR:
        assert (await forgetful.ask(name))[0] == 202
    assert len(await forgetful.mails()) == MOST_AN_HOUR
    status, told = await forgetful.ask(sam.login)
    assert (status, told["code"]) == (429, "rate_limited")
    assert (await forgetful.ask("nobody-here"))[0] == 202
    office.desk.clock.shift_s += 3601
    await forgetful.ask(sam.login)
    assert len(await forgetful.mails()) == MOST_AN_HOUR + 1


async def test_an_address_asks_for_few_links(office, forgetful):
    statuses = [(await forgetful.ask(f"somebody {number}"))[0] for number in range(22)]
    assert statuses[:20] == [202] * 20
    assert set(statuses[20:]) == {429}


async def test_without_an_address_no_mail_is_written(office, forgetful):
    await forgetful.ask((await office.staff("sales")).login)
    await forgetful.ask((await office.account()).login)
    assert await forgetful.mails() == []


async def test_the_mail_shows_the_link_and_the_database_does_not(office, forgetful, sam):
    office.desk.public_url = "https://licences.example.com"
    link = await forgetful.link(sam.login)
    [row] = await office.fetch("SELECT subject, template, params FROM mail")
    assert link not in str(row)
    assert link not in str(await office.fetch("SELECT * FROM password_link"))
    opened = unseal(office.desk.secrets.mail, (await forgetful.mails())[-1]["sealed"])
    async with office.desk.pool.acquire() as connection:
        recipient = await read_recipient(connection, row["subject"])
    letter = write_letter("password_link", {"link_until": 1, **opened}, recipient)
    assert f"https://licences.example.com/console/password#{link}\n" in letter.body
    assert sam.login in letter.body
    assert recipient.address == ANN


async def test_an_admin_has_a_link_mailed_and_never_sees_it(office, client, forgetful, sam):
    boss = SignedIn(client, (await office.staff("admin")).token)
    _, people = await boss.get("people")
    ids = {one["login"]: one["staff_id"] for one in people["people"]}
    status, told = await boss.post(f"people/{ids[sam.login]}/password-link")
    assert (status, told) == (202, {"mailed": True})
    [mail] = await forgetful.mails()
    link = unseal(office.desk.secrets.mail, mail["sealed"])["token"]
    assert (await forgetful.use(link, GOOD))[0] == 200
    [[actor]] = await office.fetch("SELECT actor_id FROM event WHERE kind = 87")
    assert actor is not None
    without = await office.staff("sales")
    _, people = await boss.get("people")
    ids = {one["login"]: one["staff_id"] for one in people["people"]}
    assert (await boss.post(f"people/{ids[without.login]}/password-link"))[0] == 409


async def test_p2_a_new_login_ends_the_links_that_were_mailed(office, client, forgetful):
    shop = await open_shop(office)
    await forgetful.address(shop.reseller_id)
    boss = SignedIn(client, (await office.staff("admin")).token)
    users = f"resellers/{to_text(RESELLER, shop.reseller_id)}/users"
    link = await forgetful.link(shop.person.login)
    status, issued = await boss.post(f"{users}/{shop.person.login}/login")
    assert status == 200
    assert (await forgetful.use(link, GOOD))[0] == 404
    assert (await Browser(client, office).sign_in(shop.person, issued["password"]))[0] == 201
    owner = SignedIn(client, issued["token"], "/v1/reseller/")
    _, made = await owner.post("users", {"role": "operator"})
    [[user_id]] = await office.fetch("SELECT user_id FROM reseller_user WHERE login = $1", made["login"])
    await forgetful.address(user_id, "operator@example.org")
    for how in ("login", "close"):
        link = await forgetful.link(made["login"])
        status, _ = await owner.post(f"users/{made['login']}/{how}")
        assert status == 200
        assert (await forgetful.use(link, GOOD))[0] == 404
    assert await office.fetch("SELECT 1 FROM password_link WHERE used_at IS NULL") == []


async def test_nobody_is_crowded_out_by_accounts_that_bear_their_email(office, forgetful):
    """One reseller's customers may be many, and direct ones: what is known to be somebody's comes first."""
    crowd = [await office.account(0) for _ in range(6)]
    shop = await open_shop(office)
    for one in crowd:
        await forgetful.address(one.account_id)
    await office.fetch("UPDATE account SET reseller_id = $1", shop.reseller_id)
    victims = [await office.account(0) for _ in range(4)]
    for one in victims:
        await forgetful.address(one.account_id)
    bought = max(victims, key=lambda one: one.account_id)
    await office.fetch(
        "INSERT INTO account_by_email (digest, account_id) VALUES ($1, $2)",
        digest_email(office.desk.secrets.passwords, ANN),
        bought.account_id,
    )
    await forgetful.ask(ANN.upper())
    mailed = [row["subject"] for row in await forgetful.mails()]
    assert (len(mailed), mailed[0]) == (MOST_MEANT, bought.account_id)
    assert len(set(mailed) & {one.account_id for one in victims}) >= 3


async def test_one_resellers_many_customers_do_not_crowd_out_anothers(office, forgetful):
    shops = [await open_shop(office) for _ in range(2)]
    for shop, count in zip(shops, (20, 1), strict=True):
        for _ in range(count):
            made = await office.account(0)
            await forgetful.address(made.account_id)
            await office.fetch(
                "UPDATE account SET reseller_id = $1 WHERE account_id = $2", shop.reseller_id, made.account_id
            )
    await forgetful.ask(ANN)
    assert made.account_id in [row["subject"] for row in await forgetful.mails()]


async def test_what_was_asked_for_just_before_a_worker_ends_is_still_mailed(dsn, settings, make_office):
    async with open_desk(settings, dsn) as desk:
        office = make_office(desk)
        made = await office.staff("support", no_password)
        await Forgetful(None, office).address(made.user_id)
        assert desk.link_requests.put(AskedLink(made.login, "0000-7kq2"))
    connection = await asyncpg.connect(dsn)
    [[mailed]] = await connection.fetch("SELECT count(*) FROM mail WHERE template = 'password_link'")
    await connection.close()
    assert mailed == 1
