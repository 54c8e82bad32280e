"""P5, P6, T1-T5, C2, C3 over HTTP: pool, customers and assignments, and what nobody else sees of them."""

import asyncio
import io
import time

import asyncpg
import pytest
from sample_pools import open_shop
from sample_signed_in import SignedIn

from activation.licensing.identifiers import ACCOUNT, ORDER, RESELLER, to_text
from activation.storage.identity.people import become_tenant
from activation.storage.lending import lend
from activation.storage.reselling.pool_ledger import prove

SOFTPHONE = {"product": "softphone", "major": 5}


@pytest.fixture
async def shop(office):
    return await open_shop(office)


@pytest.fixture
async def anna(shop):
    return await shop.customer(name="Anna", email="anna@example.com")


def owner_of(client, shop):
    return SignedIn(client, shop.token, "/v1/reseller/")


async def post(client, shop, path, message, key=None):
    return await owner_of(client, shop).post(path, message, key)


async def get(client, shop, path, **params):
    return await owner_of(client, shop).get(path, **params)


async def test_p5_from_order_to_customer(client, shop):
    order = await shop.stock(5)
    status, made = await post(client, shop, "customers", {"name": "Anna", "email": "anna@example.com"})
    assert (status, made["activation_password"], made["account_id"][:4]) == (201, None, ACCOUNT)
    message = {**SOFTPHONE, "count": 2, "login": made["login"]}
    status, done = await post(client, shop, "assignments", message)
    assert status == 201
    assert done == {
        **done,
        "account_id": made["account_id"],
        "product": "softphone",
        "kind": "perpetual",
        "license_ends_at": None,
        "ended_tests": [],
    }
    status, by_id = await post(client, shop, "assignments", {**SOFTPHONE, "account": made["account_id"]})
    assert (status, len(by_id["license_ids"])) == (201, 1)
    status, pool = await get(client, shop, "pool")
    assert pool["pools"] == [
        {
            **SOFTPHONE,
            "kind": "perpetual",
            "balance": 2,
            "paid": 5,
            "granted": 0,
            "assigned": 3,
            "forfeited": 0,
            "used": 0,
        }
    ]
    status, told = await get(client, shop, "pool/entries", **SOFTPHONE)
    assert [(one["seq"], one["delta"], one["balance"], one["why"]) for one in told["entries"]] == [
        (1, 5, 5, "paid"),
        (2, -2, 3, "assigned"),
        (3, -1, 2, "assigned"),
    ]
    assert {one["order_id"] for one in told["entries"]} == {to_text(ORDER, order)}
    assert told["entries"][1]["account_id"] == made["account_id"]
    status, later = await get(client, shop, "pool/entries", **SOFTPHONE, after=2)
    assert later["entries"] == told["entries"][2:]


async def test_c3_customers_and_their_licences(client, shop, anna):
    await shop.stock(5)
    account_id = to_text(ACCOUNT, anna.account_id)
    await post(client, shop, "assignments", {**SOFTPHONE, "count": 2, "account": account_id})
    status, told = await get(client, shop, "customers")
    (customer,) = told["customers"]
    assert (customer["account_id"], customer["login"], customer["name"]) == (account_id, anna.login, "Anna")
    assert customer["licenses"] == [{**SOFTPHONE, "kind": "perpetual", "bought": 2, "used": 0, "free": 2}]
    assert (await get(client, shop, "customers", after=account_id))[1] == {"customers": []}
    status, one = await get(client, shop, f"customers/{account_id}")
    assert (status, one["email"]) == (200, "anna@example.com")
    assert [entry["state"] for entry in one["list"]] == ["active", "active"]
    assert (await get(client, shop, "customers/acc_0000000000000"))[0] == 404
    assert (await get(client, shop, "customers/nonsense"))[0] == 404


async def test_p5_a_hundred_at_once_on_a_pool_of_ten(client, office, shop, anna):
    await shop.stock(10)
    message = {**SOFTPHONE, "login": anna.login}

    async def one(n):
        """Ask as a program does: the same again while the server says that it is busy."""
        while (told := await post(client, shop, "assignments", message, f"key-{n}"))[0] == 503:
            await asyncio.sleep(0.2)
        return told

    first = await asyncio.gather(*(one(n) for n in range(100)))
    assert sorted(status for status, _ in first) == [201] * 10 + [409] * 90
    assert {body["code"] for status, body in first if status == 409} == {"pool_exhausted"}
    again = await asyncio.gather(*(one(n) for n in range(100)))
    assert again == first
    ids = {body["license_ids"][0] for status, body in first if status == 201}
    rows = await office.fetch("SELECT license_id FROM license")
    assert len(ids) == len(rows) == 10
    assert await shop.balance() == 0
    async with lend(office.desk.pool) as connection:
        assert await prove(connection) == []


async def test_p5_nobody_else_s_customer_is_found(client, office, shop, anna):
    other = await open_shop(office)
    await other.stock(5)
    account_id = to_text(ACCOUNT, anna.account_id)
    bodies = []
    for who in ({"login": anna.login}, {"account": account_id}, {"login": "nobody"}, {"account": "acc_x"}):
        status, body = await post(client, other, "assignments", {**SOFTPHONE, **who})
        assert status == 404
        bodies.append({name: body[name] for name in body if name != "trace_id"})
    assert bodies.count(bodies[0]) == len(bodies)
    assert (await get(client, other, f"customers/{account_id}"))[0] == 404
    assert (await get(client, other, "customers"))[1] == {"customers": []}
    assert await other.balance() == 5


async def test_p5_a_tenant_s_transaction_reads_nobody_else_s_rows(client, office, shop, anna):
    await shop.stock(5)
    await post(client, shop, "assignments", {**SOFTPHONE, "login": anna.login})
    other = await open_shop(office)
    tables = (
        "reseller",
        "reseller_user",
        "purchase",
        "pool_entry",
        "account",
        "license",
        "personal",
        "holding",
    )
    async with lend(office.desk.pool) as connection, connection.transaction():
        await become_tenant(connection, shop.reseller_id)
        own = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
    assert min(own.values()) > 0
    async with lend(office.desk.pool) as connection, connection.transaction():
        await become_tenant(connection, other.reseller_id)
        for table in tables:
            seen = await connection.fetchval(f"SELECT count(*) FROM {table}")
            assert (table, seen) == (table, 1 if table.startswith("reseller") else 0)
        changed = await connection.execute("UPDATE license SET ends_at = 1")
        assert changed == "UPDATE 0"


async def test_p5_a_tenant_finds_its_own_customers_only_whomever_it_names(office, shop, anna):
    other = await open_shop(office)
    for tenant, found in ((shop.reseller_id, [anna.account_id]), (other.reseller_id, [])):
        async with lend(office.desk.pool) as connection, connection.transaction():
            await become_tenant(connection, tenant)
            for asked in (
                "SELECT account_id FROM customers_by_email($1, '{anna@example.com}')",
                "SELECT customers_named($1, 'ann%')",
            ):
                rows = await connection.fetch(asked, shop.reseller_id)
                assert [row[0] for row in rows] == found, asked


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({**SOFTPHONE}, "login"),
        ({**SOFTPHONE, "login": "a", "account": "acc_x"}, "login"),
        ({**SOFTPHONE, "login": "a", "count": 0}, "count"),
        ({**SOFTPHONE, "login": "a", "count": 10_001}, "count"),
        ({**SOFTPHONE, "login": "a", "colour": "red"}, "colour"),
        ({"product": "softphone", "login": "a"}, "major"),
    ],
)
async def test_p5_what_cannot_be_understood_is_named(client, shop, message, field):
    status, body = await post(client, shop, "assignments", message)
    assert (status, body["code"], body["field"]) == (400, "malformed", field)


@pytest.mark.parametrize("email", ["no address", "a@b\r\nBcc: c@d", "a@b, c@d", "@b", "a@"])
async def test_p5_an_e_mail_is_one_address(client, shop, email):
    status, body = await post(client, shop, "customers", {"email": email})
    assert (status, body["field"]) == (400, "email")


@pytest.mark.parametrize("query", [{"kind": "none"}, {"major": "x"}, {"major": "99999"}, {"after": "-1"}])
async def test_p5_a_query_that_makes_no_sense_is_named(client, shop, query):
    status, body = await get(client, shop, "pool/entries", **{**SOFTPHONE, **query})
    assert (status, body["field"]) == (400, next(iter(query)))


async def test_t1_sales_grant_tests_and_see_the_pool(client, office, shop):
    path = f"/v1/staff/resellers/{to_text(RESELLER, shop.reseller_id)}"
    sales, support = await office.staff("sales"), await office.staff("support")
    message = {**SOFTPHONE, "count": 4}
    headers = {"Authorization": f"Bearer {support.token}"}
    assert (await client.post(f"{path}/tests", json=message, headers=headers)).status == 403
    headers = {"Authorization": f"Bearer {sales.token}", "Idempotency-Key": "once"}
    for _ in range(2):
        done = await client.post(f"{path}/tests", json=message, headers=headers)
        assert (done.status, (await done.json())["balance"]) == (200, 4)
    pool = await (await client.get(f"{path}/pool", headers=headers)).json()
    assert [(one["kind"], one["granted"], one["balance"]) for one in pool["pools"]] == [("test", 4, 4)]
    nobody = await client.get("/v1/staff/resellers/rsl_0000000000000/pool", headers=headers)
    assert nobody.status == 404


async def test_t2_t3_t4_t5_tests_over_http(client, shop, anna):
    await shop.stock(1)
    await shop.stock(9, kind=1)
    message = {**SOFTPHONE, "count": 2, "login": anna.login}
    status, done = await post(client, shop, "tests", message)
    assert (status, done["kind"], len(done["license_ids"])) == (201, "test", 2)
    assert done["license_ends_at"] is not None
    assert (await post(client, shop, "tests", message))[0] == 201
    status, refused = await post(client, shop, "tests", message)
    assert (status, refused["code"], refused["limit"]) == (409, "test_limit", 2)
    status, regular = await post(client, shop, "assignments", {**message, "count": 1})
    assert (status, len(regular["ended_tests"])) == (201, 4)
    status, told = await get(client, shop, f"customers/{regular['account_id']}")
    assert sorted(one["state"] for one in told["list"]) == [
        "active",
        "expired",
        "expired",
        "expired",
        "expired",
    ]


async def test_c2_own_use_is_a_company_s(client, office, shop):
    status, refused = await post(client, shop, "customers", {"name": "we", "own_use": True})
    assert (status, refused["code"]) == (403, "forbidden")
    company = await open_shop(office, kind=1)
    await company.stock(1)
    status, made = await post(
        client, company, "customers", {"name": "we", "own_use": True, "rolled_out": True}
    )
    assert status == 201
    assert made["activation_password"]
    assert (await post(client, company, "assignments", {**SOFTPHONE, "login": made["login"]}))[0] == 201
    status, told = await get(client, company, "pool/entries", **SOFTPHONE)
    assert told["entries"][-1]["why"] == "own_use"


async def test_p6_the_next_affiliate_is_refused(client, shop):
    await shop.stock(10)
    status, made = await post(client, shop, "customers", {"name": "sister", "affiliated": True})
    message = {**SOFTPHONE, "login": made["login"]}
    assert (await post(client, shop, "assignments", message))[0] == 201
    status, refused = await post(client, shop, "assignments", message)
    assert (status, refused["code"], refused["limit"], refused["given"]) == (409, "affiliate_limit", 1, 1)


def rows_of(count):
    lines = "".join(f"Customer {n},customer{n}@example.com,softphone,5,1\r\n" for n in range(count))
    return f"Name,Email,Product,Major,Count\r\n{lines}"


async def test_p5_a_csv_of_five_hundred_rows(client, office, shop):
    await shop.stock(300)
    await shop.stock(300)
    started = time.monotonic()
    status, done = await post(client, shop, "assignments/batch", {"csv": rows_of(500)}, "batch")
    taken_s = time.monotonic() - started
    assert (status, done["assigned"], done["refused"]) == (200, 500, 0)
    assert len({row["made"]["login"] for row in done["rows"]}) == 500
    assert [row["row"] for row in done["rows"]] == list(range(1, 501))
    assert taken_s < 5
    assert (await post(client, shop, "assignments/batch", {"csv": rows_of(500)}, "batch")) == (200, done)
    assert await shop.balance() == 100
    # The same file again: the customers are known by their e-mail, and the pool has 100.
    status, more = await post(client, shop, "assignments/batch", {"csv": rows_of(500)})
    assert (more["assigned"], more["refused"]) == (100, 400)
    assert not any("made" in row for row in more["rows"])
    assert {row["code"] for row in more["rows"][100:]} == {"pool_exhausted"}
    assert len(await office.fetch("SELECT 1 FROM account")) == 500
    async with lend(office.desk.pool) as connection:
        assert await prove(connection) == []


async def test_p5_all_or_nothing(client, office, shop, anna):
    await shop.stock(3)
    rows = [
        {**SOFTPHONE, "email": "new@example.com"},
        {**SOFTPHONE, "login": "nobody"},
        {**SOFTPHONE, "login": anna.login, "count": 3},
    ]
    status, refused = await post(client, shop, "assignments/batch", {"rows": rows, "all_or_nothing": True})
    assert (status, refused["code"], refused["row"]) == (404, "not_found", 2)
    assert [(row["row"], row["code"]) for row in refused["rows"]] == [
        (2, "not_found"),
        (3, "pool_exhausted"),
    ]
    assert await shop.balance() == 3
    assert len(await office.fetch("SELECT 1 FROM account")) == 1
    status, done = await post(client, shop, "assignments/batch", {"rows": rows})
    assert (status, done["assigned"], done["refused"]) == (200, 1, 2)
    assert await shop.balance() == 2
    status, done = await post(client, shop, "assignments/batch", {"rows": rows[:1], "all_or_nothing": True})
    assert (done["assigned"], await shop.balance()) == (1, 1)


async def test_p5_a_row_that_cannot_be_read_spoils_no_other(client, shop, anna):
    await shop.stock(5)
    login = anna.login
    text = f"login;product;major;count\n{login};softphone;5;2\n{login};softphone;five;1\n\nx;softphone\n"
    status, done = await post(client, shop, "assignments/batch", {"csv": "\ufeff" + text})
    assert (status, done["assigned"], done["refused"]) == (200, 1, 2)
    assert [row.get("code") for row in done["rows"]] == [None, "malformed", "malformed"]
    status, refused = await post(client, shop, "assignments/batch", {"csv": text, "all_or_nothing": True})
    assert (status, refused["row"]) == (400, 2)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "rows"),
        ({"rows": [], "csv": ""}, "rows"),
        ({"csv": "login,product\na,b\n"}, "csv"),
        ({"csv": "login,product,major,major\n"}, "csv"),
        ({"csv": 'login,product,major\n"a'}, "csv"),
        ({"csv": "login,product,major\n" + "a,softphone,5\n" * 1001}, "csv"),
        ({"rows": [{**SOFTPHONE, "login": "a"}] * 1001}, "rows"),
        ({"rows": [{**SOFTPHONE, "login": "a", "count": "2"}]}, "rows.count"),
    ],
)
async def test_p5_a_batch_that_cannot_be_understood_is_refused_whole(client, shop, message, field):
    status, body = await post(client, shop, "assignments/batch", message)
    assert (status, body["code"], body["field"]) == (400, "malformed", field)


async def test_p5_only_a_batch_may_be_large(client, shop, anna):
    padding = " " * 17_000
    large = '{"product": "softphone", "major": 5, "login": "%s"}%s' % (anna.login, padding)  # noqa: UP031
    headers = {**shop.bearer, "Content-Type": "application/json"}
    one = await client.post("/v1/reseller/assignments", data=large, headers=headers)
    assert one.status == 413
    batch = '{"rows": [{"product": "softphone", "major": 5, "login": "x"}]}' + padding
    assert (await client.post("/v1/reseller/assignments/batch", data=batch, headers=headers)).status == 200
    huge = io.BytesIO(batch.encode() + b" " * 1024 * 1024)
    assert (await client.post("/v1/reseller/assignments/batch", data=huge, headers=headers)).status == 413


async def test_p5_the_vendor_s_webhooks_are_told_of_a_limit_that_was_hit(client, office, shop, anna):
    message = {**SOFTPHONE, "login": anna.login}
    for _ in range(2):
        status, refused = await post(client, shop, "assignments", message, "once")
        assert (status, refused["code"], refused["available"]) == (409, "pool_exhausted", 0)
    assert (await post(client, shop, "assignments", {**message, "login": "nobody"}))[0] == 404
    (told,) = await office.fetch(
        "SELECT kind, payload::jsonb ->> 'reseller', payload::jsonb ->> 'rule' FROM hook_message"
    )
    assert tuple(told) == ("limit.hit", to_text(RESELLER, shop.reseller_id), "P5")


async def test_p1_who_has_not_accepted_the_terms_assigns_nothing(client, office, shop, anna):
    await shop.stock(5)
    await office.fetch("INSERT INTO terms_text VALUES ('2', 'Anything.', 1, 1)")
    message = {**SOFTPHONE, "login": anna.login}
    batch = {"rows": [message]}
    sent = {"assignments": message, "assignments/batch": batch, "tests": message, "customers": {}}
    for path, body in sent.items():
        status, refused = await post(client, shop, path, body)
        assert (status, refused["code"]) == (403, "forbidden")
    assert (await get(client, shop, "pool"))[0] == 200
    await office.fetch("INSERT INTO acceptance VALUES (1, $1, '2', 1, 1, '192.0.2.1')", shop.reseller_id)
    assert (await post(client, shop, "assignments", message))[0] == 201


async def test_p5_a_tenant_s_transaction_reads_no_address_and_changes_no_others_credentials(office, shop):
    other = await open_shop(office)
    for one in (shop, other):
        await office.fetch(
            "INSERT INTO password_link (link_hash, person_kind, person_id, made_at, ends_at)"
            " VALUES (sha256($1::bigint::text::bytea), 2, $1, 1, 2)",
            one.person.person_id,
        )
    changes = {
        "UPDATE reseller_token SET revoked_at = 1 WHERE user_id = $1": "UPDATE 2",
        "UPDATE password_link SET used_at = 1 WHERE person_id = $1": "UPDATE 1",
    }
    async with lend(office.desk.pool) as connection, connection.transaction():
        await become_tenant(connection, shop.reseller_id)
        for change, done in changes.items():
            assert await connection.execute(change, other.person.person_id) == "UPDATE 0"
            assert await connection.execute(change, shop.person.person_id) == done
    for forbidden in ("SELECT FROM event_address", "SELECT link_hash FROM password_link"):
        async with lend(office.desk.pool) as connection, connection.transaction():
            await become_tenant(connection, shop.reseller_id)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(forbidden)


async def test_c3_customers_are_found_by_a_part_of_what_is_known_of_them(client, shop, anna):
    await shop.customer(name="Bert", email="bert@example.com")
    for query in ("ann", "ANNA@EX", anna.login):
        status, found = await get(client, shop, "customers", query=query)
        assert (status, [one["name"] for one in found["customers"]]) == (200, ["Anna"])
    status, found = await get(client, shop, "customers", query="example.com")
    assert {one["name"] for one in found["customers"]} == {"Anna", "Bert"}


async def test_t2_tests_that_run_are_listed_until_they_are_over(client, office, shop, anna):
    await shop.stock(3, kind=1)
    await post(client, shop, "tests", {**SOFTPHONE, "login": anna.login, "count": 2})
    status, told = await get(client, shop, "tests")
    assert (status, [one["login"] for one in told["tests"]]) == (200, [anna.login] * 2)
    after = told["tests"][0]["license_id"]
    assert len((await get(client, shop, "tests", after=after))[1]["tests"]) == 1
    other = await open_shop(office)
    assert (await get(client, other, "tests"))[1] == {"tests": []}
    office.desk.clock.shift_s += 14 * 86400
    assert (await get(client, shop, "tests"))[1] == {"tests": []}
