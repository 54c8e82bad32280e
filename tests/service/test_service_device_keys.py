"""D6 on a real database: proofs counted, copies told once, races, crashes, and devices that have no key."""

import asyncio
import json
from dataclasses import dataclass, replace

import asyncpg
import pytest
from sample_acts import DAY, do, give, now_of
from sample_staff import hire, welcome

from activation.app import open_desk
from activation.licensing.events import EventKind
from activation.licensing.model import LicenseKind
from activation.licensing.verdicts import Refused
from activation.service.activating.activations import Certified, activate
from activation.service.activating.renewals import renew
from activation.service.batching import settling
from activation.service.licenses.forks import see_forks
from activation.service.products import NewProduct, decide_on_forks, make_product
from activation.storage.products import read_catalogue
from crypto.base64url import decode
from crypto.proofs import make_proof
from crypto.signing import SigningKey

NOW = 1_800_000_000
_ROWS = "SELECT a.xmin, a.ctid, h.xmin, h.ctid, h.version FROM holding h JOIN activation a USING (shard)"
KEYS = {name: SigningKey.from_seed(name.encode().ljust(32)) for name in ("first", "second")}


@dataclass
class Phone:
    """A softphone on the laptop of an account: its key, how far it counted, its certificate."""

    office: object
    made: object
    key: SigningKey | None = KEYS["first"]
    counter: int = 0
    certificate: str = ""
    clock: int = NOW

    async def activate(self, password=None):
        device = replace(self.office.device("laptop"), public_key=self.key.public_key if self.key else None)
        wish = self.office.wish("laptop", device=device)
        caller = self.office.caller()
        done = await activate(self.office.desk, caller, self.made.login, password or self.made.password, wish)
        self.certificate = certified(done).issued.certificate
        return done

    def proof(self):
        """The next proof."""
        self.counter += 1
        return make_proof(self.key, self.certificate, self.counter, self.clock)

    async def show(self, proof, desk=None):
        device = self.office.device("laptop")
        caller = self.office.caller()
        desk = desk or self.office.desk
        done = await renew(desk, caller, self.certificate, device, None, None, proof)
        if isinstance(done, Certified):
            self.certificate = done.issued.certificate
        return done

    async def renew(self, desk=None):
        return await self.show(self.proof(), desk)

    def clone(self):
        """The same disk in another machine, whose clock is a second off."""
        return replace(self, clock=self.clock + 1)


def certified(done) -> Certified:
    assert isinstance(done, Certified), done
    return done


def refused(done, proof) -> Refused:
    assert isinstance(done, Refused), done
    assert (done.code, done.rule, done.facts) == ("device_mismatch", "D6", {"proof": proof})
    return done


async def refuse_forks(office, refuses=True):
    await do(office, lambda work: decide_on_forks(work, "softphone", refuses))
    async with office.desk.pool.acquire() as connection:
        office.desk.catalogue = await read_catalogue(connection)


async def stored(office):
    (row,) = await office.fetch(
        "SELECT device_key, proof_counter, proof_hash, forked_at, fork_told_at FROM activation"
        " WHERE ended_at IS NULL"
    )
    return row


async def told(office):
    """The events about keys, in order."""
    rows = await office.fetch(
        "SELECT kind, rule, actor, details::text FROM event WHERE kind IN (7, 8, 9) ORDER BY event_id"
    )
    return [(EventKind(row[0]), row[3] and json.loads(row[3]).get("proof")) for row in rows]


@pytest.fixture
async def phone(office):
    made = Phone(office, await office.account(1, rolled_out=True))
    await made.activate()
    return made


@pytest.fixture
async def other_desk(office, dsn):
    """Another desk on the same database, as a second worker has."""
    async with open_desk(office.settings, dsn) as desk:
        yield desk


async def test_d6_the_certificate_names_the_key_and_proofs_are_counted(office, phone):
    claims = json.loads(decode(phone.certificate.split(".")[1]))
    assert decode(claims["cnf"]["jwk"]["x"]) == phone.key.public_key
    for counter in (1, 2, 3):
        certified(await phone.renew())
        row = await stored(office)
        assert (row["proof_counter"], row["forked_at"]) == (counter, None)
        assert len(row["proof_hash"]) == 16
    assert await told(office) == []


@pytest.mark.parametrize("refuses", [False, True])
async def test_d6_a_device_without_a_key_reads_and_writes_nothing_more(office, refuses):
    await refuse_forks(office, refuses)
    phone = Phone(office, await office.account(1), key=None)
    await phone.activate()
    before = await office.fetch(_ROWS)
    certified(await phone.show(None))
    stray = make_proof(KEYS["first"], phone.certificate, 1, NOW)
    for proof in (None, stray, "no proof at all"):
        certified(await phone.show(proof))
    assert await office.fetch(_ROWS) == before


async def test_d6_the_same_proof_again_is_the_same_answer_on_any_worker(office, phone, other_desk):
    shown, proof = phone.certificate, phone.proof()
    first = certified(await phone.show(proof))
    before = await office.fetch("SELECT xmin, ctid FROM activation")
    for desk in (office.desk, other_desk):
        phone.certificate = shown
        again = certified(await phone.show(proof, desk))
        assert again.issued.certificate == first.issued.certificate
    assert await office.fetch("SELECT xmin, ctid FROM activation") == before
    assert await told(office) == []


async def test_d6_a_clone_shows_within_two_renewals_and_is_only_reported(office, phone):
    clone = phone.clone()
    certified(await phone.renew())
    certified(await clone.renew())
    certified(await phone.renew())
    certified(await clone.renew())
    assert await told(office) == [(EventKind.DEVICE_FORKED, "counter")]
    row = await stored(office)
    assert row["proof_counter"] == 2
    assert row["forked_at"] == row["fork_told_at"] > 0


async def test_d6_a_clone_that_is_refused_is_kept_all_the_same(office, phone):
    await refuse_forks(office)
    clone = phone.clone()
    certified(await phone.renew())
    before = await stored(office)
    refused(await clone.renew(), "counter")
    row = await stored(office)
    assert row["forked_at"] is not None
    assert (row["proof_counter"], row["proof_hash"]) == (1, before["proof_hash"])
    assert await told(office) == [(EventKind.DEVICE_FORKED, "counter")]
    certified(await phone.renew())


async def test_d6_without_its_proof_a_key_counts_as_copied(office, phone):
    certified(await phone.show(None))
    await refuse_forks(office)
    refused(await phone.show(None), "no_proof")
    assert await told(office) == [(EventKind.DEVICE_FORKED, "no_proof")]


async def test_d6_wrong_proofs_are_never_right(office, phone):
    other = make_proof(phone.key, phone.certificate + "A", 9, NOW)
    by_another = make_proof(KEYS["second"], phone.certificate, 9, NOW)
    right = make_proof(phone.key, phone.certificate, 9, NOW)
    for proof in (other, by_another, right[:-4] + "AAAA", "no proof at all", phone.certificate):
        refused(await phone.show(proof), "wrong_proof")
    assert await told(office) == [(EventKind.DEVICE_FORKED, "wrong_proof")]
    assert (await stored(office))["proof_counter"] == 0
    certified(await phone.show(right))


async def test_d6_a_copy_is_told_once_a_day(office, phone):
    certified(await phone.show(None))
    since = (await stored(office))["forked_at"]
    for hours in (1, 22):
        office.desk.clock.shift_s += hours * 3600
        before = await office.fetch("SELECT xmin, ctid FROM activation")
        certified(await phone.show(None))
        assert await office.fetch("SELECT xmin, ctid FROM activation") == before
    office.desk.clock.shift_s += 2 * 3600
    certified(await phone.show(None))
    assert len(await told(office)) == 2
    row = await stored(office)
    assert row["forked_at"] == since
    assert row["fork_told_at"] >= since + DAY


@pytest.mark.parametrize("refuses", [False, True])
async def test_d6_of_two_clones_at_once_one_is_flagged_and_none_lost(office, phone, other_desk, refuses):
    await refuse_forks(office, refuses)
    other_desk.catalogue = office.desk.catalogue
    for round_ in range(10):
        clone = phone.clone()
        pair = await asyncio.gather(phone.renew(), clone.renew(other_desk))
        given = [done for done in pair if isinstance(done, Certified)]
        assert len(given) == (1 if refuses else 2)
        row = await stored(office)
        assert row["proof_counter"] == round_ + 1
        assert row["forked_at"] is not None
    assert await told(office) == [(EventKind.DEVICE_FORKED, "counter")]


async def test_d6_one_batch_weighs_the_clones_one_after_the_other(office, phone):
    await refuse_forks(office)
    clones = [replace(phone, clock=NOW + n) for n in range(8)]
    done = await asyncio.gather(*[clone.renew() for clone in clones])
    assert sum(isinstance(one, Certified) for one in done) == 1
    assert await told(office) == [(EventKind.DEVICE_FORKED, "counter")]


@pytest.mark.parametrize("refuses", [False, True])
async def test_d6_a_write_whose_answer_was_lost_is_answered_as_if_it_was_not(
    office, phone, monkeypatch, refuses
):
    await refuse_forks(office, refuses)
    clone = phone.clone()
    monkeypatch.setattr(settling, "PAUSE_S", 0.0)
    write, to_lose = settling.write_changes, []

    async def write_and_lose(*args):
        written = await write(*args)
        if to_lose:
            to_lose.pop()
            raise asyncpg.ConnectionDoesNotExistError("the answer was lost")
        return written

    monkeypatch.setattr(settling, "write_changes", write_and_lose)
    to_lose.append(1)
    certified(await phone.renew())
    assert (await stored(office))["forked_at"] is None
    to_lose.append(1)
    done = await clone.renew()
    assert isinstance(done, Refused) is refuses
    assert await told(office) == [(EventKind.DEVICE_FORKED, "counter")]


async def test_d6_a_password_enrols_a_key_and_replaces_one(office):
    phone = Phone(office, await office.account(1, rolled_out=True), key=None)
    await phone.activate()
    phone.key = KEYS["first"]
    await phone.activate(phone.made.activation_password)
    old = phone.clone()
    certified(await phone.renew())
    certified(await old.renew())
    phone.key, phone.counter = KEYS["second"], 0
    await phone.activate()
    row = await stored(office)
    assert bytes(row["device_key"]) == KEYS["second"].public_key
    assert (row["proof_counter"], row["proof_hash"], row["forked_at"], row["fork_told_at"]) == (
        0,
        *[None] * 3,
    )
    certified(await phone.renew())
    refused(await old.renew(), "wrong_proof")
    assert await told(office) == [
        (EventKind.KEY_ENROLLED, None),
        (EventKind.DEVICE_FORKED, "counter"),
        (EventKind.KEY_REPLACED, None),
        (EventKind.DEVICE_FORKED, "wrong_proof"),
    ]
    phone.key = None
    await phone.activate()
    assert bytes((await stored(office))["device_key"]) == KEYS["second"].public_key


async def test_d6_in_a_large_holding_the_device_is_still_found(office):
    phone = Phone(office, await office.account(20))
    first = await phone.activate()
    certified(await phone.renew())
    phone.key = KEYS["second"]
    assert (await phone.activate()).activation.activation_id == first.activation.activation_id
    seats = await office.fetch(
        "SELECT digest FROM seat WHERE activation_id = $1", first.activation.activation_id
    )
    assert len(seats) == 3


async def test_r5_an_undone_reset_brings_key_and_counter_back(office):
    anna = await welcome(office)
    done = await anna.certified()
    agent = await hire(office, "support")
    await office.fetch(
        "UPDATE activation SET device_key = $1, proof_counter = 7, proof_hash = $2, forked_at = 5,"
        " fork_told_at = 6",
        KEYS["first"].public_key,
        bytes(16),
    )
    freed = await agent.reset(done.license.license_id)
    await agent.undo(freed.override.reset_id)
    row = await stored(office)
    assert tuple(row) == (KEYS["first"].public_key, 7, bytes(16), 5, 6)


async def test_t5_key_and_counter_go_along_to_the_regular_licence(office):
    phone = Phone(office, await office.account(0))
    ends_at = await now_of(office) + 14 * DAY
    (test_id,) = await give(office, phone.made, LicenseKind.TEST, ends_at)
    await phone.activate()
    certified(await phone.renew())
    office.desk.clock.shift_s += 15 * DAY
    (regular_id,) = await give(office, phone.made, LicenseKind.PERPETUAL)
    shown, proof = phone.certificate, phone.proof()
    bound = certified(await phone.show(proof))
    assert bound.license.license_id == regular_id != test_id
    phone.certificate = shown
    again = certified(await phone.show(proof))
    assert again.activation.activation_id == bound.activation.activation_id
    (row,) = await office.fetch(
        "SELECT device_key, proof_counter, forked_at FROM activation WHERE license_id = $1", regular_id
    )
    assert tuple(row) == (phone.key.public_key, 2, None)


async def test_d6_staff_see_forked_devices_page_by_page(office, phone, monkeypatch):
    monkeypatch.setattr("activation.service.licenses.forks.PAGE", 2)
    for _ in range(4):
        more = Phone(office, await office.account(1))
        await more.activate()
        await more.show(None)
    seen, after = [], 0
    while after is not None:
        last = after
        page = await do(office, lambda work, last=last: see_forks(work, last))
        seen.extend(page.rows)
        after = page.next_after
    assert len({row.activation_id for row in seen}) == len(seen) == 4
    assert {(row.name, row.product, row.proofs) for row in seen} == {("the laptop", "softphone", 0)}


async def test_d6_the_policy_is_the_products_and_each_change_is_told(office):
    await do(office, lambda work: make_product(work, NewProduct("careful", "Careful", refuses_forks=True)))
    for refuses in (True, False, False):
        product = await do(office, lambda work, to=refuses: decide_on_forks(work, "careful", to))
        assert product.refuses_forks is refuses
    rows = await office.fetch("SELECT details->>'refuses_forks' FROM event WHERE kind = 72 ORDER BY event_id")
    assert [row[0] for row in rows] == [None, "false"]
