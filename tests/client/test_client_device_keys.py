"""D6 between a real softphone and the real application: a copied folder shows, no other does."""

import itertools
import shutil

import pytest
from aiohttp.test_utils import TestServer

from activation.app import surroundings_of
from activation.client.conversing import Server, ServerAwayError, ServerRefusedError
from activation.client.device import ThisDevice, read_device
from activation.client.softphone import Softphone
from activation.http.routes import make_application
from activation.licensing.devices.fingerprints import identify
from activation.service.products import decide_on_forks
from activation.service.working import act_as_system
from activation.storage.products import read_catalogue


@pytest.fixture
async def application(office):
    running = TestServer(make_application(office.desk, surroundings_of(office.settings, office.desk)))
    await running.start_server()
    yield running
    await running.close()


@pytest.fixture
def softphone(office, application, tmp_path, now):
    """Open the softphone of a folder; all are on the same hardware, each a second later than the last."""
    components = office.components("laptop")
    device = ThisDevice(
        "the laptop",
        "linux",
        components,
        identify(components, install_id_allowed=True),
        read_device(tmp_path).reading,
    )
    seconds = itertools.count(now)

    def open_folder(name="kept", url=None):
        speaks_to = Server(url or str(application.make_url("")).rstrip("/"), patience_s=0.3)
        roots = office.desk.maker.ring.roots
        phone = Softphone(speaks_to, "softphone", roots, tmp_path / name, lambda: next(seconds))
        phone.device = device
        return phone

    return open_folder


@pytest.fixture
def clone(softphone, tmp_path):
    def copy(name="clone"):
        shutil.copytree(tmp_path / "kept", tmp_path / name)
        return softphone(name)

    return copy


@pytest.fixture
async def activated(softphone, office):
    made = await office.account(1)

    async def activate(phone):
        return await phone.activate(made.login, made.password, "5.6")

    await activate(softphone())
    return activate


async def refuse_forks(office):
    await act_as_system(office.desk, lambda work: decide_on_forks(work, "softphone", True))
    async with office.desk.pool.acquire() as connection:
        office.desk.catalogue = await read_catalogue(connection)


async def stored(office):
    (row,) = await office.fetch("SELECT proof_counter, forked_at FROM activation WHERE ended_at IS NULL")
    return row


async def test_renewals_carry_proofs_that_count_on(softphone, activated, office):
    for counter in (1, 2, 3):
        await softphone().renew()
        assert tuple(await stored(office)) == (counter, None)


async def test_d6_a_clone_of_the_folder_shows_within_two_renewals(softphone, clone, activated, office):
    copy = clone()
    await softphone().renew()
    assert (await stored(office))["forked_at"] is None
    await copy.renew()
    assert (await stored(office))["forked_at"] is not None


async def test_d6_where_copies_are_refused_the_password_brings_one_of_them_back(
    softphone, clone, activated, office
):
    await refuse_forks(office)
    copy = clone()
    await softphone().renew()
    with pytest.raises(ServerRefusedError, match="Another copy") as caught:
        await copy.renew()
    assert (caught.value.code, caught.value.problem["proof"]) == ("device_mismatch", "counter")
    await activated(copy)
    assert tuple(await stored(office)) == (0, None)
    await copy.renew()
    with pytest.raises(ServerRefusedError, match="not by the key") as caught:
        await softphone().renew()
    assert caught.value.problem["proof"] == "wrong_proof"


async def test_a_proof_that_was_not_answered_is_sent_again(softphone, activated, office, tmp_path):
    with pytest.raises(ServerAwayError):
        await softphone(url="http://127.0.0.1:1").renew()
    on_its_way = (tmp_path / "kept" / "proof.json").read_text()
    with pytest.raises(ServerAwayError):
        await softphone(url="http://127.0.0.1:1").renew()
    assert (tmp_path / "kept" / "proof.json").read_text() == on_its_way
    await softphone().renew()
    assert tuple(await stored(office)) == (1, None)


async def test_d6_an_answer_that_was_lost_on_the_way_shows_no_copy(softphone, clone, activated, office):
    """The server heard the proof, the softphone crashed before it kept the answer."""
    await refuse_forks(office)
    phone = softphone()
    phone._key.prove(phone._kept().certificate, 1_800_000_000)
    crashed = clone("crashed")
    await phone.renew()
    renewed = await crashed.renew()
    assert renewed.answer.certificate
    assert tuple(await stored(office)) == (1, None)


async def test_a_folder_without_a_key_goes_on_working(softphone, activated, office, tmp_path):
    """As it was left by a softphone that knew no keys."""
    for name in ("device.key", "proof.json"):
        (tmp_path / "kept" / name).unlink(missing_ok=True)
    await office.fetch("UPDATE activation SET device_key = NULL")
    for _ in range(2):
        await softphone().renew()
    assert not (tmp_path / "kept" / "proof.json").exists()
    assert tuple(await stored(office)) == (0, None)


async def test_another_refusal_answers_the_proof_too(softphone, activated, office):
    await office.fetch("UPDATE license SET state = 1")
    with pytest.raises(ServerRefusedError, match="suspended"):
        await softphone().renew()
    await office.fetch("UPDATE license SET state = 0")
    await softphone().renew()
    assert tuple(await stored(office)) == (2, None)
