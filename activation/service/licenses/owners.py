"""An account as staff see it: its licences, what it bought, and of its person what the role needs (G6)."""

from collections.abc import Sequence
from typing import Final

from activation.licensing.roles import Act, may
from activation.licensing.traces import SEES, FactKind
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.service.licenses.finding import Seen, see_rows
from activation.service.purchasing.showing import AccountView, show_account_of
from activation.service.working import Work
from activation.storage.accounts import PersonalField
from activation.storage.licenses.owners import Owner, list_of_account, read_owner

__all__ = ["PAGE", "Owner", "PersonalField", "SeenOwner", "see_owner"]
PAGE: Final = 20
_CONTACT: Final = (PersonalField.NAME, PersonalField.EMAIL, PersonalField.ADDRESS, PersonalField.PHONE)
_UNKNOWN: Final = "There is no such account."


@value
class SeenOwner:
    """An account with a page of its licences; `next_after` is the last one's id when more may follow.

    `hidden`: what its person gave is restricted, and not for this reader's eyes (G3). `sees_contact`: the
    role sees more of people than their logins.
    """

    owner: Owner
    view: AccountView
    rows: Sequence[Seen]
    next_after: int | None
    hidden: bool
    sees_contact: bool


async def see_owner(work: Work, account_id: int, after: int = 0) -> SeenOwner | Refused:
    """Return an account with its licences that follow the one `after`, and what the role sees of it."""
    sees_contact = FactKind.CONTACT in SEES.get(work.person.role, frozenset())
    fields = (PersonalField.LOGIN, *(_CONTACT if sees_contact else ()))
    owner = await read_owner(work.connection, account_id, fields)
    if owner is None:
        return Refused(Refusal.NOT_FOUND, "C3", _UNKNOWN)
    hidden = owner.restricted_at is not None and not may(work.person.role, Act.ANSWER_PRIVACY)
    view = await show_account_of(work, account_id)
    if isinstance(view, Refused):
        return view
    if not hidden:
        await work.look([account_id], [*owner.personal, "licenses"])
    ids = await list_of_account(work.connection, account_id, after, PAGE + 1)
    rows = await see_rows(work, ids[:PAGE])
    following = ids[PAGE - 1] if len(ids) > PAGE else None
    return SeenOwner(owner, view, rows, following, hidden, sees_contact)
