"""A person with everything that the server can know of one, and ways to erase and to look."""

import time

import asyncpg
from sample_search import find_everywhere
from service.sample_acts import do

from activation.licensing.identifiers import shard_of
from activation.service.activating.activations import activate
from activation.service.privacy.erasing import erase_account
from activation.service.privacy.previewing import preview_erasure
from activation.service.provisioning import grant_licenses, make_account
from activation.storage.accounts import PersonalField

MARK = "kanarienvogel"


def personal(mark=MARK):
    return {
        PersonalField.NAME: f"Ann {mark}",
        PersonalField.EMAIL: f"{mark}@example.com",
        PersonalField.ADDRESS: f"1 {mark} Street",
        PersonalField.PHONE: f"+359 {mark}",
    }


async def person(office, licenses=2, mark=MARK):
    """Make an account whose every field holds the mark, and activate a device named after it."""
    async with office.desk.pool.acquire() as connection:
        made = await make_account(
            connection, office.keys, office.ids, login=f"{mark}-login", personal=personal(mark)
        )
    if licenses:
        async with office.desk.pool.acquire() as connection:
            await grant_licenses(connection, office.ids, made.account_id, 1, 5, licenses)
    return made


async def come(office, made, name=MARK):
    """Activate the device of this name; return what it got."""
    return await activate(office.desk, office.caller(), made.login, made.password, office.wish(name))


async def leave_traces(office, account_id, mark=MARK):
    """Write the mark into whatever else may say something about an account's person."""
    shard, now = shard_of(account_id), int(time.time())
    [[license_id]] = await office.fetch(
        "SELECT license_id FROM license WHERE account_id = $1 LIMIT 1", account_id
    )
    rows = [
        ("INSERT INTO license_note VALUES ($1, $2, $3, $4, NULL, $5)", 1, license_id, shard, now, mark),
        (
            "INSERT INTO mail (mail_id, subject, template, params, written_at, next_at)"
            " VALUES ($1, $2, 'x', jsonb_build_object('to', $3::text), $4, $4)",
            account_id,
            account_id,
            mark,
            now,
        ),
        (
            "INSERT INTO session VALUES ($1, $2, 3, $1, 3, $3, $3, $3, NULL, $4, $4)",
            account_id,
            mark.encode(),
            now,
            mark,
        ),
        ("INSERT INTO password_link VALUES ($2, 3, $1, $3, $3)", account_id, mark.encode(), now),
        ("INSERT INTO recovery_code VALUES ($1, $2, $3)", account_id, mark.encode(), now),
        (
            "INSERT INTO consent VALUES ($1, 1, $2, 'news', true, $3, $4, '1')",
            account_id,
            shard,
            now,
            mark,
        ),
        (
            "INSERT INTO privacy_request (request_id, shard, account_id, kind, regime, state, asked_at,"
            " due_at, asked_how, verified_how, answer)"
            " VALUES (1, $2, $1, 1, 1, 1, $3, $3, $4, $4, 'Here it is.')",
            account_id,
            shard,
            now,
            mark,
        ),
        (
            "INSERT INTO refusal_trace VALUES ($4, $3, $2, 'r', 'c', 'x', $1, NULL, NULL,"
            " jsonb_build_object('name', $4::text))",
            account_id,
            shard,
            now,
            mark,
        ),
        (
            "INSERT INTO idempotency (person_id, key, asked_at, request_hash) VALUES ($1, $2, $3, '')",
            account_id,
            mark,
            now,
        ),
        ("INSERT INTO account_by_email VALUES ($2, $1)", account_id, mark.encode()),
        (
            "INSERT INTO event_address SELECT event_id, shard, $2, $3 FROM event WHERE about = $1",
            account_id,
            now,
            mark,
        ),
    ]
    for sql, *values in rows:
        await office.fetch(sql, *values)


async def look(office, account_id):
    """Return what an erasure would do."""
    return await do(office, lambda work: preview_erasure(work, account_id))


async def erase(office, account_id):
    preview = await look(office, account_id)
    return await do(office, lambda work: erase_account(work, account_id, preview.shown))


async def whereabouts(office, word=MARK, dsn=None):
    """Return every column that holds the word."""
    if dsn is None:
        async with office.desk.pool.acquire() as connection:
            return await find_everywhere(connection, word)
    connection = await asyncpg.connect(dsn)
    try:
        return await find_everywhere(connection, word)
    finally:
        await connection.close()
