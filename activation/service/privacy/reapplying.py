"""G5: the ledger of erasures applied again to a database that does not know of them: a restored backup.

Done once or often, the end is the same. A server does it before it serves; `activation privacy ledger
apply` and whatever restores a backup call the same.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.desk import Desk
from activation.service.privacy.erasing import carry_out
from activation.service.privacy.forgetting_users import forget_user_again
from activation.service.privacy.ledger import Entry, entries_of
from activation.service.privacy.previewing import preview_erasure
from activation.service.working import Work, act_as_system
from activation.storage.installation import read_database_id
from activation.storage.lending import lend
from activation.storage.privacy.erasures import add_erasure, find_erased, list_erasures


@value
class Applied:
    """What applying did: how many were erased again, were erased already, are not in this database.

    `foreign` counts lines that are another database's: nobody was erased for them.
    """

    erased: int
    known: int
    unknown: int
    foreign: int = 0

    @property
    def total(self) -> int:
        """Return how many people this database's ledger names."""
        return self.erased + self.known + self.unknown


class LedgerNotAppliedError(Exception):
    """The database went away meanwhile; applying again goes on where it stopped."""


async def apply_ledger(desk: Desk, entries: Sequence[Entry]) -> Applied:
    """Erase whomever this database's entries name and it knows, not erased; each in a transaction.

    Another database's are counted and left alone. Raises LedgerNotAppliedError, DatabaseUnavailableError.
    """
    async with lend(desk.pool) as connection:
        ours = entries_of(await read_database_id(connection), entries)
        first = {entry.erased_id: entry for entry in reversed(ours)}
        found = await find_erased(connection, list(first))
    back = [one for one, is_erased in found.items() if not is_erased]
    erased = 0
    for erased_id in sorted(back, key=lambda one: first[one].at):
        done = await act_as_system(desk, partial(_apply, entry=first[erased_id]))
        if isinstance(done, Refused):
            raise LedgerNotAppliedError(done.detail)
        erased += done
    return Applied(erased, len(found) - erased, len(first) - len(found), len(entries) - len(ours))


async def catch_up(desk: Desk) -> Applied:
    """Bring the database up to the ledger's file, then the file up to the database; return what was applied.

    Raises LedgerError for a file that cannot be read, LedgerNotAppliedError, DatabaseUnavailableError.
    """
    if desk.erasures is None:
        return Applied(0, 0, 0)
    entries = await asyncio.to_thread(desk.erasures.read)
    applied = await apply_ledger(desk, entries)
    async with lend(desk.pool) as connection:
        database = await read_database_id(connection)
        kept = [Entry(*one, database) for one in await list_erasures(connection)]
    # Lines that named no database get its name, so that no other takes them for its own.
    known = {entry.erased_id: entry for entry in (*kept, *entries_of(database, entries))}
    named = {entry.erased_id for entry in entries if entry.database == database}
    await asyncio.to_thread(
        desk.erasures.append, [one for one in known.values() if one.erased_id not in named]
    )
    return applied


async def _apply(work: Work, entry: Entry) -> bool | Refused:
    """Erase one again; tell whether there was anybody to erase."""
    preview = await preview_erasure(work, entry.erased_id)
    found = not isinstance(preview, Refused)
    if isinstance(preview, Refused):
        if preview.code is Refusal.NOT_FOUND:
            found = await forget_user_again(work, entry.erased_id)
    else:
        await carry_out(work, preview, "G5")
    if found:
        await add_erasure(work.connection, entry.erased_id, entry.at)
    return found
