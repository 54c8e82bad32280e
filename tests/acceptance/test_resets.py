"""R1-R4, R7, R8, R10: freeing a licence from its device."""

import time
from collections.abc import Callable

import asyncpg
import pytest
from acceptance_api import Account, Api, granted, refused
from acceptance_devices import device
from acceptance_making import MakeAccount
from acceptance_times import DAY_S, next_monday, rfc3339, seconds, this_monday, within_one_week

from activation.licensing.identifiers import LICENSE, account_of_login, from_text

pytestmark = pytest.mark.asyncio(loop_scope="session")

REASONS = (
    "hardware_failure",
    "device_lost",
    "device_replaced",
    "reinstallation",
    "mistaken_activation",
    "other",
)
NOBODYS = "lic_0000000000000"


async def test_r1_an_own_reset_frees_the_licence_for_another_device(
    api: Api, new_account: MakeAccount
) -> None:
    account = await new_account()
    first = granted(await api.activate(account, device()), 201)
    await within_one_week()
    answer = await api.reset(account, account.licenses[0])
    assert answer.status == 200, answer.body
    assert answer.json.keys() == {"license_id", "reset_id", "next_at"}
    assert answer.json["license_id"] == account.licenses[0]
    assert answer.json["reset_id"].startswith("rst_")
    assert answer.json["next_at"] == rfc3339(next_monday())
    second = granted(await api.activate(account, device()), 201)
    assert second.json["license_id"] == first.json["license_id"]
    assert second.json["activation_id"] != first.json["activation_id"]
    assert second.json["resets"] == {"available": False, "next_at": rfc3339(next_monday())}


async def test_r3_second_reset_in_same_week_is_refused(api: Api, new_account: MakeAccount) -> None:
    account = await new_account()
    await within_one_week()
    granted(await api.activate(account, device()), 201)
    assert (await api.reset(account, account.licenses[0])).status == 200
    granted(await api.activate(account, device()), 201)
    problem = refused(await api.reset(account, account.licenses[0]), "reset_limit")
    assert problem["next_at"] == rfc3339(next_monday())
    listed = (await api.licenses(account))[0]
    assert listed["device"] is not None, "the refused reset freed nothing"
    assert listed["resets"] == {"available": False, "next_at": rfc3339(next_monday())}


async def test_r3_the_week_begins_on_monday_at_midnight_in_sofia(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    await within_one_week()
    for used_at, code in ((this_monday() - 1, None), (this_monday(), "reset_limit")):
        account = await new_account()
        granted(await api.activate(account, device()), 201)
        await database.execute(
            "UPDATE license SET self_reset_at = $1 WHERE license_id = $2",
            used_at,
            from_text(LICENSE, account.licenses[0]),
        )
        answer = await api.reset(account, account.licenses[0])
        if code is None:
            assert answer.status == 200, answer.body
        else:
            assert refused(answer, code)["next_at"] == rfc3339(next_monday())


async def test_r3_each_licence_has_a_reset_of_its_own(api: Api, new_account: MakeAccount) -> None:
    account = await new_account(2)
    for license_id in account.licenses:
        granted(await api.activate(account, device(), license_id=license_id), 201)
        assert (await api.reset(account, license_id)).status == 200


async def test_r3_a_reset_of_an_unused_licence_is_refused_and_costs_nothing(
    api: Api, new_account: MakeAccount
) -> None:
    account = await new_account()
    assert refused(await api.reset(account, account.licenses[0]), "reset_unused")["last_reset"] is None
    granted(await api.activate(account, device()), 201)
    before = int(time.time())
    assert (await api.reset(account, account.licenses[0])).status == 200
    problem = refused(await api.reset(account, account.licenses[0]), "reset_unused")
    assert before - 1 <= seconds(problem["last_reset"]) <= time.time() + 1


@pytest.mark.parametrize("seats", [1, 20])
async def test_the_activation_password_activates_and_nothing_else(
    api: Api, new_account: MakeAccount, seats: int
) -> None:
    company = await new_account(seats, rolled_out=True)
    machine = device()
    granted(await api.activate(company.activator, machine), 201)
    granted(await api.activate(company.activator, machine), 200)
    refused(await api.reset(company.activator, company.licenses[0]), "forbidden")
    refused(await api.call("GET", "/v1/licenses", account=company.activator), "forbidden")
    move = await api.activate(company.activator, device(), move=True, license_id=company.licenses[0])
    refused(move, "forbidden")
    held = [entry for entry in await api.licenses(company) if entry["device"]]
    assert [entry["device"]["name"] for entry in held] == [machine["name"]]


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("role", ["support", "sales", "admin"])
async def test_r4_staff_reset_with_a_reason_and_a_note(
    api: Api,
    new_account: MakeAccount,
    tokens: dict[str, str],
    database: asyncpg.Connection,
    role: str,
    reason: str,
) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    answer = await api.staff_reset(tokens[role], account.licenses[0], reason=reason, note="Drowned: said so.")
    assert answer.status == 200, answer.body
    assert answer.json.keys() == {"license_id", "reset_id", "state", "exposure"}
    assert answer.json["license_id"] == account.licenses[0]
    row = await database.fetchrow(
        "SELECT r.reason, r.note, s.role FROM reset r JOIN staff s USING (staff_id) WHERE license_id = $1",
        from_text(LICENSE, account.licenses[0]),
    )
    assert row is not None
    assert tuple(row) == (reason, "Drowned: said so.", role)
    granted(await api.activate(account, device()), 201)


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"note": "Why"}, "reason"),
        ({"reason": "", "note": "Why"}, "reason"),
        ({"reason": "because", "note": "Why"}, "reason"),
        ({"reason": "DEVICE_LOST", "note": "Why"}, "reason"),
        ({"reason": "device_lost"}, "note"),
        ({"reason": "device_lost", "note": ""}, "note"),
        ({"reason": "device_lost", "note": " \n\t "}, "note"),
    ],
)
async def test_r4_staff_reset_without_a_reason_or_note_is_refused(
    api: Api, new_account: MakeAccount, tokens: dict[str, str], message: dict[str, str], field: str
) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    answer = await api.staff_reset(tokens["support"], account.licenses[0], **message)
    assert refused(answer, "malformed")["field"] == field
    assert (await api.licenses(account))[0]["device"] is not None


async def test_r4_an_auditor_may_not_reset(
    api: Api, new_account: MakeAccount, tokens: dict[str, str]
) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    refused(await api.staff_reset(tokens["auditor"], account.licenses[0]), "forbidden")
    assert (await api.licenses(account))[0]["device"] is not None


@pytest.mark.parametrize("token", ["stf_unknown", "x" * 300, "", "ü"])
async def test_r4_an_unknown_token_is_401(api: Api, new_account: MakeAccount, token: str) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    answer = await api.staff_reset(token, account.licenses[0])
    refused(answer, "credentials")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await api.licenses(account))[0]["device"] is not None


async def test_r4_an_owners_password_is_no_staff_token(api: Api, new_account: MakeAccount) -> None:
    account = await new_account()
    message = {"reason": "other", "note": "Mine."}
    path = f"/v1/staff/licenses/{account.licenses[0]}/resets"
    refused(await api.call("POST", path, message, account=account), "forbidden")
    refused(await api.staff_reset(account.password, account.licenses[0]), "credentials")


async def test_r4_staff_reset_of_an_unknown_licence_is_404(api: Api, tokens: dict[str, str]) -> None:
    for license_id in (NOBODYS, "lic_zzzzzzzzzzzzz", "lic_", "nonsense", "%00", "%ff%fe", "9" * 400):
        refused(await api.staff_reset(tokens["support"], license_id), "not_found")


async def test_anothers_licence_and_an_unknown_one_are_indistinguishable(
    api: Api, new_account: MakeAccount
) -> None:
    account, other = await new_account(), await new_account()
    granted(await api.activate(other, device()), 201)
    told = []
    for license_id in (NOBODYS, other.licenses[0], "nonsense"):
        answers = [
            await api.reset(account, license_id),
            await api.activate(account, device(), license_id=license_id),
            await api.activate(account, device(), move=True, license_id=license_id),
        ]
        problems = [refused(answer, "not_found") for answer in answers]
        told.append([{**problem, "trace_id": ""} for problem in problems])
    assert told[0] == told[1] == told[2]
    assert (await api.licenses(other))[0]["device"] is not None


async def test_r4_a_staff_reset_does_not_use_up_the_weeks_own(
    api: Api, new_account: MakeAccount, tokens: dict[str, str]
) -> None:
    account = await new_account()
    await within_one_week()
    for _ in range(3):
        granted(await api.activate(account, device()), 201)
        assert (await api.staff_reset(tokens["support"], account.licenses[0])).status == 200
    granted(await api.activate(account, device()), 201)
    assert (await api.licenses(account))[0]["resets"] == {"available": True, "next_at": None}
    assert (await api.reset(account, account.licenses[0])).status == 200
    granted(await api.activate(account, device()), 201)
    refused(await api.reset(account, account.licenses[0]), "reset_limit")
    assert (await api.staff_reset(tokens["sales"], account.licenses[0])).status == 200


@pytest.mark.parametrize("by", ["owner", "staff", "move"])
async def test_r8_after_a_reset_the_old_devices_renewal_is_superseded(
    api: Api, new_account: MakeAccount, tokens: dict[str, str], by: str
) -> None:
    account, old, new = await new_account(), device(), device()
    kept = granted(await api.activate(account, old), 201).certificate
    granted(await api.renew(kept, old), 200)
    if by == "owner":
        assert (await api.reset(account, account.licenses[0])).status == 200
    elif by == "staff":
        assert (await api.staff_reset(tokens["support"], account.licenses[0])).status == 200
    else:
        granted(await api.activate(account, new, move=True), 201)
    refused(await api.renew(kept, old), "superseded")
    refused(await api.release(kept, old), "superseded")
    granted(await api.activate(account, new), 200 if by == "move" else 201)
    refused(await api.renew(kept, old), "superseded")
    refused(await api.activate(account, old), "device_limit")


async def test_r8_a_device_that_returns_after_a_reset_gets_a_new_activation(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201)
    assert (await api.reset(account, account.licenses[0])).status == 200
    back = granted(await api.activate(account, machine), 201)
    assert back.json["activation_id"] != kept.json["activation_id"]
    refused(await api.renew(kept.certificate, machine), "superseded")
    granted(await api.renew(back.certificate, machine), 200)


async def test_r7_a_move_binds_the_new_and_ends_the_old_in_one_call_and_is_the_weeks_reset(
    api: Api, new_account: MakeAccount
) -> None:
    account, old, new = await new_account(), device(), device()
    await within_one_week()
    first = granted(await api.activate(account, old), 201)
    refused(await api.activate(account, new), "device_limit")
    moved = granted(await api.activate(account, new, move=True), 201)
    assert moved.json["license_id"] == first.json["license_id"]
    assert moved.json["activation_id"] != first.json["activation_id"]
    assert moved.json["resets"] == {"available": False, "next_at": rfc3339(next_monday())}
    listed = await api.licenses(account)
    assert [entry["device"]["name"] for entry in listed] == [new["name"]]
    refused(await api.renew(first.certificate, old), "superseded")
    problem = refused(await api.activate(account, old, move=True), "reset_limit")
    assert problem["next_at"] == rfc3339(next_monday())
    refused(await api.reset(account, account.licenses[0]), "reset_limit")
    granted(await api.renew(moved.certificate, new), 200)


async def test_r7_a_move_of_the_device_that_has_it_already_changes_nothing(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    first = granted(await api.activate(account, machine), 201)
    again = granted(await api.activate(account, machine, move=True), 200)
    assert again.json["activation_id"] == first.json["activation_id"]
    assert again.json["resets"]["available"] is True


@pytest.mark.parametrize("seats", [2, 20])
async def test_r7_a_move_must_name_the_licence_where_several_are_held(
    api: Api, new_account: MakeAccount, seats: int
) -> None:
    account = await new_account(seats)
    granted(await api.activate(account, device(), license_id=account.licenses[1]), 201)
    refused(await api.activate(account, device(), move=True), "license_ambiguous")
    new = device()
    moved = granted(await api.activate(account, new, move=True, license_id=account.licenses[1]), 201)
    assert moved.json["license_id"] == account.licenses[1]
    held = [entry for entry in await api.licenses(account) if entry["device"]]
    assert [(entry["license_id"], entry["device"]["name"]) for entry in held] == [
        (account.licenses[1], new["name"])
    ]


async def test_r10_a_release_may_be_repeated_and_uses_the_weeks_reset(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    await within_one_week()
    kept = granted(await api.activate(account, machine), 201).certificate
    for _ in range(3):
        answer = await api.release(kept, machine)
        assert answer.status == 200, answer.body
        assert answer.json == {"license_id": account.licenses[0], "next_at": rfc3339(next_monday())}
    listed = (await api.licenses(account))[0]
    assert listed["device"] is None
    assert listed["resets"] == {"available": False, "next_at": rfc3339(next_monday())}
    refused(await api.renew(kept, machine), "superseded")


async def test_r10_the_reset_is_given_back_when_the_same_device_returns(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine = await new_account(), device()
    for _ in range(3):
        kept = granted(await api.activate(account, machine), 201)
        assert kept.json["resets"] == {"available": True, "next_at": None}
        assert kept.claims["exp"] - kept.claims["iat"] == 30 * DAY_S, "a return is no move"
        assert (await api.release(kept.certificate, machine)).status == 200
    granted(await api.activate(account, machine), 201)
    assert (await api.reset(account, account.licenses[0])).status == 200


async def test_r10_the_reset_stays_used_when_another_device_is_next(
    api: Api, new_account: MakeAccount
) -> None:
    account, machine, other = await new_account(), device(), device()
    await within_one_week()
    kept = granted(await api.activate(account, machine), 201).certificate
    assert (await api.release(kept, machine)).status == 200
    taken = granted(await api.activate(account, other), 201)
    assert taken.json["resets"]["available"] is False
    refused(await api.release(taken.certificate, other), "reset_limit")
    refused(await api.reset(account, account.licenses[0]), "reset_limit")
    assert (await api.release(kept, machine)).status == 200, (
        "said again, it takes nothing from the next device"
    )
    granted(await api.renew(taken.certificate, other), 200)


@pytest.mark.parametrize("how", ["reset", "release", "move", "staff"])
async def test_a_moved_licences_certificate_lives_8_days_and_is_renewed_daily(
    api: Api, new_account: MakeAccount, tokens: dict[str, str], how: str
) -> None:
    account, old, new = await new_account(), device(), device()
    kept = granted(await api.activate(account, old), 201)
    assert (kept.claims["exp"] - kept.claims["iat"], kept.claims["epc"]) == (30 * DAY_S, 0)
    if how == "reset":
        assert (await api.reset(account, account.licenses[0])).status == 200
    elif how == "staff":
        assert (await api.staff_reset(tokens["support"], account.licenses[0])).status == 200
    elif how == "release":
        assert (await api.release(kept.certificate, old)).status == 200
    moved = granted(await api.activate(account, new, move=how == "move"), 201)
    for answer in (moved, granted(await api.renew(moved.certificate, new), 200)):
        claims = answer.claims
        assert claims["exp"] - claims["iat"] == 8 * DAY_S
        assert claims["rnw"] - claims["iat"] == DAY_S
        assert claims["epc"] == 1
        assert answer.json["renew_after"] == rfc3339(claims["rnw"])


async def test_a_licence_that_moved_a_month_ago_lives_30_days_again(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account, new = await new_account(), device()
    granted(await api.activate(account, device()), 201)
    moved = granted(await api.activate(account, new, move=True), 201)
    await database.execute(
        "UPDATE license SET moved_at = moved_at - $1 WHERE license_id = $2",
        31 * DAY_S,
        from_text(LICENSE, account.licenses[0]),
    )
    claims = granted(await api.renew(moved.certificate, new), 200).claims
    assert claims["exp"] - claims["iat"] == 30 * DAY_S


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("state = 1", "suspended"),
        ("state = 2", "revoked"),
        ("ends_at = 1700000000", "expired"),
    ],
)
async def test_l8_a_licence_out_of_standing_is_refused_everywhere_and_keeps_its_device(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection, change: str, code: str
) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201).certificate
    row = from_text(LICENSE, account.licenses[0])
    await database.execute(f"UPDATE license SET {change} WHERE license_id = $1", row)
    refused(await api.activate(account, machine), code)
    refused(await api.activate(account, device()), code)
    refused(await api.activate(account, device(), move=True), code)
    refused(await api.renew(kept, machine), code)
    refused(await api.release(kept, machine), code)
    refused(await api.reset(account, account.licenses[0]), code)
    await database.execute("UPDATE license SET state = 0, ends_at = NULL WHERE license_id = $1", row)
    granted(await api.renew(kept, machine), 200)


async def test_r4_support_may_reset_a_suspended_licence(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection, tokens: dict[str, str]
) -> None:
    account = await new_account()
    granted(await api.activate(account, device()), 201)
    row = from_text(LICENSE, account.licenses[0])
    await database.execute("UPDATE license SET state = 1 WHERE license_id = $1", row)
    assert (await api.staff_reset(tokens["support"], account.licenses[0])).status == 200


async def test_l8_a_closed_account_is_refused_everywhere(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection
) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201).certificate
    await database.execute(
        "UPDATE account SET state = 1 WHERE account_id = $1", account_of_login(account.login)
    )
    refused(await api.activate(account, machine), "account_closed")
    refused(await api.renew(kept, machine), "account_closed")
    refused(await api.release(kept, machine), "account_closed")
    refused(await api.reset(account, account.licenses[0]), "account_closed")
    refused(await api.call("GET", "/v1/licenses", account=account), "account_closed")


async def test_r2_a_licence_activated_offline_cannot_be_reset(
    api: Api, new_account: MakeAccount, database: asyncpg.Connection, tokens: dict[str, str]
) -> None:
    account, machine = await new_account(), device()
    kept = granted(await api.activate(account, machine), 201)
    await database.execute(
        "UPDATE activation SET online = false WHERE license_id = $1",
        from_text(LICENSE, account.licenses[0]),
    )
    told = [
        await api.reset(account, account.licenses[0]),
        await api.activate(account, device(), move=True),
        await api.release(kept.certificate, machine),
        await api.staff_reset(tokens["sales"], account.licenses[0]),
    ]
    for answer in told:
        assert (answer.status, answer.json["code"]) == (409, "reset_offline")
    assert (await api.licenses(account))[0]["device"]["online"] is False


async def test_the_demos_end_user_may_do_all_of_this(api: Api, as_account: Callable[[str], Account]) -> None:
    account, machine = as_account("end_user"), device()
    await within_one_week()
    granted(await api.activate(account, machine), 201)
    assert (await api.reset(account, account.licenses[0])).json["next_at"] == rfc3339(next_monday())
    refused(await api.reset(account, account.licenses[0]), "reset_unused")
