"""How often something may be done: resets, and what is asked for; how long an order waits."""

from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from activation.licensing.overriding import Bounds
from activation.licensing.weeks import ResetWeek
from activation.service.limiting.limiter import Limits, Pair


class LimitSettings(BaseModel):
    """Resets in a week and by staff (R3, R5), unpaid orders (P3), requests in an hour."""

    model_config = ConfigDict(frozen=True)

    reset_week: Literal["calendar", "rolling"] = Field(
        "calendar", description="what a week means for resets (R3)"
    )
    reset_zone: str = Field("Europe/Sofia", description="time zone of the calendar week and day (R3, R5)")
    reset_agent_day: int = Field(
        50, ge=0, le=30_000, description="resets a person of staff makes in a day without a second one (R5)"
    )
    reset_license_month: int = Field(
        4, ge=0, le=30_000, description="staff's resets of a licence in 30 days without a second person (R5)"
    )
    online_order_s: int = Field(
        86_400, ge=60, le=90 * 86_400, description="seconds until an unpaid online order is cancelled (P3)"
    )
    limit_account_hour: int = Field(
        30,
        ge=1,
        le=1_000_000,
        description="resets that one credential asks for in an hour; offline requests as many",
    )
    limit_address_hour: int = Field(
        300,
        ge=1,
        le=1_000_000,
        description="resets asked for from one address, or /48, in an hour; offline requests as many",
    )
    limit_links_person_hour: int = Field(
        3,
        ge=1,
        le=1_000_000,
        description="links for a forgotten password that one login is asked for in an hour",
    )
    limit_links_address_hour: int = Field(
        20,
        ge=1,
        le=1_000_000,
        description="links for a forgotten password that an address asks for in an hour",
    )

    @field_validator("reset_zone")
    @classmethod
    def _know_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            raise ValueError(f"there is no time zone {value!r}") from unknown
        return value

    @property
    def week(self) -> ResetWeek:
        """Return what a week means here (R3)."""
        return ResetWeek(self.reset_week, ZoneInfo(self.reset_zone))

    @property
    def bounds(self) -> Bounds:
        """Return how far an agent goes without a second person (R5)."""
        return Bounds(self.reset_agent_day, self.reset_license_month)

    @property
    def limits(self) -> Limits:
        """Return how often what is limited may happen; failed credentials have no setting."""
        each, address = self.limit_account_hour, self.limit_address_hour
        return Limits(
            resets=Pair.hourly("resets", each, address),
            offline=Pair.hourly("offline", each, address),
            links=Pair.hourly("links", self.limit_links_person_hour, self.limit_links_address_hour),
        )
