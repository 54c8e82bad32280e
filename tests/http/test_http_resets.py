"""Staff's resets over HTTP: reasons, bounds, approval, undo, exposure; done once for one Idempotency-Key."""

import asyncio

import pytest
from sample_signed_in import SignedIn

from activation.licensing.identifiers import LICENSE, RESET, STAFF, to_text
from activation.licensing.overriding import Bounds
from activation.service.activating.activations import activate

LOST = {"reason": "device_lost", "note": "on a train"}
EXPOSURE = {
    "license_id",
    "certificate_until",
    "certificate_for_ever",
    "certificate_seconds",
    "live_certificates",
    "moves",
    "moves_30_days",
    "moved_at",
    "differing",
    "waiting",
    "left",
}


class House:
    """The application, with a customer whose licence is on a laptop, and staff by their role."""

    def __init__(self, office, client):
        self.office, self.client = office, client
        self.license_id = ""
        self.staff = {}

    async def open(self):
        self.anna = await self.office.account(1)
        self.license_id = await self.activate("laptop")
        for role in ("support", "sales", "admin", "auditor"):
            self.staff[role] = await self.office.staff(role)

    async def activate(self, name):
        done = await activate(
            self.office.desk,
            self.office.caller(),
            self.anna.login,
            self.anna.password,
            self.office.wish(name),
        )
        return to_text(LICENSE, done.license.license_id)

    async def post(self, path, role="support", key=None, body=LOST):
        return await self.signed_in(role).post(path, body, key)

    async def reset(self, role="support", key=None, body=LOST):
        return await self.post(f"licenses/{self.license_id}/resets", role, key, body)

    async def get(self, path, role="support"):
        return await self.signed_in(role).get(path)

    def signed_in(self, role):
        return SignedIn(self.client, self.staff[role].token)

    async def count(self, table):
        return (await self.office.fetch(f"SELECT count(*) FROM {table}"))[0][0]


@pytest.fixture
async def house(office, client):
    opened = House(office, client)
    await opened.open()
    return opened


async def test_r4_the_answer_names_the_reset_and_r6_what_it_leaves_open(house):
    status, told = await house.reset()
    assert (status, told["license_id"], told["state"]) == (200, house.license_id, "done")
    assert told["reset_id"].startswith("rst_")
    assert set(told["exposure"]) == EXPOSURE
    assert told["exposure"]["left"] == {"agent_day": 49, "license_month": 3}
    assert told["exposure"]["live_certificates"] == 1
    assert 29 * 86400 < told["exposure"]["certificate_seconds"] <= 30 * 86400


async def test_r6_exposure_is_for_the_eyes_of_all_staff(house):
    for role in house.staff:
        status, told = await house.get(f"licenses/{house.license_id}/exposure", role)
        assert (status, set(told)) == (200, EXPOSURE)
    status, told = await house.get("licenses/lic_0000000000000/exposure")
    assert (status, told["code"]) == (404, "not_found")


async def test_r4_the_same_key_resets_once_whatever_happened_since(house):
    first = await house.reset(key="k-1")
    await house.activate("desktop")
    assert await house.reset(key="k-1") == first
    assert await house.count("reset") == 1
    status, told = await house.reset(key="k-1", body={**LOST, "note": "another"})
    assert (status, told["code"]) == (422, "idempotency_mismatch")
    assert (await house.reset(key="k-2"))[0] == 200
    assert await house.count("reset") == 2


async def test_r4_the_same_key_at_once_resets_once(house):
    for n in range(5):
        answers = await asyncio.gather(*[house.reset(key=f"at once {n}") for _ in range(4)])
        assert [status for status, _ in answers] == [200] * 4
        assert len({told["reset_id"] for _, told in answers}) == 1
        await house.activate(f"next {n}")
        house.office.desk.bounds = Bounds(1000, 1000)
    assert await house.count("reset") == await house.count("mail") == 5


async def test_r5_past_the_bound_409_names_what_waits_and_a_second_person_approves(house):
    house.office.desk.bounds = Bounds(agent_day=0)
    status, told = await house.reset(key="k-1")
    assert (status, told["code"], told["bound"], told["limit"]) == (409, "approval_required", "agent_day", 0)
    waiting = told["reset_id"]
    assert (await house.reset(key="k-1"))[1]["reset_id"] == waiting
    assert await house.count("override") == 1
    status, listed = await house.get("resets?state=waiting", "auditor")
    (row,) = listed["resets"]
    assert (status, row["reset_id"], row["license_id"], row["state"]) == (
        200,
        waiting,
        house.license_id,
        "waiting",
    )
    assert row["asked_by"] == to_text(STAFF, house.staff["support"].user_id)
    assert (row["reason"], row["note"], row["kind"]) == ("device_lost", "on a train", "reset")
    own = await house.post(f"resets/{waiting}/approve", "support", body={})
    assert (own[0], own[1]["code"]) == (403, "forbidden")
    assert (await house.post(f"resets/{waiting}/approve", "auditor", body={}))[0] == 403
    done = await house.post(f"resets/{waiting}/approve", "sales", "a-1", {})
    assert (done[0], done[1]["reset_id"], done[1]["state"]) == (200, waiting, "done")
    assert await house.post(f"resets/{waiting}/approve", "sales", "a-1", {}) == done
    again = await house.post(f"resets/{waiting}/approve", "admin", body={})
    assert (again[0], again[1]["code"]) == (409, "conflict")
    assert (await house.get("resets?state=done"))[1]["resets"][0]["decided_by"] is not None


async def test_r5_declined_it_is_over(house):
    house.office.desk.bounds = Bounds(agent_day=0)
    waiting = (await house.reset())[1]["reset_id"]
    status, told = await house.post(f"resets/{waiting}/decline", "sales", body={})
    assert (status, told["state"]) == (200, "declined")
    assert (await house.post(f"resets/{waiting}/approve", "sales", body={}))[0] == 409
    assert (await house.get("resets"))[1] == {"resets": []}


async def test_r5_undo_needs_no_body_and_is_answered_alike_for_one_key(house):
    reset_id = (await house.reset())[1]["reset_id"]
    headers = house.signed_in("sales").headers("u-1")
    path = f"/v1/staff/resets/{reset_id}/undo"
    first, again = [await house.client.post(path, headers=headers) for _ in range(2)]
    assert (first.status, again.status) == (200, 200)
    assert await first.text() == await again.text()
    assert (await first.json())["state"] == "undone"
    other = await house.client.post(path, headers=headers | {"Idempotency-Key": "u-2"})
    assert other.status == 409


@pytest.mark.parametrize("act", ["approve", "decline", "undo"])
async def test_r5_what_is_no_reset_is_404_and_a_body_that_says_something_400(house, act):
    for reset_id in ("rst_0000000000000", "nonsense", to_text(RESET, 12345), house.license_id):
        status, told = await house.post(f"resets/{reset_id}/{act}", body={})
        assert (status, told["code"]) == (404, "not_found")
    status, told = await house.post(f"resets/rst_0000000000000/{act}", body={"why": "not"})
    assert (status, told["code"], told["field"]) == (400, "malformed", "why")


async def test_r5_an_unknown_state_is_400(house):
    status, told = await house.get("resets?state=done%20for")
    assert (status, told["code"], told["field"]) == (400, "malformed", "state")


async def test_r5_a_long_list_comes_in_pages(house, monkeypatch):
    monkeypatch.setattr("activation.service.resetting.staff_resets.PAGE", 2)
    monkeypatch.setattr("activation.http.staff.answering_resets.PAGE", 2)
    made = []
    for name in ("a", "b", "c"):
        made.append((await house.reset())[1]["reset_id"])
        await house.activate(name)
    first = (await house.get("resets?state=done"))[1]
    rest = (await house.get(f"resets?state=done&after={first['next_after']}"))[1]
    assert [row["reset_id"] for row in first["resets"] + rest["resets"]] == made
    assert "next_after" not in rest


async def test_r2_a_replacement_waits_for_a_second_person(house):
    path = f"licenses/{house.license_id}/replacement"
    assert (await house.post(path, "sales"))[1]["code"] == "conflict"
    await house.office.fetch("UPDATE activation SET online = false")
    assert (await house.post(path, "support"))[0] == 403
    status, told = await house.post(path, "sales", "r-1")
    assert (status, told["code"], told["bound"]) == (409, "approval_required", "replacement")
    status, done = await house.post(f"resets/{told['reset_id']}/approve", "admin", body={})
    assert (status, done["state"], done["given"][:4]) == (200, "done", "lic_")
    assert "exposure" not in done
    assert (await house.get("resets?state=done"))[1]["resets"][0]["given"] == done["given"]


async def test_r2_a_replacement_needs_a_reason_and_a_note(house):
    path = f"licenses/{house.license_id}/replacement"
    status, told = await house.post(path, "sales", body={"reason": "other", "note": " "})
    assert (status, told["field"]) == (400, "note")


async def test_r9_an_orphaned_licence_is_refused_by_name(house):
    await house.office.fetch("UPDATE license SET orphaned = true")
    status, told = await house.reset()
    assert (status, told["code"], told["zdk_status"]) == (409, "reset_forbidden", "Failed")
