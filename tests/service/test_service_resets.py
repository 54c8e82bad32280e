"""R4-R6, R9: staff's resets on a real database: recorded, bounded, approved, undone, one winner each."""

import asyncio
import json

import pytest
from sample_staff import code, hire, welcome

from activation.app import open_desk
from activation.licensing.events import EventKind
from activation.licensing.identifiers import LICENSE, RESET, from_text, to_text
from activation.licensing.overriding import Bounds, OverrideState
from activation.licensing.verdicts import Filed, Refused
from activation.service.activating.activations import Certified
from activation.service.activating.holdings import list_holdings
from activation.service.activating.renewals import renew
from activation.service.limiting.limiter import Limits, Pair
from activation.service.resetting.overrides import Overridden

DAY = 86400
ROUNDS = 20


def made(done) -> Overridden:
    assert isinstance(done, Overridden), done
    return done


def filed(done) -> int:
    assert isinstance(done, Filed), done
    reset_id = from_text(RESET, done.refused.facts["reset_id"])
    assert reset_id is not None
    return reset_id


async def events(office, *kinds):
    rows = await office.fetch(
        "SELECT kind FROM event WHERE kind = ANY($1) ORDER BY happened, event_id",
        [int(kind) for kind in kinds],
    )
    return [EventKind(row[0]) for row in rows]


async def mails(office):
    rows = await office.fetch("SELECT subject, template, params FROM mail ORDER BY mail_id")
    return [(row[0], row[1], json.loads(row[2])) for row in rows]


async def current(office):
    rows = await office.fetch("SELECT license_id, activation_id FROM activation WHERE ended_at IS NULL")
    return {row[0]: row[1] for row in rows}


async def used(office, licenses=1):
    """A customer whose first licence is on the laptop, and that licence's id."""
    anna = await welcome(office, licenses)
    done = await anna.certified()
    return anna, done.license.license_id


@pytest.fixture
async def other_desk(office, dsn):
    """Another desk on the same database, as a second worker has."""
    async with open_desk(office.settings, dsn) as desk:
        yield desk


@pytest.mark.parametrize("role", ["support", "sales", "admin", "auditor"])
async def test_r4_staff_reset_by_role_leaves_its_trace(office, role):
    _, license_id = await used(office)
    person = await hire(office, role)
    freed = await person.reset(license_id)
    if role == "auditor":
        assert code(freed) == "forbidden"
        assert license_id in await current(office)
        return
    (row,) = await office.fetch("SELECT reset_id, staff_id, reason, note FROM reset")
    assert tuple(row) == (made(freed).override.reset_id, person.staff_id, "device_lost", "on a train")
    (event,) = await office.fetch("SELECT actor, actor_id, rule, details FROM event WHERE kind = 4")
    assert tuple(event) == (4, person.staff_id, "R4", '{"reason": "device_lost"}')


async def test_r4_the_customer_is_told_by_mail_without_the_note(office):
    anna, license_id = await used(office)
    await (await hire(office)).reset(license_id, note="Secret words")
    ((subject, template, params),) = await mails(office)
    assert (subject, template) == (anna.made.account_id, "license_reset")
    assert params.keys() == {"license_id", "reset_id", "reason"}
    assert "Secret words" not in json.dumps(params)


async def test_r4_an_unknown_token_resets_nothing(office):
    _, license_id = await used(office)
    agent = await hire(office)
    agent.made = agent.made.__class__(0, "x", "x", "x", "stf_unknown")
    assert code(await agent.reset(license_id)) == "credentials"
    assert license_id in await current(office)


async def test_r4_what_cannot_be_reset_leaves_nothing_behind(office):
    _, license_id = await used(office)
    agent = await hire(office)
    made(await agent.reset(license_id))
    assert code(await agent.reset(license_id)) == "reset_unused"
    assert code(await agent.reset(12345)) == code(await agent.reset(0)) == "not_found"
    assert await office.fetch("SELECT count(*) FROM override") == [(1,)]
    assert len(await mails(office)) == 1


async def test_r8_after_a_reset_by_staff_the_old_device_is_superseded(office):
    anna = await welcome(office)
    done = await anna.certified()
    made(await (await hire(office)).reset(done.license.license_id))
    answer = await renew(office.desk, office.caller(), done.issued.certificate, office.device("laptop"), None)
    assert code(answer) == "superseded"
    assert isinstance(await anna.activate("desktop"), Certified)


async def test_r5_past_the_licences_bound_a_second_person_approves(office):
    anna, license_id = await used(office)
    agent, colleague = await hire(office), await hire(office, "sales")
    for name in "abcd":
        made(await agent.reset(license_id))
        await anna.certified(name)
    asked = await agent.reset(license_id)
    waiting = filed(asked)
    assert asked.refused.facts["bound"] == "license_month"
    assert license_id in await current(office)
    assert filed(await agent.reset(license_id)) == waiting, "asking again asks for the same"
    assert code(await agent.approve(waiting)) == "forbidden"
    done = made(await colleague.approve(waiting))
    assert done.override.state is OverrideState.DONE
    assert license_id not in await current(office)
    (row,) = await office.fetch("SELECT staff_id FROM reset WHERE reset_id = $1", waiting)
    assert row[0] == agent.staff_id
    assert (await events(office, EventKind.RESET_ASKED, EventKind.RESET_APPROVED)) == [
        EventKind.RESET_ASKED,
        EventKind.RESET_APPROVED,
    ]
    assert code(await colleague.approve(waiting)) == "conflict"
    assert len(await mails(office)) == 5


async def test_r5_the_licences_bound_frees_itself_after_30_days(office):
    anna, license_id = await used(office)
    agent = await hire(office)
    for name in "abcd":
        made(await agent.reset(license_id))
        await anna.certified(name)
    filed(await agent.reset(license_id))
    office.desk.clock.shift_s += 30 * DAY + 60
    made(await agent.reset(license_id))


async def test_r5_an_agents_day_has_its_bound_and_the_next_day_another(office):
    office.desk.bounds = Bounds(agent_day=2)
    anna = await welcome(office, 4)
    held = [(await anna.certified(name)).license.license_id for name in "abcd"]
    agent, colleague = await hire(office), await hire(office)
    for license_id in held[:2]:
        made(await agent.reset(license_id))
    asked = await agent.reset(held[2])
    assert (filed(asked) > 0, asked.refused.facts["bound"]) == (True, "agent_day")
    made(await colleague.reset(held[3]))
    office.desk.clock.shift_s += DAY
    made(await agent.reset(held[2]))


async def test_r5_at_the_bound_at_once_no_agent_gets_past_it(office):
    office.desk.bounds = Bounds(agent_day=2)
    agent = await hire(office)
    for _ in range(ROUNDS // 4):
        anna = await welcome(office, 4)
        held = [(await anna.certified(name)).license.license_id for name in "abcd"]
        answers = await asyncio.gather(*[agent.reset(license_id) for license_id in held])
        assert len([one for one in answers if isinstance(one, Overridden)]) == 2
        assert len([one for one in answers if isinstance(one, Filed)]) == 2
        office.desk.clock.shift_s += DAY


async def test_r5_webhooks_hear_once_that_something_waits(office):
    office.desk.bounds = Bounds(agent_day=0)
    _, license_id = await used(office)
    agent = await hire(office)
    waiting = filed(await agent.reset(license_id))
    filed(await agent.reset(license_id))
    (row,) = await office.fetch("SELECT kind, payload FROM hook_message")
    assert row[0] == "limit.override"
    assert json.loads(row[1]) == {
        "license_id": to_text(LICENSE, license_id),
        "reset_id": to_text(RESET, waiting),
        "bound": "agent_day",
    }


async def test_r5_a_declined_request_does_nothing_and_may_be_taken_back(office):
    office.desk.bounds = Bounds(agent_day=0)
    _, license_id = await used(office)
    agent, colleague = await hire(office), await hire(office)
    first = filed(await agent.reset(license_id))
    declined = made(await colleague.decline(first))
    assert declined.override.decided_by == colleague.staff_id
    second = filed(await agent.reset(license_id))
    assert second != first
    made(await agent.decline(second))
    for reset_id in (first, second):
        assert code(await colleague.approve(reset_id)) == "conflict"
    assert license_id in await current(office)
    assert await mails(office) == []


async def test_r5_what_waits_is_decided_on_how_things_stand_when_it_is_approved(office):
    office.desk.bounds = Bounds(agent_day=0)
    _, license_id = await used(office)
    agent, colleague = await hire(office), await hire(office)
    waiting = filed(await agent.reset(license_id))
    await office.fetch("UPDATE license SET orphaned = true")
    assert code(await colleague.approve(waiting)) == "reset_forbidden"
    await office.fetch("UPDATE license SET orphaned = false")
    listed = await colleague.list(OverrideState.WAITING)
    assert [(one.reset_id, one.state) for one in listed] == [(waiting, OverrideState.WAITING)]
    made(await colleague.approve(waiting))
    assert await colleague.list(OverrideState.WAITING) == []


async def test_r5_undone_the_licence_is_on_its_old_device_again(office):
    anna = await welcome(office)
    first = await anna.certified()
    license_id = first.license.license_id
    agent = await hire(office)
    done = made(await agent.reset(license_id))
    undone = made(await agent.undo(done.override.reset_id))
    assert (undone.override.state, undone.override.undone_by) == (OverrideState.UNDONE, agent.staff_id)
    assert await current(office) == {license_id: first.activation.activation_id}
    again = await renew(office.desk, office.caller(), first.issued.certificate, office.device("laptop"), None)
    assert isinstance(again, Certified)
    assert code(await anna.activate("desktop")) == "device_limit"
    assert [template for _, template, _ in await mails(office)] == ["license_reset", "reset_undone"]
    assert await events(office, EventKind.RESET_UNDONE) == [EventKind.RESET_UNDONE]
    assert code(await agent.undo(done.override.reset_id)) == "conflict"


async def test_r5_what_was_undone_counts_for_no_bound(office):
    office.desk.bounds = Bounds(agent_day=1, license_month=1)
    anna, license_id = await used(office)
    agent = await hire(office)
    for _ in range(3):
        done = made(await agent.reset(license_id))
        made(await agent.undo(done.override.reset_id))
    made(await agent.reset(license_id))
    await anna.certified()
    filed(await agent.reset(license_id))


async def test_r5_not_undone_after_a_device_has_activated(office):
    anna, license_id = await used(office)
    agent = await hire(office)
    done = made(await agent.reset(license_id))
    await anna.certified("desktop")
    assert code(await agent.undo(done.override.reset_id)) == "conflict"
    assert code(await agent.undo(12345)) == "not_found"


@pytest.mark.parametrize("licenses", [2, 20])
async def test_r5_not_undone_while_its_device_holds_another_licence(office, licenses):
    anna, license_id = await used(office, licenses)
    agent = await hire(office)
    done = made(await agent.reset(license_id))
    rows = await office.fetch("SELECT max(license_id) FROM license")
    other = await anna.certified(license_id=rows[0][0])
    assert other.license.license_id != license_id
    assert code(await agent.undo(done.override.reset_id)) == "conflict"
    assert await current(office) == {other.license.license_id: other.activation.activation_id}


async def test_r5_undone_in_a_large_holding_the_device_is_found_again(office):
    anna, license_id = await used(office, 20)
    agent = await hire(office)
    before = sorted(map(tuple, await office.fetch("SELECT * FROM seat")))
    done = made(await agent.reset(license_id))
    made(await agent.undo(done.override.reset_id))
    assert sorted(map(tuple, await office.fetch("SELECT * FROM seat"))) == before
    again = await anna.certified()
    assert (again.is_new, again.license.license_id) == (False, license_id)
    assert await office.fetch("SELECT count(*) FROM license WHERE taken") == [(1,)]


@pytest.mark.parametrize("licenses", [1, 20])
async def test_r5_undone_all_devices_of_a_licence_are_back_in_their_places(office, licenses):
    anna, license_id = await used(office, licenses)
    await office.fetch("UPDATE license SET device_limit = 3, taken = false WHERE license_id = $1", license_id)
    for name in ("desktop", "tablet"):
        await anna.certified(name, license_id=license_id)
    agent = await hire(office)
    tables = (
        "SELECT slot, activation_id, ended_at, ended_why FROM activation ORDER BY slot",
        "SELECT digest, activation_id FROM seat ORDER BY 1, 2",
        "SELECT license_id, taken FROM license WHERE large ORDER BY 1",
    )
    before = [await office.fetch(sql) for sql in tables]
    done = made(await agent.reset(license_id))
    made(await agent.undo(done.override.reset_id))
    assert [await office.fetch(sql) for sql in tables] == before
    for name in ("laptop", "desktop", "tablet"):
        assert (await anna.certified(name)).is_new is False


async def test_a_database_that_is_away_resets_nothing_and_says_so(office):
    agent = await hire(office)
    await office.desk.pool.close()
    assert code(await agent.reset(12345)) == "unavailable"


async def test_r5_two_approvers_at_once_one_wins(office, other_desk):
    office.desk.bounds = Bounds(agent_day=0)
    agent = await hire(office)
    desks = (office.desk, other_desk)
    approvers = [await hire(office, "sales", desk) for desk in desks]
    for _ in range(ROUNDS):
        _, license_id = await used(office)
        waiting = filed(await agent.reset(license_id))
        answers = await asyncio.gather(*[one.approve(waiting) for one in approvers])
        assert sorted(isinstance(one, Overridden) for one in answers) == [False, True]
        assert [code(one) for one in answers if isinstance(one, Refused)] == ["conflict"]
        counted = await office.fetch("SELECT count(*) FROM reset WHERE reset_id = $1", waiting)
        assert counted == [(1,)]


async def test_r5_approved_and_declined_at_once_one_wins(office):
    office.desk.bounds = Bounds(agent_day=0)
    agent, yes, no = await hire(office), await hire(office), await hire(office)
    for _ in range(ROUNDS):
        _, license_id = await used(office)
        waiting = filed(await agent.reset(license_id))
        answers = await asyncio.gather(yes.approve(waiting), no.decline(waiting))
        (won,) = [one for one in answers if isinstance(one, Overridden)]
        is_freed = license_id not in await current(office)
        assert is_freed is (won.override.state is OverrideState.DONE)


async def test_r5_undone_and_activated_at_once_one_wins(office, other_desk):
    office.desk.bounds = Bounds(10_000, 10_000)
    office.desk.limits = Limits(resets=Pair.hourly("resets", 1000, 1000))
    agent = await hire(office)
    for n in range(ROUNDS):
        anna = await welcome(office, 1, other_desk)
        first = await anna.certified()
        license_id = first.license.license_id
        done = made(await agent.reset(license_id))
        tasks = [agent.undo(done.override.reset_id), anna.activate("desktop")]
        undone, activated = await asyncio.gather(*tasks) if n % 2 else await _reversed(tasks)
        holder = (await current(office))[license_id]
        if isinstance(undone, Overridden):
            assert code(activated) == "device_limit"
            assert holder == first.activation.activation_id
        else:
            assert isinstance(activated, Certified)
            assert code(undone) == "conflict"
            assert holder == activated.activation.activation_id


async def _reversed(tasks):
    later, sooner = await asyncio.gather(*reversed(tasks))
    return sooner, later


async def test_r4_two_agents_at_once_on_one_licence_one_wins(office):
    agents = [await hire(office), await hire(office)]
    for _ in range(ROUNDS):
        _, license_id = await used(office)
        answers = await asyncio.gather(*[one.reset(license_id) for one in agents])
        assert [code(one) for one in answers if not isinstance(one, Overridden)] == ["reset_unused"]
        assert len(await office.fetch("SELECT 1 FROM override WHERE license_id = $1", license_id)) == 1


async def test_r6_the_figures_come_before_and_with_the_reset(office):
    anna, license_id = await used(office)
    agent = await hire(office)
    before = await agent.look(license_id)
    assert before.figures.moves == 0
    assert before.left == Bounds(50, 4)
    made(await agent.reset(license_id))
    await anna.certified("desktop")
    shown = made(await agent.reset(license_id)).shown
    assert (shown.figures.moves, len(shown.figures.moved_at)) == (1, 1)
    assert shown.figures.differing == ("hdd_serial", "system_uuid", "mac")
    assert shown.figures.live_certificates == 2
    assert shown.left == Bounds(48, 2)
    assert 8 * DAY - 3600 <= shown.figures.certificate_until - shown.now <= 8 * DAY
    assert code(await agent.look(12345)) == "not_found"


async def test_r6_what_waits_is_among_the_figures(office):
    office.desk.bounds = Bounds(license_month=0)
    _, license_id = await used(office)
    agent, auditor = await hire(office), await hire(office, "auditor")
    waiting = filed(await agent.reset(license_id))
    shown = await auditor.look(license_id)
    assert [from_text(RESET, one) for one in shown.waiting] == [waiting]
    assert shown.left.license_month == 0


async def test_r9_an_orphaned_licence_is_listed_without_a_reset(office):
    anna, _ = await used(office)
    await office.fetch("UPDATE license SET orphaned = true")
    made_of = anna.made
    listing = await list_holdings(office.desk, office.caller(), made_of.login, made_of.password)
    assert [(row.can_reset, row.next_reset_at) for row in listing.rows] == [(False, None)]


@pytest.mark.parametrize("how", ["reset", "replace"])
async def test_r9_staff_neither_reset_nor_replace_an_orphaned_licence(office, how):
    _, license_id = await used(office)
    await office.fetch("UPDATE license SET orphaned = true")
    await office.fetch("UPDATE activation SET online = $1", how == "reset")
    agent = await hire(office, "sales")
    assert code(await getattr(agent, how)(license_id)) == "reset_forbidden"
    assert license_id in await current(office)
