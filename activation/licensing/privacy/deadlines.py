"""G4: what people may ask for, until when it is to be answered, and which answer closes it.

GDPR (Art. 12(3)): one calendar month, counted as Regulation 1182/71 counts: the day of the request is not
counted, and the last day is the same day of the next month, or that month's last. CCPA (§ 7021): 45 calendar
days, the first of which is the day of the request. Days are the vendor's, and a deadline is the first moment
at which the request is overdue.
"""

from datetime import timedelta
from enum import IntEnum
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.calendars import add_days, day_of, midnight, months_after
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.licensing.weeks import SOFIA

CCPA_DAYS: Final = 45
WARNED_S: Final = 3 * 86_400
"""How long before a deadline staff are told of it."""
OLDEST_S: Final = 366 * 86_400
"""A letter that came longer ago is entered by a slip, not late."""
_RECEIVED: Final = "A request was received between a year ago and now."
_CLOSED: Final = "This request was answered already."
_VERIFIED: Final = "Who asks was verified already."
_OWN: Final = "Who signs in with the owner's password is verified by that; anybody else by staff."
_UNVERIFIED: Final = "Verify first who asks: what was asked for is for that person only."


class Asked(IntEnum):
    """What a person asks for (G3)."""

    ACCESS = 1
    PORTABILITY = 2
    RECTIFICATION = 3
    RESTRICTION = 4
    OBJECTION = 5
    ERASURE = 6
    LIFTING = 7


class Regime(IntEnum):
    """Under which law."""

    GDPR = 1
    CCPA = 2


class Outcome(IntEnum):
    """How a request stands; all but OPEN are what an answer makes of it."""

    OPEN = 0
    DONE = 1
    REFUSED = 2
    WITHDRAWN = 3


@value
class Request:
    """A request as the rules see it. Times are seconds since 1970."""

    request_id: int
    account_id: int
    kind: Asked
    regime: Regime
    state: Outcome
    asked_at: int
    due_at: int
    verified_at: int | None = None


@value
class Deeds:
    """What was done for a person since a request came: a copy made, data corrected; and how it stands now."""

    copied: bool = False
    corrected: bool = False
    restricted: bool = False
    objected: bool = False
    erased: bool = False


def due_at(regime: Regime, asked_at: int, zone: ZoneInfo = SOFIA) -> int:
    """Return the midnight (seconds since 1970) at which a request of `asked_at` becomes overdue."""
    if regime is Regime.CCPA:
        return add_days(asked_at, CCPA_DAYS, zone)
    return midnight(months_after(day_of(asked_at, zone), 1) + timedelta(days=1), zone)


def refuse_received(received_at: int, now: int) -> Refused | None:
    """Refuse a letter that came in the future or over a year ago: the deadline counts from that day."""
    if now - OLDEST_S <= received_at <= now:
        return None
    return Refused(Refusal.CONFLICT, "G4", _RECEIVED)


def is_overdue(request: Request, now: int) -> bool:
    """Tell whether a request should have been answered by now."""
    return request.state is Outcome.OPEN and now >= request.due_at


def is_urgent(request: Request, now: int) -> bool:
    """Tell whether staff are to be told: overdue, or due within three days."""
    return request.state is Outcome.OPEN and now >= request.due_at - WARNED_S


def refuse_verification(request: Request, *, by_staff: bool) -> Refused | None:
    """Refuse to note that somebody's identity was verified: by anybody but staff, twice, or too late."""
    if not by_staff:
        return Refused(Refusal.FORBIDDEN, "G4", _OWN)
    if request.state is not Outcome.OPEN:
        return Refused(Refusal.CONFLICT, "G4", _CLOSED)
    return Refused(Refusal.CONFLICT, "G4", _VERIFIED) if request.verified_at is not None else None


_UNDONE: Final = {
    Asked.ACCESS: "No copy of the data was made since this was asked: export it first.",
    Asked.PORTABILITY: "No copy of the data was made since this was asked: export it first.",
    Asked.RECTIFICATION: "Nothing was corrected since this was asked: rectify it first.",
    Asked.RESTRICTION: "The account is not restricted: restrict it first.",
    Asked.OBJECTION: "The objection is not recorded: record it first.",
    Asked.ERASURE: "The account is not erased: erase it first.",
    Asked.LIFTING: "The account is restricted still: lift that first.",
}


def refuse_answer(request: Request, outcome: Outcome, deeds: Deeds) -> Refused | None:
    """Refuse an answer that comes too late, or says `done` of what was not, or to whom nobody verified.

    What is refused or withdrawn needs no verification: nothing is handed out.
    """
    if request.state is not Outcome.OPEN:
        return Refused(Refusal.CONFLICT, "G4", _CLOSED)
    if outcome is not Outcome.DONE:
        return None
    if request.verified_at is None:
        return Refused(Refusal.CONFLICT, "G4", _UNVERIFIED)
    return None if _is_done(request.kind, deeds) else Refused(Refusal.CONFLICT, "G3", _UNDONE[request.kind])


def _is_done(kind: Asked, deeds: Deeds) -> bool:
    return {
        Asked.ACCESS: deeds.copied,
        Asked.PORTABILITY: deeds.copied,
        Asked.RECTIFICATION: deeds.corrected,
        Asked.RESTRICTION: deeds.restricted,
        Asked.OBJECTION: deeds.objected,
        Asked.ERASURE: deeds.erased,
        Asked.LIFTING: not deeds.restricted,
    }[kind]
