"""R2 at the desk: a customer's request file goes in, the certificate file comes out, the same one later."""

import sys
import time
from pathlib import Path

import aiohttp
import pytest

sys.path.append(str(Path(__file__).parents[1] / "service"))

from sample_offline import LonelyMachine

from activation.licensing.roles import Role
from activation.messages.offline_files import read_certificate_file

PATH = "/console/offline"


@pytest.fixture
async def machine(office):
    return LonelyMachine(office, await office.account())


@pytest.fixture
async def agent(signed_in):
    return await signed_in(Role.SUPPORT)


async def send(browser, content="", text=""):
    form = aiohttp.FormData((await browser.get(PATH)).form(PATH).fields | {"text": text})
    form.add_field("file", content.encode(), filename="ZoiperX.certificate-request" if content else "")
    return await browser.post(PATH, form)


@pytest.mark.parametrize("way", ["content", "text"])
async def test_r2_a_request_becomes_a_certificate_that_can_be_had_again(agent, machine, way):
    sent = await send(agent, **{way: machine.file(int(time.time()))})
    assert sent.status == 303, sent.text
    page = await agent.follow(sent)
    for words in ("The certificate is made", "the laptop", "Never"):
        assert words in page.words
    [first, second] = [link for link in page.document.links if "/offline/" in link]
    assert first == second
    given = [await agent.get(first) for _ in range(2)]
    assert given[0].text == given[1].text
    assert given[0].headers["Content-Disposition"] == 'attachment; filename="Zoiperthe-laptop.certificate"'
    assert read_certificate_file(given[0].text.encode()).certificate.count(".") == 2


async def test_r2_the_api_gives_it_again_too(agent, machine, client, people):
    page = await agent.follow(await send(agent, machine.file(int(time.time()))))
    [link, *_] = [link for link in page.document.links if "/offline/" in link]
    _, _, _, license_id, _, certificate_id = link.split("/")
    path = f"/v1/staff/licenses/{license_id}/offline-files/"
    bearer = people.bearer(Role.SUPPORT)
    status, text = await people.ask("GET", path + certificate_id, bearer)
    assert (status, text) == (200, (await agent.get(link)).text)
    assert (await people.ask("GET", f"{path}x", bearer))[0] == 404
    assert (await people.ask("GET", path + certificate_id, people.bearer(Role.AUDITOR)))[0] == 403


async def test_r2_a_wrong_password_in_the_file_is_the_customers(agent, machine):
    shown = await send(agent, machine.file(int(time.time()), password="wrong"))
    assert shown.status == 403
    for words in ("The password in the file is wrong", "type login and password on the machine again"):
        assert words in shown.words


@pytest.mark.parametrize(
    ("way", "content", "words"),
    [
        ("text", "", "Choose the file, or paste its text."),
        ("text", "Dear support, please activate me.", "BEGIN SOFTPHONE CERTIFICATE REQUEST----- is missing"),
        ("content", "\\x00garbage", "BEGIN SOFTPHONE CERTIFICATE REQUEST----- is missing"),
    ],
)
async def test_what_is_no_request_is_told_at_its_field(agent, way, content, words):
    shown = await send(agent, **{way: content})
    assert (shown.status, 'aria-invalid="true"' in shown.text) == (400, True)
    assert words in shown.words
    assert way != "text" or shown.form(PATH).fields["text"].strip() == content


async def test_r2_an_old_request_says_how_to_get_a_new_one(agent, machine):
    shown = await send(agent, machine.file(int(time.time()) - 40 * 86_400))
    assert (shown.status, "new request file" in shown.words) == (409, True)


async def test_looking_at_the_page_counts_for_no_limit(agent):
    for _ in range(31):
        shown = await agent.get(PATH)
    assert shown.status == 200


async def test_an_auditor_sees_the_list_and_downloads_nothing(agent, machine, signed_in):
    made = await send(agent, machine.file(int(time.time())))
    auditor = await signed_in(Role.AUDITOR)
    page = await auditor.get(made.location)
    assert (page.status, [link for link in page.document.links if "/offline/" in link]) == (200, [])
