"""G3, G4, G8 over HTTP: end users on their own data, staff on what people asked for."""

import base64
import json
import time

import msgspec
import pytest
from sample_browser import Browser
from sample_signed_in import SignedIn
from service.sample_acts import begin
from service.sample_shop import Shop

from activation.licensing.identifiers import ACCOUNT, to_text
from activation.messages.person_data import PersonData
from activation.messages.times import to_rfc3339
from activation.service.mailing.sealing import unseal
from activation.service.privacy import exporting
from activation.service.privacy.announcing import announce_terms
from activation.service.privacy.requesting import tell_urgent
from activation.service.working import act_as_system

DAY = 86_400
ANN = {"name": "Ann Example", "email": "ann@example.org", "address": "1 Main St", "phone": "+359 2 123"}


class EndUser:
    """Somebody with an account, who calls with the owner's password."""

    def __init__(self, client, made):
        words = base64.b64encode(f"{made.login}:{made.password}".encode()).decode()
        self.client, self.made, self.headers = client, made, {"Authorization": f"Basic {words}"}

    @property
    def id(self):
        return to_text(ACCOUNT, self.made.account_id)

    async def get(self, path, **query):
        reply = await self.client.get(f"/v1/me/{path}", params=query, headers=self.headers)
        return reply.status, await reply.json()

    async def post(self, path, message=None):
        reply = await self.client.post(f"/v1/me/{path}", json=message or {}, headers=self.headers)
        return reply.status, await reply.json()


@pytest.fixture
async def ann(office, client):
    user = EndUser(client, await office.account())
    assert (await user.post("data", ANN))[0] == 200
    [confirm] = await opened(office, "email_confirm")
    assert (await user.post("data/confirmation", {"code": confirm["code"]}))[0] == 200
    return user


@pytest.fixture
async def bob(office, client):
    return EndUser(client, await office.account())


async def mails(office, template):
    rows = await office.fetch(
        "SELECT subject, params::text FROM mail WHERE template = $1 ORDER BY mail_id", template
    )
    return [(subject, json.loads(params)) for subject, params in rows]


async def opened(office, template):
    """Return what was sealed in the mails of a template."""
    return [unseal(office.desk.secrets.mail, params["sealed"]) for _, params in await mails(office, template)]


async def kinds(office, account_id):
    rows = await office.fetch(
        "SELECT kind, details::text FROM event WHERE about = $1 ORDER BY event_id", account_id
    )
    return [(row[0], json.loads(row[1]) if row[1] else {}) for row in rows]


async def test_g4_a_signed_in_person_is_verified_and_gets_a_written_answer(office, ann, sign_in):
    agent = await sign_in("support")
    status, asked = await ann.post("requests", {"kind": "access", "note": "All of it, please."})
    assert (status, asked["state"], asked["overdue"]) == (201, "open", False)
    assert asked["verified_how"] == "the owner's password"
    answer = f"privacy/requests/{asked['request_id']}/answer"
    done = {"answer": "Here is your copy.", "outcome": "done"}
    status, refused = await agent.post(answer, done)
    assert (status, refused["code"]) == (409, "conflict")  # nothing was handed out yet
    assert (await agent.get(f"privacy/accounts/{ann.id}/data"))[0] == 200
    status, answered = await agent.post(answer, done)
    assert (status, answered["state"], answered["answer"]) == (200, "done", "Here is your copy.")
    assert (await agent.post(answer, done))[0] == 409
    assert (await ann.get("requests"))[1]["requests"][0]["answer"] == "Here is your copy."
    assert await opened(office, "privacy_answered") == [{"answer": "Here is your copy."}]
    assert [kind for kind, _ in await kinds(office, ann.made.account_id)][-4:] == [113, 110, 101, 112]
    told = json.dumps(await kinds(office, ann.made.account_id))
    assert "All of it" not in told
    assert "Here is" not in told


async def test_g4_a_letter_is_verified_by_staff_before_it_is_done(ann, sign_in):
    agent, auditor = await sign_in("support"), await sign_in("auditor")
    letter = {"kind": "restriction", "regime": "ccpa", "how": "letter of 3 May", "login": ann.made.login}
    status, asked = await agent.post("privacy/requests", letter)
    assert (status, asked["verified_at"], asked["regime"]) == (201, None, "ccpa")
    path = f"privacy/requests/{asked['request_id']}"
    assert (await agent.post(f"privacy/accounts/{ann.id}/restrict"))[0] == 200
    done = {"answer": "It is restricted.", "outcome": "done"}
    assert (await agent.post(f"{path}/answer", done))[0] == 409
    assert (await auditor.post(f"{path}/verify", {"how": "called back"}))[0] == 403
    status, verified = await agent.post(f"{path}/verify", {"how": "called back"})
    assert (status, verified["verified_how"]) == (200, "called back")
    assert (await agent.post(f"{path}/verify", {"how": "again"}))[0] == 409
    assert (await agent.post(f"{path}/answer", done))[1]["state"] == "done"


async def test_g4_the_deadline_of_a_letter_counts_from_the_day_on_which_it_came(office, ann, sign_in):
    agent = await sign_in("support")
    letter = {"kind": "access", "how": "letter of 3 May", "login": ann.made.login}
    came = int(time.time()) - 44 * DAY
    asked = (await agent.post("privacy/requests", letter | {"received_at": to_rfc3339(came)}))[1]
    assert (asked["asked_at"], asked["overdue"]) == (to_rfc3339(came), True)
    for wrong in (came - 400 * DAY, came + 60 * DAY):
        status, _ = await agent.post("privacy/requests", letter | {"received_at": to_rfc3339(wrong)})
        assert status == 409
    status, refused = await agent.post("privacy/requests", letter | {"received_at": "3 May"})
    assert (status, refused["field"]) == (400, "received_at")


@pytest.mark.parametrize("message", [{}, {"login": "a", "account_id": "b"}])
async def test_g4_whose_request_it_is_is_named_once(sign_in, message):
    agent = await sign_in("support")
    status, refused = await agent.post("privacy/requests", {"kind": "access", "how": "mail", **message})
    assert (status, refused["field"]) == (400, "login")


async def test_g4_overdue_requests_come_first_and_staff_are_told_once(office, ann, bob, sign_in):
    agent = await sign_in("support")
    await ann.post("requests", {"kind": "erasure", "regime": "ccpa"})
    office.desk.clock.shift_s += 10 * DAY
    await bob.post("requests", {"kind": "access"})
    office.desk.clock.shift_s += 34 * DAY
    status, page = await agent.get("privacy/requests")
    assert status == 200
    assert [(one["kind"], one["overdue"]) for one in page["requests"]] == [
        ("access", True),
        ("erasure", False),
    ]
    assert await act_as_system(office.desk, tell_urgent) == 0  # nobody has an address: nothing counts as told
    [[staff_id]] = await office.fetch("SELECT staff_id FROM staff WHERE role = 'support'")
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, 0, 3, 'desk@example.org')", staff_id
    )
    assert await act_as_system(office.desk, tell_urgent) == 2
    assert await act_as_system(office.desk, tell_urgent) == 0
    [[subject, params]] = await mails(office, "privacy_urgent")
    assert subject == staff_id
    assert [line.split("  ")[1].split(",")[0] for line in params["requests"]] == ["access", "erasure"]
    assert (await agent.get("privacy/requests", state="sometime"))[0] == 400
    assert (await agent.get("privacy/requests", state="done"))[1] == {"requests": []}


async def test_g3_a_changed_email_is_told_to_the_old_one_and_counts_once_confirmed(office, ann):
    changed = {"name": "Ann Sample", "email": "new@example.org", "phone": None}
    assert (await ann.post("data", changed))[1] == {"changed": ["name", "email", "phone"]}
    assert await opened(office, "email_changed") == [{"to": "ann@example.org"}]
    _, confirm = await opened(office, "email_confirm")
    assert confirm["to"] == "new@example.org"
    found_by = "SELECT digest, account_id FROM account_by_email"
    before = await office.fetch(found_by)
    assert (await ann.post("data/confirmation", {"code": "0000000000"}))[0] == 409
    person = (await ann.get("data"))[1]["person"]
    assert (person["email"], person["new_email"]) == ("ann@example.org", "new@example.org")
    assert await office.fetch(found_by) == before
    assert (await ann.post("data/confirmation", {"code": confirm["code"]}))[0] == 200
    [after] = await office.fetch(found_by)
    assert after["account_id"] == ann.made.account_id
    assert after["digest"] != before[0]["digest"]
    told = [details for kind, details in await kinds(office, ann.made.account_id) if kind == 113]
    assert [one["fields"] for one in told[-2:]] == [["name", "email", "phone"], ["email"]]
    assert "Sample" not in json.dumps(told)
    person = (await ann.get("data"))[1]["person"]
    assert (person["name"], person["email"], person["phone"]) == ("Ann Sample", "new@example.org", None)
    assert person["new_email"] is None


async def test_g3_who_takes_a_new_email_back_has_nothing_to_confirm(office, ann):
    await ann.post("data", {"email": "new@example.org"})
    _, confirm = await opened(office, "email_confirm")
    await ann.post("data", {"email": ANN["email"]})
    assert (await ann.get("data"))[1]["person"]["new_email"] is None
    assert (await ann.post("data/confirmation", {"code": confirm["code"]}))[0] == 409


async def test_g4_a_session_asks_for_nothing_unless_the_password_was_shown_shortly_before(
    office, client, ann
):
    browser = Browser(client, office)
    await browser.enter(ann.made)
    office.desk.clock.shift_s += 601
    status, told = await browser.post("/v1/me/requests", {"kind": "erasure"})
    assert (status, told["step_up"]) == (403, True)
    assert (await ann.get("requests"))[1] == {"requests": []}
    assert (await browser.post("/v1/self/step-up", {"password": ann.made.password}))[0] == 200
    status, told = await browser.post("/v1/me/requests", {"kind": "erasure"})
    assert (status, told["verified_how"]) == (201, "the owner's password")


async def test_g3_staff_correct_for_somebody_and_purchases_follow_the_email(office, ann, sign_in):
    agent = await sign_in("support")
    before = await office.fetch("SELECT digest FROM account_by_email")
    status, done = await agent.post(f"privacy/accounts/{ann.id}/rectify", {"email": "third@example.org"})
    assert (status, done) == (200, {"changed": ["email"]})
    after = await office.fetch("SELECT digest, account_id FROM account_by_email")
    assert after[0]["account_id"] == ann.made.account_id
    assert after[0]["digest"] != before[0]["digest"]
    assert (await agent.post(f"privacy/accounts/{ann.id}/rectify", {}))[0] == 400


async def test_g3_restricted_and_objecting_people_are_not_written_to(office, ann, sign_in):
    agent = await sign_in("support")
    yes = {"purpose": "marketing", "given": True, "version": "2026-1"}
    status, consents = await ann.post("consents", yes)
    assert (status, consents["marketing"]) == (201, {"given": True, "may_write": True})
    assert (await agent.get("privacy/readers"))[1] == {"accounts": [ann.id]}
    assert (await ann.post("restriction"))[1]["restricted_at"] is not None
    assert (await agent.get("privacy/readers"))[1] == {"accounts": []}
    assert (await ann.get("consents"))[1]["marketing"] == {"given": True, "may_write": False}
    assert (await ann.post("restriction/lift"))[1]["restricted_at"] is None
    assert (await ann.post("restriction/lift"))[0] == 409
    assert (await agent.get("privacy/readers"))[1] == {"accounts": [ann.id]}
    assert (await ann.post("objection"))[1]["objected_at"] is not None
    assert (await agent.get("privacy/readers"))[1] == {"accounts": []}
    assert (await ann.post("objection/withdraw"))[1]["objected_at"] is None
    assert (await ann.post("objection/withdraw"))[0] == 409
    assert (await agent.get("privacy/readers"))[1] == {"accounts": [ann.id]}
    assert (await agent.post(f"privacy/accounts/{ann.id}/object"))[1]["objected_at"] is not None
    path = f"privacy/accounts/{ann.id}/withdraw-objection"
    assert (await agent.post(path))[1]["objected_at"] is None
    assert [subject for subject, _ in await mails(office, "restriction_lifted")] == [ann.made.account_id]


async def test_g3_who_is_restricted_shows_as_that_and_by_name_only_to_who_answers_requests(
    office, ann, sign_in
):
    await begin(office, ann.made, "laptop")
    await ann.post("restriction")
    for role, login, name in (
        ("support", ann.made.login, "the laptop"),
        ("sales", None, None),
        ("auditor", None, None),
    ):
        _, page = await (await sign_in(role)).get("licenses", query=ann.id)
        [found] = page["licenses"]
        assert (found["restricted"], found["login"]) == (True, login)
        assert found["devices"][0]["name"] == name
    await office.fetch("UPDATE activation SET forked_at = 1, fork_told_at = 1")
    _, page = await (await sign_in("auditor")).get("forks")
    assert (page["forks"][0]["login"], page["forks"][0]["name"]) == ("", "")
    looks = [details["fields"] for kind, details in await kinds(office, ann.made.account_id) if kind == 100]
    assert looks == [["login", "device_name"]]
    await ann.post("restriction/lift")
    _, page = await (await sign_in("sales")).get("licenses", query=ann.id)
    assert (page["licenses"][0]["restricted"], page["licenses"][0]["login"]) == (False, ann.made.login)


async def test_g3_a_reseller_sees_of_a_restricted_customer_what_the_licences_need(office, client, ann):
    shop = await Shop(office).open()
    made = await shop.reseller()
    await office.fetch("UPDATE account SET reseller_id = $1", made.reseller_id)
    reseller = SignedIn(client, made.token, "/v1/reseller/")
    _, seen = await reseller.get(f"customers/{ann.id}")
    assert (seen["name"], seen["email"], seen["restricted"]) == (ANN["name"], ANN["email"], False)
    await ann.post("restriction")
    _, seen = await reseller.get(f"customers/{ann.id}")
    assert (seen["name"], seen["email"], seen["address"], seen["restricted"]) == ("", "", "", True)
    assert seen["login"] == ann.made.login


async def test_g8_consent_is_withdrawn_as_easily_and_its_history_kept(ann, sign_in):
    agent = await sign_in("support")
    said = {"purpose": "marketing", "version": "2026-1"}
    await ann.post("consents", {**said, "given": True})
    await agent.post(f"privacy/accounts/{ann.id}/consents", {**said, "given": False, "how": "on the phone"})
    _, consents = await ann.get("consents")
    assert [(one["given"], one["how"]) for one in consents["history"]] == [
        (True, "signed in"),
        (False, "on the phone"),
    ]
    assert consents["marketing"] == {"given": False, "may_write": False}
    assert (await ann.post("consents", {**said, "purpose": "selling", "given": True}))[0] == 400


async def test_g8_changed_terms_are_announced_a_month_ahead_to_each_account_once(office, ann, bob, sign_in):
    admin = await sign_in("admin")
    assert (await admin.post("terms", {"version": "1", "text": "Be good."}))[0] == 201
    assert await act_as_system(office.desk, announce_terms) == 0  # the first ones change nothing
    soon = {"version": "2", "text": "Be better.", "effective_at": "2027-01-01T00:00:00Z"}
    office.desk.clock.shift_s += 1_798_000_000 - await office.desk.pool.fetchval(
        "SELECT extract(epoch FROM now())::int"
    )
    assert (await admin.post("terms", soon))[0] == 409
    assert (await admin.post("terms", {"version": "2", "text": "Be better."}))[0] == 201
    assert await act_as_system(office.desk, announce_terms) == 1  # the other one has no e-mail
    assert await act_as_system(office.desk, announce_terms) == 0
    assert [subject for subject, _ in await mails(office, "terms_announced")] == [ann.made.account_id]
    _, terms = await bob.get("terms")
    assert [terms["current"]["version"], terms["announced"][0]["version"]] == ["1", "2"]
    for version, status in (("1", 201), ("2", 201), ("2", 201), ("3", 409)):
        assert (await bob.post(f"terms/{version}/accept"))[0] == status
    copy = (await bob.get("data"))[1]
    assert [one["version"] for one in copy["acceptances"]] == ["1", "2"]


async def test_g3_a_copy_fits_its_schema_and_only_the_first_is_free(office, ann, bob):
    await begin(office, ann.made, "laptop")
    await ann.post("requests", {"kind": "access"})
    copies = [(await ann.get("data"))[1] for _ in range(2)]
    assert [copy["copy"] for copy in copies] == [{"number": 1, "free": True}, {"number": 2, "free": False}]
    msgspec.convert(copies[1], PersonData, strict=True)
    [copied] = copies[1]["licenses"]
    [device] = copied["devices"]
    assert (device["name"], device["parts"]) == ("the laptop", ["hdd_serial", "system_uuid", "mac"])
    assert "SERIAL" not in json.dumps(copies)
    assert copies[1]["person"] == {"login": ann.made.login, **ANN, "new_email": None}
    assert [event["event"] for event in copies[1]["events"]][-2:] == ["privacy_asked", "exported"]
    assert (await bob.get("data"))[1]["licenses"][0]["license_id"] != copied["license_id"]


async def test_g3_a_copy_of_many_licences_comes_in_pages(office, client, monkeypatch):
    monkeypatch.setattr(exporting, "PAGE", 2)
    company = EndUser(client, await office.account(5))
    seen, after = [], {}
    while True:
        _, page = await company.get("data", **after)
        seen += [one["license_id"] for one in page["licenses"]]
        assert ("account" in page) is not after or not after
        if "next_after" not in page:
            break
        after = {"after": page["next_after"]}
    assert len(set(seen)) == 5
    copied = [details for kind, details in await kinds(office, company.made.account_id) if kind == 101]
    assert [one["copy"] for one in copied if "copy" in one] == [1]
