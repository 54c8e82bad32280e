"""Keys are taken up while a process runs; what is damaged changes nothing."""

import asyncio
import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import structlog
from prometheus_client import REGISTRY

from activation.config import load_settings
from activation.equipping import KeyPlan, equip, open_root, rotate
from activation.licensing.devices.enrolment import Enrolment
from activation.licensing.identifiers import make_id
from activation.licensing.model import Activation, License, Product
from activation.service.certifying.certificates import CertificateMaker
from activation.service.certifying.key_watching import KeyWatch, ending_soon, ends_of
from crypto.ceremony import retire_signing_key
from crypto.errors import NotDelegatedError, RetiredKeyError
from crypto.issuing import Issuer
from crypto.key_folder import survey
from crypto.keyring import KeyRing
from crypto.signing import SigningKey

DAY = 86_400
TAGS = bytes(32)


@dataclass
class Process:
    """What one worker has of keys."""

    settings: object
    roots: Path
    maker: CertificateMaker
    watch: KeyWatch

    @property
    def folder(self) -> Path:
        return self.settings.keys_folder

    def rotate(self, **plan):
        root = open_root(self.roots, "current", lambda: "")
        return rotate(self.settings, root, KeyPlan(**plan))

    def issue(self, now):
        enrolment = Enrolment("standard/1", {"mac": (b"m" * 16,)})
        held = License(make_id(1, 2), 5)
        activation = Activation(make_id(1, 3), held.license_id, 0, enrolment, now)
        return self.maker.issue(Product(1, "softphone"), 1, held, activation, now).certificate


@pytest.fixture
def process(tmp_path, now):
    settings = load_settings(data_dir=tmp_path / "data")
    equip(settings, tmp_path / "roots")
    seen = survey(settings.keys_folder)
    maker = CertificateMaker(KeyRing.load(settings.keys_folder, now), "issuer", bytes(32), TAGS)
    return Process(settings, tmp_path / "roots", maker, KeyWatch(settings.keys_folder, maker, seen))


@pytest.fixture
def told():
    """What is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lambda event: [line for line in lines if line["event"] == event]


async def test_a_new_key_signs_at_the_next_look(process, now, told):
    old = process.maker.ring
    before = process.issue(now)
    (fresh,) = process.rotate()
    assert process.issue(now) == before, "nobody has looked yet"
    await process.watch.look()
    after = process.issue(now)
    assert after != before
    assert process.maker.ring.active(now) == fresh
    assert process.maker.ring is not old
    for certificate in (before, after):
        process.maker.ring.verify_own(certificate, TAGS)
    assert len(told("keys taken")) == 1


async def test_another_process_may_have_taken_a_key_first(process, now):
    (fresh,) = process.rotate()
    other = CertificateMaker(KeyRing.load(process.folder, now), "issuer", bytes(32), TAGS)
    certificate = replace(process, maker=other).issue(now)
    assert fresh.kid not in process.maker.ring.delegations
    first, second = await asyncio.gather(*(process.watch.verify_own(certificate, TAGS) for _ in range(2)))
    assert first == second
    assert process.maker.ring.active(now) == fresh


async def test_a_key_that_is_nowhere_is_refused(process, now):
    foreign = Issuer(SigningKey.generate(), "issuer", TAGS)
    terms = process.maker.ring.verify_own(process.issue(now), TAGS)
    with pytest.raises(NotDelegatedError):
        await process.watch.verify_own(foreign.issue(terms), TAGS)


async def test_nothing_is_read_where_nothing_changed(process, told):
    ring = process.maker.ring
    for _ in range(3):
        await process.watch.look()
    assert process.maker.ring is ring
    assert told("keys taken") == []


async def test_a_leaked_key_renews_nothing_at_the_next_look(process, now):
    process.rotate()
    certificate = process.issue(now)
    retire_signing_key(process.folder, process.maker.ring.active(now).kid, "leaked")
    process.maker.ring.verify_own(certificate, TAGS)
    await process.watch.look()
    with pytest.raises(RetiredKeyError):
        process.maker.ring.verify_own(certificate, TAGS)
    assert process.issue(now) != certificate, "another key signs"


async def test_keys_delegated_in_advance_change_over_by_themselves(process, now):
    planned = process.rotate(count=3, every=100, days=120)
    await process.watch.look()
    ring = process.maker.ring
    seen = {ring.active(now + days * DAY).kid for days in (0, 101, 201)}
    assert seen == {delegation.kid for delegation in planned}
    for days in (0, 101, 201):
        certificate = process.issue(now + days * DAY)
        assert ring.verify_own(certificate, TAGS).issued_at >= ring.active(now + days * DAY).not_before


async def test_all_change_over_with_the_same_iat(process, now):
    (fresh,) = process.rotate(days=30)
    await process.watch.look()
    end = fresh.expires_at
    hour = end - end % 3600
    last, first = process.issue(hour + 1), process.issue(hour + 3599)
    assert last == first, "the key is chosen by iat, whatever the second"


@pytest.mark.parametrize("damage", ["retired", "roots", "delegation", "key", "open key", "gone"])
async def test_a_damaged_folder_changes_nothing_and_is_told_once(process, now, told, damage):
    ring, before = process.maker.ring, process.issue(now)
    kid = ring.active(now).kid
    key = process.folder / "signing" / f"{kid}.key"
    original = key.read_text()
    if damage == "retired":
        (process.folder / "retired.json").write_text('{"half": ')
    elif damage == "roots":
        (process.folder / "roots.json").write_text("{}")
    elif damage == "delegation":
        (process.folder / "delegations" / "x.jws").write_text("x.y.z")
    elif damage == "key":
        key.write_text("{")
    elif damage == "open key":
        key.chmod(0o644)
    else:
        process.folder.rename(process.folder.with_name("moved"))
    for _ in range(3):
        await process.watch.look()
    assert process.maker.ring is ring
    assert process.issue(now) == before
    (line,) = told("keys not taken")
    assert line["log_level"] == "error"
    assert json.loads(original)["d"] not in str(line)


async def test_what_hindered_for_a_moment_is_tried_again(process, monkeypatch):
    kid = process.maker.ring.signer.kid
    retire_signing_key(process.folder, kid, "leaked")

    def load(*_args):
        raise OSError("too many open files")

    with monkeypatch.context() as hindered:
        hindered.setattr(KeyRing, "load", load)
        await process.watch.look()
    assert kid in process.maker.ring.known_kids
    await process.watch.look()
    assert kid not in process.maker.ring.known_kids


async def test_a_folder_that_is_mended_is_taken(process, now):
    process.rotate()
    (process.folder / "retired.json").write_text("{")
    await process.watch.look()
    ring = process.maker.ring
    (process.folder / "retired.json").unlink()
    await process.watch.look()
    assert process.maker.ring is not ring
    assert len(process.maker.ring.delegations) == 3


async def test_the_end_is_told_beforehand(process, now, told):
    assert ending_soon(process.maker.ring, now) == ()
    ends = ends_of(process.maker.ring, now)
    assert ends.keys() == {"online", "offline"}
    late = ends["online"] - 29 * DAY
    online, _ = ending_soon(process.maker.ring, late)
    assert "the last online signing key ends on 20" in online
    gone, _ = ending_soon(process.maker.ring, ends["online"] + DAY)
    assert "ended or is gone" in gone


async def test_a_key_that_follows_is_no_end(process, now):
    planned = process.rotate(count=4, every=365, days=400)
    await process.watch.look()
    ring = process.maker.ring
    assert ends_of(ring, now)["online"] == planned[-1].expires_at
    assert ending_soon(ring, now + 390 * DAY) == ("the last offline signing key ends on " + _day(ring, now),)


def _day(ring, now):
    return ending_soon(ring, ends_of(ring, now)["offline"] - 1)[-1].rpartition(" ")[2]


async def test_the_end_is_measured_and_logged_once_a_day(process, now, told):
    ring = process.maker.ring
    for kid, delegation in ring.delegations.items():
        if not delegation.offline:
            retire_signing_key(process.folder, kid, "leaked")
    for _ in range(3):
        await process.watch.look()
    (line,) = told("keys end")
    assert line["log_level"] == "warning"
    assert "online" in line["what"]
    assert REGISTRY.get_sample_value("activation_keys_sign_seconds", {"kind": "online"}) == 0
    assert REGISTRY.get_sample_value("activation_keys_sign_seconds", {"kind": "offline"}) > 300 * DAY


class Broken:
    """A key device that says it is another."""

    def __init__(self, key):
        self.kid, self.public_key = key.kid, key.public_key

    def sign(self, message):
        raise ConnectionError("the device does not answer")


async def test_a_signer_that_does_not_prove_itself_is_not_used(process, now):
    old = process.maker.ring.active(now)
    (fresh,) = process.rotate()
    ring = KeyRing.load(process.folder, now)
    keys = {**ring.signing_keys, fresh.kid: Broken(ring.signing_keys[fresh.kid])}
    assert process.maker.take(replace(ring, signing_keys=keys)) == {fresh.kid: "ConnectionError"}
    assert process.maker.ring.active(now) == old
    process.maker.ring.verify_own(process.issue(now), TAGS)
