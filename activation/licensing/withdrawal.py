"""P10: a consumer who bought online may withdraw within 14 days, unless downloaded or activated."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from activation.licensing.calendars import day_of
from activation.licensing.reselling.ordering import Method, OrderState
from activation.licensing.values import value
from activation.licensing.verdicts import Refusal, Refused
from activation.licensing.weeks import SOFIA

WITHDRAWAL_DAYS: Final = 14


@value
class Bought:
    """A direct customer's purchase as the rules see it; `activated`: one of its licences ever was."""

    placed_at: int
    method: Method
    state: OrderState
    consumer: bool
    downloaded: bool
    activated: bool


def refuse_withdrawal(bought: Bought, now: int, zone: ZoneInfo = SOFIA) -> Refused | None:
    """Say why this purchase cannot be withdrawn from at `now`, or None.

    The 14 days begin on the day after the purchase and end with the last moment of the 14th.
    """
    reasons = (
        (bought.state is OrderState.WITHDRAWN, "It was withdrawn from already."),
        (bought.state is not OrderState.PAID, "It was not paid, so there is nothing to give back."),
        (not bought.consumer, "Only a consumer may withdraw."),
        (bought.method is not Method.ONLINE, "Only what was bought online can be withdrawn from."),
        (_last_day_over(bought.placed_at, now, zone), "The 14 days are over."),
        (bought.downloaded, "The product was downloaded."),
        (bought.activated, "A licence of this purchase was activated."),
    )
    said = next((text for holds, text in reasons if holds), None)
    return None if said is None else Refused(Refusal.CONFLICT, "P10", said)


def _last_day_over(placed_at: int, now: int, zone: ZoneInfo) -> bool:
    return day_of(now, zone) > day_of(placed_at, zone) + timedelta(days=WITHDRAWAL_DAYS)
