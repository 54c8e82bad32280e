"""What left the house, waits or is dead: mails and webhooks' messages, for staff. No address, no text."""

from collections.abc import Sequence
from typing import Final

from activation.service.working import Work
from activation.storage.outgoing import hooks, mails
from activation.storage.outgoing.hooks import Hook, ListedDelivery
from activation.storage.outgoing.mails import ListedMail, Sending

__all__ = [
    "NEWEST",
    "PAGE",
    "Hook",
    "ListedDelivery",
    "ListedMail",
    "Sending",
    "list_deliveries",
    "list_mails",
]

PAGE: Final = 100
NEWEST: Final = (1 << 63) - 1


async def list_mails(work: Work, state: Sending, before: int = NEWEST) -> Sequence[ListedMail]:
    """Return a page of mails of one state, the newest first; who was written to of what is a look (G6)."""
    rows = await mails.list_mails(work.connection, state, before, PAGE)
    await work.look((row.subject for row in rows), ("mails",))
    return rows


async def list_deliveries(
    work: Work, state: Sending, before: tuple[int, int] = (NEWEST, NEWEST)
) -> Sequence[ListedDelivery]:
    """Return a page of deliveries of one state, the newest first."""
    return await hooks.list_deliveries(work.connection, state, before, PAGE)
