"""What time it is, on a machine whose clock may be wrong or set back on purpose.

The mark is the latest time that was seen here: by the machine's own clock, and by signed times of the server
(when certificates and lists of revocations were issued; nobody else can make those). All in seconds since
1970.

* The time is the machine's clock, but never before the mark: small steps back are honest drift.
* A clock that stands more than a day before the mark is wrong, and nothing is believed until it is set right.
* An answer of the server corrects the mark both ways, so that a clock that once stood in the far future locks
  nobody out: signed times are cut to the hour, so that it is at most an hour later than the answer says.
"""

from typing import Final

from activation.client.verifying import NotVerifiedError
from activation.messages.times import to_rfc3339

GRACE_S: Final = 86_400
"""How far a clock may stand before the mark; certificates begin as long before they are issued."""
HOUR_S: Final = 3600
LAST_S: Final = 253_402_300_799
"""The end of the year 9999: no clock is believed to stand later."""


def tell_time(machine: int, seen: int) -> int:
    """Return what time it is, by the machine's clock and the mark.

    Raises NotVerifiedError (`clock_back`) for a clock that was set back by more than a day.
    """
    if machine < seen - GRACE_S:
        raise NotVerifiedError(
            "clock_back",
            f"This machine's clock says {to_rfc3339(max(0, machine))}, but {to_rfc3339(seen)} was seen here"
            " before. Set the clock to the right time. If it is right, go online and renew the certificate.",
        )
    return max(machine, seen)


def mark_reading(seen: int, machine: int) -> int:
    """Return the mark after the machine's clock was read."""
    return max(seen, min(machine, LAST_S))


def mark_answer(seen: int, known: int, answered: int, *, live: bool = True) -> int:
    """Return the mark after an answer of the server that is dated `answered`.

    `known` is the latest signed time from before. An answer that is older says nothing new: it may have been
    kept and shown again; so may one of the same hour that does not come live, but from a file.
    """
    if answered < known or (answered == known and not live):
        return max(seen, known)
    return min(max(seen, answered), answered + HOUR_S)
