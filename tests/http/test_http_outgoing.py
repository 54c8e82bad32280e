"""Mails and webhooks over HTTP: listed by state without an address, sent after all, added and stopped."""

import asyncio

import pytest

from activation.licensing.identifiers import HOOK, MAIL, MESSAGE, from_text, to_text
from activation.service.messages_sent import PAGE
from activation.service.working import act_as_system

ANN = "ann@example.org"


@pytest.fixture
async def admin(sign_in):
    return await sign_in("admin")


@pytest.fixture
async def ann(office):
    account = await office.account(0)
    await office.fetch(
        "INSERT INTO personal (subject, shard, field, value) VALUES ($1, ($1::bigint >> 55), 3, $2)",
        account.account_id,
        ANN,
    )
    return account


async def write_mails(office, account, count=1):
    async def run(work):
        for _ in range(count):
            await work.mail(account.account_id, "account_made", {"secret": "in the text"})
        return True

    await act_as_system(office.desk, run)


async def say(office, count=1):
    async def run(work):
        for _ in range(count):
            await work.hook("order.paid", {"order": "ord_1"})
        return True

    await act_as_system(office.desk, run)


async def bury(office, table):
    await office.fetch(f"UPDATE {table} SET dead_at = 1, tries = 6, last_error = 'it answered 503'")


async def test_mails_are_listed_by_state_without_an_address_or_a_text(office, admin, ann):
    await write_mails(office, ann)
    status, told = await admin.get("mails")
    assert status == 200
    [mail] = told["mails"]
    assert mail["subject"] == to_text("", ann.account_id)
    assert (mail["template"], mail["tries"], mail["dead_at"]) == ("account_made", 0, None)
    assert ANN not in str(told)
    assert "in the text" not in str(told)
    assert (await admin.get("mails?state=dead"))[1] == {"mails": []}
    assert (await admin.get("mails?state=sent"))[1] == {"mails": []}


async def test_a_state_that_is_none_is_named(admin):
    for path in ("mails?state=lost", "hooks/deliveries?state=lost"):
        status, told = await admin.get(path)
        assert (status, told["code"], told["field"]) == (400, "malformed", "state")
        assert "waiting, sent, dead" in told["detail"]


async def test_many_mails_come_by_pages_none_twice_and_none_left_out(office, admin, ann):
    await write_mails(office, ann, PAGE + 30)
    _, first = await admin.get("mails?state=waiting")
    assert len(first["mails"]) == PAGE
    _, second = await admin.get(f"mails?state=waiting&before={first['next_before']}")
    ids = [mail["mail_id"] for mail in first["mails"] + second["mails"]]
    assert len(set(ids)) == len(ids) == PAGE + 30
    assert "next_before" not in second


async def test_a_dead_mail_is_tried_again_and_only_a_dead_one(office, admin, ann):
    await write_mails(office, ann)
    [[mail_id]] = await office.fetch("SELECT mail_id FROM mail")
    path = f"mails/{to_text(MAIL, mail_id)}/retry"
    assert (await admin.post(path))[0] == 409
    await bury(office, "mail")
    assert (await admin.get("mails?state=dead"))[1]["mails"][0]["last_error"] == "it answered 503"
    status, told = await admin.post(path, key="once")
    assert (status, told["state"]) == (200, "waiting")
    assert (await admin.post(path, key="once")) == (status, told)
    [row] = await office.fetch("SELECT tries, dead_at FROM mail")
    assert (row["tries"], row["dead_at"]) == (0, None)
    assert len(await office.fetch("SELECT 1 FROM event WHERE about = $1", mail_id)) == 1
    assert (await admin.post(f"mails/{to_text(MAIL, 5)}/retry"))[0] == 404


async def test_a_webhook_is_added_with_its_secret_shown_once_listed_and_stopped(admin):
    status, made = await admin.post("hooks", {"url": "https://vendor.example.com/x", "kinds": ["order.paid"]})
    assert status == 201
    assert made["secret"].startswith("whsec_")
    _, told = await admin.get("hooks")
    [hook] = told["hooks"]
    assert hook == {name: value for name, value in made.items() if name != "secret"}
    assert (await admin.post(f"hooks/{hook['hook_id']}/stop"))[1]["state"] == "stopped"
    assert (await admin.get("hooks"))[1]["hooks"][0]["state"] == "stopped"
    assert (await admin.post(f"hooks/{to_text(HOOK, 5)}/stop"))[0] == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://vendor.example.com/"}, "url"),
        ({"url": "https://vendor.example.com/", "kinds": []}, "kinds"),
        ({"url": "https://vendor.example.com/", "kinds": ["*", "order.paid"]}, "kinds"),
        ({"url": "https://vendor.example.com/", "kinds": ["Order Paid"]}, "kinds"),
        ({"url": "https://vendor.example.com/", "secret": "mine"}, "secret"),
    ],
)
async def test_a_bad_webhook_is_refused_and_the_field_named(admin, body, field):
    status, told = await admin.post("hooks", body)
    assert (status, told["code"], told["field"]) == (400, "malformed", field)


async def test_dead_deliveries_are_listed_and_tried_again(office, admin):
    _, hook = await admin.post("hooks", {"url": "https://vendor.example.com/x"})
    await say(office)
    await bury(office, "hook_delivery")
    _, told = await admin.get("hooks/deliveries?state=dead")
    [one] = told["deliveries"]
    assert (one["hook_id"], one["kind"], one["tries"]) == (hook["hook_id"], "order.paid", 6)
    path = f"hooks/deliveries/{one['message_id']}/{one['hook_id']}/retry"
    assert (await admin.post(path))[0] == 200
    assert (await admin.post(path))[0] == 409
    assert (await admin.get("hooks/deliveries"))[1]["deliveries"][0]["tries"] == 0
    assert (await admin.post(f"hooks/deliveries/{to_text(MESSAGE, 5)}/{one['hook_id']}/retry"))[0] == 404


async def test_pages_of_deliveries_do_not_part_a_messages_webhooks(office, admin):
    for n in range(3):
        await admin.post("hooks", {"url": f"https://vendor.example.com/{n}"})
    await say(office, 50)
    _, first = await admin.get("hooks/deliveries")
    _, second = await admin.get(f"hooks/deliveries?before={first['next_before']}")
    pairs = {(one["message_id"], one["hook_id"]) for one in first["deliveries"] + second["deliveries"]}
    assert len(pairs) == len(first["deliveries"]) + len(second["deliveries"]) == 150
    assert all(from_text(HOOK, hook) for _, hook in pairs)


@pytest.mark.parametrize("role", ["sales", "support", "auditor"])
async def test_everybody_of_staff_sees_messages_and_admins_change_them(office, sign_in, ann, role):
    await write_mails(office, ann)
    somebody = await sign_in(role)
    assert (await somebody.get("mails"))[0] == 200
    assert (await somebody.get("hooks/deliveries"))[0] == 200
    refused = await asyncio.gather(
        somebody.post("hooks", {"url": "https://vendor.example.com/"}),
        somebody.post(f"mails/{to_text(MAIL, 1)}/retry"),
    )
    assert [status for status, _ in refused] == [403, 403]
