"""Staff made and changed by admins: who gets in no more, who stays, what is recorded. On PostgreSQL."""

import asyncio
import json
from functools import partial

import pytest
from sample_acts import do, refusal

from activation.licensing.events import EventKind
from activation.licensing.identity.sessions import PersonKind
from activation.licensing.roles import Role
from activation.licensing.verdicts import Refused
from activation.service.credentials import hash_token
from activation.service.identity.forgotten import send_link
from activation.service.identity.staffing import (
    NewMember,
    change_email,
    change_role,
    make_person,
    reinstate_person,
    reset_factor,
    see_people,
    suspend_person,
)
from activation.service.working import SYSTEM, Person, Work
from activation.storage.identity.people import find_token_holder
from activation.storage.outgoing.mails import read_recipient


async def act_as(office, made, run):
    """Run a use case as somebody of staff, in a transaction of its own; a refusal is taken back."""
    person = SYSTEM if made is None else Person(made.user_id, made.login, Role.ADMIN)
    async with office.desk.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        now = await office.desk.clock.now(connection)
        done = await run(Work(connection, office.desk, person, now, "7kq2-m4xd", lambda: "192.0.2.1"))
        await (transaction.rollback() if isinstance(done, Refused) else transaction.commit())
        return done


async def holder(office, token):
    async with office.desk.pool.acquire() as connection:
        now = await office.desk.clock.now(connection)
        return await find_token_holder(connection, hash_token(office.desk.secrets.passwords, token), now)


async def events_about(office, staff_id):
    rows = await office.fetch(
        "SELECT kind, actor_id, details FROM event WHERE about = $1 ORDER BY event_id", staff_id
    )
    return [(EventKind(row[0]), row[1], json.loads(row[2] or "{}")) for row in rows]


async def add_session(office, person_id):
    await office.fetch(
        "INSERT INTO session (session_id, token_hash, person_kind, person_id, stage, made_at, seen_at,"
        " ends_at, address, browser) VALUES (1, 'hash', 1, $1, 3, 1, 1, 9999999999, '', '')",
        person_id,
    )


async def ended(office):
    return [row[0] for row in await office.fetch("SELECT ended_why FROM session ORDER BY session_id")]


async def test_somebody_made_has_an_address_and_sets_the_second_factor_up_later(office):
    new = NewMember(Role.SUPPORT, "sam", "sam@example.org")
    made = await do(office, partial(make_person, new=new))
    [seen] = await do(office, see_people)
    assert (seen.login, seen.role, seen.is_active, seen.factor_at, seen.has_email) == (
        "sam",
        "support",
        True,
        None,
        True,
    )
    async with office.desk.pool.acquire() as connection:
        recipient = await read_recipient(connection, made.staff_id)
    assert (recipient.login, recipient.address) == ("sam", "sam@example.org")
    assert await events_about(office, made.staff_id) == [
        (EventKind.STAFF_MADE, None, {"role": "support"}),
        (EventKind.LOOKED, None, {"act": "local", "fields": ["login"]}),
    ]
    assert await office.fetch("SELECT FROM staff_token") == []
    again = await refusal(office, partial(make_person, new=new))
    assert (again.code, again.rule) == ("conflict", "staff")


async def test_suspending_ends_sessions_and_tokens_at_once_and_reinstating_gives_no_token_back(office):
    boss, sam = await office.staff("admin"), await office.staff("support")
    await add_session(office, sam.user_id)
    assert await holder(office, sam.token) is not None
    gone = await act_as(office, boss, partial(suspend_person, staff_id=sam.user_id))
    assert (gone.is_active, gone.suspended_at is not None) == (False, True)
    assert await holder(office, sam.token) is None
    assert await ended(office) == [4]
    back = await act_as(office, boss, partial(reinstate_person, staff_id=sam.user_id))
    assert (back.is_active, back.suspended_at) == (True, None)
    assert await holder(office, sam.token) is None
    told = await events_about(office, sam.user_id)
    assert [(kind, who, more.get("change")) for kind, who, more in told[1:]] == [
        (EventKind.STAFF_CHANGED, boss.user_id, "suspended"),
        (EventKind.STAFF_CHANGED, boss.user_id, "reinstated"),
    ]


async def test_doing_it_again_changes_and_tells_nothing(office):
    sam = await office.staff("support")
    for run in (suspend_person, suspend_person, reinstate_person, reinstate_person):
        await do(office, partial(run, staff_id=sam.user_id))
    await do(office, partial(change_role, staff_id=sam.user_id, role=Role.SUPPORT))
    assert len(await events_about(office, sam.user_id)) == 3


async def test_another_role_ends_sessions_and_tokens(office):
    boss, sam = await office.staff("admin"), await office.staff("support")
    await add_session(office, sam.user_id)
    changed = await act_as(office, boss, partial(change_role, staff_id=sam.user_id, role=Role.ADMIN))
    assert changed.role == "admin"
    assert await ended(office) == [4]
    assert await holder(office, sam.token) is None
    told = (await events_about(office, sam.user_id))[-1]
    assert told == (
        EventKind.STAFF_CHANGED,
        boss.user_id,
        {"change": "role", "from": "support", "to": "admin", "sessions": 1, "tokens": 1},
    )
    await act_as(office, boss, partial(change_role, staff_id=sam.user_id, role=Role.SUPPORT))
    assert await holder(office, sam.token) is None, "nor does the old role bring it back"


async def test_a_second_factor_that_is_reset_is_set_up_anew(office):
    sam = await office.staff("support")
    [[box]] = await office.fetch("SELECT totp_box FROM staff")
    await add_session(office, sam.user_id)
    await office.fetch(
        "INSERT INTO recovery_code (person_id, code_hash, made_at) VALUES ($1, 'x', 1)", sam.user_id
    )
    seen = await do(office, partial(reset_factor, staff_id=sam.user_id))
    assert seen.factor_at is None
    [[drawn]] = await office.fetch("SELECT totp_box FROM staff")
    assert drawn != box
    assert await office.fetch("SELECT FROM recovery_code") == []
    assert await ended(office) == [4]


async def test_another_address_ends_the_links_that_went_to_the_one_before(office):
    made = await do(office, partial(make_person, new=NewMember(Role.SALES, "eva", "eva@example.org")))
    assert await do(office, partial(send_link, kind=PersonKind.STAFF, person_id=made.staff_id))
    await do(office, partial(change_email, staff_id=made.staff_id, email="eva@example.com"))
    async with office.desk.pool.acquire() as connection:
        assert (await read_recipient(connection, made.staff_id)).address == "eva@example.com"
    assert await office.fetch("SELECT FROM password_link WHERE used_at IS NULL") == []
    told = await events_about(office, made.staff_id)
    assert told[-1][2] == {"change": "email"}
    assert "example" not in str(told)


async def test_the_last_active_admin_stays_even_for_the_command_line(office):
    boss, other = await office.staff("admin"), await office.staff("admin")
    await do(office, partial(suspend_person, staff_id=other.user_id))
    for run in (suspend_person, partial(change_role, role=Role.SALES)):
        refused = await refusal(office, partial(run, staff_id=boss.user_id))
        assert (refused.code, refused.rule) == ("conflict", "staff")
    await do(office, partial(reinstate_person, staff_id=other.user_id))
    await do(office, partial(suspend_person, staff_id=boss.user_id))


@pytest.mark.parametrize("admins", [2, 3])
async def test_admins_who_suspend_each_other_at_once_leave_one_who_was_allowed_to(office, admins):
    """Each suspends the next, all at the same time: who was suspended meanwhile suspends nobody any more."""
    for _ in range(3):
        await office.fetch("UPDATE staff SET role = 'sales'")
        people = [await office.staff("admin") for _ in range(admins)]
        done = await asyncio.gather(
            *(
                act_as(office, actor, partial(suspend_person, staff_id=people[number - 1].user_id))
                for number, actor in enumerate(people)
            )
        )
        left = [one for one in await do(office, see_people) if one.role == "admin" and one.is_active]
        assert left
        suspended = [one for one in done if not isinstance(one, Refused)]
        assert len(suspended) == admins - len(left)
        for actor, one in zip(people, done, strict=True):
            if not isinstance(one, Refused):
                [[since]] = await office.fetch(
                    "SELECT min(event_id) FROM event WHERE about = $1 AND kind = 90", actor.user_id
                )
                [[acted]] = await office.fetch(
                    "SELECT min(event_id) FROM event WHERE actor_id = $1 AND kind = 90", actor.user_id
                )
                assert since is None or acted < since


async def test_who_is_not_there_is_not_found(office):
    await office.staff("admin")
    for run in (suspend_person, reinstate_person, reset_factor, partial(change_role, role=Role.SALES)):
        assert (await refusal(office, partial(run, staff_id=1))).code == "not_found"
