"""Files of rows, known again by what they say: whoever sends one anew is told that it was assigned (P5)."""

from collections.abc import Iterable
from dataclasses import field
from hashlib import blake2b
from typing import Final

from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.reselling.sheets import AssignedSheet, add_sheet, find_sheet
from crypto.passwords import name_version
from crypto.pepper import each_of

_DONE: Final = "These very rows were assigned before."


@value
class BatchRow:
    """One row: a customer by login or e-mail, and what it gets. `number` counts from 1."""

    number: int
    product: str
    major: int
    count: int
    login: str = field(repr=False, default="")
    email: str = field(repr=False, default="")
    name: str = field(repr=False, default="")


async def find_done(work: Work, reseller_id: int, rows: Iterable[BatchRow]) -> AssignedSheet | None:
    """Return when a reseller had these very rows assigned, None if never."""
    told = _told(rows)
    digests = [_digest(key, told) for key in each_of(work.desk.secrets.occasions)]
    return await find_sheet(work.connection, reseller_id, digests)


async def refuse_again(work: Work, reseller_id: int, rows: Iterable[BatchRow]) -> Refused | None:
    """Refuse rows that were assigned before, else return None. The reseller's row must be held."""
    if await find_done(work, reseller_id, rows) is None:
        return None
    return Refused(Refusal.CONFLICT, "P5", _DONE, facts={"field": "again"})


async def note_done(work: Work, reseller_id: int, rows: Iterable[BatchRow], licenses: int) -> None:
    """Remember that these rows came to so many licences."""
    digest = _digest(work.desk.secrets.occasions, _told(rows))
    await add_sheet(work.connection, reseller_id, digest, work.now, work.person.person_id, licenses)


def _told(rows: Iterable[BatchRow]) -> bytes:
    keys = ((row.product, row.major, row.count, row.login.lower(), row.email.lower()) for row in rows)
    return repr(list(keys)).encode()


def _digest(key: bytes, told: bytes) -> bytes:
    """Return as what rows are remembered: it tells nobody's e-mail without the key."""
    return name_version(key, blake2b(told, digest_size=16, key=key, person=b"sheet").digest())
