"""D5: addresses that were noted under a retired pepper prove nothing, and are no break of the log."""

import time

import pytest
from service.sample_acts import do
from service.sample_audit import seal_all, write

from activation.licensing.identifiers import STAFF, to_text
from activation.service.auditing.checking import check_log
from activation.service.auditing.histories import see_log
from crypto.pepper import retire_pepper, rotate_pepper

LONG_AGO_S = 7200
CHANGE_NEWEST = (
    "UPDATE event_address SET address = '198.51.100.9' WHERE event_id ="
    " (SELECT event_id FROM event WHERE actor_id = 4711 ORDER BY happened DESC LIMIT 1)"
)


@pytest.fixture
async def retired(office):
    """An office whose log has events of three days ago, under a pepper retired since, and newer ones."""
    path, now = office.settings.pepper_file, int(time.time())
    await write(office, 9)
    await office.fetch("ALTER TABLE event DISABLE TRIGGER USER")
    await office.fetch("UPDATE event SET happened = happened - interval '3 days'")
    rotate_pepper(path, now - LONG_AGO_S)
    await office.desk.peppers.look()
    await write(office, 9)
    await seal_all(office)
    assert (await check_log(office.desk)).notes == []
    retire_pepper(path, 1, now)
    await office.desk.peppers.look()
    return office


async def test_the_log_holds_and_a_note_tells(retired):
    found = await check_log(retired.desk)
    assert found.holds, found.problems
    assert [note[:12] for note in found.notes] == ["3 addresses "]


async def test_an_address_that_was_changed_since_is_a_break_all_the_same(retired):
    await retired.fetch(CHANGE_NEWEST)
    assert not (await check_log(retired.desk)).holds


async def test_a_history_says_of_none_but_that_one_that_it_was_changed(retired):
    async def unproved():
        page = await do(retired, lambda work: see_log(work, to_text(STAFF, 4711)))
        assert len([row for row in page.rows if row.address is not None]) == 6
        return len(page.unproved)

    assert await unproved() == 0
    await retired.fetch(CHANGE_NEWEST)
    assert await unproved() == 1
