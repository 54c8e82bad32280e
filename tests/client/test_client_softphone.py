"""A softphone against the real application, and its certificate with no network at all."""

import dataclasses

import pytest
from aiohttp.test_utils import TestServer
from click.testing import CliRunner

from activation.app import surroundings_of
from activation.cli.client import client
from activation.client.conversing import Reply, Server, ServerAwayError, ServerRefusedError
from activation.client.device import ThisDevice, read_device
from activation.client.keeping import load_kept
from activation.client.softphone import NothingKeptError, Softphone
from activation.client.verifying import Build, NotVerifiedError, verify_here
from activation.http.routes import make_application
from activation.licensing.devices.fingerprints import identify
from crypto.issuing import Issuer
from crypto.signing import SigningKey

DAY = 86400


@pytest.fixture
def this_device(office):
    """Make the machine of a name, as it would read itself."""

    def make(name: str, **changes: str) -> ThisDevice:
        components = {**office.components(name), **changes}
        reading = read_device(office.settings.data_dir).reading
        fingerprint = identify(components, install_id_allowed=True)
        return ThisDevice(f"the {name}", "linux", components, fingerprint, reading)

    return make


@pytest.fixture
async def softphone(office, this_device, tmp_path):
    server = TestServer(make_application(office.desk, surroundings_of(office.settings, office.desk)))
    await server.start_server()
    url = str(server.make_url("")).rstrip("/")

    def make(name: str = "laptop") -> Softphone:
        made = Softphone(
            Server(url, patience_s=1.0), "softphone", office.desk.maker.ring.roots, tmp_path / name
        )
        made.device = this_device(name)
        return made

    yield make
    await server.close()


@pytest.fixture
async def anna(office):
    return await office.account(1)


async def test_activate_verify_renew_release(softphone, anna, tmp_path):
    phone = softphone()
    with pytest.raises(NothingKeptError, match="activate first"):
        phone.verify()
    first = await phone.activate(anna.login, anna.password, "5.6")
    assert first.is_new
    assert phone.verify().terms.license_id == first.answer.license_id
    again = await phone.activate(anna.login, anna.password, "5.6")
    assert not again.is_new
    renewed = await phone.renew("5.7")
    assert renewed.answer.activation_id == first.answer.activation_id
    kept = load_kept(tmp_path / "laptop")
    assert (kept.certificate, kept.product) == (renewed.answer.certificate, "softphone")
    released = await phone.release()
    assert released.license_id == first.answer.license_id
    assert load_kept(tmp_path / "laptop") is None
    with pytest.raises(NothingKeptError):
        await phone.renew()


async def test_another_version_than_the_licence_covers_is_refused(softphone, anna):
    phone = softphone()
    await phone.activate(anna.login, anna.password, "5.6")
    with pytest.raises(ServerRefusedError) as caught:
        await phone.renew("6.0")
    assert caught.value.code == "version_not_covered"
    assert phone.verify()


async def test_r7_a_move_and_r8_the_old_one_forgets_its_certificate(softphone, anna, tmp_path):
    old, new = softphone("old"), softphone("new")
    first = await old.activate(anna.login, anna.password, "5.6")
    with pytest.raises(ServerRefusedError) as caught:
        await new.activate(anna.login, anna.password, "5.6")
    assert caught.value.code == "device_limit"
    moved = await new.activate(
        anna.login, anna.password, "5.6", move=True, license_id=first.answer.license_id
    )
    assert moved.is_new
    assert old.verify()  # until it runs out by itself
    with pytest.raises(ServerRefusedError) as caught:
        await old.renew()
    assert caught.value.code == "superseded"
    assert load_kept(tmp_path / "old") is None


async def test_any_other_refusal_keeps_the_certificate(softphone, anna, office, tmp_path):
    phone = softphone()
    await phone.activate(anna.login, anna.password, "5.6")
    await office.fetch("UPDATE license SET state = 1")
    with pytest.raises(ServerRefusedError) as caught:
        await phone.renew()
    assert caught.value.code == "suspended"
    assert load_kept(tmp_path / "laptop") is not None


async def test_a_certificate_that_does_not_hold_is_not_kept(softphone, anna, tmp_path):
    phone = softphone()
    phone._roots = (SigningKey.generate().public_key,)
    with pytest.raises(NotVerifiedError) as caught:
        await phone.activate(anna.login, anna.password, "5.6")
    assert caught.value.reason == "unknown_root"
    assert load_kept(tmp_path / "laptop") is None


class Proxy:
    """Answers everything with a page of its own."""

    url = "http://localhost"

    def __init__(self, body):
        self.body = body

    async def post(self, *_):
        return Reply(200, self.body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"license_id": "\xff"}'])
async def test_a_page_of_somebody_else_is_no_answer_and_deletes_nothing(softphone, anna, tmp_path, body):
    phone = softphone()
    await phone.activate(anna.login, anna.password, "5.6")
    server, phone._server = phone._server, Proxy(body)
    before = load_kept(tmp_path / "laptop")
    for ask in (phone.release, phone.renew, lambda: phone.activate(anna.login, anna.password, "5.6")):
        with pytest.raises(ServerAwayError, match="Try again later"):
            await ask()
    assert load_kept(tmp_path / "laptop") == before
    phone._server = server
    await phone.renew()
    await phone.release()


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (("5.6.4", None), ""),
        (("5", 1_000), ""),
        (("6.0", 1_000), "version"),
        (("50.6", None), "version"),
        (("5.6", 1_001), "updates"),
        ((None, 1_001), "updates"),
        ((None, None), ""),
    ],
)
async def test_l6_l7_a_build_that_the_licence_does_not_cover(softphone, anna, office, build, reason):
    phone = softphone()
    await office.fetch("UPDATE license SET updates_until = 1000")
    await phone.activate(anna.login, anna.password, "5.6")
    if not reason:
        assert phone.verify(*build)
        return
    with pytest.raises(NotVerifiedError) as caught:
        phone.verify(*build)
    assert caught.value.reason == reason


@pytest.fixture
async def certified(softphone, anna, office, tmp_path):
    """A certificate of `laptop` and what verifies it."""
    phone = softphone()
    activated = await phone.activate(anna.login, anna.password, "5.6")
    kept = load_kept(tmp_path / "laptop")

    def verify(device, **changes):
        given = {
            "certificate": kept.certificate,
            "delegation": kept.delegation,
            "roots": office.desk.maker.ring.roots,
            "product": "softphone",
            **changes,
        }
        return verify_here(device=device, **given)

    return verify, phone.device, activated.verified.terms


async def test_the_same_device_verifies_and_a_changed_part_is_told(certified, this_device):
    verify, device, _ = certified
    assert verify(device).comparison.differing == ()
    verified = verify(this_device("laptop", hdd_serial="ANOTHER-DISK-7"))
    assert verified.comparison.differing == ("hdd_serial",)


async def test_another_device_does_not(certified, this_device):
    verify, _, _ = certified
    with pytest.raises(
        NotVerifiedError, match=r"another machine's; parts that differ: .*hdd_serial"
    ) as caught:
        verify(this_device("desktop"))
    assert caught.value.reason == "device"
    assert "SERIAL" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"product": "other"}, "product"),
        ({"roots": [bytes(32)]}, "unknown_root"),
        ({"roots": []}, "unknown_root"),
        ({"certificate": "a.b.c"}, "malformed"),
        ({"certificate": ""}, "malformed"),
        ({"delegation": "a.b.c"}, "malformed"),
        ({"now": 1_600_000_000}, "not_yet_valid"),
        ({"now": 2_500_000_000}, "expired"),
    ],
)
async def test_each_reason_why_a_certificate_does_not_hold(certified, changes, reason):
    verify, device, _ = certified
    with pytest.raises(NotVerifiedError, match="The certificate does not hold") as caught:
        verify(device, **changes)
    assert caught.value.reason == reason


async def test_a_build_is_compared_where_it_is_given(certified):
    verify, device, _ = certified
    verify(device, build=Build("5.6", 4_000_000_000))  # no term of updates
    with pytest.raises(NotVerifiedError, match="for version 5, and this is version 6"):
        verify(device, build=Build("6"))


async def test_the_edges_of_its_time(certified):
    verify, device, terms = certified
    for now in (terms.issued_at - DAY, terms.expires_at - 1):
        verify(device, now=now)
    for now in (terms.issued_at - DAY - 1, terms.expires_at):
        with pytest.raises(NotVerifiedError):
            verify(device, now=now)


async def test_a_policy_of_the_future_asks_for_a_newer_softphone(certified, office):
    verify, device, terms = certified
    ring = office.desk.maker.ring
    key = ring.signing_key(ring.active(terms.issued_at).kid)
    issuer = Issuer(key, office.settings.issuer, office.desk.secrets.tags)
    future = issuer.issue(dataclasses.replace(terms, policy="standard/99"))
    with pytest.raises(NotVerifiedError, match="too old for the policy standard/99") as caught:
        verify(device, certificate=future)
    assert caught.value.reason == "policy"


async def test_this_machine_is_read_with_an_install_id_where_nothing_else_tells_it(tmp_path):
    device = read_device(tmp_path)
    assert device.fingerprint.identifiable
    assert ("install_id" in device.components) == any(tmp_path.iterdir())
    assert read_device(tmp_path).components == device.components
    assert "components" not in repr(device)


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        (("--version", "5.6.4", "--released-at", "1970-01-01T00:16:40Z"), 0, "verified"),
        (("--version", "50.6.4"), 1, '"reason": "version"'),
        (("--released-at", "1970-01-01T00:16:41Z"), 1, '"reason": "updates"'),
        (("--version", "five"), 2, "begins with a number"),
        (("--released-at", "2026-01-01"), 2, "no offset from UTC"),
    ],
)
async def test_the_command_compares_the_build_too(softphone, anna, office, monkeypatch, words, status, told):
    phone = softphone()
    await office.fetch("UPDATE license SET updates_until = 1000")
    await phone.activate(anna.login, anna.password, "5.6")
    monkeypatch.setattr("activation.cli.client.softphone_of", lambda _: phone)
    given = ("verify", "--product", "softphone", "--roots", "-", "--json", *words)
    done = CliRunner().invoke(client, given)
    assert (done.exit_code, told in done.output) == (status, True), done.output
