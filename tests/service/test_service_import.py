"""Bringing an existing vendor's licences over, on a real PostgreSQL."""

import asyncio
import csv
from contextlib import closing
from dataclasses import replace

import pytest

from activation.licensing.events import EventKind
from activation.licensing.identifiers import account_of_login, shard_of
from activation.licensing.model import LicenseKind
from activation.service.activating.activations import Certified, activate
from activation.service.importing.files import CHUNK_LINES, Import, store_file, try_file
from activation.service.importing.lines import NotAListError, Offer, Reading, digest_file, read_lines
from activation.service.importing.logins import Logins
from activation.service.purchasing.buyers import digest_email
from activation.storage.accounts import NewLicenses, add_licenses
from activation.storage.licenses.importing import ImportRacedError, begin_import, find_import, finish_import

HEADER = "login,product,quantity,since"


class Mover:
    """Somebody who brings a list."""

    def __init__(self, office, folder, now):
        self.office, self.folder = office, folder
        self.file, self.logins = folder / "list.csv", folder / "logins.csv"
        self.reading = Reading({"softphone": 1, "strictly": 3}, {"Zoiper 5 PRO": Offer("softphone", 5)}, now)

    def write(self, *lines, header=HEADER):
        text = "\n".join([header, *lines]) + "\n"
        self.file.write_bytes(text.encode("utf-8"))

    async def bring(self, stop_after=None, dry=False):
        """Import the list; `stop_after` so many chunks nothing more is done, as if the machine had failed."""
        entries = []
        digest = digest_file(self.file)
        async with self.office.desk.pool.acquire() as connection:
            begun = await begin_import(connection, digest, "list.csv", self.reading.now)
            wanted = Import(
                self.file, digest, begun.done_lines, self.reading, self.office.desk.secrets.passwords
            )
            if dry:
                return [one async for one in try_file(connection, wanted)]
            with closing(Logins.open(self.logins, digest, begun.done_lines)) as logins:
                async for entered in store_file(connection, wanted, logins):
                    entries.append(entered)
                    if len(entries) == stop_after:
                        return entries
            await finish_import(connection, digest, self.reading.now)
        return entries

    def passwords(self):
        with self.logins.open(newline="") as file:
            return {row["login"]: row["password"] for row in csv.DictReader(file)}

    async def licenses(self, login, **fields):
        rows = await self.office.fetch(
            "SELECT * FROM license WHERE account_id = $1 ORDER BY license_id", account_of_login(login)
        )
        return [row for row in rows if all(row[name] == value for name, value in fields.items())]

    async def counts(self):
        tables = ("account", "personal", "holding", "license", "event")
        return {name: (await self.office.fetch(f"SELECT count(*) FROM {name}"))[0][0] for name in tables}

    def problems(self):
        return [
            (one.line, one.column)
            for read in read_lines(self.file, self.reading)
            if isinstance(read, list)
            for one in read
        ]


@pytest.fixture
def mover(office, tmp_path, now):
    return Mover(office, tmp_path, now)


async def test_a_list_becomes_accounts_with_licences_that_activate(office, mover):
    mover.write(
        "anna,Zoiper 5 PRO,2,2019-03-31,Anna,anna@example.com",
        "boris,softphone,1,2020-02-29T10:00:00+02:00,,",
        header=HEADER + ",name,email",
    )
    # A major is needed: from the map, or the line.
    [entered] = await mover.bring()
    assert [(one.line, one.column) for one in entered.problems] == [(3, "major")]
    assert (entered.accounts, entered.licenses, entered.lines) == (1, 2, 1)
    held = await mover.licenses("anna")
    assert [(row["major"], row["kind"], row["created_at"]) for row in held] == [(5, 0, 1553990400)] * 2
    personal = await office.fetch(
        "SELECT field, value FROM personal WHERE subject = $1 ORDER BY field", account_of_login("anna")
    )
    assert [tuple(row) for row in personal] == [(1, "anna"), (2, "Anna"), (3, "anna@example.com")]
    done = await activate(
        office.desk, office.caller(), "anna", mover.passwords()["anna"], office.wish("laptop")
    )
    assert isinstance(done, Certified)


async def test_each_line_leaves_an_event_and_each_account_one(office, mover):
    mover.write("anna,Zoiper 5 PRO,2,2019-03-31", "anna,Zoiper 5 PRO,1,2020-03-31")
    await mover.bring()
    rows = await office.fetch(
        "SELECT kind, details FROM event WHERE about = $1 ORDER BY event_id", account_of_login("anna")
    )
    kinds = [row["kind"] for row in rows]
    assert kinds.count(EventKind.ACCOUNT_MADE) == 1
    assert kinds.count(EventKind.IMPORTED) == 2


async def test_an_account_that_exists_gets_the_licences_added_and_keeps_its_password(office, mover):
    anna = await office.account(1)
    mover.write(f"{anna.login.upper()},Zoiper 5 PRO,3,2019-03-31,Somebody", header=HEADER + ",name")
    [entered] = await mover.bring()
    assert (entered.accounts, entered.licenses) == (0, 3)
    assert len(await mover.licenses(anna.login)) == 4
    assert mover.passwords() == {}
    done = await activate(office.desk, office.caller(), anna.login, anna.password, office.wish("laptop"))
    assert isinstance(done, Certified)


async def test_the_same_file_again_does_nothing(mover):
    mover.write("anna,Zoiper 5 PRO,2,2019-03-31", "boris,Zoiper 5 PRO,1,2019-03-31")
    await mover.bring()
    before = await mover.counts()
    entries = await mover.bring()
    assert await mover.counts() == before
    assert sum(one.licenses for one in entries) == 0


async def test_an_import_stopped_after_a_chunk_goes_on_there(office, mover):
    lines = [f"customer-{n},Zoiper 5 PRO,1,2019-03-31" for n in range(CHUNK_LINES + 10)]
    lines[3] = "customer-3,unknown,1,2019-03-31"
    lines[CHUNK_LINES + 5] = "customer-0,Zoiper 5 PRO,1,2019-03-31"
    mover.write(*lines)
    await mover.bring(stop_after=1)
    first = mover.passwords()
    assert len(first) == CHUNK_LINES - 1
    async with office.desk.pool.acquire() as connection:
        begun = await find_import(connection, digest_file(mover.file))
    assert (begun.done_lines, begun.is_finished) == (CHUNK_LINES + 1, False)
    entries = await mover.bring()
    # What was wrong in the part that is in already is told again: the report is whole.
    assert [one.line for entered in entries for one in entered.problems] == [5]
    counts = await mover.counts()
    assert (counts["account"], counts["license"]) == (CHUNK_LINES + 8, CHUNK_LINES + 9)
    assert len(await mover.licenses("customer-0")) == 2
    assert len(mover.passwords()) == CHUNK_LINES + 8
    assert first.items() <= mover.passwords().items()


async def test_passwords_of_lines_that_never_entered_are_taken_out(mover):
    mover.write("anna,Zoiper 5 PRO,1,2019-03-31", "boris,Zoiper 5 PRO,1,2019-03-31")
    digest = digest_file(mover.file)
    with closing(Logins.open(mover.logins, digest, 0)):
        pass
    with mover.logins.open("a") as file:
        file.write(f"{digest.hex()[:16]},2,anna,never-kept\n{digest.hex()[:16]},3,bor")
    await mover.bring()
    assert set(mover.passwords()) == {"anna", "boris"}
    assert mover.passwords()["anna"] != "never-kept"
    assert mover.logins.stat().st_mode & 0o777 == 0o600


async def test_a_file_of_logins_is_never_written_over(mover):
    mover.write("anna,Zoiper 5 PRO,1,2019-03-31")
    mover.logins.write_text("somebody's diary\n")
    with pytest.raises(FileExistsError, match="no file of an import"):
        await mover.bring()
    mover.logins.unlink()
    await mover.bring()
    mover.write("boris,Zoiper 5 PRO,1,2019-03-31")
    with pytest.raises(FileExistsError, match="another import"):
        await mover.bring()
    assert set(mover.passwords()) == {"anna"}


async def test_two_runs_of_one_file_at_once_leave_one_import(mover, office):
    lines = [f"customer-{n},Zoiper 5 PRO,1,2019-03-31" for n in range(CHUNK_LINES + 1)]
    mover.write(*lines)
    other = Mover(office, mover.folder, mover.reading.now)
    other.logins = mover.folder / "other.csv"
    results = await asyncio.gather(mover.bring(), other.bring(), return_exceptions=True)
    assert [type(one) for one in results].count(ImportRacedError) <= 1
    counts = await mover.counts()
    assert (counts["account"], counts["license"]) == (CHUNK_LINES + 1, CHUNK_LINES + 1)
    assert {**mover.passwords(), **other.passwords()}.keys() == {f"customer-{n}" for n in range(len(lines))}


@pytest.mark.parametrize("before", [0, 1, 16, 17])
async def test_a_holding_that_becomes_large_is_stored_as_one(office, mover, before):
    anna = await office.account(before)
    if before:
        done = await activate(office.desk, office.caller(), anna.login, anna.password, office.wish("laptop"))
    mover.write(f"{anna.login},Zoiper 5 PRO,10,2019-03-31", f"{anna.login},Zoiper 5 PRO,10,2019-03-31")
    await mover.bring()
    assert len(await mover.licenses(anna.login, large=True)) == before + 20
    assert len(await mover.licenses(anna.login, taken=True)) == min(before, 1)
    for n in range(before + 20):
        again = await activate(
            office.desk,
            office.caller(),
            anna.login,
            anna.password,
            office.wish(f"pc{n}" if n else "laptop"),
        )
        assert isinstance(again, Certified)
        if before and not n:
            assert again.activation.activation_id == done.activation.activation_id
    assert len(await mover.licenses(anna.login, taken=True)) == before + 20


async def test_a_small_holding_stays_small(mover):
    mover.write("anna,Zoiper 5 PRO,16,2019-03-31")
    await mover.bring()
    assert len(await mover.licenses("anna", large=False)) == 16


async def test_t5_an_imported_regular_licence_ends_test_licences(office, mover):
    anna, boris = await office.account(0), await office.account(0)
    ends_at = mover.reading.now + 86400
    async with office.desk.pool.acquire() as connection:
        for account in (anna, boris):
            test_id = office.ids.new(shard_of(account.account_id))
            new = NewLicenses(account.account_id, 1, [test_id], 5, 1, kind=LicenseKind.TEST, ends_at=ends_at)
            await add_licenses(connection, new)
    mover.write(
        f"{anna.login},Zoiper 5 PRO,1,2019-03-31,perpetual",
        f"{boris.login},Zoiper 5 PRO,1,2019-03-31,free",
        header=HEADER + ",kind",
    )
    before = await office.fetch("SELECT account_id, version FROM holding")
    await mover.bring()
    [ended] = await mover.licenses(anna.login, kind=LicenseKind.TEST)
    [running] = await mover.licenses(boris.login, kind=LicenseKind.TEST)
    assert (ended["ends_at"], running["ends_at"]) == (mover.reading.now, ends_at)
    after = dict(map(tuple, await office.fetch("SELECT account_id, version FROM holding")))
    assert after[anna.account_id] > dict(map(tuple, before))[anna.account_id]
    [[kind]] = await office.fetch("SELECT kind FROM event WHERE about = $1", ended["license_id"])
    assert kind == EventKind.TEST_ENDED


async def test_t4_an_account_with_an_imported_regular_licence_is_marked(office, mover):
    anna = await office.account(0)
    mover.write(
        f"{anna.login},Zoiper 5 PRO,1,2019-03-31,",
        f"{anna.login},Zoiper 5 PRO,1,2018-03-31,",
        "boris,Zoiper 5 PRO,1,2017-03-31,",
        "clara,Zoiper 5 PRO,1,2017-03-31,free",
        header=HEADER + ",kind",
    )
    await mover.bring()
    rows = dict(map(tuple, await office.fetch("SELECT account_id, regular_at FROM account")))
    logins = (anna.login, "boris", "clara")
    assert [rows[account_of_login(login)] for login in logins] == [1522454400, 1490918400, None]


async def test_l7_updates_are_free_for_the_product_s_term_from_when_it_was_bought(mover):
    mover.reading = replace(mover.reading, update_months={1: 12})
    mover.write(
        "anna,softphone,1,2019-03-31T12:00:00Z,5", "anna,strictly,1,2019-03-31,5", header=HEADER + ",major"
    )
    await mover.bring()
    until = {row["product_id"]: row["updates_until"] for row in await mover.licenses("anna")}
    assert until == {1: 1585602000, 3: None}  # midnight of 31 March 2020 in Sofia


async def test_c1_a_later_purchase_finds_an_imported_account_by_its_e_mail(office, mover):
    mover.write(
        "anna,Zoiper 5 PRO,1,2019-03-31,Anna@Example.com",
        "anna2,Zoiper 5 PRO,1,2019-03-31,anna@example.com",
        "boris,Zoiper 5 PRO,1,2019-03-31,",
        header=HEADER + ",email",
    )
    await mover.bring()
    digest = digest_email(office.desk.secrets.passwords, "anna@example.com")
    rows = [tuple(row) for row in await office.fetch("SELECT digest, account_id FROM account_by_email")]
    assert rows == [(digest, account_of_login("anna"))]


async def test_a_dry_run_tells_and_writes_nothing(office, mover):
    anna = await office.account(1)
    mover.write(
        f"{anna.login},Zoiper 5 PRO,1,2019-03-31",
        "boris,Zoiper 5 PRO,2,2019-03-31",
        "boris,Zoiper 5 PRO,4,2019-03-31",
        "clara,unknown,1,2019-03-31",
    )
    before = await mover.counts()
    [entered] = await mover.bring(dry=True)
    assert (entered.lines, entered.accounts, entered.licenses) == (3, 1, 7)
    assert [one.line for one in entered.problems] == [5]
    assert await mover.counts() == before
    assert not mover.logins.exists()


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (b"", None),
        (b" \r", None),
        (b"anna,softphone,1,2019-03-31,5,,,", None),
        (b'"an,na",softphone,1,2019-03-31,5,"A ""B"" C",,', None),
        (b"anna,softphone,1,2019-03-31T00:00:00Z,5,,a@b,FREE\r", None),
        (b",softphone,1,2019-03-31,5,,,", "login"),
        (b"an:na,softphone,1,2019-03-31,5,,,", "login"),
        (b"an\x00na,softphone,1,2019-03-31,5,,,", "login"),
        (b"x" * 255 + b",softphone,1,2019-03-31,5,,,", "login"),
        (b"anna,,1,2019-03-31,5,,,", "product"),
        (b"anna,Softphone,1,2019-03-31,5,,,", "product"),
        (b"anna,softphone,0,2019-03-31,5,,,", "quantity"),
        (b"anna,softphone,-1,2019-03-31,5,,,", "quantity"),
        (b"anna,softphone,1.5,2019-03-31,5,,,", "quantity"),
        (b"anna,softphone,10001,2019-03-31,5,,,", "quantity"),
        ("anna,softphone,١,2019-03-31,5,,,".encode(), "quantity"),
        (b"anna,softphone,,2019-03-31,5,,,", "quantity"),
        (b"anna,softphone,1,31.03.2019,5,,,", "since"),
        (b"anna,softphone,1,2019-02-29,5,,,", "since"),
        (b"anna,softphone,1,2019-03-31T10:00:00,5,,,", "since"),
        (b"anna,softphone,1,2999-01-01,5,,,", "since"),
        (b"anna,softphone,1,1989-12-31,5,,,", "since"),
        (b"anna,softphone,1,,5,,,", "since"),
        (b"anna,softphone,1,2019-03-31,,,,", "major"),
        (b"anna,softphone,1,2019-03-31,32768,,,", "major"),
        (b"anna,softphone,1,2019-03-31,five,,,", "major"),
        (b"anna,softphone,1,2019-03-31,5,an\x07na,,", "name"),
        (b"anna,softphone,1,2019-03-31,5,,nobody,", "email"),
        (b"anna,softphone,1,2019-03-31,5,,,test", "kind"),
        (b"anna,softphone,1,2019-03-31,5,,", ""),
        (b"anna,softphone,1,2019-03-31,5,,,,", ""),
        (b'"anna,softphone,1,2019-03-31,5,,,', ""),
        (b'an"na"x,softphone,1,2019-03-31,"5"x,,,', ""),
        (b"\xff\xfe,softphone,1,2019-03-31,5,,,", ""),
    ],
)
def test_each_bad_field_is_named_and_spoils_no_other_line(mover, line, column):
    header = b"login,product,quantity,since,major,name,email,kind\n"
    good = b"boris,softphone,1,2019-03-31,5,,,\n"
    mover.file.write_bytes(header + good + line + b"\n" + good)
    assert mover.problems() == ([] if column is None else [(3, column)])
    read = [one for one in read_lines(mover.file, mover.reading) if not isinstance(one, list)]
    assert {2, 4} <= {one.number for one in read}


def test_every_bad_field_of_a_line_is_named(mover):
    mover.write(",none,x,y")
    assert mover.problems() == [(2, name) for name in ("login", "product", "quantity", "since")]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"\xef\xbb\xbf",
        b"login,product\n",
        b"login,product,quantity,since,since\n",
        b"login,product,quantity,since,shoe\n",
        HEADER.encode("utf-16"),
        b"\x00" * 100,
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(mover, text):
    mover.file.write_bytes(text)
    with pytest.raises(NotAListError):
        mover.problems()


async def test_a_list_of_no_lines_is_imported_at_once(mover):
    mover.write()
    assert await mover.bring() == []
    counts = await mover.counts()
    assert (counts["account"], counts["license"]) == (0, 0)


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [b",", b";"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_what_spreadsheets_write_is_read(mover, bom, separator, end):
    lines = [b"Login;Product;Quantity;Since;Major", b'"anna";softphone;1;2019-03-31;5']
    mover.file.write_bytes(bom + end.join(lines).replace(b";", separator))
    [line] = read_lines(mover.file, mover.reading)
    assert (line.login, line.quantity, line.major) == ("anna", 1, 5)
