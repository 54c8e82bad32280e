"""P7, P8: suspending a client for a reason and letting go of it: its orders, and all licences under them."""

from activation.licensing.events import EventKind
from activation.licensing.model import Hold
from activation.licensing.reselling.clients import Reseller
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.licenses.standing import hold_licenses, release_hold
from activation.service.reselling.clients import find_reseller
from activation.service.working import Work
from activation.storage.licenses.standing import Where
from activation.storage.reselling.resellers import write_holds


@value
class Client:
    """A reseller, or a direct client's end-user account: one of the two ids is given."""

    reseller_id: int | None = None
    account_id: int | None = None

    @property
    def subject(self) -> int:
        """Return the id under which the client is known in the log and gets mail."""
        return self.reseller_id or self.account_id or 0

    @property
    def where(self) -> Where:
        """Return which licences are the client's."""
        return Where(reseller_id=self.reseller_id, account_id=self.account_id)


async def suspend(work: Work, client: Client, hold: Hold, rule: str) -> list[int] | Refused:
    """Hold the client's licences and refuse its orders; return the ids of licences not held before."""
    if client.reseller_id is not None:
        found = await find_reseller(work, client.reseller_id, lock=True)
        if isinstance(found, Refused):
            return found
        await write_holds(work.connection, found.reseller_id, found.holds | hold)
    held = await hold_licenses(work, client.where, hold, rule)
    await work.tell(EventKind.SUSPENDED, client.subject, rule, {"licenses": len(held)})
    await work.mail(client.subject, "client_suspended", {"rule": rule})
    await work.hook("client.suspended", {"rule": rule, "licenses": len(held)})
    return held


async def let_go(work: Work, client: Client, hold: Hold, rule: str) -> list[int] | Refused:
    """Take one reason away; return the ids of the licences that were held for it."""
    if client.reseller_id is not None:
        found = await find_reseller(work, client.reseller_id, lock=True)
        if isinstance(found, Refused):
            return found
        await _write_less(work, found, hold)
    released = await release_hold(work, client.where, hold, rule)
    await work.tell(EventKind.REINSTATED, client.subject, rule, {"licenses": len(released)})
    await work.mail(client.subject, "client_reinstated", {"rule": rule})
    await work.hook("client.reinstated", {"rule": rule, "licenses": len(released)})
    return released


async def _write_less(work: Work, client: Reseller, hold: Hold) -> None:
    await write_holds(work.connection, client.reseller_id, client.holds & ~hold)
