"""R2: when a request for an offline activation is too old, or made by a clock that is far ahead."""

from typing import Final

from activation.licensing.verdicts import Refusal, Refused

DAY_S: Final = 86_400
REQUEST_S: Final = 30 * DAY_S
"""How long a request file can be handed in for the first time; what it got then is for ever."""
AHEAD_S: Final = DAY_S
"""How far the clock of a machine without network may be ahead."""

_EXPIRED = "This request is older than 30 days. Make a new one on the machine."
_AHEAD = "This request was made in the future: set the machine's clock, and make a new one."


def refuse_request_time(made_at: int, now: int) -> Refused | None:
    """Refuse a request made more than 30 days before `now` or a day after it (seconds), else return None."""
    if made_at > now + AHEAD_S:
        return Refused(Refusal.REQUEST_EXPIRED, "R2", _AHEAD)
    if now - made_at > REQUEST_S:
        return Refused(Refusal.REQUEST_EXPIRED, "R2", _EXPIRED)
    return None
