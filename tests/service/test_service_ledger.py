"""G5: the ledger of erasures: never lost, and applied again to a database that was restored."""

import asyncio
import os
import threading

import asyncpg
import pytest
from service.sample_acts import do
from service.sample_privacy import MARK, come, erase, leave_traces, person, whereabouts
from structlog.testing import capture_logs

from activation.app import open_desk
from activation.licensing.identifiers import ACCOUNT, account_of_login, to_text
from activation.service.privacy.forgetting_users import UserKind, erase_user
from activation.service.privacy.ledger import Entry, ErasureLedger, LedgerError, entries_of, read_entries
from activation.service.privacy.reapplying import Applied, apply_ledger, catch_up
from activation.supervising.database import Database
from activation.supervising.erasures import catch_up_with_erasures
from activation.supervising.supervisor import Supervisor


@pytest.fixture
def ledger(tmp_path):
    return ErasureLedger(tmp_path / "erasures.jsonl")


def test_g5_what_was_written_is_read(ledger):
    assert ledger.read() == []
    ledger.append([])
    assert not ledger.path.exists()
    entries = [Entry(number << 40, 1_800_000_000 + number) for number in range(5)]
    ledger.append(entries[:2])
    ledger.append(entries[2:])
    assert ledger.read() == entries
    assert to_text(ACCOUNT, 1 << 40) in ledger.path.read_text()


@pytest.mark.parametrize("length", [1, 10, -1, -2])
def test_g5_a_line_that_a_crash_cut_off_harms_no_other(ledger, length):
    ledger.append([Entry(1, 1)])
    ledger.path.write_text(ledger.path.read_text() + Entry(2, 2).line()[:length])
    ledger.append([Entry(3, 3)])
    told = ledger.read()
    # All but the last byte: the line is whole, and only its end was missing.
    assert told == ([Entry(1, 1), Entry(2, 2), Entry(3, 3)] if length == -1 else [Entry(1, 1), Entry(3, 3)])


def test_g5_a_line_that_is_no_erasure_is_told_of():
    for line in ("{}", '{"erased": "acc_1", "at": 1}', '{"erased": 5}', "[]}"):
        with pytest.raises(LedgerError, match="line 2 of the ledger"):
            list(read_entries(Entry(1, 1).line() + line + "\n"))


def test_g5_several_write_at_once(ledger):
    def write(number):
        for each in range(50):
            ledger.append([Entry(number << 20 | each, 1)])

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({entry.erased_id for entry in ledger.read()}) == 200


def test_g5_every_entry_is_flushed_before_it_counts(ledger, monkeypatch):
    flushed = []
    flush = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (flushed.append(os.fstat(handle).st_size), flush(handle)))
    ledger.append([Entry(1, 1)])
    assert flushed[0] == ledger.path.stat().st_size
    assert len(flushed) == 2  # the folder too, the first time
    ledger.append([Entry(2, 2)])
    assert flushed[2] == ledger.path.stat().st_size


async def test_g5_a_restored_backup_is_erased_again_before_it_serves(office, server, dsn):
    made, other = await person(office), await person(office, mark="somebody")
    agent = await office.staff("support")
    await office.fetch("INSERT INTO personal VALUES ($1, 0, 3, $2)", agent.user_id, MARK)
    await come(office, made)
    await leave_traces(office, made.account_id)
    backup = await server.back_up(dsn)
    try:
        await erase(office, made.account_id)
        await do(office, lambda work: erase_user(work, UserKind.STAFF, agent.login))
        assert await whereabouts(office) == {}
        assert "personal.value" in await whereabouts(office, dsn=backup)
        # The server starts on what was restored, with the data folder as it is.
        await catch_up_with_erasures(office.settings, backup)
        assert await whereabouts(office, dsn=backup) == {}
        assert "personal.value" in await whereabouts(office, "somebody", dsn=backup)
        async with open_desk(office.settings, backup) as desk:
            assert await catch_up(desk) == Applied(0, 2, 0)
            found = await desk.pool.fetch("SELECT kind, rule FROM event WHERE kind = 117 ORDER BY happened")
        assert [tuple(row) for row in found] == [(117, "G5"), (117, "G5")]
        assert other.account_id not in {entry.erased_id for entry in office.desk.erasures.read()}
    finally:
        await server.drop(backup)


async def test_g5_a_file_that_was_lost_is_written_again_from_the_database(office):
    made = await person(office)
    await erase(office, made.account_id)
    office.settings.erasures_file.unlink()
    assert await catch_up(office.desk) == Applied(0, 0, 0)
    assert [entry.erased_id for entry in office.desk.erasures.read()] == [made.account_id]
    assert await catch_up(office.desk) == Applied(0, 1, 0)
    assert len(office.desk.erasures.read()) == 1


async def test_g5_whom_the_database_never_knew_is_counted_and_kept_out(office):
    entry = Entry(77 << 55 | 5, 1)
    assert await apply_ledger(office.desk, [entry, entry]) == Applied(0, 0, 1)
    assert await apply_ledger(office.desk, [entry]) == Applied(0, 0, 1)


async def test_g5_who_comes_back_after_the_ledger_was_applied_is_erased_then(office):
    """A database that is restored in two parts, or into which accounts are copied."""
    entry = Entry(account_of_login(f"{MARK}-login"), 1)
    assert await apply_ledger(office.desk, [entry]) == Applied(0, 0, 1)
    assert (await person(office, 1)).account_id == entry.erased_id
    assert await apply_ledger(office.desk, [entry]) == Applied(1, 0, 0)
    assert await whereabouts(office) == {}
    assert await apply_ledger(office.desk, [entry]) == Applied(0, 1, 0)


async def test_g5_a_ledger_of_another_database_erases_nobody_and_is_told_of(office, dsn):
    made, other = await person(office), await person(office, mark="somebody")
    await erase(office, other.account_id)
    lines = office.settings.erasures_file.read_text()
    office.desk.erasures.append([Entry(made.account_id, 1, "elsewhere")])
    with capture_logs() as logs:
        await catch_up_with_erasures(office.settings, dsn)
    assert [(one["log_level"], one["count"]) for one in logs if "another database" in one["event"]] == [
        ("error", 1)
    ]
    assert "personal.value" in await whereabouts(office)
    assert await catch_up(office.desk) == Applied(0, 1, 0, foreign=1)
    # A copy of this database, under another name: what was erased here is not erased there.
    await office.fetch("UPDATE database_id SET id = gen_random_uuid()")
    office.settings.erasures_file.write_text(lines)
    assert await catch_up(office.desk) == Applied(0, 0, 0, foreign=1)


def test_g5_lines_that_name_no_database_are_anybodys_until_one_does():
    old, ours, theirs = Entry(1, 1), Entry(2, 2, "ours"), Entry(3, 3, "theirs")
    assert entries_of("ours", [old]) == [Entry(1, 1, "ours")]
    assert entries_of("ours", [old, ours]) == [Entry(1, 1, "ours"), ours]
    assert entries_of("ours", [old, ours, theirs]) == [ours]
    assert list(read_entries(old.line() + theirs.line())) == [old, theirs]


async def test_g5_lines_that_name_no_database_get_its_name(office):
    made = await person(office)
    office.desk.erasures.append([Entry(made.account_id, 1)])
    assert await catch_up(office.desk) == Applied(1, 0, 0)
    assert await catch_up(office.desk) == Applied(0, 1, 0)
    [[name]] = await office.fetch("SELECT id::text FROM database_id")
    assert [entry.database for entry in office.desk.erasures.read()] == [None, name]


async def test_g5_no_server_starts_with_a_ledger_that_cannot_be_read(office, dsn):
    office.settings.erasures_file.write_text('{"erased": "nobody"}\n')
    with pytest.raises(LedgerError):
        await catch_up_with_erasures(office.settings, dsn)


async def test_g5_an_erasure_whose_commit_was_lost_is_done_at_the_next_start(office, dsn):
    made = await person(office)
    office.desk.erasures.append([Entry(made.account_id, 1)])
    await catch_up_with_erasures(office.settings, dsn)
    assert await whereabouts(office) == {}
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SELECT erased_at IS NOT NULL FROM account") is True
    await connection.close()


async def test_g5_a_server_that_starts_on_a_restored_backup_erases_first(office, settings, dsn):
    """The whole server: what starts the workers has the erasures applied when it is told to stop again."""
    made = await person(office)
    office.desk.erasures.append([Entry(made.account_id, 1)])
    one = settings.model_copy(update={"port": 0, "workers": 1, "jobs": False})
    stop = asyncio.Event()
    stop.set()
    with capture_logs() as logs:
        await Supervisor(one, Database(dsn)).run(stop)
    assert await whereabouts(office) == {}
    told = [entry for entry in logs if entry["event"] == "erased again"]
    assert [(entry["rule"], entry["count"], entry["unknown"]) for entry in told] == [("G5", 1, 0)]
