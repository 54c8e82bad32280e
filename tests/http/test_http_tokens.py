"""API tokens over HTTP: made by their owners in a session, for no more than these may, until they end."""

import json

import pytest
from sample_browser import Browser
from sample_pools import open_shop
from sample_signed_in import SignedIn

from activation.licensing.roles import Role, acts_of
from activation.service.identity.token_uses import AGAIN_S
from activation.service.identity.tokens import DAY_S, MOST_TOKENS
from activation.service.mailing.sealing import unseal
from activation.service.mailing.texts import write_letter
from activation.service.provisioning import make_reseller
from activation.storage.outgoing.mails import Recipient

SEE = ["licenses.see"]
GOOD = "correct horse battery"


class Maker(SignedIn):
    """Somebody with a token for all acts, and a browser to make others in."""

    def __init__(self, office, client, made):
        super().__init__(client, made.token, "/v1/")
        self.made, self.browser = made, Browser(client, office)


async def sign_in(office, client, made):
    maker = Maker(office, client, made)
    await maker.browser.enter(made)
    return maker


@pytest.fixture
async def support(office, client):
    return await sign_in(office, client, await office.staff("support"))


def with_token(somebody, token):
    return SignedIn(somebody.client, token, somebody.under)


async def make(somebody, scopes, name="nightly", **more):
    return await somebody.browser.post("/v1/self/tokens", {"name": name, "scopes": scopes, **more})


async def test_a_token_is_shown_once_and_stored_as_a_hash_with_its_end(office, support):
    status, made = await make(support, ["resets.see", "licenses.see"], days=7)
    assert status == 201
    assert made["token"].startswith("stf_")
    assert made["scopes"] == ["licenses.see", "resets.see"]
    status, told = await support.get("self/tokens")
    assert status == 200
    assert made["token"] not in str(told)
    [listed] = [one for one in told["tokens"] if one["token_id"] == made["token_id"]]
    assert (listed["name"], listed["state"], listed["last_used_at"]) == ("nightly", "active", None)
    assert told["scopes"] == [], "a token gives none"
    _, told = await support.browser.get("/v1/self/tokens")
    assert set(told["scopes"]) == acts_of(Role.SUPPORT)
    rows = await office.fetch("SELECT * FROM staff_token WHERE name = 'nightly'")
    assert made["token"] not in str(rows)
    assert {row["expires_at"] - row["created_at"] for row in rows} == {7 * DAY_S}


async def test_a_token_that_is_issued_with_a_login_names_its_acts(office, client):
    """Null would be all acts of the role, those of later releases too."""
    made = await make_owner(office)
    owner = SignedIn(client, made.token, "/v1/")
    status, issued = await owner.post(f"reseller/users/{made.login}/login")
    assert status == 200
    _, told = await SignedIn(client, issued["token"], "/v1/").get("self/tokens")
    assert {tuple(one["scopes"]) for one in told["tokens"]} == {tuple(sorted(acts_of(Role.OWNER)))}
    _, told = await SignedIn(client, (await office.staff("sales")).token, "/v1/").get("self/tokens")
    assert set(told["tokens"][0]["scopes"]) == acts_of(Role.SALES)


async def test_a_token_does_what_it_is_for_and_nothing_else(support):
    _, made = await make(support, SEE)
    scoped = with_token(support, made["token"])
    assert (await scoped.get("staff/licenses"))[0] == 200
    for path in ("staff/resets", "self/tokens"):
        status, told = await scoped.get(path)
        assert (status, told["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("scopes", "status"),
    [
        ([], 400),
        (["no.such"], 400),
        (["licenses.see", "staff.change"], 403),
        (["own.see"], 403),
        (["mine.see"], 403),
    ],
)
async def test_nobody_gives_a_token_more_than_they_may(office, support, scopes, status):
    before = await office.fetch("SELECT FROM staff_token")
    assert (await make(support, scopes))[0] == status
    assert len(await office.fetch("SELECT FROM staff_token")) == len(before)


async def test_a_token_makes_no_token_and_so_none_outlives_its_end(office, support):
    """Not even one like itself: it would be for ever, and go on when the first is revoked."""
    _, made = await make(support, ["licenses.see", "self"])
    before = await office.fetch("SELECT FROM staff_token")
    for token in (made["token"], support.token):
        wanted = {"name": "child", "scopes": SEE}
        status, told = await with_token(support, token).post("self/tokens", wanted)
        assert (status, told["code"]) == (403, "forbidden")
        assert "Sign in" in told["detail"]
    assert len(await office.fetch("SELECT FROM staff_token")) == len(before)


@pytest.mark.parametrize("days", [0, 401, -1, 1.5])
async def test_a_token_lasts_a_year_and_a_month_at_most(support, days):
    assert (await make(support, SEE, days=days))[0] == 400


async def test_a_token_ends_on_its_day_and_when_it_is_revoked(office, support):
    _, short = await make(support, SEE, days=1)
    _, revoked = await make(support, SEE, days=400)
    office.desk.clock.shift_s += DAY_S - 5
    assert (await with_token(support, short["token"]).get("staff/licenses"))[0] == 200
    office.desk.clock.shift_s += 6
    assert (await with_token(support, short["token"]).get("staff/licenses"))[0] == 401
    path = f"self/tokens/{revoked['token_id']}/revoke"
    for _ in range(2):
        status, told = await support.post(path)
        assert (status, told["state"]) == (200, "revoked")
    assert (await with_token(support, revoked["token"]).get("staff/licenses"))[0] == 401
    states = {one["token_id"]: one["state"] for one in (await support.get("self/tokens"))[1]["tokens"]}
    assert states[short["token_id"]] == "expired"
    kinds = await office.fetch("SELECT kind FROM event WHERE kind IN (88, 89) ORDER BY event_id")
    assert [row[0] for row in kinds] == [88, 88, 89]


async def test_anothers_token_is_as_if_it_were_not_there(office, client, support):
    _, made = await make(support, SEE)
    other = await sign_in(office, client, await office.staff("support"))
    status, _ = await other.post(f"self/tokens/{made['token_id']}/revoke")
    assert status == 404
    assert (await with_token(support, made["token"]).get("staff/licenses"))[0] == 200
    assert made["token_id"] not in str(await other.get("self/tokens"))


async def test_admins_see_and_revoke_tokens_of_staff(office, client, support):
    _, made = await make(support, SEE)
    boss = SignedIn(client, (await office.staff("admin")).token)
    _, people = await boss.get("people")
    [staff_id] = [one["staff_id"] for one in people["people"] if one["role"] == "support"]
    _, told = await boss.get(f"people/{staff_id}/tokens")
    assert made["token_id"] in {one["token_id"] for one in told["tokens"]}
    status, told = await boss.post(f"people/{staff_id}/tokens/{made['token_id']}/revoke")
    assert (status, told["state"]) == (200, "revoked")
    assert (await with_token(support, made["token"]).get("staff/licenses"))[0] == 401


async def test_the_last_use_is_written_once_an_hour_beside_the_request(office, support):
    _, made = await make(support, SEE)
    scoped = with_token(support, made["token"])

    async def use_and_read():
        await scoped.get("staff/licenses")
        await office.desk.token_uses.flush(office.desk.pool)
        [[used]] = await office.fetch("SELECT last_used_at FROM staff_token WHERE name = 'nightly'")
        return used

    first = await use_and_read()
    assert first is not None
    office.desk.clock.shift_s += AGAIN_S - 10
    assert await use_and_read() == first
    office.desk.clock.shift_s += 11
    assert await use_and_read() > first


async def test_a_resellers_users_make_tokens_of_their_own_and_see_nobody_elses(office, client):
    other = await open_shop(office)
    owner = await sign_in(office, client, await make_owner(office))
    status, made = await make(owner, ["own.see"])
    assert status == 201
    assert made["token"].startswith("rsl_")
    assert (await with_token(owner, made["token"]).get("reseller/account"))[0] == 200
    assert (await with_token(owner, made["token"]).get("reseller/users"))[0] == 403
    stranger = SignedIn(client, other.token, "/v1/")
    assert (await stranger.post(f"self/tokens/{made['token_id']}/revoke"))[0] == 404
    assert (await owner.post(f"self/tokens/{made['token_id']}/revoke"))[0] == 200
    assert (await with_token(owner, made["token"]).get("reseller/account"))[0] == 401


async def test_nobody_has_more_than_fifty_tokens_that_hold(office, support):
    [[staff_id]] = await office.fetch("SELECT staff_id FROM staff")
    await office.fetch(
        "INSERT INTO staff_token (token_hash, staff_id, name, created_at, token_id)"
        " SELECT sha256(n::text::bytea), $1, 'old', 1, n FROM generate_series(1, $2::int) AS n",
        staff_id,
        MOST_TOKENS - 2,
    )
    assert (await make(support, SEE))[0] == 201
    assert (await make(support, SEE))[0] == 409
    await office.fetch("UPDATE staff_token SET revoked_at = 1 WHERE token_id = 7")
    assert (await make(support, SEE))[0] == 201


async def test_a_session_makes_a_token_only_with_a_fresh_second_factor(office, support):
    """A stolen cookie's token would outlive the session, and the password."""
    assert (await make(support, SEE))[0] == 201
    office.desk.clock.shift_s += 700
    status, told = await make(support, SEE)
    assert (status, told["step_up"]) == (403, True)
    assert (await support.browser.show(support.made.totp_secret, "step-up"))[0] == 200
    assert (await make(support, SEE))[0] == 201


async def test_staffs_tokens_end_with_the_password(office, support):
    _, made = await make(support, SEE)
    await reach(office, support.made.user_id)
    change = {"old": support.made.password, "new": GOOD}
    assert (await support.browser.post("/v1/self/password", change))[0] == 200
    for token in (made["token"], support.token):
        assert (await with_token(support, token).get("staff/licenses"))[0] == 401
    assert "API tokens ended" in await mailed(office)


async def test_a_resellers_users_tokens_go_on_and_are_listed_in_the_mail(office, client):
    owner = await sign_in(office, client, await make_owner(office))
    await make(owner, ["own.see"], "web shop")
    await reach(office, owner.made.user_id)
    change = {"old": owner.made.password, "new": GOOD}
    assert (await owner.browser.post("/v1/self/password", change))[0] == 200
    assert (await owner.get("reseller/account"))[0] == 200
    text = await mailed(office)
    assert "still work" in text
    assert "    web shop, made 20" in text


async def make_owner(office):
    async with office.desk.pool.acquire() as connection:
        return await make_reseller(connection, office.keys, office.ids, "Shop & Sons")


async def reach(office, person_id):
    await office.fetch("INSERT INTO personal VALUES ($1, 0, 3, 'sam@example.org')", person_id)


async def mailed(office):
    """Return the text of the one mail about a new password."""
    [row] = await office.fetch("SELECT template, params::text FROM mail")
    params = json.loads(row["params"])
    opened = unseal(office.desk.secrets.mail, params.pop("sealed"))
    return write_letter(row["template"], {**params, **opened}, Recipient()).body
