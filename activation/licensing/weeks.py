"""R3: a reset once in a particular week per licence, and when the next one is free.

`calendar` is the ISO week, Monday 00:00 to Sunday 24:00, in a named time zone. `rolling` is 7 x 24 hours.
"""

from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from activation.licensing.values import value

ROLLING_S: Final = 7 * 86400
SOFIA: Final = ZoneInfo("Europe/Sofia")
Week = Literal["calendar", "rolling"]


@value
class ResetWeek:
    """What a week means here: its kind and, for the calendar's, the time zone."""

    kind: Week = "calendar"
    zone: ZoneInfo = SOFIA

    def next_free(self, last: int | None, now: int) -> int | None:
        """Return when the next reset is free after one at `last`, or None when it is free now.

        A clock that went back never frees a second reset in one week: the week is `last`'s own.
        """
        if last is None:
            return None
        free_at = last + ROLLING_S if self.kind == "rolling" else self._monday_after(last)
        return None if now >= free_at else free_at

    def after_use(self, now: int) -> int:
        """Return when the next reset is free once one is used at `now`."""
        return now + ROLLING_S if self.kind == "rolling" else self._monday_after(now)

    def _monday_after(self, moment: int) -> int:
        local = datetime.fromtimestamp(moment, self.zone)
        monday = local.date() + timedelta(days=7 - local.weekday())
        return int(datetime.combine(monday, time(), self.zone).timestamp())
