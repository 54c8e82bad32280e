"""What a new password ends beside sessions, and what its owner is told of it, however it came to be.

Staff's tokens end: whoever had the old password, or the session, may have made some. Those of a reseller's
users stay, for a shop's integration must not stop by itself; the mail lists them.
"""

from typing import Any

from activation.licensing.events import EventKind
from activation.licensing.identity.sessions import PersonKind
from activation.messages.times import to_rfc3339
from activation.service.mailing.sealing import seal
from activation.service.working import Work
from activation.storage.identity.password_links import end_links
from activation.storage.identity.tokens import Owners, list_tokens, revoke_tokens

_ENDED = "Your API tokens ended with it: make those that you still need anew."
_STAY = "These API tokens of yours still work. Revoke those that you do not know:"


async def tell_new_password(
    work: Work, kind: PersonKind, person_id: int, by: str, mail_to: int | None
) -> None:
    """End mailed links, and tokens of staff; tell the log by what it was changed, and the person."""
    await end_links(work.connection, kind, person_id, work.now)
    is_staff = kind is PersonKind.STAFF
    ended = await revoke_tokens(work.connection, Owners.STAFF, person_id, work.now) if is_staff else 0
    await work.tell(EventKind.PASSWORD_CHANGED, person_id, "identity", {"by": by, "tokens": ended})
    if mail_to is None:
        return
    template, params = "password_changed", dict[str, Any](changed_at=work.now)
    lines = [_ENDED] if ended else await _list_held(work, person_id) if kind is PersonKind.USER else []
    if lines:
        template = "password_changed_tokens"
        params["sealed"] = seal(work.desk.secrets.mail, {"tokens": "\n".join(lines)})
    await work.mail(mail_to, template, params)


async def _list_held(work: Work, user_id: int) -> list[str]:
    """Return the lines on a user's tokens that hold, by the names that the user gave them."""
    tokens = await list_tokens(work.connection, Owners.USERS, user_id)
    held = [
        f"    {one.name}, made {to_rfc3339(one.created_at)[:10]}" for one in tokens if one.holds(work.now)
    ]
    return [_STAY, "", *held] if held else []
