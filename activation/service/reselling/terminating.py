"""P9: an agreement ends at once; what was assigned goes on working; the duty to delete is recorded."""

from activation.licensing.events import EventKind
from activation.licensing.identifiers import RESELLER, to_text
from activation.licensing.model import Hold
from activation.licensing.reselling.clients import Reseller, ResellerKind
from activation.licensing.reselling.lateness import oldest_due
from activation.licensing.reselling.pool import PoolWhy
from activation.licensing.reselling.terminating import (
    Why,
    deletion_due_at,
    refuse_confirming,
    refuse_terminating,
)
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.licenses.standing import orphan_licenses, release_hold, revoke_licenses
from activation.service.reselling.clients import find_reseller
from activation.service.reselling.holding import Client
from activation.service.reselling.overdue import read_dues
from activation.service.working import Work
from activation.storage.licenses.standing import Where
from activation.storage.reselling.newest import count_assigned, count_open_orders
from activation.storage.reselling.orders import cancel_open
from activation.storage.reselling.pool_ledger import balances, enter
from activation.storage.reselling.resellers import (
    list_own_accounts,
    list_users,
    write_deletion,
    write_termination,
)


@value
class Terminated:
    """What ending an agreement did."""

    reseller_id: int
    forfeited: int
    cancelled: int
    orphaned: int
    revoked: int
    deletion_due_at: int


@value
class Ending:
    """What ending an agreement would end; `may_for_lateness`: late enough for that alone (P8)."""

    licenses_left: int
    open_orders: int
    assigned: int
    open_logins: int
    may_for_lateness: bool


async def preview_ending(work: Work, reseller_id: int) -> Ending | Refused:
    """Return what `terminate` would do, so that it can be looked at first."""
    client = await find_reseller(work, reseller_id)
    if isinstance(client, Refused):
        return client
    oldest = oldest_due(await read_dues(work, Client(reseller_id)), work.now)
    refused = refuse_terminating(client.state, Why.LATE, oldest, work.now, work.desk.week.zone)
    return Ending(
        sum(one.balance for one in await balances(work.connection, reseller_id)),
        await count_open_orders(work.connection, reseller_id),
        await count_assigned(work.connection, reseller_id),
        sum(user.is_open for user in await list_users(work.connection, reseller_id)),
        refused is None,
    )


async def terminate(work: Work, reseller_id: int, why: Why, note: str) -> Terminated | Refused:
    """End an agreement: logins closed, open orders cancelled, the pool forfeited, licences orphaned (R9).

    Assigned licences go on working, also those held for lateness; those disabled by a penalty stay so. A
    company's own licences end with it (P8, C2).
    """
    client = await find_reseller(work, reseller_id, lock=True)
    if isinstance(client, Refused):
        return client
    oldest = oldest_due(await read_dues(work, Client(reseller_id)), work.now)
    refused = refuse_terminating(client.state, why, oldest, work.now, work.desk.week.zone)
    if refused is not None:
        return refused
    due_at = deletion_due_at(work.now)
    await write_termination(work.connection, reseller_id, f"{why}: {note}", work.now, due_at)
    cancelled = await cancel_open(work.connection, reseller_id, work.now)
    forfeited = await _forfeit(work, reseller_id)
    revoked = await _revoke_own(work, client)
    await release_hold(work, Where(reseller_id=reseller_id), Hold.LATE, "P9")
    orphaned = await orphan_licenses(work, Where(reseller_id=reseller_id), work.now, "P9")
    done = Terminated(reseller_id, forfeited, len(cancelled), len(orphaned), revoked, due_at)
    await _tell(work, done, why)
    return done


async def confirm_deletion(work: Work, reseller_id: int, evidence: str) -> Reseller | Refused:
    """Record the evidence that a terminated reseller deleted what it had copied."""
    client = await find_reseller(work, reseller_id, lock=True)
    if isinstance(client, Refused):
        return client
    refused = refuse_confirming(client.state, client.deletion_confirmed_at)
    if refused is not None:
        return refused
    await write_deletion(work.connection, reseller_id, evidence, work.now)
    await work.tell(EventKind.DELETION_CONFIRMED, reseller_id, "P9")
    return await find_reseller(work, reseller_id)


async def _forfeit(work: Work, reseller_id: int) -> int:
    left = [one for one in await balances(work.connection, reseller_id) if one.balance > 0]
    for one in left:
        await enter(
            work.connection,
            one.key,
            -one.balance,
            PoolWhy.FORFEITED,
            now=work.now,
            actor_id=work.person.person_id or None,
        )
    return sum(one.balance for one in left)


async def _revoke_own(work: Work, client: Reseller) -> int:
    if client.kind is not ResellerKind.COMPANY:
        return 0
    accounts = await list_own_accounts(work.connection, client.reseller_id)
    return sum([len(await revoke_licenses(work, Where(account_id=one), "P8")) for one in accounts])


async def _tell(work: Work, done: Terminated, why: Why) -> None:
    told = {
        "why": str(why),
        "forfeited": done.forfeited,
        "cancelled": done.cancelled,
        "orphaned": done.orphaned,
        "revoked": done.revoked,
    }
    await work.tell(EventKind.RESELLER_TERMINATED, done.reseller_id, "P9", told)
    await work.mail(done.reseller_id, "agreement_ended", {"deletion_due_at": done.deletion_due_at})
    await work.hook("reseller.terminated", {"reseller": to_text(RESELLER, done.reseller_id), **told})
