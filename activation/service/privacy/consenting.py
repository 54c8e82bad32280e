"""G8: consent given and withdrawn, each kept; whom one may write to for a purpose."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.events import EventKind
from activation.licensing.identifiers import CONSENT, shard_of, to_text
from activation.licensing.privacy.consenting import Told, is_given, may_write_to
from activation.licensing.values import value
from activation.licensing.verdicts import Refused
from activation.service.privacy.persons import hold_open, look_up
from activation.service.working import Work
from activation.storage.privacy.consents import Consent, add_consent, consents_of, list_consenting

PAGE: Final = 1000


@value
class Consents:
    """What an account's person ever said, and whether a purpose may be served now."""

    history: Sequence[Consent]
    given: bool
    may_write: bool


@value
class Readers:
    """Accounts that may be written to for a purpose; `next_after` where more may follow."""

    account_ids: list[int]
    next_after: int | None


@value
class Said:
    """Yes or no to a purpose, how it was said, and the version of the text that it was said to."""

    purpose: str
    given: bool
    how: str
    version: str


async def say(work: Work, account_id: int, said: Said) -> Consents | Refused:
    """Add what a person says about a purpose to the history; withdrawing is as easy as giving."""
    held = await hold_open(work, account_id)
    if isinstance(held, Refused):
        return held
    consent_id = work.new_id(shard_of(account_id))
    told = Told(consent_id, said.purpose, said.given, work.now)
    await add_consent(work.connection, account_id, Consent(told, said.how, said.version))
    kind = EventKind.CONSENT_GIVEN if said.given else EventKind.CONSENT_WITHDRAWN
    about = {"consent": to_text(CONSENT, consent_id), "purpose": said.purpose, "version": said.version}
    await work.tell(kind, account_id, "G8", about)
    return await see_consents(work, account_id, said.purpose)


async def see_consents(work: Work, account_id: int, purpose: str) -> Consents | Refused:
    """Return an account's history, and what it comes to for a purpose."""
    wishes = await look_up(work, account_id)
    if isinstance(wishes, Refused):
        return wishes
    history = await consents_of(work.connection, account_id)
    await work.look([account_id] if history else [], ("consents",))
    words = [one.told for one in history]
    return Consents(history, is_given(words, purpose), may_write_to(words, wishes, purpose))


async def find_readers(work: Work, purpose: str, after: int = 0) -> Readers:
    """Return a page of the accounts that may be written to for a purpose (G8)."""
    rows = await list_consenting(work.connection, purpose, after, PAGE)
    may = [account_id for account_id, wishes, history in rows if may_write_to(history, wishes, purpose)]
    await work.look(may, ("consents",))
    return Readers(may, rows[-1][0] if len(rows) == PAGE else None)
