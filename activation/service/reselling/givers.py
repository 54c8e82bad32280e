"""Whose pool it is, held and in good standing (P5, P8)."""

from typing import Final

from activation.licensing.reselling.assigning import Giver
from activation.licensing.reselling.clients import refuse_standing
from activation.licensing.verdicts import Refusal, Refused
from activation.service.working import Work
from activation.storage.reselling.assignments import lock_giver

NO_RESELLER: Final = Refused(Refusal.NOT_FOUND, "P5", "There is no such reseller.")


async def find_giver(work: Work, reseller_id: int) -> Giver | Refused:
    """Return a reseller that may make customers and assign, held until the transaction ends."""
    giver = await lock_giver(work.connection, reseller_id)
    if giver is None:
        return NO_RESELLER
    return refuse_standing(giver.state) or giver
