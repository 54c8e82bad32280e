"""Whether a message comes from the shop: the Standard Webhooks' signature, checked before anything is read.

`webhook-signature` may hold several, with blanks between (a secret is being changed): one that is right is
enough. A message is believed for five minutes around its time, so that a recorded one cannot be replayed
later; within them the event's id makes it the same event.
"""

import re
from collections.abc import Mapping
from typing import Final

from activation.service.hooking.signing import sign
from crypto.passwords import same_digest

TOLERANCE_S: Final = 5 * 60
_ID: Final = re.compile(r"[!-~]{1,255}")
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES: Final = 8


def verify_message(secret: bytes, headers: Mapping[str, str], body: bytes, now: int) -> str | None:
    """Return the event's id when the message is the shop's and recent, else None."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        return None
    expected = sign(secret, message_id, int(timestamp), body)["webhook-signature"].encode()
    given = headers.get("webhook-signature", "").encode(errors="replace").split()[:_MOST_SIGNATURES]
    is_ours = any(same_digest(expected, signature) for signature in given)
    is_recent = abs(now - int(timestamp)) <= TOLERANCE_S
    return message_id if is_ours and is_recent and str(int(timestamp)) == timestamp else None
