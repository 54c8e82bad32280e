"""Finding a reseller for a use case, and whether it may act at all (P1, P8, P9)."""

from typing import Final

from activation.licensing.reselling.agreeing import refuse_unaccepted
from activation.licensing.reselling.clients import Reseller, refuse_standing
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.reselling.pool_ledger import lock_reseller
from activation.storage.reselling.resellers import read_reseller
from activation.storage.reselling.terms import list_acceptances, list_terms

_UNKNOWN: Final = "There is no such reseller."


async def find_reseller(work: Work, reseller_id: int, *, lock: bool = False) -> Reseller | Refused:
    """Return a reseller; with `lock` nobody else changes its orders, pool or standing meanwhile."""
    if lock:
        await lock_reseller(work.connection, reseller_id)
    found = await read_reseller(work.connection, reseller_id)
    return found if found is not None else Refused(Refusal.NOT_FOUND, "P1", _UNKNOWN)


async def find_active(work: Work, reseller_id: int) -> Reseller | Refused:
    """Lock and return a reseller that may order and assign: in good standing, the terms accepted."""
    found = await find_reseller(work, reseller_id, lock=True)
    if isinstance(found, Refused):
        return found
    return refuse_standing(found.state) or await check_accepted(work, reseller_id) or found


async def check_accepted(work: Work, subject: int) -> Refused | None:
    """P1: refuse a reseller that has not accepted the terms in force."""
    terms = await list_terms(work.connection)
    accepted = {one.version for one in await list_acceptances(work.connection, subject)}
    return refuse_unaccepted(terms, accepted, work.now)
