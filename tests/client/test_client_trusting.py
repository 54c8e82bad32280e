"""A softphone against the real application: what was revoked, and clocks that are wrong."""

import json
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiohttp.test_utils import TestServer
from service.sample_revocations import issue_offline

from activation.app import surroundings_of
from activation.client.clock import GRACE_S
from activation.client.conversing import Server, ServerAwayError, ServerRefusedError
from activation.client.device import ThisDevice, read_device
from activation.client.keeping import load_kept
from activation.client.revocations import FILE, load_known
from activation.client.seen_mark import FILE as SEEN_FILE
from activation.client.seen_mark import load_seen, store_seen
from activation.client.softphone import Softphone
from activation.client.verifying import NotVerifiedError
from activation.http.routes import make_application
from activation.licensing.devices.fingerprints import identify
from activation.service.certifying.revoking import BulletinBoard
from crypto import base64url
from crypto.ceremony import add_signing_key, retire_signing_key
from crypto.keyring import KeyRing
from crypto.revocations import issue_revocations
from crypto.signing import SigningKey, load_signing_key

DAY, HOUR = 86_400, 3_600
FAR = 4_070_908_800  # 2099


class Laptop:
    """A softphone on a machine whose clock is set by `ahead_s`."""

    def __init__(self, office, url: str, folder: Path) -> None:
        self.office, self.folder, self.ahead_s = office, folder, 0
        roots = office.desk.maker.ring.roots
        self.phone = Softphone(Server(url, 1.0), "softphone", roots, folder, self.clock)
        components = office.components("laptop")
        reading = read_device(folder).reading
        fingerprint = identify(components, install_id_allowed=True)
        self.phone.device = ThisDevice("the laptop", "linux", components, fingerprint, reading)

    def clock(self) -> float:
        return time.time() + self.office.desk.clock.shift_s + self.ahead_s

    def set_clock(self, to: int) -> None:
        self.ahead_s = 0
        self.ahead_s = to - int(self.clock())

    def reason(self) -> str:
        """Why the kept certificate does not hold, "" when it does."""
        try:
            self.phone.verify()
        except NotVerifiedError as wrong:
            return wrong.reason
        return ""

    @property
    def seen(self) -> int:
        return load_seen(self.folder)

    @property
    def listed(self):
        return load_known(self.folder, self.office.desk.maker.ring.roots).listed


@pytest.fixture
async def served(office):
    office.desk.bulletins = BulletinBoard(fresh_s=0)
    # Away from the hour's end, whatever the time is now: a new hour is a new list.
    office.desk.clock.shift_s = HOUR - int(time.time()) % HOUR + 60
    server = TestServer(make_application(office.desk, surroundings_of(office.settings, office.desk)))
    await server.start_server()
    yield str(server.make_url("")).rstrip("/")
    await server.close()


@pytest.fixture
async def anna(office):
    return await office.account(1)


@pytest.fixture
async def laptop(office, served, anna, tmp_path):
    """An activated softphone."""
    made = Laptop(office, served, tmp_path / "laptop")
    await made.phone.activate(anna.login, anna.password, "5.6")
    return made


def rotate(office, equipped, why: str | None = None) -> str:
    """Make a new signing key, and retire the old one; return its kid."""
    folder, now = office.settings.keys_folder, int(time.time())
    old = office.desk.maker.ring.active(now).kid
    root = load_signing_key(equipped.parent / "roots" / "root-current.key")
    add_signing_key(folder, root, now + 1, 30, 30 * DAY, False)
    if why is not None:
        retire_signing_key(folder, old, why)
    office.desk.maker.take(KeyRing.load(folder, now + 1))
    return old


async def test_the_list_comes_with_an_activation_and_is_kept_for_its_owner_alone(laptop):
    kept = json.loads((laptop.folder / FILE).read_text())
    assert kept.keys() == {"revocations", "delegation", "etag"}
    assert (laptop.folder / FILE).stat().st_mode & 0o777 == 0o600
    assert laptop.listed.issued_at > 0
    before = (laptop.folder / FILE).stat().st_mtime_ns
    await laptop.phone.renew()  # the same list again: 304
    assert (laptop.folder / FILE).stat().st_mtime_ns == before


async def test_a_leaked_keys_certificate_holds_until_the_next_contact_and_no_longer(
    laptop, office, anna, equipped
):
    old = rotate(office, equipped, "leaked")
    assert laptop.reason() == ""
    with pytest.raises(ServerRefusedError) as refused:
        await laptop.phone.renew()
    assert refused.value.code == "certificate_invalid"
    assert laptop.listed.leaked == {old}
    with pytest.raises(NotVerifiedError, match="Activate again with your login and password") as caught:
        laptop.phone.verify()
    assert caught.value.reason == "key_leaked"
    await laptop.phone.activate(anna.login, anna.password, "5.6")
    assert laptop.reason() == ""


async def test_a_rotated_keys_certificate_stays_good(laptop, office, equipped):
    old = rotate(office, equipped, "rotated")
    await laptop.phone._trust.learn(laptop.phone._server)
    assert laptop.listed.keys == {old: "rotated"}
    assert laptop.reason() == ""
    await laptop.phone.renew()


async def test_a_revoked_certificate_does_not_hold_also_offline(laptop, office):
    payload = json.loads(base64url.decode(load_kept(laptop.folder).certificate.split(".")[1]))
    await office.fetch("UPDATE license SET state = 2")
    done = await _certified(office)
    await issue_offline(office, 1, activated=done, jti=payload["jti"])
    assert laptop.reason() == ""
    with pytest.raises(ServerRefusedError):
        await laptop.phone.renew()
    with pytest.raises(NotVerifiedError, match="was revoked") as caught:
        laptop.phone.verify()
    assert caught.value.reason == "revoked"


async def _certified(office):
    """The licence and activation that there are, as `issue_offline` takes them."""
    ((license_id, activation_id),) = await office.fetch("SELECT license_id, activation_id FROM activation")
    return SimpleNamespace(
        license=SimpleNamespace(license_id=license_id),
        activation=SimpleNamespace(activation_id=activation_id),
    )


async def test_an_older_list_never_takes_a_newer_ones_place(laptop, office):
    first = (laptop.folder / FILE).read_text()
    office.desk.clock.shift_s += HOUR
    await laptop.phone.renew()
    newer = laptop.listed.issued_at
    office.desk.clock.shift_s -= HOUR
    await laptop.phone.renew()
    assert laptop.listed.issued_at == newer
    assert first != (laptop.folder / FILE).read_text()


async def test_a_server_without_a_list_or_with_a_bad_one_hurts_no_activation(laptop, office, anna, caplog):
    good = (laptop.folder / FILE).read_text()
    foreign = SigningKey.generate()
    now = int(laptop.clock())
    told = await office.desk.bulletins.read(
        office.desk.pool, office.desk.clock, office.desk.maker.ring, office.desk.issuer
    )
    office.desk.bulletins._told = replace(
        told, revocations=issue_revocations(foreign, "x", now, {}, []), name="other"
    )
    await laptop.phone.activate(anna.login, anna.password, "5.6")
    assert "does not hold and is not used" in caplog.text
    assert (laptop.folder / FILE).read_text() == good
    assert laptop.reason() == ""


@pytest.mark.parametrize("text", ["", "{}", "nonsense", '{"revocations":"a.b.c","delegation":"d","etag":""}'])
async def test_a_damaged_list_is_dropped_with_a_warning_and_fetched_anew(laptop, caplog, text):
    (laptop.folder / FILE).write_text(text)
    assert laptop.reason() == ""
    assert "does not hold and is not used" in caplog.text
    await laptop.phone.renew()
    assert laptop.listed.issued_at > 0


async def test_a_server_that_is_away_fails_as_ever_and_changes_nothing(laptop):
    before = (laptop.folder / FILE).read_text(), laptop.seen
    laptop.phone._server = Server("http://localhost:1", 0.1)
    with pytest.raises(ServerAwayError):
        await laptop.phone.renew()
    await laptop.phone._trust.learn(laptop.phone._server)
    assert ((laptop.folder / FILE).read_text(), laptop.seen) == before


async def test_a_clock_set_back_a_little_is_drift_and_by_more_than_a_day_is_told(laptop):
    laptop.ahead_s = 3 * DAY
    assert laptop.reason() == ""
    for ahead_s, reason in ((3 * DAY - GRACE_S + HOUR, ""), (3 * DAY - GRACE_S - HOUR, "clock_back")):
        laptop.ahead_s = ahead_s
        assert laptop.reason() == reason


async def test_a_clock_set_back_does_not_bring_an_old_certificate_back(laptop):
    laptop.ahead_s = 40 * DAY
    assert laptop.reason() == "expired"
    laptop.ahead_s = 29 * DAY
    assert laptop.reason() == "clock_back"
    laptop.ahead_s = 39 * DAY + HOUR
    assert laptop.reason() == "expired"


@pytest.mark.parametrize("how", ["delete", "edit"])
async def test_without_the_mark_signed_times_remain(laptop, how):
    laptop.ahead_s = 20 * DAY
    assert laptop.reason() == ""
    file = laptop.folder / SEEN_FILE
    file.unlink() if how == "delete" else file.write_text('{"seen": 1, "mac": ""}')
    laptop.ahead_s = 0
    assert laptop.reason() == ""
    laptop.ahead_s = -GRACE_S - 2 * HOUR
    assert laptop.reason() == "clock_back"


async def test_a_newer_list_is_a_signed_time_too(laptop, office):
    office.desk.clock.shift_s += 10 * DAY
    await laptop.phone._trust.learn(laptop.phone._server)
    (laptop.folder / SEEN_FILE).unlink()
    laptop.ahead_s = -5 * DAY
    assert laptop.reason() == "clock_back"


async def test_a_clock_that_was_once_in_2099_is_healed_by_the_next_answer(laptop):
    laptop.set_clock(FAR)
    assert laptop.reason() == "expired"
    laptop.ahead_s = 0
    assert laptop.reason() == "clock_back"
    await laptop.phone.renew()
    assert laptop.reason() == ""
    assert laptop.seen < laptop.clock() + 2 * HOUR


async def test_renewing_with_a_clock_in_the_past_says_so_and_changes_nothing(laptop, office):
    office.desk.clock.shift_s += 10 * DAY
    laptop.ahead_s = -10 * DAY
    before = load_kept(laptop.folder).certificate, laptop.seen
    with pytest.raises(NotVerifiedError, match="Set the clock") as caught:
        await laptop.phone.renew()
    assert caught.value.reason == "clock_back"
    assert (load_kept(laptop.folder).certificate, laptop.seen) == before
    laptop.ahead_s = 0
    assert laptop.reason() == ""


async def test_a_server_whose_clock_was_ahead_for_an_hour_locks_nobody_out(laptop, office, anna):
    office.desk.clock.shift_s += 40 * DAY
    laptop.ahead_s = -40 * DAY
    before = (laptop.folder / FILE).read_text(), laptop.seen
    with pytest.raises(NotVerifiedError):
        await laptop.phone.activate(anna.login, anna.password, "5.6")
    await laptop.phone._trust.learn(laptop.phone._server)
    assert ((laptop.folder / FILE).read_text(), laptop.seen) == before
    office.desk.clock.shift_s -= 40 * DAY
    laptop.ahead_s = 0
    await laptop.phone.activate(anna.login, anna.password, "5.6")
    assert laptop.reason() == ""


async def test_a_mark_that_is_wrong_does_not_keep_the_list_away(laptop, office):
    laptop.set_clock(FAR)
    assert laptop.reason() == "expired"
    laptop.ahead_s = 0
    office.desk.clock.shift_s += HOUR
    await laptop.phone._trust.learn(laptop.phone._server)
    assert laptop.reason() == ""


async def test_a_leaked_keys_list_of_tomorrow_does_not_keep_the_true_one_away(laptop, office, equipped):
    ring, now = office.desk.maker.ring, int(time.time())
    leaked, told = ring.active(now), json.loads((laptop.folder / FILE).read_text())
    tomorrow = int(laptop.clock()) + DAY - HOUR
    forged = issue_revocations(ring.signing_key(leaked.kid), "x", tomorrow, {}, [])
    (laptop.folder / FILE).write_text(json.dumps({**told, "revocations": forged, "etag": ""}))
    store_seen(laptop.folder, tomorrow)
    assert laptop.reason() == ""
    rotate(office, equipped, "leaked")
    with pytest.raises(ServerRefusedError):
        await laptop.phone.renew()
    assert laptop.listed.leaked == {leaked.kid}
    assert laptop.reason() == "key_leaked"
    assert laptop.seen < laptop.clock() + 2 * HOUR


async def test_verifying_often_does_not_write_often(laptop):
    laptop.ahead_s = HOUR
    assert laptop.reason() == ""
    before = (laptop.folder / SEEN_FILE).stat().st_mtime_ns
    laptop.ahead_s += 30
    assert laptop.reason() == ""
    assert (laptop.folder / SEEN_FILE).stat().st_mtime_ns == before
    laptop.ahead_s += 60
    assert laptop.reason() == ""
    assert (laptop.folder / SEEN_FILE).stat().st_mtime_ns > before
