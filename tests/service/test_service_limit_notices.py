"""Webhooks hear when a limit is met: beside the requests, bounded, once an hour for an account."""

import json

import pytest
from sample_staff import code, welcome

from activation.licensing.identifiers import ACCOUNT, LICENSE, to_text
from activation.licensing.verdicts import Refusal, Refused
from activation.service.limiting import limit_notices
from activation.service.limiting.limit_notices import LimitNotices
from activation.service.resetting.resets import reset_own
from activation.storage.absence import DatabaseUnavailableError
from activation.storage.pool import close_pool, open_pool

NOW = 1_800_000_000


def limit(rule="R3"):
    return Refused(Refusal.RESET_LIMIT, rule, "")


async def messages(office):
    await office.desk.notices.flush(office.desk.pool, office.ids)
    rows = await office.fetch("SELECT kind, payload FROM hook_message ORDER BY message_id")
    return [(row[0], json.loads(row[1])) for row in rows]


async def test_a_refused_activation_and_a_refused_reset_are_told(office):
    anna = await welcome(office)
    done = await anna.certified()
    license_id = done.license.license_id
    assert code(await anna.activate("desktop")) == "device_limit"
    made = anna.made
    for _ in range(2):
        await reset_own(office.desk, office.caller(), made.login, made.password, license_id)
        await anna.certified("desktop")
    ids = {"account_id": to_text(ACCOUNT, made.account_id), "license_id": to_text(LICENSE, license_id)}
    assert await messages(office) == [
        ("limit.devices", {**ids, "rule": "L4"}),
        ("limit.reset", {**ids, "rule": "R3"}),
    ]


async def test_a_refused_move_is_a_refused_reset(office):
    anna = await welcome(office)
    await anna.certified()
    await anna.certified("desktop", move=True)
    assert code(await anna.activate("tablet", move=True)) == "reset_limit"
    assert [kind for kind, _ in await messages(office)] == ["limit.reset"]


async def test_other_refusals_are_not_told(office):
    anna = await welcome(office, 0)
    assert code(await anna.activate()) == "no_license"
    assert await messages(office) == []


async def test_who_tries_again_and_again_is_told_of_once_an_hour(office):
    notices = LimitNotices()
    for at in (NOW, NOW + 1, NOW + 3599, NOW + 3600, NOW + 3601):
        notices.note(limit(), 7, at)
        notices.note(limit(), 8, at)
    assert await notices.flush(office.desk.pool, office.ids) == 4


async def test_a_full_queue_drops_what_comes(office, monkeypatch):
    monkeypatch.setattr(limit_notices, "QUEUE_LIMIT", 3)
    notices = LimitNotices()
    for account_id in range(5):
        notices.note(limit(), account_id, NOW)
    assert notices.dropped == 2
    assert await notices.flush(office.desk.pool, office.ids, most=2) == 2
    notices.note(limit(), 4, NOW)  # was dropped, so it was not told
    assert await notices.flush(office.desk.pool, office.ids) == 2


async def test_what_is_remembered_is_bounded(monkeypatch):
    monkeypatch.setattr(limit_notices, "REMEMBERED", 10)
    monkeypatch.setattr(limit_notices, "QUEUE_LIMIT", 1000)
    notices = LimitNotices()
    for account_id in range(100):
        notices.note(limit(), account_id, NOW)
    assert len(notices._told) == 10


async def test_what_could_not_be_written_waits(office, dsn):
    notices = LimitNotices()
    notices.note(limit(), 1, NOW)
    away = await open_pool(dsn, 1)
    await close_pool(away)
    with pytest.raises(DatabaseUnavailableError):
        await notices.flush(away, office.ids)
    assert await notices.flush(office.desk.pool, office.ids) == 1
