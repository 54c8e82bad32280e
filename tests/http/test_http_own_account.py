"""End users on their own account over the API: the activation password, closing the account."""

from sample_browser import Browser
from sample_signed_in import owner_of

from activation.licensing.verdicts import Refused
from activation.service.activating.activations import activate


async def test_with_the_owners_password_an_account_is_set_up_and_closed(office, client):
    ann = await office.account(1)
    headers = owner_of(ann.login, ann.password)

    async def call(path, message=None):
        asked = client.get if message is None else client.post
        reply = await asked(
            f"/v1/me/{path}", headers=headers, **({} if message is None else {"json": message})
        )
        return reply.status, await reply.json()

    assert await call("activation-password") == (200, {"is_set": False})
    status, made = await call("activation-password", {})
    assert (status, made["replaced"]) == (201, False)
    only = owner_of(ann.login, made["activation_password"])
    assert (await client.get("/v1/me/closing", headers=only)).status == 403
    assert (await call("activation-password"))[1] == {"is_set": True}
    assert await call("activation-password/end", {}) == (200, {"is_set": False})
    assert (await call("activation-password/end", {}))[0] == 409
    status, preview = await call("closing")
    assert (status, preview["ends"]["licenses"]) == (200, 1)
    assert (await call("closing", {"shown": "0" * 32}))[0] == 409
    status, closed = await call("closing", {"shown": preview["shown"]})
    assert (status, closed["licenses"]) == (200, 1)
    assert (await call("closing"))[0] == 401
    done = await activate(office.desk, office.caller(), ann.login, ann.password, office.wish("desk"))
    assert isinstance(done, Refused)


async def test_a_session_closes_nothing_without_the_password_shown_again(office, client):
    ann = await office.account(1)
    browser = Browser(client, office)
    await browser.enter(ann)
    await office.fetch("UPDATE session SET stepped_up_at = 1")
    _, preview = await browser.get("/v1/me/closing")
    status, told = await browser.post("/v1/me/closing", {"shown": preview["shown"]})
    assert (status, told["step_up"]) == (403, True)
    assert (await browser.post("/v1/me/activation-password", {}))[0] == 403
